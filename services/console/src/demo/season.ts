import { BusinessCalendar } from '@fenxiao/domain/business-calendar';
import type { CalendarDate } from '@fenxiao/domain/calendar-date';
import { chinaHolidays } from '@fenxiao/domain/holidays';

/** How busy the trade is: renovation peaks in spring and autumn, a still fortnight around the Spring Festival, growth. */
export const calendar = new BusinessCalendar({ holidays: chinaHolidays() });

/** the middle of each month, January first */
const monthly = [0.86, 0.78, 1.12, 1.18, 1.14, 0.96, 0.86, 0.88, 1.12, 1.18, 1.08, 0.94];
const dayLength = 86_400_000;
const yearLength = 365.25 * dayLength;

const lunar = new Intl.DateTimeFormat('en-u-ca-chinese', { month: 'numeric', day: 'numeric', timeZone: 'UTC' });
const newYears = new Map<number, number>();

/** The first day of the lunar year that begins in a year, which lies between 20 January and 21 February. */
export function springFestival(year: number): CalendarDate {
  return new Date(newYear(year)).toISOString().slice(0, 10);
}

function newYear(year: number): number {
  let found = newYears.get(year);
  if (found === undefined) {
    found = Date.UTC(year, 0, 20);
    while (lunar.format(found) !== '1/1') found += dayLength;
    newYears.set(year, found);
  }
  return found;
}

/**
 * Orders of a day against those of an average working day, before growth. Almost nothing is ordered on free days and from
 * four days before the Spring Festival to a week after it; makers and dealers close early and open late.
 */
export function demandOn(date: CalendarDate): number {
  const time = Date.parse(date);
  const open = calendar.isWorkingDay(date) ? 1 : 0.06;
  const away = Math.round((time - newYear(Number(date.slice(0, 4)))) / dayLength);
  return open * yearly(date) * aroundNewYear(away);
}

/** Growth since a day at a yearly rate: 1.12 a year later for 0.12. */
export const growth = (rate: number, from: CalendarDate, to: CalendarDate): number =>
  (1 + rate) ** ((Date.parse(to) - Date.parse(from)) / yearLength);

function aroundNewYear(days: number): number {
  if (days >= -4 && days <= 7) return 0.02;
  if (days >= -14 && days < -4) return 0.15 + (0.65 * (-4 - days)) / 10;
  if (days > 7 && days <= 16) return 0.25 + (0.7 * (days - 7)) / 9;
  return 1;
}

/** from the middle of one month to that of the next, in a straight line */
function yearly(date: CalendarDate): number {
  const position = Number(date.slice(5, 7)) - 1 + (Number(date.slice(8, 10)) - 15) / 30;
  const before = Math.floor(position);
  const of = (month: number) => monthly[(month + 12) % 12]!;
  return of(before) + (of(before + 1) - of(before)) * (position - before);
}

export function* daysFrom(first: CalendarDate, last: CalendarDate): Generator<CalendarDate> {
  for (let time = Date.parse(first); time <= Date.parse(last); time += dayLength)
    yield new Date(time).toISOString().slice(0, 10);
}

/** The date so many calendar days later; earlier when negative. */
export const plusDays = (date: CalendarDate, days: number): CalendarDate =>
  new Date(Date.parse(date) + days * dayLength).toISOString().slice(0, 10);

/** calendar days from one date to another */
export const daysBetween = (from: CalendarDate, to: CalendarDate): number =>
  Math.round((Date.parse(to) - Date.parse(from)) / dayLength);
