import { domainError } from '@fenxiao/domain/domain-error';
import { Money } from '@fenxiao/domain/money';
import { Quantity } from '@fenxiao/domain/quantity';
import type { Work } from '@fenxiao/service-kit/work';
import type { Order, OrderLine } from './order-tables.js';
import { isWhole, wholePart } from './packaging/packages.js';
import { shareOf } from './pricing.js';
import { batchHeld, otherGrade } from './quality/substitution.js';

/** What a shipping order takes of an order: which reserved goods, and which part of the lines' amounts (O-04, O-06, O-42). */

/** A part of an order line that a shipping order takes, and the stock it comes from. */
export interface Chosen {
  readonly line: OrderLine;
  readonly stockItem: string;
  readonly batch: string;
  readonly grade: string;
  readonly colourNumber: string;
  readonly quantity: Quantity;
}

/** The reservations a shipping order takes: all of them, or those of the lines, quantities and batches asked for. */
export async function choose(
  work: Work,
  sold: Order,
  wanted: readonly { orderLine: number; quantity: string; batch?: string | undefined }[] | undefined,
): Promise<Chosen[]> {
  const rows = await work.query<{
    line: number;
    stock_item: string;
    batch: string;
    grade: string;
    colour_number: string;
    quantity: string;
    blocked: boolean;
    ordered: string;
  }>(
    `SELECT r.line, r.stock_item, s.batch, s.grade, s.blocked, p.grade AS ordered, p.colour_number, r.quantity::text FROM reservation r
     JOIN stock_item s ON s.id = r.stock_item JOIN product p ON p.id = s.product WHERE r.order_id = $1 ORDER BY r.line, s.received_on, s.batch`,
    [sold.id],
  );
  const lineOf = new Map(sold.lines.getItems().map((line) => [line.line, line]));
  const reserved = rows.map(({ line, stock_item, colour_number, quantity, ...rest }) => ({
    ...rest,
    line: lineOf.get(line)!,
    stockItem: stock_item,
    colourNumber: colour_number,
    quantity: Quantity.of(quantity),
  }));
  if (!wanted) return fit(inWholePackages(reserved));
  const chosen: typeof reserved = [];
  for (const [i, { orderLine, quantity: text, batch }] of wanted.entries()) {
    const at = { field: `lines.${i}.quantity` };
    const line = lineOf.get(orderLine);
    if (!line) throw noSuchLine({ line: orderLine }, { field: `lines.${i}.orderLine` });
    let rest = Quantity.of(text);
    const ordered = line.quantity
      .minus(line.dropped)
      .minus(line.issued)
      .minus(Quantity.sum(chosen.filter((part) => part.line === line).map(({ quantity }) => quantity)));
    if (!rest.isPositive() || rest.compare(ordered) > 0)
      throw aboveOrdered({ line: orderLine, left: String(ordered) }, at);
    if (batch !== undefined) await requireSameGrade(work, line, batch, i);
    for (const part of reserved.filter(
      (candidate) => candidate.line === line && (batch === undefined || candidate.batch === batch),
    )) {
      const used = Quantity.sum(
        chosen
          .filter(({ line: of, stockItem }) => of === line && stockItem === part.stockItem)
          .map(({ quantity }) => quantity),
      );
      const quantity = part.quantity.minus(used).min(rest);
      if (!quantity.isPositive()) continue;
      chosen.push({ ...part, quantity });
      rest = rest.minus(quantity);
    }
    if (rest.isPositive()) throw notReserved({ line: orderLine, missing: String(rest) }, at);
    const all = Quantity.sum(chosen.filter((part) => part.line === line).map(({ quantity }) => quantity));
    const last = wanted.findLastIndex((other) => other.orderLine === orderLine) === i;
    if (last && line.wholePackages && !isWhole(all, { unitsPerPackage: line.unitsPerPackage! }))
      throw partOfPackage({ line: orderLine, unit: line.salesUnit!, holds: String(line.unitsPerPackage) }, at);
  }
  return fit(chosen);
}

/** O-43: of what is reserved as much as makes whole packages, where parts of them do not leave; the oldest goods first. */
function inWholePackages<Part extends Chosen>(parts: readonly Part[]): Part[] {
  return [...Map.groupBy(parts, ({ line }) => line)].flatMap(([line, of]) => {
    if (!line.wholePackages) return of;
    let left = wholePart(Quantity.sum(of.map(({ quantity }) => quantity)), { unitsPerPackage: line.unitsPerPackage! });
    return of.flatMap((part) => {
      const quantity = part.quantity.min(left);
      left = left.minus(quantity);
      return quantity.isPositive() ? [{ ...part, quantity }] : [];
    });
  });
}

/** O-41, O-42: what was reserved may have been held since, or found to be of another grade. @throws batchHeld, otherGrade */
function fit(parts: readonly (Chosen & { readonly blocked: boolean; readonly ordered: string })[]): Chosen[] {
  return parts.map(({ blocked, ordered, ...part }) => {
    const { line, batch, grade } = part;
    if (blocked) throw batchHeld({ line: line.line, batch });
    if (grade !== ordered) throw otherGrade({ batch, grade, ordered });
    return part;
  });
}

/** O-42 不以次充好: goods of another grade are never shipped for those ordered. */
async function requireSameGrade(work: Work, line: OrderLine, batch: string, i: number): Promise<void> {
  const rows = await work.query<{ grade: string; ordered: string }>(
    'SELECT s.grade, p.grade AS ordered FROM stock_item s JOIN product p ON p.id = $1 WHERE s.product = $1 AND s.batch = $2',
    [line.product, batch],
  );
  const other = rows.find(({ grade, ordered }) => grade !== ordered);
  if (other) throw otherGrade({ batch, grade: other.grade, ordered: other.ordered }, { field: `lines.${i}.batch` });
}

