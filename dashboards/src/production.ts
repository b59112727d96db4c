/** Production and trials (O-03, O-30 to O-33, O-40): how fast production answers and delivers, what comes of trials, samples, ideas. */
import { casesByState } from './cases.js';
import type { Definition, Make } from './definition.js';
import { stat, table, timeSeries } from './panels.js';
import { dates, dayOf, field, formField, inRegion, instant, median, occurred, percent, subjectsOf } from './sql.js';
import { regionVariable } from './variables.js';

export function productionAndTrials(make: Make): Definition {
  const { t, scope } = make;
  const viewer = scope.viewer;
  return {
    uid: 'fenxiao-production',
    title: t('production.title'),
    description: t('production.description'),
    tags: ['fenxiao', t('tag.production')],
    time: { from: 'now-5M/M', to: 'now' },
    links: [{ title: t('orders.title'), url: '/d/fenxiao-orders' }],
    variables: [{ builder: regionVariable(t('region')) }],
    rows: [
      ...(viewer
        ? [
            {
              height: 5,
              panels: [
                { width: 8, panel: answers(make) },
                { width: 9, panel: onTime(make) },
                { width: 7, panel: planAdherence(make) },
              ],
            },
          ]
        : []),
      {
        height: 9,
        panels: [
          { width: 12, panel: requestsByMonth(make) },
          { width: 12, panel: casesByState(make, 'requests-by-state', 'production-request', ['O-31'], requestStates) },
        ],
      },
      ...(viewer
        ? [{ height: 9, panels: [{ width: 24, panel: openRequests(make), power: 'customers' as const }] }]
        : []),
      ...(viewer
        ? [
            {
              height: 5,
              panels: [
                { width: 8, panel: trials(make) },
                { width: 8, panel: samples(make) },
                { width: 8, panel: ideas(make) },
              ],
            },
          ]
        : []),
      {
        height: 9,
        panels: [
          { width: 8, panel: casesByState(make, 'trials-by-state', 'trial', ['O-32'], trialStates) },
          { width: 8, panel: casesByState(make, 'samples-by-state', 'sample', ['O-30'], sampleStates) },
          { width: 8, panel: casesByState(make, 'ideas-by-state', 'idea', ['O-40'], ideaStates) },
        ],
      },
      ...(viewer ? [{ height: 9, panels: [{ width: 24, panel: openTrials(make), power: 'customers' as const }] }] : []),
    ],
  };
}

const requestStates = [
  'requested',
  'acknowledged',
  'scheduled',
  'in-production',
  'finished',
  'received-into-stock',
  'declined',
  'withdrawn',
];
const trialStates = [
  'sample-asked',
  'sample-received',
  'sent-to-technical',
  'accepted',
  'in-trial',
  'trial-done',
  'delivered-to-customer',
  'customer-accepted',
  'customer-rejected',
  'infeasible',
  'cancelled',
];
const sampleStates = ['issued', 'returned', 'consumed', 'lost', 'charged'];
const ideaStates = ['idea', 'assessed', 'approved', 'developing', 'trial', 'launched', 'dropped'];

const begunInSpan = ({ scope }: Make) => `toDate(begun_at, '${scope.timeZone}') BETWEEN first AND last`;
const hours = (from: string, to: string) => `dateDiff('second', ${from}, ${to}) / 3600`;

const answers = (make: Make) =>
  stat(make, {
    name: 'production-answers',
    kpis: ['O-03', 'O-31'],
    columns: { answer_hours: 'hours', shortage_hours: 'hours', declined: 'count', n: 'count' },
    sql: `
WITH ${dates(make.scope)}, least(
    if(${occurred('acknowledged')}, times['acknowledged'], now64(3)), if(${occurred('scheduled')}, times['scheduled'], now64(3)),
    if(${occurred('declined')}, times['declined'], now64(3))) AS answered_at,
  ${occurred('acknowledged')} OR ${occurred('scheduled')} OR ${occurred('declined')} AS answered
SELECT
  ${median(hours(`times['requested']`, 'answered_at'), 'answered')} AS answer_hours,
  ${median(hours(`parseDateTime64BestEffortOrNull(${field('shortageAt', 'first_form')}, 3, 'UTC')`, `times['requested']`), `${field('shortageAt', 'first_form')} != ''`)} AS shortage_hours,
  countIf(${occurred('declined')}) AS declined,
  count() AS n
FROM ${subjectsOf('production-request')}
WHERE ${begunInSpan(make)}`,
  });

