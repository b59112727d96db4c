/** The after-sales clock (C-10, C-21): when the regional manager is told, when technical decides, when it is closed, and what is open. */
import { casesByState } from './cases.js';
import type { Definition, Make } from './definition.js';
import { barGauge, type Column, stat, table, timeSeries } from './panels.js';
import { dates, hours, inRegion, instant, labels, median, occurred, percent, percentile90 } from './sql.js';
import { firstContact, supportTimes } from './support.js';
import { regionVariable } from './variables.js';

export function afterSalesClock(make: Make): Definition {
  const { t, scope } = make;
  const supportStates = ['reported', 'rm-notified', 'technical-verifying', 'answered', 'rm-informed', 'closed'];
  return {
    uid: 'fenxiao-aftersales',
    title: t('aftersales.title'),
    description: t('aftersales.description'),
    tags: ['fenxiao', t('tag.aftersales')],
    time: { from: 'now-11M/M', to: 'now' },
    links: [{ title: t('complaints.title'), url: '/d/fenxiao-complaints' }],
    variables: [{ builder: regionVariable(t('region')) }],
    rows: [
      ...(scope.viewer ? figures(make) : [{ height: 5, panels: [{ width: 24, panel: shares(make) }] }]),
      {
        height: 9,
        panels: [
          { width: 10, panel: byMonth(make) },
          { width: 14, panel: clocks(make) },
        ],
      },
      {
        height: 9,
        panels: [
          ...(scope.viewer ? [{ width: 12, panel: openByState(make) }] : []),
          {
            width: 12,
            panel: casesByState(make, 'support-by-state', 'technical-support', ['C-21'], supportStates),
          },
        ],
      },
      ...(scope.viewer
        ? [{ height: 10, panels: [{ width: 24, panel: open(make), power: 'customers' as const }] }]
        : []),
    ],
  };
}

const figures = (make: Make) => [
  {
    height: 5,
    panels: [
      { width: 8, panel: notice(make) },
      { width: 8, panel: decision(make) },
      { width: 8, panel: closure(make) },
    ],
  },
  {
    height: 5,
    panels: [
      { width: 8, panel: photographs(make) },
      { width: 7, panel: firstContact(make) },
      { width: 9, panel: supportTimes(make) },
    ],
  },
];

/** Cases that reached us in the span, in the regions chosen. */
const cases = `(SELECT * FROM complaints WHERE kind = 'after-sales' AND received_on BETWEEN first AND last AND ${inRegion()})`;

/** What must be all of it: red below. */
const whole: Column = {
  unit: 'percent',
  more: {
    thresholds: {
      mode: 'absolute',
      steps: [
        { value: null, color: 'red' },
        { value: 100, color: 'green' },
      ],
    },
    color: { mode: 'thresholds' },
  },
};

/** Cases whose regional manager was not told before the clock ran out: who has not been told at all is late too. */
const noticeBreached = `(
    SELECT m.subject_id FROM moves_log AS m
    WHERE m.procedure = 'after-sales-case' AND m.kind = 'breach' AND m.move = 'notify-manager' AND ${inRegion('m.region_id')})`;

const notice = (make: Make) =>
  stat(make, {
    name: 'aftersales-notice',
    kpis: ['K-Q18'],
    columns: {
      p50_minutes: 'minutes',
      p90_minutes: 'minutes',
      told_in_time: 'percent',
      untold: 'count',
      n: 'count',
    },
    sql: `
WITH ${dates(make.scope)}, notice_minutes IS NOT NULL AS told
SELECT ${median('notice_minutes', 'told')} AS p50_minutes, ${percentile90('notice_minutes')} AS p90_minutes,
  ${percent('countIf(notice_minutes <= 30)', `countIf(told OR id IN ${noticeBreached})`)} AS told_in_time,
  countIf(NOT told) AS untold, countIf(told) AS n
FROM ${cases}`,
  });

