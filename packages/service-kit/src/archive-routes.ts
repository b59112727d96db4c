import { Readable } from 'node:stream';
import { documentEvents } from '@fenxiao/contracts/platform';
import { Line } from '@fenxiao/contracts/wire';
import type { BusinessCalendar } from '@fenxiao/domain/business-calendar';
import { DomainError, domainError } from '@fenxiao/domain/domain-error';
import { newId } from '@fenxiao/domain/id';
import type { Sql } from '@fenxiao/messaging/sql';
import type { Powers, Procedure } from '@fenxiao/procedures/procedure';
import {
  Body,
  Controller,
  Get,
  Headers,
  Inject,
  Param,
  ParseUUIDPipe,
  Post,
  Query,
  StreamableFile,
} from '@nestjs/common';
import {
  ApiBearerAuth,
  ApiBody,
  ApiOkResponse,
  ApiOperation,
  ApiProduces,
  ApiQuery,
  ApiResponse,
  ApiTags,
} from '@nestjs/swagger';
import { z } from 'zod';
import { hasRole, heldBy, powerTo, reachOf, type Actor, type Asked } from './actor.js';
import { canonical, hashOf } from './archive.js';
import { Who } from './auth.js';
import { closed } from './closed.js';
import { Commands, type RequestHeaders } from './commands.js';
import { parseForm, requirePower } from './checks.js';
import type { AnyBound } from './engine.js';
import { noPower, notFound, outsideScope } from './errors.js';
import { openapi, problems } from './openapi.js';
import { parseQuery } from './reads.js';
import { headersOf } from './routes.js';
import type { ExportLog, Part } from './export-log.js';
import type { Transactions, Work } from './work.js';

const everything: Powers = { auditor: 'all' };
const keepers: Powers = { office: 'all', 'sales-support-clerk': 'all' };
const exporters: Powers = { auditor: 'all', office: 'all' };
const rule = 'X-14';

const period = { from: z.iso.date().optional(), to: z.iso.date().optional() };
const search = z.strictObject({
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.uuid().optional(),
  procedure: z.string().min(1).max(100).optional(),
  number: z.string().min(1).max(200).optional(),
  subject: z.uuid().optional(),
  /** only what need not be kept any longer */
  pastRetention: z.stringbool().optional(),
  ...period,
});
const exporting = z.strictObject({ ...period, reason: z.string().max(200).optional() });
const copyForm = z.object({ holder: Line, kind: z.enum(['original', 'copy']), where: Line });

interface Row {
  readonly id: string;
  readonly procedure: string;
  readonly region: string | null;
  readonly unit: string | null;
  readonly createdBy: string;
  readonly owner: string | null;
  readonly content: string;
  readonly hash: string;
  readonly holders: readonly { holder: string; kind: string }[];
}
const columns = `d.id, d.procedure, d.subject, d.number, d.version, d.region, d.unit, d.created_by AS "createdBy", d.owner,
  d.sealed_at AS "sealedAt", d.retain_until::text AS "retainUntil", d.holders, encode(d.hash, 'hex') AS hash`;

interface ArchiveParts {
  readonly sql: Sql;
  readonly procedures: readonly AnyBound[];
  readonly calendar: BusinessCalendar;
  readonly commands: Commands;
  readonly exportLog: ExportLog;
  readonly transactions: Transactions;
  readonly service: string;
}

/** X-14 The archive as people use it: found, checked, lent out, exported. */
export class Archive {
  constructor(private readonly parts: ArchiveParts) {}

