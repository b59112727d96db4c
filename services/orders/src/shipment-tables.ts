import type { Channel } from '@fenxiao/contracts/orders';
import { columns, subjectColumns } from '@fenxiao/service-kit/columns';
import { Collection, defineEntity } from '@mikro-orm/core';
import type { z } from 'zod';

/** The signed copy: its file and SHA-256. */
export interface Proof {
  readonly file: string;
  readonly digest: string;
}
export interface Damaged {
  readonly line: number;
  readonly quantity: string;
  readonly note?: string | undefined;
}

/** A shipping order and its lines as they are stored. */
const ShipmentSchema = defineEntity({
  name: 'Shipment',
  tableName: 'shipment',
  properties: (p) => ({
    ...subjectColumns,
    number: p.text(),
    orderId: p.uuid(),
    orderNumber: p.text(),
    distributor: p.uuid(),
    distributorCode: p.text(),
    segment: p.text(),
    channel: p.text().$type<z.infer<typeof Channel>>(),
    shippedOn: columns.date().strictNullable(),
    deliveredOn: columns.date().strictNullable(),
    carrier: p.text().strictNullable(),
    vehicle: p.text().strictNullable(),
    freight: columns.money().strictNullable(),
    damage: p.text().strictNullable(),
    promisedOn: columns.date().strictNullable(),
    departedAt: p.datetime().strictNullable(),
    /** O-20: when that was booked */
    dispatchedAt: p.datetime().strictNullable(),
    arrivedAt: p.datetime().strictNullable(),
    signer: p.text().strictNullable(),
    proof: p.json<Proof>().strictNullable(),
    damaged: p.json<Damaged[]>(),
    net: columns.money(),
    tax: columns.money(),
    gross: columns.money(),
    historic: p.boolean(),
    lines: () => p.oneToMany(ShipmentLine).mappedBy('shipment').orderBy({ line: 'asc' }),
  }),
});
export class Shipment extends ShipmentSchema.class {
  override lines = new Collection<ShipmentLine>(this);
}
ShipmentSchema.setClass(Shipment);

const ShipmentLineSchema = defineEntity({
  name: 'ShipmentLine',
  tableName: 'shipment_line',
  properties: (p) => ({
    shipment: () => p.manyToOne(Shipment).primary().joinColumn('shipment'),
    line: p.integer().primary(),
    orderLine: p.integer(),
    product: p.uuid(),
    productCode: p.text(),
    family: p.text(),
    colourNumber: p.text(),
    stockItem: p.uuid().strictNullable(),
    batch: p.text(),
    grade: p.text(),
    quantity: columns.quantity(),
    unitPrice: columns.unitPrice(),
    net: columns.money(),
    tax: columns.money(),
    gross: columns.money(),
    /** O-52: standard cost at ship date, confidential */
    cost: columns.money().strictNullable(),
    /** O-07: has come back, or is about to; of it credited */
    returned: columns.quantity(),
    credited: columns.quantity(),
  }),
});
export class ShipmentLine extends ShipmentLineSchema.class {}
ShipmentLineSchema.setClass(ShipmentLine);
