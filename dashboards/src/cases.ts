/** Panels that the dashboards of several procedures share: how many cases are how far. */
import type { Kpi } from './definitions.js';
import type { Make } from './definition.js';
import type { PanelName } from './panel-words.js';
import { barGauge } from './panels.js';
import { dates, inRegion } from './sql.js';

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
