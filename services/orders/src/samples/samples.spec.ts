import { sampleEvents, sampleStockEvents } from '@fenxiao/contracts/samples';
import { noticeEvents } from '@fenxiao/contracts/platform';
import { clause } from '@fenxiao/testing/clause';
import type { Member, Reply } from '@fenxiao/testing/harness';
import { until } from '@fenxiao/testing/wait';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { world, type World } from '../../test/world.js';

let w: World;
let keeper: Member;
beforeAll(async () => {
  w = await world();
  keeper = await w.h.staff('sample-keeper');
}, 60_000);
afterAll(() => w?.close());
beforeEach(() => w.h.time.set('2026-03-10T02:00:00Z'));

/** A customer, a product, and as many samples of it with the keeper. */
const shop = async (samples = '10') => {
  const [customer, tile] = [await w.distributor(), await w.product('40')];
  await keeper.post('/sample-receipts', { productCode: tile.code, quantity: samples, source: 'production' });
  const ask = (quantity: string, extra: object = {}, by = w.seller) =>
    by.post('/sample-requests', {
      distributorCode: customer.code,
      productCode: tile.code,
      quantity,
      purpose: 'show room',
      returnNeeded: true,
      ...extra,
    });
  const approved = async (quantity: string, extra: object = {}) => {
    const { body } = await ask(quantity, extra);
    await w.salesManager.post(`/sample-requests/${body.id}/approve`);
    return body as { id: string; number: string };
  };
  const inStock = async () => (await keeper.get(`/sample-stock?productId=${tile.id}`)).body.items[0].onHand as string;
  return { customer, tile, ask, approved, inStock };
};
const issue = (requestId: string, quantity: string, extra: object = {}, by = keeper) =>
  by.post('/samples', { requestId, quantity, ...extra });
const facts = async ({ body }: Reply) =>
  (await w.h.events()).filter(({ subject }) => subject === body.id).map(({ type }) => type.split('.')[3]);

