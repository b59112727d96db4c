/** The panels of the sales overview about orders: how many, how large, below list price, and how far they are. */
import type { Make } from './definition.js';
import { barGauge, signedColumn, stat, table } from './panels.js';
import {
  bySalesperson,
  change,
  chosen,
  comparedDays,
  comparison,
  dates,
  inRegion,
  percent,
  type Scope,
} from './sql.js';

/**
 * Orders placed in the span, one row each in the viewer; sums by day for Grafana, which has no orders. Both without
 * drafts and cancelled ones.
 */
function placed(scope: Scope): string {
  if (scope.viewer)
    return `(
    SELECT order_id, min(booked_on) AS booked_on, 1 AS orders, sum(net) AS net
    FROM sales
    WHERE basis = 'order' AND ${inRegion()} AND ${chosen('family', 'family')} AND ${bySalesperson}
    GROUP BY order_id
    HAVING sum(quantity) > 0)`;
  return `(
    SELECT booked_on, 0 AS orders, net FROM sales_by_day WHERE basis = 'order' AND ${inRegion()}
    UNION ALL
    SELECT ordered_on AS booked_on, orders - cancelled AS orders, 0 AS net FROM orders_by_day WHERE ${inRegion()})`;
}

export const orders = (make: Make) =>
  stat(make, {
    name: 'orders',
    kpis: ['K-S13', 'K-S08'],
    columns: {
      orders: 'count',
      change_previous: signedColumn('percent'),
      change_last_year: signedColumn('percent'),
      n: 'count',
    },
    sql: `
WITH ${dates(make.scope)}, ${comparison}
SELECT
  sumIf(p.orders, now) AS orders,
  ${change('orders', 'sumIf(p.orders, before)')} AS change_previous,
  ${change('orders', 'sumIf(p.orders, year_ago)')} AS change_last_year,
  orders AS n
FROM ${placed(make.scope)} AS p
WHERE ${comparedDays}`,
  });

export const averageOrder = (make: Make) =>
  stat(make, {
    name: 'average-order',
    kpis: ['K-S13', 'K-S08'],
    columns: {
      average_order: 'money',
      change_previous: signedColumn('percent'),
      change_last_year: signedColumn('percent'),
      n: 'count',
    },
    sql: `
WITH ${dates(make.scope)}, ${comparison},
    sumIf(p.orders, now) AS n,
    sumIf(p.orders, before) AS n_before,
    sumIf(p.orders, year_ago) AS n_year_ago
SELECT
  if(n > 0, toFloat64(sumIf(p.net, now)) / n, NULL) AS average_order,
  if(n_before > 0 AND sumIf(p.net, before) > 0, (average_order / (toFloat64(sumIf(p.net, before)) / n_before) - 1) * 100, NULL) AS change_previous,
  if(n_year_ago > 0 AND sumIf(p.net, year_ago) > 0, (average_order / (toFloat64(sumIf(p.net, year_ago)) / n_year_ago) - 1) * 100, NULL) AS change_last_year,
  n
FROM ${placed(make.scope)} AS p
WHERE ${comparedDays}`,
  });

/** Order lines of the span, and of those the lines that needed approval, by day. */
const exceptions = `(
    SELECT o.booked_on AS booked_on, o.lines AS lines, x.requests AS requests, x.needing AS needing, x.given_away AS given_away
    FROM (
      SELECT order_id, min(booked_on) AS booked_on, sum(s.lines) AS lines
      FROM sales AS s
      WHERE basis = 'order' AND ${inRegion()} AND ${bySalesperson}
      GROUP BY order_id
      HAVING sum(quantity) > 0) AS o
    LEFT JOIN (
      SELECT order_id, count() AS requests, sum(lines) AS needing, sumIf(margin_given_away, state IN ('approved', 'used')) AS given_away
      FROM price_exceptions
      WHERE state != 'voided'
      GROUP BY order_id) AS x ON x.order_id = o.order_id)`;

export const exceptionRate = (make: Make) =>
  stat(make, {
    name: 'exception-rate',
    kpis: ['K-S21', 'K-S22'],
    columns: { exception_rate: 'percent', exceptions: 'count', given_away: 'money', n: 'count' },
    sql: `
WITH ${dates(make.scope)}
SELECT
  ${percent('sum(needing)', 'sum(lines)')} AS exception_rate,
  sum(requests) AS exceptions,
  sum(e.given_away) AS given_away,
  sum(lines) AS n
FROM ${exceptions} AS e
WHERE booked_on BETWEEN first AND last`,
  });

export const exceptionsByMonth = (make: Make) =>
  table(make, {
    name: 'exceptions-by-month',
    kpis: ['K-S21', 'K-S22'],
    columns: {
      month: 'month',
      exceptions: 'count',
      exception_rate: 'percent',
      given_away: 'exactMoney',
      n: 'count',
    },
    sql: `
WITH ${dates(make.scope)}
SELECT
  toStartOfMonth(booked_on) AS month,
  sum(requests) AS exceptions,
  ${percent('sum(needing)', 'sum(lines)')} AS exception_rate,
  sum(e.given_away) AS given_away,
  sum(lines) AS n
FROM ${exceptions} AS e
WHERE booked_on BETWEEN first AND last
GROUP BY month
ORDER BY month DESC`,
  });

const openStates = [
  'draft',
  'submitted',
  'checked',
  'on-hold',
  'confirmed',
  'backordered',
  'allocated',
  'partially-shipped',
  'shipped',
  'partially-delivered',
  'delivered',
];

export const pipeline = (make: Make) =>
  barGauge(
    make,
    {
      name: 'pipeline',
      kpis: ['O-01'],
      columns: { orders: { unit: 'count', colour: 'blue' }, state: 'text', net_sales: 'money', n: 'count' },
      values: { state: Object.fromEntries(openStates.map((state) => [state, make.term(state, 'order')])) },
      sql: `
SELECT state, count() AS orders, sum(net) AS net_sales, orders AS n
FROM orders
WHERE state NOT IN ('completed', 'cancelled', 'returned', '') AND ${inRegion()} AND ${chosen('toString(salesperson_id)', 'salesperson')}
GROUP BY state
ORDER BY indexOf([${openStates.map((state) => `'${state}'`).join(', ')}], state), state`,
    },
    'state',
    'orders',
  );

const stageNames = ['placed', 'held', 'confirmed', 'backordered', 'delivered', 'cancelled'] as const;

/** What Grafana may see of the pipeline: sums, without states. */
export const stages = (make: Make) =>
  barGauge(
    make,
    {
      name: 'stages',
      kpis: ['O-01'],
      columns: { orders: { unit: 'count', colour: 'blue' }, stage: 'text', n: 'count' },
      values: { stage: Object.fromEntries(stageNames.map((stage) => [stage, make.t(`stage.${stage}`)])) },
      sql: `
WITH ${dates(make.scope)}
SELECT one.1 AS stage, one.2 AS orders, one.2 AS n
FROM (
  SELECT [('placed', sum(o.orders)), ('held', sum(o.held)), ('confirmed', sum(o.confirmed)), ('backordered', sum(o.backordered)),
    ('delivered', sum(o.delivered)), ('cancelled', sum(o.cancelled))] AS all
  FROM orders_by_day AS o
  WHERE ordered_on BETWEEN first AND last AND ${inRegion()})
ARRAY JOIN all AS one`,
    },
    'stage',
    'orders',
  );
