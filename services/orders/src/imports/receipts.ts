import { domainError } from '@fenxiao/domain/domain-error';
import { Money } from '@fenxiao/domain/money';
import { publish } from '@fenxiao/service-kit/engine';
import {
  historic,
  numberTaken,
  recordedOtherwise,
  rejected,
  remember,
  seenBefore,
  stampOf,
  type Loader,
  type Outcome,
} from '@fenxiao/service-kit/imports';
import type { Work } from '@fenxiao/service-kit/work';
import { enterHistory, type LedgerEntry } from '../books/ledger.js';
import { unknownDistributor, type KnownDistributor } from '../distributor.js';
import { Invoice, invoice } from '../invoice.js';
import { matchedBy, Payment, payment, receiptEntry } from '../payment.js';

/** O-25: receipts of the past, matched to the invoice they name, else to the oldest due. */
export const receipts: Loader<'receipts'> = {
  kind: 'receipts',
  rule: 'O-25',
  load: async (rows, work) => {
    const { keyed, seen } = await seenBefore(work, 'receipts', rows);
    const live = await work.query<{ number: string }>('SELECT number FROM payment WHERE number = ANY($1)', [
      rows.map(({ number }) => number),
    ]);
    const taken = new Set(live.map(({ number }) => number));
    const known = await work.query<KnownDistributor>(
      'SELECT * FROM known_distributor WHERE code = ANY($1) ORDER BY id FOR UPDATE',
      [rows.map(({ distributorCode }) => distributorCode)],
    );
    const distributors = new Map(known.map((found) => [found.code, found]));
    const open = await openInvoices(
      work,
      known,
      rows.flatMap(({ invoiceNumber }) => invoiceNumber ?? []),
    );
    const entries: LedgerEntry[] = [];
    const matches: { payment: string; invoice: string; amount: Money }[] = [];
    const outcomes = keyed.map(({ row, key, digest }): Outcome => {
      const before = seen.get(key);
      if (before)
        return before.digest.equals(digest)
          ? { outcome: 'unchanged', id: before.id }
          : rejected(recordedOtherwise({ number: key }), 'number');
      if (taken.has(key)) return rejected(numberTaken({ number: key }), 'number');
      const distributor = distributors.get(row.distributorCode);
      if (!distributor) return rejected(unknownDistributor({ distributor: row.distributorCode }), 'distributorCode');
      const named = row.invoiceNumber === undefined ? undefined : open.byNumber.get(row.invoiceNumber);
      if (row.invoiceNumber !== undefined && named?.distributor !== distributor.id)
        return rejected(unknownInvoice({ invoice: row.invoiceNumber }), 'invoiceNumber');
      const amount = Money.of(row.amount);
      const subject = work.em.create(Payment, {
        ...historic(work, 'unmatched'),
        region: distributor.region,
        number: row.number,
        distributor: distributor.id,
        receivedOn: row.receivedOn,
        reference: row.reference ?? null,
        amount,
        unapplied: amount,
      });
      entries.push(receiptEntry(subject));
      const paying = named ? [named] : (open.byDistributor.get(distributor.id) ?? []);
      matches.push(...pay(work, subject, paying, row.receivedOn));
      publish(
        work,
        payment,
        subject,
        'received',
        { distributorCode: distributor.code },
        stampOf(subject, 'payment', 'O-25'),
      );
      seen.set(key, { id: subject.id, digest });
      return { outcome: 'created', id: subject.id };
    });
    await work.em.flush();
    await work.query(
      'INSERT INTO payment_match (payment, invoice, amount, at) SELECT p, i, a, $4 FROM unnest($1::uuid[], $2::uuid[], $3::numeric[]) t(p, i, a)',
      [
        matches.map((match) => match.payment),
        matches.map((match) => match.invoice),
        matches.map(({ amount }) => String(amount)),
        work.now,
      ],
    );
    await enterHistory(work, entries);
    await remember(work, 'receipts', keyed, outcomes);
    return outcomes;
  },
};

/** The customers' open invoices, oldest due first, and those named, whose rows are locked after the accounts. */
async function openInvoices(work: Work, customers: readonly KnownDistributor[], numbers: readonly string[]) {
  const where = {
    $or: [
      { distributor: { $in: customers.map(({ id }) => id) }, openAmount: { $gt: '0' } },
      { number: { $in: numbers } },
    ],
  };
  const found = await work.em.find(Invoice, where as never, { orderBy: { dueOn: 'asc', id: 'asc' } });
  return {
    byNumber: new Map(found.map((billed) => [billed.number, billed])),
    byDistributor: Map.groupBy(found, ({ distributor }) => distributor),
  };
}

function pay(
  work: Work,
  subject: Payment,
  invoices: readonly Invoice[],
  on: string,
): { payment: string; invoice: string; amount: Money }[] {
  const made: { payment: string; invoice: string; amount: Money }[] = [];
  for (const billed of invoices) {
    const amount = subject.unapplied.min(billed.openAmount);
    if (!amount.isPositive()) continue;
    billed.openAmount = billed.openAmount.minus(amount);
    subject.unapplied = subject.unapplied.minus(amount);
    made.push({ payment: subject.id, invoice: billed.id, amount });
    matchedBy.set(subject, [
      ...(matchedBy.get(subject) ?? []),
      { invoiceId: billed.id, invoiceNumber: billed.number, amount, regionId: billed.region! },
    ]);
    if (!billed.openAmount.isZero()) continue;
    Object.assign(billed, { state: 'settled', settledOn: on, version: billed.version + 1 });
    publish(work, invoice, billed, 'settled', {}, { role: 'importer', rule: 'O-50' });
  }
  if (subject.unapplied.isZero()) subject.state = 'matched';
  return made;
}

const unknownInvoice = domainError({
  code: 'orders.invoice.unknown',
  kind: 'unprocessable',
  rule: 'O-50',
  en: 'This customer has no invoice {invoice}.',
  zh: '该客户没有发票{invoice}。',
});
