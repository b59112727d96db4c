import type { ComplaintChannel, Severity } from '@fenxiao/contracts/complaints';
import { columns, subjectColumns } from '@fenxiao/service-kit/columns';
import { defineEntity } from '@mikro-orm/core';
import type { z } from 'zod';

/** C-12: the working hours that each of its moves may take, as the settings were when it was logged. */
export interface Limits {
  readonly open: number;
  readonly handle: number;
  readonly handleSerious: number;
  readonly inform: number;
  readonly copy: number;
}

const ServiceComplaintSchema = defineEntity({
  name: 'ServiceComplaint',
  tableName: 'service_complaint',
  properties: (p) => ({
    ...subjectColumns,
    number: p.text(),
    channel: p.text().$type<z.infer<typeof ComplaintChannel>>(),
    receivedAt: p.datetime(),
    distributor: p.uuid().strictNullable(),
    distributorCode: p.text().strictNullable(),
    customer: p.text().strictNullable(),
    telephone: p.text().strictNullable(),
    description: p.text(),
    severity: p.text().$type<Severity>().strictNullable(),
    previousSeverity: p.text().$type<Severity>().strictNullable(),
    accused: p.uuid().strictNullable(),
    standard: p.text().strictNullable(),
    handler: p.uuid().strictNullable(),
    limits: p.json<Limits>(),
    suggestion: p.text().strictNullable(),
    measures: p.text().strictNullable(),
    founded: p.boolean().strictNullable(),
    findings: p.text().strictNullable(),
    result: p.text().strictNullable(),
    informedOn: columns.date().strictNullable(),
    way: p.text().$type<z.infer<typeof ComplaintChannel>>().strictNullable(),
    /** of the sealed copy that the office has, SHA-256 in hexadecimal */
    digest: p.text().strictNullable(),
  }),
});
/** Its `unit` is the department at fault; its `owner` whoever was named there to handle it. */
export class ServiceComplaint extends ServiceComplaintSchema.class {}
ServiceComplaintSchema.setClass(ServiceComplaint);
