import { z } from 'zod';
import { aggregate } from './event.js';
import { packagedLine } from './packaging.js';
import { Grade } from './prices.js';
import {
  Amount,
  CalendarDate,
  Code,
  Currency,
  Id,
  Instant,
  Line,
  Note,
  Percent,
  PositiveAmount,
  Price,
  QuantityText,
  Ref,
} from './wire.js';

/** Stock, orders, shipping orders, invoices and receipts, owned by orders. */

export const orderLine = z.object({
  line: z.int(),
  productId: Ref('product'),
  productCode: Code,
  family: Line,
  quantity: QuantityText,
  listPrice: Price,
  unitPrice: Price,
  discount: Percent,
  gift: z.boolean(),
  /** (net price − list) ÷ list, or the cut price while a cut runs; absent where the product has no list price */
  deviation: Percent.optional(),
  taxRate: Percent,
  net: Amount,
  tax: Amount,
  gross: Amount,
  /** O-14: the short price cut that ran for the line on the order's date */
  priceCutId: Ref('price-cut').optional(),
  cutPrice: Price.optional(),
  ...packagedLine,
});

export const Channel = z.enum(['direct', 'online', 'telephone', 'shop']);

const orderHead = {
  number: Line,
  distributorId: Ref('distributor'),
  distributorCode: Code,
  regionId: Id,
  segment: Line,
  /** person the sale counts for */
  salespersonId: Id.optional(),
  channel: Channel,
  orderedOn: CalendarDate,
  promisedOn: CalendarDate.optional(),
  currency: Currency,
  net: Amount,
  tax: Amount,
  gross: Amount,
};
const orderRef = { number: Line, distributorId: Id, regionId: Id, currency: Currency, net: Amount };

export const Finding = z.object({ rule: Line, code: Line, line: z.int().optional(), detail: z.string().max(1000) });

const reservedLine = z.object({ line: z.int(), productId: Id, quantity: QuantityText });

/** O-01: the life of an order. */
export const orderEvents = aggregate(
  'orders',
  'order',
  {
    created: { ...orderRef, lines: z.int() },
    changed: { ...orderRef, lines: z.int() },
    /** booking basis "order": every line, once */
    submitted: { ...orderHead, lines: z.array(orderLine) },
    checked: orderRef,
    confirmed: {
      ...orderRef,
      gross: Amount,
      promisedOn: CalendarDate.optional(),
      straightThrough: z.boolean(),
      large: z.boolean().optional(),
    },
    held: { ...orderRef, hold: z.enum(['credit', 'price', 'stock', 'trial']), detail: Note },
    released: { ...orderRef, hold: z.enum(['credit', 'price', 'stock', 'trial']), until: Instant.optional() },
    allocated: { ...orderRef, lines: z.array(reservedLine) },
    backordered: { ...orderRef, lines: z.array(z.object({ line: z.int(), productId: Id, short: QuantityText })) },
    /** O-06: goods set aside for a draft, until when; and given back unsold */
    'draft-reserved': { ...orderRef, until: Instant, lines: z.array(reservedLine) },
    'draft-released': orderRef,
    /** O-06: a person gave goods reserved for this order to another */
    reallocated: {
      ...orderRef,
      line: z.int(),
      productId: Id,
      quantity: QuantityText,
      toOrderId: Id,
      toOrderNumber: Line,
    },
    /** O-31: production moved the date; the first promise stays what it was */
    'promise-changed': {
      ...orderRef,
      from: CalendarDate,
      to: CalendarDate,
      firstPromisedOn: CalendarDate,
      productionRequestId: Id,
    },
    'partially-shipped': { ...orderRef, shipmentId: Id },
    shipped: { ...orderRef, shipmentId: Id },
    'partially-delivered': { ...orderRef, shipmentId: Id },
    /** K-O02: by the promise as it stood, and by the first one, which nothing moves */
    delivered: {
      ...orderRef,
      shipmentId: Id,
      deliveredOn: CalendarDate.optional(),
      onTime: z.boolean().optional(),
      onFirstPromise: z.boolean().optional(),
    },
    /** O-06: the rest can't come and is dropped; of every line what was ordered, shipped and dropped, and what that is worth */
    'closed-short': {
      ...orderHead,
      consentedOn: CalendarDate,
      /** what the order comes to without what was dropped */
      shippedNet: Amount,
      shippedTax: Amount,
      shippedGross: Amount,
      lines: z.array(
        orderLine.extend({
          shipped: QuantityText,
          dropped: QuantityText,
          droppedNet: Amount,
          droppedTax: Amount,
          droppedGross: Amount,
        }),
      ),
    },
    completed: orderRef,
    /** back to a draft; the lines again, so that the order basis can be taken back to the fen */
    withdrawn: { ...orderHead, lines: z.array(orderLine) },
    /** as above where it had been submitted */
    cancelled: { ...orderHead, lines: z.array(orderLine), submitted: z.boolean() },
    /** history, with its own dates, and what today's rules would have said of it */
    recorded: {
      ...orderHead,
      state: Line,
      shippedOn: CalendarDate.optional(),
      deliveredOn: CalendarDate.optional(),
      lines: z.array(orderLine),
      findings: z.array(Finding),
    },
  },
  { clocks: true },
);

