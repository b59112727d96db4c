/**
 * `npm run bench:orders`: orders of five lines, placed and submitted through the HTTP API with every rule on, beside a
 * replay of the very statements the service sent, through `pg` with nothing of ours between: what PostgreSQL allows.
 * Both on a durable PostgreSQL. `--orders N` for each number of clients (default 600), `--clients 1,10,50`, `--processes N`
 * of the service, `--every S`: each client waits about S seconds before an order, as people do (default 0). Then the same orders with and without permission checks, in turns: what these add to the median
 * (`--only checks` for that alone, `--only orders` without).
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { startPostgres } from '@fenxiao/embedded/postgres';
import { Client, Pool } from 'pg';
import { world } from '../../services/orders/test/world.js';
import type { Statement } from './capture.ts';
import { during, memoryMb, percentile, percentiles, say, sayMachine, thousands } from './measuring.ts';
import { agent, ask, serve, stop, type Served } from './serving.ts';

const { values } = parseArgs({
  options: {
    orders: { type: 'string', default: '600' },
    clients: { type: 'string', default: '1,10,50' },
    processes: { type: 'string', default: '1' },
    every: { type: 'string', default: '0' },
    only: { type: 'string' },
  },
});
const wanted = Number(values.orders);
const pause = 1000 * Number(values.every);
const POOL = 10;
const folder = await mkdtemp(join(tmpdir(), 'fenxiao-bench-'));
const postgres = await startPostgres({ folder: join(folder, 'postgres'), superPassword: 'bench' });
process.env['TEST_POSTGRES_URL'] = postgres.superuserUrl;
const w = await world(new Date().toISOString());
try {
  sayMachine();
  const products = await Promise.all(Array.from({ length: 40 }, () => w.product('50')));
  for (const { code } of products) await w.receive(code, '10000000');
  const distributors: string[] = [];
  for (let i = 0; i < 50; i++) distributors.push((await w.distributor({ limit: '999999999' })).code);
  const bearer = `Bearer ${await w.h.token(w.seller.subject)}`;
  // From here on the service runs as a process of its own; this one only asks.
  await w.h.service.close();
  const template = new URL(w.h.databaseUrl).pathname.slice(1);
  await w.h.pool.query('VACUUM ANALYZE');
  for (const clients of values.only === 'checks' ? [] : values.clients.split(',').map(Number)) {
    const measured = await onCopy(template, `api_${clients}`, async (url) => {
      const services = await Promise.all(Array.from({ length: Number(values.processes) }, () => serveCopy(url)));
      const urls = services.map((service) => service.url);
      await place(urls, bearer, distributors, products, Math.min(200, wanted), clients);
      const pids = Object.fromEntries(services.map(({ child }, i) => [`orders ${i + 1}`, child.pid!]));
      const run = await during({ ...pids, postgres: postgres.pid }, () =>
        place(urls, bearer, distributors, products, wanted, clients),
      );
      const memory = [memoryMb(services[0]!.child.pid!), memoryMb(postgres.pid)] as const;
      await Promise.all(services.map(stop));
      return { ...run, memory };
    });
    const capture = join(folder, `statements-${clients}.ndjson`);
    await onCopy(template, `capture_${clients}`, async (url) => {
      const service = await serveCopy(url, './capture.ts', { CAPTURE: capture });
      await place([service.url], bearer, distributors, products, wanted, clients);
      await stop(service);
    });
    const statements = await readStatements(capture);
    const sent = statements.reduce((sum, { length }) => sum + length, 0);
    const replayed = await onCopy(template, `replay_${clients}`, (url) =>
      during({ postgres: postgres.pid }, () => replay(url, statements)),
    );
    const [rate, floor] = [wanted / measured.seconds, wanted / replayed.seconds];
    say(
      `orders, ${clients} client${clients > 1 ? 's' : ''}`,
      `${thousands(rate)}/s, ${percentiles(measured.value.orders)} for the two requests of an order`,
    );
    say('  each request', percentiles(measured.value.requests));
    say(
      '  baseline: the same statements through pg',
      `${thousands(floor)}/s, ${(sent / wanted).toFixed(1)} statements an order, ${replayed.value} failed`,
    );
    say('  its CPU ms an order', `PostgreSQL ${((replayed.cpu['postgres']! / wanted) * 1000).toFixed(1)}`);
    say('  ratio', (rate / floor).toFixed(2));
    const spent = Object.entries(measured.cpu).map(([name, cpu]) => `${name} ${((cpu / wanted) * 1000).toFixed(1)}`);
    say('  CPU ms an order', spent.join(', '));
    say('  memory', `orders ${Math.round(measured.memory[0])} MB, PostgreSQL ${Math.round(measured.memory[1])} MB`);
  }
  if (values.only !== 'orders') await compareChecks(template, bearer, distributors, products);
} finally {
  agent.destroy();
  await postgres.stop();
  await rm(folder, { recursive: true, force: true });
}
process.exit(); // what the harness keeps open has no database any more

/** the same orders asked of a service with its permission checks and of one without, an order here, an order there. */
async function compareChecks(
  template: string,
  bearer: string,
  distributors: readonly string[],
  products: readonly { code: string }[],
): Promise<void> {
  const times = await onCopy(template, 'checked', (checkedUrl) =>
    onCopy(template, 'unchecked', async (uncheckedUrl) => {
      const checked = await serveCopy(checkedUrl);
      const unchecked = await serveCopy(uncheckedUrl, './unchecked.ts');
      const taken = { checked: [] as number[], unchecked: [] as number[] };
      for (let i = -100; i < wanted; i++) {
        const pair = [
          ['checked', checked],
          ['unchecked', unchecked],
        ] as const;
        for (const [name, { url }] of i % 2 ? pair : pair.toReversed()) {
          const { orders } = await place([url], bearer, distributors, products, 1, 1);
          if (i >= 0) taken[name].push(...orders);
        }
      }
      await Promise.all([stop(checked), stop(unchecked)]);
      return taken;
    }),
  );
  const [median, floor] = [percentile(times.checked, 0.5), percentile(times.unchecked, 0.5)];
  say('permission checks', `median ${median.toFixed(2)} ms an order, ${percentiles(times.checked)}`);
  say('  baseline: without them', `median ${floor.toFixed(2)} ms, ${percentiles(times.unchecked)}`);
  say('  added', `${((median / floor - 1) * 100).toFixed(1)} %`);
}

