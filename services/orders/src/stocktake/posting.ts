import { stockAdjustmentEvents } from '@fenxiao/contracts/collection';
import { domainError } from '@fenxiao/domain/domain-error';
import { Quantity } from '@fenxiao/domain/quantity';
import { lock } from '@fenxiao/service-kit/engine';
import type { Work } from '@fenxiao/service-kit/work';
import { allocateOrder, lost } from '../order-flow.js';
import { order } from '../order-moves.js';
import { moveStock, receive } from '../stock.js';
import type { Stocktake } from './stocktake-table.js';

/** O-24: finance posts what was counted. Stock never falls below what is reserved: reservations are given back first. */
export async function postAdjustments(work: Work, subject: Stocktake): Promise<void> {
  await bringFindsIn(work, subject);
  const orders = await giveBackReservations(work, subject);
  const rows = await work.query<Adjusted>(
    `UPDATE stock_item s SET on_hand = s.on_hand + l.counted - l.book, events = s.events + 1, version = s.version + 1
     FROM stocktake_line l WHERE l.stocktake = $1 AND l.counted <> l.book AND s.product = l.product AND s.batch = l.batch AND s.warehouse = $2
     RETURNING s.id, s.events, s.product, l.product_code, s.batch, (l.counted - l.book)::text AS quantity, s.on_hand::text, s.reserved::text, l.reason`,
    [subject.id, subject.warehouse],
  );
  for (const row of rows) publishAdjusted(work, subject, row);
  await work.em.flush();
  for (const id of orders) await allocateOrder(work, order, await lock(work, order, id));
}

interface Adjusted {
  readonly id: string;
  readonly events: number;
  readonly product: string;
  readonly product_code: string;
  readonly batch: string;
  readonly quantity: string;
  readonly on_hand: string;
  readonly reserved: string;
  readonly reason: string;
}

function publishAdjusted(work: Work, subject: Stocktake, row: Adjusted): void {
  work.publish(
    stockAdjustmentEvents.adjusted,
    { id: row.id, events: row.events - 1 },
    {
      productId: row.product,
      productCode: row.product_code,
      warehouse: subject.warehouse,
      batch: row.batch,
      quantity: row.quantity,
      onHand: row.on_hand,
      reserved: row.reserved,
      stocktakeId: subject.id,
      reason: row.reason,
    },
    { rule: 'O-24', ...(subject.region ? { region: subject.region } : {}) },
  );
}

/** Goods found that the books do not know enter them with nothing, so that the count can be posted on it. */
async function bringFindsIn(work: Work, { id, warehouse }: Stocktake): Promise<void> {
  const finds = await work.query<{ productCode: string; batch: string }>(
    `SELECT l.product_code AS "productCode", l.batch FROM stocktake_line l
     WHERE l.stocktake = $1 AND l.counted <> l.book
       AND NOT EXISTS (SELECT FROM stock_item s WHERE s.product = l.product AND s.batch = l.batch AND s.warehouse = $2) ORDER BY l.line`,
    [id, warehouse],
  );
  for (const find of finds) await receive(work, { ...find, warehouse, quantity: '0' });
}

/** What stays reserved of too little: the stock after the count less what is reserved, where that is below zero. */
const shortage = `
  FROM stock_item s JOIN stocktake_line l ON l.stocktake = $1 AND s.product = l.product AND s.batch = l.batch
  WHERE s.warehouse = $2 AND l.counted <> l.book AND s.on_hand + l.counted - l.book < s.reserved`;

/**
 * Orders give back what the count has not found, those promised last first. Orders are locked before stock, as ever.
 * @returns the orders, to be served from elsewhere
 * @throws onShippingOrders: what stands on shipping orders is given back by voiding these
 */
