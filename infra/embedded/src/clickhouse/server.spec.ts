import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ClickHouseLogLevel, createClient, type ClickHouseClient, type ClickHouseSettings } from '@clickhouse/client';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { Readable } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { gunzipSync, gzipSync } from 'node:zlib';
import type { ClickHouseOptions } from './environment.js';
import { spawnClickHouse, type SpawnedClickHouse } from './spawn.js';

let folder: string;
let options: ClickHouseOptions;
let clickhouse: SpawnedClickHouse;
let client: ClickHouseClient;
let analyst: ClickHouseClient;
const logged: string[] = [];
const log = { level: ClickHouseLogLevel.OFF };

const slowQuery = 'SELECT count() FROM numbers(1e13) WHERE sipHash64(number) = 1';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'clickhouse-'));
  options = {
    folder,
    users: [
      { name: 'writer', password: 'w:ö', kind: 'writer', database: 'fenxiao' },
      { name: 'analyst', password: 'a', kind: 'reader', database: 'analyst' },
      { name: 'dashboards', password: 'd', kind: 'reader', database: 'dashboards' },
    ],
  };
  clickhouse = await spawnClickHouse(options, (line) => logged.push(line));
  client = connect();
  analyst = createClient({ url: clickhouse.url, username: 'analyst', password: 'a', max_open_connections: 100, log });
}, 30_000);

afterAll(async () => {
  await client?.close();
  await analyst?.close();
  await clickhouse?.close();
  await rm(folder, { recursive: true, force: true });
});

function connect(): ClickHouseClient {
  return createClient({ url: clickhouse.url, username: 'writer', password: 'w:ö', database: 'fenxiao', log });
}

async function rows<T>(query: string, query_params: Record<string, unknown> = {}): Promise<T[]> {
  return (await client.query({ query, query_params, format: 'JSONEachRow' })).json<T>();
}

async function count(table: string): Promise<number> {
  const [row] = await rows<{ n: string }>(`SELECT toString(count()) AS n FROM ${table}`);
  return Number(row!.n);
}

/** Raw bytes go in through exec: insert() would serialise them. */
async function insert(query: string, data: string, clickhouse_settings: ClickHouseSettings = {}) {
  const values = Readable.from([data], { objectMode: false });
  const { stream, summary } = await client.exec({ query, values, clickhouse_settings });
  await text(stream);
  return { summary };
}

async function metric(name: string): Promise<number> {
  const all = await (await fetch(`${clickhouse.url}/metrics`)).text();
  return Number(new RegExp(`^${name.replace(/[{}"]/g, '\\$&')} (\\S+)$`, 'm').exec(all)?.[1] ?? 0);
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  const patience = Date.now() + 15_000;
  while (!(await condition())) {
    if (Date.now() > patience) throw new Error('It did not come about in 15 s');
    await wait(20);
  }
}

/** A request as curl sends it. */
async function curl(path: string, init: RequestInit = {}): Promise<Response> {
  const authorization = `Basic ${Buffer.from('writer:w:ö').toString('base64')}`;
  return fetch(`${clickhouse.url}${path}`, {
    method: 'POST',
    ...init,
    headers: { authorization, ...(init.headers as Record<string, string> | undefined) },
  });
}

