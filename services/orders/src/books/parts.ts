import { DifferenceCode, ReportBasis } from '@fenxiao/contracts/books';
import { Id } from '@fenxiao/contracts/wire';
import { headOffice } from '@fenxiao/procedures/powers';
import type { Actor } from '@fenxiao/service-kit/actor';
import { Who } from '@fenxiao/service-kit/auth';
import { BulkReads } from '@fenxiao/service-kit/bulk-reads';
import { requirePower } from '@fenxiao/service-kit/checks';
import { openapi } from '@fenxiao/service-kit/openapi';
import { parseQuery } from '@fenxiao/service-kit/reads';
import { MikroORM } from '@mikro-orm/postgresql';
import { Controller, Get, Inject, Param, ParseUUIDPipe, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiParam, ApiQuery, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';

/** What is too long to be shown with its subject: the documents of a daily report, the differences of a reconciliation. */

const paging = { limit: z.coerce.number().int().min(1).max(200).default(50) };
const limitDoc = ApiQuery({
  name: 'limit',
  required: false,
  schema: { type: 'integer', minimum: 1, maximum: 200, default: 50 },
});
const idDoc = ApiParam({ name: 'id', schema: { type: 'string', format: 'uuid' } });

/** `order:<document>:<family>`, as the last row of a page said. */
const cursor = /^([a-z]+):([\da-f-]{36}):(.{0,200})$/;
const documentsQuery = z.strictObject({
  ...paging,
  basis: ReportBasis.optional(),
  cursor: z.string().max(300).regex(cursor).optional(),
});
const document = z.object({
  basis: ReportBasis,
  documentId: Id,
  number: z.string(),
  family: z.string(),
  distributorId: Id,
  region: Id.nullable(),
  salespersonId: Id.nullable(),
  quantity: z.string(),
  net: z.string(),
  gross: z.string(),
});

@Controller('daily-reports')
@ApiTags('daily-report')
@ApiBearerAuth()
export class DailyReportDocuments {
  constructor(
    @Inject(MikroORM) private readonly orm: MikroORM,
    @Inject(BulkReads) private readonly bulk: BulkReads,
  ) {}

  @Get(':id/documents')
  @ApiOperation({ summary: 'The documents a daily report counts, by product family (O-20)' })
  @idDoc
  @limitDoc
  @ApiQuery({ name: 'basis', required: false, schema: { type: 'string', enum: ReportBasis.options } })
  @ApiQuery({ name: 'cursor', required: false, schema: { type: 'string', maxLength: 300, pattern: cursor.source } })
  @ApiOkResponse({ schema: openapi(z.object({ items: z.array(document), next: z.string().nullable() }), 'output') })
  async documents(@Who() actor: Actor, @Param('id', ParseUUIDPipe) id: string, @Query() asked: unknown) {
    requirePower(actor, headOffice, 'read daily-report', 'O-20');
    const { limit, basis, cursor: after } = parseQuery(documentsQuery, asked);
    const [, afterBasis = '', afterDocument = '00000000-0000-0000-0000-000000000000', afterFamily = ''] =
      cursor.exec(after ?? '') ?? [];
    const rows = await this.orm.em.fork().execute<z.infer<typeof document>[]>(
      `SELECT basis, document AS "documentId", number, family, distributor AS "distributorId", region, salesperson AS "salespersonId",
                quantity::text, net::text, gross::text
         FROM daily_report_line WHERE report = ? ${basis ? 'AND basis = ?' : ''} AND (basis, document, family) > (?, ?::uuid, ?)
         ORDER BY basis, document, family LIMIT ?`,
      [id, ...(basis ? [basis] : []), afterBasis, afterDocument, afterFamily, limit + 1],
    );
    const items = rows.slice(0, limit);
    this.bulk.count(actor, items.length);
    const last = items.at(-1);
    return {
      items,
      next: last && rows.length > limit ? `${last.basis}:${last.documentId}:${last.family}` : null,
    };
  }
}

const differencesQuery = z.strictObject({
  ...paging,
  code: DifferenceCode.optional(),
  explained: z.enum(['yes', 'no']).optional(),
  cursor: z.coerce.number().int().min(0).max(2_000_000_000).default(0),
});
const difference = z.object({
  line: z.int(),
  distributorCode: z.string(),
  document: z.string(),
  code: DifferenceCode,
  ledgerAmount: z.string().nullable(),
  financeAmount: z.string().nullable(),
  ledgerQuantity: z.string().nullable(),
  financeQuantity: z.string().nullable(),
  difference: z.string(),
  explanation: z.string().nullable(),
  explainedBy: z.string().nullable(),
});

@Controller('reconciliations')
@ApiTags('reconciliation')
@ApiBearerAuth()
export class ReconciliationDifferences {
  constructor(
    @Inject(MikroORM) private readonly orm: MikroORM,
    @Inject(BulkReads) private readonly bulk: BulkReads,
  ) {}

  @Get(':id/differences')
  @ApiOperation({ summary: 'The differences of a reconciliation, by customer and document (O-22)' })
  @idDoc
  @limitDoc
  @ApiQuery({ name: 'code', required: false, schema: { type: 'string', enum: DifferenceCode.options } })
  @ApiQuery({ name: 'explained', required: false, schema: { type: 'string', enum: ['yes', 'no'] } })
  @ApiQuery({
    name: 'cursor',
    required: false,
    schema: { type: 'integer', minimum: 0, maximum: 2_000_000_000, default: 0 },
  })
  @ApiOkResponse({ schema: openapi(z.object({ items: z.array(difference), next: z.int().nullable() }), 'output') })
  async differences(@Who() actor: Actor, @Param('id', ParseUUIDPipe) id: string, @Query() asked: unknown) {
    requirePower(actor, headOffice, 'read reconciliation', 'O-22');
    const { limit, code, explained, cursor: after } = parseQuery(differencesQuery, asked);
    const given = explained === undefined ? '' : `AND explanation IS ${explained === 'yes' ? 'NOT ' : ''}NULL`;
    const rows = await this.orm.em.fork().execute<z.infer<typeof difference>[]>(
      `SELECT line, customer AS "distributorCode", document_number AS document, code, ledger_amount::text AS "ledgerAmount", finance_amount::text AS "financeAmount",
                ledger_quantity::text AS "ledgerQuantity", finance_quantity::text AS "financeQuantity", difference::text, explanation, explained_by AS "explainedBy"
         FROM reconciliation_difference WHERE reconciliation = ? AND line > ? ${code ? 'AND code = ?' : ''} ${given} ORDER BY line LIMIT ?`,
      [id, after, ...(code ? [code] : []), limit + 1],
    );
    const items = rows.slice(0, limit);
    this.bulk.count(actor, items.length);
    return { items, next: rows.length > limit ? items.at(-1)!.line : null };
  }
}
