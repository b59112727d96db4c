import { Money } from '@fenxiao/domain/money';
import type { BusinessCalendar } from '@fenxiao/domain/business-calendar';
import type { CalendarDate } from '@fenxiao/domain/calendar-date';
import {
  averageDaysDelinquent,
  badDebt,
  bestPossibleDso,
  collectionEffectiveness,
  collectionRate,
  dso,
  dsoCountBack,
  overdueBuckets,
  overdueShare,
  type MonthOfSales,
} from '@fenxiao/domain/receivables';
import type { Sql } from '@fenxiao/messaging/sql';
import type { Reach } from '@fenxiao/service-kit/actor';

/** O-25: what the invoices say of a day and a period before it (K-C01 to K-C08). Gross on both sides, invoices on credit. */

/** Whose invoices: what the reader may see, and of that one region where one is asked for. */
export interface Seen {
  readonly reach: Reach;
  readonly region: string | undefined;
}

/** Parameters from `$n` on: all, regions, own, region. */
export const scoped = (n: number) =>
  `($${n}::boolean OR i.region = ANY($${n + 1}::uuid[]) OR i.owner = ANY($${n + 2}::text[])) AND ($${n + 3}::uuid IS NULL OR i.region = $${n + 3})`;
export const scopeOf = ({ reach, region }: Seen) => [reach.all, reach.regions, reach.own, region ?? null];

/** What was invoiced, less what was credited (O-50), on credit as the invoice was. */
const sold = `(
  SELECT region, owner, invoiced_on AS day, gross, on_credit FROM invoice
  UNION ALL SELECT c.region, c.owner, c.credited_on, -c.gross, b.on_credit FROM credit_note c JOIN invoice b ON b.id = c.invoice)`;
const among = (n: number) => `i.on_credit AND ${scoped(n)}`;

export interface Standing {
  readonly total: Money;
  readonly current: Money;
  readonly overdue: Readonly<Record<(typeof overdueBuckets)[number], Money>>;
  readonly n: number;
}

/**
 * What was open at the end of a day, by how late it was: what is open now, with what has come in or been given up since
 * put back. Only what happened since is read beside the open invoices.
 */
export async function standingOn(sql: Sql, on: CalendarDate, seen: Seen): Promise<Standing> {
  const [row] = await sql.query<Record<'total' | 'current' | 'd30' | 'd60' | 'd90' | 'over', string> & { n: number }>(
    `WITH since AS (
       SELECT m.invoice, m.amount FROM payment p JOIN payment_match m ON m.payment = p.id WHERE p.received_on > $1
       UNION ALL SELECT m.invoice, m.amount FROM credit_note c JOIN credit_match m ON m.credit_note = c.id WHERE c.credited_on > $1
       UNION ALL SELECT w.invoice, w.amount FROM write_off w WHERE w.state = 'approved' AND w.written_off_on > $1),
     owed AS (
       SELECT i.id, $1::date - i.due_on AS late, i.open_amount AS amount FROM invoice i WHERE i.open_amount > 0 AND i.invoiced_on <= $1 AND ${among(2)}
       UNION ALL
       SELECT i.id, $1::date - i.due_on, s.amount FROM since s JOIN invoice i ON i.id = s.invoice WHERE i.invoiced_on <= $1 AND ${among(2)})
     SELECT coalesce(sum(amount), 0)::text AS total, coalesce(sum(amount) FILTER (WHERE late <= 0), 0)::text AS current,
       coalesce(sum(amount) FILTER (WHERE late BETWEEN 1 AND 30), 0)::text AS d30, coalesce(sum(amount) FILTER (WHERE late BETWEEN 31 AND 60), 0)::text AS d60,
       coalesce(sum(amount) FILTER (WHERE late BETWEEN 61 AND 90), 0)::text AS d90, coalesce(sum(amount) FILTER (WHERE late > 90), 0)::text AS over,
       count(DISTINCT id)::int AS n
     FROM owed`,
    [on, ...scopeOf(seen)],
  );
  const { total, current, d30, d60, d90, over, n } = row!;
  return {
    total: Money.of(total),
    current: Money.of(current),
    overdue: { '1-30': Money.of(d30), '31-60': Money.of(d60), '61-90': Money.of(d90), 'over-90': Money.of(over) },
    n,
  };
}

/** K-C02: few months cover what is outstanding, as a rule; where they do not, as many as are looked at. */
async function countBack(sql: Sql, total: Money, on: CalendarDate, calendar: BusinessCalendar, seen: Seen) {
  const few = dsoCountBack(total, await salesByMonth(sql, 4, on, calendar, seen));
  return few ?? dsoCountBack(total, await salesByMonth(sql, 24, on, calendar, seen));
}

