import type { Temporal } from 'temporal-polyfill';
import { type CalendarDate, plainDate, plainTime } from './calendar-date.js';
import { domainError } from './domain-error.js';
import type { DayOrigin, HolidaySource } from './holidays.js';

/**
 * A time limit of the regulations: working limits run in working time, calendar limits on every day of the year.
 * `BusinessCalendar.due` says when one ends.
 */
export type Limit =
  | { readonly working: 'minutes' | 'hours' | 'days'; readonly count: number }
  | { readonly calendar: 'days' | 'months'; readonly count: number };

/** working minutes; counts are whole and above zero, here and below */
export const minutes = (count: number): Limit => ({ working: 'minutes', count: positive(count) });
/** working hours */
export const hours = (count: number): Limit => ({ working: 'hours', count: positive(count) });
export const workingDays = (count: number): Limit => ({ working: 'days', count: positive(count) });
/** calendar days */
export const days = (count: number): Limit => ({ calendar: 'days', count: positive(count) });
/** calendar months */
export const months = (count: number): Limit => ({ calendar: 'months', count: positive(count) });

export interface BusinessCalendarOptions {
  /** IANA name; default Asia/Shanghai */
  readonly timeZone?: string;
  /** the shifts of a working day, in order; default 09:00-12:00 and 13:00-18:00, eight hours */
  readonly workingHours?: readonly (readonly [from: string, to: string])[];
  readonly holidays: HolidaySource;
}

/** One day in the zone, reckoned once and kept, since time zones are slow. Times are milliseconds since 1970. */
interface Day {
  /** days since 1970-01-01 */
  readonly number: number;
  readonly date: CalendarDate;
  readonly working: boolean;
  readonly start: number;
  readonly end: number;
  /** its working time [from, to); none on a free day */
  readonly shifts: readonly (readonly [from: number, to: number])[];
}

const dayLength = 86_400_000;
const minuteLength = 60_000;

/**
 * X-13 The working calendar: working days, working time and deadlines in the business time zone. Instants are `Date`,
 * calendar dates are texts `YYYY-MM-DD` from 1900 to 2999. Days of 23 and 25 hours are reckoned as they are.
 * Every method throws DomainError for a date, time or instant that does not exist.
 */
export class BusinessCalendar {
  readonly timeZone: string;
  private readonly workingHours: readonly (readonly [from: string, to: string])[];
  private readonly holidays: HolidaySource;
  /** by number of the day */
  private readonly known = new Map<number, Day>();
  /** what the holidays' revision was when those days were reckoned */
  private knownAt = 0;

  /** @throws RangeError for an unknown time zone, Error for working hours that are missing or out of order */
  constructor({ timeZone = 'Asia/Shanghai', workingHours = eightHours, holidays }: BusinessCalendarOptions) {
    const edges = workingHours.flat();
    edges.forEach(plainTime);
    const ordered = edges.every((edge, i) => i === 0 || (i % 2 ? edges[i - 1]! < edge : edges[i - 1]! <= edge));
    if (edges.length === 0 || !ordered) throw new Error('Working hours are missing or out of order');
    this.timeZone = timeZone;
    this.workingHours = workingHours;
    this.holidays = holidays;
    this.startOfDay('2000-01-01'); // an unknown zone fails here, not at the first deadline
  }

  /** Grows whenever a day has become another; what was computed at a lower one may have to be computed again. */
  get revision(): number {
    return this.holidays.revision ?? 0;
  }

  // ---- dates

  /** where the calendar has a day from, when it is not simply a weekday or a weekend */
  originOf(date: CalendarDate): DayOrigin | undefined {
    return this.holidays.originOf?.(date);
  }

  isWorkingDay(date: CalendarDate): boolean {
    return this.day(dayNumber(date)).working;
  }

  /** the first working day after the date */
  nextWorkingDay(date: CalendarDate): CalendarDate {
    return this.working(dayNumber(date) + 1, 1).date;
  }

  /** the last working day before the date */
  previousWorkingDay(date: CalendarDate): CalendarDate {
    return this.working(dayNumber(date) - 1, -1).date;
  }

