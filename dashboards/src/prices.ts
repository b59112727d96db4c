/** Price exceptions (O-11 to O-14): how often the list is left, who lets it be, what it costs, what went out without leave. */
import type { Definition, Make } from './definition.js';
import { exceptionRate, exceptionsByMonth } from './order-panels.js';
import { barChart, barGauge, stat, table, timeSeries } from './panels.js';
import { bySalesperson, dates, field, inRegion, instant, median, percent, subjectsOf } from './sql.js';
import { categoryVariable, regionVariable } from './variables.js';

export function priceExceptions(make: Make): Definition {
  const { t, scope } = make;
  const viewer = scope.viewer;
  return {
    uid: 'fenxiao-prices',
    title: t('prices.title'),
    description: t('prices.description'),
    tags: ['fenxiao', t('tag.prices')],
    time: { from: 'now-5M/M', to: 'now' },
    links: [{ title: t('sales.title'), url: '/d/fenxiao-sales' }],
    variables: [
      { builder: regionVariable(t('region')) },
      {
        power: 'people',
        builder: categoryVariable(
          'salesperson',
          t('salesperson'),
          `SELECT toString(person_id) AS id, staff_number FROM people
           WHERE person_id IN (SELECT DISTINCT salesperson_id FROM sales) ORDER BY staff_number`,
        ),
      },
    ],
    rows: [
      ...(viewer
        ? [
            {
              height: 5,
              panels: [
                { width: 8, panel: exceptionRate(make) },
                { width: 5, panel: deviation(make) },
                { width: 6, panel: approvalTime(make) },
                { width: 5, panel: violations(make) },
              ],
            },
          ]
        : []),
      {
        height: 9,
        panels: [
          { width: 12, panel: heldForPrice(make) },
          { width: 12, panel: decisions(make) },
        ],
      },
      ...(viewer
        ? [
            {
              height: 9,
              panels: [
                { width: 8, panel: byOutcome(make) },
                { width: 8, panel: givenAwayByFamily(make) },
                { width: 8, panel: exceptionsByMonth(make) },
              ],
            },
            {
              height: 9,
              panels: [
                { width: 12, panel: byApprover(make) },
                { width: 12, panel: bySeller(make), power: 'people' as const },
              ],
            },
            {
              height: 9,
              panels: [
                { width: 16, panel: waiting(make), power: 'customers' as const },
                { width: 8, panel: priceCuts(make) },
              ],
            },
          ]
        : []),
    ],
  };
}

/** Requests of the span, not those that a change of the order made void, with the order's salesperson. */
const requests = `(
    SELECT x.*, o.salesperson_id AS salesperson_id, o.distributor_code AS distributor_code
    FROM price_exceptions AS x
    LEFT JOIN (SELECT order_id, salesperson_id, distributor_code FROM orders WHERE order_id IN (SELECT order_id FROM price_exceptions)) AS o ON o.order_id = x.order_id
    WHERE ${inRegion('x.region_id')})`;
const inSpan = (make: Make) =>
  `toDate(requested_at, '${make.scope.timeZone}') BETWEEN first AND last AND ${bySalesperson}`;
const granted = `state IN ('approved', 'used')`;

/** K-S20 over the lines that needed approval: each weighs what it is worth on the list. */
const lines = (make: Make) => `(
    SELECT family, salesperson_id, list_value, given_away, state FROM (
      SELECT l.1 AS product_id, salesperson_id, state, l.2 AS list_value, -l.2 * l.3 / 100 AS given_away
      FROM (
        SELECT exception_id, salesperson_id, state FROM ${requests} WHERE state != 'voided' AND ${inSpan(make)}) AS x
      INNER JOIN exception_lines AS e ON e.exception_id = x.exception_id
      ARRAY JOIN e.lines AS l) AS one
    LEFT JOIN products AS p ON p.product_id = one.product_id)`;

const deviation = (make: Make) =>
  stat(make, {
    name: 'price-deviation',
    kpis: ['K-S20'],
    columns: { price_deviation: 'percent', given_away: 'money', n: 'count' },
    sql: `
WITH ${dates(make.scope)}
SELECT
  ${percent('-sum(e.given_away)', 'sum(e.list_value)')} AS price_deviation,
  sumIf(e.given_away, ${granted}) AS given_away,
  count() AS n
FROM ${lines(make)} AS e`,
  });

