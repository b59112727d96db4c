import { sampleRequestEvents } from '@fenxiao/contracts/samples';
import { Code, Note, QuantityText, Ref } from '@fenxiao/contracts/wire';
import { Quantity } from '@fenxiao/domain/quantity';
import { approval } from '@fenxiao/procedures/approval';
import { procedure, type Powers } from '@fenxiao/procedures/procedure';
import { domainError } from '@fenxiao/domain/domain-error';
import { columns, subjectColumns } from '@fenxiao/service-kit/columns';
import { bind } from '@fenxiao/service-kit/engine';
import { documentNumber } from '@fenxiao/service-kit/numbers';
import { defineEntity } from '@mikro-orm/core';
import { z } from 'zod';
import { distributorOf } from '../distributor.js';
import { unknownProduct } from '../product.js';
import { salesReaders } from '../readers.js';

/** O-30 Sample request 样板申领单: who wants which sample for which customer, and why; the sales manager approves. */
const SampleRequestSchema = defineEntity({
  name: 'SampleRequest',
  tableName: 'sample_request',
  properties: (p) => ({
    ...subjectColumns,
    number: p.text(),
    distributor: p.uuid(),
    distributorCode: p.text(),
    product: p.uuid(),
    productCode: p.text(),
    family: p.text(),
    colourNumber: p.text(),
    quantity: columns.quantity(),
    issued: columns.quantity(),
    purpose: p.text(),
    returnNeeded: p.boolean(),
  }),
});
export class SampleRequest extends SampleRequestSchema.class {}
SampleRequestSchema.setClass(SampleRequest);

export const sampleReaders: Powers = { ...salesReaders, 'sample-keeper': 'all' };

export const sampleRequest = bind(
  procedure({
    name: 'sample-request',
    clause: 'O-30',
    events: sampleRequestEvents,
    states: ['requested', 'approved', 'rejected', 'fulfilled'],
    read: sampleReaders,
    page: {
      title: 'sample-request',
      fields: [
        'distributorId',
        'requesterId',
        'productId',
        'colourNumber',
        'quantity',
        'issued',
        'returnNeeded',
        'purpose',
      ],
      sign: ['order-clerk', 'sales-manager', 'sample-keeper'],
    },
    start: {
      move: 'request',
      to: 'requested',
      by: { 'order-clerk': 'all', 'regional-manager': 'region', salesperson: 'region' },
      fact: 'requested',
      form: z.object({
        distributorCode: Code,
        productCode: Code,
        quantity: QuantityText,
        purpose: Note,
        returnNeeded: z.boolean(),
        /** who answers for it, where that is not who fills the form in */
        requesterId: Ref('person').optional(),
      }),
      daily: true,
    },
    moves: {
      ...approval<'requested' | 'approved' | 'rejected', 'approved' | 'rejected', SampleRequest>({
        in: 'requested',
        steps: [{ name: 'sample', slots: [{ 'sales-manager': 'all' }] }],
        approved: 'approved',
        rejected: 'rejected',
        facts: { approved: 'approved', rejected: 'rejected' },
      }),
      fulfil: { from: 'approved', to: 'fulfilled', by: { system: 'all' }, fact: 'fulfilled' },
    },
  }),
  {
    entity: SampleRequest,
    create: async ({ distributorCode, productCode, quantity: text, requesterId, ...rest }, work, base) => {
      const customer = await distributorOf(work, { code: distributorCode });
      const [product] = await work.query<{ id: string; family: string; colour_number: string }>(
        'SELECT id, family, colour_number FROM product WHERE code = $1',
        [productCode],
      );
      if (!product) throw unknownProduct({ product: productCode }, { field: 'productCode' });
      const quantity = Quantity.of(text);
      if (!quantity.isPositive()) throw notPositive({}, { field: 'quantity' });
      return work.em.create(SampleRequest, {
        ...base,
        ...rest,
        region: customer.region,
        owner: requesterId ?? work.actor.person,
        number: await documentNumber(work, 'YS', work.today),
        distributor: customer.id,
        distributorCode: customer.code,
        product: product.id,
        productCode,
        family: product.family,
        colourNumber: product.colour_number,
        quantity,
        issued: Quantity.zero,
      });
    },
    facts: { requested: fact, approved: fact, rejected: fact, fulfilled: fact },
    view: (subject) => ({ ...fact(subject), quantity: subject.quantity, issued: subject.issued }),
    filters: { number: 'number', distributorId: 'distributor', productId: 'product', requesterId: 'owner' },
  },
);

function fact(subject: SampleRequest) {
  const { number, distributor, distributorCode, region, owner, product, productCode, family } = subject;
  const { colourNumber, quantity, purpose, returnNeeded } = subject;
  return {
    number,
    distributorId: distributor,
    distributorCode,
    regionId: region!,
    requesterId: owner!,
    productId: product,
    productCode,
    family,
    colourNumber,
    quantity: String(quantity),
    purpose,
    returnNeeded,
  };
}

const notPositive = domainError({
  code: 'orders.sample-request.quantity-not-positive',
  kind: 'unprocessable',
  rule: 'O-30',
  en: 'The quantity must be above zero.',
  zh: '数量必须大于零。',
});