  workingDayOnOrAfter(date: CalendarDate): CalendarDate {
    return this.working(dayNumber(date), 1).date;
  }

  workingDayOnOrBefore(date: CalendarDate): CalendarDate {
    return this.working(dayNumber(date), -1).date;
  }

  /** The n-th working day after the date, before it when n is negative; for 0 the first on or after it. */
  addWorkingDays(date: CalendarDate, n: number): CalendarDate {
    if (n === 0) return this.workingDayOnOrAfter(date);
    const step = n < 0 ? -1 : 1;
    let number = dayNumber(date);
    for (let left = Math.abs(n); left > 0; left--) number = this.working(number + step, step).number;
    return this.day(number).date;
  }

  addDays(date: CalendarDate, n: number): CalendarDate {
    return plainDate(date).add({ days: n }).toString();
  }

  /** The same day n months on, or the last of a shorter month: 31 August + 3 is 30 November. */
  addMonths(date: CalendarDate, n: number): CalendarDate {
    return plainDate(date).add({ months: n }).toString();
  }

  endOfMonth(date: CalendarDate): CalendarDate {
    const plain = plainDate(date);
    return plain.with({ day: plain.daysInMonth }).toString();
  }

  lastWorkingDayOfMonth(date: CalendarDate): CalendarDate {
    return this.workingDayOnOrBefore(this.endOfMonth(date));
  }

  // ---- between dates and instants

  /** the date that an instant falls on in the business time zone */
  dateOf(instant: Date): CalendarDate {
    return this.dayOf(time(instant)).date;
  }

  today(now: Date): CalendarDate {
    return this.dateOf(now);
  }

  startOfDay(date: CalendarDate): Date {
    return new Date(this.day(dayNumber(date)).start);
  }

  /** the last millisecond of the day, 23:59:59.999 */
  endOfDay(date: CalendarDate): Date {
    return new Date(this.day(dayNumber(date)).end - 1);
  }

  /** when the last shift of a working day ends, whether or not this day is worked */
  closeOfBusiness(date: CalendarDate): Date {
    return this.instantAt(date, this.workingHours.at(-1)![1]);
  }

  /** `instantAt('2026-03-05', '18:00')`. A time that the clocks skip is moved on, of one they repeat it is the first. */
  instantAt(date: CalendarDate, timeOfDay: string): Date {
    return new Date(this.at(plainDate(date), timeOfDay));
  }

  // ---- working time

  /**
   * The instant by which so many working minutes have passed: 17:30 + 60 is 09:30 of the next working day, 17:00 + 60
   * is 18:00. @throws RangeError for a negative number
   */
  addBusinessTime(instant: Date, workingMinutes: number): Date {
    return new Date(this.addWorkingTime(time(instant), workingMinutes * minuteLength));
  }

  /** Working minutes from a to b, with fractions for seconds; negative when b is the earlier. */
  businessMinutesBetween(a: Date, b: Date): number {
    return this.workingTimeBetween(time(a), time(b)) / minuteLength;
  }

  // ---- limits

  /**
   * When a limit that began at `start` ends. Working minutes and hours count in working time; working days end at the
   * close of business of the last of them; calendar days and months at the end of their last day, which is included
   * (3个月内). The day of the start itself is not counted.
   */
  due(start: Date, limit: Limit): Date {
    const { count } = limit;
    if ('working' in limit) {
      if (limit.working === 'minutes') return this.addBusinessTime(start, count);
      if (limit.working === 'hours') return this.addBusinessTime(start, count * 60);
      return this.closeOfBusiness(this.addWorkingDays(this.dateOf(start), count));
    }
    const date = this.dateOf(start);
    return this.endOfDay(limit.calendar === 'days' ? this.addDays(date, count) : this.addMonths(date, count));
  }

  /** When 80 % of the time from start to due is over: of working time for working limits, else of the time itself. */
  warnAt(start: Date, due: Date, limit: Limit): Date {
    const from = time(start);
    if ('working' in limit) {
      return new Date(this.addWorkingTime(from, warningPart(this.workingTimeBetween(from, time(due)))));
    }
    return new Date(from + warningPart(time(due) - from));
  }

