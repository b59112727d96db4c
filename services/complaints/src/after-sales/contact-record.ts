import { ContactWay, contactRecordEvents } from '@fenxiao/contracts/after-sales';
import { CalendarDate, Code, Note, PersonName, Ref } from '@fenxiao/contracts/wire';
import type { BusinessCalendar } from '@fenxiao/domain/business-calendar';
import { domainError } from '@fenxiao/domain/domain-error';
import { headOffice } from '@fenxiao/procedures/powers';
import { procedure, type Powers } from '@fenxiao/procedures/procedure';
import { subjectColumns } from '@fenxiao/service-kit/columns';
import { bind, lock } from '@fenxiao/service-kit/engine';
import type { Work } from '@fenxiao/service-kit/work';
import { defineEntity } from '@mikro-orm/core';
import { z } from 'zod';
import { customerOf } from '../purchases.js';
import { afterSalesCase } from './case-moves.js';

/** C-11 Contact record 往来跟踪: every contact with a customer, kept and followed up by the sales support clerk. */
const ContactRecordSchema = defineEntity({
  name: 'ContactRecord',
  tableName: 'contact_record',
  properties: (p) => ({
    ...subjectColumns,
    distributor: p.uuid(),
    distributorCode: p.text(),
    contactedOn: p.date().$type<string>(),
    way: p.text().$type<z.infer<typeof ContactWay>>(),
    direction: p.text().$type<'from-customer' | 'to-customer'>(),
    topic: p.text().$type<z.infer<typeof Topic>>(),
    content: p.text(),
    contact: p.text().strictNullable(),
    caseId: p.uuid().strictNullable(),
    followUpOn: p.date().$type<string>().strictNullable(),
    followedUpOn: p.date().$type<string>().strictNullable(),
    outcome: p.text().strictNullable(),
  }),
});
export class ContactRecord extends ContactRecordSchema.class {}
ContactRecordSchema.setClass(ContactRecord);

const Topic = contactRecordEvents.recorded.data.shape.topic;
const clerk: Powers = { 'sales-support-clerk': 'all' };

export const contactRecord = bind(
  procedure({
    name: 'contact-record',
    clause: 'C-11',
    events: contactRecordEvents,
    states: ['to-follow-up', 'done'],
    read: { ...headOffice, 'regional-manager': 'region', salesperson: 'own' },
    reveal: { ...clerk, 'sales-administrator': 'all', 'regional-manager': 'region' },
    start: {
      move: 'record',
      // what needs no further step is done as it is written down
      to: ['to-follow-up', 'done'],
      by: clerk,
      form: z.object({
        distributorCode: Code,
        contactedOn: CalendarDate,
        way: ContactWay,
        direction: z.enum(['from-customer', 'to-customer']),
        topic: Topic,
        content: Note,
        contact: PersonName.optional(),
        caseId: Ref('after-sales-case').optional(),
        followUpOn: CalendarDate.optional(),
      }),
      fact: 'recorded',
      daily: true,
    },
    moves: {
      followUp: {
        from: 'to-follow-up',
        to: 'done',
        by: clerk,
        form: z.object({ outcome: Note }),
        fact: 'followed-up',
        clock: {
          within: (subject: ContactRecord, calendar: BusinessCalendar) => calendar.endOfDay(subject.followUpOn!),
          remindDaysBefore: [0],
          escalateTo: 'sales-manager',
        },
        daily: true,
      },
    },
  }),
  {
    entity: ContactRecord,
    create: async ({ distributorCode, caseId = null, followUpOn = null, contact = null, ...form }, work, base) => {
      const customer = await customerOf(work, { code: distributorCode });
      if (form.contactedOn > work.today) throw notYet({}, { field: 'contactedOn' });
      if (followUpOn !== null && followUpOn < work.today) throw alreadyPast({}, { field: 'followUpOn' });
      if (caseId !== null) await requireCaseOf(work, caseId, customer.id);
      return work.em.create(ContactRecord, {
        ...base,
        ...form,
        state: followUpOn === null ? 'done' : 'to-follow-up',
        region: customer.region,
        distributor: customer.id,
        distributorCode,
        contact,
        caseId,
        followUpOn,
        followedUpOn: null,
        outcome: null,
      });
    },
    effects: {
      followUp: (subject, { outcome }, work) => {
        subject.followedUpOn = work.today;
        subject.outcome = outcome;
      },
    },
    facts: {
      recorded: fact,
      'followed-up': (subject, { outcome }) => ({ ...fact(subject), followedUpOn: subject.followedUpOn!, outcome }),
    },
    view: (subject) => {
      const { contact, caseId, followUpOn, followedUpOn, outcome } = subject;
      return { ...fact(subject), contact, caseId, followUpOn, followedUpOn, outcome };
    },
    filters: {
      distributorId: 'distributor',
      caseId: {
        form: z.uuid(),
        where: (caseId) => ({ caseId }),
      },
      contactedOn: 'contactedOn',
    },
    listedBy: 'contactedOn',
  },
);

/** @throws otherCustomer */
async function requireCaseOf(work: Work, id: string, customer: string): Promise<void> {
  const { distributor, number } = await lock(work, afterSalesCase, id);
  if (distributor !== customer) throw otherCustomer({ number }, { field: 'caseId' });
}

function fact(subject: ContactRecord) {
  const { distributor, distributorCode, region, contactedOn, way, direction, topic, content } = subject;
  const { caseId, followUpOn } = subject;
  return {
    distributorId: distributor,
    distributorCode,
    regionId: region!,
    contactedOn,
    way,
    direction,
    topic,
    content,
    ...(caseId ? { caseId } : {}),
    ...(followUpOn ? { followUpOn } : {}),
  };
}

const notYet = domainError({
  code: 'complaints.contact-record.not-yet',
  kind: 'unprocessable',
  rule: 'C-11',
  en: 'A contact is recorded once it was had.',
  zh: '往来联系发生之后方可登记。',
});
const alreadyPast = domainError({
  code: 'complaints.contact-record.follow-up-past',
  kind: 'unprocessable',
  rule: 'C-11',
  en: 'What is to be followed up is so today or later.',
  zh: '跟踪日期不得早于今天。',
});
const otherCustomer = domainError({
  code: 'complaints.contact-record.case-of-another',
  kind: 'unprocessable',
  rule: 'C-11',
  en: 'After-sales case {number} is another customer’s.',
  zh: '售后事项{number}属于其他客户。',
});
