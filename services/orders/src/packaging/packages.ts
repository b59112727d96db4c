import { divideRounded, formatDecimal } from '@fenxiao/domain/decimal';
import { Quantity } from '@fenxiao/domain/quantity';
import type { UnitPrice } from '@fenxiao/domain/unit-price';

/**
 * O-43 Packaging 产品包装: arithmetic of packages. What leads is the quantity in base units and the price per base unit: a
 * line's money is their product, rounded once. Packages and the price per sales unit are worked out from them for people
 * to read, so nothing is lost by rounding.
 */
export interface Packaging {
  readonly salesUnit: string;
  readonly unitsPerPackage: Quantity;
  readonly wholePackagesOnly: boolean;
}
type Holding = Pick<Packaging, 'unitsPerPackage'>;

/** Units of the quantity's own scale in one. */
const one = 1000n;

/** Packages as a quantity in base units; undefined where that takes more than three decimals. */
export function inBaseUnits(packages: Quantity, { unitsPerPackage }: Holding): Quantity | undefined {
  const units = packages.units * unitsPerPackage.units;
  return units % one === 0n ? Quantity.of(formatDecimal(units / one, 3)) : undefined;
}

export const isWhole = (quantity: Quantity, { unitsPerPackage }: Holding): boolean =>
  quantity.units % unitsPerPackage.units === 0n;

/** As much of a quantity as makes whole packages. */
export const wholePart = (quantity: Quantity, { unitsPerPackage }: Holding): Quantity =>
  Quantity.of(formatDecimal(quantity.units - (quantity.units % unitsPerPackage.units), 3));

/** How many packages a quantity is, half-up to three decimals. */
export const packagesIn = (quantity: Quantity, { unitsPerPackage }: Holding): string =>
  formatDecimal(divideRounded(quantity.units * one, unitsPerPackage.units), 3);

/** What one package costs at a price per base unit, half-up to four decimals. */
export const perPackage = (price: UnitPrice, { unitsPerPackage }: Holding): string =>
  formatDecimal(divideRounded(price.units * unitsPerPackage.units, one), 4);
