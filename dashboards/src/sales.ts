/** Sales overview: net sales on the chosen booking basis, orders, price exceptions, the order pipeline, freshness. */
import type { Definition, Make } from './definition.js';
import { averageOrder, exceptionRate, exceptionsByMonth, orders, pipeline, stages } from './order-panels.js';
import { barChart, pieChart, signedColumn, stat, table, timeSeries } from './panels.js';
import {
  bySalesperson,
  change,
  chosen,
  comparedDays,
  comparison,
  dates,
  heads,
  inRegion,
  instant,
  percent,
  sales,
} from './sql.js';
import { categoryVariable, regionVariable, select } from './variables.js';

const uid = 'fenxiao-sales';
const lastYear = '#8a94a2';

export function salesOverview(make: Make): Definition {
  const { t, scope } = make;
  const viewer = scope.viewer;
  return {
    uid,
    title: t('sales.title'),
    description: t('sales.description'),
    tags: ['fenxiao', t('tag.sales')],
    time: { from: 'now-11M/M', to: 'now' },
    links: [{ title: t('market.title'), url: '/d/fenxiao-market' }],
    variables: [
      {
        builder: select('basis', t('basis'), [
          ['ship', t('basis.ship')],
          ['order', t('basis.order')],
          ['invoice', t('basis.invoice')],
          ['receipt', t('basis.receipt')],
        ]),
      },
      { builder: regionVariable(t('region')) },
      {
        builder: categoryVariable(
          'family',
          t('family'),
          "SELECT DISTINCT toString(family) AS family FROM sales_by_day WHERE family != '' ORDER BY family",
        ),
      },
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
      {
        height: 5,
        panels: [
          { width: 6, panel: netSales(make) },
          { width: 5, panel: orders(make) },
          { width: 6, panel: averageOrder(make) },
          ...(viewer ? [{ width: 7, panel: exceptionRate(make) }] : []),
        ],
      },
      {
        height: 9,
        panels: [
          { width: 15, panel: byMonth(make) },
          { width: 9, panel: byFamily(make) },
        ],
      },
      {
        height: 10,
        panels: [
          { width: 10, panel: byRegion(make) },
          { width: 14, panel: topDistributors(make), power: 'customers' },
        ],
      },
      {
        height: 9,
        panels: viewer
          ? [
              { width: 10, panel: pipeline(make) },
              { width: 14, panel: exceptionsByMonth(make) },
            ]
          : [{ width: 24, panel: stages(make) }],
      },
      { height: 7, panels: [{ width: 24, panel: freshness(make) }] },
    ],
  };
}

const netSales = (make: Make) =>
  stat(make, {
    name: 'net-sales',
    kpis: ['K-S02', 'K-S08'],
    columns: {
      net_sales: 'money',
      change_previous: signedColumn('percent'),
      change_last_year: signedColumn('percent'),
      n: 'count',
    },
    sql: `
WITH ${dates(make.scope)}, ${comparison}
SELECT
  sumIf(net, now) AS net_sales,
  ${change('net_sales', 'sumIf(net, before)')} AS change_previous,
  ${change('net_sales', 'sumIf(net, year_ago)')} AS change_last_year,
  sumIf(lines, now) AS n
FROM ${sales(make.scope)}
WHERE ${comparedDays}`,
  });

const byMonth = (make: Make) =>
  timeSeries(make, {
    name: 'sales-by-month',
    kpis: ['K-S02', 'K-S08'],
    columns: {
      time: 'month',
      net_sales: {
        unit: 'money',
        more: { 'custom.drawStyle': 'bars', 'custom.fillOpacity': 85, 'custom.lineWidth': 0 },
      },
      net_sales_last_year: { unit: 'money', colour: lastYear },
      n: 'count',
    },
    sql: `
WITH ${dates(make.scope)}
SELECT ${instant('month', make.scope)} AS time, net_sales, net_sales_last_year, n
FROM (
  SELECT
    toStartOfMonth(addYears(booked_on, years)) AS month,
    sumIf(net, years = 0) AS net_sales,
    sumIf(net, years = 1) AS net_sales_last_year,
    sumIf(lines, years = 0) AS n
  FROM ${sales(make.scope)}
  ARRAY JOIN [0, 1] AS years
  WHERE booked_on BETWEEN addYears(first, -1) AND last AND addYears(booked_on, years) BETWEEN first AND last
  GROUP BY month
  ORDER BY month WITH FILL FROM toStartOfMonth(first) TO addMonths(toStartOfMonth(last), 1) STEP INTERVAL 1 MONTH)
ORDER BY time`,
  });

