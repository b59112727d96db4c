import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Money } from './money.js';
import { Percentage } from './percentage.js';
import { UnitPrice } from './unit-price.js';

const deviation = (net: string, list: string) => Percentage.deviation(UnitPrice.of(net), UnitPrice.of(list)).toString();
const dividedByZero = expect.objectContaining({ code: 'domain.decimal.divided-by-zero' });

describe('Percentage', () => {
  it('is exact to six decimals of a percent and written without trailing zeros', () => {
    expect(Percentage.of('3.5').toString()).toBe('3.5');
    expect(Percentage.of('3.500000').toString()).toBe('3.5');
    expect(Percentage.of('-100').toString()).toBe('-100');
    expect(Percentage.zero.toString()).toBe('0');
    expect(Percentage.of('0.000001').toString()).toBe('0.000001');
    expect(JSON.stringify(Percentage.of('13'))).toBe('"13"');
    expect(() => Percentage.of('0.0000001')).toThrow(expect.objectContaining({ code: 'domain.decimal.malformed' }));
  });

  it('turns into a ratio and back', () => {
    expect(Percentage.of('3.5').toRatio()).toBe('0.035');
    expect(Percentage.hundred.toRatio()).toBe('1');
    expect(Percentage.ofRatio('0.035').equals(Percentage.of('3.5'))).toBe(true);
    const percentage = fc
      .bigInt({ min: -(10n ** 12n), max: 10n ** 12n })
      .map((n) => Percentage.ofRatio(String(n / 10n ** 8n)));
    fc.assert(fc.property(percentage, (p) => expect(Percentage.ofRatio(p.toRatio()).equals(p)).toBe(true)));
  });

  it('knows what it leaves', () => {
    expect(Percentage.of('3.5').rest().toString()).toBe('96.5');
  });

  it('says what part of the whole an amount is', () => {
    expect(Percentage.share(Money.of('1'), Money.of('3')).toString()).toBe('33.3333');
    expect(Percentage.share(Money.of('2'), Money.of('3')).toString()).toBe('66.6667');
    expect(() => Percentage.share(Money.of('1'), Money.zero)).toThrow(dividedByZero);
    // @ts-expect-error two different kinds have no share
    Percentage.share(Money.of('1'), UnitPrice.of('1'));
  });
});

describe('deviation (O-11)', () => {
  it.each([
    ['97.0000', '100.0000', '-3'],
    ['99.0000', '100.0000', '-1'],
    ['103.0000', '100.0000', '3'],
    ['96.9999', '100.0000', '-3.0001'],
    ['1', '3', '-66.6667'],
    ['0', '12.3456', '-100'],
    // exactly half of the last decimal: away from zero
    ['1999999.0000', '2000000.0000', '-0.0001'],
    ['2000001.0000', '2000000.0000', '0.0001'],
  ])('of %s from the list price %s is %s %%', (net, list, expected) => {
    expect(deviation(net, list)).toBe(expected);
  });

  it('has no meaning for a list price of zero', () => {
    expect(() => deviation('1', '0')).toThrow(dividedByZero);
  });

  it('has the sign of net − list, and rounds by at most half of its fourth decimal', () => {
    const price = fc.bigInt({ min: 10n ** 4n, max: 10n ** 9n });
    fc.assert(
      fc.property(price, price, (net, list) => {
        const { units } = Percentage.deviation(Money.fen(net), Money.fen(list));
        const error = units * list - (net - list) * Percentage.whole; // times list × 10^6
        expect(error >= -50n * list && error <= 50n * list).toBe(true);
        expect(units % 100n).toBe(0n);
        if (net === list) expect(units).toBe(0n);
      }),
    );
  });
});