const approvalTime = (make: Make) =>
  stat(make, {
    name: 'approval-time',
    kpis: ['O-11'],
    columns: { p50_hours: 'hours', p90_hours: 'hours', waiting: 'count', n: 'count' },
    sql: `
WITH ${dates(make.scope)}, state NOT IN ('requested', 'voided') AS decided, dateDiff('second', requested_at, decided_at) / 3600 AS took
SELECT
  ${median('took', 'decided')} AS p50_hours,
  if(countIf(decided) > 0, quantileExactInclusiveIf(0.9)(assumeNotNull(took), decided), NULL) AS p90_hours,
  countIf(state = 'requested') AS waiting,
  countIf(decided) AS n
FROM ${requests} AS x
WHERE ${inSpan(make)}`,
  });

const violations = (make: Make) =>
  stat(make, {
    name: 'price-violations',
    kpis: ['O-12'],
    columns: { violations: 'count', n: 'count' },
    sql: `
WITH ${dates(make.scope)}
SELECT count() AS violations, violations AS n
FROM subjects
WHERE kind = 'price-violation' AND toDate(begun_at, '${make.scope.timeZone}') BETWEEN first AND last AND ${inRegion()}
  AND ${bySalesperson.replaceAll('toString(salesperson_id)', `JSONExtractString(form, 'salespersonId')`)}`,
  });

const heldForPrice = (make: Make) =>
  timeSeries(make, {
    name: 'held-for-price',
    kpis: ['O-11'],
    columns: { time: 'month', price_hold_rate: 'percent', n: 'count' },
    sql: `
WITH ${dates(make.scope)}
SELECT ${instant('toStartOfMonth(ordered_on)', make.scope)} AS time, ${percent('sum(o.held_price)', 'sum(o.orders)')} AS price_hold_rate, sum(o.orders) AS n
FROM orders_by_day AS o
WHERE ordered_on BETWEEN first AND last AND ${inRegion()}
GROUP BY time
ORDER BY time`,
  });

const cutStates = [
  'draft',
  'submitted',
  'adjusted',
  'reviewed',
  'returned',
  'approved',
  'running',
  'ended',
  'rejected',
  'withdrawn',
];
const approvers = ['sales-manager', 'deputy-general-manager-sales', 'sales-general-manager', 'general-manager'];
const outcomes = ['requested', 'approved', 'used', 'rejected', 'expired', 'voided'] as const;

/** What was done about requests, by day: the moves themselves, which Grafana may see too. */
const decisions = (make: Make) =>
  timeSeries(make, {
    name: 'exception-moves',
    kpis: ['O-11'],
    columns: {
      time: 'month',
      requested: { unit: 'count', colour: 'blue' },
      approved: { unit: 'count', colour: 'green' },
      rejected: { unit: 'count', colour: 'red' },
      n: 'count',
    },
    sql: `
WITH ${dates(make.scope)}
SELECT ${instant('toStartOfMonth(m.day)', make.scope)} AS time, sumIf(m.moves, m.move = 'request') AS requested, sumIf(m.moves, m.move = 'approve') AS approved,
  sumIf(m.moves, m.move = 'reject') AS rejected, sum(m.moves) AS n
FROM moves_by_day AS m
WHERE m.procedure = 'price-exception' AND m.kind = 'move' AND m.day BETWEEN first AND last AND ${inRegion('m.region_id')}
GROUP BY time
ORDER BY time`,
  });

const byOutcome = (make: Make) =>
  barGauge(
    make,
    {
      name: 'exceptions-by-outcome',
      kpis: ['O-11'],
      columns: { exceptions: { unit: 'count', colour: 'blue' }, state: 'text', n: 'count' },
      values: { state: Object.fromEntries(outcomes.map((state) => [state, make.term(state, 'price-exception')])) },
      sql: `
WITH ${dates(make.scope)}
SELECT state, count() AS exceptions, exceptions AS n
FROM ${requests} AS x
WHERE ${inSpan(make)}
GROUP BY state
ORDER BY indexOf([${outcomes.map((state) => `'${state}'`).join(', ')}], state)`,
    },
    'state',
    'exceptions',
  );

