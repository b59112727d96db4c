import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, request, type IncomingMessage, type RequestOptions, type Server } from 'node:http';
import { get as getTls } from 'node:https';
import { connect, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { freePort } from './ports.js';
import { ProcessLog } from './process-log.js';
import { ownModule, startProgram, type RunningProgram } from './programs.js';
import { selfSigned } from './tls.js';

let folder: string;
let files: string;
let upstream: Server;
let port: number;
let gateway: RunningProgram;
const running: RunningProgram[] = [];
const seen: {
  method: string | undefined;
  url: string | undefined;
  headers: IncomingMessage['headers'];
  body: string;
}[] = [];

async function start(environment: Record<string, string> = {}) {
  const listensOn = await freePort();
  const upstreamPort = (upstream.address() as AddressInfo).port;
  const upstreams = {
    identity: upstreamPort,
    clickhouse: `localhost:${upstreamPort}`,
    services: { orders: upstreamPort, away: await freePort() },
  };
  const program = startProgram({
    script: ownModule('gateway'),
    log: new ProcessLog(folder, 'gateway'),
    environment: {
      PORT: String(listensOn),
      PUBLIC_URL: `http://127.0.0.1:${listensOn}`,
      GATEWAY_UPSTREAMS: JSON.stringify(upstreams),
      GATEWAY_FILES: files,
      ...environment,
    },
  });
  running.push(program);
  await once(program.child, 'message');
  return { program, listensOn };
}

async function ask(path: string, options: RequestOptions = {}, body?: string) {
  const outgoing = request({ host: '127.0.0.1', port, path, ...options });
  outgoing.end(body);
  const [answer] = (await once(outgoing, 'response')) as [IncomingMessage];
  return { status: answer.statusCode, headers: answer.headers, body: await text(answer) };
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fenxiao-gateway-'));
  files = join(folder, 'viewer');
  await mkdir(join(files, 'assets'), { recursive: true });
  await writeFile(join(files, 'index.html'), '<h1>viewer</h1>');
  await writeFile(join(files, 'assets', 'main-B1d2F3g4.js'), 'run()');
  await writeFile(join(folder, 'secret.txt'), 'secret');
  upstream = createServer((req, res) => {
    if (req.url === '/breaks-off') {
      res.writeHead(200, { 'content-length': 100 });
      return void res.write('half', () => res.destroy());
    }
    if (req.url === '/early') return void res.writeHead(401).end('no');
    if (req.url === '/slams') return void req.socket.destroy();
    if (req.url === '/streams') {
      res.write('first');
      return void req.once('data', (chunk: Buffer) => res.end(`second ${String(chunk)}`));
    }
    void text(req).then((body) => {
      seen.push({ method: req.method, url: req.url, headers: req.headers, body });
      res.writeHead(201, { 'set-cookie': ['a=1', 'b=2'], 'keep-alive': 'timeout=5', 'x-own': 'yes' }).end('made');
    });
  });
  await new Promise<void>((done) => upstream.listen(0, '127.0.0.1', done));
  const started = await start();
  gateway = started.program;
  port = started.listensOn;
}, 20_000);

afterAll(async () => {
  await Promise.all(running.map((program) => program.stop()));
  upstream.closeAllConnections();
  upstream.close();
  await rm(folder, { recursive: true });
});

