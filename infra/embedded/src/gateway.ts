import { readFileSync } from 'node:fs';
import { Agent, createServer, request, STATUS_CODES, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { z } from 'zod';
import { isLoopback } from './addresses.js';
import { html } from './identity/html.js';
import { serveFile } from './static-files.js';

const Environment = z.object({
  PORT: z.coerce.number().int(),
  GATEWAY_HOST: z.string().default('127.0.0.1'),
  /** What browsers call the gateway, without a slash at the end. */
  PUBLIC_URL: z.url(),
  /** What is behind the gateway: ports on 127.0.0.1, or `host:port`. */
  GATEWAY_UPSTREAMS: z.string().transform((text) => Upstreams.parse(JSON.parse(text))),
  /** Folder with the viewer. */
  GATEWAY_FILES: z.string(),
  /** PEM files; with them the gateway speaks HTTPS only. */
  GATEWAY_TLS_CERT: z.string().optional(),
  GATEWAY_TLS_KEY: z.string().optional(),
  /** How long a client may take for the head of a request, or for what is left of its body once it is answered. */
  GATEWAY_PATIENCE_MS: z.coerce.number().int().min(100).default(10_000),
});

const Upstream = z.union([
  z.int().transform((port) => ({ host: '127.0.0.1', port })),
  z
    .string()
    .regex(/^[\w.-]+:\d+$/)
    .transform((text) => ({ host: text.replace(/:\d+$/, ''), port: Number(text.replace(/^.*:/, '')) })),
]);
type Upstream = z.infer<typeof Upstream>;

const Upstreams = z.object({
  identity: Upstream,
  clickhouse: Upstream.optional(),
  services: z.record(z.string(), Upstream),
});

const environment = Environment.parse(process.env);
const { identity, clickhouse, services } = environment.GATEWAY_UPSTREAMS;
const publicUrl = new URL(environment.PUBLIC_URL);
const localOnly = isLoopback(environment.GATEWAY_HOST);
// Connections to upstreams are kept: opening one per request costs as much as the request.
const agent = new Agent({ keepAlive: true, maxFreeSockets: 64 });
const quietMilliseconds = 10 * 60 * 1000;

/** Headers that are about one connection and not about the message (RFC 9110, 7.6.1), and one we have answered already. */
const ofConnection = [
  'connection',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'expect',
  'transfer-encoding',
  'upgrade',
];

function handle(req: IncomingMessage, res: ServerResponse): void {
  const path = req.url ?? '/';
  const { hostname, host } = hostOf(req);
  // A foreign name that leads here is a page trying to reach this machine through its visitor's browser.
  if (localOnly && !isLoopback(hostname) && hostname !== publicUrl.hostname) {
    return problem(res, 421, 'Misdirected request', `This gateway is ${publicUrl.origin}.`);
  }
  const [, area = '', name = ''] = path.split(/[/?#]/);
  if (path === '/health/live')
    return void res.writeHead(200, { 'content-type': 'application/json' }).end('{"status":"live"}');
  if (area === 'auth') return proxy(req, res, 'identity', identity, path, '');
  if (area === 'api') {
    const upstream = services[name];
    if (!upstream) return problem(res, 404, 'Not found', `There is no service ${name}.`);
    return proxy(req, res, name, upstream, below(path, `/api/${name}`), `/api/${name}`);
  }
  // customers without an account
  if ((area === 'complain' || area === 'survey') && services['complaints'])
    return proxy(req, res, 'complaints', services['complaints'], `/public${path}`, '');
  if (area === 'clickhouse' && clickhouse)
    return proxy(req, res, area, clickhouse, below(path, '/clickhouse'), '/clickhouse');
  if (req.method !== 'GET' && req.method !== 'HEAD') return problem(res, 405, 'Method not allowed');
  // Logging in works under one name only: cookies and redirects are bound to it.
  if (host !== publicUrl.host && req.headers.accept?.includes('text/html')) {
    res.writeHead(307, { location: publicUrl.origin + path, 'cache-control': 'no-store' }).end();
    return;
  }
  if (area === 'docs' && !name) return docs(res);
  void serveFile(environment.GATEWAY_FILES, req, res).catch(() => problem(res, 404, 'Not found'));
}

/** The rest of the path behind a prefix, with its query. */
function below(path: string, prefix: string): string {
  const rest = path.slice(prefix.length);
  return rest.startsWith('/') ? rest : `/${rest}`;
}

function hostOf(req: IncomingMessage): { host: string; hostname: string } {
  try {
    const { host, hostname } = new URL(`${publicUrl.protocol}//${req.headers.host}`);
    return { host, hostname: hostname.replace(/^\[|\]$/g, '') };
  } catch {
    return { host: '', hostname: '' };
  }
}

/** Passes the request on and the answer back as they come, and breaks off one side when the other does. */
function proxy(
  req: IncomingMessage,
  res: ServerResponse,
  name: string,
  { host, port }: Upstream,
  path: string,
  prefix: string,
): void {
  const headers = { ...req.headers };
  const named = String(headers.connection ?? '')
    .toLowerCase()
    .split(/\s*,\s*/);
  for (const header of [...ofConnection, ...named]) delete headers[header];
  for (const header of Object.keys(headers))
    if (/^(x-forwarded-|forwarded$|x-real-ip$)/.test(header)) delete headers[header];
  const upstream = request({
    host,
    port,
    method: req.method,
    path,
    agent,
    timeout: quietMilliseconds,
    headers: {
      ...headers,
      // Without its length or this, a body would be taken for the next request.
      ...(req.headers['transfer-encoding'] ? { 'transfer-encoding': 'chunked' } : {}),
      'x-forwarded-for': req.socket.remoteAddress?.replace(/^::ffff:/, ''),
      'x-forwarded-host': publicUrl.host,
      'x-forwarded-proto': publicUrl.protocol.slice(0, -1),
      ...(prefix ? { 'x-forwarded-prefix': prefix } : {}),
    },
  });
  upstream.on('response', (answer) => {
    for (const header of ofConnection) delete answer.headers[header];
    res.writeHead(answer.statusCode ?? 502, answer.statusMessage, answer.headers);
    // When the upstream breaks off, so does our answer: cut short it must not look complete.
    answer.once('error', () => res.destroy());
    res.once('finish', () => leaveSoon(req));
    answer.pipe(res);
  });
  upstream.on('timeout', () => upstream.destroy(Object.assign(new Error('no answer'), { code: 'ETIMEDOUT' })));
  upstream.on('error', (error: NodeJS.ErrnoException) => {
    if (res.headersSent || res.destroyed) return void res.destroy();
    // The rest of the body has nowhere to go.
    req.unpipe(upstream).resume();
    if (error.code === 'ECONNREFUSED' || error.code === 'ENOTFOUND')
      return problem(res, 503, 'Service unavailable', `${name} is not running just now.`);
    if (error.code === 'ETIMEDOUT') return problem(res, 504, 'Gateway timeout', `${name} did not answer.`);
    return problem(res, 502, 'Bad gateway', `${name} broke the connection off (${error.code ?? error.message}).`);
  });
  res.on('close', () => {
    if (!res.writableFinished) upstream.destroy();
  });
  // Node would wait for the first of the body, which may depend on the answer to the head.
  if (req.headers['transfer-encoding']) upstream.flushHeaders();
  req.pipe(upstream);
}

/** A client that has its answer and does not end its request would hold the socket for ever. */
function leaveSoon(req: IncomingMessage): void {
  if (req.complete) return;
  const patience = setTimeout(() => req.socket.destroy(), environment.GATEWAY_PATIENCE_MS);
  req.once('close', () => clearTimeout(patience));
}

function problem(res: ServerResponse, status: number, title: string, detail?: string): void {
  res.writeHead(status, {
    'content-type': 'application/problem+json',
    'cache-control': 'no-store',
    ...(status === 503 ? { 'retry-after': '2' } : {}),
  });
  res.end(problemBody(status, title, detail));
}

const problemBody = (status: number, title: string, detail?: string) =>
  JSON.stringify({ type: 'about:blank', title, status, detail });

function docs(res: ServerResponse): void {
  const links = Object.keys(services).map((name) => html`<li><a href="/api/${name}/docs">${name}</a></li>`);
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width" />
        <title>Fenxiao API</title>
      </head>
      <body style="font:16px/1.6 system-ui,sans-serif;max-width:40em;margin:3em auto;padding:0 1em">
        <h1>分销 Fenxiao: API</h1>
        <ul>
          ${links}
        </ul>
        <p>Tokens: <a href="/auth/.well-known/openid-configuration">OpenID configuration</a></p>
      </body>
    </html>`;
  const policy = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'";
  res.writeHead(200, { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': policy }).end(page.text);
}

const { GATEWAY_TLS_CERT: cert, GATEWAY_TLS_KEY: key } = environment;
// Imports and exports may take long; what must be quick is the head of a request, and nobody may be silent for ever.
const patience = {
  requestTimeout: 0,
  headersTimeout: environment.GATEWAY_PATIENCE_MS,
  connectionsCheckingInterval: 1_000,
};
const server =
  cert && key
    ? createTlsServer({ ...patience, cert: readFileSync(cert), key: readFileSync(key) }, handle)
    : createServer(patience, handle);
server.timeout = quietMilliseconds;
server.on('clientError', ({ code }: NodeJS.ErrnoException, socket) => {
  const status = code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 408 : code === 'HPE_HEADER_OVERFLOW' ? 431 : 400;
  const body = problemBody(status, STATUS_CODES[status]!);
  const head = `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nconnection: close\r\ncontent-type: application/problem+json`;
  socket.end(`${head}\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`, () => socket.destroy());
});
server.listen(environment.PORT, environment.GATEWAY_HOST, () => {
  console.log(`gateway: listening, ${publicUrl.origin}`);
  process.send?.('ready');
});

process.once('SIGTERM', () => {
  server.close(() => process.exit(0));
  // A connection whose last answer is out becomes idle only then.
  setInterval(() => server.closeIdleConnections(), 50);
  setTimeout(() => server.closeAllConnections(), 5_000);
});
