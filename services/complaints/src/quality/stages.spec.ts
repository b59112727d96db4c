import { BusinessCalendar } from '@fenxiao/domain/business-calendar';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { endOfStage, stageClock, type Staged } from './stages.js';

/** A week around the national holiday of 2026: a holiday of eight days, make-up days on the Sunday before and the Saturday after. */
const free = ['01', '02', '03', '04', '05', '06', '07', '08'].map((day) => `2026-10-${day}`);
const madeUp = ['2026-09-27', '2026-10-10'];
const calendar = new BusinessCalendar({
  holidays: {
    isWorkingDay: (date) => (free.includes(date) ? false : madeUp.includes(date) ? true : undefined),
  },
});

/** The slow way: minute by minute, in Shanghai, which has no summer time. */
function isWorking(minute: number): boolean {
  const local = new Date(minute * 60_000 + 8 * 3_600_000);
  const date = local.toISOString().slice(0, 10);
  const weekday = local.getUTCDay() >= 1 && local.getUTCDay() <= 5;
  if (free.includes(date) || !(weekday || madeUp.includes(date))) return false;
  const time = local.getUTCHours() * 60 + local.getUTCMinutes();
  return (time >= 540 && time < 720) || (time >= 780 && time < 1080);
}
const start = Date.parse('2026-09-24T00:00:00Z') / 60_000;

/** Runs the stage and its waits minute by minute. @returns the minute after its last */
function slowly(from: number, limit: number, waits: readonly Wait[]): number {
  let minute = from;
  let left = limit;
  for (const { after, lasting } of waits) {
    for (const until = minute + after; minute < until && left > 0; minute++) if (isWorking(minute)) left -= 1;
    if (left === 0) return minute;
    minute += lasting;
  }
  for (; left > 0; minute++) if (isWorking(minute)) left -= 1;
  return minute;
}

/** The way of the moves: at each wait what is used is added, and the rest begins when the customer has answered. */
function byStages(from: number, limit: number, waits: readonly Wait[]): number {
  const at = (minute: number) => new Date(minute * 60_000);
  let since = from;
  let used = 0;
  for (const { after, lasting } of waits) {
    const end = endOfStage(calendar, at(since), used, limit).getTime() / 60_000;
    if (end <= since + after) return end;
    used += calendar.businessMinutesBetween(at(since), at(since + after)) * 60;
    since += after + lasting;
  }
  return endOfStage(calendar, at(since), used, limit).getTime() / 60_000;
}

interface Wait {
  readonly after: number;
  readonly lasting: number;
}

describe('the time of a stage', () => {
  it('rests while the customer is waited for, over weekends, holidays and make-up days', () => {
    const wait = fc.record({ after: fc.integer({ min: 1, max: 6000 }), lasting: fc.integer({ min: 0, max: 20_000 }) });
    const moment = fc.integer({ min: start, max: start + 14 * 1440 });
    fc.assert(
      fc.property(moment, fc.integer({ min: 1, max: 3000 }), fc.array(wait, { maxLength: 4 }), (from, limit, waits) => {
        expect(byStages(from, limit, waits)).toBe(slowly(from, limit, waits));
      }),
      { numRuns: 100 },
    );
  });

  it('a wait moves the end and the warning by its own business time, and a stage entered anew begins anew', () => {
    const clock = stageClock('judge');
    const within = clock.within as (subject: Staged, calendar: BusinessCalendar) => Date;
    const limits = { acknowledge: 120, notify: 120, cause: 1440, judge: 600, decide: 480, resolve: 2400, inform: 480 };
    const entered = new Date('2026-09-21T01:00:00Z'); // a Monday, 09:00
    const subject = { enteredAt: entered, receivedAt: entered, limits, usedSeconds: 0, resumedAt: null };
    expect(within(subject, calendar)).toEqual(new Date('2026-09-22T03:00:00Z'));
    expect(clock.warnAt!(subject, calendar)).toEqual(new Date('2026-09-21T10:00:00Z'));
    // eight hours are used, the answer comes on Wednesday at 09:00
    const enteredAt = new Date('2026-09-23T01:00:00Z');
    const resumed = { ...subject, enteredAt, usedSeconds: 8 * 3600, resumedAt: enteredAt };
    expect(within(resumed, calendar)).toEqual(new Date('2026-09-23T03:00:00Z'));
    expect(within({ ...resumed, usedSeconds: 11 * 3600 }, calendar)).toEqual(enteredAt);
    // of another entering: used elsewhere
    expect(within({ ...resumed, resumedAt: entered }, calendar)).toEqual(new Date('2026-09-24T03:00:00Z'));
  });
});
