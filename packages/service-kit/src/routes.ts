import { exportersOf } from '@fenxiao/procedures/powers';
import { kebab, type Move, type Procedure, type Start } from '@fenxiao/procedures/procedure';
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
  Query,
  Res,
  StreamableFile,
  type Type,
} from '@nestjs/common';
import {
  ApiBearerAuth,
  ApiBody,
  ApiHeader,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiProduces,
  ApiQuery,
  ApiResponse,
  ApiTags,
} from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import type { z } from 'zod';
import type { Actor } from './actor.js';
import { Who } from './auth.js';
import { bodyOf, closed } from './closed.js';
import { Commands, type Answer, type RequestHeaders } from './commands.js';
import type { AnyBound } from './engine.js';
import { deadlinesSchema } from './deadlines.js';
import { invalidHeader } from './errors.js';
import { exportQuery, Exports } from './exports.js';
import { openapi, problems } from './openapi.js';
import { listQuery, Reads, type Page } from './reads.js';

/**
 * The routes of a procedure, made from its declaration: `POST /{path}` for the first move, `POST /{path}/{id}/{move}`
 * for each other, `GET /{path}`, `GET /{path}/{id}` and `GET /{path}/export`. Moves only the system makes have no route.
 */
export function procedureController(bound: AnyBound): Type {
  const { procedure } = bound as { procedure: Procedure };

  @Controller(procedure.path)
  @ApiTags(procedure.name)
  @ApiBearerAuth()
  class ProcedureController {
    constructor(
      @Inject(Commands) readonly commands: Commands,
      @Inject(Reads) readonly reads: Reads,
      @Inject(Exports) readonly exports: Exports,
    ) {}

    list(actor: Actor, query: unknown): Promise<Page> {
      return this.reads.list(actor, bound, query);
    }

    async export(actor: Actor, query: unknown): Promise<StreamableFile> {
      const { stream, type, name } = await this.exports.begin(actor, bound, query);
      return new StreamableFile(stream, { type, disposition: `attachment; filename="${name}"` });
    }

    async one(actor: Actor, id: string, reply: FastifyReply): Promise<unknown> {
      const { version, body } = await this.reads.one(actor, bound, id);
      void reply.header('etag', etag(version));
      return body;
    }
  }
  const proto = ProcedureController.prototype as unknown as Record<string, unknown>;

  decorate(
    proto,
    'list',
    [
      Get(),
      ApiOperation({ summary: `List: ${procedure.name}` }),
      ...queryDocs(listQuery(bound)),
      ok(pageSchema(procedure)),
    ],
    [Who(), Query()],
  );
  decorate(
    proto,
    'export',
    [
      Get('export'),
      ApiOperation({
        summary: `Export: ${procedure.name} (X-20)`,
        description: `Needs a reason; recorded. May: ${Object.entries(exportersOf(procedure))
          .map(([role, scope]) => `${role} (${scope})`)
          .join(', ')}.`,
      }),
      ...queryDocs(exportQuery(bound)),
      ApiProduces('text/csv', 'application/x-ndjson'),
      ApiOkResponse({
        description: 'The file; its first line names who took it, when and why',
        schema: { type: 'string' },
      }),
      ...problems(422),
    ],
    [Who(), Query()],
  );
  decorate(
    proto,
    'one',
    [
      Get(':id'),
      ApiOperation({ summary: `Read one: ${procedure.name}` }),
      idDoc,
      ok(itemSchema(procedure), 200, etagHeader),
    ],
    [Who(), Param('id', ParseUUIDPipe), Res({ passthrough: true })],
  );

  const people = (by: object) => Object.keys(by).some((role) => role !== 'system');
  if (people(procedure.start.by)) {
    proto['start'] = async function (
      this: ProcedureController,
      actor: Actor,
      body: unknown,
      headers: Record<string, string>,
      reply: FastifyReply,
    ) {
      return answer(reply, await this.commands.start(actor, bound, body, headersOf(headers)));
    };
    const docs = [Post(), ...moveDocs(procedure, procedure.start.move, procedure.start, 201)];
    decorate(proto, 'start', docs, [Who(), Body(), Headers(), Res({ passthrough: true })]);
  }
  for (const [name, move] of Object.entries(procedure.moves as Record<string, Move>)) {
    if (!people(move.by)) continue;
    const method = `move:${name}`;
    proto[method] = async function (
      this: ProcedureController,
      actor: Actor,
      id: string,
      body: unknown,
      headers: Record<string, string>,
      reply: FastifyReply,
    ) {
      return answer(reply, await this.commands.move(actor, bound, id, name, body, headersOf(headers)));
    };
    const docs = [Post(`:id/${kebab(name)}`), HttpCode(200), ...moveDocs(procedure, name, move, 200)];
    decorate(proto, method, docs, [Who(), Param('id', ParseUUIDPipe), Body(), Headers(), Res({ passthrough: true })]);
  }
  Object.defineProperty(ProcedureController, 'name', { value: `${procedure.name} routes` });
  return ProcedureController;
}

