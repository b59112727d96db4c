import { orderEvents, stockEvents } from '@fenxiao/contracts/orders';
import { clause } from '@fenxiao/testing/clause';
import type { Reply } from '@fenxiao/testing/harness';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { broken, brokenInLog } from '../../test/invariants.js';
import { production, type Production } from '../../test/production.js';
import { world, type World } from '../../test/world.js';

const START = '2026-03-10T02:00:00Z';
let w: World;
let p: Production;
let customer: { id: string; code: string };
beforeAll(async () => {
  w = await world(START);
  p = await production(w);
  customer = await w.distributor({ limit: '99999999' });
}, 60_000);
afterAll(() => w?.close());
beforeEach(() => w.h.time.set(START));

const order = (code: string, quantity: string, extra = {}, of = customer) =>
  w.order(of.code, [{ productCode: code, quantity }], extra);
const stockOf = async (id: string) => (await w.clerk.get(`/stock?productId=${id}`)).body.items as object[];
const reallocate = (from: string, toOrderId: string, quantity: string, by = w.salesManager) =>
  by.post(`/orders/${from}/reallocate`, { line: 1, quantity, toOrderId, reason: 'the hotel opens on Monday' });
const dataOf = async (contract: Parameters<World['h']['events']>[0], id: string) =>
  (await w.h.events(contract)).filter(({ subject }) => subject === id).map(({ data }) => data as never as object);

describe('O-06 goods that come in', () => {
  it('go by promised date, then customer class, then age', async () => {
    const tile = await w.product();
    const [a, c] = [await w.distributor(), await w.distributor()];
    await w.h.pool.query(
      `UPDATE known_distributor SET class = CASE id WHEN $1 THEN 'A' ELSE 'C' END WHERE id IN ($1, $2)`,
      [a.id, c.id],
    );
    const waiting: string[] = [];
    for (const [of, promisedOn] of [
      [c, '2026-03-20'],
      [customer, '2026-03-20'],
      [a, '2026-03-20'],
      [c, '2026-03-19'],
      [a, '2026-03-20'],
    ] as const) {
      waiting.push((await order(tile.code, '10', { promisedOn }, of)).body.id as string);
      w.h.time.pass(1000);
    }
    for (const [i, next] of [3, 2, 4, 1, 0].entries()) {
      await w.receive(tile.code, '10', { batch: `B${i}` });
      expect(await w.reaches(waiting[next]!, 'allocated')).toMatchObject({ lines: [{ allocated: '10.000' }] });
    }
  });

  it('and what an order gives back goes to the next that waits', async () => {
    const tile = await w.product();
    await w.receive(tile.code, '10');
    const [first, second] = [await order(tile.code, '10'), await order(tile.code, '10')];
    await w.seller.post(`/orders/${first.body.id}/cancel`, { reason: 'not wanted' });
    expect(await w.reaches(second.body.id, 'allocated')).toMatchObject({ lines: [{ allocated: '10.000' }] });
  });
});

describe('O-06 reservation of drafts', () => {
  const reserved = async (quantity = '6', free = '10') => {
    const tile = await w.product();
    await w.receive(tile.code, free);
    const { body } = await w.place(customer.code, [{ productCode: tile.code, quantity }]);
    return { tile, id: body.id as string, reply: await w.seller.post(`/orders/${body.id}/reserve-draft`) };
  };

  clause(
    'O-06',
    'allowed',
    'a draft sets aside what is free, and keeps it when it is submitted, on another day too',
    async () => {
      const { tile, id, reply } = await reserved();
      expect(reply.body).toMatchObject({ state: 'reserved', draftReservedUntil: '2026-03-13T02:00:00.000Z' });
      expect(await stockOf(tile.id)).toMatchObject([{ free: '4.000', reserved: '6.000' }]);
      expect((await order(tile.code, '5')).body.state).toBe('backordered');
      w.h.time.set('2026-03-11T02:00:00Z');
      expect((await w.seller.post(`/orders/${id}/submit`)).body).toMatchObject({
        state: 'allocated',
        draftReservedUntil: null,
        lines: [{ allocated: '6.000' }],
      });
      w.h.time.set('2026-03-20T02:00:00Z');
      await w.h.service.clocks.tick();
      expect(await w.read(id)).toMatchObject({ state: 'allocated', lines: [{ allocated: '6.000' }] });
    },
  );

  clause('O-06', 'refused', 'nothing free, a second time, or by somebody else', async () => {
    const tile = await w.product();
    const { body } = await w.place(customer.code, [{ productCode: tile.code, quantity: '1' }]);
    expect((await w.seller.post(`/orders/${body.id}/reserve-draft`)).body).toMatchObject({
      status: 409,
      code: 'orders.order.nothing-free',
      rule: 'O-06',
    });
    const { id } = await reserved();
    expect((await w.seller.post(`/orders/${id}/reserve-draft`)).status).toBe(409);
    expect((await w.keeper.post(`/orders/${id}/reserve-draft`)).status).toBe(403);
  });

  clause(
    'O-06',
    'boundary',
    'after 72 hours, not a millisecond sooner, it is given back to whoever waits',
    async () => {
      const { tile, id } = await reserved('10');
      const waiting = await order(tile.code, '10');
      w.h.time.set('2026-03-13T01:59:59.999Z');
      await w.h.service.clocks.tick();
      expect((await w.read(id)).state).toBe('reserved');
      w.h.time.set('2026-03-13T02:00:00.000Z');
      await w.h.service.clocks.tick();
      expect(await w.read(id)).toMatchObject({
        state: 'draft',
        draftReservedUntil: null,
        lines: [{ allocated: '0.000' }],
      });
      await w.reaches(waiting.body.id, 'allocated');
    },
  );

  it('an edit gives it back; a hold for the price does too', async () => {
    const { tile, id } = await reserved();
    const lines = [{ productCode: tile.code, quantity: '6', unitPrice: '40' }];
    const edited = await w.seller.post(`/orders/${id}/edit`, { lines }, { 'if-match': '"2"' });
    expect(edited.body).toMatchObject({ state: 'draft', lines: [{ allocated: '0.000' }] });
    await w.seller.post(`/orders/${id}/reserve-draft`);
    expect((await w.seller.post(`/orders/${id}/submit`)).body.holds).toEqual(['price']);
    expect(await stockOf(tile.id)).toMatchObject([{ free: '10.000' }]);
  });
});

