import { monthlyReportEvents } from '@fenxiao/contracts/books';
import { CalendarDate, Note } from '@fenxiao/contracts/wire';
import type { BusinessCalendar } from '@fenxiao/domain/business-calendar';
import { domainError } from '@fenxiao/domain/domain-error';
import { headOffice } from '@fenxiao/procedures/powers';
import { procedure } from '@fenxiao/procedures/procedure';
import { columns, subjectColumns } from '@fenxiao/service-kit/columns';
import { onWorkingDayOfMonth } from '@fenxiao/service-kit/due';
import { bind, open, type Bound } from '@fenxiao/service-kit/engine';
import type { Job } from '@fenxiao/service-kit/jobs';
import type { Work } from '@fenxiao/service-kit/work';
import { defineEntity } from '@mikro-orm/core';
import { z } from 'zod';
import { monthOf, type Adjustment, type Figures } from './figures.js';

/** O-21 Sales monthly report 《销售月报表》: the sum of the month's signed days and their adjustments. */
type OfDay = Adjustment & { readonly day: string };
const MonthlyReportSchema = defineEntity({
  name: 'MonthlyReport',
  tableName: 'monthly_report',
  properties: (p) => ({
    ...subjectColumns,
    number: p.text(),
    /** its first day */
    month: columns.date(),
    days: p.integer(),
    figures: p.json<Figures>(),
    adjustments: p.json<OfDay[]>(),
    comment: p.text().strictNullable(),
  }),
});
export class MonthlyReport extends MonthlyReportSchema.class {}
MonthlyReportSchema.setClass(MonthlyReport);

const DUE_WORKING_DAYS = 2;

/** The close of the second working day after the end of the month. */
const signBy = ({ month }: MonthlyReport, calendar: BusinessCalendar) =>
  calendar.closeOfBusiness(calendar.addWorkingDays(calendar.endOfMonth(month), DUE_WORKING_DAYS));

const monthlyReportProcedure = procedure({
  name: 'monthly-report',
  clause: 'O-21',
  class: 'confidential',
  events: monthlyReportEvents,
  states: ['generated', 'signed'],
  read: headOffice,
  page: {
    title: 'monthly-report',
    fields: ['month', 'days', 'totals', 'byFamily', 'byRegion', 'bySalesperson', 'adjustments', 'comment'],
    sign: ['order-clerk', 'sales-manager'],
  },
  start: {
    move: 'generate',
    to: 'generated',
    by: { system: 'all' },
    form: z.object({ month: CalendarDate }),
    fact: 'generated',
  },
  moves: {
    recompute: { from: 'generated', by: { 'order-clerk': 'all' }, fact: 'recomputed', daily: true },
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
  },
});

export const monthlyReport: Bound<MonthlyReport, typeof monthlyReportProcedure> = bind(monthlyReportProcedure, {
  entity: MonthlyReport,
  create: async ({ month }, work, base) =>
    work.em.create(MonthlyReport, {
      ...base,
      number: `YB-${month.slice(0, 7)}`,
      month,
      comment: null,
      ...(await sumsOf(work, month)),
    }),
  effects: {
    recompute: async (subject, _, work) => {
      Object.assign(subject, await sumsOf(work, subject.month));
    },
    sign: async (subject, { comment }, work) => {
      await requireSignedDays(work, subject.month);
      Object.assign(subject, await sumsOf(work, subject.month), { comment: comment ?? null });
    },
  },
  facts: {
    generated: (subject, _, work) => ({ ...head(subject, work), ...subject.figures }),
    recomputed: (subject, _, work) => ({ ...head(subject, work), ...subject.figures }),
    signed: (subject, { comment }, work) => ({
      ...head(subject, work),
      ...subject.figures,
      adjustments: subject.adjustments,
      ...(comment ? { comment } : {}),
      onTime: work.now < signBy(subject, work.calendar),
    }),
    missed: (subject, _, work) => ({ ...head(subject, work), signBy: signBy(subject, work.calendar).toISOString() }),
  },
  view: ({ number, month, days, figures, adjustments, comment }) => ({
    number,
    month,
    days,
    ...figures,
    adjustments,
    comment,
  }),
  filters: { month: 'month' },
});

const head = ({ number, month, days }: MonthlyReport, work: Work) => ({ number, month, days, currency: work.currency });

/** Its days, and the corrections that count in it, whatever day they correct. */
async function sumsOf(work: Work, month: string): Promise<Pick<MonthlyReport, 'days' | 'figures' | 'adjustments'>> {
  const days = await work.query<{ figures: Figures }>(
    'SELECT figures FROM daily_report WHERE day BETWEEN $1 AND $2 ORDER BY day',
    [month, work.calendar.endOfMonth(month)],
  );
  const adjusted = await work.query<{ day: string; adjustment: Adjustment }>(
    `SELECT r.day::text, a.adjustment FROM daily_report r, jsonb_array_elements(r.adjustments) WITH ORDINALITY a(adjustment, n)
     WHERE r.state = 'adjusted' AND a.adjustment->>'month' = $1 ORDER BY r.day, a.n`,
    [month],
  );
  const adjustments = adjusted.map(({ day, adjustment }) => ({ day, ...adjustment }));
  const figures = monthOf(
    days.map((of) => of.figures),
    adjustments,
  );
  return { days: days.length, figures, adjustments };
}

/** Every working day of the month since reports are made has a report, and it is signed. @throws unsignedDays */
async function requireSignedDays(work: Work, month: string): Promise<void> {
  const { calendar } = work;
  const end = calendar.endOfMonth(month);
  const reports = await work.query<{ day: string; state: string }>(
    'SELECT day::text, state FROM daily_report WHERE day BETWEEN $1 AND $2',
    [month, end],
  );
  const [first] = await work.query<{ day: string | null }>('SELECT min(day)::text AS day FROM daily_report');
  const unsigned = new Set(reports.filter(({ state }) => state === 'generated').map(({ day }) => day));
  const known = new Set(reports.map(({ day }) => day));
  const from = first?.day && first.day > month ? first.day : month;
  for (let day = calendar.workingDayOnOrAfter(from); day <= end; day = calendar.nextWorkingDay(day))
    if (!known.has(day)) unsigned.add(day);
  if (unsigned.size > 0) throw unsignedDays({ days: [...unsigned].sort().join(', ') });
}

/** The first working day of the month after, once the last day's report is due to be signed. */
export const generateMonthlyReport: Job = {
  name: 'generate-monthly-report',
  clause: 'O-21',
  due: onWorkingDayOfMonth(1, '10:00'),
  run: async (work, { date }) => {
    const month = `${work.calendar.addMonths(date, -1).slice(0, 8)}01`;
    await open(work, monthlyReport, { form: { month }, bySystem: true });
  },
};

const unsignedDays = domainError({
  code: 'orders.monthly-report.unsigned-days',
  kind: 'conflict',
  rule: 'O-21',
  en: 'A month is signed once all its days are; these are not: {days}.',
  zh: '当月日报表全部签字后方可签署月报表；以下日期尚未签字：{days}。',
});
