import { DismissalFinding, penaltyEvents, penaltyForm } from '@fenxiao/contracts/service-complaints';
import { Line, Note } from '@fenxiao/contracts/wire';
import { hours, workingDays } from '@fenxiao/domain/business-calendar';
import { domainError } from '@fenxiao/domain/domain-error';
import { approval } from '@fenxiao/procedures/approval';
import { ownMatters } from '@fenxiao/procedures/powers';
import { procedure, type Powers } from '@fenxiao/procedures/procedure';
import { bind, follow } from '@fenxiao/service-kit/engine';
import { documentNumber } from '@fenxiao/service-kit/numbers';
import type { Work } from '@fenxiao/service-kit/work';
import { z } from 'zod';
import { settings, type ComplaintsConfig } from '../config.js';
import { decidesNot, effects, isOfPersonnel } from './penalty-moves.js';
import { Penalty, type PenaltyLimits } from './penalty-table.js';
import { forQualityFault } from './quality-fault.js';
import { forServiceFault, type Proposal } from './service-fault.js';
import { pick } from './pick.js';
import { penaltyReaders, salesOrOffice } from './sides.js';

/**
 * C-14, C-15 Penalty from a complaint 处罚: proposed by the handler, approved by personnel, open to appeal before it takes effect;
 * appraisals carries it out and answers.
 */

/** whoever is punished, and of a department its head */
const punished: Powers = { ...ownMatters, 'head-of-department': 'unit' };
/** who hears appeals */
const judges: Powers = { 'human-resources': 'all', 'general-manager': 'all' };
const system: Powers = { system: 'all' };

/** 人力资源部; where it is in the matter itself, somebody beside its people may decide, so that there is always one who can. */
const personnel: Powers = { 'human-resources': 'all' };
const besides: Powers = { ...personnel, 'sales-general-manager': 'all' };
const decision = approval({
  in: 'proposed',
  steps: [
    {
      name: 'personnel',
      slots: ({ personnelInvolved }: Penalty) => [personnelInvolved ? besides : personnel],
      among: besides,
    },
  ],
  approved: 'approved',
  rejected: 'rejected',
  facts: { approved: 'approved', rejected: 'rejected' },
});
/** in which time a proposal is decided on, and an appeal; whoever is punished, or had a hand in it, is not told */
const decided = {
  within: ({ limits }: Penalty) => workingDays(limits.decision),
  except: decidesNot,
  escalateTo: 'general-manager',
} as const;