describe('O-30 samples 样板申领单, 样板发放单', () => {
  clause('O-30', 'allowed', 'asked for, approved, issued, and back with the keeper', async () => {
    const { customer, tile, approved, inStock } = await shop();
    const request = await approved('4');
    const given = await issue(request.id, '4');
    expect(given.body).toMatchObject({
      state: 'issued',
      requestNumber: request.number,
      quantity: '4.000',
      returnOn: '2026-04-09',
      listValue: '160.00',
      requesterId: w.seller.id,
    });
    expect(await inStock()).toBe('6.000');
    const begins = await keeper.get(`/sample-stock?productCodePrefix=${tile.code}`);
    expect(begins.body.items).toMatchObject([{ productCode: tile.code, onHand: '6.000' }]);
    expect((await keeper.get('/sample-stock?productCodePrefix=none')).body.items).toEqual([]);
    expect((await w.gm.get(`/sample-requests/${request.id}`)).body).toMatchObject({
      state: 'fulfilled',
      issued: '4.000',
    });
    w.h.time.set('2026-03-20T02:00:00Z');
    const back = await keeper.post(`/samples/${given.body.id}/return`, { condition: 'good' });
    expect(back.body).toMatchObject({ state: 'returned', returnedOn: '2026-03-20' });
    expect(await inStock()).toBe('10.000');
    expect(await facts(given)).toEqual(['issued', 'returned']);
    const [issued] = (await w.h.events(sampleEvents.issued)).filter(({ subject }) => subject === given.body.id);
    expect(issued!.data).toMatchObject({ distributorId: customer.id, listValue: '160.00', meta: { rule: 'O-30' } });
  });

  clause('O-30', 'refused', 'T20: issued above what was approved, whoever asks and in however many parts', async () => {
    const { approved, inStock } = await shop('100');
    const { id } = await approved('4');
    expect((await issue(id, '4.001')).body).toMatchObject({
      status: 422,
      code: 'orders.sample.above-approved',
      rule: 'O-30',
      field: 'quantity',
    });
    expect((await issue(id, '3')).status).toBe(201);
    expect((await issue(id, '1.001')).body).toMatchObject({ status: 422, code: 'orders.sample.above-approved' });
    expect((await issue(id, '0')).body).toMatchObject({ status: 422, field: 'quantity' });
    expect((await issue(id, '1', {}, w.clerk)).body).toMatchObject({ status: 403, rule: 'O-30' });
    expect(await inStock()).toBe('97.000');
  });

  clause('O-30', 'refused', 'without approval, by who asked, and out of what is sold', async () => {
    const { tile, ask, approved } = await shop('1');
    const { body } = await ask('1');
    expect((await issue(body.id as string, '1')).body).toMatchObject({
      status: 409,
      code: 'orders.sample.request-not-approved',
    });
    expect((await w.seller.post(`/sample-requests/${body.id}/approve`)).status).toBe(403);
    const both = await w.h.staff(['order-clerk', 'sales-manager']);
    const own = await ask('1', {}, both);
    expect((await both.post(`/sample-requests/${own.body.id}/approve`)).status).toBe(403);
    await w.receive(tile.code, '50');
    expect((await issue((await approved('2')).id, '2')).body).toMatchObject({
      status: 422,
      code: 'orders.sample.not-in-stock',
    });
    const draw = { productCode: tile.code, quantity: '2', source: 'sales-stock', warehouse: 'MAIN', batch: 'B1' };
    expect((await keeper.post('/sample-receipts', draw)).body).toMatchObject({ status: 403, field: 'source' });
    expect((await w.keeper.post('/sample-receipts', { ...draw, batch: undefined })).body).toMatchObject({
      status: 422,
      field: 'batch',
    });
  });

  clause('O-30', 'boundary', 'exactly what was approved, and exactly what is free, is within', async () => {
    const { customer, tile, approved, inStock } = await shop('1');
    await w.receive(tile.code, '10');
    await w.order(customer.code, [{ productCode: tile.code, quantity: '7' }]);
    const draw = (quantity: string) =>
      w.keeper.post('/sample-receipts', {
        productCode: tile.code,
        quantity,
        source: 'sales-stock',
        warehouse: 'MAIN',
        batch: 'B1',
      });
    expect((await draw('3.001')).body).toMatchObject({ status: 422, code: 'orders.stock.not-free' });
    expect((await draw('3')).status).toBe(201);
    expect(await inStock()).toBe('4.000');
    expect((await issue((await approved('4')).id, '4')).status).toBe(201);
    expect(await inStock()).toBe('0.000');
    const { rows } = await w.h.pool.query('SELECT on_hand, reserved FROM stock_item WHERE product = $1', [tile.id]);
    expect(rows).toEqual([{ on_hand: '7.000', reserved: '7.000' }]);
  });

  it('is never issued twice, however many ask at once', async () => {
    const { approved, inStock } = await shop('5');
    const [one, other] = [await approved('4'), await approved('4')];
    const answers = await Promise.all([one, one, one, other, other].map(({ id }) => issue(id, '2')));
    const given = answers.filter(({ status }) => status === 201).length;
    expect(given).toBe(2); // five are there
    expect(await inStock()).toBe('1.000');
    const moved = (await w.h.events(sampleStockEvents.issued)).filter(({ data }) =>
      answers.some(({ body }) => body.id === (data as { sampleId?: string }).sampleId),
    );
    expect(moved).toHaveLength(given);
  });

  it('is used up where it need not come back, and can be lost and charged where it must', async () => {
    const { approved, inStock } = await shop();
    const kept = await issue((await approved('1', { returnNeeded: false })).id, '1');
    expect(kept.body).toMatchObject({ state: 'consumed' });
    expect((await keeper.get(`/samples/${kept.body.id}`)).body.deadlines).toEqual([]);
    const lost = await issue((await approved('2')).id, '2');
    expect((await keeper.post(`/samples/${lost.body.id}/lose`)).body).toMatchObject({ status: 400, field: 'reason' });
    await keeper.post(`/samples/${lost.body.id}/lose`, { reason: 'left at the fair' });
    const charge = (by: Member, amount = '80.00') =>
      by.post(`/samples/${lost.body.id}/charge`, { amount, reason: 'list price' });
    expect((await charge(keeper)).status).toBe(403);
    expect((await charge(w.finance, '0')).body).toMatchObject({ status: 422, field: 'amount' });
    expect((await charge(w.finance)).body).toMatchObject({ state: 'charged', charged: '80.00' });
    expect(await facts(lost)).toEqual(['issued', 'lost', 'charged']);
    const broken = await issue((await approved('1')).id, '1');
    await keeper.post(`/samples/${broken.body.id}/return`, { condition: 'damaged' });
    expect(await inStock()).toBe('6.000');
  });

  it('is due back on its day, included; then the sales manager hears of it', async () => {
    const { approved } = await shop();
    const request = await approved('1');
    expect((await issue(request.id, '1', { returnOn: '2026-03-09' })).body).toMatchObject({ field: 'returnOn' });
    const { body } = await issue(request.id, '1', { returnOn: '2026-03-16' });
    const told = async () =>
      (await w.h.events(noticeEvents('orders').requested))
        .map(({ data }) => data as unknown as { about: string; kind: string; to: { powers: object } })
        .filter(({ about }) => about === body.id);
    w.h.time.set('2026-03-16T15:59:59Z');
    await w.h.service.clocks.tick();
    expect((await told()).map(({ kind }) => kind)).toEqual(['reminder']);
    w.h.time.set('2026-03-16T16:00:00Z');
    await until('the breach', async () => {
      await w.h.service.clocks.tick();
      return (await told()).find(({ kind }) => kind === 'breach');
    });
    expect((await told()).at(-1)!.to.powers).toMatchObject({ 'sales-manager': 'all', 'sample-keeper': 'all' });
    const overdue = (await keeper.get('/samples?state=issued&returnOnTo=2026-03-16')).body.items;
    expect(overdue.map(({ id }: { id: string }) => id)).toContain(body.id);
  });

  clause('O-30', 'boundary', 'leads to an order on the ninetieth day, and not on the day after', async () => {
    const { customer, tile, approved } = await shop();
    const given = await issue((await approved('1')).id, '1');
    const order = (at: string, product = tile.code) => {
      w.h.time.set(at);
      return w.order(customer.code, [{ productCode: product, quantity: '1' }]);
    };
    const run = async (date: string) => {
      w.h.time.set(`${date}T21:30:00Z`);
      await w.h.service.jobs.run('sample-conversions', date);
    };
    await order('2026-06-07T02:00:00Z', (await w.product()).code);
    const { body } = await order('2026-06-08T02:00:00Z');
    await run('2026-06-08');
    const { body: converted } = await keeper.get(`/samples/${given.body.id}`);
    expect(converted).toMatchObject({ state: 'issued', orderId: body.id });
    const late = await shop();
    w.h.time.set('2026-03-10T02:00:00Z');
    const other = await issue((await late.approved('1')).id, '1');
    w.h.time.set('2026-06-09T02:00:00Z');
    await w.order(late.customer.code, [{ productCode: late.tile.code, quantity: '1' }]);
    await run('2026-06-09');
    expect((await keeper.get(`/samples/${other.body.id}`)).body.orderId).toBeNull();
  });
});
