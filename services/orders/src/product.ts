import { productEvents, productShape } from '@fenxiao/contracts/prices';
import { CalendarDate, Percent, Price } from '@fenxiao/contracts/wire';
import { domainError } from '@fenxiao/domain/domain-error';
import { Percentage } from '@fenxiao/domain/percentage';
import { Quantity } from '@fenxiao/domain/quantity';
import { UnitPrice } from '@fenxiao/domain/unit-price';
import type { Work } from '@fenxiao/service-kit/work';
import type { Sql } from '@fenxiao/messaging/sql';
import { procedure } from '@fenxiao/procedures/procedure';
import { columns, subjectColumns } from '@fenxiao/service-kit/columns';
import { bind } from '@fenxiao/service-kit/engine';
import { defineEntity } from '@mikro-orm/core';
import { z } from 'zod';
import { settings } from './config.js';
import type { Packaging } from './packaging/packages.js';
import { staff } from '@fenxiao/procedures/powers';

/** O-42 Product attributes 品名、规格、等级、色号: what a product is. Its tax (O-51) and cost (O-52) are dated facts beside it. */
const ProductSchema = defineEntity({
  name: 'Product',
  tableName: 'product',
  properties: (p) => ({
    ...subjectColumns,
    code: p.text(),
    name: p.text(),
    specification: p.text(),
    grade: p.text(),
    colourNumber: p.text(),
    family: p.text(),
    salesUnit: p.text(),
    packaging: p.text().strictNullable(),
    launchedOn: columns.date().strictNullable(),
  }),
});
export class Product extends ProductSchema.class {}
ProductSchema.setClass(Product);

export const productForm = z.object(productShape);
type ProductForm = z.infer<typeof productForm>;

/** A form's fields as columns: `unit` is the sales unit here, the department there. */
export const productColumns = ({ unit, packaging, launchedOn, ...rest }: ProductForm) => ({
  ...rest,
  salesUnit: unit,
  packaging: packaging ?? null,
  launchedOn: launchedOn ?? null,
});

export const productFact = ({
  code,
  name,
  specification,
  grade,
  colourNumber,
  family,
  salesUnit,
  packaging,
  launchedOn,
}: Product) => ({
  code,
  name,
  specification,
  grade,
  colourNumber,
  family,
  unit: salesUnit,
  ...(packaging ? { packaging } : {}),
  ...(launchedOn ? { launchedOn } : {}),
});

/** O-40: through the months of the setting, their last day included. A product of unknown launch is not new. */
export const stillNew = (work: Work, launchedOn: string | null): boolean =>
  launchedOn !== null && work.today <= work.calendar.addMonths(launchedOn, settings(work).PRODUCT_NEW_MONTHS);

export const productKeepers = {
  'sales-manager': 'all',
  'marketing-section': 'all',
  'technical-department': 'all',
} as const;

const onSale = ['new', 'active', 'phase-out'] as const;

export const product = bind(
  procedure({
    name: 'product',
    clause: 'O-42',
    events: productEvents,
    states: ['new', 'active', 'phase-out', 'retired'],
    read: staff,
    start: { move: 'create', to: ['new', 'active'], by: productKeepers, form: productForm, fact: 'created' },
    moves: {
      change: {
        from: onSale,
        by: productKeepers,
        form: productForm.omit({ code: true }),
        fact: 'changed',
        edits: true,
      },
      activate: { clause: 'O-40', from: 'new', to: 'active', by: { system: 'all' }, fact: 'activated' },
      phaseOut: {
        clause: 'O-40',
        from: ['new', 'active'],
        to: 'phase-out',
        by: productKeepers,
        fact: 'phased-out',
      },
      retire: { from: onSale, to: 'retired', by: productKeepers, fact: 'retired' },
      setTaxRate: {
        clause: 'O-51',
        from: onSale,
        by: { finance: 'all' },
        form: z.object({ rate: Percent, validFrom: CalendarDate }),
        fact: 'tax-rate-set',
      },
      setStandardCost: {
        clause: 'O-52',
        from: onSale,
        by: { finance: 'all' },
        form: z.object({ cost: Price, validFrom: CalendarDate }),
        fact: 'cost-set',
      },
    },
  }),
  {
    entity: Product,
    create: async (form, work, base) => {
      const [taken] = await work.query('SELECT FROM product WHERE code = $1', [form.code]);
      if (taken) throw codeTaken({ code: form.code }, { field: 'code' });
      const launchedOn = form.launchedOn ?? work.today;
      const state = stillNew(work, launchedOn) ? 'new' : 'active';
      return work.em.create(Product, { ...base, region: null, ...productColumns({ ...form, launchedOn }), state });
    },
    effects: {
      change: (subject, form) => {
        Object.assign(
          subject,
          productColumns({ launchedOn: subject.launchedOn ?? undefined, ...form, code: subject.code }),
        );
      },
      setTaxRate: async ({ id }, { rate, validFrom }, work) => {
        await work.query(
          'INSERT INTO tax_rate (product, valid_from, rate) VALUES ($1, $2, $3) ON CONFLICT (product, valid_from) DO UPDATE SET rate = excluded.rate',
          [id, validFrom, rate],
        );
      },
      setStandardCost: async ({ id }, { cost, validFrom }, work) => {
        await work.query(
          'INSERT INTO standard_cost (product, valid_from, cost) VALUES ($1, $2, $3) ON CONFLICT (product, valid_from) DO UPDATE SET cost = excluded.cost',
          [id, validFrom, cost],
        );
      },
    },
    facts: {
      created: productFact,
      changed: productFact,
      activated: ({ code }) => ({ code }),
      'phased-out': ({ code }) => ({ code }),
      retired: ({ code }) => ({ code }),
      'tax-rate-set': ({ code }, form) => ({ code, ...form }),
      'cost-set': ({ code }, { validFrom }) => ({ code, validFrom }),
    },
    view: productFact,
    filters: { code: 'code', family: 'family', grade: 'grade' },
  },
);