describe('the interface', () => {
  it('answers pings, of the client and of load balancers', async () => {
    expect(await client.ping()).toMatchObject({ success: true });
    expect(await client.ping({ select: true })).toMatchObject({ success: true });
    for (const path of ['/ping', '/replicas_status', '/']) {
      expect(await (await fetch(clickhouse.url + path)).text()).toBe('Ok.\n');
    }
  });

  it('lets in by basic authorisation, headers or parameters, and nobody else', async () => {
    const ask = (search: Record<string, string>, headers: Record<string, string> = {}) =>
      fetch(`${clickhouse.url}/?${new URLSearchParams({ query: 'SELECT 1', ...search })}`, { headers });
    expect(await (await ask({ user: 'writer', password: 'w:ö' })).text()).toBe('1\n');
    expect((await ask({}, { 'X-ClickHouse-User': 'analyst', 'X-ClickHouse-Key': 'a' })).status).toBe(200);
    const wrong = await ask({ user: 'writer', password: 'w' });
    expect(wrong.status).toBe(403);
    expect(wrong.headers.get('x-clickhouse-exception-code')).toBe('516');
    expect((await ask({ user: 'default' })).status).toBe(403);
    const nobody = await ask({});
    expect([nobody.status, nobody.headers.get('www-authenticate')]).toEqual([401, 'Basic realm="ClickHouse"']);
    const stranger = createClient({
      url: clickhouse.url,
      username: 'writer',
      password: 'x',
      log,
    });
    await expect(stranger.query({ query: 'SELECT 1' })).rejects.toMatchObject({ code: '516' });
    await stranger.close();
  });

  it('binds parameters of any type', async () => {
    const odd = "it's a \\ and a \n and a \t 文 {x:String}";
    const query =
      'SELECT {text:String} AS text, {list:Array(UInt8)} AS list, {day:Date} + 1 AS day, {none:Nullable(String)} AS none';
    const params = { text: odd, list: [1, 2], day: '2026-02-28', none: null };
    expect(await rows(query, params)).toEqual([{ text: odd, list: [1, 2], day: '2026-03-01', none: null }]);
    const long = 'x'.repeat(200_000);
    const form = await client.query({
      query: 'SELECT length({long:String}) AS n',
      query_params: { long },
      use_multipart_params: true,
      format: 'JSONEachRow',
    });
    expect(await form.json()).toEqual([{ n: 200_000 }]);
  });

  it('tells format, query id, rows and the kind of error', async () => {
    const fine = await curl('/?query_id=my-id&default_format=CSVWithNames', {
      body: 'SELECT 1 AS a, timezone() AS zone',
    });
    expect(await fine.text()).toBe('"a","zone"\n1,"UTC"\n');
    expect(Object.fromEntries(fine.headers)).toMatchObject({
      'x-clickhouse-query-id': 'my-id',
      'x-clickhouse-format': 'CSVWithNames',
      'x-clickhouse-timezone': 'UTC',
      'content-type': 'text/csv; charset=UTF-8',
    });
    expect(JSON.parse(fine.headers.get('x-clickhouse-summary')!)).toMatchObject({
      result_rows: '1',
      written_rows: '0',
    });
    for (const [sql, status, code] of [
      ['SELECT * FROM nowhere', 404, 60],
      ['SELECT nope', 404, 47],
      ['SELEC 1', 400, 62],
      ['SELECT 1 FROM', 400, 62],
      ['SELECT 1; SELECT 2', 400, 62],
      ['SELECT 1 FORMAT Nonsense', 404, 73],
      ["SELECT toUInt8('x')", 400, 6],
    ] as const) {
      const failed = await curl('/', { body: sql });
      expect([sql, failed.status, failed.headers.get('x-clickhouse-exception-code')]).toEqual([
        sql,
        status,
        String(code),
      ]);
      const message = await failed.text();
      expect(message).toMatch(new RegExp(`^Code: ${code}\\. DB::Exception: .*\\([A-Z_]+\\)\\n$`, 's'));
      expect(message).not.toContain(folder);
    }
    expect((await curl('/?no_such_setting=1', { body: 'SELECT 1' })).status).toBe(404);
    expect((await curl('/?database=nowhere', { body: 'SELECT 1' })).status).toBe(404);
    expect((await curl('/elsewhere')).status).toBe(404);
    await expect(client.query({ query: 'SELECT * FROM nowhere' })).rejects.toMatchObject({
      code: '60',
      type: 'UNKNOWN_TABLE',
    });
  });

  it('does not crash on odd requests', async () => {
    for (const path of ['//', '//?query=%zz', '/?query=%00', '/?%F0%28=1&query=SELECT+1'])
      await (await curl(path)).text();
    expect((await curl('/', { body: 'x', headers: { 'content-encoding': 'gzip' } })).status).toBe(400);
    expect((await curl('/', { body: 'x', headers: { 'content-encoding': 'nonsense' } })).status).toBe(415);
    expect((await curl('/', { body: `SELECT '${'x'.repeat(300_000)}'` })).status).toBe(400);
    expect(await client.ping()).toMatchObject({ success: true });
  });

  it('packs and unpacks', async () => {
    await client.command({ query: 'CREATE TABLE packed (n UInt32) ENGINE = MergeTree ORDER BY n' });
    const compression = { request: true, response: true };
    const packing = createClient({
      url: clickhouse.url,
      username: 'writer',
      password: 'w:ö',
      database: 'fenxiao',
      compression,
    });
    const values = Array.from({ length: 50_000 }, (_, n) => ({ n }));
    await packing.insert({ table: 'packed', values, format: 'JSONEachRow' });
    const read = await packing.query({ query: 'SELECT n FROM packed ORDER BY n', format: 'JSONEachRow' });
    expect(read.response_headers['content-encoding']).toBe('gzip');
    expect(await read.json()).toEqual(values);
    await packing.close();

    const body = new Uint8Array(gzipSync('INSERT INTO packed FORMAT CSV\n100000\n'));
    expect((await curl('/', { body, headers: { 'content-encoding': 'gzip' } })).status).toBe(200);
    const asked = request(`${clickhouse.url}/?enable_http_compression=1&query=SELECT+max(n)+FROM+packed`, {
      headers: { 'accept-encoding': 'gzip' },
      auth: 'writer:w:ö',
    });
    const [answer] = (await once(asked.end(), 'response')) as [Readable];
    expect(gunzipSync(Buffer.concat(await answer.toArray())).toString()).toBe('100000\n');
  });
});