/** Net, tax and gross that live shipping orders have taken of each line. */
export async function amountsOnShipments(
  work: Work,
  orderId: string,
): Promise<Map<number, { net: Money; tax: Money; gross: Money }>> {
  const rows = await work.query<{ order_line: number; net: string; tax: string; gross: string }>(
    `SELECT l.order_line, sum(l.net)::text AS net, sum(l.tax)::text AS tax, sum(l.gross)::text AS gross FROM shipment_line l
     JOIN shipment s ON s.id = l.shipment WHERE s.order_id = $1 AND s.state <> 'voided' GROUP BY l.order_line`,
    [orderId],
  );
  return new Map(
    rows.map(({ order_line, net, tax, gross }) => [
      order_line,
      { net: Money.of(net), tax: Money.of(tax), gross: Money.of(gross) },
    ]),
  );
}

/** A part's amounts; the last part of a line takes what is left, so that deliveries add up to the line to the fen. */
export function amountsFor(
  line: OrderLine,
  quantity: Quantity,
  billed: Map<number, { net: Money; tax: Money; gross: Money }>,
) {
  const before = billed.get(line.line) ?? { net: Money.zero, tax: Money.zero, gross: Money.zero };
  const last = line.issued.plus(quantity).equals(line.quantity);
  const take = (whole: Money, taken: Money) => {
    const left = whole.minus(taken);
    return last ? left : shareOf(whole, quantity, line.quantity).min(left);
  };
  const gross = take(line.gross, before.gross);
  const net = take(line.net, before.net);
  const amounts = { net, tax: gross.minus(net), gross };
  billed.set(line.line, {
    net: before.net.plus(net),
    tax: before.tax.plus(amounts.tax),
    gross: before.gross.plus(gross),
  });
  return amounts;
}

/** What is taken whole goes first: what is left of a part may be as much as was taken of it. */
export async function takeReservations(work: Work, orderId: string, chosen: readonly Chosen[]): Promise<void> {
  const taken = `(SELECT line, stock_item, sum(quantity) AS quantity FROM unnest($2::int[], $3::uuid[], $4::numeric[]) c(line, stock_item, quantity) GROUP BY 1, 2) t`;
  await work.query(
    `DELETE FROM reservation r USING ${taken} WHERE r.order_id = $1 AND r.line = t.line AND r.stock_item = t.stock_item AND r.quantity = t.quantity`,
    [orderId, ...columnsOf(chosen)],
  );
  await work.query(
    `UPDATE reservation r SET quantity = r.quantity - t.quantity FROM ${taken}
     WHERE r.order_id = $1 AND r.line = t.line AND r.stock_item = t.stock_item AND r.quantity > t.quantity`,
    [orderId, ...columnsOf(chosen)],
  );
}
const columnsOf = (chosen: readonly Chosen[]) => [
  chosen.map(({ line }) => line.line),
  chosen.map(({ stockItem }) => stockItem),
  chosen.map(({ quantity }) => String(quantity)),
];

/** Gives the goods of a voided shipping order back to the order's reservations. */
export async function giveBack(
  work: Work,
  orderId: string,
  parts: readonly { orderLine: number; stockItem: string; quantity: Quantity }[],
): Promise<void> {
  // a hold of the batch comes before this, or after it and finds the reservations (O-41)
  await work.query('SELECT FROM stock_item WHERE id = ANY($1) ORDER BY id FOR UPDATE', [
    parts.map(({ stockItem }) => stockItem),
  ]);
  await work.query(
    `INSERT INTO reservation (order_id, line, stock_item, quantity)
     SELECT $1, line, stock_item, sum(quantity) FROM unnest($2::int[], $3::uuid[], $4::numeric[]) p(line, stock_item, quantity) GROUP BY line, stock_item
     ON CONFLICT (order_id, line, stock_item) DO UPDATE SET quantity = reservation.quantity + excluded.quantity`,
    [
      orderId,
      parts.map(({ orderLine }) => orderLine),
      parts.map(({ stockItem }) => stockItem),
      parts.map(({ quantity }) => String(quantity)),
    ],
  );
}

const aboveOrdered = domainError({
  code: 'orders.shipment.above-ordered',
  kind: 'unprocessable',
  rule: 'O-04',
  en: 'Line {line}: only {left} are ordered and not on a shipping order yet.',
  zh: '第{line}行：订货数量中仅余{left}尚未开单。',
});
const partOfPackage = domainError({
  code: 'orders.shipment.whole-packages-only',
  kind: 'unprocessable',
  rule: 'O-43',
  en: 'Line {line} leaves in whole packages only: one {unit} holds {holds}.',
  zh: '第{line}行只按整包装发货：每{unit}含{holds}。',
});
const notReserved = domainError({
  code: 'orders.shipment.not-reserved',
  kind: 'unprocessable',
  rule: 'O-06',
  en: 'Line {line}: {missing} are not reserved in this order.',
  zh: '第{line}行：有{missing}未为本订单预留。',
});
const noSuchLine = domainError({
  code: 'orders.shipment.no-such-line',
  kind: 'unprocessable',
  rule: 'O-04',
  en: 'The order has no line {line}.',
  zh: '订单没有第{line}行。',
});
