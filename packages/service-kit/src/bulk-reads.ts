import { setTimeout as delay } from 'node:timers/promises';
import { bulkReadEvents } from '@fenxiao/contracts/platform';
import { newId } from '@fenxiao/domain/id';
import type { Powers } from '@fenxiao/procedures/procedure';
import { hasRole, system, type Actor } from './actor.js';
import type { Transactions } from './work.js';

/** X-20 Bulk reading 批量读取: whoever reads more in an hour than the work takes is reported, never stopped. */

/** Whose work it is to read everything. */
const unlimited: Powers = { importer: 'all', auditor: 'all', system: 'all' };
const told: Powers = { auditor: 'all', 'system-administrator': 'all' };
const FLUSH_MS = 5000;

/**
 * Counts subjects read per person. A read costs an addition in memory; every few seconds the counts go into a table, where
 * those of several processes add up, and whoever is above the limit within the last hour is reported once per hour.
 */
export class BulkReads {
  #counts = new Map<string, number>();
  readonly #closing = new AbortController();
  #loop: Promise<void> | undefined;
  readonly #events: ReturnType<typeof bulkReadEvents>;

  constructor(
    private readonly transactions: Transactions,
    private readonly limit: number,
    private readonly onTrouble: (error: unknown) => void,
    service: string,
  ) {
    this.#events = bulkReadEvents(service);
  }

  count(actor: Actor, rows: number): void {
    if (rows === 0 || hasRole(actor, unlimited)) return;
    this.#counts.set(actor.person, (this.#counts.get(actor.person) ?? 0) + rows);
  }

  start(): void {
    this.#loop ??= this.#run();
  }

  /** What was counted last is written too. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#loop;
    await this.flush().catch(this.onTrouble);
  }

  async #run(): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      await delay(FLUSH_MS, undefined, { signal }).catch(() => {});
      await this.flush().catch(this.onTrouble);
    }
  }

  /** @throws when the database is away; what was counted is kept for the next time */
  async flush(): Promise<void> {
    const counts = [...this.#counts];
    if (counts.length === 0) return;
    this.#counts = new Map();
    try {
      await this.#write(counts);
    } catch (error) {
      for (const [person, rows] of counts) this.#counts.set(person, (this.#counts.get(person) ?? 0) + rows);
      throw error;
    }
  }

  #write(counts: readonly (readonly [string, number])[]): Promise<void> {
    // In one order, so that processes flushing at the same moment wait for each other instead of for ever.
    const sorted = counts.toSorted(([a], [b]) => (a < b ? -1 : 1));
    const people = sorted.map(([person]) => person);
    return this.transactions.run(system, async (work) => {
      await work.query(
        `INSERT INTO bulk_read (person, minute, rows) SELECT person, date_trunc('minute', $3::timestamptz), rows
         FROM unnest($1::text[], $2::int[]) AS counted (person, rows)
         ON CONFLICT (person, minute) DO UPDATE SET rows = bulk_read.rows + excluded.rows`,
        [people, sorted.map(([, rows]) => rows), work.now],
      );
      const above = await work.query<{ person: string; rows: number }>(
        `WITH read AS (
           SELECT person, sum(rows)::int AS rows FROM bulk_read
           WHERE person = ANY($1) AND minute > $2::timestamptz - interval '1 hour' GROUP BY person HAVING sum(rows) > $3)
         , alarm AS (
           INSERT INTO bulk_read_alarm AS a (person, at) SELECT person, $2 FROM read ORDER BY person
           ON CONFLICT (person) DO UPDATE SET at = excluded.at WHERE a.at <= excluded.at - interval '1 hour'
           RETURNING person)
         SELECT person, rows FROM alarm JOIN read USING (person) ORDER BY person`,
        [people, work.now, this.limit],
      );
      for (const { person, rows } of above) {
        const id = newId();
        const fact = { personId: person, rows, limit: this.limit };
        work.publish(this.#events.detected, { id, events: 0 }, fact, { rule: 'X-20' });
        work.record({
          procedure: 'bulk-read',
          subject: id,
          move: 'detected',
          outcome: 'done',
          rule: 'X-20',
          role: 'system',
          after: fact,
        });
        const detail = `${rows} > ${this.limit} / h`;
        work.notify(
          {
            kind: 'alert',
            procedure: 'bulk-read',
            about: person,
            detail,
            to: { powers: told },
          },
          'X-20',
        );
      }
      // Nothing older is ever asked for: the events and the audit keep what was found.
      await work.query(`DELETE FROM bulk_read WHERE minute < $1::timestamptz - interval '7 days'`, [work.now]);
    });
  }
}
