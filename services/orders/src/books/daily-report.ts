import { dailyReportEvents, ReportBasis } from '@fenxiao/contracts/books';
import { Amount, Line, Note } from '@fenxiao/contracts/wire';
import { domainError } from '@fenxiao/domain/domain-error';
import { Money } from '@fenxiao/domain/money';
import { headOffice } from '@fenxiao/procedures/powers';
import { procedure } from '@fenxiao/procedures/procedure';
import { daily, dailyHead, generateDaily, periodOf, signBy } from '@fenxiao/service-kit/daily-report';
import { bind, type Bound } from '@fenxiao/service-kit/engine';
import type { Work } from '@fenxiao/service-kit/work';
import { defineEntity } from '@mikro-orm/core';
import { z } from 'zod';
import { takeDown } from './day-book.js';
import type { Adjustment, Figures } from './figures.js';

/** O-20 Sales daily report 《销售日报表》: made at the close of each working day, signed by the order clerk, then locked. */
const DailyReportSchema = defineEntity({
  name: 'DailyReport',
  tableName: 'daily_report',
  properties: (p) => ({
    ...daily.columns,
    figures: p.json<Figures>(),
    adjustments: p.json<Adjustment[]>(),
  }),
});
export class DailyReport extends DailyReportSchema.class {}
DailyReportSchema.setClass(DailyReport);

const dailyReportProcedure = procedure({
  name: 'daily-report',
  clause: 'O-20',
  class: 'confidential',
  events: dailyReportEvents,
  states: ['generated', 'signed', 'adjusted'],
  read: headOffice,
  page: {
    title: 'daily-report',
    fields: ['day', 'from', 'to', 'totals', 'byFamily', 'byRegion', 'bySalesperson', 'adjustments', 'comment'],
    sign: ['order-clerk', 'sales-manager'],
  },
  archive: { states: ['signed', 'adjusted'] },
  start: daily.start,
  moves: {
    sign: { ...daily.sign, daily: true },
    miss: daily.miss,
    adjust: {
      from: ['signed', 'adjusted'],
      to: 'adjusted',
      by: { 'order-clerk': 'all' },
      form: z.object({ basis: ReportBasis, net: Amount, gross: Amount, cause: Note, document: Line.optional() }),
      fact: 'adjusted',
    },
  },
});

export const dailyReport: Bound<DailyReport, typeof dailyReportProcedure> = bind(dailyReportProcedure, {
  entity: DailyReport,
  create: async ({ day, closedAt }, work, base) => {
    const period = await periodOf(work, 'daily_report', day, closedAt);
    return work.em.create(DailyReport, {
      ...base,
      number: `RB-${day}`,
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
    adjust: async (subject, { net, gross, ...about }, work) => {
      const amounts = { net: String(Money.of(net)), gross: String(Money.of(gross)) };
      if (Money.of(net).isZero() && Money.of(gross).isZero()) throw nothing({}, { field: 'gross' });
      const month = await monthFor(work, subject.day);
      subject.adjustments = [...subject.adjustments, { adjustedOn: work.today, month, ...about, ...amounts }];
    },
  },
  facts: {
    generated: (subject, _, work) => ({ ...head(subject, work), ...subject.figures }),
    signed: (subject, { comment }, work) => ({
      ...head(subject, work),
      ...subject.figures,
      ...(comment ? { comment } : {}),
      onTime: work.now < signBy(subject, work.calendar),
    }),
    missed: (subject, _, work) => ({
      ...head(subject, work),
      signBy: signBy(subject, work.calendar).toISOString(),
    }),
    adjusted: (subject, _, work) => ({ ...head(subject, work), adjustment: subject.adjustments.at(-1)! }),
  },
  view: ({ number, day, fromAt, toAt, figures, comment, adjustments }) => ({
    number,
    day,
    from: fromAt,
    to: toAt,
    ...figures,
    comment,
    adjustments,
  }),
  filters: daily.filters,
});

const head = (report: DailyReport, work: Work) => ({ ...dailyHead(report), currency: work.currency });

/**
 * The month in which a correction counts: the day's own, or the present one where that is signed, so that a signed month
 * stays as it is. Waits for whoever is signing that month.
 */
async function monthFor(work: Work, day: string): Promise<string> {
  const month = `${day.slice(0, 8)}01`;
  const [signed] = await work.query<{ state: string }>('SELECT state FROM monthly_report WHERE month = $1 FOR SHARE', [
    month,
  ]);
  return signed?.state === 'signed' ? `${work.today.slice(0, 8)}01` : month;
}

export const generateDailyReport = generateDaily(dailyReport, 'daily-report', 'daily_report');

const nothing = domainError({
  code: 'orders.daily-report.nothing-to-adjust',
  kind: 'unprocessable',
  rule: 'O-20',
  en: 'An adjustment changes an amount.',
  zh: '调整金额不得为零。',
});
