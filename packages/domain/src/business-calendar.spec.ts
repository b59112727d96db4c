import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { BusinessCalendar, days, type Limit, hours, minutes, months, workingDays } from './business-calendar.js';
import { chinaHolidays, firstThatKnows, mondayToFriday } from './holidays.js';

const china = new BusinessCalendar({ holidays: chinaHolidays() });
const newYork = new BusinessCalendar({ timeZone: 'America/New_York', holidays: mondayToFriday });
const nightly = new BusinessCalendar({
  timeZone: 'America/New_York',
  workingHours: [['01:00', '02:30'], ['03:00', '04:00']], // prettier-ignore
  holidays: { isWorkingDay: () => true },
});

/** an instant in Shanghai: '2026-03-05 18:00' */
const at = (text: string) => new Date(`${text.replace(' ', 'T')}+08:00`);
const code = (code: string) => expect.objectContaining({ code });

describe('working days', () => {
  it('knows weekends, holidays and make-up days', () => {
    const worked = ['2026-09-30', '2026-10-01', '2026-10-08', '2026-10-10', '2026-10-11'];
    expect(worked.map((date) => china.isWorkingDay(date))).toEqual([true, false, true, true, false]);
  });

  it('finds the next and the previous, strictly or with the day itself', () => {
    expect(china.nextWorkingDay('2026-09-30')).toBe('2026-10-08');
    expect(china.previousWorkingDay('2026-10-08')).toBe('2026-09-30');
    expect(china.workingDayOnOrAfter('2026-10-03')).toBe('2026-10-08');
    expect(china.workingDayOnOrBefore('2026-10-03')).toBe('2026-09-30');
    expect(china.workingDayOnOrAfter('2026-10-08')).toBe('2026-10-08');
    expect(china.workingDayOnOrBefore('2026-10-08')).toBe('2026-10-08');
  });

  it('moves reconciliation of the 25th to the previous working day (O-22)', () => {
    expect(china.workingDayOnOrBefore('2026-04-25')).toBe('2026-04-24'); // a Saturday
    expect(china.workingDayOnOrBefore('2026-09-25')).toBe('2026-09-24'); // 中秋
  });

  it('counts working days in both directions', () => {
    expect(china.addWorkingDays('2026-09-30', 2)).toBe('2026-10-09');
    expect(china.addWorkingDays('2026-10-03', 1)).toBe('2026-10-08');
    expect(china.addWorkingDays('2026-10-03', 0)).toBe('2026-10-08');
    expect(china.addWorkingDays('2026-10-08', 0)).toBe('2026-10-08');
    expect(china.addWorkingDays('2026-10-08', -2)).toBe('2026-09-29');
    expect(china.addWorkingDays('2026-08-31', 2)).toBe('2026-09-02'); // O-21: second working day of the month
  });

  it('forgets the days it keeps when its source says that they have changed (X-13)', () => {
    const free = new Set<string>();
    const source = {
      revision: 1,
      isWorkingDay: (date: string) => (free.has(date) ? false : undefined),
    };
    const calendar = new BusinessCalendar({ holidays: firstThatKnows(source, chinaHolidays()) });
    expect(calendar.addWorkingDays('2026-03-10', 1)).toBe('2026-03-11');
    free.add('2026-03-11');
    expect(calendar.addWorkingDays('2026-03-10', 1)).toBe('2026-03-11');
    source.revision += 1;
    expect(calendar.addWorkingDays('2026-03-10', 1)).toBe('2026-03-12');
  });

  it('gives up after a year without work', () => {
    const closed = new BusinessCalendar({ holidays: { isWorkingDay: () => false } });
    expect(() => closed.nextWorkingDay('2026-01-01')).toThrow('No working day within a year of 2026-01-02');
    expect(() => closed.addBusinessTime(at('2026-01-01 10:00'), 1)).toThrow('No working day');
  });

  it('goes there and back', () => {
    fc.assert(
      fc.property(date(), fc.integer({ min: 1, max: 60 }), (date, n) => {
        const from = china.workingDayOnOrAfter(date);
        expect(china.addWorkingDays(china.addWorkingDays(from, n), -n)).toBe(from);
        expect(china.isWorkingDay(china.addWorkingDays(date, n))).toBe(true);
      }),
    );
  });
});

describe('months', () => {
  it.each([
    ['2026-08-31', 3, '2026-11-30'], // T8
    ['2026-11-30', 3, '2027-02-28'],
    ['2023-11-30', 3, '2024-02-29'],
    ['2026-01-15', 1, '2026-02-15'],
    ['2026-03-31', -1, '2026-02-28'],
  ])('%s and %i months is %s', (date, n, expected) => {
    expect(china.addMonths(date, n)).toBe(expected);
  });

  it('finds their ends', () => {
    expect(china.endOfMonth('2024-02-03')).toBe('2024-02-29');
    expect(china.lastWorkingDayOfMonth('2026-01-10')).toBe('2026-01-30');
    expect(china.lastWorkingDayOfMonth('2026-02-01')).toBe('2026-02-28'); // a make-up Saturday
    expect(china.addDays('2026-03-01', -1)).toBe('2026-02-28');
  });
});

