import { z } from 'zod';
import { aggregate, formEvents } from './event.js';
import { Amount, CalendarDate, Code, Currency, Id, Line, Percent, Price, QuantityText } from './wire.js';

/** Products and what they cost, owned by orders. */

export const Grade = Line.max(40);

export const productShape = {
  code: Code,
  name: Line,
  specification: Line,
  grade: Grade,
  colourNumber: Line,
  /** product family, such as `floor tiles` */
  family: Line,
  /** in which stock and prices are kept, such as `m²`: the base unit of its packaging (O-43) */
  unit: Line,
  packaging: Line.optional(),
  launchedOn: CalendarDate.optional(),
};

/** O-42: what a product is; O-51: its tax rate by date; O-52: its standard cost (confidential: not in events). */
export const productEvents = aggregate('orders', 'product', {
  created: productShape,
  changed: productShape,
  /** O-40: no longer new; sold while there is stock */
  activated: { code: Code },
  'phased-out': { code: Code },
  retired: { code: Code },
  'tax-rate-set': { code: Code, rate: Percent, validFrom: CalendarDate },
  'cost-set': { code: Code, validFrom: CalendarDate },
});

/** O-10: versioned, approved, effective-dated; an approved version can't be edited. */
export const priceListEvents = aggregate('orders', 'price-list', {
  drafted: {
    code: Code,
    versionNumber: z.int(),
    currency: Currency,
    taxIncluded: z.boolean(),
    validFrom: CalendarDate,
    lines: z.int(),
  },
  changed: { code: Code, versionNumber: z.int(), lines: z.int() },
  /** O-13: on how many competitors' prices it rests */
  submitted: { code: Code, versionNumber: z.int(), lines: z.int(), competitors: z.int().optional() },
  approved: {
    code: Code,
    versionNumber: z.int(),
    currency: Currency,
    taxIncluded: z.boolean(),
    validFrom: CalendarDate,
    lines: z.int(),
  },
  rejected: { code: Code, versionNumber: z.int() },
});

/** O-11: the bands within which each role may sell. */
export const PriceBand = z.object({ family: Line.optional(), role: z.string(), lowest: Percent, highest: Percent });
const bandsForm = z.object({ validFrom: CalendarDate, bands: z.array(PriceBand) });
export const priceBandEvents = formEvents('orders', 'price-bands', bandsForm, {
  proposed: {},
  approved: {},
  rejected: {},
});

export const exceptionLine = z.object({
  line: z.int(),
  productId: Id,
  quantity: QuantityText,
  listPrice: Price,
  /** the price of a short cut (O-14), from which the deviation is measured */
  cutPrice: Price.optional(),
  unitPrice: Price,
  deviation: Percent,
});
const priceException = {
  orderId: Id,
  orderNumber: Line,
  /** the lowest role whose band covers every line */
  approver: z.string(),
  /** deviation of the line farthest from the list */
  deviation: Percent,
  /** K-S22: what the lines give away against the list */
  marginGivenAway: Amount,
  currency: Currency,
  lines: z.array(exceptionLine),
};
export const priceExceptionEvents = aggregate(
  'orders',
  'price-exception',
  {
    requested: priceException,
    approved: priceException,
    rejected: priceException,
    /** the signature was handed on */
    reassigned: { ...priceException, to: Id },
    expired: priceException,
    /** the order changed: an approval binds to the exact lines, quantity and date */
    voided: priceException,
    used: priceException,
  },
  { clocks: true },
);

/** O-12: a shipped line under authority without an approval. */
export const priceViolationEvents = aggregate('orders', 'price-violation', {
  detected: { orderId: Id, shipmentId: Id, productId: Id, salespersonId: Id, deviation: Percent },
});
