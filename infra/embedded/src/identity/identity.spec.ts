import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { spawn, type ChildProcess } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { Client } from 'pg';
import { freePort } from '../ports.js';
import { startPostgres, type RunningPostgres } from '../postgres.js';
import { newSecrets, uuidv7, type Secrets } from '../secrets.js';
import type { IdentityMessage } from './main.js';

// Passwords are slow on purpose.
jest.setTimeout(30_000);
const here = dirname(fileURLToPath(import.meta.url));
const password = 'correct horse battery';
let folder: string;
let postgres: RunningPostgres;
let secrets: Secrets;
let port: number;
let publicUrl: string;
let identity: ChildProcess;
let output = '';
let database: Client;

/** Keeps cookies as a browser does: by path, and no longer than the server wants. */
class Browser {
  readonly #cookies = new Map<string, { value: string; path: string }>();
  language = 'en';
  address = '10.0.0.1';

  async fetch(url: string, init: RequestInit = {}): Promise<Response> {
    const { pathname } = new URL(url);
    const sent = [...this.#cookies]
      .filter(([, { path }]) => pathname.startsWith(path))
      .map(([name, { value }]) => `${name}=${value}`);
    const headers = {
      cookie: sent.join('; '),
      'accept-language': this.language,
      'x-forwarded-for': this.address,
      ...(init.headers as Record<string, string> | undefined),
    };
    const response = await fetch(url, { ...init, redirect: 'manual', headers });
    for (const line of response.headers.getSetCookie()) {
      const [pair = '', ...attributes] = line.split(/;\s*/);
      const [name = '', value = ''] = pair.split('=');
      const attribute = (wanted: string) =>
        attributes.find((text) => text.toLowerCase().startsWith(`${wanted}=`))?.split('=')[1];
      const gone = new Date(attribute('expires') ?? Infinity).getTime() < Date.now();
      if (gone) this.#cookies.delete(name);
      else this.#cookies.set(name, { value, path: attribute('path') ?? '/' });
    }
    return response;
  }

  /** Follows redirects within identity; stops where one leads back to the application. */
  async open(url: string, init: RequestInit = {}): Promise<{ url: string; response: Response }> {
    const response = await this.fetch(url, init);
    const next = response.headers.get('location');
    if (!next) return { url, response };
    const to = new URL(next, url).href;
    return to.startsWith(`${publicUrl}/auth/`) ? this.open(to) : { url: to, response };
  }

  /** Fills in the form of the page at `url` and sends it. */
  async submit(url: string, fields: Record<string, string>, page?: Response) {
    const text = await (page ?? (await this.fetch(url))).text();
    const hidden = [...text.matchAll(/<input type="hidden" name="(\w+)" value="([^"]*)"/g)].map(([, name, value]) => [
      name ?? '',
      value ?? '',
    ]);
    const body = new URLSearchParams({ ...Object.fromEntries(hidden), ...fields });
    return this.open(url, { method: 'POST', body });
  }
}

/** The login of `fenxiao-web`, up to where the login page has been answered. */
async function login(browser: Browser, name: string, secret: string) {
  const verifier = randomBytes(32).toString('base64url');
  const query = new URLSearchParams({
    client_id: 'fenxiao-web',
    response_type: 'code',
    scope: 'openid',
    redirect_uri: `${publicUrl}/`,
    state: 'somewhere',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  });
  const start = await browser.open(`${publicUrl}/auth/authorize?${query}`);
  const end = start.url.startsWith(`${publicUrl}/auth/`)
    ? await browser.submit(start.url, { login: name, password: secret }, start.response)
    : start;
  const code = new URL(end.url).searchParams.get('code');
  return { ...end, asked: start.url !== end.url, code, verifier };
}

async function token(fields: Record<string, string>, headers: Record<string, string> = {}) {
  const response = await fetch(`${publicUrl}/auth/token`, {
    method: 'POST',
    body: new URLSearchParams(fields),
    headers,
  });
  return { status: response.status, body: (await response.json()) as Record<string, string> };
}

