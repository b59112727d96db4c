import { newId } from '@fenxiao/domain/id';
import { clause } from '@fenxiao/testing/clause';
import type { Member } from '@fenxiao/testing/harness';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { world, type World } from '../test/world.js';

let w: World;
let south: string;
let manager: Member;
/** numbers of the orders, as they were made; each on a day of its own, the last is the newest */
const numbers: string[] = [];
const ids: string[] = [];
const customers: { id: string; code: string }[] = [];
const tiles: { id: string; code: string }[] = [];

beforeAll(async () => {
  w = await world();
  south = await w.h.region('SOUTH', w.east);
  manager = await w.h.staff('regional-manager', { regionId: w.east });
  customers.push(
    await w.distributor(),
    await w.distributor({ region: south }),
    await w.distributor({ region: w.west }),
  );
  tiles.push(await w.product(), await w.product());
  await w.receive(tiles[0]!.code, '1000');
  await w.h.pool.query(`UPDATE known_distributor SET name = '重庆鸿运100%建材' WHERE id = $1`, [customers[1]!.id]);
  for (let i = 0; i < 9; i++) {
    const extra = {
      channel: i % 2 ? 'shop' : 'direct',
      promisedOn: `2026-04-${String(20 - i)}`,
      reference: `PO_${i}/A`,
    };
    const lines = [{ productCode: tiles[i % 3 ? 0 : 1]!.code, quantity: '1', ...(i === 4 ? { unitPrice: '40' } : {}) }];
    const { body } = await w.order(customers[i % 3]!.code, lines, extra, w.clerk);
    numbers.push(body.number as string);
    ids.push(body.id as string);
    w.h.time.pass(24 * 60 * 60_000);
  }
}, 60_000);
afterAll(() => w?.close());

/** which of the orders a list gives, by their place in `numbers` */
async function found(query: string, by: Member = w.clerk): Promise<number[]> {
  const { status, body } = await by.get(`/orders?${query}`);
  expect({ status, body }).toMatchObject({ status: 200 });
  return (body.items as { number: string }[]).map(({ number }) => numbers.indexOf(number));
}

