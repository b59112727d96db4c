import { setTimeout as delay } from 'node:timers/promises';
import { newId } from '@fenxiao/domain/id';
import { Client, Pool } from 'pg';
import {
  BeyondRetention,
  HoleInLog,
  type EventLog,
  type LogRecord,
  type PartitionEnd,
  type Running,
  type Subscription,
} from './event-log.js';

/** How long a lease lives without renewal: a stalled member's partitions are taken over after this. */
const LEASE_SECONDS = 3;

/** Records of one partition that are handed over at once, if the subscription says nothing else. */
const BATCH = 500;

/** Between two readings that bring little, in milliseconds. */
const PAUSE_MS = 20;

/** The event log kept in PostgreSQL (schema `event_log`): what one machine needs, with no broker. */
export class PostgresEventLog implements EventLog {
  readonly #url: string;
  readonly #pool: Pool;
  readonly #running = new Set<Running>();

  constructor(url: string) {
    this.#url = url;
    // Plans made while a log table is empty stay bad for ever: an index does all of this.
    const options = '-c enable_seqscan=off -c enable_bitmapscan=off -c enable_sort=off';
    this.#pool = new Pool({ connectionString: url, max: 3, options, application_name: 'event-log' });
    this.#pool.on('error', () => {});
  }

  async subscribe(subscription: Subscription): Promise<Running> {
    const member = new Member(this.#pool, this.#url, subscription);
    const running: Running = {
      close: async () => {
        this.#running.delete(running);
        await member.close();
      },
    };
    await member.start();
    this.#running.add(running);
    return running;
  }

  async ends(topics: readonly string[]): Promise<readonly PartitionEnd[]> {
    const { rows } = await this.#pool.query<{ topic: string; part: number; first: string; next: string }>(
      'SELECT topic, part, first, next FROM event_log.partition WHERE topic = ANY($1) ORDER BY topic, part',
      [topics],
    );
    return rows.map(({ topic, part, first, next }) => ({ topic, part, first: BigInt(first), next: BigInt(next) }));
  }

  async close(): Promise<void> {
    await Promise.all([...this.#running].map((running) => running.close()));
    await this.#pool.end();
  }
}

interface Row extends Omit<LogRecord, 'off'> {
  readonly off: string;
  readonly day: string;
}

interface Position {
  readonly topic: string;
  readonly part: number;
  next: bigint;
  /** day of the last record read: earlier daily partitions need not be looked at */
  day: string;
  stopped: boolean;
  /** a batch is being applied */
  busy: boolean;
}

/** One member of a consumer group: holds leases, reads its partitions, hands batches over. */
class Member {
  readonly #pool: Pool;
  readonly #url: string;
  readonly #subscription: Subscription;
  readonly #owner = newId();
  readonly #closing = new AbortController();
  readonly #positions = new Map<string, Position>();
  #wake: () => void = () => {};
  #loops: Promise<unknown> = Promise.resolve();
  readonly #batches = new Set<Promise<void>>();

  constructor(pool: Pool, url: string, subscription: Subscription) {
    this.#pool = pool;
    this.#url = url;
    this.#subscription = subscription;
  }

  async start(): Promise<void> {
    const { group, topics } = this.#subscription;
    await this.#pool.query(
      `INSERT INTO event_log.lease (grp, topic, part) SELECT $1, topic, part FROM event_log.partition WHERE topic = ANY($2)
       ON CONFLICT DO NOTHING`,
      [group, topics],
    );
    await this.#balance();
    this.#loops = Promise.all([this.#keepLeases(), this.#listen(), this.#read()]);
  }

  async close(): Promise<void> {
    this.#closing.abort();
    this.#wake();
    await this.#loops;
    await Promise.all(this.#batches);
    await this.#pool.query(
      `UPDATE event_log.lease SET owner = NULL, until = '-infinity' WHERE grp = $1 AND owner = $2`,
      [this.#subscription.group, this.#owner],
    );
    await this.#pool.query('DELETE FROM event_log.member WHERE grp = $1 AND owner = $2', [
      this.#subscription.group,
      this.#owner,
    ]);
  }

