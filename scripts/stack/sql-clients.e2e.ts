import { execFile, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { ClickHouseLogLevel, createClient, type ClickHouseClient } from '@clickhouse/client';
import { readSecrets } from '@fenxiao/embedded/data-folder';
import { until } from '@fenxiao/testing/wait';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { command, newFolder, remove, root, startStack, type Stack } from './stack.js';

/** Clients as users have them, against ClickHouse behind the gateway. */
const run = promisify(execFile);
const ci = !['', '0', 'false', undefined].includes(process.env['CI']);

let data: string;
let stack: Stack;
let passwords: { analytics: string; analyst: string };
const clients: ClickHouseClient[] = [];

beforeAll(async () => {
  data = await newFolder();
  stack = await startStack(data, ['--empty']);
  passwords = (await readSecrets(data)).clickhouse;
  await as('analytics').command({
    query: `CREATE TABLE clients (n UInt32, line String) ENGINE = MergeTree ORDER BY n
      SETTINGS non_replicated_deduplication_window = 100`,
  });
}, 120_000);

afterAll(async () => {
  for (const client of clients) await client.close();
  await stack?.stop();
  await remove(data);
});

function as(user: 'analytics' | 'analyst', packed = false): ClickHouseClient {
  const client = createClient({
    url: stack.url,
    pathname: '/clickhouse',
    username: user,
    password: passwords[user],
    database: user === 'analyst' ? 'analyst' : 'fenxiao',
    log: { level: ClickHouseLogLevel.OFF },
    compression: { request: packed && user === 'analytics', response: packed },
  });
  clients.push(client);
  return client;
}

/** What a program must be able to do. */
const proofs = { curl: ['--version'], python3: ['-c', 'import ensurepip, venv'] };

/** A test that needs a program of this machine. It says so aloud where there is none; CI has it. */
function withProgram(program: keyof typeof proofs, name: string, test: () => Promise<void>, timeout = 60_000): void {
  it(
    `${program}: ${name}`,
    async () => {
      if (spawnSync(program, proofs[program]).status === 0) return test();
      expect(ci).toBe(false);
      process.stdout.write(`skipped: ${program} is not installed, or not whole\n`);
      return undefined;
    },
    timeout,
  );
}

describe.each([false, true])('@clickhouse/client, compression %s', (packed) => {
  it('binds parameters and reads the views of analysts', async () => {
    const analyst = as('analyst', packed);
    const query_params = { text: "it's\n\\ {x:String}", list: [1, 2], day: '2026-02-28' };
    const bound = await analyst.query({
      query: 'SELECT {text:String} AS text, {list:Array(UInt8)} AS list, {day:Date} + 1 AS day',
      query_params,
      format: 'JSONEachRow',
    });
    expect(await bound.json()).toEqual([{ ...query_params, day: '2026-03-01' }]);
    const views = await analyst.query({ query: 'SHOW TABLES', format: 'JSONEachRow' });
    expect(await views.json()).toContainEqual({ name: 'sales_by_day' });
  });

  it('streams rows, CSV and Parquet', async () => {
    const analyst = as('analyst', packed);
    const query = 'SELECT number AS n FROM numbers(300000)';
    let sum = 0;
    const rows = await analyst.query({ query, format: 'JSONEachRow' });
    expect(rows.response_headers['content-encoding']).toBe(packed ? 'gzip' : undefined);
    for await (const chunk of rows.stream<{ n: string }>()) for (const row of chunk) sum += Number(row.json().n);
    expect(sum).toBe((300_000 * 299_999) / 2);
    const csv = await analyst.query({ query, format: 'CSVWithNames' });
    expect((await csv.text()).split('\n').slice(0, 3)).toEqual(['"n"', '0', '1']);
    const parquet = await analyst.exec({ query: `${query} FORMAT Parquet`, decompress_response_stream: true });
    const bytes = Buffer.concat((await parquet.stream.toArray()) as Buffer[]);
    expect([bytes.subarray(0, 4).toString(), bytes.subarray(-4).toString()]).toEqual(['PAR1', 'PAR1']);
  });

  it('inserts once per token', async () => {
    const analytics = as('analytics', packed);
    const values = Array.from({ length: 10_000 }, (_, n) => ({ n, line: `'; DROP TABLE clients; -- ${packed}` }));
    for (let again = 0; again < 2; again++)
      await analytics.insert({
        table: 'clients',
        values,
        format: 'JSONEachRow',
        clickhouse_settings: { insert_deduplication_token: `clients:${packed}` },
      });
    const count = await analytics.query({
      query: 'SELECT count() AS n FROM clients WHERE line = {line:String}',
      query_params: { line: values[0]!.line },
      format: 'JSONEachRow',
    });
    expect(await count.json()).toEqual([{ n: 10_000 }]);
  });
});

describe('@clickhouse/client', () => {
  it('cancels a query on the server by aborting it', async () => {
    const running = async () => {
      const found = await as('analytics').query({
        query: `SELECT count() AS n FROM system.processes WHERE query LIKE '%1e13%' AND query NOT LIKE '%system%'`,
        format: 'JSONEachRow',
      });
      return Number((await found.json<{ n: number }>())[0]!.n);
    };
    const leave = new AbortController();
    const asked = as('analyst').query({
      query: 'SELECT count() FROM numbers(1e13) WHERE sipHash64(number) = 1',
      abort_signal: leave.signal,
    });
    const left = asked.then(
      () => 'answered',
      (error: Error) => error.message,
    );
    await until('the query runs', async () => (await running()) === 1);
    leave.abort();
    expect(await left).toContain('abort');
    await until('the query has ended', async () => (await running()) === 0);
  });

  it('is told why it is refused', async () => {
    const settings = as('analyst').query({ query: 'SELECT * FROM (SELECT 1 SETTINGS readonly = 0)' });
    await expect(settings).rejects.toMatchObject({ code: '497', type: 'ACCESS_DENIED' });
    await expect(as('analyst').command({ query: 'DROP VIEW sales' })).rejects.toMatchObject({ code: '497' });
  });
});

describe('curl', () => {
  const curl = async (...args: string[]) => {
    const { stdout } = await run('curl', ['-sS', ...args], { encoding: 'buffer', maxBuffer: 1e8 });
    return stdout;
  };
  const at = () => `${stack.url}/clickhouse/`;
  const login = () => ['-u', `analyst:${passwords.analyst}`];

  withProgram('curl', 'does what `npm start -- analyst` prints', async () => {
    const printed = await command(data, 'analyst');
    expect(printed).toContain(`${stack.url}/clickhouse, user analyst`);
    const { stdout } = await run('sh', ['-c', printed.split('\n')[1]!]);
    expect(stdout.split('\n')).toContain('sales_by_day');
  });

  withProgram('curl', 'GET and POST, parameters and formats', async () => {
    const get = await curl(...login(), '-G', at(), '--data-urlencode', 'query=SELECT 1 AS a FORMAT JSONEachRow');
    expect(get.toString()).toBe('{"a":1}\n');
    const posted = await curl(...login(), `${at()}?param_x=a%27b&default_format=CSV`, '--data', 'SELECT {x:String}, 2');
    expect(posted.toString()).toBe('"a\'b",2\n');
    const both = await curl(...login(), `${at()}?query=SELECT+1`, '--data', 'AS a FORMAT TSVWithNames');
    expect(both.toString()).toBe('a\n1\n');
  });

  withProgram('curl', 'gzip when asked for', async () => {
    const url = `${at()}?enable_http_compression=1`;
    const packed = await curl(...login(), '-H', 'Accept-Encoding: gzip', url, '--data', 'SELECT 1');
    expect(gunzipSync(packed).toString()).toBe('1\n');
    expect((await curl(...login(), '--compressed', url, '--data', 'SELECT 1')).toString()).toBe('1\n');
  });

  withProgram('curl', 'is told of a wrong password, also in front of 50 MB', async () => {
    const big = join(data, 'big.tsv');
    await writeFile(big, Buffer.alloc(50_000_000, '1\tx\n'));
    for (const body of ['SELECT 1', `@${big}`]) {
      const wrong = ['-u', 'analytics:wrong', '-w', '%{http_code}', '--data-binary', body];
      const said = (await curl(...wrong, `${at()}?query=INSERT+INTO+clients+FORMAT+TSV`)).toString();
      expect(said).toMatch(
        /^Code: 516\. DB::Exception: analytics: Authentication failed.*\(AUTHENTICATION_FAILED\)\n403$/,
      );
    }
    const long = await curl(...login(), '-w', '%{http_code}', at(), '--data-binary', `@${big}`);
    expect(long.toString()).toMatch(/^Code: 497\..*403$/s);
  });
});

describe('another language', () => {
  const version = '1.12.0';

  withProgram(
    'python3',
    `clickhouse-connect ${version}`,
    async () => {
      const folder = join(root, 'node_modules', '.cache', `clickhouse-connect-${version}`);
      const python = join(folder, 'bin', 'python');
      if (!existsSync(join(folder, 'installed'))) {
        await mkdir(folder, { recursive: true });
        await run('python3', ['-m', 'venv', folder]);
        await run(python, ['-m', 'pip', 'install', '--quiet', `clickhouse-connect==${version}`]);
        await writeFile(join(folder, 'installed'), '');
      }
      const script = join(root, 'scripts', 'stack', 'sql_client.py');
      const ask = async (user: 'analyst' | 'analytics', table: string) => {
        const { stdout } = await run(python, [script, `${stack.url}/clickhouse`, user, passwords[user], table]);
        return JSON.parse(stdout) as Record<string, unknown>;
      };
      const common = { parameters: [["it's", [1, 2]]], views: [[1]], streamed: 300_000 };
      const read = { ...common, refused: true };
      expect(await ask('analyst', '')).toEqual({ gzip: read, zstd: read, lz4: read, False: read });
      await as('analytics').command({
        query: 'CREATE TABLE python (n UInt32, line String) ENGINE = MergeTree ORDER BY n',
      });
      const stored = {
        ...common,
        stored: [
          [1, "'; DROP TABLE x; --"],
          [2, '文\n\n;'],
        ],
      };
      expect(await ask('analytics', 'fenxiao.python')).toEqual({
        gzip: stored,
        zstd: stored,
        lz4: stored,
        False: stored,
      });
    },
    300_000,
  );
});
