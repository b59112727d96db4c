import { Difference, qualityDailyEvents, QualityItem, type qualityAdjustment } from '@fenxiao/contracts/quality-forms';
import { Line, Note } from '@fenxiao/contracts/wire';
import { domainError } from '@fenxiao/domain/domain-error';
import { headOffice } from '@fenxiao/procedures/powers';
import { procedure } from '@fenxiao/procedures/procedure';
import { daily, dailyHead, generateDaily, periodOf, signBy } from '@fenxiao/service-kit/daily-report';
import { bind, type Bound } from '@fenxiao/service-kit/engine';
import { defineEntity } from '@mikro-orm/core';
import { z } from 'zod';
import { isNil, takeDown, type Figures } from './daily-figures.js';

/** C-20 Quality daily report 《质量日报表》: made at the close of each working day, signed by the order clerk, also when nil. */
const QualityDailySchema = defineEntity({
  name: 'QualityDaily',
  tableName: 'quality_daily',
  properties: (p) => ({
    ...daily.columns,
    figures: p.json<Figures>(),
    adjustments: p.json<z.infer<typeof qualityAdjustment>[]>(),
  }),
});
export class QualityDaily extends QualityDailySchema.class {}
QualityDailySchema.setClass(QualityDaily);

const qualityDailyProcedure = procedure({
  name: 'quality-daily',
  path: 'quality-daily-reports',
  clause: 'C-20',
  events: qualityDailyEvents,
  states: ['generated', 'signed', 'adjusted'],
  read: {
    ...headOffice,
    'quality-control': 'all',
    'technical-department': 'all',
    'production-department': 'all',
    'head-of-department': 'all',
  },
  page: {
    title: 'quality-daily',
    fields: [
      'day',
      'from',
      'to',
      'nil',
      'newComplaints',
      'openComplaints',
      'closedComplaints',
      'byProduct',
      'byCause',
      'returns',
      'batchesHeld',
      'adjustments',
      'comment',
    ],
    columns: { returns: ['returnNumber', 'productCode', 'batch', 'quantity'] },
    sign: ['order-clerk', 'quality-control', 'sales-manager'],
  },
  archive: { states: ['signed', 'adjusted'] },
  start: daily.start,
  moves: {
    /** by the order clerk in person: no daily operation that somebody may do in the place of another */
    sign: daily.sign,
    miss: daily.miss,
    adjust: {
      from: ['signed', 'adjusted'],
      to: 'adjusted',
      by: { 'order-clerk': 'all' },
      form: z.object({ item: QualityItem, difference: Difference, cause: Note, document: Line.optional() }),
      fact: 'adjusted',
    },
  },
});

export const qualityDaily: Bound<QualityDaily, typeof qualityDailyProcedure> = bind(qualityDailyProcedure, {
  entity: QualityDaily,
  create: async ({ day, closedAt }, work, base) => {
    const period = await periodOf(work, 'quality_daily', day, closedAt);
    return work.em.create(QualityDaily, {
      ...base,
      number: `ZB-${day}`,
      day,
      fromAt: period.from,
      toAt: period.to,
      figures: await takeDown(work, base.id, period),
      comment: null,
      adjustments: [],
    });
  },
  effects: {
    sign: (subject, { comment }) => {
      subject.comment = comment ?? null;
    },
    adjust: (subject, adjustment, { today: adjustedOn }) => {
      if (/^-?[0.]+$/.test(adjustment.difference)) throw nothing({}, { field: 'difference' });
      subject.adjustments = [...subject.adjustments, { adjustedOn, ...adjustment }];
    },
  },
  facts: {
    generated: head,
    signed: (subject, { comment }, work) => ({
      ...head(subject),
      ...(comment ? { comment } : {}),
      onTime: work.now < signBy(subject, work.calendar),
    }),
    missed: (subject, _, work) => ({ ...head(subject), signBy: signBy(subject, work.calendar).toISOString() }),
    adjusted: (subject) => ({ ...head(subject), adjustment: subject.adjustments.at(-1)! }),
  },
  view: ({ number, day, fromAt, toAt, figures, comment, adjustments }) => ({
    number,
    day,
    from: fromAt,
    to: toAt,
    nil: isNil(figures),
    ...figures,
    comment,
    adjustments,
  }),
  filters: daily.filters,
});

function head(report: QualityDaily) {
  const { figures } = report;
  return { ...dailyHead(report), nil: isNil(figures), ...figures };
}

export const generateQualityDaily = generateDaily(qualityDaily, 'quality-daily', 'quality_daily');

const nothing = domainError({
  code: 'complaints.quality-daily.nothing-to-adjust',
  kind: 'unprocessable',
  rule: 'C-20',
  en: 'An adjustment changes a figure.',
  zh: '调整数不得为零。',
});
