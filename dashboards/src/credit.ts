/** Credit and collection (O-20 to O-25, O-50): what is owed, for how long, how it comes in, and whether the books are on time. */
import type { Definition, Make } from './definition.js';
import { barGauge, stat, table, timeSeries } from './panels.js';
import { nearLimit, utilisation, utilisationByMonth } from './positions.js';
import { dates, field, inRegion, instant, occurred, percent, type Scope } from './sql.js';
import { regionVariable } from './variables.js';

export function creditAndCollection(make: Make): Definition {
  const { t, scope } = make;
  const viewer = scope.viewer;
  return {
    uid: 'fenxiao-credit',
    title: t('credit.title'),
    description: t('credit.description'),
    tags: ['fenxiao', t('tag.credit')],
    time: { from: 'now-5M/M', to: 'now' },
    links: [
      { title: t('sales.title'), url: '/d/fenxiao-sales' },
      { title: t('orders.title'), url: '/d/fenxiao-orders' },
    ],
    variables: [{ builder: regionVariable(t('region')) }],
    rows: [
      ...(viewer
        ? [
            {
              height: 5,
              panels: [
                { width: 9, panel: daysOutstanding(make) },
                { width: 8, panel: collection(make) },
                { width: 7, panel: overdue(make) },
              ],
            },
          ]
        : []),
      {
        height: 9,
        panels: [
          { width: 14, panel: receivablesByMonth(make) },
          ...(viewer
            ? [
                { width: 10, panel: ageing(make) },
                { width: 10, panel: outstandingByMonth(make) },
              ]
            : []),
        ],
      },
      ...(viewer
        ? [
            {
              height: 10,
              panels: [
                { width: 14, panel: overdueCustomers(make), power: 'customers' as const },
                { width: 10, panel: collectionTasks(make) },
              ],
            },
            { height: 5, panels: [{ width: 24, panel: utilisation(make) }] },
          ]
        : []),
      {
        height: 9,
        panels: [
          { width: 12, panel: utilisationByMonth(make) },
          ...(viewer ? [{ width: 12, panel: nearLimit(make), power: 'customers' as const }] : []),
        ],
      },
      {
        height: 5,
        panels: [
          { width: 5, panel: creditHolds(make) },
          { width: 7, panel: reportsOnTime(make) },
          ...(viewer
            ? [
                { width: 8, panel: reconciliations(make) },
                { width: 4, panel: orderFiles(make) },
              ]
            : []),
        ],
      },
    ],
  };
}

/** Invoices on credit as they stood at the end of the span, and before it. `late` is in days, zero or less where not due. */
const invoices = `(
    SELECT invoice_id, any(r.distributor_id) AS distributor_id, max(r.due_on) AS due,
      sumIf(r.amount, kind = 'invoice') AS gross,
      sumIf(r.amount, kind != 'credit-note' AND r.booked_on <= last) AS owed,
      sumIf(r.amount, kind != 'credit-note' AND r.booked_on < first) AS owed_before,
      -sumIf(r.amount, kind = 'receipt' AND r.booked_on <= last) AS received,
      -sumIf(r.amount, kind = 'receipt' AND r.booked_on BETWEEN first AND last) AS received_in_span,
      -sumIf(r.amount, kind = 'credit' AND r.booked_on <= last) AS credited,
      -sumIf(r.amount, kind = 'write-off' AND r.booked_on BETWEEN first AND last) AS written_off,
      sumIf(r.amount, kind IN ('invoice', 'credit-note') AND r.booked_on BETWEEN first AND last) AS sold,
      dateDiff('day', due, last) AS late
    FROM receivables AS r
    WHERE r.booked_on <= last AND ${inRegion('r.region_id')}
    GROUP BY invoice_id
    HAVING max(r.on_credit))`;

/**
 * K-C02: what is owed is counted back month by month from the latest; of the month that covers it the part that is left, in days.
 * Null where two years of sales do not cover it.
 */
