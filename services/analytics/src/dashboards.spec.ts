import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { dashboards } from '@fenxiao/dashboards/catalogue';
import { distributorEvents, regionEvents } from '@fenxiao/contracts/distributors';
import { competitorEvents, marketObservationEvents } from '@fenxiao/contracts/planning';
import { newId } from '@fenxiao/domain/id';
import { harness, type Harness, type Member } from '@fenxiao/testing/harness';
import { until } from '@fenxiao/testing/wait';
import { anOrder } from '../test/orders.js';
import { anEvent, environmentOf, startStore, type Store } from '../test/stack.js';
import { analytics } from './definition.js';
import { boundTables, boundTo } from './powers.js';
import { connect } from './store.js';
import { Viewer } from './viewer.js';

jest.setTimeout(90_000);

let store: Store;
let h: Harness;
let north: string;
let south: string;
const people: Record<string, Member> = {};
const range = { from: Date.parse('2026-01-01T00:00:00Z'), to: Date.parse('2026-04-01T00:00:00Z') };

beforeAll(async () => {
  store = await startStore();
  h = await harness(analytics, { env: environmentOf(store) });
  north = await h.region('NORTH');
  south = await h.region('SOUTH');
  people['gm'] = await h.staff('general-manager');
  people['north'] = await h.staff('regional-manager', { regionId: north });
  people['marketing'] = await h.staff('marketing-section');
  people['researcher'] = await h.staff('market-researcher');
  people['clerk'] = await h.staff('order-clerk');
  const us = newId();
  const rows = [north, south].flatMap((regionId) => {
    const name = regionId === north ? '北方建材' : '南方建材';
    const distributorId = newId();
    const form = {
      code: regionId === north ? 'D-NORTH' : 'D-SOUTH',
      name,
      licence: 'x',
      partnerType: 'distributor',
      segment: 'retail-shop',
      class: 'A',
    } as const;
    const sale = anOrder({
      regionId,
      distributorId,
      orderedOn: '2026-03-05',
      lines: [{ net: regionId === north ? 111_11 : 222_22 }],
      salespersonId: people['gm']!.id,
    });
    const observed = {
      month: '2026-02-01',
      regionId,
      category: 'floor tiles',
      currency: 'CNY',
      source: 'survey',
      confidence: 'high',
    } as const;
    return [
      anEvent(distributorEvents.created, distributorId, { ...form, regionId, terms: 'credit', paymentDays: 30 }),
      sale.submitted(),
      sale.dispatched(),
      sale.invoiced(),
      sale.paid(),
      anEvent(marketObservationEvents.recorded, newId(), {
        ...observed,
        vendor: 'we',
        vendorName: '我们',
        value: regionId === north ? '30.00' : '77.00',
      }),
      anEvent(marketObservationEvents.recorded, newId(), {
        ...observed,
        vendor: 'other',
        vendorName: regionId === north ? '甲厂' : '乙厂',
        value: '70.00',
      }),
    ];
  });
  rows.push(
    anEvent(competitorEvents.registered, us, { code: 'we', name: '我们' }, { sequence: 1 }),
    anEvent(competitorEvents['chosen-as-us'], us, { code: 'we', name: '我们' }, { sequence: 2 }),
  );
  await append(rows);
  await until('the store to be level with the log', async () => {
    const answer = await people['gm']!.get('/freshness');
    return answer.status === 200 && (answer.body as { behind: number }[]).every(({ behind }) => behind === 0);
  });
});
afterAll(async () => {
  await h.close();
  await store.close();
});

async function append(rows: readonly { topic: string; part: number; key: string; headers: string; value: string }[]) {
  for (const { topic, part, key, headers, value } of rows)
    await h.pool.query('SELECT event_log.append($1, $2, $3, $4, $5)', [topic, [part], [key], [headers], [value]]);
}

const ask = (who: Member, uid: string, panel: number, variables: Record<string, string | string[]> = {}) =>
  who.post(`/dashboards/${uid}/panels/${panel}/query`, {
    ...range,
    variables,
    intervalMs: 86_400_000,
    maxDataPoints: 500,
  });

