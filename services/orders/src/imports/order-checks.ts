import type { ImportRow } from '@fenxiao/contracts/imports';
import type { Finding } from '@fenxiao/contracts/orders';
import { domainError, type DomainError } from '@fenxiao/domain/domain-error';
import { Money } from '@fenxiao/domain/money';
import { Percentage } from '@fenxiao/domain/percentage';
import { Quantity } from '@fenxiao/domain/quantity';
import { UnitPrice } from '@fenxiao/domain/unit-price';
import { numberTaken } from '@fenxiao/service-kit/imports';
import type { Work } from '@fenxiao/service-kit/work';
import type { z } from 'zod';
import { settings } from '../config.js';
import { unknownDistributor, type KnownDistributor } from '../distributor.js';
import { totalsOf, untouched, type LineColumns } from '../lines.js';
import { amountsOf, covers, defaultBands, deviationOf, valuesOf } from '../pricing.js';
import { isWhole } from '../packaging/packages.js';
import { packagingOf, packagingOn, unknownProduct } from '../product.js';

/** What an order of the past is held against: references and money must hold, the rest is only said of it (findings). */

interface KnownProduct {
  readonly id: string;
  readonly code: string;
  readonly family: string;
  readonly grade: string;
  readonly colour_number: string;
  readonly state: string;
}
interface Terms {
  readonly price: string | null;
  readonly tax_included: boolean | null;
  readonly rate: string | null;
  readonly sales_unit: string | null;
  readonly units_per_package: string;
  readonly whole_packages_only: boolean;
}
export interface References {
  readonly distributors: ReadonlyMap<string, KnownDistributor>;
  readonly products: ReadonlyMap<string, KnownProduct>;
  /** list price, tax rate and packaging of a product on a day: `code date` */
  readonly terms: ReadonlyMap<string, Terms>;
  readonly people: ReadonlyMap<string, string>;
  /** numbers of orders and invoices that are taken */
  readonly orders: Set<string>;
  readonly invoices: Set<string>;
  readonly standardTaxRate: string;
}

/** Everything the batch refers to, in a handful of statements. */
export async function referencesOf(work: Work, rows: readonly ImportRow<'orders'>[]): Promise<References> {
  const pairs = [
    ...new Map(
      rows.flatMap(({ orderedOn, lines }) =>
        lines.map(({ productCode }) => [`${productCode} ${orderedOn}`, [productCode, orderedOn] as const]),
      ),
    ).values(),
  ];
  const distributors = await work.query<KnownDistributor>(
    `SELECT d.*, coalesce(l.credit_limit, 0)::text AS credit_limit FROM known_distributor d LEFT JOIN known_credit_limit l ON l.distributor = d.id WHERE code = ANY($1)`,
    [rows.map(({ distributorCode }) => distributorCode)],
  );
  const products = await work.query<KnownProduct>(
    'SELECT id, code, family, grade, colour_number, state FROM product WHERE code = ANY($1)',
    [pairs.map(([code]) => code)],
  );
  const terms = await work.query<Terms & { code: string; day: string }>(
    `SELECT q.code, q.day::text AS day, l.price::text, l.tax_included, t.rate::text,
       k.sales_unit, k.units_per_package, k.whole_packages_only FROM unnest($1::text[], $2::date[]) q(code, day)
     JOIN product p ON p.code = q.code
     LEFT JOIN LATERAL (SELECT rate FROM tax_rate WHERE product = p.id AND valid_from <= q.day ORDER BY valid_from DESC LIMIT 1) t ON true
     LEFT JOIN LATERAL (
       SELECT pl.price, l.tax_included FROM price_list_line pl JOIN price_list l ON l.id = pl.price_list
       WHERE pl.product = p.id AND l.state = 'approved' AND l.valid_from <= q.day ORDER BY l.valid_from DESC, l.version_number DESC LIMIT 1) l ON true
     ${packagingOn('p.id', 'q.day')}`,
    [pairs.map(([code]) => code), pairs.map(([, day]) => day)],
  );
  const people = await work.query<{ id: string; staff_number: string }>(
    'SELECT id, staff_number FROM known_person WHERE staff_number = ANY($1)',
    [rows.flatMap(({ staffNumber }) => staffNumber ?? [])],
  );
  const numbers = async (table: '"order"' | 'invoice', wanted: readonly string[]) =>
    (await work.query<{ number: string }>(`SELECT number FROM ${table} WHERE number = ANY($1)`, [wanted])).map(
      ({ number }) => number,
    );
  const orders = await numbers(
    '"order"',
    rows.map(({ number }) => number),
  );
  const invoices = await numbers(
    'invoice',
    rows.flatMap(({ invoiceNumber }) => invoiceNumber ?? []),
  );
  return {
    orders: new Set(orders),
    invoices: new Set(invoices),
    distributors: new Map(distributors.map((known) => [known.code, known])),
    products: new Map(products.map((known) => [known.code, known])),
    terms: new Map(terms.map(({ code, day, ...rest }) => [`${code} ${day}`, rest])),
    people: new Map(people.map(({ id, staff_number }) => [staff_number, id])),
    standardTaxRate: settings(work).STANDARD_TAX_RATE,
  };
}

