import { domainError } from '@fenxiao/domain/domain-error';
import { Quantity } from '@fenxiao/domain/quantity';
import type { Work } from '@fenxiao/service-kit/work';
import { otherGrade } from '../stock.js';
import type { Shipment, ShipmentLine } from '../shipment-tables.js';
import type { GoodsReturn, ReturnLine, ReturnResult } from './return-tables.js';

/** O-07: how much may come back of what was shipped, what came, and what quality control made of it. */

/**
 * The lines asked for. Never more than was shipped less what has come back, or is about to; nothing is changed here.
 * @throws notShipped, noSuchLine, aboveShipped
 */
export async function linesOf(
  work: Work,
  from: Shipment,
  wanted: readonly { readonly shipmentLine: number; readonly quantity: string }[],
): Promise<{ lines: ReturnLine[]; billedShipment: string }> {
  if (from.state !== 'shipped' && from.state !== 'signed')
    throw notShipped({ shipment: from.number, state: from.state }, { field: 'shipmentId' });
  const billed = await billedFor(work, from);
  const lines = wanted.map(({ shipmentLine, quantity: text }, i) => {
    const line = from.lines.getItems().find((candidate) => candidate.line === shipmentLine);
    if (!line) throw noSuchLine({ line: shipmentLine }, { field: `lines.${i}.shipmentLine` });
    const before = wanted.slice(0, i).filter((other) => other.shipmentLine === shipmentLine);
    const left = line.quantity
      .minus(line.returned)
      .minus(Quantity.sum(before.map(({ quantity }) => Quantity.of(quantity))));
    const quantity = Quantity.of(text);
    if (!quantity.isPositive() || quantity.compare(left) > 0)
      throw aboveShipped({ line: shipmentLine, left: String(left) }, { field: `lines.${i}.quantity` });
    return { ...goodsOn(line, i + 1), quantity: String(quantity), billedLine: billed.lineOf(line) };
  });
  return { lines, billedShipment: billed.shipment };
}

function goodsOn({ line, product, productCode, family, grade, colourNumber, batch }: ShipmentLine, number: number) {
  return { line: number, shipmentLine: line, productId: product, productCode, family, grade, colourNumber, batch };
}

/**
 * Where the price of a shipment's goods was paid: itself; for a replacement, which cost nothing, where the price of what it
 * replaced was.
 */
async function billedFor(work: Work, from: Shipment) {
  const [replaced] = await work.query<{ billed_shipment: string; lines: ReturnLine[] }>(
    'SELECT billed_shipment, lines FROM goods_return WHERE replacement = $1',
    [from.orderId],
  );
  if (!replaced) return { shipment: from.id, lineOf: ({ line }: ShipmentLine) => line };
  // the lines of the replacement order are those of the return, in their order
  const lineOf = ({ orderLine }: ShipmentLine) => replaced.lines[orderLine - 1]!.billedLine;
  return { shipment: replaced.billed_shipment, lineOf };
}

/** Takes quantities from what may still come back of the shipment's lines, or gives them back. */
export function reserveReturn(from: Shipment, lines: readonly ReturnLine[], sign: 1 | -1): void {
  for (const { shipmentLine, quantity } of lines) {
    const line = from.lines.getItems().find((candidate) => candidate.line === shipmentLine)!;
    line.returned = sign > 0 ? line.returned.plus(Quantity.of(quantity)) : line.returned.minus(Quantity.of(quantity));
  }
}

/**
 * What came of what was authorised; a line that did not come is left out.
 * @returns the lines as they stand now, and those parts that may be asked for again
 * @throws noSuchLine, aboveAuthorised, nothingCame
 */
export function arrived(
  { lines }: GoodsReturn,
  came: readonly { readonly line: number; readonly quantity: string }[] | undefined,
): { lines: ReturnLine[]; missing: ReturnLine[] } {
  if (!came) return { lines: [...lines], missing: [] };
  const counted = new Map<number, Quantity>();
  came.forEach(({ line, quantity: text }, i) => {
    const authorised = lines.find((candidate) => candidate.line === line);
    if (!authorised) throw noSuchLine({ line }, { field: `lines.${i}.line` });
    const sum = (counted.get(line) ?? Quantity.zero).plus(Quantity.of(text));
    if (sum.compare(Quantity.of(authorised.quantity)) > 0)
      throw aboveAuthorised({ line, authorised: authorised.quantity }, { field: `lines.${i}.quantity` });
    counted.set(line, sum);
  });
  const parts = lines.map((line) => {
    const here = counted.get(line.line) ?? Quantity.zero;
    const rest = Quantity.of(line.quantity).minus(here);
    return { here: { ...line, quantity: String(here) }, rest: { ...line, quantity: String(rest) } };
  });
  const positive = (line: ReturnLine) => Quantity.of(line.quantity).isPositive();
  const here = parts.map((part) => part.here).filter(positive);
  if (here.length === 0) throw nothingCame({}, { field: 'lines' });
  return { lines: here, missing: parts.map(({ rest }) => rest).filter(positive) };
}

