import type {
  CauseArea,
  CauseDepartment,
  ComplaintChannel,
  ComplaintRemedy,
  Justified,
  Severity,
  SeverityCriterion,
} from '@fenxiao/contracts/complaints';
import type { Remedy } from '@fenxiao/contracts/goods';
import { Money } from '@fenxiao/domain/money';
import { columns, subjectColumns } from '@fenxiao/service-kit/columns';
import { defineEntity } from '@mikro-orm/core';
import type { z } from 'zod';
import type { StageLimits } from './stages.js';

/** Who may hold the handler field (C-01), and nobody else. */
export type HandlerRole = 'sales-manager' | 'deputy-general-manager-sales';

/** C-05: the visit to the customer. */
export interface SiteVisit {
  readonly needed: boolean;
  /** why none is needed any more */
  readonly unneeded?: string;
  readonly plannedOn?: string;
  readonly persons?: readonly string[];
  readonly visitedOn?: string;
  readonly findings?: string;
  /** the customer signed the findings; `unsigned` says why not */
  readonly signed?: boolean;
  readonly unsigned?: string;
}

/** A quality complaint as it is stored. */
const ComplaintSchema = defineEntity({
  name: 'Complaint',
  tableName: 'complaint',
  properties: (p) => ({
    ...subjectColumns,
    number: p.text(),
    channel: p.text().$type<z.infer<typeof ComplaintChannel>>(),
    severity: p.text().$type<Severity>(),
    criteria: p.json<z.infer<typeof SeverityCriterion>[]>(),
    receivedAt: p.datetime(),
    receivedOn: columns.date(),
    handler: p.uuid().strictNullable(),
    handlerRole: p.text().$type<HandlerRole>(),
    /** the person complained of */
    against: p.uuid().strictNullable(),
    keyAccount: p.boolean(),
    distributor: p.uuid().strictNullable(),
    distributorCode: p.text().strictNullable(),
    /** name and telephone, sealed */
    customer: p.text().strictNullable(),
    telephone: p.text().strictNullable(),
    receipt: p.text(),
    orderNumber: p.text().strictNullable(),
    shipment: p.uuid().strictNullable(),
    shipmentLine: p.integer().strictNullable(),
    product: p.uuid().strictNullable(),
    productCode: p.text().strictNullable(),
    family: p.text().strictNullable(),
    productName: p.text(),
    specification: p.text(),
    grade: p.text(),
    colourNumber: p.text(),
    batch: p.text().strictNullable(),
    quantity: columns.quantity(),
    purchasedOn: columns.date().strictNullable(),
    /** fields that differ from what the receipt's goods are */
    mismatches: p.json<string[]>(),
    defect: p.text(),
    description: p.text(),
    wanted: p.text().$type<z.infer<typeof ComplaintRemedy>>().strictNullable(),
    areas: p.json<CauseArea[]>(),
    /** when the departments were asked in this round */
    askedAt: p.datetime().nullable(),
    cause: p.text().$type<CauseArea>().strictNullable(),
    finding: p.text().strictNullable(),
    visit: p.json<SiteVisit>().strictNullable(),
    verdict: p.text().$type<z.infer<typeof Justified>>().strictNullable(),
    judgedOn: columns.date().strictNullable(),
    evidence: p.text().strictNullable(),
    furtherRoutes: p.text().strictNullable(),
    proposedRemedy: p.text().$type<z.infer<typeof ComplaintRemedy>>().strictNullable(),
    proposedCost: columns.money().strictNullable(),
    remedy: p.text().$type<z.infer<typeof ComplaintRemedy>>().strictNullable(),
    estimatedCost: columns.money().strictNullable(),
    /** of this round; what earlier rounds have cost is `spent` */
    actualCost: columns.money().strictNullable(),
    spent: columns.money().onCreate(() => Money.zero),
    repeat: p.integer().strictNullable(),
    limits: p.json<StageLimits>(),
    /** business seconds of the present stage used before it was entered last, when a wait for the customer is over */
    usedSeconds: p.integer(),
    resumedAt: p.datetime().strictNullable(),
    /** the state that waits for the customer, and what was asked */
    waitingIn: p.text().strictNullable(),
    question: p.text().strictNullable(),
    /** what the customer answered last */
    answer: p.text().nullable(),
    waitedSeconds: p.integer(),
    responseMinutes: p.integer().strictNullable(),
    resolutionMinutes: p.integer().strictNullable(),
    informedOn: columns.date().strictNullable(),
    informedBy: p.text().$type<z.infer<typeof ComplaintChannel>>().strictNullable(),
    followUpOn: columns.date().strictNullable(),
    satisfied: p.boolean().strictNullable(),
    score: p.integer().strictNullable(),
    followUpNote: p.text().nullable(),
    /** the return that was asked for last */
    returnRequest: p.uuid().strictNullable(),
    returnState: p.text().strictNullable(),
    returnNumber: p.text().strictNullable(),
    returnRefusal: p.text().strictNullable(),
    /** of another register: no rules of today are asked, and what it did not say is empty */
    historic: p.boolean(),
    source: p.text().strictNullable(),
    closedAt: p.datetime().strictNullable(),
  }),
});
export class Complaint extends ComplaintSchema.class {}
ComplaintSchema.setClass(Complaint);

/** C-03: one department's task. */
const InquirySchema = defineEntity({
  name: 'Inquiry',
  tableName: 'inquiry',
  properties: (p) => ({
    ...subjectColumns,
    number: p.text(),
    complaint: p.uuid(),
    complaintNumber: p.text(),
    severity: p.text().$type<Severity>(),
    department: p.text().$type<z.infer<typeof CauseDepartment>>(),
    areas: p.json<CauseArea[]>(),
    acknowledgeHours: p.integer(),
    causeDays: p.integer(),
    notifiedAt: p.datetime(),
    acknowledgedAt: p.datetime().strictNullable(),
    answeredAt: p.datetime().strictNullable(),
    atFault: p.boolean().strictNullable(),
    finding: p.text().strictNullable(),
  }),
});
export class Inquiry extends InquirySchema.class {}
InquirySchema.setClass(Inquiry);

/** O-07, C-06: a return asked of orders for a complaint; its id is the request's. */
const ReturnRequestSchema = defineEntity({
  name: 'ReturnRequest',
  tableName: 'return_request',
  properties: (p) => ({
    ...subjectColumns,
    complaint: p.uuid(),
    complaintNumber: p.text(),
    shipment: p.uuid(),
    lines: p.json<{ shipmentLine: number; quantity: string }[]>(),
    remedy: p.text().$type<z.infer<typeof Remedy>>(),
    cause: p.text(),
    answerHours: p.integer(),
    returnId: p.uuid().strictNullable(),
    returnNumber: p.text().strictNullable(),
    refusal: p.text().strictNullable(),
  }),
});
export class ReturnRequest extends ReturnRequestSchema.class {}
ReturnRequestSchema.setClass(ReturnRequest);
