import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, connect, type AddressInfo, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { NamedUser } from '../src/clickhouse/environment.js';
import { spawnClickHouse, type SpawnedClickHouse } from '../src/clickhouse/spawn.js';
import { hostileRequests, type HostileRequest } from './hostile-requests.js';

const limits = { seconds: 2 };
const users: NamedUser[] = [
  { name: 'analytics', password: 'analytics', kind: 'writer', database: 'fenxiao' },
  { name: 'viewer', password: 'viewer', kind: 'reader', database: 'fenxiao', narrows: true, limits },
  { name: 'dashboards', password: 'dashboards', kind: 'reader', database: 'dashboards', limits },
  { name: 'analyst', password: 'analyst', kind: 'reader', database: 'analyst', limits },
];
const maxMemory = 1_500_000_000;

/** Text that would do harm if it were taken for SQL, and that every format must keep as it is. */
const lines = [
  "'; DROP TABLE ledger; --",
  "'); DROP TABLE ledger; INSERT INTO ledger VALUES ('x",
  '"; DROP TABLE ledger; --',
  'DROP TABLE ledger;',
  ';',
  '-- x',
  '/*',
  '*/',
  "\\'; DROP TABLE ledger; --",
  '\\',
  "''",
  '$$; DROP TABLE ledger; $$',
  '`; DROP TABLE ledger;',
  '(SELECT 1)',
  '{"line":"x"}',
  '{x:String}',
  '<x>&amp;</x>',
  'FORMAT CSV',
  'INTO OUTFILE "x"',
  'a,b;c|d',
  '文“”',
];
/** These also break lines and columns, which formats without quotes cannot keep. */
const brokenLines = ['a\n\nDROP TABLE ledger;\n\nb', 'a\tb', 'a\r\nb', '\0', '\n'];

let outside: string;
let clickhouse: SpawnedClickHouse;
let host: Server;
let address: string;
let calls = 0;

beforeAll(async () => {
  outside = await mkdtemp(join(tmpdir(), 'hostile-'));
  await writeFile(join(outside, 'secret'), 'secret\n');
  host = createServer((socket) => {
    calls++;
    socket.destroy();
  }).listen(0, '127.0.0.1');
  await new Promise((done) => host.once('listening', done));
  address = `127.0.0.1:${(host.address() as AddressInfo).port}`;
  clickhouse = await spawnClickHouse({ folder: join(outside, 'data'), users, maxMemory, fsync: false });
  for (const sql of [
    'CREATE TABLE ledger (line String) ENGINE = MergeTree ORDER BY tuple()',
    "INSERT INTO ledger VALUES ('secret'), ('kept')",
    "CREATE VIEW analyst.sales AS SELECT line FROM fenxiao.ledger WHERE line = 'kept'",
  ])
    expect(await ask('analytics', sql)).toMatchObject({ answer: '200 0' });
}, 60_000);

afterAll(async () => {
  await clickhouse?.close();
  host?.close();
  await rm(outside, { recursive: true, force: true });
});

async function ask(user: string, sql: string | Uint8Array<ArrayBuffer>, parameters: Record<string, string> = {}) {
  const search = new URLSearchParams({ user, password: user, wait_end_of_query: '1', ...parameters });
  const response = await fetch(`${clickhouse.url}/?${search}`, { method: 'POST', body: sql });
  const code = response.headers.get('x-clickhouse-exception-code') ?? '0';
  return { answer: `${response.status} ${code}`, bytes: Buffer.from(await response.arrayBuffer()) };
}

async function read(sql: string): Promise<string> {
  const { answer, bytes } = await ask('analytics', sql);
  expect([sql, answer]).toEqual([sql, '200 0']);
  return bytes.toString();
}

/** Sends bytes on a connection of their own; the answer's status and code, and all that came. */
function send({ bytes, ends }: HostileRequest): Promise<{ answer: string; text: string }> {
  return new Promise((done) => {
    const socket = connect(clickhouse.port, '127.0.0.1');
    let text = '';
    const finish = (): void => {
      socket.destroy();
      const code = /^x-clickhouse-exception-code: (\d+)/im.exec(text)?.[1] ?? '0';
      const status = /^HTTP\/1\.1 (\d+)/.exec(text)?.[1];
      done({ answer: status ? `${status} ${code}` : 'closed', text });
    };
    socket.on('data', (chunk) => (text += chunk.toString('latin1')));
    socket.on('close', finish).on('error', finish);
    for (const piece of bytes) socket.write(piece);
    if (ends) socket.end();
  });
}

