import { ComplaintChannel } from '@fenxiao/contracts/complaints';
import { opinionEvents, opinionForm } from '@fenxiao/contracts/service-complaints';
import { CalendarDate, Note, Ref } from '@fenxiao/contracts/wire';
import { hours } from '@fenxiao/domain/business-calendar';
import { domainError } from '@fenxiao/domain/domain-error';
import { headOffice, ownMatters } from '@fenxiao/procedures/powers';
import { procedure } from '@fenxiao/procedures/procedure';
import { hasRole } from '@fenxiao/service-kit/actor';
import { bind } from '@fenxiao/service-kit/engine';
import { documentNumber } from '@fenxiao/service-kit/numbers';
import type { Work } from '@fenxiao/service-kit/work';
import { z } from 'zod';
import { settings } from '../config.js';
import { customerOf } from '../purchases.js';
import { isAtWork } from './departments.js';
import { raiseMajorEvent } from './major-event.js';
import { Opinion } from './opinion-table.js';
import { pick } from './pick.js';
import { salesAndOffice, salesHeads } from './sides.js';

/** C-17 Customer opinion 客户意见: recorded by sales, assigned, solved in time, answered; what is major is told upwards at once. */

const within =
  (move: 'assign' | 'solve' | 'answer') =>
  ({ limits }: Opinion) =>
    hours(limits[move]);
const escalateTo = 'deputy-general-manager-sales';

export const opinion = bind(
  procedure({
    name: 'opinion',
    clause: 'C-17',
    events: opinionEvents,
    states: ['recorded', 'assigned', 'solved', 'answered'],
    read: { ...ownMatters, ...headOffice, office: 'all', 'regional-manager': 'region' },
    reveal: { ...salesHeads, office: 'all', 'sales-administrator': 'all', 'sales-support-clerk': 'all' },
    page: { title: 'customer-opinion', sign: ['sales-manager'] },
    start: {
      move: 'record',
      to: 'recorded',
      // the system: of a low score with a comment (C-18)
      by: { ...salesAndOffice, system: 'all' },
      form: opinionForm,
      fact: 'recorded',
    },
    moves: {
      assign: {
        from: ['recorded', 'assigned'],
        to: 'assigned',
        by: salesHeads,
        form: z.object({ assigneeId: Ref('person') }),
        fact: 'assigned',
        clock: { within: within('assign'), escalateTo },
      },
      solve: {
        from: 'assigned',
        to: 'solved',
        by: { ...ownMatters, ...salesHeads },
        form: z.object({ solution: Note }),
        fact: 'solved',
        clock: { within: within('solve'), tell: () => salesHeads, escalateTo },
      },
      answer: {
        from: 'solved',
        to: 'answered',
        by: { ...ownMatters, ...salesHeads },
        form: z.object({ answeredOn: CalendarDate, way: ComplaintChannel }),
        fact: 'answered',
        clock: { within: within('answer'), tell: () => salesHeads, escalateTo },
      },
      markMajor: {
        from: ['recorded', 'assigned', 'solved'],
        by: { ...salesAndOffice, salesperson: 'own' },
        fact: 'found-major',
      },
    },
  }),
  {
    entity: Opinion,
    create: async ({ distributorCode: code, customer, telephone, ...said }, work, base) => {
      if (code === undefined && customer === undefined) throw someCustomer({}, { field: 'distributorCode' });
      const known = code === undefined ? undefined : await customerOf(work, { code });
      const config = settings(work);
      return work.em.create(Opinion, {
        ...base,
        ...said,
        region: known?.region ?? base.region,
        number: await documentNumber(work, 'YJ', work.today),
        distributor: known?.id ?? null,
        distributorCode: known?.code ?? null,
        customer: customer ?? null,
        telephone: telephone ?? null,
        recordedOn: work.today,
        limits: {
          assign: config.OPINION_ASSIGN_WORKING_HOURS,
          solve: config.OPINION_SOLVE_WORKING_HOURS,
          answer: config.OPINION_ANSWER_WORKING_HOURS,
        },
        solution: null,
        answeredOn: null,
        way: null,
      });
    },
    effects: {
      assign: async (subject, { assigneeId }, work) => {
        if (!(await isAtWork(work, assigneeId))) throw nobodyHere({}, { field: 'assigneeId' });
        subject.owner = assigneeId;
      },
      solve: (subject, { solution }, work) => {
        requireAssigned(subject, work);
        subject.solution = solution;
      },
      answer: (subject, { answeredOn, way }, work) => {
        requireAssigned(subject, work);
        if (answeredOn > work.today || answeredOn < subject.recordedOn) throw wrongDay({}, { field: 'answeredOn' });
        subject.answeredOn = answeredOn;
        subject.way = way;
      },
      markMajor: (subject) => {
        if (subject.major) throw majorAlready();
        subject.major = true;
      },
    },
    follows: {
      record: async (subject, work) => {
        if (subject.major) await raiseMajorEvent(work, subject);
      },
      markMajor: (subject, work) => raiseMajorEvent(work, subject),
      assign: ({ id, number, state, owner }, work) =>
        work.notify(
          { kind: 'task', procedure: 'opinion', about: id, number, move: 'solve', state, to: { persons: [owner!] } },
          'C-17',
        ),
    },
    facts: {
      recorded: (subject) => ({ ...fact(subject), content: subject.content }),
      'found-major': fact,
      assigned: fact,
      solved: (subject, { solution }) => ({ ...fact(subject), solution }),
      answered: (subject, form) => ({ ...fact(subject), ...form }),
    },
    view: (subject) => ({
      ...pick(subject, ['number', 'region', 'kind', 'channel', 'distributorCode', 'customer', 'telephone', 'content']),
      ...pick(subject, ['major', 'recordedOn', 'solution', 'answeredOn', 'way']),
      distributorId: subject.distributor,
      assigneeId: subject.owner,
    }),
    filters: { number: 'number', kind: 'kind', assigneeId: 'owner', distributorId: 'distributor' },
  },
);

