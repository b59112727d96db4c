import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Umzug } from 'umzug';
import { fileURLToPath } from 'node:url';
import type { Client } from 'pg';

/** The log itself, and what each service's schema needs to publish and consume. */
export const eventLogMigrations = fileURLToPath(new URL('../migrations/event-log', import.meta.url));
export const messagingMigrations = fileURLToPath(new URL('../migrations/service', import.meta.url));

/**
 * Numbered SQL migrations (`0001-name.sql`), a step of their own: applied once each, in one transaction each, under a
 * lock, by the owner of the schema. Two rules: a migration that has landed is never edited (its hash is kept and
 * compared), and it must run while the previous release still serves.
 * @param set what the files are for; two sets may share a schema
 * @throws Error when an applied file was edited or has vanished
 */
export async function migrate(client: Client, schema: string, set: string, folder: string): Promise<string[]> {
  const q = (name: string) => client.escapeIdentifier(name);
  await client.query('SELECT pg_advisory_lock(hashtext($1))', [`migrate ${schema}`]);
  try {
    await client.query(`CREATE SCHEMA IF NOT EXISTS ${q(schema)}`);
    await client.query(`SET search_path = ${q(schema)}`);
    await client.query(
      'CREATE TABLE IF NOT EXISTS migration (set text, name text, hash text NOT NULL, at timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (set, name))',
    );
    const files = (await readdir(folder)).filter((file) => /^\d{4}-.*\.sql$/.test(file)).sort();
    const texts = new Map(
      await Promise.all(files.map(async (file) => [file, await readFile(join(folder, file), 'utf8')] as const)),
    );
    const applied = await client.query<{ name: string; hash: string }>(
      'SELECT name, hash FROM migration WHERE set = $1',
      [set],
    );
    for (const { name, hash } of applied.rows) {
      const text = texts.get(name);
      if (text === undefined) throw new Error(`${schema}: migration ${set}/${name} was applied but its file is gone`);
      if (hashOf(text) !== hash) throw new Error(`${schema}: migration ${set}/${name} was edited after it was applied`);
    }
    const umzug = new Umzug({
      migrations: [...texts].map(([name, text]) => ({
        name,
        up: async () => {
          await client.query('BEGIN');
          try {
            await client.query(text);
            await client.query('INSERT INTO migration (set, name, hash) VALUES ($1, $2, $3)', [
              set,
              name,
              hashOf(text),
            ]);
            await client.query('COMMIT');
          } catch (error) {
            await client.query('ROLLBACK');
            throw new Error(`${schema}: migration ${set}/${name} failed`, { cause: error });
          }
        },
      })),
      storage: {
        executed: () => Promise.resolve(applied.rows.map(({ name }) => name)),
        logMigration: () => Promise.resolve(),
        unlogMigration: () => Promise.reject(new Error('migrations only go forward')),
      },
      logger: undefined,
    });
    return (await umzug.up()).map(({ name }) => `${set}/${name}`);
  } finally {
    await client.query('SELECT pg_advisory_unlock(hashtext($1))', [`migrate ${schema}`]);
  }
}

const hashOf = (text: string) => createHash('sha256').update(text).digest('hex');
