import { divideRounded, formatDecimal } from '@fenxiao/domain/decimal';
import { Percentage } from '@fenxiao/domain/percentage';
import { UnitPrice } from '@fenxiao/domain/unit-price';
import type { Sql } from '@fenxiao/messaging/sql';

/**
 * O-14 Price protection 量价与季节价格保护: what a short cut makes of a list price, from its first day through its last, for
 * customers in its regions and those below. The list itself stays as it is.
 */
export interface Cut {
  readonly id: string;
  readonly products: ReadonlySet<string>;
  readonly families: ReadonlySet<string>;
  readonly by: { readonly percentOff: Percentage } | { readonly cutPrice: UnitPrice; readonly taxIncluded: boolean };
}

/** A cut's price of a product that costs so much by the list: half-up to four decimals. */
export const priceAfter = ({ by }: Pick<Cut, 'by'>, list: UnitPrice): UnitPrice =>
  'cutPrice' in by
    ? by.cutPrice
    : UnitPrice.of(formatDecimal(divideRounded(list.units * by.percentOff.rest().units, Percentage.whole), 4));

/** The cut that covers a product, and its price; none where the list has come down as far by itself, or is on another tax basis. */
export function cutOf(
  cuts: readonly Cut[],
  product: { readonly id: string; readonly family: string },
  list: { readonly price: UnitPrice; readonly taxIncluded: boolean },
): { readonly id: string; readonly price: UnitPrice } | undefined {
  const cut = cuts.find(({ products, families }) => products.has(product.id) || families.has(product.family));
  if (!cut || ('cutPrice' in cut.by && cut.by.taxIncluded !== list.taxIncluded)) return undefined;
  const price = priceAfter(cut, list.price);
  return price.compare(list.price) < 0 ? { id: cut.id, price } : undefined;
}

interface Row {
  id: string;
  products: string[];
  families: string[];
  percent_off: string | null;
  cut_price: string | null;
  tax_included: boolean | null;
}

/** The cuts approved for customers of a region that hold on a date: by their dates, whenever the system says they start or end. */
export async function cutsOn(sql: Sql, region: string, date: string): Promise<Cut[]> {
  const rows = await sql.query<Row>(
    `SELECT id, products, families, percent_off::text, cut_price::text, tax_included FROM price_cut
     WHERE state IN ('approved', 'running', 'ended') AND starts_on <= $2 AND ends_on >= $2 AND regions && (${regionsAbove}) ORDER BY id`,
    [region, date],
  );
  return rows.map(({ id, products, families, percent_off, cut_price, tax_included }) => ({
    id,
    products: new Set(products),
    families: new Set(families),
    by:
      cut_price === null
        ? { percentOff: Percentage.of(percent_off!) }
        : { cutPrice: UnitPrice.of(cut_price), taxIncluded: tax_included === true },
  }));
}

/** Whether cuts, packagings or lists of prices hold from this day on: what was priced earlier on it may be priced otherwise by now. */
export async function beginOn(sql: Sql, date: string): Promise<boolean> {
  const [row] = await sql.query<{ any: boolean }>(
    `SELECT EXISTS (SELECT FROM price_cut WHERE starts_on = $1 AND state IN ('approved', 'running', 'ended'))
       OR EXISTS (SELECT FROM packaging WHERE valid_from = $1 AND state = 'recorded')
       OR EXISTS (SELECT FROM price_list WHERE valid_from = $1 AND state = 'approved') AS any`,
    [date],
  );
  return row!.any;
}

/** The region $1 and those it lies in, as an array. */
const regionsAbove = `
  WITH RECURSIVE above AS (
    SELECT id, parent FROM known_region WHERE id = $1
    UNION SELECT r.id, r.parent FROM known_region r JOIN above a ON r.id = a.parent)
  SELECT array_agg(id) || $1::uuid FROM above`;
