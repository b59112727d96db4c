/** What a client sends: a statement, perhaps with data behind it, perhaps compressed. */
import { randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { pipeline, Readable, type Duplex } from 'node:stream';
import { pipeline as pipe } from 'node:stream/promises';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { ClickHouseError, type Engine } from './engine.js';
import type { User } from './environment.js';
import { literal } from './sql.js';

/** Longest statement in bytes, as `max_query_size` of the server. Only this much of a body is kept in memory. */
const longestStatement = 262_144;
/** Longest form in bytes; it is kept in memory. */
const longestForm = 16_777_216;

export interface Body {
  /** The parameter `query`, a line break and the body, as the server joins them; cut off after the longest statement. */
  head: Buffer;
  /** Whether the head is all there is. */
  complete: boolean;
  /** All bytes from this offset on; to be called once. */
  from(offset: number): AsyncIterable<Buffer>;
  discard(): Promise<void>;
}

/** @throws ClickHouseError when the body can't be unpacked */
export async function readBody(
  request: IncomingMessage,
  parameters: URLSearchParams,
  house: { engine: Engine; spool: string },
  user: User,
): Promise<Body> {
  endWhenSilent(request, user);
  if (request.headers['content-type']?.startsWith('multipart/form-data')) return readForm(request, parameters);
  const { source, discard } = await unpack(request, house, user);
  const query = parameters.get('query') ?? '';
  const chunks: Buffer[] = query ? [Buffer.from(query)] : [];
  const bytes = source[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  let size = chunks[0]?.length ?? 0;
  let complete = false;
  while (!complete && size <= longestStatement) {
    const next = await bytes.next();
    complete = next.done === true;
    if (next.done) break;
    if (query && chunks.length === 1) chunks.push(Buffer.from('\n'));
    chunks.push(next.value);
    size += next.value.length;
  }
  const head = Buffer.concat(chunks);
  async function* from(offset: number): AsyncGenerator<Buffer> {
    yield head.subarray(offset);
    while (!complete) {
      const next = await bytes.next();
      if (next.done) return;
      yield next.value;
    }
  }
  return { head, complete, from, discard };
}

/** A client may be silent in the middle of its body for as long as its queries may run. */
function endWhenSilent(request: IncomingMessage, { limits }: User): void {
  const { socket } = request;
  request.setTimeout(limits.seconds * 1000, () => {
    const { bytesRead } = socket;
    // After a busy while, time is up before what came in meanwhile has been read.
    setImmediate(() => {
      if (socket.bytesRead === bytesRead && !request.readableEnded) request.destroy(new Error('The body fell silent'));
    });
  });
  request.once('end', () => request.setTimeout(0));
}

const decoders: Record<string, () => Duplex> = {
  gzip: () => createGunzip(),
  deflate: () => createInflate(),
  br: () => createBrotliDecompress(),
};

interface Unpacked {
  source: Readable;
  discard(): Promise<void>;
}

async function unpack(
  request: IncomingMessage,
  { engine, spool }: { engine: Engine; spool: string },
  user: User,
): Promise<Unpacked> {
  const encoding = request.headers['content-encoding'] ?? 'identity';
  const nothing = async (): Promise<void> => undefined;
  if (encoding === 'identity') return { source: request, discard: nothing };
  const decoder = decoders[encoding]?.();
  if (decoder) return { source: pipeline(request, decoder, () => undefined), discard: nothing };
  if (!/^(lz4|zstd)$/.test(encoding) || user.kind === 'reader') {
    throw ClickHouseError.of(415, 'UNSUPPORTED_MEDIA_TYPE', `Unsupported Content-Encoding ${encoding}`);
  }
  // Node has no LZ4, and its Zstandard stops at the end of the first frame, where clickhouse-connect sends many.
  const [packed, plain] = [join(spool, `packed-${randomUUID()}`), join(spool, `plain-${randomUUID()}`)];
  let source: Readable | undefined;
  const discard = async (): Promise<void> => {
    source?.destroy();
    await rm(plain, { force: true });
  };
  try {
    await pipe(request, createWriteStream(packed));
    const raw = `'RawBLOB', 'bytes String'`;
    await engine.run([
      `INSERT INTO FUNCTION file(${literal(plain)}, ${raw}) SELECT * FROM file(${literal(packed)}, ${raw}, ${literal(encoding)})`,
    ]);
    source = createReadStream(plain);
    return { source, discard };
  } catch (error) {
    await discard();
    if (!(error instanceof ClickHouseError)) throw error;
    throw new ClickHouseError(error.message.replaceAll(packed, 'the body'));
  } finally {
    await rm(packed, { force: true });
  }
}

/** Clients send long parameters as a form; its fields join those of the URL. */
async function readForm(request: IncomingMessage, parameters: URLSearchParams): Promise<Body> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > longestForm) throw ClickHouseError.of(307, 'QUERY_IS_TOO_LARGE', 'The form is too large');
  }
  const headers = { 'content-type': String(request.headers['content-type']) };
  const form = await new Response(Buffer.concat(chunks), { headers }).formData().catch(() => {
    throw ClickHouseError.of(117, 'INCORRECT_DATA', 'The body is no form');
  });
  for (const [name, value] of form) {
    if (typeof value !== 'string') throw ClickHouseError.of(48, 'NOT_IMPLEMENTED', 'External data are not supported');
    parameters.append(name, value);
  }
  const head = Buffer.from(parameters.get('query') ?? '');
  const from = (offset: number): AsyncIterable<Buffer> => Readable.from([head.subarray(offset)]);
  return { head, complete: true, from, discard: async () => undefined };
}