describe('O-06 re-allocation by a person', () => {
  clause(
    'O-06',
    'allowed',
    'the sales manager gives goods of one order to another, with a reason, and the first salesperson is told',
    async () => {
      const tile = await w.product();
      await w.receive(tile.code, '10');
      const [giver, taker] = [await order(tile.code, '10'), await order(tile.code, '4')];
      const given = await reallocate(giver.body.id, taker.body.id, '4');
      expect(given).toMatchObject({ status: 200, body: { state: 'backordered', lines: [{ allocated: '6.000' }] } });
      expect(await w.read(taker.body.id)).toMatchObject({ state: 'allocated', lines: [{ allocated: '4.000' }] });
      expect(await stockOf(tile.id)).toMatchObject([{ reserved: '10.000', free: '0.000' }]);
      expect(await dataOf(orderEvents.reallocated, giver.body.id)).toMatchObject([
        {
          toOrderId: taker.body.id,
          quantity: '4',
          meta: { reason: 'the hotel opens on Monday', role: 'sales-manager' },
        },
      ]);
      expect((await p.notices(giver.body.id))[0]).toMatchObject({ to: { persons: [w.seller.id] } });
      expect((await w.h.events(stockEvents.released)).at(-1)!.data).toMatchObject({ orderId: giver.body.id });
    },
  );

  clause(
    'O-06',
    'refused',
    'without a reason, by others, to an order that waits for nothing, or more than it lacks',
    async () => {
      const tile = await w.product();
      await w.receive(tile.code, '14');
      const [giver, full, taker] = [
        await order(tile.code, '10'),
        await order(tile.code, '4'),
        await order(tile.code, '3', { partialAllowed: false }),
      ];
      const form = { line: 1, quantity: '1', toOrderId: taker.body.id };
      expect((await w.salesManager.post(`/orders/${giver.body.id}/reallocate`, form)).body.field).toBe('reason');
      for (const other of [w.seller, w.clerk, w.deputy])
        expect((await reallocate(giver.body.id, taker.body.id, '1', other)).status).toBe(403);
      const codeOf = async (reply: Promise<Reply>) => (await reply).body.code as string;
      expect(await codeOf(reallocate(giver.body.id, full.body.id, '1'))).toBe('orders.reallocation.not-waiting');
      expect(await codeOf(reallocate(giver.body.id, taker.body.id, '3.001'))).toBe('orders.reallocation.not-missing');
      expect(await codeOf(reallocate(giver.body.id, taker.body.id, '2'))).toBe('orders.reallocation.all-or-nothing');
      expect(await codeOf(reallocate(giver.body.id, giver.body.id, '1'))).toBe('orders.reallocation.same-order');
      expect(await codeOf(reallocate(giver.body.id, taker.body.id, '0'))).toBe('orders.reallocation.nothing');
    },
  );

  clause('O-06', 'boundary', 'everything but what is on a shipping order, to the thousandth', async () => {
    const tile = await w.product();
    await w.receive(tile.code, '10');
    const [giver, taker] = [await order(tile.code, '10'), await order(tile.code, '10')];
    await w.clerk.post('/shipments', { orderId: giver.body.id, lines: [{ orderLine: 1, quantity: '7' }] });
    expect((await reallocate(giver.body.id, taker.body.id, '3.001')).body).toMatchObject({
      status: 422,
      code: 'orders.reallocation.issued',
      field: 'quantity',
    });
    expect((await reallocate(giver.body.id, taker.body.id, '3')).body.lines).toMatchObject([{ allocated: '7.000' }]);
  });
});

