import { Money } from '@fenxiao/domain/money';
import { Quantity } from '@fenxiao/domain/quantity';
import { clause } from '@fenxiao/testing/clause';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { differenceOf, type Pair } from './difference.js';
import { monthOf, type Figures } from './figures.js';

const fen = (text: string) => Money.of(text);
const pair = (over: Partial<Pair>): Pair => ({
  ledger: fen('100'),
  finance: fen('100'),
  rows: 1,
  each: fen('100'),
  elsewhere: false,
  otherPeriod: false,
  ...over,
});
const code = (over: Partial<Pair>) => differenceOf(pair(over))?.code;

describe('O-22 difference codes', () => {
  clause('O-22', 'boundary', 'the same to the fen is no difference, a fen is one of price', () => {
    expect(differenceOf(pair({}))).toBeUndefined();
    expect(differenceOf(pair({ finance: fen('99.99') }))).toEqual({ code: 'price', difference: fen('0.01') });
  });
  it('quantity where finance gives another one, price where it gives the same or none', () => {
    const other = { finance: fen('90'), each: fen('90'), ledgerQuantity: Quantity.of('10') };
    expect(code({ ...other, financeQuantity: Quantity.of('9') })).toBe('quantity');
    expect(code({ ...other, financeQuantity: Quantity.of('10.000') })).toBe('price');
    expect(code(other)).toBe('price');
  });
  it('timing where the other side has it in another period, missing where nobody else has it', () => {
    expect(code({ finance: undefined, rows: 0 })).toBe('missing');
    expect(code({ finance: undefined, rows: 0, elsewhere: true })).toBe('timing');
    expect(code({ ledger: undefined })).toBe('missing');
    expect(code({ ledger: undefined, elsewhere: true })).toBe('timing');
    expect(differenceOf(pair({ otherPeriod: true }))).toEqual({ code: 'timing', difference: fen('100') });
  });
  it('duplicate where a row stands there again; rows that add up to the document are its lines', () => {
    expect(differenceOf(pair({ finance: fen('200'), rows: 2 }))).toEqual({
      code: 'duplicate',
      difference: fen('-100'),
    });
    expect(differenceOf(pair({ rows: 2, each: fen('50') }))).toBeUndefined();
    expect(code({ finance: fen('110'), rows: 2, each: undefined })).toBe('price');
  });
});

describe('O-21 the sum of the days', () => {
  const amount = fc.bigInt({ min: 0n, max: 10n ** 12n }).map((n) => String(Money.fen(n)));
  const basis = fc.constantFrom('order', 'cancellation', 'shipment', 'return', 'receipt' as const);
  const sum = fc.record({ basis, documents: fc.nat(1000), quantity: fc.constant('1.500'), net: amount, gross: amount });
  const day = fc.record({
    totals: fc.uniqueArray(sum, { selector: (of) => of.basis }),
    byFamily: fc.array(sum.map((of) => ({ ...of, family: 'floor' }))),
    byRegion: fc.constant([]),
    bySalesperson: fc.constant([]),
  }) as fc.Arbitrary<Figures>;
  const adjustment = fc.record({
    basis,
    net: amount,
    gross: amount.map((text) => `-${text}`),
    cause: fc.constant('x'),
    adjustedOn: fc.constant('2026-03-10'),
    month: fc.constant('2026-03-01'),
  });

  it('is exact to the fen, whatever the days and their adjustments', () => {
    fc.assert(
      fc.property(fc.array(day, { maxLength: 31 }), fc.array(adjustment, { maxLength: 20 }), (days, adjustments) => {
        const month = monthOf(days, adjustments);
        for (const wanted of ['order', 'cancellation', 'shipment', 'return', 'receipt'] as const)
          for (const part of ['net', 'gross'] as const) {
            const all = [...days.flatMap(({ totals }) => totals), ...adjustments].filter((one) => one.basis === wanted);
            const expected = all.reduce((fens, one) => fens + BigInt(one[part].replace('.', '')), 0n);
            const found = month.totals.find((one) => one.basis === wanted)?.[part] ?? '0.00';
            expect(BigInt(found.replace('.', ''))).toBe(expected);
          }
      }),
    );
  });
});
