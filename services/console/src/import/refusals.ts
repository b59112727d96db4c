import { domainError, type DomainError } from '@fenxiao/domain/domain-error';

/** Why a row is not taken, and why an import can't run. Services' own refusals come with their own codes. */

type Params = Record<string, string | number>;
type Refusal = (params?: Params) => DomainError;

const refusal = (code: string, en: string, zh: string): Refusal => {
  const make = domainError({ code: `console.import.${code}`, kind: 'unprocessable', en, zh });
  return (params) => make(params);
};

// a cell
export const empty = refusal('empty', 'A value is needed here.', '此处必须填写。');
export const notANumber = refusal('not-a-number', '"{value}" is not a number.', '“{value}”不是数字。');
export const tooManyDecimals = refusal(
  'too-many-decimals',
  '{value} has more than {scale} decimals; `round` in the mapping would round it.',
  '{value}的小数位数超过{scale}位；如需四舍五入，请在映射文件中设置 round。',
);
export const tooLarge = refusal('too-large', '{value} is too large.', '{value}超出范围。');
export const negative = refusal('negative', '{value} may not be negative.', '{value}不得为负。');
export const notADate = refusal(
  'not-a-date',
  '"{value}" is not a date in a form expected here ({formats}).',
  '“{value}”不是此处可识别的日期（{formats}）。',
);
export const notATime = refusal(
  'not-a-time',
  '"{value}" has no time of day on the clocks here (such as 2026-03-05 16:05).',
  '“{value}”不含本地时间（如 2026-03-05 16:05）。',
);
export const notYesOrNo = refusal(
  'not-yes-or-no',
  '"{value}" is neither yes nor no.',
  '“{value}”既不是“是”也不是“否”。',
);
export const notAChoice = refusal(
  'not-a-choice',
  '"{value}" is none of: {options}.',
  '“{value}”不在可选值之内：{options}。',
);
export const notInMap = refusal(
  'not-in-map',
  '"{value}" is not in the value map of the mapping file.',
  '映射文件的对照表中没有“{value}”。',
);
export const notFound = refusal(
  'lookup-failed',
  '{file} has no row whose {key} is "{value}".',
  '{file}中没有{key}为“{value}”的行。',
);
export const badCode = refusal(
  'not-a-code',
  '"{value}" is not a code: letters, digits and . _ / -, 64 characters at most.',
  '“{value}”不是合法代码：只能含文字、数字及 . _ / -，最多64个字符。',
);
export const tooLong = refusal('too-long', 'More than {most} characters.', '超过{most}个字符。');
export const formulaError = refusal('formula-error', 'The formula gives {value}.', '公式结果为{value}。');
export const undecodable = refusal(
  'undecodable',
  'Bytes here are not valid {encoding}; `encoding` in the mapping says which it is.',
  '此处的字节不是有效的{encoding}；请在映射文件中用 encoding 指明编码。',
);
export const invalid = refusal('invalid', 'Not as asked for: {detail}', '不合要求：{detail}');

// a row
export const tooManyCells = refusal(
  'too-many-cells',
  'The row has {found} cells, the header {expected}.',
  '该行有{found}个单元格，而表头只有{expected}个。',
);
export const quoteNotClosed = refusal(
  'quote-not-closed',
  'A quotation mark opened here is not closed; what follows in the file could not be read.',
  '此处的引号没有闭合；文件其后的内容无法读取。',
);
export const duplicate = refusal(
  'duplicate',
  'The same one has come before: {file}, line {line}.',
  '与之前的行重复：{file}第{line}行。',
);
export const noLines = refusal('no-lines', 'The order {order} has no lines.', '订单{order}没有明细行。');
export const noOrder = refusal(
  'no-order',
  'There is no order {order} for this line.',
  '此明细行没有对应的订单{order}。',
);
export const headDiffers = refusal(
  'head-differs',
  'Order {order} has another value here in line {line}.',
  '订单{order}在第{line}行此处的值不同。',
);
export const circle = refusal('circle', 'Region {code} would lie below itself.', '区域{code}将成为自身的下级。');
export const tooLargeRow = refusal(
  'row-too-large',
  'The row is larger than a request may be.',
  '该行超出单次请求的大小限制。',
);
export const serviceFailed = refusal(
  'service-failed',
  'The service {service} failed on this row (HTTP {status}).',
  '服务{service}处理该行时出错（HTTP {status}）。',
);

