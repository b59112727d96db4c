import type { Channel, Finding } from '@fenxiao/contracts/orders';
import { columns, subjectColumns } from '@fenxiao/service-kit/columns';
import { Collection, defineEntity } from '@mikro-orm/core';
import type { z } from 'zod';

/** An order and its lines as they are stored. */
export type Hold = 'credit' | 'price' | 'stock' | 'trial';

const OrderSchema = defineEntity({
  name: 'Order',
  tableName: 'order',
  properties: (p) => ({
    ...subjectColumns,
    number: p.text(),
    distributor: p.uuid(),
    distributorCode: p.text(),
    segment: p.text(),
    channel: p.text().$type<z.infer<typeof Channel>>(),
    orderedOn: columns.date(),
    promisedOn: columns.date().strictNullable(),
    firstPromisedOn: columns.date().strictNullable(),
    reference: p.text().strictNullable(),
    partialAllowed: p.boolean(),
    net: columns.money(),
    tax: columns.money(),
    gross: columns.money(),
    unshipped: columns.money(),
    holds: p.array().$type<Hold[]>(),
    heldOnce: p.boolean(),
    creditReleasedUntil: p.datetime().strictNullable(),
    priceCleared: p.text().strictNullable(),
    submittedAt: p.datetime().strictNullable(),
    large: p.boolean(),
    draftReservedUntil: p.datetime().strictNullable(),
    historic: p.boolean(),
    findings: p.json<z.infer<typeof Finding>[]>(),
    /** the rest that could not come was dropped, with the customer's consent (O-06) */
    closedShortAt: p.datetime().strictNullable(),
    consentedOn: columns.date().strictNullable(),
    consent: p.text().strictNullable(),
    lines: () => p.oneToMany(OrderLine).mappedBy('order').orderBy({ line: 'asc' }).orphanRemoval(),
  }),
});
export class Order extends OrderSchema.class {
  override lines = new Collection<OrderLine>(this);
}
OrderSchema.setClass(Order);

/** What is sold, at what price, and how much of it is reserved, issued and shipped. */
const OrderLineSchema = defineEntity({
  name: 'OrderLine',
  tableName: 'order_line',
  properties: (p) => ({
    order: () => p.manyToOne(Order).primary(),
    line: p.integer().primary(),
    product: p.uuid(),
    productCode: p.text(),
    family: p.text(),
    quantity: columns.quantity(),
    listPrice: columns.unitPrice().strictNullable(),
    unitPrice: columns.unitPrice(),
    discount: columns.percentage(),
    gift: p.boolean(),
    deviation: columns.percentage().strictNullable(),
    taxRate: columns.percentage(),
    taxIncluded: p.boolean(),
    priceCut: p.uuid().strictNullable(),
    cutPrice: columns.unitPrice().strictNullable(),
    salesUnit: p.text().strictNullable(),
    unitsPerPackage: columns.quantity().strictNullable(),
    /** O-43: parts of packages do not leave */
    wholePackages: p.boolean(),
    net: columns.money(),
    tax: columns.money(),
    gross: columns.money(),
    allocated: columns.quantity(),
    issued: columns.quantity(),
    shipped: columns.quantity(),
    dropped: columns.quantity(),
    droppedNet: columns.money(),
    droppedTax: columns.money(),
    droppedGross: columns.money(),
  }),
});
export class OrderLine extends OrderLineSchema.class {}
OrderLineSchema.setClass(OrderLine);
