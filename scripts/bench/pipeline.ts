/**
 * `npm run bench:pipeline`: how fast facts get from a transaction to the dashboards, in one run, on a durable PostgreSQL
 * and a ClickHouse that syncs; with the log in PostgreSQL, then in Kafka. `--events N` (default 300,000), `--seconds S` of
 * each rate (default 20), `--logs postgres,kafka`.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { startPostgres } from '@fenxiao/embedded/postgres';
import type { LogRecord } from '@fenxiao/messaging/event-log';
import { KafkaEventLog } from '@fenxiao/messaging/kafka-log';
import { KafkaPublisher } from '@fenxiao/messaging/kafka-publisher';
import { createTopics, kafkaClient, kafkaTopics } from '@fenxiao/messaging/kafka-topics';
import { writeOutbox, type OutboxRow } from '@fenxiao/messaging/outbox';
import { Sequencer } from '@fenxiao/messaging/sequencer';
import { kafkaAtHand, startKafka } from '@fenxiao/testing/kafka';
import { until } from '@fenxiao/testing/wait';
import { Pool } from 'pg';
import { analyticsConfig } from '../../services/analytics/src/config.js';
import { lineOf } from '../../services/analytics/src/line.js';
import { insertSettings } from '../../services/analytics/src/store.js';
import { anOrder } from '../../services/analytics/test/orders.js';
import { environmentOf, startLog, startStore } from '../../services/analytics/test/stack.js';
import { during, percentiles, perMillion, say, sayMachine, thousands } from './measuring.ts';

const { values } = parseArgs({
  options: {
    events: { type: 'string', default: '300000' },
    seconds: { type: 'string', default: '20' },
    logs: { type: 'string', default: 'postgres,kafka' },
  },
});
const count = Number(values.events);
/** Programs and plans are warm after these. */
const WARM = 20_000;
const TOPIC = 'fenxiao.orders';
const blockRows = analyticsConfig.shape.SINK_BATCH_ROWS.parse(undefined);

const folder = await mkdtemp(join(tmpdir(), 'fenxiao-bench-'));
const postgres = await startPostgres({ folder: join(folder, 'postgres'), superPassword: 'bench' });
process.env['TEST_POSTGRES_URL'] = postgres.superuserUrl;
const store = await startStore({ fsync: true });
let floor: number | undefined;
try {
  sayMachine();
  for (const kind of values.logs.split(',')) {
    if (kind === 'kafka' && !(await kafkaAtHand())) continue;
    process.stdout.write(`\nthe log in ${kind === 'kafka' ? 'Kafka' : 'PostgreSQL'}\n`);
    await measure(kind);
    await store.empty();
  }
} finally {
  await store.close();
  await postgres.stop();
  await rm(folder, { recursive: true, force: true });
}