const exchange = (code: string | null, verifier: string) =>
  token({
    client_id: 'fenxiao-web',
    grant_type: 'authorization_code',
    code: code ?? '',
    code_verifier: verifier,
    redirect_uri: `${publicUrl}/`,
  });
const refresh = (refreshToken: string | undefined) =>
  token({ client_id: 'fenxiao-web', grant_type: 'refresh_token', refresh_token: refreshToken ?? '' });

async function tokensOf(browser: Browser, name: string, secret: string) {
  const { code, verifier } = await login(browser, name, secret);
  const { status, body } = await exchange(code, verifier);
  expect(status).toBe(200);
  return body;
}

const verify = (jwt: string | undefined) =>
  jwtVerify(jwt ?? '', createRemoteJWKSet(new URL(`${publicUrl}/auth/jwks`)), {
    issuer: `${publicUrl}/auth`,
    audience: 'fenxiao',
    typ: 'at+jwt',
  });

async function api(accessToken: string | undefined, method: string, path: string, body?: unknown) {
  const headers = { authorization: `Bearer ${accessToken}`, 'content-type': 'application/json' };
  const response = await fetch(`${publicUrl}/auth/accounts${path}`, {
    method,
    headers,
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  return {
    status: response.status,
    body: (await response.json()) as {
      account: { id: string; login: string; state: string };
      link: string;
      accounts: { login: string }[];
    },
  };
}

const choose = (browser: Browser, link: string, chosen: string) =>
  browser.submit(link, { newPassword: chosen, repeated: chosen });

async function startIdentity(environment: Record<string, string> = {}): Promise<IdentityMessage> {
  identity = spawn(process.execPath, ['--import', join(here, '..', 'from-source.ts'), join(here, 'main.ts')], {
    env: {
      ...process.env,
      PORT: String(port),
      PUBLIC_URL: publicUrl,
      DATABASE_URL: postgres.superuserUrl.replace('postgres:secret@', 'fenxiao_identity:secret@'),
      IDENTITY_SECRETS: JSON.stringify(secrets.identity),
      IDENTITY_FIRST_ADMINISTRATOR: '1',
      FENXIAO_EMBEDDED: '1',
      GATEWAY_HOST: '127.0.0.1',
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  output = '';
  for (const stream of [identity.stdout, identity.stderr]) stream?.on('data', (chunk) => (output += chunk));
  let message: IdentityMessage = {};
  identity.on('message', (said: IdentityMessage) => (message = { ...message, ...said }));
  const ready = () =>
    fetch(`http://127.0.0.1:${port}/health/ready`).then(
      (answer) => answer.ok,
      () => false,
    );
  while (!(await ready()) || !output.includes('ready')) {
    if (identity.exitCode !== null) throw new Error(output);
    await wait(30);
  }
  return message;
}

async function stopIdentity() {
  if (identity.exitCode !== null) return;
  identity.kill();
  await once(identity, 'exit');
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fenxiao-identity-'));
  postgres = await startPostgres({ folder: join(folder, 'postgres'), superPassword: 'secret', durable: false });
  database = new Client(postgres.superuserUrl);
  await database.connect();
  await database.query(
    `create role fenxiao_identity login password 'secret'; create schema identity authorization fenxiao_identity`,
  );
  secrets = await newSecrets({}, []);
  port = await freePort();
  publicUrl = `http://127.0.0.1:${port}`;
}, 30_000);

afterAll(async () => {
  await stopIdentity();
  await database.end();
  await postgres.stop();
  await rm(folder, { recursive: true });
});

describe('identity', () => {
  it('gives the first administrator a link that sets the password once', async () => {
    const first = (await startIdentity()).firstAdministratorLink ?? '';
    await stopIdentity();
    const link = (await startIdentity()).firstAdministratorLink ?? '';
    expect(link).toMatch(/\/auth\/link\/[\w-]{43}$/);
    expect(output).not.toContain(link);

    const browser = new Browser();
    expect((await browser.open(first)).response.status).toBe(410);
    const tooShort = await choose(browser, link, 'short');
    expect(await tooShort.response.text()).toContain('at least 12 characters');
    expect((await choose(browser, link, 'Administrator!')).response.status).toBe(400);
    expect((await choose(browser, link, password)).response.status).toBe(200);
    expect((await choose(browser, link, 'another password')).response.status).toBe(410);

    await stopIdentity();
    expect(await startIdentity()).toEqual({});
  });

  it('logs in by code with PKCE; the token verifies against the published keys and says who, and nothing else', async () => {
    const browser = new Browser();
    const { code, verifier } = await login(browser, 'Administrator', password);
    expect((await exchange(code, randomBytes(32).toString('base64url'))).body['error']).toBe('invalid_grant');
    const { body: administrator } = await exchange(code, verifier);
    const { payload, protectedHeader } = await verify(administrator['access_token']);
    expect(protectedHeader).toEqual({ alg: 'RS256', typ: 'at+jwt', kid: secrets.identity.signingKeys[0]?.kid });
    expect(Object.keys(payload).toSorted()).toEqual(['aud', 'client_id', 'exp', 'iat', 'iss', 'jti', 'sub']);
    expect(payload.sub).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7/);
    expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(900);
    expect(administrator['token_type']).toBe('Bearer');
    // Used up.
    expect((await exchange(code, verifier)).body['error']).toBe('invalid_grant');
    const discovered = (await (await fetch(`${publicUrl}/auth/.well-known/openid-configuration`)).json()) as Record<
      string,
      string
    >;
    expect(discovered).toMatchObject({
      issuer: `${publicUrl}/auth`,
      authorization_endpoint: `${publicUrl}/auth/authorize`,
      token_endpoint: `${publicUrl}/auth/token`,
      jwks_uri: `${publicUrl}/auth/jwks`,
      end_session_endpoint: `${publicUrl}/auth/logout`,
    });
  });

  it('rotates refresh tokens and takes everything back when an old one is used again', async () => {
    const first = await tokensOf(new Browser(), 'administrator', password);
    const second = (await refresh(first['refresh_token'])).body;
    expect(second['refresh_token']).not.toBe(first['refresh_token']);
    expect((await verify(second['access_token'])).payload.sub).toBe((await verify(first['access_token'])).payload.sub);
    expect((await refresh(first['refresh_token'])).body['error']).toBe('invalid_grant');
    expect((await refresh(second['refresh_token'])).body['error']).toBe('invalid_grant');
  });

  it('keeps people logged in over a restart, until they log out', async () => {
    const browser = new Browser();
    const before = await tokensOf(browser, 'administrator', password);
    await stopIdentity();
    await startIdentity();
    const again = await login(browser, '', '');
    expect(again.asked).toBe(false);
    expect((await refresh(before['refresh_token'])).status).toBe(200);

    const query = new URLSearchParams({ client_id: 'fenxiao-web', post_logout_redirect_uri: `${publicUrl}/` });
    const page = await browser.fetch(`${publicUrl}/auth/logout?${query}`);
    const html = await page.text();
    expect(html).toContain('Do you want to sign out?');
    const body = new URLSearchParams({ xsrf: /name="xsrf" value="(\w+)"/.exec(html)?.[1] ?? '', logout: 'yes' });
    expect((await browser.open(`${publicUrl}/auth/logout/confirm`, { method: 'POST', body })).url).toBe(
      `${publicUrl}/`,
    );
    const after = await exchange(again.code, again.verifier);
    expect(after.body['error']).toBe('invalid_grant');
    expect(new URL((await login(browser, '', '')).url).pathname).toMatch(/^\/auth\/interaction/);
  });

  it.each(['fenxiao-import', 'fenxiao-reconciliation'] as const)(
    'lets %s act as its own account, with its secret only',
    async (client) => {
      const basic = (secret: string) => ({
        authorization: `Basic ${Buffer.from(`${client}:${secret}`).toString('base64')}`,
      });
      const { secret, account } = secrets.identity.clients[client];
      const { body } = await token({ grant_type: 'client_credentials' }, basic(secret));
      expect((await verify(body['access_token'])).payload).toMatchObject({ sub: account, client_id: client });
      expect((await token({ grant_type: 'client_credentials' }, basic('wrong'))).status).toBe(401);
      expect((await api(body['access_token'], 'GET', '')).status).toBe(403);
    },
  );

  it('lets administrators alone make, disable, enable and reset accounts over HTTP', async () => {
    const { access_token: by } = await tokensOf(new Browser(), 'administrator', password);
    const made = await api(by, 'POST', '', { login: '王经理', name: '王经理' });
    expect(made.status).toBe(201);
    expect((await api(by, 'POST', '', { login: '王经理', name: 'Somebody else' })).status).toBe(409);
    expect((await api(by, 'POST', '', { login: 'a b', name: 'x' })).status).toBe(400);
    const { id } = made.body.account;
    await choose(new Browser(), made.body.link, password);

    const browser = new Browser();
    const person = await tokensOf(browser, '王经理', password);
    expect((await verify(person['access_token'])).payload.sub).toBe(id);
    expect((await api(person['access_token'], 'GET', '')).status).toBe(403);
    expect((await api(undefined, 'GET', '')).status).toBe(401);
    expect((await api(person['id_token'], 'GET', '')).status).toBe(401);

    const disabled = await api(by, 'POST', `/${id}/disable`);
    expect(disabled.body.account.state).toBe('disabled');
    expect((await refresh(person['refresh_token'])).body['error']).toBe('invalid_grant');
    const refused = await login(browser, '王经理', password);
    expect(refused.response.status).toBe(401);
    expect(await refused.response.text()).toContain('Login name or password is not right.');

    await api(by, 'POST', `/${id}/enable`);
    expect((await login(browser, '王经理', password)).code).toBeTruthy();
    const reset = await api(by, 'POST', `/${id}/reset`);
    expect((await login(new Browser(), '王经理', password)).code).toBeNull();
    await choose(new Browser(), reset.body.link, 'yet another one');
    expect((await login(new Browser(), '王经理', 'yet another one')).code).toBeTruthy();

    const self = (await verify(by)).payload.sub;
    expect((await api(by, 'POST', `/${self}/disable`)).status).toBe(409);
    expect((await api(by, 'GET', '')).body.accounts.map((account) => account.login)).toEqual([
      'administrator',
      'fenxiao-import',
      'fenxiao-reconciliation',
      '王经理',
    ]);
  });

  it('asks for a new password when the administrator wants one, before anything else', async () => {
    const { access_token: by } = await tokensOf(new Browser(), 'administrator', password);
    const { body } = await api(by, 'POST', '', { login: 'li', name: '李' });
    await choose(new Browser(), body.link, password);
    await api(by, 'POST', `/${body.account.id}/require-password-change`);
    const browser = new Browser();
    const { code, url, response } = await login(browser, 'li', password);
    expect(code).toBeNull();
    const chosen = { newPassword: 'a fresh password', repeated: 'a fresh password' };
    const end = await browser.submit(url, chosen, response);
    expect(new URL(end.url).searchParams.get('code')).toBeTruthy();
    expect((await login(new Browser(), 'li', 'a fresh password')).code).toBeTruthy();

    const changed = await new Browser().submit(`${publicUrl}/auth/password`, {
      login: 'li',
      password: 'a fresh password',
      newPassword: password,
      repeated: password,
    });
    expect(await changed.response.text()).toContain('The password is saved');
    expect((await login(new Browser(), 'li', 'a fresh password')).code).toBeNull();
  });

  it('serves pages whose policy allows their own style and nothing else', async () => {
    const page = await new Browser().fetch(`${publicUrl}/auth/password`);
    const style = /<style>([^<]*)<\/style>/.exec(await page.text())?.[1] ?? '';
    const hash = createHash('sha256').update(style).digest('base64');
    expect(page.headers.get('content-security-policy')).toContain(`default-src 'none'; style-src 'sha256-${hash}';`);
  });

  it('shows administrators a page for the same, in their language, and refuses forms from elsewhere', async () => {
    const admin = `${publicUrl}/auth/admin`;
    const browser = new Browser();
    const start = await browser.open(admin);
    const { response } = await browser.submit(start.url, { login: 'administrator', password }, start.response);
    expect(await response.text()).toContain('New account');
    browser.language = 'zh-CN,zh;q=0.9,en;q=0.8';
    const made = await browser.submit(admin, { action: 'create', login: 'zhao', name: '<b>赵</b>' });
    const text = await made.response.text();
    expect(text).toContain('账号管理');
    expect(text).toContain('&lt;b&gt;赵&lt;/b&gt;');
    const link = /<code>(.*?)<\/code>/.exec(text)?.[1] ?? '';
    expect((await choose(new Browser(), link, password)).response.status).toBe(200);

    const body = new URLSearchParams({ action: 'create', login: 'mallory', name: 'M' });
    expect((await browser.fetch(admin, { method: 'POST', body })).status).toBe(403);
    const other = new Browser();
    const page = await other.open(admin);
    await other.submit(page.url, { login: 'zhao', password }, page.response);
    expect((await other.fetch(admin)).status).toBe(403);
  });

  it('answers an unknown account as it answers a wrong password, and slows both down', async () => {
    const attempts = async (name: string, address: string) => {
      const answers: string[] = [];
      for (let n = 0; n < 11; n++) {
        const browser = new Browser();
        browser.address = address;
        const { response } = await login(browser, name, 'not the password');
        const text = (await response.text()).replace(/name="csrf" value="[^"]*"/, '').replaceAll(name, 'NAME');
        answers.push(`${response.status} ${text}`);
      }
      return answers;
    };
    const known = await attempts('zhao', '10.0.0.2');
    const unknown = await attempts('nobody-here', '10.0.0.3');
    expect(unknown).toEqual(known);
    expect(known.map((answer) => answer.slice(0, 3))).toEqual([...Array<string>(10).fill('401'), '429']);
    // Even the right password has to wait now, from anywhere; another account does not.
    const right = await login(new Browser(), 'zhao', password);
    expect([right.response.status, right.response.headers.get('retry-after')]).toEqual([
      429,
      expect.stringMatching(/^\d+$/),
    ]);
    expect((await login(new Browser(), 'li', password)).code).toBeTruthy();
  });

  it('has demonstration accounts on the embedded stack on this machine, and starts with them nowhere else', async () => {
    const file = join(folder, 'accounts.json');
    const sub = uuidv7();
    await stopIdentity();
    await startIdentity({ IDENTITY_DEMO_ACCOUNTS: file });
    await writeFile(file, JSON.stringify([{ login: 'demo-manager', name: '演示经理', role: 'regional-manager', sub }]));
    identity.send('load-demonstration-accounts');
    expect(await once(identity, 'message')).toEqual([{ demonstrationAccounts: 'loaded' }, undefined]);
    const { access_token: demo } = await tokensOf(new Browser(), 'demo-manager', 'fenxiao-demo');
    expect((await verify(demo)).payload.sub).toBe(sub);

    await stopIdentity();
    await expect(startIdentity({ GATEWAY_HOST: '0.0.0.0' })).rejects.toThrow('public password');
    await expect(startIdentity({ FENXIAO_EMBEDDED: '' })).rejects.toThrow('public password');
    await startIdentity();
  });
});