describe('what staff look for orders by', () => {
  it.each<[string, () => string, number[]]>([
    ['nothing: newest day first', () => '', [8, 7, 6, 5, 4, 3, 2, 1, 0]],
    ['state', () => 'state=backordered', [6, 3, 0]],
    ['region', () => `region=${south}`, [7, 4, 1]],
    ['distributor', () => `distributorId=${customers[2]!.id}`, [8, 5, 2]],
    ['part of a name', () => `customer=${encodeURIComponent('鸿运')}`, [7, 4, 1]],
    ['a character that patterns use', () => `customer=${encodeURIComponent('0%建')}`, [7, 4, 1]],
    ['how a code begins', () => `customer=${customers[0]!.code.toLowerCase()}`, [6, 3, 0]],
    ['a customer nobody knows', () => 'customer=nobody', []],
    ['number', () => `number=${numbers[3]}`, [3]],
    ['how a number begins', () => `numberPrefix=${numbers[0]!.slice(0, -1)}`, [8, 7, 6, 5, 4, 3, 2, 1, 0]],
    ['the same, taken as it stands', () => 'numberPrefix=DD-2026%', []],
    ["the customer's own number", () => 'reference=PO_3/A', [3]],
    ['how that begins', () => 'referencePrefix=PO_7', [7]],
    ['one day', () => 'orderedOn=2026-03-12', [2]],
    ['from a day', () => 'orderedOnFrom=2026-03-16', [8, 7, 6]],
    ['to a day', () => 'orderedOnTo=2026-03-11', [1, 0]],
    ['between days, both included', () => 'orderedOnFrom=2026-03-12&orderedOnTo=2026-03-14', [4, 3, 2]],
    ['promised days, the latest promise first', () => 'promisedOnFrom=2026-04-17&promisedOnTo=2026-04-19', [1, 2, 3]],
    ['salesperson', () => `salespersonId=${w.clerk.id}&orderedOnFrom=2026-03-17`, [8, 7]],
    ['channel', () => 'channel=shop', [7, 5, 3, 1]],
    ['product', () => `productCode=${tiles[1]!.code}`, [6, 3, 0]],
    ['hold', () => 'hold=price', [4]],
    ['another hold', () => 'hold=credit', []],
    [
      'all at once',
      () =>
        `state=allocated&region=${south}&channel=shop&productCode=${tiles[0]!.code}&orderedOnFrom=2026-03-12&customer=d2`,
      [7],
    ],
  ])('%s', async (_, query, expected) => {
    expect(await found(query())).toEqual(expected);
  });

  it.each([
    ['', 2],
    ['state=allocated', 2],
    ['orderedOnFrom=2026-03-11', 3],
    ['promisedOnTo=2026-04-19', 2],
    ['channel=direct', 1],
    ['numberPrefix=DD-2026-0000', 2],
    ['referencePrefix=PO&orderedOnFrom=2026-03-11', 2],
  ])('pages of "%s" follow each other without a gap', async (query, limit) => {
    for (const by of [w.clerk, manager]) {
      const whole = await found(query, by);
      const paged: number[] = [];
      for (let next: string | null = ''; next !== null;) {
        const path: string = `/orders?limit=${limit}&${query}${next ? `&cursor=${next}` : ''}`;
        const { body } = await by.get(path);
        paged.push(...(body.items as { number: string }[]).map(({ number }) => numbers.indexOf(number)));
        next = body.next as string | null;
      }
      expect(paged).toEqual(whole);
    }
  });

  it('nothing comes after an order that is not there', async () => {
    expect(await found(`cursor=${newId()}`)).toEqual([]);
  });

  it.each([
    ['orderedOnFrom=2026-03-12&orderedOnTo=2026-03-11', 'orderedOnTo', 'is before orderedOnFrom'],
    ['promisedOnFrom=soon', 'promisedOnFrom', 'Invalid ISO date'],
    ['numberPrefix=', 'numberPrefix', ''],
    ['hold=weather', 'hold', ''],
    ['customer=%20', 'customer', ''],
    [`customer=${'x'.repeat(201)}`, 'customer', ''],
    ['productCode=a%20b', 'productCode', ''],
    ['totalFrom=1', 'totalFrom', 'no such field'],
  ])('%s is refused, naming the field', async (query, field, message) => {
    for (const path of [`/orders?${query}`, `/orders/export?reason=why&${query}`])
      expect(await w.gm.get(path)).toMatchObject({
        status: 400,
        body: { code: 'request.invalid-query', errors: [{ field, message: expect.stringContaining(message) }] },
      });
  });

  it('an export has the same filters', async () => {
    const taken = async (query: string, by: Member) => {
      const { body } = await by.get(`/orders/export?reason=visits&format=ndjson&${query}`);
      const [, ...rows] = (body as string).trim().split('\n');
      return rows.map((row) => numbers.indexOf((JSON.parse(row) as { number: string }).number));
    };
    expect(await taken('orderedOnFrom=2026-03-12&channel=shop', w.gm)).toEqual([7, 5, 3]);
    expect(await taken('orderedOnFrom=2026-03-12', manager)).toEqual([7, 6, 4, 3]);
    expect(await taken(`region=${south}`, manager)).toEqual([7, 4, 1]);
    expect(await taken(`region=${w.west}`, manager)).toEqual([]);
  });

  it('OpenAPI documents them', async () => {
    const { body } = await w.h.request('GET', '/openapi.json');
    const parameters = body.paths['/orders'].get.parameters as { name: string; schema: object }[];
    const schemaOf = (name: string) => parameters.find((parameter) => parameter.name === name)?.schema;
    expect(schemaOf('orderedOnFrom')).toMatchObject({
      format: 'date',
      description: expect.stringContaining('or later'),
    });
    expect(schemaOf('numberPrefix')).toMatchObject({
      maxLength: 200,
      description: expect.stringContaining('how it begins'),
    });
    expect(schemaOf('hold')).toMatchObject({ enum: ['credit', 'price', 'stock', 'trial'] });
    expect(schemaOf('customer')).toMatchObject({ type: 'string' });
  });
});

describe('who sees what of them', () => {
  clause('X-20', 'boundary', 'a regional manager sees the region and those below it, merged in one order', async () => {
    expect(await found('', manager)).toEqual([7, 6, 4, 3, 1, 0]);
    expect(await found(`region=${south}`, manager)).toEqual([7, 4, 1]);
    expect(await found(`region=${w.west}`, manager)).toEqual([]);
    expect(await found('orderedOnTo=2026-03-13&channel=shop', manager)).toEqual([3, 1]);
  });

  clause('X-20', 'boundary', 'a salesperson sees what is theirs, made by them or for them, each once', async () => {
    const lines = [{ productCode: tiles[0]!.code, quantity: '1' }];
    const { body } = await w.place(customers[0]!.code, lines);
    const seen = async (query: string) => {
      const { body: page } = await w.seller.get(`/orders?${query}`);
      return (page.items as { id: string }[]).map(({ id }) => id);
    };
    expect(await seen('')).toEqual([body.id]);
    await w.h.pool.query('UPDATE "order" SET owner = $1 WHERE id = $2', [w.seller.id, ids[5]]);
    expect(await seen('')).toEqual([body.id, ids[5]]);
    expect(await seen('channel=shop')).toEqual([ids[5]]);
    expect(await seen(`region=${w.east}`)).toEqual([body.id]);
  });
});
