import { z } from 'zod';
import { aggregate, formEvents } from './event.js';
import { Amount, CalendarDate, Currency, Id, Instant, Line, Note, QuantityText, Ref } from './wire.js';

/** The books of sales: daily and monthly reports, adjustments of the ledger, reconciliation with finance. Owned by orders. */

/** What a report counts. A cancellation takes back an order, a return a sale; amounts themselves are positive. */
export const ReportBasis = z.enum(['order', 'cancellation', 'shipment', 'return', 'receipt']);
export const reportSum = z.object({
  basis: ReportBasis,
  documents: z.int(),
  quantity: QuantityText,
  net: Amount,
  gross: Amount,
});
/** The sums of a report: over all, and by product family, region and salesperson. A receipt has no family. */
export const reportFigures = z.object({
  totals: z.array(reportSum),
  byFamily: z.array(reportSum.extend({ family: Line })),
  byRegion: z.array(reportSum.extend({ regionId: Id })),
  bySalesperson: z.array(reportSum.extend({ salespersonId: Id })),
});
/** A correction of a signed day, with the month it counts in: the day's own until that is signed, then the present one. */
export const reportAdjustment = z.object({
  adjustedOn: CalendarDate,
  month: CalendarDate,
  basis: ReportBasis,
  net: Amount,
  gross: Amount,
  cause: Note,
  document: Line.optional(),
});

const daily = {
  number: Line,
  day: CalendarDate,
  /** what was booked after the first and up to the second instant: from one close of day to the next */
  from: Instant,
  to: Instant,
  currency: Currency,
};
/** O-20: on-time rate: `signed` with `onTime`; adjustments per month: `adjusted` by its month. */
export const dailyReportEvents = aggregate(
  'orders',
  'daily-report',
  {
    generated: { ...daily, ...reportFigures.shape },
    signed: { ...daily, ...reportFigures.shape, comment: Note.optional(), onTime: z.boolean() },
    missed: { ...daily, signBy: Instant },
    adjusted: { ...daily, adjustment: reportAdjustment },
  },
  { clocks: true },
);

const monthly = { number: Line, month: CalendarDate, days: z.int(), currency: Currency };
export const monthlyReportEvents = aggregate(
  'orders',
  'monthly-report',
  {
    generated: { ...monthly, ...reportFigures.shape },
    recomputed: { ...monthly, ...reportFigures.shape },
    signed: {
      ...monthly,
      ...reportFigures.shape,
      adjustments: z.array(reportAdjustment.extend({ day: CalendarDate })),
      comment: Note.optional(),
      onTime: z.boolean(),
    },
    missed: { ...monthly, signBy: Instant },
  },
  { clocks: true },
);

/** O-22: what is to be put right in a customer's account, and why. The amount is what it adds to the debt. */
export const ledgerAdjustmentForm = z.object({
  distributorId: Ref('distributor'),
  amount: Amount,
  document: Line,
  cause: Note,
});
export const ledgerAdjustmentEvents = formEvents('orders', 'ledger-adjustment', ledgerAdjustmentForm, {
  proposed: {},
  approved: {},
  rejected: {},
});

export const DifferenceCode = z.enum(['timing', 'price', 'quantity', 'missing', 'duplicate']);
export type DifferenceCode = z.infer<typeof DifferenceCode>;

export const differencesOfCode = z.object({ code: DifferenceCode, differences: z.int(), amount: Amount });

const reconciliation = {
  number: Line,
  /** documents booked after the first and up to the second day, and earlier ones that came too late for the last run */
  from: CalendarDate,
  to: CalendarDate,
  /** the 25th, or the working day before */
  dueOn: CalendarDate,
  currency: Currency,
};
const compared = {
  ...reconciliation,
  ledgerDocuments: z.int(),
  ledgerAmount: Amount,
  financeDocuments: z.int(),
  financeAmount: Amount,
  differences: z.int(),
  /** the sum of the differences without their signs */
  differenceAmount: Amount,
};
/** O-22. K-O15: months whose `closed` has `onTime`, by the month of `dueOn`, among those `opened`. */
export const reconciliationEvents = aggregate(
  'orders',
  'reconciliation',
  {
    opened: reconciliation,
    'file-received': { ...reconciliation, rows: z.int() },
    /** what came of it is `matched` or `difference-found` */
    compared,
    matched: compared,
    'difference-found': {
      ...compared,
      byCode: z.array(differencesOfCode),
    },
    /** explanations were given; the last of them leaves none without */
    explained: { ...compared, unexplained: z.int() },
    signed: compared,
    agreed: { ...compared, clerkId: Id, financeId: Id },
    closed: { ...compared, closedOn: CalendarDate, onTime: z.boolean() },
    overdue: { ...reconciliation, state: Line },
  },
  { clocks: true },
);
