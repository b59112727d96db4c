import { setTimeout as delay } from 'node:timers/promises';
import kafkajs, { type Admin, type Consumer, type EachBatchPayload, type Kafka } from 'kafkajs';
import {
  BeyondRetention,
  HoleInLog,
  type EventLog,
  type LogRecord,
  type PartitionEnd,
  type Running,
  type Subscription,
} from './event-log.js';
import { KafkaConsumer } from './kafka-consumer.js';
import { KafkaEnds } from './kafka-ends.js';
import { recordOf } from './kafka-message.js';

/** How long brokers may take to answer and to make topics. */
const PATIENCE_MS = 10_000;

/** The event log as Kafka keeps it, once a {@link KafkaPublisher} has put it there. */
export class KafkaEventLog implements EventLog {
  readonly #admin: Admin;
  readonly #ends: KafkaEnds;
  readonly #running = new Set<Running>();
  #ready: Promise<void> | undefined;

  /** @param prepare waited for, and tried until it succeeds, before anything is read: topics are created there */
  constructor(
    readonly kafka: Kafka,
    private readonly prepare: (admin: Admin) => Promise<void> = () => Promise.resolve(),
  ) {
    this.#admin = kafka.admin();
    this.#ends = new KafkaEnds(kafka, this.#admin);
  }

