import { competitorEvents, marketObservationEvents } from '@fenxiao/contracts/planning';
import { newId } from '@fenxiao/domain/id';
import { clause } from '@fenxiao/testing/clause';
import { harness, type Harness, type Member } from '@fenxiao/testing/harness';
import { schemaDrift } from '@fenxiao/testing/drift';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { planning } from './service.js';

let h: Harness;
let researcher: Member;
let salesManager: Member;
let importer: Member;
let east: string;
beforeAll(async () => {
  h = await harness(planning);
  researcher = await h.staff('market-researcher');
  salesManager = await h.staff('sales-manager');
  importer = await h.staff('importer');
  east = await h.region('EAST');
  await h.region('WEST');
  for (const [code, name] of [
    ['A', 'Alpha Tiles'],
    ['B', 'Beta Tiles'],
  ])
    await researcher.post('/competitors', { code, name });
}, 60_000);
afterAll(() => h?.close());

const load = async (rows: object[], kind = 'observations') =>
  (await importer.post(`/imports/${kind}`, { importId: newId(), rows })).body.results as {
    outcome: string;
    errors?: { field: string; code: string }[];
  }[];
const row = (over: object = {}) => ({
  month: '2026-01-15',
  regionCode: 'EAST',
  category: 'floor',
  vendor: 'A',
  value: '1000.00',
  volume: '20',
  source: 'panel',
  ...over,
});

describe('P-41 competitors', () => {
  clause('P-41', 'allowed', 'registered once each, and one of them is us', async () => {
    const { body } = await researcher.post('/competitors', { code: 'C', name: 'Gamma' });
    expect((await salesManager.post(`/competitors/${body.id}/choose-as-us`)).status).toBe(200);
    const { items } = (await researcher.get('/competitors?code=B')).body;
    expect((await salesManager.post(`/competitors/${items[0].id}/choose-as-us`)).status).toBe(200);
    expect(
      (await h.events(competitorEvents['chosen-as-us'])).map(({ data }) => (data as unknown as { code: string }).code),
    ).toEqual(['C', 'B']);
    const { rows } = await h.pool.query('SELECT code FROM competitor WHERE us');
    expect(rows).toEqual([{ code: 'B' }]);
  });
  clause('P-41', 'refused', 'a code twice, the reserved one, or a choice by a researcher', async () => {
    expect((await researcher.post('/competitors', { code: 'A', name: 'x' })).body).toMatchObject({
      status: 409,
      code: 'planning.competitor.code-taken',
    });
    expect((await researcher.post('/competitors', { code: 'Other', name: 'x' })).body.code).toBe(
      'planning.competitor.reserved',
    );
    const { items } = (await researcher.get('/competitors?code=A')).body;
    expect((await researcher.post(`/competitors/${items[0].id}/choose-as-us`)).body).toMatchObject({
      status: 403,
      rule: 'P-42',
    });
  });
  clause(
    'P-41',
    'boundary',
    'the import registers, renames and chooses, and a second run changes nothing',
    async () => {
      const rows = [
        { code: 'D', name: 'Delta' },
        { code: 'E', name: 'Epsilon', us: true },
      ];
      const outcomes = async (of: object[]) => (await load(of, 'competitors')).map(({ outcome }) => outcome);
      expect(await outcomes(rows)).toEqual(['created', 'created']);
      expect(await outcomes(rows)).toEqual(['unchanged', 'unchanged']);
      expect(await outcomes([{ code: 'D', name: 'Delta Tiles' }])).toEqual(['changed']);
    },
  );
});

describe('P-42 market observations', () => {
  clause('P-42', 'allowed', 'recorded by month, region, category and vendor, with source and confidence', async () => {
    const { body } = await researcher.post('/market-observations', {
      ...row({ category: 'wall' }),
      confidence: 'high',
    });
    expect(body).toMatchObject({
      month: '2026-01-01',
      regionId: east,
      vendor: 'A',
      vendorName: 'A',
      value: '1000.00',
      confidence: 'high',
    });
    const corrected = await researcher.post(
      `/market-observations/${body.id}/correct`,
      { value: '1100', confidence: 'medium', reason: 'source revised' },
      { 'if-match': '"1"' },
    );
    expect(corrected.body).toMatchObject({ version: 2, value: '1100.00', volume: null });
    expect(
      (await h.events(marketObservationEvents.recorded))
        .filter(({ subject }) => subject === body.id)
        .map(({ sequence }) => sequence),
    ).toEqual([1, 2]);
  });

  clause('P-42', 'refused', 'an unknown region is reported, never dropped or guessed', async () => {
    expect(
      (await researcher.post('/market-observations', { ...row({ regionCode: 'MOON' }), confidence: 'low' })).body,
    ).toMatchObject({ status: 422, field: 'regionCode' });
    expect(
      (await load([row({ regionCode: 'MOON', category: 'x' }), row({ category: 'x' })])).map(({ outcome, errors }) => [
        outcome,
        errors?.[0]?.field,
      ]),
    ).toEqual([
      ['rejected', 'regionCode'],
      ['created', undefined],
    ]);
  });

  clause('P-42', 'boundary', 'a vendor nobody registered counts as "other" and keeps its name', async () => {
    await load([
      row({ category: 'vendors', vendor: 'beta tiles' }),
      row({ category: 'vendors', vendor: 'Nobody Knows' }),
    ]);
    const facts = (await h.events(marketObservationEvents.recorded)).map(
      ({ data }) => data as unknown as { category: string; vendor: string; vendorName: string },
    );
    expect(
      facts
        .filter(({ category }) => category === 'vendors')
        .map(({ vendor, vendorName }) => `${vendor}: ${vendorName}`)
        .sort(),
    ).toEqual(['B: beta tiles', 'other: Nobody Knows']);
  });

  it('never doubles: the same rows change nothing, other figures correct, the last of a key counts', async () => {
    const rows = [row({ category: 'again' }), row({ category: 'again', vendor: 'B' })];
    const outcomes = async (of: object[]) => (await load(of)).map(({ outcome }) => outcome);
    expect(await outcomes(rows)).toEqual(['created', 'created']);
    expect(await outcomes(rows)).toEqual(['unchanged', 'unchanged']);
    expect(
      await outcomes([
        row({ category: 'again', month: '2026-01-31', value: '1.00' }),
        row({ category: 'again', value: '2.00' }),
      ]),
    ).toEqual(['changed', 'changed']);
    const { items } = (await researcher.get('/market-observations?category=again&vendor=A')).body;
    expect(items).toMatchObject([{ value: '2.00', version: 2 }]);
  });
});

it('has entities that say what the migrations made', async () => {
  expect(await schemaDrift(h)).toEqual([]);
});
