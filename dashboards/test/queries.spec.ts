import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ClickHouseUser } from '@fenxiao/testing/clickhouse';
import { build } from '../src/build.js';
import { choices, type Dashboard } from '../src/catalogue.js';
import { expand } from '../src/macros.js';
import { afterSalesEvents } from './after-sales-data.js';
import { accountEvents } from './accounts-data.js';
import { complaintEvents } from './complaints-data.js';
import { events, loadResults } from './data.js';
import { positionEvents } from './positions-data.js';
import { startEngine, type Rows, type TestEngine } from './engine.js';
import { orderEvents } from './orders-data.js';
import { surveyEvents } from './surveys-data.js';

/** Every query of every dashboard, in both languages and for both users, over all data that the figures are tested with. */
const from = Date.parse('2026-01-01T00:00:00+08:00');
const to = Date.parse('2026-06-30T23:59:59.999+08:00');

/** What no variable filters: freshness; goods, which lie in no region; reconciliation, of the whole company. */
const notOfRegions =
  /Freshness|数据时效|Stock by family|库存（当前）|Quality of batches|批次质量|Stock turn|库存周转|Days of stock|库存天数|Reconciliation with|与财务对帐/;

let engine: TestEngine;
beforeAll(async () => {
  engine = await startEngine();
  await engine.publish([
    ...events,
    ...orderEvents,
    ...accountEvents,
    ...complaintEvents,
    ...afterSalesEvents,
    ...positionEvents,
    ...surveyEvents,
  ]);
  await engine.execute(loadResults);
}, 120_000);
afterAll(async () => engine?.close());

function run(
  user: ClickHouseUser,
  dashboard: Dashboard,
  sql: string,
  given: Record<string, string | string[]> = {},
): Promise<Rows> {
  const variables = choices(dashboard, given, () => true);
  return engine.query(user, expand(sql, { from, to, intervalMs: 60_000, variables }));
}

describe('every query', () => {
  const all = (['zh', 'en'] as const).flatMap((language) =>
    (['viewer', 'grafana'] as const).flatMap((audience) =>
      build(language, audience).map((dashboard) => ({ language, audience, uid: dashboard.uid, dashboard })),
    ),
  );
  const user = (audience: string): ClickHouseUser => (audience === 'grafana' ? 'dashboards' : 'viewer');

  it.each(all)(
    'of $uid runs for $audience in $language and has the columns it describes',
    async ({ audience, dashboard }) => {
      for (const { title, targets, fieldConfig } of dashboard.panels) {
        const { columns } = await run(user(audience), dashboard, targets[0]!.rawSql);
        const names = columns.map(({ name }) => name);
        const described = fieldConfig.overrides
          .filter(({ matcher }) => matcher.id === 'byName')
          .map(({ matcher }) => matcher.options);
        expect({ title, names }).toEqual({ title, names: expect.arrayContaining([...described, 'n']) });
      }
      for (const { type, query } of dashboard.templating.list) {
        if (type !== 'query') continue;
        const { columns, rows: options } = await run(user(audience), dashboard, query!.rawSql);
        expect(columns.length).toBeLessThanOrEqual(2);
        expect(audience === 'grafana' || options.length > 0).toBe(true);
      }
    },
    60_000,
  );

  it.each(all)(
    'of $uid takes hostile values as data, for $audience in $language',
    async ({ audience, dashboard }) => {
      const hostile = ["' OR 1=1 --", "\\' OR 1=1 --", '$__dateFilter( OR 1=1 )', "x') OR ('1'='1"];
      const several = dashboard.templating.list.filter(({ multi }) => multi).map(({ name }) => name);
      const given = Object.fromEntries(several.map((name) => [name, hostile]));
      for (const { targets, title } of dashboard.panels) {
        const { columns, rows: found } = await run(user(audience), dashboard, targets[0]!.rawSql, given);
        // They name nothing, so nothing is found but freshness, which they do not filter.
        const n = columns.findIndex(({ name }) => name === 'n');
        const counted = found.reduce((sum, row) => sum + Number(row[n]), 0);
        expect({ title, counted: counted > 0 }).toEqual({ title, counted: notOfRegions.test(title) });
      }
    },
    60_000,
  );
});
