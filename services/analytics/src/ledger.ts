import type { Pool, PoolClient } from 'pg';

/** The records `from` to `to` of one partition. */
export interface Range {
  readonly topic: string;
  readonly part: number;
  readonly from: bigint;
  readonly to: bigint;
}

/** How far one partition is. */
export interface Mark {
  readonly topic: string;
  readonly part: number;
  readonly applied: bigint;
  readonly pending?: Pending;
}

export interface Pending {
  readonly to: bigint;
  readonly batch: string;
  /** seconds since it was last tried */
  readonly age: number;
  readonly rebuilding: boolean;
}

/** Another process has the partition, or has moved it on: whoever holds it now reads the mark anew. */
export class LostPartition extends Error {
  constructor(readonly ranges: readonly Range[]) {
    super(`moved on by another process: ${tokenOf(ranges)}`);
  }
}

/** Operators rebuild the facts just now. */
export class GateClosed extends Error {}

/** `topic:partition:from-to` of each range, in order: the same for the same batch, whoever sends it. */
export const tokenOf = (ranges: readonly Range[]): string =>
  ranges.map(({ topic, part, from, to }) => `${topic}:${part}:${from}-${to}`).join(',');

/** Held shared while a batch is inserted, alone while facts are rebuilt. */
const GATE = `hashtext('analytics store')`;

/**
 * What is in ClickHouse, kept in PostgreSQL: a batch is written down before it is inserted and ticked off after, so that
 * at any moment the process may end and the next one knows exactly what may be half done.
 */
export class Ledger {
  constructor(private readonly pool: Pool) {}

  /**
   * The mark of a partition just taken over.
   * @throws lock_not_available (55P03) while another process has an insert of it in hand. Waiting for one that is stopped in
   *   the middle would take as long as PostgreSQL leaves its session alone, and meanwhile connections and leases run out.
   */
  async take(topic: string, part: number): Promise<Mark> {
    await this.pool.query('INSERT INTO sink_mark (topic, part) VALUES ($1, $2) ON CONFLICT DO NOTHING', [topic, part]);
    const { rows } = await this.pool.query<Row>(`${columns} WHERE topic = $1 AND part = $2 FOR UPDATE NOWAIT`, [
      topic,
      part,
    ]);
    return markOf(rows[0]!);
  }

  async marks(): Promise<Mark[]> {
    const { rows } = await this.pool.query<Row>(`${columns} ORDER BY topic, part`);
    return rows.map(markOf);
  }

  /** All partitions of an unfinished batch. */
  async batch(batch: string): Promise<Mark[]> {
    const { rows } = await this.pool.query<Row>(`${columns} WHERE batch = $1 ORDER BY topic, part`, [batch]);
    return rows.map(markOf);
  }

