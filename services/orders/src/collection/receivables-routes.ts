import { CalendarDate } from '@fenxiao/contracts/wire';
import { domainError, DomainError } from '@fenxiao/domain/domain-error';
import { Money } from '@fenxiao/domain/money';
import { creditUtilisation } from '@fenxiao/domain/receivables';
import { powerTo, reachOf, system, type Actor } from '@fenxiao/service-kit/actor';
import { Who } from '@fenxiao/service-kit/auth';
import { BulkReads } from '@fenxiao/service-kit/bulk-reads';
import { noPower } from '@fenxiao/service-kit/errors';
import { openapi, problems } from '@fenxiao/service-kit/openapi';
import { parseQuery } from '@fenxiao/service-kit/reads';
import { Transactions } from '@fenxiao/service-kit/work';
import { Controller, Get, Inject, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiQuery, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { exposed } from '../credit.js';
import { invoice } from '../invoice.js';
import { scopeOf, scoped, summaryOf, type Seen } from './receivables-figures.js';

const listQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.uuid().optional(),
  region: z.uuid().optional(),
});
const summaryQuery = z.strictObject({
  on: CalendarDate.optional(),
  from: CalendarDate.optional(),
  region: z.uuid().optional(),
});

const money = z.string();
const customer = z.object({
  distributorId: z.uuid(),
  code: z.string(),
  name: z.string(),
  region: z.uuid(),
  notDue: money,
  '1-30': money,
  '31-60': money,
  '61-90': money,
  'over-90': money,
  total: money,
  /** of the whole account; null where only one's own customers' invoices are seen */
  unapplied: money.nullable(),
  exposure: money.nullable(),
  limit: money.nullable(),
  utilisation: z.string().nullable(),
});
const page = z.object({ items: z.array(customer), next: z.uuid().nullable() });
const figures = z.record(z.string(), z.string().nullable());
const summary = z.object({
  on: CalendarDate,
  from: CalendarDate,
  days: z.int(),
  n: z.int(),
  currency: z.string(),
  basis: z.string(),
  definitionVersion: z.int(),
  receivables: money,
  current: money,
  overdue: z.record(z.string(), money),
  opening: money,
  creditSales: money,
  due: money,
  received: money,
  recovered: money,
  writtenOff: money,
  figures,
  overdueShares: figures,
});
const optional = (name: string, schema: object) => ApiQuery({ name, required: false, schema });
const uuid = { type: 'string', format: 'uuid' };
const day = { type: 'string', format: 'date' };

/** O-25 Ageing and days of sales outstanding 账龄与应收账款周转天数: read as invoices are, region and own customers kept. */
@Controller('receivables')
@ApiTags('receivable')
@ApiBearerAuth()
export class ReceivablesController {
  constructor(
    @Inject(Transactions) private readonly transactions: Transactions,
    @Inject(BulkReads) private readonly bulk: BulkReads,
  ) {}

  @Get()
  @ApiOperation({ summary: 'What customers owe today, by how late it is (O-25, K-C07, K-C09)' })
  @optional('limit', { type: 'integer', minimum: 1, maximum: 200 })
  @optional('cursor', uuid)
  @optional('region', uuid)
  @ApiOkResponse({ schema: openapi(page, 'output') })
  async ageing(@Who() actor: Actor, @Query() asked: unknown) {
    const { limit, cursor, region } = parseQuery(listQuery, asked);
    const seen = seenBy(actor, region);
    const rows = await this.transactions.run(system, (work) =>
      work.query<AgeingRow>(ageing, [work.today, cursor ?? null, limit + 1, exposed, ...scopeOf(seen)]),
    );
    const items = rows.slice(0, limit).map((row) => customerOf(row, seen));
    this.bulk.count(actor, items.length);
    return { items, next: rows.length > limit ? items.at(-1)!.distributorId : null };
  }

  @Get('summary')
  @ApiOperation({
    summary: 'Days of sales outstanding, collection rate and effectiveness (K-C01 to K-C08) on a day',
    description: 'Without `from`: the month of `on` and the two before it. Amounts are gross.',
  })
  @optional('on', day)
  @optional('from', day)
  @optional('region', uuid)
  @ApiOkResponse({ schema: openapi(summary, 'output') })
  @(problems(422)[0]!)
  async summary(@Who() actor: Actor, @Query() asked: unknown) {
    const { on: wanted, from: since, region } = parseQuery(summaryQuery, asked);
    const seen = seenBy(actor, region);
    return this.transactions.run(system, async (work) => {
      const on = wanted ?? work.today;
      const from = since ?? work.calendar.addMonths(`${on.slice(0, 8)}01`, -2);
      if (on > work.today || from > on || from < work.calendar.addMonths(on, -24)) throw noSuchPeriod({ from, on });
      return { currency: work.currency, ...(await summaryOf(work, from, on, work.calendar, seen)) };
    });
  }
}

