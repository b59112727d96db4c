import { formEvents } from '@fenxiao/contracts/event';
import { stockEvents } from '@fenxiao/contracts/orders';
import { CalendarDate, Code, Line, QuantityText } from '@fenxiao/contracts/wire';
import { newId } from '@fenxiao/domain/id';
import { Quantity } from '@fenxiao/domain/quantity';
import { domainError } from '@fenxiao/domain/domain-error';
import { procedure } from '@fenxiao/procedures/procedure';
import { columns, subjectColumns } from '@fenxiao/service-kit/columns';
import { bind } from '@fenxiao/service-kit/engine';
import { bindForm } from '@fenxiao/service-kit/forms';
import type { Work } from '@fenxiao/service-kit/work';
import { defineEntity } from '@mikro-orm/core';
import { z } from 'zod';
import { unknownProduct } from './product.js';
import { batchFor } from './quality/batch.js';
import { frozen, isCounter, requireNotFrozen } from './stocktake/freeze.js';
import { staff } from '@fenxiao/procedures/powers';

/** Stock 库存: what lies where, by product, warehouse and batch, and what of it is reserved (O-06). */
const StockItemSchema = defineEntity({
  name: 'StockItem',
  tableName: 'stock_item',
  properties: (p) => ({
    ...subjectColumns,
    product: p.uuid(),
    warehouse: p.text(),
    batch: p.text(),
    grade: p.text(),
    receivedOn: columns.date(),
    onHand: columns.quantity(),
    reserved: columns.quantity(),
    /** O-41: its batch is held or has failed */
    blocked: p.boolean(),
    /** O-24: its warehouse is being counted */
    counting: p.boolean(),
  }),
});
export class StockItem extends StockItemSchema.class {}
StockItemSchema.setClass(StockItem);

/** Nobody moves stock by hand: receipts, orders and shipping orders do. */
export const stock = bind(
  procedure({
    name: 'stock',
    path: 'stock',
    clause: 'O-06',
    events: stockEvents,
    states: ['on-hand'],
    read: staff,
    start: { move: 'receive', to: 'on-hand', by: { system: 'all' }, form: z.object({}), fact: 'received' },
    moves: {},
  }),
  {
    entity: StockItem,
    create: () => {
      throw new Error('stock comes in by a goods receipt');
    },
    facts: {} as never,
    view: ({ product, warehouse, batch, grade, receivedOn, onHand, reserved, blocked, counting }, actor) => ({
      productId: product,
      warehouse,
      batch,
      grade,
      receivedOn,
      blocked,
      // O-24: a blind count
      ...(counting && isCounter(actor)
        ? { onHand: null, reserved: null, free: null }
        : { onHand, reserved, free: blocked ? Quantity.zero : onHand.minus(reserved) }),
    }),
    filters: { productId: 'product', warehouse: 'warehouse', batch: 'batch' },
  },
);

const receiptForm = z.object({
  productCode: Code,
  warehouse: Code,
  batch: Code,
  quantity: QuantityText,
  grade: Line.max(40).optional(),
  receivedOn: CalendarDate.optional(),
});

/** Goods receipt 入库单: finished goods enter the warehouse, with the batch's own grade where inspection found another. */
export const goodsReceipt = bindForm(
  procedure({
    name: 'goods-receipt',
    clause: 'O-06',
    events: formEvents('orders', 'goods-receipt', receiptForm, { posted: {} }),
    states: ['posted'],
    read: staff,
    page: { title: 'goods-receipt', sign: ['finished-goods-keeper', 'finance'] },
    start: {
      move: 'post',
      to: 'posted',
      by: { 'finished-goods-keeper': 'all', importer: 'all' },
      form: receiptForm,
      fact: 'posted',
    },
    moves: {},
  }),
  { series: 'RK', region: () => null, onOpen: async (form, work) => void (await receive(work, form)) },
);

/**
 * Brings goods into stock: one row per product, warehouse and batch. Goods of a batch that is held are held too (O-41).
 * @throws unknownProduct, otherGrade
 */