const decision = (make: Make) =>
  stat(make, {
    name: 'aftersales-decision',
    kpis: ['C-10'],
    columns: { by_technical: whole, p50_hours: 'hours', p90_hours: 'hours', undecided: 'count', n: 'count' },
    sql: `
WITH ${dates(make.scope)}
SELECT ${percent(`countIf(decided_by = 'technical-department')`, `countIf(decided_by != '')`)} AS by_technical,
  ${median(hours('decision_minutes'), 'decision_minutes IS NOT NULL')} AS p50_hours, ${percentile90(hours('decision_minutes'))} AS p90_hours,
  countIf(decided_by = '') AS undecided, countIf(decided_by != '') AS n
FROM ${cases}`,
  });

const closure = (make: Make) =>
  stat(make, {
    name: 'aftersales-closure',
    kpis: ['C-10', 'K-Q06'],
    columns: { p50_hours: 'hours', p90_hours: 'hours', serviced_hours: 'hours', unclosed: 'count', n: 'count' },
    sql: `
WITH ${dates(make.scope)}
SELECT ${median(hours('closure_minutes'), 'closure_minutes IS NOT NULL')} AS p50_hours, ${percentile90(hours('closure_minutes'))} AS p90_hours,
  ${median(hours('resolution_minutes'), 'resolution_minutes IS NOT NULL')} AS serviced_hours,
  countIf(closed_at IS NULL) AS unclosed, countIf(closed_at IS NOT NULL) AS n
FROM ${cases}`,
  });

/** Waiting now, whenever they came; how long it took, of those of the span. */
const photographs = (make: Make) =>
  stat(make, {
    name: 'aftersales-photographs',
    kpis: ['C-10'],
    columns: { photos_waiting: 'count', oldest_hours: 'hours', p50_hours: 'hours', n: 'count' },
    sql: `
WITH ${dates(make.scope)}, state = 'photos-requested' AS waits, received_on BETWEEN first AND last AND ${occurred('photos-received')} AS came
SELECT countIf(waits) AS photos_waiting,
  if(photos_waiting > 0, maxIf(dateDiff('second', times['photos-requested'], now()), waits) / 3600, NULL) AS oldest_hours,
  ${median(`dateDiff('second', times['photos-requested'], times['photos-received']) / 3600`, 'came')} AS p50_hours,
  countIf(came) AS n
FROM complaints
WHERE kind = 'after-sales' AND (received_on BETWEEN first AND last OR ${recent(make)}) AND ${inRegion()}`,
  });

/** What may still be open: three years back. */
const recent = (make: Make) => `received_on >= toDate(now(), '${make.scope.timeZone}') - 1096`;

/** The same shares out of sums by month, for who sees no case. */
const shares = (make: Make) =>
  stat(make, {
    name: 'aftersales-shares',
    kpis: ['K-Q18', 'C-10'],
    columns: { told_in_time: 'percent', by_technical: whole, closed: 'count', n: 'count' },
    sql: `
WITH ${dates(make.scope)}
SELECT ${percent('sum(a.told_in_time)', 'sum(a.told) + sum(a.overdue)')} AS told_in_time,
  ${percent('sum(a.by_technical)', 'sum(a.decided)')} AS by_technical, sum(a.closed) AS closed, sum(a.cases) AS n
FROM after_sales_by_month AS a
WHERE month BETWEEN toStartOfMonth(first) AND last AND ${inRegion('a.region_id')}`,
  });

const byMonth = (make: Make) =>
  timeSeries(make, {
    name: 'aftersales-by-month',
    kpis: ['C-10', 'K-Q18'],
    columns: {
      time: 'month',
      aftersales_cases: { unit: 'count', colour: 'blue' },
      told_late: { unit: 'count', colour: 'orange' },
      closed: { unit: 'count', colour: 'green' },
      n: 'count',
    },
    sql: `
WITH ${dates(make.scope)}
SELECT ${instant('month', make.scope)} AS time, sum(a.cases) AS aftersales_cases,
  sum(a.told) - sum(a.told_in_time) + sum(a.overdue) AS told_late, sum(a.closed) AS closed, aftersales_cases AS n
FROM after_sales_by_month AS a
WHERE month BETWEEN toStartOfMonth(first) AND last AND ${inRegion('a.region_id')}
GROUP BY time
ORDER BY time`,
  });

