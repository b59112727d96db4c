import type { Sql } from '@fenxiao/messaging/sql';

/**
 * The next number of a series, without gaps within its period (a year): the row stays locked until the transaction
 * ends, so a rollback gives the number back. Take it late: whoever takes the next one waits for this commit.
 */
export async function nextNumber(sql: Sql, series: string, period: string): Promise<number> {
  const [row] = await sql.query<{ last: number }>(
    `INSERT INTO number_series (series, period, last) VALUES ($1, $2, 1)
     ON CONFLICT (series, period) DO UPDATE SET last = number_series.last + 1 RETURNING last`,
    [series, period],
  );
  return row!.last;
}

/** `CH-2026-000123`: series, year, number. */
export async function documentNumber(sql: Sql, series: string, date: string): Promise<string> {
  const year = date.slice(0, 4);
  return `${series}-${year}-${String(await nextNumber(sql, series, year)).padStart(6, '0')}`;
}
