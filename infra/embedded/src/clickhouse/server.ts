/** The HTTP interface of ClickHouse over the engine in this process, as far as our clients, dashboards and analysts need it. */
import { execFileSync } from 'node:child_process';
import { createHash, randomUUID, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { House } from './call.js';
import { ClickHouseError, Engine } from './engine.js';
import { withLimits, type ClickHouseOptions, type User } from './environment.js';
import { Busy, Lane } from './lane.js';
import { Metrics, type Outcome } from './metrics.js';
import { answerQuery, type Progress } from './query.js';
import { RefusedSetting } from './settings.js';
import { identifier, StatementError } from './sql.js';

export interface RunningClickHouse {
  /** http://host:port */
  url: string;
  port: number;
  /** Lets running queries end (10 s, then cancels them), then closes the engine. */
  close(): Promise<void>;
}

/** Queries slower than this are logged, in ms. */
const slow = 1000;
/** How long queries may go on after close(), in ms. */
const patience = 10_000;

/**
 * Starts ClickHouse in this process, which must have UV_THREADPOOL_SIZE=16 or more in its environment from the start, since
 * every running query holds one of libuv's threads, and TZ=UTC. main.ts sees to both.
 *
 * @throws Error when another process owns the folder, or the folder's path has characters that ClickHouse takes as a pattern
 */
export async function startClickHouse(options: ClickHouseOptions): Promise<RunningClickHouse> {
  const folder = resolve(options.folder);
  if (/[*?{}[\]]/.test(folder))
    throw new Error(`ClickHouse can't work in ${folder}: no *, ?, {, }, [ or ] in the path`);
  mkdirSync(folder, { recursive: true });
  const engine = new Engine(folder, options.maxMemory ?? 1_500_000_000, options.fsync ?? true);
  const running = new Set<Promise<void>>();
  let server: Server;
  try {
    const users = options.users.map(withLimits);
    const house = await furnish(engine, join(folder, 'tmp'), users);
    const metrics = new Metrics();
    server = createServer(
      // A body may take as long as it comes; how long it may be silent is the user's limit (body.ts).
      { maxHeaderSize: 1 << 20, keepAliveTimeout: 30_000, requestTimeout: 0, headersTimeout: 15_000 },
      (request, response) => {
        const work = answer(house, users, metrics, request, response, !server.listening);
        running.add(work);
        void work.finally(() => running.delete(work));
      },
    );
    server.listen(options.port ?? 0, options.host ?? '127.0.0.1');
    await once(server, 'listening');
  } catch (error) {
    engine.close();
    throw error;
  }
  const { port, address, family } = server.address() as AddressInfo;
  let closed: Promise<void> | undefined;
  return {
    url: `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`,
    port,
    close() {
      closed ??= stop(server, engine, running);
      return closed;
    },
  };
}

/** Makes what all queries need: databases of the users, pipes, and the engine's own lists. */
async function furnish(engine: Engine, spool: string, users: User[]): Promise<House> {
  const lanes = { read: new Lane(5, 3, 64), write: new Lane(3, 3, 64) };
  rmSync(spool, { recursive: true, force: true });
  mkdirSync(spool);
  execFileSync(
    'mkfifo',
    Array.from({ length: lanes.read.size }, (_, place) => join(spool, `pipe-${place}`)),
  );
  for (const { database } of users) await engine.run([`CREATE DATABASE IF NOT EXISTS ${identifier(database)}`]);
  const tableFunctions = new Set(await engine.names('SELECT lower(name) FROM system.table_functions'));
  const [timezone = 'UTC'] = await engine.names('SELECT timezone()');
  return { engine, spool, lanes, databases: undefined, tableFunctions, timezone };
}

/** No new requests, then those under way end or are cancelled, then the engine writes what it still has. */
async function stop(server: Server, engine: Engine, running: Set<Promise<void>>): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  server.closeIdleConnections();
  await Promise.race([Promise.all(running), wait(patience, undefined, { ref: false })]);
  server.closeAllConnections();
  while (running.size > 0) {
    await engine.cancel();
    await Promise.race([Promise.all(running), wait(500)]);
  }
  await closed;
  engine.close();
}

