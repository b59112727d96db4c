import { afterAll, afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Client } from 'pg';
import { readRunning, readSecrets } from './data-folder.js';
import { mintToken } from './mint-token.js';
import type { StackOptions } from './plan.js';
import { isAlive } from './processes.js';
import { Stack } from './supervisor.js';

const here = dirname(fileURLToPath(import.meta.url));
const parent = await mkdtemp(join(tmpdir(), 'fenxiao-stack-'));
let count = 0;
let root: string;
let said: string[];
let stacks: Stack[];

/** Tells of its life in a file, and its environment over HTTP. */
const fakeProgram = (name: string) => `
  import { appendFileSync } from 'node:fs';
  import { createServer } from 'node:http';
  const tell = (text) => appendFileSync(process.env.LIFE, text + ' ${name}\\n');
  if (process.argv[2] === 'migrate') {
    tell('migrate ' + (process.env.MIGRATION_DATABASE_URL.startsWith('postgres://postgres:') ? 'as superuser for ' + process.env.SERVICE_ROLE + ':' : ''));
    process.exit(0);
  }
  process.on('SIGTERM', () => setTimeout(() => { tell('stop'); process.exit(0); }, 50));
  createServer((req, res) => {
    if (req.url === '/environment') res.end(JSON.stringify(process.env));
    else res.end(req.url);
  }).listen(Number(process.env.PORT ?? process.env.CLICKHOUSE_PORT), '127.0.0.1', () => tell('start'));`;

const demo = `
  import { writeFileSync } from 'node:fs';
  const basic = Buffer.from(process.env.IMPORT_CLIENT_ID + ':' + process.env.IMPORT_CLIENT_SECRET).toString('base64');
  const body = new URLSearchParams({ grant_type: 'client_credentials' });
  const token = await fetch(process.env.TOKEN_URL, { method: 'POST', body, headers: { authorization: 'Basic ' + basic } });
  const answer = await fetch(process.env.GATEWAY_URL + '/api/alpha/imported');
  console.log('token ' + token.status + ', gateway ' + (await answer.text()));
  const account = { login: 'demo', name: '演示', role: 'sales-manager', sub: '01890000-0000-7000-8000-000000000001' };
  writeFileSync(process.env.IDENTITY_DEMO_ACCOUNTS, JSON.stringify([account]));`;

const demoDay = `console.log('at work: ' + Object.keys(JSON.parse(process.env.DEMO_TOKENS)));`;

async function program(path: string, text: string) {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
}

function stack(options: Partial<StackOptions> = {}): Stack {
  const made = new Stack({
    root,
    data: join(root, 'data'),
    content: 'demonstration',
    port: 0,
    host: '127.0.0.1',
    say: (line) => said.push(line),
    clickhouse: join(root, 'clickhouse.js'),
    ...options,
  });
  stacks.push(made);
  return made;
}

const life = async () => (await readFile(process.env['LIFE'] ?? '', 'utf8')).trim().split('\n');
const running = async () => (await readRunning(join(root, 'data')))!;
const pidOf = async (name: string) => (await running()).processes[name]?.pid ?? 0;
const get = async (url: string) => (await fetch(url)).text();
const until = async (condition: () => boolean | Promise<boolean>) => {
  while (!(await condition())) await wait(20);
};

beforeEach(async () => {
  root = join(parent, `root-${++count}`);
  said = [];
  stacks = [];
  process.env['LIFE'] = join(root, 'life.txt');
  await program(join(root, 'package.json'), '{"type":"module"}');
  await program(join(root, 'clickhouse.js'), fakeProgram('clickhouse'));
  await program(join(root, 'services', 'alpha', 'dist', 'main.js'), fakeProgram('alpha'));
  await program(join(root, 'services', 'beta-two', 'dist', 'main.js'), fakeProgram('beta-two'));
  await program(join(root, 'services', 'not-built', 'package.json'), '{}');
});
afterEach(() => Promise.all(stacks.map((one) => one.stop())));
afterAll(() => rm(parent, { recursive: true }));

