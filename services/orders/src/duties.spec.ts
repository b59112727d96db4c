import { duties } from '@fenxiao/procedures/duties';
import type { Procedure } from '@fenxiao/procedures/procedure';
import { powersDeclared } from '@fenxiao/service-kit/powers';
import { clause } from '@fenxiao/testing/clause';
import type { Member, Reply } from '@fenxiao/testing/harness';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { evidence, world, type World } from '../test/world.js';
import { procedures } from './procedures.js';

let w: World;
let salesHead: Member;
beforeAll(async () => {
  w = await world();
  salesHead = await w.h.staff('sales-general-manager');
}, 60_000);
afterAll(() => w?.close());
beforeEach(() => w.h.time.set('2026-03-10T02:00:00Z'));

/** Does the first act as one person; the second can then be tried by anybody. */
type Scenario = () => Promise<{ first: Member; other: Member; second: (by: Member) => Promise<Reply> }>;

const shipped = async (seller: Member, clerk: Member) => {
  const [customer, tile] = [await w.distributor(), await w.product('100')];
  await w.receive(tile.code, '10');
  const { body: sold } = await w.order(customer.code, [{ productCode: tile.code, quantity: '1' }], {}, seller);
  const { body: shipment } = await clerk.post('/shipments', { orderId: sold.id });
  await w.keeper.post(`/shipments/${shipment.id}/dispatch`);
  const { body } = await w.finance.get(`/invoices?orderId=${sold.id}`);
  return { customer, invoice: body.items[0] as { id: string; number: string } };
};

let made = 0;
const reviewed = async (clerk: Member) => {
  const code = `S-${++made}`;
  const { body: shop } = await w.keeper.post('/warehouses', { code, name: code, kind: 'shop' });
  await w.salesManager.post(`/warehouses/${shop.id}/approve`);
  const tile = await w.product('1');
  const batch = { productCode: tile.code, batch: 'B1' };
  await w.keeper.post('/goods-receipts', { ...batch, warehouse: code, quantity: '1000' });
  const { body } = await w.salesManager.post('/stocktakes', { warehouse: code });
  const at = `/stocktakes/${body.id}`;
  await clerk.post(`${at}/begin`);
  for (const by of [clerk, w.keeper]) {
    await by.post(`${at}/enter-count`, { counts: [{ ...batch, quantity: '999' }] });
    await by.post(`${at}/finish-count`);
  }
  await w.keeper.post(`${at}/explain`, { reasons: [{ ...batch, reason: 'broken' }] });
  return at;
};

const submittedCut = async () => {
  const { code } = await w.product('100');
  const { body } = await w.manager.post('/price-cuts', {
    title: 'Spring',
    proposal: 'To sell more.',
    productCodes: [code],
    regionIds: [w.east],
    percentOff: '10',
    startsOn: '2026-03-12',
    endsOn: '2026-03-20',
  });
  await w.manager.post(`/price-cuts/${body.id}/submit`);
  return `/price-cuts/${body.id}`;
};

