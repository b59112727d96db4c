import { kebab, leaves, type Clock, type Move } from '@fenxiao/procedures/procedure';
import { LockMode } from '@mikro-orm/core';
import { system } from './actor.js';
import { instants } from './clocks.js';
import { discriminator, type AnyBound, type Entity } from './engine.js';
import type { Transactions, Work } from './work.js';

/** Clocks per transaction: their subjects are locked meanwhile, and a move on one of them waits. */
const BATCH = 100;

interface Running {
  readonly id: string;
  readonly calendar: number;
  readonly procedure: string;
  readonly subject: string;
  readonly move: string;
  readonly started_at: string | Date;
  readonly due_at: string | Date;
  readonly warned_at: string | Date | null;
  /** still to come, in order, in milliseconds */
  readonly warnings: string[] | null;
}

/** How far a pass has come. */
type Place = Pick<Running, 'calendar' | 'id'>;

interface Recomputed {
  readonly id: string;
  readonly moved: boolean;
  readonly due_at: Date;
  readonly warnings: readonly Date[];
}

/**
 * computes the deadlines of running clocks again that were computed by an earlier calendar, from when they started;
 * one pass. What has been published is not repeated, and a clock that is over stays so. New instants and the revision they
 * are of commit together, so a crash loses nothing and no clock is done twice; a clock whose subject is busy is skipped and
 * found by the next pass. Any number of processes may run one.
 * @returns how many deadlines or warnings moved
 */
export async function recomputeClocks(
  transactions: Transactions,
  procedures: readonly AnyBound[],
  onTrouble: (error: unknown) => void,
): Promise<number> {
  const byName = new Map(procedures.map((bound) => [(bound.procedure as { name: string }).name, bound]));
  let moved = 0;
  const batch = (after: Place) =>
    transactions.run(system, async (work) => {
      const { revision } = work.calendar;
      const behind = await work.query<Running>(nextBehind, [revision, after.calendar, after.id, BATCH]);
      const count = behind.length > 0 ? await recompute(work, byName, behind, onTrouble) : 0;
      return { count, last: behind.at(-1) };
    });
  for (let last: Place | undefined = { calendar: -1, id: '0' }; last !== undefined;) {
    const done: Awaited<ReturnType<typeof batch>> = await batch(last);
    moved += done.count;
    last = done.last;
  }
  return moved;
}

/** Locks the subjects before their clocks, as moves do, but waits for none of them: so nobody waits in a circle. */
async function recompute(
  work: Work,
  byName: ReadonlyMap<string, AnyBound>,
  behind: readonly Running[],
  onTrouble: (error: unknown) => void,
): Promise<number> {
  const locked = new Map<string, Entity>();
  for (const [name, clocks] of Map.groupBy(behind, ({ procedure }) => procedure)) {
    const bound = byName.get(name);
    const ids = clocks.map(({ subject }) => subject);
    for (const subject of bound ? await lockFree(work, bound, ids) : []) locked.set(subject.id, subject);
  }
  const clocks = await work.query<Running>(lockClocks, [
    behind.filter(({ subject, procedure }) => locked.has(subject) || !byName.has(procedure)).map(({ id }) => id),
  ]);
  // No await from here to the last instant: all of them are of this revision.
  const { revision } = work.calendar;
  const computed = clocks.map((clock): Recomputed => {
    const unchanged = { id: clock.id, moved: false, due_at: new Date(clock.due_at), warnings: timesOf(clock) };
    const subject = locked.get(clock.subject);
    const move = (byName.get(clock.procedure)?.procedure.moves as Record<string, Move> | undefined)?.[clock.move];
    if (!subject || !move?.clock || !leaves(move, subject.state)) return unchanged;
    try {
      const left = remaining(move.clock, subject, work, clock);
      if (!left) return unchanged;
      const { dueAt, warnings } = left;
      const moved = dueAt.getTime() !== unchanged.due_at.getTime() || String(warnings) !== String(unchanged.warnings);
      if (moved) recordChange(work, clock, subject, dueAt);
      return { id: clock.id, moved, due_at: dueAt, warnings };
    } catch (error) {
      onTrouble(error); // it keeps the deadline it has
      return unchanged;
    }
  });
  await work.query(store, [revision, JSON.stringify(computed)]);
  return computed.filter(({ moved }) => moved).length;
}

/** Warnings are published in order: those left are the last of them. */
function remaining(clock: Clock, subject: Entity, work: Work, { started_at, warned_at, warnings: left }: Running) {
  const ends = instants(clock, subject, work.calendar, new Date(started_at));
  if (!ends) return undefined;
  const { dueAt, warnings } = ends;
  const published = warned_at !== null;
  return {
    dueAt,
    warnings: published ? warnings.slice(warnings.length - Math.min(left?.length ?? 0, warnings.length)) : warnings,
  };
}

async function lockFree(work: Work, bound: AnyBound, ids: readonly string[]): Promise<Entity[]> {
  const where = { id: { $in: ids }, ...discriminator(bound) };
  const lockMode = LockMode.PESSIMISTIC_PARTIAL_WRITE; // FOR UPDATE SKIP LOCKED
  const subjects = (await work.em.find(bound.entity, where, { lockMode })) as Entity[];
  if (bound.populate) await work.em.populate(subjects, bound.populate as never);
  return subjects;
}

const recordChange = (work: Work, { procedure, move, due_at: before }: Running, subject: Entity, dueAt: Date) =>
  work.record({
    procedure,
    subject: subject.id,
    move: kebab(move),
    outcome: 'done',
    rule: 'X-13',
    role: 'system',
    region: subject.region,
    reason: 'the working calendar has changed',
    before: { dueAt: new Date(before).toISOString() },
    after: { dueAt: dueAt.toISOString() },
  });

const timesOf = ({ warnings }: Running) => (warnings ?? []).map((at) => new Date(Number(at)));

const nextBehind = `
SELECT id, calendar, procedure, subject FROM clock
WHERE next_at IS NOT NULL AND calendar < $1 AND (calendar, id) > ($2, $3) ORDER BY calendar, id LIMIT $4`;
const lockClocks = `
SELECT id, procedure, subject, move, started_at, due_at, warned_at,
  ARRAY(SELECT (extract(epoch FROM w) * 1000)::bigint::text FROM unnest(warnings) w ORDER BY w) AS warnings
FROM clock WHERE id = ANY($1) AND next_at IS NOT NULL ORDER BY id FOR UPDATE`;
const store = `
UPDATE clock c SET calendar = $1, due_at = n.due_at, warnings = n.warnings,
  next_at = CASE WHEN n.moved THEN coalesce(n.warnings[1], n.due_at) ELSE c.next_at END
FROM jsonb_to_recordset($2::jsonb) n(id bigint, moved boolean, due_at timestamptz, warnings timestamptz[]) WHERE c.id = n.id`;
