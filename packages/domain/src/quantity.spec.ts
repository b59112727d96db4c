import { describe, expect, it } from '@jest/globals';
import { Quantity } from './quantity.js';

describe('Quantity', () => {
  it('has three decimals', () => {
    expect(Quantity.of('12.5').toString()).toBe('12.500');
    expect(JSON.stringify([Quantity.of('0.001')])).toBe('["0.001"]');
    expect(() => Quantity.of('0.0001')).toThrow(expect.objectContaining({ code: 'domain.decimal.malformed' }));
    expect(Quantity.of('99999999999.999').toString()).toBe('99999999999.999');
    expect(() => Quantity.of('100000000000')).toThrow(expect.objectContaining({ code: 'domain.decimal.out-of-range' }));
  });

  it('adds, subtracts, compares', () => {
    const ordered = Quantity.of('10');
    const free = Quantity.of('7.250');
    expect(ordered.min(free)).toBe(free);
    expect(free.min(ordered)).toBe(free);
    expect(ordered.minus(free).toString()).toBe('2.750');
    expect(free.minus(free).isZero()).toBe(true);
    expect(free.minus(ordered).isPositive()).toBe(false);
    expect(free.compare(ordered)).toBeLessThan(0);
    expect(Quantity.sum([ordered, free, free]).toString()).toBe('24.500');
  });
});
