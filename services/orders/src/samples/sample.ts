import { sampleEvents } from '@fenxiao/contracts/samples';
import { Amount, CalendarDate, Line, PositiveAmount, QuantityText, Ref } from '@fenxiao/contracts/wire';
import type { BusinessCalendar } from '@fenxiao/domain/business-calendar';
import { domainError } from '@fenxiao/domain/domain-error';
import { Money } from '@fenxiao/domain/money';
import { Percentage } from '@fenxiao/domain/percentage';
import { Quantity } from '@fenxiao/domain/quantity';
import { procedure } from '@fenxiao/procedures/procedure';
import { columns, subjectColumns } from '@fenxiao/service-kit/columns';
import { bind, follow, lock } from '@fenxiao/service-kit/engine';
import { documentNumber } from '@fenxiao/service-kit/numbers';
import type { Work } from '@fenxiao/service-kit/work';
import { defineEntity } from '@mikro-orm/core';
import { z } from 'zod';
import { settings } from '../config.js';
import { termsOf } from '../product.js';
import { sampleReaders, sampleRequest } from './sample-request.js';
import { keep, take } from './sample-stock.js';

/** O-30 Sample issue 样板发放单: what the keeper hands out for an approved request, never more, and what becomes of it. */
const SampleSchema = defineEntity({
  name: 'Sample',
  tableName: 'sample',
  properties: (p) => ({
    ...subjectColumns,
    number: p.text(),
    request: p.uuid(),
    requestNumber: p.text(),
    distributor: p.uuid(),
    distributorCode: p.text(),
    product: p.uuid(),
    productCode: p.text(),
    family: p.text(),
    colourNumber: p.text(),
    quantity: columns.quantity(),
    returnNeeded: p.boolean(),
    issuedOn: columns.date(),
    returnOn: columns.date().strictNullable(),
    returnedOn: columns.date().strictNullable(),
    listValue: columns.money(),
    charged: columns.money().strictNullable(),
    convertedBy: p.uuid().strictNullable(),
  }),
});
export class Sample extends SampleSchema.class {}
SampleSchema.setClass(Sample);

const keeper = { 'sample-keeper': 'all' } as const;

export const sample = bind(
  procedure({
    name: 'sample',
    clause: 'O-30',
    events: sampleEvents,
    states: ['issued', 'returned', 'consumed', 'lost', 'charged'],
    read: sampleReaders,
    archive: { states: ['returned', 'consumed', 'charged'] },
    page: {
      title: 'sample',
      fields: [
        'requestNumber',
        'distributorId',
        'requesterId',
        'productId',
        'colourNumber',
        'quantity',
        'issuedOn',
        'returnOn',
        'returnedOn',
      ],
      sign: ['order-clerk', 'sample-keeper', 'salesperson'],
    },
    start: {
      move: 'issue',
      // what need not come back is used up where it goes
      to: ['issued', 'consumed'],
      by: keeper,
      form: z.object({ requestId: Ref('sample-request'), quantity: QuantityText, returnOn: CalendarDate.optional() }),
      fact: 'issued',
    },
    moves: {
      return: {
        from: 'issued',
        to: 'returned',
        by: keeper,
        form: z.object({ condition: z.enum(['good', 'damaged']) }),
        fact: 'returned',
        clock: {
          within: (subject: Sample, calendar: BusinessCalendar) =>
            calendar.instantAt(calendar.addDays(subject.returnOn!, 1), '00:00'),
          remindDaysBefore: [3],
          escalateTo: 'sales-manager',
        },
      },
      consume: { from: 'issued', to: 'consumed', by: keeper, fact: 'consumed', reason: true },
      lose: { from: 'issued', to: 'lost', by: keeper, fact: 'lost', reason: true },
      charge: {
        from: 'lost',
        to: 'charged',
        by: { finance: 'all' },
        form: z.object({ amount: PositiveAmount }),
        fact: 'charged',
        reason: true,
      },
      convert: {
        from: ['issued', 'returned', 'consumed', 'lost', 'charged'],
        by: { system: 'all' },
        form: z.object({ orderId: z.uuid(), orderNumber: Line, orderedOn: CalendarDate, orderNet: Amount }),
        fact: 'converted',
      },
    },
  }),
  {
    entity: Sample,
    create: async ({ requestId, quantity: text, returnOn }, work, base) => {
      const request = await lock(work, sampleRequest, requestId);
      if (request.state !== 'approved') throw notApproved({ request: request.number, state: request.state });
      const quantity = Quantity.of(text);
      const left = request.quantity.minus(request.issued);
      if (!quantity.isPositive() || quantity.compare(left) > 0)
        throw aboveApproved({ left: String(left) }, { field: 'quantity' });
      if (returnOn !== undefined && (!request.returnNeeded || returnOn < work.today))
        throw wrongReturn({}, { field: 'returnOn' });
      const { distributor, distributorCode, product, productCode, family, colourNumber, region, owner } = request;
      await take(work, { id: product, code: productCode }, quantity, base.id);
      request.issued = request.issued.plus(quantity);
      const due = returnOn ?? work.calendar.addDays(work.today, settings(work).SAMPLE_RETURN_DAYS);
      return work.em.create(Sample, {
        ...base,
        state: request.returnNeeded ? 'issued' : 'consumed',
        region,
        owner,
        number: await documentNumber(work, 'YF', work.today),
        request: requestId,
        requestNumber: request.number,
        distributor,
        distributorCode,
        product,
        productCode,
        family,
        colourNumber,
        quantity,
        returnNeeded: request.returnNeeded,
        issuedOn: work.today,
        returnOn: request.returnNeeded ? due : null,
        returnedOn: null,
        listValue: await listValueOf(work, product, quantity),
        charged: null,
        convertedBy: null,
      });
    },
    effects: {
      return: async (subject, { condition }, work) => {
        subject.returnedOn = work.today;
        const product = { id: subject.product, code: subject.productCode };
        if (condition === 'good') await keep(work, 'returned', product, subject.quantity, subject.id);
      },
      charge: (subject, { amount: text }) => {
        const amount = Money.of(text);
        if (!amount.isPositive()) throw chargeNothing({}, { field: 'amount' });
        subject.charged = amount;
      },
      convert: (subject, { orderId }) => {
        subject.convertedBy = orderId;
      },
    },
    follows: {
      issue: async ({ request: id }, work) => {
        const request = await lock(work, sampleRequest, id);
        if (request.issued.equals(request.quantity)) await follow(work, sampleRequest, request, 'fulfil');
      },
    },
    facts: {
      issued: fact,
      returned: (subject, { condition }, work) => ({
        ...fact(subject, {}, work),
        returnedOn: subject.returnedOn!,
        condition,
      }),
      consumed: fact,
      lost: fact,
      charged: (subject, { amount }, work) => ({ ...fact(subject, {}, work), amount }),
      converted: (subject, form, work) => ({ ...fact(subject, {}, work), ...form }),
    },
    view: (subject) => ({
      ...viewOf(subject),
      quantity: subject.quantity,
      listValue: subject.listValue,
      returnedOn: subject.returnedOn,
      charged: subject.charged,
      orderId: subject.convertedBy,
    }),
    filters: {
      number: 'number',
      requestId: 'request',
      distributorId: 'distributor',
      productId: 'product',
      requesterId: 'owner',
      returnOn: 'returnOn',
    },
  },
);

