/**
 * `npm run bench:pipeline`: how fast facts get from a transaction to the dashboards, in one run, on a durable PostgreSQL
 * and a ClickHouse that syncs. `--events N` (default 120,000), `--seconds S` of each rate (default 20).
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { startPostgres } from '@fenxiao/embedded/postgres';
import type { LogRecord } from '@fenxiao/messaging/event-log';
import { writeOutbox, type OutboxRow } from '@fenxiao/messaging/outbox';
import { Sequencer } from '@fenxiao/messaging/sequencer';
import { until } from '@fenxiao/testing/wait';
import { Pool } from 'pg';
import { lineOf } from '../../services/analytics/src/line.js';
import { insertSettings } from '../../services/analytics/src/store.js';
import { anOrder } from '../../services/analytics/test/orders.js';
import { environmentOf, startLog, startStore, type Log, type Store } from '../../services/analytics/test/stack.js';
import { during, percentiles, perMillion, say, sayMachine, thousands } from './measuring.ts';

const { values } = parseArgs({
  options: { events: { type: 'string', default: '120000' }, seconds: { type: 'string', default: '20' } },
});
const count = Number(values.events);
const folder = await mkdtemp(join(tmpdir(), 'fenxiao-bench-'));
const postgres = await startPostgres({ folder: join(folder, 'postgres'), superPassword: 'bench' });
process.env['TEST_POSTGRES_URL'] = postgres.superuserUrl;
const store = await startStore({ fsync: true });
const log = await startLog();
const own = new Pool({ connectionString: log.url, max: 10, options: '-c search_path=analytics,public' });
const sequencer = new Sequencer(own, 'analytics');
const sql = {
  query: async (text: string, given: readonly unknown[] = []) => (await own.query(text, [...given])).rows as never,
};
try {
  sayMachine();
  const events = lives(count);
  await toLog(events);
  const records = await logged();
  say(
    'events',
    `${thousands(records.length)} of ${Math.round(bytes(records) / records.length)} bytes, five lines an order`,
  );
  const floor = await engineAlone(records);
  await store.empty();
  const sink = spawnSink(log, store);
  try {
    await toStore(records.length, floor, sink.pid!);
    for (const rate of [100, 1000]) await latency(rate, Number(values.seconds), sink.pid!);
  } finally {
    sink.kill();
    await once(sink, 'exit');
  }
} finally {
  await sequencer.close();
  await own.end();
  await log.close();
  await store.close();
  await postgres.stop();
  await rm(folder, { recursive: true, force: true });
}

/** Whole lives of orders: what a working organisation writes. */
function lives(wanted: number): OutboxRow[] {
  const rows: OutboxRow[] = [];
  const lines = [1, 2, 3, 4, 5].map((n) => ({ net: n * 100_01 }));
  for (let i = 0; rows.length < wanted; i++) {
    const day = new Date(Date.UTC(2026, 0, 1 + (i % 300))).toISOString().slice(0, 10);
    const order = anOrder({ lines, orderedOn: day });
    rows.push(
      order.created(),
      order.submitted(),
      order.confirmed(),
      order.dispatched(),
      order.invoiced(),
      order.delivered(true),
    );
  }
  return rows.slice(0, wanted);
}

async function toLog(events: readonly OutboxRow[]): Promise<void> {
  for (let i = 0; i < events.length; i += 5000) await writeOutbox(sql, events.slice(i, i + 5000));
  await own.query('VACUUM ANALYZE outbox');
  const { seconds, cpu } = await during({ postgres: postgres.pid, sequencer: process.pid }, () => sequencer.drain());
  say('outbox → log', `${thousands(events.length / seconds)} events/s`);
  say('  CPU seconds per million', perMillion(cpu, events.length));
}

async function logged(): Promise<LogRecord[]> {
  const { rows } = await log.pool.query<Omit<LogRecord, 'off'> & { off: string }>(
    'SELECT topic, part, off, key, headers, value FROM event_log.record ORDER BY topic, part, off',
  );
  return rows.map((row) => ({ ...row, off: BigInt(row.off) }));
}

function bytes(records: readonly LogRecord[]): number {
  return records.reduce((sum, { headers, value }) => sum + headers.length + value.length, 0);
}

/** The baseline: the same bytes in blocks of the same size, sent to the same tables with nothing of ours between. */
async function engineAlone(records: readonly LogRecord[]): Promise<number> {
  const blocks: Buffer[] = [];
  for (let i = 0; i < records.length; i += 20_000)
    blocks.push(
      Buffer.from(
        records
          .slice(i, i + 20_000)
          .map(lineOf)
          .join(''),
      ),
    );
  const insert = async (block: Buffer, i: number) => {
    const query = new URLSearchParams({
      query: 'INSERT INTO fenxiao.ingest (topic, partition, offset, headers, data) FORMAT TabSeparatedRaw',
      ...Object.fromEntries(Object.entries(insertSettings(`bench-${i}`)).map(([name, value]) => [name, String(value)])),
    });
    const authorization = `Basic ${Buffer.from(`${store.username}:${store.password}`).toString('base64')}`;
    const answer = await fetch(`${store.url}/?${query}`, {
      method: 'POST',
      headers: { authorization },
      body: new Uint8Array(block),
    });
    if (!answer.ok) throw new Error(await answer.text());
  };
  const { seconds, cpu } = await during({ clickhouse: store.pid() }, async () => {
    let next = 0;
    const work = async () => {
      while (next < blocks.length) {
        const i = next++;
        await insert(blocks[i]!, i);
      }
    };
    await Promise.all([work(), work()]);
  });
  const rate = records.length / seconds;
  say('baseline: the engine alone, same bytes', `${thousands(rate)} rows/s`);
  say('  CPU seconds per million', perMillion(cpu, records.length));
  return rate;
}

