import { divideRounded, FixedPoint, magnitude, parseDecimal } from './decimal.js';
import { domainError } from './domain-error.js';
import { Percentage } from './percentage.js';
import type { Quantity } from './quantity.js';
import type { UnitPrice } from './unit-price.js';

const badWeights = domainError({
  code: 'domain.money.bad-weights',
  kind: 'unprocessable',
  en: 'An amount can only be split by weights that are not negative and not all zero',
  zh: '分摊权重不得为负，且不得全部为零',
});
const negativeRate = domainError({
  code: 'domain.money.negative-tax-rate',
  kind: 'invalid',
  en: "A tax rate can't be negative: {rate}%",
  zh: '税率不得为负：{rate}%',
});

/**
 * An amount in the installation's currency, exact to the fen, below 10^12 yuan either way: numeric(14,2).
 * Whatever is rounded is rounded once, half-up (halves away from zero).
 */
export class Money extends FixedPoint {
  static readonly zero = new Money(0n);

  /** @throws DomainError for anything but a decimal with at most two decimals, or from 10^12 up */
  static of(text: string): Money {
    return new Money(parseDecimal(text, 2));
  }

  /** @throws DomainError `domain.decimal.out-of-range` */
  static fen(fen: bigint): Money {
    return new Money(fen);
  }

  static sum(amounts: Iterable<Money>): Money {
    let fen = 0n;
    for (const amount of amounts) fen += amount.fen;
    return new Money(fen);
  }

  /** Net amount of an order line: unit price × quantity × (1 − discount), rounded once. */
  static lineNet(unitPrice: UnitPrice, quantity: Quantity, discount: Percentage): Money {
    // scales 4 (price) + 3 (quantity) + 8 (ratio) down to 2
    return new Money(divideRounded(unitPrice.units * quantity.units * discount.rest().units, 10n ** 13n));
  }

  /** O-51 Tax on top of a net amount. @throws DomainError when the rate is negative */
  static taxOn(net: Money, rate: Percentage): Money {
    return net.times(notNegative(rate));
  }

  /**
   * O-51 Net amount within a gross one, gross ÷ (1 + rate), for lists that include tax; the tax is then
   * gross − net, so that the two always add up. @throws DomainError when the rate is negative
   */
  static netOf(gross: Money, rate: Percentage): Money {
    return new Money(divideRounded(gross.fen * Percentage.whole, Percentage.whole + notNegative(rate).units));
  }

  get fen(): bigint {
    return this.units;
  }

  times(factor: Percentage): Money {
    return new Money(divideRounded(this.fen * factor.units, Percentage.whole));
  }

  /**
   * Splits the amount in proportion to the weights without losing a fen (largest remainder; of equal remainders
   * the earlier part gets the fen). A weight of zero gets nothing.
   * @throws DomainError `domain.money.bad-weights` when one is negative or none is positive
   */
  allocate(weights: readonly bigint[]): Money[] {
    const total = weights.reduce((sum, weight) => sum + weight, 0n);
    if (total === 0n || weights.some((weight) => weight < 0n)) throw badWeights();
    const amount = magnitude(this.fen);
    const parts = weights.map((weight) => (amount * weight) / total);
    const remainders = weights.map((weight, index) => ({ index, remainder: (amount * weight) % total }));
    remainders.sort((a, b) => (a.remainder === b.remainder ? a.index - b.index : a.remainder > b.remainder ? -1 : 1));
    const left = Number(amount - parts.reduce((sum, part) => sum + part, 0n));
    for (const { index } of remainders.slice(0, left)) parts[index]! += 1n;
    return parts.map((part) => new Money(this.isNegative() ? -part : part));
  }

  protected scale(): 2 {
    return 2;
  }
}

function notNegative(rate: Percentage): Percentage {
  if (rate.isNegative()) throw negativeRate({ rate: rate.toString() });
  return rate;
}
