import type { Severity } from '@fenxiao/contracts/complaints';
import type { FormDepartment } from '@fenxiao/contracts/quality-forms';
import { subjectColumns } from '@fenxiao/service-kit/columns';
import { defineEntity } from '@mikro-orm/core';

/** A department's section: empty, then filled, then signed and locked. Times are RFC 3339. */
export interface Section {
  readonly department: FormDepartment;
  /** who had to sign when the form was routed, by id */
  readonly heads?: readonly string[];
  readonly findings?: string;
  readonly measures?: string;
  readonly filledBy?: string;
  readonly filledAt?: string;
  readonly signedBy?: string;
  readonly signedAt?: string;
}
/** The complaint as the form was opened about it (C-02). */
export interface Complained {
  readonly receipt: string | null;
  readonly productName: string;
  readonly specification: string;
  readonly grade: string;
  readonly colourNumber: string;
  readonly batch: string | null;
  readonly quantity: string;
  readonly purchasedOn: string;
  readonly description: string;
}

/** C-04, C-08: a form as it is stored. */
const QualityComplaintFormSchema = defineEntity({
  name: 'QualityComplaintForm',
  tableName: 'quality_complaint_form',
  properties: (p) => ({
    ...subjectColumns,
    number: p.text(),
    complaint: p.uuid(),
    complaintNumber: p.text(),
    severity: p.text().$type<Severity>(),
    distributorCode: p.text().strictNullable(),
    productCode: p.text().strictNullable(),
    defect: p.text(),
    about: p.json<Complained>(),
    edition: p.integer(),
    openBy: p.datetime(),
    /** the person complained of, who has no hand in it */
    against: p.uuid().strictNullable(),
    handling: p.text().strictNullable(),
    sections: p.json<Section[]>(),
    /** working days that the departments have */
    sectionDays: p.integer(),
    /** working hours that each step of whoever handles the complaint has */
    stepHours: p.integer(),
    /** when its complaint was handled, as long as it is */
    handledAt: p.datetime().strictNullable(),
    routedAt: p.datetime().strictNullable(),
    result: p.text().strictNullable(),
    signedBy: p.text().strictNullable(),
    signedAt: p.datetime().strictNullable(),
    /** its complaint was opened again after it was signed: it tells of another ending */
    outdated: p.boolean(),
    sentAt: p.datetime().strictNullable(),
    copyHash: p.text().strictNullable(),
    copyReceivedBy: p.text().strictNullable(),
    copyReceivedAt: p.datetime().strictNullable(),
    place: p.text().strictNullable(),
  }),
});
export class QualityComplaintForm extends QualityComplaintFormSchema.class {}
QualityComplaintFormSchema.setClass(QualityComplaintForm);