/** The analytics service as it runs, from its build. */
function spawnSink({ url }: Log, given: Store) {
  const program = fileURLToPath(new URL('../../services/analytics/dist/main.js', import.meta.url));
  return spawn(process.execPath, [program], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: {
      ...process.env,
      ...environmentOf(given),
      SINK_LINGER_MS: '200',
      DATABASE_URL: url,
      OIDC_ISSUER: 'http://127.0.0.1:1',
      LOG_LEVEL: 'error',
      DATABASE_POOL: '4',
    },
  });
}

async function toStore(total: number, floor: number, pid: number): Promise<void> {
  const applied = async () => {
    const { rows } = await log.pool.query<{ n: string }>('SELECT coalesce(sum(applied), 0) AS n FROM sink_mark');
    return Number(rows[0]!.n);
  };
  const first = await until('the first batch', applied, 60_000);
  const { seconds, cpu } = await during({ postgres: postgres.pid, sink: pid, clickhouse: store.pid() }, () =>
    until('the store to have all', async () => (await applied()) >= total, 600_000),
  );
  const rate = (total - first) / seconds;
  say('log → ClickHouse', `${thousands(rate)} rows/s, ${(rate / floor).toFixed(2)} of the engine alone`);
  say('  CPU seconds per million', perMillion(cpu, total - first));
}

/** Every event in a transaction of its own, as decisions come; then when each could be queried. */
async function latency(rate: number, seconds: number, pid: number): Promise<void> {
  const rows = lives(rate * seconds);
  const { rows: ends } = await log.pool.query<{ part: number; next: string }>(
    `SELECT part, next FROM event_log.partition WHERE topic = 'fenxiao.orders'`,
  );
  const base = new Map(ends.map(({ part, next }) => [part, BigInt(next) - 1n]));
  const from = [...base.values()].reduce((least, off) => (off < least ? off : least));
  const committed = new Map<string, number>();
  const seen: { at: number; ends: Map<number, bigint> }[] = [];
  let watching = true;
  const watch = async () => {
    while (watching) {
      const found = await store.query<{ partition: number; end: string }>(
        `SELECT partition, max(offset) AS end FROM raw_events WHERE topic = 'fenxiao.orders' AND offset > ${from} GROUP BY partition`,
      );
      seen.push({ at: performance.now(), ends: new Map(found.map(({ partition, end }) => [partition, BigInt(end)])) });
      await new Promise((resolve) => setTimeout(resolve, 15));
    }
  };
  sequencer.start((error) => process.stderr.write(`${String(error)}\n`));
  const watched = watch();
  const { cpu } = await during({ postgres: postgres.pid, sink: pid, clickhouse: store.pid() }, async () => {
    const started = performance.now();
    const writes: Promise<void>[] = [];
    for (let sent = 0; sent < rows.length;) {
      const due = Math.min(rows.length, Math.ceil(((performance.now() - started) / 1000) * rate));
      for (; sent < due; sent++) writes.push(write(rows[sent]!, committed));
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    await Promise.all(writes);
  });
  const { rows: all } = await until('the log to have all', async () => {
    const found = await log.pool.query<{ part: number; off: string; id: string }>(
      `SELECT part, off, headers::json->>'id' AS id FROM event_log.record WHERE topic = 'fenxiao.orders' AND off > $1`,
      [from],
    );
    return found.rows.filter(({ part, off }) => BigInt(off) > base.get(part)!).length >= rows.length && found;
  });
  const records = all.filter(({ part, off }) => BigInt(off) > base.get(part)!);
  await until('the store to have all', () =>
    Promise.resolve(records.every(({ part, off }) => (seen.at(-1)?.ends.get(part) ?? 0n) >= BigInt(off))),
  );
  watching = false;
  await watched;
  const waits = records.map(({ part, off, id }) => {
    const at = seen.find(({ ends: end }) => (end.get(part) ?? 0n) >= BigInt(off))!.at;
    return at - committed.get(id)!;
  });
  say(`commit → queryable at ${thousands(rate)} events/s`, percentiles(waits));
  const cores = Object.entries(cpu).map(([name, used]) => `${name} ${(used / seconds).toFixed(2)}`);
  say('  CPU cores', cores.join(', '));
}

async function write(row: OutboxRow, committed: Map<string, number>): Promise<void> {
  await writeOutbox(sql, [row]);
  committed.set((JSON.parse(row.headers) as { id: string }).id, performance.now());
  sequencer.poke();
}