describe('results', () => {
  it('stream, with what holds them back holding back the engine', async () => {
    const read = await client.query({
      query: 'SELECT number, toString(number) AS s FROM numbers(1000000)',
      format: 'JSONEachRow',
    });
    let sum = 0;
    for await (const chunk of read.stream<{ number: string }>())
      for (const row of chunk) sum += Number(row.json().number);
    expect(sum).toBe(499_999_500_000);
  });

  it('come in formats with a head and a foot as well', async () => {
    const json = await client.query({ query: 'SELECT number FROM numbers(200000) LIMIT 100000', format: 'JSON' });
    expect(await json.json()).toMatchObject({ rows: 100_000, rows_before_limit_at_least: 100_000 });
    const parquet = await (
      await curl('/', { body: 'SELECT number FROM numbers(200000) FORMAT Parquet' })
    ).arrayBuffer();
    expect(Buffer.from(parquet).subarray(-4).toString()).toBe('PAR1');
    expect(await (await curl('/', { body: 'SELECT 1 FORMAT Null' })).text()).toBe('');
  });

  it('break off with an error when the query fails late, or are an error when waited for', async () => {
    const query = 'SELECT throwIf(number = 900000), number FROM numbers(1000000)';
    const read = await client.query({ query, format: 'JSONEachRow' });
    await expect(read.json()).rejects.toMatchObject({ code: '395' });
    const waited = await curl('/?wait_end_of_query=1', { body: query });
    expect([waited.status, waited.headers.get('x-clickhouse-exception-code')]).toEqual([500, '395']);
    const broken = await curl('/', { body: query });
    expect(broken.status).toBe(200);
    await expect(broken.text()).rejects.toThrow('terminated');
  });
});

