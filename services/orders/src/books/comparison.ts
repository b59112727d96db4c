import { Money } from '@fenxiao/domain/money';
import { Quantity } from '@fenxiao/domain/quantity';
import type { Sql } from '@fenxiao/messaging/sql';
import { differenceOf, type Difference } from './difference.js';

/**
 * O-22: the ledger against finance's file, by customer and document. PostgreSQL pairs them and lets go of those that agree;
 * only what is left is looked at one by one.
 */

export interface FinanceRow {
  readonly distributorCode: string;
  readonly document: string;
  readonly bookedOn: string;
  readonly amount: string;
  readonly quantity?: string | undefined;
}

/** Adds rows to finance's file, after those that are there. @returns how many there are now */
export async function addRows(sql: Sql, reconciliation: string, rows: readonly FinanceRow[]): Promise<number> {
  const [had] = await sql.query<{ last: number }>(
    'SELECT coalesce(max(line), 0)::int AS last FROM finance_row WHERE reconciliation = $1',
    [reconciliation],
  );
  await sql.query(
    `INSERT INTO finance_row (reconciliation, line, customer, document_number, booked_on, amount, quantity)
     SELECT $1, $2 + n, customer, document, day, amount, quantity
     FROM unnest($3::text[], $4::text[], $5::date[], $6::numeric[], $7::numeric[]) WITH ORDINALITY t(customer, document, day, amount, quantity, n)`,
    [
      reconciliation,
      had!.last,
      rows.map(({ distributorCode }) => distributorCode),
      rows.map(({ document }) => document),
      rows.map(({ bookedOn }) => bookedOn),
      rows.map(({ amount }) => amount),
      rows.map(({ quantity }) => quantity ?? null),
    ],
  );
  return had!.last + rows.length;
}

export const forgetRows = (sql: Sql, reconciliation: string) =>
  sql.query('DELETE FROM finance_row WHERE reconciliation = $1', [reconciliation]);

interface Unequal {
  readonly customer: string;
  readonly document: string;
  readonly ledger: string | null;
  readonly finance: string | null;
  readonly rows: number;
  readonly each: string | null;
  readonly ledger_quantity: string | null;
  readonly finance_quantity: string | null;
  readonly elsewhere: boolean;
  readonly other_period: boolean;
}

export interface Comparison {
  readonly ledgerDocuments: number;
  readonly ledgerAmount: Money;
  readonly financeDocuments: number;
  readonly financeAmount: Money;
  readonly differences: number;
  readonly differenceAmount: Money;
  readonly unexplained: number;
}

/** Compares, and keeps the differences; one that was there before, just so, keeps its explanation. */
export async function compare(sql: Sql, reconciliation: string): Promise<Comparison> {
  const [totals] = await sql.query<{ ledger: number; ledger_sum: string; finance: number; finance_sum: string }>(
    summing,
    [reconciliation],
  );
  const unequal = await sql.query<Unequal>(pairing, [reconciliation]);
  const found = unequal.flatMap((row) => {
    const difference = differenceOf(pairOf(row));
    return difference ? [{ ...row, ...difference }] : [];
  });
  const unexplained = await keep(sql, reconciliation, found);
  return {
    ledgerDocuments: totals!.ledger,
    ledgerAmount: Money.of(totals!.ledger_sum),
    financeDocuments: totals!.finance,
    financeAmount: Money.of(totals!.finance_sum),
    differences: found.length,
    differenceAmount: Money.sum(
      found.map(({ difference }) => (difference.isNegative() ? difference.negate() : difference)),
    ),
    unexplained,
  };
}

const money = (text: string | null) => (text === null ? undefined : Money.of(text));
const quantity = (text: string | null) => (text === null ? undefined : Quantity.of(text));

const pairOf = (row: Unequal) => ({
  ledger: money(row.ledger),
  finance: money(row.finance),
  rows: row.rows,
  each: money(row.each),
  ledgerQuantity: quantity(row.ledger_quantity),
  financeQuantity: quantity(row.finance_quantity),
  elsewhere: row.elsewhere,
  otherPeriod: row.other_period,
});

const BATCH = 10_000;

/** @returns how many have no explanation */
async function keep(sql: Sql, reconciliation: string, found: readonly (Unequal & Difference)[]): Promise<number> {
  const before = await sql.query<{ key: string; explanation: string; explained_by: string }>(
    `DELETE FROM reconciliation_difference WHERE reconciliation = $1
     RETURNING concat_ws(' ', customer, document_number, code, difference) AS key, explanation, explained_by`,
    [reconciliation],
  );
  const explained = new Map(before.filter(({ explanation }) => explanation).map((row) => [row.key, row]));
  const known = ({ customer, document, code, difference }: Unequal & Difference) =>
    explained.get(`${customer} ${document} ${code} ${String(difference)}`);
  for (let from = 0; from < found.length; from += BATCH) {
    const batch = found.slice(from, from + BATCH);
    await sql.query(keeping, [
      reconciliation,
      from,
      batch.map(({ customer }) => customer),
      batch.map(({ document }) => document),
      batch.map(({ code }) => code),
      batch.map(({ ledger }) => ledger),
      batch.map(({ finance }) => finance),
      batch.map((row) => row.ledger_quantity),
      batch.map((row) => row.finance_quantity),
      batch.map(({ difference }) => String(difference)),
      batch.map((row) => known(row)?.explanation ?? null),
      batch.map((row) => known(row)?.explained_by ?? null),
    ]);
  }
  return found.filter((row) => !known(row)).length;
}