async function giveBackReservations(work: Work, { id, warehouse }: Stocktake): Promise<string[]> {
  const touched = await work.query<{ order_id: string }>(
    `SELECT DISTINCT r.order_id FROM reservation r WHERE r.stock_item IN (SELECT s.id ${shortage}) ORDER BY r.order_id`,
    [id, warehouse],
  );
  for (const { order_id } of touched) await lock(work, order, order_id);
  // all that will be posted on, in the house's order: nobody reserves of it meanwhile
  await work.query(
    `SELECT FROM stock_item s JOIN stocktake_line l ON l.stocktake = $1 AND s.product = l.product AND s.batch = l.batch
     WHERE s.warehouse = $2 AND l.counted <> l.book ORDER BY s.id FOR UPDATE OF s`,
    [id, warehouse],
  );
  const short = await work.query<{ id: string; code: string; short: string }>(
    `SELECT s.id, l.product_code AS code, (s.reserved - s.on_hand - l.counted + l.book)::text AS short ${shortage} ORDER BY s.id FOR UPDATE OF s`,
    [id, warehouse],
  );
  if (short.length === 0) return [];
  const given = await takeBack(
    work,
    short.map((item) => item.id),
    new Map(short.map((item) => [item.id, Quantity.of(item.short)])),
  );
  for (const { id: item, code, short: text } of short) {
    const parts = given.filter(({ stockItem }) => stockItem === item).map(({ quantity }) => quantity);
    const left = Quantity.of(text).minus(Quantity.sum(parts));
    if (left.isPositive()) throw onShippingOrders({ product: code, quantity: String(left) });
  }
  for (const [orderId, parts] of Map.groupBy(given, (part) => part.orderId)) await giveBackOf(work, orderId, parts);
  return [...new Set(given.map(({ orderId }) => orderId))];
}

interface Given {
  readonly orderId: string;
  readonly line: number;
  readonly stockItem: string;
  readonly quantity: Quantity;
}

/** Chooses and removes reservations until what is short is covered. */
async function takeBack(work: Work, items: readonly string[], short: ReadonlyMap<string, Quantity>): Promise<Given[]> {
  const held = await work.query<{ order_id: string; line: number; stock_item: string; quantity: string }>(
    `SELECT r.order_id, r.line, r.stock_item, r.quantity::text FROM reservation r JOIN "order" o ON o.id = r.order_id
     WHERE r.stock_item = ANY($1) ORDER BY o.promised_on DESC NULLS FIRST, o.submitted_at DESC, r.order_id, r.line`,
    [items],
  );
  const left = new Map(short);
  const given = held.flatMap(({ order_id: orderId, line, stock_item: stockItem, quantity }): Given[] => {
    const part = Quantity.of(quantity).min(left.get(stockItem)!);
    if (!part.isPositive()) return [];
    left.set(stockItem, left.get(stockItem)!.minus(part));
    return [{ orderId, line, stockItem, quantity: part }];
  });
  const columns = [
    given.map(({ orderId }) => orderId),
    given.map(({ line }) => line),
    given.map(({ stockItem }) => stockItem),
    given.map(({ quantity }) => String(quantity)),
  ];
  const which = `FROM unnest($1::uuid[], $2::int[], $3::uuid[], $4::numeric[]) t(order_id, line, stock_item, quantity)
     WHERE r.order_id = t.order_id AND r.line = t.line AND r.stock_item = t.stock_item`;
  await work.query(`DELETE FROM reservation r ${which.replace('FROM', 'USING')} AND r.quantity = t.quantity`, columns);
  await work.query(
    `UPDATE reservation r SET quantity = r.quantity - t.quantity ${which} AND r.quantity > t.quantity`,
    columns,
  );
  return given;
}

async function giveBackOf(work: Work, orderId: string, parts: readonly Given[]): Promise<void> {
  const sold = await lock(work, order, orderId);
  await moveStock(work, 'released', parts, { orderId });
  for (const { line: number, quantity } of parts) {
    const line = sold.lines.getItems().find(({ line }) => line === number)!;
    line.allocated = line.allocated.minus(quantity);
  }
  await lost(work, order, sold);
}

const onShippingOrders = domainError({
  code: 'orders.stocktake.on-shipping-orders',
  kind: 'conflict',
  rule: 'O-24',
  en: '{quantity} of product {product} that were not found stand on shipping orders; these have to be voided first.',
  zh: '产品{product}有{quantity}未盘到但已开出货单；须先作废相应出货单。',
});
