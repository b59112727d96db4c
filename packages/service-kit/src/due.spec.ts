import { BusinessCalendar } from '@fenxiao/domain/business-calendar';
import { chinaHolidays } from '@fenxiao/domain/holidays';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  afterHalfMonth,
  daily,
  dueBetween,
  halfMonthly,
  monthlyOnOrBefore,
  nextDue,
  onWorkingDayOfMonth,
  onWorkingDays,
  weekly,
  yearly,
  type Due,
} from './due.js';

const calendar = new BusinessCalendar({ holidays: chinaHolidays() });
const startOf = (date: string) => new Date(calendar.startOfDay(date).getTime() - 1);
const datesOf = (due: Due, from: string, to: string) =>
  [...dueBetween(calendar, due, startOf(from), calendar.endOfDay(to))].map(({ date }) => date);

describe('the calendar of scheduled work (rules, section 10)', () => {
  it('knows every day, and every working day, holidays and make-up days as the law has them', () => {
    expect(datesOf(daily('02:00'), '2026-02-27', '2026-03-02')).toHaveLength(4);
    // 28 February 2026 is a Saturday that is worked for the Spring Festival.
    expect(datesOf(onWorkingDays('18:00'), '2026-02-27', '2026-03-03')).toEqual([
      '2026-02-27',
      '2026-02-28',
      '2026-03-02',
      '2026-03-03',
    ]);
  });

  it('knows Fridays', () => {
    expect(datesOf(weekly(5, '13:30'), '2026-03-01', '2026-03-20')).toEqual(['2026-03-06', '2026-03-13', '2026-03-20']);
    expect(datesOf(weekly(7, '13:30'), '2026-03-01', '2026-03-08')).toEqual(['2026-03-01', '2026-03-08']);
  });

  it('moves the 25th to the working day before', () => {
    expect(datesOf(monthlyOnOrBefore(25, '09:00'), '2026-01-01', '2026-04-30')).toEqual([
      '2026-01-23',
      '2026-02-25',
      '2026-03-25',
      '2026-04-24',
    ]);
    // The first of the month falls back into the month before.
    expect(datesOf(monthlyOnOrBefore(1, '09:00'), '2026-09-20', '2026-10-31')).toEqual(['2026-09-30', '2026-10-30']);
  });

  it('counts working days from the beginning and from the end of a month', () => {
    const october = ['2026-10-01', '2026-10-31'] as const;
    expect(datesOf(onWorkingDayOfMonth(1, '09:00'), ...october)).toEqual(['2026-10-08']);
    expect(datesOf(onWorkingDayOfMonth(2, '09:00'), ...october)).toEqual(['2026-10-09']);
    expect(datesOf(onWorkingDayOfMonth(-1, '09:00'), ...october)).toEqual(['2026-10-30']);
  });

  it('knows the half months, and the working day after each', () => {
    expect(datesOf(halfMonthly('18:00'), '2026-02-01', '2026-03-31')).toEqual([
      '2026-02-15',
      '2026-02-28',
      '2026-03-15',
      '2026-03-31',
    ]);
    // 15 February to the 23rd is the Spring Festival.
    expect(datesOf(afterHalfMonth('18:00'), '2026-02-01', '2026-03-31')).toEqual([
      '2026-02-02',
      '2026-02-24',
      '2026-03-02',
      '2026-03-16',
    ]);
  });

  it('leaves the stocktake on the 28th of December, whatever day that is', () => {
    expect(datesOf(yearly('12-28', '09:00'), '2024-01-01', '2026-12-31')).toEqual([
      '2024-12-28',
      '2025-12-28',
      '2026-12-28',
    ]);
    const next = nextDue(calendar, yearly('12-28', '09:00'), new Date('2026-12-28T01:00:00Z'));
    expect(next).toEqual({ date: '2027-12-28', dueAt: new Date('2027-12-28T01:00:00Z') });
    expect(nextDue(calendar, () => undefined, new Date('2026-12-28T01:00:00Z'))).toBeUndefined();
  });

  it('plans every due date of a year exactly once, however the calls of the planner fall', () => {
    const from = startOf('2026-01-01').getTime();
    const to = calendar.endOfDay('2026-12-31').getTime();
    const jobs = [
      daily('02:00'),
      onWorkingDays('18:00'),
      weekly(5, '16:00'),
      monthlyOnOrBefore(25, '09:00'),
      onWorkingDayOfMonth(-1, '09:00'),
      afterHalfMonth('18:00'),
      yearly('12-01', '00:00'),
    ];
    const calls = fc.array(fc.integer({ min: from, max: to }), { maxLength: 60 });
    fc.assert(
      fc.property(fc.constantFrom(...jobs), calls, (due, instants) => {
        const edges = [from, ...instants.toSorted((a, b) => a - b), to];
        const planned = edges
          .slice(1)
          .flatMap((edge, i) => [...dueBetween(calendar, due, new Date(edges[i]!), new Date(edge))]);
        const all = [...dueBetween(calendar, due, new Date(from), new Date(to))];
        expect(planned).toEqual(all);
        expect(new Set(planned.map(({ date }) => date)).size).toBe(all.length);
      }),
      { numRuns: 14 },
    );
  });
});
