import { setTimeout as delay } from 'node:timers/promises';
import type { Api } from './api.js';
import { calendar } from './season.js';

/** What history left open: a customer's order, and since when nothing has happened to it. */
interface Open {
  readonly id: string;
  readonly number: string;
  readonly version: number;
  readonly historic: boolean;
}
interface Wanted {
  readonly productCode: string;
  readonly quantity: string;
}
const patience = 60_000;

/**
 * The night shift's goods come in before anybody sells: for each order that history left open some of what it lacks. What
 * comes in makes an order look for all it wants, so that in the morning it is clear what is free.
 */
export async function nightShift(api: Api): Promise<void> {
  const batch = `B${calendar.today(new Date()).replaceAll('-', '').slice(2)}-N`;
  const open = await openOrders(api);
  await inTurns(8, open, async ({ id, number }) => {
    const { lines } = await api.ask<{ lines: Wanted[] }>('order-clerk', `orders/orders/${id}`);
    const { productCode, quantity } = lines[0]!;
    const form = { productCode, warehouse: 'CQ-01', batch, quantity: String(Math.ceil(Number(quantity))) };
    await api.ask('finished-goods-keeper', 'orders/goods-receipts', form, `night-${number}`);
  });
  const end = Date.now() + patience;
  while ((await openOrders(api)).some(({ version }) => version === 1) && Date.now() < end) await delay(200);
}

const openOrders = async (api: Api) =>
  (await api.list<Open>('order-clerk', 'orders/orders?state=backordered')).filter(({ historic }) => historic);

/** So many at a time. */
export async function inTurns<T>(lanes: number, items: readonly T[], each: (item: T) => Promise<void>): Promise<void> {
  const rest = [...items];
  const lane = async () => {
    for (let item = rest.shift(); item !== undefined; item = rest.shift()) await each(item);
  };
  await Promise.all(Array.from({ length: lanes }, lane));
}
