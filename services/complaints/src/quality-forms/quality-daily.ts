import { Difference, qualityDailyEvents, QualityItem, type qualityAdjustment } from '@fenxiao/contracts/quality-forms';
import { CalendarDate, Instant, Line, Note } from '@fenxiao/contracts/wire';
import type { BusinessCalendar } from '@fenxiao/domain/business-calendar';
import { domainError } from '@fenxiao/domain/domain-error';
import { headOffice } from '@fenxiao/procedures/powers';
import { procedure } from '@fenxiao/procedures/procedure';
import { columns, subjectColumns } from '@fenxiao/service-kit/columns';
import { onWorkingDays } from '@fenxiao/service-kit/due';
import { bind, open, type Bound } from '@fenxiao/service-kit/engine';
import type { Job } from '@fenxiao/service-kit/jobs';
import { defineEntity } from '@mikro-orm/core';
import { z } from 'zod';
import { isNil, takeDown, type Figures } from './daily-figures.js';

/** C-20 Quality daily report 《质量日报表》: made at the close of each working day, signed by the order clerk, also when nil. */
const QualityDailySchema = defineEntity({
  name: 'QualityDaily',
  tableName: 'quality_daily',
  properties: (p) => ({
    ...subjectColumns,
    number: p.text(),
    day: columns.date(),
    fromAt: p.datetime(),
    toAt: p.datetime(),
    figures: p.json<Figures>(),
    comment: p.text().strictNullable(),
    adjustments: p.json<z.infer<typeof qualityAdjustment>[]>(),
  }),
});
export class QualityDaily extends QualityDailySchema.class {}
QualityDailySchema.setClass(QualityDaily);

const CLOSE = '18:00';
const SIGN_BY = '10:00';

/** 10:00 of the next working day. */
const signBy = ({ day }: QualityDaily, calendar: BusinessCalendar) =>
  calendar.instantAt(calendar.nextWorkingDay(day), SIGN_BY);

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
  start: {
    move: 'generate',
    to: 'generated',
    by: { system: 'all' },
    form: z.object({ day: CalendarDate, closedAt: Instant }),
    fact: 'generated',
  },
  moves: {
    /** by the order clerk in person: no daily operation that somebody may do in the place of another */
    sign: {
      from: 'generated',
      to: 'signed',
      by: { 'order-clerk': 'all' },
      form: z.object({ comment: Note.optional() }),
      fact: 'signed',
      clock: { within: signBy, escalateTo: 'sales-manager', breach: 'miss' },
    },
    miss: { from: 'generated', by: { system: 'all' }, fact: 'missed' },
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
    const [last] = await work.query<{ closed: Date | string }>(
      'SELECT to_at AS closed FROM quality_daily ORDER BY day DESC LIMIT 1',
    );
    const { calendar } = work;
    const from = last ? new Date(last.closed) : calendar.instantAt(calendar.previousWorkingDay(day), CLOSE);
    const to = new Date(closedAt);
    return work.em.create(QualityDaily, {
      ...base,
      number: `ZB-${day}`,
      day,
      fromAt: from,
      toAt: to,
      figures: await takeDown(work, base.id, { from, to, first: !last }),
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
  filters: { day: { form: z.iso.date(), where: (day: string) => ({ day }) } },
});

function head({ number, day, fromAt, toAt, figures }: QualityDaily) {
  return { number, day, from: fromAt.toISOString(), to: toAt.toISOString(), nil: isNil(figures), ...figures };
}

/** Rules, section 10: every working day at 18:00. After downtime every day missed gets its report, the earliest first. */
export const generateQualityDaily: Job = {
  name: 'generate-quality-daily',
  clause: 'C-20',
  due: onWorkingDays(CLOSE),
  run: async (work, { date }) => {
    await work.query(`SELECT pg_advisory_xact_lock(hashtext('quality-daily'))`);
    const [last] = await work.query<{ day: string }>(
      'SELECT max(day)::text AS day FROM quality_daily HAVING max(day) IS NOT NULL',
    );
    const { calendar } = work;
    for (let day = last ? calendar.nextWorkingDay(last.day) : date; day <= date; day = calendar.nextWorkingDay(day)) {
      const closedAt = calendar.instantAt(day, CLOSE).toISOString();
      await open(work, qualityDaily, { form: { day, closedAt }, bySystem: true });
    }
  },
};

const nothing = domainError({
  code: 'complaints.quality-daily.nothing-to-adjust',
  kind: 'unprocessable',
  rule: 'C-20',
  en: 'An adjustment changes a figure.',
  zh: '调整数不得为零。',
});
