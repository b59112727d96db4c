import { Money } from '@fenxiao/domain/money';
import { Percentage } from '@fenxiao/domain/percentage';
import { Quantity } from '@fenxiao/domain/quantity';
import type { UnitPrice } from '@fenxiao/domain/unit-price';

/** O-24: what a count says against the books, and when it has to be made again. Pure. */

export interface Limits {
  /** of the book quantity; itself still within */
  readonly percent: Percentage;
  /** of the value of the difference; itself still within */
  readonly amount: Money;
}

interface Counted {
  readonly book: Quantity;
  readonly unitValue: UnitPrice;
  readonly clerk: Quantity;
  readonly keeper: Quantity;
}

export type Verdict = 'agreed' | 'differing' | 'over-limit';

/** Two counts that differ, and in the first round one far from the books, are made again. */
export function judge({ book, unitValue, clerk, keeper }: Counted, limits: Limits, round: number): Verdict {
  if (!clerk.equals(keeper)) return 'differing';
  return round === 1 && isOverLimit(clerk.minus(book), book, unitValue, limits) ? 'over-limit' : 'agreed';
}

/** More than so many per cent of the books, or worth more than so much; where the books have nothing, anything is. */
export function isOverLimit(difference: Quantity, book: Quantity, unitValue: UnitPrice, limits: Limits): boolean {
  if (difference.isZero()) return false;
  const size = difference.isNegative() ? difference.negate() : difference;
  const percentOver = size.units * Percentage.whole > book.units * limits.percent.units;
  return percentOver || valueOf(size, unitValue).compare(limits.amount) > 0;
}

export const valueOf = (quantity: Quantity, unitValue: UnitPrice): Money =>
  Money.lineNet(unitValue, quantity, Percentage.zero);

export interface Totals {
  readonly items: number;
  readonly equal: number;
  readonly bookValue: Money;
  readonly varianceValue: Money;
  readonly absoluteVariance: Money;
  readonly shrinkage: Money;
}

/** K-O12, K-O13: places found equal; values of what was booked, of the differences, and of what is missing. */
export function totalsOf(
  lines: readonly { readonly book: Quantity; readonly counted: Quantity; readonly unitValue: UnitPrice }[],
): Totals {
  const values = lines.map(({ book, counted, unitValue }) => valueOf(counted.minus(book), unitValue));
  const missing = values.filter((value) => value.isNegative()).map((value) => value.negate());
  const surplus = values.filter((value) => value.isPositive());
  const shrinkage = Money.sum(missing);
  return {
    items: lines.length,
    equal: lines.filter(({ book, counted }) => counted.equals(book)).length,
    bookValue: Money.sum(lines.map(({ book, unitValue }) => valueOf(book, unitValue))),
    varianceValue: Money.sum(surplus).minus(shrinkage),
    absoluteVariance: Money.sum(surplus).plus(shrinkage),
    shrinkage,
  };
}