describe('gateway', () => {
  it('passes a request on without its prefix, with its own word about who asked, and the answer back', async () => {
    const headers = {
      'x-forwarded-for': '6.6.6.6',
      'x-forwarded-proto': 'https',
      forwarded: 'for=6.6.6.6',
      'x-hop': '1',
      connection: 'x-hop',
    };
    const {
      status,
      headers: got,
      body,
    } = await ask('/api/orders/orders/1?a=%2F&b=x', { method: 'PUT', headers }, '{"数":1}');
    expect({ status, body, cookies: got['set-cookie'], own: got['x-own'] }).toEqual({
      status: 201,
      body: 'made',
      cookies: ['a=1', 'b=2'],
      own: 'yes',
    });
    const last = seen.at(-1);
    expect(last).toMatchObject({
      method: 'PUT',
      url: '/orders/1?a=%2F&b=x',
      body: '{"数":1}',
      headers: {
        'x-forwarded-for': '127.0.0.1',
        'x-forwarded-host': `127.0.0.1:${port}`,
        'x-forwarded-proto': 'http',
        'x-forwarded-prefix': '/api/orders',
      },
    });
    expect(last?.headers).not.toHaveProperty('forwarded');
    expect(last?.headers).not.toHaveProperty('x-hop');

    await ask('/clickhouse?query=select', { method: 'POST' }, 'x');
    expect(seen.at(-1)?.url).toBe('/?query=select');
    await ask('/auth/token', { method: 'POST' }, 'x');
    expect(seen.at(-1)?.url).toBe('/auth/token');
  });

  it('streams both ways', async () => {
    const outgoing = request({ host: '127.0.0.1', port, path: '/api/orders/streams', method: 'POST' });
    outgoing.flushHeaders();
    const [answer] = (await once(outgoing, 'response')) as [IncomingMessage];
    expect(String((await once(answer, 'data'))[0])).toBe('first');
    outgoing.end('ping');
    expect(String((await once(answer, 'data'))[0])).toBe('second ping');
  });

  it('says in a problem document who is away or broke off, and never lets half an answer look whole', async () => {
    const away = await ask('/api/away/x');
    expect({ status: away.status, type: away.headers['content-type'] }).toEqual({
      status: 503,
      type: 'application/problem+json',
    });
    expect(JSON.parse(away.body)).toMatchObject({ status: 503, detail: 'away is not running just now.' });
    expect(away.headers['retry-after']).toBe('2');
    expect((await ask('/api/orders/slams')).status).toBe(502);
    expect((await ask('/api/unknown/x')).status).toBe(404);
    await expect(ask('/api/orders/breaks-off')).rejects.toThrow('aborted');
    expect((await ask('/docs', { method: 'DELETE' })).status).toBe(405);
  });

  it('serves the viewer with its cache and security headers, and nothing outside its folder', async () => {
    const page = await ask('/console/orders', { headers: { accept: 'text/html' } });
    expect(page).toMatchObject({ status: 200, body: '<h1>viewer</h1>' });
    expect(page.headers).toMatchObject({
      'cache-control': 'no-cache',
      'content-security-policy': expect.stringContaining("default-src 'self'"),
      'x-content-type-options': 'nosniff',
    });
    const tag = page.headers.etag ?? '';
    expect((await ask('/', { headers: { 'if-none-match': tag } })).status).toBe(304);
    const asset = await ask('/assets/main-B1d2F3g4.js');
    expect(asset.headers).toMatchObject({
      'cache-control': 'public, max-age=31536000, immutable',
      'content-type': 'text/javascript; charset=utf-8',
    });
    for (const path of [
      '/../secret.txt',
      '/..%2fsecret.txt',
      '/%2e%2e/secret.txt',
      '/assets/missing.js',
      '/.hidden.txt',
      '/%00.txt',
      '/%zz.txt',
    ]) {
      expect({ path, status: (await ask(path)).status }).toEqual({ path, status: 404 });
    }
    expect((await ask('/docs')).body).toContain('href="/api/orders/docs"');
  });

  it('sends browsers to its one name and refuses foreign names that lead here', async () => {
    const other = await ask('/console?x=1', { headers: { host: `localhost:${port}`, accept: 'text/html' } });
    expect([other.status, other.headers.location]).toEqual([307, `http://127.0.0.1:${port}/console?x=1`]);
    expect((await ask('/api/orders/x', { headers: { host: 'attacker.example' } })).status).toBe(421);
    expect((await ask('/api/orders/x', { headers: { host: `localhost:${port}` } })).status).toBe(201);
  });

  it('speaks TLS with a certificate of its own', async () => {
    const tls = await selfSigned(join(folder, 'tls'), ['fenxiao.example', '127.0.0.1']);
    const before = await readFile(tls.cert);
    await selfSigned(join(folder, 'tls'), ['127.0.0.1']);
    expect(await readFile(tls.cert)).toEqual(before);
    const { listensOn } = await start({
      GATEWAY_TLS_CERT: tls.cert,
      GATEWAY_TLS_KEY: tls.key,
      PUBLIC_URL: 'https://fenxiao.example',
    });
    const options = {
      host: '127.0.0.1',
      port: listensOn,
      path: '/api/orders/x',
      ca: before,
      headers: { host: 'fenxiao.example' },
    };
    const [answer] = (await once(getTls(options), 'response')) as [IncomingMessage];
    answer.resume();
    expect(answer.statusCode).toBe(201);
    expect(seen.at(-1)?.headers).toMatchObject({ 'x-forwarded-proto': 'https', 'x-forwarded-host': 'fenxiao.example' });
  });

  it('lets go of clients that send half a request, and serves the others meanwhile', async () => {
    const { listensOn } = await start({ GATEWAY_PATIENCE_MS: '500' });
    const hold = (sent: string) => {
      const socket = connect(listensOn, '127.0.0.1', () => socket.write(sent));
      return text(socket.on('error', () => {}));
    };
    const host = `host: 127.0.0.1:${listensOn}\r\n`;
    const head = `POST /api/orders/early HTTP/1.1\r\n${host}`;
    const heads = Array.from({ length: 100 }, () => hold(head));
    const bodies = Array.from({ length: 100 }, () => hold(`${head}content-length: 100\r\n\r\nhalf`));
    const [answer] = (await once(
      request({ host: '127.0.0.1', port: listensOn, path: '/api/orders/x' }).end(),
      'response',
    )) as [IncomingMessage];
    answer.resume();
    expect(answer.statusCode).toBe(201);
    for (const given of await Promise.all(heads)) expect(given).toMatch(/^HTTP\/1\.1 408 /);
    for (const given of await Promise.all(bodies)) expect(given).toMatch(/^HTTP\/1\.1 401 /);
    expect(await hold(`GET / HTTP/1.1\r\n${'a: b\r\n'.repeat(5000)}\r\n`)).toMatch(
      /^HTTP\/1\.1 431 .*application\/problem\+json.*"status":431}$/s,
    );
  }, 20_000);

  it('finishes what it has begun before it ends', async () => {
    const outgoing = request({ host: '127.0.0.1', port, path: '/api/orders/streams', method: 'POST' });
    outgoing.flushHeaders();
    const [answer] = (await once(outgoing, 'response')) as [IncomingMessage];
    await once(answer, 'data');
    const stopping = gateway.stop();
    outgoing.end('bye');
    expect(await text(answer)).toBe('second bye');
    await stopping;
    expect(await gateway.exited).toBe('exit code 0');
  });
});
