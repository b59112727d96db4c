import { CalendarDate, Line } from '@fenxiao/contracts/wire';
import type { BusinessCalendar } from '@fenxiao/domain/business-calendar';
import { Controller, Get, Inject, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiQuery, ApiResponse, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { system, type Actor } from './actor.js';
import { Who } from './auth.js';
import { requirePower } from './checks.js';
import { openapi } from './openapi.js';
import { parseQuery } from './reads.js';
import { Transactions } from './work.js';

/** Not the system administrator, whose own deeds stand here. */
const readers = { auditor: 'all' } as const;

const query = z.strictObject({
  subject: z.uuid().optional(),
  actor: Line.optional(),
  rule: Line.optional(),
  procedure: Line.optional(),
  outcome: z.enum(['done', 'refused']).optional(),
  from: CalendarDate.optional(),
  to: CalendarDate.optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z
    .string()
    .regex(/^[1-9]\d{0,17}$/)
    .optional(),
});
type AuditQuery = z.infer<typeof query>;

const text = z.string().nullable();
const fields = z.looseObject({}).nullable();
const page = z.object({
  items: z.array(
    z.object({
      id: z.string(),
      at: z.iso.datetime(),
      actor: z.string(),
      actingFor: text,
      role: z.string(),
      region: text,
      procedure: z.string(),
      subject: text,
      move: z.string(),
      outcome: z.enum(['done', 'refused']),
      rule: z.string(),
      code: text,
      reason: text,
      before: fields,
      after: fields,
      requestId: text,
    }),
  ),
  next: text,
});

/** X-15 Audit trail 审计: searched by auditors, changed by nobody: there is no other route, and no right to (T31). */
@Controller('audit')
@ApiTags('audit')
@ApiBearerAuth()
export class AuditController {
  constructor(@Inject(Transactions) private readonly transactions: Transactions) {}

  @Get()
  @ApiOperation({ summary: 'Who did what, when, by which rule, or was refused it: newest first (X-15)' })
  @ApiResponse({ status: 200, schema: openapi(page, 'output') })
  async search(@Who() actor: Actor, @Query() asked: unknown): Promise<z.infer<typeof page>> {
    requirePower(actor, readers, 'read audit', 'X-15');
    const wanted = parseQuery(query, asked);
    const rows = await this.transactions.run(system, (work) => {
      const { where, values } = conditions(wanted, work.calendar);
      return work.query<z.infer<typeof page>['items'][number]>(
        `${columns} ${where} ORDER BY at DESC, id DESC LIMIT ${wanted.limit + 1}`,
        values,
      );
    });
    const items = rows.slice(0, wanted.limit);
    return { items, next: rows.length > wanted.limit ? items.at(-1)!.id : null };
  }
}
for (const [name, schema] of Object.entries(openapi(query)['properties'] as Record<string, object>))
  ApiQuery({ name, required: false, schema })(
    AuditController.prototype,
    'search',
    Object.getOwnPropertyDescriptor(AuditController.prototype, 'search')!,
  );

/** One statement per set of fields asked for, so that each is planned for its own index. Dates include both ends. */
function conditions(
  { from, to, cursor, limit: _, ...equal }: AuditQuery,
  calendar: BusinessCalendar,
): { where: string; values: unknown[] } {
  const values: unknown[] = [];
  const sql: string[] = [];
  const add = (condition: (place: string) => string, value: unknown) => {
    values.push(value);
    sql.push(condition(`$${values.length}`));
  };
  for (const [field, value] of Object.entries(equal))
    if (value !== undefined) add((place) => `${field} = ${place}`, value);
  if (from) add((place) => `at >= ${place}`, calendar.startOfDay(from));
  if (to) add((place) => `at < ${place}`, calendar.startOfDay(calendar.addDays(to, 1)));
  if (cursor) add((place) => `(at, id) < (SELECT at, id FROM audit WHERE id = ${place})`, cursor);
  return { where: sql.length > 0 ? `WHERE ${sql.join(' AND ')}` : '', values };
}

const columns = `SELECT id::text, to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS at, actor, acting_for AS "actingFor", role, region,
  procedure, subject, move, outcome, rule, code, reason, before, after, request_id AS "requestId" FROM audit`;
