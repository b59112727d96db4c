import { clause } from '@fenxiao/testing/clause';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { production, type Production } from '../../test/production.js';
import { world, type World } from '../../test/world.js';

const START = '2026-03-10T02:00:00Z';
let w: World;
let p: Production;
let family: string;
beforeAll(async () => {
  w = await world(START);
  p = await production(w);
  family = await p.family('100');
}, 60_000);
afterAll(() => w?.close());
beforeEach(() => w.h.time.set(START));

/** A large order that waits for production, and its request. */
async function waiting(needDate = '2026-03-20') {
  const [customer, tile] = [await w.distributor({ limit: '99999999' }), await w.product('50', { family })];
  const { body } = await w.order(customer.code, [{ productCode: tile.code, quantity: '100' }], {
    promisedOn: needDate,
  });
  const [request] = await p.requests(body.id);
  return { order: body, request: request as { id: string; number: string }, tile };
}
const draft = (lines: object[], by = w.salesManager) =>
  by.post('/production-plans', { validFrom: '2026-03-10', validTo: '2026-03-31', lines });
const sign = (id: string, by: { post: World['gm']['post'] }) => by.post(`/production-plans/${id}/approve`);

describe('O-33 order and production plan', () => {
  clause('O-33', 'allowed', 'drafted by the sales manager, agreed by three, issued', async () => {
    const { request } = await waiting();
    const { body } = await draft([{ requestNumber: request.number, quantity: '100', plannedOn: '2026-03-25' }]);
    expect((await sign(body.id, w.deputy)).body.state).toBe('drafted');
    expect((await sign(body.id, p.technical)).body.state).toBe('drafted');
    expect((await w.salesManager.post(`/production-plans/${body.id}/issue`)).status).toBe(409);
    expect((await sign(body.id, p.branch)).body.state).toBe('agreed');
    expect((await w.salesManager.post(`/production-plans/${body.id}/issue`)).body.state).toBe('issued');
    const page = await w.salesManager.get(`/production-plans/${body.id}/page`);
    expect(page).toMatchObject({ status: 200, body: expect.stringContaining(request.number) });
  });

  clause(
    'O-33',
    'refused',
    'by others, twice by one, a request that is not open or named twice, nothing, outside the period',
    async () => {
      const { request } = await waiting();
      const line = { requestNumber: request.number, quantity: '100', plannedOn: '2026-03-25' };
      expect((await draft([line], w.seller)).status).toBe(403);
      const { body } = await draft([line]);
      expect((await sign(body.id, w.salesManager)).status).toBe(403);
      await sign(body.id, w.deputy);
      expect((await sign(body.id, w.deputy)).body.code).toBe('approval.already-decided');
      expect((await draft([{ ...line, requestNumber: 'PC-2026-999999' }])).body).toMatchObject({
        status: 422,
        code: 'orders.production-plan.unknown-request',
        field: 'lines.0.requestNumber',
      });
      expect((await draft([line, line])).body.field).toBe('lines.1.requestNumber');
      expect((await draft([{ ...line, quantity: '0' }])).body.code).toBe('orders.production-plan.nothing-planned');
      await p.moves(request.id, ['decline', { why: 'no clay' }]);
      expect((await draft([line])).body.code).toBe('orders.production-plan.unknown-request');
    },
  );

  clause(
    'O-33',
    'boundary',
    'the first and the last day of the period belong to it; two of three is not agreed',
    async () => {
      const { request } = await waiting();
      const on = (plannedOn: string) => draft([{ requestNumber: request.number, quantity: '1', plannedOn }]);
      expect((await on('2026-03-09')).body.code).toBe('orders.production-plan.outside-period');
      expect((await on('2026-03-10')).status).toBe(201);
      expect((await on('2026-04-01')).body.code).toBe('orders.production-plan.outside-period');
      const { body } = await on('2026-03-31');
      const another = await w.h.staff('branch-general-manager');
      await sign(body.id, p.branch);
      expect((await sign(body.id, another)).body.code).toBe('approval.not-your-step');
      await sign(body.id, w.deputy);
      expect((await w.salesManager.get(`/production-plans/${body.id}`)).body.state).toBe('drafted');
    },
  );
});

describe('O-33 order and production summary', () => {
  it('shows every open large order against its schedule, is issued by the sales manager, and fits on paper', async () => {
    const [late, open] = [await waiting('2026-03-12'), await waiting('2026-03-30')];
    await p.moves(late.request.id, ['schedule', { scheduledOn: '2026-03-13', quantity: '100' }]);
    w.h.time.set('2026-03-11T01:00:00Z');
    await w.h.service.jobs.run('summarise-production', '2026-03-11');
    const list = (await w.salesManager.get('/production-summaries')).body.items as { id: string }[];
    const { body } = await w.salesManager.get(`/production-summaries/${list[0]!.id}`);
    expect(body).toMatchObject({ state: 'generated', form: { date: '2026-03-11' } });
    const lineOf = (number: string) =>
      body.form.lines.find((line: { orderNumber: string }) => line.orderNumber === number);
    expect(lineOf(late.order.number)).toMatchObject({
      productCode: late.tile.code,
      missing: '100.000',
      needDate: '2026-03-12',
      promisedOn: '2026-03-13',
      scheduledOn: '2026-03-13',
      late: true,
    });
    expect(lineOf(open.order.number)).toMatchObject({ requestState: 'requested', late: false });
    expect((await w.seller.post(`/production-summaries/${body.id}/issue`)).status).toBe(403);
    const issued = await w.salesManager.post(`/production-summaries/${body.id}/issue`, { remarks: 'kiln 2 on Friday' });
    expect(issued.body.state).toBe('issued');
    const page = await w.salesManager.get(`/production-summaries/${body.id}/page`);
    expect(page).toMatchObject({ status: 200, body: expect.stringContaining(late.order.number as string) });
  });

  it('is not made on a day that is not worked', async () => {
    await expect(w.h.service.jobs.run('summarise-production', '2026-03-08')).rejects.toThrow('not due');
  });
});