export async function receive(work: Work, form: z.infer<typeof receiptForm>): Promise<{ readonly batchId: string }> {
  const [product] = await work.query<{ id: string; code: string; family: string; grade: string }>(
    'SELECT id, code, family, grade FROM product WHERE code = $1',
    [form.productCode],
  );
  if (!product) throw unknownProduct({ product: form.productCode }, { field: 'productCode' });
  await requireNotFrozen(work, form.warehouse);
  const { id: batchId, grade, blocked } = await batchFor(work, product, form.batch, form.grade ?? product.grade);
  if (form.grade !== undefined && form.grade !== grade)
    throw otherGrade({ batch: form.batch, grade }, { field: 'grade' });
  const [row] = await work.query<StockRow>(
    `INSERT INTO stock_item (id, state, version, events, created_by, created_at, entered_at, approvals, product, warehouse, batch, grade, received_on, on_hand, reserved, blocked)
     VALUES ($1, 'on-hand', 1, 1, $2, $3, $3, '[]', $4, $5, $6, $7, $8, $9, 0, $10)
     ON CONFLICT (product, warehouse, batch) DO UPDATE SET on_hand = stock_item.on_hand + excluded.on_hand, events = stock_item.events + 1, version = stock_item.version + 1
     RETURNING id, events, product, warehouse, batch, on_hand::text, reserved::text`,
    [
      newId(),
      work.actor.person,
      work.now,
      product.id,
      form.warehouse,
      form.batch,
      grade,
      form.receivedOn ?? work.today,
      form.quantity,
      blocked,
    ],
  );
  report(work, 'received', row!, form.productCode, Quantity.of(form.quantity), {});
  return { batchId };
}

interface StockRow {
  readonly id: string;
  readonly events: number;
  readonly product: string;
  readonly warehouse: string;
  readonly batch: string;
  readonly on_hand: string;
  readonly reserved: string;
}

/** Publishes what happened to one stock row; its event counter was raised by the statement that changed it. */
function report<F extends 'received' | 'reserved' | 'released' | 'issued' | 'taken-as-sample'>(
  work: Work,
  fact: F,
  row: StockRow,
  productCode: string,
  quantity: Quantity,
  about: object,
): void {
  const data = {
    productId: row.product,
    productCode,
    warehouse: row.warehouse,
    batch: row.batch,
    quantity: quantity.toString(),
    onHand: row.on_hand,
    reserved: row.reserved,
    ...about,
  };
  work.publish(stockEvents[fact], { id: row.id, events: row.events - 1 }, data as never, { rule: 'O-06' });
}

/** Stock that an order could take: free, not held (O-41), of the product's own grade, oldest first. Its rows are locked in one order. */
export interface FreeStock {
  readonly id: string;
  readonly product: string;
  readonly batch: string;
  readonly receivedOn: string;
  readonly free: Quantity;
}
export async function lockFree(work: Work, products: readonly string[]): Promise<FreeStock[]> {
  const rows = await work.query<{ id: string; product: string; batch: string; received_on: string; free: string }>(
    `SELECT s.id, s.product, s.batch, s.received_on::text, (s.on_hand - s.reserved)::text AS free FROM stock_item s
     JOIN product p ON p.id = s.product AND p.grade = s.grade
     WHERE s.product = ANY($1) AND s.on_hand > s.reserved AND NOT s.blocked ORDER BY s.id FOR UPDATE OF s`,
    [products],
  );
  return rows.map(({ received_on, free, ...row }) => ({ ...row, receivedOn: received_on, free: Quantity.of(free) }));
}

export interface Reservation {
  readonly line: number;
  readonly stockItem: string;
  readonly quantity: Quantity;
}

/**
 * O-06: chooses stock for lines. A line is taken from one batch where one suffices (colours of batches differ), the
 * oldest first; else from the oldest onwards. Pure and deterministic.
 * @returns reservations, and what stays short per line
 */