const countBack = (owed: string) => `
  (SELECT multiIf(${owed} <= 0, 0., covered = 0, NULL,
      arraySum(arraySlice(spans, 1, covered - 1)) + (${owed} - sums[covered - 1]) / sold[covered] * spans[covered])
   FROM (
     SELECT groupArray(sales) AS sold, groupArray(span) AS spans, arrayCumSum(sold) AS sums, arrayFirstIndex(s -> s >= ${owed}, sums) AS covered FROM (
       SELECT m AS month, toFloat64(ifNull(sum(one.amount), 0)) AS sales, assumeNotNull(dateDiff('day', m, least(toLastDayOfMonth(m), last))) + 1 AS span
       FROM (SELECT arrayJoin(arrayMap(i -> addMonths(toStartOfMonth(last), -i), range(24))) AS m) AS months
       LEFT JOIN (
         SELECT toStartOfMonth(booked_on) AS sold_in, amount FROM receivables
         WHERE kind IN ('invoice', 'credit-note') AND booked_on <= last AND ${inRegion()}
           AND invoice_id IN (SELECT invoice_id FROM receivables WHERE on_credit)) AS one ON one.sold_in = months.m
       GROUP BY m ORDER BY m DESC)))`;

const days = (decimals = 1) => ({ unit: 'days' as const, more: { decimals } });

const daysOutstanding = (make: Make) =>
  stat(make, {
    name: 'days-outstanding',
    kpis: ['K-C01', 'K-C02', 'K-C03', 'K-C04'],
    columns: { dso_count_back: days(), dso: days(), dso_best: days(), days_delinquent: days(), n: 'count' },
    sql: `
WITH ${dates(make.scope)},
  (SELECT (toFloat64(sum(owed)), toFloat64(sumIf(owed, late <= 0)), toFloat64(sum(sold)), countIf(owed > 0)) FROM ${invoices}) AS standing,
  ifNull(standing.1, 0.) AS receivable
SELECT
  ${countBack('receivable')} AS dso_count_back,
  if(standing.3 > 0, receivable / standing.3 * days, NULL) AS dso,
  if(standing.3 > 0, standing.2 / standing.3 * days, NULL) AS dso_best,
  dso - dso_best AS days_delinquent,
  standing.4 AS n`,
  });

const collection = (make: Make) =>
  stat(make, {
    name: 'collection',
    kpis: ['K-C05', 'K-C06', 'K-C08'],
    columns: { collection_rate: 'percent', cei: 'percent', bad_debt: 'percent', recovered: 'money', n: 'count' },
    sql: `
WITH ${dates(make.scope)}
SELECT
  ${percent('sumIf(received, due BETWEEN first AND last)', 'sumIf(gross - credited, due BETWEEN first AND last)')} AS collection_rate,
  ${percent('(sum(owed_before) + sum(sold) - sum(owed))', '(sum(owed_before) + sum(sold) - sumIf(owed, late <= 0))')} AS cei,
  ${percent('sum(i.written_off)', 'sum(sold)')} AS bad_debt,
  sumIf(received_in_span, due < first) AS recovered,
  countIf(due BETWEEN first AND last) AS n
FROM ${invoices} AS i`,
  });

const overdue = (make: Make) =>
  stat(make, {
    name: 'overdue',
    kpis: ['K-C07'],
    columns: { overdue_rate: 'percent', overdue: 'money', receivable: 'money', n: 'count' },
    sql: `
WITH ${dates(make.scope)}
SELECT ${percent('sumIf(owed, late > 0)', 'sum(owed)')} AS overdue_rate, sumIf(owed, late > 0) AS overdue, sum(owed) AS receivable, countIf(owed > 0) AS n
FROM ${invoices} AS i`,
  });

