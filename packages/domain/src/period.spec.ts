import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Period, type PeriodKind } from './period.js';

const kinds: PeriodKind[] = ['year', 'quarter', 'month', 'half-month', 'week', 'day'];
const date = fc
  .integer({ min: Date.UTC(1990, 0, 1) / 864e5, max: Date.UTC(2090, 0, 1) / 864e5 })
  .map((day) => new Date(day * 864e5).toISOString().slice(0, 10));

describe('Period', () => {
  it.each([
    ['2026', 'year', '2026-01-01', '2027-01-01', 365],
    ['2024', 'year', '2024-01-01', '2025-01-01', 366],
    ['2026-Q1', 'quarter', '2026-01-01', '2026-04-01', 90],
    ['2026-Q4', 'quarter', '2026-10-01', '2027-01-01', 92],
    ['2026-03', 'month', '2026-03-01', '2026-04-01', 31],
    ['2026-12', 'month', '2026-12-01', '2027-01-01', 31],
    ['2026-03-H1', 'half-month', '2026-03-01', '2026-03-16', 15],
    ['2026-03-H2', 'half-month', '2026-03-16', '2026-04-01', 16],
    ['2026-02-H2', 'half-month', '2026-02-16', '2026-03-01', 13],
    ['2026-W07', 'week', '2026-02-09', '2026-02-16', 7],
    ['2026-W01', 'week', '2025-12-29', '2026-01-05', 7],
    ['2026-W53', 'week', '2026-12-28', '2027-01-04', 7],
    ['2026-03-05', 'day', '2026-03-05', '2026-03-06', 1],
    ['2999', 'year', '2999-01-01', '3000-01-01', 365],
  ])('%s is a %s from %s to before %s, %i days', (name, kind, start, end, days) => {
    expect(Period.parse(name)).toMatchObject({ kind, start, end, days });
    expect(`${Period.parse(name)}`).toBe(name);
    expect(JSON.stringify(Period.parse(name))).toBe(`"${name}"`);
  });

  it.each([
    '',
    '26',
    '2026-Q0',
    '2026-Q5',
    '2026-q1',
    '2026-13',
    '2026-00',
    '2026-3',
    '2026-03-H0',
    '2026-03-H3',
    '2026-13-H1',
    '2026-W00',
    '2025-W53',
    '2026-W54',
    '2026-02-29',
    '2026-03-05T00:00',
    ' 2026',
    '2026-03-05-H1',
    '0206',
    '3000',
  ])('refuses %j', (name) => {
    // prettier-ignore
    expect(() => Period.parse(name)).toThrow(expect.objectContaining({ code: 'domain.period.malformed' }));
  });

  it('contains its first day and not its end', () => {
    const march = Period.parse('2026-03');
    expect(['2026-02-28', '2026-03-01', '2026-03-31', '2026-04-01'].map((day) => march.contains(day))).toEqual([
      false,
      true,
      true,
      false,
    ]);
    expect(() => march.contains('2026-03-32')).toThrow(expect.objectContaining({ code: 'domain.date.invalid' }));
  });

  it('lists its dates', () => {
    expect([...Period.parse('2026-W01').dates()]).toEqual([
      '2025-12-29', '2025-12-30', '2025-12-31', '2026-01-01', '2026-01-02', '2026-01-03', '2026-01-04',
    ]); // prettier-ignore
  });

  it('names its neighbours', () => {
    expect(`${Period.parse('2026-Q4').next()}`).toBe('2027-Q1');
    expect(`${Period.parse('2026-01-H1').previous()}`).toBe('2025-12-H2');
    expect(`${Period.parse('2027-W01').previous()}`).toBe('2026-W53');
  });

  it('cuts the calendar without gap or overlap, in every kind', () => {
    fc.assert(
      fc.property(fc.constantFrom(...kinds), date, (kind, date) => {
        const period = Period.of(kind, date);
        expect(period.contains(date)).toBe(true);
        expect(period.next().start).toBe(period.end);
        expect(period.previous().end).toBe(period.start);
        expect(period.next().previous().equals(period)).toBe(true);
        expect(Period.parse(period.toString())).toEqual(period);
      }),
    );
  });
});