/** Requests whose goods came in the span, or were due in it and did not. */
const onTime = (make: Make) =>
  stat(make, {
    name: 'production-on-time',
    kpis: ['O-31', 'K-O16'],
    columns: {
      completed_on_time: 'percent',
      slipped: 'percent',
      slip_days: { unit: 'days', more: { decimals: 1 } },
      n: 'count',
    },
    sql: `
WITH ${dates(make.scope)}
SELECT
  ${percent('countIf(made AND on <= first_due)', 'count()')} AS completed_on_time,
  ${percent('countIf(slip > 0)', 'count()')} AS slipped,
  if(n > 0, avg(greatest(0, slip)), NULL) AS slip_days,
  count() AS n
FROM (
  SELECT ${occurred('finished')} AS made, toDateOrZero(${field('scheduledOn')}) AS due, toDateOrZero(${field('firstScheduledOn')}) AS first_due,
    dateDiff('day', first_due, due) AS slip, if(made, ${dayOf('finished', make.scope)}, due) AS on
  FROM ${subjectsOf('production-request')}
  WHERE ${occurred('scheduled')} AND NOT ${occurred('declined')} AND NOT ${occurred('withdrawn')})
WHERE on BETWEEN first AND last AND (made OR due < toDate(now(), '${make.scope.timeZone}'))`,
  });

/** O-33: lines of issued plans that were to be in stock by a day of the span, and were. */
const planAdherence = (make: Make) =>
  stat(make, {
    name: 'plan-adherence',
    kpis: ['O-33'],
    columns: { plan_adherence: 'percent', plans: 'count', n: 'count' },
    sql: `
WITH ${dates(make.scope)}
SELECT ${percent('countIf(r.received_on <= p.planned_on AND r.received_on > toDate(0))', 'count()')} AS plan_adherence, uniqExact(p.plan) AS plans, count() AS n
FROM (
  SELECT id AS plan, l.1 AS number, toDateOrZero(l.2) AS planned_on
  FROM subjects ARRAY JOIN JSONExtract(form, 'form', 'lines', 'Array(Tuple(requestNumber String, plannedOn String))') AS l
  WHERE kind = 'production-plan' AND ${occurred('issued')}) AS p
INNER JOIN (
  SELECT number, toDateOrZero(${field('receivedOn')}) AS received_on FROM ${subjectsOf('production-request')}) AS r ON r.number = p.number
WHERE p.planned_on BETWEEN first AND least(last, toDate(now(), '${make.scope.timeZone}'))`,
  });

const requestsByMonth = (make: Make) =>
  timeSeries(make, {
    name: 'requests-by-month',
    kpis: ['O-03', 'O-31'],
    columns: {
      time: 'month',
      requests: { unit: 'count', colour: 'blue' },
      made: { unit: 'count', colour: 'green' },
      declined: { unit: 'count', colour: 'red' },
      n: 'count',
    },
    sql: `
WITH ${dates(make.scope)}
SELECT ${instant('month', make.scope)} AS time, sum(s.subjects) AS requests,
  sumIf(s.subjects, s.state = 'received-into-stock') AS made, sumIf(s.subjects, s.state = 'declined') AS declined, requests AS n
FROM subjects_by_month AS s
WHERE s.kind = 'production-request' AND month BETWEEN toStartOfMonth(first) AND last AND ${inRegion()}
GROUP BY time
ORDER BY time`,
  });

const openRequests = (make: Make) =>
  table(make, {
    name: 'requests-open',
    kpis: ['O-31', 'O-33'],
    columns: {
      request: 'text',
      order_number: 'text',
      distributor: 'text',
      product: 'text',
      state: 'text',
      needed: 'text',
      scheduled: 'text',
      late_days: 'days',
      n: 'count',
    },
    values: {
      state: Object.fromEntries(requestStates.map((state) => [state, make.term(state, 'production-request')])),
    },
    sql: `
SELECT number AS request, ${field('orderNumber')} AS order_number, distributor_code AS distributor,
  concat(${field('productCode')}, ' × ', ${field('quantity')}) AS product, state, ${field('needDate')} AS needed, ${field('scheduledOn')} AS scheduled,
  greatest(0, dateDiff('day', toDateOrZero(needed), if(scheduled = '', toDate(now(), '${make.scope.timeZone}'), toDateOrZero(scheduled)))) AS late_days, 1 AS n
FROM ${subjectsOf('production-request')}
WHERE state NOT IN ('received-into-stock', 'declined', 'withdrawn', '')
ORDER BY needed
LIMIT 100`,
  });

