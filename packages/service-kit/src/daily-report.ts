import { CalendarDate, Instant, Note } from '@fenxiao/contracts/wire';
import { minutes, type BusinessCalendar } from '@fenxiao/domain/business-calendar';
import { defineEntity } from '@mikro-orm/core';
import { z } from 'zod';
import { columns, subjectColumns } from './columns.js';
import { onWorkingDays } from './due.js';
import { open, type AnyBound } from './engine.js';
import type { Job } from './jobs.js';
import type { Work } from './work.js';

/**
 * What daily reports 日报表 have in common: made at the close of each working day, signed by the order clerk by 10:00 of the
 * next, then locked; what turns out wrong is adjusted beside it. The figures are each report's own.
 */
export interface Daily {
  readonly number: string;
  readonly day: string;
  readonly fromAt: Date;
  readonly toAt: Date;
}
/** What a report counts: after the first instant, and up to the second; the first report looks no farther back. */
export interface Period {
  readonly from: Date;
  readonly to: Date;
  readonly first: boolean;
}

const CLOSE = '18:00';
const SIGN_BY = '10:00';
const p = defineEntity.properties;

export const signBy = ({ day }: Daily, calendar: BusinessCalendar): Date =>
  calendar.instantAt(calendar.nextWorkingDay(day), SIGN_BY);

/** At 80 % of the working time since the close. */
const warnAt = (report: Daily, calendar: BusinessCalendar): Date =>
  calendar.warnAt(report.toAt, signBy(report, calendar), minutes(1));

export const daily = {
  columns: {
    ...subjectColumns,
    number: p.text(),
    day: columns.date(),
    fromAt: p.datetime(),
    toAt: p.datetime(),
    comment: p.text().strictNullable(),
  },
  start: {
    move: 'generate',
    to: 'generated',
    by: { system: 'all' },
    form: z.object({ day: CalendarDate, closedAt: Instant }),
    fact: 'generated',
  },
  sign: {
    from: 'generated',
    to: 'signed',
    by: { 'order-clerk': 'all' },
    form: z.object({ comment: Note.optional() }),
    fact: 'signed',
    clock: { within: signBy, warnAt, escalateTo: 'sales-manager', breach: 'miss' },
  },
  miss: { from: 'generated', by: { system: 'all' }, fact: 'missed' },
  filters: { day: { form: z.iso.date(), where: (day: string) => ({ day }) } },
} as const;

/** From the close of the report before, so that nothing falls between two. */
export async function periodOf(work: Work, table: string, day: string, closedAt: string): Promise<Period> {
  const [last] = await work.query<{ closed: Date | string }>(
    `SELECT to_at AS closed FROM ${table} ORDER BY day DESC LIMIT 1`,
  );
  const { calendar } = work;
  const from = last ? new Date(last.closed) : calendar.instantAt(calendar.previousWorkingDay(day), CLOSE);
  return { from, to: new Date(closedAt), first: !last };
}

export const dailyHead = ({ number, day, fromAt, toAt }: Daily) => ({
  number,
  day,
  from: fromAt.toISOString(),
  to: toAt.toISOString(),
});

/** Rules, section 10: every working day at 18:00. After downtime every day missed gets its report, the earliest first. */
export const generateDaily = (bound: AnyBound, name: string, table: string): Job => ({
  name: `generate-${name}`,
  clause: bound.procedure.clause,
  due: onWorkingDays(CLOSE),
  run: async (work, { date }) => {
    await work.query('SELECT pg_advisory_xact_lock(hashtext($1))', [name]);
    const [last] = await work.query<{ day: string }>(
      `SELECT max(day)::text AS day FROM ${table} HAVING max(day) IS NOT NULL`,
    );
    const { calendar } = work;
    for (let day = last ? calendar.nextWorkingDay(last.day) : date; day <= date; day = calendar.nextWorkingDay(day)) {
      const closedAt = calendar.instantAt(day, CLOSE).toISOString();
      await open(work, bound, { form: { day, closedAt }, bySystem: true });
    }
  },
});
