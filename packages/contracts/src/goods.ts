import { z } from 'zod';
import { aggregate, formEvents } from './event.js';
import { Channel } from './orders.js';
import { Grade } from './prices.js';
import { Amount, CalendarDate, Code, Currency, Id, Line, Note, PositiveAmount, QuantityText, Ref } from './wire.js';

/** What happens to goods beside selling them: quality and batches, returns, credit notes. Owned by orders. */

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

/** O-41: a standard that goods are inspected by. */
export const qualityStandardForm = z.object({
  code: Code,
  title: Line,
  /** the product family it is for; absent: every product */
  family: Line.optional(),
  /** what is measured, how, and within which limits */
  characteristics: z
    .array(z.object({ characteristic: Line, method: Line.optional(), limit: Line }))
    .min(1)
    .max(100),
  document: z.object({ file: Line, digest: sha256 }).optional(),
});
export const qualityStandardEvents = formEvents('orders', 'quality-standard', qualityStandardForm, {
  proposed: {},
  approved: {},
  rejected: {},
  withdrawn: {},
});

export const Verdict = z.enum(['pass', 'hold', 'fail']);
export const measurement = z.object({ characteristic: Line, measured: Line, within: z.boolean() });

/** O-41: one inspection of one batch. First-pass yield: verdict `pass` among those that are `first`. */
export const inspectionEvents = aggregate('orders', 'inspection', {
  recorded: {
    number: Line,
    productId: Id,
    productCode: Code,
    family: Line,
    batch: Code,
    standardId: Id,
    standard: Code,
    inspectedOn: CalendarDate,
    /** units looked at, and of them defective: ppm */
    inspected: QuantityText,
    defective: QuantityText,
    results: z.array(measurement),
    verdict: Verdict,
    /** grade found, and the one it had been taken for */
    grade: Grade,
    gradeBefore: Grade,
    /** the batch's first inspection */
    first: z.boolean(),
    note: Note.optional(),
  },
});

const batch = { productId: Id, productCode: Code, family: Line, batch: Code, grade: Grade };
const judged = { ...batch, inspectionId: Id.optional() };
/** O-41: a batch of a product, and whether its goods may be sold. */
export const batchEvents = aggregate('orders', 'batch', {
  registered: batch,
  held: judged,
  released: judged,
  failed: judged,
  regraded: { ...judged, gradeBefore: Grade },
});

/** O-42 不以次充好: goods that were shipped as the grade ordered turned out to be of another. */
export const gradeSubstitutionEvents = aggregate('orders', 'grade-substitution', {
  detected: {
    orderId: Id,
    shipmentId: Id,
    shipmentNumber: Line,
    shipmentLine: z.int(),
    distributorId: Id,
    productId: Id,
    productCode: Code,
    batch: Code,
    orderedGrade: Grade,
    foundGrade: Grade,
    quantity: QuantityText,
    shippedOn: CalendarDate,
    salespersonId: Id.optional(),
    inspectionId: Id.optional(),
  },
});

export const Remedy = z.enum(['credit', 'replacement']);
export const returnLine = z.object({
  line: z.int(),
  shipmentLine: z.int(),
  productId: Id,
  productCode: Code,
  family: Line,
  grade: Grade,
  colourNumber: Line,
  batch: Code,
  /** asked for; from `received` on: what came */
  quantity: QuantityText,
});
export const InspectedAs = z.enum(['restock', 'second-grade', 'scrap']);
export const returnResult = z.object({
  line: z.int().positive(),
  quantity: QuantityText,
  result: InspectedAs,
  /** of second-grade goods: their grade, the batch of their own, whether quality holds it */
  grade: Grade.optional(),
  batch: Code.optional(),
  hold: z.boolean().optional(),
  note: Note.optional(),
});
const returned = {
  number: Line,
  shipmentId: Id,
  shipmentNumber: Line,
  /** K-O11 counts returns by the day the goods were shipped */
  shippedOn: CalendarDate,
  orderId: Id,
  orderNumber: Line,
  distributorId: Ref('distributor'),
  distributorCode: Code,
  regionId: Id,
  salespersonId: Id.optional(),
  complaintId: Id.optional(),
  /** the request of the complaints service that asked for it */
  requestId: Id.optional(),
  remedy: Remedy,
  cause: Note,
  lines: z.array(returnLine),
};
/** O-07: goods that come back. */
export const returnEvents = aggregate(
  'orders',
  'return',
  {
    requested: returned,
    authorised: returned,
    /** authorised again, for the other remedy */
    'remedy-changed': returned,
    received: { ...returned, warehouse: Code },
    inspected: { ...returned, warehouse: Code, results: z.array(returnResult) },
    credited: {
      ...returned,
      results: z.array(returnResult),
      creditNoteId: Id,
      creditNoteNumber: Line,
      currency: Currency,
      net: Amount,
      tax: Amount,
      gross: Amount,
    },
    replaced: {
      ...returned,
      results: z.array(returnResult),
      replacementOrderId: Id,
      replacementOrderNumber: Line,
    },
    refused: returned,
  },
  { clocks: true },
);

