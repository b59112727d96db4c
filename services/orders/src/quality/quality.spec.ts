import { batchEvents, gradeSubstitutionEvents, inspectionEvents } from '@fenxiao/contracts/goods';
import { orderEvents } from '@fenxiao/contracts/orders';
import { noticeEvents } from '@fenxiao/contracts/platform';
import { clause } from '@fenxiao/testing/clause';
import { until } from '@fenxiao/testing/wait';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { goods, type Goods } from '../../test/goods.js';
import { world, type World } from '../../test/world.js';

let w: World;
let g: Goods;
beforeAll(async () => {
  w = await world();
  g = await goods(w);
}, 60_000);
afterAll(() => w?.close());

const batchOf = async (product: string, name = 'B1') =>
  (await g.quality.get(`/batches?productId=${product}&batch=${name}`)).body.items[0];
const stockOf = async (product: string, name = 'B1') =>
  (await w.clerk.get(`/stock?productId=${product}&batch=${name}`)).body.items[0];
const factsOf = async (id: string) => {
  const facts = (await w.h.events()).filter(({ subject }) => subject === id);
  return facts.map(({ type }) => type.split('.')[3]);
};

describe('O-41 product quality control', () => {
  clause('O-41', 'allowed', 'a hold gives reserved goods back, and a release gives them to who waits', async () => {
    const [customer, tile] = [await w.distributor(), await w.product()];
    await w.receive(tile.code, '10');
    const { body: order } = await w.order(customer.code, [{ productCode: tile.code, quantity: '6' }]);
    expect(order.state).toBe('allocated');
    expect((await g.inspect(tile.code, 'B1', 'hold')).body).toMatchObject({ state: 'held', first: true });
    expect(await batchOf(tile.id)).toMatchObject({ state: 'held', inspected: true });
    expect(await w.reaches(order.id, 'backordered')).toMatchObject({ lines: [{ allocated: '0.000' }] });
    expect(await stockOf(tile.id)).toMatchObject({ onHand: '10.000', reserved: '0.000', free: '0.000', blocked: true });
    const told = (await w.h.events(noticeEvents('orders').requested)).filter(
      ({ data }) => (data as { about?: string }).about === order.id,
    );
    expect(told[0]!.data).toMatchObject({ to: { persons: [w.seller.id] }, detail: `${tile.code} B1: held` });
    const [back] = (await w.h.events(orderEvents.backordered)).filter(({ subject }) => subject === order.id);
    expect(back!.data).toMatchObject({ lines: [{ short: '6.000' }], meta: { rule: 'O-06' } });

    expect((await g.inspect(tile.code, 'B1', 'pass')).body).toMatchObject({ state: 'passed', first: false });
    expect(await w.reaches(order.id, 'allocated')).toMatchObject({ lines: [{ allocated: '6.000' }] });
    expect(await factsOf((await batchOf(tile.id)).id)).toEqual(['registered', 'held', 'released']);
  });

  clause('O-41', 'allowed', 'what is free elsewhere takes the place of what is held', async () => {
    const [customer, tile] = [await w.distributor(), await w.product()];
    await w.receive(tile.code, '10', { receivedOn: '2026-01-01' });
    const { body: order } = await w.order(customer.code, [{ productCode: tile.code, quantity: '6' }]);
    await w.receive(tile.code, '10', { batch: 'B2' });
    await g.inspect(tile.code, 'B1', 'fail');
    await until('the goods of the other batch', async () => (await stockOf(tile.id, 'B2')).reserved === '6.000');
    expect(await w.read(order.id)).toMatchObject({ state: 'allocated' });
    expect(await stockOf(tile.id)).toMatchObject({ reserved: '0.000', free: '0.000' });
  });

  clause('O-41', 'refused', 'goods of a held batch are neither allocated, issued nor dispatched', async () => {
    const [customer, tile] = [await w.distributor(), await w.product()];
    await w.receive(tile.code, '10');
    const { body: order } = await w.order(customer.code, [{ productCode: tile.code, quantity: '4' }]);
    const { body: issued } = await w.clerk.post('/shipments', { orderId: order.id });
    const batch = await batchOf(tile.id);
    expect((await g.quality.post(`/batches/${batch.id}/hold`)).body).toMatchObject({ status: 400, field: 'reason' });
    expect((await w.keeper.post(`/batches/${batch.id}/hold`, { reason: 'x' })).body).toMatchObject({
      status: 403,
      rule: 'O-41',
    });
    await g.quality.post(`/batches/${batch.id}/hold`, { reason: 'three complaints of it today' });
    expect((await w.keeper.post(`/shipments/${issued.id}/dispatch`)).body).toMatchObject({
      status: 409,
      code: 'orders.shipment.batch-held',
      rule: 'O-41',
    });
    expect((await w.order(customer.code, [{ productCode: tile.code, quantity: '1' }])).body.state).toBe('backordered');
    // more of the same batch is held as well, in whatever warehouse
    await w.keeper.post('/goods-receipts', { productCode: tile.code, warehouse: 'EAST', batch: 'B1', quantity: '5' });
    expect((await w.order(customer.code, [{ productCode: tile.code, quantity: '1' }])).body.state).toBe('backordered');
    const voided = await w.clerk.post(`/shipments/${issued.id}/void`, { reason: 'batch held' });
    expect(voided.body.state).toBe('voided');
    expect(await w.read(order.id)).toMatchObject({
      state: 'backordered',
      lines: [{ allocated: '0.000', issued: '0.000' }],
    });
    const asked = (await w.h.events(noticeEvents('orders').requested)).filter(
      ({ data }) => (data as { about?: string }).about === issued.id,
    );
    expect(asked[0]!.data).toMatchObject({ kind: 'task', move: 'void', to: { powers: { 'order-clerk': 'all' } } });
  });

  clause(
    'O-41',
    'refused',
    'a pass with something outside its limits; a hold without a reason; who is not quality control',
    async () => {
      const tile = await w.product();
      await w.receive(tile.code, '1');
      const outside = { results: [{ characteristic: 'warp', measured: '3 mm', within: false }] };
      const code = async (verdict: 'pass' | 'hold', extra: object) =>
        (await g.inspect(tile.code, 'B1', verdict, extra)).body.code;
      expect(await code('pass', outside)).toBe('orders.inspection.pass-outside-limits');
      expect(await code('hold', { note: undefined })).toBe('orders.inspection.reason-missing');
      expect(await code('pass', { batch: 'NONE' })).toBe('orders.inspection.unknown-batch');
      expect(await code('pass', { standardId: tile.id })).toBe('orders.inspection.standard-not-in-force');
      const form = {
        productCode: tile.code,
        batch: 'B1',
        standardId: g.standardId,
        inspected: '1',
        verdict: 'pass',
        ...outside,
      };
      expect((await w.keeper.post('/inspections', form)).body).toMatchObject({ status: 403, rule: 'O-41' });
    },
  );

  clause(
    'O-41',
    'boundary',
    'as many defective as inspected, not one more; a standard of the family only',
    async () => {
      const tile = await w.product('50', { family: 'wall' });
      await w.receive(tile.code, '1');
      const counts = (inspected: string, defective: string) =>
        g.inspect(tile.code, 'B1', 'hold', { inspected, defective });
      expect((await counts('20', '20.001')).body).toMatchObject({
        code: 'orders.inspection.counts-differ',
        field: 'defective',
      });
      expect((await counts('0', '0')).body).toMatchObject({
        code: 'orders.inspection.counts-differ',
        field: 'inspected',
      });
      expect((await counts('20', '20')).status).toBe(201);
      const standard = {
        code: 'FLOOR-1',
        title: 'Floors',
        family: 'floor',
        characteristics: [{ characteristic: 'slip', limit: 'R10' }],
      };
      const { body } = await g.quality.post('/quality-standards', standard);
      expect((await g.inspect(tile.code, 'B1', 'pass', { standardId: body.id })).body.code).toBe(
        'orders.inspection.standard-not-in-force',
      );
      expect((await g.quality.post(`/quality-standards/${body.id}/approve`)).status).toBe(403);
      await g.technical.post(`/quality-standards/${body.id}/approve`);
      expect((await g.inspect(tile.code, 'B1', 'pass', { standardId: body.id })).body.code).toBe(
        'orders.inspection.standard-of-other-family',
      );
    },
  );

  it('publishes what first-pass yield and ppm need, and prints the report', async () => {
    const tile = await w.product();
    await w.receive(tile.code, '100');
    const { body } = await g.inspect(tile.code, 'B1', 'pass', { inspected: '40', defective: '1' });
    const [recorded] = (await w.h.events(inspectionEvents.recorded)).filter(({ subject }) => subject === body.id);
    expect(recorded!.data).toMatchObject({
      productId: tile.id,
      batch: 'B1',
      inspected: '40.000',
      defective: '1.000',
      verdict: 'pass',
      first: true,
      family: 'floor',
    });
    const page = await g.quality.get(`/inspections/${body.id}/page`, { 'accept-language': 'zh-CN' });
    for (const part of ['批次检验报告单', 'water absorption', '合格', body.number]) expect(page.body).toContain(part);
  }, 30_000);
});

