import { createDatabase } from '@fenxiao/testing/database';
import { Client, Pool } from 'pg';
import { eventLogMigrations, messagingMigrations, migrate } from '../src/migrate.js';
import type { Sql } from '../src/sql.js';

/** A database of a test's own, with the event log and the tables of a service `svc`. */
export async function prepared() {
  const database = await createDatabase();
  const client = new Client({ connectionString: database.url });
  await client.connect();
  await migrate(client, 'event_log', 'event-log', eventLogMigrations);
  await migrate(client, 'svc', 'messaging', messagingMigrations);
  await client.end();
  const pool = new Pool({ connectionString: database.url, max: 30, options: '-c search_path=svc,public' });
  pool.on('error', () => {});
  const topic = async (name: string, parts: number, writer = 'postgres') => {
    await pool.query('INSERT INTO event_log.topic VALUES ($1, $2, $3)', [name, parts, writer]);
    await pool.query('INSERT INTO event_log.partition (topic, part) SELECT $1, generate_series(0, $2::int - 1)', [
      name,
      parts,
    ]);
  };
  const close = async () => {
    await pool.end();
    await database.drop();
  };
  const sql: Sql = {
    query: async <Row extends object>(text: string, values: readonly unknown[] = []) =>
      (await pool.query<Row>(text, [...values])).rows,
  };
  const transaction = async <T>(run: (tx: Sql) => Promise<T>): Promise<T> => {
    const connection = await pool.connect();
    try {
      await connection.query('BEGIN');
      const result = await run({
        query: async <Row extends object>(text: string, values: readonly unknown[] = []) =>
          (await connection.query<Row>(text, [...values])).rows,
      });
      await connection.query('COMMIT');
      return result;
    } catch (error) {
      await connection.query('ROLLBACK');
      throw error;
    } finally {
      connection.release();
    }
  };
  return { url: database.url, pool, topic, close, sql, transaction };
}
