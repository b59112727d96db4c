import { z } from 'zod';
import { aggregate, formEvents } from './event.js';
import { Amount, CalendarDate, Code, Currency, Id, Line, Note, PositiveAmount, QuantityText, Ref } from './wire.js';

/** O-30: samples, from the form that asks for them to what became of them. Owned by orders. */

const about = {
  number: Line,
  distributorId: Ref('distributor'),
  distributorCode: Code,
  regionId: Id,
  /** whose customer it is, and who answers for the sample */
  requesterId: Id,
  productId: Ref('product'),
  productCode: Code,
  family: Line,
  colourNumber: Line,
  quantity: QuantityText,
  returnNeeded: z.boolean(),
};

const request = { ...about, purpose: Note };
/** 样板申领单 */
export const sampleRequestEvents = aggregate('orders', 'sample-request', {
  requested: request,
  approved: request,
  rejected: request,
  /** all that was approved has been issued */
  fulfilled: request,
});

const sample = {
  ...about,
  requestId: Id,
  requestNumber: Line,
  issuedOn: CalendarDate,
  /** the day it is due back; absent where it need not come back */
  returnOn: CalendarDate.optional(),
  /** quantity × list price of the day, before tax where the list is; 0 without a list price */
  listValue: Amount,
  currency: Currency,
};
/** 样板发放单 */
export const sampleEvents = aggregate(
  'orders',
  'sample',
  {
    issued: sample,
    returned: { ...sample, returnedOn: CalendarDate, condition: z.enum(['good', 'damaged']) },
    consumed: sample,
    lost: sample,
    charged: { ...sample, amount: PositiveAmount },
    /** the customer ordered the product within 90 days */
    converted: { ...sample, orderId: Id, orderNumber: Line, orderedOn: CalendarDate, orderNet: Amount },
  },
  { clocks: true },
);

/** What lies with the sample keeper, apart from what is sold. */
const kept = { productId: Id, productCode: Code, quantity: QuantityText, onHand: QuantityText };
export const sampleStockEvents = aggregate('orders', 'sample-stock', {
  received: kept,
  issued: { ...kept, sampleId: Id },
  returned: { ...kept, sampleId: Id },
});

export const sampleReceiptForm = z.object({
  productCode: Code,
  quantity: QuantityText,
  /** made as samples, or handed over out of what is sold: then from which warehouse and batch */
  source: z.enum(['production', 'sales-stock']),
  warehouse: Code.optional(),
  batch: Code.optional(),
});
export const sampleReceiptEvents = formEvents('orders', 'sample-receipt', sampleReceiptForm, { posted: {} });
