import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { divideRounded, formatDecimal, parseDecimal } from './decimal.js';
import { Money } from './money.js';
import { Quantity } from './quantity.js';

const scale = fc.integer({ min: 0, max: 8 });
const integer = fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n });

describe('parseDecimal', () => {
  it.each([
    ['12.34', 2, 1234n],
    ['12', 2, 1200n],
    ['-0.5', 2, -50n],
    ['-0', 2, 0n],
    ['007.1', 2, 710n],
    ['7', 0, 7n],
  ])('reads %s at scale %i', (text, scale, units) => {
    expect(parseDecimal(text, scale)).toBe(units);
  });

  it.each([
    '',
    ' ',
    '1 ',
    ' 1',
    '1.234',
    '1.',
    '.5',
    '+1',
    '--1',
    '1-',
    '- 1',
    '1e3',
    '1E3',
    '0x10',
    '1,000',
    '1_000',
    '1.2.3',
    'NaN',
    'Infinity',
    '１',
    '壹',
    '1\n',
    '9'.repeat(31),
  ])('refuses %j', (text) => {
    // prettier-ignore
    expect(() => parseDecimal(text, 2)).toThrow(expect.objectContaining({ code: 'domain.decimal.malformed' }));
  });

  it('reads back what formatDecimal wrote', () => {
    fc.assert(fc.property(integer, scale, (n, s) => expect(parseDecimal(formatDecimal(n, s), s)).toBe(n)));
  });
});

describe('divideRounded', () => {
  it.each([
    [5n, 2n, 3n],
    [-5n, 2n, -3n],
    [5n, -2n, -3n],
    [-5n, -2n, 3n],
    [4n, 3n, 1n],
    [-4n, 3n, -1n],
    [1n, 2n, 1n],
    [-1n, 2n, -1n],
    [0n, 7n, 0n],
  ])('%i / %i is %i: halves go away from zero', (n, d, q) => {
    expect(divideRounded(n, d)).toBe(q);
  });

  it('is never further than half the divisor from the exact quotient, and then away from zero', () => {
    const nonZero = integer.filter((n) => n !== 0n);
    fc.assert(
      fc.property(integer, nonZero, (n, d) => {
        const q = divideRounded(n, d);
        const error = abs(q * d) - abs(n);
        expect(2n * abs(q * d - n)).toBeLessThanOrEqual(abs(d));
        if (2n * abs(error) === abs(d)) expect(error).toBeGreaterThan(0n);
        expect(divideRounded(-n, d)).toBe(-q);
      }),
    );
  });

  it('refuses to divide by zero', () => {
    expect(() => divideRounded(1n, 0n)).toThrow(expect.objectContaining({ code: 'domain.decimal.divided-by-zero' }));
  });
});

describe('FixedPoint', () => {
  it('keeps kinds apart for the type checker', () => {
    // @ts-expect-error a quantity is not money
    expect(() => Money.of('1').plus(Quantity.of('1'))).not.toThrow();
    // @ts-expect-error nor the other way round
    const quantity: Quantity = Money.of('1');
    expect(quantity).toBeInstanceOf(Money);
  });

  it('refuses to be compared or computed with as a plain value', () => {
    expect(() => Money.of('9') < Money.of('10')).toThrow(TypeError);
    expect(() => Number(Money.of('9'))).toThrow(TypeError);
    expect(`${Money.of('9')}`).toBe('9.00');
  });

  it('is immutable', () => {
    expect(Object.isFrozen(Money.of('1'))).toBe(true);
  });
});

function abs(n: bigint): bigint {
  return n < 0n ? -n : n;
}
