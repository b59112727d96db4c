/** Market share: by value and volume, against the largest competitor, and its change; how sure we are of it. */
import type { Definition, Make } from './definition.js';
import { barChart, mapping, pieChart, signedColumn, stat, table, timeSeries } from './panels.js';
import { chosen, heads, inRegion, instant, months, percent } from './sql.js';
import { categoryVariable, regionVariable } from './variables.js';

const uid = 'fenxiao-market';

export function marketShare(make: Make): Definition {
  const { t } = make;
  return {
    uid,
    title: t('market.title'),
    description: t('market.description'),
    tags: ['fenxiao', t('tag.market')],
    time: { from: 'now-11M/M', to: 'now' },
    links: [{ title: t('sales.title'), url: '/d/fenxiao-sales' }],
    variables: [
      { builder: regionVariable(t('region')) },
      {
        builder: categoryVariable(
          'category',
          t('category'),
          'SELECT DISTINCT toString(category) AS category FROM market_observations ORDER BY category',
        ),
      },
    ],
    rows: [
      {
        height: 5,
        panels: [
          { width: 6, panel: valueShare(make) },
          { width: 4, panel: volumeShare(make) },
          { width: 5, panel: relativeShare(make) },
          { width: 5, panel: shareChange(make) },
          { width: 4, panel: confidence(make) },
        ],
      },
      {
        height: 10,
        panels: [
          { width: 15, panel: shareTrend(make) },
          { width: 9, panel: marketParts(make) },
        ],
      },
      {
        height: 9,
        panels: [
          { width: 14, panel: byRegion(make) },
          { width: 10, panel: byCategory(make) },
        ],
      },
      { height: 8, panels: [{ width: 24, panel: marketSize(make) }] },
    ],
  };
}

const observations = `market_observations
WHERE ${inRegion()} AND ${chosen('category', 'category')}`;

/** Without a vendor chosen as us nothing of ours is known: null, not 0. */
const known = '(SELECT count() FROM competitors WHERE is_us) > 0 AS known';
const ourShare = (now: string): string =>
  `if(known AND sumIf(value, ${now}) > 0, toFloat64(sumIf(value, is_us AND ${now})) / toFloat64(sumIf(value, ${now})) * 100, NULL)`;

const windows = `
    month BETWEEN first AND last AS now,
    month BETWEEN addMonths(first, -span) AND addMonths(first, -1) AS before,
    month BETWEEN addYears(first, -1) AND addYears(last, -1) AS year_ago`;
const wholeSpan = 'month BETWEEN least(addMonths(first, -span), addYears(first, -1)) AND last';

const valueShare = (make: Make) =>
  stat(make, {
    name: 'value-share',
    kpis: ['K-M01', 'K-M04', 'K-M16'],
    columns: { value_share: 'percent', change_previous: signedColumn('points'), other_share: 'percent', n: 'count' },
    sql: `
WITH ${months(make.scope)}, ${windows}, ${known}
SELECT
  ${ourShare('now')} AS value_share,
  value_share - ${ourShare('before')} AS change_previous,
  ${percent("sumIf(value, vendor = 'other' AND now)", 'sumIf(value, now)')} AS other_share,
  countIf(now) AS n
FROM ${observations} AND ${wholeSpan}`,
  });

const volumeShare = (make: Make) =>
  stat(make, {
    name: 'volume-share',
    kpis: ['K-M02', 'K-M16'],
    columns: { volume_share: 'percent', n: 'count' },
    sql: `
WITH ${months(make.scope)}
SELECT
  if(sumIf(market_volume, own_volume IS NOT NULL) > 0,
    toFloat64(sum(own_volume)) / toFloat64(sumIf(market_volume, own_volume IS NOT NULL)) * 100, NULL) AS volume_share,
  sumIf(vendors, market_volume IS NOT NULL) AS n
FROM market_shares
WHERE month BETWEEN first AND last AND ${inRegion()} AND ${chosen('category', 'category')}`,
  });

const relativeShare = (make: Make) =>
  stat(make, {
    name: 'relative-share',
    kpis: ['K-M03', 'K-M16'],
    columns: { relative_share: 'times', largest_competitor: 'percent', n: 'count' },
    sql: `
WITH ${months(make.scope)}, ${known},
    maxIf(v.value, NOT us AND vendor != 'other') AS largest
SELECT
  if(known AND largest > 0, toFloat64(sumIf(v.value, us)) / toFloat64(largest), NULL) AS relative_share,
  if(largest > 0, toFloat64(largest) / toFloat64(sum(v.value)) * 100, NULL) AS largest_competitor,
  sum(v.n) AS n
FROM (
  SELECT vendor, max(is_us) AS us, sum(value) AS value, count() AS n
  FROM ${observations} AND month BETWEEN first AND last
  GROUP BY vendor) AS v`,
  });

