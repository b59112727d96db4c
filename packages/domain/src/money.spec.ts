import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Money } from './money.js';
import { Percentage } from './percentage.js';
import { Quantity } from './quantity.js';
import { UnitPrice } from './unit-price.js';

const most = 10n ** 14n - 1n;
const money = fc.bigInt({ min: -most, max: most }).map((fen) => Money.fen(fen));
const smallMoney = fc.bigInt({ min: -(10n ** 12n), max: 10n ** 12n }).map((fen) => Money.fen(fen));
const rate = fc.integer({ min: 0, max: 100_000 }).map((n) => Percentage.of((n / 1000).toFixed(3)));

const line = (price: string, quantity: string, discount = '0') =>
  Money.lineNet(UnitPrice.of(price), Quantity.of(quantity), Percentage.of(discount)).toString();

describe('Money', () => {
  it('reads and writes two decimals', () => {
    expect(Money.of('12.3').fen).toBe(1230n);
    expect(Money.fen(-5n).toString()).toBe('-0.05');
    expect(JSON.stringify({ net: Money.of('12.34') })).toBe('{"net":"12.34"}');
    fc.assert(fc.property(money, (m) => expect(Money.of(m.toString()).equals(m)).toBe(true)));
  });

  it('stays within numeric(14,2)', () => {
    expect(Money.fen(most).toString()).toBe('999999999999.99');
    const outOfRange = expect.objectContaining({ code: 'domain.decimal.out-of-range', kind: 'invalid' });
    expect(() => Money.fen(most + 1n)).toThrow(outOfRange);
    expect(() => Money.fen(-most - 1n)).toThrow(outOfRange);
    expect(() => Money.of('1000000000000')).toThrow(outOfRange);
    expect(() => Money.fen(most).plus(Money.fen(1n))).toThrow(outOfRange);
    expect(() => Money.fen(most).times(Percentage.of('100.01'))).toThrow(outOfRange);
  });

  it('adds, subtracts, compares', () => {
    expect(Money.of('0.10').plus(Money.of('0.20')).equals(Money.of('0.30'))).toBe(true);
    expect(Money.of('1').minus(Money.of('1.01')).toString()).toBe('-0.01');
    expect(Money.of('1').negate().toString()).toBe('-1.00');
    expect(Money.sum([Money.of('1.10'), Money.of('-0.20')]).toString()).toBe('0.90');
    expect(Money.sum([]).isZero()).toBe(true);
    expect([Money.of('10'), Money.of('-1'), Money.of('9')].sort((a, b) => a.compare(b)).join()).toBe(
      '-1.00,9.00,10.00',
    );
    expect(Money.of('500').min(Money.of('499.99')).toString()).toBe('499.99');
    expect([Money.zero.isZero(), Money.zero.isPositive(), Money.zero.isNegative()]).toEqual([true, false, false]);
    expect([Money.of('1').isPositive(), Money.of('-1').isNegative()]).toEqual([true, true]);
  });
});

describe('times', () => {
  it.each([
    ['100.00', '3.5', '3.50'],
    ['0.01', '50', '0.01'],
    ['-0.01', '50', '-0.01'],
    ['0.01', '49.999999', '0.00'],
    ['33.33', '-100', '-33.33'],
  ])('%s × %s%% is %s', (amount, factor, product) => {
    expect(Money.of(amount).times(Percentage.of(factor)).toString()).toBe(product);
  });
});

describe('lineNet', () => {
  it('rounds unit price × quantity × (1 − discount) once, half-up', () => {
    expect(line('45.6789', '123.456', '3.5')).toBe('5441.96');
    expect(line('0.0050', '1')).toBe('0.01');
    expect(line('0.0049', '1')).toBe('0.00');
    // rounding before the discount would give 0.01 × 50 % = 0.01
    expect(line('0.0050', '1', '50')).toBe('0.00');
    expect(line('10', '3', '100')).toBe('0.00');
    expect(line('12.5000', '-2.5')).toBe('-31.25');
  });

  it('without a discount lies within half a fen of the product', () => {
    const price = fc.integer({ min: 0, max: 99_999_999 });
    fc.assert(
      fc.property(price, price, (p, q) => {
        const net = Money.lineNet(UnitPrice.of(fixed(p, 4)), Quantity.of(fixed(q, 3)), Percentage.zero);
        const exact = BigInt(p) * BigInt(q); // at scale 7
        const error = net.fen * 100_000n - exact;
        expect(error > -50_000n && error <= 50_000n).toBe(true);
      }),
    );
  });
});