  /** Documents of the procedures the reader may read, as far as those powers reach; newest first. */
  async list(actor: Actor, query: unknown) {
    const { limit, cursor, procedure, number, subject, pastRetention, from, to } = parseQuery(search, query);
    const items = await this.parts.sql.query<{ id: string }>(
      `SELECT ${columns} FROM archive_document d
       WHERE ($1::boolean OR EXISTS (SELECT FROM jsonb_to_recordset($2::jsonb) AS r(procedure text, "all" boolean, regions uuid[], units text[], own text[])
           WHERE r.procedure = d.procedure AND (r."all" OR d.region = ANY(r.regions) OR d.unit = ANY(r.units) OR ARRAY[d.created_by, d.owner] && r.own)))
         AND ($3::uuid IS NULL OR d.id < $3) AND ($4::text IS NULL OR d.procedure = $4) AND ($5::text IS NULL OR d.number = $5)
         AND ($6::uuid IS NULL OR d.subject = $6) AND ($7::timestamptz IS NULL OR d.sealed_at >= $7) AND ($8::timestamptz IS NULL OR d.sealed_at < $8)
         AND ($9::date IS NULL OR d.retain_until < $9)
       ORDER BY d.id DESC LIMIT $10`,
      [
        hasRole(actor, everything),
        JSON.stringify(this.#reach(actor)),
        cursor ?? null,
        procedure ?? null,
        number ?? null,
        subject ?? null,
        ...this.#instants(from, to),
        pastRetention ? this.parts.calendar.dateOf(this.parts.transactions.now()) : null,
        limit + 1,
      ],
    );
    const page = items.slice(0, limit);
    return { items: page, next: items.length > limit ? page.at(-1)!.id : null };
  }

  /** A document whole, its hash reckoned again. @throws notFound, noPower, outsideScope */
  async one(actor: Actor, id: string) {
    const document = await this.#document(this.parts.sql, id);
    this.#requireRead(actor, document);
    const copies = await this.parts.sql.query(
      `SELECT c.id, c.holder, c.kind, c.place AS where, c.at, c.by, r.at AS "returnedAt", r.by AS "returnedBy"
       FROM archive_copy c LEFT JOIN archive_return r ON r.copy = c.id WHERE c.document = $1 ORDER BY c.id`,
      [id],
    );
    const { content, ...head } = document;
    const verified = hashOf(content).toString('hex') === head.hash;
    return { ...head, content: JSON.parse(content) as unknown, verified, copies };
  }

  /** Registers who gets the original or a copy, and where it is then. */
  copy(actor: Actor, id: string, body: unknown, headers: RequestHeaders) {
    return this.#change(actor, id, 'copy', body, headers, async (work) => {
      const { holder, kind, where } = parseForm(copyForm, body);
      if (kind === 'original') await requireOriginal(work, id);
      const copyId = newId();
      await work.query(
        'INSERT INTO archive_copy (id, document, holder, kind, place, at, by) VALUES ($1, $2, $3, $4, $5, $6, $7)',
        [copyId, id, holder, kind, where, work.now, actor.person],
      );
      return { copyId, holder, kind, where };
    });
  }

  /** @throws notFound; alreadyReturned: a copy comes back once */
  giveBack(actor: Actor, id: string, copyId: string, headers: RequestHeaders) {
    return this.#change(actor, id, 'return', { copyId }, headers, async (work) => {
      const [copy] = await work.query<{ holder: string; kind: 'original' | 'copy'; where: string; back: boolean }>(
        `SELECT c.holder, c.kind, c.place AS where, r.copy IS NOT NULL AS back
         FROM archive_copy c LEFT JOIN archive_return r ON r.copy = c.id WHERE c.document = $1 AND c.id = $2`,
        [id, copyId],
      );
      if (!copy) throw notFound({ what: 'document' });
      const { back, ...rest } = copy;
      if (back) throw alreadyReturned();
      await work.query('INSERT INTO archive_return (copy, at, by) VALUES ($1, $2, $3)', [
        copyId,
        work.now,
        actor.person,
      ]);
      return { copyId, ...rest, returned: true };
    });
  }

  /** Every document of a period, one a line, then a line with their number and the hash over their hashes. */
  async export(actor: Actor, query: unknown): Promise<Readable> {
    const { from, to, reason } = parseQuery(exporting, query);
    const target = { procedure: 'document', move: 'export', rule };
    const { commands, exportLog } = this.parts;
    const { body } = await commands.run(actor, target, {}, {}, async (work) => {
      const role = requirePower(actor, exporters, 'export', rule);
      if (!reason?.trim()) throw reasonNeeded({}, { field: 'reason' });
      const filters = { ...(from ? { from } : {}), ...(to ? { to } : {}) };
      const leaving = { procedure: 'document', format: 'ndjson', filters, reason, role, rule };
      return { status: 200, body: await exportLog.begin(work, leaving) };
    });
    return Readable.from(exportLog.handOver(actor, 'document', body as string, this.#lines(this.#instants(from, to))));
  }

  async *#lines(instants: readonly (Date | null)[]): AsyncGenerator<Part> {
    const hashes: string[] = [];
    for (let after: string | null = null; ;) {
      const rows: Row[] = await this.parts.sql.query<Row>(
        `SELECT ${columns}, d.content FROM archive_document d WHERE ($1::timestamptz IS NULL OR d.sealed_at >= $1)
         AND ($2::timestamptz IS NULL OR d.sealed_at < $2) AND ($3::uuid IS NULL OR d.id > $3) ORDER BY d.id LIMIT 200`,
        [...instants, after],
      );
      for (const { content, ...head } of rows) {
        hashes.push(head.hash);
        yield { text: `${canonical({ ...head, content: JSON.parse(content) as unknown })}\n`, rows: 1 };
      }
      if (rows.length < 200) break;
      after = rows.at(-1)!.id;
    }
    yield {
      text: `${canonical({ documents: hashes.length, hash: hashOf(hashes.join('\n')).toString('hex') })}\n`,
      rows: 0,
    };
  }

  /** One entry more in the register of copies, audited and published, while nobody else writes to the same document's. */
  #change(
    actor: Actor,
    id: string,
    move: string,
    body: unknown,
    headers: RequestHeaders,
    entry: (
      work: Work,
    ) => Promise<{ copyId: string; holder: string; kind: 'original' | 'copy'; where: string; returned?: true }>,
  ) {
    const target = { procedure: 'document', move, rule, about: id };
    return this.parts.commands.run(actor, target, body, headers, async (work) => {
      const role = requirePower(actor, keepers, move, rule);
      await work.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [id]);
      const { region, procedure } = await this.#document(work, id);
      const [told] = await work.query<{ events: number }>(
        `SELECT (1 + count(c.id) + count(r.copy))::int AS events FROM archive_copy c LEFT JOIN archive_return r ON r.copy = c.id WHERE c.document = $1`,
        [id],
      );
      const made = await entry(work);
      const where = region ? { region } : {};
      work.publish(
        documentEvents(this.parts.service).copied,
        { id, events: told!.events },
        { procedure, ...made },
        { rule, role, ...where },
      );
      work.record({ procedure: 'document', subject: id, move, outcome: 'done', rule, role, region, after: made });
      return { status: 201, body: { id: made.copyId, ...made } };
    });
  }

  async #document(sql: Sql, id: string): Promise<Row> {
    const [found] = await sql.query<Row>(`SELECT ${columns}, d.content FROM archive_document d WHERE d.id = $1`, [id]);
    if (!found) throw notFound({ what: 'document' });
    return found;
  }

  #requireRead(actor: Actor, document: Row): void {
    if (hasRole(actor, everything)) return;
    const bound = this.parts.procedures.find(({ procedure }) => procedure.name === document.procedure);
    const asked: Asked = bound ? powerToArchived(actor, bound.procedure as Procedure) : { by: {} };
    if (!reachOf(actor, asked))
      throw new DomainError(
        { ...noPower.definition, rule },
        { move: `read ${document.procedure}`, roles: [...Object.keys(asked.by), 'auditor'].join(', ') },
      );
    if (!heldBy(actor, asked, document)) throw new DomainError({ ...outsideScope.definition, rule });
  }

  #reach(actor: Actor) {
    return (this.parts.procedures as readonly { procedure: Procedure }[]).flatMap(({ procedure }) => {
      const reach = reachOf(actor, powerToArchived(actor, procedure));
      return reach ? [{ procedure: procedure.name, ...reach }] : [];
    });
  }

  /** The beginning of the first day, and of the day after the last. */
  #instants(from: string | undefined, to: string | undefined): [Date | null, Date | null] {
    const { calendar } = this.parts;
    return [from ? calendar.startOfDay(from) : null, to ? calendar.startOfDay(calendar.addDays(to, 1)) : null];
  }
}

