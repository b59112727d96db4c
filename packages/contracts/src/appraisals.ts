import { z } from 'zod';
import { aggregate } from './event.js';
import { Role } from './roles.js';
import { CalendarDate, Code, Id, Line, Ref } from './wire.js';

/**
 * People and positions (X-01, X-01a, X-02, P-49), owned by appraisals. Names stay there: an event names a person by id
 * and staff number only, so the log holds nothing that would have to be erased.
 */

export const Category = z.enum(['manager', 'business']);
export const Kind = z.enum(['sales', 'operations', 'public-relations', 'research', 'support']);
export const Employment = z.enum(['probation', 'intern', 'regular']);

const person = {
  staffNumber: Code,
  /** the token's `sub`; absent for somebody without an account */
  subject: Line.optional(),
  category: Category,
  kind: Kind,
  employment: Employment,
  joinedOn: CalendarDate,
};

export const personEvents = aggregate('appraisals', 'person', {
  registered: person,
  changed: person,
  /** Leaving ends all access the same day. */
  left: { staffNumber: Code, lastDay: CalendarDate },
});

const position = {
  personId: Ref('person'),
  roles: z.array(Role).min(1),
  /** region the position answers for; absent: none in particular */
  regionId: Ref('region').optional(),
  /** department */
  unit: Code.optional(),
  validFrom: CalendarDate,
  /** last day, included */
  validTo: CalendarDate.optional(),
};

export const positionEvents = aggregate('appraisals', 'position', {
  assigned: position,
  ended: { personId: Id, validTo: CalendarDate },
});

export const departmentEvents = aggregate('appraisals', 'department', {
  established: { code: Code, name: Line, functions: z.array(Line), parent: Code.optional(), validFrom: CalendarDate },
  revised: { code: Code, name: Line, functions: z.array(Line), parent: Code.optional(), validFrom: CalendarDate },
  closed: { code: Code, validTo: CalendarDate },
});
