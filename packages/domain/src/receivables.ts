import { divideRounded, formatDecimal } from './decimal.js';
import type { Money } from './money.js';

/**
 * O-25 Funds coming in 资金回笼: the figures of credit and collection (K-C01 to K-C09). Pure. Amounts of one basis on both
 * sides; days and percentages with two decimals, rounded half-up; a ratio of nothing is null, never 0 and never 100.
 */
export type Figure = string | null;

const CENTS = 100n;

/** `part ÷ whole × factor` */
function ratio(part: Money, whole: Money, factor: number): Figure {
  if (whole.isZero()) return null;
  return formatDecimal(divideRounded(part.fen * BigInt(factor) * CENTS, whole.fen), 2);
}
const percent = (part: Money, whole: Money) => ratio(part, whole, 100);

/** K-C01: receivables ÷ credit sales × days of the period. */
export const dso = (receivables: Money, creditSales: Money, days: number): Figure =>
  ratio(receivables, creditSales, days);

export interface MonthOfSales {
  readonly sales: Money;
  readonly days: number;
}

/**
 * K-C02: the receivables are counted back over the months' sales, the latest first; the days of the months they cover, of
 * the last its share.
 * @returns null when the months given do not cover them
 */
export function dsoCountBack(receivables: Money, months: readonly MonthOfSales[]): Figure {
  let left = receivables;
  let days = 0n;
  for (const { sales, days: length } of months) {
    if (!left.isPositive()) break;
    if (left.compare(sales) < 0)
      return formatDecimal(days * CENTS + divideRounded(left.fen * BigInt(length) * CENTS, sales.fen), 2);
    left = left.minus(sales);
    days += BigInt(length);
  }
  return left.isPositive() ? null : formatDecimal(days * CENTS, 2);
}

/** K-C03: what is not due yet ÷ credit sales × days. */
export const bestPossibleDso = dso;

/** K-C04: K-C01 less K-C03. */
export function averageDaysDelinquent(receivables: Money, current: Money, creditSales: Money, days: number): Figure {
  const [all, best] = [dso(receivables, creditSales, days), bestPossibleDso(current, creditSales, days)];
  return all === null || best === null ? null : formatDecimal(hundredths(all) - hundredths(best), 2);
}
const hundredths = (figure: string) => BigInt(figure.replace('.', ''));

/** K-C05: received on invoices due in the period ÷ what was due in it. */
export const collectionRate = (received: Money, due: Money): Figure => percent(received, due);

/** K-C06: 100 means that all that could be collected was. */
export function collectionEffectiveness(figures: {
  readonly opening: Money;
  readonly creditSales: Money;
  readonly closingTotal: Money;
  readonly closingCurrent: Money;
}): Figure {
  const { opening, creditSales, closingTotal, closingCurrent } = figures;
  const all = opening.plus(creditSales);
  return percent(all.minus(closingTotal), all.minus(closingCurrent));
}

/** K-C07: overdue ÷ receivables. */
export const overdueShare = (overdue: Money, receivables: Money): Figure => percent(overdue, receivables);

/** K-C08: written off ÷ credit sales. */
export const badDebt = (writtenOff: Money, creditSales: Money): Figure => percent(writtenOff, creditSales);

/** K-C09: exposure ÷ limit. */
export const creditUtilisation = (exposure: Money, limit: Money): Figure => percent(exposure, limit);

export const overdueBuckets = ['1-30', '31-60', '61-90', 'over-90'] as const;
export type OverdueBucket = (typeof overdueBuckets)[number];

/** K-C07: where so many days after the due date belong; undefined while it is not overdue: the due date itself is in time. */
export function bucketOf(daysOverdue: number): OverdueBucket | undefined {
  if (daysOverdue <= 0) return undefined;
  return daysOverdue <= 30 ? '1-30' : daysOverdue <= 60 ? '31-60' : daysOverdue <= 90 ? '61-90' : 'over-90';
}

/** The overdue ladder, in days. */
export const ladder = [0, 30, 60, 90] as const;

/** The highest step an invoice has reached: more days late than the step says; undefined while it is not overdue. */
export const stepOf = (daysOverdue: number): (typeof ladder)[number] | undefined =>
  ladder.findLast((step) => daysOverdue > step);
