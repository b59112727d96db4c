import type { EventContract, FactData, Meta } from '@fenxiao/contracts/event';
import type { Role } from '@fenxiao/contracts/roles';
import { DomainError } from '@fenxiao/domain/domain-error';
import { newId } from '@fenxiao/domain/id';
import { decide } from '@fenxiao/procedures/approval';
import {
  kebab,
  leaves,
  movesFrom,
  type Move,
  type Powers,
  type Procedure,
  type Start,
  type Subject,
} from '@fenxiao/procedures/procedure';
import { LockMode, ReferenceKind, type EntityName } from '@mikro-orm/core';
import type { z } from 'zod';
import { changed, heldBy, powerTo, roleFor, type Actor, type Asked } from './actor.js';
import { sealIfClosed } from './archive.js';
import {
  bySystem,
  parse,
  parseForm,
  parseMove,
  requireReach,
  requireRole,
  requireVersion,
  type Attempt,
} from './checks.js';
import { restartClocks } from './clocks.js';
import { moveNotAllowed, notFound, ownMatter } from './errors.js';
import type { Filter } from './filters.js';
import { redacted } from './masking.js';
import { askSigners } from './notifying.js';
import type { Publisher, Work } from './work.js';

/** A subject as it is stored. */
export interface Entity extends Subject, Publisher {
  createdAt: Date;
}
/** What every new subject starts with; `create` adds its own. */
export type Base = Pick<Entity, keyof Subject | 'events' | 'createdAt'>;

type FormOf<M> = M extends { readonly form: infer F extends z.ZodType } ? z.infer<F> : Record<never, never>;
type FactName<Ev> = Exclude<keyof Ev & string, 'clock-warned' | 'clock-breached'>;
/** The forms of the moves that publish a fact. */
type FormFor<P extends Procedure, F> =
  | { [K in keyof P['moves']]: P['moves'][K]['fact'] extends F ? FormOf<P['moves'][K]> : never }[keyof P['moves']]
  | (P['start']['fact'] extends F ? z.infer<P['start']['form']> : never);

/** What a declaration can't say: where the subject is stored, what its moves do, how its facts read. */
export interface Binding<E extends Entity, P extends Procedure> {
  readonly entity: EntityName<E>;
  readonly create: (form: z.infer<P['start']['form']>, work: Work, base: Base) => E | Promise<E>;
  /** What a move does beside changing the state; throws the rule's refusal; returns the state when several are possible. */
  readonly effects?: {
    readonly [K in keyof P['moves']]?: (
      subject: E,
      form: FormOf<P['moves'][K]>,
      work: Work,
    ) => void | P['states'][number] | Promise<void | P['states'][number]>;
  };
  /** What follows once the move is made and published: other moves, in the same transaction. */
  readonly follows?: {
    readonly [K in keyof P['moves'] | P['start']['move']]?: (subject: E, work: Work) => void | Promise<void>;
  };
  readonly facts: {
    readonly [F in FactName<P['events']>]: (subject: E, form: FormFor<P, F>, work: Work) => FactData<P['events'][F]>;
  };
  /** what a reader gets; the engine adds id, state, version and the moves possible */
  readonly view: (subject: E, actor: Actor) => Record<string, unknown>;
  /** relations loaded with the subject, for its effects and its view; a list is shown without them */
  readonly populate?: readonly string[];
  /** the table holds subjects of several procedures, told apart by a column `procedure` */
  readonly shared?: true;
  /** query parameters of the list beside state and region, and the column each compares, or what else it asks for */
  readonly filters?: Readonly<Record<string, Filter>>;
  /** the day that a list runs by, newest first, unless a range of another is asked for; default: as it was made */
  readonly listedBy?: keyof E & string;
}

export interface Bound<E extends Entity = Entity, P extends Procedure = Procedure> extends Binding<E, P> {
  readonly procedure: P;
}

/** Joins a declaration with its storage, effects and facts. */
export const bind = <E extends Entity, P extends Procedure>(procedure: P, binding: Binding<E, P>): Bound<E, P> => ({
  ...binding,
  procedure,
});

/** A bound procedure of whatever type, as the kit's lists hold it. */
// oxlint-disable-next-line typescript/no-explicit-any -- variance: each binding is checked where it is declared
export type AnyBound = Bound<any, any>;

