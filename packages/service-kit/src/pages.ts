import type { BusinessCalendar } from '@fenxiao/domain/business-calendar';
import { label, type Language } from '@fenxiao/domain/dictionary';
import type { Sql } from '@fenxiao/messaging/sql';
import type { Procedure } from '@fenxiao/procedures/procedure';
import type { MikroORM } from '@mikro-orm/postgresql';
import { Controller, Get, Headers, Inject, Param, ParseUUIDPipe, Res, type Type } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiParam, ApiProduces, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import type { Actor } from './actor.js';
import { Who } from './auth.js';
import type { BaseConfig } from './config.js';
import { sealOf } from './archive.js';
import type { AnyBound, Entity } from './engine.js';
import { contentOf, idsOn } from './page-content.js';
import { renderPage } from './page-html.js';
import { languageOf } from './problem.js';
import type { Reads } from './reads.js';

interface PagesParts {
  readonly reads: Reads;
  readonly orm: MikroORM;
  readonly sql: Sql;
  readonly calendar: BusinessCalendar;
  readonly config: BaseConfig;
  readonly now: () => Date;
  /** SQL of the service: `(id, name)` of what its subjects refer to */
  readonly names: readonly string[];
}

/** What the kit itself can name: regions, and people by their staff number. */
const ownNames = [
  "SELECT id, code || CASE WHEN name = code THEN '' ELSE ' ' || name END AS name FROM known_region",
  'SELECT id, staff_number AS name FROM known_person',
];

/** X-14 Printable pages: any subject as its reader sees it, on A4, by one template. */
export class Pages {
  readonly #names: string;
  constructor(private readonly parts: PagesParts) {
    this.#names = [...ownNames, ...parts.names].join(' UNION ALL ');
  }

  /** @throws noPower, notFound, outsideScope, as reading one does */
  async page(actor: Actor, bound: AnyBound, id: string, language: Language) {
    const { reads, config, calendar, now } = this.parts;
    const procedure = bound.procedure as Procedure;
    const { body, version } = await reads.one(actor, bound, id);
    const em = this.parts.orm.em.fork();
    const { approvals, createdBy, createdAt, state } = (await em.findOneOrFail(bound.entity, { id })) as Entity;
    const people = [actor.person, createdBy, ...approvals.map(({ person }) => person)];
    const names = await this.#namesOf([...idsOn(body), ...idsOn(people, 'owner')]);
    const time = (instant: Date) => `${calendar.dateOf(instant)} ${clockTime(instant, config.TIME_ZONE)}`;
    const content = contentOf(procedure, body, { language, currency: config.CURRENCY, time, names, approvals });
    return renderPage(content, {
      language,
      company: config.COMPANY_NAME,
      state: label(state, procedure.name)[language],
      version,
      made: { at: time(createdAt), by: names.get(createdBy) ?? createdBy },
      hash: await sealOf(this.parts.sql, procedure.name, id),
      printed: { at: time(now()), by: names.get(actor.person) ?? '' },
    });
  }

  async #namesOf(ids: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const rows = await this.parts.sql.query<{ id: string; name: string }>(
      `SELECT id, name FROM (${this.#names}) named WHERE id = ANY($1::uuid[])`,
      [[...new Set(ids)]],
    );
    return new Map(rows.map(({ id, name }) => [id, name]));
  }
}

const clockTime = (instant: Date, timeZone: string) =>
  instant.toLocaleTimeString('en-GB', { timeZone, hour: '2-digit', minute: '2-digit' });

/** The forms are Chinese; whoever asks for English before Chinese gets it. */
const pageLanguage = (headers: Record<string, string>): Language =>
  /\ben\b/i.test(headers['accept-language'] ?? '') ? languageOf({ headers }) : 'zh';

/** `GET /{path}/{id}/page` of a procedure. */
export function pageController(bound: AnyBound): Type {
  const { path, name } = bound.procedure as Procedure;

  @Controller(path)
  @ApiTags(name)
  @ApiBearerAuth()
  class PageController {
    constructor(@Inject(Pages) private readonly pages: Pages) {}

    @Get(':id/page')
    @ApiOperation({
      summary: `Print: ${name} (X-14)`,
      description: 'A4, complete in itself; Chinese, or English by Accept-Language',
    })
    @ApiParam({ name: 'id', schema: { type: 'string', format: 'uuid' } })
    @ApiProduces('text/html')
    @ApiOkResponse({ description: 'The page', schema: { type: 'string' } })
    async page(
      @Who() actor: Actor,
      @Param('id', ParseUUIDPipe) id: string,
      @Headers() headers: Record<string, string>,
      @Res({ passthrough: true }) reply: FastifyReply,
    ): Promise<string> {
      const language = pageLanguage(headers);
      const { body, policy } = await this.pages.page(actor, bound, id, language);
      void reply
        .type('text/html; charset=utf-8')
        .header('content-language', language === 'zh' ? 'zh-CN' : 'en')
        .header('content-security-policy', policy)
        .header('cache-control', 'private, no-store');
      return body;
    }
  }
  Object.defineProperty(PageController, 'name', { value: `${name} page` });
  return PageController;
}
