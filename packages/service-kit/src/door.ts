import { STATUS_CODES, type Server } from 'node:http';
import type { Socket } from 'node:net';
import { MethodNotAllowedException, UnsupportedMediaTypeException } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest, FastifyHttpOptions } from 'fastify';
import type { BaseConfig } from './config.js';
import { notAnObject, tooDeep, unkeepableText } from './errors.js';
import { problemOf, sendProblem } from './problem.js';

/** What is refused at the door, before any route: too slow, too large, too deep, or with text that no table can hold. */

/** How long a client may take, and how much it may send. Sockets held open beyond it are closed with 408. */
export const serverOptions = ({ BODY_LIMIT_BYTES, REQUEST_TIMEOUT_MS }: BaseConfig) =>
  ({
    bodyLimit: BODY_LIMIT_BYTES,
    requestTimeout: REQUEST_TIMEOUT_MS,
    connectionTimeout: 60_000,
    http: { headersTimeout: Math.min(10_000, REQUEST_TIMEOUT_MS), connectionsCheckingInterval: 1_000 },
    clientErrorHandler: unreadable,
    // A URL that can't be decoded or is too long comes before the routes and their filter.
    frameworkErrors: (error: Error, request: FastifyRequest, reply: FastifyReply) => {
      void sendProblem(problemOf(error, request), request, reply);
    },
  }) satisfies FastifyHttpOptions<Server>;

/** What is no whole request: there is no route, and nothing but the socket to answer on. */
function unreadable({ code }: Error & { code?: string }, socket: Socket): void {
  if (code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
  const statusCode = code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 408 : code === 'HPE_HEADER_OVERFLOW' ? 431 : 400;
  const title = STATUS_CODES[statusCode]!;
  const body = JSON.stringify(problemOf({ statusCode, message: title }, { headers: {}, id: 'unread' }));
  const head = [
    `HTTP/1.1 ${statusCode} ${title}`,
    'connection: close',
    'content-type: application/problem+json',
    `content-length: ${Buffer.byteLength(body)}`,
  ];
  socket.write(`${head.join('\r\n')}\r\n\r\n${body}`);
  socket.destroySoon();
}

/** A route of a page: what browsers send without a script, `application/x-www-form-urlencoded`, is read for it, each field once. */
export const acceptsForms = () => RouteConfig({ acceptsForms: true });

/** A route that takes files: they may take longer than a request may. */
export const acceptsUploads = () => RouteConfig({ acceptsUploads: true });

/**
 * Gives uploads more time than other requests have, whose limit stays theirs: Node knows one limit for all, and it is the longest.
 */
export function giveUploadsTime(fastify: FastifyInstance, ordinaryMs: number, uploadMs: number): void {
  const { server } = fastify;
  server.requestTimeout = Math.max(ordinaryMs, uploadMs);
  fastify.addHook('onRequest', ({ raw, routeOptions }, _reply, done) => {
    const { acceptsUploads: takesLong } = routeOptions.config as { readonly acceptsUploads?: boolean };
    if (raw.complete) return done();
    const late = setTimeout(
      () => {
        if (raw.complete) return;
        const error = Object.assign(new Error('Request timeout'), { code: 'ERR_HTTP_REQUEST_TIMEOUT' });
        server.emit('clientError', error, raw.socket);
      },
      takesLong ? uploadMs : ordinaryMs,
    );
    late.unref();
    raw.once('end', () => clearTimeout(late)).once('close', () => clearTimeout(late));
    done();
  });
}

function readForms(fastify: FastifyInstance): void {
  fastify.addContentTypeParser<string>(
    'application/x-www-form-urlencoded',
    { parseAs: 'string' },
    (request, body, done) => {
      const config = request.routeOptions.config as { readonly acceptsForms?: boolean };
      if (config.acceptsForms) done(null, Object.fromEntries(new URLSearchParams(body)));
      else done(new UnsupportedMediaTypeException());
    },
  );
}

/** Checks what is common to every request, and answers 405 where a path has other methods than the one asked for. */
export function guardDoor(fastify: FastifyInstance): { refuseOtherMethods(): void } {
  fastify.removeContentTypeParser('text/plain');
  readForms(fastify);
  const methodsOf = new Map<string, Set<string>>();
  fastify.addHook('onRoute', ({ url, method }) => {
    const known = methodsOf.get(url) ?? new Set();
    for (const one of [method].flat()) known.add(one);
    methodsOf.set(url, known);
  });
  fastify.addHook('preValidation', (request, _reply, done) => {
    const { body, query, params } = request;
    if (body !== undefined && !(typeof body === 'object' && body !== null && !Array.isArray(body))) throw notAnObject();
    for (const part of [body, query, params]) requireKeepable(part, '', 0);
    done();
  });
  return {
    refuseOtherMethods: () => {
      for (const [url, known] of new Map(methodsOf)) {
        const allow = [...known].sort().join(', ');
        const method = fastify.supportedMethods.filter((one) => !known.has(one));
        const refuse = (_request: FastifyRequest, reply: FastifyReply) => {
          void reply.header('allow', allow);
          throw new MethodNotAllowedException(`Possible here: ${allow}.`);
        };
        // Before the body is read: nobody wants it.
        fastify.route({ method, url, onRequest: refuse, handler: refuse });
      }
    },
  };
}

const deepest = 20;

/** PostgreSQL keeps neither U+0000 nor half a surrogate pair. @throws unkeepableText, tooDeep */
function requireKeepable(value: unknown, field: string, depth: number): void {
  if (typeof value === 'string') {
    if (value.includes('\0') || !value.isWellFormed()) throw unkeepableText({ field }, { field });
    return;
  }
  if (typeof value !== 'object' || value === null) return;
  if (depth === deepest) throw tooDeep({ most: deepest });
  for (const [key, inner] of Object.entries(value)) {
    const path = field ? `${field}.${key}` : key;
    requireKeepable(key, field, depth);
    requireKeepable(inner, path, depth + 1);
  }
}
