import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newId } from '@fenxiao/domain/id';
import { migrateService } from '@fenxiao/service-kit/migrate';
import { harness, type Harness, type Member } from '@fenxiao/testing/harness';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { migrations } from './migrations.js';
import { orders } from './service.js';

/** A data folder of the first release, with something of everything in it, is brought up to date and read. */
const id = Object.fromEntries(
  ['region', 'customer', 'prepaying', 'product', 'stock', 'order', 'shipment', 'invoice', 'paid', 'payment'].map(
    (name) => [name, newId()],
  ),
) as Record<string, string>;
const subject = (key: string, state: string) =>
  `'${id[key]}', '${state}', 1, 1, 'system', now(), now(), '[]', '${id['region']}'`;
const columns = 'id, state, version, events, created_by, created_at, entered_at, approvals, region';
const rows = `
INSERT INTO known_distributor (id, code, name, region, segment, class, terms, payment_days, state) VALUES
  ('${id['customer']}', 'D1', 'D1', '${id['region']}', 'retail', 'B', 'credit', 30, 'active'),
  ('${id['prepaying']}', 'D2', 'D2', '${id['region']}', 'retail', 'B', 'prepaid', 30, 'active');
INSERT INTO product (${columns}, code, name, specification, grade, colour_number, family, sales_unit)
  VALUES (${subject('product', 'active')}, 'P1', 'Tile', '600', 'A', 'C1', 'floor', 'm2');
INSERT INTO stock_item (${columns}, product, warehouse, batch, grade, received_on, on_hand, reserved)
  VALUES (${subject('stock', 'on-hand')}, '${id['product']}', 'MAIN', 'B1', 'A', '2026-01-05', 10, 0);
INSERT INTO "order" (${columns}, number, distributor, distributor_code, segment, channel, ordered_on, partial_allowed, net, tax, gross, unshipped, holds, held_once, historic, findings)
  VALUES (${subject('order', 'partially-shipped')}, 'DD-1', '${id['customer']}', 'D1', 'retail', 'direct', '2026-01-06', true, 100, 13, 113, 56.5, '{}', false, false, '[]');
INSERT INTO order_line (order_id, line, product, product_code, family, quantity, list_price, unit_price, discount, gift, tax_rate, tax_included, net, tax, gross, allocated, issued, shipped)
  VALUES ('${id['order']}', 1, '${id['product']}', 'P1', 'floor', 2, 50, 50, 0, false, 13, false, 100, 13, 113, 0, 1, 1);
INSERT INTO shipment (${columns}, number, order_id, order_number, distributor, distributor_code, segment, channel, shipped_on, net, tax, gross, historic)
  VALUES (${subject('shipment', 'shipped')}, 'CH-2026-000001', '${id['order']}', 'DD-1', '${id['customer']}', 'D1', 'retail', 'direct', '2026-01-07', 50, 6.5, 56.5, false);
INSERT INTO shipment_line (shipment, line, order_line, product, product_code, family, colour_number, stock_item, batch, grade, quantity, unit_price, net, tax, gross)
  VALUES ('${id['shipment']}', 1, 1, '${id['product']}', 'P1', 'floor', 'C1', '${id['stock']}', 'B1', 'A', 1, 50, 50, 6.5, 56.5);
INSERT INTO invoice (${columns}, number, order_id, shipment, distributor, invoiced_on, due_on, net, tax, gross, open_amount)
  VALUES (${subject('invoice', 'outstanding')}, 'FP-2026-000001', '${id['order']}', '${id['shipment']}', '${id['customer']}', '2026-01-07', '2026-02-06', 50, 6.5, 56.5, 56.5),
    (${subject('paid', 'settled')}, 'FP-2026-000002', '${id['order']}', NULL, '${id['prepaying']}', '2026-01-07', '2026-02-06', 50, 6.5, 56.5, 0);
INSERT INTO payment (${columns}, number, distributor, received_on, amount, unapplied)
  VALUES (${subject('payment', 'unmatched')}, 'SK-2026-000001', '${id['customer']}', '2026-01-08', 10, 10);`;

let h: Harness;
let gm: Member;
beforeAll(async () => {
  const first = await mkdtemp(join(tmpdir(), 'first-release-'));
  await copyFile(join(migrations[0]!, '0001-orders.sql'), join(first, '0001-orders.sql'));
  h = await harness(orders, {
    before: async (url) => {
      await migrateService(url, 'orders', [first]);
      const client = new Client({ connectionString: url, options: '-c search_path=orders,public' });
      await client.connect();
      await client.query(rows);
      await client.end();
    },
  });
  await rm(first, { recursive: true });
  gm = await h.staff('general-manager');
}, 60_000);
afterAll(() => h?.close());

it('what the first release wrote is read after every migration since', async () => {
  const one = async (path: string, key: string) => {
    const { status, body } = await gm.get(`/${path}/${id[key]}`);
    expect([path, status]).toEqual([path, 200]);
    expect((await gm.get(`/${path}`)).body.items).toContainEqual(expect.objectContaining({ id: id[key] }));
    return body as object;
  };
  expect(await one('products', 'product')).toMatchObject({ code: 'P1' });
  expect(await one('stock', 'stock')).toMatchObject({ onHand: '10.000', blocked: false });
  expect(await one('orders', 'order')).toMatchObject({ state: 'partially-shipped', lines: [{ shipped: '1.000' }] });
  expect(await one('shipments', 'shipment')).toMatchObject({ lines: [{ returned: '0.000' }], damaged: [] });
  expect(await one('invoices', 'invoice')).toMatchObject({ openAmount: '56.50', onCredit: true });
  expect(await one('invoices', 'paid')).toMatchObject({ onCredit: false });
  expect(await one('payments', 'payment')).toMatchObject({ unapplied: '10.00' });
  const { rows: batches } = await h.pool.query('SELECT batch, state FROM batch');
  expect(batches).toEqual([{ batch: 'B1', state: 'free' }]);
});

it('and goes on: the old order is closed short', async () => {
  const form = { reason: 'no longer made', consent: 'by letter', consentedOn: '2026-03-10' };
  const manager = await h.staff('sales-manager');
  expect((await manager.post(`/orders/${id['order']}/close-short`, form)).body).toMatchObject({
    state: 'shipped',
    lines: [{ dropped: '1.000', droppedGross: '56.50' }],
  });
});
