import { domainError } from '@fenxiao/domain/domain-error';
import { Quantity } from '@fenxiao/domain/quantity';
import { follow, lock, type Bound } from '@fenxiao/service-kit/engine';
import type { Work } from '@fenxiao/service-kit/work';
import { missingOf } from '../lines.js';
import { reserveFor, waiting } from '../order-flow.js';
import type { orderProcedure } from '../order.js';
import type { Order, OrderLine } from '../order-tables.js';
import { moveStock } from '../stock.js';
import { tellSalesperson } from '../telling.js';

/**
 * O-06 Re-allocation 重新配货: a person takes goods reserved for one order and gives them to another, with a reason. What is
 * on a shipping order stays where it is. The stock reserved is the same before and after.
 */
interface Reallocation {
  readonly line: number;
  readonly quantity: string;
  readonly toOrderId: string;
}

/** @returns the state of the order that gave */
export async function reallocate(
  work: Work,
  order: Bound<Order, typeof orderProcedure>,
  giver: Order,
  { line: number, quantity: text, toOrderId }: Reallocation,
): Promise<'backordered' | 'partially-shipped' | 'partially-delivered'> {
  const quantity = Quantity.of(text);
  if (!quantity.isPositive()) throw nothingGiven({}, { field: 'quantity' });
  if (toOrderId === giver.id) throw sameOrder({}, { field: 'toOrderId' });
  const from = lineOf(giver, number);
  const taker = await lock(work, order, toOrderId);
  const to = takerLine(taker, from.product, quantity);
  const parts = await takeFrom(work, giver, from, quantity);
  await moveStock(work, 'released', parts, { orderId: giver.id });
  from.allocated = from.allocated.minus(quantity);
  await reserveFor(
    work,
    taker,
    parts.map((part) => ({ ...part, line: to.line })),
  );
  const all = taker.lines.getItems().every((line) => missingOf(line).isZero());
  await follow(work, order, taker, all && taker.state === 'backordered' ? 'allocate' : 'reserve');
  tellSalesperson(work, giver, 'O-06', `${from.productCode} ${text} → ${taker.number}`);
  return giver.state === 'partially-shipped' || giver.state === 'partially-delivered' ? giver.state : 'backordered';
}

/** @throws noSuchLine */
export function lineOf(subject: Order, number: number): OrderLine {
  const line = subject.lines.getItems().find((candidate) => candidate.line === number);
  if (!line) throw noSuchLine({ number: subject.number, line: number }, { field: 'line' });
  return line;
}

/** The line that takes it: of the same product, lacking as much. A customer who wants all or nothing is given all. */
function takerLine(taker: Order, product: string, quantity: Quantity): OrderLine {
  const at = { field: 'toOrderId' };
  if (!waiting.has(taker.state)) throw notWaiting({ number: taker.number, state: taker.state }, at);
  const lines = taker.lines.getItems();
  const line = lines.find((candidate) => candidate.product === product && missingOf(candidate).compare(quantity) >= 0);
  if (!line) throw notMissing({ number: taker.number, quantity: String(quantity) }, { field: 'quantity' });
  const rest = Quantity.sum(lines.map(missingOf)).minus(quantity);
  if (!taker.partialAllowed && !taker.large && rest.isPositive()) throw allOrNothing({ number: taker.number }, at);
  return line;
}

/** Takes it out of the order's reservations, batch by batch: what is on shipping orders is not among them. */
async function takeFrom(
  work: Work,
  giver: Order,
  line: OrderLine,
  quantity: Quantity,
): Promise<{ stockItem: string; quantity: Quantity }[]> {
  const held = await work.query<{ stock_item: string; quantity: string }>(
    // only what may be shipped; its stock stays as it is until the end (O-41)
    `WITH fit AS MATERIALIZED (
       SELECT s.id FROM reservation r JOIN stock_item s ON s.id = r.stock_item JOIN product p ON p.id = s.product
       WHERE r.order_id = $1 AND r.line = $2 AND NOT s.blocked AND s.grade = p.grade ORDER BY s.id FOR UPDATE OF s)
     SELECT r.stock_item, r.quantity::text FROM reservation r JOIN fit ON fit.id = r.stock_item
     WHERE r.order_id = $1 AND r.line = $2 ORDER BY r.quantity DESC, r.stock_item`,
    [giver.id, line.line],
  );
  const free = Quantity.sum(held.map((row) => Quantity.of(row.quantity)));
  if (free.compare(quantity) < 0)
    throw issuedAlready({ number: giver.number, free: String(free) }, { field: 'quantity' });
  const parts: { stockItem: string; quantity: Quantity }[] = [];
  let rest = quantity;
  for (const row of held) {
    const part = Quantity.of(row.quantity).min(rest);
    if (!part.isPositive()) break;
    parts.push({ stockItem: row.stock_item, quantity: part });
    rest = rest.minus(part);
  }
  const taken = [parts.map(({ stockItem }) => stockItem), parts.map((part) => String(part.quantity))];
  await work.query(
    `WITH t AS (SELECT * FROM unnest($3::uuid[], $4::numeric[]) t(stock_item, quantity)),
          emptied AS (DELETE FROM reservation r USING t WHERE r.order_id = $1 AND r.line = $2 AND r.stock_item = t.stock_item AND r.quantity = t.quantity)
     UPDATE reservation r SET quantity = r.quantity - t.quantity FROM t
     WHERE r.order_id = $1 AND r.line = $2 AND r.stock_item = t.stock_item AND r.quantity > t.quantity`,
    [giver.id, line.line, ...taken],
  );
  return parts;
}

const nothingGiven = domainError({
  code: 'orders.reallocation.nothing',
  kind: 'unprocessable',
  rule: 'O-06',
  en: 'The quantity must be above zero.',
  zh: '数量必须大于零。',
});
const sameOrder = domainError({
  code: 'orders.reallocation.same-order',
  kind: 'unprocessable',
  rule: 'O-06',
  en: 'Goods are given to another order.',
  zh: '只能调配给其他订单。',
});
const noSuchLine = domainError({
  code: 'orders.reallocation.no-such-line',
  kind: 'unprocessable',
  rule: 'O-06',
  en: 'Order {number} has no line {line}.',
  zh: '订单{number}没有第{line}行。',
});
const notWaiting = domainError({
  code: 'orders.reallocation.not-waiting',
  kind: 'conflict',
  rule: 'O-06',
  en: 'Order {number} is {state} and waits for no goods.',
  zh: '订单{number}当前状态为{state}，并未待货。',
});
const notMissing = domainError({
  code: 'orders.reallocation.not-missing',
  kind: 'unprocessable',
  rule: 'O-06',
  en: 'No line of {number} lacks {quantity} of this product.',
  zh: '订单{number}没有任何一行缺少{quantity}的该产品。',
});
const allOrNothing = domainError({
  code: 'orders.reallocation.all-or-nothing',
  kind: 'unprocessable',
  rule: 'O-06',
  en: 'The customer of {number} takes all or nothing, and this would not be all.',
  zh: '订单{number}的客户不接受分批发货，本次调配不足以配齐全部货物。',
});
const issuedAlready = domainError({
  code: 'orders.reallocation.issued',
  kind: 'unprocessable',
  rule: 'O-06',
  en: 'Only {free} reserved for {number} are on no shipping order.',
  zh: '订单{number}中仅有{free}的预留货物尚未开具出货单。',
});