describe('tax (O-51)', () => {
  it('is added to a net price or taken out of a gross one', () => {
    expect(Money.taxOn(Money.of('100.00'), Percentage.of('13')).toString()).toBe('13.00');
    expect(Money.taxOn(Money.of('0.35'), Percentage.of('13')).toString()).toBe('0.05');
    expect(Money.netOf(Money.of('113.00'), Percentage.of('13')).toString()).toBe('100.00');
    expect(Money.netOf(Money.of('100.00'), Percentage.of('13')).toString()).toBe('88.50');
    expect(Money.netOf(Money.of('-100.00'), Percentage.of('13')).toString()).toBe('-88.50');
  });

  it('refuses a negative rate', () => {
    for (const reckon of [Money.taxOn, Money.netOf]) {
      expect(() => reckon(Money.of('1'), Percentage.of('-1'))).toThrow(
        expect.objectContaining({ code: 'domain.money.negative-tax-rate' }),
      );
    }
  });

  it('taken out is what would be added, to the fen', () => {
    fc.assert(
      fc.property(smallMoney, rate, (gross, rate) => {
        const net = Money.netOf(gross, rate);
        const added = net.plus(Money.taxOn(net, rate));
        const drift = added.minus(gross).fen;
        expect(drift >= -1n && drift <= 1n).toBe(true);
      }),
    );
  });

  it('finds the net again whose tax was added', () => {
    fc.assert(
      fc.property(smallMoney, rate, (net, rate) => {
        expect(Money.netOf(net.plus(Money.taxOn(net, rate)), rate).equals(net)).toBe(true);
      }),
    );
  });
});

describe('allocate', () => {
  const split = (amount: string, ...weights: bigint[]) => Money.of(amount).allocate(weights).join(' ');

  it('gives what is left over to the largest remainders, then to the earlier part', () => {
    expect(split('100.00', 1n, 1n, 1n)).toBe('33.34 33.33 33.33');
    expect(split('-100.00', 1n, 1n, 1n)).toBe('-33.34 -33.33 -33.33');
    expect(split('0.05', 3n, 7n)).toBe('0.02 0.03');
    expect(split('0.01', 1n, 2n)).toBe('0.00 0.01');
    expect(split('10.00', 0n, 1n, 0n)).toBe('0.00 10.00 0.00');
    expect(split('0.00', 1n, 2n)).toBe('0.00 0.00');
  });

  it.each([[[]], [[0n, 0n]], [[1n, -1n]], [[2n, -1n]]])('refuses the weights %p', (weights) => {
    expect(() => Money.of('1').allocate(weights)).toThrow(
      expect.objectContaining({ code: 'domain.money.bad-weights' }),
    );
  });

  it('loses nothing, strays less than a fen from the exact share, and mirrors negative amounts', () => {
    const weights = fc.array(fc.bigInt({ min: 0n, max: 10n ** 9n }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(
        money,
        weights.filter((w) => w.some((weight) => weight > 0n)),
        (amount, weights) => {
          const parts = amount.allocate(weights);
          const total = weights.reduce((sum, weight) => sum + weight, 0n);
          expect(Money.sum(parts).equals(amount)).toBe(true);
          parts.forEach((part, i) => {
            const error = part.fen * total - amount.fen * weights[i]!;
            expect(error > -total && error < total).toBe(true);
            if (weights[i] === 0n) expect(part.isZero()).toBe(true);
          });
          expect(amount.negate().allocate(weights).join()).toBe(parts.map((part) => part.negate()).join());
        },
      ),
    );
  });
});

/** 12345 with 3 decimals is 12.345 */
function fixed(n: number, decimals: number): string {
  const digits = String(n).padStart(decimals + 1, '0');
  return `${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
}
