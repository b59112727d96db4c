import type { Role } from '@fenxiao/contracts/roles';
import type { Powers, Scope, Subject } from '@fenxiao/procedures/procedure';
import type { Pending } from './gate.js';

/** Who acts, with the positions held today. The token said who; the positions, learned from events, say what. */
export interface Actor {
  /** person id, or `system` */
  readonly person: string;
  readonly positions: readonly Position[];
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
}

/** Clocks, events and what follows from a move act as this (X-01: system jobs have their own identity). */
export const system: Actor = {
  person: 'system',
  positions: [{ roles: ['system'], region: null, unit: null, regions: [] }],
};

/** What decides how far a power reaches. */
export type Owned = Pick<Subject, 'region' | 'unit' | 'createdBy' | 'owner'>;

/** the role and position by which the actor holds one of the powers over this object, if any. */
export function heldBy(actor: Actor, powers: Powers, object: Owned): { role: Role; position: Position } | undefined {
  for (const position of actor.positions)
    for (const role of position.roles) {
      const scope = powers[role];
      if (scope && reaches(scope, actor, position, object)) return { role, position };
    }
  return undefined;
}

/** Whether the actor has the role at all, however far it reaches. */
export const hasRole = (actor: Actor, powers: Powers): boolean =>
  actor.positions.some(({ roles }) => roles.some((role) => powers[role] !== undefined));

function reaches(scope: Scope, actor: Actor, position: Position, object: Owned): boolean {
  switch (scope) {
    case 'all':
      return true;
    case 'region':
      return object.region !== null && position.regions.includes(object.region);
    case 'unit':
      return object.unit !== null && object.unit === position.unit;
    case 'own':
      return object.createdBy === actor.person || object.owner === actor.person;
  }
}

/** How far an actor's view of a kind of object reaches: for the WHERE of a list (X-20: in the query, not after it). */
export interface Reach {
  readonly all: boolean;
  readonly regions: readonly string[];
  readonly units: readonly string[];
  /** person whose own objects are seen */
  readonly own?: string;
}

export function reachOf(actor: Actor, powers: Powers): Reach | undefined {
  const held = actor.positions.flatMap((position) =>
    position.roles.flatMap((role) => (powers[role] ? [{ position, scope: powers[role] }] : [])),
  );
  if (held.length === 0) return undefined;
  const at = (scope: Scope) => held.filter((power) => power.scope === scope).map(({ position }) => position);
  return {
    all: at('all').length > 0,
    regions: at('region').flatMap(({ regions }) => regions),
    units: at('unit').flatMap(({ unit }) => unit ?? []),
    ...(at('own').length > 0 ? { own: actor.person } : {}),
  };
}
