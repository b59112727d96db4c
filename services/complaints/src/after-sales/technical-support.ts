import { ContactWay, technicalSupportEvents } from '@fenxiao/contracts/after-sales';
import { Instant, Note, Ref } from '@fenxiao/contracts/wire';
import { domainError } from '@fenxiao/domain/domain-error';
import { procedure } from '@fenxiao/procedures/procedure';
import { subjectColumns } from '@fenxiao/service-kit/columns';
import { bind } from '@fenxiao/service-kit/engine';
import { documentNumber } from '@fenxiao/service-kit/numbers';
import type { Work } from '@fenxiao/service-kit/work';
import { defineEntity } from '@mikro-orm/core';
import { z } from 'zod';
import { settings } from '../config.js';
import { requirePublished } from './knowledge-article.js';
import {
  aboutOf,
  administrator,
  caseReaders,
  contactReaders,
  instantOf,
  minutesUntil,
  noticeClock,
  reported,
  reporters,
  reportFields,
  stepClock,
  technical,
  tell,
  type Limits,
} from './report.js';

/** C-21 Technical support 技术支持: a customer's question, under the clocks of an after-sales case, answered without a verdict. */
const TechnicalSupportSchema = defineEntity({
  name: 'TechnicalSupport',
  tableName: 'technical_support',
  properties: (p) => ({
    ...subjectColumns,
    number: p.text(),
    receivedAt: p.datetime(),
    distributor: p.uuid(),
    distributorCode: p.text(),
    orderNumber: p.text().strictNullable(),
    product: p.uuid().strictNullable(),
    productCode: p.text().strictNullable(),
    family: p.text().strictNullable(),
    question: p.text(),
    contact: p.text().strictNullable(),
    telephone: p.text().strictNullable(),
    limits: p.json<Limits>(),
    notifiedAt: p.datetime().strictNullable(),
    contacts: p.integer(),
    reopenings: p.integer(),
    answer: p.text().strictNullable(),
    answeredAt: p.datetime().strictNullable(),
    articleIds: p.json<readonly string[]>(),
    informedAt: p.datetime().strictNullable(),
    closedAt: p.datetime().strictNullable(),
  }),
});
export class TechnicalSupport extends TechnicalSupportSchema.class {}
TechnicalSupportSchema.setClass(TechnicalSupport);

const toldForm = z.object({ way: ContactWay, at: Instant.optional() });

const support = procedure({
  name: 'technical-support',
  path: 'technical-support',
  clause: 'C-21',
  events: technicalSupportEvents,
  states: ['reported', 'rm-notified', 'technical-verifying', 'answered', 'rm-informed', 'closed'],
  read: caseReaders,
  reveal: contactReaders,
  start: {
    move: 'report',
    to: 'reported',
    by: reporters,
    form: z.object({ ...reportFields, question: Note }),
    fact: 'reported',
    daily: true,
  },
  moves: {
    notifyManager: {
      from: 'reported',
      to: 'rm-notified',
      by: administrator,
      form: toldForm,
      fact: 'rm-notified',
      clock: noticeClock,
      daily: true,
    },
    beginVerifying: {
      from: 'rm-notified',
      to: 'technical-verifying',
      by: technical,
      fact: 'verification-begun',
      clock: stepClock('verify', 'sales-general-manager'),
    },
    answer: {
      from: ['rm-notified', 'technical-verifying'],
      to: 'answered',
      by: technical,
      form: z.object({ answer: Note, articleIds: z.array(Ref('knowledge-article')).max(20).default([]) }),
      fact: 'answered',
      clock: stepClock('decide', 'sales-general-manager'),
    },
    contactAgain: {
      from: ['rm-notified', 'technical-verifying', 'answered', 'rm-informed'],
      to: 'technical-verifying',
      by: { ...administrator, ...technical, distributor: 'own' },
      fact: 'contacted-again',
      reason: true,
      daily: true,
    },
    informManager: {
      from: 'answered',
      to: 'rm-informed',
      by: administrator,
      form: toldForm,
      fact: 'rm-informed',
      clock: noticeClock,
      daily: true,
    },
    close: {
      from: 'rm-informed',
      to: 'closed',
      by: administrator,
      fact: 'closed',
      clock: stepClock('close', 'sales-manager'),
      daily: true,
    },
    reopen: {
      from: 'closed',
      to: 'technical-verifying',
      by: { ...administrator, distributor: 'own' },
      fact: 'reopened',
      reason: true,
      daily: true,
    },
  },
  archive: { states: ['closed'] },
});