const byFamily = (make: Make) =>
  pieChart(
    make,
    {
      name: 'sales-by-family',
      kpis: ['K-S02'],
      columns: { net_sales: 'money', family: 'text', n: 'count' },
      sql: `
WITH ${dates(make.scope)}
SELECT family, sum(net) AS net_sales, sum(lines) AS n
FROM (
  SELECT
    multiIf(f = '', '${make.t('unknown')}', rank > 7, '${make.t('other')}', toString(f)) AS family, net, lines, rank
  FROM (
    SELECT s.family AS f, sum(s.net) AS net, sum(s.lines) AS lines, row_number() OVER (ORDER BY f = '', net DESC) AS rank
    FROM ${sales(make.scope)} AS s
    WHERE booked_on BETWEEN first AND last
    GROUP BY f))
GROUP BY family
ORDER BY min(rank)`,
    },
    'family',
    'net_sales',
  );

const byRegion = (make: Make) =>
  barChart(make, {
    name: 'sales-by-region',
    kpis: ['K-S02', 'K-S08'],
    columns: {
      region: 'text',
      net_sales: 'money',
      net_sales_last_year: { unit: 'money', colour: lastYear },
      n: 'count',
    },
    link: {
      title: make.t('drillRegion'),
      url: `/d/${uid}?\${__url_time_range}&var-region=\${__data.fields.region_id}&\${basis:queryparam}&\${family:queryparam}`,
    },
    sql: `
WITH ${dates(make.scope)}
SELECT
  if(region = '', '${make.t('unknown')}', region) AS region,
  sumIf(net, booked_on >= first) AS net_sales,
  sumIf(net, booked_on BETWEEN addYears(first, -1) AND addYears(last, -1)) AS net_sales_last_year,
  sumIf(lines, booked_on >= first) AS n,
  if(region = '', '', toString(head)) AS region_id
FROM ${sales(make.scope)} AS s
LEFT JOIN (${heads('sales_by_day')}) AS h ON h.region_id = s.region_id
WHERE booked_on BETWEEN addYears(first, -1) AND last
GROUP BY head, region
HAVING net_sales != 0 OR net_sales_last_year != 0
ORDER BY net_sales DESC
LIMIT 15`,
  });

const topDistributors = (make: Make) =>
  table(make, {
    name: 'top-distributors',
    kpis: ['K-S02', 'K-S08'],
    columns: {
      distributor: 'text',
      net_sales: { unit: 'exactMoney', more: { 'custom.cellOptions': { type: 'gauge', mode: 'basic' } } },
      share_of_sales: 'percent',
      change_last_year: {
        ...signedColumn('percent'),
        more: { ...signedColumn('percent').more, 'custom.cellOptions': { type: 'color-text' } },
      },
      n: 'count',
    },
    sql: `
WITH ${dates(make.scope)},
  booked_on BETWEEN addYears(first, -1) AND addYears(last, -1) AS year_ago
SELECT
  if(name = '', code, concat(code, ' ', name)) AS distributor,
  net_sales,
  ${percent('net_sales', 'total')} AS share_of_sales,
  ${change('net_sales', 'net_year_ago')} AS change_last_year,
  n
FROM (
  SELECT
    distributor_id,
    max(distributor_code) AS code,
    sumIf(net, booked_on >= first) AS net_sales,
    sumIf(net, year_ago) AS net_year_ago,
    sumIf(lines, booked_on >= first) AS n,
    sum(net_sales) OVER () AS total
  FROM sales
  WHERE basis = \${basis:singlequote} AND ${inRegion()} AND ${chosen('family', 'family')} AND ${bySalesperson}
    AND booked_on BETWEEN addYears(first, -1) AND last
  GROUP BY distributor_id) AS s
LEFT JOIN (SELECT distributor_id, name FROM distributors) AS d ON d.distributor_id = s.distributor_id
WHERE net_sales != 0
ORDER BY net_sales DESC
LIMIT 20`,
  });

const freshness = (make: Make) =>
  table(make, {
    name: 'freshness',
    kpis: ['K-X01', 'K-X03'],
    columns: {
      topic: 'text',
      last_event: 'time',
      age_seconds: 'age',
      lag_seconds: 'seconds',
      dead_letters: 'count',
      n: 'count',
    },
    sql: `
WITH ${dates(make.scope)}
SELECT
  f.topic AS topic,
  f.last_event_at AS last_event,
  dateDiff('millisecond', f.last_event_at, now64(3)) / 1000 AS age_seconds,
  greatest(dateDiff('millisecond', f.last_event_at, f.last_insert_at), 0) / 1000 AS lag_seconds,
  d.messages AS dead_letters,
  f.records AS n
FROM freshness AS f
LEFT JOIN (
  SELECT arrayStringConcat(arraySlice(splitByChar('.', toString(type)), 1, 2), '.') AS topic, sum(messages) AS messages
  FROM dead_letter_counts
  WHERE day BETWEEN first AND last
  GROUP BY topic) AS d ON d.topic = f.topic
ORDER BY topic`,
  });
