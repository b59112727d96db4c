import type { OpenOrder } from './day-market.js';
import type { Stories } from './day-story.js';
import { deliver, line, order, receive, ship } from './day-trade.js';

/** Orders and stock: orders wait for goods, get those of others, leave in part, arrive late, in time and damaged. */

/** Before anything else: what customers have waited for comes in and is delivered, some of it after the day promised. */
export const before: Stories = {
  async openOrders(t) {
    for (const open of t.has.market.open.slice(0, 6)) {
      const sold = { ...open, state: 'backordered', path: `orders/orders/${open.id}` };
      for (const [i, { productCode, quantity }] of open.lines.entries()) {
        const lacking = ({ lines }: OpenOrder) =>
          Number(quantity) - Number(lines[i]!.allocated) - Number(lines[i]!.shipped);
        const missing = lacking(await t.read('order-clerk', sold));
        if (missing <= 0) continue;
        // it then takes what there is of everything it wants
        await receive(t, { productCode }, Math.ceil(missing));
        await t.until<OpenOrder>('order-clerk', sold, (now) => lacking(now) <= 0);
      }
      await deliver(t, sold);
    }
  },
};

export const goods: Stories = {
  /** What left before today arrives, some of it after the day promised. */
  async onTheRoad(t) {
    type Load = { readonly historic: boolean; readonly promisedOn: string };
    const loads = (await t.list<Load>('sales-support-clerk', 'orders/shipments?state=shipped'))
      .filter(({ historic }) => historic)
      .sort((a, b) => a.promisedOn.localeCompare(b.promisedOn) || a.number.localeCompare(b.number));
    for (const load of loads.slice(0, 12)) await t.move('sales-support-clerk', load, 'sign');
  },

  /** One customer takes all there is; who comes next waits until more comes in. */
  async backOrdered(t) {
    const scarce = t.has.scarce();
    await deliver(t, await order(t, t.has.customer('prepaid'), [line(scarce, scarce.free)]));
    const waiting = await order(t, t.has.customer(), [line(scarce, 20)]);
    await receive(t, scarce, 60);
    await deliver(t, await t.goesOn(waiting));
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
    await deliver(t, await t.goesOn(taker));
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
