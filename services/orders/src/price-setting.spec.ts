import { clause } from '@fenxiao/testing/clause';
import type { Member } from '@fenxiao/testing/harness';
import { afterAll, beforeAll, describe, expect } from '@jest/globals';
import { evidence, world, type World } from '../test/world.js';

let w: World;
beforeAll(async () => {
  w = await world();
}, 60_000);
afterAll(() => w?.close());

let made = 0;
/** A product that costs 40.00, and a list that has it at a price. */
const listed = async (price: string, { taxIncluded = false, cost = '40' } = {}) => {
  const tile = await w.product('50');
  if (cost) await w.finance.post(`/products/${tile.id}/set-standard-cost`, { cost, validFrom: '2026-01-01' });
  const { body } = await w.salesManager.post('/price-lists', {
    code: `NEW${++made}`,
    validFrom: '2026-03-10',
    taxIncluded,
    lines: [{ productCode: tile.code, price }],
  });
  return { tile, id: body.id as string };
};
const submit = (id: string, form: object = evidence) => w.salesManager.post(`/price-lists/${id}/submit`, form);
const approve = (id: string, by: Member) => by.post(`/price-lists/${id}/approve`);

describe('O-13 price setting 定价', () => {
  clause(
    'O-13',
    'allowed',
    'proposed on demand and competitors, with cost and margin for who may see cost',
    async () => {
      const { tile, id } = await listed('56.5', { taxIncluded: true });
      expect((await submit(id)).body).toMatchObject({ state: 'submitted', evidence });
      expect((await w.finance.get(`/price-lists/${id}/margins`)).body).toEqual({
        items: [
          {
            productCode: tile.code,
            price: '56.5000',
            salesUnit: null,
            packagePrice: null,
            net: '50.0000',
            cost: '40.0000',
            margin: '10.0000',
            marginPercent: '20.000000',
          },
        ],
        next: null,
      });
      expect((await approve(id, w.deputy)).body.state).toBe('approved');
      const unknown = await listed('50', { cost: '' });
      expect((await w.gm.get(`/price-lists/${unknown.id}/margins`)).body.items).toMatchObject([
        { cost: null, margin: null, marginPercent: null },
      ]);
    },
  );

  clause(
    'O-13',
    'refused',
    'without demand or a competitor, seen in the future, or below cost by a deputy',
    async () => {
      const { id } = await listed('39.9999');
      expect((await submit(id, {})).body).toMatchObject({ status: 400, field: 'demand' });
      expect((await submit(id, { ...evidence, competitors: [] })).body).toMatchObject({
        status: 400,
        field: 'competitors',
      });
      const [seen] = evidence.competitors;
      const later = { ...evidence, competitors: [seen, { ...seen, observedOn: '2026-03-11' }] };
      expect((await submit(id, later)).body).toMatchObject({ status: 422, field: 'competitors.1.observedOn' });
      await submit(id);
      expect((await approve(id, w.deputy)).body).toMatchObject({
        status: 403,
        rule: 'O-13',
        code: 'orders.price-list.below-cost',
      });
      expect((await approve(id, w.gm)).body.state).toBe('approved');
      expect((await w.deputy.get(`/price-lists/${id}/margins`)).body).toMatchObject({ status: 403, rule: 'O-52' });
      expect((await w.gm.get(`/price-lists/${w.east}/margins`)).status).toBe(404);
    },
  );

  clause(
    'O-13',
    'boundary',
    'exactly cost is not below it, before tax and as of the day the list takes effect',
    async () => {
      const at = await listed('40');
      await submit(at.id);
      expect((await approve(at.id, w.deputy)).body.state).toBe('approved');
      const withTax = await listed('45.1999', { taxIncluded: true }); // 45.20 is 40.00 and 13 % tax
      await submit(withTax.id);
      expect((await approve(withTax.id, w.deputy)).status).toBe(403);
      const dearer = await listed('40');
      await w.finance.post(`/products/${dearer.tile.id}/set-standard-cost`, { cost: '41', validFrom: '2026-03-11' });
      await submit(dearer.id);
      expect((await approve(dearer.id, w.deputy)).body.state).toBe('approved');
    },
  );
});