describe('dates and instants', () => {
  it('reads the date off the zone, not off UTC', () => {
    expect(china.dateOf(new Date('2026-03-04T15:59:59.999Z'))).toBe('2026-03-04');
    expect(china.today(new Date('2026-03-04T16:00:00Z'))).toBe('2026-03-05');
    expect(newYork.dateOf(new Date('2026-03-05T04:59:59Z'))).toBe('2026-03-04');
  });

  it('gives the edges of a day', () => {
    expect(china.startOfDay('2026-03-05')).toEqual(at('2026-03-05 00:00'));
    expect(china.endOfDay('2026-03-05')).toEqual(at('2026-03-05 23:59:59.999'));
    expect(china.closeOfBusiness('2026-03-05')).toEqual(at('2026-03-05 18:00'));
    expect(china.instantAt('2026-03-06', '16:00:01')).toEqual(at('2026-03-06 16:00:01'));
    expect(china.instantAt('2026-03-06', '00:00')).toEqual(china.startOfDay('2026-03-06'));
  });

  it('knows days of 23 and 25 hours', () => {
    const length = (date: string) => (+newYork.endOfDay(date) + 1 - +newYork.startOfDay(date)) / 3_600_000;
    expect(['2026-03-07', '2026-03-08', '2026-11-01'].map(length)).toEqual([24, 23, 25]);
    expect(newYork.instantAt('2026-03-08', '02:30')).toEqual(new Date('2026-03-08T07:30:00Z')); // skipped: 03:30
    expect(newYork.instantAt('2026-11-01', '01:30')).toEqual(new Date('2026-11-01T05:30:00Z')); // the first of two
  });

  it('knows a zone where a day begins at one and one where a day was left out', () => {
    const zone = (timeZone: string) => new BusinessCalendar({ timeZone, holidays: mondayToFriday });
    expect(zone('America/Sao_Paulo').startOfDay('2018-11-04')).toEqual(new Date('2018-11-04T03:00:00Z'));
    const apia = zone('Pacific/Apia');
    expect(apia.businessMinutesBetween(apia.startOfDay('2011-12-29'), apia.startOfDay('2012-01-01'))).toBe(480);
  });

  it('agrees with itself, and with Intl, at every instant', () => {
    const dateIn = new Intl.DateTimeFormat('sv-SE', { timeZone: 'America/New_York' });
    fc.assert(
      fc.property(instant(), (instant) => {
        const date = newYork.dateOf(instant);
        expect(date).toBe(dateIn.format(instant));
        expect(newYork.startOfDay(date) <= instant && instant <= newYork.endOfDay(date)).toBe(true);
      }),
    );
  });

  it('refuses what does not exist', () => {
    expect(() => china.isWorkingDay('2026-02-30')).toThrow(code('domain.date.invalid'));
    expect(() => china.instantAt('2026-02-03', '25:00')).toThrow(code('domain.time.invalid'));
    expect(() => china.instantAt('2026-02-03', '')).toThrow(code('domain.time.invalid'));
    expect(() => china.dateOf(new Date(Number.NaN))).toThrow(code('domain.instant.invalid'));
    expect(() => china.dateOf(new Date('3000-06-01'))).toThrow(code('domain.date.invalid'));
    expect(() => new BusinessCalendar({ timeZone: 'Asia/Nowhere', holidays: mondayToFriday })).toThrow(RangeError);
  });

  it.each([[[]], [[['09:00', '09:00']]], [[['12:00', '09:00']]], [[['09:00', '12:00'], ['11:00', '18:00']]]])(
    'refuses the working hours %j',
    (workingHours) => {
      const hours = workingHours as [string, string][];
      expect(() => new BusinessCalendar({ workingHours: hours, holidays: mondayToFriday })).toThrow('out of order');
    },
  ); // prettier-ignore
});

