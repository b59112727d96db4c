import { orderLine } from '@fenxiao/contracts/orders';
import { Code, Percent, Price, QuantityText } from '@fenxiao/contracts/wire';
import { domainError } from '@fenxiao/domain/domain-error';
import { Money } from '@fenxiao/domain/money';
import { Percentage } from '@fenxiao/domain/percentage';
import { Quantity } from '@fenxiao/domain/quantity';
import { UnitPrice } from '@fenxiao/domain/unit-price';
import type { Sql } from '@fenxiao/messaging/sql';
import { z } from 'zod';
import type { OrderLine } from './order-tables.js';
import { quantityAsked } from './packaging/ordering.js';
import { packagesIn, perPackage } from './packaging/packages.js';
import { amountsOf, deviationOf, noListPrice, valuesOf, type PricedLine } from './pricing.js';
import { termsOf, unknownProduct, type ProductTerms } from './product.js';
import { cutOf, cutsOn, type Cut } from './promotions/cuts-in-force.js';

/**
 * What a seller writes: the quantity in base units, or in packages where the product has any (O-43). Without a price the
 * line is sold at the list's, or at the price of a cut that runs (O-14).
 */
export const lineForm = z.object({
  productCode: Code,
  quantity: QuantityText.optional(),
  packages: QuantityText.optional(),
  unitPrice: Price.optional(),
  discount: Percent.optional(),
  gift: z.boolean().optional(),
});
export type LineForm = z.infer<typeof lineForm>;

/** By what lines are priced. */
interface Pricing {
  /** the order's date */
  readonly date: string;
  /** the customer's */
  readonly region: string;
  readonly standardTaxRate: string;
  /** parts of packages as well, of whatever product (O-07) */
  readonly partsToo: boolean;
}

/**
 * Prices lines by the list in force on a date, and the cut that runs; every amount is rounded once, per line.
 * @throws unknownProduct, retiredProduct, noListPrice, notPositive, notADiscount, what `quantityAsked` throws, each
 * naming its field
 */
export async function priceLines(sql: Sql, inputs: readonly LineForm[], by: Pricing): Promise<LineColumns[]> {
  const found = await termsOf(
    sql,
    { codes: [...new Set(inputs.map(({ productCode }) => productCode))] },
    by.date,
    by.standardTaxRate,
  );
  const cuts = await cutsOn(sql, by.region, by.date);
  const byCode = new Map(found.map((terms) => [terms.code, terms]));
  const drafts = inputs.map((input, i) => draftLine(input, i, byCode.get(input.productCode), by, cuts));
  const deviations = new Map(valuesOf(drafts).map((value) => [value.line, deviationOf(value)]));
  return drafts.map((draft) => {
    const { terms, cut, line, quantity, listPrice, unitPrice, discount, gift } = draft;
    const { net, tax, gross } = amountsOf(draft, terms.taxRate, terms.list!.taxIncluded);
    return {
      line,
      product: terms.id,
      productCode: terms.code,
      family: terms.family,
      quantity,
      listPrice: listPrice!,
      unitPrice,
      discount,
      gift,
      net,
      tax,
      gross,
      deviation: deviations.get(line) ?? null,
      taxRate: terms.taxRate,
      taxIncluded: terms.list!.taxIncluded,
      priceCut: cut?.id ?? null,
      cutPrice: cut?.price ?? null,
      salesUnit: terms.packaging?.salesUnit ?? null,
      unitsPerPackage: terms.packaging?.unitsPerPackage ?? null,
      wholePackages: terms.packaging?.wholePackagesOnly === true && !by.partsToo,
      ...untouched,
    };
  });
}

/** Of a line nothing of which is reserved, shipped or given up. */
export const untouched = {
  allocated: Quantity.zero,
  issued: Quantity.zero,
  shipped: Quantity.zero,
  dropped: Quantity.zero,
  droppedNet: Money.zero,
  droppedTax: Money.zero,
  droppedGross: Money.zero,
};

/** What is to be shipped and neither reserved nor gone. */
export const missingOf = ({ quantity, dropped, allocated, shipped }: Goods): Quantity =>
  quantity.minus(dropped).minus(allocated).minus(shipped);
type Goods = Pick<OrderLine, 'quantity' | 'dropped' | 'allocated' | 'shipped'>;

/** All that is to be shipped has left. */
export const isShipped = ({ quantity, dropped, shipped }: Goods): boolean => shipped.plus(dropped).equals(quantity);