  /** Renews what is held, gives up what is more than a fair share, takes what is free. */
  async #balance(): Promise<void> {
    const { group, topics, mark } = this.#subscription;
    const { rows } = await this.#pool.query<{ topic: string; part: number }>(balance, [
      group,
      this.#owner,
      topics,
      LEASE_SECONDS,
    ]);
    const held = new Set(rows.map(({ topic, part }) => `${topic}/${part}`));
    for (const name of this.#positions.keys()) if (!held.has(name)) this.#positions.delete(name);
    const free = rows.filter(({ topic, part }) => !this.#positions.has(`${topic}/${part}`));
    const asked = await Promise.allSettled(free.map(({ topic, part }) => mark(topic, part)));
    // A mark that can't be had now holds up its own partition only: it is asked for again the next time.
    const taken = free.flatMap(({ topic, part }, i) => {
      const answer = asked[i]!;
      if (answer.status === 'fulfilled') return [{ topic, part, mark: answer.value }];
      this.#trouble(topic, part, answer.reason, false);
      return [];
    });
    if (taken.length === 0) return;
    const days = await this.#pool.query<{ topic: string; part: number; day: string }>(
      `SELECT q.topic, q.part, coalesce((SELECT day FROM event_log.record r WHERE r.topic = q.topic AND r.part = q.part AND r.off >= q.off
                ORDER BY r.off LIMIT 1), p.day)::text AS day
       FROM unnest($1::text[], $2::int[], $3::bigint[]) q(topic, part, off) JOIN event_log.partition p USING (topic, part)`,
      [taken.map(({ topic }) => topic), taken.map(({ part }) => part), taken.map((one) => one.mark + 1n)],
    );
    const dayOf = new Map(days.rows.map(({ topic, part, day }) => [`${topic}/${part}`, day]));
    taken.forEach(({ topic, part, mark: applied }) => {
      const name = `${topic}/${part}`;
      this.#positions.set(name, {
        topic,
        part,
        next: applied + 1n,
        day: dayOf.get(name)!,
        stopped: false,
        busy: false,
      });
    });
  }

  async #keepLeases(): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      await delay((LEASE_SECONDS * 1000) / 3, undefined, { signal }).catch(() => {});
      if (signal.aborted) return;
      await this.#balance().catch((error: unknown) => this.#trouble('*', 0, error, false));
    }
  }

  /** Wake-ups cost half a millisecond where polling costs its interval; the poll stays as the fallback. */
  async #listen(): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      const client = new Client({ connectionString: this.#url, application_name: 'event-log listen', keepAlive: true });
      try {
        const ended = new Promise<void>((resolve) => client.once('end', resolve).on('error', () => resolve()));
        await client.connect();
        client.on('notification', ({ payload }) => {
          if (payload && this.#subscription.topics.includes(payload)) this.#wake();
        });
        await client.query('LISTEN event_log');
        await Promise.race([ended, aborted(signal)]);
      } catch (error) {
        this.#trouble('*', 0, error, false);
      }
      await client.end().catch(() => {});
      await delay(500, undefined, { signal }).catch(() => {});
    }
  }

  async #read(): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      await this.#subscription.ready?.();
      const woken = new Promise<void>((resolve) => (this.#wake = resolve));
      let read = 0;
      try {
        read = await this.#readOnce();
      } catch (error) {
        this.#trouble('*', 0, error, false);
        await delay(1000, undefined, { signal }).catch(() => {});
      }
      if (read > 0) {
        // A few at a time cost as much as many: what is committed in the next moment comes with the next reading.
        if (read < (this.#subscription.batch ?? BATCH)) await delay(PAUSE_MS, undefined, { signal }).catch(() => {});
        continue;
      }
      const pause = new AbortController();
      await Promise.race([woken, delay(250, undefined, { signal: pause.signal }).catch(() => {})]);
      pause.abort();
    }
  }

  /** Fetches once for all partitions that are not busy; each applies its batch on its own, so none waits for another. */
  async #readOnce(): Promise<number> {
    const { batch = BATCH } = this.#subscription;
    const wanted = [...this.#positions.values()].filter(({ stopped, busy }) => !stopped && !busy);
    if (wanted.length === 0) return 0;
    const { rows } = await this.#pool.query<Row>({
      name: 'fetch',
      text: fetch,
      values: [
        wanted.map(({ topic }) => topic),
        wanted.map(({ part }) => part),
        wanted.map(({ next }) => next),
        wanted.map(({ day }) => day),
        batch,
      ],
    });
    const batches = Map.groupBy(rows, ({ topic, part }) => `${topic}/${part}`);
    for (const position of wanted) {
      const records = batches.get(`${position.topic}/${position.part}`);
      // Given up while it was read: whoever has it now goes by its mark.
      if (!records || this.#positions.get(`${position.topic}/${position.part}`) !== position) continue;
      position.busy = true;
      const done = this.#hand(position, records).finally(() => {
        position.busy = false;
        this.#batches.delete(done);
        this.#wake();
      });
      this.#batches.add(done);
    }
    return rows.length;
  }

  async #hand(position: Position, rows: readonly Row[]): Promise<void> {
    const { topic, part } = position;
    try {
      const records: LogRecord[] = rows.map((row) => ({ ...row, off: BigInt(row.off) }));
      if (records[0]!.off !== position.next) throw await this.#missing(position, records[0]!.off);
      await this.#subscription.apply(records);
      position.next = records.at(-1)!.off + 1n;
      position.day = rows.at(-1)!.day;
    } catch (error) {
      position.stopped = error instanceof HoleInLog || error instanceof BeyondRetention;
      this.#trouble(topic, part, error, position.stopped);
      if (position.stopped) return;
      // Delivered again from the durable mark: part of the batch may have been applied.
      await delay(200, undefined, { signal: this.#closing.signal }).catch(() => {});
      const mark = await this.#subscription.mark(topic, part).catch(() => undefined);
      if (mark !== undefined) position.next = mark + 1n;
    }
  }

  async #missing({ topic, part, next }: Position, found: bigint): Promise<Error> {
    const { rows } = await this.#pool.query<{ first: string }>(
      'SELECT first FROM event_log.partition WHERE topic = $1 AND part = $2',
      [topic, part],
    );
    const first = BigInt(rows[0]?.first ?? 1);
    return next < first ? new BeyondRetention(topic, part, next, first) : new HoleInLog(topic, part, next, found);
  }

  #trouble(topic: string, part: number, error: unknown, stopped: boolean): void {
    if (!this.#closing.signal.aborted) this.#subscription.onTrouble?.({ topic, part, error, stopped });
  }
}

