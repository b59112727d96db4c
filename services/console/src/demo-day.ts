import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { Random } from './demo/random.js';

/**
 * Started by the embedded stack once the demonstration's accounts can log in: a working day of theirs. They place orders,
 * some below the list price; superiors approve or reject those; the warehouse ships. All of it through the API, under
 * the rules, and once: a second run repeats the same requests under the same keys.
 */
const environment = z
  .object({
    GATEWAY_URL: z.url(),
    /** JSON: access tokens by login */
    DEMO_TOKENS: z.string().transform((text) => z.record(z.string(), z.string()).parse(JSON.parse(text))),
    DEMO_SEED: z.string().default('fenxiao'),
    DEMO_ORDERS: z.coerce.number().int().min(1).default(60),
  })
  .parse(process.env);

interface Customer {
  readonly id: string;
  readonly code: string;
  readonly region: string;
}
interface Product {
  readonly id: string;
  readonly code: string;
}
interface Stock {
  readonly productId: string;
  readonly free: string;
}
interface Subject {
  readonly id: string;
  readonly state: string;
}
interface Exception extends Subject {
  readonly orderId: string;
  readonly approver: string;
}

const random = new Random(environment.DEMO_SEED).stream('day');
const say = (line: string) => process.stdout.write(`${line}\n`);
const counts = new Map<string, number>();
const count = (what: string) => counts.set(what, (counts.get(what) ?? 0) + 1);

/** A request of an account. @returns undefined when a rule refuses: not everybody may sell everything to everyone */
async function ask<T>(login: string, path: string, form?: object, key?: string): Promise<T | undefined> {
  const response = await fetch(`${environment.GATEWAY_URL}/api/${path}`, {
    method: form ? 'POST' : 'GET',
    headers: {
      authorization: `Bearer ${environment.DEMO_TOKENS[login]}`,
      ...(form ? { 'content-type': 'application/json', 'idempotency-key': `day-${key ?? path}` } : {}),
    },
    ...(form ? { body: JSON.stringify(form) } : {}),
    signal: AbortSignal.timeout(60_000),
  });
  const body = (await response.json()) as T & { code?: string; detail?: string };
  if (response.ok) return body;
  if (![403, 409, 422].includes(response.status))
    throw new Error(`${login} ${path}: ${response.status} ${body.code} ${body.detail}`);
  count(`refused (${body.code})`);
  return undefined;
}

const listed = async <T>(login: string, path: string) =>
  (await ask<{ items: T[] }>(login, `${path}${path.includes('?') ? '&' : '?'}limit=200`))!.items;

/** What one may give away is little; what others may, is asked for. */
const discounts = ['0', '1.5', '2.5', '4', '6.5', '9'];
const discountWeights = [70, 8, 9, 7, 4, 2];

function lines(goods: readonly { readonly productCode: string | undefined; readonly free: number }[]) {
  const chosen = new Map(
    Array.from({ length: random.int(1, 4) }, () => random.pick(goods)).map((item) => [item.productCode, item]),
  );
  return [...chosen.values()].map(({ productCode, free }) => {
    const discount = random.weighted(discounts, discountWeights);
    const some = Math.max(1, Math.floor(free * random.between(0.02, 0.12)));
    return { productCode, quantity: String(some), ...(discount === '0' ? {} : { discount }) };
  });
}

async function sell(): Promise<Subject[]> {
  const customers = await listed<Customer>('order-clerk', 'distributors/distributors?state=active');
  const codeOf = new Map((await listed<Product>('order-clerk', 'orders/products')).map(({ id, code }) => [id, code]));
  const goods = (await listed<Stock>('order-clerk', 'orders/stock'))
    .map(({ productId, free }) => ({ productCode: codeOf.get(productId), free: Number(free) }))
    .filter(({ productCode, free }) => productCode !== undefined && free > 50);
  const ours = new Set(
    (await listed<Customer>('salesperson', 'distributors/distributors?state=active')).map(({ id }) => id),
  );
  const placed: Subject[] = [];
  for (let i = 0; i < environment.DEMO_ORDERS; i++) {
    const { id, code } = random.pick(customers);
    const seller = ours.has(id) ? 'salesperson' : random.pick(['order-clerk', 'sales-manager']);
    const form = { distributorCode: code, lines: lines(goods) };
    const order = await ask<Subject>(seller, 'orders/orders', form, `order-${i}`);
    if (!order) continue;
    count('orders');
    // a few are still being written
    if (random.chance(0.05)) continue;
    const submitted = await ask<Subject>(seller, `orders/orders/${order.id}/submit`, {});
    if (submitted) placed.push(submitted);
  }
  return placed;
}

/** Superiors look at what was asked of them: most is approved, some is not, the rest can wait. */
async function decide(): Promise<void> {
  for (const { id, approver } of await listed<Exception>(
    'general-manager',
    'orders/price-exceptions?state=requested',
  )) {
    const chance = random.float();
    if (chance < 0.6 && (await ask(approver, `orders/price-exceptions/${id}/approve`, {}))) count('approved');
    else if (chance > 0.85) {
      const reason = '毛利过低，请按价目表报价';
      if (await ask(approver, `orders/price-exceptions/${id}/reject`, { reason })) count('rejected');
    }
  }
}

async function ship(placed: readonly Subject[]): Promise<void> {
  for (const { id } of placed) {
    if (!random.chance(0.7)) continue;
    const order = await ask<Subject>('order-clerk', `orders/orders/${id}`);
    if (order?.state !== 'allocated') continue;
    const shipment = await ask<Subject>('order-clerk', 'orders/shipments', { orderId: id }, `shipment-${id}`);
    if (!shipment || !random.chance(0.8)) continue;
    await ask('finished-goods-keeper', `orders/shipments/${shipment.id}/pick`, {});
    const load = { carrier: random.pick(['渝运物流', '南方快运', '长江货运']), freight: String(random.int(80, 900)) };
    if (!(await ask('finished-goods-keeper', `orders/shipments/${shipment.id}/dispatch`, load))) continue;
    count('shipped');
    if (random.chance(0.4) && (await ask('order-clerk', `orders/shipments/${shipment.id}/sign`, {}))) count('signed');
  }
}

const begin = performance.now();
const placed = await sell();
await decide();
// what was approved goes on by events
await delay(500);
await ship(placed);
const told = [...counts].map(([what, n]) => `${n} ${what}`).join(', ');
say(`A working day: ${told}, in ${((performance.now() - begin) / 1000).toFixed(1)} s`);