interface Family {
  kind: string;
  user: string;
  answers: string[];
  statements: string[];
}

const fixture = (name: string) => readFile(fileURLToPath(new URL(name, import.meta.url)), 'utf8');

/** Reads hostile.sql, whose head says what it means. */
function families(text: string): Family[] {
  const all: Family[] = [];
  for (const line of text.split('\n')) {
    const heading = /^## (.+), as (\w+): (.+)$/.exec(line);
    if (heading) all.push({ kind: heading[1]!, user: heading[2]!, answers: heading[3]!.split(', '), statements: [] });
    else if (line && !/^# /.test(line)) all.at(-1)!.statements.push(line);
  }
  return all;
}

const signs: Record<string, string> = { lf: '\n', nul: '\0', nbsp: '\u00a0', bom: '\ufeff', wide: '\u3000' };

function inFull(statement: string): string {
  return statement
    .replace(/<(\d+)×([^>]+)>/g, (_, times: string, what: string) => what.repeat(Number(times)))
    .replace(/<(lf|nul|nbsp|bom|wide)>/g, (_, name: string) => signs[name]!)
    .replaceAll('<secret>', join(outside, 'secret'))
    .replaceAll('<out>', join(outside, 'out'))
    .replaceAll('<host>', address);
}

/** Runs the work on every item, eight at a time. */
async function each<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const rest = items.values();
  await Promise.all(
    Array.from({ length: 8 }, async () => {
      for (const item of rest) await work(item);
    }),
  );
}

/** Asks a quick query all the time while the work goes on, as another user; all must be answered. */
async function beside(what: string, work: () => Promise<void>): Promise<void> {
  let over = false;
  const answers: string[] = [];
  let worst = 0;
  const asking = (async () => {
    while (!over) {
      const began = performance.now();
      answers.push((await ask('dashboards', 'SELECT 1')).answer);
      worst = Math.max(worst, performance.now() - began);
      await wait(20);
    }
  })();
  await work().finally(() => (over = true));
  await asking;
  process.stdout.write(
    `${what}: of ${answers.length} quick queries beside, the slowest took ${Math.round(worst)} ms\n`,
  );
  expect(new Set(answers)).toEqual(new Set(['200 0']));
}

const residentBytes = async () =>
  Number(/^process_resident_memory_bytes (\d+)$/m.exec(await (await fetch(`${clickhouse.url}/metrics`)).text())![1]);

const inMB = (bytes: number): string => `${Math.round(bytes / 1e6)} MB`;

async function until(condition: () => Promise<boolean>): Promise<void> {
  const patience = Date.now() + 30_000;
  while (!(await condition())) {
    if (Date.now() > patience) throw new Error('It did not come about in 30 s');
    await wait(50);
  }
}

/** All there is, in the engine and around it, once the files of requests under way are gone. */
async function everything() {
  const spool = () => readdir(join(outside, 'data', 'tmp'));
  await until(async () => (await spool()).every((name) => name.startsWith('pipe-')));
  return {
    tables: await read(
      "SELECT database, name FROM system.tables WHERE database NOT IN ('system', 'information_schema', 'INFORMATION_SCHEMA') ORDER BY ALL",
    ),
    databases: await read('SELECT name FROM system.databases ORDER BY name'),
    functions: await read("SELECT name FROM system.functions WHERE origin != 'System'"),
    rows: await read('SELECT count(), groupBitXor(sipHash64(line)) FROM ledger'),
    files: await readdir(outside),
    secret: await readFile(join(outside, 'secret'), 'utf8'),
    calls,
  };
}

