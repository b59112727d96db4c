import { orderEvents } from '@fenxiao/contracts/orders';
import { clause } from '@fenxiao/testing/clause';
import type { Member } from '@fenxiao/testing/harness';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { broken } from '../test/invariants.js';
import { production, type Production } from '../test/production.js';
import { world, type World } from '../test/world.js';

const START = '2026-03-10T02:00:00Z';
let w: World;
let p: Production;
let tile: { id: string; code: string };
let customer: { id: string; code: string };
beforeAll(async () => {
  w = await world(START);
  p = await production(w);
}, 60_000);
afterAll(() => w?.close());
beforeEach(async () => {
  w.h.time.set(START);
  [customer, tile] = [await w.distributor({ limit: '99999999' }), await w.product('50')];
});

const agreed = { reason: 'the kiln is gone', consent: 'letter of the buyer, no. 7', consentedOn: '2026-03-10' };
const close = (id: string, form: object = agreed, by: Member = w.salesManager) =>
  by.post(`/orders/${id}/close-short`, form);
/** an order of 10 of which 4 are shipped; the rest is not there, but for what is given */
async function partly({ there = '4', ship = '4', extra = {} } = {}) {
  await w.receive(tile.code, there);
  const { body } = await w.order(customer.code, [{ productCode: tile.code, quantity: '10' }], extra);
  const shipped = await send(body.id, ship);
  return { id: body.id as string, shipped };
}
async function send(orderId: string, quantity: string) {
  const { body } = await w.clerk.post('/shipments', { orderId, lines: [{ orderLine: 1, quantity }] });
  await w.keeper.post(`/shipments/${body.id}/dispatch`);
  return body.id as string;
}
const sign = (shipmentId: string) => w.clerk.post(`/shipments/${shipmentId}/sign`);
const dataOf = async (contract: Parameters<World['h']['events']>[0], id: string) =>
  (await w.h.events(contract)).find(({ subject }) => subject === id)?.data as object;
const owes = async () => {
  const { body } = await w.finance.get('/receivables?limit=200');
  return (body.items as { distributorId: string }[]).find(({ distributorId }) => distributorId === customer.id);
};