describe('working time', () => {
  it.each([
    ['2026-03-05 09:00', 30, '2026-03-05 09:30'],
    ['2026-03-05 07:00', 30, '2026-03-05 09:30'],
    ['2026-03-05 11:45', 30, '2026-03-05 13:15'], // over lunch
    ['2026-03-05 17:00', 60, '2026-03-05 18:00'],
    ['2026-03-06 17:30', 60, '2026-03-09 09:30'], // over the weekend
    ['2026-09-30 17:30', 60, '2026-10-08 09:30'], // over the National Day holiday
    ['2026-10-09 17:30', 60, '2026-10-10 09:30'], // into a make-up Saturday
    ['2026-03-07 10:00', 480, '2026-03-09 18:00'],
    ['2026-03-07 10:00', 0, '2026-03-07 10:00'],
    ['2026-03-05 09:00:30', 0.5, '2026-03-05 09:01'],
  ])('%s and %d minutes is %s', (from, minutes, to) => {
    expect(china.addBusinessTime(at(from), minutes)).toEqual(at(to));
  });

  it('measures it', () => {
    const between = (a: string, b: string) => china.businessMinutesBetween(at(a), at(b));
    expect(between('2026-03-05 11:45', '2026-03-05 13:15')).toBe(30);
    expect(between('2026-03-06 17:30', '2026-03-09 09:30')).toBe(60);
    expect(between('2026-03-09 09:30', '2026-03-06 17:30')).toBe(-60);
    expect(between('2026-03-07 00:00', '2026-03-08 23:59')).toBe(0);
    expect(between('2026-01-01 00:00', '2027-01-01 00:00')).toBe(248 * 480); // working days of 2026
  });

  it('does not go back', () => {
    expect(() => china.addBusinessTime(at('2026-03-05 10:00'), -1)).toThrow(RangeError);
    expect(() => china.addBusinessTime(at('2026-03-05 10:00'), Number.NaN)).toThrow(RangeError);
  });

  it('counts no minute twice and none that the clocks skip', () => {
    const worked = (date: string) => nightly.businessMinutesBetween(nightly.startOfDay(date), nightly.endOfDay(date));
    expect(worked('2026-03-07')).toBe(150);
    expect(worked('2026-03-08')).toBe(120); // 01:00 to 02:00 and 03:00 to 04:00
    expect(worked('2026-11-01')).toBe(210); // one o'clock came twice
  });

  it.each([['Asia/Shanghai', china], ['America/New_York', newYork], ['across clock changes', nightly]])(
    'is the inverse of adding it, and adds up (%s)',
    (_, calendar) => {
      const amount = fc.integer({ min: 0, max: 20_000 });
      fc.assert(
        fc.property(instant(), amount, amount, (start, a, b) => {
          const middle = calendar.addBusinessTime(start, a);
          const end = calendar.addBusinessTime(start, a + b);
          expect(middle >= start && end >= middle).toBe(true);
          expect(calendar.businessMinutesBetween(start, middle)).toBe(a);
          expect(calendar.businessMinutesBetween(middle, end)).toBe(b);
          expect(calendar.addBusinessTime(middle, b)).toEqual(b === 0 ? middle : end);
        }),
      );
    },
  ); // prettier-ignore
});

describe('limits', () => {
  it.each([
    ['2026-03-05 17:50', minutes(30), '2026-03-06 09:20'],
    ['2026-03-05 16:00', hours(4), '2026-03-06 11:00'],
    ['2026-03-05 10:00', workingDays(2), '2026-03-09 18:00'],
    ['2026-03-07 10:00', workingDays(1), '2026-03-09 18:00'], // from a Saturday
    ['2026-03-05 20:00', workingDays(1), '2026-03-06 18:00'],
    ['2026-09-30 10:00', workingDays(3), '2026-10-10 18:00'],
    ['2026-03-05 10:00', days(30), '2026-04-04 23:59:59.999'],
    ['2026-08-31 00:00', months(3), '2026-11-30 23:59:59.999'], // T8, D-20
    ['2026-11-30 23:59', months(3), '2027-02-28 23:59:59.999'],
  ])('begun %s, %j ends %s', (start, limit, end) => {
    expect(china.due(at(start), limit)).toEqual(at(end));
  });

  it('warns at 80 % of the working time, or of the time itself', () => {
    const warn = (start: string, limit: Limit) => china.warnAt(at(start), china.due(at(start), limit), limit);
    expect(warn('2026-03-05 09:00', minutes(30))).toEqual(at('2026-03-05 09:24'));
    expect(warn('2026-03-06 17:00', hours(5))).toEqual(at('2026-03-09 12:00'));
    expect(warn('2026-03-05 18:00', workingDays(5))).toEqual(at('2026-03-11 18:00'));
    expect(warn('2026-03-05 23:59:59.999', days(10))).toEqual(at('2026-03-13 23:59:59.999'));
  });

  it('warns between start and end, at the start when the end is past', () => {
    const limit = fc
      .tuple(fc.constantFrom(minutes, hours, workingDays, days, months), fc.integer({ min: 1, max: 90 }))
      .map(([kind, count]) => kind(count));
    fc.assert(
      fc.property(instant(), limit, (start, limit) => {
        const due = china.due(start, limit);
        const warning = china.warnAt(start, due, limit);
        expect(start <= warning && warning < due).toBe(true);
        expect(china.warnAt(due, start, limit)).toEqual(due);
      }),
    );
  });

  it.each([0, -1, 1.5, Number.NaN])('refuses a limit of %d', (count) => {
    for (const kind of [minutes, hours, workingDays, days, months]) {
      expect(() => kind(count)).toThrow(code('domain.limit.not-positive'));
    }
  });
});

function date(): fc.Arbitrary<string> {
  return instant().map((instant) => instant.toISOString().slice(0, 10));
}

function instant(): fc.Arbitrary<Date> {
  return fc.date({ min: new Date('2019-01-01'), max: new Date('2029-01-01'), noInvalidDate: true });
}
