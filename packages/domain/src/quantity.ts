import { FixedPoint, parseDecimal } from './decimal.js';

/** Quantity in a product's sales unit, three decimals (tiles are sold by m²), below 10^11. */
export class Quantity extends FixedPoint {
  static readonly zero = new Quantity(0n);

  /** @throws DomainError for anything but a decimal with at most three decimals */
  static of(text: string): Quantity {
    return new Quantity(parseDecimal(text, 3));
  }

  static sum(quantities: Iterable<Quantity>): Quantity {
    let units = 0n;
    for (const quantity of quantities) units += quantity.units;
    return new Quantity(units);
  }

  protected scale(): 3 {
    return 3;
  }
}
