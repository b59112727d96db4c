import { z } from 'zod';
import { CauseArea, Severity } from './complaints.js';
import { aggregate } from './event.js';
import { Grade } from './prices.js';
import { CalendarDate, Code, Id, Instant, Line, Note, QuantityText, Ref } from './wire.js';

/** Beside the quality complaint itself: the 8D (C-09), the form (C-04) with its copies (C-08), the daily report (C-20). Owned by complaints. */

/** The departments that sit in an 8D team. */
export const CapaDepartment = z.enum(['sales', 'technical', 'production', 'quality']);
/** D1 to D8. Containment is carried out, then confirmed. */
export const CapaStep = z.enum([
  'team',
  'problem',
  'containment',
  'containment-check',
  'root-cause',
  'permanent-action',
  'implementation',
  'prevention',
  'closing',
]);
export type CapaStep = z.infer<typeof CapaStep>;
/** why it was opened: what C-09 and 8D name, or because somebody thought it right */
export const CapaTrigger = z.enum(['severity', 'safety', 'repeat', 'judgement']);
/** how a root cause was found */
export const CapaMethod = z.enum(['five-why', 'fishbone', 'other-method']);

/** D0: the symptom, what was done at once, and why an 8D is needed. The complaint it names says what it leaves out. */
export const capaForm = z.object({
  complaintId: Ref('complaint').optional(),
  severity: Severity.optional(),
  safety: z.boolean().optional(),
  productCode: Code.optional(),
  defect: Line.optional(),
  /** the how many-th complaint of this product and defect in 90 days it is */
  repeat: z.int().positive().optional(),
  symptom: Note.optional(),
  urgentResponse: Note.optional(),
});

/** D1 */
export const capaTeamForm = z.object({
  leaderId: Ref('person'),
  members: z
    .array(z.object({ personId: Ref('person'), department: CapaDepartment }))
    .min(1)
    .max(50),
});
/** D2: 5W2H, and what it is and is not. */
export const capaProblemForm = z.object({
  productCode: Code.optional(),
  grade: Line.optional(),
  colourNumber: Line.optional(),
  batch: Code.optional(),
  quantity: QuantityText.optional(),
  what: Note,
  where: Line,
  when: Line,
  who: Line,
  why: Note,
  how: Note,
  howMany: Line,
  is: Note,
  isNot: Note,
});
/** D3: what is held, and how the customer is protected. */
export const capaContainmentForm = z.object({ stock: Note, transit: Note, customerProtection: Note });
/** D4: of the occurrence, and of its escape to the customer. */
export const capaCauseForm = z.object({
  occurrenceCause: Note,
  occurrenceMethod: CapaMethod,
  occurrenceEvidence: Note,
  escapeCause: Note,
  escapeMethod: CapaMethod,
  escapeEvidence: Note,
});
/** D5 */
export const capaActionForm = z.object({ correctiveAction: Note });
export const capaTestForm = z.object({ testResult: Note, passed: z.boolean() });
/** D6: `carriedOutById` where that is not who writes it down. */
export const capaImplementationForm = z.object({
  carriedOutOn: CalendarDate,
  carriedOutById: Ref('person').optional(),
  measure: Line,
  before: Line,
  after: Line,
});
/** D7 */
export const capaPreventionForm = z.object({ changedDocument: Line, training: Note, sameRiskElsewhere: Note });
/** D8 */
export const capaEffectForm = z.object({ effective: z.boolean(), effectEvidence: Note });
export const capaClosingForm = z.object({ thanks: Note });

/** A step, when it is due and when it was done. */
export const capaStepRecord = z.object({
  step: CapaStep,
  /** 1, then one more each time it was reopened */
  round: z.int().positive(),
  dueAt: Instant,
  doneAt: Instant.optional(),
  doneById: Id.optional(),
  onTime: z.boolean().optional(),
});

const capa = {
  number: Line,
  trigger: CapaTrigger,
  openedAt: Instant,
  round: z.int().positive(),
  /** the complaint that it was opened for, and those that joined it */
  complaintId: Id.optional(),
  complaintNumber: Line.optional(),
  complaints: z.int(),
  severity: Severity.optional(),
  regionId: Id.optional(),
  productId: Id.optional(),
  productCode: Code.optional(),
  defect: Line,
  repeat: z.int().optional(),
  /** K-Q17: every step of the present round with its limit; what is not done yet has no `doneAt` */
  steps: z.array(capaStepRecord),
  carriedOutOn: CalendarDate.optional(),
  effectDueOn: CalendarDate.optional(),
  /** of the last effectiveness check */
  effective: z.boolean().optional(),
};
/** K-Q17: the step that the move has done. */
const done = { step: CapaStep, dueAt: Instant, onTime: z.boolean() };
/** C-09: K-Q17 CAPA on time: by `step`, `dueAt`, `onTime`; effective: `verified` with `effective`. */
export const capaEvents = aggregate(
  'complaints',
  'capa',
  {
    opened: { ...capa, symptom: Note.optional() },
    /** another complaint of the same product and defect, while it runs */
    'complaint-joined': { ...capa, joinedId: Id, joinedNumber: Line },
    'team-named': { ...capa, ...done, ...capaTeamForm.shape },
    'problem-described': { ...capa, ...done },
    contained: { ...capa, ...done },
    'containment-confirmed': { ...capa, ...done },
    'cause-found': { ...capa, ...done },
    'action-chosen': capa,
    /** `passed` false: another action has to be chosen */
    'action-tested': { ...capa, step: CapaStep, dueAt: Instant, onTime: z.boolean(), passed: z.boolean() },
    'carried-out': { ...capa, ...done, measure: Line, before: Line, after: Line },
    'prevention-set': { ...capa, ...done },
    verified: { ...capa, effective: z.boolean() },
    closed: { ...capa, ...done },
    /** a repeat within 90 days: it begins again at the root cause */
    reopened: { ...capa, joinedId: Id, joinedNumber: Line },
  },
  { clocks: true },
);

