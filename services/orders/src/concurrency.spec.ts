import { clause } from '@fenxiao/testing/clause';
import { depth } from '@fenxiao/testing/depth';
import type { Reply } from '@fenxiao/testing/harness';
import { afterAll, beforeAll, expect } from '@jest/globals';
import { world, type World } from '../test/world.js';

/** Two clients at once, again and again, ten such pairs at a time: never oversold, never doubled. */
const TIMES = depth(200, 1000);

let w: World;
beforeAll(async () => {
  w = await world();
}, 60_000);
afterAll(() => w?.close());

/** Runs pairs of requests, several pairs at a time. */
async function pairs(both: (i: number) => [Promise<Reply>, Promise<Reply>]): Promise<[Reply, Reply][]> {
  const results: [Reply, Reply][] = [];
  for (let i = 0; i < TIMES; i += 10)
    results.push(...(await Promise.all(Array.from({ length: 10 }, (_, k) => Promise.all(both(i + k))))));
  return results;
}

const stockOf = async (id: string) =>
  (await w.clerk.get(`/stock?productId=${id}`)).body.items[0] as { onHand: string; reserved: string; free: string };

clause(
  ...([
    'O-06',
    'boundary',
    `two orders for the last unit of a product, ${TIMES} times: one is allocated, one waits`,
  ] as const),
  async () => {
    const [customer, tile] = [await w.distributor({ limit: '99999999' }), await w.product('1')];
    await w.receive(tile.code, String(TIMES));
    const drafts = await pairs(() => [
      w.place(customer.code, [{ productCode: tile.code, quantity: '1' }]),
      w.place(customer.code, [{ productCode: tile.code, quantity: '1' }]),
    ]);
    const answers = await pairs((i) => [
      w.seller.post(`/orders/${drafts[i]![0].body.id}/submit`),
      w.seller.post(`/orders/${drafts[i]![1].body.id}/submit`),
    ]);
    const states = answers.flat().map(({ body }) => body.state as string);
    expect(states.filter((state) => state === 'allocated')).toHaveLength(TIMES);
    expect(states.filter((state) => state === 'backordered')).toHaveLength(TIMES);
    expect(await stockOf(tile.id)).toMatchObject({ onHand: `${TIMES}.000`, reserved: `${TIMES}.000`, free: '0.000' });
  },
  180_000,
);

clause(
  ...(['O-01', 'boundary', `two clients submitting one order, ${TIMES} times: it happens once`] as const),
  async () => {
    const [customer, tile] = [await w.distributor({ limit: '99999999' }), await w.product('1')];
    await w.receive(tile.code, String(2 * TIMES));
    const drafts = await pairs(() => [
      w.place(customer.code, [{ productCode: tile.code, quantity: '1' }]),
      Promise.resolve({} as Reply),
    ]);
    const answers = await pairs((i) => [
      w.seller.post(`/orders/${drafts[i]![0].body.id}/submit`),
      w.clerk.post(`/orders/${drafts[i]![0].body.id}/submit`),
    ]);
    for (const pair of answers) expect(pair.map(({ status }) => status).sort((a, b) => a - b)).toEqual([200, 409]);
    expect(await stockOf(tile.id)).toMatchObject({ reserved: `${TIMES}.000` });
  },
  180_000,
);

clause(
  ...(['X-03', 'boundary', `two requests with one Idempotency-Key, ${TIMES} times: one order, one answer`] as const),
  async () => {
    const [customer, tile] = [await w.distributor(), await w.product('1')];
    const lines = [{ productCode: tile.code, quantity: '1' }];
    const place = (i: number) =>
      w.seller.post('/orders', { distributorCode: customer.code, lines }, { 'idempotency-key': `pair-${i}` });
    const answers = await pairs((i) => [place(i), place(i)]);
    for (const [a, b] of answers) expect([a.status, b.status, b.body.id]).toEqual([201, 201, a.body.id]);
    const { rows } = await w.h.pool.query(
      'SELECT count(*)::int AS n, count(DISTINCT number)::int AS numbers FROM "order" WHERE distributor = $1',
      [customer.id],
    );
    expect(rows).toEqual([{ n: TIMES, numbers: TIMES }]);
  },
  180_000,
);
