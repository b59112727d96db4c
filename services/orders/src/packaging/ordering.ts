import { domainError } from '@fenxiao/domain/domain-error';
import { Quantity } from '@fenxiao/domain/quantity';
import type { Work } from '@fenxiao/service-kit/work';
import { inBaseUnits, isWhole, type Packaging } from './packages.js';

/** O-43 Ordering in packages 按包装订货: a line says its quantity in base units or in packages, and keeps to whole ones where it must. */

interface Asked {
  readonly quantity?: string | undefined;
  readonly packages?: string | undefined;
}

/**
 * What a line asks for, in base units.
 * @param at names a field of the line
 * @throws eitherOr, notPacked, notExact, wholePackages
 */
export function quantityAsked(
  { quantity, packages }: Asked,
  product: { readonly code: string; readonly packaging: Packaging | undefined },
  at: (field: string) => { field: string },
  partsToo: boolean,
): Quantity {
  const { packaging, code } = product;
  if ((quantity === undefined) === (packages === undefined)) throw eitherOr({}, at('quantity'));
  if (packages !== undefined && !packaging) throw notPacked({ product: code }, at('packages'));
  const asked = packages === undefined ? Quantity.of(quantity!) : inBaseUnits(Quantity.of(packages), packaging!);
  if (!asked) throw notExact({ product: code }, at('packages'));
  if (packaging?.wholePackagesOnly && !partsToo && !isWhole(asked, packaging)) {
    const params = { product: code, unit: packaging.salesUnit, holds: String(packaging.unitsPerPackage) };
    throw wholePackages(params, at(packages === undefined ? 'quantity' : 'packages'));
  }
  return asked;
}

/** O-07: an exchange gives back what came in, be it part of a package. */
const exchanges = new WeakSet<Work>();
export const allowParts = (work: Work): void => void exchanges.add(work);
export const partsAllowed = (work: object): boolean => exchanges.has(work as Work);

const eitherOr = domainError({
  code: 'orders.line.quantity-or-packages',
  kind: 'invalid',
  rule: 'O-43',
  en: 'A line states its quantity or its packages, one of the two.',
  zh: '订单行须填写数量或包装数，二者填其一。',
});
const notPacked = domainError({
  code: 'orders.line.not-packed',
  kind: 'unprocessable',
  rule: 'O-43',
  en: 'Product {product} has no packaging on the date of the order; state the quantity.',
  zh: '产品{product}在订单日期没有包装规格，请填写数量。',
});
const notExact = domainError({
  code: 'orders.line.packages-not-exact',
  kind: 'unprocessable',
  rule: 'O-43',
  en: 'So many packages of {product} are no quantity of at most three decimals.',
  zh: '产品{product}的该包装数折算后超过三位小数。',
});
const wholePackages = domainError({
  code: 'orders.line.whole-packages-only',
  kind: 'unprocessable',
  rule: 'O-43',
  en: 'Product {product} is sold in whole packages only: one {unit} holds {holds}.',
  zh: '产品{product}只按整包装销售：每{unit}含{holds}。',
});
