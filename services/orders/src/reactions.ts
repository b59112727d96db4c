import { creditLimitEvents, guaranteeEvents } from '@fenxiao/contracts/distributors';
import { stockAdjustmentEvents, writeOffEvents } from '@fenxiao/contracts/collection';
import type { Event } from '@fenxiao/contracts/event';
import { batchEvents, creditNoteEvents } from '@fenxiao/contracts/goods';
import { orderEvents, paymentEvents, stockEvents } from '@fenxiao/contracts/orders';
import { priceExceptionEvents } from '@fenxiao/contracts/prices';
import { Quantity } from '@fenxiao/domain/quantity';
import { EventContext, On } from '@fenxiao/messaging/transport';
import { follow, lock } from '@fenxiao/service-kit/engine';
import type { Work } from '@fenxiao/service-kit/work';
import { Controller } from '@nestjs/common';
import { Ctx, Payload } from '@nestjs/microservices';
import { lockAccount } from './distributor.js';
import { allocateOrder, creditObjection } from './order-flow.js';
import { order } from './order-moves.js';

/** What makes a waiting order go on: an approval, money, a higher limit, goods. Each by its event, after it is committed. */
@Controller()
export class OrderReactions {
  /** O-11: the approval releases the price hold; the order then takes its way again. */
  @On(priceExceptionEvents.approved)
  async priceApproved(
    @Payload() { data }: Event<typeof priceExceptionEvents.approved>,
    @Ctx() { work }: EventContext<Work>,
  ) {
    const held = await lock(work, order, data.orderId);
    if (held.state === 'on-hold' && held.holds.includes('price'))
      await follow(work, order, held, 'clearHold', { hold: 'price' });
  }

  @On(paymentEvents.received)
  paid(@Payload() { data }: Event<typeof paymentEvents.received>, @Ctx() { work }: EventContext<Work>) {
    return this.reconsider(work, data.distributorId);
  }
  @On(paymentEvents.applied)
  applied(@Payload() { data }: Event<typeof paymentEvents.applied>, @Ctx() { work }: EventContext<Work>) {
    return this.reconsider(work, data.distributorId);
  }
  @On(creditNoteEvents.issued)
  credited(@Payload() { data }: Event<typeof creditNoteEvents.issued>, @Ctx() { work }: EventContext<Work>) {
    return this.reconsider(work, data.distributorId);
  }
  @On(creditNoteEvents.applied)
  creditApplied(@Payload() { data }: Event<typeof creditNoteEvents.applied>, @Ctx() { work }: EventContext<Work>) {
    return this.reconsider(work, data.distributorId);
  }
  @On(writeOffEvents.approved)
  writtenOff(@Payload() { data }: Event<typeof writeOffEvents.approved>, @Ctx() { work }: EventContext<Work>) {
    return this.reconsider(work, data.distributorId);
  }
  @On(orderEvents.cancelled)
  cancelled(@Payload() { data }: Event<typeof orderEvents.cancelled>, @Ctx() { work }: EventContext<Work>) {
    return this.reconsider(work, data.distributorId);
  }
  @On(orderEvents['closed-short'])
  closedShort(@Payload() { data }: Event<(typeof orderEvents)['closed-short']>, @Ctx() { work }: EventContext<Work>) {
    return this.reconsider(work, data.distributorId);
  }
  @On(creditLimitEvents.changed)
  limitChanged(@Payload() { data }: Event<typeof creditLimitEvents.changed>, @Ctx() { work }: EventContext<Work>) {
    return this.reconsider(work, data.distributorId);
  }
  @On(guaranteeEvents.granted)
  guaranteed(@Payload() { data }: Event<typeof guaranteeEvents.granted>, @Ctx() { work }: EventContext<Work>) {
    return this.reconsider(work, data.distributorId);
  }

