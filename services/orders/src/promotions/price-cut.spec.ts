import { orderEvents } from '@fenxiao/contracts/orders';
import { priceCutEvents } from '@fenxiao/contracts/price-cuts';
import { Percentage } from '@fenxiao/domain/percentage';
import { UnitPrice } from '@fenxiao/domain/unit-price';
import { clause } from '@fenxiao/testing/clause';
import type { Member } from '@fenxiao/testing/harness';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { evidence, world, type World } from '../../test/world.js';
import { priceAfter } from './cuts-in-force.js';

let w: World;
let salesHead: Member;
let below: string;
beforeAll(async () => {
  w = await world();
  below = await w.h.region('EAST-1', w.east);
  // positions are looked at anew: the region below is the manager's as well
  w = { ...w, manager: await w.h.staff('regional-manager', { regionId: w.east }) };
  salesHead = await w.h.staff('sales-general-manager');
}, 60_000);
afterAll(() => w?.close());
beforeEach(() => w.h.time.set('2026-03-10T02:00:00Z'));

type Move = [name: string, by: Member, form?: object];
const at = (id: string, [name, by, form]: Move) => by.post(`/price-cuts/${id}/${name}`, form ?? {});
const chain = (): Move[] => [
  ['submit', w.manager],
  ['adjust', w.deputy],
  ['pass', salesHead],
  ['approve', w.gm],
];
const draft = (over: object = {}, by = w.manager) =>
  by.post('/price-cuts', {
    title: 'Spring',
    proposal: 'A fifth off, to clear the store before summer.',
    regionIds: [w.east],
    percentOff: '20',
    startsOn: '2026-03-12',
    endsOn: '2026-03-20',
    ...over,
  });
/** Drafted and moved on, as many steps as are asked for. */
const cut = async (over: object = {}, steps = 4) => {
  let reply = await draft(over);
  const { id } = reply.body as { id: string };
  for (const move of chain().slice(0, steps)) reply = await at(id, move);
  return { id, body: reply.body };
};
/** A customer of the region and a stocked product at 100.00. */
const shop = async (family = 'floor', region = w.east) => {
  const [customer, tile] = [await w.distributor({ region }), await w.product('100', { family })];
  await w.receive(tile.code, '1000');
  const sell = (line: object = {}) =>
    w.order(customer.code, [{ productCode: tile.code, quantity: '1', ...line }], {}, w.clerk);
  return { customer, tile, sell };
};
const factsOf = async (id: string) =>
  (await w.h.events()).filter(({ subject }) => subject === id).map(({ type }) => type.split('.')[3]);
const morning = async (date: string) => {
  w.h.time.set(new Date(Date.parse(`${date}T00:01:00+08:00`)).toISOString());
  await w.h.service.jobs.run('price-cut-days', date);
};

