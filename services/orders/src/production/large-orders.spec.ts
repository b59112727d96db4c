import { orderEvents } from '@fenxiao/contracts/orders';
import { productionRequestEvents } from '@fenxiao/contracts/production';
import { clause } from '@fenxiao/testing/clause';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
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

/** A product of a family whose limit is 100, some of it in stock. */
async function tile(free: string, options: { limit?: string; value?: string } = {}) {
  const family = await p.family(options.limit ?? '100', options.value);
  const made = await w.product('50', { family });
  if (Number(free) > 0) await w.receive(made.code, free);
  return { ...made, family };
}
const order = (code: string, quantity: string, extra = {}) =>
  w.order(customer.code, [{ productCode: code, quantity }], { promisedOn: '2026-03-20', ...extra });
const dataOf = async (contract: Parameters<World['h']['events']>[0], id: string) =>
  (await w.h.events(contract)).filter(({ subject }) => subject === id).map(({ data }) => data as never as object);

describe('O-03 large order', () => {
  clause(
    'O-03',
    'allowed',
    'large and not covered: held, what is free kept, the rest asked of production',
    async () => {
      const { id, code } = await tile('30');
      const { body } = await order(code, '120');
      expect(body).toMatchObject({ state: 'on-hold', holds: ['stock'], large: true, lines: [{ allocated: '30.000' }] });
      expect(await p.requests(body.id)).toMatchObject([
        { state: 'requested', productId: id, quantity: '90.000', needDate: '2026-03-20', salespersonId: w.seller.id },
      ]);
      const [request] = await p.requests(body.id);
      expect(await dataOf(productionRequestEvents.requested, request!.id as string)).toMatchObject([
        { orderId: body.id, quantity: '90.000', shortageAt: '2026-03-10T02:00:00.000Z', meta: { rule: 'O-03' } },
      ]);
      expect(await dataOf(orderEvents.held, body.id)).toMatchObject([{ hold: 'stock', detail: `${code}: 90.000` }]);
    },
  );

  clause(
    'O-03',
    'refused',
    'small and short asks nothing; a limit of zero, or approved by its maker, is refused',
    async () => {
      const { code } = await tile('30');
      const { body } = await order(code, '40');
      expect(body).toMatchObject({ state: 'backordered', large: false });
      expect(await p.requests(body.id)).toEqual([]);
      const form = { family: 'any', quantity: '0', value: '100', validFrom: '2026-01-01' };
      expect((await w.deputy.post('/large-order-limits', form)).body).toMatchObject({
        status: 422,
        code: 'orders.large-order-limit.not-positive',
        field: 'quantity',
      });
      const own = await w.deputy.post('/large-order-limits', { ...form, quantity: '5' });
      expect((await w.deputy.post(`/large-order-limits/${own.body.id}/approve`)).status).toBe(403);
    },
  );

  clause(
    'O-03',
    'boundary',
    'the limit itself is large, by quantity or value, over all lines of the family; covered it passes',
    async () => {
      const { code } = await tile('0');
      expect((await order(code, '99.999')).body.state).toBe('backordered');
      expect((await order(code, '100')).body).toMatchObject({ state: 'on-hold', holds: ['stock'] });
      const halves = [
        { productCode: code, quantity: '50' },
        { productCode: code, quantity: '50' },
      ];
      expect((await w.order(customer.code, halves)).body.holds).toEqual(['stock']);
      const dear = await tile('0', { limit: '9999', value: '500.00' });
      expect((await order(dear.code, '9.999')).body.state).toBe('backordered');
      expect((await order(dear.code, '10')).body.holds).toEqual(['stock']);
      const there = await tile('100');
      expect((await order(there.code, '100')).body).toMatchObject({ state: 'allocated', large: true });
    },
  );

  it('the limit is the 95th percentile of what 90 days of orders asked, where there are enough; set by hand it is that', async () => {
    const made = await w.product('1', { family: 'counted' });
    await w.receive(made.code, '9999');
    for (let i = 1; i <= 20; i++) await order(made.code, String(i));
    w.h.time.set('2026-03-11T01:00:00Z');
    await w.h.service.jobs.run('compute-large-order-limits', '2026-03-11');
    const { rows } = await w.h.pool.query(
      `SELECT quantity, value, demands FROM large_order_limit WHERE family = 'counted'`,
    );
    expect(rows).toEqual([{ quantity: '19.000', value: '19.00', demands: 20 }]);
    const { rows: few } = await w.h.pool.query(`SELECT FROM large_order_limit WHERE demands < 20`);
    expect(few).toEqual([]);
    expect((await order(made.code, '18')).body.large).toBe(false);
    expect((await order(made.code, '19')).body.large).toBe(true);
    const hand = { family: 'counted', quantity: '30', value: '1000', validFrom: '2026-03-11' };
    const { body } = await w.salesManager.post('/large-order-limits', hand);
    await w.deputy.post(`/large-order-limits/${body.id}/approve`);
    expect((await order(made.code, '29')).body.large).toBe(false);
    await w.deputy.post(`/large-order-limits/${body.id}/withdraw`, { reason: 'the season is over' });
    expect((await order(made.code, '29')).body.large).toBe(true);
  });
});

