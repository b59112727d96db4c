/** Complaints and quality (C-01 to C-20): how many there are, of what, how fast they are answered and settled, what they cost. */
import { proceduresAtWork, refusals } from './cases.js';
import { actions, copies, opinions, penalties, registered } from './complaint-duties.js';
import type { Definition, Make } from './definition.js';
import { barGauge, stat, table, timeSeries } from './panels.js';
import { dates, hours, inRegion, instant, labels, median, occurred, percent, percentile90 } from './sql.js';
import { regionVariable } from './variables.js';

export function complaintsAndQuality(make: Make): Definition {
  const { t, scope } = make;
  return {
    uid: 'fenxiao-complaints',
    title: t('complaints.title'),
    description: t('complaints.description'),
    tags: ['fenxiao', t('tag.complaints')],
    time: { from: 'now-11M/M', to: 'now' },
    links: [
      { title: t('aftersales.title'), url: '/d/fenxiao-aftersales' },
      { title: t('orders.title'), url: '/d/fenxiao-orders' },
    ],
    variables: [{ builder: regionVariable(t('region')) }],
    rows: [
      ...(scope.viewer ? figures(make) : []),
      {
        height: 9,
        panels: [
          { width: 14, panel: byMonth(make) },
          { width: 10, panel: pareto(make) },
        ],
      },
      ...(scope.viewer ? details(make) : []),
    ],
  };
}

const figures = (make: Make) => [
  {
    height: 5,
    panels: [
      { width: 7, panel: perThousand(make) },
      { width: 5, panel: defective(make) },
      { width: 5, panel: justified(make) },
      { width: 7, panel: costs(make) },
    ],
  },
  {
    height: 5,
    panels: [
      { width: 8, panel: firstResponse(make) },
      { width: 8, panel: resolution(make) },
      { width: 8, panel: kept(make) },
    ],
  },
  {
    height: 5,
    panels: [
      { width: 8, panel: again(make) },
      { width: 8, panel: closing(make) },
      { width: 8, panel: actions(make) },
    ],
  },
  {
    height: 5,
    panels: [
      { width: 6, panel: registered(make) },
      { width: 6, panel: copies(make) },
      { width: 6, panel: opinions(make) },
      { width: 6, panel: penalties(make), power: 'people' as const },
    ],
  },
];

const details = (make: Make) => [
  {
    height: 9,
    panels: [
      { width: 12, panel: byDefect(make) },
      { width: 12, panel: byProduct(make) },
    ],
  },
  { height: 9, panels: [{ width: 24, panel: open(make), power: 'customers' as const }] },
  {
    height: 10,
    panels: [
      { width: 14, panel: proceduresAtWork(make, 'complaint-procedures', 'complaints') },
      { width: 10, panel: refusals(make, 'complaint-refusals', 'complaints') },
    ],
  },
];

/** Complaints received in the span and regions chosen, as they stand; `kinds`: which. */
const received = (kinds = `('quality', 'service')`) =>
  `(SELECT * FROM complaints WHERE received_on BETWEEN first AND last AND kind IN ${kinds} AND ${inRegion()})`;
const quality = received(`('quality')`);

const perThousand = (make: Make) =>
  stat(make, {
    name: 'complaint-rate',
    kpis: ['K-Q01'],
    columns: {
      quality_rate: { unit: 'times', more: { unit: 'suffix:‰' } },
      service_rate: { unit: 'times', more: { unit: 'suffix:‰' } },
      complaints: 'count',
      n: 'count',
    },
    sql: `
WITH ${dates(make.scope)},
  (SELECT uniqExact(order_id) FROM shipments WHERE shipped_on BETWEEN first AND last AND NOT voided AND ${inRegion()}) AS shipped
SELECT
  if(shipped > 0, countIf(kind = 'quality') / shipped * 1000, NULL) AS quality_rate,
  if(shipped > 0, countIf(kind = 'service') / shipped * 1000, NULL) AS service_rate,
  count() AS complaints,
  shipped AS n
FROM ${received()}`,
  });

