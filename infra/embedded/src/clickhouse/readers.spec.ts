import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NamedUser } from './environment.js';
import { spawnClickHouse, type SpawnedClickHouse } from './spawn.js';

const users: NamedUser[] = [
  { name: 'writer', password: 'w', kind: 'writer', database: 'fenxiao' },
  { name: 'dashboards', password: 'd', kind: 'reader', database: 'dashboards', limits: { rows: 1000, seconds: 5 } },
  { name: 'viewer', password: 'v', kind: 'reader', database: 'fenxiao', narrows: true },
];

let folder: string;
let clickhouse: SpawnedClickHouse;
let uuid: string;

async function ask(user: 'writer' | 'dashboards' | 'viewer', sql: string, parameters: Record<string, string> = {}) {
  const search = new URLSearchParams({ user, password: user[0]!, ...parameters });
  const response = await fetch(`${clickhouse.url}/?${search}`, { method: 'POST', body: sql });
  return {
    status: response.status,
    code: Number(response.headers.get('x-clickhouse-exception-code')),
    text: await response.text(),
  };
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'clickhouse-'));
  await writeFile(join(folder, 'secret.csv'), 'secret\n');
  clickhouse = await spawnClickHouse({ folder: join(folder, 'data'), users });
  for (const sql of [
    'CREATE TABLE sales (region String, buyer String, amount Decimal(18, 2)) ENGINE = MergeTree ORDER BY region',
    "INSERT INTO sales VALUES ('north', 'Secret One', 10.5), ('north', 'Secret Two', 1), ('south', 'Secret Three', 3)",
    'CREATE VIEW dashboards.sales_by_region AS SELECT region, sum(amount) AS total FROM fenxiao.sales GROUP BY region',
    'CREATE VIEW dashboards.everything AS SELECT * FROM fenxiao.sales',
    'CREATE DATABASE `odd name`',
    'CREATE TABLE `odd name`.secrets (secret String) ENGINE = Memory',
    'CREATE DATABASE `分销`',
    'CREATE TABLE `分销`.secrets (secret String) ENGINE = Memory',
    "CREATE DICTIONARY fenxiao.buyers (region String, buyer String) PRIMARY KEY region SOURCE(CLICKHOUSE(TABLE 'sales' DB 'fenxiao')) LAYOUT(COMPLEX_KEY_DIRECT())",
  ]) {
    expect(await ask('writer', sql)).toMatchObject({ status: 200 });
  }
  uuid = (
    await ask('writer', "SELECT uuid FROM system.tables WHERE database = 'fenxiao' AND name = 'sales'")
  ).text.trim();
}, 30_000);

afterAll(async () => {
  await clickhouse?.close();
  await rm(folder, { recursive: true, force: true });
});

