/** Orders and stock (O-01 to O-07, O-24, O-41): are promises kept, what is short, what lies where, and how good it is. */
import type { Definition, Make } from './definition.js';
import { casesByState, proceduresAtWork, refusals } from './cases.js';
import { barGauge, stat, table, timeSeries } from './panels.js';
import { daysOfStock, stockByFamily, stockTurn } from './positions.js';
import { dates, field, inRegion, instant, occurred, percent, subjectsOf } from './sql.js';
import { regionVariable } from './variables.js';

export function ordersAndStock(make: Make): Definition {
  const { t, scope } = make;
  const viewer = scope.viewer;
  return {
    uid: 'fenxiao-orders',
    title: t('orders.title'),
    description: t('orders.description'),
    tags: ['fenxiao', t('tag.orders')],
    time: { from: 'now-5M/M', to: 'now' },
    links: [
      { title: t('sales.title'), url: '/d/fenxiao-sales' },
      { title: t('production.title'), url: '/d/fenxiao-production' },
    ],
    variables: [{ builder: regionVariable(t('region')) }],
    rows: [
      {
        height: 5,
        panels: [
          { width: 9, panel: otif(make) },
          { width: 7, panel: straightThrough(make) },
          { width: 8, panel: backorderRate(make) },
        ],
      },
      {
        height: 9,
        panels: [
          { width: 14, panel: deliveryByMonth(make) },
          { width: 10, panel: holds(make) },
        ],
      },
      ...(viewer
        ? [
            {
              height: 5,
              panels: [
                { width: 6, panel: cycleTime(make) },
                { width: 5, panel: perfectOrder(make) },
                { width: 7, panel: shipping(make) },
                { width: 6, panel: returnRate(make) },
              ],
            },
            {
              height: 9,
              panels: [
                { width: 11, panel: fillRates(make) },
                { width: 13, panel: backorders(make), power: 'customers' as const },
              ],
            },
          ]
        : []),
      {
        height: 9,
        panels: [
          { width: 14, panel: stockByFamily(make) },
          ...(viewer
            ? [{ width: 10, panel: stocktakes(make) }]
            : [{ width: 10, panel: casesByState(make, 'returns-by-state', 'return', ['O-07'], returnStates) }]),
        ],
      },
      ...(viewer
        ? [
            {
              height: 9,
              panels: [
                { width: 14, panel: stockTurn(make) },
                { width: 10, panel: daysOfStock(make) },
              ],
            },
            { height: 5, panels: [{ width: 24, panel: quality(make) }] },
          ]
        : [{ height: 5, panels: [{ width: 24, panel: stockTurn(make) }] }]),
      {
        height: 10,
        panels: [
          { width: 14, panel: proceduresAtWork(make, 'procedures-at-work', 'orders') },
          ...(viewer ? [{ width: 10, panel: refusals(make, 'refusals', 'orders') }] : []),
        ],
      },
    ],
  };
}

const returnStates = ['requested', 'authorised', 'received', 'inspected', 'credited', 'replaced', 'refused'];

const placedInSpan = `ordered_on BETWEEN first AND last AND ${inRegion()}`;

const otif = (make: Make) =>
  stat(make, {
    name: 'otif',
    kpis: ['K-O01', 'K-O02', 'K-O03'],
    columns: {
      otif: 'percent',
      on_time_rate: 'percent',
      first_promise_rate: 'percent',
      in_full_rate: 'percent',
      n: 'count',
    },
    sql: `
WITH ${dates(make.scope)}
SELECT
  ${percent('sum(o.on_time_in_full)', 'sum(o.due)')} AS otif,
  ${percent('sum(o.on_time)', 'sum(o.due)')} AS on_time_rate,
  ${percent('sum(o.on_first_promise)', 'sum(o.due)')} AS first_promise_rate,
  ${percent('sum(o.in_full)', 'sum(o.due)')} AS in_full_rate,
  sum(o.due) AS n
FROM orders_by_day AS o
WHERE ${placedInSpan}`,
  });

