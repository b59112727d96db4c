import type { Sql } from '@fenxiao/messaging/sql';

/** What is attached to a subject, whatever its procedure. The bytes are in the store, under `keyOf`. */
export interface Attached {
  readonly n: number;
  readonly name: string;
  /** by its content */
  readonly type: string;
  readonly size: number;
  /** a photograph: it can be read to its end; null: it is none */
  readonly whole: boolean | null;
  /** hex */
  readonly sha256: string;
  /** UTC, RFC 3339; as the file says, else as whoever uploaded it says */
  readonly takenAt: string | null;
  /** where it was taken, as whoever uploaded it says */
  readonly place: string | null;
  /** degrees, six decimals, as the file says */
  readonly latitude: string | null;
  readonly longitude: string | null;
  /** not for us alone */
  readonly forCustomer: boolean;
  readonly uploadedBy: string;
  readonly uploadedAt: string;
  /** the file is gone, and what told of a person */
  readonly erasedAt: string | null;
}

const instant = (column: string) => `to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
const columns = `n, name, type, size, whole, sha256, ${instant('taken_at')} AS "takenAt", place, latitude::text, longitude::text,
  for_customer AS "forCustomer", uploaded_by AS "uploadedBy", ${instant('uploaded_at')} AS "uploadedAt",
  ${instant('erased_at')} AS "erasedAt"`;

export const attachedTo = (sql: Sql, procedure: string, subject: string) =>
  sql.query<Attached>(`SELECT ${columns} FROM attachment WHERE procedure = $1 AND subject = $2 ORDER BY n`, [
    procedure,
    subject,
  ]);

export async function attachedAs(sql: Sql, procedure: string, subject: string, n: number) {
  const [found] = await sql.query<Attached>(
    `SELECT ${columns} FROM attachment WHERE procedure = $1 AND subject = $2 AND n = $3`,
    [procedure, subject, n],
  );
  return found;
}

/** C-10: how many photographs there are that can be read and whose place is known; their time is, at the latest that of the upload. */
export async function placedPhotographs(sql: Sql, procedure: string, subject: string): Promise<number> {
  const [row] = await sql.query<{ count: number }>(
    `SELECT count(*)::int AS count FROM attachment WHERE procedure = $1 AND subject = $2 AND whole
       AND (place IS NOT NULL OR latitude IS NOT NULL)`,
    [procedure, subject],
  );
  return row!.count;
}

/** By subject and content, so that the same file is kept once per subject and one subject's files can be taken away whole. */
export const keyOf = (procedure: string, subject: string, sha256: string) => `${procedure}/${subject}/${sha256}`;