export const technicalSupport = bind(support, {
  entity: TechnicalSupport,
  create: async (form, work, base) =>
    work.em.create(TechnicalSupport, {
      ...base,
      ...(await reported(work, form)),
      number: await documentNumber(work, 'JSZC', work.today),
      question: form.question,
      contacts: 1,
      reopenings: 0,
      notifiedAt: null,
      answer: null,
      answeredAt: null,
      articleIds: [],
      informedAt: null,
      closedAt: null,
    }),
  effects: {
    notifyManager: (subject, { at }, work) => {
      subject.notifiedAt = instantOf(work, at, 'at', subject.receivedAt);
    },
    answer: async (subject, { answer, articleIds }, work) => {
      const linked = [...new Set(articleIds)];
      await requirePublished(work, linked);
      Object.assign(subject, { answer, articleIds: linked, answeredAt: work.now });
    },
    contactAgain: (subject) => {
      subject.contacts += 1;
    },
    informManager: (subject, { at }, work) => {
      subject.informedAt = instantOf(work, at, 'at', subject.answeredAt!);
    },
    close: (subject, _, work) => {
      subject.closedAt = work.now;
    },
    reopen: (subject, _, work) => {
      const { TECHNICAL_SUPPORT_REOPEN_DAYS: days } = settings(work);
      const last = work.calendar.addDays(work.calendar.dateOf(subject.closedAt!), days);
      if (work.today > last) throw tooLate({ last });
      subject.reopenings += 1;
    },
  },
  follows: {
    report: (subject, work) => tell(work, support, subject, 'task', administrator, 'notify-manager'),
    notifyManager: (subject, work) => {
      tell(work, support, subject, 'information', { 'regional-manager': 'region' });
      tell(work, support, subject, 'task', technical, 'begin-verifying');
    },
    contactAgain: (subject, work) => tell(work, support, subject, 'task', technical, 'answer'),
    answer: (subject, work) => tell(work, support, subject, 'information', 'owner'),
    reopen: (subject, work) => tell(work, support, subject, 'task', technical, 'answer'),
  },
  facts: {
    reported: (subject) => ({ ...aboutOf(subject), question: subject.question }),
    'rm-notified': (subject, { way }, work) => ({
      ...aboutOf(subject),
      ...timesOf(subject, work),
      notifiedAt: subject.notifiedAt!.toISOString(),
      way,
    }),
    'verification-begun': (subject, _, work) => ({ ...aboutOf(subject), ...timesOf(subject, work) }),
    answered: (subject, { answer }, work) => ({
      ...aboutOf(subject),
      ...timesOf(subject, work),
      answer,
      articleIds: [...subject.articleIds],
      contacts: subject.contacts,
    }),
    'contacted-again': (subject, _, work) => ({
      ...aboutOf(subject),
      ...timesOf(subject, work),
      contacts: subject.contacts,
    }),
    'rm-informed': (subject, { way }, work) => ({
      ...aboutOf(subject),
      ...timesOf(subject, work),
      informedAt: subject.informedAt!.toISOString(),
      way,
    }),
    closed: (subject, _, work) => ({
      ...aboutOf(subject),
      ...timesOf(subject, work),
      contacts: subject.contacts,
      reopenings: subject.reopenings,
      answeredAt: subject.answeredAt!.toISOString(),
      closedAt: subject.closedAt!.toISOString(),
      articleIds: [...subject.articleIds],
    }),
    reopened: (subject, _, work) => ({
      ...aboutOf(subject),
      ...timesOf(subject, work),
      closedAt: subject.closedAt!.toISOString(),
      reopenings: subject.reopenings,
    }),
  },
  view: (subject) => {
    const { owner, question, contact, telephone, notifiedAt, contacts, reopenings } = subject;
    const { answer, answeredAt, articleIds, informedAt, closedAt } = subject;
    return {
      ...aboutOf(subject),
      reporterId: owner,
      question,
      contact,
      telephone,
      notifiedAt,
      contacts,
      reopenings,
      answer,
      answeredAt,
      articleIds,
      informedAt,
      closedAt,
    };
  },
  filters: { number: 'number', distributorId: 'distributor', productId: 'product', reporterId: 'owner' },
});

/** K-Q18, K-Q06: what is known by then, so that the latest fact says it all. What was answered last is what resolved it. */
const timesOf = (subject: TechnicalSupport, work: Work) => {
  const { notifiedAt, answeredAt, closedAt } = subject;
  return {
    ...(notifiedAt ? { noticeMinutes: minutesUntil(subject, notifiedAt, work) } : {}),
    ...(answeredAt ? { resolutionMinutes: minutesUntil(subject, answeredAt, work) } : {}),
    ...(closedAt ? { closureMinutes: minutesUntil(subject, closedAt, work) } : {}),
  };
};

const tooLate = domainError({
  code: 'complaints.technical-support.too-late-to-reopen',
  kind: 'conflict',
  rule: 'C-21',
  en: 'It could be opened again until {last}; what comes later is a new question.',
  zh: '可重新开启的期限至{last}；此后请另行提出。',
});
