import type { SurveyKind, SurveyWay } from '@fenxiao/contracts/surveys';
import { columns, subjectColumns } from '@fenxiao/service-kit/columns';
import { defineEntity } from '@mikro-orm/core';
import type { z } from 'zod';

const SurveySchema = defineEntity({
  name: 'Survey',
  tableName: 'survey',
  properties: (p) => ({
    ...subjectColumns,
    number: p.text(),
    kind: p.text().$type<SurveyKind>(),
    distributor: p.uuid(),
    distributorCode: p.text(),
    segment: p.text(),
    /** the delivery or the complaint */
    about: p.uuid().strictNullable(),
    aboutNumber: p.text().strictNullable(),
    /** `2026-H1` */
    period: p.text().strictNullable(),
    issuedOn: columns.date(),
    expiresOn: columns.date(),
    deliveredOn: columns.date().strictNullable(),
    way: p.text().$type<z.infer<typeof SurveyWay>>().strictNullable(),
    answeredOn: columns.date().strictNullable(),
    score: p.integer().strictNullable(),
    comment: p.text().strictNullable(),
    opinion: p.uuid().strictNullable(),
  }),
});
/** C-18: a survey as it is stored; its owner is the customer's salesperson. */
export class Survey extends SurveySchema.class {}
SurveySchema.setClass(Survey);
