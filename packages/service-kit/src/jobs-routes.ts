import { CalendarDate, Note } from '@fenxiao/contracts/wire';
import { DomainError, domainError } from '@fenxiao/domain/domain-error';
import { Body, Controller, Get, Headers, HttpCode, Inject, Param, Post } from '@nestjs/common';
import { ApiBearerAuth, ApiBody, ApiHeader, ApiOperation, ApiParam, ApiResponse, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import type { Actor } from './actor.js';
import { Who } from './auth.js';
import { closed } from './closed.js';
import { Commands } from './commands.js';
import { parseForm, requirePower } from './checks.js';
import { Jobs, type JobStatus } from './jobs.js';
import { openapi, problems } from './openapi.js';
import { headersOf } from './routes.js';

const readers = { 'system-administrator': 'all', auditor: 'all' } as const;
const runners = { 'system-administrator': 'all' } as const;

const form = closed(z.object({ date: CalendarDate, reason: Note }));

/** Scheduled work (rules, section 10) for those who look after it: what ran, what comes, and running what failed. */
@Controller('jobs')
@ApiTags('jobs')
@ApiBearerAuth()
export class JobsController {
  constructor(
    @Inject(Jobs) private readonly jobs: Jobs,
    @Inject(Commands) private readonly commands: Commands,
  ) {}

  @Get()
  @ApiOperation({ summary: 'Scheduled work: when each job ran last, and when it runs next' })
  @ApiResponse({ status: 200, schema: { type: 'array', items: { type: 'object', additionalProperties: true } } })
  async list(@Who() actor: Actor): Promise<JobStatus[]> {
    requirePower(actor, readers, 'read jobs');
    return this.jobs.list();
  }

  @Post(':name/run')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Run a job for a date on which it was due (X-01)',
    description: 'For what failed for good, or was due before the job existed. May: system-administrator.',
  })
  @ApiParam({ name: 'name', schema: { type: 'string' } })
  @ApiHeader({ name: 'Idempotency-Key', required: false, schema: { type: 'string' } })
  @ApiBody({ schema: openapi(form) })
  @ApiResponse({ status: 200, schema: { type: 'object', additionalProperties: true } })
  @(problems(404, 409, 422)[0]!)
  async run(
    @Who() actor: Actor,
    @Param('name') name: string,
    @Body() body: unknown,
    @Headers() headers: Record<string, string>,
  ): Promise<unknown> {
    const { clause } = this.jobs.get(name);
    const target = { procedure: name, move: 'run', rule: clause };
    const answer = await this.commands.run(actor, target, body, headersOf(headers), async (work) => {
      const role = requirePower(actor, runners, 'run');
      const { date, reason } = parseForm(form, body);
      const tookMs = await this.jobs.perform(work, name, this.jobs.dueOn(name, date));
      if (tookMs === undefined) throw new DomainError({ ...hasRun.definition, rule: clause }, { job: name, date });
      work.record({ ...target, outcome: 'done', role, reason, after: { date } });
      return { status: 200, body: { name, date, tookMs } };
    });
    return answer.body;
  }
}

export const hasRun = domainError({
  code: 'job.has-run',
  kind: 'conflict',
  en: '{job} has run for {date}; it happens once.',
  zh: '{job}已就{date}执行过，不能重复执行。',
});
