import { Money } from '@fenxiao/domain/money';
import { Percentage } from '@fenxiao/domain/percentage';
import { Quantity } from '@fenxiao/domain/quantity';
import { UnitPrice } from '@fenxiao/domain/unit-price';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isOverLimit, judge, totalsOf, valueOf } from './variance.js';

const limits = { percent: Percentage.of('1'), amount: Money.of('500') };
const q = (text: string) => Quantity.of(text);
/** `1234` at scale 2 is `12.34` */
const decimal = (scale: number, max: number) =>
  fc.integer({ min: 0, max }).map((units) => {
    const digits = String(units).padStart(scale + 1, '0');
    return `${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
  });
const quantity = decimal(3, 10 ** 9).map(q);
const price = decimal(4, 10 ** 7).map((text) => UnitPrice.of(text));

describe('O-24: what is counted again', () => {
  it('is what lies more than 1 % from the books, or is worth more than 500; both themselves are within', () => {
    const over = (difference: string, book: string, value: string) =>
      isOverLimit(q(difference), q(book), UnitPrice.of(value), limits);
    expect([
      over('1', '100', '1'),
      over('1.001', '100', '1'),
      over('-1', '100', '1'),
      over('-1.001', '100', '1'),
    ]).toEqual([false, true, false, true]);
    expect([over('1', '1000', '500'), over('-1', '1000', '500.01')]).toEqual([false, true]);
    expect([over('0', '0', '9'), over('0.001', '0', '0')]).toEqual([false, true]);
  });

  it('is agreed, far from the books, or differing; in a second round only differing counts again', () => {
    const line = (clerk: string, keeper: string) => ({
      book: q('100'),
      unitValue: UnitPrice.of('1'),
      clerk: q(clerk),
      keeper: q(keeper),
    });
    expect(judge(line('100', '100'), limits, 1)).toBe('agreed');
    expect(judge(line('90', '90'), limits, 1)).toBe('over-limit');
    expect(judge(line('90', '90'), limits, 2)).toBe('agreed');
    expect(judge(line('99', '100'), limits, 2)).toBe('differing');
  });
});

describe('K-O12, K-O13: the totals of a count', () => {
  it('the signed value is surplus less shrinkage, the absolute one their sum, and equal places are those without', () => {
    const line = fc.record({ book: quantity, counted: quantity, unitValue: price });
    fc.assert(
      fc.property(fc.array(line, { maxLength: 50 }), (lines) => {
        const totals = totalsOf(lines);
        const surplus = totals.absoluteVariance.minus(totals.shrinkage);
        expect(String(totals.varianceValue)).toBe(String(surplus.minus(totals.shrinkage)));
        expect(totals.items).toBe(lines.length);
        expect(totals.equal).toBe(lines.filter(({ book, counted }) => book.equals(counted)).length);
        expect(String(totals.bookValue)).toBe(
          String(Money.sum(lines.map(({ book, unitValue }) => valueOf(book, unitValue)))),
        );
        if (totals.equal === totals.items) expect(totals.absoluteVariance.isZero()).toBe(true);
      }),
    );
  });
});