const shareChange = (make: Make) =>
  stat(make, {
    name: 'share-change',
    kpis: ['K-M04', 'K-M16'],
    columns: { change_points: signedColumn('points'), change_last_year: signedColumn('points'), n: 'count' },
    sql: `
WITH ${months(make.scope)}, ${windows}, ${known}
SELECT
  ${ourShare('now')} - ${ourShare('before')} AS change_points,
  ${ourShare('now')} - ${ourShare('year_ago')} AS change_last_year,
  countIf(now) AS n
FROM ${observations} AND ${wholeSpan}`,
  });

const levels = (make: Make) => ({
  low: make.t('confidence.low'),
  medium: make.t('confidence.medium'),
  high: make.t('confidence.high'),
});

const confidence = (make: Make) =>
  stat(make, {
    name: 'market-confidence',
    kpis: ['K-M16'],
    columns: {
      confidence: {
        unit: 'count',
        more: { mappings: [mapping({ 1: levels(make).low, 2: levels(make).medium, 3: levels(make).high })] },
      },
      sources: 'count',
      days_old: 'days',
      n: 'count',
    },
    sql: `
WITH ${months(make.scope)},
    multiIf(sumIf(value, confidence = 'low') * 2 >= sum(value), 1, sumIf(value, confidence = 'high') * 2 >= sum(value), 3, 2) AS by_marks,
    if(max(o.sources) >= 2 OR uniqExact(source) >= 2, 3, 2) AS by_sources,
    dateDiff('day', toLastDayOfMonth(max(month)), least(toLastDayOfMonth(last), toDate($__toTime - 1, '${make.scope.timeZone}'))) AS age,
    multiIf(age <= 90, 3, age <= 180, 2, 1) AS by_age
SELECT
  if(count() = 0, NULL, least(by_marks, by_sources, by_age)) AS confidence,
  greatest(max(o.sources), uniqExact(source)) AS sources,
  if(count() = 0, NULL, greatest(age, 0)) AS days_old,
  count() AS n
FROM (SELECT month, value, o.confidence AS confidence, source, sources FROM market_observations AS o
WHERE ${inRegion('o.region_id')} AND ${chosen('category', 'category')} AND month BETWEEN first AND last) AS o`,
  });

/** We, the largest seven of the period by value, and the rest as other. */
const ranked = (make: Make): string => `
    SELECT month, value, confidence, if(is_us OR rank <= 7, name, '${make.t('other')}') AS vendor, if(is_us, 0, least(rank, 8)) AS place
    FROM (
      SELECT month, value, confidence, is_us, vendor_key, name,
        if(vendor_key = 'other', 8, dense_rank() OVER (ORDER BY vendor_key = 'other', is_us, total DESC, vendor_key)) AS rank
      FROM (
        SELECT month, value, confidence, is_us, o.vendor AS vendor_key,
          concat(if(c.name = '', vendor_name, c.name), if(is_us, ' (${make.t('us')})', '')) AS name,
          sum(value) OVER (PARTITION BY o.vendor) AS total
        FROM (SELECT * FROM ${observations} AND month BETWEEN first AND last) AS o
        LEFT JOIN (SELECT code, name FROM competitors) AS c ON c.code = o.vendor))`;

const shareTrend = (make: Make) =>
  timeSeries(
    make,
    {
      name: 'share-trend',
      kpis: ['K-M01', 'K-M16'],
      columns: {
        time: 'month',
        value_share: { unit: 'percent', more: { displayName: '${__field.labels.vendor}' } },
        n: 'count',
      },
      sql: `
WITH ${months(make.scope)}
SELECT ${instant('month', make.scope)} AS time, concat(vendor, if(dashed, ' · ${make.t('low')}', '')) AS vendor, share AS value_share,
  if(low = dashed, observations, 0) AS n
FROM (
  SELECT month, vendor, place, share, low, observations,
    low OR lagInFrame(low, 1, 0) OVER w OR leadInFrame(low, 1, 0) OVER w AS near_low
  FROM (
    SELECT month, vendor, min(place) AS place, count() AS observations,
      sumIf(value, confidence = 'low') * 2 >= sum(value) AS low,
      ${percent('sum(value)', 'sum(sum(value)) OVER (PARTITION BY month)')} AS share
    FROM (${ranked(make)})
    GROUP BY month, vendor)
  WINDOW w AS (PARTITION BY vendor ORDER BY month ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING))
ARRAY JOIN [0, 1] AS dashed
WHERE if(dashed, near_low, NOT low)
ORDER BY time, place, dashed`,
    },
    { dashed: ` · ${make.t('low')}` },
  );

