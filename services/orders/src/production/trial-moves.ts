import type { trialForm } from '@fenxiao/contracts/production';
import { domainError } from '@fenxiao/domain/domain-error';
import { Money } from '@fenxiao/domain/money';
import { Quantity } from '@fenxiao/domain/quantity';
import { follow, lock, open, publish, type Entity } from '@fenxiao/service-kit/engine';
import { bindForm, type FormDocument } from '@fenxiao/service-kit/forms';
import type { Work } from '@fenxiao/service-kit/work';
import type { z } from 'zod';
import { distributorOf, requireActive } from '../distributor.js';
import { order } from '../order-moves.js';
import type { Order } from '../order-tables.js';
import { product } from '../product.js';
import { tellSalesperson } from '../telling.js';
import { largeBy, limitsOf } from './large-order.js';
import { trialProcedure } from './trial.js';

/** O-32: when a variety is tried at all, what reaches the technical department, and what follows from the customer's word. */
type TrialForm = z.infer<typeof trialForm>;
type Trial = Entity & FormDocument;
const formOf = (document: FormDocument) =>
  document.form as TrialForm & { photograph?: object; productCode?: string; draftOrderId?: string };

export const trial = bindForm(trialProcedure, {
  series: 'SZ',
  region: async ({ distributorCode }, work) => (await distributorOf(work, { code: distributorCode })).region,
  onOpen: async (form, work) => {
    const distributor = await distributorOf(work, { code: form.distributorCode });
    requireActive(distributor);
    if (form.orderId !== undefined) await requireOrderOf(work, form.orderId, distributor.id);
    await requireLarge(work, form);
    await requireNew(work, form);
  },
  effects: {
    send: (document) => {
      if (formOf(document).photograph === undefined) throw noSample({ number: document.number! });
    },
    finish: (document) => {
      if (document.state !== 'in-trial') throw notBegun({ number: document.number! });
    },
    draftOrder: (document) => {
      if (formOf(document).draftOrderId !== undefined) throw draftedAlready({ number: document.number! });
    },
  },
  follows: {
    customerAccept: async (document, work) => {
      const { name, specification, grade, colourNumber, family, unit, productCode: code } = formOf(document);
      const form = { code: code!, name, specification, grade, colourNumber, family, unit };
      await open(work, product, { form, bySystem: true });
      await withHeldOrder(work, document, (held) => follow(work, order, held, 'clearHold', { hold: 'trial' }));
    },
    customerReject: (document, work) => backToDraft(work, document),
    giveUp: (document, work) => backToDraft(work, document),
    cancel: (document, work) => backToDraft(work, document),
    draftOrder: async (document, work) => {
      const { distributorCode, productCode, quantity, needDate } = formOf(document);
      const lines = [{ productCode, quantity }];
      const form = { distributorCode, promisedOn: needDate, reference: document.number, lines };
      const made = await open(work, order, { form, bySystem: true });
      made.owner = document.createdBy;
      document.form = { ...document.form, draftOrderId: made.id };
      publish(work, trial, document, 'order-drafted', { draftOrderId: made.id });
    },
  },
});

/** The order that waits for the trial, if it is held for it. */
async function withHeldOrder(work: Work, document: Trial, then: (held: Order) => Promise<void>): Promise<void> {
  const { orderId } = formOf(document);
  if (orderId === undefined) return;
  // the order's way asks the database which trials are under way
  await work.em.flush();
  const held = await lock(work, order, orderId);
  if (held.state === 'on-hold' && held.holds.includes('trial')) await then(held);
}

/** What the customer waited for will not come: the salesperson decides with the customer what of the order remains. */
const backToDraft = (work: Work, document: Trial) =>
  withHeldOrder(work, document, async (held) => {
    await follow(work, order, held, 'withdraw');
    tellSalesperson(work, held, 'O-32', `${document.number}: ${document.state}`);
  });

/** @throws notLarge */
async function requireLarge(work: Work, { family, quantity, value }: TrialForm): Promise<void> {
  const limit = (await limitsOf(work, [family])).get(family)!;
  const demand = { quantity: Quantity.of(quantity), value: value === undefined ? Money.zero : Money.of(value) };
  if (!largeBy(demand, limit))
    throw notLarge({ quantity, limit: String(limit.quantity), value: String(limit.value) }, { field: 'quantity' });
}

/** @throws inProduction */
async function requireNew(work: Work, { family, specification, colourNumber }: TrialForm): Promise<void> {
  const [made] = await work.query<{ code: string }>(
    `SELECT code FROM product WHERE family = $1 AND specification = $2 AND colour_number = $3 AND state <> 'retired' LIMIT 1`,
    [family, specification, colourNumber],
  );
  if (made) throw inProduction({ product: made.code }, { field: 'colourNumber' });
}

/** @throws otherOrder */
async function requireOrderOf(work: Work, orderId: string, distributor: string): Promise<void> {
  const [waiting] = await work.query(
    `SELECT FROM "order" WHERE id = $1 AND distributor = $2 AND state IN ('draft', 'reserved', 'on-hold')`,
    [orderId, distributor],
  );
  if (!waiting) throw otherOrder({}, { field: 'orderId' });
}

const notLarge = domainError({
  code: 'orders.trial.not-large',
  kind: 'unprocessable',
  rule: 'O-32',
  en: 'A trial needs a large quantity: {quantity} is below {limit}, and its value below {value}.',
  zh: '试制须为大宗需求：数量{quantity}低于{limit}，金额亦低于{value}。',
});
const inProduction = domainError({
  code: 'orders.trial.in-production',
  kind: 'unprocessable',
  rule: 'O-32',
  en: 'This variety is in production: {product}.',
  zh: '该花色品种已在生产：{product}。',
});
const otherOrder = domainError({
  code: 'orders.trial.other-order',
  kind: 'unprocessable',
  rule: 'O-32',
  en: 'The order is not one of this customer that still may wait.',
  zh: '该订单不属于此客户，或已不能等待试制。',
});
const noSample = domainError({
  code: 'orders.trial.no-sample',
  kind: 'unprocessable',
  rule: 'O-32',
  en: "The customer's sample for {number} is not logged: photograph, size, colour number.",
  zh: '{number}尚未登记客户样板（照片、尺寸、色号），不得送技术部。',
});
const notBegun = domainError({
  code: 'orders.trial.not-begun',
  kind: 'conflict',
  rule: 'O-32',
  en: 'The trial {number} has not been begun.',
  zh: '试制{number}尚未开始。',
});
const draftedAlready = domainError({
  code: 'orders.trial.order-drafted',
  kind: 'conflict',
  rule: 'O-32',
  en: 'The order for {number} is drafted already.',
  zh: '{number}的订单草稿已生成。',
});
