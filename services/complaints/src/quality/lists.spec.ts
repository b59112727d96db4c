import { clause } from '@fenxiao/testing/clause';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { qualityWorld, type Bought, type Customer, type QualityWorld } from '../../test/quality.js';

describe('the register of quality complaints', () => {
  let w: QualityWorld;
  let customer: Customer;
  let bought: Bought;
  const ids: string[] = [];
  beforeAll(async () => {
    w = await qualityWorld();
    customer = await w.customer();
    bought = await w.bought(customer);
    const other = await w.bought(await w.customer({ class: 'A', region: w.west }));
    for (const [of, extra] of [
      [bought, { defect: 'crack', batch: 'B7', receivedAt: '2026-03-05T02:00:00Z' }],
      [bought, { defect: 'colour difference', receivedAt: '2026-03-06T02:00:00Z' }],
      [other, { defect: 'crack' }],
    ] as const)
      ids.push((await w.log(of, extra, w.support)).body.id);
    await w.manager.post(`/complaints/${ids[0]}/raise-severity`, { severity: 'medium', criteria: ['money'] });
    await w.upTo(ids[1]!, 'decision');
  });
  afterAll(() => w.close());
  const found = async (query: string, by = w.gm) => {
    const { status, body } = await by.get(`/complaints?${query}`);
    return status === 200 ? body.items.map(({ id }: { id: string }) => ids.indexOf(id)) : body;
  };

  it('is looked through by state, severity, handler, customer, goods, defect, verdict and days', async () => {
    expect(await found('')).toEqual([2, 1, 0]);
    expect(await found('state=logged')).toEqual([2, 0]);
    expect(await found('severity=medium')).toEqual([0]);
    expect(await found(`handlerId=${w.deputy.id}`)).toEqual([2]);
    expect(await found(`distributorId=${customer.id}`)).toEqual([1, 0]);
    expect(await found(`productCode=${bought.code}&defect=crack`)).toEqual([0]);
    expect(await found('batch=B7')).toEqual([0]);
    expect(await found(`receipt=${bought.number}`)).toEqual([1, 0]);
    expect(await found('verdict=justified')).toEqual([1]);
    expect(await found('receivedOnFrom=2026-03-06&receivedOnTo=2026-03-06')).toEqual([1]);
    expect(await found(`region=${w.west}`)).toEqual([2]);
    const { number } = await w.read(ids[1]!);
    expect(await found(`number=${number}`)).toEqual([1]);
    expect(await found(`numberPrefix=${number.slice(0, -1)}`)).toEqual([2, 1, 0]);
    expect(await found('severity=terrible')).toMatchObject({ status: 400 });
    const first = (await w.gm.get('/complaints?limit=2')).body;
    const { items } = (await w.gm.get(`/complaints?limit=2&cursor=${first.next}`)).body;
    expect(items.map(({ id }: { id: string }) => ids.indexOf(id))).toEqual([0]);
  });

  clause(
    'C-01',
    'boundary',
    'a seller sees what is theirs, a manager the region, a distributor its own and nothing inside',
    async () => {
      // the goods of all three were sold by this one
      expect(await found('', w.seller)).toEqual([2, 1, 0]);
      expect(await found('', await w.h.staff('salesperson', { regionId: w.east }))).toEqual([]);
      const east = await w.h.staff('regional-manager', { regionId: w.east });
      expect(await found('', east)).toEqual([1, 0]);
      expect((await east.get(`/complaints/${ids[2]}`)).status).toBe(403);
      const own = await w.h.staff('distributor', { unit: customer.code });
      expect(await found('', own)).toEqual([]);
      const { id } = (await w.log(bought, { against: w.seller.id }, own)).body;
      await w.upTo(id, 'resolving');
      const { body } = await own.get(`/complaints/${id}`);
      expect(body).toMatchObject({
        state: 'resolving',
        verdict: 'justified',
        remedy: 'replace',
        handlerId: w.manager.id,
      });
      for (const field of ['estimatedCost', 'finding', 'evidence', 'criteria', 'repeat'])
        expect(body).not.toHaveProperty(field);
      expect((await w.deputy.get(`/complaints/${id}`)).body).toMatchObject({
        against: w.seller.id,
        estimatedCost: '500.00',
      });
      expect((await w.manager.get(`/complaints/${id}`)).body).not.toHaveProperty('against');
    },
  );
});
