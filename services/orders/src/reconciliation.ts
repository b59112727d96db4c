import { CalendarDate } from '@fenxiao/contracts/wire';
import type { Actor } from '@fenxiao/service-kit/actor';
import { requirePower } from '@fenxiao/service-kit/checks';
import { Who } from '@fenxiao/service-kit/auth';
import { openapi } from '@fenxiao/service-kit/openapi';
import { parseQuery } from '@fenxiao/service-kit/reads';
import { MikroORM } from '@mikro-orm/postgresql';
import { Controller, Get, Inject, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiQuery, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';

const readers = {
  finance: 'all',
  auditor: 'all',
  'general-manager': 'all',
  'system-administrator': 'all',
  importer: 'all',
} as const;
const query = z.strictObject({ from: CalendarDate, to: CalendarDate });
const sum = z.object({
  basis: z.enum(['order', 'ship', 'invoice', 'receipt']),
  day: CalendarDate,
  net: z.string(),
  lines: z.int(),
});

/** K-X05: what this service's own tables say was sold, by booking basis and day, to hold against the analytics. */
@Controller('reconciliation')
@ApiTags('reconciliation')
@ApiBearerAuth()
export class ReconciliationController {
  constructor(@Inject(MikroORM) private readonly orm: MikroORM) {}

  @Get('sales')
  @ApiOperation({ summary: 'Net sales by booking basis and day, from the tables themselves' })
  @ApiQuery({ name: 'from', schema: { type: 'string', format: 'date' } })
  @ApiQuery({ name: 'to', schema: { type: 'string', format: 'date' } })
  @ApiOkResponse({ schema: openapi(z.array(sum), 'output') })
  async sales(@Who() actor: Actor, @Query() asked: unknown): Promise<z.infer<typeof sum>[]> {
    requirePower(actor, readers, 'reconcile', 'X-20');
    const { from, to } = parseQuery(query, asked);
    return this.orm.em.fork().execute(sums, [from, to, from, to, from, to, from, to, from, to]);
  }
}

/**
 * A cancelled order, and what was dropped of one, is taken back on the day it was booked, what was shipped and invoiced on the day of the credit note; a
 * receipt counts at what came in.
 */
const sums = `
WITH credited AS (
  SELECT credited_on, sum(net) AS net, sum(jsonb_array_length(lines)) AS lines FROM credit_note
  WHERE credited_on BETWEEN ? AND ? GROUP BY credited_on),
sums(basis, day, net, lines) AS (
  SELECT 'order', o.ordered_on, sum(l.net - l.dropped_net), count(*)
  FROM "order" o JOIN order_line l ON l.order_id = o.id
  WHERE o.submitted_at IS NOT NULL AND o.state <> 'cancelled' AND o.ordered_on BETWEEN ? AND ? GROUP BY o.ordered_on
  UNION ALL
  SELECT 'ship', s.shipped_on, sum(l.net), count(*)
  FROM shipment s JOIN shipment_line l ON l.shipment = s.id
  WHERE s.state IN ('shipped', 'signed') AND s.shipped_on BETWEEN ? AND ? GROUP BY s.shipped_on
  UNION ALL
  SELECT 'invoice', invoiced_on, sum(net), count(*) FROM invoice WHERE invoiced_on BETWEEN ? AND ? GROUP BY invoiced_on
  UNION ALL
  SELECT 'receipt', received_on, sum(amount), count(*) FROM payment WHERE received_on BETWEEN ? AND ? GROUP BY received_on
  UNION ALL
  SELECT basis, credited_on, -net, lines FROM credited, (VALUES ('ship'), ('invoice')) AS b (basis))
SELECT basis, day::text AS day, sum(net)::text AS net, sum(lines)::int AS lines FROM sums GROUP BY basis, sums.day ORDER BY 1, 2`;
