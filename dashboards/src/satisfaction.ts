/** Satisfaction (C-18, ISO 9001 9.1.2): what customers answer when they are asked, how many do, and whether they stay. */
import type { Definition, Make } from './definition.js';
import { stat, table, timeSeries } from './panels.js';
import { dates, inRegion, instant, percent } from './sql.js';
import { regionVariable } from './variables.js';

export function satisfaction(make: Make): Definition {
  const { t, scope } = make;
  return {
    uid: 'fenxiao-satisfaction',
    title: t('satisfaction.title'),
    description: t('satisfaction.description'),
    tags: ['fenxiao', t('tag.complaints')],
    time: { from: 'now-11M/M', to: 'now' },
    links: [{ title: t('complaints.title'), url: '/d/fenxiao-complaints' }],
    variables: [{ builder: regionVariable(t('region')) }],
    rows: [
      ...(scope.viewer ? figures(make) : []),
      {
        height: 9,
        panels: [
          { width: 12, panel: csatByMonth(make) },
          { width: 12, panel: npsByMonth(make) },
        ],
      },
      ...(scope.viewer ? details(make) : []),
    ],
  };
}

const figures = (make: Make) => [
  {
    height: 7,
    panels: [
      { width: 9, panel: csat(make) },
      { width: 9, panel: nps(make) },
      { width: 6, panel: retention(make) },
    ],
  },
];

const details = (make: Make) => [
  {
    height: 9,
    panels: [
      { width: 10, panel: responses(make) },
      { width: 8, panel: monthly(make) },
      { width: 6, panel: scores(make) },
    ],
  },
  { height: 10, panels: [{ width: 24, panel: lowScores(make), power: 'customers' as const }] },
];

/** Answers given in the span, in the regions chosen. */
const answered = `(SELECT * FROM surveys WHERE answered_on BETWEEN first AND last AND ${inRegion()})`;
const kinds = ['delivery', 'complaint', 'nps'] as const;
const kindTexts = ({ term }: Make) => Object.fromEntries(kinds.map((kind) => [kind, term(kind, 'survey')]));
/** With fewer answers than this a share says little. */
const enough = 30;
const sample = (make: Make) => `if(n < ${enough}, '${make.t('few_answers')}', '') AS sample`;
const score = { unit: 'count' as const, more: { unit: 'none' } };

const csat = (make: Make) =>
  table(make, {
    name: 'survey-csat',
    kpis: ['K-Q11'],
    columns: { survey: 'text', csat: 'percent', satisfied: 'count', sample: 'text', answers: 'count', n: 'count' },
    values: { survey: kindTexts(make) },
    sql: `
WITH ${dates(make.scope)}
SELECT kind AS survey, ${percent('satisfied', 'n')} AS csat, countIf(score >= 4) AS satisfied, ${sample(make)}, n AS answers, count() AS n
FROM ${answered}
WHERE kind != 'nps'
GROUP BY survey
ORDER BY survey DESC`,
  });

const nps = (make: Make) =>
  table(make, {
    name: 'survey-nps',
    kpis: ['K-Q12'],
    columns: {
      half_year: 'text',
      nps: score,
      promoters: 'count',
      passives: 'count',
      detractors: 'count',
      sample: 'text',
      n: 'count',
    },
    sql: `
WITH ${dates(make.scope)}
SELECT period AS half_year, round((promoters - detractors) / n * 100) AS nps, countIf(score >= 9) AS promoters,
  countIf(score BETWEEN 7 AND 8) AS passives, countIf(score <= 6) AS detractors, ${sample(make)}, count() AS n
FROM ${answered}
WHERE kind = 'nps'
GROUP BY half_year
ORDER BY half_year DESC`,
  });

/** Who bought in as many days before the span, and how many of them bought in it. */
const retention = (make: Make) =>
  stat(make, {
    name: 'customer-retention',
    kpis: ['C-18'],
    columns: { retention_rate: 'percent', kept_customers: 'count', n: 'count' },
    sql: `
WITH ${dates(make.scope)}
SELECT ${percent('kept_customers', 'n')} AS retention_rate, countIf(before AND again) AS kept_customers, countIf(before) AS n
FROM (
  SELECT distributor_id, countIf(booked_on < first) > 0 AS before, countIf(booked_on >= first) > 0 AS again
  FROM sales
  WHERE basis = 'ship' AND booked_on BETWEEN first - days AND last AND net > 0 AND ${inRegion()}
  GROUP BY distributor_id)`,
  });

