import type { Role } from '@fenxiao/contracts/roles';
import { Ref } from '@fenxiao/contracts/wire';
import { domainError } from '@fenxiao/domain/domain-error';
import { z } from 'zod';
import type { Decision, Move, Powers, Clock, Subject } from './procedure.js';

/**
 * X-06 Approval engine: an approval is nothing but moves. Steps follow each other; the slots of one step are filled
 * in parallel, all of them or `need` of them; nobody decides twice, nobody decides on their own.
 */

export type ApprovalStep<E = never> = {
  readonly name: string;
  /** how many of the slots suffice; default all */
  readonly need?: number;
} & (
  | { /** one entry per signature: who may give it */ readonly slots: readonly Powers[] }
  | {
      /** who must sign depends on the subject; `among` names everyone it may be */
      readonly slots: (subject: E) => readonly Powers[];
      readonly among: Powers;
    }
);

interface ApprovalDeclaration<S extends string, F extends string, E> {
  readonly clause?: string;
  readonly in: S;
  readonly steps: readonly ApprovalStep<E>[];
  readonly approved: S;
  readonly rejected: S;
  /** where it goes back to for rework; absent: it can't be returned */
  readonly returned?: S;
  /** `step`: published for a signature that is not the last, needed where several are; `reassigned` says `to` whom */
  readonly facts: {
    readonly step?: F;
    readonly approved: F;
    readonly rejected: F;
    readonly returned?: F;
    readonly reassigned?: F;
    readonly expired?: F;
  };
  readonly expires?: Omit<Clock<E>, 'breach'> & { readonly to: S };
}

type ApprovalMoves<S extends string, F extends string, E> = {
  readonly approve: Move<S, F, E>;
  readonly reject: Move<S, F, E>;
  readonly return: Move<S, F, E>;
  readonly reassign: Move<S, F, E>;
  readonly expire: Move<S, F, E>;
};

/** The moves of an approval, to be spread among a procedure's moves. `return`, `reassign` and `expire` exist only where declared. */
export function approval<const S extends string, const F extends string, E = never>(
  a: ApprovalDeclaration<S, F, E>,
): ApprovalMoves<S, F, E> {
  const clause = a.clause === undefined ? {} : { clause: a.clause };
  const by = everyone(a.steps);
  const decision = (outcome: Decision['outcome'], to: S, fact: F): Move<S, F, E> => ({
    ...clause,
    from: a.in,
    to,
    by,
    fact,
    notMaker: true,
    ...(outcome === 'approved' ? {} : { reason: true }),
    decides: { outcome, steps: a.steps, ...(a.facts.step ? { stepFact: a.facts.step } : {}) },
  });
  const moves: Record<string, Move<S, F, E>> = {
    approve: decision('approved', a.approved, a.facts.approved),
    reject: decision('rejected', a.rejected, a.facts.rejected),
  };
  if (a.returned && a.facts.returned) moves['return'] = decision('returned', a.returned, a.facts.returned);
  if (a.facts.reassigned) {
    const { to: _, ...stays } = decision('reassigned', a.in, a.facts.reassigned);
    moves['reassign'] = { ...stays, form: z.object({ to: Ref('person') }) };
  }
  if (a.expires && a.facts.expired) {
    const { to, ...clock } = a.expires;
    moves['approve'] = { ...moves['approve']!, clock: { ...clock, breach: 'expire' } };
    moves['expire'] = { ...clause, from: a.in, to, by: { system: 'all' }, fact: a.facts.expired };
  }
  return moves as ApprovalMoves<S, F, E>;
}

/** Everyone who may hold a slot somewhere: what the route lets through before the step is looked at. */
const everyone = <E>(steps: readonly ApprovalStep<E>[]): Powers =>
  Object.assign({}, ...steps.flatMap((step) => ('among' in step ? [step.among] : step.slots))) as Powers;