const shipmentLine = z.object({
  line: z.int(),
  orderLine: z.int(),
  productId: Id,
  productCode: Code,
  family: Line,
  grade: Grade,
  colourNumber: Line,
  batch: Code,
  quantity: QuantityText,
  unitPrice: Price,
  net: Amount,
  tax: Amount,
  gross: Amount,
});
/** O-05: what of a line arrived damaged. */
const damagedLine = z.object({
  line: z.int(),
  orderLine: z.int(),
  productId: Id,
  productCode: Code,
  family: Line,
  grade: Grade,
  colourNumber: Line,
  batch: Code,
  quantity: QuantityText,
  note: Note.optional(),
});
const shipment = {
  number: Line,
  orderId: Id,
  orderNumber: Line,
  distributorId: Id,
  regionId: Id,
  currency: Currency,
};
const shippedGoods = {
  ...shipment,
  distributorCode: Code,
  segment: Line,
  channel: Channel,
  salespersonId: Id.optional(),
  shippedOn: CalendarDate,
  net: Amount,
  tax: Amount,
  gross: Amount,
  lines: z.array(shipmentLine),
};

/** O-04: the shipping order 出货单; O-05: carrier and proof of delivery. */
export const shipmentEvents = aggregate('orders', 'shipment', {
  issued: { ...shipment, net: Amount, lines: z.array(shipmentLine) },
  picked: shipment,
  /** booking basis "ship": every line, once */
  dispatched: {
    ...shippedGoods,
    carrier: Line.optional(),
    vehicle: Line.optional(),
    freight: PositiveAmount.optional(),
    /** when it left, where that is known to the minute */
    departedAt: Instant.optional(),
    promisedOn: CalendarDate.optional(),
  },
  /** O-05: the proof of delivery; a damage note is what C-01 opens a complaint of */
  received: {
    ...shipment,
    deliveredOn: CalendarDate,
    damage: Note.optional(),
    distributorCode: Code.optional(),
    salespersonId: Id.optional(),
    carrier: Line.optional(),
    vehicle: Line.optional(),
    freight: PositiveAmount.optional(),
    net: Amount.optional(),
    shippedOn: CalendarDate.optional(),
    promisedOn: CalendarDate.optional(),
    /** by the day promised */
    onTime: z.boolean().optional(),
    departedAt: Instant.optional(),
    arrivedAt: Instant.optional(),
    proof: z.object({ file: Line, digest: Line }).optional(),
    damaged: z.array(damagedLine).optional(),
    /** units that arrived, and of them damaged */
    units: QuantityText.optional(),
    damagedUnits: QuantityText.optional(),
  },
  voided: shipment,
  /** history */
  recorded: shippedGoods,
});

const stock = { productId: Id, productCode: Code, warehouse: Code, batch: Code, quantity: QuantityText };
export const stockEvents = aggregate('orders', 'stock', {
  received: { ...stock, onHand: QuantityText, reserved: QuantityText },
  reserved: { ...stock, orderId: Id, onHand: QuantityText, reserved: QuantityText },
  released: { ...stock, orderId: Id, onHand: QuantityText, reserved: QuantityText },
  issued: { ...stock, orderId: Id, shipmentId: Id, onHand: QuantityText, reserved: QuantityText },
  /** O-30: handed over to the sample keeper */
  'taken-as-sample': { ...stock, onHand: QuantityText, reserved: QuantityText },
});

const invoice = {
  number: Line,
  orderId: Id,
  shipmentId: Id.optional(),
  distributorId: Id,
  regionId: Id,
  invoicedOn: CalendarDate,
  dueOn: CalendarDate,
  /** O-25: by the customer's terms when it was issued; prepaid otherwise */
  onCredit: z.boolean().optional(),
  currency: Currency,
  net: Amount,
  tax: Amount,
  gross: Amount,
  /** a consolidated invoice: every shipment it bills; `orderId` and `shipmentId` are those of the first */
  shipments: z.array(z.object({ orderId: Id, shipmentId: Id, shipmentNumber: Line })).optional(),
};
/** booking basis "invoice": whose sale it is, and every line, once */
export const invoicedGoods = {
  distributorCode: Code,
  segment: Line,
  channel: Channel,
  salespersonId: Id.optional(),
  lines: z.array(
    z.object({
      line: z.int(),
      productId: Id,
      productCode: Code,
      family: Line,
      quantity: QuantityText,
      unitPrice: Price,
      net: Amount,
      tax: Amount,
      gross: Amount,
    }),
  ),
};
/** O-50: an invoice per shipment, due by the customer's terms. */
export const invoiceEvents = aggregate('orders', 'invoice', {
  issued: { ...invoice, ...invoicedGoods },
  settled: { ...invoice, settledOn: CalendarDate },
  /** what was still open is given up (O-25) */
  'written-off': { ...invoice, writtenOff: PositiveAmount, settledOn: CalendarDate },
  /** history */
  recorded: { ...invoice, ...invoicedGoods },
});

/** O-25: money that came in, and what it paid. Recorded by finance, never by the order clerk (O-26). */
export const paymentEvents = aggregate('orders', 'payment', {
  received: {
    number: Line,
    distributorId: Id,
    distributorCode: Code,
    regionId: Id,
    receivedOn: CalendarDate,
    currency: Currency,
    amount: PositiveAmount,
    /** `regionId` is the invoice's */
    matched: z.array(z.object({ invoiceId: Id, invoiceNumber: Line, amount: PositiveAmount, regionId: Id.optional() })),
    /** not matched to any invoice yet */
    unapplied: PositiveAmount,
  },
  applied: {
    number: Line,
    distributorId: Id,
    invoiceId: Id,
    /** of the invoice */
    regionId: Id.optional(),
    /** of the receipt: from then on the invoice is paid */
    receivedOn: CalendarDate.optional(),
    amount: PositiveAmount,
    unapplied: PositiveAmount,
    currency: Currency,
  },
});
