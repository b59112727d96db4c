import type { AggregateContract } from '@fenxiao/contracts/event';
import type { Role } from '@fenxiao/contracts/roles';
import type { DataClass } from '@fenxiao/contracts/wire';
import type { BusinessCalendar, Limit } from '@fenxiao/domain/business-calendar';
import type { z } from 'zod';
import type { ApprovalStep } from './approval.js';

/**
 * A procedure of the regulations as one declaration: who may do what, in which state, with which form, within which
 * time, and which fact is published. The service kit mounts it: routes, checks, audit, events, clocks, documentation.
 */

/** How far a power reaches: what I made or own, my region and those below it, my unit, everything. */
export type Scope = 'own' | 'region' | 'unit' | 'all';
/**
 * Which roles hold a power, and how far; `never`: who holds that role has not got it, whatever else they hold. `system`
 * stands for clocks, events and what follows from another move.
 */
export type Powers = { readonly [R in Role]?: Scope | 'never' };

/** The columns every subject of a procedure has, whatever else it is. */
export interface Subject {
  readonly id: string;
  state: string;
  /** counts changes: the ETag */
  version: number;
  /** region that decides who sees it; null when it belongs to none */
  region: string | null;
  unit: string | null;
  /** person who made it, and person it belongs to where that is another */
  createdBy: string;
  owner: string | null;
  enteredAt: Date;
  approvals: Decision[];
}

/** One decision of an approver on one step. */
export interface Decision {
  readonly step: string;
  readonly slot: number;
  readonly person: string;
  readonly role: Role;
  readonly outcome: 'approved' | 'rejected' | 'returned' | 'reassigned';
  /** whom the slot was handed to */
  readonly to?: string | undefined;
  readonly reason?: string | undefined;
  /** RFC 3339 */
  readonly at: string;
}

/**
 * A deadline on a move: it runs from the moment the subject enters a state the move leaves, and stops with the move.
 * A warning is published at 80 % of the time, a breach at 100 %.
 */
export interface Clock<E = never> {
  readonly clause?: string;
  /** a limit from entering the state, or what the subject says: the limit, or the instant itself */
  readonly within: Limit | ((subject: E, calendar: BusinessCalendar) => Limit | Date);
  /** when a computed instant is warned of; a limit is at 80 % by itself */
  readonly warnAt?: (subject: E, calendar: BusinessCalendar) => Date;
  /** who is told, where not everybody who may make the move has to act on this subject */
  readonly tell?: (subject: E) => Powers;
  /** persons told beside them, by id, and who is never told, whatever their powers */
  readonly persons?: (subject: E) => readonly string[];
  readonly except?: (subject: E) => readonly string[];
  /** warnings so many days before the end, in the morning, instead of the one at 80 % */
  readonly remindDaysBefore?: readonly number[];
  readonly escalateTo?: Role;
  /** the move the system makes when the time is over; without it the breach is only published */
  readonly breach?: string;
}

export interface Move<S extends string = string, F extends string = string, E = never> {
  /** clause of the catalogue, when it is another than the procedure's */
  readonly clause?: string;
  readonly from: S | readonly S[];
  /** absent: the state stays; several: the effect says which */
  readonly to?: S | readonly S[];
  readonly by: Powers;
  readonly form?: z.ZodObject;
  readonly fact: F;
  /** a reason is asked for and recorded */
  readonly reason?: true;
  /** the writer must name the version seen (If-Match): for moves that edit what others may have edited */
  readonly edits?: true;
  /** nobody decides on their own: the maker may not make this move */
  readonly notMaker?: true;
  /** daily operation, so whoever acts for the absent holder of a power may make it too; never a decision */
  readonly daily?: true;
  readonly clock?: Clock<E>;
  /** set by `approval()`: this move is a decision on a step */
  readonly decides?: {
    readonly outcome: Decision['outcome'];
    readonly steps: readonly ApprovalStep<E>[];
    readonly stepFact?: F;
  };
}

export interface Start<S extends string = string, F extends string = string> {
  /** name of the creating move, such as `place` */
  readonly move: string;
  readonly clause?: string;
  readonly to: S | readonly S[];
  readonly by: Powers;
  readonly form: z.ZodObject;
  readonly fact: F;
  readonly daily?: true;
}