/**
 * O-07, C-01: complaints asks for a return by this fact; its subject is the request. Orders answers on its own topic with
 * `return-request.accepted` or `.refused` under the same id; what becomes of the goods are the facts of the return.
 */
const askedReturn = {
  complaintId: Id,
  complaintNumber: Line,
  shipmentId: Id,
  lines: z
    .array(z.object({ shipmentLine: z.int().positive(), quantity: QuantityText }))
    .min(1)
    .max(1000),
  remedy: Remedy,
  cause: Note,
};
const answeredReturn = { ...askedReturn, returnId: Id.optional(), returnNumber: Line.optional() };
export const complaintReturnRequestEvents = aggregate(
  'complaints',
  'return-request',
  {
    requested: askedReturn,
    /** what complaints has heard of it */
    granted: answeredReturn,
    'remedy-changed': answeredReturn,
    settled: { ...answeredReturn, outcome: z.enum(['credited', 'replaced']) },
    declined: { ...answeredReturn, refusal: Note },
  },
  { clocks: true },
);
export const returnAnswerEvents = aggregate('orders', 'return-request', {
  accepted: { complaintId: Id, returnId: Id, returnNumber: Line, remedy: Remedy },
  /** the reason in words; `code` where a rule of orders refused it at once, without a return being opened */
  refused: {
    complaintId: Id,
    returnId: Id.optional(),
    returnNumber: Line.optional(),
    code: Line.optional(),
    reason: Note,
  },
});

export const creditLine = z.object({
  line: z.int(),
  productId: Id,
  productCode: Code,
  family: Line,
  quantity: QuantityText,
  net: Amount,
  tax: Amount,
  gross: Amount,
});
const creditNote = {
  number: Line,
  returnId: Id,
  invoiceId: Id,
  invoiceNumber: Line,
  orderId: Id,
  shipmentId: Id,
  distributorId: Ref('distributor'),
  distributorCode: Code,
  regionId: Id,
  segment: Line,
  channel: Channel,
  salespersonId: Id.optional(),
  creditedOn: CalendarDate,
  currency: Currency,
  net: Amount,
  tax: Amount,
  gross: Amount,
};
/** O-50: what a return takes back of an invoice; amounts are positive and lower the customer's debt. */
export const creditNoteEvents = aggregate('orders', 'credit-note', {
  issued: {
    ...creditNote,
    lines: z.array(creditLine),
    matched: z.array(z.object({ invoiceId: Id, invoiceNumber: Line, amount: PositiveAmount })),
    /** left for other invoices, since its own is paid */
    unapplied: PositiveAmount,
  },
  applied: {
    ...creditNote,
    toInvoiceId: Id,
    toRegionId: Id.optional(),
    amount: PositiveAmount,
    unapplied: PositiveAmount,
  },
});

/** O-50: whether a customer's shipments are invoiced one by one or together at the end of the month. */
export const invoicingTermsForm = z.object({
  distributorId: Ref('distributor'),
  invoicing: z.enum(['per-shipment', 'monthly']),
});
export const invoicingTermsEvents = formEvents('orders', 'invoicing-terms', invoicingTermsForm, {
  proposed: {},
  approved: {},
  rejected: {},
});