const straightThrough = (make: Make) =>
  stat(make, {
    name: 'straight-through',
    kpis: ['K-O09', 'O-01'],
    columns: { straight_through_rate: 'percent', cancel_rate: 'percent', n: 'count' },
    sql: `
WITH ${dates(make.scope)}
SELECT
  ${percent('sum(o.straight_through)', 'sum(o.confirmed)')} AS straight_through_rate,
  ${percent('sum(o.cancelled)', 'sum(o.orders)')} AS cancel_rate,
  sum(o.orders) AS n
FROM orders_by_day AS o
WHERE ${placedInSpan}`,
  });

const backorderRate = (make: Make) =>
  stat(make, {
    name: 'backorder-rate',
    kpis: ['K-O10', 'K-O16'],
    columns: {
      backorder_rate: 'percent',
      backordered: 'count',
      slip_days: { unit: 'days', more: { decimals: 2 } },
      n: 'count',
    },
    sql: `
WITH ${dates(make.scope)}
SELECT
  ${percent('sum(o.short_lines)', 'sum(o.lines)')} AS backorder_rate,
  sum(o.backordered) AS backordered,
  if(sum(o.promised) > 0, sum(o.slip_days) / sum(o.promised), NULL) AS slip_days,
  sum(o.lines) AS n
FROM orders_by_day AS o
WHERE ${placedInSpan}`,
  });

const deliveryByMonth = (make: Make) =>
  timeSeries(make, {
    name: 'delivery-by-month',
    kpis: ['K-O01', 'K-O02'],
    columns: {
      time: 'month',
      otif: { unit: 'percent', colour: 'blue' },
      on_time_rate: { unit: 'percent', colour: 'green' },
      first_promise_rate: { unit: 'percent', colour: 'orange' },
      n: 'count',
    },
    sql: `
WITH ${dates(make.scope)}
SELECT ${instant('toStartOfMonth(ordered_on)', make.scope)} AS time,
  ${percent('sum(o.on_time_in_full)', 'sum(o.due)')} AS otif,
  ${percent('sum(o.on_time)', 'sum(o.due)')} AS on_time_rate,
  ${percent('sum(o.on_first_promise)', 'sum(o.due)')} AS first_promise_rate,
  sum(o.due) AS n
FROM orders_by_day AS o
WHERE ${placedInSpan}
GROUP BY time
ORDER BY time`,
  });

const holdKinds = ['price', 'credit', 'stock', 'trial'] as const;
const holds = (make: Make) =>
  barGauge(
    make,
    {
      name: 'holds',
      kpis: ['O-01'],
      columns: { orders: { unit: 'count', colour: 'orange' }, hold: 'text', n: 'count' },
      values: { hold: Object.fromEntries(holdKinds.map((kind) => [kind, make.t(`hold.${kind}`)])) },
      sql: `
WITH ${dates(make.scope)}
SELECT one.1 AS hold, one.2 AS orders, one.2 AS n
FROM (
  SELECT [${holdKinds.map((kind) => `('${kind}', sum(o.held_${kind}))`).join(', ')}] AS all
  FROM orders_by_day AS o
  WHERE ${placedInSpan})
ARRAY JOIN all AS one`,
    },
    'hold',
    'orders',
  );

const cycleTime = (make: Make) =>
  stat(make, {
    name: 'cycle-time',
    kpis: ['K-O08'],
    columns: {
      p50_days: { unit: 'days', more: { decimals: 1 } },
      p95_days: { unit: 'days', more: { decimals: 1 } },
      n: 'count',
    },
    sql: `
WITH ${dates(make.scope)}, dateDiff('second', submitted_at, delivered_at) / 86400 AS took
SELECT
  if(n > 0, quantileExactInclusive(0.5)(assumeNotNull(took)), NULL) AS p50_days,
  if(n > 0, quantileExactInclusive(0.95)(assumeNotNull(took)), NULL) AS p95_days,
  count() AS n
FROM orders
WHERE ${placedInSpan} AND submitted_at IS NOT NULL AND delivered_at IS NOT NULL`,
  });