const marketParts = (make: Make) =>
  pieChart(
    make,
    {
      name: 'market-parts',
      kpis: ['K-M01', 'K-M16'],
      columns: { market_value: 'money', vendor: 'text', n: 'count' },
      sql: `
WITH ${months(make.scope)}
SELECT vendor, sum(value) AS market_value, count() AS n
FROM (${ranked(make)})
GROUP BY vendor
ORDER BY min(place)`,
    },
    'vendor',
    'market_value',
  );

const marketSize = (make: Make) =>
  timeSeries(make, {
    name: 'market-size',
    kpis: ['K-M01', 'K-M16'],
    columns: {
      time: 'month',
      market_value: {
        unit: 'money',
        colour: '#8a94a2',
        more: { 'custom.drawStyle': 'bars', 'custom.fillOpacity': 40, 'custom.lineWidth': 0 },
      },
      own_value: { unit: 'money', colour: 'blue' },
      n: 'count',
    },
    sql: `
WITH ${months(make.scope)}, ${known}
SELECT ${instant('month', make.scope)} AS time, sum(value) AS market_value, if(known, sumIf(value, is_us), NULL) AS own_value, count() AS n
FROM ${observations} AND month BETWEEN first AND last
GROUP BY month
ORDER BY time`,
  });

const byRegion = (make: Make) =>
  table(make, {
    name: 'share-by-region',
    kpis: ['K-M01', 'K-M04', 'K-M16'],
    columns: {
      region: 'text',
      value_share: { unit: 'percent', more: { 'custom.cellOptions': { type: 'gauge', mode: 'basic' } } },
      change_points: {
        ...signedColumn('points'),
        more: { ...signedColumn('points').more, 'custom.cellOptions': { type: 'color-text' } },
      },
      other_share: 'percent',
      market_value: 'money',
      n: 'count',
      region_id: { unit: 'text', more: { 'custom.hidden': true } },
    },
    link: {
      title: make.t('drillRegion'),
      url: `/d/${uid}?\${__url_time_range}&var-region=\${__data.fields.region_id}&\${category:queryparam}`,
    },
    sql: `
WITH ${months(make.scope)}, ${windows}, ${known}
SELECT
  if(h.region = '', '${make.t('unknown')}', h.region) AS region,
  ${ourShare('now')} AS value_share,
  value_share - ${ourShare('before')} AS change_points,
  ${percent("sumIf(value, vendor = 'other' AND now)", 'sumIf(value, now)')} AS other_share,
  sumIf(value, now) AS market_value,
  countIf(now) AS n,
  if(h.region = '', '', toString(h.head)) AS region_id
FROM (SELECT * FROM ${observations} AND ${wholeSpan}) AS o
LEFT JOIN (${heads('market_observations')}) AS h ON h.region_id = o.region_id
GROUP BY h.head, h.region
HAVING n > 0
ORDER BY market_value DESC
LIMIT 50`,
  });

const byCategory = (make: Make) =>
  barChart(make, {
    name: 'share-by-category',
    kpis: ['K-M01', 'K-M16'],
    columns: {
      category: 'text',
      value_share: 'percent',
      other_share: { unit: 'percent', colour: '#8a94a2' },
      n: 'count',
    },
    link: {
      title: make.t('drillCategory'),
      url: `/d/${uid}?\${__url_time_range}&var-category=\${__data.fields.category}&\${region:queryparam}`,
    },
    sql: `
WITH ${months(make.scope)}, ${known}, 1 AS now
SELECT toString(category) AS category, ${ourShare('now')} AS value_share,
  ${percent("sumIf(value, vendor = 'other')", 'sum(value)')} AS other_share, count() AS n
FROM ${observations} AND month BETWEEN first AND last
GROUP BY category
ORDER BY sum(value) DESC
LIMIT 15`,
  });
