import { domainError, type DomainError } from '@fenxiao/domain/domain-error';
import { sourceFiles } from '../import/files.js';
import { CannotImport } from '../import/refusals.js';
import { tablesOf, type Table } from '../import/table.js';
import { decimalText, ordinaryWidth, readDate, readDecimal } from '../import/values.js';
import { plainWord } from '../import/words.js';

/** O-22: finance's file for a reconciliation, as spreadsheets are read here: CSV in whatever encoding, or XLSX. */

export interface FinanceRow {
  readonly distributorCode: string;
  readonly document: string;
  readonly bookedOn: string;
  readonly amount: string;
  readonly quantity?: string;
}

/** What finance may call each column. */
const headings = {
  distributorCode: ['distributorCode', 'customer', 'customer code', '经销商编码', '客户编码', '客户代码', '客户编号'],
  document: ['document', 'document number', '单据号', '单据号码', '单据编号', '凭证号', '发票号码'],
  bookedOn: ['bookedOn', 'date', 'booked on', '日期', '记账日期', '记帐日期', '入账日期', '入帐日期'],
  amount: ['amount', '金额', '含税金额'],
  quantity: ['quantity', '数量'],
} as const;
type Column = keyof typeof headings;
const needed: readonly Column[] = ['distributorCode', 'document', 'bookedOn', 'amount'];

const MOST_ROWS = 500_000;

/**
 * The rows of a file. One cell that can't be read refuses the whole file: half of it would show differences that are none.
 * @throws DomainError
 */
export async function financeRows(path: string, folder: string): Promise<FinanceRow[]> {
  try {
    const rows: FinanceRow[] = [];
    for (const file of await sourceFiles(path, folder))
      for (const table of await tablesOf(file, folder))
        for await (const row of rowsOf(table)) {
          rows.push(row);
          if (rows.length > MOST_ROWS) throw tooMany({ most: MOST_ROWS });
        }
    if (rows.length === 0) throw nothing();
    return rows;
  } catch (error) {
    throw error instanceof CannotImport ? error.reasons[0]! : error;
  }
}

async function* rowsOf(table: Table): AsyncGenerator<FinanceRow> {
  const plain = table.header.map(plainWord);
  const at = (column: Column) =>
    plain.findIndex((heading) => headings[column].some((word) => plainWord(word) === heading));
  const missing = needed.find((column) => at(column) < 0);
  if (missing) throw noColumn({ table: table.name, column: headings[missing].join(', ') }, { field: missing });
  const quantityAt = at('quantity');
  for await (const { line, cells, refusal } of table.rows()) {
    if (refusal) throw refusal;
    const cell = (column: Column) => ordinaryWidth(cells[at(column)] ?? '');
    const read = (column: Column, as: (text: string) => string) => {
      try {
        return as(cell(column));
      } catch (error) {
        const said = (error as DomainError).message;
        throw unreadable(
          { table: table.name, line, column: table.header[at(column)]!, detail: said },
          { field: column },
        );
      }
    };
    const quantity = quantityAt < 0 || cell('quantity') === '' ? {} : { quantity: read('quantity', decimal(3)) };
    yield {
      distributorCode: cell('distributorCode'),
      document: cell('document'),
      bookedOn: read('bookedOn', (text) => readDate(text)),
      amount: read('amount', decimal(2)),
      ...quantity,
    };
  }
}

const decimal = (most: number) => (text: string) => decimalText(readDecimal(text), most);

const noColumn = domainError({
  code: 'console.finance-file.no-column',
  kind: 'unprocessable',
  rule: 'O-22',
  en: '{table} has none of these columns: {column}.',
  zh: '{table}缺少以下任一列：{column}。',
});
const unreadable = domainError({
  code: 'console.finance-file.unreadable',
  kind: 'unprocessable',
  rule: 'O-22',
  en: '{table}, line {line}, {column}: {detail}',
  zh: '{table}第{line}行“{column}”：{detail}',
});
const nothing = domainError({
  code: 'console.finance-file.nothing',
  kind: 'unprocessable',
  rule: 'O-22',
  en: 'The file has no rows.',
  zh: '文件中没有数据行。',
});
const tooMany = domainError({
  code: 'console.finance-file.too-many-rows',
  kind: 'too-large',
  rule: 'O-22',
  en: 'A file may have {most} rows.',
  zh: '文件不得超过{most}行。',
});
