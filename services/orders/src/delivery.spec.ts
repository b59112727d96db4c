import { delegationEvents } from '@fenxiao/contracts/appraisals';
import { shipmentEvents } from '@fenxiao/contracts/orders';
import { newId } from '@fenxiao/domain/id';
import { clause } from '@fenxiao/testing/clause';
import { until } from '@fenxiao/testing/wait';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { world, type World } from '../test/world.js';

let w: World;
beforeAll(async () => {
  w = await world();
}, 60_000);
afterAll(() => w?.close());
beforeEach(() => w.h.time.set('2026-03-10T02:00:00Z'));

/** A shipping order of ten units of one product and five of another, issued. */
const issued = async () => {
  const [customer, floor, wall] = [await w.distributor(), await w.product(), await w.product('20')];
  await w.receive(floor.code, '100');
  await w.receive(wall.code, '100');
  const { body: order } = await w.order(customer.code, [
    { productCode: floor.code, quantity: '10' },
    { productCode: wall.code, quantity: '5' },
  ]);
  const { body } = await w.clerk.post('/shipments', { orderId: order.id });
  return { order, floor, wall, path: `/shipments/${body.id}`, id: body.id as string };
};
const factOf = async (fact: 'dispatched' | 'received' | 'issued' | 'voided', id: string) =>
  (await w.h.events(shipmentEvents[fact])).find(({ subject }) => subject === id)!.data as Record<string, unknown>;
const digest = 'a'.repeat(64);

describe('O-04 shipping order', () => {
  clause(
    'O-04',
    'allowed',
    'the support clerk who acts for the sales manager issues it too, stamped with that',
    async () => {
      const support = await w.h.staff('sales-support-clerk');
      const { order } = await issued();
      const { body: voidable } = await w.clerk.get(`/shipments?orderId=${order.id}`);
      await w.clerk.post(`/shipments/${voidable.items[0].id}/void`, { reason: 'issued twice' });
      expect((await support.post('/shipments', { orderId: order.id })).body).toMatchObject({ status: 403 });
      const form = { absentId: w.salesManager.id, delegateId: support.id, until: '2026-03-12T10:00:00Z' };
      await w.h.publish(delegationEvents.started, newId(), { state: 'started', form });
      await w.h.settle();
      const made = await until('the acting to be known', async () => {
        const answer = await support.post('/shipments', { orderId: order.id });
        return answer.status === 201 && answer;
      });
      expect((await factOf('issued', made.body.id))['meta']).toMatchObject({
        actor: support.id,
        actingFor: w.salesManager.id,
        role: 'order-clerk',
      });
      // the manager in person does not issue any: whoever sells does not release the goods
      expect((await w.salesManager.post('/shipments', { orderId: order.id })).status).toBe(403);
    },
  );

  clause(
    'O-04',
    'boundary',
    'half of what is reserved, in parts of one batch: the other half can follow, also after a void',
    async () => {
      const [customer, tile] = [await w.distributor(), await w.product()];
      await w.receive(tile.code, '8');
      const { body: order } = await w.order(customer.code, [{ productCode: tile.code, quantity: '8' }]);
      const issue = (...quantities: string[]) =>
        w.clerk.post('/shipments', {
          orderId: order.id,
          lines: quantities.map((quantity) => ({ orderLine: 1, quantity })),
        });
      const { body: half } = await issue('2', '2');
      expect(half.lines).toMatchObject([{ quantity: '2.000' }, { quantity: '2.000' }]);
      expect((await issue('4')).status).toBe(201);
      expect((await issue('0.001')).body.code).toBe('orders.shipment.above-ordered');
      await w.clerk.post(`/shipments/${half.id}/void`, { reason: 'other lorry' });
      expect((await issue('4')).status).toBe(201);
      const { rows } = await w.h.pool.query('SELECT FROM reservation WHERE order_id = $1', [order.id]);
      expect(rows).toEqual([]);
    },
  );

  clause('O-04', 'refused', 'a void without a reason, of what has left, or twice', async () => {
    const { path } = await issued();
    expect((await w.clerk.post(`${path}/void`)).body).toMatchObject({ status: 400, field: 'reason' });
    expect((await w.keeper.post(`${path}/void`, { reason: 'x' })).status).toBe(403);
    await w.keeper.post(`${path}/dispatch`);
    expect((await w.clerk.post(`${path}/void`, { reason: 'x' })).body).toMatchObject({ status: 409, rule: 'O-04' });
    const other = await issued();
    expect((await w.clerk.post(`${other.path}/void`, { reason: 'x' })).status).toBe(200);
    expect((await w.clerk.post(`${other.path}/void`, { reason: 'x' })).status).toBe(409);
  });
});

