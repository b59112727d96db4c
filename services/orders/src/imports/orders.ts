import type { ImportRow } from '@fenxiao/contracts/imports';
import { Money } from '@fenxiao/domain/money';
import { Quantity } from '@fenxiao/domain/quantity';
import { publish } from '@fenxiao/service-kit/engine';
import {
  historic,
  recordedOtherwise,
  rejected,
  remember,
  seenBefore,
  stampOf,
  type Loader,
  type Outcome,
} from '@fenxiao/service-kit/imports';
import type { Work } from '@fenxiao/service-kit/work';
import { enterHistory } from '../books/ledger.js';
import { notClosedShort } from '../close-short.js';
import { undelivered } from '../delivery.js';
import type { KnownDistributor } from '../distributor.js';
import { entryOf, goodsOf, Invoice, invoice } from '../invoice.js';
import { totalsOf } from '../lines.js';
import { order } from '../order-moves.js';
import { Order, OrderLine } from '../order-tables.js';
import { shipment } from '../shipment-moves.js';
import { Shipment, ShipmentLine } from '../shipment-tables.js';
import { check, referencesOf, type Checked } from './order-checks.js';

/**
 * Orders of the past, with their own dates, shipments and invoices. References and money must hold; authority, credit
 * and form are only said of them (findings), since the past can't be refused.
 */
export const historicOrders: Loader<'orders'> = {
  kind: 'orders',
  rule: 'O-01',
  load: async (rows, work) => {
    const { keyed, seen } = await seenBefore(work, 'orders', rows);
    const references = await referencesOf(work, rows);
    const outcomes = keyed.map(({ row, key, digest }): Outcome => {
      const before = seen.get(key);
      if (before)
        return before.digest.equals(digest)
          ? { outcome: 'unchanged', id: before.id }
          : rejected(recordedOtherwise({ number: key }), 'number');
      const checked = check(row, references);
      if ('error' in checked) return rejected(checked.error, checked.field);
      const made = record(work, row, checked);
      references.orders.add(row.number);
      if (row.invoiceNumber !== undefined && row.shippedOn !== undefined) references.invoices.add(row.invoiceNumber);
      seen.set(key, { id: made.id, digest });
      return { outcome: 'created', id: made.id, ...(made.findings.length > 0 ? { findings: made.findings } : {}) };
    });
    await work.em.flush();
    const made = outcomes.flatMap(({ outcome, id }) => (outcome === 'created' && id ? [id] : []));
    await enterHistory(work, (await work.em.find(Invoice, { orderId: { $in: made } })).map(entryOf));
    await remember(work, 'orders', keyed, outcomes);
    return outcomes;
  },
};

/** Where an order of the past stands: what was not shipped is still owed to the customer. */
function record(work: Work, row: ImportRow<'orders'>, { distributor, owner, lines, findings }: Checked): Order {
  const shipped = row.shippedOn !== undefined;
  const state = !shipped ? 'backordered' : row.deliveredOn === undefined ? 'shipped' : 'completed';
  const totals = totalsOf(lines);
  const subject = work.em.create(Order, {
    ...historic(work, state),
    ...totals,
    region: distributor.region,
    owner,
    number: row.number,
    findings,
    historic: true,
    distributor: distributor.id,
    distributorCode: distributor.code,
    segment: row.segment ?? distributor.segment,
    channel: row.channel,
    orderedOn: row.orderedOn,
    promisedOn: row.promisedOn ?? null,
    firstPromisedOn: row.promisedOn ?? null,
    large: false,
    draftReservedUntil: null,
    reference: row.reference ?? null,
    partialAllowed: true,
    unshipped: shipped ? Money.zero : totals.gross,
    holds: [],
    heldOnce: false,
    creditReleasedUntil: null,
    priceCleared: 'historic',
    submittedAt: work.calendar.startOfDay(row.orderedOn),
    ...notClosedShort,
  });
  for (const { known: _, part: __, ...line } of lines) {
    const done = shipped ? line.quantity : Quantity.zero;
    subject.lines.add(work.em.create(OrderLine, { order: subject, ...line, issued: done, shipped: done }));
  }
  publish(
    work,
    order,
    subject,
    'recorded',
    { shippedOn: row.shippedOn, deliveredOn: row.deliveredOn },
    stampOf(subject, 'order', 'O-01'),
  );
  if (row.shippedOn !== undefined) ship(work, row, row.shippedOn, subject, lines, distributor);
  return subject;
}

function ship(
  work: Work,
  row: ImportRow<'orders'>,
  shippedOn: string,
  sold: Order,
  lines: Checked['lines'],
  distributor: KnownDistributor,
): void {
  const { net, tax, gross } = sold;
  const about = { orderId: sold.id, distributor: sold.distributor, net, tax, gross };
  const common = {
    ...historic(work, row.deliveredOn === undefined ? 'shipped' : 'signed'),
    region: sold.region,
    owner: sold.owner,
  };
  const made = work.em.create(Shipment, {
    ...common,
    ...about,
    number: `H-${row.number}`,
    orderNumber: sold.number,
    distributorCode: sold.distributorCode,
    segment: sold.segment,
    channel: sold.channel,
    shippedOn,
    deliveredOn: row.deliveredOn ?? null,
    carrier: row.carrier ?? null,
    vehicle: null,
    freight: row.freight === undefined ? null : Money.of(row.freight),
    damage: null,
    promisedOn: sold.promisedOn,
    ...undelivered(),
    historic: true,
  });
  for (const { line, product, productCode, family, quantity, unitPrice, known, ...amounts } of lines) {
    const money = { net: amounts.net, tax: amounts.tax, gross: amounts.gross, cost: null };
    const untouched = { returned: Quantity.zero, credited: Quantity.zero };
    const goods = {
      product,
      productCode,
      family,
      colourNumber: known.colour_number,
      grade: known.grade,
      batch: 'historic',
      stockItem: null,
    };
    made.lines.add(
      work.em.create(ShipmentLine, {
        shipment: made,
        line,
        orderLine: line,
        quantity,
        unitPrice,
        ...goods,
        ...money,
        ...untouched,
      }),
    );
  }
  publish(work, shipment, made, 'recorded', {}, stampOf(made, 'shipment', 'O-04'));
  if (row.invoiceNumber === undefined) return;
  const invoicedOn = row.invoicedOn ?? shippedOn;
  const billed = work.em.create(Invoice, {
    ...common,
    ...historic(work, 'outstanding'),
    region: sold.region,
    owner: sold.owner,
    ...about,
    number: row.invoiceNumber,
    shipment: made.id,
    invoicedOn,
    dueOn: row.dueOn ?? work.calendar.addDays(invoicedOn, distributor.payment_days),
    onCredit: distributor.terms === 'credit',
    openAmount: gross,
    settledOn: null,
    shipments: null,
  });
  publish(work, invoice, billed, 'recorded', goodsOf(made), stampOf(billed, 'invoice', 'O-50'));
}