describe('hostile requests', () => {
  it('are refused or come to nothing, while others are answered', async () => {
    const before = await everything();
    const all = families((await fixture('hostile.sql')) + (await fixture('hostile-bombs.sql')));
    const wrong: string[] = [];
    let sent = 0;
    await beside('hostile statements', async () => {
      for (const { kind, user, answers, statements } of all) {
        await each(statements, async (statement) => {
          sent++;
          const { answer, bytes } = await ask(user, inFull(statement), { param_d: 'fenxiao', param_s: 'x' });
          const said = bytes.toString();
          const told = said.replaceAll(inFull('<secret>'), '').includes('secret\n');
          if (!answers.includes(answer) || told) wrong.push(`${kind}: ${statement}: ${answer} ${said.slice(0, 300)}`);
        });
      }
    });
    await beside('hostile connections', async () => {
      for (const [kind, requests] of Object.entries(hostileRequests)) {
        await each(requests, async (request) => {
          sent++;
          const { answer, text } = await send(request);
          if (!request.answers.includes(answer) || /^set-cookie/im.test(text.split('\r\n\r\n')[0]!))
            wrong.push(`${kind}: ${request.name}: ${answer} ${text.slice(0, 600)}`);
        });
      }
    });
    const most = await residentBytes();
    await until(async () => (await residentBytes()) < maxMemory);
    process.stdout.write(`${sent} hostile requests, memory then ${inMB(most)}, soon ${inMB(await residentBytes())}\n`);
    expect(wrong).toEqual([]);
    expect(await everything()).toEqual(before);
    expect(() => process.kill(clickhouse.pid, 0)).not.toThrow();
  }, 120_000);

  it('try every table function that the engine has, but those that read nothing outside', async () => {
    const text = await fixture('hostile.sql');
    const names = (await read('SELECT name FROM system.table_functions FORMAT TSVRaw')).split('\n').filter(Boolean);
    const untried = names.filter((name) => !text.includes(`SELECT * FROM ${name}(`));
    const harmless = 'SQLStandardValues format generateSeries generate_series null numbers numbers_mt primes values';
    expect(untried.sort()).toEqual(`${harmless} zeros zeros_mt`.split(' ').sort());
  });
});

describe('data that looks like SQL', () => {
  it('comes back as it went in, through every format that the engine reads and writes', async () => {
    const rows = { line: [lines.join('\n')], unbroken: lines, all: [...lines, ...brokenLines] };
    for (const [table, texts] of Object.entries(rows)) {
      await ask('analytics', `CREATE TABLE ${table} (line String) ENGINE = MergeTree ORDER BY line`);
      const json = texts.map((line) => JSON.stringify({ line })).join('\n');
      expect(await ask('analytics', `INSERT INTO ${table} FORMAT JSONEachRow\n${json}`)).toMatchObject({
        answer: '200 0',
      });
    }
    const formats = await read('SELECT name FROM system.formats WHERE is_input AND is_output FORMAT TSVRaw');
    // These need a geometry, a registry, or a file with a template.
    const tried = formats.split('\n').filter((name) => name && !/^(GeoJSON|AvroConfluent|Template.*)$/.test(name));
    expect(tried.length).toBeGreaterThan(50);
    const changed: string[] = [];
    await each(tried, async (format) => {
      const table = /RawBLOB|Single/.test(format) ? 'line' : /Raw|LineAsString|Npy/.test(format) ? 'unbroken' : 'all';
      const written = await ask('analytics', `SELECT line FROM ${table} FORMAT ${format}`);
      await ask('analytics', `CREATE TABLE copy_${format} (line String) ENGINE = Memory`);
      const query = `INSERT INTO copy_${format} FORMAT ${format}`;
      const stored = await ask('analytics', new Uint8Array(written.bytes), { query });
      const sum = 'SELECT count(), sum(sipHash64(line)) FROM';
      if ((await read(`${sum} copy_${format}`)) !== (await read(`${sum} ${table}`)))
        changed.push(`${format}: ${stored.answer} ${stored.bytes}`);
      await ask('analytics', `DROP TABLE copy_${format}`);
    });
    expect(changed).toEqual([]);
  }, 60_000);

  it('harms nothing when it is not even in the format that it claims', async () => {
    await ask('analytics', 'CREATE TABLE victim (line String) ENGINE = Null');
    const before = await everything();
    const formats = await read('SELECT name FROM system.formats WHERE is_input FORMAT TSVRaw');
    await each(formats.split('\n').filter(Boolean), async (format) => {
      for (const text of [lines.join('\n\n'), `1;\n\nDROP TABLE ledger;\n\n`, "'x'); DROP TABLE ledger; --"]) {
        const { answer } = await ask('analytics', `INSERT INTO victim FORMAT ${format}\n${text}`);
        expect(answer).toMatch(/^(200 0|[45]\d\d \d+)$/);
      }
    });
    expect(await everything()).toEqual(before);
  }, 60_000);
});