const defective = (make: Make) =>
  stat(make, {
    name: 'complaint-ppm',
    kpis: ['K-Q02'],
    columns: { justified_ppm: { unit: 'times', more: { unit: 'suffix:ppm' } }, n: 'count' },
    sql: `
WITH ${dates(make.scope)},
  (SELECT sum(quantity) FROM sales WHERE basis = 'ship' AND lines = 1 AND booked_on BETWEEN first AND last AND ${inRegion()}) AS shipped
SELECT
  if(shipped > 0, toFloat64(sumIf(quantity, verdict IN ('justified', 'partly'))) / toFloat64(shipped) * 1000000, NULL) AS justified_ppm,
  countIf(verdict IN ('justified', 'partly')) AS n
FROM ${quality}`,
  });

const justified = (make: Make) =>
  stat(make, {
    name: 'complaint-verdicts',
    kpis: ['K-Q03', 'C-05'],
    columns: {
      justified_rate: 'percent',
      p50_days: { unit: 'days', more: { decimals: 1 } },
      undecided: 'count',
      n: 'count',
    },
    sql: `
WITH ${dates(make.scope)}, ${occurred('decided')} OR ${occurred('rejected')} AS settled
SELECT ${percent(`countIf(verdict IN ('justified', 'partly'))`, `countIf(verdict != '')`)} AS justified_rate,
  ${median(`dateDiff('second', received_at, greatest(times['decided'], times['rejected'])) / 86400`, 'settled')} AS p50_days,
  countIf(verdict = '' AND closed_at IS NULL) AS undecided, countIf(verdict != '') AS n
FROM ${quality}`,
  });

/** The remedy as it cost, as estimated until that is known. */
const costs = (make: Make) =>
  stat(make, {
    name: 'complaint-costs',
    kpis: ['K-Q14', 'C-06'],
    columns: {
      remedy_cost: 'money',
      cost_share: { unit: 'percent', more: { decimals: 3 } },
      cost_per_thousand: 'exactMoney',
      n: 'count',
    },
    sql: `
WITH ${dates(make.scope)},
  (SELECT toFloat64(sum(net)) FROM sales_by_day WHERE basis = 'ship' AND booked_on BETWEEN first AND last AND ${inRegion()}) AS net,
  (SELECT sum(quantity) FROM sales WHERE basis = 'ship' AND lines = 1 AND booked_on BETWEEN first AND last AND ${inRegion()}) AS shipped
SELECT toFloat64(sum(ifNull(coalesce(actual_cost, estimated_cost), 0))) AS remedy_cost,
  ${percent('remedy_cost', 'net')} AS cost_share,
  if(shipped > 0, remedy_cost / toFloat64(shipped) * 1000, NULL) AS cost_per_thousand, countIf(coalesce(actual_cost, estimated_cost) IS NOT NULL) AS n
FROM ${quality}`,
  });

const firstResponse = (make: Make) =>
  stat(make, {
    name: 'first-response',
    kpis: ['K-Q04', 'K-Q05'],
    columns: { p50_hours: 'hours', p90_hours: 'hours', unanswered: 'count', oldest_days: 'days', n: 'count' },
    sql: `
WITH ${dates(make.scope)}, response_minutes IS NULL AND closed_at IS NULL AND NOT historic AS silent
SELECT ${median(hours('response_minutes'), 'response_minutes IS NOT NULL')} AS p50_hours, ${percentile90(hours('response_minutes'))} AS p90_hours,
  countIf(silent) AS unanswered, if(unanswered > 0, maxIf(dateDiff('day', received_at, now()), silent), NULL) AS oldest_days,
  countIf(response_minutes IS NOT NULL) AS n
FROM ${received()}`,
  });

const resolution = (make: Make) =>
  stat(make, {
    name: 'resolution',
    kpis: ['K-Q06'],
    columns: { p50_hours: 'hours', p90_hours: 'hours', paused_hours: 'hours', n: 'count' },
    sql: `
WITH ${dates(make.scope)}
SELECT ${median(hours('resolution_minutes'), 'resolution_minutes IS NOT NULL')} AS p50_hours, ${percentile90(hours('resolution_minutes'))} AS p90_hours,
  if(n > 0, avgIf(ifNull(waited_minutes, 0), resolution_minutes IS NOT NULL) / 60, NULL) AS paused_hours, countIf(resolution_minutes IS NOT NULL) AS n
FROM ${received()}`,
  });