describe('inserts', () => {
  it('take blank lines and SQL text as data', async () => {
    await client.command({ query: 'CREATE TABLE lines (line String) ENGINE = MergeTree ORDER BY tuple()' });
    const lines = ['first', '', "'; DROP TABLE lines;", 'DROP TABLE lines;', '', ';', '-- x', '/*', 'FORMAT CSV', '文'];
    const { summary } = await insert('INSERT INTO lines FORMAT LineAsString', `${lines.join('\n')}\n`);
    expect(summary).toMatchObject({ written_rows: String(lines.length) });
    const inBody = await curl('/', {
      body: `INSERT INTO lines (line) FORMAT LineAsString\n\nSELECT 1;\n\nDROP TABLE lines`,
    });
    expect(inBody.status).toBe(200);
    const values = await curl('/', { body: "INSERT INTO lines VALUES ('v'), (';'); DROP TABLE lines" });
    expect(values.status).toBe(200);
    const stored = (await rows<{ line: string }>('SELECT line FROM lines')).map((row) => row.line);
    expect(stored.sort()).toEqual([...lines, '', 'SELECT 1;', '', 'DROP TABLE lines', 'v', ';'].sort());
  });

  it('count a token once, and again when it is another', async () => {
    await client.command({
      query: `CREATE TABLE tokens (n UInt32) ENGINE = MergeTree ORDER BY n SETTINGS non_replicated_deduplication_window = 100`,
    });
    for (const token of ['orders:0:0-1', 'orders:0:0-1', 'orders:0:2-3']) {
      await insert('INSERT INTO tokens FORMAT JSONEachRow', '{"n":1}\n{"n":2}\n', {
        insert_deduplication_token: token,
      });
    }
    expect(await count('tokens')).toBe(4);
  });

  it('are in the table when they are confirmed, unless asked otherwise', async () => {
    expect(await rows("SELECT value FROM system.settings WHERE name = 'async_insert'")).toEqual([{ value: '0' }]);
    const fsync =
      "SELECT DISTINCT value FROM system.merge_tree_settings WHERE name IN ('fsync_after_insert', 'fsync_part_directory')";
    expect(await rows(fsync)).toEqual([{ value: '1' }]);
  });

  it('insert nothing when the upload breaks off', async () => {
    await client.command({ query: 'CREATE TABLE broken (n UInt32) ENGINE = MergeTree ORDER BY n' });
    const before = await metric('clickhouse_queries_total{kind="insert",outcome="cancelled"}');
    const url = `${clickhouse.url}/?query=INSERT+INTO+broken+FORMAT+TSV`;
    const upload = request(url, { method: 'POST', auth: 'writer:w:ö' }).on('error', () => undefined);
    upload.write('1\n2\n'.repeat(200_000));
    await until(async () => (await readdir(join(folder, 'tmp'))).some((name) => name.startsWith('data-')));
    upload.destroy();
    await until(async () => (await metric('clickhouse_queries_total{kind="insert",outcome="cancelled"}')) > before);
    expect(await count('broken')).toBe(0);
    expect((await readdir(join(folder, 'tmp'))).filter((name) => !name.startsWith('pipe-'))).toEqual([]);
  });

  it('go through a Null table and a view that reads JSON into columns, once per token', async () => {
    for (const query of [
      'CREATE TABLE inbox (line String) ENGINE = Null',
      `CREATE TABLE facts (id String, amount Decimal(18, 2), tags Array(String)) ENGINE = MergeTree ORDER BY id
       SETTINGS non_replicated_deduplication_window = 1000`,
      `CREATE MATERIALIZED VIEW inbox_to_facts TO facts AS
       WITH JSONExtract(line, 'Tuple(id String, amount Decimal(18, 2), tags Array(String))') AS fact
       SELECT fact.id AS id, fact.amount AS amount, fact.tags AS tags FROM inbox WHERE isValidJSON(line)`,
    ]) {
      await client.command({ query });
    }
    const lines = Array.from({ length: 20_000 }, (_, i) =>
      JSON.stringify({ id: `o${i}`, amount: '0.10', tags: ['a', "b'\n"] }),
    );
    for (let again = 0; again < 2; again++) {
      await insert('INSERT INTO inbox FORMAT LineAsString', `${lines.join('\n')}\nnot json\n`, {
        insert_deduplication_token: 'topic:0:0-20000',
        deduplicate_blocks_in_dependent_materialized_views: 1,
      });
    }
    expect(await rows('SELECT count() AS n, sum(amount) AS sum, any(tags) AS tags FROM facts')).toEqual([
      { n: 20_000, sum: 2000, tags: ['a', "b'\n"] },
    ]);
  });

  it('show up in refreshable views', async () => {
    for (const query of [
      'CREATE TABLE sold (region String, amount UInt32) ENGINE = MergeTree ORDER BY region',
      "INSERT INTO sold VALUES ('north', 1), ('north', 2), ('south', 5)",
      `CREATE MATERIALIZED VIEW sold_by_region REFRESH EVERY 1 SECOND ENGINE = MergeTree ORDER BY region
       AS SELECT region, sum(amount) AS total FROM sold GROUP BY region`,
    ]) {
      await client.command({ query });
    }
    await until(async () => (await count('sold_by_region')) === 2);
    await client.command({ query: "INSERT INTO sold VALUES ('west', 7)" });
    await until(async () => (await count('sold_by_region')) === 3);
    await client.command({ query: 'DROP TABLE sold_by_region' });
  });
});

