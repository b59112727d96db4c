/** The panels about duties that come with complaints: registering, filing, correcting, penalties, answering opinions. */
import type { Make } from './definition.js';
import { stat } from './panels.js';
import { dates, dayOf, hours, inRegion, median, occurred, percent, subjectsOf } from './sql.js';

/** What C-02 wants on record of a quality complaint; history was registered by other rules. */
export const registered = (make: Make) =>
  stat(make, {
    name: 'complaint-records',
    kpis: ['C-02'],
    columns: { complete_rate: 'percent', batch_rate: 'percent', on_books_rate: 'percent', n: 'count' },
    sql: `
WITH ${dates(make.scope)},
  product_code != '' AND grade != '' AND colour_number != '' AND quantity > 0 AND defect != '' AS complete
SELECT ${percent('countIf(complete)', 'count()')} AS complete_rate, ${percent(`countIf(batch != '')`, 'count()')} AS batch_rate,
  ${percent(`countIf(distributor_code != '')`, 'count()')} AS on_books_rate, count() AS n
FROM complaints
WHERE kind = 'quality' AND NOT historic AND received_on BETWEEN first AND last AND ${inRegion()}`,
  });

/** Copies sent to the office in the span: both forms say when theirs is due; one that is missing is late once that is past. */
export const copies = (make: Make) =>
  stat(make, {
    name: 'copies-filed',
    kpis: ['K-Q16'],
    columns: {
      copies_in_time: 'percent',
      quality_in_time: 'percent',
      service_in_time: 'percent',
      copies_missing: 'count',
      n: 'count',
    },
    sql: `
WITH ${dates(make.scope)}
SELECT ${percent('countIf(in_time)', 'countIf(filed)')} AS copies_in_time,
  ${percent(`countIf(in_time AND form = 'quality')`, `countIf(filed AND form = 'quality')`)} AS quality_in_time,
  ${percent(`countIf(in_time AND form = 'service')`, `countIf(filed AND form = 'service')`)} AS service_in_time,
  countIf(NOT filed AND late) AS copies_missing, countIf(filed) AS n
FROM (
  SELECT 'quality' AS form, state = 'filed' AS filed, JSONExtractBool(q.form, 'copyOnTime') AND filed AS in_time,
    parseDateTime64BestEffortOrNull(JSONExtractString(q.form, 'copyDueAt'), 3, 'UTC') < now() AS late
  FROM ${subjectsOf('quality-complaint-form')} AS q
  WHERE state IN ('copied-to-office', 'filed') AND ${dayOf('copy-sent', make.scope)} BETWEEN first AND last
  UNION ALL
  SELECT 'service' AS form, state = 'archived' AS filed, filed AND id NOT IN ${copiesLate} AS in_time, id IN ${copiesLate} AS late
  FROM complaints
  WHERE kind = 'service' AND state IN ('copied-to-office', 'archived') AND ${dayOf('copy-sent', make.scope)} BETWEEN first AND last AND ${inRegion()})`,
  });
const copiesLate = `(
    SELECT m.subject_id FROM moves_log AS m
    WHERE m.procedure = 'service-complaint' AND m.move = 'receive-copy' AND (m.kind = 'breach' OR m.late) AND ${inRegion('m.region_id')})`;

/** Of the steps that are due or done, those done by their limit. */
export const actions = (make: Make) =>
  stat(make, {
    name: 'capa',
    kpis: ['K-Q17', 'C-09'],
    columns: { capa_in_time: 'percent', effective_rate: 'percent', running: 'count', n: 'count' },
    sql: `
WITH ${dates(make.scope)},
  arrayFilter(step -> step.done != '' OR parseDateTime64BestEffortOrNull(step.due, 3, 'UTC') < now(), arrayMap(
    step -> CAST((step.1, step.2, step.3), 'Tuple(due String, done String, on_time Bool)'),
    JSONExtract(form, 'steps', 'Array(Tuple(dueAt String, doneAt String, onTime Bool))'))) AS due
SELECT ${percent('sum(arrayCount(step -> step.on_time, due))', 'sum(length(due))')} AS capa_in_time,
  ${percent(`countIf(${occurred('verified')} AND JSONExtractBool(form, 'effective'))`, `countIf(${occurred('verified')})`)} AS effective_rate,
  countIf(NOT ${occurred('verified')} AND NOT ${occurred('closed')}) AS running, count() AS n
FROM ${subjectsOf('capa')}
WHERE toDate(begun_at, '${make.scope.timeZone}') BETWEEN first AND last`,
  });

/** Penalties that took effect in the span; appeals by what was decided of those proposed in it. */
export const penalties = (make: Make) =>
  stat(make, {
    name: 'penalties',
    kpis: ['C-14'],
    columns: { fines: 'count', fined: 'money', penalties: 'count', upheld_rate: 'percent', n: 'count' },
    sql: `
WITH ${dates(make.scope)}, ${dayOf('taken-effect', make.scope)} BETWEEN first AND last AND ${occurred('taken-effect')} AS effective,
  toDecimal64OrZero(JSONExtractString(form, 'fine'), 2) AS fine,
  toDate(begun_at, '${make.scope.timeZone}') BETWEEN first AND last AS proposed
SELECT countIf(effective AND fine > 0) AS fines, toFloat64(sumIf(fine, effective)) AS fined, countIf(effective) AS penalties,
  ${percent(
    `countIf(proposed AND ${occurred('appeal-upheld')})`,
    `countIf(proposed AND (${occurred('appeal-upheld')} OR ${occurred('appeal-dismissed')}))`,
  )} AS upheld_rate,
  countIf(effective OR proposed) AS n
FROM ${subjectsOf('penalty')}`,
  });

/** Opinions recorded in the span. A major event is acknowledged on the clock on the wall. */
export const opinions = (make: Make) =>
  stat(make, {
    name: 'opinions',
    kpis: ['C-17'],
    columns: {
      answered_rate: 'percent',
      answer_hours: 'hours',
      major_minutes: 'minutes',
      major_open: 'count',
      n: 'count',
    },
    sql: `
WITH ${dates(make.scope)}, kind = 'opinion' AS said, ${occurred('answered')} AS answered, ${occurred('acknowledged')} AS acknowledged
SELECT ${percent('countIf(said AND answered)', 'countIf(said)')} AS answered_rate,
  ${median(hours(`dateDiff('minute', begun_at, times['answered'])`), 'said AND answered')} AS answer_hours,
  ${median(`dateDiff('second', begun_at, times['acknowledged']) / 60`, 'NOT said AND acknowledged')} AS major_minutes,
  countIf(NOT said AND NOT acknowledged) AS major_open, countIf(said) AS n
FROM (SELECT * FROM subjects WHERE kind IN ('opinion', 'major-event') AND ${inRegion()})
WHERE toDate(begun_at, '${make.scope.timeZone}') BETWEEN first AND last`,
  });
