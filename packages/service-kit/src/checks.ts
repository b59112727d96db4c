import type { Role } from '@fenxiao/contracts/roles';
import { DomainError } from '@fenxiao/domain/domain-error';
import { kebab, type Move, type Powers, type Procedure, type Start } from '@fenxiao/procedures/procedure';
import type { z } from 'zod';
import { heldBy, powerTo, roleFor, type Actor, type Asked, type Owned, type Position } from './actor.js';
import { bodyOf, closed, fieldErrors } from './closed.js';
import { invalidForm, noPower, notDaily, outsideScope, staleVersion, versionNeeded } from './errors.js';

/** What is asked before a move is made: power, reach, version, form. */

export interface Attempt {
  /** the form; the body of a request may hold the reason as well */
  readonly form?: unknown;
  readonly reason?: string | undefined;
  /** version the writer saw */
  readonly ifMatch?: number | undefined;
  /** true: made by a clock, an event or another move, not asked for by a person */
  readonly bySystem?: boolean;
}

/** The rule in force is named in the refusal, not the engine's own. */
const refused = (of: typeof noPower, rule: string, params?: Record<string, string>) =>
  new DomainError({ ...of.definition, rule }, params);

/** By which power something is done: the role, and the absent person it belongs to. */
export interface Held {
  readonly role: Role;
  readonly actingFor?: string;
}
/** Clocks, events, other moves: no power is asked for. */
export const bySystem: Held = { role: 'system' };
const heldAs = ({ role, position: { actingFor } }: { role: Role; position: Position }): Held => ({
  role,
  ...(actingFor ? { actingFor } : {}),
});

/** Whether the actor may make the move at all, before anything is looked at. @throws noPower, notDaily */
export function requireRole(actor: Actor, procedure: Procedure, name: string): Held {
  const move: Move | Start = name === procedure.start.move ? procedure.start : procedure.moves[name]!;
  const rule = move.clause ?? procedure.clause;
  const asked = powerTo(actor, procedure, name);
  const found = roleFor(actor, asked);
  if (found) return heldAs(found);
  if (roleFor(actor, { ...asked, daily: true })) throw notDaily({ move: kebab(name) });
  const roles = Object.entries(asked.by).flatMap(([role, power]) => (power === 'never' ? [] : role));
  throw refused(noPower, rule, { move: kebab(name), roles: roles.join(', ') || '—' });
}

/**
 * For routes that are no procedure's: the role by which the actor may do this, in a position of their own.
 * @param move what is done, as the refusal names it
 * @throws noPower
 */
export function requirePower(actor: Actor, by: Powers, move: string, rule = 'X-02'): Role {
  const found = roleFor(actor, { by });
  if (!found) throw refused(noPower, rule, { move, roles: Object.keys(by).join(', ') || '—' });
  return found.role;
}

/** Whether the power reaches the object. @throws outsideScope */
export function requireReach(actor: Actor, asked: Asked, object: Owned, rule: string): Held {
  const found = heldBy(actor, asked, object);
  if (!found) throw refused(outsideScope, rule);
  return heldAs(found);
}

/** Whether the writer has seen what is there. @throws versionNeeded, staleVersion */
export function requireVersion(
  move: Move,
  subject: { readonly version: number },
  { ifMatch, bySystem }: Attempt,
): void {
  if (ifMatch === undefined && move.edits && !bySystem) throw versionNeeded();
  if (ifMatch !== undefined && ifMatch !== subject.version)
    throw staleVersion({ seen: ifMatch, current: subject.version });
}

/** @throws invalidForm listing every field that is wrong, or not of the form */
export const parseForm = <S extends z.ZodType>(form: S, input: unknown): z.output<S> => parse(closed(form), input);

/** A form as it is. @throws invalidForm listing every field that is wrong */
export function parse<S extends z.ZodType>(form: S, input: unknown): z.output<S> {
  const result = form.safeParse(input ?? {});
  if (result.success) return result.data;
  const errors = fieldErrors(result.error);
  const { field, message } = errors[0]!;
  throw invalidForm({ count: errors.length, first: `${field}: ${message}` }, { field, extra: { errors } });
}

/** What the system asks for is of our own making: its forms may carry more than is needed. */
export function parseMove(move: Move, { form, reason, bySystem }: Attempt): { reason?: string | undefined } {
  const body = bySystem ? bodyOf(move) : closed(bodyOf(move));
  return parse(body, { ...(form as object | undefined), ...(reason === undefined ? {} : { reason }) });
}
