import { bind } from '@fenxiao/service-kit/engine';
import { documentNumber } from '@fenxiao/service-kit/numbers';
import type { Work } from '@fenxiao/service-kit/work';
import { settings, type ComplaintsConfig } from '../config.js';
import { customerOf } from '../purchases.js';
import { businessMinutes } from '../quality/stages.js';
import { requireRecent } from '../received.js';
import { surveyComplaint } from '../surveys/issuing.js';
import { pick } from './pick.js';
import { effects, fact, notYet, someCustomer, tell } from './service-complaint-moves.js';
import { serviceComplaintProcedure, whoAnswers } from './service-complaint-procedure.js';
import { ServiceComplaint, type Limits } from './service-complaint-table.js';
import { salesHeads } from './sides.js';

/** C-12, C-13 Service complaint 《客户投诉服务处理表》: the department at fault handles it, sales or the office answers for it, and the customer is told. */

export const serviceComplaint = bind(serviceComplaintProcedure, {
  entity: ServiceComplaint,
  create: async ({ channel, receivedAt, distributorCode: code, customer, telephone, description }, work, base) => {
    if (code === undefined && customer === undefined) throw someCustomer({}, { field: 'distributorCode' });
    if (receivedAt !== undefined && new Date(receivedAt) > work.now) throw notYet({}, { field: 'receivedAt' });
    if (receivedAt !== undefined) requireRecent(work, new Date(receivedAt));
    const known = code === undefined ? undefined : await customerOf(work, { code });
    return work.em.create(ServiceComplaint, {
      ...base,
      region: known?.region ?? base.region,
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
    sendToDepartment: askDepartment,
    assignHandler: askDepartment,
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
    'handler-assigned': fact,
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
    ...pick(subject, ['description', 'severity', 'unit', 'standard', 'suggestion', 'measures', 'founded', 'findings']),
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
});

function askDepartment(subject: ServiceComplaint, work: Work): void {
  const { unit, handler } = subject;
  const powers = { 'head-of-department': 'unit' };
  tell(work, subject, 'handle', { powers, unit: unit!, ...(handler ? { persons: [handler] } : {}) });
}

const limitsOf = (config: ComplaintsConfig): Limits => ({
  open: config.SERVICE_OPEN_WORKING_HOURS,
  handle: config.SERVICE_HANDLE_WORKING_HOURS,
  handleSerious: config.SERVICE_HANDLE_SERIOUS_WORKING_HOURS,
  inform: config.SERVICE_INFORM_WORKING_HOURS,
  copy: config.SERVICE_COPY_WORKING_HOURS,
});
