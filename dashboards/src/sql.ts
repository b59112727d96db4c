/** Pieces of SQL that several panels share. Dates are those of the business calendar; ranges are [start, end). */

export interface Scope {
  /** IANA name of the business time zone */
  timeZone: string;
  /** The viewer's user sees lines and people; Grafana's sees sums of five distributors or more. */
  viewer: boolean;
}

const nobody = "toUUIDOrZero('')";

export const dates = ({ timeZone }: Scope): string => `
    toDate($__fromTime, '${timeZone}') AS first,
    toDate($__toTime - 1, '${timeZone}') AS last,
    dateDiff('day', first, last) + 1 AS days`;

export const months = ({ timeZone }: Scope): string => `
    toStartOfMonth(toDate($__fromTime, '${timeZone}')) AS first,
    toStartOfMonth(toDate($__toTime - 1, '${timeZone}')) AS last,
    dateDiff('month', first, last) + 1 AS span`;

/** A day or month as the instant it starts at, in UTC, as Grafana wants its time column. */
export const instant = (date: string, { timeZone }: Scope): string =>
  `toTimeZone(toDateTime(${date}, '${timeZone}'), 'UTC')`;

/** All, said as a condition: true when the variable is All. */
const isAll = (variable: string): string => `$__conditionalAll(1 = 0, $${variable})`;

/** The chosen regions and all that lies in them. */
export const inRegion = (column = 'region_id'): string =>
  `$__conditionalAll(${column} IN (SELECT region_id FROM region_tree WHERE toString(ancestor_id) IN (\${region:singlequote})), $region)`;

export const chosen = (column: string, variable: string): string =>
  `$__conditionalAll(${column} IN (\${${variable}:singlequote}), $${variable})`;

/**
 * Each region with the one it is shown under: the level below the chosen ones. With All that is the roots or, where there
 * are facts (the person may see) below one root only, what lies below it.
 * @param facts table or view with a region_id
 */
export const heads = (facts: string): string => `
    SELECT region_id, argMin(ancestor_id, depth) AS head, argMin(ancestor, depth) AS region
    FROM region_tree
    WHERE ancestor_id IN (
      SELECT region_id FROM regions
      WHERE if(${isAll('region')},
        parent_id = ${nobody} OR parent_id = (
          SELECT if(uniqExact(ancestor_id) = 1, any(ancestor_id), ${nobody}) FROM region_tree
          WHERE ancestor_id IN (SELECT region_id FROM regions WHERE parent_id = ${nobody})
            AND region_id IN (SELECT DISTINCT region_id FROM ${facts})),
        $__conditionalAll(toString(region_id) IN (\${region:singlequote}) OR toString(parent_id) IN (\${region:singlequote}), $region)))
    GROUP BY region_id`;

/** What was sold on the chosen basis, by day and the dimensions that filters need; of one person line by line. */
export function sales(scope: Scope, basis = '${basis:singlequote}'): string {
  const filters = `basis = ${basis} AND ${inRegion()} AND ${chosen('family', 'family')}`;
  const columns = 'booked_on, region_id, family, net';
  const rollup = `SELECT ${columns}, lines FROM sales_by_day WHERE ${filters}`;
  if (!scope.viewer) return `(${rollup})`;
  // Only one half is read: the other's condition is constant and false.
  return `(
      ${rollup} AND ${isAll('salesperson')}
      UNION ALL
      SELECT ${columns}, lines FROM sales
      WHERE ${filters} AND NOT ${isAll('salesperson')} AND ${bySalesperson}
    )`;
}

export const bySalesperson = chosen('toString(salesperson_id)', 'salesperson');

/** Rows of the range, of as many days before, and of the same dates last year. */
export const comparison = `
    booked_on BETWEEN first AND last AS now,
    booked_on BETWEEN first - days AND first - 1 AS before,
    booked_on BETWEEN addYears(first, -1) AND addYears(last, -1) AS year_ago`;
export const comparedDays = 'booked_on BETWEEN least(first - days, addYears(first, -1)) AND last';

/** (a − b) ÷ b × 100; null where the base is zero or less (K-S08). */
export const change = (now: string, before: string): string =>
  `if(${before} > 0, toFloat64(${now} - ${before}) / toFloat64(${before}) * 100, NULL)`;

/** a ÷ b × 100 of two sums; null where the denominator is zero. */
export const percent = (part: string, whole: string): string =>
  `if(${whole} > 0, toFloat64(${part}) / toFloat64(${whole}) * 100, NULL)`;

/** A text field of a case's data: of its latest fact, or `first_form` for that of its first. */
export const field = (name: string, form: 'form' | 'first_form' = 'form'): string =>
  `JSONExtractString(${form}, '${name}')`;

/** The same of a form that was handed in (`formEvents`). */
export const formField = (name: string): string => `JSONExtractString(form, 'form', '${name}')`;

/** Whether this ever happened to a case. */
export const occurred = (fact: string): string => `mapContains(times, '${fact}')`;

/** The cases of a procedure in the chosen regions. */
export const subjectsOf = (kind: string): string => `(SELECT * FROM subjects WHERE kind = '${kind}' AND ${inRegion()})`;

/** Business date on which something happened to a case. */
export const dayOf = (fact: string, { timeZone }: Scope): string => `toDate(times['${fact}'], '${timeZone}')`;

/** Minutes as hours. */
export const hours = (minutes: string): string => `toFloat64(${minutes}) / 60`;

/** Value in words of the dictionary: `{ 'on-hold': 'On hold' }`. */
export const labels = (
  { term }: { term: (key: string, aggregate?: string) => string },
  names: readonly string[],
  aggregate?: string,
): Record<string, string> => Object.fromEntries(names.map((name) => [name, term(name, aggregate)]));

/** Median of what `expression` gives where `counts` holds; null where it never does. */
export const median = (expression: string, counts: string): string =>
  `if(countIf(${counts}) > 0, quantileExactInclusiveIf(0.5)(assumeNotNull(toFloat64(${expression})), ${counts}), NULL)`;

/** The 90th percentile likewise, of the values there are. */
export const percentile90 = (expression: string, counts = `${expression} IS NOT NULL`): string =>
  `if(countIf(${counts}) > 0, quantileExactInclusiveIf(0.9)(assumeNotNull(toFloat64(${expression})), ${counts}), NULL)`;
