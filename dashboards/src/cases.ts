/** Panels about procedures as such: how many cases are how far, what is done in time, what is refused. */
import type { Kpi } from './definitions.js';
import type { Make } from './definition.js';
import type { PanelName } from './panel-words.js';
import { barGauge, table } from './panels.js';
import { dates, inRegion, percent } from './sql.js';

/**
 * Cases that began in a month of the span, by the state they are in.
 * @param kind aggregate of the orders service, such as `trial`
 * @param states in the order a case goes through them
 */
export const casesByState = (make: Make, name: PanelName, kind: string, kpis: Kpi[], states: readonly string[]) =>
  barGauge(
    make,
    {
      name,
      kpis,
      columns: { cases: { unit: 'count', colour: 'blue' }, state: 'text', n: 'count' },
      values: { state: Object.fromEntries(states.map((state) => [state, make.term(state, kind)])) },
      sql: `
WITH ${dates(make.scope)}
SELECT s.state AS state, sum(s.subjects) AS cases, cases AS n
FROM subjects_by_month AS s
WHERE s.kind = '${kind}' AND s.state != '' AND month BETWEEN toStartOfMonth(first) AND last AND ${inRegion()}
GROUP BY state
ORDER BY indexOf([${states.map((state) => `'${state}'`).join(', ')}], state), state`,
    },
    'state',
    'cases',
  );

/** The procedures of a service, each named after its clauses. */
const proceduresOf = {
  orders: [
    'order',
    'shipment',
    'stock',
    'goods-receipt',
    'invoice',
    'payment',
    'credit-note',
    'return',
    'invoicing-terms',
    'opportunity',
    'product',
    'packaging',
    'price-list',
    'price-bands',
    'price-exception',
    'price-cut',
    'idea',
    'design-proposal',
    'inspection',
    'batch',
    'quality-standard',
    'warehouse',
    'stocktake',
    'sample-request',
    'sample',
    'sample-receipt',
    'production-request',
    'production-plan',
    'production-summary',
    'trial',
    'large-order-limit',
    'daily-report',
    'monthly-report',
    'ledger-adjustment',
    'reconciliation',
    'collection-task',
    'write-off',
    'order-document',
    'order-file',
  ],
  complaints: [
    'complaint',
    'inquiry',
    'return-request',
    'quality-complaint-form',
    'capa',
    'quality-daily',
    'after-sales-case',
    'technical-support',
    'contact-record',
    'knowledge-article',
    'service-complaint',
    'penalty',
    'opinion',
    'major-event',
  ],
};
type Working = keyof typeof proceduresOf;
const firstClause = { orders: 'O-01', complaints: 'C-01' } as const;

/** Every procedure by what was done in it and whether the clocks it runs under were kept. */
export const proceduresAtWork = (make: Make, name: PanelName, service: Working) =>
  table(make, {
    name,
    kpis: [firstClause[service]],
    columns: { procedure: 'text', moves: 'count', in_time: 'percent', refused: 'count', n: 'count' },
    values: { procedure: Object.fromEntries(proceduresOf[service].map((one) => [one, make.term(one)])) },
    sql: `
WITH ${dates(make.scope)}
SELECT m.procedure AS procedure, sumIf(m.moves, m.kind = 'move') AS moves,
  ${percent("sumIf(m.with_clock - m.late, m.kind = 'move')", "sumIf(m.with_clock, m.kind = 'move')")} AS in_time,
  sumIf(m.moves, m.kind = 'refusal') AS refused, sum(m.moves) AS n
FROM moves_by_day AS m
WHERE m.procedure IN (${proceduresOf[service].map((one) => `'${one}'`).join(', ')}) AND m.day BETWEEN first AND last AND ${inRegion('m.region_id')}
GROUP BY procedure
ORDER BY moves DESC`,
  });

/** Every rule of a service that said no: how often, and when last. */
export const refusals = (make: Make, name: PanelName, service: Working) =>
  table(make, {
    name,
    kpis: [service === 'orders' ? 'O-26' : firstClause[service]],
    columns: { rule: 'text', refused: 'count', last_refused: 'time', n: 'count' },
    sql: `
WITH ${dates(make.scope)}
SELECT m.rule AS rule, count() AS refused, max(m.time) AS last_refused, refused AS n
FROM moves_log AS m
WHERE m.kind = 'refusal' AND m.service = '${service}' AND toDate(m.time, '${make.scope.timeZone}') BETWEEN first AND last AND ${inRegion('m.region_id')}
GROUP BY rule
ORDER BY refused DESC
LIMIT 50`,
  });
