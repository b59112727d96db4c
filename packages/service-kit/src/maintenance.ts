import { setTimeout as delay } from 'node:timers/promises';
import type { EventLog } from '@fenxiao/messaging/event-log';
import type { KafkaPublisher } from '@fenxiao/messaging/kafka-publisher';
import type { Sql } from '@fenxiao/messaging/sql';
import { Gauge } from 'prom-client';
import { system } from './actor.js';
import { extendChain } from './audit.js';
import type { Transactions } from './work.js';

interface Options {
  readonly transactions: Transactions;
  readonly sql: Sql;
  readonly eventLog: EventLog;
  readonly publisher: KafkaPublisher | undefined;
  readonly keepDays: number;
  readonly onTrouble: (error: unknown) => void;
}

export interface EventStatus {
  /** events that others can't read yet: still in the outbox, or not published; and the age of the oldest in the outbox in seconds */
  readonly outbox: number;
  readonly outboxSeconds: number;
  /** records of the topics consumed here that are not applied yet, in all and by partition */
  readonly behind: number;
  readonly lags: readonly { readonly topic: string; readonly part: number; readonly lag: number }[];
}

/** Housekeeping beside the requests: the audit chain, the log's days, old keys, the gauges of lag. */
export class Maintenance {
  readonly #closing = new AbortController();
  #loops: Promise<unknown> | undefined;
  /** topics this service has handlers for; set when its consumer starts */
  consumes: readonly string[] = [];

  constructor(private readonly options: Options) {}

  start(): void {
    const second = 1000;
    this.#loops ??= Promise.all([
      this.#every(second, () => this.chain()),
      this.#every(5 * second, () => this.#measure()),
      this.#every(3600 * second, () => this.#tidy()),
    ]);
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#loops;
  }

  /** Links all audit rows there are. */
  async chain(): Promise<void> {
    while ((await this.options.transactions.run(system, (work) => extendChain(work))) > 0);
  }

  async #tidy(): Promise<void> {
    const { sql, keepDays, publisher } = this.options;
    await sql.query('SELECT event_log.ensure_days()');
    await sql.query('SELECT event_log.drop_days($1, $2)', [keepDays, publisher !== undefined]);
    await sql.query(`DELETE FROM idempotency WHERE at < now() - interval '7 days'`);
  }

  /** How far behind this service is: rows not yet in the log, and records in the log not yet applied here. */
  async status(): Promise<EventStatus> {
    const { sql, eventLog, publisher } = this.options;
    const [outbox] = await sql.query<{ rows: string; oldest: number | null }>(
      'SELECT count(*) AS rows, extract(epoch FROM clock_timestamp() - min(at))::float8 AS oldest FROM outbox',
    );
    // Asked after the outbox: what leaves the one meanwhile is counted in the other.
    const unpublished = (await publisher?.left()) ?? 0;
    unpublishedEvents.set(unpublished);
    const marks = await sql.query<{ topic: string; part: number; off: string }>('SELECT topic, part, off FROM mark');
    const markOf = new Map(marks.map(({ topic, part, off }) => [`${topic}/${part}`, BigInt(off)]));
    const ends = await eventLog.ends(this.consumes);
    const lags = ends.map(({ topic, part, next }) => ({
      topic,
      part,
      lag: Number(next - 1n - (markOf.get(`${topic}/${part}`) ?? 0n)),
    }));
    return {
      outbox: Number(outbox!.rows) + unpublished,
      outboxSeconds: outbox!.oldest ?? 0,
      behind: lags.reduce((sum, { lag: n }) => sum + n, 0),
      lags,
    };
  }

  async #measure(): Promise<void> {
    const { outboxSeconds, lags } = await this.status();
    outboxAge.set(outboxSeconds);
    for (const { topic, part, lag: behind } of lags) lag.set({ topic, partition: String(part) }, behind);
  }

  async #every(ms: number, task: () => Promise<void>): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      await task().catch(this.options.onTrouble);
      await delay(ms, undefined, { signal }).catch(() => {});
    }
  }
}

const outboxAge = new Gauge({ name: 'outbox_age_seconds', help: 'Age of the oldest row still in the outbox' });
const lag = new Gauge({
  name: 'event_log_lag',
  help: 'Records appended and not yet applied here',
  labelNames: ['topic', 'partition'],
});
const unpublishedEvents = new Gauge({
  name: 'event_log_unpublished',
  help: 'Records of the log that are not in Kafka yet; 0 where there is none',
});