/** Clocks that ended in the span: stopped in time, or run out, also while they are still open. */
const kept = (make: Make) =>
  stat(make, {
    name: 'complaint-clocks',
    kpis: ['K-Q07'],
    columns: { in_time: 'percent', breached: 'count', met: 'count', n: 'count' },
    sql: `
WITH ${dates(make.scope)}
SELECT ${percent('met', 'met + breached')} AS in_time, sumIf(m.moves, m.kind = 'breach') AS breached,
  sumIf(m.with_clock - m.late, m.kind = 'move') AS met, met + breached AS n
FROM moves_by_day AS m
WHERE m.procedure IN ('complaint', 'inquiry', 'quality-complaint-form', 'service-complaint', 'capa') AND m.day BETWEEN first AND last AND ${inRegion('m.region_id')}`,
  });

/** Reopened within 30 days of having been resolved, whichever time that was. */
const again = (make: Make) =>
  stat(make, {
    name: 'complaints-again',
    kpis: ['K-Q09', 'K-Q10'],
    columns: { reopen_rate: 'percent', repeat_rate: 'percent', n: 'count' },
    sql: `
WITH ${dates(make.scope)}, resolved_at IS NOT NULL AS settled
SELECT
  ${percent(`countIf(settled AND id IN ${reopened})`, 'countIf(settled)')} AS reopen_rate,
  ${percent(`countIf(nth_repeat > 1 AND verdict IN ('justified', 'partly'))`, `countIf(verdict IN ('justified', 'partly'))`)} AS repeat_rate,
  countIf(settled) AS n
FROM ${quality}`,
  });
const reopened = `(
    SELECT m.subject_id FROM moves_log AS m
    WHERE m.procedure = 'complaint' AND m.kind = 'move' AND m.move IN ('resolve', 'reopen') AND ${inRegion('m.region_id')}
    GROUP BY m.subject_id
    HAVING arrayExists(again -> arrayExists(done -> done <= again AND again < done + INTERVAL 30 DAY, groupArrayIf(m.time, m.move = 'resolve')),
      groupArrayIf(m.time, m.move = 'reopen')))`;

const closing = (make: Make) =>
  stat(make, {
    name: 'complaint-closing',
    kpis: ['K-Q15', 'K-Q11'],
    columns: { informed_rate: 'percent', satisfied_rate: 'percent', answers: 'count', n: 'count' },
    sql: `
WITH ${dates(make.scope)}, closed_at IS NOT NULL AND NOT historic AS ended
SELECT
  ${percent('countIf(ended AND informed_on IS NOT NULL)', 'countIf(ended)')} AS informed_rate,
  ${percent('countIf(score >= 4)', 'countIf(score IS NOT NULL)')} AS satisfied_rate,
  countIf(score IS NOT NULL) AS answers,
  countIf(ended) AS n
FROM ${received()}`,
  });

const byMonth = (make: Make) =>
  timeSeries(make, {
    name: 'complaints-by-month',
    kpis: ['K-Q01'],
    columns: {
      time: 'month',
      quality_complaints: { unit: 'count', colour: 'orange' },
      service_complaints: { unit: 'count', colour: 'blue' },
      aftersales_cases: { unit: 'count', colour: 'green' },
      n: 'count',
    },
    sql: `
WITH ${dates(make.scope)}
SELECT ${instant('month', make.scope)} AS time, sumIf(c.complaints, c.kind = 'quality') AS quality_complaints,
  sumIf(c.complaints, c.kind = 'service') AS service_complaints, sumIf(c.complaints, c.kind = 'after-sales') AS aftersales_cases,
  sum(c.complaints) AS n
FROM complaints_by_month AS c
WHERE month BETWEEN toStartOfMonth(first) AND last AND ${inRegion('c.region_id')}
GROUP BY time
ORDER BY time`,
  });

