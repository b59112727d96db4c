import { setTimeout as delay } from 'node:timers/promises';
import type { BusinessCalendar } from '@fenxiao/domain/business-calendar';
import type { CalendarDate } from '@fenxiao/domain/calendar-date';
import { label, type Label } from '@fenxiao/domain/dictionary';
import { domainError } from '@fenxiao/domain/domain-error';
import type { Sql } from '@fenxiao/messaging/sql';
import type { Db, Job as Queued, PgBoss } from 'pg-boss';
import type { Logger } from 'pino';
import { Counter } from 'prom-client';
import { system } from './actor.js';
import { dueBetween, nextDue, type Due, type DueDate } from './due.js';
import { notFound } from './errors.js';
import { FAILED, openQueue, QUEUE } from './job-queue.js';
import type { Transactions, Work } from './work.js';

/** Scheduled work (rules, section 10): what a service does by the calendar, with the clause that wants it. */
export interface Job {
  /** kebab-case; `job.<name>` stands in the dictionary */
  readonly name: string;
  readonly clause: string;
  readonly due: Due;
  /** After downtime every date missed is run, one by one; or the latest alone, where that says what all would. */
  readonly missed?: 'each' | 'latest';
  /** In one unit of work, in which it is also written down that it has run: it happens once for a date, or not at all. */
  readonly run: (work: Work, occasion: Occasion) => Promise<void>;
}

export interface Occasion extends DueDate {
  /** begun more than five minutes after it was due: after downtime, or when it had failed before */
  readonly late: boolean;
}

/** A job as `GET /jobs` shows it. */
export interface JobStatus {
  readonly name: string;
  readonly label: Label;
  readonly clause: string;
  readonly last: Run | null;
  readonly next: DueDate | null;
}

interface Run {
  readonly date: CalendarDate;
  readonly dueAt: Date;
  readonly startedAt: Date;
  readonly tookMs: number | null;
  readonly late: boolean;
  readonly outcome: 'done' | 'failed';
  readonly actor: string;
}

interface Options {
  readonly service: string;
  readonly jobs: readonly Job[];
  readonly transactions: Transactions;
  readonly calendar: BusinessCalendar;
  readonly sql: Sql;
  /** where the queue is */
  readonly db: Db;
  readonly pollSeconds: number;
  readonly lostSeconds: number;
  readonly log: Logger;
  readonly onTrouble: (error: unknown) => void;
}

const LATE_MS = 5 * 60_000;

/**
 * Plans and runs the jobs of a service, in any number of processes. Planning sends every occasion to the queue in the
 * transaction that says how far is planned; the queue delivers at least once; `job_run` makes it once. So nothing is
 * lost while all are down or when one is killed, and nothing happens twice.
 */
export class Jobs {
  readonly #byName: ReadonlyMap<string, Job>;
  readonly #boss: PgBoss;
  readonly #closing = new AbortController();
  #planning: Promise<void> | undefined;
  /** nothing is due before this instant, so nobody need be asked; an hour at most, since the calendar may be changed */
  #idleUntil = new Date(0);

