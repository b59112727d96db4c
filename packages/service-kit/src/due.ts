import type { BusinessCalendar } from '@fenxiao/domain/business-calendar';
import type { CalendarDate } from '@fenxiao/domain/calendar-date';

/** On which dates scheduled work is due, and at what time of that day in the business time zone (rules, section 10). */
export type Due = (calendar: BusinessCalendar, date: CalendarDate) => string | undefined;

type Falls = (calendar: BusinessCalendar, date: CalendarDate) => boolean;
const when =
  (time: string, falls: Falls): Due =>
  (calendar, date) =>
    falls(calendar, date) ? time : undefined;

const sameMonth = (date: CalendarDate, day: number) => `${date.slice(0, 8)}${String(day).padStart(2, '0')}`;

export const daily = (time: string): Due => when(time, () => true);

export const onWorkingDays = (time: string): Due => when(time, (calendar, date) => calendar.isWorkingDay(date));

/** @param weekday 1 Monday to 7 Sunday; also where it is a holiday */
export const weekly = (weekday: number, time: string): Due =>
  when(time, (_, date) => (new Date(`${date}T00:00:00Z`).getUTCDay() || 7) === weekday);

/** @param day of the month, 1 to 28; where it is a holiday, the working day before */
export const monthlyOnOrBefore = (day: number, time: string): Due =>
  when(time, (calendar, date) => {
    const around = [date, calendar.addMonths(date, 1)];
    return around.some((month) => calendar.workingDayOnOrBefore(sameMonth(month, day)) === date);
  });

/** The n-th working day of the month; counted from its end when n is negative. */
export const onWorkingDayOfMonth = (n: number, time: string): Due =>
  when(time, (calendar, date) => {
    const first = sameMonth(date, 1);
    const from = n > 0 ? calendar.addDays(first, -1) : calendar.addDays(calendar.endOfMonth(date), 1);
    return calendar.addWorkingDays(from, n) === date;
  });

/** The 15th and the last of the month (1 to 15, 16 to the end). */
export const halfMonthly = (time: string): Due => when(time, endsHalfMonth);

/** The first working day after the 15th, and after the last of the month. */
export const afterHalfMonth = (time: string): Due =>
  when(time, (calendar, date) => {
    if (!calendar.isWorkingDay(date)) return false;
    const previous = calendar.previousWorkingDay(date);
    for (let day = previous; day < date; day = calendar.addDays(day, 1)) if (endsHalfMonth(calendar, day)) return true;
    return false;
  });

const endsHalfMonth: Falls = (calendar, date) => date.endsWith('-15') || calendar.endOfMonth(date) === date;

/** @param day `12-28`; also where it is a holiday */
export const yearly = (day: string, time: string): Due => when(time, (_, date) => date.endsWith(`-${day}`));

/** A date on which something is due, with the instant. */
export interface DueDate {
  readonly date: CalendarDate;
  readonly dueAt: Date;
}

/** Every instant at which it is due after one and up to another, in order. */
export function* dueBetween(calendar: BusinessCalendar, due: Due, after: Date, to: Date): Generator<DueDate> {
  const last = calendar.dateOf(to);
  for (let date = calendar.dateOf(after); date <= last; date = calendar.addDays(date, 1)) {
    const time = due(calendar, date);
    if (time === undefined) continue;
    const dueAt = calendar.instantAt(date, time);
    if (dueAt > after && dueAt <= to) yield { date, dueAt };
  }
}

/** The next instant at which it is due; none within some two years counts as never. */
export function nextDue(calendar: BusinessCalendar, due: Due, after: Date): DueDate | undefined {
  return dueBetween(calendar, due, after, new Date(after.getTime() + 800 * 86_400_000)).next().value as
    DueDate | undefined;
}