  /** Writes down what is about to be inserted. @throws LostPartition when a mark is not where the ranges begin */
  async begin(ranges: readonly Range[]): Promise<void> {
    await this.#transaction(async (client) => {
      const { rowCount } = await client.query(
        `UPDATE sink_mark m SET pending_to = r.to_off, batch = $5, attempted_at = now()
         FROM unnest($1::text[], $2::int[], $3::bigint[], $4::bigint[]) r(topic, part, from_off, to_off)
         WHERE m.topic = r.topic AND m.part = r.part AND m.applied = r.from_off - 1 AND m.batch IS NULL`,
        [...keys(ranges), ranges.map(({ from }) => from), ranges.map(({ to }) => to), tokenOf(ranges)],
      );
      if (rowCount !== ranges.length) throw new LostPartition(ranges);
    });
  }

  /**
   * Runs the insert of a batch that was written down and ticks it off. The rows of the ledger stay locked meanwhile: a
   * process that takes a partition over waits, so no range is ever inserted by two at once.
   * @throws LostPartition, GateClosed, and what the insert throws; then nothing is ticked off
   */
  async complete(ranges: readonly Range[], insert: () => Promise<void>): Promise<void> {
    const token = tokenOf(ranges);
    await this.pool.query('UPDATE sink_mark SET attempted_at = now() WHERE batch = $1', [token]);
    await this.#transaction(async (client) => {
      const gate = await client.query<{ open: boolean }>(`SELECT pg_try_advisory_xact_lock_shared(${GATE}) AS open`);
      if (!gate.rows[0]!.open) throw new GateClosed('the facts are being rebuilt');
      await this.#lock(client, ranges, token);
      await insert();
      await tickOff(client, ranges);
    });
  }

  /** The same for ranges whose token can't be trusted: alone in the store, so that it can be put right. */
  async rebuild(ranges: readonly Range[], rebuild: () => Promise<void>): Promise<void> {
    await this.pool.query(
      `UPDATE sink_mark m SET rebuilding = true FROM unnest($1::text[], $2::int[]) r(topic, part) WHERE m.topic = r.topic AND m.part = r.part`,
      [...keys(ranges)],
    );
    await this.#transaction(async (client) => {
      await client.query(`SELECT pg_advisory_xact_lock(${GATE})`);
      await this.#lock(client, ranges);
      await rebuild();
      await tickOff(client, ranges);
    });
  }

  /** Keeps every sink from inserting while something is done to the whole store. */
  async alone<T>(work: () => Promise<T>): Promise<T> {
    const client = await this.pool.connect();
    try {
      await client.query(`SELECT pg_advisory_lock(${GATE})`);
      return await work();
    } finally {
      // Ends the session, and with it the lock.
      client.release(true);
    }
  }

  async #lock(client: PoolClient, ranges: readonly Range[], batch?: string): Promise<void> {
    const { rows } = await client.query<Row>(
      `${columns} WHERE (topic, part) IN (SELECT * FROM unnest($1::text[], $2::int[])) ORDER BY topic, part FOR UPDATE`,
      [...keys(ranges)],
    );
    const held = ranges.every(({ topic, part, from, to }) =>
      rows.some(
        (row) =>
          row.topic === topic &&
          row.part === part &&
          BigInt(row.applied) === from - 1n &&
          (batch === undefined
            ? BigInt(row.pending_to ?? 0) >= to
            : row.batch === batch && BigInt(row.pending_to!) === to),
      ),
    );
    if (!held) throw new LostPartition(ranges);
  }

  async #transaction<T>(work: (client: PoolClient) => Promise<T>): Promise<T> {
    const client = await this.pool.connect();
    try {
      await client.query('BEGIN');
      const result = await work(client);
      await client.query('COMMIT');
      client.release();
      return result;
    } catch (error) {
      const broken = await client.query('ROLLBACK').then(
        () => false,
        () => true,
      );
      client.release(broken);
      throw error;
    }
  }
}

/** Moves the marks; what is left of a pending range, if only its beginning was done, stays pending. */
async function tickOff(client: PoolClient, ranges: readonly Range[]): Promise<void> {
  await client.query(
    `UPDATE sink_mark m SET applied = r.to_off,
       pending_to = CASE WHEN m.pending_to > r.to_off THEN m.pending_to END, batch = CASE WHEN m.pending_to > r.to_off THEN m.batch END,
       rebuilding = m.rebuilding AND m.pending_to > r.to_off
     FROM unnest($1::text[], $2::int[], $3::bigint[]) r(topic, part, to_off) WHERE m.topic = r.topic AND m.part = r.part`,
    [...keys(ranges), ranges.map(({ to }) => to)],
  );
}

const keys = (ranges: readonly Range[]) => [ranges.map(({ topic }) => topic), ranges.map(({ part }) => part)] as const;

interface Row {
  topic: string;
  part: number;
  applied: string;
  pending_to: string | null;
  batch: string | null;
  age: number | null;
  rebuilding: boolean;
}

const columns = `SELECT topic, part, applied, pending_to, batch, rebuilding, extract(epoch FROM now() - attempted_at)::float8 AS age FROM sink_mark`;

const markOf = ({ topic, part, applied, pending_to: to, batch, age, rebuilding }: Row): Mark => ({
  topic,
  part,
  applied: BigInt(applied),
  ...(to === null || batch === null
    ? {}
    : {
        pending: {
          to: BigInt(to),
          batch,
          age: age ?? 0,
          rebuilding,
        },
      }),
});
