import { CalendarDate, Code } from '@fenxiao/contracts/wire';
import { staff } from '@fenxiao/procedures/powers';
import type { Actor } from '@fenxiao/service-kit/actor';
import { Who } from '@fenxiao/service-kit/auth';
import { BulkReads } from '@fenxiao/service-kit/bulk-reads';
import { requirePower } from '@fenxiao/service-kit/checks';
import { notFound } from '@fenxiao/service-kit/errors';
import { openapi, problems } from '@fenxiao/service-kit/openapi';
import { parseQuery } from '@fenxiao/service-kit/reads';
import { Transactions } from '@fenxiao/service-kit/work';
import { Controller, Get, Inject, Param, ParseUUIDPipe, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiQuery, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { settings } from './config.js';
import { perPackage } from './packaging/packages.js';
import { packagingOn, termsOf, unknownProduct, type ProductTerms } from './product.js';
import { cutOf, cutsOn, type Cut } from './promotions/cuts-in-force.js';

/**
 * O-10 Quotes 报价: what is said on the telephone is read from the list, per base unit and per sales unit (O-43), with the short
 * cut that runs in the customer's region (O-14).
 */
const quoteQuery = z.strictObject({
  productCode: z.union([Code, z.array(Code).min(1).max(100)]).transform((codes) => [codes].flat()),
  regionId: z.uuid().optional(),
  on: CalendarDate.optional(),
});
const price = z.string();
const quote = z.object({
  productCode: price,
  baseUnit: price,
  listPrice: price.optional(),
  taxIncluded: z.boolean().optional(),
  salesUnit: price.optional(),
  unitsPerPackage: price.optional(),
  wholePackagesOnly: z.boolean().optional(),
  listPackagePrice: price.optional().meta({ description: 'per sales unit; the price per base unit counts' }),
  priceCutId: price.optional(),
  cutPrice: price.optional(),
  cutPackagePrice: price.optional(),
});
const quotes = z.object({ on: CalendarDate, items: z.array(quote) });

const pageQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(1000).default(200),
  cursor: Code.optional(),
});
const listed = z.object({
  productCode: price,
  baseUnit: price,
  price,
  salesUnit: price.nullable(),
  packagePrice: price.nullable().meta({ description: 'per sales unit; the price per base unit counts' }),
});
const page = z.object({ items: z.array(listed), next: z.string().nullable() });

@Controller()
@ApiTags('price-list')
@ApiBearerAuth()
export class QuoteController {
  constructor(
    @Inject(Transactions) private readonly transactions: Transactions,
    @Inject(BulkReads) private readonly bulk: BulkReads,
  ) {}

  @Get('quotes')
  @ApiOperation({
    summary: 'What products cost on a day, by the list and by the cut that runs in a region (O-10, O-14, O-43)',
  })
  @ApiQuery({ name: 'productCode', isArray: true, schema: { type: 'array', items: { type: 'string' }, maxItems: 100 } })
  @ApiQuery({ name: 'regionId', required: false, schema: { type: 'string', format: 'uuid' } })
  @ApiQuery({ name: 'on', required: false, schema: { type: 'string', format: 'date' } })
  @ApiOkResponse({ schema: openapi(quotes, 'output') })
  @(problems(422)[0]!)
  async quotes(@Who() actor: Actor, @Query() asked: unknown): Promise<z.infer<typeof quotes>> {
    requirePower(actor, staff, 'read prices', 'O-10');
    const { productCode: codes, regionId, on } = parseQuery(quoteQuery, asked);
    return this.transactions.run(actor, async (work) => {
      const date = on ?? work.today;
      const terms = await termsOf(work, { codes }, date, settings(work).STANDARD_TAX_RATE);
      const byCode = new Map(terms.map((product) => [product.code, product]));
      const unknown = codes.find((code) => !byCode.has(code));
      if (unknown !== undefined) throw unknownProduct({ product: unknown }, { field: 'productCode' });
      const cuts = regionId ? await cutsOn(work, regionId, date) : [];
      return { on: date, items: codes.map((code) => quoted(byCode.get(code)!, cuts)) };
    });
  }

  @Get('price-lists/:id/prices')
  @ApiOperation({
    summary: 'The prices of a list, per base unit and per sales unit as packed on the day it takes effect (O-43)',
  })
  @ApiQuery({ name: 'limit', required: false, schema: { type: 'integer', minimum: 1, maximum: 1000 } })
  @ApiQuery({ name: 'cursor', required: false, schema: { type: 'string', minLength: 1, maxLength: 64 } })
  @ApiOkResponse({ schema: openapi(page, 'output') })
  @(problems(404)[0]!)
  async prices(
    @Who() actor: Actor,
    @Param('id', ParseUUIDPipe) id: string,
    @Query() asked: unknown,
  ): Promise<z.infer<typeof page>> {
    requirePower(actor, staff, 'read prices', 'O-10');
    const { limit, cursor } = parseQuery(pageQuery, asked);
    const rows = await this.transactions.run(actor, async (work) => {
      const [list] = await work.query('SELECT FROM price_list WHERE id = $1', [id]);
      if (!list) throw notFound({ what: 'price-list' });
      return work.query<z.infer<typeof listed>>(pricesOf, [id, cursor ?? null, limit + 1]);
    });
    const items = rows.slice(0, limit);
    this.bulk.count(actor, items.length);
    return { items, next: rows.length > limit ? items.at(-1)!.productCode : null };
  }
}

function quoted(product: ProductTerms, cuts: readonly Cut[]): z.infer<typeof quote> {
  const { code, baseUnit, list, packaging } = product;
  const cut = list && cutOf(cuts, product, list);
  return {
    productCode: code,
    baseUnit,
    ...(list ? { listPrice: String(list.price), taxIncluded: list.taxIncluded } : {}),
    ...(cut ? { priceCutId: cut.id, cutPrice: String(cut.price) } : {}),
    ...(packaging
      ? {
          salesUnit: packaging.salesUnit,
          unitsPerPackage: String(packaging.unitsPerPackage),
          wholePackagesOnly: packaging.wholePackagesOnly,
          ...(list ? { listPackagePrice: perPackage(list.price, packaging) } : {}),
          ...(cut ? { cutPackagePrice: perPackage(cut.price, packaging) } : {}),
        }
      : {}),
  };
}

const pricesOf = `
SELECT p.code AS "productCode", p.sales_unit AS "baseUnit", l.price::text, k.sales_unit AS "salesUnit",
  round(l.price * k.units_per_package, 4)::text AS "packagePrice"
FROM price_list h JOIN price_list_line l ON l.price_list = h.id JOIN product p ON p.id = l.product
${packagingOn('p.id', 'h.valid_from')}
WHERE h.id = $1 AND ($2::text IS NULL OR p.code > $2) ORDER BY p.code LIMIT $3`;
