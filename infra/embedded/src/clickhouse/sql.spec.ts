import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createClient, type ClickHouseClient } from '@clickhouse/client';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { spawnClickHouse, type SpawnedClickHouse } from './spawn.js';
import { readStatement, StatementError, tokens, type Token } from './sql.js';

/** Kinds of the engine's lexer in our words. */
function ours(kind: string): Token['kind'] {
  if (kind === 'BareWord') return 'word';
  if (kind === 'QuotedIdentifier') return 'quoted';
  if (kind === 'StringLiteral' || kind === 'HereDoc') return 'string';
  if (kind === 'Number') return 'number';
  return /^Error|^DollarSign$|^VerticalDelimiter$/.test(kind) ? 'wrong' : 'sign';
}

describe('tokens', () => {
  let folder: string;
  let clickhouse: SpawnedClickHouse;
  let client: ClickHouseClient;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'clickhouse-'));
    const users = [{ name: 'writer', password: 'w', kind: 'writer' as const, database: 'fenxiao' }];
    clickhouse = await spawnClickHouse({ folder, users });
    client = createClient({ url: clickhouse.url, username: 'writer', password: 'w' });
  }, 30_000);

  afterAll(async () => {
    await client?.close();
    await clickhouse?.close();
    await rm(folder, { recursive: true, force: true });
  });

  it('are those of the engine in any text, up to what we give up on', async () => {
    const visible =
      `' " \` \\ $ $$ $a$ a x e E5 p 0 12 0x 0b1 _ . .. _1 - -- -> / // /* */ * # #! ; , ~ ( ) [ ] { } + = ! != < <=> > ? : :: | ||` +
      ` @@ ^ & SELECT file x' b'41' é “ ‘ \u2212 \\G 文 .5 1. 1e 1e- 1_0`;
    const pieces = [...visible.split(' '), ' ', '# ', '\n', '\t', '\f', '\r', '\0', '\u00a0'];
    const text = fc
      .array(fc.constantFrom(...pieces), { minLength: 1, maxLength: 14 })
      .map((list) => `S ${list.join('')}\n`);
    const texts = fc.sample(text, { numRuns: 4000, seed: 26_7 });
    const hexes = texts.map((one) => Buffer.from(one).toString('hex'));
    const read = await client.query({
      query: 'SELECT arrayMap(t -> (t.1, t.2, t.3), tokenizeQuery(unhex(arrayJoin({hexes:Array(String)})))) AS tokens',
      query_params: { hexes },
      use_multipart_params: true,
      format: 'JSONCompactEachRow',
    });
    const rows = await read.json<[[number, number, string][]]>();
    expect(rows).toHaveLength(texts.length);
    const different = texts.filter((one, i) => {
      const theirs = rows[i]![0].filter(([, , kind]) => kind !== 'Whitespace' && kind !== 'Comment').map(
        ([start, end, kind]) => `${start}-${end} ${ours(kind)}`,
      );
      const mine = [...tokens(Buffer.from(one).toString('latin1'))];
      const wrong = mine.findIndex((token) => token.kind === 'wrong');
      const sure = mine
        .slice(0, wrong < 0 ? mine.length : wrong)
        .map(({ start, end, kind }) => `${start}-${end} ${kind}`);
      return sure.some((token, k) => token !== theirs[k]) || (wrong < 0 && sure.length !== theirs.length);
    });
    expect(different).toEqual([]);
  }, 30_000);
});

describe('readStatement', () => {
  it.each([
    ['SELECT 1', 'select', 'SELECT 1', undefined],
    ['SELECT 1 FORMAT JSON;', 'select', 'SELECT 1 ', 'JSON'],
    ['/* x */ SELECT 1 FORMAT JSON SETTINGS max_threads = 1 -- end', 'select', '/* x */ SELECT 1 ', 'JSON'],
    ['SELECT 1 AS format ORDER BY format DESC', 'select', 'SELECT 1 AS format ORDER BY format DESC', undefined],
    ['SELECT a, format b FROM t', 'select', 'SELECT a, format b FROM t', undefined],
    ["SELECT 'FORMAT CSV'", 'select', "SELECT 'FORMAT CSV'", undefined],
    ['(SELECT 1) UNION ALL (SELECT 2) FORMAT CSV', 'select', '(SELECT 1) UNION ALL (SELECT 2) ', 'CSV'],
    [
      'WITH x AS (SELECT 1) INSERT INTO t SELECT * FROM x',
      'command',
      'WITH x AS (SELECT 1) INSERT INTO t SELECT * FROM x',
      undefined,
    ],
    ['CREATE TABLE t (a Int8) ENGINE = Memory;', 'command', 'CREATE TABLE t (a Int8) ENGINE = Memory', undefined],
    ['INSERT INTO t SELECT 1 FORMAT x', 'command', 'INSERT INTO t SELECT 1 FORMAT x', undefined],
    ['INSERT INTO t (SELECT 1);', 'command', 'INSERT INTO t (SELECT 1)', undefined],
  ])('%s', (sql, kind, text, format) => {
    expect(readStatement(sql)).toMatchObject({ kind, text, format });
  });

  it.each([
    ['INSERT INTO t FORMAT CSV\n\n1', 'INSERT INTO t| ', 'CSV', '\n1'],
    ['INSERT INTO t FORMAT CSV;\n;1', 'INSERT INTO t| ', 'CSV', ';1'],
    ['INSERT INTO t FORMAT JSONEachRow {"a":1}', 'INSERT INTO t| ', 'JSONEachRow', '{"a":1}'],
    [
      'INSERT INTO format (`values`, b) SETTINGS a = 1 FORMAT TSV\r\nx',
      'INSERT INTO format (`values`, b)| SETTINGS a = 1 ',
      'TSV',
      'x',
    ],
    [
      "insert into db.select values ('a;b'), (2); DROP TABLE t",
      'insert into db.select| ',
      'Values',
      " ('a;b'), (2); DROP TABLE t",
    ],
    ["INSERT INTO FUNCTION null('a Int8') VALUES (1)", "INSERT INTO FUNCTION null('a Int8')| ", 'Values', ' (1)'],
    ['INSERT INTO t (a)', 'INSERT INTO t (a)|', undefined, ''],
  ])('finds the data in %j', (sql, marked, format, data) => {
    const read = readStatement(sql);
    expect(read.kind).toBe('insert');
    expect(`${read.text.slice(0, read.infileAt)}|${read.text.slice(read.infileAt)}`).toBe(marked);
    expect(read.format).toBe(format);
    expect(sql.slice(read.dataAt)).toBe(data);
  });

  it.each([
    'SELECT 1; SELECT 2',
    'SELECT 1;;',
    'DROP TABLE a; DROP TABLE b',
    'INSERT INTO t SELECT 1; DROP TABLE t',
    "SELECT 1 INTO OUTFILE '/tmp/x'",
    "INSERT INTO t FROM INFILE '/etc/passwd' FORMAT CSV",
    'INSERT INTO t; SELECT 1',
  ])('refuses %s', (sql) => {
    expect(() => readStatement(sql)).toThrow(StatementError);
  });
});
