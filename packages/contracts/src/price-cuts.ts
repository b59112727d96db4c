import { z } from 'zod';
import { aggregate } from './event.js';
import { CalendarDate, Code, Id, Line, Note, Percent, Price, Ref } from './wire.js';

/** O-14: a short price cut with start and end, approved by the chain of P-20. Owned by orders. */

export const priceCutTerms = {
  title: Line,
  /** mechanism and what is expected of it */
  proposal: Note,
  productCodes: z.array(Code).max(1000).default([]),
  families: z.array(Line).max(100).default([]),
  /** customers in these regions and below them */
  regionIds: z.array(Ref('region')).min(1).max(100),
  /** what is taken off the list price, in percent; or the price itself, on the list's tax basis */
  percentOff: Percent.optional(),
  cutPrice: Price.optional(),
  startsOn: CalendarDate,
  /** the last day on which it holds */
  endsOn: CalendarDate,
};
export const priceCutForm = z.object({
  ...priceCutTerms,
  /** the promotion (P-20) it belongs to */
  promotionId: Id.optional(),
});

const terms = {
  title: Line,
  proposal: Note,
  products: z.array(z.object({ productId: Ref('product'), productCode: Code })),
  families: z.array(Line),
  regionIds: z.array(Ref('region')),
  percentOff: Percent.optional(),
  cutPrice: Price.optional(),
  startsOn: CalendarDate,
  endsOn: CalendarDate,
};
const priceCut = { number: Line, ...terms, promotionId: Id.optional() };

export const priceCutEvents = aggregate('orders', 'price-cut', {
  drafted: priceCut,
  changed: priceCut,
  submitted: priceCut,
  /** with the terms as they were submitted */
  adjusted: { ...priceCut, before: z.object(terms) },
  reviewed: priceCut,
  returned: priceCut,
  approved: priceCut,
  rejected: priceCut,
  withdrawn: priceCut,
  started: priceCut,
  ended: priceCut,
});
