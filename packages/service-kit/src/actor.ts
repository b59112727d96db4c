import type { Role } from '@fenxiao/contracts/roles';
import { kebab, type Move, type Powers, type Procedure, type Scope, type Subject } from '@fenxiao/procedures/procedure';
import type { Pending } from './gate.js';

/** Who acts, with the positions held today. The token said who; the positions, learned from events, say what. */
export interface Actor {
  /** person id, or `system` */
  readonly person: string;
  readonly positions: readonly Position[];
  /** positions of absent people this person acts for now; they count for daily operation and reading only */
  readonly acting?: readonly Position[];
  /** what has been changed of the declared powers, and is in force today */
  readonly changes?: PowerChanges;
  /** what has to be read and accepted before any work */
  readonly pending?: Pending;
  readonly requestId?: string | undefined;
  readonly traceparent?: string | undefined;
}

export interface Position {
  readonly roles: readonly Role[];
  readonly region: string | null;
  readonly unit: string | null;
  /** the position's region and every region below it */
  readonly regions: readonly string[];
  /** the absent person whose position it is */
  readonly actingFor?: string;
}

/** Role → power, by `procedure.move`. */
export type PowerChanges = ReadonlyMap<string, Readonly<Record<string, Scope | 'never'>>>;

/** Clocks, events and what follows from a move act as this (X-01: system jobs have their own identity). */
export const system: Actor = {
  person: 'system',
  positions: [{ roles: ['system'], region: null, unit: null, regions: [] }],
};

/** What decides how far a power reaches. */
export type Owned = Pick<Subject, 'region' | 'unit' | 'createdBy' | 'owner'>;

/** A power as it is asked for. */
export interface Asked {
  /** of `read`, or a move's */
  readonly by: Powers;
  /** may be used by who acts for an absent holder */
  readonly daily?: boolean | undefined;
}

/**
 * the power that a move of a procedure takes, or reading it, as it is in force: as declared, with what was changed
 * since. What has no daily operation is not read for the absent either.
 * @param move name of the move as declared, or `read`
 */
export function powerTo(actor: Actor, { name, start, moves, read }: Procedure, move: string): Asked {
  const declared =
    move === 'read'
      ? { by: read, daily: [start, ...Object.values<Move>(moves)].some(({ daily }) => daily) }
      : move === start.move
        ? start
        : moves[move]!;
  return { by: changed(actor, name, move, declared.by), daily: declared.daily };
}

/** Powers with what was changed of them since; those of the slots of an approval, which only lose by a change. */
export function changed(actor: Actor, procedure: string, move: string, declared: Powers): Powers {
  const changes = actor.changes?.get(`${procedure}.${kebab(move)}`);
  return changes ? { ...declared, ...changes } : declared;
}

/** Own positions first; those of the absent only where daily operation is asked for. */
const positionsFor = ({ positions, acting }: Actor, { daily }: Asked): readonly Position[] =>
  daily && acting ? [...positions, ...acting] : positions;

/** Deny wins: one role that may never is enough. */
const denied = (positions: readonly Position[], by: Powers): boolean =>
  positions.some(({ roles }) => roles.some((role) => by[role] === 'never'));

/** the role and position by which the actor holds one of the powers over this object, if any. */
export function heldBy(actor: Actor, asked: Asked, object: Owned): { role: Role; position: Position } | undefined {
  const positions = positionsFor(actor, asked);
  if (denied(positions, asked.by)) return undefined;
  for (const position of positions)
    for (const role of position.roles) {
      const power = asked.by[role];
      if (power && power !== 'never' && reaches(power, actor, position, object)) return { role, position };
    }
  return undefined;
}

/** The first position and role that have the power at all, however far it reaches. */
export function roleFor(actor: Actor, asked: Asked): { role: Role; position: Position } | undefined {
  const positions = positionsFor(actor, asked);
  if (denied(positions, asked.by)) return undefined;
  for (const position of positions) for (const role of position.roles) if (asked.by[role]) return { role, position };
  return undefined;
}

/** Whether the actor has the role at all, in a position of their own, however far it reaches. */
export const hasRole = (actor: Actor, by: Powers): boolean => roleFor(actor, { by }) !== undefined;

function reaches(scope: Scope, actor: Actor, position: Position, object: Owned): boolean {
  switch (scope) {
    case 'all':
      return true;
    case 'region':
      return object.region !== null && position.regions.includes(object.region);
    case 'unit':
      return object.unit !== null && object.unit === position.unit;
    case 'own': {
      const person = position.actingFor ?? actor.person;
      return object.createdBy === person || object.owner === person;
    }
  }
}

/** How far an actor's view of a kind of object reaches: for the WHERE of a list (X-20: in the query, not after it). */
export interface Reach {
  readonly all: boolean;
  readonly regions: readonly string[];
  readonly units: readonly string[];
  /** persons whose own objects are seen: the actor, and whom they act for */
  readonly own: readonly string[];
}

export function reachOf(actor: Actor, asked: Asked): Reach | undefined {
  const { by } = asked;
  const positions = positionsFor(actor, asked);
  if (denied(positions, by)) return undefined;
  const held = positions.flatMap((position) =>
    position.roles.flatMap((role) => (by[role] ? [{ position, scope: by[role] }] : [])),
  );
  if (held.length === 0) return undefined;
  const at = (scope: Scope) => held.filter((power) => power.scope === scope).map(({ position }) => position);
  return {
    all: at('all').length > 0,
    regions: at('region').flatMap(({ regions }) => regions),
    units: at('unit').flatMap(({ unit }) => unit ?? []),
    own: at('own').map(({ actingFor }) => actingFor ?? actor.person),
  };
}