  // ---- milliseconds and day numbers

  private addWorkingTime(from: number, duration: number): number {
    if (!(duration >= 0)) throw new RangeError(`Working time to add must not be negative: ${duration}`);
    if (duration === 0) return from;
    let left = duration;
    for (let day = this.dayOf(from); ; day = this.working(day.number + 1, 1)) {
      for (const [begin, end] of day.shifts) {
        const free = end - Math.max(begin, from);
        if (free >= left) return end - free + left;
        if (free > 0) left -= free;
      }
    }
  }

  private workingTimeBetween(a: number, b: number): number {
    if (b < a) return -this.workingTimeBetween(b, a);
    let sum = 0;
    for (let day = this.dayOf(a); day.start < b; day = this.day(day.number + 1)) {
      for (const [begin, end] of day.shifts) sum += Math.max(0, Math.min(end, b) - Math.max(begin, a));
    }
    return sum;
  }
  /** the first working day from a day on, forwards or backwards, that day included */
  private working(from: number, step: 1 | -1): Day {
    for (let number = from; Math.abs(number - from) <= 366; number += step) {
      const day = this.day(number);
      if (day.working) return day;
    }
    throw new Error(`No working day within a year of ${dateOfNumber(from)}`);
  }

  private dayOf(instant: number): Day {
    const number = Math.floor(instant / dayLength); // in UTC: the zone's day is this one or a neighbour
    for (const day of [this.day(number), this.day(number + 1), this.day(number - 1)]) {
      if (day.start <= instant && instant < day.end) return day;
    }
    throw noSuchInstant();
  }

  private day(number: number): Day {
    if (this.knownAt !== this.revision) {
      this.known.clear();
      this.knownAt = this.revision;
    }
    const known = this.known.get(number);
    if (known) return known;
    const plain = plainDate(dateOfNumber(number));
    const date = plain.toString();
    const start = this.at(plain);
    const end = this.at(plain.add({ days: 1 }));
    const working = this.holidays.isWorkingDay(date) ?? plain.dayOfWeek <= 5;
    // shifts stay in order and within the day also where clocks jump, so that no minute counts twice
    let reached = start;
    const reach = (timeOfDay: string) => (reached = Math.min(end, Math.max(reached, this.at(plain, timeOfDay))));
    const shifts = working ? this.workingHours.map(([from, to]) => [reach(from), reach(to)] as const) : [];
    const day = { number, date, working, start, end, shifts };
    this.known.set(number, day);
    return day;
  }

  /** a time of the day, or its first moment, which is not midnight everywhere */
  private at(date: Temporal.PlainDate, timeOfDay?: string): number {
    const { timeZone } = this;
    return timeOfDay === undefined
      ? date.toZonedDateTime(timeZone).epochMilliseconds
      : date.toZonedDateTime({ timeZone, plainTime: plainTime(timeOfDay) }).epochMilliseconds;
  }
}

const eightHours = [
  ['09:00', '12:00'],
  ['13:00', '18:00'],
] as const;

const notPositive = domainError({
  code: 'domain.limit.not-positive',
  kind: 'invalid',
  en: 'A limit is a whole number above zero, not {count}',
  zh: '时限必须是正整数，不能是{count}',
});
const noSuchInstant = domainError({
  code: 'domain.instant.invalid',
  kind: 'invalid',
  en: 'This instant does not exist',
  zh: '该时间点不存在',
});

function positive(count: number): number {
  if (!Number.isSafeInteger(count) || count < 1) throw notPositive({ count });
  return count;
}

function time(instant: Date): number {
  const milliseconds = instant.getTime();
  if (Number.isNaN(milliseconds)) throw noSuchInstant();
  return milliseconds;
}

function dayNumber(date: CalendarDate): number {
  return Date.parse(plainDate(date).toString()) / dayLength;
}

function dateOfNumber(number: number): CalendarDate {
  return new Date(number * dayLength).toISOString().slice(0, 10);
}

/** 80 %: the warning before a breach (section 10 of the rules) */
function warningPart(duration: number): number {
  return Math.floor((Math.max(0, duration) * 4) / 5);
}