function fact({ number, kind, channel, major, recordedOn, region, distributor, distributorCode, owner }: Opinion) {
  return {
    number,
    kind,
    channel,
    major,
    recordedOn,
    ...(region ? { regionId: region } : {}),
    ...(distributor && distributorCode ? { distributorId: distributor, distributorCode } : {}),
    ...(owner ? { assigneeId: owner } : {}),
  };
}

/** @throws notAssigned unless it is the person it was assigned to, or a head of sales */
function requireAssigned({ owner }: Opinion, { actor }: Work): void {
  if (owner !== actor.person && !hasRole(actor, salesHeads)) throw notAssigned();
}

const someCustomer = domainError({
  code: 'complaints.opinion.some-customer',
  kind: 'unprocessable',
  rule: 'C-17',
  en: 'An opinion names its customer, by code or by name.',
  zh: '意见记录须注明客户编码或客户名称。',
});
const nobodyHere = domainError({
  code: 'complaints.opinion.nobody-here',
  kind: 'unprocessable',
  rule: 'C-17',
  en: 'It is assigned to somebody who works here.',
  zh: '须指派给在职人员。',
});
const notAssigned = domainError({
  code: 'complaints.opinion.not-assigned',
  kind: 'forbidden',
  rule: 'C-17',
  en: 'It is assigned to somebody else.',
  zh: '该意见已指派他人处理。',
});
const wrongDay = domainError({
  code: 'complaints.opinion.wrong-day',
  kind: 'unprocessable',
  rule: 'C-17',
  en: 'An answer is given from the day of the opinion until today.',
  zh: '答复日期应在意见记录之日至今天之间。',
});
const majorAlready = domainError({
  code: 'complaints.opinion.major-already',
  kind: 'conflict',
  rule: 'C-17',
  en: 'It was reported as a major event already.',
  zh: '已作为重大事件上报。',
});
