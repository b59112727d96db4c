import type { Member } from '@fenxiao/testing/harness';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { world, type World } from '../../test/world.js';

let w: World;
beforeAll(async () => {
  w = await world();
}, 60_000);
afterAll(() => w?.close());

let made = 0;
const register = async () => {
  const code = `SHOP-${++made}`;
  const { body } = await w.clerk.post('/warehouses', { code, name: code, kind: 'shop' });
  await w.salesManager.post(`/warehouses/${body.id}/approve`);
  return { code };
};
const receive = (warehouse: string, productCode: string, quantity: string, batch = 'B1') =>
  w.keeper.post('/goods-receipts', { productCode, warehouse, batch, quantity });
const finish = (by: Member, id: string) => by.post(`/stocktakes/${id}/finish-count`);

describe('O-24 a count of many places, and among others who move goods', () => {
  it('sees every receipt that came in before the freeze, and none after: receipts and the beginning at once', async () => {
    for (let round = 0; round < 10; round++) {
      const { code } = await register();
      const tile = await w.product('10');
      await receive(code, tile.code, '1');
      const { body } = await w.salesManager.post('/stocktakes', { warehouse: code });
      const answers = await Promise.all([
        ...Array.from({ length: 6 }, (_, i) => receive(code, tile.code, '1', `B${i % 3}`)),
        w.clerk.post(`/stocktakes/${body.id}/begin`),
        ...Array.from({ length: 6 }, (_, i) => receive(code, tile.code, '1', `B${i % 3}`)),
      ]);
      const taken = answers.filter(({ status }) => status === 201).length;
      expect(answers.filter(({ status }) => status === 409)).toHaveLength(12 - taken);
      const { rows } = await w.h.pool.query<{ sum: string }>(
        'SELECT sum(book)::int AS sum FROM stocktake_line WHERE stocktake = $1',
        [body.id],
      );
      expect(rows[0]!.sum).toBe(taken + 1);
    }
  }, 60_000);

  it('counts ten thousand places in seconds', async () => {
    const { code } = await register();
    const tile = await w.product('10');
    await w.h.pool.query(
      `INSERT INTO stock_item (id, state, version, events, created_by, created_at, entered_at, approvals, product, warehouse, batch, grade, received_on, on_hand, reserved)
       SELECT gen_random_uuid(), 'on-hand', 1, 0, 'x', now(), now(), '[]', $1, $2, 'N' || i, 'A', '2025-01-01', 100, 0 FROM generate_series(1, 10000) i`,
      [tile.id, code],
    );
    const { body } = await w.salesManager.post('/stocktakes', { warehouse: code });
    const begun = performance.now();
    expect((await w.clerk.post(`/stocktakes/${body.id}/begin`)).body.items).toBe(10_000);
    const csv = Array.from({ length: 10_000 }, (_, i) => `${tile.code},N${i + 1},${i < 5 ? '99.5' : '100'}`).join('\n');
    for (const by of [w.clerk, w.keeper]) {
      expect((await by.post(`/stocktakes/${body.id}/enter-count`, { csv })).status).toBe(200);
      expect((await finish(by, body.id)).status).toBe(200);
    }
    expect(performance.now() - begun).toBeLessThan(30_000);
    const { body: counted } = await w.finance.get(`/stocktakes/${body.id}`);
    expect(counted).toMatchObject({ state: 'variance-review', items: 10_000, equal: 9995, varianceValue: '-25.00' });
    const page = (await w.finance.get(`/stocktakes/${body.id}/lines?limit=1000&cursor=9500`)).body;
    expect([page.items.length, page.next]).toEqual([500, null]);
  }, 90_000);
});
