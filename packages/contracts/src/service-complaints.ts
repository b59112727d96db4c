import { z } from 'zod';
import { ComplaintChannel, Severity } from './complaints.js';
import { aggregate } from './event.js';
import { CalendarDate, Code, Id, Instant, Line, Note, PersonName, Ref, Telephone } from './wire.js';

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