/** what is sealed is the whole record, as no customer sees it: they read its subject itself. */
function powerToArchived(actor: Actor, procedure: Procedure): Asked {
  const { by, daily } = powerTo(actor, procedure, 'read');
  const { distributor: _, ...ours } = by;
  return { by: ours, daily };
}

/** There is one original: who wants it waits until it is back. */
async function requireOriginal(work: Work, document: string): Promise<void> {
  const [out] = await work.query<{ holder: string }>(
    `SELECT c.holder FROM archive_copy c LEFT JOIN archive_return r ON r.copy = c.id
     WHERE c.document = $1 AND c.kind = 'original' AND r.copy IS NULL`,
    [document],
  );
  if (out) throw originalOut({ holder: out.holder });
}

const alreadyReturned = domainError({
  code: 'archive.already-returned',
  kind: 'conflict',
  rule,
  en: 'This copy has been returned already.',
  zh: '该份文件已经归还。',
});
const originalOut = domainError({
  code: 'archive.original-out',
  kind: 'conflict',
  rule,
  en: 'The original is with {holder}; it must come back first.',
  zh: '原件现由{holder}持有，须先归还。',
});
const reasonNeeded = domainError({
  code: 'archive.export-needs-reason',
  kind: 'unprocessable',
  rule,
  en: 'An export of the archive needs a reason.',
  zh: '导出档案须注明原因。',
});

