import { z } from 'zod';
import { aggregate, formEvents } from './event.js';
import { Grade } from './prices.js';
import { Amount, CalendarDate, Code, Id, Instant, Line, Note, PositiveAmount, QuantityText, Ref } from './wire.js';

/** Large orders, what production makes for them, trials of new varieties, the plan. Owned by orders. */

/** O-03: from how much on one order's demand of a family is large, by quantity or by net value. */
export const largeOrderLimitForm = z.object({
  family: Line,
  quantity: QuantityText,
  value: PositiveAmount,
  validFrom: CalendarDate,
});
export const largeOrderLimitEvents = formEvents('orders', 'large-order-limit', largeOrderLimitForm, {
  proposed: {},
  approved: {},
  rejected: {},
  withdrawn: {},
});

/** O-03: the limits of every family that had orders enough, computed from those of the last 90 days. */
export const largeOrderLimitsEvents = aggregate('orders', 'large-order-limits', {
  computed: {
    date: CalendarDate,
    from: CalendarDate,
    limits: z.array(z.object({ family: Line, quantity: QuantityText, value: Amount, demands: z.int() })),
  },
});

const request = {
  number: Line,
  orderId: Ref('order'),
  orderNumber: Line,
  distributorId: Ref('distributor'),
  distributorCode: Code,
  regionId: Id,
  salespersonId: Id.optional(),
  productId: Ref('product'),
  productCode: Code,
  family: Line,
  /** what is short: not covered by free stock */
  quantity: QuantityText,
  /** when the customer needs it, whatever was promised since */
  needDate: CalendarDate,
  /** when the order that met no stock was handed in: time from shortage to request is `time - shortageAt` */
  shortageAt: Instant,
};
const scheduled = {
  ...request,
  scheduledOn: CalendarDate,
  scheduledQuantity: QuantityText,
  /** the first date production gave: promise slip is scheduledOn − firstScheduledOn */
  firstScheduledOn: CalendarDate,
};
/** O-31 */
export const productionRequestEvents = aggregate(
  'orders',
  'production-request',
  {
    requested: request,
    acknowledged: request,
    scheduled,
    rescheduled: scheduled,
    started: scheduled,
    finished: { ...scheduled, finishedOn: CalendarDate, onTime: z.boolean() },
    'received-into-stock': {
      ...scheduled,
      received: QuantityText,
      receivedOn: CalendarDate,
      warehouse: Code,
      batch: Code,
      onTime: z.boolean(),
    },
    declined: { ...request, why: Note },
    /** the order it was made for is no more, or was changed */
    withdrawn: request,
  },
  { clocks: true },
);

/** O-32: a variety that is not in production, wanted in a large quantity. */
export const trialForm = z.object({
  distributorCode: Code,
  /** the customer's order that waits for it */
  orderId: Ref('order').optional(),
  family: Line,
  name: Line,
  specification: Line,
  grade: Grade,
  colourNumber: Line,
  unit: Line,
  quantity: QuantityText,
  /** what the customer would pay for it, net */
  value: PositiveAmount.optional(),
  needDate: CalendarDate,
});
/** The customer's own sample 样板, as it is logged: photograph (its name and SHA-256), size, colour number. */
export const customerSample = z.object({
  photograph: z.object({ file: Line, digest: z.string().regex(/^[0-9a-f]{64}$/) }),
  sampleSize: Line,
  sampleColourNumber: Line,
});
export const trialEvents = formEvents(
  'orders',
  'trial',
  trialForm,
  {
    requested: {},
    'sample-received': customerSample.shape,
    sent: {},
    planned: { plannedOn: CalendarDate },
    started: {},
    finished: { result: Note },
    delivered: {},
    accepted: { productCode: Code },
    rejected: {},
    infeasible: {},
    cancelled: {},
    'order-wanted': {},
    'order-drafted': { draftOrderId: Id },
  },
  { clocks: true },
);

export const summaryLine = z.object({
  orderNumber: Line,
  distributorCode: Code,
  productCode: Code,
  orderedQuantity: QuantityText,
  missing: QuantityText,
  needDate: CalendarDate.optional(),
  promisedOn: CalendarDate.optional(),
  firstPromisedOn: CalendarDate.optional(),
  requestNumber: Line.optional(),
  requestState: Line.optional(),
  scheduledOn: CalendarDate.optional(),
  scheduledQuantity: QuantityText.optional(),
  /** scheduled after the customer needs it, or due and not there */
  late: z.boolean(),
});
export const productionSummaryForm = z.object({ date: CalendarDate, lines: z.array(summaryLine).max(2000) });
/** O-33 《订货排产情况汇总表》 */
export const productionSummaryEvents = formEvents('orders', 'production-summary', productionSummaryForm, {
  generated: {},
  issued: { remarks: Note.optional() },
});

export const productionPlanForm = z.object({
  validFrom: CalendarDate,
  validTo: CalendarDate,
  lines: z
    .array(z.object({ requestNumber: Line, quantity: QuantityText, plannedOn: CalendarDate }))
    .min(1)
    .max(500),
  note: Note.optional(),
});
/** O-33: plan adherence is what of an issued plan's lines came into stock by its day (`production-request.received-into-stock`). */
export const productionPlanEvents = formEvents('orders', 'production-plan', productionPlanForm, {
  drafted: {},
  signed: {},
  agreed: {},
  rejected: {},
  issued: {},
});

export const opportunityForm = z.object({
  /** who may buy; a distributor's code once there is one */
  customer: Line,
  subject: Line,
  family: Line.optional(),
  expectedValue: PositiveAmount.optional(),
  expectedOn: CalendarDate.optional(),
});
/** O-01: the way to an order, from the lead on. */
export const opportunityEvents = formEvents('orders', 'opportunity', opportunityForm, {
  registered: {},
  negotiated: {},
  contracted: { distributorCode: Code, contractNumber: Line },
  ordered: { orderNumber: Line },
  reopened: {},
  fulfilled: {},
  lost: {},
});