const trials = (make: Make) =>
  stat(make, {
    name: 'trials',
    kpis: ['K-D17'],
    columns: {
      trial_success: 'percent',
      trial_days: { unit: 'days', more: { decimals: 1 } },
      running: 'count',
      n: 'count',
    },
    sql: `
WITH ${dates(make.scope)}
SELECT
  ${percent(`countIf(state = 'customer-accepted')`, `countIf(state IN ('customer-accepted', 'customer-rejected'))`)} AS trial_success,
  ${median(`dateDiff('second', times['sample-received'], times['finished']) / 86400`, `${occurred('finished')} AND ${occurred('sample-received')}`)} AS trial_days,
  countIf(state NOT IN ('customer-accepted', 'customer-rejected', 'infeasible', 'cancelled')) AS running,
  count() AS n
FROM ${subjectsOf('trial')}
WHERE ${begunInSpan(make)}`,
  });

const samples = (make: Make) =>
  stat(make, {
    name: 'samples',
    kpis: ['K-D16', 'O-30'],
    columns: { sample_conversion: 'percent', unreturned: 'count', sample_cost: 'money', n: 'count' },
    sql: `
WITH ${dates(make.scope)}
SELECT
  ${percent(`countIf(${occurred('converted')})`, 'count()')} AS sample_conversion,
  countIf(state = 'issued' AND JSONExtractBool(form, 'returnNeeded') AND toDateOrZero(${field('returnOn')}) < toDate(now(), '${make.scope.timeZone}')) AS unreturned,
  if(countIf(${occurred('converted')}) > 0, toFloat64(sum(toDecimal64OrZero(${field('listValue')}, 2))) / countIf(${occurred('converted')}), NULL) AS sample_cost,
  count() AS n
FROM ${subjectsOf('sample')}
WHERE toDateOrZero(${field('issuedOn')}) BETWEEN first AND last`,
  });

/** K-S11 over what was shipped: of a product's first twelve months. */
const ideas = (make: Make) =>
  stat(make, {
    name: 'ideas',
    kpis: ['K-S11', 'O-40'],
    columns: {
      new_product_share: 'percent',
      launch_days: { unit: 'days', more: { decimals: 0 } },
      launched: 'count',
      n: 'count',
    },
    sql: `
WITH ${dates(make.scope)},
  (SELECT (toFloat64(sumIf(s.net, s.booked_on < addMonths(p.launched_on, 12))), toFloat64(sum(s.net)))
   FROM (SELECT product_id, booked_on, net FROM sales WHERE basis = 'ship' AND booked_on BETWEEN first AND last AND ${inRegion()}) AS s
   LEFT JOIN products AS p ON p.product_id = s.product_id) AS net
SELECT
  ${percent('net.1', 'net.2')} AS new_product_share,
  ${median(`dateDiff('second', times['registered'], times['launched']) / 86400`, occurred('launched'))} AS launch_days,
  countIf(${occurred('launched')}) AS launched,
  count() AS n
FROM ${subjectsOf('idea')}
WHERE ${begunInSpan(make)}`,
  });

const openTrials = (make: Make) =>
  table(make, {
    name: 'trials-open',
    kpis: ['O-32'],
    columns: {
      variety: 'text',
      distributor: 'text',
      state: 'text',
      quantity: 'text',
      needed: 'text',
      age_days: 'days',
      n: 'count',
    },
    values: { state: Object.fromEntries(trialStates.map((state) => [state, make.term(state, 'trial')])) },
    sql: `
SELECT concat(${formField('name')}, ' ', ${formField('colourNumber')}) AS variety, distributor_code AS distributor, state, ${formField('quantity')} AS quantity,
  ${formField('needDate')} AS needed, dateDiff('day', begun_at, now()) AS age_days, 1 AS n
FROM ${subjectsOf('trial')}
WHERE state NOT IN ('customer-accepted', 'customer-rejected', 'infeasible', 'cancelled')
ORDER BY age_days DESC
LIMIT 100`,
  });
