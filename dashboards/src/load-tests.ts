/** Load tests: how quick the installation was, run by run and operation by operation, and what did not hold. */
import type { Definition, Make } from './definition.js';
import { barChart, stat, table, timeSeries, type Unit } from './panels.js';
import { chosen, percent } from './sql.js';
import { categoryVariable } from './variables.js';

/** Runs of the chosen scenarios begun in the range; `operations` their rows by operation. */
const begun = `started_at >= $__fromTime AND started_at < $__toTime AND ${chosen('scenario', 'scenario')}`;
const runs = `(SELECT * FROM load_results WHERE operation = '' AND ${begun})`;
const latest = `(SELECT * FROM load_results WHERE ${begun} AND run_id = (SELECT argMax(run_id, started_at) FROM load_results WHERE ${begun}))`;

export function loadTests(make: Make): Definition {
  const { t } = make;
  return {
    uid: 'fenxiao-loadtests',
    title: t('loadtests.title'),
    description: t('loadtests.description'),
    tags: ['fenxiao', t('tag.operations')],
    time: { from: 'now-90d', to: 'now' },
    links: [{ title: t('sales.title'), url: '/d/fenxiao-sales' }],
    variables: [
      {
        builder: categoryVariable(
          'scenario',
          t('scenario'),
          'SELECT DISTINCT toString(scenario) AS scenario FROM load_results ORDER BY scenario',
        ),
      },
    ],
    rows: [
      {
        height: 5,
        panels: [
          { width: 6, panel: latestTimes(make) },
          { width: 6, panel: latestRate(make) },
          { width: 6, panel: latestFailures(make) },
          { width: 6, panel: held(make) },
        ],
      },
      {
        height: 9,
        panels: [
          { width: 12, panel: byRun(make, 'load-times-by-run', 'p95', 'milliseconds') },
          { width: 12, panel: byRun(make, 'load-rate-by-run', 'rate', 'perSecond') },
        ],
      },
      { height: 11, panels: [{ width: 24, panel: byOperation(make) }] },
      { height: 9, panels: [{ width: 24, panel: allRuns(make) }] },
    ],
  };
}

const latestTimes = (make: Make) =>
  stat(make, {
    name: 'load-times',
    kpis: [],
    columns: { p95: 'milliseconds', p50: 'milliseconds', p99: 'milliseconds', n: 'count' },
    sql: `SELECT argMax(p95, started_at) AS p95, argMax(p50, started_at) AS p50, argMax(p99, started_at) AS p99, count() AS n FROM ${runs} HAVING n > 0`,
  });

const latestRate = (make: Make) =>
  stat(make, {
    name: 'load-rate',
    kpis: [],
    columns: { rate: 'perSecond', people: 'count', n: 'count' },
    sql: `SELECT argMax(rate, started_at) AS rate, argMax(people, started_at) AS people, count() AS n FROM ${runs} HAVING n > 0`,
  });

const latestFailures = (make: Make) =>
  stat(make, {
    name: 'load-failures',
    kpis: [],
    columns: { failure_rate: 'percent', failed: 'count', n: 'count' },
    sql: `
SELECT ${percent('sum(r.failed)', 'sum(r.requests)')} AS failure_rate, sum(r.failed) AS failed, sum(r.requests) AS n
FROM ${latest} AS r
WHERE r.operation = ''`,
  });

const held = (make: Make) =>
  stat(make, {
    name: 'load-held',
    kpis: [],
    columns: { held_rate: 'percent', n: 'count' },
    sql: `SELECT ${percent('countIf(empty(broken))', 'count()')} AS held_rate, count() AS n FROM ${runs}`,
  });

const byRun = (make: Make, name: 'load-times-by-run' | 'load-rate-by-run', figure: 'p95' | 'rate', unit: Unit) =>
  timeSeries(make, {
    name,
    kpis: [],
    columns: { time: 'time', [figure]: unit, n: 'count' },
    sql: `SELECT started_at AS time, toString(scenario) AS scenario, ${figure}, requests AS n FROM ${runs} ORDER BY time`,
  });

const byOperation = (make: Make) =>
  barChart(make, {
    name: 'load-by-operation',
    kpis: [],
    columns: { operation: 'text', p95: 'milliseconds', p50: 'milliseconds', n: 'count' },
    sql: `
SELECT toString(operation) AS operation, r.p95 AS p95, r.p50 AS p50, r.requests AS n
FROM ${latest} AS r
WHERE r.operation != ''
ORDER BY p95 DESC`,
  });

const allRuns = (make: Make) =>
  table(make, {
    name: 'load-runs',
    kpis: [],
    columns: {
      begun: 'time',
      scenario: 'text',
      release: 'text',
      seconds: 'seconds',
      people: 'count',
      rate: 'perSecond',
      failed: 'count',
      p50: 'milliseconds',
      p95: 'milliseconds',
      p99: 'milliseconds',
      broken: 'text',
      n: 'count',
    },
    sql: `
SELECT r.started_at AS begun, toString(r.scenario) AS scenario, toString(r.version) AS release, r.seconds AS seconds, r.people AS people,
  r.rate AS rate, r.failed AS failed, r.p50 AS p50, r.p95 AS p95, r.p99 AS p99, arrayStringConcat(r.broken, '; ') AS broken, r.requests AS n
FROM ${runs} AS r
ORDER BY begun DESC
LIMIT 100`,
  });
