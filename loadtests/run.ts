/**
 * `npm run load -- <scenario> [--data <folder>] [--seed <text>]`: runs a scenario with k6 against the stack that runs on the
 * data folder, and puts the results into its ClickHouse. Against another installation: BASE_URL, TOKENS_URL (answers
 * GET /<login> with a token), CLICKHOUSE_URL, CLICKHOUSE_USER and CLICKHOUSE_PASSWORD. Ends as k6 does: 0 when every
 * threshold holds.
 */
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { readRunning, readSecrets } from '@fenxiao/embedded/data-folder';
import { mintToken } from '@fenxiao/embedded/mint-token';
import { peopleOf, rowsOf, type Summary } from './src/report.ts';

const root = fileURLToPath(new URL('../', import.meta.url));
const main = fileURLToPath(new URL('src/main.ts', import.meta.url));
/** as in src/scenarios.ts, which only k6 can load */
const names = ['smoke', 'average', 'stress', 'spike', 'soak', 'breakpoint'];

const howToInstall = `k6 is a program of its own (AGPL-3.0, by Grafana Labs), no dependency of this repository. With Go:
  go install go.k6.io/k6@v1.3.0
(or a newer one), or a package from https://grafana.com/docs/k6/latest/set-up/install-k6/. Put it on PATH, or its path into K6.`;

interface Target {
  gateway: string;
  tokens: string;
  clickhouse: { url: string; user: string; password: string } | undefined;
  close(): void;
}

/** @throws Error when nothing runs on the data folder */
async function targetOf(data: string): Promise<Target> {
  const {
    BASE_URL: gateway,
    TOKENS_URL: tokens,
    CLICKHOUSE_URL: url,
    CLICKHOUSE_USER: user,
    CLICKHOUSE_PASSWORD: password,
  } = process.env;
  if (gateway && tokens)
    return {
      gateway,
      tokens,
      clickhouse: url ? { url, user: user ?? 'analytics', password: password ?? '' } : undefined,
      close: () => undefined,
    };
  const running = await readRunning(data);
  if (!running)
    throw new Error(
      `Nothing runs on ${data}: npm start first (with REQUESTS_PER_MINUTE=1000000), or set BASE_URL and TOKENS_URL.`,
    );
  const server = await tokenServer(data);
  return {
    gateway: running.url,
    tokens: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    clickhouse: {
      url: `${running.url}/clickhouse`,
      user: 'analytics',
      password: (await readSecrets(data)).clickhouse.analytics,
    },
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** Tokens last a quarter of an hour, tests longer: k6 asks for new ones here. For this machine, while the test runs. */
async function tokenServer(data: string): Promise<Server> {
  const server = createServer((request, response) => {
    mintToken(data, (request.url ?? '').slice(1)).then(
      (token) => response.end(token),
      (error: unknown) => response.writeHead(404).end(String(error)),
    );
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return server;
}

/** Runs k6 to its end. @returns its exit code @throws Error saying how to get k6 when it is not there */
function k6(env: Record<string, string>): Promise<number> {
  const flags = Object.entries(env).flatMap(([name, value]) => ['-e', `${name}=${value}`]);
  return new Promise((done, fail) => {
    const child = spawn(process.env['K6'] ?? 'k6', ['run', ...flags, main], { stdio: 'inherit' });
    child.once('error', (error: NodeJS.ErrnoException) =>
      fail(error.code === 'ENOENT' ? new Error(`k6 is not installed.\n\n${howToInstall}`) : error),
    );
    child.once('close', (code) => done(code ?? 1));
  });
}

/** One row for the run and one for each operation, as the operator's account of the store. */
async function load(
  clickhouse: NonNullable<Target['clickhouse']>,
  scenario: string,
  startedAt: Date,
  summary: Summary,
): Promise<void> {
  const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string };
  const run = {
    run_id: randomUUID(),
    started_at: startedAt.toISOString().replace('T', ' ').replace('Z', ''),
    scenario,
    version,
    seconds: summary.state.testRunDurationMs / 1000,
    people: peopleOf(summary),
  };
  const rows = rowsOf(summary).map((row) => JSON.stringify({ ...run, ...row }));
  const query = encodeURIComponent('INSERT INTO fenxiao.load_results FORMAT JSONEachRow');
  const answer = await fetch(`${clickhouse.url}/?query=${query}`, {
    method: 'POST',
    headers: { 'X-ClickHouse-User': clickhouse.user, 'X-ClickHouse-Key': clickhouse.password },
    body: rows.join('\n'),
  });
  if (!answer.ok) throw new Error(`The results are not in ClickHouse: ${await answer.text()}`);
}

async function run(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { data: { type: 'string', default: 'data' }, seed: { type: 'string', default: 'fenxiao' } },
  });
  const [scenario = ''] = positionals;
  if (positionals.length !== 1 || !names.includes(scenario)) throw new Error(`npm run load -- ${names.join(' | ')}`);
  const target = await targetOf(resolve(process.env['INIT_CWD'] ?? root, values.data));
  try {
    const startedAt = new Date();
    const out = join(root, 'loadtests', 'results', `${startedAt.toISOString().replace(/[:.]/g, '-')}-${scenario}`);
    await mkdir(out, { recursive: true });
    const { THINK, SCALE } = process.env;
    const code = await k6({
      SCENARIO: scenario,
      BASE_URL: target.gateway,
      TOKENS_URL: target.tokens,
      OUT: out,
      SEED: values.seed,
      ...(THINK ? { THINK } : {}),
      ...(SCALE ? { SCALE } : {}),
    });
    const file = join(out, 'summary.json');
    if (!existsSync(file)) throw new Error(`k6 ended with ${code} and left no summary.`);
    console.log(`The report: ${relative(process.cwd(), join(out, 'summary.html'))}`);
    if (target.clickhouse) {
      await load(target.clickhouse, scenario, startedAt, JSON.parse(await readFile(file, 'utf8')) as Summary);
      console.log(`On the dashboard: ${target.gateway}/d/fenxiao-loadtests`);
    }
    return code;
  } finally {
    target.close();
  }
}

try {
  process.exitCode = await run();
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
