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
  type Type,
} from '@nestjs/common';
import { ApiBearerAuth, ApiBody, ApiHeader, ApiOperation, ApiQuery, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import type { Actor } from './actor.js';
import { Who } from './auth.js';
import { Commands, type Answer, type RequestHeaders } from './commands.js';
import type { AnyBound } from './engine.js';
import { staleVersion } from './errors.js';
import { listQuery, Reads, type Page } from './reads.js';

/**
 * The routes of a procedure, made from its declaration: `POST /{path}` for the first move, `POST /{path}/{id}/{move}`
 * for each other, `GET /{path}` and `GET /{path}/{id}`. Moves only the system makes have no route.
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
    ) {}

    list(actor: Actor, query: unknown): Promise<Page> {
      return this.reads.list(actor, bound, query);
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
      ...queryDocs(bound),
      ...problems(401, 403),
      ok(pageSchema(procedure)),
    ],
    [Who(), Query()],
  );
  decorate(
    proto,
    'one',
    [
      Get(':id'),
      ApiOperation({ summary: `Read one: ${procedure.name}` }),
      ...problems(401, 403, 404),
      ok(itemSchema(procedure)),
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

/** @throws staleVersion for an If-Match that is no ETag of ours */
export function headersOf(headers: Record<string, string>): RequestHeaders {
  const ifMatch = headers['if-match'];
  const seen = ifMatch === undefined ? undefined : /^"(\d+)"$/.exec(ifMatch)?.[1];
  if (ifMatch !== undefined && seen === undefined) throw staleVersion({ seen: ifMatch.slice(0, 50), current: '?' });
  const idempotencyKey = headers['idempotency-key']?.slice(0, 200);
  return { ...(seen === undefined ? {} : { ifMatch: Number(seen) }), ...(idempotencyKey ? { idempotencyKey } : {}) };
}

// ---- documentation

type Schema = Record<string, unknown>;
const openapi = (schema: z.ZodType, io: 'input' | 'output' = 'input') =>
  z.toJSONSchema(schema, { target: 'openapi-3.0', io }) as Schema;

const descriptions: Readonly<Record<number, string>> = {
  400: 'The form or the query is wrong; every field is named',
  401: 'No valid token',
  403: "No power, or outside one's region",
  404: 'No such object',
  409: 'Not possible in the present state; the moves possible are named',
  412: 'Changed since it was read',
  422: 'A rule refuses, or the Idempotency-Key was used with another body',
  428: 'If-Match is needed',
};
const problemSchema = { $ref: '#/components/schemas/Problem' };
export const problems = (...statuses: number[]) =>
  statuses.map((status) =>
    ApiResponse({
      status,
      description: descriptions[status]!,
      content: { 'application/problem+json': { schema: problemSchema } },
    }),
  );
const ok = (schema: Schema, status = 200) => ApiResponse({ status, description: 'Done', schema });

function moveDocs(procedure: Procedure, name: string, move: Move | Start, status: number): MethodDecorator[] {
  const form = move.form ? openapi(move.form) : { type: 'object', properties: {} as Schema };
  const needsReason = 'reason' in move;
  const schema: Schema = {
    ...form,
    properties: {
      ...(form['properties'] as Schema),
      ...(procedure.start === move ? {} : { reason: { type: 'string', minLength: 1, maxLength: 4000 } }),
    },
    ...(needsReason ? { required: [...((form['required'] as string[] | undefined) ?? []), 'reason'] } : {}),
  };
  delete schema['$schema'];
  const clause = move.clause ?? procedure.clause;
  const who = Object.entries(move.by).map(([role, scope]) => `${role} (${scope})`);
  return [
    ApiOperation({ summary: `${kebab(name)} ${procedure.name} (${clause})`, description: `May: ${who.join(', ')}.` }),
    ApiBody({ schema, required: needsReason || move.form !== undefined }),
    ApiHeader({ name: 'Idempotency-Key', required: false, schema: { type: 'string', maxLength: 200 } }),
    ...('edits' in move ? [ApiHeader({ name: 'If-Match', required: true, schema: { type: 'string' } })] : []),
    ok(itemSchema(procedure), status),
    ...problems(400, 401, 403, 404, 409, 412, 422, ...('edits' in move ? [428] : [])),
  ] as MethodDecorator[];
}

const itemSchema = (procedure: Procedure): Schema => ({
  type: 'object',
  required: ['id', 'state', 'version', 'moves'],
  properties: {
    id: { type: 'string', format: 'uuid' },
    state: { type: 'string', enum: [...procedure.states] },
    version: { type: 'integer' },
    moves: { type: 'array', items: { type: 'string' }, description: 'moves you could make now' },
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
const queryDocs = (bound: AnyBound) =>
  Object.entries(openapi(listQuery(bound))['properties'] as Record<string, Schema>).map(([name, schema]) =>
    ApiQuery({ name, required: false, schema }),
  );