/** One log from end to end, in a database of its own. */
async function measure(kind: string): Promise<void> {
  const log = await startLog();
  const own = new Pool({ connectionString: log.url, max: 10, options: '-c search_path=analytics,public' });
  const sql = {
    query: async (text: string, given: readonly unknown[] = []) => (await own.query(text, [...given])).rows as never,
  };
  const sequencer = new Sequencer(own, 'analytics');
  const kafka = kind === 'kafka' ? await startKafka({ folder: join(folder, 'kafka') }) : undefined;
  const to = kafka && new KafkaEventLog(kafkaClient('bench', { brokers: [kafka.broker] }), createOurs);
  /** A publisher that has been closed is not started again. */
  const newPublisher = () =>
    to && new KafkaPublisher({ url: log.url, sql, to, service: 'bench', topics: [TOPIC], onTrouble: complain });
  const [publisher, carrier] = [newPublisher(), newPublisher()];
  // Before anybody reads them: those who find no topic look for it again half a minute later.
  await to?.ready();
  const sink = spawnSink(log.url, kafka?.broker);
  const processes = {
    postgres: postgres.pid,
    ...(kafka ? { kafka: kafka.pid } : {}),
    'sequencer and publisher': process.pid,
    sink: sink.pid!,
    clickhouse: store.pid(),
  };
  const stored = async () => {
    const { rows } = await log.pool.query<{ n: string }>('SELECT coalesce(sum(applied), 0) AS n FROM sink_mark');
    return Number(rows[0]!.n);
  };
  const storedAll = (all: number) => until('the store to have all', async () => (await stored()) >= all, 900_000);
  try {
    await toOutbox(lives(WARM));
    await sequencer.drain();
    await publisher?.start();
    await storedAll(WARM);
    await publisher?.close();

    // The reader stands still while its backlog is made.
    sink.kill('SIGSTOP');
    await toOutbox(lives(count));
    await own.query('VACUUM ANALYZE outbox');
    const drained = await during(processes, () => sequencer.drain());
    if (!kafka) {
      say('outbox → log', `${thousands(count / drained.seconds)} events/s`);
      say('  CPU seconds per million', perMillion(drained.cpu, count));
    }
    if (carrier) {
      const carried = await during(processes, async () => {
        await carrier.start();
        await until('Kafka to have all', async () => (await carrier.left()) === 0, 600_000);
      });
      say('log in PostgreSQL → Kafka', `${thousands(count / carried.seconds)} events/s`);
      say('  CPU seconds per million', perMillion(carried.cpu, count));
    }
    floor ??= await engineAlone(await logged());
    await store.empty();
    sink.kill('SIGCONT');
    const { seconds, cpu } = await during(processes, () => storedAll(WARM + count));
    const rate = count / seconds;
    say('log → ClickHouse', `${thousands(rate)} rows/s, ${(rate / floor).toFixed(2)} of the engine alone`);
    say('  CPU seconds per million', perMillion(cpu, count));

    sequencer.start(complain);
    for (const rate of [100, 1000]) await latency(rate, Number(values.seconds));
    await carrier?.close();
  } finally {
    sink.kill('SIGCONT');
    sink.kill();
    await once(sink, 'exit');
    await sequencer.close();
    await to?.close();
    await kafka?.stop();
    await own.end();
    await log.close();
  }

  async function toOutbox(events: readonly OutboxRow[]): Promise<void> {
    for (let i = 0; i < events.length; i += 5000) await writeOutbox(sql, events.slice(i, i + 5000));
  }

  async function logged(): Promise<LogRecord[]> {
    const { rows } = await log.pool.query<Omit<LogRecord, 'off'> & { off: string }>(
      'SELECT topic, part, off, key, headers, value FROM event_log.record ORDER BY topic, part, off',
    );
    return rows.map((row) => ({ ...row, off: BigInt(row.off) })).slice(-count);
  }

  /** Every event in a transaction of its own, as decisions come; then when each could be queried. */
  async function latency(rate: number, seconds: number): Promise<void> {
    const rows = lives(rate * seconds);
    const { rows: ends } = await log.pool.query<{ part: number; next: string }>(
      'SELECT part, next FROM event_log.partition WHERE topic = $1',
      [TOPIC],
    );
    const base = new Map(ends.map(({ part, next }) => [part, BigInt(next) - 1n]));
    const committed = new Map<string, number>();
    const watch = watching(base);
    const { cpu } = await during(processes, async () => {
      const started = performance.now();
      const writes: Promise<void>[] = [];
      for (let sent = 0; sent < rows.length;) {
        const due = Math.min(rows.length, Math.ceil(((performance.now() - started) / 1000) * rate));
        for (; sent < due; sent++) writes.push(write(rows[sent]!));
        await delay(5);
      }
      await Promise.all(writes);
    });
    await until('the outbox to be empty', async () => (await own.query('SELECT FROM outbox LIMIT 1')).rowCount === 0);
    const { rows: records } = await log.pool.query<{ part: number; off: string; id: string }>(
      `SELECT part, off, headers::json->>'id' AS id FROM event_log.record r
       JOIN unnest($2::int[], $3::bigint[]) b(part, base) USING (part) WHERE topic = $1 AND off > base`,
      [TOPIC, [...base.keys()], [...base.values()]],
    );
    const seen = await watch.end(records.length);
    const waits = records.map(({ part, off, id }) => {
      const at = seen.find(({ ends: end }) => end.get(part)! >= BigInt(off))!.at;
      return at - committed.get(id)!;
    });
    say(`commit → queryable at ${thousands(rate)} events/s`, percentiles(waits));
    const cores = Object.entries(cpu).map(([name, used]) => `${name} ${(used / seconds).toFixed(2)}`);
    say('  CPU cores', cores.join(', '));

    async function write(row: OutboxRow): Promise<void> {
      await writeOutbox(sql, [row]);
      committed.set((JSON.parse(row.headers) as { id: string }).id, performance.now());
      sequencer.poke();
    }
  }
}

