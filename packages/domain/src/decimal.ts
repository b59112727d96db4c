import { domainError } from './domain-error.js';

/**
 * Exact decimal numbers: an integer (`units`) at a fixed scale, so 12.34 at scale 2 is 1234n. No floating point.
 * Money, UnitPrice, Quantity and Percentage stand on it.
 */

const malformed = domainError({
  code: 'domain.decimal.malformed',
  kind: 'invalid',
  en: '"{text}" is not a number with at most {scale} decimals',
  zh: '“{text}”不是小数位数不超过{scale}位的数字',
});
const outOfRange = domainError({
  code: 'domain.decimal.out-of-range',
  kind: 'invalid',
  en: '{value} is too large: at most {digits} digits may stand before the decimal point',
  zh: '{value}超出范围：小数点前最多{digits}位',
});
const dividedByZero = domainError({
  code: 'domain.decimal.divided-by-zero',
  kind: 'unprocessable',
  en: 'A share of zero has no meaning',
  zh: '除数为零，无法计算',
});

/**
 * Reads `-12.3` at scale 2 as -1230n. Digits with an optional leading minus and point, nothing else: no plus sign,
 * blank, exponent, thousands separator or bare point, and never more decimals than the scale.
 * @throws DomainError `domain.decimal.malformed`
 */
export function parseDecimal(text: string, scale: number): bigint {
  const match = /^(-?)(\d{1,30})(?:\.(\d{1,30}))?$/.exec(text);
  const decimals = match?.[3] ?? '';
  if (!match || decimals.length > scale) throw malformed({ text: text.slice(0, 40), scale });
  const units = BigInt(match[2]! + decimals.padEnd(scale, '0'));
  return match[1] ? -units : units;
}

/** Writes -1230n at scale 2 as `-12.30`: always all decimals. */
export function formatDecimal(units: bigint, scale: number): string {
  const digits = magnitude(units)
    .toString()
    .padStart(scale + 1, '0');
  const whole = digits.slice(0, digits.length - scale);
  const sign = units < 0n ? '-' : '';
  return scale === 0 ? sign + whole : `${sign}${whole}.${digits.slice(-scale)}`;
}

/**
 * Quotient rounded to the nearest integer, halves away from zero (四舍五入): 5/2 = 3, -5/2 = -3.
 * @throws DomainError `domain.decimal.divided-by-zero`
 */
export function divideRounded(numerator: bigint, denominator: bigint): bigint {
  if (denominator === 0n) throw dividedByZero();
  const n = magnitude(numerator);
  const d = magnitude(denominator);
  const quotient = (2n * n + d) / (2n * d);
  return numerator < 0n === denominator < 0n ? quotient : -quotient;
}

export function magnitude(n: bigint): bigint {
  return n < 0n ? -n : n;
}

/** Every stored number fits PostgreSQL's numeric(14, scale). */
const precision = 14;
const limit = 10n ** BigInt(precision);

/**
 * An immutable decimal. Each kind of number is a class with a scale of its own; being protected, that method also
 * keeps the kinds apart for the type checker: a Quantity can't pass for Money.
 */
export abstract class FixedPoint {
  /** decimals after the point */
  protected abstract scale(): number;

  /** @param units the number times 10^scale. @throws DomainError `domain.decimal.out-of-range` from 10^14 up */
  protected constructor(readonly units: bigint) {
    if (magnitude(units) >= limit) {
      throw outOfRange({ value: formatDecimal(units, this.scale()), digits: precision - this.scale() });
    }
    Object.freeze(this);
  }

  plus(other: this): this {
    return this.same(this.units + other.units);
  }

  minus(other: this): this {
    return this.same(this.units - other.units);
  }

  negate(): this {
    return this.same(-this.units);
  }

  min(other: this): this {
    return other.units < this.units ? other : this;
  }

  /** negative, zero or positive, for `sort` */
  compare(other: this): number {
    return Number(this.units > other.units) - Number(this.units < other.units);
  }

  equals(other: this): boolean {
    return this.units === other.units;
  }

  isZero(): boolean {
    return this.units === 0n;
  }

  isPositive(): boolean {
    return this.units > 0n;
  }

  isNegative(): boolean {
    return this.units < 0n;
  }

  toString(): string {
    return formatDecimal(this.units, this.scale());
  }

  toJSON(): string {
    return this.toString();
  }

  /** `a < b` would compare texts and `Number(a)` leave exactness: both are refused */
  valueOf(): never {
    throw new TypeError('An exact decimal is compared with compare() and written with toString()');
  }

  /** another number of the same kind */
  private same(units: bigint): this {
    return new (this.constructor as new (units: bigint) => this)(units);
  }
}
