import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { build } from '../src/build.js';
import { choices, type Dashboard, dashboards } from '../src/catalogue.js';
import { expand } from '../src/macros.js';
import { events, loadResults, regions, salesperson } from './data.js';
import type { ClickHouseUser } from '@fenxiao/testing/clickhouse';
import { startEngine, type Rows, type TestEngine } from './engine.js';

const from = Date.parse('2026-01-01T00:00:00+08:00');
const to = Date.parse('2026-03-31T23:59:59.999+08:00');

let engine: TestEngine;
beforeAll(async () => {
  engine = await startEngine();
  await engine.publish(events);
  await engine.execute(loadResults);
}, 120_000);
afterAll(async () => engine?.close());

type Given = Record<string, string | string[]>;

function run(user: ClickHouseUser, dashboard: Dashboard, sql: string, given: Given = {}): Promise<Rows> {
  const variables = choices(dashboard, given, () => true);
  return engine.query(user, expand(sql, { from, to, intervalMs: 60_000, variables }));
}

const named = (uid: string, of = dashboards('en')): Dashboard => of.find((one) => one.uid === `fenxiao-${uid}`)!;
const [sales, market, load] = [named('sales'), named('market'), named('loadtests')];

/** Rows of a panel as objects, numbers as numbers. */
async function rows(dashboard: Dashboard, title: string, given: Given = {}, user: ClickHouseUser = 'viewer') {
  const panel = dashboard.panels.find((one) => one.title === title);
  if (!panel) throw new Error(`no panel ${title}`);
  const answer = await run(user, dashboard, panel.targets[0]!.rawSql, given);
  const number = (type: string): boolean => /(^|\()(U?Int|Float|Decimal)/.test(type);
  return answer.rows.map((row) =>
    Object.fromEntries(
      answer.columns.map(({ name, type }, i) => [name, number(type) && row[i] !== null ? Number(row[i]) : row[i]]),
    ),
  );
}

describe('sales overview', () => {
  it('sums net sales of the dates of the business calendar, and compares', async () => {
    expect(await rows(sales, 'Net sales')).toEqual([
      { net_sales: 1000, change_previous: 1900, change_last_year: 150, n: 7 },
    ]);
  });

  it('counts on another basis', async () => {
    expect(await rows(sales, 'Net sales', { basis: 'order' })).toEqual([
      { net_sales: 300, change_previous: null, change_last_year: null, n: 3 },
    ]);
    expect(await rows(sales, 'Net sales', { basis: 'receipt' })).toEqual([
      { net_sales: 0, change_previous: null, change_last_year: null, n: 0 },
    ]);
  });

  it('takes an unknown basis for its default', async () => {
    expect(await rows(sales, 'Net sales', { basis: 'x' })).toMatchObject([{ net_sales: 1000 }]);
  });

  it('filters by region with all that lies in it, by family, and by salesperson', async () => {
    expect(await rows(sales, 'Net sales', { region: [regions.east] })).toMatchObject([{ net_sales: 700, n: 6 }]);
    expect(await rows(sales, 'Net sales', { region: [regions.hangzhou, regions.west] })).toMatchObject([
      { net_sales: 300 },
    ]);
    expect(await rows(sales, 'Net sales', { family: ['stone'] })).toMatchObject([{ net_sales: 200, n: 1 }]);
    expect(await rows(sales, 'Net sales', { salesperson: [salesperson] })).toMatchObject([{ net_sales: 100, n: 1 }]);
  });

  it('counts orders without drafts and cancelled ones, and divides sums', async () => {
    expect(await rows(sales, 'Orders')).toMatchObject([{ orders: 2, change_previous: null, n: 2 }]);
    expect(await rows(sales, 'Average order value')).toMatchObject([{ average_order: 150, n: 2 }]);
    expect(await rows(sales, 'Average order value', { region: [regions.hangzhou] })).toMatchObject([
      { average_order: null, n: 0 },
    ]);
  });

  it('rates price exceptions by lines, without voided requests', async () => {
    const [row] = await rows(sales, 'Price exceptions');
    expect(row).toMatchObject({ exceptions: 1, given_away: 10, n: 3 });
    expect(row!['exception_rate']).toBeCloseTo(100 / 3, 6);
    expect(
      (await rows(sales, 'Price exceptions by month')).map(({ month, exceptions, n }) => [month, exceptions, n]),
    ).toEqual([
      ['2026-02-01', 0, 1],
      ['2026-01-01', 1, 2],
    ]);
  });

  it('sets months beside the same dates of last year', async () => {
    expect(await rows(sales, 'Net sales by month')).toEqual([
      { time: '2025-12-31 16:00:00', net_sales: 500, net_sales_last_year: 0, n: 5 },
      { time: '2026-01-31 16:00:00', net_sales: 300, net_sales_last_year: 250, n: 1 },
      { time: '2026-02-28 16:00:00', net_sales: 200, net_sales_last_year: 150, n: 1 },
    ]);
  });

  it('shows families, largest first', async () => {
    expect(await rows(sales, 'By product family')).toEqual([
      { family: 'tiles', net_sales: 800, n: 6 },
      { family: 'stone', net_sales: 200, n: 1 },
    ]);
  });

  it('goes down the tree of regions', async () => {
    const shape = ({ region, net_sales, net_sales_last_year }: Record<string, unknown>) => [
      region,
      net_sales,
      net_sales_last_year,
    ];
    expect((await rows(sales, 'Net sales by region')).map(shape)).toEqual([
      ['华东', 700, 150],
      ['西南', 300, 250],
    ]);
    expect((await rows(sales, 'Net sales by region', { region: [regions.east] })).map(shape)).toEqual([
      ['上海', 700, 150],
    ]);
  });

  it('begins below the only root of which a person may see anything', async () => {
    const { rawSql } = sales.panels.find(({ title }) => title === 'Net sales by region')!.targets[0]!;
    const context = { from, to, intervalMs: 60_000, variables: choices(sales, {}, () => false) };
    const bound = `region_id IN ('${regions.shanghai}', '${regions.hangzhou}')`;
    const { rows: found } = await engine.query('viewer', expand(rawSql, context), { 'fenxiao.sales_by_day': bound });
    expect(found.map(([region]) => region)).toEqual(['上海']);
  });

  it('ranks distributors', async () => {
    const ranked = await rows(sales, 'Top distributors');
    expect(ranked).toHaveLength(6);
    expect(ranked.slice(0, 2)).toEqual(
      expect.arrayContaining([
        { distributor: 'D6 Distributor 6', net_sales: 300, share_of_sales: 30, change_last_year: 20, n: 1 },
        { distributor: 'D1 Distributor 1', net_sales: 300, share_of_sales: 30, change_last_year: 100, n: 2 },
      ]),
    );
  });

  it('counts orders in hand by state', async () => {
    expect((await rows(sales, 'Orders in hand (now)')).map(({ state, orders }) => [state, orders])).toEqual([
      ['draft', 1],
      ['submitted', 1],
      ['confirmed', 1],
    ]);
  });

  it('tells how fresh each topic is', async () => {
    const fresh = await rows(sales, 'Freshness of the data');
    expect(fresh.map(({ topic }) => topic)).toEqual([
      'fenxiao.appraisals',
      'fenxiao.distributors',
      'fenxiao.orders',
      'fenxiao.planning',
    ]);
    expect(fresh.find(({ topic }) => topic === 'fenxiao.planning')).toMatchObject({
      last_event: '2026-04-01 04:00:00.000',
      dead_letters: 0,
      n: 16,
    });
  });

  it('gives Grafana the same sums where five distributors stand behind them', async () => {
    const [grafana] = build('en', 'grafana') as [Dashboard];
    // Chongqing's one distributor and the last day of March are no five: they are left out or put together with others.
    expect(await rows(grafana, 'Net sales by month', {}, 'dashboards')).toMatchObject([
      { net_sales: 500, n: 5 },
      {},
      {},
    ]);
  });
});

describe('market share', () => {
  it('divides sums, with the others in the denominator', async () => {
    const [row] = await rows(market, 'Market share by value');
    expect(row!['value_share']).toBeCloseTo((600 / 2200) * 100, 9);
    expect(row!['change_previous']).toBeCloseTo((600 / 2200) * 100 - 10, 9);
    expect(row!['other_share']).toBeCloseTo((600 / 2200) * 100, 9);
    expect(row!['n']).toBe(8);
  });

  it('counts volumes only where every vendor has one', async () => {
    expect(await rows(market, 'Market share by volume')).toEqual([{ volume_share: 25, n: 5 }]);
  });

  it('compares with the largest competitor, never with the others', async () => {
    const [row] = await rows(market, 'Relative market share');
    expect(row).toMatchObject({ relative_share: 0.6, n: 8 });
    expect(row!['largest_competitor']).toBeCloseTo((1000 / 2200) * 100, 9);
  });

  it('gives changes in percentage points', async () => {
    const [row] = await rows(market, 'Change of share');
    expect(row!['change_points']).toBeCloseTo((600 / 2200) * 100 - 10, 9);
    expect(row!['change_last_year']).toBeCloseTo((600 / 2200) * 100 - 50, 9);
  });

  it('grades the confidence of the estimate', async () => {
    expect(await rows(market, 'Confidence of the estimate')).toMatchObject([{ confidence: 2, days_old: 0, n: 8 }]);
    expect(await rows(market, 'Confidence of the estimate', { region: [regions.hangzhou] })).toMatchObject([
      { confidence: null, n: 0 },
    ]);
  });

  it('draws months of low confidence apart, joined to their neighbours', async () => {
    const trend = await rows(market, 'Share by vendor', { category: ['tiles'] });
    expect(
      trend
        .filter(({ vendor }) => String(vendor).startsWith('Wo'))
        .map(({ time, vendor, value_share, n }) => [time, vendor, value_share, n]),
    ).toEqual([
      ['2025-12-31 16:00:00', 'Wo (We)', 20, 1],
      ['2025-12-31 16:00:00', 'Wo (We) · low confidence', 20, 0],
      ['2026-01-31 16:00:00', 'Wo (We) · low confidence', 30, 1],
    ]);
    expect(trend.reduce((sum, { n }) => sum + Number(n), 0)).toBe(6);
  });

  it('goes down the tree of regions', async () => {
    const shape = ({ region, value_share, change_points }: Record<string, unknown>) => [
      region,
      value_share,
      change_points,
    ];
    expect((await rows(market, 'Share by region')).map(shape)).toEqual([
      ['华东', 25, 15],
      ['西南', 50, null],
    ]);
    expect((await rows(market, 'Share by region', { region: [regions.east] })).map(shape)).toEqual([['上海', 25, 15]]);
  });

  it('shows categories, vendors and the size of the market', async () => {
    expect(
      (await rows(market, 'Share by category')).map(({ category, value_share }) => [category, value_share]),
    ).toEqual([
      ['tiles', 25],
      ['stone', 50],
    ]);
    expect(
      (await rows(market, 'The market by vendor')).map(({ vendor, market_value }) => [vendor, market_value]),
    ).toEqual([
      ['Wo (We)', 600],
      ['Acme', 1000],
      ['Other', 600],
    ]);
    expect((await rows(market, 'Market size')).map(({ market_value, own_value }) => [market_value, own_value])).toEqual(
      [
        [1000, 200],
        [1000, 300],
        [200, 100],
      ],
    );
  });

  it('gives Grafana the same shares', async () => {
    const [, grafana] = build('en', 'grafana') as [Dashboard, Dashboard];
    for (const title of ['Market share by value', 'Share by vendor', 'Share by region'])
      expect(await rows(grafana, title, {}, 'dashboards')).toEqual(await rows(market, title));
  });
});

describe('load tests', () => {
  it('tells of the latest run, whole and by operation', async () => {
    expect(await rows(load, 'Latest run: response times')).toEqual([{ p95: 310, p50: 40, p99: 900, n: 2 }]);
    expect(await rows(load, 'Latest run: throughput')).toEqual([{ rate: 10.3, people: 25, n: 2 }]);
    expect(await rows(load, 'Latest run: failures')).toEqual([{ failure_rate: 1, failed: 40, n: 4000 }]);
    expect((await rows(load, 'Latest run: by operation')).map(({ operation, p95 }) => [operation, p95])).toEqual([
      ['place', 410],
      ['panel', 290],
    ]);
    expect(await rows(load, 'Latest run: failures', { scenario: ['smoke'] })).toMatchObject([{ failed: 0, n: 60 }]);
  });

  it('tells of every run, and what did not hold', async () => {
    expect(await rows(load, 'Runs that held')).toEqual([{ held_rate: 50, n: 2 }]);
    expect((await rows(load, 'All runs')).map(({ scenario, broken, n }) => [scenario, broken, n])).toEqual([
      ['average', 'checks rate>0.99', 4000],
      ['smoke', '', 60],
    ]);
    const grafana = named('loadtests', build('en', 'grafana'));
    for (const title of ['All runs', 'Response times by run'])
      expect(await rows(grafana, title, {}, 'dashboards')).toEqual(await rows(load, title));
  });
});