/** Runs on a copy of the prepared database, so that each run finds the same. */
async function onCopy<T>(template: string, name: string, run: (url: string) => Promise<T>): Promise<T> {
  const admin = new Client({ connectionString: postgres.superuserUrl });
  await admin.connect();
  await admin.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1', [template]);
  await admin.query(`CREATE DATABASE ${name} TEMPLATE ${template}`);
  const url = new URL(postgres.superuserUrl);
  url.pathname = `/${name}`;
  try {
    return await run(url.href);
  } finally {
    await admin.query(`DROP DATABASE ${name} WITH (FORCE)`);
    await admin.end();
  }
}

/** As it runs in production, but for its connections: as many as the replay has. */
function serveCopy(url: string, preload?: string, env: Record<string, string> = {}): Promise<Served> {
  const environment = { ...env, ...w.h.environment, DATABASE_URL: url, DATABASE_POOL: String(POOL) };
  return serve('orders', environment, preload ? { preload } : {});
}

interface Asked {
  readonly id: string;
  readonly state: string;
}

/** @returns milliseconds of each order, and of each of its requests: the one that places it and the one that submits it */
async function place(
  urls: readonly string[],
  bearer: string,
  distributors: readonly string[],
  products: readonly { code: string }[],
  count: number,
  clients: number,
): Promise<{ orders: number[]; requests: number[] }> {
  const times = { orders: [] as number[], requests: [] as number[] };
  let next = 0;
  const client = async (_: unknown, n: number) => {
    const url = urls[n % urls.length]!;
    while (next < count) {
      const i = next++;
      if (pause > 0) await delay(pause * (0.5 + Math.random()));
      const lines = [0, 1, 2, 3, 4].map((n) => ({
        productCode: products[(i * 7 + n * 5) % products.length]!.code,
        quantity: '2',
      }));
      const started = performance.now();
      const draft = await ask<Asked>('POST', `${url}/orders`, bearer, {
        distributorCode: distributors[i % distributors.length],
        lines,
      });
      const placed = performance.now();
      const submitted = await ask<Asked>('POST', `${url}/orders/${draft.id}/submit`, bearer, {});
      const ended = performance.now();
      times.orders.push(ended - started);
      times.requests.push(placed - started, ended - placed);
      if (submitted.state !== 'allocated') throw new Error(`order ${submitted.id} is ${submitted.state}`);
    }
  };
  await Promise.all(Array.from({ length: clients }).map(client));
  return times;
}

/** Of each client, what its requests sent, in their order. */
async function readStatements(file: string): Promise<Statement[][]> {
  const lines = (await readFile(file, 'utf8')).split('\n').filter(Boolean);
  const statements = lines.map((line) => JSON.parse(line) as Statement);
  const requests = [...Map.groupBy(statements, ({ request }) => request).values()];
  return [...Map.groupBy(requests, ([first]) => first!.client).values()].map((all) => all.flat());
}

/** As many clients as there were, on as many connections as the service has. @returns how many requests failed */
async function replay(url: string, clients: readonly Statement[][]): Promise<number> {
  const options = '-c search_path=orders,public -c timezone=UTC';
  const pool = new Pool({ connectionString: url, max: POOL, options });
  pool.on('error', () => {}); // the copy is dropped
  let failed = 0;
  const one = async (statements: readonly Statement[]) => {
    const connection = await pool.connect();
    try {
      for (const { name, text, values: given } of statements)
        await connection.query({ ...(name ? { name } : {}), text, values: given });
    } catch (error) {
      failed += 1;
      if (failed === 1) process.stderr.write(`${String(error)}\n`);
      await connection.query('ROLLBACK');
    } finally {
      connection.release();
    }
  };
  await Promise.all(
    clients.map(async (all) => {
      for (const request of Map.groupBy(all, ({ request: id }) => id).values()) await one(request);
    }),
  );
  await pool.end();
  return failed;
}