describe('a reader', () => {
  it.each([
    ['SELECT * FROM sales_by_region ORDER BY region', 'north\t11.5\nsouth\t3\n'],
    ['SELECT region, total FROM dashboards.sales_by_region WHERE region = {region:String}', 'south\t3\n'],
    ['WITH t AS (SELECT max(total) AS m FROM sales_by_region) SELECT m FROM t;', '11.5\n'],
    ['(SELECT 1) UNION ALL (SELECT 1) -- fenxiao.sales', '1\n1\n'],
    [
      "SELECT 'fenxiao.sales; DROP TABLE x', $$file('x')$$ AS `fenxiao.sales`",
      "fenxiao.sales; DROP TABLE x\tfile(\\'x\\')\n",
    ],
    ['SELECT system.x FROM (SELECT 1 AS x) AS system', undefined],
    ['SELECT count() FROM system.numbers LIMIT 0', ''],
    ["SELECT format('{}-{}', 'a', toString(number)) FROM numbers(1)", 'a-0\n'],
    ['SELECT name FROM system.databases', 'dashboards\n'],
    ['SELECT DISTINCT database FROM system.tables', 'dashboards\n'],
    ['SHOW TABLES', 'everything\nsales_by_region\n'],
    ['SHOW DATABASES', 'dashboards\n'],
    ['EXISTS TABLE sales_by_region', '1\n'],
    ['SELECT t.file FROM (SELECT 1 AS id, 2 AS "name") AS t ARRAY JOIN [3] AS file', undefined],
  ])('may ask %s', async (sql, expected) => {
    const answer = await ask('dashboards', sql, { param_region: 'south' });
    if (expected !== undefined) expect(answer).toMatchObject({ status: 200, text: expected });
    else expect(answer.text).not.toContain('Secret');
  });

  it.each([
    // other databases, however written
    'SELECT * FROM fenxiao.sales',
    'SELECT * FROM fenxiao . sales',
    'SELECT * FROM fenxiao/* . */./**/sales',
    'SELECT * FROM fenxiao -- x\n.sales',
    'SELECT * FROM fenxiao # x\n.sales',
    'SELECT * FROM fenxiao // x\n.sales',
    'SELECT * FROM `fenxiao`.`sales`',
    'SELECT * FROM "fenxiao"."sales"',
    'SELECT * FROM “fenxiao”.“sales”',
    'SELECT * FROM fenxiao\u00a0.sales',
    'SELECT * FROM "\\x66enxiao".sales',
    'SELECT * FROM `fen\\xiao`.sales',
    'SELECT * FROM `odd name`.secrets',
    'SELECT * FROM `分销`.secrets',
    'FROM fenxiao.sales SELECT *',
    '(SELECT * FROM fenxiao.sales)',
    'SELECT 1 WHERE 1 IN fenxiao.sales',
    'SELECT 1 WHERE (1, 2, 3) IN (fenxiao.sales)',
    'SELECT * FROM sales_by_region JOIN fenxiao.sales USING region',
    'SELECT * FROM sales_by_region, fenxiao.sales',
    'WITH x AS (SELECT * FROM fenxiao.sales) SELECT * FROM x',
    'SELECT (SELECT any(buyer) FROM fenxiao.sales)',
    'SELECT * FROM view(SELECT * FROM fenxiao.sales)',
    'SELECT * FROM {database:Identifier}.sales',
    'SELECT * FROM { database : identifier }.{table:Identifier}',
    'DESCRIBE fenxiao.sales',
    'DESCRIBE TABLE fenxiao.sales',
    'SHOW TABLES FROM fenxiao',
    'SHOW TABLES IN `fenxiao`',
    'SHOW COLUMNS FROM sales FROM fenxiao',
    'SHOW CREATE TABLE fenxiao.sales',
    'SHOW CREATE DATABASE fenxiao',
    'EXISTS TABLE fenxiao.sales',
    'EXISTS DATABASE fenxiao',
    'EXPLAIN SELECT * FROM fenxiao.sales',
    'SELECT * FROM default.sales',
    'SELECT * FROM INFORMATION_SCHEMA.TABLES',
    'SELECT * FROM information_schema.tables',
    "SELECT buyer FROM merge('fenxiao', 'sales')",
    "SELECT buyer FROM merge('.*')",
    "SELECT * FROM `merge`('fenxiao', 'sales')",
    'SELECT * FROM loop(fenxiao, sales) LIMIT 1',
    'SELECT * FROM mergeTreeIndex(fenxiao, sales)',
    "SELECT * FROM dictionary('fenxiao.buyers')",
    "SELECT dictGet('fenxiao.buyers', 'buyer', 'north')",
    "SELECT dictGetOrNull('fenxiao.buyers', 'buyer', 'north')",
    "SELECT hasColumnInTable('fenxiao', 'sales', 'buyer')",
    "SELECT joinGet('fenxiao.sales', 'buyer', 'north')",
    "SELECT * FROM eval('SELECT * FROM fenxiao' || '.sales')",
    "SELECT * FROM sales_by_region UUID '<uuid>'",
    // what happens in the server
    'SELECT * FROM system.processes',
    'SELECT query FROM system.query_log',
    'SELECT * FROM `system`.parts',
    'SELECT * FROM system . /* */ users',
    'SHOW PROCESSLIST',
    'SHOW FULL PROCESSLIST',
    'SHOW GRANTS',
    'SHOW ACCESS',
    // files, other machines, programs
    "SELECT * FROM file('<secret>', 'CSV', 's String')",
    "SELECT * FROM FILE('<secret>', 'CSV', 's String')",
    "SELECT file('<secret>')",
    "SELECT `file`('<secret>')",
    'SELECT "file"(\'<secret>\')',
    'SELECT "fi\\x6ce"(\'<secret>\')',
    "SELECT file /* ( */ ('<secret>')",
    "SELECT * APPLY file FROM (SELECT '<secret>' AS p)",
    "SELECT * APPLY(file) FROM (SELECT '<secret>' AS p)",
    "SELECT arrayMap(file, ['<secret>'])",
    "SELECT 1e-- , file('<secret>')",
    "SELECT $a$ ' $a$, file('<secret>') -- '",
    "SELECT /* /* */ ' */ 1, file('<secret>') -- '",
    "SELECT 'x'' \\' ', file('<secret>')",
    "SELECT * FROM url('http://127.0.0.1:1/', 'CSV', 's String')",
    "SELECT * FROM s3('http://127.0.0.1:1/b/x', 'CSV', 's String')",
    "SELECT * FROM remote('127.0.0.1', fenxiao.sales)",
    "SELECT * FROM remoteSecure('127.0.0.1', 'fenxiao', 'sales')",
    "SELECT * FROM cluster('default', 'fenxiao', 'sales')",
    "SELECT * FROM mysql('127.0.0.1:1', 'a', 'b', 'c', 'd')",
    "SELECT * FROM postgresql('127.0.0.1:1', 'a', 'b', 'c', 'd')",
    "SELECT * FROM hdfs('hdfs://127.0.0.1:1/x', 'CSV', 's String')",
    "SELECT * FROM sqlite('<secret>', 't')",
    "SELECT * FROM executable('id', 'CSV', 's String')",
    "SELECT * FROM input('s String')",
    "SELECT * FROM filesystem('/etc')",
    "SELECT aiGenerate('x')",
    "SELECT 1 INTO OUTFILE '<out>'",
    "SELECT 1 INTO /* */ OUTFILE '<out>' FORMAT CSV",
    "SELECT 1 into outfile '<out>' TRUNCATE",
    // anything but reading, and several statements
    "INSERT INTO FUNCTION file('<out>', 'CSV', 's String') VALUES ('x')",
    'INSERT INTO sales_by_region VALUES (1, 2)',
    'CREATE TABLE t (a Int8) ENGINE = Memory',
    'CREATE TEMPORARY TABLE t (a Int8)',
    'DROP VIEW sales_by_region',
    'ALTER TABLE fenxiao.sales DELETE WHERE 1',
    'DELETE FROM fenxiao.sales WHERE 1',
    'TRUNCATE TABLE fenxiao.sales',
    'OPTIMIZE TABLE fenxiao.sales',
    "BACKUP TABLE fenxiao.sales TO File('<out>')",
    'KILL QUERY WHERE 1',
    'SELECT 1 PARALLEL WITH KILL QUERY WHERE 1',
    'SHOW TABLES PARALLEL /* */ WITH DROP VIEW sales_by_region',
    'SELECT 1 SETTINGS max_threads = 1',
    'SELECT * FROM (SELECT 1 SETTINGS readonly = 0)',
    'SELECT * FROM (SELECT name FROM system.tables SETTINGS `additional_table_filters` = {})',
    'WITH t AS (SELECT 1 SETTINGS allow_ddl) SELECT * FROM t',
    "SELECT printf('%1000000000s', 'x')",
    'SET readonly = 0',
    'USE fenxiao',
    'SYSTEM SHUTDOWN',
    'GRANT ALL ON *.* TO default',
    'BEGIN TRANSACTION',
    'ATTACH TABLE t',
    'CHECK TABLE fenxiao.sales',
    '1 + 1',
    '',
    'SELECT 1; SELECT 2',
    'SELECT 1; DROP TABLE fenxiao.sales',
    'SELECT 1 /* ; */ ; USE fenxiao; SELECT * FROM sales',
    "SELECT 'open",
    'SELECT 1 /* open',
  ])('may not ask %j', async (statement) => {
    const out = join(folder, 'out');
    const sql = statement.replace('<secret>', join(folder, 'secret.csv')).replace('<out>', out).replace('<uuid>', uuid);
    const answer = await ask('dashboards', sql, { param_database: 'fenxiao', param_table: 'sales' });
    expect(answer).toMatchObject({ status: 403, code: 497 });
    expect(answer.text).not.toMatch(/secret\b|Secret/);
  });

  it('can neither change settings nor lift its limits', async () => {
    const filters = await ask('dashboards', 'SELECT 1', { additional_table_filters: "{'fenxiao.sales': '1'}" });
    expect(filters).toMatchObject({ status: 403, code: 452 });
    const higher = await ask('dashboards', 'SELECT number FROM numbers(2000)', { max_result_rows: '5000' });
    expect(higher.code).toBe(396);
    const lower = await ask('dashboards', 'SELECT number FROM numbers(500)', { max_result_rows: '100' });
    expect(lower.code).toBe(396);
    const memory = await ask('dashboards', 'SELECT groupArray(number) FROM numbers(1000000000)', {
      max_memory_usage: '10000000',
    });
    expect(memory.code).toBe(241);
    const time = await ask('dashboards', 'SELECT count() FROM numbers(1e12) WHERE sipHash64(number) = 1', {
      max_execution_time: '0.3',
    });
    expect(time).toMatchObject({ status: 408, code: 159 });
  });

  it('can choose how results look', async () => {
    const quoted = { output_format_json_quote_64bit_integers: '1', default_format: 'JSONEachRow' };
    expect((await ask('dashboards', 'SELECT toUInt64(1) AS n', quoted)).text).toBe('{"n":"1"}\n');
    const zone = await ask('dashboards', 'SELECT toDateTime(0)', { session_timezone: 'Asia/Shanghai' });
    expect(zone.text).toBe('1970-01-01 08:00:00\n');
  });

  it('stays in its database whatever the request names', async () => {
    expect(await ask('dashboards', 'SELECT 1', { database: 'fenxiao' })).toMatchObject({ status: 403, code: 497 });
    const headers = { 'X-ClickHouse-User': 'dashboards', 'X-ClickHouse-Key': 'd', 'X-ClickHouse-Database': 'fenxiao' };
    const named = await fetch(clickhouse.url, { method: 'POST', headers, body: 'SELECT 1' });
    expect(named.status).toBe(403);
    await named.text();
  });

  it('is not told of tables it does not see', async () => {
    const answer = await ask('dashboards', 'SELECT * FROM sale');
    expect(answer).toMatchObject({ status: 404, code: 60 });
    expect(answer.text).not.toContain('fenxiao');
  });

  it('does not see a database made a moment ago either', async () => {
    await ask('dashboards', 'SELECT 1');
    await ask('writer', 'CREATE DATABASE later');
    expect(await ask('dashboards', 'SELECT * FROM later.t')).toMatchObject({ status: 403, code: 497 });
  });
});

