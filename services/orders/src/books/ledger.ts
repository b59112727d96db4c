import type { CalendarDate } from '@fenxiao/domain/calendar-date';
import type { Money } from '@fenxiao/domain/money';
import type { Work } from '@fenxiao/service-kit/work';

/** O-22 Sales ledger 销售台帐: what a document adds to a customer's debt. */
export interface LedgerEntry {
  readonly distributor: string;
  readonly region: string;
  readonly kind: 'sale' | 'return' | 'receipt' | 'adjustment';
  readonly documentKind: string;
  readonly documentId: string;
  readonly documentNumber: string;
  readonly bookedOn: CalendarDate;
  /** gross; what it adds to the debt, so negative for what lowers it */
  readonly amount: Money;
}

/** The books are on another branch; this is their place. */
export async function enter(_work: Work, _entry: LedgerEntry): Promise<void> {}
