import { divideRounded, FixedPoint, formatDecimal, parseDecimal } from './decimal.js';

/** Percent, exact, at most six decimals of a percent: `Percentage.of('3.5')` is 3.5 %, the ratio 0.035. */
export class Percentage extends FixedPoint {
  /** `units` of the whole: 100 % */
  static readonly whole = 100_000_000n;
  static readonly zero = new Percentage(0n);
  static readonly hundred = new Percentage(Percentage.whole);

  /** @throws DomainError for anything but a decimal with at most six decimals */
  static of(text: string): Percentage {
    return new Percentage(parseDecimal(text, 6));
  }

  /** `Percentage.ofRatio('0.035')` is 3.5 %: at most eight decimals. */
  static ofRatio(text: string): Percentage {
    return new Percentage(parseDecimal(text, 8));
  }

  /**
   * What part of the whole this is, both of one kind, rounded half-up to four decimals of a percent.
   * @throws DomainError `domain.decimal.divided-by-zero` when the whole is zero
   */
  static share<Kind extends FixedPoint>(part: Kind, whole: Kind): Percentage {
    return new Percentage(100n * divideRounded(part.units * 1_000_000n, whole.units));
  }

  /**
   * O-11: how far a price lies from the list, (net − list) ÷ list, rounded half-up to four decimals of a percent:
   * 97.00 against 100.00 is −3 %.
   * @throws DomainError `domain.decimal.divided-by-zero` when the list price is zero
   */
  static deviation<Kind extends FixedPoint>(net: Kind, list: Kind): Percentage {
    return Percentage.share(net.minus(list), list);
  }

  /** What is left of the whole: 3.5 % leaves 96.5 %. */
  rest(): Percentage {
    return Percentage.hundred.minus(this);
  }

  /** 3.5 % is `0.035`, without trailing zeros. */
  toRatio(): string {
    return trimmed(formatDecimal(this.units, 8));
  }

  /** `3.5`, without trailing zeros and without the sign % */
  override toString(): string {
    return trimmed(super.toString());
  }

  protected scale(): 6 {
    return 6;
  }
}

function trimmed(decimal: string): string {
  return decimal.replace(/\.?0+$/, '');
}
