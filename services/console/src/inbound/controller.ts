import { Id, Instant, Line } from '@fenxiao/contracts/wire';
import { domainError } from '@fenxiao/domain/domain-error';
import type { Powers } from '@fenxiao/procedures/procedure';
import type { Actor } from '@fenxiao/service-kit/actor';
import { Who } from '@fenxiao/service-kit/auth';
import { Commands } from '@fenxiao/service-kit/commands';
import { parseForm, requirePower } from '@fenxiao/service-kit/checks';
import { notFound } from '@fenxiao/service-kit/errors';
import { openapi, problems } from '@fenxiao/service-kit/openapi';
import { parseQuery } from '@fenxiao/service-kit/reads';
import { headersOf } from '@fenxiao/service-kit/routes';
import { Transactions, type Work } from '@fenxiao/service-kit/work';
import {
  Body,
  Controller,
  Get,
  Headers,
  HttpCode,
  Inject,
  Param,
  ParseIntPipe,
  ParseUUIDPipe,
  Post,
  Query,
  StreamableFile,
} from '@nestjs/common';
import { ApiBearerAuth, ApiBody, ApiOperation, ApiProduces, ApiQuery, ApiResponse, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';

const mailQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.uuid().optional(),
  state: z.enum(['open', 'attached']).optional(),
});
const mailView = z.object({
  id: Id,
  sender: z.string(),
  person: Id.nullable().meta({ description: 'whose notices go to that address; whoever writes may claim another' }),
  title: z.string(),
  body: z.string(),
  sentAt: Instant.nullable(),
  receivedAt: Instant,
  tooLarge: z.boolean().meta({ description: 'more than is kept: only its head is here' }),
  attachments: z.array(z.object({ n: z.int(), name: z.string(), type: z.string(), size: z.int() })),
  attachedTo: z.object({ procedure: z.string(), subject: Id, by: z.string(), at: Instant }).nullable(),
});
type MailView = z.infer<typeof mailView>;
const mailPage = z.object({ items: z.array(mailView), next: Id.nullable() });
const attachForm = z.object({ procedure: Line, subject: Id });

const alreadyAttached = domainError({
  code: 'console.inbound.already-attached',
  kind: 'conflict',
  rule: 'P-31',
  en: 'This message is attached already.',
  zh: '此来信已关联。',
});

const may: Powers = { 'sales-administrator': 'all', office: 'all' };
/** @throws noPower */
const requireReader = (actor: Actor, move: string) => requirePower(actor, may, move, 'P-31');

const ok = (schema: z.ZodType) => ApiResponse({ status: 200, description: 'Done', schema: openapi(schema, 'output') });
const queryDocs: MethodDecorator = (target, key, descriptor) => {
  for (const [name, schema] of Object.entries(openapi(mailQuery)['properties'] as Record<string, object>))
    ApiQuery({ name, required: false, schema })(target, key, descriptor);
};

/** P-31, C-01: what came in by mail, and what it belongs to. */
@Controller('inbound-mail')
@ApiTags('inbound-mail')
@ApiBearerAuth()
export class InboundController {
  constructor(
    @Inject(Commands) private readonly commands: Commands,
    @Inject(Transactions) private readonly transactions: Transactions,
  ) {}

  @Get()
  @ApiOperation({ summary: 'Mail that came in, the newest first' })
  @queryDocs
  @ok(mailPage)
  list(@Who() actor: Actor, @Query() query: unknown): Promise<z.infer<typeof mailPage>> {
    requireReader(actor, 'read inbound-mail');
    const { limit, cursor, state } = parseQuery(mailQuery, query);
    return this.transactions.run(actor, async (work) => {
      const rows = await work.query<{ view: MailView }>(
        `SELECT ${columns} FROM inbound_mail m WHERE ($1::uuid IS NULL OR id < $1)
           AND ($2::text IS NULL OR (attached_at IS NOT NULL) = ($2 = 'attached')) ORDER BY id DESC LIMIT $3`,
        [cursor ?? null, state ?? null, limit + 1],
      );
      const items = rows.slice(0, limit).map(({ view }) => view);
      return { items, next: rows.length > limit ? items.at(-1)!.id : null };
    });
  }

