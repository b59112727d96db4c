import { orderFileEvents } from '@fenxiao/contracts/collection';
import { noticeEvents } from '@fenxiao/contracts/platform';
import { clause } from '@fenxiao/testing/clause';
import type { Member } from '@fenxiao/testing/harness';
import { until } from '@fenxiao/testing/wait';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { world, type World } from '../../test/world.js';
import { completenessOf, percentOf } from './completeness.js';

let w: World;
let archivist: Member;
beforeAll(async () => {
  w = await world();
  archivist = await w.h.staff('sales-support-clerk');
}, 60_000);
afterAll(() => w?.close());

let filed = 0;
const digest = () => (++filed).toString(16).padStart(64, '0');
/** An order of two units, shipped and signed for. */
const completed = async (sign: object = {}) => {
  const [customer, tile] = [await w.distributor(), await w.product('100')];
  await w.receive(tile.code, '10');
  const { body: sold } = await w.order(customer.code, [{ productCode: tile.code, quantity: '2' }]);
  const { body: shipment } = await w.clerk.post('/shipments', { orderId: sold.id });
  await w.keeper.post(`/shipments/${shipment.id}/dispatch`);
  const register = (kind: string, extra: object = {}, by = archivist) =>
    by.post('/order-documents', {
      orderId: sold.id,
      kind,
      name: `${kind}.pdf`,
      digest: digest(),
      storage: 'cabinet 3, shelf 2',
      ...extra,
    });
  const finish = async () => {
    await w.clerk.post(`/shipments/${shipment.id}/sign`, sign);
    await w.reaches(sold.id, 'completed');
  };
  const file = async (by = archivist) => (await by.get(`/orders/${sold.id}/file`)).body;
  const listed = async (state: string) =>
    (await archivist.get(`/order-files?orderId=${sold.id}&state=${state}`)).body.items as Record<string, unknown>[];
  return { id: sold.id as string, shipment, register, finish, file, listed };
};

describe('O-23 sales archive', () => {
  clause(
    'O-23',
    'allowed',
    'the documents of an order in one view; completed without them it is on the list',
    async () => {
      const { id, shipment, register, finish, file, listed } = await completed();
      await finish();
      const missing = ['contract', `proof-of-delivery ${shipment.number}`];
      expect(await file()).toMatchObject({ expected: 4, present: 2, completeness: '50', missing });
      await until('the file to be assessed', async () => (await listed('incomplete')).length > 0);
      expect(await listed('incomplete')).toMatchObject([{ orderId: id, missing, completeness: '50' }]);

      expect((await register('contract')).body).toMatchObject({
        state: 'registered',
        number: expect.stringMatching(/^DA-/),
      });
      const { body: proof } = await register('proof-of-delivery', { shipmentId: shipment.id });
      expect(await listed('complete')).toMatchObject([{ expected: 4, present: 4, missing: [] }]);
      const whole = await file(w.seller);
      expect(whole.documents.map(({ kind, source }: Record<string, string>) => `${kind} ${source}`)).toEqual([
        'contract registered',
        'invoice system',
        'proof-of-delivery registered',
        'shipping-order system',
      ]);
      expect((await archivist.post(`/order-documents/${proof.id}/withdraw`, { reason: 'illegible' })).status).toBe(200);
      expect(await listed('incomplete')).toHaveLength(1);
      const assessed = (await w.h.events(orderFileEvents.assessed))
        .map(({ data }) => data as Record<string, unknown>)
        .filter(({ orderId }) => orderId === id);
      expect(assessed.map(({ complete, completeness }) => [complete, completeness])).toEqual([
        [false, '50'],
        [false, '75'],
        [true, '100'],
        [false, '75'],
      ]);
      expect(assessed[0]).toMatchObject({ regionId: w.east, salespersonId: w.seller.id, completedOn: '2026-03-10' });
    },
  );

  clause(
    'O-23',
    'refused',
    'registered by others, the same file twice, of another order, without its delivery',
    async () => {
      const { register } = await completed();
      const other = await completed();
      for (const by of [w.clerk, w.salesManager, w.seller])
        expect((await register('contract', {}, by)).body).toMatchObject({ status: 403, rule: 'O-23' });
      const same = digest();
      expect((await register('contract', { digest: same })).status).toBe(201);
      expect((await register('other', { digest: same })).body.code).toBe('orders.order-document.known');
      expect((await register('proof-of-delivery')).body.code).toBe('orders.order-document.shipment-needed');
      expect((await register('proof-of-delivery', { shipmentId: other.shipment.id })).body.code).toBe(
        'orders.order-document.no-such-shipment',
      );
      expect((await register('contract', { digest: 'abc' })).body).toMatchObject({ status: 400, field: 'digest' });
      const west = await w.h.staff('regional-manager', { regionId: w.west });
      expect((await west.get(`/orders/${other.id}/file`)).status).toBe(403);
      expect((await w.keeper.get(`/orders/${other.id}/file`)).status).toBe(403);
    },
  );

  clause(
    'O-23',
    'boundary',
    'goods that came damaged need the complaint as well; complete files are on no list',
    async () => {
      const { shipment, register, finish, file, listed } = await completed({ damage: 'two tiles broken' });
      await register('contract');
      await register('proof-of-delivery', { shipmentId: shipment.id });
      await finish();
      expect(await file()).toMatchObject({ expected: 5, present: 4, missing: [`complaint ${shipment.number}`] });
      await register('complaint', { shipmentId: shipment.id });
      await until('the file to be complete', async () => (await listed('complete')).length > 0);
      expect(await listed('incomplete')).toEqual([]);
    },
  );

  it('tells the support clerk every Monday how many files are not complete', async () => {
    const { finish, listed } = await completed();
    await finish();
    await until('the file to be assessed', async () => (await listed('incomplete')).length > 0);
    await w.h.service.jobs.run('incomplete-order-files', '2026-03-09');
    const told = (await w.h.events(noticeEvents('orders').requested)).map(
      ({ data }) => data as Record<string, unknown>,
    );
    expect(told).toContainEqual(
      expect.objectContaining({
        procedure: 'order-file',
        kind: 'reminder',
        to: { powers: { 'sales-support-clerk': 'all' } },
      }),
    );
  });

  it('what is missing and what is there are what is expected, and all there is 100 %', () => {
    const delivery = fc.record({
      number: fc.string(),
      damaged: fc.boolean(),
      invoiced: fc.boolean(),
      proof: fc.boolean(),
      complaint: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.boolean(), fc.array(delivery), (contract, deliveries) => {
        const found = completenessOf(contract, deliveries);
        expect(found.present + found.missing.length).toBe(found.expected);
        expect(String(percentOf(found)) === '100').toBe(found.missing.length === 0);
      }),
    );
  });
});
