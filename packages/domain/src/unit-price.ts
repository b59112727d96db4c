import { FixedPoint, parseDecimal } from './decimal.js';

/** Price of one sales unit in the installation's currency, four decimals, below 10^10. */
export class UnitPrice extends FixedPoint {
  static readonly zero = new UnitPrice(0n);

  /** @throws DomainError for anything but a decimal with at most four decimals */
  static of(text: string): UnitPrice {
    return new UnitPrice(parseDecimal(text, 4));
  }

  protected scale(): 4 {
    return 4;
  }
}
