import { paymentEvents } from '@fenxiao/contracts/orders';
import { CalendarDate, Code, Line, PositiveAmount, Ref } from '@fenxiao/contracts/wire';
import { domainError } from '@fenxiao/domain/domain-error';
import { Money } from '@fenxiao/domain/money';
import { procedure } from '@fenxiao/procedures/procedure';
import { columns, subjectColumns } from '@fenxiao/service-kit/columns';
import { bind, follow, lock } from '@fenxiao/service-kit/engine';
import { documentNumber } from '@fenxiao/service-kit/numbers';
import type { Work } from '@fenxiao/service-kit/work';
import { defineEntity } from '@mikro-orm/core';
import { z } from 'zod';
import { enter, type LedgerEntry } from './books/ledger.js';
import { distributorOf, lockAccount } from './distributor.js';
import { keepApart } from './duties.js';
import { invoice, type Invoice } from './invoice.js';
import { salesReaders } from './readers.js';

/** O-25 Funds coming in 资金回笼: a receipt matched to invoices. Finance records it, never the order clerk (O-26). */
const PaymentSchema = defineEntity({
  name: 'Payment',
  tableName: 'payment',
  properties: (p) => ({
    ...subjectColumns,
    number: p.text(),
    distributor: p.uuid(),
    receivedOn: columns.date(),
    reference: p.text().strictNullable(),
    amount: columns.money(),
    unapplied: columns.money(),
  }),
});
export class Payment extends PaymentSchema.class {}
PaymentSchema.setClass(Payment);

interface Match {
  readonly invoiceId: string;
  readonly invoiceNumber: string;
  readonly amount: Money;
  readonly regionId: string;
}

/** what the recording move has matched, for its event */
export const matchedBy = new WeakMap<Payment, Match[]>();

const match = z.object({ invoiceId: Ref('invoice'), amount: PositiveAmount });
const form = z.object({
  distributorCode: Code,
  amount: PositiveAmount,
  receivedOn: CalendarDate.optional(),
  reference: Line.optional(),
  /** absent: the oldest due first */
  matches: z.array(match).max(500).optional(),
});

/** O-26: whoever bills customers does not take their money in, whatever else they are. */
const receivers = { finance: 'all', 'order-clerk': 'never' } as const;

export const payment = bind(
  procedure({
    name: 'payment',
    clause: 'O-25',
    events: paymentEvents,
    states: ['matched', 'unmatched'],
    read: salesReaders,
    page: { title: 'payment', sign: ['finance'] },
    start: {
      clause: 'O-26',
      move: 'record',
      to: ['matched', 'unmatched'],
      by: receivers,
      form,
      fact: 'received',
    },
    moves: {
      match: { from: 'unmatched', to: ['matched', 'unmatched'], by: receivers, form: match, fact: 'applied' },
    },
  }),
  {
    entity: Payment,
    create: async ({ distributorCode, amount: text, receivedOn = '', reference, matches }, work, base) => {
      const { id } = await distributorOf(work, { code: distributorCode });
      const account = await lockAccount(work, id);
      const amount = Money.of(text);
      const date = receivedOn || work.today;
      if (!amount.isPositive()) throw nothing({}, { field: 'amount' });
      if (date > work.today) throw notYet({ date }, { field: 'receivedOn' });
      const subject = work.em.create(Payment, {
        ...base,
        region: account.region,
        number: await documentNumber(work, 'SK', date),
        distributor: id,
        receivedOn: date,
        reference: reference ?? null,
        amount,
        unapplied: amount,
      });
      await work.em.flush();
      for (const wanted of matches ?? (await oldestFirst(work, id, amount)))
        await apply(work, subject, wanted, 'payment.record');
      subject.state = subject.unapplied.isZero() ? 'matched' : 'unmatched';
      return subject;
    },
    follows: { record: (subject, work) => enter(work, receiptEntry(subject)) },
    effects: {
      match: async (subject, wanted, work) => {
        await lockAccount(work, subject.distributor);
        await apply(work, subject, wanted, 'payment.match');
        return subject.unapplied.isZero() ? 'matched' : 'unmatched';
      },
    },
    facts: {
      received: (subject, { distributorCode }, work) => ({
        number: subject.number,
        distributorId: subject.distributor,
        distributorCode,
        regionId: subject.region!,
        receivedOn: subject.receivedOn,
        currency: work.currency,
        amount: String(subject.amount),
        unapplied: String(subject.unapplied),
        matched: (matchedBy.get(subject) ?? []).map(({ amount, ...rest }) => ({ ...rest, amount: String(amount) })),
      }),
      applied: (subject, { invoiceId, amount }, work) => ({
        number: subject.number,
        distributorId: subject.distributor,
        invoiceId,
        regionId: matchedBy.get(subject)!.at(-1)!.regionId,
        receivedOn: subject.receivedOn,
        amount: String(Money.of(amount)),
        unapplied: String(subject.unapplied),
        currency: work.currency,
      }),
    },
    view: ({ number, distributor, region, receivedOn, reference, amount, unapplied }) => ({
      number,
      distributorId: distributor,
      region,
      receivedOn,
      reference,
      amount,
      unapplied,
    }),
    filters: { distributorId: 'distributor', number: 'number' },
  },
);

