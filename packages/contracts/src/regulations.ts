import { z } from 'zod';
import { formEvents } from './event.js';
import { CalendarDate, Code, Line, Note, Ref } from './wire.js';

/** Rules as documents, who has read them, and the secrets agreement, owned by appraisals. */

/** three kinds of a department's own; beside them the company's, and the agreement that people accept. */
export const RegulationType = z.enum([
  'company-rule',
  'management-system',
  'job-responsibility',
  'operating-procedure',
  'secrets-agreement',
]);

export const Clause = z
  .string()
  .regex(/^[A-Z]-\d{2}[a-z]?$/)
  .meta({ description: 'Clause of the catalogue, such as O-11' });

/** Each version of a document is a subject of its own, so history is never overwritten. */
export const regulationForm = z.object({
  code: Code,
  /** 1, 2, 3, …: one above the last that was not withdrawn or rejected */
  version: z.int().min(1).max(9999),
  type: RegulationType.default('company-rule'),
  /** whose document it is */
  department: Code.optional(),
  title: Line,
  /** the text itself, or where it is kept, with the SHA-256 of what is kept there */
  text: Note.optional(),
  file: z.object({ name: Line, digest: z.string().regex(/^[0-9a-f]{64}$/) }).optional(),
  effectiveFrom: CalendarDate,
  /** what it regulates: a refusal by one of these names the document */
  clauses: z.array(Clause).max(300).default([]),
  /** nobody works before they have confirmed reading it */
  mustBeReadFirst: z.boolean().default(false),
});

export const regulationEvents = formEvents(
  'appraisals',
  'regulation',
  regulationForm,
  { drafted: {}, approved: {}, rejected: {}, effective: {}, replaced: {}, withdrawn: {} },
  { clocks: true },
);

/** by whoever acts (`meta.actor`), for nobody else. */
export const readConfirmationForm = z.object({ regulationId: Ref('regulation') });
export const readConfirmationEvents = formEvents('appraisals', 'read-confirmation', readConfirmationForm, {
  confirmed: {},
});

/** by whoever acts (`meta.actor`), for a year. */
export const agreementAcceptanceForm = z.object({ agreementId: Ref('regulation') });
export const agreementAcceptanceEvents = formEvents(
  'appraisals',
  'agreement-acceptance',
  agreementAcceptanceForm,
  { accepted: {}, renewed: {}, lapsed: {} },
  { clocks: true },
);
