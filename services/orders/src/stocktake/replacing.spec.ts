import { stocktakeEvents } from '@fenxiao/contracts/collection';
import { clause } from '@fenxiao/testing/clause';
import type { Member } from '@fenxiao/testing/harness';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { world, type World } from '../../test/world.js';

let w: World;
let second: Member;
beforeAll(async () => {
  w = await world('2025-12-20T02:00:00Z');
  second = await w.h.staff('order-clerk');
}, 60_000);
afterAll(() => w?.close());
beforeEach(() => w.h.time.set('2025-12-29T02:00:00Z'));

let made = 0;
const shop = async () => {
  const code = `SHOP-${++made}`;
  const { body } = await w.clerk.post('/warehouses', { code, name: `Shop ${made}`, kind: 'shop' });
  await w.salesManager.post(`/warehouses/${body.id}/approve`);
  return { id: body.id as string, code };
};
/** a shop with two places, whose ad-hoc count has begun */
const counting = async () => {
  const [{ code }, tile] = [await shop(), await w.product('10')];
  for (const batch of ['B1', 'B2'])
    await w.keeper.post('/goods-receipts', { productCode: tile.code, warehouse: code, batch, quantity: '100' });
  const { body } = await w.salesManager.post('/stocktakes', { warehouse: code });
  await w.keeper.post(`/stocktakes/${body.id}/begin`);
  return { id: body.id as string, warehouse: code, tile };
};
type Count = Readonly<Record<string, string>>;
const enter = (by: Member, { id, tile }: { id: string; tile: { code: string } }, counts: Count) =>
  by.post(`/stocktakes/${id}/enter-count`, {
    counts: Object.entries(counts).map(([batch, quantity]) => ({ productCode: tile.code, batch, quantity })),
  });
const finish = (by: Member, { id }: { id: string }) => by.post(`/stocktakes/${id}/finish-count`);
const replace = (id: string, personId: string, form: object = {}, by = w.salesManager) =>
  by.post(`/stocktakes/${id}/replace-counter`, { counter: 'order-clerk', personId, reason: 'is ill', ...form });
const lines = async (by: Member, id: string) =>
  (await by.get(`/stocktakes/${id}/lines`)).body.items as Record<string, string | null>[];
const events = async (contract: Parameters<World['h']['events']>[0], id: string) =>
  (await w.h.events(contract)).filter(({ subject }) => subject === id).map(({ data }) => data as object);

