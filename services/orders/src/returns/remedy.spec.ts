import { returnEvents } from '@fenxiao/contracts/goods';
import { clause } from '@fenxiao/testing/clause';
import { afterAll, beforeAll, describe, expect } from '@jest/globals';
import { goods, type Goods } from '../../test/goods.js';
import { world, type World } from '../../test/world.js';

let w: World;
let g: Goods;
beforeAll(async () => {
  w = await world();
  g = await goods(w);
}, 60_000);
afterAll(() => w?.close());

/** A customer who has received ten units at 33.33 before tax, and their shipping order. */
const sale = async (quantity = '10', price = '33.33') => {
  const [customer, tile] = [await w.distributor(), await w.product(price)];
  await w.receive(tile.code, '100');
  const sent = await g.shipped(customer.code, [{ productCode: tile.code, quantity }]);
  return { customer, tile, sent };
};
const ask = (shipmentId: string, quantity: string, extra: object = {}, by = g.afterSales) =>
  by.post('/returns', {
    shipmentId,
    lines: [{ shipmentLine: 1, quantity }],
    remedy: 'credit',
    cause: 'broken',
    ...extra,
  });
const invoiceOf = async (id: string) => (await w.finance.get(`/invoices/${id}`)).body;
const stockOf = async (product: string) =>
  Object.fromEntries(
    (await w.clerk.get(`/stock?productId=${product}`)).body.items.map((item: { batch: string }) => [item.batch, item]),
  ) as Record<string, { onHand: string; grade: string; blocked: boolean; free: string }>;

describe('O-07 another remedy than was authorised', () => {
  clause('O-07', 'allowed', 'what can no longer be replaced is authorised again, and credited', async () => {
    const { tile, sent } = await sale();
    const { body } = await g.inspected(sent.id, [{ shipmentLine: 1, quantity: '3' }], 'replacement');
    await w.salesManager.post(`/products/${tile.id}/retire`);
    expect((await w.clerk.post(`/returns/${body.id}/replace`)).body.code).toBe('orders.product.retired');
    const changed = await changeRemedy(body.id, 'credit');
    expect(changed).toMatchObject({ status: 200, body: { state: 'inspected', remedy: 'credit' } });
    const [fact] = (await w.h.events(returnEvents['remedy-changed'])).filter(({ subject }) => subject === body.id);
    expect(fact!.data).toMatchObject({ remedy: 'credit', meta: { reason: 'no longer made', role: 'sales-manager' } });
    expect((await w.clerk.post(`/returns/${body.id}/replace`)).body.code).toBe('orders.return.other-remedy');
    const credited = await w.finance.post(`/returns/${body.id}/credit`);
    expect(credited.body).toMatchObject({ state: 'credited', replacementOrderId: null });
    expect(await invoiceOf(sent.invoice.id)).toMatchObject({ openAmount: '263.64' });
    expect(await stockOf(tile.id)).toMatchObject({ B1: { onHand: '93.000' } });
  });
  const changeRemedy = (id: string, remedy: string, by = w.salesManager) =>
    by.post(`/returns/${id}/change-remedy`, { remedy, reason: 'no longer made' });

  clause(
    'O-07',
    'refused',
    'authorised again by others, for what one asked for oneself, or without a reason',
    async () => {
      const { sent } = await sale();
      const both = await w.h.staff(['sales-manager', 'sales-support-clerk']);
      const { body } = await ask(sent.id, '1', { remedy: 'replacement' }, both);
      await w.salesManager.post(`/returns/${body.id}/authorise`);
      for (const other of [both, w.finance, w.clerk, g.afterSales, w.deputy])
        expect((await changeRemedy(body.id, 'credit', other)).status).toBe(403);
      expect((await w.salesManager.post(`/returns/${body.id}/change-remedy`, { remedy: 'credit' })).body).toMatchObject(
        {
          status: 400,
          field: 'reason',
        },
      );
    },
  );

  clause(
    'O-07',
    'boundary',
    'authorised again once authorised and until it is decided, for another remedy',
    async () => {
      const { sent } = await sale();
      const { body } = await ask(sent.id, '1', { remedy: 'replacement' });
      expect((await changeRemedy(body.id, 'credit')).status).toBe(409);
      await w.salesManager.post(`/returns/${body.id}/authorise`);
      expect((await changeRemedy(body.id, 'replacement')).body).toMatchObject({
        status: 422,
        code: 'orders.return.same-remedy',
        field: 'remedy',
      });
      expect((await changeRemedy(body.id, 'credit')).body.state).toBe('authorised');
      await w.keeper.post(`/returns/${body.id}/receive`, { warehouse: 'MAIN' });
      expect((await changeRemedy(body.id, 'replacement')).body).toMatchObject({
        state: 'received',
        remedy: 'replacement',
      });
      await g.quality.post(`/returns/${body.id}/inspect`, { results: [{ line: 1, quantity: '1', result: 'restock' }] });
      expect((await w.clerk.post(`/returns/${body.id}/replace`)).body.state).toBe('replaced');
      expect((await changeRemedy(body.id, 'credit')).status).toBe(409);
    },
  );
});
