/** The panels about technical support (C-21): what was settled at the first contact, and how fast. */
import type { Make } from './definition.js';
import { stat } from './panels.js';
import { dates, field, hours, inRegion, median, occurred, percent, percentile90, subjectsOf } from './sql.js';

/** Questions that reached us in the span. The latest fact of each says all that is known of it. */
const questions = ({ scope }: Make) => `(
    SELECT id, state, times, ${['notice', 'resolution', 'closure']
      .map((what) => `JSONExtract(form, '${what}Minutes', 'Nullable(UInt32)') AS ${what}_minutes`)
      .join(', ')}
    FROM ${subjectsOf('technical-support')}
    WHERE toDate(parseDateTime64BestEffortOrNull(${field('receivedAt')}, 3, 'UTC'), '${scope.timeZone}') BETWEEN first AND last)`;

/** Opened again within seven days of having been closed, whichever time that was. */
const reopened = `(
    SELECT m.subject_id FROM moves_log AS m
    WHERE m.procedure = 'technical-support' AND m.kind = 'move' AND m.move IN ('close', 'reopen') AND ${inRegion('m.region_id')}
    GROUP BY m.subject_id
    HAVING arrayExists(again -> arrayExists(done -> done <= again AND again < done + INTERVAL 7 DAY, groupArrayIf(m.time, m.move = 'close')),
      groupArrayIf(m.time, m.move = 'reopen')))`;

export const firstContact = (make: Make) =>
  stat(make, {
    name: 'support-first-contact',
    kpis: ['K-Q08', 'C-21'],
    columns: { first_contact_rate: 'percent', contacted_again: 'count', reopened: 'count', n: 'count' },
    sql: `
WITH ${dates(make.scope)}, ${occurred('closed')} AS ended, ${occurred('contacted-again')} AS twice, id IN ${reopened} AS back
SELECT ${percent('countIf(ended AND NOT twice AND NOT back)', 'countIf(ended)')} AS first_contact_rate,
  countIf(ended AND twice) AS contacted_again, countIf(ended AND back) AS reopened, countIf(ended) AS n
FROM ${questions(make)}`,
  });

export const supportTimes = (make: Make) =>
  stat(make, {
    name: 'support-times',
    kpis: ['K-Q06', 'K-Q18', 'C-21'],
    columns: {
      p50_hours: 'hours',
      p90_hours: 'hours',
      notice_minutes: 'minutes',
      unclosed: 'count',
      n: 'count',
    },
    sql: `
WITH ${dates(make.scope)}, state = 'closed' AND resolution_minutes IS NOT NULL AS settled
SELECT ${median(hours('resolution_minutes'), 'settled')} AS p50_hours, ${percentile90(hours('resolution_minutes'), 'settled')} AS p90_hours,
  ${median('q.notice_minutes', 'q.notice_minutes IS NOT NULL')} AS notice_minutes,
  countIf(state != 'closed') AS unclosed, countIf(settled) AS n
FROM ${questions(make)} AS q`,
  });
