import { z } from 'zod';
import { aggregate, formEvents } from './event.js';
import { CalendarDate, Code, Id, Instant, Line, Ref } from './wire.js';

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
  /** first day as a regular, for somebody who began as a probationer or intern */
  regularFrom: CalendarDate.optional(),
};

export const personEvents = aggregate('appraisals', 'person', {
  registered: person,
  changed: person,
  /** Leaving ends all access the same day. */
  left: {
    staffNumber: Code,
    lastDay: CalendarDate,
    /** D-16: the regions this person answers for, each of which needs a handover; absent: none is known */
    regionIds: z.array(Ref('region')).optional(),
  },
});

const position = {
  personId: Ref('person'),
  /** open: a role added later must not break who reads this */
  roles: z.array(Line).min(1),
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

/** the sales manager is away, a sales support clerk runs daily operation meanwhile. */
export const delegationForm = z.object({
  absentId: Ref('person'),
  delegateId: Ref('person'),
  /** without it, from now on */
  from: Instant.optional(),
  until: Instant,
});
export const delegationEvents = formEvents(
  'appraisals',
  'delegation',
  delegationForm,
  { announced: {}, started: {}, ended: {}, withdrawn: {} },
  { clocks: true },
);

/** P-49: each version of a department is a document of its own, so history is never overwritten. */
export const departmentForm = z.object({
  code: Code,
  name: Line,
  parentCode: Code.optional(),
  /** who answers for it */
  headId: Ref('person').optional(),
  /** 部门职能 */
  functions: z.array(Line).max(100),
  /** 岗位描述: what each role does here */
  jobs: z.array(z.object({ role: z.string(), duties: z.array(Line).min(1).max(100) })).max(100),
  validFrom: CalendarDate,
});
export const departmentEvents = formEvents(
  'appraisals',
  'department',
  departmentForm,
  { scheduled: {}, 'taken-effect': {}, replaced: {}, withdrawn: {} },
  { clocks: true },
);

/** a date that is a holiday or a make-up working day 调休, whatever the law's calendar says. */
export const calendarDayForm = z.object({
  date: CalendarDate,
  kind: z.enum(['holiday', 'make-up-day']),
  name: Line,
});
export const calendarDayEvents = formEvents(
  'appraisals',
  'calendar-day',
  calendarDayForm,
  { proposed: {}, approved: {}, rejected: {}, withdrawn: {}, expired: {} },
  { clocks: true },
);