  @Get(':id/attachments/:n')
  @ApiOperation({ summary: 'An attachment, as it came' })
  @ApiProduces('application/octet-stream')
  @ApiResponse({ status: 200, description: 'Done' })
  async attachment(
    @Who() actor: Actor,
    @Param('id', ParseUUIDPipe) id: string,
    @Param('n', ParseIntPipe) n: number,
  ): Promise<StreamableFile> {
    requireReader(actor, 'read inbound-mail');
    const [found] = await this.transactions.run(actor, (work) =>
      work.query<{ name: string; content: Buffer }>(
        'SELECT name, content FROM inbound_attachment WHERE mail = $1 AND n = $2',
        [id, n],
      ),
    );
    if (!found) throw notFound({ what: 'attachment' });
    // Never as what it says it is: nothing that strangers send is to be run by a browser.
    return new StreamableFile(found.content, {
      type: 'application/octet-stream',
      disposition: `attachment; filename*=UTF-8''${encodeURIComponent(found.name)}`,
    });
  }

  @Post(':id/attach')
  @HttpCode(200)
  @ApiOperation({ summary: 'Say which report or complaint a message belongs to' })
  @ApiBody({ schema: openapi(attachForm) })
  @ok(mailView)
  @attachProblems()
  async attach(
    @Who() actor: Actor,
    @Param('id', ParseUUIDPipe) id: string,
    @Body() body: unknown,
    @Headers() headers: Record<string, string>,
  ): Promise<unknown> {
    const { procedure, subject } = parseForm(attachForm, body);
    const target = { procedure: 'inbound-mail', move: 'attach', rule: 'P-31', about: id };
    const answer = await this.commands.run(actor, target, body, headersOf(headers), async (work) => {
      const role = requireReader(actor, 'attach');
      const changed = await work.query(
        `UPDATE inbound_mail SET attached_procedure = $2, attached_subject = $3, attached_by = $4, attached_at = $5
         WHERE id = $1 AND attached_at IS NULL RETURNING id`,
        [id, procedure, subject, actor.person, work.now],
      );
      const view = await one(work, id);
      if (changed.length === 0) throw alreadyAttached();
      const after = { procedure, subject };
      work.record({
        procedure: 'inbound-mail',
        subject: id,
        move: 'attach',
        outcome: 'done',
        rule: 'P-31',
        role,
        after,
      });
      return { status: 200, body: view };
    });
    return answer.body;
  }
}

function attachProblems(): MethodDecorator {
  return (target, key, descriptor) => problems(409, 422).forEach((problem) => problem(target, key, descriptor));
}

/** @throws notFound */
async function one(work: Work, id: string): Promise<MailView> {
  const [row] = await work.query<{ view: MailView }>(`SELECT ${columns} FROM inbound_mail m WHERE id = $1`, [id]);
  if (!row) throw notFound({ what: 'inbound-mail' });
  return row.view;
}

const instant = (column: string) => `to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
const columns = `jsonb_build_object('id', id, 'sender', sender, 'person', person, 'title', title, 'body', body,
  'sentAt', ${instant('sent_at')}, 'receivedAt', ${instant('received_at')}, 'tooLarge', too_large,
  'attachments', coalesce((SELECT jsonb_agg(jsonb_build_object('n', n, 'name', name, 'type', type, 'size', length(content)) ORDER BY n)
    FROM inbound_attachment a WHERE a.mail = m.id), '[]'),
  'attachedTo', CASE WHEN attached_at IS NOT NULL THEN jsonb_build_object('procedure', attached_procedure, 'subject', attached_subject,
    'by', attached_by, 'at', ${instant('attached_at')}) END) AS view`;
