import { describe } from '@fenxiao/procedures/describe';
import type { Sql } from '@fenxiao/messaging/sql';
import { Controller, Get, Headers, Inject, Res } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiProduces, ApiResponse, ApiTags } from '@nestjs/swagger';
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

const status = { type: 'object', required: ['status'], properties: { status: { type: 'string' } } };

@Controller()
@ApiTags('about')
export class HealthController {
  constructor(@Inject(Lifecycle) private readonly lifecycle: Lifecycle) {}

  @Get('health/live')
  @Public()
  @ApiOperation({ summary: 'Whether the process lives' })
  @ApiOkResponse({ schema: status })
  live() {
    return { status: 'live' };
  }

  /** The log being away does not make a command API unready: the outbox absorbs it. */
  @Get('health/ready')
  @Public()
  @ApiOperation({ summary: 'Whether requests may come' })
  @ApiOkResponse({ schema: status })
  @ApiResponse({ status: 503, description: 'Starting, stopping, or without its database', schema: status })
  async ready(@Res({ passthrough: true }) reply: FastifyReply) {
    const ready = await this.lifecycle.isReady();
    void reply.status(ready ? 200 : 503);
    return { status: ready ? 'ready' : 'not ready' };
  }

  @Get('metrics')
  @Public()
  @ApiOperation({ summary: 'Figures for Prometheus' })
  @ApiProduces('text/plain')
  @ApiOkResponse({ schema: { type: 'string' } })
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
  @ApiOperation({
    summary:
      'Who you are here, your positions today, those of absent people you act for, what you have to read or accept first',
  })
  @ApiOkResponse({
    schema: {
      type: 'object',
      properties: { person: { type: 'string' }, roles: { type: 'array', items: { type: 'string' } } },
      additionalProperties: true,
    },
  })
  me(@Who() actor: Actor) {
    const { person, positions, acting = [], pending } = actor;
    return { person, roles: rolesOf(actor), positions, acting, pending };
  }
}