const object = { type: 'object', additionalProperties: true };
const queryDocs = (schema: z.ZodType) =>
  Object.entries(openapi(schema)['properties'] as Record<string, object>).map(([name, of]) =>
    ApiQuery({ name, required: false, schema: of }),
  );
const documented =
  (...decorators: MethodDecorator[]): MethodDecorator =>
  (target, key, descriptor) => {
    for (const decorator of decorators) decorator(target, key, descriptor);
  };

@Controller('archive')
@ApiTags('archive')
@ApiBearerAuth()
export class ArchiveController {
  constructor(@Inject(Archive) private readonly archive: Archive) {}

  @Get()
  @ApiOperation({ summary: 'Sealed documents of what you may read (X-14)' })
  @documented(...queryDocs(search))
  @ApiOkResponse({ schema: object })
  list(@Who() actor: Actor, @Query() query: unknown) {
    return this.archive.list(actor, query);
  }

  @Get('export')
  @ApiOperation({ summary: 'Every document of a period, one a line; the last line is the manifest (X-14)' })
  @documented(...queryDocs(exporting), ...problems(422))
  @ApiProduces('application/x-ndjson')
  @ApiOkResponse({ schema: { type: 'string' } })
  async export(@Who() actor: Actor, @Query() query: unknown) {
    const lines = await this.archive.export(actor, query);
    return new StreamableFile(lines, {
      type: 'application/x-ndjson',
      disposition: 'attachment; filename="archive.ndjson"',
    });
  }

  @Get(':id')
  @ApiOperation({ summary: 'A sealed document, checked against its hash (X-14)' })
  @ApiOkResponse({ schema: object })
  one(@Who() actor: Actor, @Param('id', ParseUUIDPipe) id: string) {
    return this.archive.one(actor, id);
  }

  @Post(':id/copies')
  @ApiOperation({ summary: 'Register who gets the original or a copy (X-14)' })
  @ApiBody({ schema: openapi(closed(copyForm)) })
  @ApiResponse({ status: 201, schema: object })
  @documented(...problems(409, 422))
  async copy(
    @Who() actor: Actor,
    @Param('id', ParseUUIDPipe) id: string,
    @Body() body: unknown,
    @Headers() headers: Record<string, string>,
  ) {
    return (await this.archive.copy(actor, id, body, headersOf(headers))).body;
  }

  @Post(':id/copies/:copyId/return')
  @ApiOperation({ summary: 'Register that it came back (X-14)' })
  @ApiResponse({ status: 201, schema: object })
  @documented(...problems(409, 422))
  async giveBack(
    @Who() actor: Actor,
    @Param('id', ParseUUIDPipe) id: string,
    @Param('copyId', ParseUUIDPipe) copyId: string,
    @Headers() headers: Record<string, string>,
  ) {
    return (await this.archive.giveBack(actor, id, copyId, headersOf(headers))).body;
  }
}
