import { newId } from '@fenxiao/domain/id';
import { readFile } from 'node:fs/promises';
import { globSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { distributorEvents, regionEvents } from '@fenxiao/contracts/distributors';
import { competitorEvents, marketObservationEvents } from '@fenxiao/contracts/planning';
import type { LogRecord } from '@fenxiao/messaging/event-log';
import type { OutboxRow } from '@fenxiao/messaging/outbox';
import { anOrder, orders } from '../test/orders.js';
import { anEvent, startStore, type Store } from '../test/stack.js';
import { migrateClickHouse, render, renderAll, clickhouseFolder } from './clickhouse-schema.js';
import { lineOf } from './line.js';
import { compareFacts, holds } from './reconcile.js';
import { insertOrBisect, insertRecords } from './store.js';
import { cp, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

let store: Store;
beforeAll(async () => void (store = await startStore()), 60_000);
afterAll(() => store.close());
beforeEach(() => store.empty());

let next = 1n;
const recordOf = ({ topic, part, key, headers, value }: OutboxRow): LogRecord => ({
  topic,
  part,
  key,
  headers,
  value,
  off: next++,
});
const insert = (rows: readonly OutboxRow[], token = newId()) => insertRecords(store.client, rows.map(recordOf), token);
const poison = (value: string, headers = '{}'): OutboxRow => ({
  topic: 'fenxiao.orders',
  part: 0,
  key: 'k',
  headers,
  value,
});

describe('the golden samples of every contract', () => {
  it('become facts: none is a dead letter, and each type is either a fact of its own or a move', async () => {
    const folder = fileURLToPath(new URL('../../../packages/contracts/samples', import.meta.url));
    const files = globSync('*/*.json', { cwd: folder });
    const samples = await Promise.all(
      files.map(
        async (file) => JSON.parse(await readFile(join(folder, file), 'utf8')) as { data: object; type: string },
      ),
    );
    expect(samples.length).toBeGreaterThan(50);
    await insert(
      samples.map(({ data, ...headers }) => ({
        topic: headers.type.split('.').slice(0, 2).join('.'),
        part: 0,
        key: 'k',
        headers: JSON.stringify(headers),
        value: JSON.stringify(data),
      })),
    );
    expect(await store.query('SELECT type, detail FROM dead_letters')).toEqual([]);
    expect(await store.one('SELECT count() FROM raw_events')).toBe(String(samples.length));
    const days = { from: '2000-01-01', to: '2099-12-31', timeZone: 'Asia/Shanghai' };
    expect((await compareFacts(store.client, days)).filter((row) => !holds(row))).toEqual([]);
    for (const view of [
      'sales',
      'orders',
      'price_exceptions',
      'invoices',
      'distributors',
      'regions',
      'products',
      'people',
      'competitors',
      'market_observations',
      'moves_log',
      'receivables',
      'shipments',
      'subjects',
    ])
      expect([view, Number(await store.one(`SELECT count() FROM ${view}`))]).toEqual([view, expect.any(Number)]);
    const [distributor] = await store.query('SELECT code, name, state, class FROM distributors');
    expect(distributor).toMatchObject({
      code: expect.stringMatching(/./),
      name: expect.stringMatching(/./),
      class: expect.stringMatching(/^[ABC]$/),
    });
  });
});

describe('sales', () => {
  const sums = (basis: string) =>
    store.query(
      `SELECT toString(booked_on) AS day, sum(s.net) AS net, sum(s.gross) AS gross, sum(s.lines) AS lines FROM sales_by_day AS s WHERE basis = '${basis}' GROUP BY day ORDER BY day`,
    );

  it('add up to the fen on every basis, line by line, and by day in the rollup', async () => {
    const all = orders(60);
    await insert(all.map((order) => order.submitted()));
    await insert(all.flatMap((order) => [order.dispatched(), order.invoiced(), order.paid()]));
    const net = all.reduce((sum, { netFen }) => sum + netFen, 0);
    for (const basis of ['order', 'ship', 'invoice'])
      expect(await store.one(`SELECT sum(s.net) * 100 FROM sales_facts AS s WHERE basis = '${basis}'`)).toBe(
        String(net),
      );
    expect(await store.one(`SELECT sum(s.net) * 100 FROM sales_by_day AS s WHERE basis = 'ship'`)).toBe(String(net));
    expect(await store.one(`SELECT count() FROM sales_facts WHERE basis = 'receipt'`)).toBe('60');
    expect(await store.one(`SELECT uniqCombined64Merge(order_ids) FROM sales_by_day WHERE basis = 'order'`)).toBe('60');
  });

  it('are taken back to the fen when an order is cancelled or withdrawn, on the day of the order', async () => {
    const kept = anOrder({ orderedOn: '2026-02-10', lines: [{ net: 33_33 }] });
    const cancelled = anOrder({ orderedOn: '2026-02-10', lines: [{ net: 7 }, { net: 9_999_999 }] });
    const withdrawn = anOrder({ orderedOn: '2026-02-11', lines: [{ net: 12_34 }] });
    await insert([kept.submitted(), cancelled.submitted(), withdrawn.submitted()]);
    await insert([cancelled.cancelled(true, '2026-03-02T01:00:00Z'), withdrawn.withdrawn()]);
    expect(await sums('order')).toEqual([
      { day: '2026-02-10', net: '33.33', gross: '37.66', lines: '1' },
      { day: '2026-02-11', net: '0', gross: '0', lines: '0' },
    ]);
    const [late] = await store.query(`SELECT entered_on, booked_on FROM sales WHERE net = -0.07`);
    expect(late).toEqual({ entered_on: '2026-03-02', booked_on: '2026-02-10' });
  });

  it('do not count a draft that is cancelled, nor history that was cancelled in its time', async () => {
    await insert([
      anOrder().cancelled(false),
      anOrder().recorded('cancelled'),
      anOrder({ lines: [{ net: 5_00 }] }).recorded('completed'),
    ]);
    expect(await store.query(`SELECT net, type FROM sales_facts`)).toEqual([
      { net: '5', type: 'fenxiao.orders.order.recorded.v1' },
    ]);
  });

  it('compute list value from quantity and list price, rounded half up once', async () => {
    await insert([anOrder({ lines: [{ net: 90_00 }] }).submitted()]);
    expect(await store.query('SELECT quantity, list_price, list_value FROM sales')).toEqual([
      { quantity: '2.5', list_price: '40', list_value: '100' },
    ]);
  });
});

describe('what changes', () => {
  it('keeps the value of the highest sequence whatever order events come in, and notices a missing one', async () => {
    const order = anOrder({ number: 'DD-1' });
    const life = [order.created(), order.submitted(), order.confirmed(), order.delivered(true)];
    await insert([life[3]!, life[1]!]);
    await insert([life[0]!]);
    await insert([life[0]!, life[3]!]);
    expect(await store.query('SELECT number, state, on_time, promised_on, submitted_at FROM orders')).toEqual([
      {
        number: 'DD-1',
        state: 'delivered',
        on_time: true,
        promised_on: '2026-03-05',
        submitted_at: '2026-03-05 02:00:00.000',
      },
    ]);
    expect(
      await store.one('SELECT toString(arraySort(bitmapToArray(groupBitmapMergeState(events)))) FROM order_facts'),
    ).toBe('[1,2,4]');
  });

  it('follows a distributor through its states and regions', async () => {
    const [id, north, south] = [newId(), newId(), newId()];
    const form = {
      code: 'D-9',
      name: '某某建材',
      licence: 'x',
      partnerType: 'distributor',
      segment: 'retail-shop',
      class: 'B',
      terms: 'credit',
      paymentDays: 45,
    } as const;
    await insert([
      anEvent(distributorEvents.created, id, { ...form, regionId: north }, { sequence: 1 }),
      anEvent(
        distributorEvents.activated,
        id,
        { code: 'D-9' },
        { sequence: 2, move: { procedure: 'distributor', name: 'activate', from: 'trial', to: 'active' } },
      ),
      anEvent(
        distributorEvents['region-assigned'],
        id,
        { regionId: south, previousRegionId: north, validFrom: '2026-03-05' },
        { sequence: 3 },
      ),
    ]);
    expect(await store.query('SELECT code, name, class, state, region_id, payment_days FROM distributors')).toEqual([
      { code: 'D-9', name: '某某建材', class: 'B', state: 'active', region_id: south, payment_days: 45 },
    ]);
  });

  it('knows each region with all it lies in', async () => {
    const [country, south, city] = [newId(), newId(), newId()];
    const region = (id: string, code: string, parentId?: string) =>
      anEvent(regionEvents.created, id, {
        code,
        name: code,
        validFrom: '2020-01-01',
        ...(parentId ? { parentId } : {}),
      });
    await insert([region(city, 'city', south), region(country, 'country'), region(south, 'south', country)]);
    expect(
      await store.query(`SELECT ancestor_code, depth FROM region_tree WHERE region_id = {id:UUID} ORDER BY depth`, {
        id: city,
      }),
    ).toEqual([
      { ancestor_code: 'city', depth: 0 },
      { ancestor_code: 'south', depth: 1 },
      { ancestor_code: 'country', depth: 2 },
    ]);
  });
});

describe('market share', () => {
  const us = newId();
  const observe = (
    vendor: string,
    vendorName: string,
    value: string,
    more: { volume?: string; confidence?: 'low' | 'medium' | 'high'; regionId?: string; time?: string } = {},
  ) => {
    const { volume, confidence = 'high', regionId = region, time } = more;
    return anEvent(
      marketObservationEvents.recorded,
      newId(),
      {
        month: '2026-02-01',
        regionId,
        category: 'floor tiles',
        vendor,
        vendorName,
        value,
        currency: 'CNY',
        source: 'survey',
        confidence,
        ...(volume ? { volume } : {}),
      },
      time ? { time } : {},
    );
  };
  const region = newId();

  it('keeps vendors nobody registered in the denominator, each by its name', async () => {
    await insert([
      anEvent(competitorEvents.registered, us, { code: 'we', name: '我们' }, { sequence: 1 }),
      anEvent(competitorEvents.registered, newId(), { code: 'rival', name: '对手' }),
      anEvent(competitorEvents['chosen-as-us'], us, { code: 'we', name: '我们' }, { sequence: 2 }),
      observe('we', '我们', '20.00', { volume: '2' }),
      observe('rival', '对手', '40.00', { volume: '5' }),
      observe('other', '甲厂', '25.00', { volume: '2', confidence: 'low' }),
      observe('other', '乙厂', '15.00', { volume: '1' }),
    ]);
    const [share] = await store.query(
      `SELECT own_value / market_value * 100 AS value, own_volume / market_volume * 100 AS volume, own_value / largest_competitor_value AS relative,
         other_value, vendors, confidence FROM market_shares`,
    );
    expect(share).toEqual({
      value: '20',
      volume: '20',
      relative: '0.5',
      other_value: '40',
      vendors: '4',
      confidence: 'low',
    });
  });

  it('takes the most confident, then the latest of several observations of one vendor', async () => {
    await insert([
      observe('rival', '对手', '1.00', { confidence: 'low', time: '2026-03-04T00:00:00Z' }),
      observe('rival', '对手', '2.00', { time: '2026-03-01T00:00:00Z' }),
      observe('rival', '对手', '3.00', { time: '2026-03-02T00:00:00Z' }),
    ]);
    expect(await store.query('SELECT value, is_us FROM market_observations')).toEqual([{ value: '3', is_us: 0 }]);
    expect(await store.query('SELECT own_value, market_value FROM market_shares')).toEqual([
      { own_value: null, market_value: '3' },
    ]);
  });

  it('says nothing of volumes while one of them is unknown', async () => {
    await insert([observe('we', '我们', '5.00', { volume: '1' }), observe('rival', '对手', '5.00')]);
    expect(await store.query('SELECT market_volume FROM market_shares')).toEqual([{ market_volume: null }]);
  });
});

describe('dead letters', () => {
  it('take what is no JSON or lacks what a fact needs, with the reason and its address; the raw record stays as it came', async () => {
    const good = anOrder().submitted();
    const without = (row: OutboxRow, field: string) => ({
      ...row,
      value: JSON.stringify({ ...JSON.parse(row.value), [field]: undefined }),
    });
    const badLine = JSON.parse(good.value) as { lines: { net: string }[] };
    badLine.lines[0]!.net = '12.345';
    const first = next;
    await insert([
      poison('not json'),
      poison('{"a":"tab\there\nand a line"}'),
      poison('\\N'),
      poison(''),
      poison('{"a":1}', 'no headers'),
      without(good, 'regionId'),
      without(good, 'orderedOn'),
      without(good, 'meta'),
      { ...good, value: JSON.stringify(badLine) },
      good,
    ]);
    const set = await store.query(
      `SELECT toString(offset - ${first}) AS n, reason, detail FROM dead_letters WHERE consumer = 'analytics' ORDER BY offset`,
    );
    expect(set).toEqual([
      ...[0, 1, 2, 3].map((n) => ({
        n: String(n),
        reason: 'malformed',
        detail: expect.stringMatching(/headers|data/),
      })),
      { n: '4', reason: 'malformed', detail: 'headers' },
      { n: '5', reason: 'missing', detail: 'number, distributorId, regionId or currency' },
      { n: '6', reason: 'missing', detail: 'orderedOn or state' },
      { n: '7', reason: 'missing', detail: 'meta' },
      { n: '8', reason: 'missing', detail: 'lines' },
    ]);
    expect(await store.one('SELECT count() FROM raw_events')).toBe('10');
    expect(await store.one(`SELECT data FROM raw_events WHERE offset = ${first}`)).toBe('not json');
    expect(JSON.parse(await store.one(`SELECT data FROM raw_events WHERE offset = ${first + 1n}`))).toBe(
      '{"a":"tab\there\nand a line"}',
    );
    expect(await store.one('SELECT uniqExact(offset) FROM sales_facts')).toBe('1');
    expect(await store.one('SELECT count() FROM moves')).toBe('1');
  });

  it('keep JSON with line breaks between its tokens as the event it is', async () => {
    const order = anOrder({ lines: [{ net: 1_00 }] }).submitted();
    await insert([{ ...order, value: JSON.stringify(JSON.parse(order.value), undefined, '\t') }]);
    expect(await store.one('SELECT sum(s.net) FROM sales AS s')).toBe('1');
    expect(await store.one('SELECT count() FROM dead_letters')).toBe('0');
  });

  it('can not be told a false address by their content', async () => {
    await insert([
      poison('{},"topic":"fenxiao.appraisals","offset":77}\t'),
      poison('{"topic":"fenxiao.appraisals","partition":3,"offset":77}'),
    ]);
    expect(await store.query('SELECT DISTINCT topic, toString(partition) AS p FROM raw_events')).toEqual([
      { topic: 'fenxiao.orders', p: '0' },
    ]);
  });

  it('list what other services set aside, with the address of the message', async () => {
    const value = JSON.stringify({
      reason: 'handler-failed',
      error: 'boom',
      original: { topic: 'fenxiao.orders', partition: 3, offset: '17', key: 'k' },
      headers: '{}',
      value: '{}',
    });
    const headers = JSON.stringify({
      id: 'x',
      type: 'fenxiao.distributors.dead-letter.v1',
      subject: 'k',
      time: '2026-03-05T00:00:00Z',
      sequence: 1,
    });
    await insert([{ topic: 'fenxiao.distributors.dead', part: 0, key: 'k', headers, value }]);
    expect(
      await store.query(
        'SELECT consumer, reason, topic, toString(partition) AS p, offset, source_topic FROM dead_letters',
      ),
    ).toEqual([
      {
        consumer: 'distributors',
        reason: 'handler-failed',
        topic: 'fenxiao.orders',
        p: '3',
        offset: '17',
        source_topic: 'fenxiao.distributors.dead',
      },
    ]);
  });

  it('never make a view throw, whatever stands in a field', async () => {
    const kinds = [
      anOrder().submitted(),
      anOrder().dispatched(),
      anOrder().invoiced(),
      anOrder().paid(),
      anOrder().recorded('completed'),
      anOrder().confirmed(),
    ];
    const odd = [
      '',
      'x',
      '1e400',
      '-',
      '99999999999999999999999',
      '2026-02-30',
      '9999-12-31',
      '0000-00-00',
      '\u0000',
      '中文',
      null,
      1e300,
      -1e300,
      9e18,
      1.5,
      true,
      [],
      [[]],
      {},
      { a: 1 },
    ];
    const rows = kinds.flatMap((row) => {
      const data = JSON.parse(row.value) as Record<string, unknown> & {
        lines?: Record<string, unknown>[];
        meta: Record<string, unknown>;
      };
      const headers = JSON.parse(row.headers) as Record<string, unknown>;
      return [
        ...Object.keys(data).flatMap((field) =>
          odd.map((value) => ({ ...row, value: JSON.stringify({ ...data, [field]: value }) })),
        ),
        ...Object.keys(data.lines?.[0] ?? {}).flatMap((field) =>
          odd.map((value) => ({
            ...row,
            value: JSON.stringify({ ...data, lines: [{ ...data.lines![0], [field]: value }] }),
          })),
        ),
        ...odd.map((value) => ({
          ...row,
          value: JSON.stringify({
            ...data,
            meta: { ...data.meta, move: { procedure: 'p', name: 'n', to: 't', enteredAt: value, dueAt: value } },
          }),
        })),
        ...Object.keys(headers).flatMap((field) =>
          odd.map((value) => ({ ...row, headers: JSON.stringify({ ...headers, [field]: value }) })),
        ),
      ];
    });
    await insert(rows);
    expect(await store.one('SELECT count() FROM raw_events')).toBe(String(rows.length));
    // What is neither in the facts nor a dead letter would be lost: an event of these types is one or the other.
    const lost = await store.one(
      `SELECT count() FROM raw_events WHERE type IN ('fenxiao.orders.shipment.dispatched.v1', 'fenxiao.orders.payment.received.v1')
       AND offset NOT IN (SELECT offset FROM sales_facts) AND offset NOT IN (SELECT offset FROM dead_letters)`,
    );
    expect(lost).toBe('0');
  }, 60_000);
});

describe('a batch sent again with its token', () => {
  const counts = () =>
    store.query(`SELECT (SELECT count() FROM raw_events) AS raw, (SELECT count() FROM sales_facts) AS sales, (SELECT sum(s.net) FROM sales_by_day AS s) AS rollup,
      (SELECT count() FROM moves) AS moves, (SELECT sum(m.moves) FROM moves_by_day AS m) AS by_day, (SELECT count() FROM dead_letters) AS dead, (SELECT count() FROM market_observation_facts) AS observations`);

  it('changes nothing in any table a view writes', async () => {
    const records = [...orders(30).flatMap((order) => [order.submitted(), order.cancelled()]), poison('x')].map(
      recordOf,
    );
    await insertRecords(store.client, records, 'once');
    const before = await counts();
    for (let i = 0; i < 3; i++) await insertRecords(store.client, records, 'once');
    expect(await counts()).toEqual(before);
    await insertRecords(store.client, records, 'another');
    expect(Number((await counts())[0]!['raw'])).toBe(2 * records.length);
  });

  it('is one block, however large the batch', async () => {
    const value = JSON.stringify({ text: 'x'.repeat(4000) });
    const records = Array.from({ length: 20_000 }, () => recordOf(poison(value)));
    await insertRecords(store.client, records, 'large');
    expect(
      await store.one(
        `SELECT count() FROM system.parts WHERE database = 'fenxiao' AND table = 'raw_events' AND active`,
      ),
    ).toBe('1');
  }, 60_000);

  it('is one block in many years, too', async () => {
    const old = Array.from({ length: 130 }, (_, i) =>
      anOrder({ orderedOn: `${1971 + i}-03-05` }).submitted('2026-03-05T00:00:00Z'),
    );
    const records = old.map(recordOf);
    await insertRecords(store.client, records, 'years');
    await insertRecords(store.client, records, 'years');
    expect(await store.one('SELECT count() FROM sales_facts')).toBe('130');
  });
});

describe('what the base table itself refuses', () => {
  it('is found by halving: only that record becomes a placeholder', async () => {
    const records = orders(9).map((order) => recordOf(order.submitted()));
    const bad = records[4]!.off;
    await insertOrBisect(store.client, records, 'bisect', (record) =>
      record.off === bad ? 'half a line\n' : lineOf(record),
    );
    expect(await store.one('SELECT uniqExact(offset) FROM raw_events')).toBe('9');
    expect(await store.one('SELECT uniqExact(offset) FROM sales_facts')).toBe('8');
    expect(await store.one('SELECT offset FROM dead_letters')).toBe(String(bad));
  });
});

describe('readers', () => {
  const as = async (user: string, password: string, sql: string) => {
    const answer = await fetch(`${store.url}/?user=${user}&password=${password}`, { method: 'POST', body: sql });
    return { ok: answer.ok, text: (await answer.text()).trim() };
  };

  it('of Grafana see sums of five distributors or more only, and all of the money', async () => {
    const [big, small] = [newId(), newId()];
    const distributors = Array.from({ length: 6 }, () => newId());
    const sale = (distributorId: string, regionId: string, day: string, family: string) =>
      anOrder({ distributorId, regionId, orderedOn: day, lines: [{ net: 10_00, family }] }).submitted();
    await insert([
      // six on one day in one family: as it is
      ...distributors.map((id) => sale(id, big, '2026-01-10', 'floor tiles')),
      // three days, two each: by month
      ...distributors.map((id, i) => sale(id, big, `2026-02-0${1 + (i >> 1)}`, 'floor tiles')),
      // two families of three each: by month and region
      ...distributors.map((id, i) => sale(id, big, '2026-03-05', i < 3 ? 'wall tiles' : 'mosaic')),
      // two in the small region: with others of the year, or nowhere
      ...distributors.slice(0, 2).map((id) => sale(id, small, '2026-04-05', 'stone')),
    ]);
    const shown = await as(
      'dashboards',
      'dashboards',
      `SELECT booked_on, region_id = '${big}', family, net FROM sales_by_day WHERE basis = 'order' ORDER BY 1, 2, 3`,
    );
    expect(shown.text.split('\n')).toEqual([
      '2026-01-10\t1\tfloor tiles\t60',
      '2026-02-01\t1\tfloor tiles\t60',
      '2026-03-01\t1\t\t60',
    ]);
    expect(
      (await as('dashboards', 'dashboards', `SELECT count() FROM sales_totals WHERE booked_on >= '2026-04-01'`)).text,
    ).toBe('0');
    expect(
      (
        await as(
          'dashboards',
          'dashboards',
          `SELECT sum(net) FROM sales_by_product WHERE product_id = toUUIDOrZero('')`,
        )
      ).text,
    ).toBe('180');
  });

  it('have no way to rows about one customer or person, to messages, or to our tables', async () => {
    for (const table of [
      'sales',
      'orders',
      'distributors',
      'people',
      'moves',
      'fenxiao.sales_facts',
      'fenxiao.raw_events',
      'analyst.sales',
    ])
      expect([table, (await as('dashboards', 'dashboards', `SELECT * FROM ${table} LIMIT 1`)).ok]).toEqual([
        table,
        false,
      ]);
    for (const table of ['raw_events', 'dead_letters', 'fenxiao.raw_events', 'dashboards.sales_by_day'])
      expect([table, (await as('analyst', 'analyst', `SELECT * FROM ${table} LIMIT 1`)).ok]).toEqual([table, false]);
  });

  it('find every view working, with the columns of its namesake', async () => {
    for (const [user, password] of [
      ['dashboards', 'dashboards'],
      ['analyst', 'analyst'],
    ] as const) {
      const views = await store.query<{ name: string }>(`SELECT name FROM system.tables WHERE database = '${user}'`);
      expect(views.length).toBeGreaterThan(10);
      for (const { name } of views)
        expect([name, (await as(user, password, `SELECT * FROM ${name} FORMAT Null`)).text]).toEqual([name, '']);
    }
    const strange = await store.query(
      `SELECT table, name FROM system.columns WHERE database = 'dashboards' AND (table, name) NOT IN (SELECT table, name FROM system.columns WHERE database = 'fenxiao')`,
    );
    expect(strange).toEqual([]);
  });
});

describe('migrations', () => {
  it('are applied once, and a file edited or gone after that is refused', async () => {
    const options = { timeZone: 'Asia/Shanghai' };
    expect(await migrateClickHouse(store, options)).toEqual([]);
    const copy = await mkdtemp(join(tmpdir(), 'fenxiao-migrations-'));
    await cp(clickhouseFolder, copy, { recursive: true });
    await writeFile(join(copy, '9999-more.sql'), 'CREATE TABLE IF NOT EXISTS more (a UInt8) ENGINE = Null;\n');
    expect(await migrateClickHouse(store, options, copy)).toEqual(['9999-more.sql']);
    await expect(migrateClickHouse(store, options)).rejects.toThrow('9999-more.sql was applied but its file is gone');
    await writeFile(join(copy, '9999-more.sql'), 'CREATE TABLE IF NOT EXISTS more (b UInt8) ENGINE = Null;\n');
    await expect(migrateClickHouse(store, options, copy)).rejects.toThrow('9999-more.sql was edited');
    await store.client.command({ query: 'DROP TABLE more' });
    await store.client.command({ query: `DELETE FROM migration WHERE name = '9999-more.sql'` });
  });

  it('render for a cluster: every object on it, every engine replicated, every window that of replicas', async () => {
    const ddl = await renderAll({ timeZone: 'Europe/Berlin', cluster: 'main' });
    const created = ddl.match(/^CREATE .*/gm)!;
    expect(created.filter((line) => !line.includes(" ON CLUSTER 'main'"))).toEqual([]);
    expect(ddl.match(/ENGINE = (?!Null)\w+/g)!.filter((engine) => !engine.startsWith('ENGINE = Replicated'))).toEqual(
      [],
    );
    expect(ddl).not.toMatch(/non_replicated_deduplication_window|\{time_zone\}|Asia\/Shanghai/);
    const engines = ddl.match(/ENGINE = Replicated\w+/g)!.length;
    expect(
      ddl.match(/replicated_deduplication_window = \d{4,}, replicated_deduplication_window_seconds = 604800/g),
    ).toHaveLength(engines);
    expect(
      render('CREATE TABLE IF NOT EXISTS a (b UInt8) ENGINE = ReplacingMergeTree(v) ORDER BY b', {
        timeZone: 'UTC',
        cluster: 'c',
      }),
    ).toBe("CREATE TABLE IF NOT EXISTS a ON CLUSTER 'c' (b UInt8) ENGINE = ReplicatedReplacingMergeTree(v) ORDER BY b");
  });

  it('are statements the parser of the engine accepts for a cluster, too', async () => {
    const ddl = await renderAll({ timeZone: 'Asia/Shanghai', cluster: 'main' });
    const statements = ddl.split(/;\n/).filter((text) => text.trim() !== '');
    expect(statements.length).toBeGreaterThan(50);
    for (const statement of statements) {
      const answer = await store.client.query({ query: `EXPLAIN AST ${statement}`, format: 'TabSeparated' });
      expect(await answer.text()).toMatch(/Query|Use/);
    }
  });
});