export interface Checked {
  readonly distributor: KnownDistributor;
  readonly owner: string | null;
  readonly lines: readonly (LineColumns & { readonly known: KnownProduct; readonly part: boolean })[];
  readonly findings: z.infer<typeof Finding>[];
}
type Fault = { readonly error: DomainError; readonly field: string };

/** References and money must hold. */
export function check(row: ImportRow<'orders'>, references: References): Checked | Fault {
  if (references.orders.has(row.number)) return { error: numberTaken({ number: row.number }), field: 'number' };
  if (row.invoiceNumber !== undefined && references.invoices.has(row.invoiceNumber))
    return { error: numberTaken({ number: row.invoiceNumber }), field: 'invoiceNumber' };
  const distributor = references.distributors.get(row.distributorCode);
  if (!distributor)
    return { error: unknownDistributor({ distributor: row.distributorCode }), field: 'distributorCode' };
  const owner = row.staffNumber === undefined ? null : references.people.get(row.staffNumber);
  if (owner === undefined) return { error: unknownSeller({ staffNumber: row.staffNumber! }), field: 'staffNumber' };
  const missing = row.lines.findIndex(({ productCode }) => !references.products.has(productCode));
  if (missing >= 0)
    return {
      error: unknownProduct({ product: row.lines[missing]!.productCode }),
      field: `lines.${missing}.productCode`,
    };
  if (row.shippedOn !== undefined && row.shippedOn < row.orderedOn)
    return { error: outOfOrder({ first: row.orderedOn, second: row.shippedOn }), field: 'shippedOn' };
  const drafts = row.lines.map((line, i) => draft(line, i, row.orderedOn, references));
  const deviations = new Map(valuesOf(drafts).map((value) => [value.line, value]));
  const lines = drafts.map((line) => {
    const value = deviations.get(line.line);
    const deviation = (value && deviationOf(value)) ?? null;
    return { ...line, listPrice: line.listPrice ?? null, deviation, priceCut: null, cutPrice: null };
  });
  const { net } = totalsOf(lines);
  if (row.net !== undefined && !Money.of(row.net).equals(net))
    return { error: totalDiffers({ stated: row.net, sum: String(net) }), field: 'net' };
  return { distributor, owner, lines, findings: findingsOf(row, distributor, lines, [...deviations.values()]) };
}

