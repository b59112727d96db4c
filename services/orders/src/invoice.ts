import { invoicedGoods, invoiceEvents } from '@fenxiao/contracts/orders';
import { Amount, CalendarDate, Line, PositiveAmount, Ref } from '@fenxiao/contracts/wire';
import { Money } from '@fenxiao/domain/money';
import { procedure } from '@fenxiao/procedures/procedure';
import { columns, subjectColumns } from '@fenxiao/service-kit/columns';
import { bind } from '@fenxiao/service-kit/engine';
import { documentNumber } from '@fenxiao/service-kit/numbers';
import type { Work } from '@fenxiao/service-kit/work';
import { defineEntity } from '@mikro-orm/core';
import { z } from 'zod';
import { enter, type LedgerEntry } from './books/ledger.js';
import { distributorOf } from './distributor.js';
import { salesReaders } from './readers.js';
import type { Shipment } from './shipment-tables.js';

/** O-50 Invoices and payment terms 发票, 账期: one per shipment or month, due by the customer's terms; the ground of receivables. */
type BilledShipment = z.infer<typeof billedShipment>;
const InvoiceSchema = defineEntity({
  name: 'Invoice',
  tableName: 'invoice',
  properties: (p) => ({
    ...subjectColumns,
    number: p.text(),
    orderId: p.uuid(),
    shipment: p.uuid().strictNullable(),
    distributor: p.uuid(),
    invoicedOn: columns.date(),
    dueOn: columns.date(),
    /** by the customer's terms when it was issued (O-25) */
    onCredit: p.boolean(),
    net: columns.money(),
    tax: columns.money(),
    gross: columns.money(),
    openAmount: columns.money(),
    settledOn: columns.date().strictNullable(),
    /** of a consolidated invoice */
    shipments: p.json<BilledShipment[]>().strictNullable(),
  }),
});
export class Invoice extends InvoiceSchema.class {}
InvoiceSchema.setClass(Invoice);

const billedShipment = z.object({ orderId: Ref('order'), shipmentId: Ref('shipment'), shipmentNumber: Line });
const goods = z.object(invoicedGoods);
type Goods = z.infer<typeof goods>;
const form = goods.extend({
  orderId: Ref('order'),
  shipmentId: Ref('shipment'),
  distributorId: Ref('distributor'),
  regionId: Ref('region'),
  invoicedOn: CalendarDate,
  net: Amount,
  tax: Amount,
  gross: Amount,
  shipments: z.array(billedShipment).min(1).optional(),
});