const aborted = (signal: AbortSignal) =>
  new Promise<void>((resolve) =>
    signal.aborted ? resolve() : signal.addEventListener('abort', () => resolve(), { once: true }),
  );

const fetch = `
SELECT r.* FROM unnest($1::text[], $2::int[], $3::bigint[], $4::date[]) q(topic, part, off, day) CROSS JOIN LATERAL (
  SELECT topic, part, off, day::text AS day, key, headers, value FROM event_log.record
  WHERE topic = q.topic AND part = q.part AND off >= q.off AND day >= q.day ORDER BY off LIMIT $5) r`;

/**
 * One statement a second and member: says "I live", renews, gives up surplus, takes free leases up to a fair share.
 * $1 group, $2 owner, $3 topics, $4 seconds. Returns what is held now.
 */
const balance = `
WITH me AS (
  INSERT INTO event_log.member (grp, owner, until) VALUES ($1, $2, now() + make_interval(secs => $4))
  ON CONFLICT (grp, owner) DO UPDATE SET until = excluded.until),
alive AS (
  SELECT count(*) + CASE WHEN bool_or(owner = $2) THEN 0 ELSE 1 END AS n FROM event_log.member WHERE grp = $1 AND until > now()),
share AS (
  SELECT ceil((SELECT count(*) FROM event_log.lease WHERE grp = $1 AND topic = ANY($3))::numeric / greatest(n, 1)) AS n FROM alive),
mine AS MATERIALIZED (
  SELECT topic, part, row_number() OVER (ORDER BY topic, part) AS i FROM event_log.lease WHERE grp = $1 AND owner = $2 AND topic = ANY($3)),
free AS MATERIALIZED (
  SELECT topic, part FROM event_log.lease
  WHERE grp = $1 AND topic = ANY($3) AND until <= now() AND owner IS DISTINCT FROM $2
  ORDER BY topic, part
  LIMIT greatest((SELECT n FROM share) - (SELECT count(*) FROM mine), 0)
  FOR UPDATE SKIP LOCKED),
changed AS (
  UPDATE event_log.lease l
  SET owner = CASE WHEN w.keep THEN $2 END, until = CASE WHEN w.keep THEN now() + make_interval(secs => $4) ELSE '-infinity' END
  FROM (SELECT topic, part, i <= (SELECT n FROM share) AS keep FROM mine UNION ALL SELECT topic, part, true FROM free) w
  WHERE l.grp = $1 AND l.topic = w.topic AND l.part = w.part AND (l.owner IS NOT DISTINCT FROM $2 OR l.until <= now())
  RETURNING l.topic, l.part, l.owner)
SELECT topic, part FROM changed WHERE owner = $2 ORDER BY topic, part`;
