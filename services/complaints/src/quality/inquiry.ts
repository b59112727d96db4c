import { CauseArea, CauseDepartment, inquiryEvents } from '@fenxiao/contracts/complaints';
import { Id, Note } from '@fenxiao/contracts/wire';
import type { BusinessCalendar } from '@fenxiao/domain/business-calendar';
import { hours, workingDays } from '@fenxiao/domain/business-calendar';
import { domainError } from '@fenxiao/domain/domain-error';
import { procedure, type Powers } from '@fenxiao/procedures/procedure';
import { hasRole } from '@fenxiao/service-kit/actor';
import { bind, follow, lock, open, type Bound } from '@fenxiao/service-kit/engine';
import { documentNumber } from '@fenxiao/service-kit/numbers';
import type { Work } from '@fenxiao/service-kit/work';
import { z } from 'zod';
import { settings } from '../config.js';
import { Inquiry, type Complaint } from './complaint-tables.js';
import { complainedOf, handlers } from './handler.js';
import { businessMinutes } from './stages.js';

/** C-03 Notify departments at once and find the cause 立即查明原因: each department that may be at fault has a task with its clocks. */
type Department = z.infer<typeof CauseDepartment>;

/** The department that answers for an area. */
export const departmentOf: Readonly<Record<CauseArea, Department>> = {
  production: 'production-department',
  technical: 'technical-department',
  'customer-use': 'technical-department',
  warehouse: 'finished-goods-keeper',
  transport: 'operations',
  sales: 'sales-manager',
};

const departments = Object.fromEntries(CauseDepartment.options.map((role) => [role, 'all'])) as Powers;
/** at 80 % the manager hears of it as well, at the breach the deputy general manager */
const tell = ({ department }: Inquiry): Powers => ({ [department]: 'all', 'sales-manager': 'all' });
const escalateTo = 'deputy-general-manager-sales';

export const inquiryProcedure = procedure({
  name: 'inquiry',
  path: 'inquiries',
  clause: 'C-03',
  events: inquiryEvents,
  states: ['notified', 'acknowledged', 'answered', 'withdrawn'],
  read: {
    ...departments,
    ...handlers,
    'sales-administrator': 'all',
    'sales-support-clerk': 'all',
    'order-clerk': 'all',
    'sales-general-manager': 'all',
    'general-manager': 'all',
    office: 'all',
    'quality-control': 'all',
    'head-of-department': 'all',
    auditor: 'all',
  },
  page: {
    title: 'inquiry',
    fields: [
      'number',
      'complaintNumber',
      'severity',
      'department',
      'areas',
      'notifiedAt',
      'atFault',
      'finding',
      'state',
    ],
  },
  start: {
    move: 'notify',
    to: 'notified',
    by: { system: 'all' },
    form: z.object({ complaintId: Id, department: CauseDepartment, areas: z.array(CauseArea).min(1) }),
    fact: 'notified',
  },
  moves: {
    acknowledge: {
      from: 'notified',
      to: 'acknowledged',
      by: departments,
      fact: 'acknowledged',
      clock: {
        within: ({ notifiedAt, acknowledgeHours }: Inquiry, calendar: BusinessCalendar) =>
          calendar.due(notifiedAt, hours(acknowledgeHours)),
        warnAt: ({ notifiedAt, acknowledgeHours }: Inquiry, calendar: BusinessCalendar) => {
          const limit = hours(acknowledgeHours);
          return calendar.warnAt(notifiedAt, calendar.due(notifiedAt, limit), limit);
        },
        tell,
        escalateTo,
      },
    },
    /** runs from the notice, whenever it is acknowledged */
    answer: {
      from: ['notified', 'acknowledged'],
      to: 'answered',
      by: departments,
      form: z.object({ atFault: z.boolean(), finding: Note }),
      fact: 'answered',
      clock: {
        within: ({ notifiedAt, causeDays }: Inquiry, calendar: BusinessCalendar) =>
          calendar.due(notifiedAt, workingDays(causeDays)),
        warnAt: ({ notifiedAt, causeDays }: Inquiry, calendar: BusinessCalendar) => {
          const limit = workingDays(causeDays);
          return calendar.warnAt(notifiedAt, calendar.due(notifiedAt, limit), limit);
        },
        tell,
        escalateTo,
      },
    },
    withdraw: { from: ['notified', 'acknowledged'], to: 'withdrawn', by: { system: 'all' }, fact: 'withdrawn' },
  },
});

export const inquiry: Bound<Inquiry, typeof inquiryProcedure> = bind(inquiryProcedure, {
  entity: Inquiry,

  create: async ({ complaintId, department, areas }, work, base) => {
    const { number, severity, region } = work.locked.get(complaintId) as Complaint;
    const { INQUIRY_ACKNOWLEDGE_HOURS: acknowledgeHours, INQUIRY_CAUSE_DAYS: causeDays } = settings(work);
    return work.em.create(Inquiry, {
      ...base,
      region,
      complaint: complaintId,
      complaintNumber: number,
      severity,
      department,
      areas,
      acknowledgeHours,
      causeDays,
      notifiedAt: work.now,
      acknowledgedAt: null,
      answeredAt: null,
      atFault: null,
      finding: null,
      number: await documentNumber(work, 'CY', work.today),
    });
  },

  effects: {
    acknowledge: async (subject, _, work) => {
      await requireDepartment(subject, work);
      subject.acknowledgedAt = work.now;
    },
    answer: async (subject, { atFault, finding }, work) => {
      await requireDepartment(subject, work);
      const acknowledgedAt = subject.acknowledgedAt ?? work.now;
      Object.assign(subject, { atFault, finding, acknowledgedAt, answeredAt: work.now });
    },
  },

  follows: {
    notify: (subject, work) => tellOf(work, subject, 'task', { powers: { [subject.department]: 'all' } }),
    answer: async (subject, work) => {
      const [of] = await work.query<{ handler: string | null }>('SELECT handler FROM complaint WHERE id = $1', [
        subject.complaint,
      ]);
      if (of?.handler) tellOf(work, subject, 'information', { persons: [of.handler] });
    },
  },

  facts: {
    notified: fact,
    acknowledged: fact,
    answered: (subject, _, work) => ({
      ...fact(subject, _, work),
      atFault: subject.atFault!,
      finding: subject.finding!,
    }),
    withdrawn: fact,
  },

  view: (subject) => ({
    number: subject.number,
    complaintId: subject.complaint,
    complaintNumber: subject.complaintNumber,
    region: subject.region,
    severity: subject.severity,
    department: subject.department,
    areas: subject.areas,
    notifiedAt: subject.notifiedAt,
    acknowledgedAt: subject.acknowledgedAt,
    answeredAt: subject.answeredAt,
    atFault: subject.atFault,
    finding: subject.finding,
  }),
  filters: { complaintId: 'complaint', department: 'department', number: 'number' },
});

