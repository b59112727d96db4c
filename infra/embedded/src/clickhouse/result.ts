/** Runs a query that gives out rows, and sends them while they come. */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { closeSync, constants, createReadStream, existsSync, openSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { Socket } from 'node:net';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';
import { constants as zlib, createGzip, type Gzip } from 'node:zlib';
import { describe, describeFormat, formatOf, hideClause, setupOf, utf8, type Call } from './call.js';
import { ClickHouseError, type Answer } from './engine.js';
import { literal } from './sql.js';

type Outcome = Answer | ClickHouseError;

/** Bytes held back before the head of the answer is sent, so that early errors still get their status (as the server). */
const heldBack = 1 << 20;
/** How long a client may take nothing, in ms, before its query is ended. */
const stalled = 60_000;

/**
 * Rows leave the engine by INTO OUTFILE through a named pipe: any format, block by block, and the engine waits while the
 * client is slow. With `wait_end_of_query` they go to a file and are sent when all went well.
 */
export async function select(call: Call): Promise<void> {
  const { house, user, gone, parameters } = call;
  const read = house.lanes.read;
  if (parameters.get('wait_end_of_query') !== '1') {
    return read.run(user.name, gone, async (place) => {
      const path = join(house.spool, `pipe-${place}`);
      const { statements, output, mark } = prepare(call, path, ' APPEND');
      const pipe = openPipe(path);
      const running = house.engine.run(statements).finally(() => pipe.writerIsDone());
      const settled = outcomeOf(running, call, output, path);
      const ended = cancelWhenGone(call, mark, settled);
      try {
        await send(call, pipe.rows, settled);
      } finally {
        await ended;
      }
    });
  }
  const path = join(house.spool, `result-${randomUUID()}`);
  try {
    const outcome = await read.run(user.name, gone, async () => {
      const { statements, output, mark } = prepare(call, path, '');
      const settled = outcomeOf(house.engine.run(statements), call, output, path);
      await cancelWhenGone(call, mark, settled);
      return settled;
    });
    if (outcome instanceof ClickHouseError) throw outcome;
    await send(call, rowsOf(path), Promise.resolve(outcome), outcome);
  } finally {
    await rm(path, { force: true });
  }
}

interface Prepared {
  statements: string[];
  /** The clause that was added. */
  output: string;
  /** What the query is found by to cancel it. */
  mark: string;
}

function prepare(call: Call, path: string, mode: string): Prepared {
  const { text, formatClause } = call.statement;
  const output = `INTO OUTFILE ${literal(path)}${mode}`;
  const mark = randomUUID();
  const sql = `${utf8(text)}\n${output}\n${utf8(formatClause) || `FORMAT ${formatOf(call)}`}`;
  return { statements: [setupOf(call, mark), sql], output, mark };
}

/** Never rejects. */
function outcomeOf(running: Promise<Answer>, call: Call, output: string, path: string): Promise<Outcome> {
  return running.catch((error: unknown) => hideClause(error, output, path, 'end of query', call.user));
}

interface Pipe {
  rows: Readable;
  writerIsDone(): void;
}

/**
 * Both ends are held open until the engine is done: it never waits for a reader, and the end is seen only when all is read.
 * Reading through a socket waits without holding one of libuv's threads.
 */
function openPipe(path: string): Pipe {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const end = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK);
  return { rows: new Socket({ fd, readable: true, writable: false }), writerIsDone: () => closeSync(end) };
}

async function* rowsOf(path: string): AsyncGenerator<Buffer> {
  // FORMAT Null makes no file.
  if (existsSync(path)) yield* createReadStream(path) as AsyncIterable<Buffer>;
}

/** Resolves when the query has ended. Asks it to stop again and again: it may not have been on the engine's list yet. */
async function cancelWhenGone({ house, gone }: Call, mark: string, settled: Promise<unknown>): Promise<void> {
  let ended = false;
  const end = settled.then(() => {
    ended = true;
  });
  const left = new Promise<void>((done) => {
    if (gone.aborted) done();
    gone.addEventListener('abort', () => done(), { once: true });
  });
  await Promise.race([end, left]);
  while (!ended) {
    await house.engine.cancel(mark).catch(() => undefined);
    await Promise.race([end, wait(200)]);
  }
}

/**
 * Reads all rows to the end even when nobody wants them: an engine that can't get rid of them never ends.
 *
 * @param known the outcome, when the query has ended before its rows are read
 */
async function send(call: Call, rows: AsyncIterable<Buffer>, settled: Promise<Outcome>, known?: Answer): Promise<void> {
  const { response, gone } = call;
  const tag = randomUUID().replaceAll('-', '').slice(0, 16);
  let held: Buffer[] = [];
  let size = 0;
  let sink: Writable | undefined;
  const begin = (answer?: Answer): Writable => {
    describe(response, answer);
    describeFormat(response, formatOf(call)).setHeader('X-ClickHouse-Exception-Tag', tag);
    const opened = open(call);
    for (const chunk of held) opened.write(chunk);
    held = [];
    return opened;
  };
  for await (const chunk of rows) {
    if (gone.aborted) continue;
    if (!sink) {
      held.push(chunk);
      size += chunk.length;
      if (size >= heldBack) sink = begin(known);
    } else if (!sink.write(chunk)) await drained(sink, call);
  }
  const outcome = await settled;
  gone.throwIfAborted();
  if (outcome instanceof ClickHouseError) {
    if (sink) await breakOff(sink, call, outcome, tag);
    throw outcome;
  }
  sink ??= begin(outcome);
  sink.end();
  await once(response, 'finish', { signal: gone });
}

function open({ request, parameters, response }: Call): Writable {
  const asked = parameters.get('enable_http_compression') === '1';
  if (!asked || !/\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''))) return response;
  response.setHeader('Content-Encoding', 'gzip');
  const gzip = createGzip({ level: 3 });
  gzip.pipe(response);
  return gzip;
}

async function drained(sink: Writable, { gone, response }: Call): Promise<void> {
  const patience = AbortSignal.timeout(stalled);
  await once(sink, 'drain', { signal: AbortSignal.any([gone, patience]) }).catch(() => undefined);
  if (patience.aborted) response.destroy();
}

/** As the server does since 25.11: the error behind a tag that rows can't contain, then an answer without its proper end. */
async function breakOff(sink: Writable, { response }: Call, error: ClickHouseError, tag: string): Promise<void> {
  const message = `${error.message}\n`;
  sink.write(`\r\n__exception__\r\n${tag}\r\n${message}${Buffer.byteLength(message)} ${tag}\r\n__exception__\r\n`);
  if (sink !== response) await new Promise<void>((done) => (sink as Gzip).flush(zlib.Z_SYNC_FLUSH, done));
  response.socket?.destroySoon();
}