const codeTaken = domainError({
  code: 'orders.product.code-taken',
  kind: 'conflict',
  rule: 'O-42',
  en: 'There is already a product with the code {code}.',
  zh: '产品编码{code}已存在。',
});

export const unknownProduct = domainError({
  code: 'orders.product.unknown',
  kind: 'unprocessable',
  rule: 'O-42',
  en: 'There is no product {product}.',
  zh: '不存在产品{product}。',
});

/** What an order line needs to know of a product on a date. */
export interface ProductTerms {
  readonly id: string;
  readonly code: string;
  readonly family: string;
  readonly grade: string;
  readonly active: boolean;
  /** in which quantities and prices are kept (O-43) */
  readonly baseUnit: string;
  readonly taxRate: Percentage;
  /** list price in force, if any, and whether it includes tax */
  readonly list: { readonly price: UnitPrice; readonly taxIncluded: boolean } | undefined;
  readonly packaging: Packaging | undefined;
}

interface TermsRow {
  id: string;
  code: string;
  family: string;
  grade: string;
  state: string;
  base_unit: string;
  rate: string | null;
  price: string | null;
  tax_included: boolean | null;
  sales_unit: string | null;
  units_per_package: string;
  whole_packages_only: boolean;
}

/** O-43: the packaging in force of a product on a day, as a row `k`; both as SQL says them. */
export const packagingOn = (product: string, day: string) => `LEFT JOIN LATERAL (
       SELECT sales_unit, units_per_package, whole_packages_only FROM packaging
       WHERE product = ${product} AND state = 'recorded' AND valid_from <= ${day} ORDER BY valid_from DESC, id DESC LIMIT 1) k ON true`;

/**
 * Terms of products on a date: the tax rate (O-51), the price of the latest approved list (O-10), and the packaging
 * (O-43) in force.
 * @param by ids or codes
 * @param standardRate rate of a product that has none of its own, in percent
 */
export async function termsOf(
  sql: Sql,
  by: { ids: readonly string[] } | { codes: readonly string[] },
  date: string,
  standardRate: string,
): Promise<ProductTerms[]> {
  const [column, keys] = 'ids' in by ? ['id', by.ids] : ['code', by.codes];
  const rows = await sql.query<TermsRow>(
    `SELECT p.id, p.code, p.family, p.grade, p.state, p.sales_unit AS base_unit, t.rate, l.price, l.tax_included,
       k.sales_unit, k.units_per_package, k.whole_packages_only
     FROM product p
     LEFT JOIN LATERAL (SELECT rate FROM tax_rate WHERE product = p.id AND valid_from <= $2 ORDER BY valid_from DESC LIMIT 1) t ON true
     LEFT JOIN LATERAL (
       SELECT pl.price, l.tax_included FROM price_list_line pl JOIN price_list l ON l.id = pl.price_list
       WHERE pl.product = p.id AND l.state = 'approved' AND l.valid_from <= $2
       ORDER BY l.valid_from DESC, l.version_number DESC LIMIT 1) l ON true
     ${packagingOn('p.id', '$2')}
     WHERE p.${column} = ANY($1)`,
    [keys, date],
  );
  return rows.map(({ id, code, family, grade, state, base_unit, rate, price, tax_included, ...packed }) => ({
    id,
    code,
    family,
    grade,
    active: state !== 'retired',
    baseUnit: base_unit,
    taxRate: Percentage.of(rate ?? standardRate),
    list: price === null ? undefined : { price: UnitPrice.of(price), taxIncluded: tax_included === true },
    packaging: packagingOf(packed),
  }));
}

export const packagingOf = ({
  sales_unit,
  units_per_package,
  whole_packages_only,
}: Pick<TermsRow, 'sales_unit' | 'units_per_package' | 'whole_packages_only'>): Packaging | undefined =>
  sales_unit === null
    ? undefined
    : {
        salesUnit: sales_unit,
        unitsPerPackage: Quantity.of(units_per_package),
        wholePackagesOnly: whole_packages_only,
      };
