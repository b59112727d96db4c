/** Times as the business keeps them: ranges are read and written in its time zone, whatever zone the browser is in. */
import { dateMath, dateTimeForTimeZone, setWeekStart } from '@grafana/data';
import type { Language } from './words.js';

// Grafana's own arithmetic: `now/w` is the Monday in both.
setWeekStart('monday');

export interface Range {
  /** epoch milliseconds, the first instant */
  from: number;
  /** epoch milliseconds, the last instant */
  to: number;
}

/** `now-11M/M`, epoch milliseconds or ISO 8601, as Grafana reads them. @throws RangeError for anything else, or an empty range */
export function readRange(from: string, to: string, timeZone: string, now = Date.now()): Range {
  const range = { from: instant(from, false, timeZone, now), to: instant(to, true, timeZone, now) };
  if (!(range.from < range.to)) throw new RangeError('the range is empty');
  return range;
}

function instant(text: string, roundUp: boolean, timezone: string, now: number): number {
  if (/^\d{10,}$/.test(text)) return Number(text);
  const at = text.startsWith('now')
    ? dateMath.toDateTime(text, { roundUp, timezone, now })?.valueOf()
    : Date.parse(/^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00:00Z` : text);
  if (at === undefined || Number.isNaN(at)) throw new RangeError(`not a time: ${text}`);
  return at;
}

/** The first or last millisecond of a date of the business calendar. */
export function startOfDate(date: string, timeZone: string): number {
  return dateTimeForTimeZone(timeZone, date).startOf('d').valueOf();
}
export function endOfDate(date: string, timeZone: string): number {
  return dateTimeForTimeZone(timeZone, date).endOf('d').valueOf();
}

/** `2026-03-05`, the date of the business calendar. */
export function dateOf(at: number, timeZone: string): string {
  return dateTimeForTimeZone(timeZone, at).format('YYYY-MM-DD');
}

/** `10s`, `1m`, `1h` in milliseconds; 0 for anything else. */
export function milliseconds(interval: string): number {
  const [, n, unit] = /^(\d+)(ms|s|m|h|d)$/.exec(interval) ?? [];
  const units: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
  return n && unit ? Number(n) * units[unit]! : 0;
}

const locales: Record<Language, string> = { zh: 'zh-CN', en: 'en-GB' };
const formats = new Map<string, Intl.DateTimeFormat>();

function format(language: Language, timeZone: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = JSON.stringify([language, timeZone, options]);
  const known = formats.get(key) ?? new Intl.DateTimeFormat(locales[language], { timeZone, ...options });
  formats.set(key, known);
  return known;
}

function clockText(at: number, language: Language, timeZone: string): string {
  return format(language, timeZone, { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' }).format(
    at,
  );
}

/** The time, and the date too where it is not today's. */
export function asOfText(at: number, language: Language, timeZone: string): string {
  const clock = clockText(at, language, timeZone);
  const today = dateOf(at, timeZone) === dateOf(Date.now(), timeZone);
  return today ? clock : `${dateText(at, language, timeZone)} ${clock}`;
}

export function dateText(at: number, language: Language, timeZone: string): string {
  return format(language, timeZone, {
    year: 'numeric',
    month: language === 'zh' ? 'numeric' : 'short',
    day: 'numeric',
  }).format(at);
}

/** A point of a time axis or its tooltip, as fine as the step between points asks for. */
export function pointText(at: number, step: number, language: Language, timeZone: string): string {
  const day = 86_400_000;
  const month = language === 'zh' ? 'numeric' : 'short';
  const options: Intl.DateTimeFormatOptions =
    step >= 27 * day
      ? { year: 'numeric', month }
      : step >= day
        ? { year: 'numeric', month, day: 'numeric' }
        : { month, day: 'numeric', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' };
  return format(language, timeZone, options).format(at);
}

/** The ranges offered, and their names in `words`. */
export const quickRanges = [
  ['now/d', 'now/d', 'today'],
  ['now/w', 'now/w', 'thisWeek'],
  ['now/M', 'now', 'thisMonth'],
  ['now-1M/M', 'now-1M/M', 'lastMonth'],
  ['now/Q', 'now', 'thisQuarter'],
  ['now-1Q/Q', 'now-1Q/Q', 'lastQuarter'],
  ['now/y', 'now', 'thisYear'],
  ['now-1y/y', 'now-1y/y', 'lastYear'],
  ['now-11M/M', 'now', 'months12'],
  ['now-23M/M', 'now', 'months24'],
  ['now-5y/y', 'now', 'years5'],
] as const;
