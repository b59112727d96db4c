import type { CalendarDate } from '@fenxiao/domain/calendar-date';
import type { Money } from '@fenxiao/domain/money';
import type { Work } from '@fenxiao/service-kit/work';

/** O-22 Sales ledger 销售台帐: append-only; every document once, with what it adds to its customer's debt. */
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

/** Enters a document in the unit of work that makes it, so that the ledger always has what the documents say. */
export const enter = (work: Work, entry: LedgerEntry): Promise<void> => append(work, [entry], false);

/** Documents of the past, as the import brings them in: in the ledger by their own day, in no daily report. */
export const enterHistory = (work: Work, entries: readonly LedgerEntry[]): Promise<void> => append(work, entries, true);

async function append(work: Work, entries: readonly LedgerEntry[], historic: boolean): Promise<void> {
  if (entries.length === 0) return;
  const column = (of: (entry: LedgerEntry) => string) => entries.map(of);
  await work.query(
    `INSERT INTO ledger_entry (distributor, region, kind, document_kind, document, document_number, booked_on, amount, booked_at, historic)
     SELECT e.*, $9, $10 FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::uuid[], $6::text[], $7::date[], $8::numeric[]) e`,
    [
      column(({ distributor }) => distributor),
      column(({ region }) => region),
      column(({ kind }) => kind),
      column(({ documentKind }) => documentKind),
      column(({ documentId }) => documentId),
      column(({ documentNumber }) => documentNumber),
      column(({ bookedOn }) => bookedOn),
      column(({ amount }) => String(amount)),
      work.now,
      historic,
    ],
  );
}
