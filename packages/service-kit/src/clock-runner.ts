import { setTimeout as delay } from 'node:timers/promises';
import type { EventContract } from '@fenxiao/contracts/event';
import { kebab, leaves, type Move, type Procedure } from '@fenxiao/procedures/procedure';
import { system } from './actor.js';
import { follow, lock, type AnyBound } from './engine.js';
import { tellOfClock } from './notifying.js';
import type { Transactions, Work } from './work.js';

interface RunningClock {
  readonly id: string;
  readonly procedure: string;
  readonly subject: string;
  readonly move: string;
  readonly rule: string;
  readonly started_at: string | Date;
  readonly due_at: string | Date;
}

/** So many are read at a time, and so many are taken side by side: those of a morning end at one instant. */
const BATCH = 100;
const AT_ONCE = 4;

/**
 * Publishes the warnings and breaches of running clocks when their instant has come, and makes the move a breach asks
 * for. Any number of processes may run one: each clock is taken by one of them, and a clock missed while all were
 * down is taken up when one is back.
 */
export class ClockRunner {
  readonly #closing = new AbortController();
  readonly #byName: ReadonlyMap<string, AnyBound>;
  #running: Promise<void> | undefined;

  constructor(
    private readonly transactions: Transactions,
    procedures: readonly AnyBound[],
    private readonly onTrouble: (error: unknown) => void,
  ) {
    this.#byName = new Map(procedures.map((bound) => [(bound.procedure as { name: string }).name, bound]));
  }

  start(everyMs = 1000): void {
    const { signal } = this.#closing;
    const loop = async () => {
      while (!signal.aborted) {
        await this.tick().catch(this.onTrouble);
        await delay(everyMs, undefined, { signal }).catch(() => {});
      }
    };
    this.#running ??= loop();
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#running;
  }

  /** Takes every clock whose instant has come. @returns how many */
  async tick(): Promise<number> {
    for (let taken = 0; ;) {
      const due = await this.transactions.run(system, (work) =>
        work.query<RunningClock>(nextClocks, [work.now, BATCH]),
      );
      const waiting = due.values();
      const worker = async () => {
        for (const clock of waiting) await this.#attempt(clock);
      };
      await Promise.all(Array.from({ length: AT_ONCE }, worker));
      taken += due.length;
      if (due.length < BATCH) return taken;
    }
  }

  async #attempt(clock: RunningClock): Promise<void> {
    try {
      await this.transactions.run(system, (work) => this.#take(work, clock));
    } catch (error) {
      this.onTrouble(error);
      await this.transactions.run(system, (work) =>
        work.query(postpone, [clock.id, new Date(work.now.getTime() + 60_000)]),
      );
    }
  }

  /** Locks the subject before the clock, as moves do, then looks whether another process was faster. */
  async #take(work: Work, { id, procedure, subject: about }: RunningClock): Promise<void> {
    const bound = this.#byName.get(procedure);
    const subject = bound && (await lock(work, bound, about));
    const [clock] = await work.query<RunningClock>(`${columns} WHERE id = $1 AND next_at <= $2 FOR UPDATE`, [
      id,
      work.now,
    ]);
    if (!clock) return;
    const move = bound && (bound.procedure.moves as Record<string, Move>)[clock.move];
    if (!subject || !move?.clock || !leaves(move, subject.state)) {
      await work.query('UPDATE clock SET next_at = NULL, stopped_at = $2 WHERE id = $1', [id, work.now]);
      return;
    }
    const breached = work.now >= new Date(clock.due_at);
    const contract = (bound.procedure.events as Record<string, EventContract>)[
      breached ? 'clock-breached' : 'clock-warned'
    ]!;
    const { escalateTo, breach } = move.clock;
    const [startedAt, dueAt] = [clock.started_at, clock.due_at].map((at) => new Date(at).toISOString());
    const data = {
      procedure,
      move: kebab(clock.move),
      state: subject.state,
      startedAt,
      dueAt,
      ...(escalateTo ? { escalateTo } : {}),
    };
    work.publish(contract, subject, data, {
      rule: clock.rule,
      ...(subject.region ? { region: subject.region } : {}),
    });
    tellOfClock(work, bound.procedure as Procedure, subject, clock.move, { breached, dueAt: dueAt!, rule: clock.rule });
    await work.query(breached ? markBreached : nextWarning, [id, work.now]);
    if (breached && breach) await follow(work, bound, subject, breach);
  }
}

const columns = 'SELECT id, procedure, subject, move, rule, started_at, due_at FROM clock';
const nextClocks = `${columns} WHERE next_at <= $1 ORDER BY next_at, id LIMIT $2`;
const postpone = 'UPDATE clock SET next_at = $2 WHERE id = $1 AND next_at IS NOT NULL';
const markBreached = 'UPDATE clock SET next_at = NULL, breached_at = $2 WHERE id = $1';
const nextWarning = `
UPDATE clock SET warned_at = $2, warnings = rest, next_at = coalesce(rest[1], due_at)
FROM (SELECT ARRAY(SELECT w FROM clock c, unnest(c.warnings) w WHERE c.id = $1 AND w > $2 ORDER BY w) AS rest) r WHERE id = $1`;
