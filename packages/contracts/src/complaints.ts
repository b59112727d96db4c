import { z } from 'zod';
import { aggregate } from './event.js';
import { Grade } from './prices.js';
import {
  CalendarDate,
  Code,
  Id,
  Instant,
  Line,
  Note,
  PersonName,
  PositiveAmount,
  QuantityText,
  Ref,
  Telephone,
} from './wire.js';

/** Quality complaints, owned by complaints (C-01 to C-09, C-16). */

/** C-16: 情节大小, what the clocks, the escalation and the penalty band go by. */
export const Severity = z.enum(['minor', 'medium', 'serious', 'grave']).meta({ id: 'Severity' });
export type Severity = z.infer<typeof Severity>;
/** by which way a customer complained */
export const ComplaintChannel = z.enum(['telephone', 'visit', 'mail', 'fax', 'web', 'delivery', 'history']);
/** C-03: where the cause may lie, and so which department has to look */
export const CauseArea = z.enum(['production', 'technical', 'warehouse', 'transport', 'sales', 'customer-use']);
export type CauseArea = z.infer<typeof CauseArea>;
/** C-05 */
export const Justified = z.enum(['justified', 'partly', 'not-justified']);
/** C-06 */
export const ComplaintRemedy = z.enum(['replace', 'refund', 'price-reduction', 'repair', 'advice', 'none']);

/** C-02: what is registered of a complaint. The customer is on the books (`distributorCode`) or named. */
export const complaintForm = z.object({
  channel: ComplaintChannel.default('telephone'),
  /** when the customer told us, where that is before now */
  receivedAt: Instant.optional(),
  distributorCode: Code.optional(),
  customer: PersonName.optional(),
  telephone: Telephone.optional(),
  /** number of the receipt, invoice, shipping order or order 票据 */
  receipt: Line,
  productName: Line,
  specification: Line,
  quantity: QuantityText,
  grade: Grade,
  colourNumber: Line,
  purchasedOn: CalendarDate,
  batch: Code.optional(),
  /** what is wrong with it, in the few words that complaints are counted by, such as `colour difference` */
  defect: Line,
  description: Note,
  wanted: ComplaintRemedy.optional(),
  /** which of the receipt's goods it is, where it has several; absent: those that fit best */
  shipmentId: Id.optional(),
  shipmentLine: z.int().positive().optional(),
  /** the person complained of, who never handles it (C-01) */
  against: Ref('person').optional(),
});

/** C-16: the written criteria that a severity is set by. */
export const SeverityCriterion = z.enum(['safety', 'money', 'repeat', 'key-account', 'publicity']);
/** C-03: a department that is asked for the cause, by the role that answers for it. */
export const CauseDepartment = z.enum([
  'production-department',
  'technical-department',
  'finished-goods-keeper',
  'operations',
  'sales-manager',
]);

const complaint = {
  number: Line,
  channel: ComplaintChannel,
  severity: Severity,
  receivedAt: Instant,
  handlerId: Id.optional(),
  regionId: Id.optional(),
  distributorId: Id.optional(),
  distributorCode: Code.optional(),
  receipt: Line.optional(),
  /** the purchase that the receipt names, where it is known */
  orderNumber: Line.optional(),
  shipmentId: Id.optional(),
  shipmentLine: z.int().optional(),
  productId: Id.optional(),
  productCode: Code.optional(),
  family: Line.optional(),
  productName: Line.optional(),
  specification: Line.optional(),
  grade: Grade.optional(),
  colourNumber: Line.optional(),
  batch: Code.optional(),
  quantity: QuantityText.optional(),
  purchasedOn: CalendarDate.optional(),
  defect: Line,
  /** K-Q10: the how many-th justified complaint of this product and defect in 90 days it is, itself counted */
  repeat: z.int().optional(),
  /** where the cause lay, once it is found */
  cause: CauseArea.optional(),
  /** as decided last; costs are those of the remedy, in the installation's currency */
  verdict: Justified.optional(),
  remedy: ComplaintRemedy.optional(),
  estimatedCost: PositiveAmount.optional(),
  actualCost: PositiveAmount.optional(),
  /** K-Q04: business minutes from its receipt to the first answer by a human */
  responseMinutes: z.int().optional(),
  /** K-Q06: business minutes from its receipt until resolved, without those spent waiting for the customer */
  resolutionMinutes: z.int().optional(),
  /** K-Q06: business minutes spent waiting for the customer */
  waitedMinutes: z.int().optional(),
  /** K-Q15 */
  informedOn: CalendarDate.optional(),
  /** of the follow-up */
  satisfied: z.boolean().optional(),
  score: z.int().min(1).max(5).optional(),
};
const returnAsked = { ...complaint, requestId: Id, returnNumber: Line.optional() };
/** Every fact carries what is known by then: the latest says it all. */
const decision = { verdict: Justified, remedy: ComplaintRemedy, estimatedCost: PositiveAmount };