/** The steps that have a clock, or keep one, in their order. */
const steps = {
  'after-sales-case': [
    'notify-manager',
    'go-on-site',
    'request-photos',
    'receive-photos',
    'sign-opinion',
    'begin-verifying',
    'decide',
    'record-service',
    'inform-manager',
    'close',
  ],
  'technical-support': ['notify-manager', 'begin-verifying', 'answer', 'inform-manager', 'close'],
};

/** A clock is met by the move it waited for; run out, it is breached at once, done or not. */
const clocks = (make: Make) => {
  const procedures = Object.keys(steps);
  const order = Object.entries(steps).flatMap(([procedure, moves]) => moves.map((move) => `${procedure}.${move}`));
  return table(make, {
    name: 'aftersales-clocks',
    kpis: ['K-Q07'],
    columns: { procedure: 'text', step: 'text', in_time: 'percent', met: 'count', breached: 'count', n: 'count' },
    values: {
      procedure: labels(make, procedures),
      step: Object.assign({}, ...Object.entries(steps).map(([procedure, moves]) => labels(make, moves, procedure))),
    },
    sql: `
WITH ${dates(make.scope)}
SELECT m.procedure AS procedure, m.move AS step, ${percent('met', 'met + breached')} AS in_time,
  sumIf(m.with_clock - m.late, m.kind = 'move') AS met, sumIf(m.moves, m.kind = 'breach') AS breached, met + breached AS n
FROM moves_by_day AS m
WHERE m.procedure IN (${procedures.map((one) => `'${one}'`).join(', ')}) AND m.kind IN ('move', 'breach')
  AND m.day BETWEEN first AND last AND ${inRegion('m.region_id')}
GROUP BY procedure, step
HAVING n > 0
ORDER BY indexOf([${order.map((one) => `'${one}'`).join(', ')}], concat(procedure, '.', step)), step`,
  });
};

const openStates = [
  'reported',
  'rm-notified',
  'on-site',
  'photos-requested',
  'photos-received',
  'gm-opinion-signed',
  'technical-verifying',
  'decided',
  'serviced',
  'rm-informed',
];

const openByState = (make: Make) =>
  barGauge(
    make,
    {
      name: 'aftersales-open-by-state',
      kpis: ['C-10'],
      columns: { cases: { unit: 'count', colour: 'orange' }, state: 'text', n: 'count' },
      values: { state: labels(make, openStates, 'after-sales-case') },
      sql: `
SELECT state, count() AS cases, cases AS n
FROM complaints
WHERE kind = 'after-sales' AND closed_at IS NULL AND ${recent(make)} AND ${inRegion()}
GROUP BY state
ORDER BY indexOf([${openStates.map((state) => `'${state}'`).join(', ')}], state), state`,
    },
    'state',
    'cases',
  );

/** Since when it stands in its state: a suggestion moves nothing. */
const open = (make: Make) =>
  table(make, {
    name: 'aftersales-open',
    kpis: ['C-10'],
    columns: {
      case_number: 'text',
      distributor: 'text',
      product_code: 'text',
      state: 'text',
      state_hours: 'hours',
      age_days: 'days',
      n: 'count',
    },
    values: { state: labels(make, openStates, 'after-sales-case') },
    sql: `
SELECT number AS case_number, distributor_code AS distributor, product_code, state,
  dateDiff('second', arrayMax(mapValues(mapFilter((fact, at) -> fact != 'suggested', times))), now()) / 3600 AS state_hours,
  dateDiff('day', received_at, now()) AS age_days, 1 AS n
FROM complaints
WHERE kind = 'after-sales' AND closed_at IS NULL AND ${recent(make)} AND ${inRegion()}
ORDER BY received_at, number
LIMIT 100`,
  });