/** Late, damaged, incomplete or without its papers: each is enough for an order not to be perfect. History has no papers. */
const perfectOrder = (make: Make) =>
  stat(make, {
    name: 'perfect-order',
    kpis: ['K-O07'],
    columns: { perfect_rate: 'percent', n: 'count' },
    sql: `
WITH ${dates(make.scope)}
SELECT
  ${percent('countIf(o.on_time AND NOT o.closed_short AND s.damaged = 0 AND f.complete)', 'count()')} AS perfect_rate,
  count() AS n
FROM orders AS o
LEFT JOIN (SELECT order_id, max(damaged) AS damaged FROM shipments GROUP BY order_id) AS s ON s.order_id = o.order_id
LEFT JOIN (
  SELECT toUUIDOrZero(${field('orderId')}) AS order_id, max(JSONExtractBool(form, 'complete')) AS complete
  FROM subjects WHERE kind = 'order-file' AND toDateOrZero(${field('completedOn')}) >= first GROUP BY order_id) AS f ON f.order_id = o.order_id
WHERE ${placedInSpan.replaceAll('ordered_on', 'o.ordered_on').replaceAll('region_id IN', 'o.region_id IN')}
  AND NOT o.historic AND o.first_promised_on IS NOT NULL AND o.state != 'cancelled'
  AND (o.delivered_on IS NOT NULL OR o.promised_on < toDate(now(), '${make.scope.timeZone}'))`,
  });

const shipping = (make: Make) =>
  stat(make, {
    name: 'shipping',
    kpis: ['O-04', 'O-05'],
    columns: {
      arrived_on_time: 'percent',
      damage_rate: 'percent',
      freight_rate: 'percent',
      voided: 'count',
      n: 'count',
    },
    sql: `
WITH ${dates(make.scope)}
SELECT
  ${percent('countIf(on_time)', 'countIf(on_time IS NOT NULL)')} AS arrived_on_time,
  ${percent('countIf(damaged)', 'countIf(received)')} AS damage_rate,
  ${percent('sumIf(s.freight, shipped_on IS NOT NULL)', 'sumIf(s.net, shipped_on IS NOT NULL)')} AS freight_rate,
  countIf(s.voided) AS voided,
  count() AS n
FROM shipments AS s
WHERE ifNull(shipped_on, toDate(issued_at, '${make.scope.timeZone}')) BETWEEN first AND last AND ${inRegion()}`,
  });

const returnRate = (make: Make) =>
  stat(make, {
    name: 'return-rate',
    kpis: ['K-O11'],
    columns: { return_rate: 'percent', returns: 'count', n: 'count' },
    sql: `
WITH ${dates(make.scope)},
  (SELECT sum(quantity) FROM sales WHERE basis = 'ship' AND quantity > 0 AND booked_on BETWEEN first AND last AND ${inRegion()}) AS shipped
SELECT
  ${percent('sum(units)', 'shipped')} AS return_rate,
  count() AS returns,
  (SELECT count() FROM sales WHERE basis = 'ship' AND quantity > 0 AND booked_on BETWEEN first AND last AND ${inRegion()}) AS n
FROM (
  SELECT toDateOrZero(${field('shippedOn')}) AS shipped_on,
    arraySum(l -> toDecimal64OrZero(l.1, 3), JSONExtract(form, 'lines', 'Array(Tuple(quantity String))')) AS units
  FROM ${subjectsOf('return')} WHERE ${occurred('received')})
WHERE shipped_on BETWEEN first AND last`,
  });

/** Lines of the same product in one order count as one. Orders of which nothing has left yet say nothing. */
const fillRates = (make: Make) =>
  table(make, {
    name: 'fill-rates',
    kpis: ['K-O04', 'K-O05', 'K-O06'],
    columns: { month: 'month', unit_fill: 'percent', line_fill: 'percent', order_fill: 'percent', n: 'count' },
    sql: `
WITH ${dates(make.scope)}
SELECT toStartOfMonth(placed_on) AS month,
  ${percent('sum(units_shipped)', 'sum(units)')} AS unit_fill,
  ${percent('sum(full_lines)', 'sum(lines)')} AS line_fill,
  ${percent('countIf(full_lines = lines)', 'count()')} AS order_fill,
  sum(lines) AS n
FROM (
  SELECT o.order_id, min(o.placed_on) AS placed_on, sum(o.units) AS units, sum(least(o.units, f.units)) AS units_shipped,
    count() AS lines, countIf(f.units >= o.units) AS full_lines
  FROM (
    SELECT order_id, product_id, min(booked_on) AS placed_on, sum(quantity) AS units
    FROM sales WHERE basis = 'order' AND lines != 0 AND booked_on BETWEEN first AND last AND ${inRegion()}
    GROUP BY order_id, product_id HAVING units > 0) AS o
  INNER JOIN (
    SELECT order_id, argMin(document_id, (event_time, document_number)) AS shipment_id
    FROM sales WHERE basis = 'ship' AND quantity > 0 AND booked_on >= first AND ${inRegion()} GROUP BY order_id) AS s ON s.order_id = o.order_id
  LEFT JOIN (
    SELECT document_id, product_id, sum(quantity) AS units
    FROM sales WHERE basis = 'ship' AND quantity > 0 AND booked_on >= first AND ${inRegion()} GROUP BY document_id, product_id) AS f
    ON f.document_id = s.shipment_id AND f.product_id = o.product_id
  GROUP BY o.order_id)
GROUP BY month
ORDER BY month DESC`,
  });

