import { setTimeout as delay } from 'node:timers/promises';
import { Counter, Gauge } from 'prom-client';
import type { Pool } from 'pg';

/**
 * Moves outbox rows to the log: oldest first, deleted and appended in one transaction, so nothing is lost or doubled
 * between them. One at a time per outbox: a second would invert the order of an aggregate. Every process of a service
 * runs one; the lock, taken in a statement of its own before the reading one, lets one work.
 */
export class Sequencer {
  readonly #pool: Pool;
  readonly #lock: string;
  readonly #batch: number;
  readonly #poll: number;
  #running: Promise<void> | undefined;
  #closing = new AbortController();
  #wake: () => void = () => {};
  #deletedSinceVacuum = 0;

  /**
   * @param pool connections whose search path is the service's schema
   * @param lock name of the outbox: the service
   */
  constructor(pool: Pool, lock: string, { batch = 2000, pollMs = 100 }: { batch?: number; pollMs?: number } = {}) {
    this.#pool = pool;
    this.#lock = lock;
    this.#batch = batch;
    this.#poll = pollMs;
  }

  start(onTrouble: (error: unknown) => void): void {
    this.#running ??= this.#run(onTrouble);
  }

  /** Says that rows have just been committed here. */
  poke(): void {
    this.#wake();
  }

  async close(): Promise<void> {
    this.#closing.abort();
    this.#wake();
    await this.#running;
    // What the last requests left; should that fail, the next start takes it.
    await this.drain().catch(() => {});
  }

  /** Moves all rows there are now; also what tests call. Resolves with how many it moved. */
  async drain(): Promise<number> {
    let total = 0;
    for (;;) {
      const moved = await this.#step();
      total += moved ?? 0;
      if (moved === undefined || moved < this.#batch) return total;
    }
  }

  async #run(onTrouble: (error: unknown) => void): Promise<void> {
    const { signal } = this.#closing;
    let poked = true;
    while (!signal.aborted) {
      const woken = new Promise<true>((resolve) => (this.#wake = () => resolve(true)));
      try {
        if (poked || (await this.#hasRows())) await this.drain();
      } catch (error) {
        if (signal.aborted) return;
        onTrouble(error);
        await delay(1000, undefined, { signal }).catch(() => {});
      }
      const pause = new AbortController();
      poked = await Promise.race([woken, delay(this.#poll, false, { signal: pause.signal }).catch(() => false)]);
      pause.abort();
    }
  }

  /** One cheap question when nobody has said that there is something. */
  async #hasRows(): Promise<boolean> {
    const { rowCount } = await this.#pool.query('SELECT FROM outbox LIMIT 1');
    return rowCount === 1;
  }

  /** @returns rows moved, or undefined when another process holds the lock */
  async #step(): Promise<number | undefined> {
    const client = await this.#pool.connect();
    try {
      await client.query('BEGIN');
      const lock = await client.query<{ held: boolean }>('SELECT pg_try_advisory_xact_lock(hashtext($1)) AS held', [
        `sequencer ${this.#lock}`,
      ]);
      if (!lock.rows[0]!.held) {
        await client.query('ROLLBACK');
        client.release();
        return undefined;
      }
      const result = await client.query<{ topic: string; moved: string; oldest: number }>({
        name: 'sequence',
        text: move,
        values: [this.#batch],
      });
      await client.query('COMMIT');
      let moved = 0;
      for (const row of result.rows) {
        sequenced.inc({ topic: row.topic }, Number(row.moved));
        moved += Number(row.moved);
      }
      outboxOldest.set(result.rows.reduce((oldest, row) => Math.max(oldest, row.oldest), 0));
      await this.#vacuum(client, moved);
      client.release();
      return moved;
    } catch (error) {
      client.release(true);
      throw error;
    }
  }

  /** A million deleted rows that nothing clears would bloat the table to hundreds of megabytes. */
  async #vacuum(client: { query(text: string): Promise<unknown> }, moved: number): Promise<void> {
    this.#deletedSinceVacuum += moved;
    if (this.#deletedSinceVacuum < 50_000) return;
    this.#deletedSinceVacuum = 0;
    await client.query('VACUUM (TRUNCATE OFF) outbox');
  }
}

const move = `
WITH taken AS (
  DELETE FROM outbox WHERE id = ANY(ARRAY(SELECT id FROM outbox ORDER BY id LIMIT $1))
  RETURNING id, topic, part, key, headers, value, at)
SELECT topic,
       event_log.append(topic, array_agg(part ORDER BY id), array_agg(key ORDER BY id), array_agg(headers ORDER BY id), array_agg(value ORDER BY id)) AS moved,
       extract(epoch FROM clock_timestamp() - min(at))::float8 AS oldest
FROM taken GROUP BY topic ORDER BY topic`;

const sequenced = new Counter({
  name: 'outbox_sequenced_total',
  help: 'Outbox rows appended to the log',
  labelNames: ['topic'],
});
const outboxOldest = new Gauge({
  name: 'outbox_oldest_seconds',
  help: 'Age of the oldest outbox row when the sequencer last looked',
});
