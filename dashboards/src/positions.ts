/** The panels about limits used (K-C09), and about stock: what lies there now, and how fast it turns over (K-O14). */
import type { Make } from './definition.js';
import { barChart, stat, table, timeSeries } from './panels.js';
import { dates, inRegion, instant, percent } from './sql.js';

/** The last day in the span that is known. */
const lastDay = `(SELECT max(day) FROM credit_positions WHERE day BETWEEN first AND last)`;

export const utilisation = (make: Make) =>
  stat(make, {
    name: 'credit-utilisation',
    kpis: ['K-C09'],
    columns: { utilisation: 'percent', exposure: 'money', credit_limit: 'money', over_limit: 'count', n: 'count' },
    sql: `
WITH ${dates(make.scope)}
SELECT ${percent('sum(c.exposure)', 'sum(c.credit_limit)')} AS utilisation, sum(c.exposure) AS exposure, sum(c.credit_limit) AS credit_limit,
  countIf(c.exposure > c.credit_limit) AS over_limit, count() AS n
FROM credit_positions AS c
WHERE day = ${lastDay} AND ${inRegion('c.region_id')}`,
  });

export const utilisationByMonth = (make: Make) =>
  timeSeries(make, {
    name: 'credit-utilisation-by-month',
    kpis: ['K-C09'],
    columns: {
      time: 'month',
      utilisation: { unit: 'percent', colour: 'blue' },
      over_limit_rate: { unit: 'percent', colour: 'red' },
      n: 'count',
    },
    sql: `
WITH ${dates(make.scope)}
SELECT ${instant('month', make.scope)} AS time, ${percent('sum(c.exposure)', 'sum(c.credit_limit)')} AS utilisation,
  ${percent('sum(c.over_limit)', 'sum(c.customers)')} AS over_limit_rate, sum(c.customers) AS n
FROM credit_positions_by_month AS c
WHERE month BETWEEN toStartOfMonth(first) AND last AND ${inRegion('c.region_id')}
GROUP BY time
ORDER BY time`,
  });

export const nearLimit = (make: Make) =>
  table(make, {
    name: 'credit-near-limit',
    kpis: ['K-C09'],
    columns: {
      distributor: 'text',
      utilisation: { unit: 'percent', more: { 'custom.cellOptions': { type: 'gauge', mode: 'basic' } } },
      exposure: 'exactMoney',
      credit_limit: 'exactMoney',
      n: 'count',
    },
    sql: `
WITH ${dates(make.scope)}
SELECT if(d.name = '', c.distributor_code, concat(c.distributor_code, ' ', d.name)) AS distributor,
  toFloat64(c.exposure) / toFloat64(c.credit_limit) * 100 AS utilisation, c.exposure AS exposure, c.credit_limit AS credit_limit, 1 AS n
FROM (
  SELECT * FROM credit_positions WHERE day = ${lastDay} AND credit_limit > 0 AND exposure >= credit_limit * 0.8 AND ${inRegion()}
  ORDER BY toFloat64(exposure) / toFloat64(credit_limit) DESC, distributor_code
  LIMIT 50) AS c
LEFT JOIN (SELECT distributor_id, name FROM distributors) AS d ON d.distributor_id = c.distributor_id
ORDER BY utilisation DESC, distributor`,
  });

/** Cost of goods of the days known, made a year's, ÷ the mean of the stock at the close of the days it is known of. */
const turn = (part: string, stock: string) =>
  `if(${stock} > 0 AND days_known > 0, toFloat64(${part}) * 365 / days_known / ${stock}, NULL)`;

export const stockTurn = (make: Make) =>
  stat(make, {
    name: 'stock-turn',
    kpis: ['K-O14', 'O-52'],
    columns: { turn: 'times', days_of_stock: 'days', unit_turn: 'times', costed_rate: 'percent', n: 'count' },
    sql: `
WITH ${dates(make.scope)}, uniqExact(day) AS days_known,
  toFloat64(avgIf(s.value, s.counted)) AS mean_value, toFloat64(avgIf(s.quantity, s.counted)) AS mean_quantity
SELECT ${turn('sum(s.cost)', 'mean_value')} AS turn, if(turn > 0, 365 / turn, NULL) AS days_of_stock, ${turn('sum(s.issued)', 'mean_quantity')} AS unit_turn,
  ${percent('sum(s.quantity) - sum(s.uncosted)', 'sum(s.quantity)')} AS costed_rate, days_known AS n
FROM stock_positions_by_day AS s
WHERE day BETWEEN first AND last`,
  });

/** A family that was out of stock on a day had none then: the mean is over all days whose stock is known. */
export const daysOfStock = (make: Make) =>
  barChart(make, {
    name: 'days-of-stock',
    kpis: ['K-O14'],
    columns: { family: 'text', days_of_stock: { unit: 'days', colour: 'blue' }, n: 'count' },
    sql: `
WITH ${dates(make.scope)},
  (SELECT (count(), countIf(counted)) FROM stock_positions_by_day WHERE day BETWEEN first AND last) AS known, known.1 AS days_known,
  if(known.2 > 0, toFloat64(sum(s.value)) / known.2, 0.) AS mean_value
SELECT s.family AS family, if(sum(s.cost) > 0, 365 / ${turn('sum(s.cost)', 'mean_value')}, NULL) AS days_of_stock, days_known AS n
FROM stock_positions AS s
WHERE day BETWEEN first AND last AND s.family != ''
GROUP BY family
HAVING days_of_stock IS NOT NULL
ORDER BY days_of_stock DESC
LIMIT 12`,
  });

export const stockByFamily = (make: Make) =>
  barChart(make, {
    name: 'stock-by-family',
    kpis: ['O-06'],
    columns: {
      family: 'text',
      stock_free: { unit: 'count', colour: 'green' },
      stock_reserved: { unit: 'count', colour: 'orange' },
      n: 'count',
    },
    sql: `
SELECT if(p.family = '', '${make.t('unknown')}', p.family) AS family, sum(s.free) AS stock_free, sum(s.reserved) AS stock_reserved, count() AS n
FROM stock_items AS s
LEFT JOIN products AS p ON p.code = s.product_code
GROUP BY family
ORDER BY stock_free + stock_reserved DESC
LIMIT 12`,
  });
