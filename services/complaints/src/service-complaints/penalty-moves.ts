import type { DismissalFinding } from '@fenxiao/contracts/service-complaints';
import { workingDays } from '@fenxiao/domain/business-calendar';
import { domainError } from '@fenxiao/domain/domain-error';
import { hasRole } from '@fenxiao/service-kit/actor';
import { ownMatter } from '@fenxiao/service-kit/errors';
import type { Work } from '@fenxiao/service-kit/work';
import type { z } from 'zod';
import { unitsOf } from './departments.js';
import type { Penalty } from './penalty-table.js';
import { requireDismissible, withFinding } from './quality-fault.js';
import { collectedInEffect } from './service-fault.js';

/** C-14, C-15: what each move of a penalty does, and what refuses it. */

export const effects = {
  recordFinding: (
    subject: Penalty,
    form: { finding: z.infer<typeof DismissalFinding>; evidence: string },
    work: Work,
  ) => {
    const { person } = work.actor;
    if (subject.owner === person) throw ownMatter();
    subject.personnelInvolved ||= isOfPersonnel(work);
    subject.findings = withFinding(subject, { ...form, person, at: work.now.toISOString() });
  },
  proposeDismissal: (subject: Penalty, _: object, work: Work) => {
    if (subject.owner === work.actor.person) throw ownMatter();
    requireDismissible(subject);
    if (subject.dismissal) throw proposedAlready();
    subject.dismissal = true;
    subject.dismissalBy = work.actor.person;
    subject.personnelInvolved ||= isOfPersonnel(work);
  },
  approve: (subject: Penalty, _: object, work: Work) => requireNoPart(subject, work),
  reject: (subject: Penalty, _: object, work: Work) => requireNoPart(subject, work),
  appeal: async (subject: Penalty, { grounds }: { grounds: string }, work: Work) => {
    if (!(await isPunished(subject, work))) throw othersPenalty();
    if (work.now >= work.calendar.due(subject.enteredAt, workingDays(subject.limits.appeal))) throw tooLate();
    subject.grounds = grounds;
  },
  upholdAppeal: (subject: Penalty, _: object, work: Work) => requireOtherJudge(subject, work),
  dismissAppeal: (subject: Penalty, _: object, work: Work) => requireOtherJudge(subject, work),
  takeEffect: async (subject: Penalty, _: object, work: Work) => {
    subject.collectedAs = await collectedInEffect(work, subject);
    subject.effectiveOn = work.today;
    subject.answer = 'awaited';
  },
  apply: (subject: Penalty) => {
    subject.answer = 'accepted';
  },
  notApply: (subject: Penalty, { refusal }: { refusal: string }) => {
    subject.answer = 'refused';
    subject.refusal = refusal;
  },
  missAnswer: (subject: Penalty) => {
    subject.answer = 'overdue';
  },
};

/** Whether who acts is of personnel. */
export const isOfPersonnel = ({ actor }: Work): boolean => hasRole(actor, { 'human-resources': 'all' });

/** The person; of a department's penalty, whoever works there. */
const isPunished = async ({ owner, unit }: Penalty, work: Work): Promise<boolean> =>
  owner === null ? (await unitsOf(work, work.actor.person)).includes(unit!) : owner === work.actor.person;

/** Nobody decides on their own: neither who is punished nor who had a hand in the proposal. */
const involved = ({ owner, dismissalBy, findings }: Penalty): string[] =>
  [owner, dismissalBy, ...findings.map(({ person }) => person)].filter((person) => person !== null);

/** Who does not decide on it, by name; on an appeal neither does who approved. */
export const decidesNot = (subject: Penalty): string[] => [
  subject.createdBy,
  ...involved(subject),
  ...subject.approvals.map(({ person }) => person),
];

/** @throws ownMatter */
async function requireNoPart(subject: Penalty, work: Work): Promise<void> {
  if (involved(subject).includes(work.actor.person) || (await isPunished(subject, work))) throw ownMatter();
}

/** An appeal is heard by somebody else than who approved. @throws ownMatter, sameJudge */
async function requireOtherJudge(subject: Penalty, work: Work): Promise<void> {
  await requireNoPart(subject, work);
  const approver = subject.approvals.find(({ outcome }) => outcome === 'approved')?.person;
  if (approver === work.actor.person) throw sameJudge();
}

const othersPenalty = domainError({
  code: 'complaints.penalty.others',
  kind: 'forbidden',
  rule: 'C-14',
  en: 'Whoever is punished appeals, and nobody else.',
  zh: '仅被处罚人可提出申诉。',
});
const tooLate = domainError({
  code: 'complaints.penalty.appeal-over',
  kind: 'conflict',
  rule: 'C-14',
  en: 'The time for an appeal is over.',
  zh: '申诉期限已过。',
});
const proposedAlready = domainError({
  code: 'complaints.penalty.dismissal-proposed',
  kind: 'conflict',
  rule: 'C-15',
  en: 'Dismissal is proposed already.',
  zh: '已提议辞退。',
});
const sameJudge = domainError({
  code: 'complaints.penalty.same-judge',
  kind: 'forbidden',
  rule: 'C-14',
  en: 'Who approved the penalty does not decide on the appeal against it.',
  zh: '批准处罚的人不得裁决对该处罚的申诉。',
});
