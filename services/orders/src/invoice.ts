import { invoicedGoods, invoiceEvents } from '@fenxiao/contracts/orders';
import { Amount, CalendarDate, PositiveAmount, Ref } from '@fenxiao/contracts/wire';
import { Money } from '@fenxiao/domain/money';
import { procedure } from '@fenxiao/procedures/procedure';
import { columns, subjectColumns } from '@fenxiao/service-kit/columns';
import { bind } from '@fenxiao/service-kit/engine';
import { documentNumber } from '@fenxiao/service-kit/numbers';
import type { Work } from '@fenxiao/service-kit/work';
import { defineEntity } from '@mikro-orm/core';
import { z } from 'zod';
import { distributorOf } from './distributor.js';
import { salesReaders } from './readers.js';
import type { Shipment } from './shipment-tables.js';

/** O-50 Invoices and payment terms 发票, 账期: one per shipment, due by the customer's terms; the ground of receivables. */
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
    net: columns.money(),
    tax: columns.money(),
    gross: columns.money(),
    openAmount: columns.money(),
    settledOn: columns.date().strictNullable(),
  }),
});
export class Invoice extends InvoiceSchema.class {}
InvoiceSchema.setClass(Invoice);

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
      ],
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
        ...amounts
      },
      work,
      base,
    ) => {
      const { id: distributor, payment_days } = await distributorOf(work, { id: distributorId });
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
        net,
        tax,
        gross,
        openAmount: gross,
        settledOn: null,
      });
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
      net: subject.net,
      tax: subject.tax,
      gross: subject.gross,
      openAmount: subject.openAmount,
      settledOn: subject.settledOn,
    }),
    filters: { distributorId: 'distributor', orderId: 'orderId', number: 'number' },
  },
);

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

function head(subject: Invoice, work: Work) {
  const { number, orderId, shipment, distributor, region, invoicedOn, dueOn, net, tax, gross } = subject;
  return {
    number,
    orderId,
    distributorId: distributor,
    regionId: region!,
    invoicedOn,
    dueOn,
    currency: work.currency,
    net: String(net),
    tax: String(tax),
    gross: String(gross),
    ...(shipment ? { shipmentId: shipment } : {}),
  };
}