export const invoice = bind(
  procedure({
    name: 'invoice',
    clause: 'O-50',
    class: 'confidential',
    events: invoiceEvents,
    states: ['outstanding', 'settled', 'written-off'],
    read: salesReaders,
    page: {
      title: 'sales-invoice',
      fields: [
        'distributorId',
        'orderId',
        'shipmentId',
        'region',
        'invoicedOn',
        'dueOn',
        'net',
        'tax',
        'openAmount',
        'settledOn',
        'shipments',
      ],
      columns: { shipments: ['shipmentNumber', 'orderId'] },
      sign: ['order-clerk', 'finance'],
    },
    start: { move: 'issue', to: 'outstanding', by: { system: 'all' }, form, fact: 'issued' },
    moves: {
      settle: { from: 'outstanding', to: 'settled', by: { system: 'all' }, fact: 'settled' },
      writeOff: {
        clause: 'O-25',
        from: 'outstanding',
        to: 'written-off',
        by: { system: 'all' },
        form: z.object({ amount: PositiveAmount }),
        fact: 'written-off',
      },
    },
  }),
  {
    entity: Invoice,
    create: async (
      {
        orderId,
        shipmentId: shipment,
        distributorId,
        regionId: region,
        salespersonId: owner = null,
        invoicedOn,
        shipments,
        ...amounts
      },
      work,
      base,
    ) => {
      const { id: distributor, payment_days, terms } = await distributorOf(work, { id: distributorId });
      const [net, tax, gross] = [amounts.net, amounts.tax, amounts.gross].map((amount) => Money.of(amount)) as [
        Money,
        Money,
        Money,
      ];
      return work.em.create(Invoice, {
        ...base,
        region,
        owner,
        number: await documentNumber(work, 'FP', invoicedOn),
        orderId,
        shipment,
        distributor,
        invoicedOn,
        dueOn: work.calendar.addDays(invoicedOn, payment_days),
        onCredit: terms === 'credit',
        net,
        tax,
        gross,
        openAmount: gross,
        settledOn: null,
        shipments: shipments ?? null,
      });
    },
    follows: {
      issue: async (subject, work) => {
        const { id, shipments } = subject;
        await enter(work, entryOf(subject));
        if (!shipments) return;
        await work.query('INSERT INTO invoice_shipment (shipment, invoice) SELECT unnest($2::uuid[]), $1', [
          id,
          shipments.map(({ shipmentId }) => shipmentId),
        ]);
      },
    },
    effects: {
      settle: (subject, _, work) => {
        subject.settledOn = work.today;
      },
      writeOff: (subject, _, work) => {
        subject.settledOn = work.today;
      },
    },
    facts: {
      issued: withGoods,
      settled: (subject, _, work) => ({ ...head(subject, work), settledOn: subject.settledOn! }),
      'written-off': (subject, { amount }, work) => ({
        ...head(subject, work),
        settledOn: subject.settledOn!,
        writtenOff: String(Money.of(amount)),
      }),
      recorded: withGoods,
    },
    view: (subject) => ({
      number: subject.number,
      orderId: subject.orderId,
      shipmentId: subject.shipment,
      distributorId: subject.distributor,
      region: subject.region,
      invoicedOn: subject.invoicedOn,
      dueOn: subject.dueOn,
      onCredit: subject.onCredit,
      net: subject.net,
      tax: subject.tax,
      gross: subject.gross,
      openAmount: subject.openAmount,
      settledOn: subject.settledOn,
      ...(subject.shipments ? { shipments: subject.shipments } : {}),
    }),
    filters: { distributorId: 'distributor', orderId: 'orderId', number: 'number' },
  },
);

/** O-22: what an invoice adds to the customer's debt. */
export const entryOf = (subject: Invoice): LedgerEntry => ({
  distributor: subject.distributor,
  region: subject.region!,
  kind: 'sale',
  documentKind: 'invoice',
  documentId: subject.id,
  documentNumber: subject.number,
  bookedOn: subject.invoicedOn,
  amount: subject.gross,
});

/** What an invoice is for, from the shipping order whose goods it bills. */
export const goodsOf = ({ distributorCode, segment, channel, owner, lines }: Shipment): Goods => ({
  distributorCode,
  segment,
  channel,
  ...(owner ? { salespersonId: owner } : {}),
  lines: lines.getItems().map(({ line, product, productCode, family, quantity, unitPrice, net, tax, gross }) => ({
    line,
    productId: product,
    productCode,
    family,
    quantity: String(quantity),
    unitPrice: String(unitPrice),
    net: String(net),
    tax: String(tax),
    gross: String(gross),
  })),
});

function withGoods(subject: Invoice, { distributorCode, segment, channel, salespersonId, lines }: Goods, work: Work) {
  const seller = salespersonId ? { salespersonId } : {};
  return { ...head(subject, work), distributorCode, segment, channel, ...seller, lines };
}

/** The invoice that bills a shipment, if it has one. */
export async function invoiceOf(work: Work, shipmentId: string): Promise<string | undefined> {
  const [row] = await work.query<{ id: string }>(
    `SELECT id FROM invoice WHERE shipment = $1 AND shipments IS NULL UNION ALL SELECT invoice FROM invoice_shipment WHERE shipment = $1 LIMIT 1`,
    [shipmentId],
  );
  return row?.id;
}

function head(subject: Invoice, work: Work) {
  const { number, orderId, shipment, distributor, region, invoicedOn, dueOn, onCredit, net, tax, gross } = subject;
  return {
    number,
    orderId,
    distributorId: distributor,
    regionId: region!,
    invoicedOn,
    dueOn,
    onCredit,
    currency: work.currency,
    net: String(net),
    tax: String(tax),
    gross: String(gross),
    ...(shipment ? { shipmentId: shipment } : {}),
    ...(subject.shipments ? { shipments: subject.shipments } : {}),
  };
}
