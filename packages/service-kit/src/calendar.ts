import { createHash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { calendarDayEvents } from '@fenxiao/contracts/appraisals';
import type { Event } from '@fenxiao/contracts/event';
import type { DayOrigin, HolidaySource } from '@fenxiao/domain/holidays';
import type { Sql } from '@fenxiao/messaging/sql';
import { EventContext, On } from '@fenxiao/messaging/transport';
import { Controller } from '@nestjs/common';
import { Ctx, Payload } from '@nestjs/microservices';
import { recomputeClocks } from './clock-recomputing.js';
import type { AnyBound } from './engine.js';
import type { Transactions, Work } from './work.js';

/** every service keeps the declared days from events. A declaration withdrawn before it was approved was never known. */
@Controller()
export class CalendarProjection {
  @On(calendarDayEvents.approved)
  approved(
    @Payload() { subject, data }: Event<typeof calendarDayEvents.approved>,
    @Ctx() { work }: EventContext<Work>,
  ) {
    const { date, kind, name } = data.form;
    return work.query(
      `WITH day AS (INSERT INTO known_calendar_day (id, date, working, name) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING RETURNING id)
       UPDATE calendar_revision SET revision = revision + 1 WHERE EXISTS (SELECT FROM day)`,
      [subject, date, kind === 'make-up-day', name],
    );
  }

  @On(calendarDayEvents.withdrawn)
  withdrawn(@Payload() { subject }: Event<typeof calendarDayEvents.withdrawn>, @Ctx() { work }: EventContext<Work>) {
    return work.query(
      `WITH day AS (DELETE FROM known_calendar_day WHERE id = $1 RETURNING id)
       UPDATE calendar_revision SET revision = revision + 1 WHERE EXISTS (SELECT FROM day)`,
      [subject],
    );
  }
}

/** How often each process asks whether the calendar has changed, and whether deadlines lag behind it, in milliseconds. */
const ASK_MS = 500;
const RECOMPUTE_MS = 1000;

/**
 * the declared days as one process knows them. The projection's handler runs in one process of a service, so the
 * others ask: one row each half second, and the days only when the revision has grown. No message to be missed, nothing
 * asked per calculation. A change is in force everywhere within two seconds: the time of an event plus this one.
 *
 * The BusinessCalendar sees the revision grow and forgets the days it keeps. In between a process may still start a clock
 * by the old calendar; the clock carries the revision it was computed at, so `recomputeClocks` finds it.
 */
export class DeclaredDays implements HolidaySource {
  revision = 0;
  #days: ReadonlyMap<string, { readonly working: boolean; readonly name: string }> = new Map();
  readonly #holidays: string;
  readonly #closing = new AbortController();
  #loops: Promise<unknown> | undefined;

  /** @param holidays what this process knows without declarations */
  constructor(
    private readonly sql: Sql,
    holidays: HolidaySource,
  ) {
    this.#holidays = digestOf(holidays);
  }

  /**
   * Another holiday file, or the law's days of one more year, change deadlines as a declared day does: whichever process
   * starts with it first raises the revision. Those that still run with what was before stay at theirs, and so leave the
   * deadlines to the others.
   */
  async begin(): Promise<void> {
    await this.sql.query(
      'UPDATE calendar_revision SET holidays = $1, revision = revision + 1 WHERE holidays IS DISTINCT FROM $1',
      [this.#holidays],
    );
    await this.refresh();
  }

  isWorkingDay(date: string): boolean | undefined {
    return this.#days.get(date)?.working;
  }

  originOf(date: string): DayOrigin | undefined {
    const day = this.#days.get(date);
    return day && { source: 'declared', name: { en: day.name, zh: day.name } };
  }

  /** Reads the days if they have changed; revision and days are of one snapshot. */
  async refresh(): Promise<void> {
    const rows = await this.sql.query<{ revision: number; date: string | null; working: boolean; name: string }>(
      `SELECT r.revision, d.date::text, d.working, d.name
       FROM calendar_revision r LEFT JOIN known_calendar_day d ON r.revision <> $1 WHERE r.holidays = $2 ORDER BY d.id`,
      [this.revision, this.#holidays],
    );
    const revision = rows[0]?.revision ?? this.revision;
    if (revision === this.revision) return;
    this.#days = new Map(rows.flatMap(({ date, working, name }) => (date ? [[date, { working, name }]] : [])));
    this.revision = revision;
  }

  /** Follows the changes, and has the deadlines of running clocks follow them. */
  start(transactions: Transactions, procedures: readonly AnyBound[], onTrouble: (error: unknown) => void): void {
    this.#loops ??= Promise.all([
      this.#every(ASK_MS, () => this.refresh(), onTrouble),
      this.#every(RECOMPUTE_MS, () => recomputeClocks(transactions, procedures, onTrouble), onTrouble),
    ]);
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#loops;
  }

  async #every(ms: number, task: () => Promise<unknown>, onTrouble: (error: unknown) => void): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      await task().catch(onTrouble);
      await delay(ms, undefined, { signal }).catch(() => {});
    }
  }
}

/** What a source says of this century's days. */
function digestOf(holidays: HolidaySource): string {
  const digest = createHash('sha256');
  for (const at = new Date('2004-01-01'); at.getUTCFullYear() < 2100; at.setUTCDate(at.getUTCDate() + 1)) {
    const date = at.toISOString().slice(0, 10);
    const worked = holidays.isWorkingDay(date);
    if (worked !== undefined) digest.update(`${date} ${worked}\n`);
  }
  return digest.digest('hex');
}