/** Asks the departments of the areas; one that is being asked already is asked anew, of those areas as well. */
export async function notifyDepartments(work: Work, subject: Complaint, areas: readonly CauseArea[]): Promise<void> {
  const asked = new Set(areas.map((area) => departmentOf[area]));
  await withdrawInquiries(work, subject.id, [...asked]);
  for (const department of asked) {
    const form = {
      complaintId: subject.id,
      department,
      areas: subject.areas.filter((a) => departmentOf[a] === department),
    };
    await open(work, inquiry, { form, bySystem: true });
  }
}

/** What is still open is asked no more: of some departments, or of all. */
export async function withdrawInquiries(work: Work, complaint: string, of?: readonly string[]): Promise<void> {
  const rows = await work.query<{ id: string }>(
    `SELECT id FROM inquiry WHERE complaint = $1 AND state IN ('notified', 'acknowledged')
       AND ($2::text[] IS NULL OR department = ANY ($2)) ORDER BY id`,
    [complaint, of ?? null],
  );
  for (const { id } of rows) {
    const subject = await lock(work, inquiry, id);
    if (subject.state !== 'answered') await follow(work, inquiry, subject, 'withdraw');
  }
  await work.em.flush();
}

/** The areas that need no further notice: their department is being asked, or has found itself at fault, in this round. */
export async function areasAsked(work: Work, { id, askedAt }: Complaint): Promise<readonly string[]> {
  const rows = await work.query<{ areas: string[] }>(
    `SELECT areas FROM inquiry WHERE complaint = $1 AND ($2::timestamptz IS NULL OR notified_at >= $2)
       AND (state IN ('notified', 'acknowledged') OR state = 'answered' AND at_fault)`,
    [id, askedAt ?? null],
  );
  return rows.flatMap(({ areas }) => areas);
}

/**
 * A cause is what its department has found in this round: that it is at fault itself; of the customer's use nobody here is.
 * @throws causeNotFound
 */
export async function requireFound(work: Work, { id, askedAt }: Complaint, cause: CauseArea): Promise<void> {
  const [found] = await work.query(
    `SELECT FROM inquiry WHERE complaint = $1 AND state = 'answered' AND areas ? $2 AND (at_fault OR $2 = 'customer-use')
       AND ($3::timestamptz IS NULL OR notified_at >= $3) LIMIT 1`,
    [id, cause, askedAt ?? null],
  );
  if (!found) throw causeNotFound({ department: departmentOf[cause] }, { field: 'cause' });
}

/** @throws notTheDepartment, complainedOf */
async function requireDepartment({ department, complaint }: Inquiry, work: Work): Promise<void> {
  if (!hasRole(work.actor, { [department]: 'all' })) throw notTheDepartment({ department });
  const [own] = await work.query('SELECT FROM complaint WHERE id = $1 AND against::text = $2', [
    complaint,
    work.actor.person,
  ]);
  if (own) throw complainedOf();
}

function tellOf(
  work: Work,
  { id, number, state }: Inquiry,
  kind: 'task' | 'information',
  to: { persons?: string[]; powers?: Record<string, string> },
): void {
  work.notify({ kind, procedure: 'inquiry', path: 'inquiries', about: id, number, state, to }, 'C-03');
}

function fact(subject: Inquiry, _: unknown, { calendar }: Work) {
  const { acknowledgedAt, answeredAt, notifiedAt } = subject;
  return {
    number: subject.number,
    complaintId: subject.complaint,
    complaintNumber: subject.complaintNumber,
    department: subject.department,
    areas: subject.areas,
    severity: subject.severity,
    ...(subject.region ? { regionId: subject.region } : {}),
    ...(acknowledgedAt ? { acknowledgeMinutes: businessMinutes(calendar, notifiedAt, acknowledgedAt) } : {}),
    ...(answeredAt ? { answerMinutes: businessMinutes(calendar, notifiedAt, answeredAt) } : {}),
  };
}

const notTheDepartment = domainError({
  code: 'complaints.inquiry.not-the-department',
  kind: 'forbidden',
  rule: 'C-03',
  en: 'This is asked of another department: {department}.',
  zh: '该调查通知发给其他部门：{department}。',
});
const causeNotFound = domainError({
  code: 'complaints.inquiry.cause-not-found',
  kind: 'unprocessable',
  rule: 'C-03',
  en: 'A cause is what its department found, and the {department} has not answered that it lies there.',
  zh: '原因须由责任部门查明，{department}尚未答复确认责任。',
});
