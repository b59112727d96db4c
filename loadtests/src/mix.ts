/** What people do, and how often. */
import { check } from 'k6';
import { ask, think } from './api.ts';
import type { Random } from './random.ts';

interface Page<T> {
  items: T[];
}
interface Subject {
  id: string;
  state: string;
}
interface Frames {
  frames: { rows: unknown[] }[];
}

/** What journeys choose from, read once before the run. */
export interface Goods {
  distributors: string[];
  products: string[];
  panels: { uid: string; id: number }[];
}

/** Dashboards that executives open; that of the load tests is for operators. */
const dashboards = ['fenxiao-sales', 'fenxiao-market'];

/** @throws Error when the installation has nothing to sell or nobody to sell to: load tests need data */
export async function readGoods(): Promise<Goods> {
  const stock = await ask<Page<{ productId: string; free: string }>>(
    'order-clerk',
    'list-stock',
    'orders/stock?limit=200',
  );
  const products = await ask<Page<{ id: string; code: string }>>(
    'order-clerk',
    'list-stock',
    'orders/products?limit=200',
  );
  const dealers = await ask<Page<{ code: string }>>(
    'order-clerk',
    'list-distributors',
    'distributors/distributors?state=active&limit=200',
  );
  const codes = new Map(products.found?.items.map(({ id, code }) => [id, code]));
  const panels = [];
  for (const uid of dashboards) {
    const { found } = await ask<{ panels: { id: number }[] }>(
      'general-manager',
      'dashboard',
      `analytics/dashboards/${uid}`,
    );
    panels.push(...(found?.panels ?? []).map(({ id }) => ({ uid, id })));
  }
  const goods = {
    distributors: dealers.found?.items.map(({ code }) => code) ?? [],
    products: (stock.found?.items ?? [])
      .filter(({ productId, free }) => Number(free) > 50 && codes.has(productId))
      .map(({ productId }) => codes.get(productId)!),
    panels,
  };
  for (const [what, list] of Object.entries(goods))
    if (list.length === 0)
      throw new Error(`there are no ${what} to test with: load the demonstration or import data first`);
  return goods;
}

/** An order is placed, submitted, and shipped if the rules let it. One piece a line: stock lasts. */
async function sell({ distributors, products }: Goods, random: Random): Promise<void> {
  const count = 1 + Math.floor(random.next() * 3);
  const lines = [...new Set(Array.from({ length: count }, () => random.pick(products)))];
  const form = {
    distributorCode: random.pick(distributors),
    lines: lines.map((productCode) => ({ productCode, quantity: '1' })),
  };
  const placed = await ask<Subject>('order-clerk', 'place', 'orders/orders', form);
  if (!placed.found) return;
  think(random, 2, 6);
  const submitted = await ask<Subject>('order-clerk', 'submit', `orders/orders/${placed.found.id}/submit`, {});
  if (submitted.found?.state !== 'allocated') return;
  think(random, 2, 6);
  const shipment = await ask<Subject>('order-clerk', 'ship', 'orders/shipments', { orderId: placed.found.id });
  if (!shipment.found) return;
  const { id } = shipment.found;
  think(random, 1, 3);
  await ask('finished-goods-keeper', 'pick', `orders/shipments/${id}/pick`, {});
  await ask('finished-goods-keeper', 'dispatch', `orders/shipments/${id}/dispatch`, {
    carrier: '长江货运',
    freight: '120',
  });
}

/** Somebody looks things up. */
async function look(_: Goods, random: Random): Promise<void> {
  const { found } = await ask<Page<Subject>>('order-clerk', 'list-orders', 'orders/orders?limit=50');
  check(found, { 'list-orders: has orders': (list) => (list?.items.length ?? 0) > 0 });
  think(random, 1, 4);
  if (found && found.items.length > 0)
    await ask('order-clerk', 'read-order', `orders/orders/${random.pick(found.items).id}`);
  think(random, 1, 4);
  await ask('order-clerk', 'list-stock', 'orders/stock?limit=50');
  await ask('order-clerk', 'list-distributors', 'distributors/distributors?state=active&limit=50');
}

/** An executive opens a dashboard: all panels of it at once, as the viewer does, over the last year. */
async function watch({ panels }: Goods, random: Random): Promise<void> {
  const uid = random.pick(dashboards);
  await ask('general-manager', 'dashboard', `analytics/dashboards/${uid}`);
  const to = Date.now();
  const form = { from: to - 365 * 86400000, to, variables: {}, intervalMs: 86400000, maxDataPoints: 500 };
  const answers = await Promise.all(
    panels
      .filter((panel) => panel.uid === uid)
      .map(({ id }) => ask<Frames>('general-manager', 'panel', `analytics/dashboards/${uid}/panels/${id}/query`, form)),
  );
  check(answers, { 'panel: has frames': (all) => all.every(({ found }) => (found?.frames.length ?? 0) > 0) });
  think(random, 5, 15);
}

/** Out of a hundred journeys. */
const mix: [weight: number, journey: (goods: Goods, random: Random) => Promise<void>][] = [
  [30, sell],
  [45, look],
  [25, watch],
];

export async function journey(goods: Goods, random: Random): Promise<void> {
  let left = random.next() * mix.reduce((sum, [weight]) => sum + weight, 0);
  for (const [weight, go] of mix) {
    left -= weight;
    if (left < 0) return go(goods, random);
  }
}
