import { Temporal } from 'temporal-polyfill';
import { domainError } from './domain-error.js';

/** A date `YYYY-MM-DD` of the business calendar, in the years 1900 to 2999. Such texts sort as dates do. */
export type CalendarDate = string;

const noSuchDate = domainError({
  code: 'domain.date.invalid',
  kind: 'invalid',
  en: '"{text}" is not a date YYYY-MM-DD between 1900 and 2999',
  zh: '“{text}”不是1900年至2999年间的日期（YYYY-MM-DD）',
});
const noSuchTime = domainError({
  code: 'domain.time.invalid',
  kind: 'invalid',
  en: '"{text}" is not a time of day HH:MM or HH:MM:SS',
  zh: '“{text}”不是有效时间（HH:MM或HH:MM:SS）',
});

/** @throws DomainError `domain.date.invalid` for another form, another century or a day that does not exist */
export function plainDate(date: CalendarDate): Temporal.PlainDate {
  try {
    if (/^(19|2\d)\d\d-\d\d-\d\d$/.test(date)) return Temporal.PlainDate.from(date);
  } catch {
    // no such day in that month
  }
  throw noSuchDate({ text: date.slice(0, 40) });
}

/** `18:00` or `18:00:01`. @throws DomainError `domain.time.invalid` */
export function plainTime(timeOfDay: string): Temporal.PlainTime {
  if (/^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?$/.test(timeOfDay)) return Temporal.PlainTime.from(timeOfDay);
  throw noSuchTime({ text: timeOfDay.slice(0, 40) });
}
