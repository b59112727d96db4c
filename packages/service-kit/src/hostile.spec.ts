import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { formEvents } from '@fenxiao/contracts/event';
import { Line, Note } from '@fenxiao/contracts/wire';
import { procedure } from '@fenxiao/procedures/procedure';
import { harness, type Harness, type Member, type Reply } from '@fenxiao/testing/harness';
import { until } from '@fenxiao/testing/wait';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { baseConfig } from './config.js';
import { bindForm } from './forms.js';

/** What clients send that mean harm, or know no better: each is refused clearly, or bounded, and nobody else notices. */

const form = z.object({
  item: Line,
  copies: z.int().min(0).optional(),
  note: Note.optional(),
  parts: z.array(z.object({ name: Line })).optional(),
});
const parcel = procedure({
  name: 'custody',
  clause: 'D-35',
  events: formEvents('distributors', 'custody', form, { held: {}, returned: {} }),
  states: ['held', 'returned'],
  read: { 'sales-support-clerk': 'all', 'regional-manager': 'region' },
  start: {
    move: 'hold',
    to: 'held',
    by: { 'sales-support-clerk': 'all', 'regional-manager': 'region' },
    form,
    fact: 'held',
  },
  moves: {
    return: {
      from: 'held',
      to: 'returned',
      by: { 'sales-support-clerk': 'all', 'regional-manager': 'region' },
      fact: 'returned',
      reason: true,
      edits: true,
    },
  },
});

let h: Harness;
let clerk: Member;
let bearer: string;
beforeAll(async () => {
  h = await harness(
    {
      name: 'distributors',
      config: baseConfig,
      procedures: [bindForm(parcel, { filters: { createdBy: 'createdBy' } })],
      migrations: [],
    },
    { env: { BODY_LIMIT_BYTES: '65536', REQUEST_TIMEOUT_MS: '1500' } },
  );
  clerk = await h.staff('sales-support-clerk');
  bearer = await h.token(clerk.subject);
}, 60_000);
afterAll(() => h?.close());

/** Sends the bytes as they stand. */
async function send(
  body: string,
  headers: Record<string, string> = {},
  path = '/custodys',
  method = 'POST',
): Promise<Reply> {
  const response = await fetch(`${h.url}${path}`, {
    method,
    headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/json', ...headers },
    body,
  });
  const answer = await response.text();
  return { status: response.status, headers: response.headers, body: answer ? JSON.parse(answer) : undefined };
}
const fieldsOf = ({ body }: Reply) => (body.errors as { field: string }[]).map(({ field }) => field);
const made = async (by: Member = clerk, item = 'umbrella') =>
  (await by.post('/custodys', { item })).body as { id: string; version: number };
const count = async () =>
  (await h.pool.query<{ n: number }>('SELECT count(*)::int AS n FROM form_document')).rows[0]!.n;

