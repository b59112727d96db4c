import { calendar } from './season.js';
import type { Stories, Story, Subject } from './day-story.js';
import { batchOf, deliver, home, line, order } from './day-trade.js';

/** Production: large orders that stock does not cover, production's answers, the plan that three agree on. */
const production = 'production-department';
const keeper = 'finished-goods-keeper';
const deputy = 'deputy-general-manager-sales';
const family = '抛光砖';
/** of one order, from here on it is large */
const large = 2000;

interface Request {
  readonly productCode: string;
  readonly quantity: string;
}

export const productionStories: Stories = {
  async largeOrderLimit(t) {
    const limit = { family, quantity: String(large), value: '200000', validFrom: t.today };
    await t.move(deputy, await t.make('sales-manager', 'orders/large-order-limits', limit), 'approve');
    const reason = '系统上线，按历史订单计算各品类大宗订货标准';
    await t.runJob('compute-large-order-limits', 'daily', reason);
  },

  /** Of five large orders two are made and delivered, one of them after it had slipped; one slips, one is declined, one waits. */
  async largeOrders(t) {
    const [made, slipped, slipping, declined] = [await short(t), await short(t), await short(t), await short(t)];
    for (const { asked } of [made, slipped, slipping]) await t.move(production, asked, 'acknowledge');
    const scheduled = (days: number, { quantity }: Request) => ({
      scheduledOn: calendar.addWorkingDays(t.today, days),
      quantity,
    });
    await t.move(production, made.asked, 'schedule', scheduled(2, made.asked));
    await t.move(production, slipped.asked, 'schedule', scheduled(4, slipped.asked));
    await t.move(production, slipping.asked, 'schedule', scheduled(6, slipping.asked));
    await t.move(production, declined.asked, 'decline', { why: '窑炉检修，三个月内无法安排该规格' });
    await planned(t, [made.asked, slipped.asked, slipping.asked]);
    const late = (days: number, { quantity }: Request, reason: string) => ({
      ...scheduled(days, { quantity } as Request),
      reason,
    });
    await t.move(production, slipped.asked, 'reschedule', late(7, slipped.asked, '釉料供应延误'));
    await t.moves(
      slipping.asked,
      [production, 'start'],
      [production, 'reschedule', late(11, slipping.asked, '三号窑故障，转二号窑生产')],
    );
    for (const { sold, asked } of [made, slipped]) {
      const into = { warehouse: home, batch: batchOf(t, 'P'), quantity: asked.quantity };
      await t.moves(asked, [production, 'start'], [production, 'finish'], [keeper, 'receive', into]);
      await deliver(t, await t.goesOn(sold));
    }
    // asked for this afternoon, not answered yet
    await short(t);
  },

  /** The sheet of the last working day, issued by the sales manager. */
  async summary(t) {
    await t.runJob('summarise-production', 'on working days', '系统上线，补编订货排产情况汇总表');
    const sheet = await t.find('sales-manager', 'orders/production-summaries');
    await t.move('sales-manager', sheet, 'issue', { remarks: '三号窑恢复前，新增大宗订单顺延' });
  },
};

/** A large order of which most has to be made. */
async function short(t: Story): Promise<{ sold: Subject; asked: Subject & Request }> {
  const wanted = t.has.scarce();
  const promisedOn = calendar.addWorkingDays(t.today, 8);
  const sold = await order(t, t.has.customer('prepaid'), [line(wanted, wanted.free + large)], { promisedOn });
  return { sold, asked: await t.find<Request>(production, `orders/production-requests?orderId=${sold.id}`) };
}

/** Drawn up by the sales manager, agreed by three, each for their own part, and issued (O-33). */
async function planned(t: Story, requests: readonly (Subject & Request)[]): Promise<void> {
  const plan = await t.make('sales-manager', 'orders/production-plans', {
    validFrom: t.today,
    validTo: calendar.addDays(t.today, 30),
    note: '年末大宗订单优先',
    lines: requests.map(({ number, quantity }, i) => ({
      requestNumber: number,
      quantity,
      plannedOn: calendar.addWorkingDays(t.today, 3 + 2 * i),
    })),
  });
  await t.moves(
    plan,
    [deputy, 'approve'],
    ['branch-general-manager', 'approve'],
    ['technical-department', 'approve'],
    ['sales-manager', 'issue'],
  );
}