const buckets = ['current', '1-30', '31-60', '61-90', 'over-90'] as const;
const ageing = (make: Make) =>
  barGauge(
    make,
    {
      name: 'ageing',
      kpis: ['K-C07'],
      columns: { receivable: { unit: 'money', colour: 'orange' }, bucket: 'text', n: 'count' },
      values: { bucket: Object.fromEntries(buckets.map((bucket) => [bucket, make.t(`bucket.${bucket}`)])) },
      sql: `
WITH ${dates(make.scope)}
SELECT multiIf(late <= 0, 'current', late <= 30, '1-30', late <= 60, '31-60', late <= 90, '61-90', 'over-90') AS bucket, sum(owed) AS receivable, count() AS n
FROM ${invoices} AS i
WHERE owed > 0
GROUP BY bucket
ORDER BY indexOf([${buckets.map((bucket) => `'${bucket}'`).join(', ')}], bucket)`,
    },
    'bucket',
    'receivable',
  );

/** Months with what was owed at their end: all that changed it from the beginning on, added up. Of masked months that is not true. */
const closings = ({ timeZone }: Scope) => `(
    SELECT month, sum(r.credit_sales) AS credit_sales, sum(r.received) AS received, sum(r.change) AS change, sum(r.entries) AS entries,
      sum(change) OVER (ORDER BY month) AS closing, dateDiff('day', month, least(toLastDayOfMonth(month), toDate(now(), '${timeZone}'))) + 1 AS span
    FROM receivables_by_month AS r
    WHERE month <= last AND ${inRegion('r.region_id')}
    GROUP BY month)`;

const receivablesByMonth = (make: Make) =>
  timeSeries(make, {
    name: 'receivables-by-month',
    kpis: ['K-C01', 'K-C06'],
    columns: {
      time: 'month',
      credit_sales: { unit: 'money', colour: 'blue' },
      received: { unit: 'money', colour: 'green' },
      ...(make.scope.viewer ? { receivable: { unit: 'money', colour: 'orange' } as const } : {}),
      n: 'count',
    },
    sql: `
WITH ${dates(make.scope)}
SELECT ${instant('month', make.scope)} AS time, credit_sales, received, ${make.scope.viewer ? 'closing AS receivable, ' : ''}entries AS n
FROM ${closings(make.scope)}
WHERE month >= toStartOfMonth(first)
ORDER BY time`,
  });

const outstandingByMonth = (make: Make) =>
  timeSeries(make, {
    name: 'dso-by-month',
    kpis: ['K-C01'],
    columns: { time: 'month', dso: { ...days(), colour: 'purple' }, n: 'count' },
    sql: `
WITH ${dates(make.scope)}
SELECT ${instant('month', make.scope)} AS time, if(credit_sales > 0, toFloat64(closing) / toFloat64(credit_sales) * span, NULL) AS dso, entries AS n
FROM ${closings(make.scope)}
WHERE month >= toStartOfMonth(first)
ORDER BY time`,
  });

const overdueCustomers = (make: Make) =>
  table(make, {
    name: 'overdue-customers',
    kpis: ['K-C07'],
    columns: {
      distributor: 'text',
      overdue: { unit: 'exactMoney', more: { 'custom.cellOptions': { type: 'gauge', mode: 'basic' } } },
      oldest_days: 'days',
      receivable: 'exactMoney',
      n: 'count',
    },
    sql: `
WITH ${dates(make.scope)}
SELECT if(d.name = '', d.code, concat(d.code, ' ', d.name)) AS distributor, overdue, oldest_days, receivable, n
FROM (
  SELECT distributor_id, sumIf(owed, late > 0) AS overdue, maxIf(late, owed > 0) AS oldest_days, sum(owed) AS receivable, countIf(owed > 0 AND late > 0) AS n
  FROM ${invoices}
  GROUP BY distributor_id
  HAVING overdue > 0) AS i
LEFT JOIN (SELECT distributor_id, code, name FROM distributors) AS d ON d.distributor_id = i.distributor_id
ORDER BY overdue DESC
LIMIT 50`,
  });

