import { creditLine, creditNoteEvents } from '@fenxiao/contracts/goods';
import type { Channel } from '@fenxiao/contracts/orders';
import { PositiveAmount, Ref } from '@fenxiao/contracts/wire';
import { domainError } from '@fenxiao/domain/domain-error';
import { Money } from '@fenxiao/domain/money';
import { Quantity } from '@fenxiao/domain/quantity';
import { procedure } from '@fenxiao/procedures/procedure';
import { columns, subjectColumns } from '@fenxiao/service-kit/columns';
import { bind, follow, lock, open, type Bound } from '@fenxiao/service-kit/engine';
import { documentNumber } from '@fenxiao/service-kit/numbers';
import type { Work } from '@fenxiao/service-kit/work';
import { defineEntity } from '@mikro-orm/core';
import { z } from 'zod';
import { enter } from './books/ledger.js';
import { lockAccount } from './distributor.js';
import { invoice, invoiceOf, type Invoice } from './invoice.js';
import { shareOf } from './pricing.js';
import { salesReaders } from './readers.js';
import type { GoodsReturn } from './returns/return-tables.js';
import { shipment } from './shipment-moves.js';
import type { ShipmentLine } from './shipment-tables.js';

/** O-50 Credit note 红字发票: what a return takes back of the invoice of its goods; what is left of it where that is paid pays others. */
const CreditNoteSchema = defineEntity({
  name: 'CreditNote',
  tableName: 'credit_note',
  properties: (p) => ({
    ...subjectColumns,
    number: p.text(),
    returnId: p.uuid(),
    invoice: p.uuid(),
    invoiceNumber: p.text(),
    orderId: p.uuid(),
    shipment: p.uuid(),
    distributor: p.uuid(),
    distributorCode: p.text(),
    segment: p.text(),
    channel: p.text().$type<z.infer<typeof Channel>>(),
    creditedOn: columns.date(),
    net: columns.money(),
    tax: columns.money(),
    gross: columns.money(),
    unapplied: columns.money(),
    lines: p.json<z.infer<typeof creditLine>[]>(),
  }),
});
export class CreditNote extends CreditNoteSchema.class {}
CreditNoteSchema.setClass(CreditNote);

const form = z.object({
  returnId: Ref('return'),
  shipmentId: Ref('shipment'),
  invoiceId: Ref('invoice'),
  lines: z.array(creditLine),
});
const application = z.object({ invoiceId: Ref('invoice'), amount: PositiveAmount });

const creditNoteProcedure = procedure({
  name: 'credit-note',
  clause: 'O-50',
  class: 'confidential',
  events: creditNoteEvents,
  states: ['matched', 'unmatched'],
  read: salesReaders,
  page: {
    title: 'credit-note',
    fields: [
      'distributorId',
      'invoiceId',
      'returnId',
      'shipmentId',
      'region',
      'creditedOn',
      'net',
      'tax',
      'unapplied',
      'lines',
    ],
    columns: { lines: ['line', 'productId', 'quantity', 'net', 'tax', 'gross'] },
    sign: ['finance', 'sales-manager'],
  },
  archive: { retentionYears: 30 },
  start: { move: 'issue', to: ['matched', 'unmatched'], by: { system: 'all' }, form, fact: 'issued' },
  moves: {
    match: {
      clause: 'O-25',
      from: 'unmatched',
      to: ['matched', 'unmatched'],
      by: { finance: 'all' },
      form: application,
      fact: 'applied',
    },
  },
});

/** region of the invoice that the move has lowered, for its event */
const regionPaid = new WeakMap<CreditNote, string>();

export const creditNote: Bound<CreditNote, typeof creditNoteProcedure> = bind(creditNoteProcedure, {
  entity: CreditNote,
  create: async ({ returnId, shipmentId, invoiceId, lines }, work, base) => {
    const from = await lock(work, shipment, shipmentId);
    await lockAccount(work, from.distributor);
    const billed = await lock(work, invoice, invoiceId);
    const sum = (part: 'net' | 'tax' | 'gross') => Money.sum(lines.map((line) => Money.of(line[part])));
    const subject = work.em.create(CreditNote, {
      ...base,
      region: from.region,
      owner: from.owner,
      number: await documentNumber(work, 'HP', work.today),
      returnId,
      invoice: billed.id,
      invoiceNumber: billed.number,
      orderId: from.orderId,
      shipment: from.id,
      distributor: from.distributor,
      distributorCode: from.distributorCode,
      segment: from.segment,
      channel: from.channel,
      creditedOn: work.today,
      net: sum('net'),
      tax: sum('tax'),
      gross: sum('gross'),
      unapplied: sum('gross'),
      lines,
    });
    await work.em.flush();
    await apply(work, subject, billed, billed.openAmount.min(subject.gross));
    subject.state = stateOf(subject);
    return subject;
  },
  effects: {
    match: async (subject, { invoiceId, amount: text }, work) => {
      const amount = Money.of(text);
      await lockAccount(work, subject.distributor);
      const paid = await lock(work, invoice, invoiceId);
      if (paid.distributor !== subject.distributor)
        throw otherCustomer({ invoice: paid.number }, { field: 'invoiceId' });
      if (!amount.isPositive() || amount.compare(paid.openAmount) > 0 || amount.compare(subject.unapplied) > 0)
        throw aboveOpen({ open: String(paid.openAmount.min(subject.unapplied)) }, { field: 'amount' });
      await apply(work, subject, paid, amount);
      regionPaid.set(subject, paid.region!);
      return stateOf(subject);
    },
  },
  facts: {
    issued: (subject, _, work) => {
      const amount = subject.gross.minus(subject.unapplied);
      const matched = { invoiceId: subject.invoice, invoiceNumber: subject.invoiceNumber, amount: String(amount) };
      return {
        ...ref(subject, work),
        lines: subject.lines,
        matched: amount.isPositive() ? [matched] : [],
        unapplied: String(subject.unapplied),
      };
    },
    applied: (subject, { invoiceId, amount }: z.infer<typeof application>, work) => ({
      ...ref(subject, work),
      toInvoiceId: invoiceId,
      toRegionId: regionPaid.get(subject)!,
      amount: String(Money.of(amount)),
      unapplied: String(subject.unapplied),
    }),
  },
  view: (subject) => ({
    number: subject.number,
    returnId: subject.returnId,
    invoiceId: subject.invoice,
    invoiceNumber: subject.invoiceNumber,
    orderId: subject.orderId,
    shipmentId: subject.shipment,
    distributorId: subject.distributor,
    distributorCode: subject.distributorCode,
    region: subject.region,
    salespersonId: subject.owner,
    creditedOn: subject.creditedOn,
    net: subject.net,
    tax: subject.tax,
    gross: subject.gross,
    unapplied: subject.unapplied,
    lines: subject.lines,
  }),
  filters: { number: 'number', distributorId: 'distributor', invoiceId: 'invoice', returnId: 'returnId' },
});

