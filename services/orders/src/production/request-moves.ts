import { domainError } from '@fenxiao/domain/domain-error';
import { Quantity } from '@fenxiao/domain/quantity';
import { follow, lock, open, type Bound } from '@fenxiao/service-kit/engine';
import type { Work } from '@fenxiao/service-kit/work';
import { allocateOrder } from '../order-flow.js';
import { order } from '../order-moves.js';
import type { Order } from '../order-tables.js';
import { goodsReceipt } from '../stock.js';
import { tellSalesperson } from '../telling.js';
import {
  ProductionRequest,
  productionRequestAsked,
  productionRequestProcedure,
  promiseOf,
  requestsOf,
  unanswered,
} from './request.js';

/** O-31: what production's answers do to the order that asked: its promise, its hold, the goods made for it. */
export const productionRequest: Bound<ProductionRequest, typeof productionRequestProcedure> = {
  ...productionRequestAsked,

  effects: {
    schedule: setDate,
    reschedule: setDate,
    finish: (subject, _, work) => {
      subject.finishedOn = work.today;
    },
    receive: async (subject, form, work) => {
      const quantity = Quantity.of(form.quantity);
      if (!quantity.isPositive()) throw nothingReceived({}, { field: 'quantity' });
      // the order before its stock, as everybody else locks them
      await lock(work, order, subject.orderId);
      await open(work, goodsReceipt, { form: { ...form, productCode: subject.productCode }, bySystem: true });
      Object.assign(subject, { received: quantity, receivedOn: work.today });
    },
    decline: (subject, { why }) => {
      subject.why = why;
    },
  },

  follows: {
    schedule: async (subject, work) => void (await answer(work, subject)),
    reschedule: async (subject, work) => void (await answer(work, subject)),
    receive: async (subject, work) => {
      const asking = await lock(work, order, subject.orderId);
      // taken back meanwhile: what was made for it is for whoever waits
      if (asking.state !== 'draft') await allocateOrder(work, order, asking);
    },
    decline: async (subject, work) => {
      const asking = await answer(work, subject);
      tellSalesperson(work, asking, 'O-31', `${subject.productCode} ${String(subject.quantity)}: ${subject.why}`);
    },
  },
};

function setDate(
  subject: ProductionRequest,
  { scheduledOn, quantity: text }: { scheduledOn: string; quantity: string },
  work: Work,
): void {
  const quantity = Quantity.of(text);
  if (scheduledOn < work.today) throw scheduledInThePast({ date: scheduledOn }, { field: 'scheduledOn' });
  if (quantity.compare(subject.quantity) < 0)
    throw lessThanAsked({ quantity: text, asked: String(subject.quantity) }, { field: 'quantity' });
  Object.assign(subject, { scheduledOn, scheduledQuantity: quantity });
  subject.firstScheduledOn ??= scheduledOn;
}

/**
 * The order goes on once production has answered for all it asked: with the latest scheduled date as its promise, or, of
 * what is declined, as any back-order. A date that moves later changes the promise already given.
 */
async function answer(work: Work, subject: ProductionRequest): Promise<Order> {
  await work.em.flush();
  const asking = await lock(work, order, subject.orderId);
  const requests = await requestsOf(work, asking);
  const promise = promiseOf(requests);
  if (asking.state === 'on-hold') {
    if (requests.some(unanswered)) return asking;
    asking.promisedOn = promise ?? asking.promisedOn;
    if (asking.holds.includes('stock')) await follow(work, order, asking, 'clearHold', { hold: 'stock' });
  } else if (promise && waiting.has(asking.state) && asking.promisedOn && promise !== asking.promisedOn) {
    const change = { from: asking.promisedOn, to: promise, productionRequestId: subject.id };
    await follow(work, order, asking, 'changePromise', change);
    tellSalesperson(work, asking, 'O-31', `${change.from} → ${change.to}`);
  }
  return asking;
}
const waiting = new Set(['confirmed', 'allocated', 'backordered', 'partially-shipped', 'partially-delivered']);

const scheduledInThePast = domainError({
  code: 'orders.production-request.date-in-the-past',
  kind: 'unprocessable',
  rule: 'O-31',
  en: 'What is made on {date} would have been made already.',
  zh: '排产日期{date}早于今天。',
});
const lessThanAsked = domainError({
  code: 'orders.production-request.less-than-asked',
  kind: 'unprocessable',
  rule: 'O-31',
  en: '{quantity} do not cover the {asked} asked for, so the date could not be promised; decline what can not be made.',
  zh: '排产数量{quantity}不足以满足所需的{asked}，不能据此承诺交期；无法生产的请予谢绝。',
});
const nothingReceived = domainError({
  code: 'orders.production-request.nothing-received',
  kind: 'unprocessable',
  rule: 'O-31',
  en: 'The quantity received must be above zero.',
  zh: '入库数量必须大于零。',
});
