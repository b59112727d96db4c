import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Money } from './money.js';
import {
  averageDaysDelinquent,
  badDebt,
  bestPossibleDso,
  bucketOf,
  collectionEffectiveness,
  collectionRate,
  creditUtilisation,
  dso,
  dsoCountBack,
  ladder,
  overdueShare,
  stepOf,
} from './receivables.js';

const m = (text: string) => Money.of(text);
const fen = fc.bigInt({ min: 0n, max: 10n ** 11n }).map((value) => Money.fen(value));
const positive = fc.bigInt({ min: 1n, max: 10n ** 11n }).map((value) => Money.fen(value));

describe('credit and collection figures (kpis.md, B5 and part C)', () => {
  it('K-C02, vector 10: receivables 212,000 over 100,000, 80,000, 70,000 are 73.71 days', () => {
    const months = ['100000', '80000', '70000'].map((sales) => ({ sales: m(sales), days: 30 }));
    expect(dsoCountBack(m('212000'), months)).toBe('73.71');
  });

  it('K-C06, vector 11: 280,000 ÷ 310,000 is 90.32 %', () => {
    const figures = {
      opening: m('100000'),
      creditSales: m('300000'),
      closingTotal: m('120000'),
      closingCurrent: m('90000'),
    };
    expect(collectionEffectiveness(figures)).toBe('90.32');
  });

  it('K-C01, K-C03, K-C04: days of sales outstanding, at best, and the difference', () => {
    expect(dso(m('120000'), m('300000'), 90)).toBe('36.00');
    expect(bestPossibleDso(m('90000'), m('300000'), 90)).toBe('27.00');
    expect(averageDaysDelinquent(m('120000'), m('90000'), m('300000'), 90)).toBe('9.00');
  });

  it('K-C05, K-C07 to K-C09: shares', () => {
    expect(collectionRate(m('80'), m('100'))).toBe('80.00');
    expect(overdueShare(m('1'), m('3'))).toBe('33.33');
    expect(badDebt(m('5'), m('1000'))).toBe('0.50');
    expect(creditUtilisation(m('1500'), m('1000'))).toBe('150.00');
  });

  it('are null where the denominator is zero, never 0 and never 100', () => {
    const nothing = Money.zero;
    expect([
      dso(m('1'), nothing, 30),
      averageDaysDelinquent(m('1'), nothing, nothing, 30),
      collectionRate(nothing, nothing),
      overdueShare(nothing, nothing),
      badDebt(nothing, nothing),
      creditUtilisation(m('1'), nothing),
      collectionEffectiveness({
        opening: nothing,
        creditSales: nothing,
        closingTotal: nothing,
        closingCurrent: nothing,
      }),
    ]).toEqual([null, null, null, null, null, null, null]);
  });

  it('K-C02: nothing outstanding is no day; months without sales count whole; months too few give none', () => {
    const month = (sales: string) => ({ sales: m(sales), days: 30 });
    expect(dsoCountBack(Money.zero, [month('10')])).toBe('0.00');
    expect(dsoCountBack(m('10'), [month('0'), month('20')])).toBe('45.00');
    expect(dsoCountBack(m('10'), [month('10')])).toBe('30.00');
    expect(dsoCountBack(m('10.01'), [month('10')])).toBeNull();
  });

  it('ages: the due day is in time, the last day of a bucket belongs to it', () => {
    expect([0, 1, 30, 31, 60, 61, 90, 91].map(bucketOf)).toEqual([
      undefined,
      '1-30',
      '1-30',
      '31-60',
      '31-60',
      '61-90',
      '61-90',
      'over-90',
    ]);
    expect([0, 1, 30, 31, 60, 61, 90, 91].map(stepOf)).toEqual([undefined, 0, 0, 30, 30, 60, 60, 90]);
  });

  it('every overdue day has one step, and steps change exactly where buckets do', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5000 }), (days) => {
        expect(ladder.indexOf(stepOf(days)!)).toBe(['1-30', '31-60', '61-90', 'over-90'].indexOf(bucketOf(days)!));
      }),
    );
  });

  it('K-C02 of even sales is K-C01, to a hundredth of a day', () => {
    fc.assert(
      fc.property(positive, fc.integer({ min: 1, max: 100 }), (sales, share) => {
        const receivables = Money.fen((sales.fen * 3n * BigInt(share)) / 101n);
        const simple = dso(receivables, Money.sum([sales, sales, sales]), 90)!;
        const counted = dsoCountBack(
          receivables,
          [1, 2, 3].map(() => ({ sales, days: 30 })),
        )!;
        const apart = Number(simple.replace('.', '')) - Number(counted.replace('.', ''));
        expect(Math.abs(apart)).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('K-C02 grows with what is outstanding', () => {
    fc.assert(
      fc.property(fc.array(positive, { minLength: 3, maxLength: 12 }), fen, fen, (sales, a, b) => {
        const months = sales.map((amount) => ({ sales: amount, days: 30 }));
        const [less, more] = a.compare(b) < 0 ? [a, b] : [b, a];
        const figures = [less, more].map((amount) => dsoCountBack(amount, months));
        if (figures[1] === null) return;
        expect(BigInt(figures[0]!.replace('.', ''))).toBeLessThanOrEqual(BigInt(figures[1]!.replace('.', '')));
      }),
    );
  });

  it('K-C06 lies between 0 and 100 and is 100 when nothing overdue is left', () => {
    fc.assert(
      fc.property(fen, positive, fen, fen, (opening, creditSales, overdue, current) => {
        const all = opening.plus(creditSales);
        const closingTotal = overdue.plus(current);
        if (closingTotal.compare(all) > 0 || current.equals(all)) return;
        const index = collectionEffectiveness({ opening, creditSales, closingTotal, closingCurrent: current })!;
        expect(Number(index)).toBeGreaterThanOrEqual(0);
        expect(Number(index)).toBeLessThanOrEqual(100);
        if (overdue.isZero()) expect(index).toBe('100.00');
      }),
    );
  });
});
