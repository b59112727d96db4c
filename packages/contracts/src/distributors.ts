import { z } from 'zod';
import { aggregate, formEvents } from './event.js';
import { Amount, CalendarDate, Code, Currency, Id, Line, PositiveAmount, Ref } from './wire.js';

/** Regions, distributors, their credit and guarantees, owned by distributors. */

const region = {
  code: Code,
  name: Line,
  parentId: Ref('region').optional(),
  validFrom: CalendarDate,
};

/** D-04: a tree; every region has one responsible manager. */
export const regionEvents = aggregate('distributors', 'region', {
  created: { ...region, managerId: Ref('person').optional() },
  changed: region,
  'owner-changed': { managerId: Ref('person'), previousManagerId: Id.optional(), validFrom: CalendarDate },
  closed: { validTo: CalendarDate },
});

export const PartnerType = z.enum(['distributor', 'agent', 'retailer', 'travel-agency', 'engineering-project']);
export const Segment = z.enum(['engineering-project', 'regional-distributor', 'retail-shop', 'other']);
export const Terms = z.enum(['credit', 'prepaid']);

const distributor = {
  code: Code,
  name: Line,
  licence: Line,
  partnerType: PartnerType,
  segment: Segment,
  class: z.enum(['A', 'B', 'C']),
  regionId: Ref('region'),
  terms: Terms,
  /** days from invoice to due date */
  paymentDays: z.int().min(0).max(365),
};

/** D-01: `prospect → qualified → trial → active ⇄ suspended → terminated`; only an active one may order. */
export const distributorEvents = aggregate('distributors', 'distributor', {
  created: distributor,
  changed: distributor,
  qualified: { code: Code },
  'trial-started': { code: Code },
  activated: { code: Code },
  suspended: { code: Code },
  terminated: { code: Code },
  /** brought in from the books of the past, in the state it had there */
  recorded: { ...distributor, state: z.string() },
  /** D-04: the outlet's region changes with a date */
  'region-assigned': { regionId: Ref('region'), previousRegionId: Id, validFrom: CalendarDate },
});

/** D-21: distributors owns the limit; orders owns exposure, hold and release. */
export const creditLimitEvents = aggregate('distributors', 'credit-limit', {
  proposed: { distributorId: Id, limit: PositiveAmount, currency: Currency },
  changed: { distributorId: Id, limit: PositiveAmount, currency: Currency, previous: PositiveAmount.optional() },
  rejected: { distributorId: Id, limit: PositiveAmount, currency: Currency },
});

/** O-26: a customer's terms are credit data: one proposes, another approves; then the distributor is `changed`. */
export const paymentTermsForm = z.object({ distributorCode: Code, terms: Terms, paymentDays: z.int().min(0).max(365) });
export const paymentTermsEvents = formEvents('distributors', 'payment-terms', paymentTermsForm, {
  proposed: {},
  approved: {},
  rejected: {},
});

const guarantee = {
  distributorId: Id,
  guarantorId: Id,
  amount: Amount,
  balance: Amount,
  currency: Currency,
  startsOn: CalendarDate,
  dueOn: CalendarDate,
};

/** D-20: the personal guarantee of a regional manager. */
export const guaranteeEvents = aggregate(
  'distributors',
  'guarantee',
  {
    granted: { ...guarantee, receivable: Line },
    'payment-applied': { ...guarantee, paymentId: Id, applied: Amount },
    repaid: guarantee,
    due: guarantee,
    /** unpaid the day after the due date: appraisals makes the deduction order from it */
    called: guarantee,
    waived: guarantee,
  },
  { clocks: true },
);