/** @throws noPower */
function seenBy(actor: Actor, region: string | undefined): Seen {
  const asked = powerTo(actor, invoice.procedure, 'read');
  const reach = reachOf(actor, asked);
  if (reach) return { reach, region };
  const roles = Object.keys(asked.by).join(', ');
  throw new DomainError({ ...noPower.definition, rule: 'O-25' }, { move: 'read receivables', roles });
}

interface AgeingRow {
  readonly id: string;
  readonly code: string;
  readonly name: string;
  readonly region: string;
  readonly not_due: string;
  readonly d30: string;
  readonly d60: string;
  readonly d90: string;
  readonly over: string;
  readonly total: string;
  readonly owed: string;
  readonly orders: string;
  readonly unapplied: string;
  readonly guarantees: string;
  readonly credit_limit: string;
}

function customerOf(row: AgeingRow, { reach }: Seen): z.infer<typeof customer> {
  const { id, code, name, region, not_due, d30, d60, d90, over, total, unapplied, credit_limit } = row;
  const exposure = Money.sum([Money.of(row.owed), Money.of(row.orders)])
    .minus(Money.of(unapplied))
    .minus(Money.of(row.guarantees));
  const account = reach.all || reach.regions.includes(region);
  return {
    distributorId: id,
    code,
    name,
    region,
    notDue: not_due,
    total,
    '1-30': d30,
    '31-60': d60,
    '61-90': d90,
    'over-90': over,
    unapplied: account ? unapplied : null,
    exposure: account ? String(exposure) : null,
    limit: account ? credit_limit : null,
    utilisation: account ? creditUtilisation(exposure, Money.of(credit_limit)) : null,
  };
}

const sum = (column: string, condition: string) =>
  `round(coalesce(sum(i.${column}) FILTER (WHERE ${condition}), 0), 2)::text`;
/** Customers in the order of their ids; each one's open invoices and account by its own index. */
const ageing = `
WITH page AS (
  SELECT d.id, d.code, d.name, d.region FROM known_distributor d
  WHERE ($2::uuid IS NULL OR d.id > $2) AND EXISTS (SELECT FROM invoice i WHERE i.distributor = d.id AND i.open_amount > 0 AND ${scoped(5)})
  ORDER BY d.id LIMIT $3)
SELECT page.*, a.*, coalesce(l.credit_limit, 0)::numeric(14,2)::text AS credit_limit,
  ((SELECT coalesce(sum(open_amount), 0) FROM invoice WHERE distributor = page.id AND open_amount > 0)
   + (SELECT coalesce(sum(gross), 0) FROM awaiting_invoice WHERE distributor = page.id))::text AS owed,
  (SELECT coalesce(sum(unshipped), 0)::text FROM "order" WHERE distributor = page.id AND unshipped > 0 AND state = ANY($4)) AS orders,
  ((SELECT coalesce(sum(unapplied), 0) FROM payment WHERE distributor = page.id AND unapplied > 0)
   + (SELECT coalesce(sum(unapplied), 0) FROM credit_note WHERE distributor = page.id AND unapplied > 0))::numeric(14,2)::text AS unapplied,
  (SELECT coalesce(sum(balance), 0)::text FROM known_guarantee WHERE distributor = page.id) AS guarantees
FROM page LEFT JOIN known_credit_limit l ON l.distributor = page.id
CROSS JOIN LATERAL (
  SELECT ${sum('open_amount', 'i.due_on >= $1::date')} AS not_due, ${sum('open_amount', '$1::date - i.due_on BETWEEN 1 AND 30')} AS d30,
    ${sum('open_amount', '$1::date - i.due_on BETWEEN 31 AND 60')} AS d60, ${sum('open_amount', '$1::date - i.due_on BETWEEN 61 AND 90')} AS d90,
    ${sum('open_amount', '$1::date - i.due_on > 90')} AS over, sum(i.open_amount)::text AS total
  FROM invoice i WHERE i.distributor = page.id AND i.open_amount > 0 AND ${scoped(5)}) a
ORDER BY page.id`;

const noSuchPeriod = domainError({
  code: 'orders.receivables.no-such-period',
  kind: 'unprocessable',
  rule: 'O-25',
  en: 'From {from} to {on} is no period that ends by today and lasts 24 months at most.',
  zh: '{from}至{on}不是截至今天且不超过24个月的期间。',
});