/** Of the surveys whose link was handed over in the span. */
const responses = (make: Make) =>
  table(make, {
    name: 'survey-responses',
    kpis: ['K-Q13'],
    columns: {
      survey: 'text',
      response_rate: 'percent',
      delivered: 'count',
      answers: 'count',
      expired: 'count',
      n: 'count',
    },
    values: { survey: kindTexts(make) },
    sql: `
WITH ${dates(make.scope)}
SELECT kind AS survey, ${percent('answers', 'delivered')} AS response_rate, count() AS delivered, countIf(answered_on IS NOT NULL) AS answers,
  countIf(state = 'expired') AS expired, count() AS n
FROM surveys
WHERE delivered_on BETWEEN first AND last AND ${inRegion()}
GROUP BY survey
ORDER BY survey`,
  });

const monthly = (make: Make) =>
  table(make, {
    name: 'survey-csat-months',
    kpis: ['K-Q11'],
    columns: { month: 'month', survey: 'text', csat: 'percent', sample: 'text', n: 'count' },
    values: { survey: kindTexts(make) },
    sql: `
WITH ${dates(make.scope)}
SELECT ${instant('toStartOfMonth(assumeNotNull(answered_on))', make.scope)} AS month, kind AS survey,
  ${percent('countIf(score >= 4)', 'n')} AS csat, ${sample(make)}, count() AS n
FROM ${answered}
WHERE kind != 'nps'
GROUP BY month, survey
ORDER BY month DESC, survey
LIMIT 60`,
  });

const scores = (make: Make) =>
  table(make, {
    name: 'survey-scores',
    kpis: ['K-Q11', 'K-Q12'],
    columns: { score, delivery_answers: 'count', complaint_answers: 'count', nps_answers: 'count', n: 'count' },
    sql: `
WITH ${dates(make.scope)}
SELECT assumeNotNull(score) AS score, countIf(kind = 'delivery') AS delivery_answers, countIf(kind = 'complaint') AS complaint_answers,
  countIf(kind = 'nps') AS nps_answers, count() AS n
FROM ${answered}
GROUP BY score
ORDER BY score DESC`,
  });

const csatByMonth = (make: Make) =>
  timeSeries(make, {
    name: 'survey-csat-trend',
    kpis: ['K-Q11'],
    columns: {
      time: 'month',
      delivery_csat: { unit: 'percent', colour: 'blue' },
      complaint_csat: { unit: 'percent', colour: 'orange' },
      n: 'count',
    },
    sql: `
WITH ${dates(make.scope)}
SELECT ${instant('s.month', make.scope)} AS time,
  ${percent(`sumIf(s.satisfied, s.kind = 'delivery')`, `sumIf(s.answers, s.kind = 'delivery')`)} AS delivery_csat,
  ${percent(`sumIf(s.satisfied, s.kind = 'complaint')`, `sumIf(s.answers, s.kind = 'complaint')`)} AS complaint_csat,
  sum(s.answers) AS n
FROM surveys_by_month AS s
WHERE s.kind != 'nps' AND s.month BETWEEN toStartOfMonth(first) AND last AND ${inRegion('s.region_id')}
GROUP BY time
ORDER BY time`,
  });

const npsByMonth = (make: Make) =>
  timeSeries(make, {
    name: 'survey-nps-trend',
    kpis: ['K-Q12'],
    columns: { time: 'month', nps: { ...score, colour: 'green' }, n: 'count' },
    sql: `
WITH ${dates(make.scope)}
SELECT ${instant('toStartOfInterval(s.month, INTERVAL 6 MONTH)', make.scope)} AS time,
  round((sum(s.promoters) - sum(s.detractors)) / n * 100) AS nps, sum(s.answers) AS n
FROM surveys_by_month AS s
WHERE s.kind = 'nps' AND s.month BETWEEN toStartOfMonth(first) AND last AND ${inRegion('s.region_id')}
GROUP BY time
ORDER BY time`,
  });

const lowScores = (make: Make) =>
  table(make, {
    name: 'survey-comments',
    kpis: ['C-18', 'C-17'],
    columns: {
      answered_day: 'text',
      survey: 'text',
      distributor: 'text',
      subject: 'text',
      score,
      comment: 'text',
      n: 'count',
    },
    values: { survey: kindTexts(make) },
    sql: `
WITH ${dates(make.scope)}
SELECT toString(assumeNotNull(answered_on)) AS answered_day, kind AS survey, distributor_code AS distributor,
  if(about_number = '', period, about_number) AS subject, assumeNotNull(score) AS score, comment, 1 AS n
FROM ${answered}
WHERE comment != '' AND score <= if(kind = 'nps', 6, 2)
ORDER BY answered_on DESC, number DESC
LIMIT 100`,
  });
