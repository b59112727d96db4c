import china from 'chinese-days/dist/chinese-days.json' with { type: 'json' };
import { type CalendarDate, plainDate } from './calendar-date.js';
import { domainError } from './domain-error.js';
import type { Label } from './dictionary/label.js';

const malformed = domainError({
  code: 'domain.holidays.malformed',
  kind: 'invalid',
  en: 'A holiday file has the lists "holidays" and "workingDays" of dates, no date in both; wrong at: {entry}',
  zh: '节假日文件应包含日期列表“holidays”和“workingDays”，同一日期不得同时出现；错误位置：{entry}',
});

/** X-13 Who knows which days are worked. */
export interface HolidaySource {
  /** true: worked; false: free; undefined: the source does not know, then Monday to Friday are worked */
  isWorkingDay(date: CalendarDate): boolean | undefined;
  /** grows whenever what it says changes, so that whoever keeps its answers forgets them; absent: it never changes */
  readonly revision?: number;
  /** where a day it knows comes from */
  originOf?(date: CalendarDate): DayOrigin | undefined;
}

/** Who says so: the State Council, the company's own file, or a declaration that was approved; and what the day is called. */
export interface DayOrigin {
  readonly source: 'law' | 'company' | 'declared';
  readonly name?: Label;
}

/** No holidays at all. */
export const mondayToFriday: HolidaySource = { isWorkingDay: () => undefined };

/**
 * The years whose holidays the installed `chinese-days` knows: 2004 to 2026 in version 1.5.7. The State Council
 * announces a year's holidays in the November before it; the package follows, so update it each December.
 */
export const chinaHolidayYears = yearsOf(Object.keys(china.holidays));

/**
 * Statutory holidays of mainland China and their make-up working days (调休), from the package `chinese-days`.
 * Outside `chinaHolidayYears` it knows nothing, and Monday to Friday are worked.
 */
export function chinaHolidays(): HolidaySource {
  // its data and not its functions, which are wrong by a day where the process runs west of UTC
  return listed(Object.keys(china.holidays), Object.keys(china.workdays), (date) => {
    const [en, zh] = (names[date] ?? '').split(',');
    return { source: 'law', ...(en && zh ? { name: { en, zh } } : {}) };
  });
}
/** `National Day,国庆节,3` */
const names: Readonly<Record<CalendarDate, string>> = { ...china.workdays, ...china.holidays };

/**
 * A company's own calendar, from parsed JSON: `{ "holidays": ["2026-10-01"], "workingDays": ["2026-10-10"] }`;
 * either list may be absent. Days it does not name are left open.
 * @throws DomainError `domain.holidays.malformed` for another shape, a date that does not exist, or one in both lists
 */
export function holidaysFromFile(json: unknown): HolidaySource {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) throw malformed({ entry: typeof json });
  const stranger = Object.keys(json).find((key) => key !== 'holidays' && key !== 'workingDays');
  if (stranger !== undefined) throw malformed({ entry: stranger });
  const { holidays = [], workingDays = [] } = json as { holidays?: unknown; workingDays?: unknown };
  const free = dates(holidays);
  const worked = dates(workingDays);
  const both = free.find((date) => worked.includes(date));
  if (both !== undefined) throw malformed({ entry: both });
  return listed(free, worked, () => ({ source: 'company' }));
}

/** Several sources as one: for each day the first that knows it, so a company's own file stands before the law's. */
export function firstThatKnows(...sources: readonly HolidaySource[]): HolidaySource {
  return {
    isWorkingDay(date) {
      for (const source of sources) {
        const worked = source.isWorkingDay(date);
        if (worked !== undefined) return worked;
      }
      return undefined;
    },
    get revision() {
      return sources.reduce((sum, { revision = 0 }) => sum + revision, 0);
    },
    originOf: (date) => sources.find((source) => source.isWorkingDay(date) !== undefined)?.originOf?.(date),
  };
}

function listed(
  holidays: readonly CalendarDate[],
  workingDays: readonly CalendarDate[],
  origin: (date: CalendarDate) => DayOrigin,
): HolidaySource {
  const free = new Set(holidays);
  const worked = new Set(workingDays);
  return {
    isWorkingDay: (date) => (worked.has(date) ? true : free.has(date) ? false : undefined),
    originOf: (date) => (worked.has(date) || free.has(date) ? origin(date) : undefined),
  };
}

function dates(list: unknown): CalendarDate[] {
  if (!Array.isArray(list)) throw malformed({ entry: String(list) });
  return list.map((entry) => {
    try {
      return plainDate(String(entry)).toString();
    } catch (cause) {
      throw malformed({ entry: String(entry) }, { cause });
    }
  });
}

function yearsOf(days: readonly CalendarDate[]): { first: number; last: number } {
  const years = days.map((day) => Number(day.slice(0, 4)));
  return { first: Math.min(...years), last: Math.max(...years) };
}
