import { clause } from '@fenxiao/testing/clause';
import type { Member, Reply } from '@fenxiao/testing/harness';
import { afterAll, beforeAll, expect } from '@jest/globals';
import * as fc from 'fast-check';
import { broken, brokenInLog } from '../test/invariants.js';
import { world, type World } from '../test/world.js';

/**
 * Whatever people do at the same time, the books hold. Each run is a small company of its own; its rounds are requests sent
 * at once, checked after each round by SQL on the tables (test/invariants.ts). A failure prints the seed and the rounds.
 */
let w: World;
beforeAll(async () => {
  w = await world();
}, 60_000);
afterAll(() => w?.close());

/** One company: few customers and products, so that requests meet; and what has come of it so far. */
interface Run {
  readonly customers: readonly { id: string; code: string }[];
  readonly tiles: readonly { id: string; code: string }[];
  readonly orders: string[];
  readonly shipments: string[];
}

const nth = fc.nat({ max: 50 });
const quantity = fc.constantFrom(1, 2, 4, 6, 10, 24);
/** of the first line, one after the other; halves of what is ordered among them */
const parts = fc.array(fc.constantFrom(1, 2, 3, 5, 12), { minLength: 1, maxLength: 2 });
const lines = fc.array(fc.record({ tile: nth, quantity, discount: fc.constantFrom('0', '0', '0', '2.5') }), {
  minLength: 1,
  maxLength: 3,
});

/** What is asked for, as it is printed when it broke something; `nth` of those there are when its turn comes. */
const request = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      does: fc.constant('place'),
      nth,
      lines,
      partialAllowed: fc.boolean(),
      submit: fc.boolean(),
    }),
  },
  // several orders of one customer for one product, at the same moment
  {
    weight: 3,
    arbitrary: fc.record({ does: fc.constant('rush'), nth, orders: fc.integer({ min: 2, max: 5 }), quantity }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ does: fc.constant('receive'), nth, batch: fc.constantFrom('B1', 'B2'), quantity }),
  },
  { weight: 3, arbitrary: fc.record({ does: fc.constant('pay'), nth, amount: fc.integer({ min: 1, max: 4000 }) }) },
  {
    weight: 4,
    arbitrary: fc.record({ does: fc.constant('issue'), nth, parts: fc.option(parts, { nil: undefined }) }),
  },
  {
    weight: 11,
    arbitrary: fc.record({
      does: fc.constantFrom(
        'dispatch',
        'dispatch',
        'dispatch',
        'sign',
        'sign',
        'void',
        'pick',
        'submit',
        'submit',
        'submit',
        'cancel',
        'withdraw',
        'release',
        'close-short',
      ),
      nth,
    }),
  },
);
type Request = { readonly does: string; readonly nth: number } & Partial<{
  orders: number;
  lines: readonly { tile: number; quantity: number; discount: string }[];
  partialAllowed: boolean;
  submit: boolean;
  batch: string;
  quantity: number;
  amount: number;
  parts: readonly number[] | undefined;
}>;

const pick = <T>(from: readonly T[], n: number): T | undefined => from[n % from.length];

/** @returns nothing when there is nothing to ask it about yet */
async function send(run: Run, asked: Request): Promise<Reply | undefined> {
  const [customer, tile] = [pick(run.customers, asked.nth)!, pick(run.tiles, asked.nth)!];
  const [order, shipment] = [pick(run.orders, asked.nth), pick(run.shipments, asked.nth)];
  const toOrder = (by: Member, path: string, body = {}) =>
    order ? by.post(`/orders/${order}/${path}`, body) : undefined;
  const toShipment = (by: Member, path: string, body = {}) =>
    shipment ? by.post(`/shipments/${shipment}/${path}`, body) : undefined;
  switch (asked.does) {
    case 'place':
      return place(run, customer.code, asked);
    case 'rush':
      return rush(run, asked);
    case 'receive':
      return w.receive(tile.code, String(asked.quantity), { batch: asked.batch! });
    case 'pay':
      return w.finance.post('/payments', { distributorCode: customer.code, amount: `${asked.amount}.37` });
    case 'issue':
      return order ? issue(run, order, asked) : undefined;
    case 'dispatch':
    case 'pick':
      return toShipment(w.keeper, asked.does);
    case 'sign':
      return toShipment(w.clerk, 'sign');
    case 'void':
      return toShipment(w.clerk, 'void', { reason: 'wrong goods' });
    case 'cancel':
      return toOrder(w.seller, 'cancel', { reason: 'not wanted' });
    case 'close-short': {
      const consent = { consent: 'by letter', consentedOn: w.h.time.now().toISOString().slice(0, 10) };
      return toOrder(w.salesManager, 'close-short', { ...consent, reason: 'no more is made' });
    }
    case 'release':
      return toOrder(w.deputy, 'release-credit', { until: '2026-04-01T00:00:00Z', reason: 'good customer' });
    default:
      return toOrder(w.seller, asked.does);
  }
}

