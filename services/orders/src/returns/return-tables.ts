import type { Remedy, returnLine, returnResult } from '@fenxiao/contracts/goods';
import { columns, subjectColumns } from '@fenxiao/service-kit/columns';
import { defineEntity } from '@mikro-orm/core';
import type { z } from 'zod';

/** A line that comes back, and the shipment line whose price was paid for it. */
export type ReturnLine = z.infer<typeof returnLine> & { readonly billedLine: number };
export type ReturnResult = z.infer<typeof returnResult>;

/** A return and its lines as they are stored. */
const GoodsReturnSchema = defineEntity({
  name: 'GoodsReturn',
  tableName: 'goods_return',
  properties: (p) => ({
    ...subjectColumns,
    number: p.text(),
    shipment: p.uuid(),
    shipmentNumber: p.text(),
    shippedOn: columns.date(),
    billedShipment: p.uuid(),
    orderId: p.uuid(),
    orderNumber: p.text(),
    distributor: p.uuid(),
    distributorCode: p.text(),
    complaint: p.uuid().strictNullable(),
    request: p.uuid().strictNullable(),
    remedy: p.text().$type<z.infer<typeof Remedy>>(),
    cause: p.text(),
    warehouse: p.text().strictNullable(),
    lines: p.json<ReturnLine[]>(),
    results: p.json<ReturnResult[]>(),
    creditNote: p.uuid().strictNullable(),
    replacement: p.uuid().strictNullable(),
  }),
});
export class GoodsReturn extends GoodsReturnSchema.class {}
GoodsReturnSchema.setClass(GoodsReturn);