export const penalty = bind(
  procedure({
    name: 'penalty',
    path: 'penalties',
    clause: 'C-14',
    class: 'confidential',
    events: penaltyEvents,
    states: [
      'proposed',
      'approved',
      'rejected',
      'appealed',
      'appeal-dismissed',
      'overturned',
      'in-force',
      'applied',
      'not-applied',
    ],
    read: penaltyReaders,
    page: { title: 'penalty', total: 'fine', sign: ['sales-manager', 'office', 'human-resources'] },
    start: { move: 'propose', to: 'proposed', by: salesOrOffice, form: penaltyForm, fact: 'proposed' },
    moves: {
      recordFinding: {
        clause: 'C-15',
        from: 'proposed',
        by: salesOrOffice,
        form: z.object({ finding: DismissalFinding, evidence: Note }),
        fact: 'finding-recorded',
      },
      proposeDismissal: { clause: 'C-15', from: 'proposed', by: salesOrOffice, fact: 'dismissal-proposed' },
      ...decision,
      // A finding or a dismissal added since it was read is not approved unseen.
      approve: { ...decision.approve, edits: true, clock: { ...decided, keptBy: ['reject'] } },
      appeal: {
        from: 'approved',
        to: 'appealed',
        by: punished,
        form: z.object({ grounds: Note }),
        fact: 'appealed',
        clock: {
          within: ({ limits }: Penalty) => workingDays(limits.appeal),
          tell: ({ owner }: Penalty): Powers => (owner ? {} : { 'head-of-department': 'unit' }),
          breach: 'takeEffect',
        },
      },
      upholdAppeal: {
        from: 'appealed',
        to: 'overturned',
        by: judges,
        fact: 'appeal-upheld',
        reason: true,
        notMaker: true,
        clock: { ...decided, keptBy: ['dismissAppeal'] },
      },
      dismissAppeal: {
        from: 'appealed',
        to: 'appeal-dismissed',
        by: judges,
        fact: 'appeal-dismissed',
        reason: true,
        notMaker: true,
      },
      takeEffect: { from: ['approved', 'appeal-dismissed'], to: 'in-force', by: system, fact: 'taken-effect' },
      apply: {
        from: 'in-force',
        to: 'applied',
        by: system,
        fact: 'applied',
        clock: {
          within: ({ limits }: Penalty) => hours(limits.answer),
          tell: (): Powers => personnel,
          except: ({ owner }: Penalty) => (owner ? [owner] : []),
          keptBy: ['notApply'],
          breach: 'missAnswer',
        },
      },
      notApply: {
        from: 'in-force',
        to: 'not-applied',
        by: system,
        form: z.object({ code: Line.optional(), refusal: Note }),
        fact: 'not-applied',
      },
      missAnswer: { from: 'in-force', by: system, fact: 'answer-overdue' },
    },
  }),
  {
    entity: Penalty,
    create: async (form, work, base) => {
      const proposal = await (form.fault === 'service' ? forServiceFault : forQualityFault)(work, form);
      await requireFirst(work, form.complaintId, proposal.person ?? proposal.unit);
      const { complaint, region, person, unit, fine, collectedAs, dismissal } = proposal;
      return work.em.create(Penalty, {
        ...base,
        region,
        unit,
        owner: person,
        number: await documentNumber(work, 'CF', work.today),
        fault: form.fault,
        complaint: form.complaintId,
        complaintNumber: complaint.number,
        severity: complaint.severity,
        personnelInvolved: isOfPersonnel(work) || (await punishesPersonnel(work, proposal)),
        criticism: form.criticism,
        fine,
        collectedAs,
        dismissal,
        dismissalBy: null,
        findings: [],
        proposedOn: work.today,
        limits: limitsOf(settings(work)),
        grounds: null,
        effectiveOn: null,
        answer: null,
        refusal: null,
      });
    },
    effects,
    follows: {
      approve: ({ id, number, state, owner, unit }, work) =>
        work.notify(
          {
            kind: 'information',
            procedure: 'penalty',
            path: 'penalties',
            about: id,
            number,
            move: 'appeal',
            state,
            to: owner ? { persons: [owner] } : { powers: { 'head-of-department': 'unit' }, unit: unit! },
          },
          'C-14',
        ),
      dismissAppeal: (subject, work): Promise<void> => follow(work, penalty, subject, 'takeEffect'),
    },
    facts: {
      proposed: fact,
      'finding-recorded': (subject, form, work) => ({ ...fact(subject, form, work), ...form }),
      'dismissal-proposed': fact,
      approved: fact,
      rejected: fact,
      appealed: (subject, form, work) => ({ ...fact(subject, form, work), ...form }),
      'appeal-upheld': fact,
      'appeal-dismissed': fact,
      'taken-effect': (subject, form, work) => ({ ...fact(subject, form, work), effectiveOn: subject.effectiveOn! }),
      applied: fact,
      'not-applied': (subject, form, work) => ({ ...fact(subject, form, work), ...form }),
      'answer-overdue': fact,
    },
    view: (subject) => ({
      ...pick(subject, ['number', 'region', 'fault', 'complaintNumber', 'severity', 'unit', 'criticism', 'fine']),
      ...pick(subject, ['collectedAs', 'dismissal', 'findings', 'proposedOn', 'grounds', 'effectiveOn', 'answer']),
      ...pick(subject, ['refusal', 'approvals']),
      complaintId: subject.complaint,
      personId: subject.owner,
    }),
    filters: { number: 'number', complaintId: 'complaint', personId: 'owner', unit: 'unit', answer: 'answer' },
  },
);

function fact(subject: Penalty, _: unknown, work: Work) {
  const { number, fault, complaint, complaintNumber, severity, region, owner, unit, criticism } = subject;
  const { fine, collectedAs, dismissal, findings, proposedOn } = subject;
  return {
    number,
    fault,
    complaintId: complaint,
    complaintNumber,
    severity,
    ...(region ? { regionId: region } : {}),
    ...(owner ? { personId: owner } : {}),
    unit: unit!,
    criticism,
    ...(fine && collectedAs ? { fine: String(fine), collectedAs } : {}),
    currency: work.currency,
    dismissal,
    findings: findings.map(({ finding }) => finding),
    proposedOn,
  };
}

const limitsOf = (config: ComplaintsConfig): PenaltyLimits => ({
  appeal: config.PENALTY_APPEAL_WORKING_DAYS,
  decision: config.PENALTY_DECISION_WORKING_DAYS,
  answer: config.PENALTY_ANSWER_WORKING_HOURS,
});

/** Whether it is a person of personnel, or a department that somebody of personnel works in. */
async function punishesPersonnel(work: Work, { person, unit }: Proposal): Promise<boolean> {
  const [found] = await work.query(
    `SELECT FROM known_position WHERE ${person ? 'person' : 'unit'} = $1 AND 'human-resources' = ANY (roles)
       AND valid_from <= $2 AND (valid_to IS NULL OR valid_to >= $2) LIMIT 1`,
    [person ?? unit, work.today],
  );
  return found !== undefined;
}

/** @throws already */
async function requireFirst(work: Work, complaint: string, addressee: string): Promise<void> {
  const [standing] = await work.query<{ number: string }>(
    `SELECT number FROM penalty WHERE complaint = $1 AND coalesce(owner, unit) = $2 AND state NOT IN ('rejected', 'overturned')`,
    [complaint, addressee],
  );
  if (standing) throw already({ number: standing.number });
}

const already = domainError({
  code: 'complaints.penalty.already',
  kind: 'conflict',
  rule: 'C-14',
  en: 'For this complaint there is penalty {number} already.',
  zh: '该投诉已有处罚单{number}。',
});