/** Applies decorators by hand: what `@Get() list(@Who() actor, ...)` would do. */
function decorate(
  proto: Record<string, unknown>,
  method: string,
  decorators: MethodDecorator[],
  parameters: ParameterDecorator[],
): void {
  const descriptor = Object.getOwnPropertyDescriptor(proto, method)!;
  parameters.forEach((parameter, index) => parameter(proto, method, index));
  Reflect.defineMetadata(
    'design:paramtypes',
    parameters.map(() => Object),
    proto,
    method,
  );
  for (const decorator of decorators) decorator(proto, method, descriptor);
}

export const etag = (version: number) => `"${version}"`;

function answer(reply: FastifyReply, { status, version, body }: Answer): unknown {
  void reply.status(status);
  if (version !== undefined) void reply.header('etag', etag(version));
  return body;
}

const version = /^"\d{1,15}"$/;
const key = /^[\x21-\x7e]{1,200}$/;

/** @throws invalidHeader for an If-Match that is no ETag of ours, or an Idempotency-Key that can't be one */
export function headersOf(headers: Record<string, string>): RequestHeaders {
  const { 'if-match': ifMatch, 'idempotency-key': idempotencyKey } = headers;
  if (ifMatch !== undefined && !version.test(ifMatch))
    throw invalidHeader({ name: 'If-Match', why: 'an ETag as it was read, such as "3"' }, { field: 'If-Match' });
  if (idempotencyKey !== undefined && !key.test(idempotencyKey))
    throw invalidHeader(
      { name: 'Idempotency-Key', why: '1 to 200 visible ASCII characters' },
      { field: 'Idempotency-Key' },
    );
  return { ...(ifMatch === undefined ? {} : { ifMatch: Number(ifMatch.slice(1, -1)) }), idempotencyKey };
}

// ---- documentation

type Schema = Record<string, unknown>;

const etagHeader = { ETag: { description: 'the version, for If-Match', schema: { type: 'string' } } } as const;
const ok = (schema: Schema, status = 200, headers?: typeof etagHeader) =>
  ApiResponse({ status, description: 'Done', schema, ...(headers ? { headers } : {}) });
const idDoc = ApiParam({ name: 'id', schema: { type: 'string', format: 'uuid' } }) as MethodDecorator;

function moveDocs(procedure: Procedure, name: string, move: Move | Start, status: number): MethodDecorator[] {
  const start = procedure.start === move;
  const body = closed(start ? move.form : bodyOf(move as Move));
  const edits = 'edits' in move;
  const clause = move.clause ?? procedure.clause;
  const who = Object.entries(move.by).map(([role, scope]) => `${role} (${scope})`);
  const ifMatch = { name: 'If-Match', required: edits, schema: { type: 'string', pattern: version.source } } as const;
  return [
    ApiOperation({ summary: `${kebab(name)} ${procedure.name} (${clause})`, description: `May: ${who.join(', ')}.` }),
    ApiBody({ schema: openapi(body), required: !body.safeParse({}).success }),
    ApiHeader({
      name: 'Idempotency-Key',
      required: false,
      description: 'The same key with the same body is answered as the first time',
      schema: { type: 'string', pattern: key.source },
    }),
    ...(start ? [] : [idDoc, ApiHeader(ifMatch)]),
    ok(itemSchema(procedure), status, etagHeader),
    ...problems(404, 409, ...(start ? [] : [412]), 422, ...(edits ? [428] : [])),
  ] as MethodDecorator[];
}

const itemSchema = (procedure: Procedure): Schema => ({
  type: 'object',
  required: ['id', 'state', 'version', 'moves'],
  properties: {
    id: { type: 'string', format: 'uuid' },
    state: { type: 'string', enum: [...procedure.states] },
    version: { type: 'integer', minimum: 1 },
    createdAt: { type: 'string', format: 'date-time' },
    enteredAt: { type: 'string', format: 'date-time', description: 'when it came into this state' },
    moves: { type: 'array', items: { type: 'string' }, description: 'moves you could make now' },
    deadlines: deadlinesSchema,
  },
  additionalProperties: true,
});
const pageSchema = (procedure: Procedure): Schema => ({
  type: 'object',
  required: ['items', 'next'],
  properties: {
    items: { type: 'array', items: itemSchema(procedure) },
    next: { type: 'string', format: 'uuid', nullable: true },
  },
});
const queryDocs = (query: z.ZodType) =>
  Object.entries(openapi(query)['properties'] as Record<string, Schema>).map(([name, schema]) =>
    ApiQuery({ name, required: false, schema }),
  );
