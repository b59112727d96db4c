import { batchEvents } from '@fenxiao/contracts/goods';
import type { Event } from '@fenxiao/contracts/event';
import { isId } from '@fenxiao/domain/id';
import { Quantity } from '@fenxiao/domain/quantity';
import { EventContext, On } from '@fenxiao/messaging/transport';
import { lock } from '@fenxiao/service-kit/engine';
import type { Work } from '@fenxiao/service-kit/work';
import { Controller } from '@nestjs/common';
import { Ctx, Payload } from '@nestjs/microservices';
import { allocateOrder, lost } from '../order-flow.js';
import { order } from '../order-moves.js';
import type { Order } from '../order-tables.js';
import { moveStock } from '../stock.js';

/** O-41: what a hold, a failure or another grade of a batch does to the orders that had its goods reserved. */

/** Goods that may not be shipped for what was ordered: of a batch that is blocked, or no longer of the product's grade. */
const unfit = '(s.blocked OR s.grade <> p.grade)';

/** Takes from an order what of its reservations is unfit. @returns whether there was any */
export async function withdrawUnfit(work: Work, subject: Order): Promise<boolean> {
  const rows = await work.query<{ line: number; stock_item: string; quantity: string }>(
    `DELETE FROM reservation r USING stock_item s, product p
     WHERE r.order_id = $1 AND s.id = r.stock_item AND p.id = s.product AND ${unfit} RETURNING r.line, r.stock_item, r.quantity::text`,
    [subject.id],
  );
  if (rows.length === 0) return false;
  const parts = rows.map((row) => ({ ...row, stockItem: row.stock_item, quantity: Quantity.of(row.quantity) }));
  await moveStock(work, 'released', parts, { orderId: subject.id });
  for (const line of subject.lines)
    for (const part of parts.filter((candidate) => candidate.line === line.line))
      line.allocated = line.allocated.minus(part.quantity);
  await lost(work, order, subject);
  return true;
}

/** The order goes back to back-order, its salesperson is told, and takes what else is free. */
export async function takeBack(work: Work, orderId: string, detail: string): Promise<void> {
  const subject = await lock(work, order, orderId);
  if (!(await withdrawUnfit(work, subject))) return;
  const { id, number, state, owner, createdBy } = subject;
  const persons = [owner ?? createdBy].filter(isId);
  if (persons.length > 0)
    work.notify({ kind: 'information', procedure: 'order', about: id, number, state, detail, to: { persons } }, 'O-41');
  await allocateOrder(work, order, subject);
  await work.em.flush();
}

type Judged = Event<typeof batchEvents.held>;

@Controller()
export class BatchReactions {
  @On(batchEvents.held)
  held(@Payload() { data }: Judged, @Ctx() { work }: EventContext<Work>) {
    return this.unfit(data, 'held', work);
  }
  @On(batchEvents.failed)
  failed(@Payload() { data }: Judged, @Ctx() { work }: EventContext<Work>) {
    return this.unfit(data, 'failed', work);
  }
  @On(batchEvents.regraded)
  regraded(@Payload() { data }: Event<typeof batchEvents.regraded>, @Ctx() { work }: EventContext<Work>) {
    return this.unfit(data, `grade ${data.grade}`, work);
  }

  private async unfit({ productId, productCode, batch }: Judged['data'], what: string, work: Work): Promise<void> {
    const detail = `${productCode} ${batch}: ${what}`;
    const orders = await work.query<{ id: string }>(
      `SELECT DISTINCT r.order_id AS id FROM stock_item s JOIN product p ON p.id = s.product JOIN reservation r ON r.stock_item = s.id
       WHERE s.product = $1 AND s.batch = $2 AND ${unfit} ORDER BY 1`,
      [productId, batch],
    );
    for (const { id } of orders) {
      await takeBack(work, id, detail);
      // Nothing of it is asked for again; each flush would look at all that came before.
      work.em.clear();
      work.locked.clear();
    }
    await this.tellClerks(work, productId, batch, detail);
  }

  /** Shipping orders that can no longer leave: whoever issues them voids them. */
  private async tellClerks(work: Work, product: string, batch: string, detail: string): Promise<void> {
    const shipments = await work.query<{ id: string; number: string; state: string }>(
      `SELECT DISTINCT h.id, h.number, h.state FROM stock_item s JOIN product p ON p.id = s.product
       JOIN shipment_line l ON l.stock_item = s.id JOIN shipment h ON h.id = l.shipment
       WHERE s.product = $1 AND s.batch = $2 AND ${unfit} AND h.state IN ('issued', 'picked') ORDER BY h.id`,
      [product, batch],
    );
    for (const { id, number, state } of shipments) {
      const to = { powers: { 'order-clerk': 'all' } };
      work.notify({ kind: 'task', procedure: 'shipment', about: id, number, move: 'void', state, detail, to }, 'O-41');
    }
  }
}