describe('O-06 short close', () => {
  clause('O-06', 'allowed', 'the rest is dropped with consent, and the order ends with what was shipped', async () => {
    const { id, shipped } = await partly({ there: '5' });
    expect((await w.read(id)).lines).toMatchObject([{ allocated: '1.000', shipped: '4.000' }]);
    const closed = await close(id);
    expect(closed).toMatchObject({
      status: 200,
      body: {
        state: 'shipped',
        net: '500.00',
        consent: 'letter of the buyer, no. 7',
        consentedOn: '2026-03-10',
        lines: [{ quantity: '10.000', shipped: '4.000', allocated: '0.000', dropped: '6.000' }],
      },
    });
    const data = await dataOf(orderEvents['closed-short'], id);
    expect(data).toMatchObject({
      net: '500.00',
      shippedNet: '200.00',
      shippedTax: '26.00',
      shippedGross: '226.00',
      lines: [{ quantity: '10.000', shipped: '4.000', dropped: '6.000', droppedNet: '300.00', droppedGross: '339.00' }],
      meta: { reason: 'the kiln is gone', role: 'sales-manager', rule: 'O-06' },
    });
    expect(await broken(w.h.pool, [customer, tile])).toEqual([]);
    await sign(shipped);
    expect(await w.read(id)).toMatchObject({ state: 'completed' });
    expect(await broken(w.h.pool, [customer, tile])).toEqual([]);
  });

  it('is completed at once where all that was shipped is signed for, on time by the day it came', async () => {
    const { id, shipped } = await partly({ extra: { promisedOn: '2026-03-12' } });
    w.h.time.set('2026-03-12T02:00:00Z');
    await sign(shipped);
    w.h.time.set('2026-04-20T02:00:00Z');
    expect((await close(id)).body.state).toBe('completed');
    const data = await dataOf(orderEvents.delivered, id);
    expect(data).toMatchObject({ shipmentId: shipped, deliveredOn: '2026-03-12', onTime: true });
    expect(await broken(w.h.pool, [customer, tile])).toEqual([]);
  });

  it('gives goods to whoever waits, takes no more, and frees the credit that held the next order', async () => {
    customer = await w.distributor({ limit: '600' });
    const { id } = await partly();
    const held = await w.order(customer.code, [{ productCode: tile.code, quantity: '5' }]);
    expect(held.body).toMatchObject({ state: 'on-hold', holds: ['credit'] });
    await close(id);
    await w.reaches(held.body.id, 'backordered');
    // 226.00 invoiced, 282.50 on order
    expect(await owes()).toMatchObject({ total: '226.00', exposure: '508.50' });
    await w.receive(tile.code, '20', { batch: 'B2' });
    expect(await w.reaches(held.body.id, 'allocated')).toMatchObject({ lines: [{ allocated: '5.000' }] });
    expect((await w.read(id)).lines).toMatchObject([{ allocated: '0.000', dropped: '6.000' }]);
  });

  it('ends what production has not begun, and the sheet of open large orders no longer has it', async () => {
    tile = await w.product('50', { family: await p.family('10') });
    const { id } = await partlyLarge();
    await close(id);
    expect((await p.requests(id)).map(({ state }) => state as string)).toEqual(['withdrawn']);
    const [{ form }] = (await summary()) as [{ form: { lines: object[] } }];
    expect(form.lines).toEqual([]);
  });
  async function partlyLarge() {
    await w.receive(tile.code, '4');
    const { body } = await w.order(customer.code, [{ productCode: tile.code, quantity: '10' }]);
    const [asked] = await p.requests(body.id);
    await p.moves(asked!.id, ['schedule', { scheduledOn: '2026-03-20', quantity: '6' }]);
    await send(body.id, '4');
    return { id: body.id as string };
  }
  async function summary() {
    await w.h.service.jobs.run('summarise-production', '2026-03-10');
    const { body } = await w.gm.get('/production-summaries');
    return Promise.all(
      (body.items as { id: string }[]).map(async ({ id }) => (await w.gm.get(`/production-summaries/${id}`)).body),
    );
  }

  it('the daily report takes the dropped part back, once', async () => {
    w.h.time.set('2026-03-10T02:00:00Z');
    const { id } = await partly();
    const before = await totals('2026-03-10');
    w.h.time.set('2026-03-11T02:00:00Z');
    await close(id, { ...agreed, consentedOn: '2026-03-11' });
    expect(before).toMatchObject({ shipment: expect.anything() });
    expect(await totals('2026-03-11')).toEqual({ cancellation: '300.00' });
    expect(await totals('2026-03-12')).toEqual({});
  });
  async function totals(day: string) {
    w.h.time.set(`${day}T10:00:00Z`);
    await w.h.service.jobs.run('generate-daily-report', day);
    const { totals: all } = (await w.clerk.get(`/daily-reports?day=${day}`)).body.items[0];
    return Object.fromEntries(all.map(({ basis, net }: { basis: string; net: string }) => [basis, net])) as object;
  }

  clause(
    'O-06',
    'refused',
    'by others, without reason or consent, or while a shipping order is under way',
    async () => {
      const { id } = await partly({ there: '6' });
      for (const other of [w.seller, w.clerk, w.deputy, w.manager])
        expect((await close(id, agreed, other)).status).toBe(403);
      for (const field of ['reason', 'consent', 'consentedOn']) {
        const { [field]: _, ...form } = agreed as Record<string, string>;
        expect((await close(id, form)).body).toMatchObject({ status: 400, field });
      }
      for (const consentedOn of ['2026-03-09', '2026-03-11'])
        expect((await close(id, { ...agreed, consentedOn })).body).toMatchObject({
          code: 'orders.order.consent-out-of-order',
          field: 'consentedOn',
        });
      const { body } = await w.clerk.post('/shipments', { orderId: id });
      expect((await close(id)).body).toMatchObject({ status: 409, code: 'orders.order.shipping-orders-under-way' });
      await w.clerk.post(`/shipments/${body.id}/void`, { reason: 'the rest is not coming' });
      expect((await close(id)).status).toBe(200);
      expect((await close(id)).status).toBe(409);
      expect(await broken(w.h.pool, [customer, tile])).toEqual([]);
    },
  );

  clause(
    'O-06',
    'boundary',
    'what nothing was shipped of is cancelled; what was shipped whole has no rest',
    async () => {
      const { body } = await w.order(customer.code, [{ productCode: tile.code, quantity: '10' }]);
      expect((await close(body.id)).body).toMatchObject({ status: 409, state: 'backordered' });
      await w.seller.post(`/orders/${body.id}/cancel`, { reason: 'not wanted' });

      const { id, shipped } = await partly({ there: '10' });
      const rest = await send(id, '6');
      expect((await close(id)).body).toMatchObject({ status: 409, state: 'shipped' });
      await sign(shipped);
      expect((await close(id)).body).toMatchObject({ status: 409, code: 'orders.order.nothing-left-to-drop' });
      await sign(rest);
      expect(await w.read(id)).toMatchObject({ state: 'completed' });
    },
  );

  clause('O-06', 'boundary', 'to the fen: odd amounts of what was shipped and dropped make up the line', async () => {
    tile = await w.product('0.3333');
    const { id, shipped } = await partly({ there: '3.333', ship: '3.333' });
    await close(id);
    const [line] = (await w.read(id)).lines as [{ gross: string; droppedGross: string }];
    const invoice = (await w.finance.get(`/invoices?orderId=${id}`)).body.items[0] as { gross: string };
    expect((Number(line.droppedGross) * 100 + Number(invoice.gross) * 100).toFixed(0)).toBe(
      (Number(line.gross) * 100).toFixed(0),
    );
    await sign(shipped);
    expect(await broken(w.h.pool, [customer, tile])).toEqual([]);
  });

  clause(
    'O-11',
    'refused',
    'the gift alone, or one piece at a price approved for more, ends at no price of its own',
    async () => {
      await w.receive(tile.code, '103');
      const gifts = [
        { productCode: tile.code, quantity: '100' },
        { productCode: tile.code, quantity: '3', gift: true },
      ];
      const { body: given } = await w.order(customer.code, gifts, {}, w.salesManager);
      expect(given.holds).toEqual([]);
      const { body: sent } = await w.clerk.post('/shipments', {
        orderId: given.id,
        lines: [{ orderLine: 2, quantity: '3' }],
      });
      await w.keeper.post(`/shipments/${sent.id}/dispatch`);
      expect((await close(given.id)).body).toMatchObject({
        status: 403,
        rule: 'O-11',
        code: 'orders.order.price-of-what-was-shipped',
      });
      expect((await w.read(given.id)).state).toBe('partially-shipped');
    },
  );

  clause('O-11', 'boundary', 'whoever may sell at the price of what was shipped may close at it', async () => {
    await w.receive(tile.code, '4');
    const cheap = [{ productCode: tile.code, quantity: '10', discount: '4' }];
    const { body } = await w.order(customer.code, cheap);
    const [{ id: asked }] = (await w.gm.get(`/price-exceptions?orderId=${body.id}`)).body.items as [{ id: string }];
    await w.deputy.post(`/price-exceptions/${asked}/approve`);
    await w.reaches(body.id, 'backordered');
    await send(body.id, '4');
    expect((await close(body.id)).body.code).toBe('orders.order.price-of-what-was-shipped');
    expect((await close(body.id, agreed, w.deputy)).body.state).toBe('shipped');
  });
});
