import { newId } from '@fenxiao/domain/id';
import type { Admin, EachBatchPayload, Kafka } from 'kafkajs';
import type { PartitionEnd } from './event-log.js';
import { KafkaConsumer } from './kafka-consumer.js';
import { recordOf } from './kafka-message.js';

/** The last records say where a partition ends; so many, because the very last may be a repeat of earlier ones. */
const TAIL = 1000n;
const PATIENCE_MS = 20_000;

/** A partition in Kafka's own offsets. */
interface Place {
  readonly topic: string;
  readonly part: number;
  readonly low: bigint;
  readonly high: bigint;
}

/** With what both offsets were when it was read. */
type End = Place & PartitionEnd;

interface Wanted {
  /** Kafka's offset to read up to */
  readonly to: bigint;
  readonly offs: bigint[];
  readonly done: PromiseWithResolvers<void>;
}

/**
 * Where partitions end in the log's offsets. Kafka counts repeats too, so its own offsets do not say: the last records
 * are read, by a consumer in a group of its own, which rests as long as nothing is added.
 */
export class KafkaEnds {
  readonly #known = new Map<string, End>();
  readonly #wanted = new Map<string, Wanted>();
  #topics: readonly string[] = [];
  #reader: KafkaConsumer | undefined;
  #joined = Promise.withResolvers<void>();
  #last: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly kafka: Kafka,
    private readonly admin: Admin,
  ) {}

  /** One at a time: two that seek in one partition would confuse each other. */
  read(topics: readonly string[]): Promise<readonly PartitionEnd[]> {
    const reading = this.#last.then(() => this.#read(topics));
    this.#last = reading.catch(() => {});
    return reading;
  }

  async close(): Promise<void> {
    await this.#reader?.close();
  }

  async #read(topics: readonly string[]): Promise<readonly PartitionEnd[]> {
    const existing = new Set(await this.admin.listTopics());
    const found = [...new Set(topics)].filter((topic) => existing.has(topic)).toSorted();
    const places = await Promise.all(
      found.map(async (topic) =>
        (await this.admin.fetchTopicOffsets(topic))
          .map(({ partition, low, high }) => ({ topic, part: partition, low: BigInt(low), high: BigInt(high) }))
          .toSorted((a, b) => a.part - b.part),
      ),
    );
    const changed = ({ topic, part, low, high }: Place) => {
      const known = this.#known.get(`${topic}/${part}`);
      return high > low && (known?.low !== low || known.high !== high);
    };
    if (places.flat().some(changed)) await this.#listen(found);
    return Promise.all(places.flat().map((place) => this.#end(place)));
  }

  async #end({ topic, part, low, high }: Place): Promise<PartitionEnd> {
    const name = `${topic}/${part}`;
    const before = this.#known.get(name);
    if (before?.low === low && before.high === high) return before;
    let first = low + 1n;
    if (low > 0n && low < high)
      first = before?.low === low ? before.first : ((await this.#offsets(topic, part, low, low + 1n))[0] ?? first);
    const from = [low, high - TAIL, before?.high ?? low].reduce((a, b) => (a > b ? a : b));
    const offs = from < high ? await this.#offsets(topic, part, from, high) : [];
    // Nothing left to read: Kafka's count is as good a guess as there is.
    const next = offs.reduce((most, off) => (off >= most ? off + 1n : most), before?.next ?? low + 1n);
    const end: End = { topic, part, first, next, low, high };
    this.#known.set(name, end);
    return end;
  }

  /** The log's offsets of the records from one of Kafka's offsets up to another. */
  async #offsets(topic: string, part: number, from: bigint, to: bigint): Promise<bigint[]> {
    const wanted: Wanted = { to, offs: [], done: Promise.withResolvers() };
    this.#wanted.set(`${topic}/${part}`, wanted);
    const reader = this.#reader?.current;
    reader?.seek({ topic, partition: part, offset: String(from) });
    reader?.resume([{ topic, partitions: [part] }]);
    const patience = setTimeout(
      () => wanted.done.reject(new Error(`the end of ${topic}/${part} could not be read`)),
      PATIENCE_MS,
    );
    try {
      await wanted.done.promise;
    } finally {
      clearTimeout(patience);
      this.#wanted.delete(`${topic}/${part}`);
    }
    return wanted.offs;
  }

  /** A client that reads these topics, all of them at rest. */
  async #listen(topics: readonly string[]): Promise<void> {
    if (!this.#reader || topics.some((topic) => !this.#topics.includes(topic))) {
      await this.#reader?.close();
      this.#topics = [...new Set([...this.#topics, ...topics])];
      this.#joined = Promise.withResolvers();
      this.#reader = new KafkaConsumer({
        kafka: this.kafka,
        group: `ends-${newId()}`,
        topics: this.#topics,
        eachBatch: (batch) => this.#eachBatch(batch),
        onJoin: (consumer, assigned) => {
          consumer.pause(assigned);
          for (const { done } of this.#wanted.values()) done.reject(new Error('the reader of ends starts again'));
          this.#joined.resolve();
        },
        onTrouble: (error) => {
          for (const { done } of this.#wanted.values()) done.reject(error);
        },
      });
    }
    const impatient = AbortSignal.timeout(PATIENCE_MS);
    await Promise.race([
      this.#joined.promise,
      new Promise((_, fail) => impatient.addEventListener('abort', () => fail(new Error('Kafka does not answer')))),
    ]);
  }

  #eachBatch({ batch, pause, resolveOffset, isStale }: EachBatchPayload): Promise<void> {
    const wanted = this.#wanted.get(`${batch.topic}/${batch.partition}`);
    if (isStale()) return Promise.resolve();
    for (const message of batch.messages) {
      const record = recordOf(batch.topic, batch.partition, message);
      if (record && wanted && BigInt(message.offset) < wanted.to) wanted.offs.push(record.off);
    }
    resolveOffset(batch.lastOffset());
    if (!wanted || BigInt(batch.lastOffset()) + 1n >= wanted.to) {
      pause();
      wanted?.done.resolve();
    }
    return Promise.resolve();
  }
}