const nth = fc.nat({ max: 50 });
const quantity = fc.integer({ min: 1, max: 30 });
const request = fc.oneof(
  { weight: 6, arbitrary: fc.record({ does: fc.constant('place'), nth, quantity, whole: fc.boolean() }) },
  { weight: 3, arbitrary: fc.record({ does: fc.constant('receive'), nth, quantity }) },
  { weight: 4, arbitrary: fc.record({ does: fc.constant('reallocate'), nth, quantity }) },
  { weight: 2, arbitrary: fc.record({ does: fc.constant('issue'), nth, quantity }) },
  {
    weight: 6,
    arbitrary: fc.record({
      does: fc.constantFrom('submit', 'submit', 'reserve-draft', 'cancel', 'withdraw'),
      nth,
      quantity,
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      does: fc.constantFrom('schedule', 'schedule', 'schedule', 'make', 'make', 'decline'),
      nth,
      quantity,
    }),
  },
);
type Request = { readonly does: string; readonly nth: number; readonly quantity: number; readonly whole?: boolean };

describe('whatever is asked at the same time', () => {
  interface Run {
    readonly customer: { id: string; code: string };
    readonly tiles: readonly { id: string; code: string }[];
    readonly orders: string[];
  }
  const pick = <T>(from: readonly T[], n: number): T | undefined => from[n % from.length];

  async function send(run: Run, { does, nth: n, quantity: count, whole }: Request): Promise<Reply | undefined> {
    const [tile, of] = [pick(run.tiles, n)!, pick(run.orders, n)];
    if (does === 'receive') return w.receive(tile.code, String(count));
    if (does === 'place') {
      const placed = await w.place(run.customer.code, [{ productCode: tile.code, quantity: String(count) }], {
        partialAllowed: !whole,
      });
      run.orders.push(placed.body.id as string);
      return n % 3 ? w.seller.post(`/orders/${placed.body.id}/submit`) : placed;
    }
    if (of === undefined) return undefined;
    if (does in from) return produce(run, does as keyof typeof from, n);
    if (does === 'issue')
      return w.clerk.post('/shipments', { orderId: of, lines: [{ orderLine: 1, quantity: String(count) }] });
    if (does === 'reallocate') return reallocate(of, pick(run.orders, n + count)!, String(count));
    return w.seller.post(`/orders/${of}/${does}`, does === 'cancel' ? { reason: 'not wanted' } : {});
  }

  /** which requests a move of production is asked of */
  const from = { schedule: ['requested', 'acknowledged'], make: ['scheduled'], decline: ['requested', 'scheduled'] };
  async function produce(run: Run, does: keyof typeof from, n: number): Promise<Reply | undefined> {
    const { rows } = await w.h.pool.query<{ id: string; quantity: string }>(
      'SELECT id, quantity FROM production_request WHERE order_id = ANY($1) AND state = ANY($2) ORDER BY id',
      [run.orders, from[does]],
    );
    const asked = pick(rows, n);
    if (!asked) return undefined;
    if (does === 'decline') return p.moves(asked.id, ['decline', { why: 'no clay' }]);
    if (does === 'schedule')
      return p.moves(asked.id, ['schedule', { scheduledOn: '2026-03-12', quantity: asked.quantity }]);
    await p.moves(asked.id, ['start'], ['finish']);
    const form = { warehouse: 'MAIN', batch: 'B1', quantity: asked.quantity };
    return w.keeper.post(`/production-requests/${asked.id}/receive`, form);
  }

  clause(
    'O-06',
    'boundary',
    'orders, goods, re-allocations, production: free stock never below zero, reserved never above what is there, the books agree',
    async () => {
      const rounds = fc.array(fc.array(request, { minLength: 4, maxLength: 12, size: 'max' }), {
        minLength: 4,
        maxLength: 8,
        size: 'max',
      });
      const family = await p.family('20');
      const property = fc.asyncProperty(rounds, async (all: readonly (readonly Request[])[]) => {
        const run: Run = {
          customer: await w.distributor({ limit: '99999999' }),
          tiles: [await w.product('1', { family }), await w.product('1', { family })],
          orders: [],
        };
        const about = [run.customer, ...run.tiles];
        for (const tile of run.tiles) await w.receive(tile.code, '15');
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
      // one by one first, so that every way of a request is gone whatever chance brings
      const ways: Request[] = [
        ...[1, 2, 4, 5].map((n) => ({ does: 'place', nth: n, quantity: 40, whole: true })),
        ...['schedule', 'make', 'schedule'].map((does) => ({ does, nth: 0, quantity: 1 })),
        { does: 'decline', nth: 1, quantity: 1 },
        { does: 'withdraw', nth: 3, quantity: 1 },
      ];
      await fc.assert(property, {
        numRuns: 10,
        examples: [[ways.map((one) => [one])]],
        plugins: [fc.interruptAfterTimeLimit(40_000)],
      });
      const { rows } = await w.h.pool.query<{ state: string }>('SELECT DISTINCT state FROM production_request');
      expect(rows.map(({ state }) => state)).toEqual(
        expect.arrayContaining(['scheduled', 'declined', 'withdrawn', 'received-into-stock']),
      );
    },
    120_000,
  );
});