  /** O-06: goods that came in go to waiting orders by promised date, customer class, age, as far as they suffice. */
  @On(stockEvents.received)
  async stockCameIn(@Payload() { data }: { data: { productId: string } }, @Ctx() { work }: EventContext<Work>) {
    const tried: string[] = [];
    for (;;) {
      const waiting = await work.query<{ id: string }>(waitingFor, [
        data.productId,
        await freeOf(work, data.productId),
        tried,
      ]);
      if (waiting.length === 0) return;
      for (const { id } of waiting) {
        if (Quantity.of(await freeOf(work, data.productId)).isZero()) return;
        await allocateOrder(work, order, await lock(work, order, id));
        tried.push(id);
        await done(work);
      }
    }
  }

  /** O-24: more was counted than the books had. */
  @On(stockAdjustmentEvents.adjusted)
  counted(@Payload() event: Event<typeof stockAdjustmentEvents.adjusted>, @Ctx() context: EventContext<Work>) {
    return this.stockCameIn(event, context);
  }

  /** O-06: what an order gives back is for the next that waits. */
  @On(stockEvents.released)
  stockCameBack(@Payload() event: Event<typeof stockEvents.released>, @Ctx() context: EventContext<Work>) {
    return this.stockCameIn(event, context);
  }

  /** O-41: goods of a batch that is released, or found to be of the grade sold, are as good as come in. */
  @On(batchEvents.released)
  batchReleased(@Payload() event: Event<typeof batchEvents.released>, @Ctx() context: EventContext<Work>) {
    return this.stockCameIn(event, context);
  }
  @On(batchEvents.regraded)
  batchRegraded(@Payload() event: Event<typeof batchEvents.regraded>, @Ctx() context: EventContext<Work>) {
    return this.stockCameIn(event, context);
  }

  /** D-21: orders held for credit go on, oldest first, as far as the exposure now allows. */
  private async reconsider(work: Work, distributor: string): Promise<void> {
    for (;;) {
      const held = await work.query<{ id: string }>(
        `SELECT id FROM "order" WHERE distributor = $1 AND state = 'on-hold' AND 'credit' = ANY(holds) ORDER BY submitted_at, id LIMIT 200`,
        [distributor],
      );
      if (held.length === 0) return;
      for (const { id } of held) {
        const subject = await lock(work, order, id);
        if (subject.state !== 'on-hold' || !subject.holds.includes('credit')) {
          await done(work); // it was cancelled or taken back while we waited for it
          continue;
        }
        if (await creditObjection(work, subject, await lockAccount(work, distributor))) return;
        await follow(work, order, subject, 'clearHold', { hold: 'credit' });
        await done(work);
      }
    }
  }
}

/** Writes an order down and lets go of it: each flush would look at all that came before. */
async function done(work: Work): Promise<void> {
  await work.em.flush();
  work.em.clear();
  work.locked.clear();
}

/** What is free of a product, of its own grade and not held. */
async function freeOf(work: Work, product: string): Promise<string> {
  const [row] = await work.query<{ free: string }>(
    `SELECT coalesce(sum(s.on_hand - s.reserved), 0)::text AS free FROM stock_item s JOIN product p ON p.id = s.product AND p.grade = s.grade
     WHERE s.product = $1 AND s.on_hand > s.reserved AND NOT s.blocked`,
    [product],
  );
  return row!.free;
}

/** Two hundred orders that could take something of the product ($1), of which so much ($2) is free; but for those tried ($3). */
const waitingFor = `
SELECT o.id FROM "order" o JOIN known_distributor d ON d.id = o.distributor
WHERE o.state IN ('backordered', 'partially-shipped', 'partially-delivered') AND $2::numeric > 0 AND o.id <> ALL($3::uuid[])
  AND EXISTS (SELECT FROM order_line l WHERE l.order_id = o.id AND l.product = $1 AND l.quantity > l.dropped + l.allocated + l.shipped
    AND (o.partial_allowed OR o.large OR l.quantity - l.dropped - l.allocated - l.shipped <= $2::numeric))
ORDER BY o.promised_on, d.class, o.submitted_at, o.id LIMIT 200`;
