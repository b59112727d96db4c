import { z } from 'zod';
import { formEvents, once } from './event.js';
import { Role } from './roles.js';
import { CalendarDate, Id, Line } from './wire.js';

/** changes of powers, of the limits of authority, and erasures, published by the service whose they are. */

export const powerChangeForm = z.object({
  procedure: Line,
  /** `read`, or the move as it stands in its path */
  move: Line,
  role: Role,
  /** how far, `never`, or what the declaration says */
  power: z.enum(['own', 'region', 'unit', 'all', 'never', 'as-declared']),
  validFrom: CalendarDate,
});
const decided = { proposed: {}, approved: {}, rejected: {} };
export const powerChangeEvents = once((service) => formEvents(service, 'power-change', powerChangeForm, decided));

export const authorityLimitForm = z.object({
  /** what is decided: `credit-limit`, `guarantee` */
  decision: Line,
  role: Role,
  /** the most this role may decide, included: money, percent or days as the decision is measured; absent: without limit */
  limit: z
    .string()
    .regex(/^\d{1,12}(\.\d{1,6})?$/)
    .meta({ format: 'decimal' })
    .optional(),
  validFrom: CalendarDate,
});
export const authorityLimitEvents = once((service) =>
  formEvents(service, 'authority-limit', authorityLimitForm, decided),
);

/** what tells of a person is to be erased: from a subject of a procedure, on a ground that the law knows (PIPL, art. 47). */
export const erasureForm = z.object({
  procedure: Line,
  subjectId: Id,
  ground: z.enum(['purpose-ended', 'retention-ended', 'consent-withdrawn', 'unlawful', 'other']),
});
export const erasureEvents = once((service) =>
  formEvents(service, 'erasure', erasureForm, { requested: {}, approved: {}, rejected: {} }),
);