function draft(input: ImportRow<'orders'>['lines'][number], i: number, orderedOn: string, references: References) {
  const known = references.products.get(input.productCode)!;
  const terms = references.terms.get(`${known.code} ${orderedOn}`);
  const taxRate = Percentage.of(input.taxRate ?? terms?.rate ?? references.standardTaxRate);
  const taxIncluded = terms?.tax_included ?? false;
  const packaging = terms && packagingOf(terms);
  const line = {
    line: i + 1,
    family: known.family,
    quantity: Quantity.of(input.quantity),
    unitPrice: UnitPrice.of(input.unitPrice),
    discount: Percentage.of(input.discount ?? '0'),
    gift: input.gift ?? false,
    listPrice: terms?.price ? UnitPrice.of(terms.price) : undefined,
  };
  return {
    ...line,
    known,
    /** O-43: part of a package of what is sold in whole ones */
    part: packaging?.wholePackagesOnly === true && !isWhole(line.quantity, packaging),
    salesUnit: packaging?.salesUnit ?? null,
    unitsPerPackage: packaging?.unitsPerPackage ?? null,
    wholePackages: false,
    product: known.id,
    productCode: known.code,
    taxRate,
    taxIncluded,
    ...amountsOf(line, taxRate, taxIncluded),
    ...untouched,
  };
}

/** What today's rules would have said. */
function findingsOf(
  row: ImportRow<'orders'>,
  distributor: KnownDistributor,
  lines: Checked['lines'],
  values: ReturnType<typeof valuesOf>,
): Checked['findings'] {
  const findings: Checked['findings'] = [];
  if (distributor.state !== 'active')
    findings.push({
      rule: 'D-01',
      code: 'orders.distributor.not-active',
      detail: `distributor is ${distributor.state}`,
    });
  const gross = totalsOf(lines).gross;
  if (distributor.terms === 'credit' && gross.compare(Money.of(distributor.credit_limit)) > 0)
    findings.push({
      rule: 'D-21',
      code: 'orders.credit.over-limit',
      detail: `${gross.toString()} alone passes the limit ${distributor.credit_limit}`,
    });
  if (row.invoiceNumber !== undefined && row.shippedOn === undefined)
    findings.push({
      rule: 'O-50',
      code: 'orders.invoice.not-shipped',
      detail: `goods never shipped are not owed: invoice ${row.invoiceNumber} is left out`,
    });
  for (const { line, listPrice, known, part, quantity } of lines) {
    if (part)
      findings.push({
        rule: 'O-43',
        code: 'orders.line.whole-packages-only',
        line,
        detail: `${String(quantity)} is no whole number of packages`,
      });
    if (!listPrice)
      findings.push({
        rule: 'O-10',
        code: 'orders.price.no-list-price',
        line,
        detail: `no list price on ${row.orderedOn}`,
      });
    if (known.state === 'retired')
      findings.push({ rule: 'O-42', code: 'orders.product.retired', line, detail: `product is ${known.state}` });
  }
  for (const value of values)
    if (value.list !== 0n && !covers(defaultBands, ['salesperson'], value))
      findings.push({
        rule: 'O-11',
        code: 'orders.price.outside-band',
        line: value.line,
        detail: `${String(deviationOf(value))} % from the list`,
      });
  return findings;
}

const unknownSeller = domainError({
  code: 'orders.person.unknown',
  kind: 'unprocessable',
  rule: 'X-01a',
  en: 'Nobody with the staff number {staffNumber} is known here.',
  zh: '未知的工号：{staffNumber}。',
});
const outOfOrder = domainError({
  code: 'orders.order.dates-out-of-order',
  kind: 'unprocessable',
  rule: 'O-01',
  en: 'Shipped ({second}) before it was ordered ({first}).',
  zh: '发货日期（{second}）早于订货日期（{first}）。',
});
const totalDiffers = domainError({
  code: 'orders.order.total-differs',
  kind: 'unprocessable',
  rule: 'O-01',
  en: 'The lines add up to {sum}, the document says {stated}.',
  zh: '明细合计为{sum}，单据金额为{stated}。',
});
