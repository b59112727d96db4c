import { CalendarDate, Line, Note, Price } from '@fenxiao/contracts/wire';
import { domainError } from '@fenxiao/domain/domain-error';
import { hasRole, type Actor } from '@fenxiao/service-kit/actor';
import { Who } from '@fenxiao/service-kit/auth';
import { requirePower } from '@fenxiao/service-kit/checks';
import { notFound } from '@fenxiao/service-kit/errors';
import { openapi, problems } from '@fenxiao/service-kit/openapi';
import { parseQuery } from '@fenxiao/service-kit/reads';
import { Transactions, type Work } from '@fenxiao/service-kit/work';
import { Controller, Get, Inject, Param, ParseUUIDPipe, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiQuery, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { settings } from './config.js';
import { packagingOn } from './product.js';
import { costReaders } from './readers.js';

/**
 * O-13 Price setting 定价: a list is proposed with what speaks for it (demand, competitors' prices), shows cost and margin to
 * those who may see cost, and goes below cost only by the general manager.
 */

/** What a list is submitted with. */
export const evidenceForm = z.object({
  demand: Note,
  competitors: z
    .array(z.object({ competitor: Line, product: Line, price: Price, observedOn: CalendarDate, source: Line }))
    .min(1)
    .max(200),
});
export type Evidence = z.infer<typeof evidenceForm>;

/** @throws observedLater naming the first that lies in the future */
export function requireObserved({ competitors }: Evidence, today: string): void {
  const later = competitors.findIndex(({ observedOn }) => observedOn > today);
  if (later >= 0) throw observedLater({}, { field: `competitors.${later}.observedOn` });
}

/** Price before tax, cost, and what is left, of each line on the day the list takes effect; cost and margin null where no cost is set. */
const priced = `
  SELECT p.code, l.price, n.net, c.cost, round(n.net - c.cost, 4) AS margin,
    CASE WHEN n.net > 0 THEN round((n.net - c.cost) / n.net * 100, 6) END AS margin_percent,
    k.sales_unit, round(l.price * k.units_per_package, 4) AS package_price
  FROM price_list h JOIN price_list_line l ON l.price_list = h.id JOIN product p ON p.id = l.product
  LEFT JOIN LATERAL (SELECT cost FROM standard_cost WHERE product = l.product AND valid_from <= h.valid_from ORDER BY valid_from DESC LIMIT 1) c ON true
  LEFT JOIN LATERAL (SELECT rate FROM tax_rate WHERE product = l.product AND valid_from <= h.valid_from ORDER BY valid_from DESC LIMIT 1) t ON true
  CROSS JOIN LATERAL (SELECT CASE WHEN h.tax_included THEN round(l.price / (1 + coalesce(t.rate, $2::numeric) / 100), 4) ELSE l.price END AS net) n
  ${packagingOn('l.product', 'h.valid_from')}
  WHERE h.id = $1`;

/** @throws belowCost when a line lies below its standard cost and whoever approves is not the general manager */
export async function requireAboveCost(work: Work, list: string, standardTaxRate: string): Promise<void> {
  if (hasRole(work.actor, { 'general-manager': 'all' })) return;
  const [below] = await work.query<{ code: string }>(
    `SELECT code FROM (${priced}) line WHERE net < cost ORDER BY code LIMIT 1`,
    [list, standardTaxRate],
  );
  if (below) throw belowCost({ product: below.code });
}

const query = z.strictObject({ limit: z.coerce.number().int().min(1).max(1000).default(200), cursor: Line.optional() });
const line = z.object({
  productCode: z.string(),
  price: z.string(),
  salesUnit: z.string().nullable(),
  packagePrice: z.string().nullable().meta({ description: 'per sales unit (O-43)' }),
  net: z.string().meta({ description: 'before tax' }),
  cost: z.string().nullable(),
  margin: z.string().nullable(),
  marginPercent: z.string().nullable().meta({ description: 'of the price before tax' }),
});
const page = z.object({ items: z.array(line), next: z.string().nullable() });

@Controller('price-lists')
@ApiTags('price-list')
@ApiBearerAuth()
export class MarginController {
  constructor(@Inject(Transactions) private readonly transactions: Transactions) {}

  @Get(':id/margins')
  @ApiOperation({ summary: 'Cost and margin of a list, line by line, on the day it takes effect (O-13)' })
  @ApiQuery({ name: 'limit', required: false, schema: { type: 'integer', minimum: 1, maximum: 1000 } })
  @ApiQuery({ name: 'cursor', required: false, schema: { type: 'string', minLength: 1, maxLength: 200 } })
  @ApiOkResponse({ schema: openapi(page, 'output') })
  @notThere()
  async margins(
    @Who() actor: Actor,
    @Param('id', ParseUUIDPipe) id: string,
    @Query() asked: unknown,
  ): Promise<z.infer<typeof page>> {
    requirePower(actor, costReaders, 'read margins', 'O-52');
    const { limit, cursor } = parseQuery(query, asked);
    return this.transactions.run(actor, async (work) => {
      const [list] = await work.query('SELECT FROM price_list WHERE id = $1', [id]);
      if (!list) throw notFound({ what: 'price-list' });
      const rows = await work.query<z.infer<typeof line>>(
        `SELECT code AS "productCode", price::text, sales_unit AS "salesUnit", package_price::text AS "packagePrice",
           net::text, cost::text, margin::text, margin_percent::text AS "marginPercent"
         FROM (${priced}) line WHERE $3::text IS NULL OR code > $3 ORDER BY code LIMIT $4`,
        [id, settings(work).STANDARD_TAX_RATE, cursor ?? null, limit + 1],
      );
      const items = rows.slice(0, limit);
      return { items, next: rows.length > limit ? items.at(-1)!.productCode : null };
    });
  }
}

function notThere(): MethodDecorator {
  return (target, key, descriptor) => problems(404).forEach((problem) => problem(target, key, descriptor));
}

const observedLater = domainError({
  code: 'orders.price-list.observed-later',
  kind: 'unprocessable',
  rule: 'O-13',
  en: "A competitor's price can not have been seen in the future.",
  zh: '竞争对手价格的观察日期不得晚于今天。',
});
const belowCost = domainError({
  code: 'orders.price-list.below-cost',
  kind: 'forbidden',
  rule: 'O-13',
  en: 'Product {product} would be sold below cost: the general manager approves such a list.',
  zh: '产品{product}定价低于成本，须由总经理审批。',
});
