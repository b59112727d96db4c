import { clause } from '@fenxiao/testing/clause';
import { afterAll, beforeAll, describe, expect } from '@jest/globals';
import { qualityWorld, tuesday, type Bought, type QualityWorld } from '../../test/quality.js';

/** C-09: the 8D beside the complaints that it is about, as both really go. */
describe('the 8D of repeats', () => {
  let w: QualityWorld;
  let bought: Bought;
  beforeAll(async () => {
    w = await qualityWorld();
    w.h.time.set(tuesday);
    bought = await w.bought(await w.customer());
  }, 60_000);
  afterAll(() => w.close());

  const decided = async (about: object) => {
    const { id } = (await w.log(bought, about)).body;
    return (await w.upTo(id, 'resolving')).body;
  };
  const capas = async () =>
    (await w.technical.get('/capas')).body.items.map(
      ({ productCode, productName, trigger, complaints }: Record<string, never> & { complaints: object[] }) => [
        productCode ?? productName,
        trigger,
        complaints.length,
      ],
    );

  clause(
    'C-09',
    'allowed',
    'a repeat is the same however the defect is written, in counting and in finding',
    async () => {
      for (const defect of ['Edges chipped', 'edges chipped', 'EDGES chipped']) await decided({ defect });
      expect(await capas()).toEqual([[bought.code, 'repeat', 1]]);
      expect(await decided({ defect: 'edges Chipped' })).toMatchObject({ repeat: 4 });
      expect(await capas()).toEqual([[bought.code, 'repeat', 2]]);
    },
  );

  clause(
    'C-09',
    'boundary',
    'goods without a code are the same by their name: one 8D, which the next repeat joins',
    async () => {
      const before = await capas();
      const unknown = { receipt: 'of another shop', productName: 'Old tile', defect: 'Crack' };
      for (let n = 1; n <= 2; n++) await decided(unknown);
      expect(await capas()).toEqual(before);
      for (let n = 3; n <= 5; n++) await decided(unknown);
      expect(await capas()).toEqual([['Old tile', 'repeat', 3], ...before]);
    },
  );
});
