import type { BusinessCalendar } from '@fenxiao/domain/business-calendar';
import type { CalendarDate } from '@fenxiao/domain/calendar-date';
import { onWorkingDayOfMonth, type Due } from '@fenxiao/service-kit/due';
import { open } from '@fenxiao/service-kit/engine';
import type { Job } from '@fenxiao/service-kit/jobs';
import { settings } from '../config.js';
import { survey } from './survey.js';

/** C-18, K-Q12 Half-yearly survey 半年度调查: on the first working day of a half-year, whoever bought in the one before is asked. */

interface HalfYear {
  /** `2026-H1` */
  readonly name: string;
  readonly from: CalendarDate;
  readonly to: CalendarDate;
}

/** The half-year that had ended before a date. */
export function halfYearBefore(date: CalendarDate): HalfYear {
  const year = Number(date.slice(0, 4));
  return date.slice(5, 7) < '07'
    ? { name: `${year - 1}-H2`, from: `${year - 1}-07-01`, to: `${year - 1}-12-31` }
    : { name: `${year}-H1`, from: `${year}-01-01`, to: `${year}-06-30` };
}

const firstWorkingDay = onWorkingDayOfMonth(1, '09:00');
const halfYearly: Due = (calendar: BusinessCalendar, date: CalendarDate) =>
  ['01', '07'].includes(date.slice(5, 7)) ? firstWorkingDay(calendar, date) : undefined;

export const issueNpsSurveys: Job = {
  name: 'issue-nps-surveys',
  clause: 'C-18',
  due: halfYearly,
  missed: 'latest',
  run: async (work, { date }) => {
    const { name: period, from, to } = halfYearBefore(date);
    const since = work.calendar.addDays(work.today, -settings(work).SURVEY_REST_DAYS);
    const active = await work.query<{ id: string }>(
      `SELECT c.id FROM known_customer c
       WHERE EXISTS (SELECT FROM known_purchase p WHERE p.customer = c.id AND p.shipped_on BETWEEN $1 AND $2)
         AND NOT EXISTS (SELECT FROM survey s WHERE s.distributor = c.id AND s.kind = 'nps' AND (s.period = $3 OR s.issued_on > $4))
       ORDER BY c.code`,
      [from, to, period, since],
    );
    for (const { id } of active)
      await open(work, survey, { form: { kind: 'nps', distributorId: id, period }, bySystem: true });
  },
};
