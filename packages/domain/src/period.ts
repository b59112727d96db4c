import type { Temporal } from 'temporal-polyfill';
import { type CalendarDate, plainDate } from './calendar-date.js';
import { domainError } from './domain-error.js';

const malformed = domainError({
  code: 'domain.period.malformed',
  kind: 'invalid',
  en: '"{text}" is not a period such as 2026, 2026-Q1, 2026-03, 2026-03-H1, 2026-W07 or 2026-03-05',
  zh: '“{text}”不是有效期间，例如2026、2026-Q1、2026-03、2026-03-H1、2026-W07、2026-03-05',
});

export type PeriodKind = 'year' | 'quarter' | 'month' | 'half-month' | 'week' | 'day';

/** What a kind of period is: its first day around a date, the first day after it, how it is written and read. */
interface Shape {
  start(date: Temporal.PlainDate): Temporal.PlainDate;
  end(start: Temporal.PlainDate): Temporal.PlainDate;
  name(start: Temporal.PlainDate): string;
  pattern: RegExp;
  /** some date within the period, from the parts of the pattern */
  within(parts: string[]): string;
}

const shapes: Record<PeriodKind, Shape> = {
  year: {
    start: (date) => date.with({ month: 1, day: 1 }),
    end: (start) => start.add({ years: 1 }),
    name: (start) => text(start).slice(0, 4),
    pattern: /^(\d{4})$/,
    within: ([year]) => `${year}-01-01`,
  },
  quarter: {
    start: (date) => date.with({ month: quarterOf(date) * 3 - 2, day: 1 }),
    end: (start) => start.add({ months: 3 }),
    name: (start) => `${text(start).slice(0, 4)}-Q${quarterOf(start)}`,
    pattern: /^(\d{4})-Q([1-4])$/,
    within: ([year, quarter]) => `${year}-${twoDigits(Number(quarter) * 3)}-01`,
  },
  month: {
    start: (date) => date.with({ day: 1 }),
    end: (start) => start.add({ months: 1 }),
    name: (start) => text(start).slice(0, 7),
    pattern: /^(\d{4}-\d\d)$/,
    within: ([month]) => `${month}-01`,
  },
  // P-31, settled in section 8 of the rules: 1 to 15, and 16 to the end of the month
  'half-month': {
    start: (date) => date.with({ day: date.day < 16 ? 1 : 16 }),
    end: (start) => (start.day === 1 ? start.with({ day: 16 }) : start.add({ months: 1 }).with({ day: 1 })),
    name: (start) => `${text(start).slice(0, 7)}-H${start.day === 1 ? 1 : 2}`,
    pattern: /^(\d{4}-\d\d)-H([12])$/,
    within: ([month, half]) => `${month}-${half === '1' ? '01' : '16'}`,
  },
  // ISO 8601: Monday to Sunday; the year of a week is the year of its Thursday
  week: {
    start: (date) => date.subtract({ days: date.dayOfWeek - 1 }),
    end: (start) => start.add({ weeks: 1 }),
    name: (start) => `${start.yearOfWeek}-W${twoDigits(start.weekOfYear!)}`,
    pattern: /^(\d{4})-W(\d\d)$/,
    // 4 January always lies in week 1
    within: ([year, week]) => text(plainDate(`${year}-01-04`).add({ weeks: Number(week) - 1 })),
  },
  day: {
    start: (date) => date,
    end: (start) => start.add({ days: 1 }),
    name: text,
    pattern: /^(\d{4}-\d\d-\d\d)$/,
    within: ([date]) => date!,
  },
};

/** A stretch of calendar dates [start, end): a year, quarter, month, half month, ISO week or day. */
export class Period {
  private constructor(
    readonly kind: PeriodKind,
    /** the first date */
    readonly start: CalendarDate,
    /** the first date after it */
    readonly end: CalendarDate,
    private readonly name: string,
  ) {}

  /** The period of a kind that a date lies in. @throws DomainError `domain.date.invalid` */
  static of(kind: PeriodKind, date: CalendarDate): Period {
    const shape = shapes[kind];
    const start = shape.start(plainDate(date));
    return new Period(kind, text(start), text(shape.end(start)), shape.name(start));
  }

  /**
   * Reads `2026`, `2026-Q1`, `2026-03`, `2026-03-H1`, `2026-W07` or `2026-03-05`.
   * @throws DomainError `domain.period.malformed`, also for a week, month or day that the year does not have
   */
  static parse(name: string): Period {
    for (const [kind, { pattern, within }] of Object.entries(shapes)) {
      const parts = pattern.exec(name);
      if (!parts) continue;
      try {
        const period = Period.of(kind as PeriodKind, within(parts.slice(1)));
        if (period.name === name) return period;
      } catch (cause) {
        throw malformed({ text: name }, { cause });
      }
    }
    throw malformed({ text: name.slice(0, 40) });
  }

  contains(date: CalendarDate): boolean {
    const day = text(plainDate(date));
    return this.start <= day && day < this.end;
  }

  next(): Period {
    return Period.of(this.kind, this.end);
  }

  previous(): Period {
    return Period.of(this.kind, text(plainDate(this.start).subtract({ days: 1 })));
  }

  /** how many days it has */
  get days(): number {
    return (Date.parse(this.end) - Date.parse(this.start)) / 86_400_000;
  }

  /** every date in it, in order */
  *dates(): Generator<CalendarDate> {
    for (let date = plainDate(this.start); text(date) < this.end; date = date.add({ days: 1 })) yield text(date);
  }

  equals(other: Period): boolean {
    return this.name === other.name;
  }

  /** the form that `parse` reads */
  toString(): string {
    return this.name;
  }

  toJSON(): string {
    return this.name;
  }
}

function quarterOf(date: Temporal.PlainDate): number {
  return Math.ceil(date.month / 3);
}

function twoDigits(n: number): string {
  return String(n).padStart(2, '0');
}

function text(date: Temporal.PlainDate): CalendarDate {
  return date.toString();
}
