import type { Audience } from '@fenxiao/contracts/platform';
import type { Role } from '@fenxiao/contracts/roles';
import { isId } from '@fenxiao/domain/id';
import { passed, slotsOf, type ApprovalStep } from '@fenxiao/procedures/approval';
import { kebab, leaves, type Move, type Powers, type Procedure, type Scope } from '@fenxiao/procedures/procedure';
import type { Entity } from './engine.js';
import type { Work } from './work.js';

/** Whoever has to act, or to know, is told without being asked: signers of a step, and those a clock runs for. */

/**
 * asks those who may sign the open step's free slots, once, when the step begins: nobody has signed it yet. The
 * maker and those who have signed earlier steps are not asked; whom a signature is handed on to is, alone. Does nothing
 * where no decision is waited for.
 */
export function askSigners(work: Work, procedure: Procedure, subject: Entity): void {
  const decisions = Object.entries(procedure.moves as Record<string, Move>).filter(
    ([, move]) => move.decides?.outcome === 'approved' && leaves(move, subject.state),
  );
  for (const [name, move] of decisions) {
    const step = openStep(move, subject);
    const last = subject.approvals.at(-1);
    const handedTo = last?.outcome === 'reassigned' ? last.to : undefined;
    if (!step || (!handedTo && signed(subject).some((decision) => decision.step === step.name))) continue;
    const to = handedTo
      ? { persons: [handedTo] }
      : { powers: powersOf(move, subject), except: exceptions(move, subject) };
    work.notify(about('approval', procedure, subject, name, to), move.clause ?? procedure.clause);
  }
}

interface ClockNews {
  readonly breached: boolean;
  /** RFC 3339 */
  readonly dueAt: string;
  readonly rule: string;
}

/**
 * A clock has warned or is over: whoever may make its move is told, at a breach the role it escalates to as well. A
 * move that only the system makes is told to the one the subject belongs to.
 */
export function tellOfClock(
  work: Work,
  procedure: Procedure,
  subject: Entity,
  name: string,
  { breached, dueAt, rule }: ClockNews,
): void {
  const move = (procedure.moves as Record<string, Move>)[name]!;
  const { escalateTo, tell, persons } = move.clock ?? {};
  const may = tell ? widest([tell(subject as never)]) : powersOf(move, subject);
  const named = persons?.(subject as never) ?? [];
  const nobody = Object.keys(may).length === 0 && named.length === 0;
  const except = exceptions(move, subject);
  // How far the role sees is how far it is told: a region's manager of that region's only.
  const above: Powers = escalateTo ? { [escalateTo]: may[escalateTo] ?? procedure.read[escalateTo] ?? 'all' } : {};
  const to = {
    powers: widest([may, breached || nobody ? above : {}]),
    ...(nobody || named.length > 0
      ? { persons: (nobody ? [subject.owner ?? subject.createdBy] : named).filter(isId) }
      : {}),
    ...(except.length > 0 ? { except } : {}),
  };
  work.notify({ ...about(breached ? 'breach' : 'reminder', procedure, subject, name, to), dueAt }, rule);
}

function about(kind: string, procedure: Procedure, subject: Entity, move: string, to: Audience) {
  const { id, state, region, unit, createdBy, owner } = subject;
  const { number } = subject as { number?: string | null };
  return {
    kind,
    procedure: procedure.name,
    path: procedure.path,
    about: id,
    ...(number ? { number } : {}),
    move: kebab(move),
    state,
    to: {
      ...to,
      createdBy,
      ...(region ? { region } : {}),
      ...(unit ? { unit } : {}),
      ...(owner ? { owner } : {}),
    },
  };
}

/** The signatures given; one handed on is still to come. */
const signed = ({ approvals }: Entity) => approvals.filter(({ outcome }) => outcome !== 'reassigned');

const decided = (subject: Entity): string[] => [
  ...new Set([subject.createdBy, ...signed(subject).map(({ person }) => person)]),
];

/** Who is not told: of a decision who made it or has decided already, and whom the clock excepts. */
const exceptions = (move: Move, subject: Entity): string[] => [
  ...(move.decides ? decided(subject) : []),
  ...(move.clock?.except?.(subject as never) ?? []),
];

/** The first step that still needs signatures. */
const openStep = (move: Move, subject: Entity) =>
  (move.decides?.steps as readonly ApprovalStep<Entity>[] | undefined)?.find((step) => !passed(step, subject));

/** Who may make a move now; of a decision, who may fill a free slot of the open step. */
function powersOf(move: Move, subject: Entity): Powers {
  const step = openStep(move, subject);
  if (!step) return widest([move.by]);
  const taken = new Set(
    signed(subject)
      .filter((decision) => decision.step === step.name)
      .map(({ slot }) => slot),
  );
  return widest(slotsOf(step, subject).filter((_slot, i) => !taken.has(i)));
}

const breadth: readonly Scope[] = ['own', 'unit', 'region', 'all'];

/** Several powers as one, of each role the widest; the system is nobody to be told, nor who may never. */
function widest(powers: readonly Powers[]): Powers {
  const all = powers.flatMap((some) => Object.entries(some) as [Role, Scope | 'never'][]);
  const sorted = all
    .filter((power): power is [Role, Scope] => power[0] !== 'system' && power[1] !== 'never')
    .toSorted(([, a], [, b]) => breadth.indexOf(a) - breadth.indexOf(b));
  return Object.fromEntries(sorted);
}
