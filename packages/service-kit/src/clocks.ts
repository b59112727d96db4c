import type { BusinessCalendar } from '@fenxiao/domain/business-calendar';
import { leaves, type Clock, type Move, type Procedure } from '@fenxiao/procedures/procedure';
import type { Entity } from './engine.js';
import type { Work } from './work.js';

/**
 * The deadlines of moves. A clock starts when its subject enters a state the move leaves, goes on while the state is
 * one of those, and stops with the move. The instants are stored with the rule that set them.
 */

type Timed = readonly [name: string, move: Move & { clock: Clock }];

/** Whether any of its moves has a time limit. */
export const isTimed = (procedure: Procedure): boolean => timed(procedure).length > 0;

const timed = (procedure: Procedure): Timed[] =>
  Object.entries(procedure.moves as Record<string, Move>).filter(
    (entry): entry is [string, Move & { clock: Clock }] => entry[1].clock !== undefined,
  );

/**
 * Stops what no longer runs and starts what begins with the state entered. A move that keeps the state stops its own
 * clock and starts none. Where several moves do one step, its clock goes on until the step is left.
 * @param made the move just made; absent for a new subject
 * @returns the deadline of the clock that this move was made within, or too late for, if one ran
 */
export async function restartClocks(
  work: Work,
  procedure: Procedure,
  subject: Entity,
  made?: { readonly move: string; readonly from: string; readonly changed: boolean },
): Promise<Date | undefined> {
  const moves = timed(procedure);
  if (moves.length === 0) return undefined;
  const running = moves.filter(([, move]) => leaves(move, subject.state));
  if (made?.changed) await goOn(work, subject, moves, running);
  // in a state that no timed move leaves no clock runs
  const stopped = moves.some(([, move]) => made && leaves(move, made.from))
    ? await work.query<{ move: string; due_at: Date | string }>(
        `UPDATE clock SET stopped_at = $3, next_at = NULL
         WHERE subject = $1 AND stopped_at IS NULL AND (move = $2 OR NOT move = ANY($4)) RETURNING move, due_at`,
        [subject.id, made!.move, work.now, running.map(([name]) => name)],
      )
    : [];
  for (const [name, { clock, clause }] of made?.changed === false ? [] : running) {
    const { calendar } = work;
    const { revision } = calendar;
    const ends = instants(clock, subject, calendar, subject.enteredAt);
    if (!ends) continue;
    await work.query(
      `INSERT INTO clock (procedure, subject, move, rule, state, started_at, warnings, due_at, next_at, calendar)
       SELECT $1, $2, $3, $4, $5, $6, $7::timestamptz[], $8, coalesce(($7::timestamptz[])[1], $8), $9
       WHERE NOT EXISTS (SELECT FROM clock WHERE subject = $2 AND move = $3 AND stopped_at IS NULL)`,
      [
        procedure.name,
        subject.id,
        name,
        clock.clause ?? clause ?? procedure.clause,
        subject.state,
        subject.enteredAt,
        ends.warnings,
        ends.dueAt,
        revision,
      ],
    );
  }
  const kept = (name: string) => moves.some(([move, { clock }]) => move === name && clock.keptBy?.includes(made!.move));
  const own = stopped.find(({ move }) => move === made?.move) ?? stopped.find(({ move }) => kept(move));
  return own ? new Date(own.due_at) : undefined;
}

/** The clock of a step that is not done yet becomes that of the move which is now to do it: what has been told stays told. */
async function goOn(work: Work, subject: Entity, moves: readonly Timed[], running: readonly Timed[]): Promise<void> {
  for (const [name, { clock }] of running.filter(([, move]) => move.clock.step)) {
    const others = moves.filter((one) => one[1].clock.step === clock.step && !running.includes(one));
    await work.query(
      'UPDATE clock SET move = $2, state = $3 WHERE subject = $1 AND stopped_at IS NULL AND move = ANY($4)',
      [subject.id, name, subject.state, others.map(([other]) => other)],
    );
  }
}

/** When a clock warns (at 80 %, or on the mornings declared) and when it is over; undefined where none runs yet. */
export function instants(
  { within, warnAt, remindDaysBefore }: Clock,
  subject: Entity,
  calendar: BusinessCalendar,
  start: Date,
): { dueAt: Date; warnings: Date[] } | undefined {
  const limit = typeof within === 'function' ? within(subject as never, calendar) : within;
  if (!limit) return undefined;
  const fixed = limit instanceof Date;
  const dueAt = fixed ? limit : calendar.due(start, limit);
  if (remindDaysBefore) {
    const dueOn = calendar.dateOf(dueAt);
    const mornings = remindDaysBefore.map((days) => calendar.instantAt(calendar.addDays(dueOn, -days), '06:00'));
    return { dueAt, warnings: mornings.filter((at) => at > start).sort((a, b) => a.getTime() - b.getTime()) };
  }
  if (!fixed) return { dueAt, warnings: [calendar.warnAt(start, dueAt, limit)] };
  const warning = warnAt?.(subject as never, calendar);
  return { dueAt, warnings: warning && warning > start && warning < dueAt ? [warning] : [] };
}
