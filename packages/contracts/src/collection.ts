import { z } from 'zod';
import { aggregate } from './event.js';
import { Amount, CalendarDate, Code, Currency, Id, Line, Note, Percent, PositiveAmount, QuantityText } from './wire.js';

/** Year-end count, receivables, collection, write-offs and the files of orders, owned by orders (O-23 to O-26). */

export const WarehouseKind = z.enum(['shop', 'main']);

const warehouse = { code: Code, name: Line, kind: WarehouseKind, regionId: Id.optional() };
/** O-24: which warehouses there are, and which of them are company shops. */
export const warehouseEvents = aggregate('orders', 'warehouse', {
  proposed: warehouse,
  approved: warehouse,
  rejected: warehouse,
  closed: warehouse,
});

export const StocktakeKind = z.enum(['year-end', 'ad-hoc']);
/** Who counts: one of each, two persons. */
export const Counter = z.enum(['order-clerk', 'finished-goods-keeper']);

const stocktake = {
  number: Line,
  warehouse: Code,
  kind: StocktakeKind,
  scheduledOn: CalendarDate,
  regionId: Id.optional(),
};
/** K-O12, K-O13: places counted and found equal; values at standard cost, else at list price */
const found = {
  ...stocktake,
  items: z.int(),
  equal: z.int(),
  bookValue: PositiveAmount,
  /** counted less book */
  varianceValue: Amount,
  absoluteVariance: PositiveAmount,
  /** what is missing, as a positive amount */
  shrinkage: PositiveAmount,
  currency: Currency,
  /** on the day it was scheduled for: the 28th */
  countedOn: CalendarDate,
  onSchedule: z.boolean(),
};
/** O-24: the count of a warehouse by two persons who do not see each other's figures. */
export const stocktakeEvents = aggregate(
  'orders',
  'stocktake',
  {
    scheduled: stocktake,
    /** moved to another day; `onSchedule` goes by the first */
    rescheduled: { ...stocktake, firstScheduledOn: CalendarDate },
    'called-off': stocktake,
    /** counting has begun and the warehouse is frozen */
    started: { ...stocktake, items: z.int() },
    /** figures came in; they are told nobody before both counts are complete */
    'count-entered': { ...stocktake, counter: Counter, rows: z.int() },
    'count-finished': { ...stocktake, counter: Counter, round: z.int() },
    /** one of the two dropped out: how many of the former's figures are set aside and counted anew */
    'counter-replaced': { ...stocktake, counter: Counter, formerId: Id, personId: Id, round: z.int(), rows: z.int() },
    'recount-required': { ...stocktake, round: z.int(), items: z.int(), differing: z.int(), overLimit: z.int() },
    counted: { ...found, clerkId: Id, keeperId: Id, rounds: z.int() },
    'variance-found': found,
    explained: { ...stocktake, items: z.int(), unexplained: z.int() },
    approved: found,
    'sent-back': { ...stocktake, round: z.int() },
    adjusted: found,
    closed: { ...found, closedOn: CalendarDate },
  },
  { clocks: true },
);

/** O-24: what a count changed of one stock item; `quantity` is counted less book. */
export const stockAdjustmentEvents = aggregate('orders', 'stock', {
  adjusted: {
    productId: Id,
    productCode: Code,
    warehouse: Code,
    batch: Code,
    quantity: z.string().regex(/^-?\d{1,11}(\.\d{1,3})?$/),
    onHand: QuantityText,
    reserved: QuantityText,
    stocktakeId: Id,
    reason: Note,
  },
});

const customer = {
  distributorId: Id,
  distributorCode: Code,
  regionId: Id,
  salespersonId: Id.optional(),
};

/** K-C07: how long a receivable is overdue, in days. */
export const OverdueBucket = z.enum(['1-30', '31-60', '61-90', 'over-90']);

/** O-25: the ladder 0/30/60/90; once per invoice and step, on the first day that is more days late than the step says. */
export const receivableEvents = aggregate('orders', 'receivable', {
  overdue: {
    ...customer,
    invoiceId: Id,
    invoiceNumber: Line,
    dueOn: CalendarDate,
    on: CalendarDate,
    daysOverdue: z.int(),
    step: z.int(),
    bucket: OverdueBucket,
    openAmount: PositiveAmount,
    gross: PositiveAmount,
    currency: Currency,
  },
});

const task = {
  ...customer,
  number: Line,
  /** overdue and open when it was last looked at */
  amount: PositiveAmount,
  oldestDueOn: CalendarDate,
  step: z.int(),
  currency: Currency,
};
/** O-25: whose money is overdue is asked for it by the salesperson. */
export const collectionTaskEvents = aggregate(
  'orders',
  'collection-task',
  {
    opened: task,
    raised: task,
    promised: { ...task, promisedOn: CalendarDate, promisedAmount: PositiveAmount },
    'promise-kept': { ...task, promisedOn: CalendarDate, promisedAmount: PositiveAmount },
    'promise-broken': { ...task, promisedOn: CalendarDate, promisedAmount: PositiveAmount },
    escalated: task,
    done: { ...task, settled: z.boolean() },
  },
  { clocks: true },
);

const writeOff = {
  ...customer,
  number: Line,
  invoiceId: Id,
  invoiceNumber: Line,
  amount: PositiveAmount,
  openAmount: PositiveAmount,
  dueOn: CalendarDate,
  currency: Currency,
};
/** O-25, K-C08: bad debt. */
export const writeOffEvents = aggregate('orders', 'write-off', {
  proposed: { ...writeOff, grounds: Note },
  approved: { ...writeOff, writtenOffOn: CalendarDate },
  rejected: writeOff,
});

/** O-23: what belongs to the file of an order. */
export const DocumentKind = z.enum([
  'contract',
  'shipping-order',
  'proof-of-delivery',
  'complaint',
  'invoice',
  'other',
]);

const orderDocument = {
  number: Line,
  orderId: Id,
  orderNumber: Line,
  kind: DocumentKind,
  name: Line,
  digest: z.string(),
  shipmentId: Id.optional(),
};
export const orderDocumentEvents = aggregate('orders', 'order-document', {
  registered: orderDocument,
  withdrawn: orderDocument,
});

/** O-23: whether the file of a completed order has all that it should: files complete (%) is the last of each file. */
export const orderFileEvents = aggregate('orders', 'order-file', {
  assessed: {
    orderId: Id,
    orderNumber: Line,
    ...customer,
    completedOn: CalendarDate,
    expected: z.int(),
    present: z.int(),
    complete: z.boolean(),
    completeness: Percent,
    missing: z.array(Line),
  },
});
