import { dailyReportEvents, ReportBasis } from '@fenxiao/contracts/books';
import { Amount, CalendarDate, Instant, Line, Note } from '@fenxiao/contracts/wire';
import type { BusinessCalendar } from '@fenxiao/domain/business-calendar';
import { domainError } from '@fenxiao/domain/domain-error';
import { Money } from '@fenxiao/domain/money';
import { headOffice } from '@fenxiao/procedures/powers';
import { procedure } from '@fenxiao/procedures/procedure';
import { columns, subjectColumns } from '@fenxiao/service-kit/columns';
import { onWorkingDays } from '@fenxiao/service-kit/due';
import { bind, open, type Bound } from '@fenxiao/service-kit/engine';
import type { Job } from '@fenxiao/service-kit/jobs';
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
    ...subjectColumns,
    number: p.text(),
    day: columns.date(),
    fromAt: p.datetime(),
    toAt: p.datetime(),
    figures: p.json<Figures>(),
    comment: p.text().strictNullable(),
    adjustments: p.json<Adjustment[]>(),
  }),
});
export class DailyReport extends DailyReportSchema.class {}
DailyReportSchema.setClass(DailyReport);

const CLOSE = '18:00';
const SIGN_BY = '10:00';

/** 10:00 of the next working day. */
const signBy = ({ day }: DailyReport, calendar: BusinessCalendar) =>
  calendar.instantAt(calendar.nextWorkingDay(day), SIGN_BY);

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
  start: {
    move: 'generate',
    to: 'generated',
    by: { system: 'all' },
    form: z.object({ day: CalendarDate, closedAt: Instant }),
    fact: 'generated',
  },
  moves: {
    sign: {
      from: 'generated',
      to: 'signed',
      by: { 'order-clerk': 'all' },
      form: z.object({ comment: Note.optional() }),
      fact: 'signed',
      daily: true,
      clock: { within: signBy, escalateTo: 'sales-manager', breach: 'miss' },
    },
    miss: { from: 'generated', by: { system: 'all' }, fact: 'missed' },
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
    const [last] = await work.query<{ closed: Date | string }>(
      'SELECT to_at AS closed FROM daily_report ORDER BY day DESC LIMIT 1',
    );
    const { calendar } = work;
    const from = last ? new Date(last.closed) : calendar.instantAt(calendar.previousWorkingDay(day), CLOSE);
    const to = new Date(closedAt);
    return work.em.create(DailyReport, {
      ...base,
      number: `RB-${day}`,
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
  filters: { day: { form: z.iso.date(), where: (day: string) => ({ day }) } },
});

function head({ number, day, fromAt, toAt }: DailyReport, work: Work) {
  return { number, day, from: fromAt.toISOString(), to: toAt.toISOString(), currency: work.currency };
}

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

/** Rules, section 10: every working day at 18:00. After downtime every day missed gets its report, the earliest first. */
export const generateDailyReport: Job = {
  name: 'generate-daily-report',
  clause: 'O-20',
  due: onWorkingDays(CLOSE),
  run: async (work, { date }) => {
    await work.query(`SELECT pg_advisory_xact_lock(hashtext('daily-report'))`);
    const [last] = await work.query<{ day: string }>(
      'SELECT max(day)::text AS day FROM daily_report HAVING max(day) IS NOT NULL',
    );
    const { calendar } = work;
    for (let day = last ? calendar.nextWorkingDay(last.day) : date; day <= date; day = calendar.nextWorkingDay(day)) {
      const closedAt = calendar.instantAt(day, CLOSE).toISOString();
      await open(work, dailyReport, { form: { day, closedAt }, bySystem: true });
    }
  },
};

const nothing = domainError({
  code: 'orders.daily-report.nothing-to-adjust',
  kind: 'unprocessable',
  rule: 'O-20',
  en: 'An adjustment changes an amount.',
  zh: '调整金额不得为零。',
});
