import { describe, expect, it } from '@jest/globals';
import { chinaHolidays, chinaHolidayYears, firstThatKnows, holidaysFromFile, mondayToFriday } from './holidays.js';

describe('chinaHolidays', () => {
  const china = chinaHolidays();

  // State Council's notice for 2026: 1-3 January, 15-23 February, 4-6 April, 1-5 May, 19-21 June, 25-27 September, 1-7 October
  it.each([
    ['2026-01-01', false],
    ['2026-02-14', true],
    ['2026-02-17', false],
    ['2026-02-28', true],
    ['2026-05-09', true],
    ['2026-10-01', false],
    ['2026-10-07', false],
    ['2026-10-08', undefined],
    ['2026-10-10', true],
  ])('%s: worked is %s', (date, worked) => {
    expect(china.isWorkingDay(date)).toBe(worked);
  });

  it('covers 2004 to at least 2026 and knows nothing outside', () => {
    expect(chinaHolidayYears.first).toBe(2004);
    expect(chinaHolidayYears.last).toBeGreaterThanOrEqual(2026);
    expect(china.isWorkingDay('2003-10-01')).toBeUndefined();
    expect(china.isWorkingDay(`${chinaHolidayYears.last + 1}-10-01`)).toBeUndefined();
  });
});

describe('holidaysFromFile', () => {
  it('knows the days it lists', () => {
    const file = holidaysFromFile({ holidays: ['2026-10-01'], workingDays: ['2026-10-10'] });
    expect(['2026-10-01', '2026-10-10', '2026-10-02'].map((date) => file.isWorkingDay(date))).toEqual([
      false,
      true,
      undefined,
    ]);
    expect(holidaysFromFile({}).isWorkingDay('2026-10-01')).toBeUndefined();
  });

  it.each([
    ['no object', null],
    ['a list', []],
    ['an unknown list', { holiday: [] }],
    ['a list that is none', { holidays: '2026-10-01' }],
    ['a day that does not exist', { holidays: ['2026-02-30'] }],
    ['a number', { workingDays: [20261010] }],
    ['a day both free and worked', { holidays: ['2026-10-10'], workingDays: ['2026-10-10'] }],
  ])('refuses %s', (_, json) => {
    expect(() => holidaysFromFile(json)).toThrow(expect.objectContaining({ code: 'domain.holidays.malformed' }));
  });
});

describe('firstThatKnows', () => {
  it('lets the company stand before the law', () => {
    const shop = firstThatKnows(holidaysFromFile({ workingDays: ['2026-10-02'] }), chinaHolidays(), mondayToFriday);
    expect(shop.isWorkingDay('2026-10-02')).toBe(true);
    expect(shop.isWorkingDay('2026-10-01')).toBe(false);
    expect(shop.isWorkingDay('2026-10-08')).toBeUndefined();
  });
});