/** C-04: whose section of the form it is. */
export const FormDepartment = z.enum(['production', 'technical', 'warehouse', 'transport', 'sales', 'quality']);
export type FormDepartment = z.infer<typeof FormDepartment>;

/** C-04: about which complaint, and what the manager has in hand. */
export const qualityComplaintForm = z.object({
  complaintId: Ref('complaint'),
  handling: Note.optional(),
});
/** C-04: what a department found and did. */
export const formSection = z.object({ department: FormDepartment, findings: Note, measures: Note });

const form = {
  number: Line,
  complaintId: Id,
  complaintNumber: Line,
  severity: Severity,
  regionId: Id.optional(),
  distributorCode: Code.optional(),
  productCode: Code.optional(),
  defect: Line,
  /** 1, then one more each time it was opened again */
  edition: z.int().positive(),
  openedAt: Instant,
  /** C-04 及时: by when it had to be opened, and whether it was */
  openBy: Instant,
  openedOnTime: z.boolean(),
  departments: z.array(FormDepartment),
  /** of them, those that have signed */
  departmentsSigned: z.int(),
  signedAt: Instant.optional(),
  sentAt: Instant.optional(),
  /** K-Q16: by when the office has to have the copy, and whether it had it */
  copyDueAt: Instant.optional(),
  copyReceivedAt: Instant.optional(),
  copyOnTime: z.boolean().optional(),
};
/** C-04, C-08: 《客户投诉质量处理表》. K-Q16: `copy-filed` with `copyOnTime`. */
export const qualityComplaintFormEvents = aggregate(
  'complaints',
  'quality-complaint-form',
  {
    opened: form,
    routed: form,
    'section-filled': { ...form, department: FormDepartment },
    'section-signed': { ...form, department: FormDepartment, onTime: z.boolean() },
    'sections-completed': { ...form, onTime: z.boolean() },
    signed: { ...form, result: Note },
    'copy-sent': form,
    /** the SHA-256 of the sealed copy that the office received, and where it keeps it */
    'copy-filed': { ...form, hash: z.string().regex(/^[\da-f]{64}$/), place: Line, copyOnTime: z.boolean() },
    reopened: form,
  },
  { clocks: true },
);

const movement = { new: z.int(), open: z.int(), closed: z.int() };
/** C-20: complaints logged and closed since the last close of day and open at it; goods that came back; batches held. */
export const qualityFigures = z.object({
  newComplaints: z.int(),
  openComplaints: z.int(),
  closedComplaints: z.int(),
  byProduct: z.array(z.object({ productCode: Code.optional(), productName: Line, ...movement })),
  /** by defect, and where the cause lay once it is found */
  byCause: z.array(z.object({ defect: Line, cause: CauseArea.optional(), ...movement })),
  returns: z.array(
    z.object({
      returnId: Id,
      returnNumber: Line,
      productCode: Code,
      batch: Code,
      quantity: QuantityText,
      complaintId: Id.optional(),
    }),
  ),
  batchesHeld: z.array(z.object({ productCode: Code, batch: Code, grade: Grade, heldSince: Instant })),
});
/** A quantity that may be negative. */
export const Difference = z
  .string()
  .regex(/^-?\d{1,11}(\.\d{1,3})?$/)
  .meta({ format: 'decimal', description: 'Quantity, signed, at most three decimals' });
/** What of a signed day is put right. */
export const QualityItem = z.enum(['new', 'open', 'closed', 'returned', 'held']);
export const qualityAdjustment = z.object({
  adjustedOn: CalendarDate,
  item: QualityItem,
  /** added to what was signed, or taken from it: complaints, batches, or units returned */
  difference: Difference,
  cause: Note,
  document: Line.optional(),
});

const daily = {
  number: Line,
  day: CalendarDate,
  from: Instant,
  to: Instant,
  nil: z.boolean(),
  ...qualityFigures.shape,
};
/** C-20 《质量日报表》: on-time rate: `signed` with `onTime` among `generated`. */
export const qualityDailyEvents = aggregate(
  'complaints',
  'quality-daily',
  {
    generated: daily,
    signed: { ...daily, comment: Note.optional(), onTime: z.boolean() },
    missed: { ...daily, signBy: Instant },
    adjusted: { ...daily, adjustment: qualityAdjustment },
  },
  { clocks: true },
);