export const alreadyDecided = domainError({
  code: 'approval.already-decided',
  kind: 'conflict',
  rule: 'X-06',
  en: 'You have already decided on this request; every signature needs another person.',
  zh: '您已对此申请作出过决定；每个签字须由不同的人作出。',
});
export const notYourStep = domainError({
  code: 'approval.not-your-step',
  kind: 'forbidden',
  rule: 'X-06',
  en: 'The step "{step}" waits for another role: {roles}.',
  zh: '当前步骤“{step}”须由其他岗位审批：{roles}。',
});

export const inOtherHands = domainError({
  code: 'approval.in-other-hands',
  kind: 'forbidden',
  rule: 'X-06',
  en: 'This signature was handed to somebody else to give.',
  zh: '该签字已转交他人办理。',
});
export const handedToMaker = domainError({
  code: 'approval.handed-to-maker',
  kind: 'unprocessable',
  rule: 'X-06',
  en: 'Whoever asked for it, or has signed already, can not be handed the signature.',
  zh: '不得将签字转交给申请人或已签字的人。',
});

/** A slot the person may fill, as the caller's powers say. */
export type SlotCheck = (slot: Powers) => Role | undefined;

/**
 * Takes one decision. Pure: returns the decision to record and whether the approval is over.
 * @param holds says by which role the person holds a slot's powers for this subject, if at all
 * @throws alreadyDecided, notYourStep
 */
export function decide<E extends Subject>(
  steps: readonly ApprovalStep<E>[],
  subject: E,
  attempt: {
    person: string;
    outcome: Decision['outcome'];
    /** to whom, when the slot is handed on */
    to?: string | undefined;
    reason?: string | undefined;
    at: Date;
    holds: SlotCheck;
  },
): { decision: Decision; complete: boolean } {
  const given = subject.approvals.filter(({ outcome }) => outcome !== 'reassigned');
  if (given.some(({ person }) => person === attempt.person)) throw alreadyDecided();
  const step = steps.find((candidate) => !passed(candidate, subject)) ?? steps.at(-1)!;
  const slots = slotsOf(step, subject);
  const taken = new Set(given.filter(({ step: name }) => name === step.name).map(({ slot }) => slot));
  const { person, outcome, to, reason, at } = attempt;
  if (to !== undefined && [subject.createdBy, ...given.map((decision) => decision.person)].includes(to))
    throw handedToMaker({}, { field: 'to' });
  let handedOn = false;
  for (const [slot, powers] of slots.entries()) {
    const role = taken.has(slot) ? undefined : attempt.holds(powers);
    if (!role) continue;
    const holder = holderOf(subject, step.name, slot);
    // Whoever holds the power may hand the slot on, so that it can't be stuck with somebody; only its holder signs.
    if (outcome !== 'reassigned' && holder !== undefined && holder !== person) {
      handedOn = true;
      continue;
    }
    const decision: Decision = { step: step.name, slot, person, role, outcome, to, reason, at: at.toISOString() };
    const complete =
      outcome !== 'approved' ||
      steps.every((candidate) => passed(candidate, { ...subject, approvals: [...given, decision] }));
    return { decision, complete };
  }
  if (handedOn) throw inOtherHands();
  const open = slots.filter((_, slot) => !taken.has(slot)).flatMap((powers) => Object.keys(powers));
  throw notYourStep({ step: step.name, roles: [...new Set(open)].join(', ') });
}

/** Whom the slot was last handed to, if to anybody. */
const holderOf = ({ approvals }: Subject, step: string, slot: number) =>
  approvals.findLast((given) => given.outcome === 'reassigned' && given.step === step && given.slot === slot)?.to;

/** One entry per signature of a step: who may give it for this subject. */
export const slotsOf = <E>(step: ApprovalStep<E>, subject: E): readonly Powers[] =>
  typeof step.slots === 'function' ? step.slots(subject) : step.slots;

/** Whether a step has the signatures it needs. */
export function passed<E extends Subject>(step: ApprovalStep<E>, subject: E): boolean {
  const signatures = subject.approvals.filter(
    ({ step: name, outcome }) => name === step.name && outcome === 'approved',
  );
  return signatures.length >= (step.need ?? slotsOf(step, subject).length);
}
