import { clause } from '@fenxiao/testing/clause';
import { afterAll, beforeAll, expect } from '@jest/globals';
import { world, type World } from '../../test/world.js';

let w: World;
beforeAll(async () => {
  w = await world('2026-03-10T02:00:00Z');
}, 60_000);
afterAll(() => w?.close());

const close = async (day: string) => {
  w.h.time.set(`${day}T10:00:00Z`);
  await w.h.service.jobs.run('generate-daily-report', day);
  const { totals } = (await w.clerk.get(`/daily-reports?day=${day}`)).body.items[0];
  return Object.fromEntries(totals.map(({ basis, net }: { basis: string; net: string }) => [basis, net])) as object;
};

clause('O-20', 'boundary', 'an order taken back leaves the report, handed in again it counts anew', async () => {
  const [customer, tile] = [await w.distributor({ limit: '100' }), await w.product('100')];
  const lines = (quantity: string) => [{ productCode: tile.code, quantity }];
  const { body } = await w.order(customer.code, lines('1'));
  expect(body).toMatchObject({ state: 'on-hold', holds: ['credit'] });
  expect(await close('2026-03-10')).toEqual({ order: '100.00' });

  w.h.time.set('2026-03-11T02:00:00Z');
  const withdrawn = await w.seller.post(`/orders/${body.id}/withdraw`);
  await w.seller.post(`/orders/${body.id}/edit`, { lines: lines('2') }, { 'if-match': withdrawn.headers.get('etag')! });
  expect((await w.seller.post(`/orders/${body.id}/submit`)).body).toMatchObject({ state: 'on-hold', net: '200.00' });
  expect(await close('2026-03-11')).toEqual({ order: '200.00', cancellation: '100.00' });

  w.h.time.set('2026-03-12T02:00:00Z');
  await w.seller.post(`/orders/${body.id}/withdraw`);
  await w.seller.post(`/orders/${body.id}/cancel`, { reason: 'not wanted' });
  expect(await close('2026-03-12')).toEqual({ cancellation: '200.00' });
});
