import { system, type Actor } from '@fenxiao/service-kit/actor';
import { Who } from '@fenxiao/service-kit/auth';
import { BulkReads } from '@fenxiao/service-kit/bulk-reads';
import { openapi, problems } from '@fenxiao/service-kit/openapi';
import { parseQuery, Reads } from '@fenxiao/service-kit/reads';
import { Transactions } from '@fenxiao/service-kit/work';
import { Controller, Get, Inject, Param, ParseUUIDPipe, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiParam, ApiQuery, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { stocktake } from './stocktake-moves.js';

const query = z.strictObject({
  limit: z.coerce.number().int().min(1).max(1000).default(200),
  /** the line to go on after */
  cursor: z
    .string()
    .regex(/^\d{1,9}$/)
    .optional(),
  /** only what differs from the books, or only what is to be counted now */
  only: z.enum(['variance', 'asked']).optional(),
});
const figure = z.string().nullable();
const page = z.object({
  items: z.array(
    z.object({
      line: z.int(),
      productCode: z.string(),
      name: z.string(),
      specification: z.string(),
      batch: z.string(),
      asked: z.boolean(),
      mine: figure,
      book: figure,
      counted: figure,
      difference: figure,
      reason: z.string().nullable(),
      /** what somebody wrote who was replaced; sealed until both counts are in */
      setAside: z.array(z.object({ personId: z.uuid(), round: z.int(), quantity: z.string() })).nullable(),
    }),
  ),
  next: z.string().nullable(),
});
type Lines = z.infer<typeof page>;

/** O-24: what there is to count. Until both counts are in, everybody gets the places and the own figures, nothing else. */
@Controller('stocktakes')
@ApiTags('stocktake')
@ApiBearerAuth()
export class StocktakeLinesController {
  constructor(
    @Inject(Transactions) private readonly transactions: Transactions,
    @Inject(Reads) private readonly reads: Reads,
    @Inject(BulkReads) private readonly bulk: BulkReads,
  ) {}

  @Get(':id/lines')
  @ApiOperation({ summary: 'The lines of a stocktake; a blind count until both are in (O-24)' })
  @ApiParam({ name: 'id', schema: { type: 'string', format: 'uuid' } })
  @ApiQuery({ name: 'limit', required: false, schema: { type: 'integer', minimum: 1, maximum: 1000 } })
  @ApiQuery({ name: 'cursor', required: false, schema: { type: 'string', pattern: '^\\d{1,9}$' } })
  @ApiQuery({ name: 'only', required: false, schema: { type: 'string', enum: ['variance', 'asked'] } })
  @ApiOkResponse({ schema: openapi(page, 'output') })
  @(problems(404)[0]!)
  async lines(@Who() actor: Actor, @Param('id', ParseUUIDPipe) id: string, @Query() asked: unknown): Promise<Lines> {
    const { limit, cursor = '0', only } = parseQuery(query, asked);
    const { body } = await this.reads.one(actor, stocktake, id);
    const blind = body['state'] === 'scheduled' || body['state'] === 'counting';
    const own = body['clerkId'] === actor.person ? 'clerk' : body['keeperId'] === actor.person ? 'keeper' : undefined;
    const rows = await this.transactions.run(system, (work) =>
      work.query<Lines['items'][number]>(blind ? blindLines(own, only) : openLines(own, only), [id, cursor, limit + 1]),
    );
    const items = rows.slice(0, limit);
    this.bulk.count(actor, items.length);
    return { items, next: rows.length > limit ? String(items.at(-1)!.line) : null };
  }
}

type Only = z.infer<typeof query>['only'];
const named = `l.line, l.product_code AS "productCode", p.name, p.specification, l.batch, l.asked`;
const paged = (where: string) =>
  `FROM stocktake_line l JOIN product p ON p.id = l.product WHERE l.stocktake = $1 AND l.line > $2 ${where} ORDER BY l.line LIMIT $3`;

/** What the books do not have is seen by its finder alone while the first counts run. */
const blindLines = (own: string | undefined, only: Only) => `
SELECT ${named}, ${own ? `l.${own}_count::text` : 'NULL'} AS mine, NULL AS book, NULL AS counted, NULL AS difference, NULL AS reason, NULL AS "setAside"
${paged(`AND (l.book > 0 OR ${own ? `l.${own}_count IS NOT NULL OR` : ''} (SELECT round FROM stocktake WHERE id = $1) > 1)
  ${only === 'asked' ? 'AND l.asked' : only === 'variance' ? 'AND false' : ''}`)}`;

const openLines = (own: string | undefined, only: Only) => `
SELECT ${named}, ${own ? `l.${own}_count::text` : 'NULL'} AS mine, l.book::text, l.counted::text, (l.counted - l.book)::text AS difference, l.reason,
  (SELECT jsonb_agg(jsonb_build_object('personId', a.person, 'round', a.round, 'quantity', a.quantity::text) ORDER BY a.round, a.person)
   FROM stocktake_set_aside a WHERE a.stocktake = l.stocktake AND a.line = l.line) AS "setAside"
${paged(only === 'variance' ? 'AND l.counted <> l.book' : only === 'asked' ? 'AND l.asked' : '')}`;
