import type { Actor } from '@fenxiao/service-kit/actor';
import { Who } from '@fenxiao/service-kit/auth';
import { Commands, type Answer } from '@fenxiao/service-kit/commands';
import { parseForm } from '@fenxiao/service-kit/checks';
import { openapi, problems } from '@fenxiao/service-kit/openapi';
import { languageOf } from '@fenxiao/service-kit/problem';
import { parseQuery } from '@fenxiao/service-kit/reads';
import { headersOf } from '@fenxiao/service-kit/routes';
import { CONFIG } from '@fenxiao/service-kit/service';
import { Transactions, type Work } from '@fenxiao/service-kit/work';
import {
  Body,
  Controller,
  Get,
  Headers,
  HttpCode,
  Inject,
  Param,
  ParseUUIDPipe,
  Post,
  Put,
  Query,
} from '@nestjs/common';
import { ApiBearerAuth, ApiBody, ApiHeader, ApiOperation, ApiQuery, ApiResponse, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { placeOf, type ConsoleConfig } from '../config.js';
import { deliveriesOf, deliveryView, inboxPage, inboxQuery, mine, noticeView, page, unreadOf, view } from './inbox.js';
import { keepPreference, preferenceForm, preferencesOf, preferenceView, viewOf } from './preferences.js';

const ok = (schema: z.ZodType) => ApiResponse({ status: 200, description: 'Done', schema: openapi(schema, 'output') });
const command = (form: z.ZodType): MethodDecorator => {
  const decorators = [
    ApiBody({ schema: openapi(form), required: false }),
    ApiHeader({
      name: 'Idempotency-Key',
      required: false,
      description: 'The same key with the same body is answered as the first time',
      schema: { type: 'string', pattern: '^[\\x21-\\x7e]{1,200}$' },
    }),
    ...problems(409, 422),
  ];
  return (target, key, descriptor) => decorators.forEach((decorator) => decorator(target, key, descriptor));
};
const queryDocs: MethodDecorator = (target, key, descriptor) => {
  for (const [name, schema] of Object.entries(openapi(inboxQuery)['properties'] as Record<string, object>))
    ApiQuery({ name, required: false, schema })(target, key, descriptor);
};
const nothing = z.strictObject({});
const read = z.object({ read: z.int() });
type Heads = Record<string, string>;

/** The inbox: what the one who asks was told, and how they want to be told. Texts are in the reader's language. */
@Controller('notices')
@ApiTags('notices')
@ApiBearerAuth()
export class NoticeController {
  constructor(
    @Inject(Commands) private readonly commands: Commands,
    @Inject(Transactions) private readonly transactions: Transactions,
    @Inject(CONFIG) private readonly config: ConsoleConfig,
  ) {}

  @Get()
  @ApiOperation({ summary: 'My notices: unread ones first, the newest first' })
  @queryDocs
  @ok(inboxPage)
  list(@Who() actor: Actor, @Query() query: unknown, @Headers() headers: Heads): Promise<z.infer<typeof inboxPage>> {
    const asked = parseQuery(inboxQuery, query);
    const language = languageOf({ headers });
    return this.transactions.run(actor, async (work) => {
      const { rows, next } = await page(work, actor.person, asked);
      const items = rows.map((row) => view(row, language, placeOf(this.config)));
      return { unread: await unreadOf(work, actor.person), items, next };
    });
  }

  @Get('preferences')
  @ApiOperation({ summary: 'How I am told beside the inbox' })
  @ok(preferenceView)
  preferences(@Who() actor: Actor): Promise<z.infer<typeof preferenceView>> {
    return this.transactions.run(actor, async (work) =>
      viewOf((await preferencesOf(work, [actor.person])).get(actor.person)),
    );
  }

  @Put('preferences')
  @ApiOperation({ summary: 'Say how I am told; a new webhook is answered with its secret, this once' })
  @command(preferenceForm)
  @ok(preferenceView)
  setPreferences(@Who() actor: Actor, @Body() body: unknown, @Headers() headers: Heads): Promise<unknown> {
    const form = parseForm(preferenceForm, body);
    return this.#command(actor, 'set-preferences', body, headers, (work) => keepPreference(work, actor.person, form));
  }

  @Post('read-all')
  @HttpCode(200)
  @ApiOperation({ summary: 'Mark all my notices as read' })
  @command(nothing)
  @ok(read)
  readAll(@Who() actor: Actor, @Body() body: unknown, @Headers() headers: Heads): Promise<unknown> {
    parseForm(nothing, body);
    return this.#command(actor, 'mark-read', body, headers, async (work) => {
      const rows = await work.query(
        'UPDATE notice SET read_at = $2 WHERE person = $1 AND read_at IS NULL RETURNING id',
        [actor.person, work.now],
      );
      return { read: rows.length };
    });
  }

  @Post(':id/read')
  @HttpCode(200)
  @ApiOperation({ summary: 'Mark a notice as read' })
  @command(nothing)
  @ok(noticeView)
  read(
    @Who() actor: Actor,
    @Param('id', ParseUUIDPipe) id: string,
    @Body() body: unknown,
    @Headers() headers: Heads,
  ): Promise<unknown> {
    parseForm(nothing, body);
    const about = { about: id };
    return this.#command(
      actor,
      'mark-read',
      body,
      headers,
      async (work) => {
        const row = await mine(work, actor.person, id);
        const read_at = row.read_at ?? work.now;
        await work.query('UPDATE notice SET read_at = $2 WHERE id = $1', [id, read_at]);
        return view({ ...row, read_at }, languageOf({ headers }), placeOf(this.config));
      },
      about,
    );
  }

  @Get(':id/deliveries')
  @ApiOperation({ summary: 'By which ways a notice of mine has gone, and what came of it' })
  @ok(z.array(deliveryView))
  deliveries(@Who() actor: Actor, @Param('id', ParseUUIDPipe) id: string): Promise<z.infer<typeof deliveryView>[]> {
    return this.transactions.run(actor, async (work) => deliveriesOf(work, (await mine(work, actor.person, id)).id));
  }

  /** Once per Idempotency-Key; a refusal is written down. */
  async #command(
    actor: Actor,
    move: string,
    body: unknown,
    headers: Heads,
    run: (work: Work) => Promise<unknown>,
    about: { about?: string } = {},
  ): Promise<unknown> {
    const target = { procedure: 'notice', move, rule: 'X-20', ...about };
    const answer = await this.commands.run(actor, target, body, headersOf(headers), async (work): Promise<Answer> => ({
      status: 200,
      body: await run(work),
    }));
    return answer.body;
  }
}
