import { createHash } from 'node:crypto';
import type { Sql } from '@fenxiao/messaging/sql';
import { Gauge } from 'prom-client';

/** X-15 Audit trail 审计: who did what, when, by which power and rule, or was refused it. Append-only and chained. */
export interface AuditEntry {
  readonly at: Date;
  readonly actor: string;
  readonly actingFor?: string | undefined;
  readonly role: string;
  readonly region?: string | null | undefined;
  readonly procedure: string;
  readonly subject?: string | undefined;
  readonly move: string;
  readonly outcome: 'done' | 'refused';
  readonly rule: string;
  readonly code?: string | undefined;
  readonly reason?: string | undefined;
  readonly before?: Record<string, unknown> | undefined;
  readonly after?: Record<string, unknown> | undefined;
  readonly requestId?: string | undefined;
}

const fields = [
  'at',
  'actor',
  'actingFor',
  'role',
  'region',
  'procedure',
  'subject',
  'move',
  'outcome',
  'rule',
  'code',
  'reason',
  'before',
  'after',
  'requestId',
] as const;

/** Writes entries in the caller's transaction; the chain follows right after, outside it. */
export async function writeAudit(sql: Sql, entries: readonly AuditEntry[]): Promise<void> {
  if (entries.length === 0) return;
  const cell = (value: unknown) =>
    value === undefined
      ? null
      : typeof value === 'object' && value !== null && !(value instanceof Date)
        ? JSON.stringify(value)
        : value;
  await sql.query(
    `WITH written AS (
       INSERT INTO audit (at, actor, acting_for, role, region, procedure, subject, move, outcome, rule, code, reason, before, after, request_id)
       SELECT * FROM unnest($1::timestamptz[], $2::text[], $3::uuid[], $4::text[], $5::uuid[], $6::text[], $7::uuid[], $8::text[], $9::text[],
                            $10::text[], $11::text[], $12::text[], $13::jsonb[], $14::jsonb[], $15::text[])
       RETURNING id)
     INSERT INTO audit_queue SELECT id FROM written`,
    fields.map((field) => entries.map((entry) => cell(entry[field]))),
  );
}

/** What a link's hash covers: every field, in one spelling. */
const canonical = `jsonb_build_array(a.id, extract(epoch FROM a.at), a.actor, a.acting_for, a.role, a.region, a.procedure, a.subject,
  a.move, a.outcome, a.rule, a.code, a.reason, a.before, a.after, a.request_id)::text`;

/**
 * Appends links for the rows that wait for one, oldest first. Runs in its own transaction under a lock, so the chain
 * has one order. A row committed late gets a later link; none is left out.
 * @returns links made
 */
export async function extendChain(sql: Sql, limit = 5000): Promise<number> {
  await sql.query(`SELECT pg_advisory_xact_lock(hashtext('audit chain ' || current_schema()))`);
  const rows = await sql.query<{ id: string; text: string }>(
    `WITH taken AS (DELETE FROM audit_queue WHERE audit_id = ANY(ARRAY(SELECT audit_id FROM audit_queue ORDER BY audit_id LIMIT $1)) RETURNING audit_id)
     SELECT a.id, ${canonical} AS text FROM taken t JOIN audit a ON a.id = t.audit_id ORDER BY a.id`,
    [limit],
  );
  if (rows.length === 0) return 0;
  const [last] = await sql.query<{ seq: string; hash: Buffer }>(
    'SELECT seq, hash FROM audit_link ORDER BY seq DESC LIMIT 1',
  );
  let hash: Buffer = last?.hash ?? origin;
  const hashes = rows.map(({ text }) => (hash = link(hash, text)));
  const first = BigInt(last?.seq ?? 0) + 1n;
  await sql.query(
    'INSERT INTO audit_link (seq, audit_id, hash) SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bytea[])',
    [rows.map((_, i) => first + BigInt(i)), rows.map(({ id }) => id), hashes],
  );
  return rows.length;
}

export interface ChainReport {
  readonly verified: number;
  /** K-X06: verified ÷ links must be 1 */
  readonly links: number;
  /** first link that does not hold: an edited or deleted row, or an edited link */
  readonly brokenAt?: { readonly seq: string; readonly auditId: string };
}

/** T31: walks the whole chain in pages, recomputes every link, and looks for rows that were kept out of it. */
export async function verifyChain(sql: Sql, page = 10_000): Promise<ChainReport> {
  const [count] = await sql.query<{ links: string }>('SELECT count(*) AS links FROM audit_link');
  const links = Number(count!.links);
  let hash: Buffer = origin;
  let expected = 1n;
  for (;;) {
    const rows = await sql.query<{ seq: string; audit_id: string; hash: Buffer; text: string | null }>(
      `SELECT l.seq, l.audit_id, l.hash, ${canonical} AS text FROM audit_link l LEFT JOIN audit a ON a.id = l.audit_id
       WHERE l.seq >= $1 ORDER BY l.seq LIMIT $2`,
      [expected, page],
    );
    for (const row of rows) {
      hash = link(hash, row.text ?? '');
      if (BigInt(row.seq) !== expected || !hash.equals(row.hash))
        return { verified: Number(expected - 1n), links, brokenAt: { seq: row.seq, auditId: row.audit_id } };
      expected += 1n;
    }
    if (rows.length < page) break;
  }
  const verified = Number(expected - 1n);
  auditVerified.set(verified);
  const [stray] = await sql.query<{ id: string }>(
    `SELECT id FROM audit a WHERE NOT EXISTS (SELECT FROM audit_link l WHERE l.audit_id = a.id)
       AND NOT EXISTS (SELECT FROM audit_queue q WHERE q.audit_id = a.id) ORDER BY id LIMIT 1`,
  );
  return stray ? { verified, links, brokenAt: { seq: 'none', auditId: stray.id } } : { verified, links };
}

const origin = createHash('sha256').update('fenxiao audit').digest();
const link = (previous: Buffer, text: string) => createHash('sha256').update(previous).update(text).digest();

const auditVerified = new Gauge({
  name: 'audit_links_verified',
  help: 'Links of the audit chain that held at the last verification',
});