/** Never rejects. */
async function answer(
  house: House,
  users: User[],
  metrics: Metrics,
  request: IncomingMessage,
  response: ServerResponse,
  closing: boolean,
): Promise<void> {
  const leave = new AbortController();
  const gone = leave.signal;
  response.once('close', () => {
    if (!response.writableFinished) leave.abort(new Error('The client went away'));
  });
  // Writing to a client that has just gone is no reason to fall over; `gone` tells us.
  response.on('error', () => undefined);
  const [path = '/', ...search] = (request.url ?? '/').split('?');
  const parameters = new URLSearchParams(search.join('?'));
  const empty = request.method === 'GET' && !parameters.has('query');
  if (path === '/ping' || path === '/replicas_status' || (path === '/' && empty)) {
    response.end('Ok.\n');
    return;
  }
  if (path === '/metrics') {
    response.setHeader('Content-Type', 'text/plain; version=0.0.4').end(metrics.text(house.lanes));
    return;
  }
  const asked = parameters.get('query_id') || String(request.headers['x-clickhouse-query-id'] ?? '');
  const queryId = /^[\x21-\x7e]{1,100}$/.test(asked) ? asked : randomUUID();
  response.setHeader('X-ClickHouse-Query-Id', queryId).setHeader('X-ClickHouse-Timezone', house.timezone);
  const started = performance.now();
  const progress: Progress = { kind: 'unknown', statement: '', refused: false };
  let failure: unknown;
  let name = '';
  try {
    if (closing) throw new Busy('The server is closing');
    if (path !== '/') throw ClickHouseError.of(404, 'NOT_FOUND', `There is no ${path}`);
    const user = authenticate(users, request, parameters);
    name = user.name;
    if (parameters.get('compress') === '1' || parameters.get('decompress') === '1')
      throw ClickHouseError.of(
        48,
        'NOT_IMPLEMENTED',
        'LZ4 blocks (compress=1) are not supported: use gzip, or compress=0',
      );
    await answerQuery({ house, user, request, response, parameters, gone }, progress);
  } catch (error) {
    failure = error;
    refuse(response, inOurTerms(error));
  }
  const ms = performance.now() - started;
  const outcome = outcomeOf(failure, gone, progress);
  metrics.count(progress.kind, outcome, ms / 1000);
  if (outcome === 'ok' && ms < slow) return;
  const reason = failure instanceof Error ? failure.message.slice(0, 500) : undefined;
  const { kind, statement } = progress;
  const what = { event: 'query', outcome, ms: Math.round(ms), user: name, kind, queryId, statement, reason };
  console.error(JSON.stringify({ time: new Date().toISOString(), ...what }));
}

function authenticate(users: User[], request: IncomingMessage, parameters: URLSearchParams): User {
  const header = (name: string): string | undefined => request.headers[name]?.toString();
  const basic = /^Basic (.+)$/i.exec(header('authorization') ?? '')?.[1];
  const [, basicName, basicPassword] =
    /^([^:]*):([\s\S]*)$/.exec(basic ? Buffer.from(basic, 'base64').toString() : '') ?? [];
  const name = basicName ?? header('x-clickhouse-user') ?? parameters.get('user');
  const password = basicPassword ?? header('x-clickhouse-key') ?? parameters.get('password') ?? '';
  if (!name) throw ClickHouseError.of(194, 'REQUIRED_PASSWORD', 'Name and password are required');
  const user = users.find((candidate) => candidate.name === name);
  if (!user || !timingSafeEqual(digest(password), digest(user.password))) {
    throw ClickHouseError.of(
      516,
      'AUTHENTICATION_FAILED',
      `${name}: Authentication failed: password is incorrect, or there is no such user`,
    );
  }
  return user;
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

function inOurTerms(error: unknown): ClickHouseError {
  if (error instanceof ClickHouseError) return error;
  const text = error instanceof Error ? error.message : String(error);
  if (error instanceof StatementError) return ClickHouseError.of(62, 'SYNTAX_ERROR', text);
  if (error instanceof Busy) return ClickHouseError.of(202, 'TOO_MANY_SIMULTANEOUS_QUERIES', text);
  if (error instanceof RefusedSetting) return ClickHouseError.of(452, 'SETTING_CONSTRAINT_VIOLATION', text);
  if (/^(Z_|ERR_BROTLI)/.test((error as { code?: string }).code ?? ''))
    return ClickHouseError.of(354, 'ZLIB_INFLATE_FAILED', text);
  return ClickHouseError.of(1002, 'UNKNOWN_EXCEPTION', text);
}

/** HTTP statuses of the server's exceptionCodeToHTTPStatus.cpp, and ours for what it has no code for. */
const statuses: [number, number[]][] = [
  [400, [6, 15, 16, 25, 26, 27, 36, 38, 41, 44, 53, 62, 69, 72, 117, 167, 168, 354, 427]],
  [401, [194]],
  [403, [164, 192, 193, 452, 497, 516]],
  [404, [46, 47, 50, 56, 60, 63, 73, 78, 81, 115, 336, 404]],
  [408, [159]],
  [413, [307]],
  [415, [415]],
  [501, [48]],
  [503, [76, 202, 209]],
];

function refuse(response: ServerResponse, error: ClickHouseError): void {
  if (response.headersSent || response.destroyed) return;
  const status = statuses.find(([, codes]) => codes.includes(error.code))?.[0] ?? 500;
  if (status === 401) response.setHeader('WWW-Authenticate', 'Basic realm="ClickHouse"');
  if (error.code === 202) response.setHeader('Retry-After', '1');
  // What is left of the body is let pass: to close on it would tear the answer away from a client that still sends.
  response.req.unpipe().resume();
  response.statusCode = status;
  response.setHeader('X-ClickHouse-Exception-Code', error.code).setHeader('Content-Type', 'text/plain; charset=UTF-8');
  response.end(`${error.message}\n`);
}

function outcomeOf(failure: unknown, gone: AbortSignal, progress: Progress): Outcome {
  if (failure === undefined) return 'ok';
  // 394: the query was told to stop. Other errors of the engine came before the client left, or made it leave.
  if (gone.aborted && (!(failure instanceof ClickHouseError) || failure.code === 394)) return 'cancelled';
  if (failure instanceof Busy) return 'busy';
  return progress.refused ? 'refused' : 'failed';
}