const pareto = (make: Make) =>
  barGauge(
    make,
    {
      name: 'complaint-pareto',
      kpis: ['C-19'],
      columns: { complaints: { unit: 'count', colour: 'orange' }, defect: 'text', n: 'count' },
      sql: `
WITH ${dates(make.scope)}
SELECT if(c.defect = '', '${make.t('other')}', c.defect) AS defect, sum(c.complaints) AS complaints, complaints AS n
FROM complaints_by_month AS c
WHERE c.kind = 'quality' AND month BETWEEN toStartOfMonth(first) AND last AND ${inRegion('c.region_id')}
GROUP BY defect
ORDER BY complaints DESC, defect
LIMIT 12`,
    },
    'defect',
    'complaints',
  );

/** Cases from their receipt to their close, in hours of the clock: what a customer waits, history included. */
const byDefect = (make: Make) =>
  table(make, {
    name: 'complaints-by-defect',
    kpis: ['C-19', 'K-Q06'],
    columns: {
      defect: 'text',
      complaints: 'count',
      closed: 'count',
      p50_hours: 'hours',
      cumulative: 'percent',
      n: 'count',
    },
    sql: `
WITH ${dates(make.scope)}
SELECT defect, complaints, closed, p50_hours,
  sum(complaints) OVER (ORDER BY complaints DESC, defect) / sum(complaints) OVER () * 100 AS cumulative, complaints AS n
FROM (
  SELECT defect, count() AS complaints, countIf(closed_at IS NOT NULL) AS closed,
    ${median(`dateDiff('second', received_at, closed_at) / 3600`, 'closed_at IS NOT NULL AND closed_at >= received_at')} AS p50_hours
  FROM ${quality}
  GROUP BY defect)
ORDER BY complaints DESC, defect
LIMIT 50`,
  });

const byProduct = (make: Make) =>
  table(make, {
    name: 'complaints-by-product',
    kpis: ['C-19', 'K-Q03'],
    columns: {
      product_code: 'text',
      grade: 'text',
      colour_number: 'text',
      batch: 'text',
      complaints: 'count',
      justified: 'count',
      n: 'count',
    },
    sql: `
WITH ${dates(make.scope)}
SELECT product_code, grade, colour_number, batch, count() AS complaints, countIf(verdict IN ('justified', 'partly')) AS justified, complaints AS n
FROM ${quality}
WHERE product_code != ''
GROUP BY product_code, grade, colour_number, batch
ORDER BY complaints DESC, product_code, grade, colour_number, batch
LIMIT 50`,
  });

const open = (make: Make) =>
  table(make, {
    name: 'complaints-open',
    kpis: ['C-01', 'C-16'],
    columns: {
      complaint: 'text',
      distributor: 'text',
      product_code: 'text',
      defect: 'text',
      severity: 'text',
      state: 'text',
      age_days: 'days',
      n: 'count',
    },
    values: {
      severity: labels(make, ['minor', 'medium', 'serious', 'grave'], 'complaint'),
      state: Object.assign({}, ...Object.entries(openStates).map(([kind, states]) => labels(make, states, kind))),
    },
    sql: `
SELECT number AS complaint, distributor_code AS distributor, product_code, defect, severity, state, dateDiff('day', received_at, now()) AS age_days, 1 AS n
FROM complaints
WHERE closed_at IS NULL AND received_on >= toDate(now(), '${make.scope.timeZone}') - 1096 AND ${inRegion()}
ORDER BY indexOf(['grave', 'serious', 'medium', 'minor'], severity), received_at
LIMIT 100`,
  });

/** What a case goes through before it is closed, in the words of its procedure; where two have a name in common, the last's. */
const openStates = {
  'after-sales-case': [
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
  ],
  'service-complaint': ['opened', 'with-department', 'handled', 'copied-to-office'],
  complaint: [
    'logged',
    'acknowledged',
    'notified',
    'cause-confirmed',
    'decision',
    'resolving',
    'waiting-for-customer',
    'resolved',
    'followed-up',
    'reopened',
    'rejected',
  ],
};