// the mapping file
export const badMapping = refusal('mapping.invalid', '{where}: {detail}', '{where}：{detail}');
export const noSuchFile = refusal(
  'mapping.no-such-file',
  '{where}: no file matches {file}. There are: {available}',
  '{where}：没有与{file}匹配的文件。现有：{available}',
);
export const noSuchColumn = refusal(
  'mapping.no-such-column',
  '{where}: {file} has no column "{column}". It has: {available}',
  '{where}：{file}没有列“{column}”。现有列：{available}',
);
export const columnTwice = refusal(
  'mapping.column-twice',
  '{where}: {file} has the column "{column}" more than once.',
  '{where}：{file}中列“{column}”出现多次。',
);
export const noSuchField = refusal(
  'mapping.no-such-field',
  '{where}: {kind} has no field "{field}". It has: {available}',
  '{where}：{kind}没有字段“{field}”。可用字段：{available}',
);
export const fieldNotMapped = refusal(
  'mapping.field-not-mapped',
  '{where}: {kind} needs the field {field}. Columns of {file}: {available}',
  '{where}：{kind}须有字段{field}。{file}的列：{available}',
);
export const nothingRecognised = refusal(
  'mapping.nothing-recognised',
  'No file has headers that say what it is. {available}',
  '没有文件的表头可以识别。{available}',
);
export const ambiguous = refusal(
  'mapping.ambiguous',
  '{file} could be {kinds}: name the file or its sheet after one of them, or write a mapping file.',
  '{file}可能是{kinds}：请以其中之一命名文件或工作表，或编写映射文件。',
);

// a file, or all of it
export const unreadable = refusal('unreadable', '{file} can not be read: {detail}', '无法读取{file}：{detail}');
export const nothingToRead = refusal(
  'nothing-to-read',
  '{file} holds no CSV, TSV or XLSX file.',
  '{file}中没有 CSV、TSV 或 XLSX 文件。',
);
export const notRunning = refusal(
  'not-running',
  'Nothing runs on the data folder {folder}: start it (npm start), or name --url and --token.',
  '数据目录{folder}上没有运行中的系统：请先启动（npm start），或给出 --url 和 --token。',
);
export const noToken = refusal(
  'no-token',
  '--url needs --token, or FENXIAO_TOKEN in the environment.',
  '--url 需要 --token，或环境变量 FENXIAO_TOKEN。',
);
export const notAllowed = refusal('not-allowed', '{service} refused: {detail}', '{service}拒绝：{detail}');
export const unavailable = refusal(
  'unavailable',
  '{service} did not answer ({detail}). What is in stays in: run the import again later, it doubles nothing.',
  '{service}没有应答（{detail}）。已导入的数据保留，稍后重新导入不会重复。',
);
export const notCaughtUp = refusal(
  'not-caught-up',
  '{service} does not catch up: {detail}. What is in stays in: run the import again later, it doubles nothing.',
  '{service}未能跟上：{detail}。已导入的数据保留，稍后重新导入不会重复。',
);
export const unexpected = refusal(
  'unexpected-answer',
  '{service} answered HTTP {status}: {detail}',
  '{service}返回 HTTP {status}：{detail}',
);
export const stopped = refusal(
  'stopped',
  'Stopped. What is in stays in: run the import again, it doubles nothing.',
  '已中止。已导入的数据保留，重新导入不会重复。',
);

/** The import could not run, or not to its end: all the reasons at once. */
export class CannotImport extends Error {
  override readonly name = 'CannotImport';
  constructor(readonly reasons: readonly DomainError[]) {
    super(reasons.map(({ message }) => message).join('\n'));
  }
}