describe('O-14 short price cuts 短期削价', () => {
  clause('O-14', 'allowed', 'through the whole chain, then sold at the cut price without an exception', async () => {
    const { tile, sell } = await shop();
    const { id } = await cut({ productCodes: [tile.code], endsOn: '2026-03-18' }, 1);
    const adjusted = await at(id, ['adjust', w.deputy, { percentOff: '15', title: 'Spring, less' }]);
    expect(adjusted.body).toMatchObject({
      state: 'adjusted',
      percentOff: '15',
      before: { percentOff: '20', title: 'Spring', products: [{ productId: tile.id, productCode: tile.code }] },
    });
    expect((await at(id, ['pass', salesHead])).body.state).toBe('reviewed');
    expect((await at(id, ['approve', w.gm])).body).toMatchObject({
      state: 'approved',
      number: expect.stringMatching(/^XJ-2026-/),
    });
    await morning('2026-03-12');
    const { body } = await sell();
    expect(body).toMatchObject({
      state: 'allocated',
      net: '85.00',
      lines: [{ listPrice: '100.0000', unitPrice: '85.0000', cutPrice: '85.0000', priceCutId: id, deviation: '0' }],
    });
    const [sold] = (await w.h.events(orderEvents.submitted)).filter(({ subject }) => subject === body.id);
    expect(sold!.data['lines']).toMatchObject([{ priceCutId: id, cutPrice: '85.0000', listPrice: '100.0000' }]);
    expect((await sell({ unitPrice: '84.9999' })).body.holds).toEqual(['price']);
    await morning('2026-03-19');
    expect(await factsOf(id)).toEqual(['drafted', 'submitted', 'adjusted', 'reviewed', 'approved', 'started', 'ended']);
    const [told] = (await w.h.events(priceCutEvents.adjusted)).filter(({ subject }) => subject === id);
    expect(told!.data).toMatchObject({ percentOff: '15', before: { percentOff: '20' }, meta: { actor: w.deputy.id } });
    const [began] = (await w.h.events(priceCutEvents.started)).filter(({ subject }) => subject === id);
    expect(began!.data.meta).toMatchObject({ rule: 'O-14', actor: 'system' });
    expect((await w.gm.get(`/price-cuts/${id}`)).body.state).toBe('ended');
  });

  clause(
    'O-14',
    'allowed',
    'a family in a region and those below it; at once where it starts today; gifts stay at list value',
    async () => {
      const { sell, tile } = await shop('marble', below);
      const elsewhere = await shop('marble', w.west);
      const { body } = await cut({ families: ['marble'], percentOff: '10', startsOn: '2026-03-10' });
      expect(body.state).toBe('running');
      expect((await sell()).body).toMatchObject({ state: 'allocated', net: '90.00' });
      expect((await elsewhere.sell()).body).toMatchObject({ state: 'allocated', net: '100.00' });
      expect((await elsewhere.sell({ unitPrice: '90' })).body.state).toBe('on-hold');
      const quote = await w.seller.get(`/quotes?productCode=${tile.code}&regionId=${below}`);
      expect(quote.body.items).toMatchObject([{ listPrice: '100.0000', cutPrice: '90.0000', priceCutId: body.id }]);
      expect(
        (await w.seller.get(`/quotes?productCode=${tile.code}&on=2026-03-21&regionId=${below}`)).body.items[0],
      ).not.toHaveProperty('cutPrice');
      const gift = await w.distributor();
      const lines = [
        { productCode: tile.code, quantity: '10' },
        { productCode: tile.code, quantity: '1', gift: true },
      ];
      const given = await w.order(gift.code, lines);
      expect(given.body).toMatchObject({ state: 'on-hold', net: '900.00' });
      expect(given.body.lines).toMatchObject([{ deviation: '-11.1111' }, { gift: true }]); // 100 of 900
      expect(given.body.lines[1]).not.toHaveProperty('priceCutId');
    },
  );

  clause('O-14', 'boundary', 'a draft written before a cut of the same day is sold at its price', async () => {
    const { customer, tile } = await shop();
    const { body: drafted } = await w.place(customer.code, [{ productCode: tile.code, quantity: '1' }]);
    expect(drafted.net).toBe('100.00');
    await cut({ productCodes: [tile.code], startsOn: '2026-03-10' });
    const sold = await w.seller.post(`/orders/${drafted.id}/submit`);
    expect(sold.body).toMatchObject({ state: 'allocated', net: '80.00', lines: [{ cutPrice: '80.0000' }] });
  });

  clause('O-14', 'refused', 'one price for lists with tax and without, or on a list of the other kind', async () => {
    const [net, taxed] = [await w.product('100'), await w.product('113', { taxIncluded: true })];
    const price = { percentOff: undefined, cutPrice: '90' };
    expect((await draft({ ...price, productCodes: [net.code, taxed.code] })).body).toMatchObject({
      status: 422,
      code: 'orders.price-cut.mixed-tax',
      field: 'productCodes',
    });
    const customer = await w.distributor();
    await w.receive(taxed.code, '10');
    await cut({ ...price, productCodes: [taxed.code], startsOn: '2026-03-10' });
    const sell = () => w.order(customer.code, [{ productCode: taxed.code, quantity: '1' }], {}, w.clerk);
    expect((await sell()).body).toMatchObject({ gross: '90.00' });
    // the same price in a list before tax would be another cut
    const listed = await w.salesManager.post('/price-lists', {
      code: `${taxed.code}-net`,
      validFrom: '2026-03-11',
      taxIncluded: false,
      lines: [{ productCode: taxed.code, price: '110' }],
    });
    await w.salesManager.post(`/price-lists/${listed.body.id}/submit`, evidence);
    await w.deputy.post(`/price-lists/${listed.body.id}/approve`);
    w.h.time.set('2026-03-11T02:00:00Z');
    const { body } = await sell();
    expect(body).toMatchObject({ net: '110.00' });
    expect(body.lines[0]).not.toHaveProperty('priceCutId');
  });

  clause(
    'O-14',
    'refused',
    'T3: the deputy general manager does not approve (step 4), nobody leaves a step out',
    async () => {
      const { tile } = await shop();
      const { id } = await cut({ productCodes: [tile.code] }, 0);
      const allowed = { submit: w.manager, adjust: w.deputy, pass: salesHead, approve: w.gm };
      const refusedBut = async (open: string) => {
        for (const [name, by] of Object.entries(allowed))
          if (name !== open) expect([name, (await at(id, [name, by])).status]).toEqual([name, 409]);
      };
      for (const move of chain()) {
        await refusedBut(move[0]);
        for (const by of [w.manager, w.deputy, salesHead, w.gm, w.salesManager].filter((other) => other !== move[1]))
          expect((await at(id, [move[0], by])).body).toMatchObject({ status: 403, rule: 'O-14' });
        expect((await at(id, move)).status).toBe(200);
      }
      // T3
      const third = await cut({ productCodes: [(await shop()).tile.code] }, 2);
      // the sales general manager passes or returns, and edits nothing
      expect((await at(third.id, ['pass', salesHead, { percentOff: '5' }])).status).toBe(400);
      await at(third.id, ['pass', salesHead]);
      expect((await at(third.id, ['approve', w.deputy])).body).toMatchObject({ status: 403, rule: 'O-14' });
      expect((await at(third.id, ['reject', w.deputy, { reason: 'no' }])).status).toBe(403);
      expect((await at(third.id, ['reject', w.gm, { reason: 'too dear' }])).body.state).toBe('rejected');
    },
  );

  clause(
    'O-14',
    'refused',
    'T4: the author does not approve, nor take any other step, whatever other positions are held',
    async () => {
      const all = ['deputy-general-manager-sales', 'sales-general-manager', 'general-manager'] as const;
      const author = await w.h.staff(['regional-manager', ...all], { regionId: w.east });
      const head = await w.h.staff([...all]);
      const { tile } = await shop();
      const { body } = await draft({ productCodes: [tile.code] }, author);
      await at(body.id, ['submit', author]);
      const steps = [
        ['adjust', w.deputy],
        ['pass', salesHead],
        ['approve', w.gm],
      ] as const;
      for (const [name, by] of steps) {
        expect((await at(body.id, [name, author])).body).toMatchObject({ status: 403 });
        expect((await at(body.id, [name, by])).status).toBe(200);
      }
      // no two steps by one person
      const two = await cut({ productCodes: [(await shop()).tile.code] }, 1);
      await at(two.id, ['adjust', head]);
      expect((await at(two.id, ['pass', head])).body).toMatchObject({ status: 403, rule: 'O-26' });
      await at(two.id, ['pass', salesHead]);
      expect((await at(two.id, ['approve', head])).body).toMatchObject({ status: 403, rule: 'O-26' });
      expect((await at(two.id, ['approve', w.gm])).body.state).toBe('approved');
    },
  );

  clause('O-14', 'refused', 'what is no short cut, or not theirs to propose', async () => {
    const { tile } = await shop();
    const productCodes = [tile.code];
    const wrong: [object, number, string][] = [
      [{ productCodes, startsOn: undefined }, 400, 'startsOn'],
      [{ productCodes, endsOn: undefined }, 400, 'endsOn'],
      [{ productCodes, startsOn: '2026-03-09' }, 422, 'startsOn'],
      [{ productCodes, endsOn: '2026-03-12' }, 422, 'endsOn'],
      [{ productCodes, percentOff: '0' }, 422, 'percentOff'],
      [{ productCodes, percentOff: '100' }, 422, 'percentOff'],
      [{ productCodes, cutPrice: '80' }, 422, 'percentOff'],
      [{ productCodes, percentOff: undefined }, 422, 'percentOff'],
      [{ productCodes, percentOff: undefined, cutPrice: '100' }, 422, 'cutPrice'],
      [{ families: ['floor'], percentOff: undefined, cutPrice: '80' }, 422, 'families'],
      [{ families: ['nothing'] }, 422, 'families.0'],
      [{ productCodes: [tile.code, 'NONE'] }, 422, 'productCodes.1'],
      [{}, 422, 'productCodes'],
      [{ productCodes, regionIds: [w.east, w.west] }, 403, 'regionIds.1'],
    ];
    for (const [over, status, field] of wrong)
      expect([over, (await draft(over)).body]).toMatchObject([over, { status, field }]);
    expect((await draft({ productCodes }, w.salesManager)).body).toMatchObject({ status: 403, rule: 'O-14' });
    const { id } = await cut({ productCodes }, 1);
    const unknown = await at(id, ['adjust', w.deputy, { regionIds: [tile.id] }]);
    expect(unknown.body).toMatchObject({ status: 422, field: 'regionIds.0' });
  });

  clause(
    'O-14',
    'refused',
    'a second cut of a product for a region at that time; after it, or elsewhere, is another',
    async () => {
      const { tile } = await shop('granite');
      const productCodes = [tile.code];
      const pending = await cut({ productCodes, startsOn: '2026-03-15', endsOn: '2026-03-25' }, 3);
      const first = await cut({ productCodes });
      const refused = { status: 409, code: 'orders.price-cut.overlaps', rule: 'O-14' };
      const other = async (over: object) => (await cut(over, 1)).body;
      expect((await at(pending.id, ['approve', w.gm])).body).toMatchObject(refused);
      expect(await other({ families: ['granite'], startsOn: '2026-03-20', endsOn: '2026-03-25' })).toMatchObject(
        refused,
      );
      expect(await other({ productCodes, regionIds: [below], endsOn: '2026-03-13' })).toMatchObject(refused);
      expect(await other({ productCodes, startsOn: '2026-03-21', endsOn: '2026-03-25' })).toMatchObject({
        state: 'submitted',
      });
      const moved = await at(pending.id, ['reject', w.gm, { reason: 'overlaps' }]);
      expect(moved.body.state).toBe('rejected');
      expect(first.body.state).toBe('approved');
    },
  );

  clause(
    'O-14',
    'boundary',
    'from the first moment of its first day to the last of its last; a day before or after it is an exception',
    async () => {
      const { customer, tile, sell } = await shop();
      const { id } = await cut({ productCodes: [tile.code], percentOff: undefined, cutPrice: '80' });
      const states: [string, string][] = [
        ['2026-03-11T15:59:59Z', 'on-hold'],
        ['2026-03-11T16:00:00Z', 'allocated'], // midnight in Shanghai, before the job has run
        ['2026-03-20T15:59:59Z', 'allocated'],
        ['2026-03-20T16:00:00Z', 'on-hold'],
      ];
      for (const [now, state] of states) {
        w.h.time.set(now);
        expect([now, (await sell({ unitPrice: '80' })).body.state]).toEqual([now, state]);
        if (state === 'allocated') expect((await sell({ unitPrice: '79.9999' })).body.state).toBe('on-hold');
      }
      w.h.time.set('2026-03-20T15:59:59Z');
      const kept = await w.place(customer.code, [{ productCode: tile.code, quantity: '1' }], {}, w.clerk);
      expect(kept.body.net).toBe('80.00');
      w.h.time.set('2026-03-20T16:00:00Z');
      const late = await w.clerk.post(`/orders/${kept.body.id}/submit`);
      expect(late.body).toMatchObject({ state: 'allocated', net: '100.00' }); // a draft of the last day is an order of the next
      await morning('2026-03-20');
      expect((await w.gm.get(`/price-cuts/${id}`)).body.state).toBe('running');
      await morning('2026-03-21');
      expect((await w.gm.get(`/price-cuts/${id}`)).body.state).toBe('ended');
    },
  );

  clause(
    'O-14',
    'boundary',
    'sixty days are a short cut, a day more is a change of the list; today is not in the past',
    async () => {
      const { tile } = await shop();
      const productCodes = [tile.code];
      const long = (endsOn: string) => draft({ productCodes, startsOn: '2026-03-10', endsOn });
      expect((await long('2026-05-08')).status).toBe(201);
      expect((await long('2026-05-09')).body).toMatchObject({
        status: 422,
        code: 'orders.price-cut.too-long',
        field: 'endsOn',
        detail: expect.stringContaining('O-13'),
      });
      const waiting = await cut({ productCodes, startsOn: '2026-03-10' }, 3);
      w.h.time.set('2026-03-10T16:00:00Z');
      expect((await at(waiting.id, ['approve', w.gm])).body).toMatchObject({ status: 422, field: 'startsOn' });
    },
  );

  it('is returned for rework and submitted again, or taken back', async () => {
    const { tile } = await shop();
    const { id } = await cut({ productCodes: [tile.code] }, 2);
    expect((await at(id, ['return', salesHead])).status).toBe(400);
    const returned = await at(id, ['return', salesHead, { reason: 'too much' }]);
    expect(returned.body.state).toBe('returned');
    const form = {
      title: 'Spring',
      proposal: 'Less.',
      productCodes: [tile.code],
      regionIds: [w.east],
      percentOff: '5',
    };
    const days = { startsOn: '2026-03-12', endsOn: '2026-03-20' };
    const edited = await w.manager.post(
      `/price-cuts/${id}/edit`,
      { ...form, ...days },
      { 'if-match': returned.headers.get('etag')! },
    );
    expect(edited.body).toMatchObject({ state: 'returned', percentOff: '5' });
    expect((await at(id, ['submit', w.manager])).body).not.toHaveProperty('before');
    const other = await w.h.staff('regional-manager', { regionId: w.east });
    expect((await at(id, ['withdraw', other, { reason: 'not mine' }])).status).toBe(403);
    expect((await at(id, ['withdraw', w.manager, { reason: 'not now' }])).body.state).toBe('withdrawn');
    expect((await w.manager.get(`/price-cuts/${id}/page`, { 'accept-language': 'zh-CN' })).body).toContain(
      '短期削价策划案',
    );
  });

  it('a cut whose days were missed starts and ends at once', async () => {
    const { tile } = await shop();
    const { id } = await cut({ productCodes: [tile.code] });
    await morning('2026-04-01');
    expect((await factsOf(id)).slice(-2)).toEqual(['started', 'ended']);
  });
});

describe('arithmetic of cuts', () => {
  it('a percentage takes off its share, to half a ten-thousandth, and never more than there is', () => {
    const prices = fc.integer({ min: 0, max: 100_000_000 }).map((n) => UnitPrice.of((n / 10_000).toFixed(4)));
    const percents = fc.integer({ min: 1, max: 9999 }).map((n) => Percentage.of((n / 100).toFixed(2)));
    fc.assert(
      fc.property(prices, percents, (list, percentOff) => {
        const price = priceAfter({ by: { percentOff } }, list);
        const off = 2n * (price.units * Percentage.whole - list.units * percentOff.rest().units);
        expect(off <= Percentage.whole && off >= -Percentage.whole).toBe(true);
        expect(price.isNegative() || price.compare(list) > 0).toBe(false);
      }),
    );
  });
});
