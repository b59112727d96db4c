import { parseArgs } from 'node:util';
import type { ClickHouseClient } from '@clickhouse/client';
import type { EventLog } from '@fenxiao/messaging/event-log';
import { readConfig } from '@fenxiao/service-kit/config';
import { openEventLog } from '@fenxiao/service-kit/event-log';
import { z } from 'zod';
import { migrateClickHouse, renderAll } from './clickhouse-schema.js';
import { analyticsConfig } from './config.js';
import { ledgerPool } from './definition.js';
import { Ledger } from './ledger.js';
import { replayAll } from './rebuild.js';
import { holds } from './reconcile.js';
import { Reconciler, reconciliationToken } from './reconciler.js';
import { connect, rows } from './store.js';

/** What operators run by hand. */

const storeConfig = analyticsConfig
  .pick({ CLICKHOUSE_URL: true, CLICKHOUSE_USER: true, CLICKHOUSE_PASSWORD: true, TIME_ZONE: true })
  .extend({
    /** the DDL is run on this cluster (one shard, any number of replicas) */
    CLICKHOUSE_CLUSTER: z.string().min(1).optional(),
  });

const say = (line: string) => process.stdout.write(`${line}\n`);

const migrationConfig = storeConfig.extend({
  /** who may change the schema; else the service itself */
  MIGRATION_DATABASE_URL: z.url().optional(),
  DATABASE_URL: z.url().optional(),
});

/** Brings ClickHouse up to date. What new views make of messages is made of those of before as well, also after a failure. */
export async function migrateStore(env: NodeJS.ProcessEnv = process.env): Promise<void> {
  const config = readConfig(migrationConfig, env);
  const store = { url: config.CLICKHOUSE_URL, username: config.CLICKHOUSE_USER, password: config.CLICKHOUSE_PASSWORD };
  const done = await migrateClickHouse(store, { timeZone: config.TIME_ZONE, cluster: config.CLICKHOUSE_CLUSTER });
  say(done.length === 0 ? 'analytics: ClickHouse up to date' : `analytics: ClickHouse applied ${done.join(', ')}`);
  const client = connect(store, 3_600_000);
  try {
    const [now] = await rows<{ last: string; replayed: number; messages: number }>(
      client,
      `SELECT max(name) AS last, last IN (SELECT name FROM replayed) AS replayed, (SELECT count() > 0 FROM raw_events) AS messages FROM migration`,
    );
    if (now!.replayed) return;
    if (now!.messages) await replayOnce(client, config.MIGRATION_DATABASE_URL ?? config.DATABASE_URL!);
    await client.insert({ table: 'replayed', values: [{ name: now!.last }], format: 'JSONEachRow' });
  } finally {
    await client.close();
  }
}

async function replayOnce(client: ClickHouseClient, databaseUrl: string): Promise<void> {
  const pool = ledgerPool(databaseUrl);
  try {
    const records = await replayAll(client, new Ledger(pool));
    say(`analytics: ${records} records replayed for the new views`);
  } finally {
    await pool.end();
  }
}

/** Prints the DDL for a cluster. */
export async function render(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: { cluster: { type: 'string' }, 'time-zone': { type: 'string', default: 'Asia/Shanghai' } },
  });
  say(await renderAll({ timeZone: values['time-zone'], cluster: values.cluster }));
}

/** Makes all facts anew from raw_events; sinks that run wait meanwhile. */
export async function replay(): Promise<void> {
  await withStore(async ({ client, ledger }) => {
    const started = Date.now();
    const records = await replayAll(client, ledger, (topic, part, off) => say(`${topic}/${part} up to ${off}`));
    say(`analytics: ${records} records replayed in ${((Date.now() - started) / 1000).toFixed(1)} s`);
  });
}

/** Compares the store with the log and the services; ends with 1 when something differs. */
export async function reconcile(args: string[]): Promise<void> {
  const { values } = parseArgs({ args, options: { days: { type: 'string' } } });
  await withStore(async ({ config, client, ledger, pool, log }) => {
    const reconciler = new Reconciler({
      client,
      log,
      ledger,
      pool,
      timeZone: config.TIME_ZONE,
      days: Number(values.days ?? config.RECONCILE_DAYS),
      with: config.RECONCILE_WITH,
      token: reconciliationToken(config),
      now: () => new Date(),
    });
    const found = await reconciler.run();
    for (const row of found)
      say(
        `${holds(row) ? 'holds  ' : 'DIFFERS'} ${row.check} ${[row.topic, row.basis, row.day].filter(Boolean).join(' ')}: ${row.expected} expected, ${row.actual} found`,
      );
    if (!found.every(holds)) process.exitCode = 1;
  });
}

type Connections = {
  config: z.infer<typeof analyticsConfig>;
  client: ReturnType<typeof connect>;
  ledger: Ledger;
  pool: ReturnType<typeof ledgerPool>;
  log: EventLog;
};

async function withStore(work: (connections: Connections) => Promise<void>): Promise<void> {
  const config = readConfig(analyticsConfig, process.env);
  const client = connect(
    { url: config.CLICKHOUSE_URL, username: config.CLICKHOUSE_USER, password: config.CLICKHOUSE_PASSWORD },
    3_600_000,
  );
  const pool = ledgerPool(config.DATABASE_URL);
  const log = openEventLog('analytics', config);
  try {
    await work({ config, client, ledger: new Ledger(pool), pool, log });
  } finally {
    await Promise.all([client.close(), pool.end(), log.close()]);
  }
}