const givenAwayByFamily = (make: Make) =>
  barChart(make, {
    name: 'given-away-by-family',
    kpis: ['K-S22'],
    columns: { family: 'text', given_away: { unit: 'money', colour: 'orange' }, n: 'count' },
    sql: `
WITH ${dates(make.scope)}
SELECT if(e.family = '', '${make.t('unknown')}', e.family) AS family, sum(e.given_away) AS given_away, count() AS n
FROM ${lines(make)} AS e
WHERE ${granted}
GROUP BY family
ORDER BY given_away DESC
LIMIT 12`,
  });

const byApprover = (make: Make) =>
  table(make, {
    name: 'exceptions-by-approver',
    kpis: ['O-11', 'K-S22'],
    columns: {
      approver: 'text',
      exceptions: 'count',
      approved_rate: 'percent',
      given_away: 'exactMoney',
      p50_hours: 'hours',
      n: 'count',
    },
    values: {
      approver: Object.fromEntries(approvers.map((role) => [role, make.term(role)])),
    },
    sql: `
WITH ${dates(make.scope)}, state IN ('approved', 'used', 'rejected') AS answered
SELECT approver, count() AS exceptions, ${percent(`countIf(${granted})`, 'countIf(answered)')} AS approved_rate,
  sumIf(x.margin_given_away, ${granted}) AS given_away, ${median(`dateDiff('second', requested_at, decided_at) / 3600`, 'answered')} AS p50_hours,
  exceptions AS n
FROM ${requests} AS x
WHERE state != 'voided' AND ${inSpan(make)}
GROUP BY approver
ORDER BY exceptions DESC`,
  });

const bySeller = (make: Make) =>
  table(make, {
    name: 'exceptions-by-salesperson',
    kpis: ['K-S20', 'K-S22'],
    columns: { salesperson: 'text', price_deviation: 'percent', given_away: 'exactMoney', n: 'count' },
    sql: `
WITH ${dates(make.scope)}
SELECT if(p.staff_number = '', '${make.t('unknown')}', p.staff_number) AS salesperson, price_deviation, given_away, n
FROM (
  SELECT e.salesperson_id AS salesperson_id, ${percent('-sum(e.given_away)', 'sum(e.list_value)')} AS price_deviation,
    sumIf(e.given_away, ${granted}) AS given_away, count() AS n
  FROM ${lines(make)} AS e
  GROUP BY salesperson_id) AS s
LEFT JOIN people AS p ON p.person_id = s.salesperson_id
ORDER BY given_away DESC
LIMIT 30`,
  });

const waiting = (make: Make) =>
  table(make, {
    name: 'exceptions-waiting',
    kpis: ['O-11'],
    columns: {
      order_number: 'text',
      distributor: 'text',
      approver: 'text',
      deviation: 'percent',
      given_away: 'exactMoney',
      waiting_hours: 'hours',
      n: 'count',
    },
    values: { approver: Object.fromEntries(approvers.map((role) => [role, make.term(role)])) },
    sql: `
SELECT order_number, distributor_code AS distributor, approver, toFloat64(deviation) AS deviation, margin_given_away AS given_away,
  dateDiff('second', requested_at, now()) / 3600 AS waiting_hours, lines AS n
FROM ${requests} AS x
WHERE state = 'requested' AND ${bySalesperson}
ORDER BY waiting_hours DESC
LIMIT 50`,
  });

/** O-14: cuts that hold, or were to hold, in the span or after it. */
const priceCuts = (make: Make) =>
  table(make, {
    name: 'price-cuts',
    kpis: ['O-14'],
    columns: { price_cut: 'text', state: 'text', starts: 'text', ends: 'text', n: 'count' },
    values: { state: Object.fromEntries(cutStates.map((state) => [state, make.term(state, 'price-cut')])) },
    sql: `
WITH ${dates(make.scope)}
SELECT concat(number, ' ', ${field('title')}) AS price_cut, state, ${field('startsOn')} AS starts, ${field('endsOn')} AS ends, 1 AS n
FROM ${subjectsOf('price-cut')}
WHERE toDateOrZero(ends) >= first
ORDER BY starts DESC
LIMIT 50`,
  });