const taskStates = ['open', 'promised', 'escalated', 'done'];
const collectionTasks = (make: Make) =>
  table(make, {
    name: 'collection-tasks',
    kpis: ['O-25'],
    columns: { state: 'text', tasks: 'count', overdue: 'exactMoney', promises_kept: 'percent', n: 'count' },
    values: { state: Object.fromEntries(taskStates.map((state) => [state, make.term(state, 'collection-task')])) },
    sql: `
WITH ${dates(make.scope)}
SELECT state, count() AS tasks, sum(toDecimal64OrZero(${field('amount')}, 2)) AS overdue,
  ${percent(`countIf(${occurred('promise-kept')} AND NOT ${occurred('promise-broken')})`, `countIf(${occurred('promise-kept')} OR ${occurred('promise-broken')})`)} AS promises_kept,
  tasks AS n
FROM subjects
WHERE kind = 'collection-task' AND ${inRegion()} AND toDate(begun_at, '${make.scope.timeZone}') <= last
  AND (state != 'done' OR toDate(begun_at, '${make.scope.timeZone}') >= first)
GROUP BY state
ORDER BY indexOf([${taskStates.map((state) => `'${state}'`).join(', ')}], state)`,
  });

const creditHolds = (make: Make) =>
  stat(make, {
    name: 'credit-holds',
    kpis: ['O-01'],
    columns: { credit_hold_rate: 'percent', orders: 'count', n: 'count' },
    sql: `
WITH ${dates(make.scope)}
SELECT ${percent('sum(o.held_credit)', 'sum(o.orders)')} AS credit_hold_rate, sum(o.held_credit) AS orders, sum(o.orders) AS n
FROM orders_by_day AS o
WHERE ordered_on BETWEEN first AND last AND ${inRegion()}`,
  });

/** O-20, O-21: signatures under daily and monthly reports, by the clock each of them stopped. */
const reportsOnTime = (make: Make) =>
  stat(make, {
    name: 'reports-on-time',
    kpis: ['O-20', 'O-21'],
    columns: { daily_on_time: 'percent', monthly_on_time: 'percent', n: 'count' },
    sql: `
WITH ${dates(make.scope)}
SELECT
  ${percent(`sumIf(m.with_clock - m.late, m.procedure = 'daily-report')`, `sumIf(m.with_clock, m.procedure = 'daily-report')`)} AS daily_on_time,
  ${percent(`sumIf(m.with_clock - m.late, m.procedure = 'monthly-report')`, `sumIf(m.with_clock, m.procedure = 'monthly-report')`)} AS monthly_on_time,
  sum(m.with_clock) AS n
FROM moves_by_day AS m
WHERE m.kind = 'move' AND m.move = 'sign' AND m.procedure IN ('daily-report', 'monthly-report') AND m.day BETWEEN first AND last`,
  });

/** Months whose reconciliation fell due in the span. */
const reconciliations = (make: Make) =>
  stat(make, {
    name: 'reconciliations',
    kpis: ['K-O15', 'O-22'],
    columns: { reconciled_on_time: 'percent', differences: 'count', difference_amount: 'exactMoney', n: 'count' },
    sql: `
WITH ${dates(make.scope)}
SELECT
  ${percent(`countIf(${occurred('closed')} AND JSONExtractBool(form, 'onTime'))`, 'count()')} AS reconciled_on_time,
  sum(JSONExtractInt(form, 'differences')) AS differences,
  sum(toDecimal64OrZero(${field('differenceAmount')}, 2)) AS difference_amount,
  count() AS n
FROM subjects
WHERE kind = 'reconciliation' AND toDateOrZero(${field('dueOn')}) BETWEEN first AND least(last, toDate(now(), '${make.scope.timeZone}'))`,
  });

const orderFiles = (make: Make) =>
  stat(make, {
    name: 'order-files',
    kpis: ['O-23'],
    columns: { files_complete: 'percent', n: 'count' },
    sql: `
WITH ${dates(make.scope)}
SELECT ${percent(`countIf(JSONExtractBool(form, 'complete'))`, 'count()')} AS files_complete, count() AS n
FROM subjects
WHERE kind = 'order-file' AND toDateOrZero(${field('completedOn')}) BETWEEN first AND last AND ${inRegion()}`,
  });
