import { ComplaintChannel, Severity } from '@fenxiao/contracts/complaints';
import { serviceComplaintEvents, serviceComplaintForm } from '@fenxiao/contracts/service-complaints';
import { CalendarDate, Code, Note, Ref } from '@fenxiao/contracts/wire';
import { hours, type BusinessCalendar } from '@fenxiao/domain/business-calendar';
import { procedure, type Powers } from '@fenxiao/procedures/procedure';
import { z } from 'zod';
import { isAtLeast } from '../severity.js';
import type { Limits, ServiceComplaint } from './service-complaint-table.js';
import { departmentStaff, salesAndOffice, salesHeads, salesOrOffice, serviceReaders, sideOf } from './sides.js';

/** C-12, C-13 Service complaint 《客户投诉服务处理表》: who makes which move of the form, from where to where, in which time. */

export const informForm = z.object({ informedOn: CalendarDate, way: ComplaintChannel });

type Within = (subject: ServiceComplaint, calendar: BusinessCalendar) => ReturnType<typeof hours>;
const within =
  (limit: keyof Limits): Within =>
  ({ limits }) =>
    hours(limits[limit]);
const deputy = 'deputy-general-manager-sales';
/** whoever is complained of is told of none of its clocks */
const told = {
  escalateTo: deputy,
  except: ({ accused }: ServiceComplaint) => (accused ? [accused] : []),
} as const;

export const whoAnswers = ({ severity }: ServiceComplaint): Powers => sideOf(severity!);

/** the fields on paper, in their order */
const printed = [
  'number',
  'channel',
  'receivedAt',
  'distributorCode',
  'customer',
  'telephone',
  'description',
  'severity',
  'accusedId',
  'unit',
  'standard',
  'handlerId',
  'suggestion',
  'measures',
  'founded',
  'findings',
  'result',
  'informedOn',
  'way',
  'state',
];

export const serviceComplaintProcedure = procedure({
  name: 'service-complaint',
  clause: 'C-12',
  events: serviceComplaintEvents,
  states: ['logged', 'opened', 'with-department', 'handled', 'copied-to-office', 'archived'],
  read: serviceReaders,
  reveal: { ...salesOrOffice, 'sales-administrator': 'all', 'sales-support-clerk': 'all', 'order-clerk': 'all' },
  page: {
    title: 'service-complaint',
    fields: printed,
    sign: ['sales-manager', 'head-of-department', 'office'],
  },
  archive: {
    states: ['copied-to-office'],
    copies: [
      { holder: 'sales-manager', kind: 'original' },
      { holder: 'office', kind: 'copy' },
    ],
  },
  start: { move: 'log', to: 'logged', by: salesAndOffice, form: serviceComplaintForm, fact: 'logged' },
  moves: {
    open: {
      from: 'logged',
      to: 'opened',
      by: salesHeads,
      form: z.object({
        accusedId: Ref('person'),
        /** that person's department; may be left out where there is but one */
        unit: Code.optional(),
        severity: Severity,
        standard: Code.optional(),
      }),
      fact: 'opened',
      clock: { within: within('open'), ...told },
    },
    raiseSeverity: {
      clause: 'C-16',
      from: ['opened', 'with-department', 'handled'],
      by: salesOrOffice,
      form: z.object({ severity: Severity }),
      fact: 'severity-changed',
    },
    lowerSeverity: {
      clause: 'C-16',
      from: ['opened', 'with-department', 'handled'],
      by: { [deputy]: 'all' },
      form: z.object({ severity: Severity }),
      fact: 'severity-changed',
      reason: true,
    },
    escalate: {
      clause: 'C-13',
      from: ['opened', 'with-department', 'handled'],
      by: salesHeads,
      form: z.object({ suggestion: Note }),
      fact: 'escalated',
    },
    sendToDepartment: {
      from: 'opened',
      to: 'with-department',
      by: salesOrOffice,
      form: z.object({ handlerId: Ref('person').optional() }),
      fact: 'sent-to-department',
      clock: { within: within('open'), ...told },
    },
    /** anew, where who was named there is not there any more */
    assignHandler: {
      from: 'with-department',
      by: salesOrOffice,
      form: z.object({ handlerId: Ref('person').optional() }),
      fact: 'handler-assigned',
    },
    handle: {
      from: 'with-department',
      to: 'handled',
      by: { ...departmentStaff, ...salesOrOffice },
      form: z.object({ measures: Note }),
      fact: 'handled',
      clock: {
        within: ({ severity, limits }: ServiceComplaint) =>
          hours(isAtLeast(severity!, 'serious') ? limits.handleSerious : limits.handle),
        tell: (): Powers => ({ 'head-of-department': 'unit' }),
        persons: ({ handler }: ServiceComplaint) => (handler ? [handler] : []),
        ...told,
      },
    },
    verify: {
      clause: 'C-13',
      from: ['opened', 'with-department', 'handled'],
      by: salesOrOffice,
      form: z.object({ founded: z.boolean(), findings: Note }),
      fact: 'verified',
    },
    settle: { clause: 'C-13', from: 'handled', by: salesOrOffice, form: z.object({ result: Note }), fact: 'settled' },
    informCustomer: {
      clause: 'C-13',
      from: 'handled',
      by: salesOrOffice,
      form: informForm,
      fact: 'customer-informed',
      clock: { clause: 'C-13', within: within('inform'), ...told, tell: whoAnswers },
    },
    sendCopy: {
      from: 'handled',
      to: 'copied-to-office',
      by: salesHeads,
      fact: 'copy-sent',
      clock: { within: ({ limits }: ServiceComplaint) => hours(limits.inform + limits.copy), ...told },
    },
    receiveCopy: {
      from: 'copied-to-office',
      to: 'archived',
      by: { office: 'all' },
      fact: 'copy-filed',
      clock: { within: within('copy'), ...told },
    },
  },
});