describe('O-24 a counter who drops out', () => {
  clause(
    'O-24',
    'allowed',
    'another of the position counts anew; what was written before is sealed, then shown',
    async () => {
      const at = await counting();
      await enter(w.clerk, at, { B1: '98', FOUND: '3' });
      await enter(w.keeper, at, { B1: '100', B2: '100' });
      await finish(w.keeper, at);
      expect(await replace(at.id, second.id)).toMatchObject({
        status: 200,
        body: { state: 'counting', clerkId: second.id },
      });
      expect(await events(stocktakeEvents['counter-replaced'], at.id)).toMatchObject([
        {
          counter: 'order-clerk',
          formerId: w.clerk.id,
          personId: second.id,
          round: 1,
          rows: 2,
          meta: { reason: 'is ill' },
        },
      ]);
      // blind: neither the former's figures nor finds are seen, by anybody
      for (const by of [second, w.clerk, w.keeper, w.salesManager])
        for (const line of await lines(by, at.id))
          expect(line).toMatchObject({ book: null, setAside: null, batch: expect.stringMatching(/^B/) });
      expect((await lines(second, at.id)).map(({ mine }) => mine)).toEqual([null, null]);
      expect((await enter(w.clerk, at, { B2: '100' })).body.code).toBe('orders.stocktake.other-counter');
      expect((await finish(second, at)).body.code).toBe('orders.stocktake.uncounted');

      await enter(second, at, { B1: '100', B2: '100' });
      expect((await finish(second, at)).body).toMatchObject({
        state: 'counted',
        clerkId: second.id,
        keeperId: w.keeper.id,
      });
      expect(await lines(w.finance, at.id)).toMatchObject([
        { batch: 'B1', counted: '100.000', setAside: [{ personId: w.clerk.id, round: 1, quantity: '98.000' }] },
        { batch: 'B2', counted: '100.000', setAside: null },
        { batch: 'FOUND', counted: '0.000', setAside: [{ quantity: '3.000' }] },
      ]);
      expect((await w.finance.post(`/stocktakes/${at.id}/close`)).body).toMatchObject({
        state: 'closed',
        former: [{ counter: 'order-clerk', personId: w.clerk.id, rows: 2, replacedOn: '2025-12-29' }],
      });
    },
  );

  it('the goods of the shop move again: a count that is complete may be taken over too', async () => {
    const at = await counting();
    for (const by of [w.clerk, w.keeper]) await enter(by, at, { B1: '100', B2: by === w.clerk ? '100' : '99' });
    for (const by of [w.clerk, w.keeper]) await finish(by, at);
    expect((await w.finance.get(`/stocktakes/${at.id}`)).body).toMatchObject({ state: 'counting', round: 2 });
    await enter(w.clerk, at, { B2: '100' });
    await finish(w.clerk, at);
    await replace(at.id, second.id);
    expect((await finish(second, at)).body.code).toBe('orders.stocktake.uncounted');
    for (const by of [second, w.keeper]) {
      await enter(by, at, { B2: '100' });
      await finish(by, at);
    }
    expect((await w.finance.get(`/stocktakes/${at.id}`)).body).toMatchObject({ state: 'counted', equal: 2 });
    const receipt = { productCode: at.tile.code, warehouse: at.warehouse, batch: 'B1', quantity: '1' };
    expect((await w.keeper.post('/goods-receipts', receipt)).status).toBe(201);
  });

  clause(
    'O-24',
    'refused',
    'by others, without reason, for one of another position, the other counter, or nobody',
    async () => {
      const at = await counting();
      const codeOf = async (personId: string, form: object = {}) =>
        (await replace(at.id, personId, form)).body.code as string;
      expect(await codeOf(second.id)).toBe('orders.stocktake.nobody-counts');
      await enter(w.clerk, at, { B1: '100' });
      await enter(w.keeper, at, { B1: '100' });
      for (const by of [w.clerk, w.finance, w.deputy])
        expect((await replace(at.id, second.id, {}, by)).status).toBe(403);
      expect((await replace(at.id, second.id, { reason: undefined })).body).toMatchObject({
        status: 400,
        field: 'reason',
      });
      expect(await codeOf(w.seller.id)).toBe('orders.stocktake.not-of-the-position');
      expect(await codeOf(w.keeper.id)).toBe('orders.stocktake.counts-already');
      expect(await codeOf(w.clerk.id)).toBe('orders.stocktake.counts-already');
    },
  );

  clause('O-24', 'boundary', 'who was replaced makes neither count again, with both positions too', async () => {
    const doubled = await w.h.staff(['order-clerk', 'finished-goods-keeper']);
    const at = await counting();
    await enter(doubled, at, { B1: '100' });
    await replace(at.id, second.id);
    expect((await enter(doubled, at, { B1: '100' })).body.code).toBe('orders.stocktake.other-counter');
    await enter(w.keeper, at, { B1: '100' });
    expect((await replace(at.id, doubled.id, { counter: 'finished-goods-keeper' })).body.code).toBe(
      'orders.stocktake.counts-already',
    );
    expect((await replace(at.id, doubled.id)).body.code).toBe('orders.stocktake.counts-already');
  });
});

