import type { Event, EventContract } from '@fenxiao/contracts/event';
import { declaredEvents } from '@fenxiao/contracts/event';
import { EventPattern, Server, type CustomTransportStrategy, type MessageHandler } from '@nestjs/microservices';
import { BaseRpcContext } from '@nestjs/microservices';
import { lastValueFrom } from 'rxjs';
import type { EventLog, Running, Trouble } from './event-log.js';
import { applyOnce, markOf, Skipped } from './once-only.js';
import type { Sql } from './sql.js';

/** How long marks of records that nobody handles wait to be written down; and when they could not be, for the next try. */
const KEEP_MS = 50;
const KEEP_AGAIN_MS = 1000;

/** Handles one type of event: `@On(distributorEvents.activated)`. Runs inside the consumer's transaction. */
export const On = (contract: EventContract): MethodDecorator => EventPattern<string>(contract.type);

/** What a handler gets beside the event: the transaction its effects belong to. */
export class EventContext<Tx extends Sql> extends BaseRpcContext<[Tx, Event]> {
  get work(): Tx {
    return this.args[0];
  }
  get event(): Event {
    return this.args[1];
  }
}

interface Options<Tx extends Sql> {
  readonly log: EventLog;
  /** the service: consumer group and name of its dead-letter topic */
  readonly group: string;
  readonly transaction: <T>(run: (tx: Tx) => Promise<T>) => Promise<T>;
  /** connection for reading marks */
  readonly sql: Sql;
  readonly now: () => Date;
  readonly onTrouble: (trouble: Trouble) => void;
  /** what surrounds the handlers of one event: tracing */
  readonly around?: (event: Event, tx: Tx, run: () => Promise<void>) => Promise<void>;
}

/**
 * NestJS transport over the event log. Offsets move only after the handlers are done, in their own transaction; an
 * unhandled failure becomes a dead letter or a retry, never a silent loss.
 */
export class EventLogServer<Tx extends Sql> extends Server implements CustomTransportStrategy {
  override readonly transportId = Symbol('event-log');
  override readonly propagatesEventHandlerErrors = true;
  #running: Running | undefined;
  readonly #skipped = new Skipped();
  #keeping: NodeJS.Timeout | undefined;
  #closed = false;
  readonly #handlers = new Map<string, MessageHandler[]>();

  constructor(private readonly options: Options<Tx>) {
    super();
  }

  /** Nest would chain the handlers of one event, and the first would start the others with it, beside our own loop. */
  override addHandler(...[pattern, handler, isEvent, extras]: Parameters<Server['addHandler']>): void {
    const type = this.normalizePattern(pattern);
    const known = this.#handlers.get(type);
    if (known) return void known.push(handler);
    this.#handlers.set(type, [handler]);
    super.addHandler(pattern, handler, isEvent, extras);
  }

  /** Topics of the events that have handlers. */
  get topics(): string[] {
    return [...new Set([...this.messageHandlers.keys()].map((type) => contractOf(type).topic))].sort();
  }

  listen(callback: (error?: unknown) => void): void {
    const { log, group, transaction, sql, now, onTrouble, around = (_event, _tx, run) => run() } = this.options;
    if (this.messageHandlers.size === 0) return callback();
    const once = {
      consumer: group,
      transaction,
      now,
      skipped: this.#skipped,
      handles: (type: string) => this.messageHandlers.has(type),
      handle: (event: Event, _record: unknown, tx: Tx) => around(event, tx, () => this.dispatch(event, tx)),
    };
    log
      .subscribe({
        group,
        topics: this.topics,
        mark: async (topic, part) => {
          const mark = await markOf(sql, topic, part);
          // Not before: when it can't be had, reading goes on after what was skipped.
          this.#skipped.forget(topic, part);
          return mark;
        },
        apply: async (records) => {
          await applyOnce(once, records);
          this.#keepSoon();
        },
        onTrouble,
      })
      .then((running) => {
        this.#running = running;
        callback();
      }, callback);
  }

  async close(): Promise<void> {
    await this.#running?.close();
    this.#closed = true;
    clearTimeout(this.#keeping);
    await this.#skipped.keep(this.options.sql).catch(() => {});
  }

  /** What nobody handles moves the marks of all partitions in one statement. */
  #keepSoon(ms = KEEP_MS): void {
    if (this.#skipped.none || this.#closed) return;
    this.#keeping ??= setTimeout(() => {
      this.#keeping = undefined;
      this.#skipped.keep(this.options.sql).catch((error: unknown) => {
        if (this.#closed) return;
        this.options.onTrouble({ topic: '*', part: 0, error, stopped: false });
        this.#keepSoon(KEEP_AGAIN_MS);
      });
    }, ms);
  }

  /** Runs every handler of the event's type, one after the other, and waits for each. */
  private async dispatch(event: Event, tx: Tx): Promise<void> {
    const context = new EventContext<Tx>([tx, event]);
    for (const handler of this.#handlers.get(event.type) ?? []) {
      const result = this.transformToObservable(await handler(event, context)) as Parameters<typeof lastValueFrom>[0];
      await lastValueFrom(result, { defaultValue: undefined });
    }
  }

  on(): void {}
  unwrap<T>(): T {
    return this.options.log as T;
  }
}

function contractOf(type: string): EventContract {
  const contract = declaredEvents().get(type);
  if (!contract) throw new Error(`a handler waits for an event nobody declares: ${type}`);
  return contract;
}
