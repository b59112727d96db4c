import { describe } from '@fenxiao/procedures/describe';
import type { Sql } from '@fenxiao/messaging/sql';
import { Controller, Get, Headers, Inject, Res } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import {
  ApiBearerAuth,
  ApiExcludeController,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
  DocumentBuilder,
  SwaggerModule,
  type OpenAPIObject,
} from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { register } from 'prom-client';
import type { Actor } from './actor.js';
import { Public, Who } from './auth.js';
import type { AnyBound } from './engine.js';
import { Maintenance } from './maintenance.js';
import { rolesOf } from './people.js';
import { languageOf } from './problem.js';

/** What a service says of itself: its procedures, its API, its health. */

export const PROCEDURES = Symbol('procedures');

/** Whether requests may come: from the moment everything runs until shutdown begins, and only while the database answers. */
export class Lifecycle {
  ready = false;
  constructor(private readonly sql: Sql) {}

  async isReady(): Promise<boolean> {
    return (
      this.ready &&
      (await this.sql.query('SELECT 1').then(
        () => true,
        () => false,
      ))
    );
  }
}

@Controller()
@ApiExcludeController()
export class HealthController {
  constructor(@Inject(Lifecycle) private readonly lifecycle: Lifecycle) {}

  @Get('health/live')
  @Public()
  live() {
    return { status: 'live' };
  }

  /** The log being away does not make a command API unready: the outbox absorbs it. */
  @Get('health/ready')
  @Public()
  async ready(@Res({ passthrough: true }) reply: FastifyReply) {
    const ready = await this.lifecycle.isReady();
    void reply.status(ready ? 200 : 503);
    return { status: ready ? 'ready' : 'not ready' };
  }

  @Get('metrics')
  @Public()
  async metrics(@Res({ passthrough: true }) reply: FastifyReply) {
    void reply.type(register.contentType);
    return register.metrics();
  }
}

@Controller()
@ApiTags('about')
@ApiBearerAuth()
export class DescriptionController {
  constructor(
    @Inject(PROCEDURES) private readonly bound: readonly AnyBound[],
    @Inject(Maintenance) private readonly maintenance: Maintenance,
  ) {}

  @Get('procedures')
  @ApiOperation({
    summary: 'Every procedure as data: states, moves, powers, clocks, forms; a screen can be drawn from it',
  })
  @ApiOkResponse({ schema: { type: 'array', items: { type: 'object', additionalProperties: true } } })
  procedures(@Headers() headers: Record<string, string>) {
    const language = languageOf({ headers });
    return this.bound.map(({ procedure }) => describe(procedure, language));
  }

  @Get('events/status')
  @ApiOperation({ summary: 'Rows not yet in the log, and records of other services not yet applied here' })
  @ApiOkResponse({
    schema: {
      type: 'object',
      properties: { outbox: { type: 'integer' }, behind: { type: 'integer' } },
      additionalProperties: true,
    },
  })
  events() {
    return this.maintenance.status();
  }

  @Get('me')
  @ApiOperation({ summary: 'Who you are here, and the positions you hold today' })
  @ApiOkResponse({
    schema: {
      type: 'object',
      properties: { person: { type: 'string' }, roles: { type: 'array', items: { type: 'string' } } },
      additionalProperties: true,
    },
  })
  me(@Who() actor: Actor) {
    return { person: actor.person, roles: rolesOf(actor), positions: actor.positions };
  }
}

const problem = {
  type: 'object',
  required: ['type', 'title', 'status', 'detail', 'code', 'instance'],
  properties: {
    type: { type: 'string' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string' },
    code: { type: 'string', description: 'stable' },
    rule: { type: 'string', description: 'clause of the regulations that refused' },
    field: { type: 'string' },
    instance: { type: 'string' },
  },
  additionalProperties: true,
} as const;

/** `/openapi.json` and a page to browse it at `/docs`; the document is made when first asked for. */
export function openApi(app: NestFastifyApplication, service: string): void {
  let document: OpenAPIObject | undefined;
  const make = () => {
    if (document) return document;
    const about = new DocumentBuilder().setTitle(`Fenxiao ${service}`).setVersion('1').addServer('.').addBearerAuth();
    document = SwaggerModule.createDocument(app, about.build());
    document.components = {
      ...document.components,
      schemas: { ...document.components?.schemas, Problem: problem as never },
    };
    return document;
  };
  SwaggerModule.setup('docs', app, make, { jsonDocumentUrl: 'openapi.json', yamlDocumentUrl: 'openapi.yaml' });
}