const keeping = `
INSERT INTO reconciliation_difference (reconciliation, line, customer, document_number, code, ledger_amount, finance_amount,
  ledger_quantity, finance_quantity, difference, explanation, explained_by)
SELECT $1, $2 + n, customer, document, code, ledger, finance, lq, fq, difference, explanation, explained_by
FROM unnest($3::text[], $4::text[], $5::text[], $6::numeric[], $7::numeric[], $8::numeric[], $9::numeric[], $10::numeric[], $11::text[], $12::text[])
  WITH ORDINALITY t(customer, document, code, ledger, finance, lq, fq, difference, explanation, explained_by, n)`;

/** Booked by the time it was opened: in its days, or on earlier ones after the run before was opened. */
const ledgerOfRun = `
run AS (SELECT * FROM reconciliation WHERE id = $1),
entry AS (
  SELECT e.*, false AS late FROM run r JOIN ledger_entry e ON e.booked_on BETWEEN r.from_day AND r.to_day AND e.booked_at <= r.opened_at
  UNION ALL
  SELECT e.*, true FROM run r JOIN ledger_entry e ON e.booked_at > r.after_at AND e.booked_at <= r.opened_at
  WHERE e.booked_on < r.from_day AND NOT e.historic
)`;

const summing = `
WITH ${ledgerOfRun},
finance AS (SELECT count(*)::int AS n, coalesce(sum(amount), 0)::text AS sum FROM finance_row WHERE reconciliation = $1)
SELECT count(*)::int AS ledger, coalesce(sum(amount), 0)::text AS ledger_sum, (SELECT n FROM finance) AS finance, (SELECT sum FROM finance) AS finance_sum
FROM entry`;

const pairing = `
WITH ${ledgerOfRun},
booked AS MATERIALIZED (
  SELECT distributor, document_number, sum(amount) AS amount, min(document_kind) AS kind, (array_agg(document))[1] AS document, bool_or(late) AS late
  FROM entry GROUP BY distributor, document_number
),
given AS MATERIALIZED (
  SELECT f.customer, d.id AS distributor, f.document_number, sum(f.amount) AS amount, count(*)::int AS rows,
         CASE WHEN min(f.amount) = max(f.amount) THEN min(f.amount) END AS each, sum(f.quantity) AS quantity,
         bool_or(f.booked_on NOT BETWEEN r.from_day AND r.to_day) AS outside
  FROM run r JOIN finance_row f ON f.reconciliation = r.id LEFT JOIN known_distributor d ON d.code = f.customer
  GROUP BY f.customer, d.id, f.document_number
),
unequal AS (
  SELECT b.*, g.customer, g.distributor AS of, g.document_number AS number, g.amount AS given, g.rows, g.each, g.quantity,
         coalesce(g.outside AND NOT b.late, false) AS other_period
  FROM booked b FULL JOIN given g ON g.distributor = b.distributor AND g.document_number = b.document_number
  WHERE b.amount IS DISTINCT FROM g.amount OR (g.outside AND NOT b.late)
)
SELECT coalesce(k.code, u.customer) AS customer, coalesce(u.document_number, u.number) AS document, u.amount::text AS ledger, u.given::text AS finance,
       coalesce(u.rows, 0) AS rows, u.each::text AS each, u.quantity::text AS finance_quantity,
       CASE WHEN u.quantity IS NULL THEN NULL
         WHEN u.kind = 'invoice' THEN (SELECT sum(l.quantity)::text FROM shipment_line l WHERE l.shipment IN (
           SELECT i.shipment FROM invoice i WHERE i.id = u.document AND i.shipments IS NULL
           UNION ALL SELECT s.shipment FROM invoice_shipment s WHERE s.invoice = u.document))
         WHEN u.kind = 'credit-note' THEN (SELECT sum(l.quantity)::text FROM credit_note c, jsonb_to_recordset(c.lines) AS l(quantity numeric) WHERE c.id = u.document)
       END AS ledger_quantity,
       CASE WHEN u.amount IS NULL THEN EXISTS (SELECT FROM ledger_entry e WHERE e.document_number = u.number AND e.distributor = u.of)
         WHEN u.given IS NULL THEN EXISTS (SELECT FROM finance_row f WHERE f.document_number = u.document_number AND f.customer = k.code AND f.reconciliation <> $1)
         ELSE false END AS elsewhere,
       u.other_period
FROM unequal u LEFT JOIN known_distributor k ON k.id = u.distributor
ORDER BY 1, 2`;
