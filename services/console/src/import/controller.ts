import { Readable } from 'node:stream';
import { Id, Instant } from '@fenxiao/contracts/wire';
import type { Actor } from '@fenxiao/service-kit/actor';
import { requirePower } from '@fenxiao/service-kit/checks';
import { Who } from '@fenxiao/service-kit/auth';
import { languageOf } from '@fenxiao/service-kit/problem';
import { openapi, problems } from '@fenxiao/service-kit/openapi';
import {
  Controller,
  Get,
  Headers,
  HttpCode,
  Inject,
  Param,
  ParseUUIDPipe,
  Post,
  Req,
  StreamableFile,
} from '@nestjs/common';
import { ApiBearerAuth, ApiBody, ApiConsumes, ApiOperation, ApiProduces, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { ImportJobs, type JobRecord, type ReportName } from './jobs.js';
import { Uploads } from './uploads.js';

const record = z.object({
  id: Id,
  state: z.enum(['receiving', 'running', 'done', 'failed', 'interrupted']),
  startedBy: z.string(),
  startedAt: Instant,
  endedAt: Instant.nullable(),
  options: z.object({ dryRun: z.boolean(), allOrNothing: z.boolean(), language: z.enum(['zh', 'en']) }).partial(),
  files: z.array(z.string()),
  progress: z.looseObject({ phase: z.string(), kind: z.string(), done: z.int(), total: z.int().optional() }).nullable(),
  outcome: z
    .looseObject({})
    .meta({
      description: 'tables: how files were understood; summary: rows by kind; problems: why it did not end well',
    })
    .nullable(),
});
const schemaOf = (schema: z.ZodType) => openapi(schema, 'output');
const [busy] = problems(409) as [MethodDecorator];
const binary = { type: 'string', format: 'binary' };
const form = {
  type: 'object',
  properties: {
    file: { type: 'array', items: binary, description: 'CSV, TSV, XLSX, or one .zip' },
    mapping: { ...binary, description: 'mapping file, YAML; without it the headers decide' },
    dryRun: { type: 'boolean' },
    allOrNothing: { type: 'boolean' },
    lang: { type: 'string', enum: ['zh', 'en'] },
  },
} as object;

/** Bringing in spreadsheets (record-historic), in the background, with the powers of the one who asks. */
@Controller('imports')
@ApiTags('imports')
@ApiBearerAuth()
export class ImportController {
  constructor(
    @Inject(ImportJobs) private readonly jobs: ImportJobs,
    @Inject(Uploads) private readonly uploads: Uploads,
  ) {}

  @Post()
  @HttpCode(202)
  @ApiOperation({ summary: 'Bring in files; the answer is the job to look at' })
  @ApiConsumes('multipart/form-data')
  @ApiBody({ schema: form })
  @ApiResponse({ status: 202, schema: schemaOf(record) })
  @busy
  start(@Who() actor: Actor, @Req() request: FastifyRequest): Promise<JobRecord> {
    requireImporter(actor, 'import');
    const { authorization = '' } = request.headers;
    return this.jobs.start(actor, authorization, languageOf(request), (folder) =>
      this.uploads.receive(request, folder),
    );
  }

  @Get()
  @ApiOperation({ summary: 'The latest imports' })
  @ApiResponse({ status: 200, schema: schemaOf(z.array(record)) })
  list(@Who() actor: Actor): Promise<JobRecord[]> {
    requireImporter(actor, 'read imports');
    return this.jobs.list();
  }

  @Get(':id')
  @ApiOperation({ summary: 'How far an import is, and what came of it' })
  @ApiResponse({ status: 200, schema: schemaOf(record) })
  read(
    @Who() actor: Actor,
    @Param('id', ParseUUIDPipe) id: string,
    @Headers('authorization') authorization: string,
  ): Promise<JobRecord> {
    requireImporter(actor, 'read imports');
    this.jobs.lend(id, actor, authorization);
    return this.jobs.read(id);
  }

  @Get(':id/report.csv')
  @ApiOperation({ summary: 'Rejected rows: file, line, column, value, reason' })
  @ApiProduces('text/csv')
  @ApiResponse({ status: 200 })
  report(@Who() actor: Actor, @Param('id', ParseUUIDPipe) id: string): Promise<StreamableFile> {
    return this.#csv(actor, id, 'report');
  }

  @Get(':id/findings.csv')
  @ApiOperation({ summary: "What today's rules would have said" })
  @ApiProduces('text/csv')
  @ApiResponse({ status: 200 })
  findings(@Who() actor: Actor, @Param('id', ParseUUIDPipe) id: string): Promise<StreamableFile> {
    return this.#csv(actor, id, 'findings');
  }

  async #csv(actor: Actor, id: string, name: ReportName): Promise<StreamableFile> {
    requireImporter(actor, 'read imports');
    const type = 'text/csv; charset=utf-8';
    const disposition = `attachment; filename="import-${id}-${name}.csv"`;
    return new StreamableFile(Readable.from(await this.jobs.report(id, name)), { type, disposition });
  }
}

/** @throws noPower */
const requireImporter = (actor: Actor, move: string) => requirePower(actor, { importer: 'all' }, move);