/** Credit sales month by month, the latest first; of the running month the days gone by. */
async function salesByMonth(sql: Sql, count: number, on: CalendarDate, calendar: BusinessCalendar, seen: Seen) {
  const firsts = Array.from({ length: count }, (_, i) => calendar.addMonths(`${on.slice(0, 8)}01`, -i));
  const rows = await sql.query<{ first: string; sales: string }>(
    `SELECT date_trunc('month', i.day)::date::text AS first, sum(i.gross)::text AS sales FROM ${sold} i
     WHERE i.day BETWEEN $1 AND $2 AND ${among(3)} GROUP BY 1`,
    [firsts.at(-1), on, ...scopeOf(seen)],
  );
  const sales = new Map(rows.map((row) => [row.first, Money.of(row.sales)]));
  return firsts.map((first): MonthOfSales => {
    const last = calendar.endOfMonth(first);
    return { sales: sales.get(first) ?? Money.zero, days: daysBetween(first, last < on ? last : on) };
  });
}

/** both ends counted */
const daysBetween = (from: CalendarDate, to: CalendarDate) => (Date.parse(to) - Date.parse(from)) / 86_400_000 + 1;

async function flows(sql: Sql, from: CalendarDate, on: CalendarDate, seen: Seen) {
  const values = [from, on, ...scopeOf(seen)];
  const one = async (text: string) => {
    const [row] = await sql.query<{ sum: string }>(text, values);
    return Money.of(row!.sum);
  };
  return {
    creditSales: await one(
      `SELECT coalesce(sum(i.gross), 0)::text AS sum FROM ${sold} i WHERE i.day BETWEEN $1 AND $2 AND ${among(3)}`,
    ),
    due: await one(
      `SELECT coalesce(sum(i.gross - coalesce((SELECT sum(m.amount) FROM credit_match m JOIN credit_note c ON c.id = m.credit_note
         WHERE m.invoice = i.id AND c.credited_on <= $2), 0)), 0)::text AS sum
       FROM invoice i WHERE i.due_on BETWEEN $1 AND $2 AND ${among(3)}`,
    ),
    // from the invoices that were due, or from the receipts of the period: whichever is the narrower beginning
    received: await one(
      `SELECT coalesce(sum(r.amount), 0)::text AS sum FROM invoice i
       CROSS JOIN LATERAL (SELECT sum(m.amount) AS amount FROM payment_match m JOIN payment p ON p.id = m.payment WHERE m.invoice = i.id AND p.received_on <= $2) r
       WHERE i.due_on BETWEEN $1 AND $2 AND ${among(3)}`,
    ),
    recovered: await one(
      `SELECT coalesce(sum(m.amount), 0)::text AS sum FROM payment p JOIN payment_match m ON m.payment = p.id JOIN invoice i ON i.id = m.invoice
       WHERE p.received_on BETWEEN $1 AND $2 AND i.due_on < $1 AND ${among(3)}`,
    ),
    writtenOff: await one(
      `SELECT coalesce(sum(w.amount), 0)::text AS sum FROM write_off w JOIN invoice i ON i.id = w.invoice
       WHERE w.state = 'approved' AND w.written_off_on BETWEEN $1 AND $2 AND ${among(3)}`,
    ),
  };
}

/** The figures of a period that ends with a day, both ends counted. */
export async function summaryOf(
  sql: Sql,
  from: CalendarDate,
  on: CalendarDate,
  calendar: BusinessCalendar,
  seen: Seen,
) {
  const closing = await standingOn(sql, on, seen);
  const opening = await standingOn(sql, calendar.addDays(from, -1), seen);
  const counted = await countBack(sql, closing.total, on, calendar, seen);
  const { creditSales, due, received, recovered, writtenOff } = await flows(sql, from, on, seen);
  const days = daysBetween(from, on);
  const { total, current, overdue } = closing;
  return {
    on,
    from,
    days,
    n: closing.n,
    basis: 'gross',
    definitionVersion: 1,
    receivables: total,
    current,
    overdue,
    opening: opening.total,
    creditSales,
    due,
    received,
    recovered,
    writtenOff,
    figures: {
      'K-C01': dso(total, creditSales, days),
      'K-C02': counted,
      'K-C03': bestPossibleDso(current, creditSales, days),
      'K-C04': averageDaysDelinquent(total, current, creditSales, days),
      'K-C05': collectionRate(received, due),
      'K-C06': collectionEffectiveness({
        opening: opening.total,
        creditSales,
        closingTotal: total,
        closingCurrent: current,
      }),
      'K-C07': overdueShare(total.minus(current), total),
      'K-C08': badDebt(writtenOff, creditSales),
    },
    overdueShares: Object.fromEntries(overdueBuckets.map((bucket) => [bucket, overdueShare(overdue[bucket], total)])),
  };
}