describe('O-05 storage and transport', () => {
  clause('O-05', 'allowed', 'carrier, vehicle, departure, arrival, freight, proof of delivery', async () => {
    const { path, id, order } = await issued();
    const sent = await w.keeper.post(`${path}/dispatch`, { carrier: 'Rapid', vehicle: '渝A·1', freight: '120' });
    expect(sent.body).toMatchObject({ departedAt: '2026-03-10T02:00:00.000Z', promisedOn: order.promisedOn });
    expect(await factOf('dispatched', id)).toMatchObject({
      departedAt: '2026-03-10T02:00:00.000Z',
      promisedOn: order.promisedOn,
      freight: '120.00',
      net: '600.00',
    });
    w.h.time.set('2026-03-12T08:00:00Z');
    const signed = await w.clerk.post(`${path}/sign`, {
      arrivedAt: '2026-03-12T03:30:00Z',
      signer: '王小明',
      proof: { file: 'CH-signed.pdf', digest },
    });
    expect(signed.body).toMatchObject({
      state: 'signed',
      deliveredOn: '2026-03-12',
      arrivedAt: '2026-03-12T03:30:00.000Z',
      signer: '王小明',
      proof: { file: 'CH-signed.pdf', digest },
    });
    const fact = await factOf('received', id);
    expect(fact).toMatchObject({
      deliveredOn: '2026-03-12',
      onTime: true,
      promisedOn: order.promisedOn,
      freight: '120.00',
      net: '600.00',
      units: '15.000',
      damagedUnits: '0.000',
      proof: { file: 'CH-signed.pdf', digest },
    });
    expect(JSON.stringify(fact)).not.toContain('王小明');
    expect((await w.manager.get(path)).body.signer).toBe('王****');
    const page = (await w.clerk.get(`${path}/page`, { 'accept-language': 'zh-CN' })).body as string;
    for (const part of ['到达时间', '签收人', '王小明', '承诺交货日期']) expect(page).toContain(part);
  });

  clause(
    'O-05',
    'allowed',
    'a damage note says what is damaged, so that a complaint can be opened of it (C-01)',
    async () => {
      const { path, id, wall } = await issued();
      await w.keeper.post(`${path}/dispatch`);
      const damaged = [{ line: 2, quantity: '1.5', note: 'corners broken' }];
      expect((await w.clerk.post(`${path}/sign`, { damage: 'pallet fell', damaged })).status).toBe(200);
      expect(await factOf('received', id)).toMatchObject({
        damage: 'pallet fell',
        damagedUnits: '1.500',
        salespersonId: w.seller.id,
        damaged: [
          { line: 2, orderLine: 2, productId: wall.id, batch: 'B1', quantity: '1.500', note: 'corners broken' },
        ],
      });
    },
  );

  clause(
    'O-05',
    'refused',
    'departure or arrival to come, arrival before departure, damage without a note',
    async () => {
      const { path } = await issued();
      const dispatch = (form: object) => w.keeper.post(`${path}/dispatch`, form);
      expect((await dispatch({ departedAt: '2026-03-10T02:00:01Z' })).body).toMatchObject({
        code: 'orders.shipment.date-out-of-order',
        field: 'departedAt',
      });
      expect((await dispatch({ departedAt: '2026-03-09T02:00:00Z' })).body).toMatchObject({ field: 'departedAt' });
      expect((await dispatch({ shippedOn: '2026-03-09', departedAt: '2026-03-09T02:00:00Z' })).status).toBe(200);
      const sign = (form: object) => w.clerk.post(`${path}/sign`, form);
      expect((await sign({ arrivedAt: '2026-03-10T02:00:01Z' })).body).toMatchObject({ field: 'arrivedAt' });
      expect((await sign({ arrivedAt: '2026-03-09T01:59:59Z' })).body).toMatchObject({ field: 'arrivedAt' });
      expect((await sign({ deliveredOn: '2026-03-08' })).body).toMatchObject({ field: 'deliveredOn' });
      expect((await sign({ damaged: [{ line: 1, quantity: '1' }] })).body).toMatchObject({
        code: 'orders.shipment.damage-without-note',
      });
      expect((await sign({ proof: { file: 'x.pdf', digest: 'none' } })).body).toMatchObject({
        status: 400,
        field: 'proof.digest',
      });
      expect((await w.keeper.post(`${path}/sign`)).status).toBe(403);
    },
  );

  clause(
    'O-05',
    'boundary',
    'all of a line may be damaged, no more; arriving on the promised day is on time, the day after is not',
    async () => {
      const { path, id, order } = await issued();
      await w.keeper.post(`${path}/dispatch`);
      w.h.time.set(`${order.promisedOn}T15:00:00Z`);
      const sign = (quantities: string[]) =>
        w.clerk.post(`${path}/sign`, { damage: 'wet', damaged: quantities.map((quantity) => ({ line: 1, quantity })) });
      expect((await sign(['6', '4.001'])).body).toMatchObject({ code: 'orders.shipment.more-damaged-than-shipped' });
      expect((await sign(['0'])).body).toMatchObject({ code: 'orders.shipment.more-damaged-than-shipped' });
      expect((await sign(['6', '4'])).status).toBe(200);
      expect(await factOf('received', id)).toMatchObject({ onTime: true, damagedUnits: '10.000' });
      const late = await issued();
      await w.keeper.post(`${late.path}/dispatch`);
      w.h.time.set('2026-04-20T02:00:00Z');
      await w.clerk.post(`${late.path}/sign`);
      expect(await factOf('received', late.id)).toMatchObject({ onTime: false });
    },
  );
});

it('has shipping orders in the past without a departure of their own', async () => {
  const { path } = await issued();
  const { body } = await w.keeper.post(`${path}/dispatch`, { shippedOn: '2026-03-09' });
  expect(body).toMatchObject({ shippedOn: '2026-03-09', departedAt: null });
}, 30_000);
