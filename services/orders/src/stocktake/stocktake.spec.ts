import { stockAdjustmentEvents, stocktakeEvents } from '@fenxiao/contracts/collection';
import { noticeEvents } from '@fenxiao/contracts/platform';
import { clause } from '@fenxiao/testing/clause';
import type { Member, Reply } from '@fenxiao/testing/harness';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { world, type World } from '../../test/world.js';

let w: World;
let auditor: Member;
beforeAll(async () => {
  w = await world('2025-11-20T02:00:00Z');
  auditor = await w.h.staff('auditor');
}, 60_000);
afterAll(() => w?.close());
beforeEach(() => w.h.time.set('2025-12-29T02:00:00Z'));

let made = 0;
const register = async (kind = 'shop') => {
  const code = `SHOP-${++made}`;
  const { body } = await w.clerk.post('/warehouses', { code, name: `Shop ${made}`, kind });
  expect((await w.salesManager.post(`/warehouses/${body.id}/approve`)).body.state).toBe('active');
  return { id: body.id as string, code };
};
const receive = (warehouse: string, productCode: string, quantity: string, batch = 'B1') =>
  w.keeper.post('/goods-receipts', { productCode, warehouse, batch, quantity });
type Count = readonly [productCode: string, batch: string, quantity: string];
const enter = (by: Member, id: string, counts: readonly Count[]) =>
  by.post(`/stocktakes/${id}/enter-count`, {
    counts: counts.map(([productCode, batch, quantity]) => ({ productCode, batch, quantity })),
  });
const finish = (by: Member, id: string) => by.post(`/stocktakes/${id}/finish-count`);
const both = async (id: string, clerk: readonly Count[], keeper = clerk) => {
  for (const [by, counts] of [
    [w.clerk, clerk],
    [w.keeper, keeper],
  ] as const) {
    expect((await enter(by, id, counts)).status).toBe(200);
    expect((await finish(by, id)).status).toBe(200);
  }
  return (await w.salesManager.get(`/stocktakes/${id}`)).body;
};
const lines = async (by: Member, id: string, query = '') =>
  (await by.get(`/stocktakes/${id}/lines${query}`)).body.items as Record<string, string | boolean | null>[];
const events = async (contract: Parameters<World['h']['events']>[0], id: string) =>
  (await w.h.events(contract))
    .filter(({ subject }) => subject === id)
    .map(({ data }) => data as Record<string, unknown>);
const stockOf = async (warehouse: string) =>
  (await w.finance.get(`/stock?warehouse=${warehouse}`)).body.items as Record<string, string>[];

/** A shop with tiles, whose ad-hoc count has begun. */
const counting = async (stock: Readonly<Record<string, string>> = { B1: '100' }) => {
  const { code } = await register();
  const tile = await w.product('10');
  for (const [batch, quantity] of Object.entries(stock)) await receive(code, tile.code, quantity, batch);
  const { body } = await w.salesManager.post('/stocktakes', { warehouse: code });
  expect((await w.keeper.post(`/stocktakes/${body.id}/begin`)).body).toMatchObject({ state: 'counting', round: 1 });
  return { id: body.id as string, warehouse: code, tile };
};

