import {
  CauseArea,
  ComplaintChannel,
  complaintEvents,
  complaintForm,
  ComplaintRemedy,
  Justified,
  Severity,
  SeverityCriterion,
} from '@fenxiao/contracts/complaints';
import { CalendarDate, Line, Note, PositiveAmount, QuantityText, Ref } from '@fenxiao/contracts/wire';
import type { BusinessCalendar } from '@fenxiao/domain/business-calendar';
import { procedure, type Powers } from '@fenxiao/procedures/procedure';
import { z } from 'zod';
import type { Complaint } from './complaint-tables.js';
import { handlers } from './handler.js';
import { stageClock } from './stages.js';

/**
 * C-01 to C-07, C-16 Quality complaint 质量投诉: handled in person by the sales manager or the deputy general manager of sales, from
 * its receipt to the follow-up.
 */
const sales: Powers = {
  salesperson: 'region',
  'regional-manager': 'region',
  'sales-administrator': 'all',
  'sales-support-clerk': 'all',
  'order-clerk': 'all',
  ...handlers,
};
const deputy: Powers = { 'deputy-general-manager-sales': 'all' };
const deciders: Powers = { ...handlers, 'general-manager': 'all' };
const system: Powers = { system: 'all' };
const before = ['logged', 'acknowledged', 'notified', 'cause-confirmed', 'decision', 'reopened'] as const;
/** where an answer of orders may find it */
const returning = ['resolving', 'waiting-for-customer'] as const;
const open = [...before, 'resolving', 'waiting-for-customer'] as const;

const severityForm = z.object({ severity: Severity, criteria: z.array(SeverityCriterion).min(1).max(5) });
const areasForm = z.object({ areas: z.array(CauseArea).min(1).max(6) });
const remedyForm = z.object({ remedy: ComplaintRemedy, estimatedCost: PositiveAmount });
const visitors = z.array(Ref('person')).min(1).max(20);
const visitPlan = z.object({
  needed: z.boolean(),
  plannedOn: CalendarDate.optional(),
  /** the deputy general manager or the manager, and at least one head of department */
  persons: visitors.optional(),
  /** why none is needed any more */
  unneeded: Note.optional(),
});
const visitReport = z.object({
  visitedOn: CalendarDate,
  persons: visitors,
  findings: Note,
  signed: z.boolean(),
  /** why the customer did not sign */
  unsigned: Note.optional(),
});