describe('the lanes', () => {
  it('give a place back when the client goes away, and leave others theirs meanwhile', async () => {
    const leave = new AbortController();
    const slow = Array.from({ length: 6 }, () =>
      analyst.query({ query: slowQuery, abort_signal: leave.signal }).then(
        () => 'answered',
        () => 'left',
      ),
    );
    await until(async () => (await metric('clickhouse_slots_waiting{lane="read"}')) === 3);
    expect(await metric('clickhouse_slots_active{lane="read"}')).toBe(3);
    const began = performance.now();
    const dashboards = createClient({ url: clickhouse.url, username: 'dashboards', password: 'd' });
    expect(await (await dashboards.query({ query: 'SELECT 1 AS one', format: 'JSONEachRow' })).json()).toEqual([
      { one: 1 },
    ]);
    await dashboards.close();
    await client.command({ query: 'CREATE TABLE beside (n UInt8) ENGINE = MergeTree ORDER BY n' });
    await insert('INSERT INTO beside FORMAT TSV', '1\n');
    expect(performance.now() - began).toBeLessThan(3000);
    leave.abort();
    expect(new Set(await Promise.all(slow))).toEqual(new Set(['left']));
    await until(async () => (await metric('clickhouse_slots_active{lane="read"}')) === 0);
    expect(await metric('clickhouse_slots_waiting{lane="read"}')).toBe(0);
    expect(
      await rows(
        "SELECT count() AS n FROM system.processes WHERE query LIKE '%sipHash64%' AND query NOT LIKE '%system%'",
      ),
    ).toEqual([{ n: 0 }]);
  }, 20_000);

  it('also when it leaves in the middle of a result', async () => {
    const leave = new AbortController();
    const response = await curl('/', { body: 'SELECT number FROM numbers(1e12)', signal: leave.signal });
    const reader = response.body!.getReader();
    await reader.read();
    expect(await metric('clickhouse_slots_active{lane="read"}')).toBe(1);
    leave.abort();
    await until(async () => (await metric('clickhouse_slots_active{lane="read"}')) === 0);
  }, 20_000);

  it('turn away who finds the queue full', async () => {
    const leave = new AbortController();
    const search = new URLSearchParams({ user: 'analyst', password: 'a', query: slowQuery });
    const statuses: number[] = [];
    const retryAfter = new Set<string | null>();
    const crowd = Array.from({ length: 70 }, () =>
      fetch(`${clickhouse.url}/?${search}`, { signal: leave.signal }).then(
        async (response) => {
          statuses.push(response.status);
          retryAfter.add(response.headers.get('retry-after'));
          await response.text();
        },
        () => undefined,
      ),
    );
    await until(async () => statuses.length === 70 - 3 - 64);
    expect([new Set(statuses), retryAfter]).toEqual([new Set([503]), new Set(['1'])]);
    leave.abort();
    await Promise.all(crowd);
    await until(async () => (await metric('clickhouse_slots_active{lane="read"}')) === 0);
  }, 20_000);
});

describe('the process', () => {
  it('logs failed queries as one line of JSON each, without data', async () => {
    await (
      await curl('/?query_id=to-be-logged', { body: 'INSERT INTO lines FORMAT CSV\n"private","too many"\n' })
    ).text();
    const line = (): string | undefined => logged.find((text) => text.includes('to-be-logged'));
    await until(async () => line() !== undefined);
    const entry = JSON.parse(line()!) as Record<string, unknown>;
    expect(entry).toMatchObject({
      event: 'query',
      outcome: 'failed',
      user: 'writer',
      kind: 'insert',
      statement: 'INSERT INTO lines ',
    });
  });

  it('refuses a folder that another one has open', async () => {
    await expect(spawnClickHouse(options)).rejects.toThrow(`process ${clickhouse.pid} has it open`);
    expect(await client.ping()).toMatchObject({ success: true });
  });

  it('names all that is wrong with its environment at once', async () => {
    const program = ['--import', fileURLToPath(new URL('../from-source.ts', import.meta.url))];
    const main = fileURLToPath(new URL('./main.ts', import.meta.url));
    const child = spawn(process.execPath, [...program, main], {
      env: {
        PATH: process.env['PATH'],
        CLICKHOUSE_PORT: '99999',
        CLICKHOUSE_USERS: '[{"name":"x"}]',
        CLICKHOUSE_FSYNC: 'maybe',
      },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const [said, [code]] = await Promise.all([text(child.stderr), once(child, 'exit')]);
    expect(code).toBe(1);
    for (const name of ['CLICKHOUSE_DATA', 'CLICKHOUSE_PORT', 'CLICKHOUSE_USERS', 'CLICKHOUSE_FSYNC'])
      expect(said).toContain(name);
  });

  it('keeps what was inserted, also over kill -9', async () => {
    await client.command({ query: 'CREATE TABLE kept (n UInt32) ENGINE = MergeTree ORDER BY n' });
    await insert('INSERT INTO kept FORMAT TSV', '1\n2\n');
    process.kill(clickhouse.pid, 'SIGKILL');
    await until(() =>
      fetch(`${clickhouse.url}/ping`).then(
        () => false,
        () => true,
      ),
    );
    clickhouse = await spawnClickHouse(options, (line) => logged.push(line));
    await client.close();
    client = connect();
    await insert('INSERT INTO kept FORMAT TSV', '3\n');
    const unanswered = curl('/', { body: 'SELECT sleep(1), count() FROM kept' });
    await until(async () => (await metric('clickhouse_slots_active{lane="read"}')) === 1);
    await clickhouse.close();
    expect(await (await unanswered).text()).toBe('0\t3\n');
    clickhouse = await spawnClickHouse(options);
    await client.close();
    client = connect();
    expect(await count('kept')).toBe(3);
  }, 20_000);
});
