import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { ApiResponse, DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import { z } from 'zod';

/** The API as OpenAPI. Controllers say what is theirs; what any request may be answered is added here. */

const descriptions: Readonly<Record<number, string>> = {
  400: 'The form, the query or a header is wrong; every field is named',
  401: 'No valid token',
  403: "No power, or outside one's region",
  404: 'No such object',
  405: 'The path has other methods, named in Allow',
  408: 'The request did not arrive whole in time',
  409: 'Not possible in the present state; the moves possible are named',
  412: 'Changed since it was read',
  413: 'More than may be sent at once',
  414: 'A part of the path is too long',
  415: 'The body is in another format than those named',
  422: 'A rule refuses, or the Idempotency-Key was used with another body',
  428: 'If-Match is needed',
  429: 'Too many requests in a minute',
  431: 'The headers are too large',
  503: 'Not available just now',
};

const text = { type: 'string' } as const;
const headers: Readonly<Record<number, object>> = {
  401: { 'WWW-Authenticate': { schema: text } },
  405: { Allow: { schema: text } },
  429: { 'Retry-After': { description: 'seconds', schema: { type: 'integer' } } },
  503: { 'Retry-After': { description: 'seconds', schema: { type: 'integer' } } },
};

const problem = {
  type: 'object',
  description: 'RFC 9457',
  required: ['type', 'title', 'status', 'detail', 'code', 'instance'],
  properties: {
    type: text,
    title: text,
    status: { type: 'integer' },
    detail: { ...text, description: "in the reader's language (Accept-Language: zh or en)" },
    code: { ...text, description: 'stable' },
    rule: { ...text, description: 'clause of the regulations that refused' },
    regulation: {
      type: 'object',
      description: 'the document in force that this clause stands in (X-10), if one does',
      required: ['code', 'version', 'effectiveFrom', 'path'],
      properties: {
        code: text,
        version: { type: 'integer' },
        effectiveFrom: { ...text, format: 'date' },
        path: { ...text, description: 'where it is read, below the gateway' },
      },
    },
    confirm: {
      type: 'object',
      description:
        'what has to be read and confirmed or accepted before any work (X-10, X-20), and the request that does it',
      required: ['read', 'method', 'path', 'body'],
      properties: { read: text, method: text, path: text, body: { type: 'object', additionalProperties: text } },
    },
    field: text,
    errors: {
      type: 'array',
      items: {
        type: 'object',
        required: ['field', 'code', 'message'],
        properties: { field: text, code: text, message: text },
      },
    },
    instance: text,
  },
  additionalProperties: true,
  example: {
    type: 'urn:fenxiao:problem:procedure.no-power',
    title: 'Not permitted',
    status: 403,
    detail: 'Your positions do not give the power to "Approve" here; it takes: Sales manager.',
    code: 'procedure.no-power',
    rule: 'O-11',
    instance: 'urn:request:req-1',
  },
} as const;

const content = { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } };
const name = (status: number | string) => `Problem${status}`;
const reference = (status: number | string) => ({ $ref: `#/components/responses/${name(status)}` });

/** What a route may answer beside what any may: its own refusals. */
export const problems = (...statuses: number[]): MethodDecorator[] =>
  statuses.map((status) => ApiResponse({ status, description: descriptions[status]!, content }));

/** Names are for the contracts; a reference to one would lead nowhere here. */
const nameless = {
  get: (schema: z.ZodType) => {
    const { id: _, ...rest } = z.globalRegistry.get(schema) ?? {};
    return rest;
  },
};

/** A schema as OpenAPI 3.0 has it. */
export const openapi = (schema: z.ZodType, io: 'input' | 'output' = 'input'): Record<string, unknown> => {
  const metadata = nameless as unknown as typeof z.globalRegistry;
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { target: 'openapi-3.0', io, metadata });
  return rest;
};

type Operation = NonNullable<OpenAPIObject['paths'][string]['get']>;

/** What any route may answer, by what it takes. */
function common(path: string, { requestBody, security }: Operation): number[] {
  return [
    400,
    429,
    431,
    503,
    ...(security ? [401, 403] : []),
    ...(path.includes('{') ? [404, 414] : []),
    ...(requestBody ? [408, 413, 415] : []),
  ];
}

const methods = ['get', 'post', 'put', 'patch', 'delete'] as const;

/** Every answer a client may get, each problem written once. */
function complete(document: OpenAPIObject): OpenAPIObject {
  for (const [path, item] of Object.entries(document.paths))
    for (const operation of methods.flatMap((method) => item[method] ?? [])) {
      const { responses } = operation;
      const own = Object.keys(responses).filter((status) => {
        const answer = responses[status]!;
        return 'content' in answer && answer.content?.['application/problem+json'];
      });
      for (const status of own) responses[status] = reference(status);
      for (const status of common(path, operation)) responses[status] ??= reference(status);
    }
  const answers = Object.entries(descriptions).map(([status, description]) => [
    name(status),
    { description, content, ...(headers[Number(status)] ? { headers: headers[Number(status)] } : {}) },
  ]);
  document.components = {
    ...document.components,
    schemas: { ...document.components?.schemas, Problem: problem as never },
    responses: Object.fromEntries(answers),
  };
  return document;
}

/** `/openapi.json` and a page to browse it at `/docs`; the document is made when first asked for. */
export function openApi(app: NestFastifyApplication, service: string): void {
  let document: OpenAPIObject | undefined;
  const make = () => {
    const about = new DocumentBuilder().setTitle(`Fenxiao ${service}`).setVersion('1').addServer('.').addBearerAuth();
    document ??= complete(SwaggerModule.createDocument(app, about.build()));
    return document;
  };
  SwaggerModule.setup('docs', app, make, {
    jsonDocumentUrl: 'openapi.json',
    yamlDocumentUrl: 'openapi.yaml',
    // hundreds of operations: a heading each, opened by whoever wants it
    swaggerOptions: { docExpansion: 'none', filter: true, tagsSorter: 'alpha' },
  });
}
