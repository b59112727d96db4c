import type { DifferenceCode } from '@fenxiao/contracts/books';
import { Money } from '@fenxiao/domain/money';
import type { Quantity } from '@fenxiao/domain/quantity';

/** O-22: what the ledger and finance say of one document of one customer. */
export interface Pair {
  /** absent: the ledger does not have it in this period */
  readonly ledger?: Money | undefined;
  /** the sum of finance's rows; absent: finance does not have it in its file */
  readonly finance?: Money | undefined;
  /** how many rows finance has */
  readonly rows: number;
  /** what every one of them says, where they all say the same */
  readonly each?: Money | undefined;
  readonly ledgerQuantity?: Quantity | undefined;
  readonly financeQuantity?: Quantity | undefined;
  /** whoever does not have it in this period has it in another */
  readonly elsewhere: boolean;
  /** finance dates it in another period than the ledger */
  readonly otherPeriod: boolean;
}

export interface Difference {
  readonly code: DifferenceCode;
  /** what the ledger has above finance */
  readonly difference: Money;
}

/**
 * The difference code of a document; undefined where both say the same. Rows of finance that add up to the document are no
 * duplicates; a row that stands there again is.
 */
export function differenceOf(pair: Pair): Difference | undefined {
  const { ledger, finance, rows, each, ledgerQuantity, financeQuantity } = pair;
  const difference = (ledger ?? Money.zero).minus(finance ?? Money.zero);
  if (!ledger || !finance) return { code: pair.elsewhere ? 'timing' : 'missing', difference };
  if (difference.isZero()) return pair.otherPeriod ? { code: 'timing', difference: ledger } : undefined;
  if (rows > 1 && each?.equals(ledger)) return { code: 'duplicate', difference };
  const otherQuantity = ledgerQuantity && financeQuantity && !ledgerQuantity.equals(financeQuantity);
  return { code: otherQuantity ? 'quantity' : 'price', difference };
}