export const complaintProcedure = procedure({
  name: 'complaint',
  clause: 'C-01',
  class: 'confidential',
  events: complaintEvents,
  states: [...open, 'resolved', 'followed-up', 'archived', 'rejected'],
  read: {
    distributor: 'own',
    salesperson: 'own',
    'regional-manager': 'region',
    'sales-administrator': 'all',
    'sales-support-clerk': 'all',
    'order-clerk': 'all',
    ...handlers,
    'sales-general-manager': 'all',
    'branch-general-manager': 'all',
    'general-manager': 'all',
    office: 'all',
    'production-department': 'all',
    'technical-department': 'all',
    'finished-goods-keeper': 'all',
    operations: 'all',
    'quality-control': 'all',
    'head-of-department': 'all',
    finance: 'all',
    auditor: 'all',
  },
  reveal: { ...handlers, 'sales-administrator': 'all', 'sales-support-clerk': 'all', 'order-clerk': 'all' },
  page: {
    title: 'complaint',
    fields: [
      'number',
      'receivedOn',
      'channel',
      'severity',
      'handlerId',
      'distributorCode',
      'receipt',
      'orderNumber',
      'productName',
      'specification',
      'quantity',
      'grade',
      'colourNumber',
      'batch',
      'purchasedOn',
      'mismatches',
      'defect',
      'description',
      'cause',
      'finding',
      'verdict',
      'evidence',
      'remedy',
      'estimatedCost',
      'actualCost',
      'informedOn',
      'satisfied',
      'state',
    ],
    total: 'actualCost',
    sign: ['sales-manager', 'deputy-general-manager-sales'],
  },
  start: {
    move: 'log',
    clause: 'C-02',
    to: 'logged',
    by: { ...sales, distributor: 'own', system: 'all' },
    form: complaintForm,
    fact: 'logged',
  },
  moves: {
    /** never to anybody else than the manager or the deputy */
    assign: { from: open, by: deputy, form: z.object({ personId: Ref('person') }), fact: 'assigned' },
    reassign: { from: open, by: system, fact: 'assigned' },
    acknowledge: {
      from: 'logged',
      to: 'acknowledged',
      by: handlers,
      fact: 'acknowledged',
      clock: stageClock('acknowledge'),
    },
    notifyDepartments: {
      clause: 'C-03',
      from: ['acknowledged', 'reopened'],
      to: 'notified',
      by: handlers,
      form: areasForm,
      fact: 'department-notified',
      clock: stageClock('notify'),
    },
    notifyFurther: { clause: 'C-03', from: 'notified', by: handlers, form: areasForm, fact: 'department-notified' },
    confirmCause: {
      clause: 'C-03',
      from: 'notified',
      to: 'cause-confirmed',
      by: handlers,
      form: z.object({ cause: CauseArea, finding: Note }),
      fact: 'cause-found',
      clock: stageClock('cause'),
    },
    planVisit: {
      clause: 'C-05',
      from: ['acknowledged', 'notified', 'cause-confirmed', 'reopened'],
      by: handlers,
      form: visitPlan,
      fact: 'visit-planned',
    },
    recordVisit: {
      clause: 'C-05',
      from: ['acknowledged', 'notified', 'cause-confirmed', 'reopened', 'waiting-for-customer'],
      by: handlers,
      form: visitReport,
      fact: 'visited',
    },
    judge: {
      clause: 'C-05',
      from: ['cause-confirmed', 'reopened'],
      to: 'decision',
      by: handlers,
      form: z.object({ verdict: Justified.exclude(['not-justified']), evidence: Note }),
      fact: 'judged',
      clock: { ...stageClock('judge'), keptBy: ['reject'] },
    },
    /** not justified: with the evidence, the reason, and the further ways open to the customer */
    reject: {
      clause: 'C-05',
      from: ['cause-confirmed', 'reopened'],
      to: 'rejected',
      by: handlers,
      form: z.object({ evidence: Note, furtherRoutes: Note }),
      fact: 'rejected',
      reason: true,
    },
    proposeRemedy: { clause: 'C-06', from: 'decision', by: handlers, form: remedyForm, fact: 'remedy-proposed' },
    decide: {
      clause: 'C-06',
      from: 'decision',
      to: 'resolving',
      by: deciders,
      form: remedyForm,
      fact: 'decided',
      clock: stageClock('decide'),
    },
    /** O-07: the goods are to come back */
    requestReturn: {
      clause: 'C-06',
      from: 'resolving',
      by: handlers,
      form: z.object({
        cause: Note,
        /** absent: the goods complained of */
        lines: z
          .array(z.object({ shipmentLine: z.int().positive(), quantity: QuantityText }))
          .min(1)
          .max(1000)
          .optional(),
      }),
      fact: 'return-requested',
    },
    returnGranted: { clause: 'C-06', from: returning, by: system, fact: 'return-granted' },
    returnRefused: {
      clause: 'C-06',
      from: returning,
      to: 'decision',
      by: system,
      form: z.object({ refusal: Note }),
      fact: 'return-refused',
    },
    changeRemedy: { clause: 'C-06', from: returning, by: system, fact: 'remedy-changed' },
    returnSettled: { clause: 'C-06', from: returning, by: system, fact: 'return-settled' },
    resolve: {
      clause: 'C-06',
      from: 'resolving',
      to: 'resolved',
      by: deciders,
      form: z.object({ actualCost: PositiveAmount }),
      fact: 'resolved',
      clock: stageClock('resolve'),
    },
    informCustomer: {
      clause: 'C-07',
      from: ['resolved', 'rejected'],
      by: { ...handlers, 'sales-administrator': 'all', 'sales-support-clerk': 'all' },
      form: z.object({ informedOn: CalendarDate, by: ComplaintChannel.exclude(['history', 'delivery']) }),
      fact: 'customer-informed',
      clock: stageClock('inform'),
    },
    followUp: {
      clause: 'C-07',
      from: 'resolved',
      to: 'followed-up',
      by: { ...handlers, 'sales-administrator': 'all', 'sales-support-clerk': 'all' },
      form: z.object({
        satisfied: z.boolean(),
        score: z.int().min(1).max(5),
        note: Note.optional(),
      }),
      fact: 'followed-up',
      clock: {
        within: ({ followUpOn, enteredAt }: Complaint, calendar: BusinessCalendar) =>
          calendar.endOfDay(followUpOn ?? calendar.dateOf(enteredAt)),
        remindDaysBefore: [0],
        escalateTo: 'deputy-general-manager-sales',
      },
    },
    reopen: {
      clause: 'C-07',
      from: ['rejected', 'resolved', 'followed-up'],
      to: 'reopened',
      by: { ...sales, system: 'all' },
      fact: 'reopened',
      reason: true,
    },
    archive: {
      clause: 'C-07',
      from: ['followed-up', 'rejected'],
      to: 'archived',
      by: { ...handlers, 'sales-support-clerk': 'all' },
      fact: 'archived',
    },
    raiseSeverity: { clause: 'C-16', from: open, by: handlers, form: severityForm, fact: 'severity-changed' },
    lowerSeverity: {
      clause: 'C-16',
      from: open,
      by: deputy,
      form: severityForm,
      fact: 'severity-changed',
      reason: true,
    },
    waitForCustomer: {
      clause: 'C-03',
      from: [...before.filter((state) => state !== 'logged'), 'resolving'],
      to: 'waiting-for-customer',
      by: handlers,
      form: z.object({ question: Line }),
      fact: 'waiting-for-customer',
    },
    customerAnswered: {
      clause: 'C-03',
      from: 'waiting-for-customer',
      to: [...before.filter((state) => state !== 'logged'), 'resolving'],
      by: { ...handlers, 'sales-administrator': 'all', 'sales-support-clerk': 'all' },
      form: z.object({ answer: Note }),
      fact: 'customer-answered',
    },
  },
});

/** Its moves that have a clock, by the state they leave. */
export const timedMoves = Object.entries(complaintProcedure.moves).flatMap(([name, move]) =>
  'clock' in move ? [{ name, from: [move.from].flat() as readonly string[] }] : [],
);
