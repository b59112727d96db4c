import { Severity } from '@fenxiao/contracts/complaints';
import { serviceComplaintEvents, serviceComplaintForm } from '@fenxiao/contracts/service-complaints';
import { Code, Note, Ref } from '@fenxiao/contracts/wire';
import { hours, type BusinessCalendar } from '@fenxiao/domain/business-calendar';
import { procedure, type Powers } from '@fenxiao/procedures/procedure';
import { bind } from '@fenxiao/service-kit/engine';
import { documentNumber } from '@fenxiao/service-kit/numbers';
import { z } from 'zod';
import { settings, type ComplaintsConfig } from '../config.js';
import { customerOf } from '../purchases.js';
import { businessMinutes } from '../quality/stages.js';
import { requireRecent } from '../received.js';
import { isAtLeast } from '../severity.js';
import { surveyComplaint } from '../surveys/issuing.js';
import { pick } from './pick.js';
import { effects, fact, informForm, notYet, someCustomer, tell } from './service-complaint-moves.js';
import { ServiceComplaint, type Limits } from './service-complaint-table.js';
import { departmentStaff, salesAndOffice, salesHeads, salesOrOffice, serviceReaders, sideOf } from './sides.js';

/** C-12, C-13 Service complaint 《客户投诉服务处理表》: the department at fault handles it, sales or the office answers for it, and the customer is told. */

type Within = (subject: ServiceComplaint, calendar: BusinessCalendar) => ReturnType<typeof hours>;
const within =
  (limit: keyof Limits): Within =>
  ({ limits }) =>
    hours(limits[limit]);
const deputy = 'deputy-general-manager-sales';
const whoAnswers = ({ severity }: ServiceComplaint): Powers => sideOf(severity!);

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

export const serviceComplaint = bind(
  procedure({
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
        clock: { within: within('open'), escalateTo: deputy },
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
        clock: { within: within('open'), escalateTo: deputy },
      },
      handle: {
        from: 'with-department',
        to: 'handled',
        by: departmentStaff,
        form: z.object({ measures: Note }),
        fact: 'handled',
        clock: {
          within: ({ severity, limits }: ServiceComplaint) =>
            hours(isAtLeast(severity!, 'serious') ? limits.handleSerious : limits.handle),
          escalateTo: deputy,
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
        clock: { clause: 'C-13', within: within('inform'), escalateTo: deputy, tell: whoAnswers },
      },
      sendCopy: { from: 'handled', to: 'copied-to-office', by: salesHeads, fact: 'copy-sent' },
      receiveCopy: {
        from: 'copied-to-office',
        to: 'archived',
        by: { office: 'all' },
        fact: 'copy-filed',
        clock: { within: within('copy'), escalateTo: deputy },
      },
    },
  }),
  {
    entity: ServiceComplaint,
    create: async ({ channel, receivedAt, distributorCode: code, customer, telephone, description }, work, base) => {
      if (code === undefined && customer === undefined) throw someCustomer({}, { field: 'distributorCode' });
      if (receivedAt !== undefined && new Date(receivedAt) > work.now) throw notYet({}, { field: 'receivedAt' });
      if (receivedAt !== undefined) requireRecent(work, new Date(receivedAt));
      const known = code === undefined ? undefined : await customerOf(work, { code });
      return work.em.create(ServiceComplaint, {
        ...base,
        region: known?.region ?? null,
        unit: null,
        number: await documentNumber(work, 'FWTS', work.today),
        channel,
        receivedAt: receivedAt === undefined ? work.now : new Date(receivedAt),
        distributor: known?.id ?? null,
        distributorCode: known?.code ?? null,
        customer: customer ?? null,
        telephone: telephone ?? null,
        description,
        severity: null,
        accused: null,
        standard: null,
        handler: null,
        limits: limitsOf(settings(work)),
        previousSeverity: null,
        suggestion: null,
        measures: null,
        founded: null,
        findings: null,
        result: null,
        informedOn: null,
        way: null,
        digest: null,
      });
    },
    effects,
    follows: {
      log: (subject, work) => tell(work, subject, 'open', { powers: salesHeads }),
      escalate: (subject, work) => tell(work, subject, 'settle', { powers: { office: 'all' } }, 'C-13'),
      sendToDepartment: (subject, work) => {
        const { unit, handler } = subject;
        const powers = { 'head-of-department': 'unit' };
        tell(work, subject, 'handle', { powers, unit: unit!, ...(handler ? { persons: [handler] } : {}) });
      },
      handle: (subject, work) => {
        tell(work, subject, 'settle', { powers: whoAnswers(subject) }, 'C-13');
      },
      informCustomer: (subject, work) => surveyComplaint(work, subject),
      sendCopy: (subject, work) => tell(work, subject, 'receive-copy', { powers: { office: 'all' } }),
    },
    facts: {
      logged: (subject) => ({ ...fact(subject), description: subject.description }),
      opened: fact,
      'severity-changed': (subject) => ({ ...fact(subject), previousSeverity: subject.previousSeverity! }),
      escalated: (subject, { suggestion }) => ({ ...fact(subject), suggestion }),
      'sent-to-department': fact,
      handled: (subject, { measures }) => ({ ...fact(subject), measures }),
      verified: (subject, form) => ({ ...fact(subject), ...form }),
      settled: (subject, { result }) => ({ ...fact(subject), result }),
      'customer-informed': (subject, form, work) => {
        const minutes = businessMinutes(work.calendar, subject.receivedAt, work.now);
        return { ...fact(subject), ...form, responseMinutes: minutes, resolutionMinutes: minutes };
      },
      'copy-sent': (subject) => ({ ...fact(subject), founded: subject.founded! }),
      'copy-filed': (subject) => {
        const { founded, informedOn, digest } = subject;
        return { ...fact(subject), founded: founded!, informedOn: informedOn!, digest: digest! };
      },
    },
    view: (subject) => ({
      ...pick(subject, ['number', 'region', 'channel', 'receivedAt', 'distributorCode', 'customer', 'telephone']),
      ...pick(subject, [
        'description',
        'severity',
        'unit',
        'standard',
        'suggestion',
        'measures',
        'founded',
        'findings',
      ]),
      ...pick(subject, ['result', 'informedOn', 'way', 'digest']),
      distributorId: subject.distributor,
      accusedId: subject.accused,
      handlerId: subject.handler,
    }),
    filters: {
      number: 'number',
      severity: 'severity',
      unit: 'unit',
      accusedId: 'accused',
      distributorId: 'distributor',
    },
  },
);

const limitsOf = (config: ComplaintsConfig): Limits => ({
  open: config.SERVICE_OPEN_WORKING_HOURS,
  handle: config.SERVICE_HANDLE_WORKING_HOURS,
  handleSerious: config.SERVICE_HANDLE_SERIOUS_WORKING_HOURS,
  inform: config.SERVICE_INFORM_WORKING_HOURS,
  copy: config.SERVICE_COPY_WORKING_HOURS,
});