describe('the stack', () => {
  it('starts everything in order, loads the demonstration once, and stops in order without leaving a process', async () => {
    await program(join(root, 'services', 'console', 'dist', 'demo.js'), demo);
    await program(join(root, 'services', 'console', 'dist', 'demo-day.js'), demoDay);
    await program(join(root, 'dashboards', 'dist', 'viewer', 'index.html'), 'the viewer');
    const first = stack();
    await first.start();
    expect(await life()).toEqual([
      'start clickhouse',
      'migrate as superuser for fenxiao_alpha: alpha',
      'migrate as superuser for fenxiao_beta_two: beta-two',
      expect.stringMatching(/^start (alpha|beta-two)$/),
      expect.stringMatching(/^start (alpha|beta-two)$/),
    ]);
    expect(said).toContain('[demonstration] token 200, gateway /imported');
    expect(said).toContain('[demonstration] at work: demo');
    expect(said.join('\n')).toMatch(/password fenxiao-demo:\n {4}demo +sales-manager, 演示/);
    expect(await get(`${first.url}/`)).toBe('the viewer');

    const environment = JSON.parse(await get(`${first.url}/api/beta-two/environment`)) as Record<string, string>;
    const { ports, processes, url } = await running();
    expect(environment).toMatchObject({
      EVENT_LOG: 'postgres',
      OIDC_ISSUER: `${url}/auth`,
      OIDC_JWKS_URI: `http://127.0.0.1:${ports['identity']}/auth/jwks`,
      OIDC_AUDIENCE: 'fenxiao',
      PUBLIC_URL: url,
      CURRENCY: 'CNY',
      TIME_ZONE: 'Asia/Shanghai',
    });
    // Only analytics knows the analytics store.
    expect(environment).not.toHaveProperty('CLICKHOUSE_URL');
    const database = new Client(environment['DATABASE_URL']);
    await database.connect();
    const { rows } = await database.query(
      `select current_user as who, has_schema_privilege('identity', 'usage') as identity, has_database_privilege('fenxiao', 'create') as makes`,
    );
    await database.end();
    expect(rows).toEqual([{ who: 'fenxiao_beta_two', identity: false, makes: false }]);

    const jwt = await mintToken(join(root, 'data'), 'demo');
    expect(JSON.parse(Buffer.from(jwt.split('.')[1] ?? '', 'base64url').toString())).toMatchObject({
      aud: 'fenxiao',
      sub: '01890000-0000-7000-8000-000000000001',
    });

    await first.stop();
    expect((await life()).slice(5)).toEqual([
      expect.stringMatching(/^stop (alpha|beta-two)$/),
      expect.stringMatching(/^stop (alpha|beta-two)$/),
      'stop clickhouse',
    ]);
    const others = Object.entries(processes).filter(([name]) => name !== 'supervisor');
    expect(others.map(([name]) => name).toSorted()).toEqual([
      'alpha',
      'beta-two',
      'clickhouse',
      'gateway',
      'identity',
      'postgresql',
    ]);
    expect(others.filter(([, { pid }]) => isAlive(pid))).toEqual([]);
    expect(await readRunning(join(root, 'data'))).toBeUndefined();

    // Neither migrations nor demonstration data a second time; new code is migrated again.
    await program(join(root, 'services', 'alpha', 'dist', 'more.js'), '// changed');
    const before = (await life()).length;
    const second = stack();
    await second.start();
    const since = (await life()).slice(before);
    expect(since.filter((line) => line.startsWith('migrate'))).toEqual([
      'migrate as superuser for fenxiao_alpha: alpha',
    ]);
    expect(said.filter((line) => line.startsWith('[demonstration]'))).toHaveLength(2);
  }, 40_000);

  it('starts again what was killed: a service, PostgreSQL, identity, the gateway', async () => {
    const one = stack();
    await one.start();
    for (const name of ['alpha', 'postgresql', 'identity', 'gateway']) {
      const pid = await pidOf(name);
      process.kill(pid, 'SIGKILL');
      await until(async () => (await pidOf(name)) !== pid);
      expect(said).toContain(`${name} ended (killed by SIGKILL), starting it again in 0.5 s`);
    }
    expect(await get(`${one.url}/api/alpha/x`)).toBe('/x');
    expect((await fetch(`${one.url}/auth/jwks`)).status).toBe(200);
  }, 40_000);

  it('refuses a second copy on the same data, and names who has the port', async () => {
    const one = stack();
    await one.start();
    await expect(stack().start()).rejects.toThrow(`in use by process ${process.pid}`);
    await one.stop();

    const taken = createServer();
    await new Promise<void>((done) => taken.listen(0, '127.0.0.1', done));
    const { port } = taken.address() as { port: number };
    await expect(stack({ port }).start()).rejects.toThrow(`Port ${port} is taken by pid ${process.pid} (`);
    taken.close();
  }, 30_000);

  it('gives a service up that fails at once five times, with its last words, and stops the rest', async () => {
    await program(
      join(root, 'services', 'alpha', 'dist', 'main.js'),
      `
      if (process.argv[2] !== 'migrate') { console.error('alpha: no configuration'); process.exit(7); }`,
    );
    await expect(stack().start()).rejects.toThrow(
      /alpha failed 5 times at once: exit code 7\nalpha: no configuration\n\(all of it: .*alpha\.log\)/,
    );
    expect(await life()).toContain('stop clickhouse');
    expect(await readRunning(join(root, 'data'))).toBeUndefined();
  }, 30_000);

  it('says which migration failed and why', async () => {
    await program(
      join(root, 'services', 'beta-two', 'dist', 'main.js'),
      `console.error('column exists'); process.exit(1);`,
    );
    await expect(stack().start()).rejects.toThrow(/beta-two-migrate failed \(exit code 1\):\ncolumn exists/);
  }, 30_000);

  it('can be stopped while it starts', async () => {
    await program(
      join(root, 'services', 'alpha', 'dist', 'main.js'),
      `if (process.argv[2] !== 'migrate') setInterval(() => {}, 1000);`,
    );
    const one = stack();
    const starting = one.start();
    await until(async () => said.some((line) => line.includes('migrations of beta-two')));
    await one.stop();
    await starting;
    expect(said.join('\n')).not.toContain('Ready');
  }, 30_000);

  it('does not show the demonstration to other machines', async () => {
    await expect(stack({ host: '0.0.0.0', tls: 'self-signed' }).start()).rejects.toThrow('public password');
    const one = stack({
      host: '0.0.0.0',
      tls: 'self-signed',
      data: join(root, 'empty'),
      content: 'empty',
      publicUrl: 'https://fenxiao.example',
    });
    await one.start();
    expect(said.join('\n')).toMatch(/https:\/\/fenxiao\.example\/auth\/link\/[\w-]{43}/);
  }, 30_000);

  it('takes its processes along when it is killed, and starts again on what is left', async () => {
    const script = join(root, 'start.ts');
    const options = {
      root,
      data: join(root, 'data'),
      content: 'empty',
      port: 0,
      host: '127.0.0.1',
      clickhouse: join(root, 'clickhouse.js'),
    };
    await writeFile(
      script,
      `import { Stack } from ${JSON.stringify(join(here, 'supervisor.ts'))};
       await new Stack({ ...${JSON.stringify(options)}, say: () => {} }).start();
       process.send('ready');`,
    );
    const supervisor = spawn(process.execPath, ['--import', join(here, 'from-source.ts'), script], {
      env: { ...process.env },
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    expect(await once(supervisor, 'message')).toEqual(['ready', undefined]);
    const { processes } = await running();
    supervisor.kill('SIGKILL');
    await once(supervisor, 'exit');
    await stack({ content: 'empty' }).start();
    const left = Object.entries(processes).filter(([, { pid }]) => isAlive(pid));
    expect(left).toEqual([]);
    const { postgres } = await readSecrets(join(root, 'data'));
    const database = new Client(
      `postgres://postgres:${postgres.superuser}@127.0.0.1:${(await running()).ports['postgresql']}/fenxiao`,
    );
    await database.connect();
    expect((await database.query('select login from identity.account')).rows).toContainEqual({
      login: 'administrator',
    });
    await database.end();
  }, 30_000);
});