/** Whoever holds both positions does the first act; how each pair of duties is tried. */
const scenarios: Readonly<Record<string, Scenario>> = {
  'sale-and-receipt': async () => {
    const first = await w.h.staff(['salesperson', 'finance'], { regionId: w.east });
    const { customer, invoice } = await shipped(first, w.clerk);
    const matches = [{ invoiceId: invoice.id, amount: '1' }];
    const second = (by: Member) => by.post('/payments', { distributorCode: customer.code, amount: '1', matches });
    return { first, other: w.finance, second };
  },
  'price-and-approval': async () => {
    const first = await w.h.staff(['sales-manager', 'deputy-general-manager-sales']);
    const { code } = await w.product('5');
    const lines = [{ productCode: code, price: '6' }];
    const { body } = await w.salesManager.post('/price-lists', {
      code: `X${code}`,
      validFrom: '2026-03-11',
      taxIncluded: false,
      lines,
    });
    // somebody else drafted it; whoever edits it sets prices too
    const edited = { validFrom: '2026-03-12', taxIncluded: false, lines };
    await first.post(`/price-lists/${body.id}/edit`, edited, { 'if-match': `"${body.version}"` });
    await w.salesManager.post(`/price-lists/${body.id}/submit`, evidence);
    return { first, other: w.deputy, second: (by) => by.post(`/price-lists/${body.id}/approve`) };
  },
  'bands-and-approval': async () => {
    const first = await w.h.staff(['sales-manager', 'general-manager']);
    const { body } = await first.post('/price-bands', {
      validFrom: '2026-03-20',
      bands: [{ role: 'salesperson', lowest: '0', highest: '1000' }],
    });
    return { first, other: w.gm, second: (by) => by.post(`/price-bands/${body.id}/approve`) };
  },
  'cut-adjustment-and-decision': async () => {
    const first = await w.h.staff(['deputy-general-manager-sales', 'sales-general-manager']);
    const at = await submittedCut();
    await first.post(`${at}/adjust`);
    return { first, other: salesHead, second: (by) => by.post(`${at}/pass`) };
  },
  'cut-review-and-decision': async () => {
    const first = await w.h.staff(['sales-general-manager', 'general-manager']);
    const at = await submittedCut();
    await w.deputy.post(`${at}/adjust`);
    await first.post(`${at}/pass`);
    return { first, other: w.gm, second: (by) => by.post(`${at}/approve`) };
  },
  'order-and-special-price': async () => {
    const first = await w.h.staff(['salesperson', 'general-manager'], { regionId: w.east });
    const [customer, tile] = [await w.distributor(), await w.product('100')];
    await w.receive(tile.code, '10');
    const lines = [{ productCode: tile.code, quantity: '1', unitPrice: '90' }];
    const { body } = await w.place(customer.code, lines, {}, first);
    // another submits it and so asks for the price; whose order it is may not grant it
    await w.salesManager.post(`/orders/${body.id}/submit`);
    const { body: asked } = await w.gm.get(`/price-exceptions?orderId=${body.id}`);
    const { id } = asked.items[0] as { id: string };
    return { first, other: w.gm, second: (by) => by.post(`/price-exceptions/${id}/approve`) };
  },
  'order-and-credit-release': async () => {
    const first = await w.h.staff(['salesperson', 'deputy-general-manager-sales'], { regionId: w.east });
    const [customer, tile] = [await w.distributor({ limit: '0' }), await w.product('100')];
    await w.receive(tile.code, '10');
    const { body } = await w.order(customer.code, [{ productCode: tile.code, quantity: '1' }], {}, first);
    const release = { until: '2026-03-12T10:00:00Z', reason: 'a good customer' };
    return { first, other: w.deputy, second: (by) => by.post(`/orders/${body.id}/release-credit`, release) };
  },
  'count-and-approval': async () => {
    const first = await w.h.staff(['order-clerk', 'sales-manager']);
    const at = await reviewed(first);
    return { first, other: w.salesManager, second: (by) => by.post(`${at}/approve`) };
  },
  'count-and-posting': async () => {
    const first = await w.h.staff(['order-clerk', 'finance']);
    const at = await reviewed(first);
    await w.salesManager.post(`${at}/approve`);
    return { first, other: w.finance, second: (by) => by.post(`${at}/post`) };
  },
  'approval-and-posting': async () => {
    const first = await w.h.staff(['sales-manager', 'finance']);
    const at = await reviewed(w.clerk);
    await first.post(`${at}/approve`);
    return { first, other: w.finance, second: (by) => by.post(`${at}/post`) };
  },
  'warehouse-and-approval': async () => {
    const first = await w.h.staff(['finished-goods-keeper', 'sales-manager']);
    const { body } = await first.post('/warehouses', { code: 'OWN-1', name: 'own', kind: 'shop' });
    return { first, other: w.salesManager, second: (by) => by.post(`/warehouses/${body.id}/approve`) };
  },
  'write-off-and-approval': async () => {
    const first = await w.h.staff(['finance', 'general-manager']);
    const { invoice } = await shipped(w.seller, w.clerk);
    const { body } = await first.post('/write-offs', { invoiceId: invoice.id, grounds: 'bankrupt' });
    return { first, other: w.gm, second: (by) => by.post(`/write-offs/${body.id}/approve`) };
  },
  'write-off-and-receipt': async () => {
    const first = await w.h.staff(['finance', 'general-manager']);
    const { customer, invoice } = await shipped(w.seller, w.clerk);
    const matches = [{ invoiceId: invoice.id, amount: '1' }];
    await first.post('/payments', { distributorCode: customer.code, amount: '1', matches });
    const { body } = await w.finance.post('/write-offs', { invoiceId: invoice.id, grounds: 'bankrupt' });
    return { first, other: w.gm, second: (by) => by.post(`/write-offs/${body.id}/approve`) };
  },
};

const ours = duties.filter(({ service }) => service === 'orders');

describe('O-26 duties that are apart', () => {
  for (const { name, first, second } of ours)
    clause('O-26', 'refused', `${name}: who did ${first.join(' or ')} does not do ${second.join(' or ')}`, async () => {
      const { first: holder, other, second: act } = await scenarios[name]!();
      expect((await act(holder)).body).toMatchObject({ status: 403 });
      // the position is not refused, nor the act to somebody else
      const { status, body } = await act(other);
      expect({ done: status === 200 || status === 201, why: body.detail }).toEqual({ done: true });
    });

  it('are all walked here', () => {
    expect(Object.keys(scenarios).sort()).toEqual(ours.map(({ name }) => name).sort());
  });

  it('are kept by role as well where a role is named', () => {
    for (const { second, never } of ours)
      for (const act of never ? second : []) {
        const [name, move] = act.split('.') as [string, string];
        const found = procedures.find((bound) => (bound.procedure as Procedure).name === name)!;
        expect(powersDeclared(found.procedure as Procedure).get(move)!.by).toMatchObject({ [never!]: 'never' });
      }
  });

  it('name moves that there are', () => {
    const declared = new Set(
      procedures.flatMap((bound) => {
        const { name } = bound.procedure as Procedure;
        return [...powersDeclared(bound.procedure as Procedure).keys()].map((move) => `${name}.${move}`);
      }),
    );
    expect(ours.flatMap(({ first, second }) => [...first, ...second]).filter((act) => !declared.has(act))).toEqual([]);
  });

  clause(
    'O-26',
    'boundary',
    'an order clerk records no receipt, though also of finance: the act is refused, not the position',
    async () => {
      const both = await w.h.staff(['order-clerk', 'finance']);
      const { customer, invoice } = await shipped(w.seller, w.clerk);
      expect((await both.post('/payments', { distributorCode: customer.code, amount: '1' })).body).toMatchObject({
        status: 403,
        rule: 'O-26',
      });
      const { body } = await w.finance.post('/payments', { distributorCode: customer.code, amount: '1', matches: [] });
      const match = (by: Member) => by.post(`/payments/${body.id}/match`, { invoiceId: invoice.id, amount: '1' });
      expect((await match(both)).status).toBe(403);
      expect((await match(w.finance)).status).toBe(200);
      // what finance does beside it stays theirs
      expect((await both.get(`/invoices/${invoice.id}`)).status).toBe(200);
    },
  );
});