/** Creates a subject by the procedure's first move. */
export async function open<E extends Entity, P extends Procedure>(
  work: Work,
  bound: Bound<E, P>,
  attempt: Attempt,
): Promise<E> {
  const { procedure } = bound;
  const start: Start = procedure.start;
  const rule = start.clause ?? procedure.clause;
  const { actor } = work;
  const asked = powerTo(actor, procedure, start.move);
  let held = attempt.bySystem ? bySystem : requireRole(actor, procedure, start.move);
  const parsed = (attempt.bySystem ? parse : parseForm)(start.form, attempt.form) as z.infer<P['start']['form']>;
  const beginning = base(work, start, asked);
  const form = await work.personalKeys.sealed(work, procedure, beginning.id, parsed, work.now);
  const subject = await bound.create(form, work, beginning);
  if (![start.to].flat().includes(subject.state)) throw new Error(`${procedure.name} can't start as ${subject.state}`);
  if (!attempt.bySystem) held = requireReach(actor, asked, subject, rule);
  work.em.persist(subject);
  work.locked.set(subject.id, subject);
  const stamp = { procedure: procedure.name, name: kebab(start.move), to: subject.state };
  const region = subject.region ?? undefined;
  publishFact(work, bound, subject, start.fact, form, { ...held, rule, region, move: stamp });
  work.record({
    procedure: procedure.name,
    subject: subject.id,
    move: kebab(start.move),
    outcome: 'done',
    rule,
    ...held,
    region: subject.region,
    after: redacted(procedure, snapshot(work, subject)),
  });
  await work.em.flush();
  await restartClocks(work, procedure, subject);
  sealIfClosed(work, bound, subject);
  askSigners(work, procedure, subject);
  await (bound.follows as Record<string, (s: E, w: Work) => unknown> | undefined)?.[start.move]?.(subject, work);
  return subject;
}

/**
 * Loads a subject for change: its row is locked until the end of the transaction. Asked for again in the same unit of
 * work it is the same object, with what has been changed so far.
 */
export async function lock<E extends Entity, P extends Procedure>(
  work: Work,
  bound: Bound<E, P>,
  id: string,
): Promise<E> {
  const held = work.locked.get(id);
  if (held) return held as E;
  const where = { id, ...discriminator(bound) };
  const subject = await work.em.findOne(bound.entity, where as never, {
    lockMode: LockMode.PESSIMISTIC_WRITE,
    refresh: true,
  });
  if (!subject) throw notFound({ what: bound.procedure.name });
  if (bound.populate) await work.em.populate([subject], bound.populate as never);
  work.locked.set(id, subject);
  return subject;
}

/** Forms-with-states share a table; the procedure tells them apart. */
export const discriminator = (bound: AnyBound): object => (bound.shared ? { procedure: bound.procedure.name } : {});

/**
 * Makes one move on a locked subject: power, version, state, form, decision, effect, event, audit, clocks.
 * @throws DomainError naming the rule that refuses
 */
export async function make<E extends Entity, P extends Procedure>(
  work: Work,
  bound: Bound<E, P>,
  subject: E,
  name: keyof P['moves'] & string,
  attempt: Attempt = {},
): Promise<void> {
  const { procedure } = bound;
  const move: Move = (procedure.moves as unknown as Record<string, Move>)[name]!;
  const rule = move.clause ?? procedure.clause;
  if (attempt.bySystem && !move.by.system) throw new Error(`${procedure.name}.${name} is not for the system`);
  const { actor } = work;
  if (!attempt.bySystem) requireRole(actor, procedure, name);
  let held = attempt.bySystem ? bySystem : requireReach(actor, powerTo(actor, procedure, name), subject, rule);
  requireVersion(move, subject, attempt);
  if (!leaves(move, subject.state)) {
    const allowed = movesFrom(procedure, subject.state).map(kebab);
    const params = { move: kebab(name), state: subject.state, allowed: allowed.join(', ') || '—' };
    throw new DomainError({ ...moveNotAllowed.definition, rule }, params, {
      extra: { procedure: procedure.name, state: subject.state, allowed },
    });
  }
  if (move.notMaker && !attempt.bySystem && subject.createdBy === work.actor.person) throw ownMatter();
  const { reason, ...parsed } = parseMove(move, attempt);
  const form = await work.personalKeys.sealed(work, procedure, subject.id, parsed, work.now);
  const before = snapshot(work, subject);
  const from = { state: subject.state, enteredAt: subject.enteredAt };

  const complete = decideStep(work, procedure, name, subject, form, reason, (role) => (held = { role }));
  const effect = (bound.effects as Record<string, (s: E, f: unknown, w: Work) => unknown> | undefined)?.[name];
  const chosen = complete ? ((await effect?.(subject, form, work)) as string | undefined) : undefined;
  const to = complete ? target(procedure, name, move, subject, chosen) : subject.state;
  subject.version += 1;
  if (to !== subject.state) {
    subject.state = to;
    subject.enteredAt = work.now;
    if (movesFrom(procedure, to).some((next) => (procedure.moves as Record<string, Move>)[next]?.decides))
      subject.approvals = [];
  }
  const dueAt = complete
    ? await restartClocks(work, procedure, subject, { move: name, from: from.state, changed: to !== from.state })
    : undefined;
  const changes = redacted(procedure, difference(before, snapshot(work, subject)));
  const meta: FactMeta = {
    ...held,
    rule,
    region: subject.region ?? undefined,
    reason,
    move: {
      procedure: procedure.name,
      name: kebab(name),
      from: from.state,
      to,
      enteredAt: from.enteredAt.toISOString(),
      ...(dueAt ? { dueAt: dueAt.toISOString() } : {}),
    },
    ...(move.decides ? changes : {}),
  };
  const fact = complete ? move.fact : (move.decides?.stepFact ?? move.fact);
  publishFact(work, bound, subject, fact, form, meta);
  const recorded = {
    procedure: procedure.name,
    subject: subject.id,
    move: kebab(name),
    outcome: 'done',
    rule,
    ...held,
    region: subject.region,
    reason,
  } as const;
  work.record({ ...recorded, ...changes });
  sealIfClosed(work, bound, subject);
  if (move.decides || to !== from.state) askSigners(work, procedure, subject);
  if (complete)
    await (bound.follows as Record<string, (s: E, w: Work) => unknown> | undefined)?.[name]?.(subject, work);
}