describe('O-42 no substitution', () => {
  clause('O-42', 'refused', 'goods found to be of another grade between issue and departure do not leave', async () => {
    const [customer, tile] = [await w.distributor(), await w.product('50', { grade: 'A' })];
    await w.receive(tile.code, '10');
    const { body: order } = await w.order(customer.code, [{ productCode: tile.code, quantity: '4' }]);
    const { body: issued } = await w.clerk.post('/shipments', {
      orderId: order.id,
      lines: [{ orderLine: 1, quantity: '3' }],
    });
    await w.keeper.post(`/shipments/${issued.id}/pick`);
    await g.inspect(tile.code, 'B1', 'pass', { grade: 'B' });
    expect((await w.keeper.post(`/shipments/${issued.id}/dispatch`)).body).toMatchObject({
      status: 422,
      code: 'orders.shipment.grade-substitution',
      rule: 'O-42',
    });
    // the one unit that was reserved and not issued goes back at once
    expect(await w.reaches(order.id, 'backordered')).toMatchObject({
      lines: [{ allocated: '3.000', issued: '3.000' }],
    });
    expect(
      (await w.h.events(gradeSubstitutionEvents.detected)).filter(
        ({ data }) => (data as { productId?: string }).productId === tile.id,
      ),
    ).toEqual([]);
    expect((await w.h.events(batchEvents.regraded)).at(-1)!.data).toMatchObject({ grade: 'B', gradeBefore: 'A' });
  });

  clause('O-42', 'boundary', 'what had left before that came out is reported, line by line, once', async () => {
    const [customer, tile] = [await w.distributor(), await w.product('50', { grade: 'A' })];
    await w.receive(tile.code, '10');
    const sent = await g.shipped(customer.code, [{ productCode: tile.code, quantity: '4' }]);
    await g.inspect(tile.code, 'B1', 'pass');
    await g.inspect(tile.code, 'B1', 'pass', { grade: 'B' });
    await g.inspect(tile.code, 'B1', 'pass', { grade: 'B' });
    const found = (await w.h.events(gradeSubstitutionEvents.detected)).filter(
      ({ data }) => (data as { productId?: string }).productId === tile.id,
    );
    expect(found.map(({ data }) => data)).toMatchObject([
      {
        shipmentId: sent.id,
        shipmentLine: 1,
        orderedGrade: 'A',
        foundGrade: 'B',
        quantity: '4.000',
        salespersonId: w.seller.id,
        meta: { rule: 'O-42' },
      },
    ]);
  });
});