async function place(
  run: Run,
  customer: string,
  { lines: wanted = [], partialAllowed, submit }: Request,
): Promise<Reply> {
  const forms = wanted.map(({ tile, quantity: pieces, discount }) => ({
    productCode: pick(run.tiles, tile)!.code,
    quantity: String(pieces),
    discount,
  }));
  const placed = await w.place(customer, forms, { partialAllowed });
  if (placed.status !== 201) return placed;
  run.orders.push(placed.body.id as string);
  return submit ? w.seller.post(`/orders/${placed.body.id}/submit`) : placed;
}

async function rush(run: Run, { nth: n, orders, quantity: pieces = 1 }: Request): Promise<Reply | undefined> {
  const lines = [{ tile: n, quantity: pieces, discount: '0' }];
  const before = run.orders.length;
  const draft = () => send(run, { does: 'place', nth: n, lines, partialAllowed: true, submit: false });
  await Promise.all(Array.from({ length: orders! }, draft));
  const replies = await Promise.all(run.orders.slice(before).map((id) => w.seller.post(`/orders/${id}/submit`)));
  return replies.find(({ status }) => status >= 500) ?? replies[0];
}

async function issue(run: Run, orderId: string, { parts: wanted }: Request): Promise<Reply> {
  const issued = await w.clerk.post('/shipments', {
    orderId,
    ...(wanted ? { lines: wanted.map((part) => ({ orderLine: 1, quantity: String(part) })) } : {}),
  });
  if (issued.status === 201) run.shipments.push(issued.body.id as string);
  return issued;
}

/** Goods, orders, and shipping orders of some of them to begin with. */
async function company(): Promise<Run> {
  const customers = [await w.distributor({ limit: '1500' }), await w.distributor({ limit: '4000' })];
  const tiles = [await w.product('33.33'), await w.product('7.77')];
  const run: Run = { customers, tiles, orders: [], shipments: [] };
  for (const tile of tiles) await w.receive(tile.code, '60');
  for (const n of [0, 1, 2, 3]) {
    const lines = [{ tile: n, quantity: 12, discount: '0' }];
    await send(run, { does: 'place', nth: n, lines, partialAllowed: true, submit: true });
    if (n % 2) await send(run, { does: 'issue', nth: n, parts: [6] });
  }
  return run;
}

clause(
  'O-06',
  'boundary',
  'whatever is asked at the same time, stock, orders, shipping orders, credit, money and events agree',
  async () => {
    const rounds = fc.array(fc.array(request, { minLength: 1, maxLength: 12, size: 'max' }), {
      minLength: 1,
      maxLength: 6,
      size: 'max',
    });
    const property = fc.asyncProperty(rounds, async (all) => {
      const run = await company();
      const about = [...run.customers, ...run.tiles];
      for (const round of all) {
        const replies = await Promise.all(round.map((asked) => send(run, asked)));
        const troubles = replies.filter((reply) => reply && ![200, 201, 409, 422].includes(reply.status));
        expect(troubles.map((reply) => reply!.body as unknown)).toEqual([]);
        expect(await broken(w.h.pool, about)).toEqual([]);
      }
      await w.h.settle();
      expect(await broken(w.h.pool, about)).toEqual([]);
      expect(await brokenInLog(w.h.pool)).toEqual([]);
    });
    await fc.assert(property, { numRuns: 14, plugins: [fc.interruptAfterTimeLimit(60_000)] });
    const { items } = (await w.finance.get('/invoices?limit=5')).body as { items: unknown[] };
    expect(items).toHaveLength(5); // it did get about
  },
  120_000,
);
