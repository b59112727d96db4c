import type { Stories } from './day-story.js';
import { deliver, line, order, receive, ship } from './day-trade.js';

/** Orders and stock: orders wait for goods, get those of others, leave in part, arrive late, in time and damaged. */
interface Waiting {
  readonly historic: boolean;
  readonly promisedOn: string;
}

export const goods: Stories = {
  /** What customers have waited for is there, and is delivered: some of it after the day that was promised. */
  async openOrders(t) {
    const ready = (await t.list<Waiting>('order-clerk', 'orders/orders?state=allocated'))
      .filter(({ historic }) => historic)
      .sort((a, b) => a.promisedOn.localeCompare(b.promisedOn) || a.number.localeCompare(b.number));
    for (const sold of ready.slice(0, 6)) await deliver(t, sold);
  },

  /** One customer takes all there is; who comes next waits until more comes in. */
  async backOrdered(t) {
    const scarce = t.has.scarce();
    await deliver(t, await order(t, t.has.customer('prepaid'), [line(scarce, scarce.free)]));
    const waiting = await order(t, t.has.customer(), [line(scarce, 20)]);
    await receive(t, scarce, 60);
    await deliver(t, await t.reaches('order-clerk', waiting, 'allocated'));
  },

  /** Nothing has come in yet for these. */
  async stillWaiting(t) {
    const scarce = t.has.scarce();
    await order(t, t.has.customer('prepaid'), [line(scarce, scarce.free)]);
    for (const wanted of [12, 30, 45]) await order(t, t.has.customer(), [line(scarce, wanted)]);
  },

  /** What was reserved for one customer is given to another who needs it more. */
  async reallocated(t) {
    const scarce = t.has.scarce();
    const giver = await order(t, t.has.customer('prepaid'), [line(scarce, scarce.free)]);
    const taker = await order(t, t.has.customer(), [line(scarce, 24)]);
    const reason = '客户工地停工待料，两位客户均已同意';
    await t.move('sales-manager', giver, 'reallocate', { line: 1, quantity: '24', toOrderId: taker.id, reason });
    await deliver(t, await t.reaches('order-clerk', taker, 'allocated'));
  },

  async shippedInPart(t) {
    const [one, other] = [t.has.goods(), t.has.goods()];
    const sold = await order(t, t.has.customer(), [line(one, 40), line(other, 30)]);
    await ship(t, sold, { lines: [{ orderLine: 1, quantity: '25' }] });
    const whole = await order(t, t.has.customer(), [line(one, 16), line(other, 12)]);
    await ship(t, whole, { lines: [{ orderLine: 1, quantity: '16' }] });
    await deliver(t, whole);
  },

  async cancelled(t) {
    const some = t.has.goods();
    for (const reason of ['客户工程延期', '客户改订其他规格', '重复下单']) {
      const customer = t.has.customer();
      const sold = await order(t, customer, [line(some, 8)]);
      await t.move(customer.seller, sold, 'cancel', { reason });
    }
  },

  async damagedOnTheRoad(t) {
    const some = t.has.goods();
    const sold = await order(t, t.has.customer(), [line(some, 30)]);
    const damaged = [{ line: 1, quantity: '2', note: '箱角受潮，砖边崩裂' }];
    await deliver(t, sold, { damage: '到货时两箱破损', damaged });
  },
};
