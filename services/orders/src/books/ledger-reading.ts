import { CalendarDate, Id } from '@fenxiao/contracts/wire';
import { domainError } from '@fenxiao/domain/domain-error';
import { headOffice } from '@fenxiao/procedures/powers';
import type { Powers } from '@fenxiao/procedures/procedure';
import { reachOf, type Actor } from '@fenxiao/service-kit/actor';
import { Who } from '@fenxiao/service-kit/auth';
import { BulkReads } from '@fenxiao/service-kit/bulk-reads';
import { requirePower } from '@fenxiao/service-kit/checks';
import { openapi } from '@fenxiao/service-kit/openapi';
import { parseQuery } from '@fenxiao/service-kit/reads';
import { MikroORM } from '@mikro-orm/postgresql';
import { Controller, Get, Inject, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiQuery, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';

/** The accounts of the whole company, and those of a region's manager. */
export const ledgerReaders: Powers = { ...headOffice, 'regional-manager': 'region' };

const query = z.strictObject({
  distributorId: z.uuid(),
  from: CalendarDate.optional(),
  to: CalendarDate.optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z
    .string()
    .regex(/^\d{1,18}$/)
    .optional(),
});
const entry = z.object({
  id: z.string(),
  kind: z.enum(['sale', 'return', 'receipt', 'adjustment']),
  documentKind: z.string(),
  documentId: Id,
  documentNumber: z.string(),
  region: Id,
  bookedOn: CalendarDate,
  bookedAt: z.iso.datetime(),
  amount: z.string(),
  balance: z.string(),
});
const page = z.object({ items: z.array(entry), next: z.string().nullable() });

/** O-22: a customer's account, oldest entry first, with what was owed after each. */
@Controller('ledger')
@ApiTags('ledger')
@ApiBearerAuth()
export class LedgerController {
  constructor(
    @Inject(MikroORM) private readonly orm: MikroORM,
    @Inject(BulkReads) private readonly bulk: BulkReads,
  ) {}

  @Get()
  @ApiOperation({ summary: "A customer's ledger with its running balance (O-22)" })
  @ApiQuery({ name: 'distributorId', schema: { type: 'string', format: 'uuid' } })
  @ApiQuery({ name: 'from', required: false, schema: { type: 'string', format: 'date' } })
  @ApiQuery({ name: 'to', required: false, schema: { type: 'string', format: 'date' } })
  @ApiQuery({ name: 'limit', required: false, schema: { type: 'integer', minimum: 1, maximum: 200, default: 50 } })
  @ApiQuery({ name: 'cursor', required: false, schema: { type: 'string', pattern: String.raw`^\d{1,18}$` } })
  @ApiOkResponse({ schema: openapi(page, 'output') })
  async read(@Who() actor: Actor, @Query() asked: unknown): Promise<unknown> {
    requirePower(actor, ledgerReaders, 'read ledger', 'O-22');
    const { distributorId, from = '0001-01-01', to = '9999-12-31', limit, cursor } = parseQuery(query, asked);
    const em = this.orm.em.fork();
    const reach = reachOf(actor, { by: ledgerReaders })!;
    const [known] = await em.execute<{ region: string }[]>('SELECT region FROM known_distributor WHERE id = ?', [
      distributorId,
    ]);
    if (known && !reach.all && !reach.regions.includes(known.region)) throw otherRegion();
    const rows = await em.execute<{ id: string; kind: string }[]>(entries, [
      distributorId,
      from,
      cursor ?? null,
      cursor ?? null,
      to,
      limit + 1,
    ]);
    const items = rows.slice(0, limit);
    this.bulk.count(actor, items.length);
    return { items, next: rows.length > limit ? items.at(-1)!.id : null };
  }
}

/** A page and the sum of all that stands before it. */
const entries = `
WITH asked AS (SELECT ?::uuid AS distributor, ?::date AS since),
begin AS (
  SELECT coalesce((SELECT booked_on FROM ledger_entry e, asked a WHERE e.id = ?::bigint AND e.distributor = a.distributor), a.since) AS day,
         coalesce(?::bigint, 0) AS id
  FROM asked a
),
listed AS (
  SELECT e.* FROM ledger_entry e, asked a, begin b
  WHERE e.distributor = a.distributor AND e.booked_on <= ?::date AND (e.booked_on, e.id) > (b.day, b.id)
  ORDER BY e.booked_on, e.id LIMIT ?
)
SELECT l.id::text, l.kind, l.document_kind AS "documentKind", l.document AS "documentId", l.document_number AS "documentNumber",
       l.region, l.booked_on::text AS "bookedOn", l.booked_at AS "bookedAt", l.amount::text,
       (before.sum + sum(l.amount) OVER (ORDER BY l.booked_on, l.id))::text AS balance
FROM listed l, LATERAL (
  SELECT coalesce(sum(e.amount), 0) AS sum FROM ledger_entry e, asked a, begin b
  WHERE e.distributor = a.distributor AND (e.booked_on, e.id) <= (b.day, b.id)
) before
ORDER BY l.booked_on, l.id`;

const otherRegion = domainError({
  code: 'orders.ledger.other-region',
  kind: 'forbidden',
  rule: 'O-22',
  en: 'This customer belongs to another region.',
  zh: '该客户属于其他区域。',
});