/**
 * Checks that the results account for exactly what came, and names the batch of what became second grade.
 * @throws noSuchLine, notAllJudged, sameGrade, gradeOnlyForSecond
 */
export function judged({ number, lines }: GoodsReturn, results: readonly ReturnResult[]): ReturnResult[] {
  for (const { line, quantity, productCode } of lines) {
    const sum = Quantity.sum(
      results.filter((result) => result.line === line).map((result) => Quantity.of(result.quantity)),
    );
    if (!sum.equals(Quantity.of(quantity)))
      throw notAllJudged({ line, product: productCode, came: quantity, judged: String(sum) }, { field: 'results' });
  }
  return results.map((given, i) => {
    const result = { ...given, quantity: String(Quantity.of(given.quantity)) };
    const at = { field: `results.${i}` };
    const line = lines.find((candidate) => candidate.line === result.line);
    if (!line) throw noSuchLine({ line: result.line }, { field: `results.${i}.line` });
    if (!Quantity.of(result.quantity).isPositive()) throw notAllJudged({ ...resultOf(line), judged: '0' }, at);
    if (result.result !== 'second-grade') {
      if (result.grade ?? result.batch ?? result.hold) throw gradeOnlyForSecond({ line: result.line }, at);
      return result;
    }
    const { grade } = result;
    if (grade === undefined || grade === line.grade) throw sameGrade({ line: result.line, grade: line.grade }, at);
    return { ...result, batch: result.batch ?? `${number}-${i + 1}` };
  });
}
/** Goods of second grade join a batch of that grade, or make one. @throws otherGrade */
export async function requireOwnGrade(
  work: Work,
  { lines }: GoodsReturn,
  results: readonly ReturnResult[],
): Promise<void> {
  for (const [i, { line, grade, batch }] of results.entries()) {
    if (batch === undefined) continue;
    const { productId } = lines.find((candidate) => candidate.line === line)!;
    const [known] = await work.query<{ grade: string }>('SELECT grade FROM batch WHERE product = $1 AND batch = $2', [
      productId,
      batch,
    ]);
    if (known && known.grade !== grade)
      throw otherGrade({ batch, grade: known.grade }, { field: `results.${i}.batch` });
  }
}
const resultOf = ({ line, productCode, quantity }: ReturnLine) => ({ line, product: productCode, came: quantity });

const notShipped = domainError({
  code: 'orders.return.not-shipped',
  kind: 'conflict',
  rule: 'O-07',
  en: 'Shipping order {shipment} is {state}; only what has left can come back.',
  zh: '出货单{shipment}当前状态为{state}；只有已发货的货物才能退换。',
});
const noSuchLine = domainError({
  code: 'orders.return.no-such-line',
  kind: 'unprocessable',
  rule: 'O-07',
  en: 'There is no line {line}.',
  zh: '没有第{line}行。',
});
const aboveShipped = domainError({
  code: 'orders.return.above-shipped',
  kind: 'unprocessable',
  rule: 'O-07',
  en: 'Line {line}: above zero and at most the {left} can come back that were shipped and have not come back yet.',
  zh: '第{line}行：退货数量须大于零，且不超过已发货未退回的数量{left}。',
});
const aboveAuthorised = domainError({
  code: 'orders.return.above-authorised',
  kind: 'unprocessable',
  rule: 'O-07',
  en: 'Line {line}: only {authorised} were authorised.',
  zh: '第{line}行：核准退回的数量仅为{authorised}。',
});
const nothingCame = domainError({
  code: 'orders.return.nothing-came',
  kind: 'unprocessable',
  rule: 'O-07',
  en: 'Nothing came; the sales manager refuses such a return.',
  zh: '没有收到任何货物；此类退货应由销售经理拒绝。',
});
const notAllJudged = domainError({
  code: 'orders.return.not-all-judged',
  kind: 'unprocessable',
  rule: 'O-41',
  en: 'Line {line}, {product}: {came} came, {judged} are judged; every unit needs one result.',
  zh: '第{line}行{product}：收到{came}，已判定{judged}；每一件均须判定。',
});
const sameGrade = domainError({
  code: 'orders.return.grade-missing',
  kind: 'unprocessable',
  rule: 'O-42',
  en: 'Line {line}: second grade needs a grade other than {grade}.',
  zh: '第{line}行：降级品须注明不同于{grade}的等级。',
});
const gradeOnlyForSecond = domainError({
  code: 'orders.return.grade-only-for-second',
  kind: 'unprocessable',
  rule: 'O-42',
  en: 'Line {line}: only second-grade goods get a grade, a batch or a hold of their own.',
  zh: '第{line}行：只有降级品才能另定等级、批次或冻结。',
});
