import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createClient } from '@clickhouse/client';

/** The numbered SQL of the store. */
export const clickhouseFolder = fileURLToPath(new URL('../clickhouse', import.meta.url));

const databases = ['fenxiao', 'dashboards', 'analyst'];

/** Where ClickHouse is, and a user who may write. */
export interface Store {
  readonly url: string;
  readonly username: string;
  readonly password: string;
}

export interface Rendering {
  /** business time zone: business days are cut by it, so it is fixed once data are in */
  readonly timeZone: string;
  /** name of a cluster of one shard; absent: a single server */
  readonly cluster?: string | undefined;
}

/** How many blocks, and for how long, a replicated table remembers what was inserted (default of the server: one hour). */
const REMEMBERED_SECONDS = 604_800;

/**
 * Numbered migrations, applied once each; the two rules of the PostgreSQL ones hold: what has landed is never edited (its
 * hash is kept and compared), and it must run while the previous release still serves. ClickHouse has no transactions for
 * them, so every statement can be run again: IF NOT EXISTS, OR REPLACE.
 * @returns names of the files applied now
 * @throws Error when an applied file was edited or has vanished
 */
export async function migrateClickHouse(
  store: Store,
  rendering: Rendering,
  folder = clickhouseFolder,
): Promise<string[]> {
  const { url, username, password } = store;
  // A request names a database that exists, and ours may not be there yet.
  const outside = createClient({ url, username, password, database: 'system' });
  const inside = createClient({ url, username, password, database: 'fenxiao' });
  try {
    for (const database of databases)
      await outside.command({ query: render(`CREATE DATABASE IF NOT EXISTS ${database}`, rendering) });
    const run = (sql: string) => inside.command({ query: render(sql, rendering) });
    await run(
      'CREATE TABLE IF NOT EXISTS migration (name String, hash String, at DateTime DEFAULT now()) ENGINE = MergeTree ORDER BY name',
    );
    const files = await readMigrations(folder);
    const answer = await inside.query({
      query: 'SELECT name, any(hash) AS hash FROM migration GROUP BY name',
      format: 'JSONEachRow',
    });
    const applied = new Map(
      (await answer.json<{ name: string; hash: string }>()).map(({ name, hash }) => [name, hash]),
    );
    for (const [name, hash] of applied) {
      const text = files.get(name);
      if (text === undefined) throw new Error(`ClickHouse migration ${name} was applied but its file is gone`);
      if (hashOf(text) !== hash) throw new Error(`ClickHouse migration ${name} was edited after it was applied`);
    }
    const fresh = [...files].filter(([name]) => !applied.has(name));
    for (const [name, text] of fresh) {
      for (const statement of statementsOf(text))
        await run(statement).catch((cause: unknown) => {
          throw new Error(`ClickHouse migration ${name} failed at: ${statement.slice(0, 120)}`, { cause });
        });
      await inside.insert({ table: 'migration', values: [{ name, hash: hashOf(text) }], format: 'JSONEachRow' });
    }
    return fresh.map(([name]) => name);
  } finally {
    await Promise.all([outside.close(), inside.close()]);
  }
}

/** All the DDL as it would be run, for a cluster whose administrators run it themselves. */
export async function renderAll(rendering: Rendering, folder = clickhouseFolder): Promise<string> {
  const created = databases.map((name) => `CREATE DATABASE IF NOT EXISTS ${name}`);
  const statements = [...(await readMigrations(folder)).values()].flatMap(statementsOf);
  return [...created, 'USE fenxiao', ...statements].map((sql) => `${render(sql, rendering)};\n`).join('\n');
}

/** Fills in the time zone and, for a cluster, makes DDL distributed, engines replicated and windows those of replicas. */
export function render(sql: string, { timeZone, cluster }: Rendering): string {
  const filled = sql.replaceAll('{time_zone}', timeZone);
  if (cluster === undefined) return filled;
  return filled
    .replace(
      /^(CREATE (?:OR REPLACE )?(?:DATABASE|TABLE|VIEW|MATERIALIZED VIEW)(?: IF NOT EXISTS)? [\w.]+|ALTER TABLE [\w.]+)/gm,
      `$1 ON CLUSTER '${cluster}'`,
    )
    .replace(/ENGINE = (\w*MergeTree)\b/g, 'ENGINE = Replicated$1')
    .replace(
      /non_replicated_deduplication_window = (\d+)/g,
      `replicated_deduplication_window = $1, replicated_deduplication_window_seconds = ${REMEMBERED_SECONDS}`,
    );
}

/** Statements end with a semicolon at the end of a line. */
const statementsOf = (text: string): string[] =>
  text
    .split(/;[ \t]*$/m)
    .map((statement) => statement.replace(/^(\s*--[^\n]*\n|\s+)+/, '').trimEnd())
    .filter((statement) => statement !== '');

async function readMigrations(folder: string): Promise<Map<string, string>> {
  const names = (await readdir(folder)).filter((file) => /^\d{4}-.*\.sql$/.test(file)).sort();
  return new Map(
    await Promise.all(names.map(async (name) => [name, await readFile(join(folder, name), 'utf8')] as const)),
  );
}

const hashOf = (text: string) => createHash('sha256').update(text).digest('hex');