/** Every panel and variable of every dashboard, as a person sees it. */
async function everything(who: Member): Promise<{ statuses: number[]; text: string }> {
  const answers = [];
  for (const { uid } of (await who.get('/dashboards?lang=zh')).body as { uid: string }[]) {
    const { body } = await who.get(`/dashboards/${uid}?lang=zh`);
    const { panels, templating } = body as ReturnType<typeof dashboards>[number];
    for (const { id, targets } of panels) if (targets?.length > 0) answers.push(await ask(who, uid, id));
    for (const { name, type } of templating.list)
      if (type !== 'datasource')
        answers.push(await who.post(`/dashboards/${uid}/variables/${name}/query`, { ...range, variables: {} }));
  }
  return {
    statuses: answers.map(({ status }) => status),
    text: JSON.stringify(answers.map(({ body }) => body as unknown)),
  };
}

const panelsOf = (uid: string) => dashboards('en').find((one) => one.uid === uid)!.panels;
const panelAbout = (text: RegExp, power?: string) =>
  panelsOf('fenxiao-sales').find(
    ({ targets, fenxiao }) => targets.some(({ rawSql }) => text.test(rawSql)) && fenxiao?.power === power,
  )!;

describe('the dashboards', () => {
  it('are listed by power, in the language asked for', async () => {
    const uids = async (who: string) =>
      ((await people[who]!.get('/dashboards')).body as { uid: string }[]).map(({ uid }) => uid);
    expect(await uids('gm')).toEqual(expect.arrayContaining(['fenxiao-sales', 'fenxiao-market']));
    expect(await uids('researcher')).toEqual(['fenxiao-market']);
    expect(await uids('clerk')).toEqual([]);
    const title = async (lang: string) =>
      ((await people['gm']!.get(`/dashboards?lang=${lang}`)).body as { title: string }[])[0]!.title;
    expect(await title('zh')).toMatch(/\p{Script=Han}/u);
    expect(await title('en')).not.toMatch(/\p{Script=Han}/u);
    expect((await people['researcher']!.get('/dashboards/fenxiao-sales')).status).toBe(403);
    expect((await people['gm']!.get('/dashboards/nonsense')).status).toBe(404);
    expect((await h.request('GET', '/dashboards')).status).toBe(401);
  });

  it('come without the panels and variables a person has no power for, and those can not be asked for either', async () => {
    const customers = panelsOf('fenxiao-sales').filter(({ fenxiao }) => fenxiao?.power === 'customers');
    expect(customers.length).toBeGreaterThan(0);
    const ids = async (who: string) =>
      ((await people[who]!.get('/dashboards/fenxiao-sales')).body as { panels: { id: number }[] }).panels.map(
        ({ id }) => id,
      );
    expect(await ids('gm')).toEqual(expect.arrayContaining(customers.map(({ id }) => id)));
    expect((await ids('marketing')).filter((id) => customers.some((panel) => panel.id === id))).toEqual([]);
    const refused = await ask(people['marketing']!, 'fenxiao-sales', customers[0]!.id);
    expect(refused).toMatchObject({ status: 403, body: { code: 'procedure.no-power' } });
    expect(
      (await people['marketing']!.post('/dashboards/fenxiao-sales/variables/salesperson/query', { ...range })).status,
    ).toBe(403);
  });

  it('run every query of theirs', async () => {
    const { statuses, text } = await everything(people['gm']!);
    expect(statuses.length).toBeGreaterThan(20);
    expect(statuses.filter((status) => status !== 200)).toEqual([]);
    for (const word of ['北方建材', '南方建材', '111.11', '222.22', 'NORTH', 'SOUTH', ',147,', ',247,'])
      expect([word, text.includes(word)]).toEqual([word, true]);
    const [panel] = panelsOf('fenxiao-sales');
    const { body } = await ask(people['gm']!, 'fenxiao-sales', panel!.id);
    expect(body).toMatchObject({
      frames: [
        {
          refId: 'A',
          columns: expect.arrayContaining([{ name: expect.any(String), type: expect.any(String) }]),
          rows: expect.any(Array),
        },
      ],
      asOf: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
      elapsedMs: expect.any(Number),
    });
  });
});