export function allocate(
  lines: readonly { line: number; product: string; wanted: Quantity }[],
  stock: readonly FreeStock[],
): { taken: Reservation[]; short: Map<number, Quantity> } {
  const left = new Map(stock.map(({ id, free }) => [id, free]));
  const oldest = [...stock].sort(
    (a, b) => a.receivedOn.localeCompare(b.receivedOn) || a.batch.localeCompare(b.batch) || a.id.localeCompare(b.id),
  );
  const taken: Reservation[] = [];
  const short = new Map<number, Quantity>();
  for (const { line, product, wanted } of lines) {
    const candidates = oldest.filter((item) => item.product === product);
    const whole = candidates.find(({ id }) => left.get(id)!.compare(wanted) >= 0);
    let rest = wanted;
    for (const { id } of whole ? [whole] : candidates) {
      const quantity = left.get(id)!.min(rest);
      if (!quantity.isPositive()) continue;
      taken.push({ line, stockItem: id, quantity });
      left.set(id, left.get(id)!.minus(quantity));
      rest = rest.minus(quantity);
    }
    if (rest.isPositive()) short.set(line, rest);
  }
  return { taken, short };
}

/** Changes stock rows by signed quantities and publishes each change. Several entries for one row are added up. */
export async function moveStock(
  work: Work,
  fact: 'reserved' | 'released' | 'issued',
  moves: readonly { stockItem: string; quantity: Quantity }[],
  about: { orderId: string; shipmentId?: string },
): Promise<void> {
  if (moves.length === 0) return;
  const sums = Map.groupBy(moves, ({ stockItem }) => stockItem);
  const ids = [...sums.keys()].sort();
  const quantities = ids.map((id) => Quantity.sum(sums.get(id)!.map(({ quantity }) => quantity)));
  const reserve = fact === 'reserved' ? 1 : -1;
  const take = fact === 'issued' ? -1 : 0;
  const rows = await work.query<StockRow & { code: string; counting: boolean }>(
    `WITH change AS (SELECT * FROM unnest($1::uuid[], $2::numeric[]) c(id, quantity)),
          locked AS MATERIALIZED (SELECT s.id FROM stock_item s JOIN change c ON c.id = s.id ORDER BY s.id FOR UPDATE OF s)
     UPDATE stock_item s SET reserved = s.reserved + $3 * c.quantity, on_hand = s.on_hand + $4 * c.quantity, events = s.events + 1, version = s.version + 1
     FROM change c, product p, (SELECT count(*) FROM locked) l WHERE s.id = c.id AND p.id = s.product
     RETURNING s.id, s.events, s.product, s.warehouse, s.batch, s.on_hand::text, s.reserved::text, s.counting, p.code`,
    [ids, quantities.map(String), reserve, take],
  );
  const held = fact === 'issued' && rows.find(({ counting }) => counting);
  if (held) throw frozen({ warehouse: held.warehouse });
  const changed = new Map(rows.map((row) => [row.id, row]));
  ids.forEach((id, i) => {
    const row = changed.get(id)!;
    report(work, fact, row, row.code, quantities[i]!, about);
  });
}

/** O-30: hands goods over to the sample keeper; what is reserved, held or being counted stays. @throws notFree, frozen */
export async function takeAsSample(
  work: Work,
  {
    product,
    productCode,
    warehouse,
    batch,
    quantity,
  }: { product: string; productCode: string; warehouse: string; batch: string; quantity: Quantity },
): Promise<void> {
  await requireNotFrozen(work, warehouse);
  const [row] = await work.query<StockRow>(
    `UPDATE stock_item SET on_hand = on_hand - $4, events = events + 1, version = version + 1
     WHERE product = $1 AND warehouse = $2 AND batch = $3 AND on_hand - reserved >= $4 AND NOT blocked
     RETURNING id, events, product, warehouse, batch, on_hand::text, reserved::text`,
    [product, warehouse, batch, String(quantity)],
  );
  if (!row) throw notFree({ quantity: String(quantity), batch, warehouse }, { field: 'quantity' });
  report(work, 'taken-as-sample', row, productCode, quantity, {});
}

const notFree = domainError({
  code: 'orders.stock.not-free',
  kind: 'unprocessable',
  rule: 'O-30',
  en: 'Of batch {batch} in {warehouse} {quantity} are not free.',
  zh: '仓库{warehouse}批次{batch}可用数量不足{quantity}。',
});

export const otherGrade = domainError({
  code: 'orders.stock.other-grade',
  kind: 'unprocessable',
  rule: 'O-42',
  en: 'Batch {batch} is of grade {grade}; goods of another grade need a batch of their own.',
  zh: '批次{batch}的等级为{grade}；其他等级的货物须另立批次。',
});