describe('O-31 production request', () => {
  clause(
    'O-31',
    'allowed',
    'the scheduled date becomes the promise; what is made goes to the order first, then by priority',
    async () => {
      const { code } = await tile('0');
      const rival = await order(code, '50', { promisedOn: '2026-03-12' });
      const { body } = await order(code, '100');
      const [request] = await p.requests(body.id);
      await p.moves(request!.id, ['acknowledge'], ['schedule', { scheduledOn: '2026-03-25', quantity: '150' }]);
      expect(await w.read(body.id)).toMatchObject({
        state: 'backordered',
        promisedOn: '2026-03-25',
        firstPromisedOn: '2026-03-25',
      });
      await p.moves(request!.id, ['start'], ['finish']);
      const received = await w.keeper.post(`/production-requests/${request!.id}/receive`, {
        warehouse: 'MAIN',
        batch: 'P1',
        quantity: '150',
      });
      expect(received.body).toMatchObject({ state: 'received-into-stock', received: '150.000' });
      expect(await w.read(body.id)).toMatchObject({ state: 'allocated', lines: [{ allocated: '100.000' }] });
      await w.reaches(rival.body.id, 'allocated');
      expect(await dataOf(productionRequestEvents['received-into-stock'], request!.id)).toMatchObject([
        { received: '150.000', needDate: '2026-03-20', scheduledOn: '2026-03-25', onTime: true, batch: 'P1' },
      ]);
    },
  );

  clause(
    'O-31',
    'refused',
    'less than asked, a day gone by, or by others than production; stock by others than the keeper',
    async () => {
      const { code } = await tile('0');
      const { body } = await order(code, '100');
      const { id } = (await p.requests(body.id))[0]!;
      const answer = (form: object) => p.moves(id, ['schedule', form]);
      expect((await answer({ scheduledOn: '2026-03-25', quantity: '99.999' })).body).toMatchObject({
        status: 422,
        code: 'orders.production-request.less-than-asked',
        field: 'quantity',
      });
      expect((await answer({ scheduledOn: '2026-03-09', quantity: '100' })).body).toMatchObject({
        status: 422,
        code: 'orders.production-request.date-in-the-past',
        rule: 'O-31',
      });
      for (const other of [w.seller, w.salesManager, w.gm])
        expect((await other.post(`/production-requests/${id}/acknowledge`)).status).toBe(403);
      const receipt = { warehouse: 'MAIN', batch: 'P', quantity: '1' };
      expect((await p.planner.post(`/production-requests/${id}/receive`, receipt)).status).toBe(403);
      expect((await w.keeper.post(`/production-requests/${id}/receive`, receipt)).status).toBe(409);
    },
  );

  clause(
    'O-31',
    'boundary',
    'answered today is a promise for today; a slip changes the promise, keeps the first, tells the salesperson',
    async () => {
      const { code } = await tile('0');
      const { body } = await order(code, '100');
      const { id } = (await p.requests(body.id))[0]!;
      await p.moves(id, ['schedule', { scheduledOn: '2026-03-10', quantity: '100' }]);
      const reschedule = { scheduledOn: '2026-03-14', quantity: '100' };
      expect((await p.moves(id, ['reschedule', reschedule])).status).toBe(400);
      await p.moves(id, ['reschedule', { ...reschedule, reason: 'kiln repair' }]);
      expect(await w.read(body.id)).toMatchObject({ promisedOn: '2026-03-14', firstPromisedOn: '2026-03-10' });
      expect(await dataOf(orderEvents['promise-changed'], body.id)).toMatchObject([
        { from: '2026-03-10', to: '2026-03-14', firstPromisedOn: '2026-03-10', productionRequestId: id },
      ]);
      expect(await p.notices(body.id)).toMatchObject([{ kind: 'information', to: { persons: [w.seller.id] } }]);
      await p.moves(id, ['reschedule', { ...reschedule, reason: 'as before' }]);
      expect(await dataOf(orderEvents['promise-changed'], body.id)).toHaveLength(1);
    },
  );

  it('declined, the order waits as any back-order, and the salesperson is told why', async () => {
    const { code } = await tile('10');
    const { body } = await order(code, '100');
    const { id } = (await p.requests(body.id))[0]!;
    await p.moves(id, ['decline', { why: 'no clay' }]);
    expect(await w.read(body.id)).toMatchObject({ state: 'backordered', promisedOn: '2026-03-20', holds: [] });
    const [notice] = await p.notices(body.id);
    expect(notice).toMatchObject({ detail: expect.stringContaining('no clay'), to: { persons: [w.seller.id] } });
  });

  it('an order of two products goes on when both are answered for, with the later date', async () => {
    const family = await p.family('100');
    const [a, b] = [await w.product('5', { family }), await w.product('5', { family })];
    const lines = [a, b].map(({ code }) => ({ productCode: code, quantity: '60' }));
    const { body } = await w.order(customer.code, lines);
    const [first, second] = await p.requests(body.id);
    await p.moves(first!.id, ['schedule', { scheduledOn: '2026-04-10', quantity: '60' }]);
    expect((await w.read(body.id)).state).toBe('on-hold');
    await p.moves(second!.id, ['schedule', { scheduledOn: '2026-04-02', quantity: '60' }]);
    expect(await w.read(body.id)).toMatchObject({ state: 'backordered', promisedOn: '2026-04-10' });
  });

  it('an order taken back, or cancelled, gives back its goods and asks production for nothing', async () => {
    const { id, code } = await tile('30');
    for (const [move, form] of [
      ['withdraw', {}],
      ['cancel', { reason: 'not wanted' }],
    ] as const) {
      const { body } = await order(code, '100');
      await w.seller.post(`/orders/${body.id}/${move}`, form);
      expect(await p.requests(body.id)).toMatchObject([{ state: 'withdrawn' }]);
      expect((await w.clerk.get(`/stock?productId=${id}`)).body.items).toMatchObject([{ free: '30.000' }]);
    }
  });

  it('who wants all or nothing keeps what is made, and gets nothing shipped before all of it is there', async () => {
    const { code } = await tile('30');
    const { body } = await order(code, '100', { partialAllowed: false });
    const { id } = (await p.requests(body.id))[0]!;
    await p.moves(id, ['schedule', { scheduledOn: '2026-03-25', quantity: '70' }]);
    expect(await w.read(body.id)).toMatchObject({ state: 'backordered', lines: [{ allocated: '30.000' }] });
    expect((await w.clerk.post('/shipments', { orderId: body.id })).body.code).toBe('orders.shipment.order-not-ready');
  });

  it('not answered within one working day, the branch general manager is told', async () => {
    const { code } = await tile('0');
    const { body } = await order(code, '100');
    const { id } = (await p.requests(body.id))[0]!;
    const { rows } = await w.h.pool.query(`SELECT due_at FROM clock WHERE subject = $1 AND stopped_at IS NULL`, [id]);
    expect(rows).toEqual([{ due_at: new Date('2026-03-11T10:00:00Z') }]);
    w.h.time.set('2026-03-11T10:00:00Z');
    await w.h.service.clocks.tick();
    const breached = await dataOf(productionRequestEvents['clock-breached'], id);
    expect(breached).toMatchObject([{ move: 'acknowledge', escalateTo: 'branch-general-manager' }]);
  });
});
