import { AfterSalesService, afterSalesEvents, ContactWay } from '@fenxiao/contracts/after-sales';
import { Address, CalendarDate, Instant, Note } from '@fenxiao/contracts/wire';
import { procedure } from '@fenxiao/procedures/procedure';
import { subjectColumns } from '@fenxiao/service-kit/columns';
import { defineEntity } from '@mikro-orm/core';
import { z } from 'zod';
import {
  administrator,
  caseReaders,
  contactReaders,
  noticeClock,
  reporters,
  reportFields,
  stepClock,
  technical,
  type Limits,
} from './report.js';

/**
 * C-10 After-sales chain 售后服务: the regional manager is told first, may see and suggest and never decides; the sales general
 * manager signs an opinion, the technical department decides, and the manager is told what was done before the case closes.
 */

/** 处理建议: what the regional manager would do. */
interface Suggestion {
  readonly by: string;
  /** RFC 3339 */
  readonly at: string;
  readonly suggestion: string;
}

const AfterSalesCaseSchema = defineEntity({
  name: 'AfterSalesCase',
  tableName: 'after_sales_case',
  properties: (p) => ({
    ...subjectColumns,
    number: p.text(),
    receivedAt: p.datetime(),
    distributor: p.uuid(),
    distributorCode: p.text(),
    orderNumber: p.text().strictNullable(),
    product: p.uuid().strictNullable(),
    productCode: p.text().strictNullable(),
    family: p.text().strictNullable(),
    description: p.text(),
    contact: p.text().strictNullable(),
    telephone: p.text().strictNullable(),
    address: p.text().strictNullable(),
    limits: p.json<Limits>(),
    notifiedAt: p.datetime().strictNullable(),
    suggestions: p.json<readonly Suggestion[]>(),
    visitedOn: p.date().$type<string>().strictNullable(),
    findings: p.text().strictNullable(),
    photosWanted: p.text().strictNullable(),
    photographs: p.integer().strictNullable(),
    opinion: p.text().strictNullable(),
    opinionBy: p.text().strictNullable(),
    verified: p.text().strictNullable(),
    decision: p.text().strictNullable(),
    service: p.text().$type<z.infer<typeof AfterSalesService>>().strictNullable(),
    decidedAt: p.datetime().strictNullable(),
    decidedBy: p.text().strictNullable(),
    decidedRole: p.text().strictNullable(),
    servicedOn: p.date().$type<string>().strictNullable(),
    result: p.text().strictNullable(),
    informedAt: p.datetime().strictNullable(),
    informedWay: p.text().strictNullable(),
  }),
});
export class AfterSalesCase extends AfterSalesCaseSchema.class {}
AfterSalesCaseSchema.setClass(AfterSalesCase);

const ofTheRegion = { 'regional-manager': 'region' } as const;
const toldForm = z.object({ way: ContactWay, at: Instant.optional() });
const undecided = [
  'reported',
  'rm-notified',
  'on-site',
  'photos-requested',
  'photos-received',
  'gm-opinion-signed',
  'technical-verifying',
] as const;

export const afterSales = procedure({
  name: 'after-sales-case',
  clause: 'C-10',
  events: afterSalesEvents,
  states: [...undecided, 'decided', 'serviced', 'rm-informed', 'closed'],
  read: caseReaders,
  reveal: contactReaders,
  page: {
    title: 'after-sales-case',
    fields: [
      'number',
      'receivedAt',
      'distributorId',
      'orderNumber',
      'productCode',
      'description',
      'notifiedAt',
      'visitedOn',
      'findings',
      'opinion',
      'verified',
      'decision',
      'service',
      'servicedOn',
      'result',
      'informedAt',
    ],
    sign: ['sales-administrator', 'sales-general-manager', 'technical-department', 'regional-manager'],
  },
  start: {
    move: 'report',
    to: 'reported',
    by: reporters,
    form: z.object({ ...reportFields, description: Note, address: Address.optional() }),
    fact: 'reported',
    daily: true,
  },
  moves: {
    notifyManager: {
      from: 'reported',
      to: 'rm-notified',
      by: administrator,
      form: toldForm,
      fact: 'rm-notified',
      clock: noticeClock,
      daily: true,
    },
    suggest: {
      from: undecided,
      by: ofTheRegion,
      form: z.object({ suggestion: Note }),
      fact: 'suggested',
    },
    goOnSite: {
      from: ['rm-notified', 'photos-requested'],
      to: 'on-site',
      by: ofTheRegion,
      form: z.object({ visitedOn: CalendarDate, findings: Note }),
      fact: 'on-site',
    },
    requestPhotos: {
      from: 'rm-notified',
      to: 'photos-requested',
      by: { ...administrator, ...ofTheRegion },
      form: z.object({ photosWanted: Note.optional() }),
      fact: 'photos-requested',
      reason: true,
      clock: { ...stepClock('visit', 'sales-manager'), keptBy: ['goOnSite'] },
    },
    receivePhotos: {
      from: 'photos-requested',
      to: 'photos-received',
      by: administrator,
      fact: 'photos-received',
      clock: { ...stepClock('photos', 'sales-manager'), keptBy: ['goOnSite'] },
      daily: true,
    },
    signOpinion: {
      from: ['on-site', 'photos-received'],
      to: 'gm-opinion-signed',
      by: { 'sales-general-manager': 'all' },
      form: z.object({ opinion: Note }),
      fact: 'opinion-signed',
      clock: stepClock('opinion', 'general-manager'),
    },
    beginVerifying: {
      from: 'gm-opinion-signed',
      to: 'technical-verifying',
      by: technical,
      fact: 'verification-begun',
      clock: stepClock('verify', 'sales-general-manager'),
    },
    decide: {
      from: 'technical-verifying',
      to: 'decided',
      by: { ...technical, 'regional-manager': 'never', 'sales-general-manager': 'never' },
      form: z.object({ verified: Note, decision: Note, service: AfterSalesService }),
      fact: 'decided',
      notMaker: true,
      clock: stepClock('decide', 'sales-general-manager'),
    },
    recordService: {
      from: 'decided',
      to: 'serviced',
      by: { ...technical, ...administrator },
      form: z.object({ servicedOn: CalendarDate, result: Note }),
      fact: 'serviced',
      clock: stepClock('service', 'sales-general-manager'),
      daily: true,
    },
    informManager: {
      from: 'serviced',
      to: 'rm-informed',
      by: administrator,
      form: toldForm,
      fact: 'rm-informed',
      clock: noticeClock,
      daily: true,
    },
    close: {
      from: 'rm-informed',
      to: 'closed',
      by: administrator,
      fact: 'closed',
      clock: stepClock('close', 'sales-manager'),
      daily: true,
    },
  },
});
