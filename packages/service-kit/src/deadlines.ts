import { kebab } from '@fenxiao/procedures/procedure';
import type { SqlEntityManager } from '@mikro-orm/postgresql';
import { CompiledQuery } from 'kysely';
import { isTimed } from './clocks.js';
import type { AnyBound, Entity } from './engine.js';

/** when a move is due, and by which clause. `dueAt` is UTC, RFC 3339. */
export interface Deadline {
  readonly move: string;
  readonly dueAt: string;
  readonly clause: string;
  /** a warning has been published */
  readonly warned?: true;
  /** the time is over and the move not made */
  readonly breached?: true;
}

/** The deadlines of the clocks that run for these subjects, the first to come first; one query for all of them. */
export async function deadlinesOf(
  em: SqlEntityManager,
  bound: AnyBound,
  subjects: readonly Entity[],
): Promise<(subject: Entity) => readonly Deadline[]> {
  if (subjects.length === 0 || !isTimed(bound.procedure)) return () => [];
  const { rows } = await em.getKysely().executeQuery<{
    subject: string;
    move: string;
    rule: string;
    due_at: Date | string;
    warned: boolean;
    breached: boolean;
  }>(
    CompiledQuery.raw(
      `SELECT subject, move, rule, due_at, warned_at IS NOT NULL AS warned, breached_at IS NOT NULL AS breached
       FROM clock WHERE subject = ANY($1) AND stopped_at IS NULL ORDER BY due_at, id`,
      [subjects.map(({ id }) => id)],
    ),
  );
  const bySubject = Map.groupBy(rows, ({ subject }) => subject);
  return ({ id }) =>
    (bySubject.get(id) ?? []).map(({ move, rule, due_at, warned, breached }) => ({
      move: kebab(move),
      dueAt: new Date(due_at).toISOString(),
      clause: rule,
      ...(warned ? { warned } : {}),
      ...(breached ? { breached } : {}),
    }));
}

/** The same in OpenAPI. */
export const deadlinesSchema = {
  type: 'array',
  description: 'X-13: the time limits that run, the first to end first; in what is read, not in answers to moves',
  items: {
    type: 'object',
    required: ['move', 'dueAt', 'clause'],
    properties: {
      move: { type: 'string', description: 'the move that is waited for' },
      dueAt: { type: 'string', format: 'date-time' },
      clause: { type: 'string', description: 'clause of the regulations that sets the limit' },
      warned: { type: 'boolean', enum: [true], description: 'a warning has been published' },
      breached: { type: 'boolean', enum: [true], description: 'the time is over' },
    },
  },
};