/** Asks 20 times a second how far each partition can be queried: what it finds is late by up to that, and costs little. */
function watching(base: ReadonlyMap<number, bigint>) {
  const seen: { at: number; ends: Map<number, bigint> }[] = [];
  let wanted = Infinity;
  const watch = async () => {
    const ends = new Map(base);
    for (let found = 0n; found < wanted;) {
      await delay(50);
      const after = [...ends].map(([part, end]) => `partition = ${part} AND offset > ${end}`).join(' OR ');
      const rows = await store.query<{ partition: number; end: string }>(
        `SELECT partition, max(offset) AS end FROM raw_events WHERE topic = '${TOPIC}' AND (${after}) GROUP BY partition`,
      );
      for (const { partition, end } of rows) {
        found += BigInt(end) - ends.get(partition)!;
        ends.set(partition, BigInt(end));
      }
      if (rows.length > 0) seen.push({ at: performance.now(), ends: new Map(ends) });
    }
    return seen;
  };
  const done = watch();
  return {
    /** Goes on until this many have been seen. */
    end: (all: number) => {
      wanted = all;
      return done;
    },
  };
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

/** The baseline: the same bytes in blocks of the same size, sent to the same tables with nothing of ours between. */
async function engineAlone(records: readonly LogRecord[]): Promise<number> {
  const size = records.reduce((sum, { headers, value }) => sum + headers.length + value.length, 0);
  say('events', `${thousands(records.length)} of ${Math.round(size / records.length)} bytes, five lines an order`);
  let next = 0;
  const work = async () => {
    while (next < records.length) {
      const at = next;
      next += blockRows;
      await insert(records.slice(at, at + blockRows).map(lineOf), `bench-${at}`);
    }
  };
  const { seconds, cpu } = await during({ clickhouse: store.pid() }, () => Promise.all([work(), work()]));
  const rate = records.length / seconds;
  say('baseline: the engine alone, same bytes', `${thousands(rate)} rows/s`);
  say('  CPU seconds per million', perMillion(cpu, records.length));
  return rate;
}

async function insert(lines: readonly string[], token: string): Promise<void> {
  const query = new URLSearchParams({
    query: 'INSERT INTO fenxiao.ingest (topic, partition, offset, headers, data) FORMAT TabSeparatedRaw',
    ...Object.fromEntries(Object.entries(insertSettings(token)).map(([name, value]) => [name, String(value)])),
  });
  const authorization = `Basic ${Buffer.from(`${store.username}:${store.password}`).toString('base64')}`;
  const answer = await fetch(`${store.url}/?${query}`, {
    method: 'POST',
    headers: { authorization },
    body: lines.join(''),
  });
  if (!answer.ok) throw new Error(await answer.text());
}

/** The analytics service as it runs, from its build, and as it is set by default. */
function spawnSink(url: string, broker: string | undefined) {
  const program = fileURLToPath(new URL('../../services/analytics/dist/main.js', import.meta.url));
  const { SINK_INTERVAL_MS: _, ...environment } = environmentOf(store);
  return spawn(process.execPath, [program], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: {
      ...process.env,
      ...environment,
      ...(broker ? { EVENT_LOG: 'kafka', KAFKA_BROKERS: broker } : {}),
      DATABASE_URL: url,
      OIDC_ISSUER: 'http://127.0.0.1:1',
      LOG_LEVEL: 'error',
      DATABASE_POOL: '4',
    },
  });
}

function createOurs(admin: Parameters<typeof createTopics>[0]): Promise<void> {
  return createTopics(admin, kafkaTopics('bench'), 30);
}

function complain(error: unknown): void {
  process.stderr.write(`${error instanceof Error ? error.message : JSON.stringify(error)}\n`);
}
