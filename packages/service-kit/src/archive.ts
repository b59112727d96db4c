import { createHash } from 'node:crypto';
import { documentEvents } from '@fenxiao/contracts/platform';
import { label } from '@fenxiao/domain/dictionary';
import { newId } from '@fenxiao/domain/id';
import type { Sql } from '@fenxiao/messaging/sql';
import { movesFrom, type Procedure } from '@fenxiao/procedures/procedure';
import canonicalize from 'canonicalize';
import { system } from './actor.js';
import type { AnyBound, Entity } from './engine.js';
import { redacted } from './masking.js';
import type { Work } from './work.js';

/**
 * X-14 Archive 备档: a subject that reaches its end is sealed in the same transaction: its record as canonical JSON with
 * its SHA-256. Opened again and closed again, or changed where it is closed, it is sealed as the next version.
 */

/**
 * Years a document is kept, by procedure; `RETENTION_YEARS` overrules it. Vouchers of the accounts 30 years (会计档案管理办法),
 * everything else 10.
 */
const retentionYears: Readonly<Record<string, number>> = {
  invoice: 30,
  payment: 30,
  shipment: 30,
  'goods-receipt': 30,
};
const usualYears = 10;

/** Who has the original where the procedure does not say: the clerk who keeps the archive. */
const usualHolders = [{ holder: 'sales-support-clerk', kind: 'original' }] as const;

/** The states that no move leaves. */
export const endStates = (procedure: Procedure): string[] =>
  procedure.states.filter((state) => movesFrom(procedure, state).length === 0);

/** Whether a state closes a subject for good, or until it is opened again. */
export const isSealedIn = (procedure: Procedure, state: string) =>
  movesFrom(procedure, state).length === 0 || procedure.archive?.states?.includes(state) === true;

/** Seals a subject at the end of its transaction, if the state it has entered, or was changed in, closes it. */
export function sealIfClosed(work: Work, bound: AnyBound, subject: Entity): void {
  if (isSealedIn(bound.procedure as Procedure, subject.state))
    work.atEnd.set(subject.id, () => seal(work, bound, subject));
}

async function seal(work: Work, bound: AnyBound, subject: Entity): Promise<void> {
  const procedure = bound.procedure as Procedure;
  // Nobody's special view: what only some may see (O-52) is left out, since every reader may read the archive; so are
  // fields that tell of a person, since nothing sealed can be erased.
  const record = redacted(procedure, bound.view(subject, system));
  const number = typeof record['number'] === 'string' ? record['number'] : null;
  const [last] = await work.query<{ version: number }>(
    'SELECT max(version) AS version FROM archive_document WHERE procedure = $1 AND subject = $2',
    [procedure.name, subject.id],
  );
  const moves = await work.query(
    `SELECT id::text AS audit, at, actor, role, move, rule, reason FROM audit
     WHERE subject = $1 AND procedure = $2 AND outcome = 'done' ORDER BY audit.id`,
    [subject.id, procedure.name],
  );
  const { id, state, region, createdBy, createdAt, enteredAt, approvals } = subject;
  const version = (last?.version ?? 0) + 1;
  const content = canonical({
    procedure: procedure.name,
    clause: procedure.clause,
    subject: id,
    number,
    version,
    state,
    createdBy,
    createdAt,
    enteredAt,
    record,
    approvals: approvals.map((decision) => ({ ...decision, roleName: label(decision.role) })),
    moves,
  });
  const years =
    work.config.RETENTION_YEARS[procedure.name] ??
    procedure.archive?.retentionYears ??
    retentionYears[procedure.name] ??
    usualYears;
  const hash = hashOf(content);
  const document = {
    id: newId(),
    retainUntil: work.calendar.addMonths(work.today, years * 12),
    holders: (procedure.archive?.copies ?? usualHolders).map(({ holder, kind }) => ({ holder, kind })),
  };
  await work.query(
    `INSERT INTO archive_document (id, procedure, subject, number, version, region, unit, created_by, owner, sealed_at, retain_until, holders, content, hash)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12::jsonb, $13, $14)`,
    [
      document.id,
      procedure.name,
      id,
      number,
      version,
      region,
      subject.unit,
      createdBy,
      subject.owner,
      work.now,
      document.retainUntil,
      JSON.stringify(document.holders),
      content,
      hash,
    ],
  );
  const about = { procedure: procedure.name, about: id, ...(number ? { number } : {}), version };
  const { retainUntil, holders } = document;
  work.publish(
    documentEvents(work.service).sealed,
    { id: document.id, events: 0 },
    { ...about, state, hash: hash.toString('hex'), retainUntil, holders },
    { rule: 'X-14', ...(region ? { region } : {}) },
  );
}

/** RFC 8785 of what JSON makes of a value. */
export const canonical = (value: unknown): string => canonicalize(JSON.parse(JSON.stringify(value)))!;
export const hashOf = (content: string): Buffer => createHash('sha256').update(content).digest();

/** The hash of the last sealed version of a subject, hex. */
export async function sealOf(sql: Sql, procedure: string, subject: string): Promise<string | undefined> {
  const [found] = await sql.query<{ hash: Buffer }>(
    'SELECT hash FROM archive_document WHERE procedure = $1 AND subject = $2 ORDER BY version DESC LIMIT 1',
    [procedure, subject],
  );
  return found?.hash.toString('hex');
}