/** How a form looks on paper, where the general layout does not do. All names are terms of the dictionary. */
export interface PageLayout {
  /** what stands as the title, as `page` understands it: `shipping-order` is 出货单; default: the procedure's name */
  readonly title?: string;
  /** the fields printed, in this order; default: all that the reader sees */
  readonly fields?: readonly string[];
  /** the columns of a table, by the field that holds its rows; default: all */
  readonly columns?: Readonly<Record<string, readonly string[]>>;
  /** the amount that is written out in words; default: `gross` or `amount` */
  readonly total?: string;
  /** who signs, from left to right; default: who makes it and who approves it */
  readonly sign?: readonly Role[];
  /** the copies of the form (联次), as `page` understands them */
  readonly copies?: readonly string[];
}

/** How the record of a subject is kept once it is closed, where the usual does not do. */
export interface Archiving<S extends string = string> {
  /** states that seal it, beside those no move leaves */
  readonly states?: readonly S[];
  readonly retentionYears?: number;
  /** who has the original, and who copies, from the start: a role, or whoever is named */
  readonly copies?: readonly { readonly holder: string; readonly kind: 'original' | 'copy' }[];
}

export interface Procedure<
  S extends string = string,
  Ev extends AggregateContract = AggregateContract,
  St extends Start = Start,
  M extends Readonly<Record<string, Move<string, string, never>>> = Readonly<
    Record<string, Move<string, string, never>>
  >,
> {
  /** kebab-case, singular: the term of the dictionary, the aggregate of the events, the procedure of the audit */
  readonly name: string;
  /** path segment; default: name + `s` */
  readonly path: string;
  readonly clause: string;
  readonly events: Ev;
  readonly states: readonly S[];
  readonly start: St;
  readonly moves: M;
  /** who sees it, and how far */
  readonly read: Powers;
  readonly page?: PageLayout;
  readonly archive?: Archiving<S>;
  /** X-20: its class where that is stricter than its fields'; default `internal` */
  readonly class?: DataClass;
  /** who sees fields that tell of a person whole, beside the maker and the owner; everybody else sees them masked */
  readonly reveal?: Powers;
  /** who may take it out as a file, and how far; default: whoever reads all of it, but no distributor */
  readonly export?: Powers;
}

type FactOf<Ev> = Exclude<keyof Ev & string, 'clock-warned' | 'clock-breached'>;

/**
 * Declares a procedure. The type checker refuses a move from or to a state that is not listed and a fact that is not
 * in the contract; what it cannot see is checked here.
 * @throws Error for a breach move or a state that does not exist, or a state nothing leads to
 */
export function procedure<
  const S extends string,
  Ev extends AggregateContract,
  const St extends Start<NoInfer<S>, FactOf<Ev>>,
  const M extends Readonly<Record<string, Move<NoInfer<S>, FactOf<Ev>, never>>>,
>(declaration: Omit<Procedure<S, Ev, St, M>, 'path'> & { readonly path?: string }): Procedure<S, Ev, St, M> {
  const { name, states, start, moves } = declaration;
  const reached = new Set<string>([start.to].flat());
  for (const [moveName, move] of Object.entries<Move>(moves)) {
    for (const state of [move.to ?? []].flat()) reached.add(state);
    const breach = move.clock?.breach;
    if (breach && !moves[breach]) throw new Error(`${name}.${moveName}: no move "${breach}" to make at the breach`);
    if (move.daily && move.decides) throw new Error(`${name}.${moveName}: a decision is no daily operation`);
    if (breach && !moves[breach]?.by.system) throw new Error(`${name}.${breach}: the system must hold this power`);
  }
  const timed = Object.values<Move>(moves).some(({ clock }) => clock);
  if (timed && !declaration.events['clock-breached'])
    throw new Error(`${name}: its events lack those of clocks ({ clocks: true })`);
  const unreached = states.filter((state) => !reached.has(state));
  if (unreached.length > 0) throw new Error(`${name}: nothing leads to ${unreached.join(', ')}`);
  return { ...declaration, path: declaration.path ?? `${name}s` };
}

/** Whether a move may leave a state. */
export const leaves = (move: Move<string, string, never>, state: string) => [move.from].flat().includes(state);

/** The moves the table allows in a state, by name. */
export const movesFrom = (p: Procedure, state: string): string[] =>
  Object.entries(p.moves)
    .filter(([, move]) => leaves(move, state))
    .map(([name]) => name);

/** `recordHistoric` → `record-historic`: how a move reads in paths, events and the audit. */
export const kebab = (name: string) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
