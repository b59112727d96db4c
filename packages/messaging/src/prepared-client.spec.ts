import { createDatabase } from '@fenxiao/testing/database';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Pool } from 'pg';
import { isTransient } from './once-only.js';
import { PreparedClient } from './prepared-client.js';

describe('a connection that prepares', () => {
  let database: Awaited<ReturnType<typeof createDatabase>>;
  let client: PreparedClient;
  beforeAll(async () => {
    database = await createDatabase();
    client = new PreparedClient({ connectionString: database.url });
    await client.connect();
    await client.query('CREATE TABLE thing AS SELECT 1 AS id');
  });
  afterAll(async () => {
    await client?.end();
    await database?.drop();
  });
  const prepared = async () =>
    (await client.query<{ n: number }>('SELECT count(*)::int AS n FROM pg_prepared_statements')).rows[0]!.n;

  it('plans a statement with parameters once, and one without every time', async () => {
    for (const id of [1, 2]) await client.query('SELECT * FROM thing WHERE id = $1', [id]);
    await client.query('SELECT * FROM thing WHERE id = 3');
    await client.query('SELECT * FROM thing', []);
    expect(await prepared()).toBe(1);
  });

  it('fails the next statement, and nothing else, when it is lost while a pool has lent it out', async () => {
    const pool = new Pool({ connectionString: database.url, Client: PreparedClient });
    pool.on('error', () => {});
    const lent = await pool.connect();
    const { rows } = await lent.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
    const lost = new Promise((resolve) => lent.once('end', resolve));
    await client.query(`SELECT pg_terminate_backend(${rows[0]!.pid})`);
    await lost;
    await expect(lent.query('SELECT 1')).rejects.toThrow('not queryable');
    lent.release(true);
    await pool.end();
  });

  it('says that it is to be tried again when a migration has changed what a statement returns; then it works', async () => {
    await client.query('ALTER TABLE thing ADD COLUMN name text');
    const stale = await client.query('SELECT * FROM thing WHERE id = $1', [1]).catch((error: unknown) => error);
    expect(isTransient(stale)).toBe(true);
    const { rows } = await client.query('SELECT * FROM thing WHERE id = $1', [1]);
    expect(rows).toEqual([{ id: 1, name: null }]);
    expect(await prepared()).toBe(1);
  });
});