/** A line to be stored, but for the order it belongs to. */
export type LineColumns = Pick<OrderLine, Exclude<keyof OrderLine, 'order' | symbol>>;

function draftLine(
  input: LineForm,
  i: number,
  terms: ProductTerms | undefined,
  { date, partsToo }: Pricing,
  cuts: readonly Cut[],
): PricedLine & { readonly terms: ProductTerms; readonly cut: ReturnType<typeof cutOf> } {
  const at = (field: string) => ({ field: `lines.${i}.${field}` });
  if (!terms) throw unknownProduct({ product: input.productCode }, at('productCode'));
  if (!terms.active) throw retiredProduct({ product: terms.code }, at('productCode'));
  if (!terms.list) throw noListPrice({ product: terms.code, date }, at('productCode'));
  const quantity = quantityAsked(input, terms, at, partsToo);
  const discount = Percentage.of(input.discount ?? '0');
  if (!quantity.isPositive()) throw notPositive({ line: i + 1 }, at(input.packages ? 'packages' : 'quantity'));
  if (discount.isNegative() || discount.compare(Percentage.hundred) > 0)
    throw notADiscount({ line: i + 1 }, at('discount'));
  // what is given away is worth its list price (O-11), whatever is cut
  const cut = input.gift ? undefined : cutOf(cuts, terms, terms.list);
  const going = cut?.price ?? terms.list.price;
  return {
    terms,
    cut,
    line: i + 1,
    family: terms.family,
    quantity,
    listPrice: terms.list.price,
    cutPrice: cut?.price,
    unitPrice: input.unitPrice === undefined ? going : UnitPrice.of(input.unitPrice),
    discount,
    gift: input.gift ?? false,
  };
}

export const totalsOf = (lines: readonly Pick<OrderLine, 'net' | 'tax' | 'gross'>[]) => ({
  net: Money.sum(lines.map(({ net }) => net)),
  tax: Money.sum(lines.map(({ tax }) => tax)),
  gross: Money.sum(lines.map(({ gross }) => gross)),
});

/** A stored line as the price rules take it. */
export const priced = ({ listPrice, cutPrice, ...line }: OrderLine): PricedLine => ({
  line: line.line,
  family: line.family,
  quantity: line.quantity,
  unitPrice: line.unitPrice,
  discount: line.discount,
  gift: line.gift,
  listPrice: listPrice ?? undefined,
  cutPrice: cutPrice ?? undefined,
});

/** A line as events carry it. */
export function lineFact(line: OrderLine): z.infer<typeof orderLine> {
  const { productCode, family, deviation } = line;
  return {
    line: line.line,
    productId: line.product,
    productCode,
    family,
    quantity: String(line.quantity),
    gift: line.gift,
    listPrice: String(line.listPrice ?? line.unitPrice),
    unitPrice: String(line.unitPrice),
    discount: String(line.discount),
    taxRate: String(line.taxRate),
    net: String(line.net),
    tax: String(line.tax),
    gross: String(line.gross),
    ...(deviation ? { deviation: String(deviation) } : {}),
    ...(line.priceCut ? { priceCutId: line.priceCut, cutPrice: String(line.cutPrice) } : {}),
    ...packaged(line),
  };
}

/** O-43: the line by its packages, for people to read; the quantity and the price per base unit count. */
function packaged({ salesUnit, unitsPerPackage, quantity, unitPrice, listPrice }: OrderLine) {
  if (salesUnit === null || unitsPerPackage === null) return {};
  const packaging = { unitsPerPackage };
  return {
    salesUnit,
    unitsPerPackage: String(unitsPerPackage),
    packages: packagesIn(quantity, packaging),
    packagePrice: perPackage(unitPrice, packaging),
    listPackagePrice: perPackage(listPrice ?? unitPrice, packaging),
  };
}

export const retiredProduct = domainError({
  code: 'orders.product.retired',
  kind: 'unprocessable',
  rule: 'O-42',
  en: 'Product {product} is no longer sold.',
  zh: '产品{product}已停售。',
});
const notPositive = domainError({
  code: 'orders.line.quantity-not-positive',
  kind: 'unprocessable',
  rule: 'O-01',
  en: 'The quantity of line {line} must be above zero.',
  zh: '第{line}行的数量必须大于零。',
});
const notADiscount = domainError({
  code: 'orders.line.discount-out-of-range',
  kind: 'unprocessable',
  rule: 'O-11',
  en: 'The discount of line {line} must lie between 0 and 100 per cent.',
  zh: '第{line}行的折扣必须在0到100%之间。',
});
