import { z } from 'zod';
import { ComplaintChannel, Severity } from './complaints.js';
import { aggregate, formEvents } from './event.js';
import {
  CalendarDate,
  Code,
  Currency,
  Id,
  Instant,
  Line,
  Note,
  PersonName,
  PositiveAmount,
  Ref,
  Telephone,
} from './wire.js';

/** Complaints about service, what they cost who is at fault, and customers' opinions (C-12 to C-15, C-17). */

/** C-12: what is logged. The customer is on the books (`distributorCode`) or named. */
export const serviceComplaintForm = z.object({
  channel: ComplaintChannel.default('telephone'),
  /** when the customer told us, where that is before now */
  receivedAt: Instant.optional(),
  distributorCode: Code.optional(),
  customer: PersonName.optional(),
  telephone: Telephone.optional(),
  description: Note,
});

const serviceComplaint = {
  number: Line,
  channel: ComplaintChannel,
  receivedAt: Instant,
  regionId: Id.optional(),
  distributorId: Id.optional(),
  distributorCode: Code.optional(),
  /** known from the form on: how bad it is, who is complained of, that person's department */
  severity: Severity.optional(),
  accusedId: Ref('person').optional(),
  unit: Code.optional(),
  /** the service standard broken (D-30) */
  standard: Code.optional(),
  handlerId: Ref('person').optional(),
  /** business minutes from `receivedAt` until the customer was told what became of it (K-Q04, K-Q06) */
  responseMinutes: z.int().optional(),
  resolutionMinutes: z.int().optional(),
};

/** One per case; K-Q15: `customer-informed` ÷ `copy-filed`; K-Q16: `copy-filed` by its move's `enteredAt`. */
export const serviceComplaintEvents = aggregate(
  'complaints',
  'service-complaint',
  {
    logged: { ...serviceComplaint, description: Note },
    opened: serviceComplaint,
    'severity-changed': { ...serviceComplaint, previousSeverity: Severity },
    /** C-13: reported to the office, with what sales suggests */
    escalated: { ...serviceComplaint, suggestion: Note },
    'sent-to-department': serviceComplaint,
    /** there: somebody else than was named, or anybody */
    'handler-assigned': serviceComplaint,
    handled: { ...serviceComplaint, measures: Note },
    /** whether the complaint was found to be true */
    verified: { ...serviceComplaint, founded: z.boolean(), findings: Note },
    settled: { ...serviceComplaint, result: Note },
    'customer-informed': { ...serviceComplaint, informedOn: CalendarDate, way: ComplaintChannel },
    /** the form is done: sales keeps the original, a sealed copy goes to the office */
    'copy-sent': { ...serviceComplaint, founded: z.boolean() },
    /** the office has it; `digest` of the sealed copy, SHA-256 in hexadecimal */
    'copy-filed': { ...serviceComplaint, founded: z.boolean(), informedOn: CalendarDate, digest: Line },
  },
  { clocks: true },
);

/** C-14, C-15: what was wrong: somebody's service, or the quality of goods */
export const Fault = z.enum(['service', 'quality']);
/** whether a fine is deducted, or recorded as points only */
export const CollectedAs = z.enum(['money', 'points']);
/** C-15: without all three there is no dismissal for a quality fault */
export const DismissalFinding = z.enum(['very-serious', 'bad-consequences', 'no-remorse']);

/** C-14, C-15: what is proposed. Always a notice of criticism; of a service fault its person is known. */
export const penaltyForm = z.object({
  fault: Fault,
  /** the service complaint, or the quality complaint */
  complaintId: Id,
  /** of a quality fault: the person, or the department alone */
  personId: Ref('person').optional(),
  unit: Code.optional(),
  /** what the notice of criticism says */
  criticism: Note,
  fine: PositiveAmount.optional(),
  collectedAs: CollectedAs.optional(),
  /** default: where a service fault is grave */
  dismissal: z.boolean().optional(),
});

const penalty = {
  number: Line,
  fault: Fault,
  complaintId: Id,
  complaintNumber: Line,
  severity: Severity,
  regionId: Id.optional(),
  personId: Ref('person').optional(),
  unit: Code,
  criticism: Note,
  fine: PositiveAmount.optional(),
  collectedAs: CollectedAs.optional(),
  currency: Currency,
  dismissal: z.boolean(),
  findings: z.array(DismissalFinding),
  proposedOn: CalendarDate,
};

/**
 * Fines by count and value: `taken-effect`; appeals upheld: `appeal-upheld` ÷ `appealed`. Appraisals carries out what has
 * taken effect and answers by `penaltyAnswerEvents` under the same id.
 */
export const penaltyEvents = aggregate(
  'complaints',
  'penalty',
  {
    proposed: penalty,
    'finding-recorded': { ...penalty, finding: DismissalFinding, evidence: Note },
    'dismissal-proposed': penalty,
    approved: penalty,
    rejected: penalty,
    appealed: { ...penalty, grounds: Note },
    'appeal-upheld': penalty,
    'appeal-dismissed': penalty,
    'taken-effect': { ...penalty, effectiveOn: CalendarDate },
    /** what complaints has heard of it */
    applied: penalty,
    'not-applied': { ...penalty, code: Line.optional(), refusal: Note },
    'answer-overdue': penalty,
  },
  { clocks: true },
);

/** C-14: what appraisals makes of a penalty that has taken effect; the subject is the penalty. */
export const penaltyAnswerEvents = aggregate('appraisals', 'penalty-answer', {
  accepted: { complaintId: Id },
  /** the reason in words; `code` where a rule of appraisals refused it */
  refused: { complaintId: Id, code: Line.optional(), refusal: Note },
});

/** C-17: what customers say of how we sell. The customer is on the books (`distributorCode`) or named. */
export const OpinionKind = z.enum(['suggestion', 'criticism', 'praise']);
export const opinionForm = z.object({
  kind: OpinionKind,
  channel: ComplaintChannel.default('telephone'),
  distributorCode: Code.optional(),
  customer: PersonName.optional(),
  telephone: Telephone.optional(),
  content: Note,
  /** 重大事件: the branch general manager or the general manager hears of it at once */
  major: z.boolean().default(false),
});
const opinion = {
  number: Line,
  kind: OpinionKind,
  channel: ComplaintChannel,
  major: z.boolean(),
  recordedOn: CalendarDate,
  regionId: Id.optional(),
  distributorId: Id.optional(),
  distributorCode: Code.optional(),
  assigneeId: Ref('person').optional(),
};
/** Opinions answered: `answered` ÷ `recorded`. */
export const opinionEvents = aggregate(
  'complaints',
  'opinion',
  {
    recorded: { ...opinion, content: Note },
    /** found to be a major event after it was recorded */
    'found-major': opinion,
    assigned: opinion,
    solved: { ...opinion, solution: Note },
    answered: { ...opinion, answeredOn: CalendarDate, way: ComplaintChannel },
  },
  { clocks: true },
);

/** C-17: what the branch general manager or the general manager has to know at once. */
export const majorEventForm = z.object({
  opinionId: Ref('opinion'),
  opinionNumber: Line,
  content: Note,
  regionId: Ref('region').optional(),
  recipient: z.enum(['branch-general-manager', 'general-manager']),
  /** on the clock on the wall, from when it was raised */
  answerWithinMinutes: z.int().min(1),
});
/** Time to acknowledge: `acknowledged` by its move's `enteredAt`. */
export const majorEventEvents = formEvents(
  'complaints',
  'major-event',
  majorEventForm,
  { raised: {}, acknowledged: { instruction: Note.optional() } },
  { clocks: true },
);
