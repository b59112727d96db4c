/** The API of services/analytics and a login, as small as can be, in front of the built viewer: for browser tests only. */
import { createHash, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { choices, dashboards, type Power } from '../src/catalogue.js';
import { expand, type Context } from '../src/macros.js';
import type { TestEngine } from './engine.js';

const viewer = fileURLToPath(new URL('../dist/viewer', import.meta.url));
const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
};
/** As the gateway sends it: what it forbids must not be needed. */
const policy =
  "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; worker-src 'self' blob:; object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'";

export interface Stub {
  url: string;
  /** what the person holds; changes take effect at the next request */
  person: { powers: Power[]; roles: string[] };
  /** ids of panels whose queries fail, and whether the API answers at all */
  trouble: { panels: Set<number>; tokens: 'good' | 'expired' };
  /** every request to the API: method and path */
  asked: string[];
  close(): void;
}

export async function startStub(engine: TestEngine): Promise<Stub> {
  const codes = new Map<string, { challenge: string; nonce: string | null }>();
  const stub: Stub = {
    url: '',
    person: { powers: ['customers', 'people'], roles: ['general-manager'] },
    trouble: { panels: new Set(), tokens: 'good' },
    asked: [],
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
  const may = (power: Power): boolean => stub.person.powers.includes(power);
  const shown = (language: string) =>
    dashboards(language === 'zh' ? 'zh' : 'en').map((dashboard) => ({
      ...dashboard,
      panels: dashboard.panels.filter(({ fenxiao }) => !fenxiao || may(fenxiao.power)),
      templating: { list: dashboard.templating.list.filter(({ fenxiao }) => !fenxiao || may(fenxiao.power)) },
    }));

  async function api(path: string, query: URLSearchParams, request: IncomingMessage): Promise<unknown> {
    stub.asked.push(`${request.method} ${path}`);
    if (stub.trouble.tokens === 'expired' && request.headers.authorization !== 'Bearer renewed')
      throw new Problem(401, 'expired');
    if (!/^Bearer (token|renewed)$/.test(request.headers.authorization ?? '')) throw new Problem(401, 'no token');
    const language = query.get('lang') ?? 'en';
    if (path === '/me') return { person: 'p', roles: stub.person.roles };
    if (path === '/dashboards')
      return shown(language).map(({ uid, title, description, tags }) => ({ uid, title, description, tags }));
    const [, , uid, kind, name] = path.split('/');
    const dashboard = shown(language).find((one) => one.uid === uid);
    if (!dashboard) throw new Problem(404, 'There is no such dashboard.');
    if (kind === undefined) return dashboard;
    const body = JSON.parse(await read(request)) as {
      from: number;
      to: number;
      intervalMs?: number;
      variables: Record<string, string[]>;
    };
    const whole = dashboards(language === 'zh' ? 'zh' : 'en').find((one) => one.uid === uid)!;
    const context: Context = { intervalMs: 1000, ...body, variables: choices(whole, body.variables, may) };
    if (kind === 'variables') {
      const variable = dashboard.templating.list.find((one) => one.name === name)!;
      const { rows } = await engine.query('viewer', expand(variable.query!.rawSql, context));
      return { options: rows.map((row) => ({ value: String(row[0]), text: String(row.at(-1)) })) };
    }
    const panel = dashboard.panels.find((one) => one.id === Number(name))!;
    if (stub.trouble.panels.has(panel.id)) throw new Problem(500, 'Code: 159. Timeout exceeded: elapsed 60 seconds');
    const frames = await Promise.all(
      panel.targets.map(async ({ refId, rawSql }) => ({
        refId,
        ...(await engine.query('viewer', expand(rawSql, context))),
      })),
    );
    return { frames, asOf: new Date().toISOString(), elapsedMs: 1 };
  }

  async function login(
    path: string,
    query: URLSearchParams,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const issuer = `${stub.url}/auth`;
    if (path === '/.well-known/openid-configuration')
      return send(response, 200, {
        issuer,
        authorization_endpoint: `${issuer}/authorize`,
        token_endpoint: `${issuer}/token`,
        end_session_endpoint: `${issuer}/logout`,
        jwks_uri: `${issuer}/jwks`,
      });
    if (path === '/authorize') {
      const code = randomUUID();
      if (query.get('code_challenge_method') !== 'S256') return send(response, 400, { error: 'PKCE is missing' });
      codes.set(code, { challenge: query.get('code_challenge')!, nonce: query.get('nonce') });
      const back = new URL(query.get('redirect_uri')!);
      back.searchParams.set('code', code);
      back.searchParams.set('state', query.get('state')!);
      return void response.writeHead(302, { location: back.href }).end();
    }
    if (path === '/token') {
      const form = new URLSearchParams(await read(request));
      const renewing = form.get('grant_type') === 'refresh_token';
      const known = codes.get(form.get('code') ?? '');
      const digest = createHash('sha256')
        .update(form.get('code_verifier') ?? '')
        .digest('base64url');
      if (!renewing && known?.challenge !== digest) return send(response, 400, { error: 'invalid_grant' });
      const claims = {
        iss: issuer,
        sub: 'account',
        aud: 'fenxiao-web',
        exp: Date.now() / 1000 + 3600,
        iat: Date.now() / 1000,
        nonce: known?.nonce,
      };
      const part = (json: unknown) => Buffer.from(JSON.stringify(json)).toString('base64url');
      return send(response, 200, {
        access_token: renewing ? 'renewed' : 'token',
        refresh_token: randomUUID(),
        id_token: `${part({ alg: 'none' })}.${part(claims)}.x`,
        token_type: 'Bearer',
        expires_in: 900,
      });
    }
    if (path === '/logout') return void response.writeHead(302, { location: '/' }).end();
    return send(response, 404, {});
  }

  function file(path: string, response: ServerResponse): void {
    const name = extname(path) === '' ? '/index.html' : path;
    response.writeHead(200, {
      'content-type': types[extname(name)] ?? 'text/plain',
      'content-security-policy': policy,
    });
    response.end(readFileSync(join(viewer, name)));
  }

  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://stub');
    const work = async (): Promise<void> => {
      if (pathname.startsWith('/auth/')) return login(pathname.slice(5), searchParams, request, response);
      if (pathname.startsWith('/api/analytics/'))
        return send(response, 200, await api(pathname.slice('/api/analytics'.length), searchParams, request));
      return file(pathname, response);
    };
    work().catch((error: unknown) =>
      send(response, error instanceof Problem ? error.status : 500, {
        title: 'Trouble',
        detail: (error as Error).message,
      }),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  stub.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return stub;
}

class Problem extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

function send(response: ServerResponse, status: number, body: unknown): void {
  if (response.headersSent) return;
  response
    .writeHead(status, { 'content-type': status < 400 ? 'application/json' : 'application/problem+json' })
    .end(JSON.stringify(body));
}

async function read(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}
