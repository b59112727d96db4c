import { describe, expect, it } from '@jest/globals';
import { UnitPrice } from './unit-price.js';

describe('UnitPrice', () => {
  it('has four decimals', () => {
    expect(UnitPrice.of('45.6').toString()).toBe('45.6000');
    expect(() => UnitPrice.of('0.00001')).toThrow(expect.objectContaining({ code: 'domain.decimal.malformed' }));
    expect(UnitPrice.of('9999999999.9999').toString()).toBe('9999999999.9999');
    expect(() => UnitPrice.of('10000000000')).toThrow(expect.objectContaining({ code: 'domain.decimal.out-of-range' }));
  });
});