describe('a regional manager', () => {
  it('sees the own region only, in every panel and every variable', async () => {
    const { statuses, text } = await everything(people['north']!);
    expect(statuses.filter((status) => status !== 200)).toEqual([]);
    for (const word of ['北方建材', '111.11', ',100,']) expect([word, text.includes(word)]).toEqual([word, true]);
    for (const word of ['南方建材', '222.22', '333.33', ',147,', ',247,', south])
      expect([word, text.includes(word)]).toEqual([word, false]);
  });

  it('sees nothing of another region by choosing it', async () => {
    const panel = panelAbout(/topDistributors|distributor/i, 'customers');
    for (const variables of [{ region: [south] }, { region: [north, south] }, { region: south }]) {
      const { status, body } = await ask(people['north']!, 'fenxiao-sales', panel.id, variables);
      expect(status).toBe(200);
      expect(JSON.stringify(body)).not.toContain('南方');
    }
  });
});

describe('a market researcher', () => {
  it('sees the market everywhere, and no sales', async () => {
    const { statuses, text } = await everything(people['researcher']!);
    expect(statuses.filter((status) => status !== 200)).toEqual([]);
    expect(text).toMatch(/"SOUTH".*,147,/);
    expect(text).not.toMatch(/111\.11|222\.22|建材/);
  });
});

describe('hostile values', () => {
  const hostile = [
    `x') OR 1 = 1 --`,
    `' UNION ALL SELECT data FROM raw_events --`,
    `\\' OR 1=1 --`,
    `\\`,
    `'`,
    `"`,
    '`',
    `'; DROP TABLE sales_facts; --`,
    `) OR (1=1`,
    `$__fromTime`,
    `\${region}`,
    `$region`,
    `*/ OR 1=1 /*`,
    `-- `,
    `\n`,
    `\u0000`,
    `{x:String}`,
    `北方' OR '1'='1`,
  ];
  it('stay data, or are refused: no error of ours, no row more, nothing changed', async () => {
    const { body: dashboard } = await people['north']!.get('/dashboards/fenxiao-sales');
    const { panels, templating } = dashboard as ReturnType<typeof dashboards>[number];
    const names = templating.list.filter(({ type }) => type === 'query').map(({ name }) => name);
    const before = await store.one('SELECT count() FROM sales_facts');
    for (const value of hostile)
      for (const { id } of panels.filter(({ targets }) => targets.length > 0).slice(0, 6)) {
        const one = Object.fromEntries(names.map((name) => [name, value]));
        const { status, body } = await ask(people['north']!, 'fenxiao-sales', id, { ...one, nonsense: value });
        expect([value, id, [200, 400].includes(status)]).toEqual([value, id, true]);
        expect(JSON.stringify(body)).not.toMatch(/南方|222\.22|fenxiao\.orders\.order/);
      }
    expect(await store.one('SELECT count() FROM sales_facts')).toBe(before);
  });

  it('of other parts of the request are refused', async () => {
    const { id } = panelsOf('fenxiao-sales')[0]!;
    const path = `/dashboards/fenxiao-sales/panels/${id}/query`;
    for (const body of [
      {},
      { ...range, intervalMs: 0 },
      { ...range, intervalMs: 1, from: -1 },
      { ...range, intervalMs: 1, sql: 'SELECT 1' },
      { ...range, intervalMs: 1, variables: { 'a b': 'c' } },
      { ...range, intervalMs: 1, variables: { a: { b: 1 } } },
    ])
      expect((await people['gm']!.post(path, body)).status).toBe(400);
    expect(
      (await people['gm']!.post('/dashboards/fenxiao-sales/panels/999999/query', { ...range, intervalMs: 1 })).status,
    ).toBe(404);
    expect((await people['gm']!.post('/dashboards/fenxiao-sales/variables/nonsense/query', { ...range })).status).toBe(
      404,
    );
    expect((await people['gm']!.post('/dashboards/..%2F..%2F/variables/x/query', { ...range })).status).toBe(404);
  });
});