export const complaintEvents = aggregate(
  'complaints',
  'complaint',
  {
    /** `mismatches`: fields that differ from what the receipt's goods are */
    logged: { ...complaint, mismatches: z.array(Line) },
    assigned: { ...complaint, handlerRole: Line },
    /** K-Q04: the first answer by a human */
    acknowledged: complaint,
    'department-notified': { ...complaint, areas: z.array(CauseArea) },
    'cause-found': { ...complaint, cause: CauseArea, finding: Note },
    /** the clocks rest until the customer has answered */
    'waiting-for-customer': complaint,
    'customer-answered': { ...complaint, waitedMinutes: z.int() },
    'severity-changed': { ...complaint, previousSeverity: Severity, criteria: z.array(SeverityCriterion) },
    /** C-05: whether the customer is visited, and what was found there */
    'visit-planned': { ...complaint, needed: z.boolean() },
    visited: { ...complaint, visitedOn: CalendarDate, signed: z.boolean() },
    /** C-05: justified or partly; not justified is `rejected` */
    judged: { ...complaint, verdict: Justified, evidence: Note },
    /** C-06: above what the handler may decide, so put to whoever may */
    'remedy-proposed': { ...complaint, proposedRemedy: ComplaintRemedy, proposedCost: PositiveAmount },
    'return-requested': returnAsked,
    /** what orders did with it: authorised, then credited or replaced */
    'return-granted': returnAsked,
    'return-settled': returnAsked,
    /** refused by orders: it has to be decided again */
    'return-refused': { ...returnAsked, refusal: Note },
    /** orders authorised the other remedy, credit instead of replacement or the other way */
    'remedy-changed': returnAsked,
    decided: { ...complaint, ...decision, evidence: Note },
    /** not justified, with the further ways open to the customer (ISO 10002 7.9) */
    rejected: { ...complaint, verdict: Justified, evidence: Note },
    resolved: { ...complaint, ...decision, actualCost: PositiveAmount, resolutionMinutes: z.int() },
    'customer-informed': { ...complaint, informedOn: CalendarDate, by: ComplaintChannel },
    'followed-up': { ...complaint, satisfied: z.boolean() },
    reopened: complaint,
    archived: complaint,
    /** history: of another register, in the state it had there */
    recorded: { ...complaint, state: Line, source: Line, closedAt: Instant.optional() },
  },
  { clocks: true },
);

const inquiry = {
  number: Line,
  complaintId: Id,
  complaintNumber: Line,
  department: CauseDepartment,
  areas: z.array(CauseArea),
  severity: Severity,
  regionId: Id.optional(),
  /** business minutes from its notice until acknowledged, and until answered */
  acknowledgeMinutes: z.int().optional(),
  answerMinutes: z.int().optional(),
};
/** C-03: one department's task to find the cause. */
export const inquiryEvents = aggregate(
  'complaints',
  'inquiry',
  {
    notified: inquiry,
    acknowledged: inquiry,
    answered: { ...inquiry, atFault: z.boolean(), finding: Note },
    /** the complaint went on without its answer */
    withdrawn: inquiry,
  },
  { clocks: true },
);