  constructor(private readonly options: Options) {
    const { jobs, service, db, lostSeconds, log, onTrouble } = options;
    this.#byName = new Map(jobs.map((job) => [job.name, job]));
    if (this.#byName.size < jobs.length) throw new Error(`${service} declares a job twice`);
    for (const { name } of jobs) label(name, 'job');
    this.#boss = openQueue(service, db, {
      superviseIntervalSeconds: lostSeconds,
      monitorIntervalSeconds: lostSeconds,
      queueCacheIntervalSeconds: 3600,
      flowIntervalSeconds: 86_400,
    });
    this.#boss.on('error', onTrouble).on('warning', (warning) => log.warn({ warning }, 'queue of jobs'));
  }

  async start(): Promise<void> {
    const { jobs, pollSeconds, lostSeconds, onTrouble } = this.options;
    if (jobs.length === 0) return;
    await this.#boss.start();
    // A process that vanishes leaves its job without a heartbeat, and another takes it up.
    const polling = { pollingIntervalSeconds: pollSeconds, burstWhenBatchFull: true };
    await this.#boss.work<Sent>(QUEUE, polling, ([job]) => this.#take(job!));
    await this.#boss.work<Sent>(FAILED, { ...polling, pollingIntervalSeconds: lostSeconds }, ([job]) =>
      this.#giveUp(job!),
    );
    const { signal } = this.#closing;
    // Before anything else: a job that is new is planned from this moment on.
    await this.plan().catch(onTrouble);
    const loop = async () => {
      while (!signal.aborted) {
        await delay(pollSeconds * 1000, undefined, { signal }).catch(() => {});
        if (!signal.aborted) await this.plan().catch(onTrouble);
      }
    };
    this.#planning = loop();
  }

  /** Finishes the job in hand. */
  async close(graceMs: number): Promise<void> {
    this.#closing.abort();
    await this.#planning;
    await this.#boss.stop({ timeout: graceMs });
  }

  /** Sends every occasion that has come since the last one planned. @returns how many */
  async plan(): Promise<number> {
    const { transactions, calendar, jobs, lostSeconds } = this.options;
    if (transactions.now() < this.#idleUntil) return 0;
    const { sent, until } = await transactions.run(system, async (work) => {
      const now = work.now;
      const plannedTo = await lockPlan(work, [...this.#byName.keys()]);
      const due = jobs.flatMap(({ name, due, missed }) => {
        const dates = [...dueBetween(calendar, due, plannedTo.get(name)!, now)];
        return (missed === 'latest' ? dates.slice(-1) : dates).map(({ date, dueAt }) => ({ name, date, dueAt }));
      });
      if (due.length > 0) {
        const sending = due
          .sort((a, b) => a.dueAt.getTime() - b.dueAt.getTime())
          .map(({ name, date, dueAt }) => ({ data: { name, date, dueAt }, heartbeatSeconds: lostSeconds }));
        await this.#boss.insert(QUEUE, sending, { db: executing(work) });
        await work.query('UPDATE job_plan SET planned_to = $2 WHERE name = ANY($1) AND planned_to < $2', [
          [...this.#byName.keys()],
          now,
        ]);
      }
      const next = jobs.map(({ due }) => nextDue(calendar, due, now)?.dueAt.getTime() ?? Infinity);
      return { sent: due.length, until: Math.min(...next, now.getTime() + 3_600_000) };
    });
    this.#idleUntil = new Date(until);
    return sent;
  }

  /**
   * Makes sure that a job has run for a date on which it is due by now. @returns whether it ran just now, or had before
   * @throws notDue, notFound, and what the job throws
   */
  run(name: string, date: CalendarDate): Promise<boolean> {
    return this.#run(name, () => this.dueOn(name, date));
  }

  /** Runs it within a unit of work, unless it has run for that date. @returns milliseconds it took */
  async perform(work: Work, name: string, { date, dueAt }: DueDate): Promise<number | undefined> {
    const job = this.get(name);
    const late = isLate(dueAt, work.now);
    const begun = performance.now();
    const taken = await work.query(takeRun, [name, date, dueAt, work.now, late, work.actor.person]);
    if (taken.length === 0) return undefined;
    await job.run(work, { date, dueAt, late });
    await work.em.flush();
    const tookMs = Math.round(performance.now() - begun);
    await work.query('UPDATE job_run SET took_ms = $3 WHERE name = $1 AND date = $2', [name, date, tookMs]);
    return tookMs;
  }

  /** @throws notDue when it is not due on that date, or not yet */
  dueOn(name: string, date: CalendarDate): DueDate {
    const { calendar, transactions } = this.options;
    const time = this.get(name).due(calendar, date);
    const dueAt = time === undefined ? undefined : calendar.instantAt(date, time);
    if (!dueAt || dueAt > transactions.now()) throw notDue({ job: name, date });
    return { date, dueAt };
  }

  /** @throws notFound */
  get(name: string): Job {
    const job = this.#byName.get(name);
    if (!job) throw notFound({ what: 'job' });
    return job;
  }

  async list(): Promise<JobStatus[]> {
    const { sql, calendar, transactions } = this.options;
    const last = await sql.query<Run & { name: string }>(lastRuns, [[...this.#byName.keys()]]);
    return [...this.#byName.values()].map(({ name, clause, due }) => {
      const { name: _, ...run } = last.find((row) => row.name === name) ?? { name };
      return {
        name,
        label: label(name, 'job'),
        clause,
        last: 'date' in run ? run : null,
        next: nextDue(calendar, due, transactions.now()) ?? null,
      };
    });
  }

  async #run(name: string, due: () => DueDate): Promise<boolean> {
    const { transactions, log } = this.options;
    const occasion = due();
    const tookMs = await transactions.run(system, (work) => this.perform(work, name, occasion));
    if (tookMs === undefined) return false;
    const late = isLate(occasion.dueAt, transactions.now());
    log[late ? 'warn' : 'info']({ job: name, ...occasion, late, tookMs }, 'job run');
    runs.inc({ job: name, outcome: 'done' });
    return true;
  }

  async #take({ data: { name, date, dueAt } }: Queued<Sent>): Promise<void> {
    try {
      await this.#run(name, () => ({ date, dueAt: new Date(dueAt) }));
    } catch (error) {
      this.options.log.error({ err: error, job: name, date }, 'job failed, will be tried again');
      throw error;
    }
  }

  /** Failed for good: written down, and the system administrator told, once. */
  #giveUp({ data: { name, date, dueAt } }: Queued<Sent>): Promise<void> {
    const { transactions, log } = this.options;
    return transactions.run(system, async (work) => {
      const failed = await work.query(failedRun, [name, date, dueAt, work.now, work.actor.person]);
      if (failed.length === 0) return;
      work.notify(
        { kind: 'alert', procedure: name, number: date, state: 'failed', dueAt, to: administrators },
        this.#byName.get(name)?.clause ?? 'X-01',
      );
      log.error({ job: name, date }, 'job failed for good');
      runs.inc({ job: name, outcome: 'failed' });
    });
  }
}

/** What is sent: which job, for which date. */
interface Sent {
  readonly name: string;
  readonly date: CalendarDate;
  readonly dueAt: string;
}

const isLate = (dueAt: Date, now: Date) => now.getTime() - dueAt.getTime() > LATE_MS;
const administrators = { powers: { 'system-administrator': 'all' } };

/** Locks how far each job is planned. A job that is new is planned from now on. */
async function lockPlan(work: Work, names: readonly string[]): Promise<Map<string, Date>> {
  await work.query(
    'INSERT INTO job_plan (name, planned_to) SELECT unnest($1::text[]), $2::timestamptz ORDER BY 1 ON CONFLICT DO NOTHING',
    [names, work.now],
  );
  const rows = await work.query<{ name: string; planned_to: Date | string }>(
    'SELECT name, planned_to FROM job_plan WHERE name = ANY($1) ORDER BY name FOR UPDATE',
    [names],
  );
  return new Map(rows.map(({ name, planned_to }) => [name, new Date(planned_to)]));
}

/** pg-boss's statements in a transaction of ours. */
const executing = (work: Work): Db => ({
  executeSql: async (text, values) => ({ rows: await work.query(text, values) }),
});

export const notDue = domainError({
  code: 'job.not-due',
  kind: 'unprocessable',
  en: '{job} is not due on {date}, or not yet.',
  zh: '{job}在{date}不应执行，或尚未到执行时间。',
});

/** Whoever comes second waits for the first and takes nothing; what had failed for good may be run after all. */
const takeRun = `
INSERT INTO job_run (name, date, due_at, started_at, late, outcome, actor) VALUES ($1, $2, $3, $4, $5, 'done', $6)
ON CONFLICT (name, date) DO UPDATE SET started_at = excluded.started_at, late = excluded.late, outcome = 'done', actor = excluded.actor
  WHERE job_run.outcome = 'failed'
RETURNING name`;
const failedRun = `
INSERT INTO job_run (name, date, due_at, started_at, late, outcome, actor) VALUES ($1, $2, $3, $4, true, 'failed', $5)
ON CONFLICT DO NOTHING RETURNING name`;
const lastRuns = `
SELECT DISTINCT ON (name) name, date::text, due_at AS "dueAt", started_at AS "startedAt", took_ms AS "tookMs", late, outcome, actor
FROM job_run WHERE name = ANY($1) ORDER BY name, date DESC`;

const runs = new Counter({
  name: 'job_runs_total',
  help: 'Scheduled work done, or failed for good',
  labelNames: ['job', 'outcome'],
});
