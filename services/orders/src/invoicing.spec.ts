import { invoiceEvents } from '@fenxiao/contracts/orders';
import { clause } from '@fenxiao/testing/clause';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { goods, type Goods } from '../test/goods.js';
import { world, type World } from '../test/world.js';

let w: World;
let g: Goods;
beforeAll(async () => {
  w = await world();
  g = await goods(w);
}, 60_000);
afterAll(() => w?.close());
beforeEach(() => w.h.time.set('2026-03-10T02:00:00Z'));

const terms = (distributorId: string, invoicing: 'monthly' | 'per-shipment', by = w.finance) =>
  by.post('/invoicing-terms', { distributorId, invoicing });
/** A customer invoiced monthly, and a product at 100 before tax. */
const monthly = async (limit = '1000000') => {
  const [customer, tile] = [await w.distributor({ limit }), await w.product('100')];
  await w.receive(tile.code, '100');
  const { body } = await terms(customer.id, 'monthly');
  await w.salesManager.post(`/invoicing-terms/${body.id}/approve`);
  const ship = (quantity: string) => g.shipped(customer.code, [{ productCode: tile.code, quantity }]);
  return { customer, tile, ship };
};
const invoices = async (distributorId: string) =>
  (await w.finance.get(`/invoices?distributorId=${distributorId}`)).body.items as { id: string; number: string }[];
const endOfMonth = async () => {
  w.h.time.set('2026-03-31T15:35:00Z');
  return w.h.service.jobs.run('consolidate-invoices', '2026-03-31');
};

describe('O-50 consolidated invoices', () => {
  clause(
    'O-50',
    'allowed',
    'all shipments of the month on one invoice, due from its end, and credited like others',
    async () => {
      const { customer, ship } = await monthly();
      const [first, second] = [await ship('1'), await ship('2')];
      expect(await invoices(customer.id)).toEqual([]);
      expect(first.invoice).toBeUndefined();
      const early = await g.inspected(second.id, [{ shipmentLine: 1, quantity: '1' }], 'credit');
      expect((await w.finance.post(`/returns/${early.body.id}/credit`)).body).toMatchObject({
        status: 409,
        code: 'orders.credit-note.not-invoiced',
      });
      await endOfMonth();
      const [made, ...others] = await invoices(customer.id);
      expect(others).toEqual([]);
      expect(made).toMatchObject({
        invoicedOn: '2026-03-31',
        dueOn: '2026-04-30',
        net: '300.00',
        gross: '339.00',
        openAmount: '339.00',
      });
      const [issued] = (await w.h.events(invoiceEvents.issued)).filter(({ subject }) => subject === made!.id);
      expect(issued!.data).toMatchObject({
        orderId: first.orderId,
        shipments: [{ shipmentId: first.id }, { shipmentId: second.id, shipmentNumber: second.number }],
        lines: [
          { line: 1, quantity: '1.000' },
          { line: 2, quantity: '2.000' },
        ],
      });
      expect((await w.finance.post(`/returns/${early.body.id}/credit`)).status).toBe(200);
      expect((await w.finance.get(`/invoices/${made!.id}`)).body).toMatchObject({ openAmount: '226.00' });
      const page = await w.finance.get(`/invoices/${made!.id}/page`, { 'accept-language': 'zh-CN' });
      for (const part of ['所含出货单', first.number, second.number]) expect(page.body).toContain(part);
    },
  );

  clause(
    'O-50',
    'refused',
    'the terms of invoicing need a second person (O-26), and nobody else proposes them',
    async () => {
      const customer = await w.distributor();
      expect((await terms(customer.id, 'monthly', w.salesManager)).status).toBe(403);
      const { body } = await terms(customer.id, 'monthly');
      expect((await w.finance.post(`/invoicing-terms/${body.id}/approve`)).status).toBe(403);
      expect((await w.clerk.post(`/invoicing-terms/${body.id}/approve`)).status).toBe(403);
      expect((await terms(w.seller.id, 'monthly')).body).toMatchObject({ code: 'orders.distributor.unknown' });
    },
  );

  clause('O-50', 'boundary', 'what waits counts towards the exposure, up to exactly the limit', async () => {
    const { customer, tile, ship } = await monthly('339');
    await ship('2');
    expect((await w.order(customer.code, [{ productCode: tile.code, quantity: '1' }])).body.state).toBe('allocated');
    expect((await w.order(customer.code, [{ productCode: tile.code, quantity: '0.001' }])).body).toMatchObject({
      state: 'on-hold',
      holds: ['credit'],
    });
  });

  clause(
    'O-50',
    'boundary',
    "the last day's shipments are in it, the next day's in the next month's; by shipment again when so agreed",
    async () => {
      const { customer, ship } = await monthly();
      w.h.time.set('2026-04-30T10:00:00Z');
      await ship('1');
      w.h.time.set('2026-04-30T16:05:00Z'); // 1 May in Shanghai
      await ship('2');
      await w.h.service.jobs.run('consolidate-invoices', '2026-04-30');
      // a month with one shipment is an invoice like any other
      expect(await invoices(customer.id)).toMatchObject([{ invoicedOn: '2026-04-30', gross: '113.00' }]);
      const { body } = await terms(customer.id, 'per-shipment');
      await w.salesManager.post(`/invoicing-terms/${body.id}/approve`);
      expect((await ship('3')).invoice).toMatchObject({ gross: '339.00' });
      w.h.time.set('2026-05-31T15:35:00Z');
      await w.h.service.jobs.run('consolidate-invoices', '2026-05-31');
      expect((await invoices(customer.id)).map(({ number }) => number)).toHaveLength(3);
    },
  );

  it('is one invoice for each salesperson, since a sale counts for one', async () => {
    const { customer, tile, ship } = await monthly();
    await ship('1');
    const other = await w.h.staff('salesperson', { regionId: w.east });
    const { body: order } = await w.order(customer.code, [{ productCode: tile.code, quantity: '2' }], {}, other);
    const { body: shipment } = await w.clerk.post('/shipments', { orderId: order.id });
    await w.keeper.post(`/shipments/${shipment.id}/dispatch`);
    w.h.time.set('2026-06-30T15:35:00Z');
    await w.h.service.jobs.run('consolidate-invoices', '2026-06-30');
    const issued = (await w.h.events(invoiceEvents.issued)).map(
      ({ data }) => data as { distributorId?: string; salespersonId?: string },
    );
    const sellers = issued
      .filter(({ distributorId }) => distributorId === customer.id)
      .map(({ salespersonId }) => salespersonId);
    expect(new Set(sellers)).toEqual(new Set([w.seller.id, other.id]));
    expect(sellers).toHaveLength(2);
  }, 30_000);
});
