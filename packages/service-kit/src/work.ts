import type { EventContract, FactData, Meta } from '@fenxiao/contracts/event';
import { noticeEvents } from '@fenxiao/contracts/platform';
import type { BusinessCalendar } from '@fenxiao/domain/business-calendar';
import { newId } from '@fenxiao/domain/id';
import { outboxRow, writeOutbox, type OutboxRow } from '@fenxiao/messaging/outbox';
import type { Sequencer } from '@fenxiao/messaging/sequencer';
import type { Sql } from '@fenxiao/messaging/sql';
import type { EntityManager, MikroORM } from '@mikro-orm/postgresql';
import { CompiledQuery, type Transaction } from 'kysely';
import type { Actor } from './actor.js';
import type { BaseConfig } from './config.js';
import { personalKeysOf, type PersonalKeys } from './personal-keys.js';
import { writeAudit, type AuditEntry } from './audit.js';

/** The present, as the rules see it: injected, so that tests can move it. */
export interface TimeSource {
  now(): Date;
}

/** An aggregate's root: its id and how many events it has published. */
export interface Publisher {
  readonly id: string;
  events: number;
}

/**
 * One unit of work: a transaction in which state, audit and outbox commit together or not at all. Rules get the time,
 * the calendar and the actor from here, never from the machine.
 */
export class Work implements Sql {
  readonly #outbox: OutboxRow[] = [];
  readonly #audit: AuditEntry[] = [];
  /** subjects whose rows this transaction has locked or made, by id */
  readonly locked = new Map<string, object>();
  /** what is done once everything else is written, by subject: sealing */
  readonly atEnd = new Map<string, () => Promise<void>>();
  /** trace context that goes with the events: the request's, or that of the event being handled */
  traceparent: string | undefined;

  constructor(
    readonly em: EntityManager,
    readonly actor: Actor,
    readonly now: Date,
    readonly calendar: BusinessCalendar,
    /** the service's configuration: what the regulations leave blank */
    readonly config: BaseConfig,
    /** name of the service whose unit of work this is */
    readonly service: string,
  ) {
    this.traceparent = actor.traceparent;
  }

  /** the one currency of the installation */
  get currency(): string {
    return this.config.CURRENCY;
  }

  /** what personal fields are sealed by */
  get personalKeys(): PersonalKeys {
    return personalKeysOf(this.config);
  }

  /** today's date in the business time zone */
  get today(): string {
    return this.calendar.dateOf(this.now);
  }

  /** Plain SQL in this transaction; parameters are `$1`, `$2`, … Changes of entities not flushed yet are not seen. */
  async query<Row extends object>(text: string, values: readonly unknown[] = []): Promise<Row[]> {
    const transaction = this.em.getTransactionContext<Transaction<unknown>>();
    if (!transaction) throw new Error('this unit of work is over');
    const result = await transaction.executeQuery<Row>(CompiledQuery.raw(text, [...values]));
    return result.rows;
  }

  /** Records a fact; its number among the aggregate's events is taken here, under the lock of the root row. */
  publish<C extends EventContract>(
    contract: C,
    root: Publisher,
    data: FactData<C>,
    meta: Omit<Meta, 'actor' | 'role'> & { role?: string },
  ): void {
    root.events += 1;
    const { actor, now: time } = this;
    const full = { role: 'system', ...meta, actor: actor.person };
    this.#outbox.push(
      outboxRow({
        contract,
        subject: root.id,
        sequence: root.events,
        time,
        meta: full,
        data,
        traceparent: this.traceparent,
      }),
    );
  }

  /** Lets somebody know: a person's inbox, e-mail or webhook, as they chose. Delivered by the console. */
  notify(notice: FactData<ReturnType<typeof noticeEvents>['requested']>, rule: string): void {
    this.publish(noticeEvents(this.service).requested, { id: newId(), events: 0 }, notice, { rule });
  }

  record(entry: Omit<AuditEntry, 'at' | 'actor' | 'requestId'>): void {
    this.#audit.push({ ...entry, at: this.now, actor: this.actor.person, requestId: this.actor.requestId });
  }

  /** A row for another topic than the service's own: dead letters. */
  enqueue(row: OutboxRow): void {
    this.#outbox.push(row);
  }

  /** Flushes entities, then writes audit and outbox: the root row is locked and touched before its events get ids. */
  async finish(): Promise<boolean> {
    await this.em.flush();
    await writeAudit(this, this.#audit);
    for (const last of this.atEnd.values()) await last();
    await writeOutbox(this, this.#outbox);
    return this.#outbox.length > 0;
  }
}

/** Opens units of work on the service's database. */
export class Transactions {
  constructor(
    readonly orm: MikroORM,
    private readonly time: TimeSource,
    private readonly calendar: BusinessCalendar,
    private readonly config: BaseConfig,
    private readonly sequencer: Sequencer,
    private readonly service: string,
  ) {}

  now(): Date {
    return this.time.now();
  }

  /**
   * Runs in one transaction; commits when it resolves, rolls everything back when it rejects. A transaction the
   * database chose as the victim of a deadlock is run again: it has had no effect.
   */
  async run<T>(actor: Actor, work: (work: Work) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#once(actor, work);
      } catch (error) {
        if (attempt === 5 || !isDeadlock(error)) throw error;
      }
    }
  }

  async #once<T>(actor: Actor, work: (work: Work) => Promise<T>): Promise<T> {
    const em = this.orm.em.fork();
    await em.begin();
    const unit = new Work(em, actor, this.time.now(), this.calendar, this.config, this.service);
    let published: boolean;
    let result: T;
    try {
      result = await work(unit);
      published = await unit.finish();
      await em.commit();
    } catch (error) {
      await em.rollback();
      throw error;
    }
    if (published) this.sequencer.poke();
    return result;
  }

  /** A transaction that changes nothing and is rolled back: for dry runs. */
  async tryOut<T>(actor: Actor, work: (work: Work) => Promise<T>): Promise<T> {
    const em = this.orm.em.fork();
    await em.begin();
    const unit = new Work(em, actor, this.time.now(), this.calendar, this.config, this.service);
    try {
      const result = await work(unit);
      await unit.finish();
      return result;
    } finally {
      await em.rollback();
    }
  }
}

/** deadlock_detected, serialization_failure; the driver's error may stand behind the ORM's. */
function isDeadlock(error: unknown): boolean {
  for (let e: unknown = error; e instanceof Error; e = e.cause)
    if (['40P01', '40001'].includes((e as { code?: string }).code ?? '')) return true;
  return false;
}
