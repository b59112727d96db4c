import type { ClickHouseClient } from '@clickhouse/client';
import type { EventContract, FactData, Meta } from '@fenxiao/contracts/event';
import { partitionsOf, topics } from '@fenxiao/contracts/topics';
import { outboxRow, type OutboxRow } from '@fenxiao/messaging/outbox';
import { PostgresEventLog } from '@fenxiao/messaging/postgres-log';
import { migrateService } from '@fenxiao/service-kit/migrate';
import { startClickHouse, type TestClickHouse } from '@fenxiao/testing/clickhouse';
import { createDatabase } from '@fenxiao/testing/database';
import { until } from '@fenxiao/testing/wait';
import type { Pool } from 'pg';
import { migrateClickHouse } from '../src/clickhouse-schema.js';
import { ledgerPool, migrations } from '../src/definition.js';
import { Ledger } from '../src/ledger.js';
import { Sink, type SinkOptions } from '../src/sink.js';
import { connect, rows } from '../src/store.js';

/** A real ClickHouse of a spec file's own, with our tables. */
export async function startStore(options: { fsync?: boolean } = {}): Promise<Store> {
  const running = await startClickHouse(options);
  const address = { url: running.url, username: 'analytics', password: 'analytics' };
  await migrateClickHouse(address, { timeZone: 'Asia/Shanghai' });
  const client = connect(address);
  const tables = await rows<{ name: string }>(
    client,
    `SELECT name FROM system.tables WHERE database = 'fenxiao' AND engine LIKE '%MergeTree' AND name != 'migration'`,
  );
  return {
    ...running,
    ...address,
    client,
    query: (sql, parameters) => rows(client, sql, parameters),
    one: async (sql, parameters) => {
      const [row] = await rows<Record<string, never>>(client, sql, parameters);
      return Object.values(row ?? {})[0] as unknown as string;
    },
    empty: async () => {
      for (const { name } of tables) await client.command({ query: `TRUNCATE TABLE ${name}` });
    },
    close: async () => {
      await client.close();
      await running.close();
    },
  };
}

/** What a service over this store is told. */
export const environmentOf = ({ url, username, password }: Store) => ({
  CLICKHOUSE_URL: url,
  CLICKHOUSE_USER: username,
  CLICKHOUSE_PASSWORD: password,
  CLICKHOUSE_VIEWER_USER: 'viewer',
  CLICKHOUSE_VIEWER_PASSWORD: 'viewer',
  SINK_INTERVAL_MS: '10',
  RECONCILE_EVERY_SECONDS: '0',
});

export interface Store extends TestClickHouse {
  readonly username: string;
  readonly password: string;
  readonly client: ClickHouseClient;
  query<Row = Record<string, string>>(sql: string, parameters?: Record<string, unknown>): Promise<Row[]>;
  /** the one value of the one row */
  one(sql: string, parameters?: Record<string, unknown>): Promise<string>;
  /** empties every table */
  empty(): Promise<void>;
}

/** A PostgreSQL database with the event log and the ledger. */
export async function startLog(): Promise<Log> {
  const database = await createDatabase();
  await migrateService(database.url, 'analytics', migrations);
  const pool = ledgerPool(database.url);
  const declare = async (topic: string) => {
    await pool.query(
      'INSERT INTO event_log.topic (name, parts, writer) VALUES ($1, $2, session_user) ON CONFLICT DO NOTHING',
      [topic, partitionsOf(topic)],
    );
    await pool.query(
      'INSERT INTO event_log.partition (topic, part) SELECT $1, generate_series(0, $2::int - 1) ON CONFLICT DO NOTHING',
      [topic, partitionsOf(topic)],
    );
  };
  for (const topic of Object.keys(topics)) await declare(topic);
  const append = async (given: readonly OutboxRow[]) => {
    for (const [topic, list] of Map.groupBy(given, (row) => row.topic))
      await pool.query('SELECT event_log.append($1, $2, $3, $4, $5)', [
        topic,
        list.map(({ part }) => part),
        list.map(({ key }) => key),
        list.map(({ headers }) => headers),
        list.map(({ value }) => value),
      ]);
  };
  return {
    url: database.url,
    pool,
    ledger: new Ledger(pool),
    declare,
    append,
    close: async () => {
      await pool.end();
      await database.drop();
    },
  };
}

export interface Log {
  readonly url: string;
  readonly pool: Pool;
  readonly ledger: Ledger;
  declare(topic: string): Promise<void>;
  append(rows: readonly OutboxRow[]): Promise<void>;
  close(): Promise<void>;
}

export interface RunningSink {
  readonly sink: Sink;
  readonly troubles: unknown[];
  close(): Promise<void>;
}

/** A sink with an event log of its own, as a process would have. */
export async function startSink(log: Log, store: Store, options: Partial<SinkOptions> = {}): Promise<RunningSink> {
  const eventLog = new PostgresEventLog(log.url);
  const troubles: unknown[] = [];
  const sink = new Sink({
    log: eventLog,
    ledger: log.ledger,
    client: store.client,
    intervalMs: 20,
    batchRows: 2e4,
    insertWithin: 0,
    onTrouble: ({ error }) => troubles.push(error),
    ...options,
  });
  await sink.start();
  let closed: Promise<void> | undefined;
  return { sink, troubles, close: () => (closed ??= sink.close().then(() => eventLog.close())) };
}

/** Waits until the sink has ticked off all that is in the log. */
export const settled = (log: Log): Promise<true> =>
  until(
    'the sink to catch up',
    async () => {
      const { rowCount } = await log.pool.query(
        `SELECT FROM event_log.partition p LEFT JOIN sink_mark m USING (topic, part) WHERE p.next - 1 > coalesce(m.applied, 0) LIMIT 1`,
      );
      return rowCount === 0;
    },
    60_000,
  );

/** An event as a row of the log. */
export function anEvent<C extends EventContract>(
  contract: C,
  subject: string,
  data: FactData<C>,
  { sequence = 1, time = '2026-03-05T02:00:00Z', ...meta }: { sequence?: number; time?: string } & Partial<Meta> = {},
): OutboxRow {
  const full: Meta = { actor: 'system', role: 'system', rule: 'O-01', ...meta };
  return outboxRow({ contract, subject, sequence, time: new Date(time), meta: full, data });
}
