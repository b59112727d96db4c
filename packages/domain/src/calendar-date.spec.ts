import { describe, expect, it } from '@jest/globals';
import { plainDate, plainTime } from './calendar-date.js';

describe('plainDate', () => {
  it.each(['2026-03-05', '2024-02-29', '1900-01-01', '2999-12-31'])('reads %s', (date) => {
    expect(plainDate(date).toString()).toBe(date);
  });

  it.each([
    '',
    '2026-02-29',
    '2026-13-01',
    '2026-00-10',
    '2026-3-5',
    '20260305',
    '2026-03-05T00:00',
    '2026-03-05[u-ca=hebrew]',
    '0206-03-05',
    '3000-01-01',
    '1899-12-31',
    '+002026-03-05',
    ' 2026-03-05',
    '2026-03-05\n',
  ])('refuses %j', (date) => {
    // prettier-ignore
    expect(() => plainDate(date)).toThrow(expect.objectContaining({ code: 'domain.date.invalid', kind: 'invalid' }));
  });
});

describe('plainTime', () => {
  it.each(['00:00', '09:30', '16:00:01', '23:59:59'])('reads %s', (time) => {
    expect(plainTime(time).toString()).toContain(time);
  });

  it.each(['', '9:30', '24:00', '12:60', '12', '12:00:60', '12:00Z', '12:00:00.5'])('refuses %j', (time) => {
    expect(() => plainTime(time)).toThrow(expect.objectContaining({ code: 'domain.time.invalid' }));
  });
});
