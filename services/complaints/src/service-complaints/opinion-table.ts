import type { ComplaintChannel } from '@fenxiao/contracts/complaints';
import type { OpinionKind } from '@fenxiao/contracts/service-complaints';
import { columns, subjectColumns } from '@fenxiao/service-kit/columns';
import { defineEntity } from '@mikro-orm/core';
import type { z } from 'zod';

const OpinionSchema = defineEntity({
  name: 'Opinion',
  tableName: 'opinion',
  properties: (p) => ({
    ...subjectColumns,
    number: p.text(),
    kind: p.text().$type<z.infer<typeof OpinionKind>>(),
    channel: p.text().$type<z.infer<typeof ComplaintChannel>>(),
    distributor: p.uuid().strictNullable(),
    distributorCode: p.text().strictNullable(),
    customer: p.text().strictNullable(),
    telephone: p.text().strictNullable(),
    content: p.text(),
    major: p.boolean(),
    recordedOn: columns.date(),
    /** working hours each of its moves may take, as the settings were when it was recorded */
    limits: p.json<{ assign: number; solve: number; answer: number }>(),
    solution: p.text().strictNullable(),
    answeredOn: columns.date().strictNullable(),
    way: p.text().$type<z.infer<typeof ComplaintChannel>>().strictNullable(),
  }),
});
/** C-17: a customer's opinion as it is stored; its owner is whoever it is assigned to. */
export class Opinion extends OpinionSchema.class {}
OpinionSchema.setClass(Opinion);