describe('O-24 a count that is not made on its day', () => {
  clause('O-24', 'allowed', 'is moved with a reason, and its deadline with it; or called off', async () => {
    const { id: warehouse, code } = await shop();
    const { body } = await w.salesManager.post('/stocktakes', { warehouse: code, scheduledOn: '2025-12-30' });
    const move = (scheduledOn: string, by = w.salesManager) =>
      by.post(`/stocktakes/${body.id}/reschedule`, { scheduledOn, reason: 'snow' });
    expect((await move('2026-01-05')).body).toMatchObject({ state: 'scheduled', scheduledOn: '2026-01-05' });
    w.h.time.set('2026-01-04T02:00:00Z');
    await w.h.service.clocks.tick();
    expect(await events(stocktakeEvents['clock-breached'], body.id)).toEqual([]);
    expect((await w.clerk.post(`/stocktakes/${body.id}/begin`)).body.code).toBe('orders.stocktake.not-yet');
    w.h.time.set('2026-01-06T02:00:00Z');
    await w.h.service.clocks.tick();
    expect(await events(stocktakeEvents['clock-breached'], body.id)).toHaveLength(1);
    const off = () => w.salesManager.post(`/stocktakes/${body.id}/call-off`, { reason: 'counted in December' });
    expect((await off()).body.state).toBe('called-off');
    expect((await off()).status).toBe(409);
    expect((await w.salesManager.post('/stocktakes', { warehouse: code })).status).toBe(201);
    const { items } = (await w.clerk.get(`/stocktakes?warehouse=${code}&state=scheduled`)).body;
    await w.salesManager.post(`/stocktakes/${items[0].id}/call-off`, { reason: 'the shop closes' });
    expect((await w.salesManager.post(`/warehouses/${warehouse}/close`, { reason: 'lease ended' })).status).toBe(200);
  });

  clause('O-24', 'refused', 'by others, without a reason, into the past, or while it is counted', async () => {
    const { code } = await shop();
    const { body } = await w.salesManager.post('/stocktakes', { warehouse: code, scheduledOn: '2025-12-30' });
    const path = `/stocktakes/${body.id}`;
    const form = { scheduledOn: '2026-01-05', reason: 'snow' };
    for (const by of [w.clerk, w.keeper, w.finance]) {
      expect((await by.post(`${path}/reschedule`, form)).status).toBe(403);
      expect((await by.post(`${path}/call-off`, { reason: 'snow' })).status).toBe(403);
    }
    expect((await w.salesManager.post(`${path}/call-off`)).body).toMatchObject({ status: 400, field: 'reason' });
    expect(
      (await w.salesManager.post(`${path}/reschedule`, { ...form, scheduledOn: '2025-12-28' })).body,
    ).toMatchObject({
      code: 'orders.stocktake.in-the-past',
      field: 'scheduledOn',
    });
    const { id } = await counting();
    expect((await w.salesManager.post(`/stocktakes/${id}/call-off`, { reason: 'snow' })).status).toBe(409);
    expect((await w.salesManager.post(`/stocktakes/${id}/reschedule`, form)).status).toBe(409);
  });

  clause(
    'O-24',
    'boundary',
    'a year-end count that is moved is made, late by the 28th; it is never called off',
    async () => {
      const { code } = await shop();
      const tile = await w.product('10');
      await w.keeper.post('/goods-receipts', { productCode: tile.code, warehouse: code, batch: 'B1', quantity: '5' });
      w.h.time.set('2025-12-28T01:00:00Z');
      await w.h.service.jobs.run('open-stocktakes', '2025-12-28');
      const [{ id }] = (await w.clerk.get(`/stocktakes?warehouse=${code}`)).body.items as [{ id: string }];
      expect((await w.salesManager.post(`/stocktakes/${id}/call-off`, { reason: 'snow' })).body.code).toBe(
        'orders.stocktake.every-year',
      );
      // ten working days on, the new year's day left out
      const late = { scheduledOn: '2026-01-14', reason: 'snow' };
      expect((await w.salesManager.post(`/stocktakes/${id}/reschedule`, late)).body).toMatchObject({
        code: 'orders.stocktake.too-late',
        field: 'scheduledOn',
      });
      await w.salesManager.post(`/stocktakes/${id}/reschedule`, { scheduledOn: '2025-12-30', reason: 'snow' });
      w.h.time.set('2025-12-30T02:00:00Z');
      await w.keeper.post(`/stocktakes/${id}/begin`);
      for (const by of [w.clerk, w.keeper]) {
        await enter(by, { id, tile }, { B1: '5' });
        await finish(by, { id });
      }
      expect(await events(stocktakeEvents.counted, id)).toMatchObject([
        { scheduledOn: '2025-12-30', countedOn: '2025-12-30', onSchedule: false },
      ]);
    },
  );
});