describe('O-24 stocktake on 28 December', () => {
  clause(
    'O-24',
    'allowed',
    'announced on 1 December, opened on the 28th though it is a Sunday, for every company shop and no other warehouse',
    async () => {
      w.h.time.set('2025-11-25T02:00:00Z');
      const [shop, main] = [await register(), await register('main')];
      await w.h.service.jobs.run('announce-stocktake', '2024-12-01');
      const told = (await w.h.events(noticeEvents('orders').requested)).map(
        ({ data }) => data as Record<string, unknown>,
      );
      expect(told).toContainEqual(expect.objectContaining({ procedure: 'stocktake', number: shop.code }));
      expect(told).not.toContainEqual(expect.objectContaining({ procedure: 'stocktake', number: main.code }));

      w.h.time.set('2025-12-28T01:00:00Z');
      await w.h.service.jobs.run('open-stocktakes', '2025-12-28');
      const opened = async ({ code }: { code: string }) =>
        (await w.clerk.get(`/stocktakes?warehouse=${code}`)).body.items as Record<string, string>[];
      expect(await opened(shop)).toMatchObject([{ state: 'scheduled', kind: 'year-end', scheduledOn: '2025-12-28' }]);
      expect(await opened(main)).toEqual([]);
      // once, whoever runs it again
      expect(await w.h.service.jobs.run('open-stocktakes', '2025-12-28')).toBe(false);
      expect(await opened(shop)).toHaveLength(1);
    },
  );

  clause(
    'O-24',
    'allowed',
    'counted by two, explained, approved, posted and closed: K-O12, K-O13, done on the day',
    async () => {
      w.h.time.set('2025-12-29T02:00:00Z');
      const { code } = await register();
      const [tile, grout] = [await w.product('10'), await w.product('40')];
      await w.finance.post(`/products/${tile.id}/set-standard-cost`, { cost: '6', validFrom: '2025-01-01' });
      await receive(code, tile.code, '1000', 'B1');
      await receive(code, tile.code, '50', 'B2');
      await receive(code, grout.code, '10', 'G1');
      const { body } = await w.salesManager.post('/stocktakes', { warehouse: code });
      const id = body.id as string;
      await w.clerk.post(`/stocktakes/${id}/begin`);
      const seen: readonly Count[] = [
        [tile.code, 'B1', '995'],
        [tile.code, 'B2', '50'],
        [grout.code, 'G1', '10'],
      ];
      const review = await both(id, seen);
      expect(review).toMatchObject({ state: 'variance-review', items: 3, equal: 2, countedOn: '2025-12-29' });
      expect(review).toMatchObject({ bookValue: '6700.00', varianceValue: '-30.00', shrinkage: '30.00' });
      expect(review.variances).toEqual([
        {
          productCode: tile.code,
          batch: 'B1',
          book: '1000.000',
          counted: '995.000',
          difference: '-5.000',
          reason: null,
        },
      ]);
      const reasons = [{ productCode: tile.code, batch: 'B1', reason: 'broken in the shop' }];
      expect((await w.salesManager.post(`/stocktakes/${id}/approve`)).body.code).toBe(
        'orders.stocktake.reasons-missing',
      );
      expect((await w.clerk.post(`/stocktakes/${id}/explain`, { reasons })).status).toBe(200);
      expect((await w.finance.post(`/stocktakes/${id}/post`)).body.code).toBe('orders.stocktake.not-approved');
      expect((await w.salesManager.post(`/stocktakes/${id}/approve`)).status).toBe(200);
      expect((await w.finance.post(`/stocktakes/${id}/post`)).body.state).toBe('adjusted');
      expect((await w.finance.post(`/stocktakes/${id}/close`)).body.state).toBe('closed');
      expect(await stockOf(code)).toContainEqual(expect.objectContaining({ batch: 'B1', onHand: '995.000' }));
      const adjusted = (await w.h.events(stockAdjustmentEvents.adjusted)).map(
        ({ data }) => data as Record<string, unknown>,
      );
      expect(adjusted.filter((data) => data['stocktakeId'] === id)).toEqual([
        expect.objectContaining({ quantity: '-5.000', onHand: '995.000', reason: 'broken in the shop' }),
      ]);
      const figures = { items: 3, equal: 2, bookValue: '6700.00', absoluteVariance: '30.00', shrinkage: '30.00' };
      expect(await events(stocktakeEvents['variance-found'], id)).toMatchObject([figures]);
      expect(await events(stocktakeEvents.closed, id)).toMatchObject([
        { ...figures, onSchedule: true, countedOn: '2025-12-29', closedOn: '2025-12-29' },
      ]);
      const page = await w.finance.get(`/stocktakes/${id}/page`, { 'accept-language': 'zh-CN' });
      expect(page.status).toBe(200);
      for (const part of ['年终盘仓表', body.number, code, '-5.000']) expect(page.body).toContain(part);
    },
  );

  clause('O-24', 'refused', 'frozen: no goods come in, none go out, while it is counted', async () => {
    const { id, warehouse, tile } = await counting();
    expect((await receive(warehouse, tile.code, '1')).body).toMatchObject({ status: 409, rule: 'O-24' });
    const customer = await w.distributor();
    const sold = await w.order(customer.code, [{ productCode: tile.code, quantity: '2' }]);
    expect(sold.body.state).toBe('allocated');
    const { body: shipment } = await w.clerk.post('/shipments', { orderId: sold.body.id });
    const dispatch = () => w.keeper.post(`/shipments/${shipment.id}/dispatch`);
    expect((await dispatch()).body).toMatchObject({ status: 409, code: 'orders.stocktake.frozen', rule: 'O-24' });
    expect((await both(id, [[tile.code, 'B1', '100']])).state).toBe('counted');
    expect((await dispatch()).body.state).toBe('shipped');
    expect((await receive(warehouse, tile.code, '1')).status).toBe(201);
  });

  clause('O-24', 'refused', "neither counter sees the books or the other's figures before both are in", async () => {
    const { id, warehouse, tile } = await counting({ B1: '100', B2: '7' });
    await enter(w.clerk, id, [
      [tile.code, 'B1', '99'],
      [tile.code, 'B9', '1'],
    ]);
    const hidden = { book: null, counted: null, difference: null };
    expect(await lines(w.keeper, id)).toMatchObject([
      { batch: 'B1', mine: null, ...hidden },
      { batch: 'B2', mine: null, ...hidden },
    ]);
    // what the clerk found beside the books only the clerk sees
    expect(await lines(w.clerk, id)).toMatchObject([{ mine: '99.000', ...hidden }, {}, { batch: 'B9', mine: '1.000' }]);
    for (const by of [w.salesManager, w.finance, auditor])
      for (const line of await lines(by, id)) expect(line).toMatchObject({ mine: null, ...hidden });
    expect((await w.keeper.get(`/stock?warehouse=${warehouse}`)).body.items[0]).toMatchObject({
      onHand: null,
      free: null,
    });
    expect((await w.keeper.get(`/stocktakes/${id}`)).body.bookValue).toBeUndefined();
    expect((await w.seller.get(`/stocktakes/${id}/lines`)).status).toBe(403);
  });

  clause('O-24', 'refused', 'T17: closed with one counter, or counted twice by one person', async () => {
    const { id, tile } = await counting();
    await enter(w.clerk, id, [[tile.code, 'B1', '100']]);
    await finish(w.clerk, id);
    for (const by of [w.salesManager, w.finance])
      expect((await by.post(`/stocktakes/${id}/close`)).body).toMatchObject({
        status: 409,
        code: 'orders.stocktake.two-counters',
        rule: 'O-24',
      });
    expect((await finish(w.clerk, id)).body).toMatchObject({ status: 403, code: 'orders.stocktake.already-finished' });
    const second = await w.h.staff('order-clerk');
    expect((await enter(second, id, [[tile.code, 'B1', '100']])).body.code).toBe('orders.stocktake.other-counter');
    const doubled = await w.h.staff(['order-clerk', 'finished-goods-keeper']);
    const other = await counting();
    await enter(doubled, other.id, [[other.tile.code, 'B1', '100']]);
    await finish(doubled, other.id);
    expect((await finish(doubled, other.id)).body.code).toBe('orders.stocktake.already-finished');
    expect((await enter(doubled, other.id, [[other.tile.code, 'B1', '100']])).body.code).toBe(
      'orders.stocktake.count-complete',
    );
  });

  clause(
    'O-24',
    'refused',
    'before its day, what is not registered, twice at a time, unknown or uncounted goods',
    async () => {
      const { code } = await register();
      const schedule = (form: object) => w.salesManager.post('/stocktakes', form);
      expect((await schedule({ warehouse: 'NOWHERE' })).body.code).toBe('orders.stocktake.unknown-warehouse');
      expect((await schedule({ warehouse: code, scheduledOn: '2025-12-28' })).body.code).toBe(
        'orders.stocktake.in-the-past',
      );
      const { body } = await schedule({ warehouse: code, scheduledOn: '2025-12-31' });
      expect((await schedule({ warehouse: code })).body.code).toBe('orders.stocktake.already-open');
      expect((await w.clerk.post(`/stocktakes/${body.id}/begin`)).body.code).toBe('orders.stocktake.not-yet');
      expect((await w.clerk.post('/stocktakes', { warehouse: code })).body).toMatchObject({
        status: 403,
        rule: 'O-24',
      });

      const { id, tile } = await counting({ B1: '5', B2: '5' });
      expect((await enter(w.clerk, id, [['NO-SUCH', 'B1', '1']])).body).toMatchObject({
        code: 'orders.product.unknown',
        field: 'counts.0.productCode',
      });
      expect(
        (
          await enter(w.clerk, id, [
            [tile.code, 'B1', '5'],
            [tile.code, 'B1', '6'],
          ])
        ).body.code,
      ).toBe('orders.stocktake.twice');
      await enter(w.clerk, id, [[tile.code, 'B1', '5']]);
      expect((await finish(w.clerk, id)).body).toMatchObject({ code: 'orders.stocktake.uncounted', status: 422 });
      const csv = (text: string) => w.clerk.post(`/stocktakes/${id}/enter-count`, { csv: text });
      expect((await csv(`${tile.code},B2`)).body.status).toBe(400);
      expect((await csv('productCode,batch,quantity\n')).body.status).toBe(400);
      expect((await w.clerk.post(`/stocktakes/${id}/enter-count`, {})).body.code).toBe('orders.stocktake.one-form');
      expect((await csv(`productCode,batch,quantity\r\n${tile.code},B2,5\r\n`)).status).toBe(200);
      expect((await finish(w.clerk, id)).status).toBe(200);
    },
  );

  clause(
    'O-24',
    'boundary',
    'counted again where the two differ, or above 1 % or 500: 1 % itself is within',
    async () => {
      const { id, tile } = await counting({ B1: '100', B2: '100', B3: '100', B4: '10000' });
      const first: readonly Count[] = [
        [tile.code, 'B1', '99'],
        [tile.code, 'B2', '98.999'],
        [tile.code, 'B3', '100'],
        // 50.1 at 10.00 is 501.00, though half a per cent
        [tile.code, 'B4', '9949.9'],
      ];
      const body = await both(id, first, [...first.slice(0, 2), [tile.code, 'B3', '99'], first[3]!]);
      expect(body).toMatchObject({ state: 'counting', round: 2 });
      const again = await lines(w.clerk, id, '?only=asked');
      expect(again.map(({ batch, mine, book }) => [batch, mine, book])).toEqual([
        ['B2', null, null],
        ['B3', null, null],
        ['B4', null, null],
      ]);
      expect(await events(stocktakeEvents['recount-required'], id)).toMatchObject([
        { items: 3, differing: 1, overLimit: 2 },
      ]);
      expect((await enter(w.clerk, id, [[tile.code, 'B1', '100']])).body.code).toBe('orders.stocktake.not-asked');
      const second: readonly Count[] = [
        [tile.code, 'B2', '98.999'],
        [tile.code, 'B3', '100'],
        [tile.code, 'B4', '10000'],
      ];
      expect(await both(id, second)).toMatchObject({
        state: 'variance-review',
        items: 4,
        equal: 2,
        varianceValue: '-20.01',
      });
      // the sales manager may have it all counted once more
      const back = await w.salesManager.post(`/stocktakes/${id}/send-back`, { reason: 'look behind the pallets' });
      expect(back.body).toMatchObject({ state: 'counting', round: 3 });
      const last = await both(id, [
        [tile.code, 'B1', '100'],
        [tile.code, 'B2', '100'],
      ]);
      expect(last).toMatchObject({ state: 'counted', equal: 4, varianceValue: '0.00' });
      expect((await w.salesManager.post(`/stocktakes/${id}/close`)).body.state).toBe('closed');
    },
  );

  clause(
    'O-24',
    'boundary',
    'stock never falls below what is reserved: reservations are given back first',
    async () => {
      const { code } = await register();
      const tile = await w.product('10');
      await receive(code, tile.code, '100', 'B1');
      const customer = await w.distributor();
      const orders: Reply[] = [];
      for (const [quantity, promisedOn] of [
        ['50', '2026-01-10'],
        ['40', '2026-02-10'],
      ] as const)
        orders.push(await w.order(customer.code, [{ productCode: tile.code, quantity }], { promisedOn }));
      const { body } = await w.salesManager.post('/stocktakes', { warehouse: code });
      await w.clerk.post(`/stocktakes/${body.id}/begin`);
      const count: readonly Count[] = [[tile.code, 'B1', '60']];
      await both(body.id, count);
      await both(body.id, count);
      await w.keeper.post(`/stocktakes/${body.id}/explain`, {
        reasons: [{ productCode: tile.code, batch: 'B1', reason: 'stolen' }],
      });
      await w.salesManager.post(`/stocktakes/${body.id}/approve`);
      expect((await w.finance.post(`/stocktakes/${body.id}/post`)).body.state).toBe('adjusted');
      // the later promise gives back what is short: 30 of its 40
      expect(await w.read(orders[0]!.body.id)).toMatchObject({ state: 'allocated' });
      expect(await w.read(orders[1]!.body.id)).toMatchObject({
        state: 'backordered',
        lines: [{ allocated: '10.000' }],
      });
      expect(await stockOf(code)).toMatchObject([{ onHand: '60.000', reserved: '60.000', free: '0.000' }]);
    },
  );

  it('refuses to post what stands on shipping orders, and books finds that nobody knew of', async () => {
    const { id, warehouse, tile } = await counting({ B1: '10' });
    const customer = await w.distributor();
    const sold = await w.order(customer.code, [{ productCode: tile.code, quantity: '10' }]);
    const { body: shipment } = await w.clerk.post('/shipments', { orderId: sold.body.id });
    const seen: readonly Count[] = [
      [tile.code, 'B1', '9'],
      [tile.code, 'FOUND', '3'],
    ];
    await both(id, seen);
    await both(id, seen);
    const reasons = seen.map(([productCode, batch]) => ({ productCode, batch, reason: 'miscounted at receipt' }));
    await w.clerk.post(`/stocktakes/${id}/explain`, { reasons });
    await w.salesManager.post(`/stocktakes/${id}/approve`);
    const post = () => w.finance.post(`/stocktakes/${id}/post`);
    expect((await post()).body).toMatchObject({ status: 409, code: 'orders.stocktake.on-shipping-orders' });
    await w.clerk.post(`/shipments/${shipment.id}/void`, { reason: 'one is missing' });
    expect((await post()).body.state).toBe('adjusted');
    const stock = Object.fromEntries(
      (await stockOf(warehouse)).map(({ batch, onHand, reserved }) => [batch, [onHand, reserved]]),
    );
    // the one that is missing is served from the find
    expect(stock).toEqual({ B1: ['9.000', '9.000'], FOUND: ['3.000', '1.000'] });
    expect((await w.read(sold.body.id)).state).toBe('allocated');
  });
});

describe('the register of warehouses', () => {
  it('is proposed by one and approved by the sales manager; a code is taken once', async () => {
    const { id, code } = await register();
    expect((await w.clerk.post('/warehouses', { code, name: 'x', kind: 'shop' })).body).toMatchObject({ status: 409 });
    expect((await w.clerk.post(`/warehouses/${id}/close`, { reason: 'x' })).status).toBe(403);
    expect((await w.salesManager.post(`/warehouses/${id}/close`, { reason: 'lease ended' })).body.state).toBe('closed');
    expect((await w.clerk.post('/warehouses', { code, name: 'x', kind: 'shop' })).status).toBe(201);
  });
});