const stateOf = ({ unapplied }: CreditNote) => (unapplied.isZero() ? 'matched' : 'unmatched');

/** Lowers what is open of an invoice; the last fen settles it. */
async function apply(work: Work, subject: CreditNote, paid: Invoice, amount: Money): Promise<void> {
  if (!amount.isPositive()) return;
  paid.openAmount = paid.openAmount.minus(amount);
  subject.unapplied = subject.unapplied.minus(amount);
  await work.query(
    `INSERT INTO credit_match (credit_note, invoice, amount, at) VALUES ($1, $2, $3, $4)
     ON CONFLICT (credit_note, invoice) DO UPDATE SET amount = credit_match.amount + excluded.amount`,
    [subject.id, paid.id, String(amount), work.now],
  );
  if (paid.openAmount.isZero()) await follow(work, invoice, paid, 'settle');
}

/** Issues the credit note of a return that was inspected. @throws notInvoiced, nothingToCredit */
export async function creditFor(work: Work, returned: GoodsReturn): Promise<CreditNote> {
  const from = await lock(work, shipment, returned.billedShipment);
  const invoiceId = await invoiceOf(work, from.id);
  if (!invoiceId) throw notInvoiced({ shipment: from.number });
  const lineOf = new Map(from.lines.getItems().map((line) => [line.line, line]));
  const lines = returned.lines.map(({ line, productId, productCode, family, quantity, billedLine }) => ({
    line,
    productId,
    productCode,
    family,
    quantity,
    ...takeBack(lineOf.get(billedLine)!, Quantity.of(quantity)),
  }));
  if (lines.every(({ gross }) => Money.of(gross).isZero())) throw nothingToCredit({ shipment: from.number });
  const issued = { returnId: returned.id, shipmentId: from.id, invoiceId, lines };
  const note = await open(work, creditNote, { form: issued, bySystem: true });
  await enter(work, {
    distributor: note.distributor,
    region: note.region!,
    kind: 'return',
    documentKind: 'credit-note',
    documentId: note.id,
    documentNumber: note.number,
    bookedOn: note.creditedOn,
    amount: Money.zero.minus(note.gross),
  });
  return note;
}

/** The amounts of a part of a shipment line, so that the parts add up to the line to the fen whatever they are. */
function takeBack(line: ShipmentLine, quantity: Quantity) {
  const after = line.credited.plus(quantity);
  const part = (whole: Money) =>
    shareOf(whole, after, line.quantity).minus(shareOf(whole, line.credited, line.quantity));
  const [net, gross] = [part(line.net), part(line.gross)];
  line.credited = after;
  return { net: String(net), tax: String(gross.minus(net)), gross: String(gross) };
}

function ref(subject: CreditNote, work: Work) {
  const { owner } = subject;
  return {
    number: subject.number,
    returnId: subject.returnId,
    invoiceId: subject.invoice,
    invoiceNumber: subject.invoiceNumber,
    orderId: subject.orderId,
    shipmentId: subject.shipment,
    distributorId: subject.distributor,
    distributorCode: subject.distributorCode,
    regionId: subject.region!,
    segment: subject.segment,
    channel: subject.channel,
    creditedOn: subject.creditedOn,
    currency: work.currency,
    net: String(subject.net),
    tax: String(subject.tax),
    gross: String(subject.gross),
    ...(owner && owner !== 'system' ? { salespersonId: owner } : {}),
  };
}

const notInvoiced = domainError({
  code: 'orders.credit-note.not-invoiced',
  kind: 'conflict',
  rule: 'O-50',
  en: 'Shipping order {shipment} is not invoiced yet; a credit note takes back an invoice.',
  zh: '出货单{shipment}尚未开具发票；红字发票只能冲销已开具的发票。',
});
const nothingToCredit = domainError({
  code: 'orders.credit-note.nothing-to-credit',
  kind: 'unprocessable',
  rule: 'O-50',
  en: 'Nothing was charged for these goods of {shipment}.',
  zh: '出货单{shipment}的这些货物未收取货款，无可冲销。',
});
const otherCustomer = domainError({
  code: 'orders.credit-note.other-customer',
  kind: 'unprocessable',
  rule: 'O-25',
  en: 'Invoice {invoice} belongs to another customer.',
  zh: '发票{invoice}属于其他客户。',
});
const aboveOpen = domainError({
  code: 'orders.credit-note.above-open-amount',
  kind: 'unprocessable',
  rule: 'O-25',
  en: 'Above zero and at most {open} can be matched.',
  zh: '核销金额须大于零且不超过{open}。',
});
