import type { Event } from '@fenxiao/contracts/event';
import { paymentEvents } from '@fenxiao/contracts/orders';
import { Money } from '@fenxiao/domain/money';
import { EventContext, On } from '@fenxiao/messaging/transport';
import { follow, lock } from '@fenxiao/service-kit/engine';
import type { Work } from '@fenxiao/service-kit/work';
import { Controller } from '@nestjs/common';
import { Ctx, Payload } from '@nestjs/microservices';
import { guarantee } from './guarantee.js';

/** D-20: each payment by the distributor reduces its live guarantees; at nothing they are repaid. */
@Controller()
export class PaymentReactions {
  @On(paymentEvents.received)
  async received(
    @Payload() { subject: paymentId, data }: Event<typeof paymentEvents.received>,
    @Ctx() { work }: EventContext<Work>,
  ) {
    const live = await work.query<{ id: string }>(
      `SELECT id FROM guarantee WHERE distributor = $1 AND state IN ('active', 'due') AND balance > 0 ORDER BY due_on, id`,
      [data.distributorId],
    );
    let left = Money.of(data.amount);
    for (const { id } of live) {
      const subject = await lock(work, guarantee, id);
      const applied = left.min(subject.balance);
      if (!applied.isPositive()) return;
      left = left.minus(applied);
      await follow(work, guarantee, subject, 'applyPayment', { paymentId, applied: String(applied) });
      if (subject.balance.isZero()) await follow(work, guarantee, subject, 'repay');
    }
  }
}