  /** Brokers that are away are no reason to fail: they are tried again, and the subscription is told. */
  subscribe(subscription: Subscription): Promise<Running> {
    const member = new Member(this.kafka, this.#admin, subscription, () => this.ready());
    const running: Running = {
      close: async () => {
        this.#running.delete(running);
        await member.close();
      },
    };
    this.#running.add(running);
    return Promise.resolve(running);
  }

  async ends(topics: readonly string[]): Promise<readonly PartitionEnd[]> {
    await this.ready();
    return this.#ends.read(topics);
  }

  /** Resolves when the brokers answer and the topics are there. @throws when it takes too long, or can't be */
  async ready(): Promise<void> {
    this.#ready ??= this.#connect().catch((error: unknown) => {
      this.#ready = undefined;
      throw error;
    });
    await this.#ready;
  }

  async #connect(): Promise<void> {
    const end = performance.now() + PATIENCE_MS;
    for (;;) {
      try {
        await this.#admin.connect();
        return await this.prepare(this.#admin);
      } catch (error) {
        // Topics that somebody else is creating at this moment have no leader yet.
        if (!(error instanceof kafkajs.KafkaJSError) || performance.now() > end) throw error;
        await delay(200);
      }
    }
  }

  async close(): Promise<void> {
    await Promise.all([...this.#running].map((running) => running.close()));
    await this.#ends.close();
    await this.#admin.disconnect();
  }
}

interface Position {
  readonly topic: string;
  readonly part: number;
  /** fetched and not yet applied, with Kafka's own offsets */
  waiting: { readonly record: LogRecord; readonly at: string }[];
  /** offset in the log that has to come next; undefined: the mark has to be asked */
  next: bigint | undefined;
  /** Kafka's offset from which it has been read without a break */
  from: bigint | undefined;
  /** what has been read since then led up to `next` */
  reached: boolean;
  stopped: boolean;
  /** the partitions have been dealt out anew since */
  lost: boolean;
  /** some of it is being applied */
  busy: boolean;
}

/** One member of a consumer group. Kafka says which partitions it reads; the marks say what of them it needs. */
class Member {
  readonly #consumer: KafkaConsumer;
  readonly #closing = new AbortController();
  #positions = new Map<string, Position>();
  /** What runs per partition, of positions given up too: none begins before the one before it has ended. */
  readonly #work = new Map<string, Promise<void>>();
  #commits = new Map<string, { topic: string; partition: number; offset: string }>();
  #committedAt = 0;

  constructor(
    kafka: Kafka,
    private readonly admin: Admin,
    private readonly subscription: Subscription,
    prepare: () => Promise<void>,
  ) {
    this.#consumer = new KafkaConsumer({
      kafka,
      group: subscription.group,
      topics: subscription.topics,
      batch: this.#most,
      eachBatch: (payload, consumer) => this.#take(payload, consumer),
      onJoin: (consumer) => this.#forget(consumer),
      onTrouble: (error) => this.#trouble('*', 0, error, false),
      prepare,
    });
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await Promise.all(this.#work.values());
    await this.#commit();
    await this.#consumer.close();
  }

  /** Partitions may be others' now: whoever gets one asks its mark. */
  #forget(consumer: Consumer): void {
    for (const position of this.#positions.values()) position.lost = true;
    this.#positions = new Map();
    this.#commits = new Map();
    consumer.resume(consumer.paused());
  }

  /** Puts what was fetched with what waits, and lets it be applied beside: one slow partition must not hold up others. */
  async #take({ batch, resolveOffset, heartbeat, isStale }: EachBatchPayload, consumer: Consumer): Promise<void> {
    const { topic, partition: part, messages } = batch;
    if (this.#closing.signal.aborted || isStale()) return;
    const name = `${topic}/${part}`;
    let position = this.#positions.get(name);
    if (!position) {
      position = {
        topic,
        part,
        waiting: [],
        next: undefined,
        from: undefined,
        reached: false,
        stopped: false,
        lost: false,
        busy: false,
      };
      this.#positions.set(name, position);
    }
    if (position.stopped) return;
    position.from ??= BigInt(messages[0]!.offset);
    for (const message of messages) {
      const record = recordOf(topic, part, message);
      if (record) position.waiting.push({ record, at: message.offset });
      else this.#trouble(topic, part, new Error(`Kafka's record ${message.offset} has no logoffset`), false);
    }
    resolveOffset(batch.lastOffset());
    // What waits is bounded: a batch, and what one fetch brings.
    if (position.waiting.length >= this.#most) consumer.pause([{ topic, partitions: [part] }]);
    this.#start(name, position, consumer);
    await heartbeat();
  }

  get #most(): number {
    return this.subscription.batch ?? 500;
  }

  #start(name: string, position: Position, consumer: Consumer): void {
    if (position.busy) return;
    position.busy = true;
    const before = this.#work.get(name) ?? Promise.resolve();
    this.#work.set(
      name,
      before.then(() => this.#applyAll(position, consumer)),
    );
  }

  /** Never rejects. */
  async #applyAll(position: Position, consumer: Consumer): Promise<void> {
    const { topic, part } = position;
    const these = [{ topic, partitions: [part] }];
    while (position.waiting.length > 0 && !position.stopped && !position.lost && !this.#closing.signal.aborted) {
      try {
        await this.subscription.ready?.();
        if (position.lost) break;
        await this.#applySome(position, consumer);
      } catch (error) {
        position.stopped = error instanceof HoleInLog || error instanceof BeyondRetention;
        this.#trouble(topic, part, error, position.stopped);
        // Delivered again from the durable mark: part of it may have been applied.
        position.next = undefined;
        if (!position.stopped) await delay(200, undefined, { signal: this.#closing.signal }).catch(() => {});
      }
      if (position.lost) break;
      if (position.stopped) ifLiving(() => consumer.pause(these));
      else if (position.waiting.length < this.#most) ifLiving(() => consumer.resume(these));
    }
    if (position.stopped) position.waiting = [];
    position.busy = false;
  }

  /** Applies what follows on the mark, as much as one batch may hold. */
  async #applySome(position: Position, consumer: Consumer): Promise<void> {
    const { topic, part, waiting } = position;
    position.next ??= (await this.subscription.mark(topic, part)) + 1n;
    const records: LogRecord[] = [];
    let next = position.next;
    let used = 0;
    for (const { record } of waiting) {
      if (record.off > next || records.length === this.#most) break;
      used += 1;
      position.reached ||= record.off < next;
      if (record.off < next) continue; // a repeat, or applied before
      records.push(record);
      next += 1n;
    }
    if (used === 0) return this.#missing(position, waiting[0]!.record.off, consumer);
    if (records.length > 0) {
      await this.subscription.apply(records);
      position.reached = true;
      position.next = next;
    }
    const [last] = waiting.splice(0, used).slice(-1);
    if (position.lost) return;
    this.#commits.set(`${topic}/${part}`, { topic, partition: part, offset: String(BigInt(last!.at) + 1n) });
    if (performance.now() - this.#committedAt > 1000) await this.#commit();
  }

  /** Where reading began was a hint only: if there is more before it, what is missing may be there. */
  async #missing(position: Position, found: bigint, consumer: Consumer): Promise<void> {
    const { topic, part, next, from, reached } = position;
    const partitions = await this.admin.fetchTopicOffsets(topic);
    const low = BigInt(partitions.find(({ partition }) => partition === part)!.low);
    if (from! <= low)
      throw low > 0n && !reached
        ? new BeyondRetention(topic, part, next!, found)
        : new HoleInLog(topic, part, next!, found);
    if (position.lost) return;
    position.waiting = [];
    position.from = undefined;
    position.reached = false;
    consumer.seek({ topic, partition: part, offset: String(low) });
  }

  /** Tells Kafka where to begin the next time. A hint: if it is lost, more is read and dropped. */
  async #commit(): Promise<void> {
    this.#committedAt = performance.now();
    const commits = [...this.#commits.values()];
    this.#commits = new Map();
    if (commits.length > 0) await this.#consumer.current?.commitOffsets(commits).catch(() => {});
  }

  #trouble(topic: string, part: number, error: unknown, stopped: boolean): void {
    if (!this.#closing.signal.aborted) this.subscription.onTrouble?.({ topic, part, error, stopped });
  }
}

/** A client that has crashed takes no orders any more, and its successor begins anew. */
function ifLiving(order: () => void): void {
  try {
    order();
  } catch {
    // it has ended
  }
}