describe('a body', () => {
  it.each([
    ['cut short', '{"item":"a"', 'http.400'],
    ['empty', '', 'http.400'],
    ['not JSON', 'item=a', 'http.400'],
    ['with a comment', '{"item":"a"/**/}', 'http.400'],
    ['not a number', '{"item":"a","copies":NaN}', 'http.400'],
    ['that would change a prototype', '{"item":"a","__proto__":{"state":"returned"}}', 'http.400'],
    ['that would change a constructor', '{"item":"a","constructor":{"prototype":{"state":"returned"}}}', 'http.400'],
    ['null', 'null', 'request.not-an-object'],
    ['a list', '[{"item":"a"}]', 'request.not-an-object'],
    ['a text', '"item"', 'request.not-an-object'],
    ['a number', '1', 'request.not-an-object'],
    ['with U+0000', String.raw`{"item":"a\u0000b"}`, 'request.unkeepable-text'],
    ['with U+0000 in a name', String.raw`{"item":"a","a\u0000":1}`, 'request.unkeepable-text'],
    ['with half a surrogate pair', String.raw`{"item":"a\ud800"}`, 'request.unkeepable-text'],
    ['too deep', `{"item":${'['.repeat(1000)}${']'.repeat(1000)}}`, 'request.too-deep'],
    ['far too deep', `{"item":${'['.repeat(30_000)}${']'.repeat(30_000)}}`, 'request.too-deep'],
    ['with a wrong type', '{"item":{"a":1}}', 'request.invalid'],
    ['with a number beyond all', '{"item":"a","copies":1e400}', 'request.invalid'],
    ['with a number that is not whole', '{"item":"a","copies":1.5}', 'request.invalid'],
    ['with a number that can not be exact', '{"item":"a","copies":9007199254740993}', 'request.invalid'],
  ])('%s: 400', async (_, body, code) => {
    const before = await count();
    const answer = await send(body);
    expect(answer).toMatchObject({ status: 400, body: { status: 400, code } });
    expect(answer.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
    expect(await count()).toBe(before);
  });

  it.each([
    'text/plain',
    'application/xml',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'x',
  ])('as %s: 415', async (type) => {
    expect(await send('{"item":"a"}', { 'content-type': type })).toMatchObject({ status: 415, body: { status: 415 } });
  });

  it.each([{ 'content-length': 8_000_000 }, { 'transfer-encoding': 'chunked' }])(
    'too large: 413, which also those hear who are still sending (%p)',
    async (length) => {
      const headers = { ...length, authorization: `Bearer ${bearer}`, 'content-type': 'application/json' };
      const outgoing = request(`${h.url}/custodys`, { method: 'POST', headers });
      outgoing.end(' '.repeat(8_000_000));
      const [answer] = (await once(outgoing, 'response')) as [IncomingMessage];
      expect([answer.statusCode, JSON.parse(await text(answer))]).toMatchObject([413, { code: 'http.413' }]);
    },
  );

  it('that says a name twice means the last, also to its Idempotency-Key', async () => {
    const key = { 'idempotency-key': 'twice' };
    const first = await send('{"item":"one","item":"two"}', key);
    expect(first).toMatchObject({ status: 201, body: { form: { item: 'two' } } });
    expect((await send('{"item":"two"}', key)).body).toEqual(first.body);
  });

  it('with fields nobody asked for is refused by their names, at any depth', async () => {
    const answer = await send('{"item":"a","colour":"red","parts":[{"name":"b","size":1}]}');
    expect(answer).toMatchObject({ status: 400, body: { code: 'request.invalid' } });
    expect(fieldsOf(answer)).toEqual(['parts.0.size', 'colour']);
    const many = Object.fromEntries(Array.from({ length: 3000 }, (_, i) => [`field-${i}`, 1]));
    expect(fieldsOf(await clerk.post('/custodys', { item: 'a', ...many }))).toHaveLength(100);
  });

  it.each([
    'id',
    'state',
    'version',
    'region',
    'unit',
    'createdBy',
    'owner',
    'number',
    'events',
    'approvals',
    'enteredAt',
  ])('can not set %s, which is the service’s own', async (field) => {
    const { id } = await made();
    expect(fieldsOf(await clerk.post('/custodys', { item: 'a', [field]: 'x' }))).toEqual([field]);
    const moved = await clerk.post(`/custodys/${id}/return`, { reason: 'x', [field]: 'x' }, { 'if-match': '"1"' });
    expect(fieldsOf(moved)).toEqual([field]);
    expect((await clerk.get(`/custodys/${id}`)).body).toMatchObject({ state: 'held', version: 1 });
  });

  it.each([[undefined], [''], ['   '], [7], [['x']], ['x'.repeat(4001)]])('with the reason %p: 400', async (reason) => {
    const { id } = await made();
    const answer = await clerk.post(`/custodys/${id}/return`, { reason }, { 'if-match': '"1"' });
    expect([answer.status, fieldsOf(answer)]).toEqual([400, ['reason']]);
  });
});

describe('an address', () => {
  const id = '01980000-0000-7000-8000-000000000000';
  it.each([
    ['/custodys/1', 400],
    ['/custodys/%00', 400],
    ['/custodys/%ED%A0%80', 400],
    ['/custodys/%', 400],
    [`/custodys/${'a'.repeat(500)}`, 414],
    [`/custodys/${id}%20OR%201=1`, 400],
    ['/custodys/..%2f..%2fetc%2fpasswd', 400],
    [`/custodys/${id}`, 404],
    [`/custodys/${id}/nothing`, 404],
    ['/custodys?limit=0', 400],
    ['/custodys?limit=201', 400],
    ['/custodys?limit=1e9', 400],
    ['/custodys?limit=-1', 400],
    ['/custodys?limit=x', 400],
    ['/custodys?limit=1&limit=2', 400],
    ['/custodys?cursor=x', 400],
    [`/custodys?cursor=${id}'`, 400],
    ['/custodys?state=lost', 400],
    ['/custodys?region=x', 400],
    ['/custodys?createdBy=%00', 400],
    ['/custodys?createdBy=', 400],
    [`/custodys?createdBy=${'a'.repeat(201)}`, 400],
    ['/custodys?__proto__=1', 400],
    ['/custodys?colour=red', 400],
    ['/custodys?limit[$gt]=1', 400],
    ["/custodys?createdBy=' OR 1=1 --", 200],
  ])('%s: %d', async (path, status) => {
    const answer = await clerk.get(path);
    expect(answer.status).toBe(status);
    if (status !== 200) {
      expect(answer.body).toMatchObject({ status, code: expect.any(String), instance: expect.any(String) });
      expect(answer.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
    } else expect(answer.body.items).toEqual([]);
  });

  it.each(['PUT', 'PATCH', 'DELETE', 'OPTIONS'])(
    'has no %s: 405, and says what it has, before it reads a body',
    async (method) => {
      const answer = await send('{"item":', {}, '/custodys', method);
      expect(answer).toMatchObject({ status: 405, body: { status: 405, code: 'http.405' } });
      expect(answer.headers.get('allow')).toBe('GET, HEAD, POST');
      expect((await send('{}', {}, `/custodys/${id}/return`, method)).headers.get('allow')).toBe('POST');
      expect((await send('{}', {}, '/nowhere', method)).status).toBe(404);
    },
  );
});

describe('a header', () => {
  it.each(['', '1', '"x"', 'W/"1"', '*', '"-1"', '"1", "2"', `"${'9'.repeat(400)}"`])(
    'If-Match: %s: 400',
    async (ifMatch) => {
      const { id } = await made();
      const answer = await clerk.post(`/custodys/${id}/return`, { reason: 'x' }, { 'if-match': ifMatch });
      expect(answer).toMatchObject({ status: 400, body: { code: 'request.invalid-header', field: 'If-Match' } });
    },
  );

  it.each([[''], ['k'.repeat(201)], ['a b'], ['é']])('Idempotency-Key: %s: 400', async (key) => {
    const before = await count();
    const answer = await clerk.post('/custodys', { item: 'a' }, { 'idempotency-key': key });
    expect(answer).toMatchObject({ status: 400, body: { code: 'request.invalid-header', field: 'Idempotency-Key' } });
    expect(await count()).toBe(before);
  });

  it('Idempotency-Key: the answer is kept for one person, one command, one body', async () => {
    const key = { 'idempotency-key': 'replayed' };
    const first = await clerk.post('/custodys', { item: 'a' }, key);
    expect((await clerk.post('/custodys', { item: 'a' }, key)).body).toEqual(first.body);
    const reused = { status: 422, body: { code: 'request.idempotency-key-reused' } };
    expect(await clerk.post('/custodys', { item: 'b' }, key)).toMatchObject(reused);
    const elsewhere = { ...key, 'if-match': '"1"' };
    expect(await clerk.post(`/custodys/${first.body.id}/return`, { reason: 'x' }, elsewhere)).toMatchObject(reused);
    const stranger = await h.staff('sales-support-clerk');
    const theirs = await stranger.post('/custodys', { item: 'a' }, key);
    expect([theirs.status, theirs.body.id === first.body.id]).toEqual([201, false]);
    // A refused request has had no effect: its key may be used for the right one.
    const again = { 'idempotency-key': 'again' };
    expect((await clerk.post('/custodys', { item: '' }, again)).status).toBe(400);
    expect((await clerk.post('/custodys', { item: 'a' }, again)).status).toBe(201);
  });

  it('in a flood of them: 431', async () => {
    const socket = await open(`GET /me HTTP/1.1\r\nhost: x\r\n${'a: b\r\n'.repeat(10_000)}\r\n`);
    const answer = await text(socket);
    expect(answer).toMatch(/^HTTP\/1\.1 431 /);
    expect(answer).toContain('content-type: application/problem+json');
    expect(answer).toContain('"code":"http.431"');
  });

  it('that is none: 400, and the connection ends', async () => {
    const answer = await text(await open('nonsense\r\n\r\n'));
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(answer).toContain('"code":"http.400"');
  });
});

describe("another region's objects", () => {
  it('are not read, moved, listed, or told apart from none by a filter', async () => {
    const [east, west] = [await h.region('EAST'), await h.region('WEST')];
    const [anna, ben] = [
      await h.staff('regional-manager', { regionId: east }),
      await h.staff('regional-manager', { regionId: west }),
    ];
    const { id } = await made(anna, 'secret');
    const outside = { status: 403, body: { code: 'procedure.outside-scope', rule: 'X-20' } };
    expect((await ben.get(`/custodys/${id}`)).status).toBe(403);
    expect((await ben.get(`/custodys/${id}`)).body).not.toHaveProperty('form');
    expect(await ben.post(`/custodys/${id}/return`, { reason: 'x' }, { 'if-match': '"1"' })).toMatchObject({
      ...outside,
      body: { code: 'procedure.outside-scope' },
    });
    const ofAnna = [`createdBy=${anna.id}`, `region=${east}`, `createdBy=${anna.id}&region=${east}`, 'limit=200'];
    for (const query of ofAnna) expect((await ben.get(`/custodys?${query}`)).body).toEqual({ items: [], next: null });
    expect((await anna.get(`/custodys?region=${east}`)).body.items).toHaveLength(1);
  });
});

/** A connection that has sent so much and no more. */
async function open(sent: string): Promise<Socket> {
  const { hostname, port } = new URL(h.url);
  const socket = connect(Number(port), hostname);
  // What the server closes while we still write is no failure here.
  socket.on('error', () => {});
  await once(socket, 'connect');
  socket.write(sent);
  return socket;
}

describe('clients that hold their sockets open', () => {
  it('by the hundreds, with half a head or half a body, keep nobody waiting, and are let go in time', async () => {
    const head = 'POST /custodys HTTP/1.1\r\nhost: x\r\n';
    const body = `${head}authorization: Bearer ${bearer}\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n{"item":`;
    const sockets = await Promise.all(
      Array.from({ length: 300 }, (_, i) => open(i % 3 === 0 ? '' : i % 3 === 1 ? head : body)),
    );
    let closed = 0;
    const answers = sockets.map((socket) => {
      socket.on('close', () => (closed += 1));
      return text(socket);
    });
    const started = performance.now();
    for (let i = 0; i < 50; i++) expect((await clerk.get('/me')).status).toBe(200);
    expect((await made()).id).toEqual(expect.any(String));
    expect(performance.now() - started).toBeLessThan(5000);
    await until('every slow client to be let go', () => Promise.resolve(closed === sockets.length), 20_000);
    for (const answer of await Promise.all(answers)) {
      expect(answer).toMatch(/^HTTP\/1\.1 408 /);
      expect(answer).toContain('"code":"http.408"');
    }
  }, 40_000);

  it('and one that sends a body byte by byte has no more time for it', async () => {
    const socket = await open(
      `POST /custodys HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${bearer}\r\ncontent-type: application/json\r\ncontent-length: 100000\r\n\r\n`,
    );
    const drip = setInterval(() => socket.writable && socket.write(' '), 50);
    const answer = await text(socket).finally(() => clearInterval(drip));
    expect(answer).toMatch(/^HTTP\/1\.1 (408|413) /);
  }, 20_000);
});
