import { CapaStep } from '@fenxiao/contracts/quality-forms';
import type { Work } from '@fenxiao/service-kit/work';
import { dueAt, effectDueOn, type Capa, type StepRecord } from './capa-tables.js';

/** C-09: how the facts of an 8D read; K-Q17 is computed from their steps. */

/** A step counts as done by its first time in a round; what is written again later changes nothing of it. */
export function markDone(subject: Capa, step: CapaStep, work: Work): void {
  if (recordOf(subject, step)) return;
  const due = dueAt(subject, step, work.calendar);
  const entry: StepRecord = {
    step,
    round: subject.round,
    dueAt: due.toISOString(),
    doneAt: work.now.toISOString(),
    doneById: work.actor.person,
    onTime: work.now <= due,
  };
  subject.done = [...subject.done, entry];
}

const recordOf = ({ done, round }: Capa, step: CapaStep) =>
  done.find((entry) => entry.step === step && entry.round === round);

/** What the first round alone has to do; a later one begins at the root cause. */
const firstRound: readonly CapaStep[] = ['team', 'problem', 'containment', 'containment-check'];

const stepsOf = (subject: Capa, { calendar }: Work): StepRecord[] =>
  CapaStep.options
    .filter((step) => subject.round === 1 || !firstRound.includes(step))
    .map(
      (step) =>
        recordOf(subject, step) ?? {
          step,
          round: subject.round,
          dueAt: dueAt(subject, step, calendar).toISOString(),
        },
    );

function head(subject: Capa, _: unknown, work: Work) {
  const { complaint, complaintNumber, severity, region, product, productCode, repeat, carriedOutOn } = subject;
  const from = effectDueOn(subject, work.calendar);
  const { effective } = subject.record;
  return {
    number: subject.number,
    trigger: subject.trigger,
    openedAt: subject.createdAt.toISOString(),
    round: subject.round,
    complaints: subject.joined.length,
    defect: subject.defect,
    steps: stepsOf(subject, work),
    ...(complaint && complaintNumber ? { complaintId: complaint, complaintNumber } : {}),
    ...(severity ? { severity } : {}),
    ...(region ? { regionId: region } : {}),
    ...(product ? { productId: product } : {}),
    ...(productCode ? { productCode } : {}),
    ...(repeat === null ? {} : { repeat }),
    ...(carriedOutOn === null ? {} : { carriedOutOn }),
    ...(from === undefined ? {} : { effectDueOn: from }),
    ...(effective === undefined ? {} : { effective }),
  };
}

/** The fact of a move that does a step: with its limit, and whether it was kept. */
const stepDone = (step: CapaStep) => (subject: Capa, form: unknown, work: Work) => {
  const due = recordOf(subject, step)?.dueAt ?? dueAt(subject, step, work.calendar).toISOString();
  const onTime = recordOf(subject, step)?.onTime ?? work.now.toISOString() <= due;
  return { ...head(subject, form, work), step, dueAt: due, onTime };
};

interface Joining {
  readonly joinedId: string;
  readonly joinedNumber: string;
}
const joined = (subject: Capa, { joinedId, joinedNumber }: Joining, work: Work) => ({
  ...head(subject, {}, work),
  joinedId,
  joinedNumber,
});

export const facts = {
  opened: (subject: Capa, form: unknown, work: Work) => {
    const { symptom } = subject.record;
    return { ...head(subject, form, work), ...(symptom ? { symptom } : {}) };
  },
  'complaint-joined': joined,
  'team-named': (subject: Capa, form: unknown, work: Work) => ({
    ...stepDone('team')(subject, form, work),
    leaderId: subject.record.leaderId!,
    members: subject.record.members!,
  }),
  'problem-described': stepDone('problem'),
  contained: stepDone('containment'),
  'containment-confirmed': stepDone('containment-check'),
  'cause-found': stepDone('root-cause'),
  'action-chosen': head,
  'action-tested': (subject: Capa, { passed }: { passed: boolean }, work: Work) => ({
    ...stepDone('permanent-action')(subject, {}, work),
    passed,
  }),
  'carried-out': (
    subject: Capa,
    { measure, before, after }: Record<'measure' | 'before' | 'after', string>,
    work: Work,
  ) => ({ ...stepDone('implementation')(subject, {}, work), measure, before, after }),
  'prevention-set': stepDone('prevention'),
  verified: (subject: Capa, { effective }: { effective: boolean }, work: Work) => ({
    ...head(subject, {}, work),
    effective,
  }),
  closed: stepDone('closing'),
  reopened: joined,
};