/** O-22: what a receipt takes off the customer's debt. */
export const receiptEntry = (subject: Payment): LedgerEntry => ({
  distributor: subject.distributor,
  region: subject.region!,
  kind: 'receipt',
  documentKind: 'payment',
  documentId: subject.id,
  documentNumber: subject.number,
  bookedOn: subject.receivedOn,
  amount: Money.zero.minus(subject.amount),
});

/** Pays part of an invoice out of the receipt. @throws otherCustomer, aboveOpen, aboveUnapplied, and by `keepApart` */
async function apply(
  work: Work,
  subject: Payment,
  { invoiceId, amount: text }: z.infer<typeof match>,
  move: 'payment.record' | 'payment.match',
): Promise<void> {
  const amount = Money.of(text);
  const paid: Invoice = await lock(work, invoice, invoiceId);
  if (paid.distributor !== subject.distributor) throw otherCustomer({ invoice: paid.number });
  if (!amount.isPositive() || amount.compare(paid.openAmount) > 0)
    throw aboveOpen({ invoice: paid.number, open: String(paid.openAmount) });
  if (amount.compare(subject.unapplied) > 0) throw aboveUnapplied({ unapplied: String(subject.unapplied) });
  const sales = paid.shipments ?? [{ orderId: paid.orderId, shipmentId: paid.shipment }];
  await keepApart(
    work,
    move,
    sales.flatMap(({ orderId, shipmentId }) => (shipmentId ? [orderId, shipmentId] : [orderId])),
  );
  paid.openAmount = paid.openAmount.minus(amount);
  subject.unapplied = subject.unapplied.minus(amount);
  const made = { invoiceId, invoiceNumber: paid.number, amount, regionId: paid.region! };
  matchedBy.set(subject, [...(matchedBy.get(subject) ?? []), made]);
  await work.query(
    `INSERT INTO payment_match (payment, invoice, amount, at) VALUES ($1, $2, $3, $4)
     ON CONFLICT (payment, invoice) DO UPDATE SET amount = payment_match.amount + excluded.amount`,
    [subject.id, invoiceId, String(amount), work.now],
  );
  if (paid.openAmount.isZero()) await follow(work, invoice, paid, 'settle');
}

async function oldestFirst(
  work: Work,
  distributor: string,
  amount: Money,
): Promise<{ invoiceId: string; amount: string }[]> {
  const rows = await work.query<{ id: string; open: string }>(
    `SELECT id, open_amount::text AS open FROM invoice WHERE distributor = $1 AND open_amount > 0 ORDER BY due_on, id LIMIT 500`,
    [distributor],
  );
  const matches: { invoiceId: string; amount: string }[] = [];
  let left = amount;
  for (const { id, open } of rows) {
    const part = left.min(Money.of(open));
    if (!part.isPositive()) break;
    matches.push({ invoiceId: id, amount: String(part) });
    left = left.minus(part);
  }
  return matches;
}

const nothing = domainError({
  code: 'orders.payment.nothing',
  kind: 'unprocessable',
  rule: 'O-25',
  en: 'A receipt must be above zero.',
  zh: '收款金额必须大于零。',
});
const notYet = domainError({
  code: 'orders.payment.not-yet',
  kind: 'unprocessable',
  rule: 'O-25',
  en: 'A receipt can not be dated in the future ({date}).',
  zh: '收款日期（{date}）不得晚于今天。',
});
const otherCustomer = domainError({
  code: 'orders.payment.other-customer',
  kind: 'unprocessable',
  rule: 'O-25',
  en: 'Invoice {invoice} belongs to another customer.',
  zh: '发票{invoice}属于其他客户。',
});
const aboveOpen = domainError({
  code: 'orders.payment.above-open-amount',
  kind: 'unprocessable',
  rule: 'O-25',
  en: 'Of invoice {invoice} only {open} is open.',
  zh: '发票{invoice}的未付金额仅为{open}。',
});
const aboveUnapplied = domainError({
  code: 'orders.payment.above-unapplied',
  kind: 'unprocessable',
  rule: 'O-25',
  en: 'Only {unapplied} of the receipt is left to match.',
  zh: '该笔收款仅余{unapplied}未核销。',
});
