import { clause } from '@fenxiao/testing/clause';
import { afterAll, beforeAll, describe, expect } from '@jest/globals';
import { evidence, world, type World } from '../../test/world.js';

let w: World;
beforeAll(async () => {
  w = await world();
}, 60_000);
afterAll(() => w?.close());

describe('O-14 no list for a short time', () => {
  const list = async (
    product: string,
    price: string,
    validFrom: string,
    { taxIncluded = false, submit = true } = {},
  ) => {
    const lines = [{ productCode: product, price }];
    const { body } = await w.salesManager.post('/price-lists', { code: `S${product}`, validFrom, taxIncluded, lines });
    const reply = submit ? await w.salesManager.post(`/price-lists/${body.id}/submit`, evidence) : undefined;
    return { id: body.id as string, body: reply?.body };
  };
  const approve = (id: string) => w.deputy.post(`/price-lists/${id}/approve`);
  const refused = { status: 422, rule: 'O-14', code: 'orders.price-list.short-cut' };

  clause(
    'O-14',
    'refused',
    'a version that lowers a price which a later one raises again points to price cuts',
    async () => {
      const tile = await w.product('100');
      const fall = await list(tile.code, '80', '2026-03-20');
      await list(tile.code, '95', '2026-04-10');
      // the later one was proposed after it, before it was approved
      expect((await approve(fall.id)).body).toMatchObject({
        ...refused,
        detail: expect.stringContaining('/price-cuts'),
      });
      expect((await list(tile.code, '80', '2026-03-21')).body).toMatchObject({ ...refused, field: 'validFrom' });
      expect((await list(tile.code, '90.4', '2026-03-21', { taxIncluded: true })).body).toMatchObject(refused); // 80 before tax
    },
  );

  clause(
    'O-14',
    'allowed',
    'a price that falls and goes on falling, or that rises, is a change of the list',
    async () => {
      const tile = await w.product('100');
      const later = await list(tile.code, '75', '2026-04-10');
      expect((await approve(later.id)).body.state).toBe('approved');
      const fall = await list(tile.code, '80', '2026-03-20');
      expect((await approve(fall.id)).body.state).toBe('approved');
      expect((await approve((await list(tile.code, '120', '2026-04-20')).id)).body.state).toBe('approved');
    },
  );

  clause(
    'O-14',
    'boundary',
    'lowered for sixty days is refused, for sixty-one it is a change of the list',
    async () => {
      const sixty = await w.product('100');
      await list(sixty.code, '100', '2026-05-19');
      expect((await list(sixty.code, '80', '2026-03-20')).body).toMatchObject(refused);
      const longer = await w.product('100');
      await list(longer.code, '100', '2026-05-20');
      expect((await list(longer.code, '80', '2026-03-20')).body).toMatchObject({ state: 'submitted' });
      const drafted = await w.product('100');
      await list(drafted.code, '100', '2026-05-19', { submit: false });
      expect((await list(drafted.code, '80', '2026-03-20')).body).toMatchObject({ state: 'submitted' });
    },
  );
});