const backorders = (make: Make) =>
  table(make, {
    name: 'backorders',
    kpis: ['K-O10'],
    columns: {
      order_number: 'text',
      distributor: 'text',
      backorder_age: { unit: 'days', more: { decimals: 1 } },
      promised: 'text',
      slip_days: 'days',
      net_sales: 'money',
      n: 'count',
    },
    sql: `
SELECT number AS order_number, distributor_code AS distributor, dateDiff('second', backordered_at, now()) / 86400 AS backorder_age,
  toString(promised_on) AS promised, greatest(0, dateDiff('day', first_promised_on, promised_on)) AS slip_days, net AS net_sales, short_lines AS n
FROM orders
WHERE state = 'backordered' AND ${inRegion()}
ORDER BY backorder_age DESC
LIMIT 50`,
  });

const stocktakes = (make: Make) =>
  table(make, {
    name: 'stocktakes',
    kpis: ['K-O12', 'K-O13'],
    columns: {
      stocktake: 'text',
      warehouse: 'text',
      stock_accuracy: 'percent',
      shrinkage: 'percent',
      state: 'text',
      n: 'count',
    },
    values: {
      state: Object.fromEntries(
        ['counted', 'variance-review', 'adjusted', 'closed'].map((state) => [state, make.term(state, 'stocktake')]),
      ),
    },
    sql: `
WITH ${dates(make.scope)}
SELECT number AS stocktake, ${field('warehouse')} AS warehouse,
  ${percent(`JSONExtractInt(form, 'equal')`, `JSONExtractInt(form, 'items')`)} AS stock_accuracy,
  ${percent(`toDecimal64OrZero(${field('shrinkage')}, 2)`, `toDecimal64OrZero(${field('bookValue')}, 2)`)} AS shrinkage,
  state, JSONExtractInt(form, 'items') AS n
FROM subjects
WHERE kind = 'stocktake' AND ${occurred('counted')} AND JSONHas(form, 'bookValue') AND toDateOrZero(${field('countedOn')}) BETWEEN first AND last
  AND ${inRegion()}
ORDER BY stocktake DESC
LIMIT 50`,
  });

const quality = (make: Make) =>
  stat(make, {
    name: 'quality',
    kpis: ['O-41', 'O-42'],
    columns: {
      first_pass_yield: 'percent',
      defective_ppm: 'count',
      batches_held: 'count',
      substitutions: 'count',
      n: 'count',
    },
    sql: `
WITH ${dates(make.scope)}
SELECT
  ${percent(`countIf(kind = 'inspection' AND first_one AND verdict = 'pass')`, `countIf(kind = 'inspection' AND first_one)`)} AS first_pass_yield,
  if(sum(inspected) > 0, toFloat64(sum(defective)) / toFloat64(sum(inspected)) * 1000000, NULL) AS defective_ppm,
  (SELECT count() FROM subjects WHERE kind = 'batch' AND state = 'held') AS batches_held,
  countIf(kind = 'grade-substitution') AS substitutions,
  countIf(kind = 'inspection') AS n
FROM (
  SELECT kind, begun_at, JSONExtractBool(form, 'first') AS first_one, ${field('verdict')} AS verdict,
    toDecimal64OrZero(${field('inspected')}, 3) AS inspected, toDecimal64OrZero(${field('defective')}, 3) AS defective
  FROM subjects WHERE kind IN ('inspection', 'grade-substitution'))
WHERE toDate(begun_at, '${make.scope.timeZone}') BETWEEN first AND last`,
  });