function viewOf(subject: Sample) {
  const { number, request, requestNumber, distributor, distributorCode, region, owner, product, productCode } = subject;
  const { family, colourNumber, returnNeeded, issuedOn, returnOn } = subject;
  return {
    number,
    requestId: request,
    requestNumber,
    distributorId: distributor,
    distributorCode,
    regionId: region!,
    requesterId: owner!,
    productId: product,
    productCode,
    family,
    colourNumber,
    returnNeeded,
    issuedOn,
    ...(returnOn ? { returnOn } : {}),
  };
}

function fact(subject: Sample, _: unknown, work: Work) {
  const { quantity, listValue } = subject;
  return { ...viewOf(subject), quantity: String(quantity), listValue: String(listValue), currency: work.currency };
}

async function listValueOf(work: Work, product: string, quantity: Quantity): Promise<Money> {
  const [terms] = await termsOf(work, { ids: [product] }, work.today, settings(work).STANDARD_TAX_RATE);
  return terms?.list ? Money.lineNet(terms.list.price, quantity, Percentage.zero) : Money.zero;
}

const notApproved = domainError({
  code: 'orders.sample.request-not-approved',
  kind: 'conflict',
  rule: 'O-30',
  en: 'Request {request} is {state}; samples are issued for approved requests only.',
  zh: '申领单{request}当前状态为{state}；只能按已批准的申领单发放样板。',
});
const aboveApproved = domainError({
  code: 'orders.sample.above-approved',
  kind: 'unprocessable',
  rule: 'O-30',
  en: 'Of what was approved only {left} may still be issued.',
  zh: '已批准数量中仅余{left}可发放。',
});
const wrongReturn = domainError({
  code: 'orders.sample.wrong-return-date',
  kind: 'unprocessable',
  rule: 'O-30',
  en: 'A day of return is for samples that have to come back, and not before today.',
  zh: '归还日期仅用于须归还的样板，且不得早于今天。',
});
const chargeNothing = domainError({
  code: 'orders.sample.charge-nothing',
  kind: 'unprocessable',
  rule: 'O-30',
  en: 'A charge must be above zero.',
  zh: '赔偿金额必须大于零。',
});