describe('a reader that narrows what it sees', () => {
  it('sees that much and no more, also of the system tables', async () => {
    const filters = { additional_table_filters: `{'fenxiao.sales': 'region = \\'south\\'', 'system.tables': '1'}` };
    expect((await ask('viewer', 'SELECT buyer FROM sales', filters)).text).toBe('Secret Three\n');
    expect((await ask('viewer', 'SELECT count() FROM sales', { additional_table_filters: '{}' })).text).toBe('3\n');
    expect((await ask('viewer', 'SELECT DISTINCT database FROM system.tables', filters)).text).toBe('fenxiao\n');
    expect((await ask('viewer', 'SELECT * FROM dashboards.everything', filters)).status).toBe(403);
    const lifted = "SELECT * FROM (SELECT * FROM sales SETTINGS additional_table_filters = {'x': '1'})";
    expect(await ask('viewer', lifted, filters)).toMatchObject({ status: 403, code: 497 });
  });

  it.each(['fenxiao.sales', "{'a': 1}", "{'a': 'b'} + {'c': 'd'}", "{'a': 'b'}, x = 1, y = {'c': 'd'}", "{'a': 'b',}"])(
    'is told when it is no map: %s',
    async (additional_table_filters) => {
      const answer = await ask('viewer', 'SELECT count() FROM sales', { additional_table_filters });
      expect(answer).toMatchObject({ status: 403, code: 452 });
    },
  );
});

describe('a writer', () => {
  it('can filter rows for one request, through views as well', async () => {
    const filters = { additional_table_filters: "{'fenxiao.sales': 'region = \\'south\\''}" };
    expect((await ask('writer', 'SELECT count() FROM sales', filters)).text).toBe('1\n');
    expect((await ask('writer', 'SELECT buyer FROM dashboards.everything', filters)).text).toBe('Secret Three\n');
    expect((await ask('writer', 'SELECT count() FROM sales')).text).toBe('3\n');
  });

  it('changes nothing by GET', async () => {
    const search = new URLSearchParams({ user: 'writer', password: 'w', query: 'TRUNCATE TABLE sales', readonly: '0' });
    const response = await fetch(`${clickhouse.url}/?${search}`);
    expect(response.status).toBe(403);
    expect((await ask('writer', 'SELECT count() FROM sales')).text).toBe('3\n');
  });
});