/** Makes a move because another one, a clock or an event asks for it. */
export const follow = <E extends Entity, P extends Procedure>(
  work: Work,
  bound: Bound<E, P>,
  subject: E,
  name: keyof P['moves'] & string,
  form?: unknown,
  reason?: string,
) => make(work, bound, subject, name, { form, reason, bySystem: true });

type FactMeta = Omit<Meta, 'actor'>;

/** Publishes one more fact about a locked subject, beside the one its move publishes. */
export const publish = <E extends Entity, P extends Procedure>(
  work: Work,
  bound: Bound<E, P>,
  subject: E,
  fact: FactName<P['events']>,
  form: unknown = {},
  meta: LooseMeta = {},
): void => publishFact(work, bound, subject, fact, form, meta);

type LooseMeta = { [K in keyof FactMeta]?: FactMeta[K] | undefined };

function publishFact(
  work: Work,
  bound: AnyBound,
  subject: Entity,
  fact: string,
  form: unknown,
  loose: LooseMeta,
): void {
  const { procedure, facts } = bound as Bound;
  const meta = { rule: procedure.clause, region: subject.region ?? undefined, ...loose };
  const contract = (procedure.events as unknown as Record<string, EventContract>)[fact]!;
  const data = (facts as Record<string, (s: Entity, f: unknown, w: Work) => unknown>)[fact]!(subject, form, work);
  const defined = Object.fromEntries(Object.entries(meta).filter(([, value]) => value !== undefined));
  work.publish(contract, subject, redacted(procedure, data) as FactData<EventContract>, defined as FactMeta);
}

/** @returns whether the move takes effect: an approval with signatures still missing only records this one */
function decideStep(
  { actor, now: at }: Work,
  procedure: Procedure,
  name: string,
  subject: Entity,
  form: object,
  reason: string | undefined,
  by: (role: Role) => void,
): boolean {
  const { decides } = procedure.moves[name]!;
  if (!decides) return true;
  const { outcome, steps } = decides;
  const holds = (slot: Powers) => heldBy(actor, { by: changed(actor, procedure.name, name, slot) }, subject)?.role;
  const { person } = actor;
  const to = outcome === 'reassigned' ? (form as { to: string }).to : undefined;
  const { decision, complete } = decide(steps as never, subject, { person, outcome, reason, to, at, holds });
  subject.approvals = [...subject.approvals, decision];
  by(decision.role);
  return complete;
}

function target(procedure: Procedure, name: string, move: Move, subject: Entity, chosen: string | undefined): string {
  const possible = [move.to ?? subject.state].flat();
  if (chosen === undefined && possible.length === 1) return possible[0]!;
  if (chosen !== undefined && possible.includes(chosen)) return chosen;
  throw new Error(`${procedure.name}.${name}: its effect must choose among ${possible.join(', ')}, not ${chosen}`);
}

/** A new subject belongs to the region and unit of the position that gives the power to make it. */
function base(work: Work, { to }: Start, asked: Asked): Base {
  const { positions, person } = work.actor;
  const position = roleFor(work.actor, asked)?.position ?? positions[0];
  return {
    id: newId(),
    state: [to].flat()[0]!,
    version: 1,
    events: 0,
    createdBy: person,
    owner: null,
    approvals: [],
    region: position?.region ?? null,
    unit: position?.unit ?? null,
    createdAt: work.now,
    enteredAt: work.now,
  };
}

const hidden = new Set(['version', 'events', 'enteredAt', 'createdAt', 'createdBy', 'id', 'approvals']);

/** The plain columns of a subject, as the audit keeps them. */
function snapshot(work: Work, subject: Entity): Record<string, unknown> {
  const { props } = work.em.getMetadata().get(subject.constructor as never);
  const plain = props.filter(({ name, kind }) => kind === ReferenceKind.SCALAR && !hidden.has(name));
  const read = subject as unknown as Record<string, unknown>;
  return Object.fromEntries(plain.map(({ name }) => [name, wire(read[name])]));
}
const wire = (value: unknown): unknown =>
  value === null ||
  value === undefined ||
  typeof value === 'number' ||
  typeof value === 'boolean' ||
  typeof value === 'string'
    ? (value ?? null)
    : (JSON.parse(JSON.stringify(value)) as unknown);

function difference(before: Record<string, unknown>, after: Record<string, unknown>) {
  const changed = Object.keys(after).filter((key) => JSON.stringify(before[key]) !== JSON.stringify(after[key]));
  const pick = (from: Record<string, unknown>) => Object.fromEntries(changed.map((key) => [key, from[key]]));
  return { before: pick(before), after: pick(after) };
}