describe('the binding', () => {
  it('knows every table and view of the store', async () => {
    const tables = await store.query<{ name: string }>(
      `SELECT name FROM system.tables WHERE database = 'fenxiao' AND engine != 'MaterializedView' ORDER BY name`,
    );
    expect(Object.values(boundTables).flat().toSorted()).toEqual(tables.map(({ name }) => name));
  });

  it('holds within views, joins and subqueries', async () => {
    const filters = boundTo([north], false);
    const client = connect({ url: store.url, username: 'viewer', password: 'viewer' });
    const viewer = new Viewer(client);
    for (const sql of [
      'SELECT DISTINCT region_id FROM sales',
      'SELECT DISTINCT region_id FROM orders',
      'SELECT DISTINCT region_id FROM orders_by_day',
      'SELECT DISTINCT region_id FROM distributors',
      'SELECT DISTINCT region_id FROM fenxiao.sales_facts',
      'SELECT DISTINCT region_id FROM market_shares',
      'SELECT DISTINCT d.region_id FROM products AS p RIGHT JOIN distributors AS d ON 1 = 1',
      'SELECT DISTINCT region_id FROM regions WHERE region_id IN (SELECT region_id FROM sales_by_day)',
      'WITH x AS (SELECT * FROM sales UNION ALL SELECT * FROM sales) SELECT DISTINCT region_id FROM x',
    ])
      expect([sql, (await viewer.query(sql, filters)).rows]).toEqual([sql, [[north]]]);
    expect((await viewer.query('SELECT count() FROM raw_events', filters)).rows).toEqual([[0]]);
    expect((await viewer.query('SELECT count() FROM sales', boundTo([], false))).rows).toEqual([[0]]);
    for (const sql of [
      'DROP TABLE sales_facts',
      `SELECT * FROM file('/etc/passwd', 'LineAsString')`,
      'SELECT count() FROM sales SETTINGS additional_table_filters = {}',
    ])
      await expect(viewer.query(sql, filters)).rejects.toThrow(/not open to this user/i);
    await client.close();
  });

  it('is not evaded by a panel of ours: none names what views only may read', () => {
    const texts = dashboards('en').flatMap(({ panels, templating }) => [
      ...panels.flatMap(({ targets }) => targets.map(({ rawSql }) => rawSql)),
      ...templating.list.flatMap(({ query }) => (typeof query === 'object' ? [query.rawSql] : [])),
    ]);
    expect(
      texts.filter((sql) => /\b(FROM|JOIN)\s+(fenxiao\.|system\.|entity_facts|raw_events|dead_letters\b)/i.test(sql)),
    ).toEqual([]);
  });
});

describe('the store away', () => {
  it('is said as such, and passes by itself', async () => {
    const { id } = panelsOf('fenxiao-sales')[0]!;
    await store.stop();
    expect(await ask(people['gm']!, 'fenxiao-sales', id)).toMatchObject({
      status: 503,
      body: { code: 'analytics.store-away' },
    });
    await until('the freshness to be unknown', async () => (await people['gm']!.get('/freshness')).status === 503);
    expect((await people['gm']!.get('/dashboards')).status).toBe(200);
    await append([anEvent(regionEvents.created, newId(), { code: 'LATE', name: 'LATE', validFrom: '2026-01-01' })]);
    await store.restart();
    expect((await ask(people['gm']!, 'fenxiao-sales', id)).status).toBe(200);
    await until(
      'what came meanwhile',
      async () => (await store.one(`SELECT count() FROM regions WHERE code = 'LATE'`)) === '1',
    );
  });
});

describe('operations', () => {
  it('tell whoever runs the place how fresh and how right the figures are', async () => {
    const fresh = (await people['gm']!.get('/freshness')).body as { topic: string }[];
    expect(fresh.find(({ topic }) => topic === 'fenxiao.orders')).toMatchObject({
      behind: 0,
      lastEventAt: '2026-03-05T02:00:00.000Z',
      lastInsertAt: expect.any(String),
    });
    expect((await people['gm']!.get('/reconciliation')).body).toEqual([]);
    expect((await people['clerk']!.get('/freshness')).status).toBe(403);
    const metrics = (await h.request('GET', '/metrics')).body as string;
    for (const name of ['sink_batch_rows', 'sink_flush_seconds', 'event_to_store_seconds', 'sink_behind'])
      expect(metrics).toContain(name);
  });
});
