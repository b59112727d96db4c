import { setImmediate as immediate } from 'node:timers/promises';
import { Partitioners, type Producer } from 'kafkajs';
import type { LogRecord, Running, Trouble } from './event-log.js';
import type { KafkaEventLog } from './kafka-log.js';
import { messageOf } from './kafka-message.js';
import { PostgresEventLog } from './postgres-log.js';
import type { Sql } from './sql.js';

interface Options {
  /** the PostgreSQL the events are written to */
  readonly url: string;
  /** a connection to it */
  readonly sql: Sql;
  readonly to: KafkaEventLog;
  /** the service, which publishes its own topics and nobody else's */
  readonly service: string;
  readonly topics: readonly string[];
  readonly onTrouble: (trouble: Trouble) => void;
}

/** A Kafka batch is one unit to brokers and consumers: small enough for their buffers. */
const MAX_BATCH_BYTES = 512 * 1024;

/**
 * Carries a service's topics from PostgreSQL to Kafka: the same partitions, the same order. Every process of a service
 * runs one, and they share the partitions by leases. One that was killed or lost its lease may have sent records that
 * the next sends again; since each sends what follows on what is published, repeats never leave a hole or jump ahead.
 */
export class KafkaPublisher {
  readonly #from: PostgresEventLog;
  readonly #producer: Producer;
  #connected: Promise<void> | undefined;
  #running: Running | undefined;
  #waiting: { readonly records: readonly LogRecord[]; readonly sent: PromiseWithResolvers<void> }[] = [];
  #sending: Promise<void> | undefined;

  constructor(private readonly options: Options) {
    this.#from = new PostgresEventLog(options.url);
    this.#producer = options.to.kafka.producer({
      allowAutoTopicCreation: false,
      createPartitioner: Partitioners.DefaultPartitioner,
    });
  }

  async start(): Promise<void> {
    const { sql, service, topics, onTrouble } = this.options;
    // Where part of the log had been dropped before there was a Kafka, it begins with what is left.
    await sql.query(
      `INSERT INTO event_log.published (topic, part, off)
       SELECT topic, part, first - 1 FROM event_log.partition WHERE topic = ANY($1) ON CONFLICT DO NOTHING`,
      [topics],
    );
    this.#running = await this.#from.subscribe({
      // A group shares its partitions among all its members, so each service needs its own.
      group: `kafka-publisher ${service}`,
      topics,
      mark: async (topic, part) => {
        const [row] = await sql.query<{ off: string }>(
          'SELECT off FROM event_log.published WHERE topic = $1 AND part = $2',
          [topic, part],
        );
        return BigInt(row!.off);
      },
      ready: () => this.#turn(),
      apply: (records) => this.#wait(records),
      onTrouble,
    });
  }

  /** How many records of the log are not in Kafka yet. */
  async left(): Promise<number> {
    const [row] = await this.options.sql.query<{ left: string }>(
      `SELECT coalesce(sum(next - 1 - off), 0) AS left
       FROM event_log.partition JOIN event_log.published USING (topic, part) WHERE topic = ANY($1)`,
      [this.options.topics],
    );
    return Number(row!.left);
  }

  /** Finishes the batch in hand. What is left is published by another process, or after the next start. */
  async close(): Promise<void> {
    await this.#running?.close();
    await this.#from.close();
    await this.#producer.disconnect();
  }

  /** What one reading brought is sent together, and while that is under way nothing else is read. */
  #wait(records: readonly LogRecord[]): Promise<void> {
    const sent = Promise.withResolvers<void>();
    if (this.#waiting.push({ records, sent }) === 1) setImmediate(() => void (this.#sending = this.#send()));
    return sent.promise;
  }

  async #turn(): Promise<void> {
    await immediate();
    await this.#sending;
  }

  /** Never rejects: each partition is told. */
  async #send(): Promise<void> {
    const taken = this.#waiting.splice(0).map(({ records, sent }) => ({ pieces: chunks(records), sent }));
    try {
      await this.#publish(taken.map(({ pieces }) => pieces));
      for (const { sent } of taken) sent.resolve();
    } catch {
      // One of them may hold what no broker takes: each on its own, lest it hold up the others.
      await Promise.all(taken.map(({ pieces, sent }) => this.#publish([pieces]).then(sent.resolve, sent.reject)));
    }
  }

  /** @param parts of each partition what is to be sent, in the pieces in which it is sent */
  async #publish(parts: readonly LogRecord[][][]): Promise<void> {
    await this.#connect();
    for (let i = 0; parts.some((pieces) => i < pieces.length); i++) {
      const pieces = parts.flatMap((all) => all.slice(i, i + 1));
      const topicMessages = pieces.map((piece) => ({ topic: piece[0]!.topic, messages: piece.map(messageOf) }));
      await this.#producer.sendBatch({ acks: -1, topicMessages });
      const last = pieces.map((piece) => piece.at(-1)!);
      await this.options.sql.query(
        `UPDATE event_log.published p SET off = s.off FROM unnest($1::text[], $2::int[], $3::bigint[]) s(topic, part, off)
         WHERE p.topic = s.topic AND p.part = s.part AND p.off < s.off`,
        [last.map(({ topic }) => topic), last.map(({ part }) => part), last.map(({ off }) => off)],
      );
    }
  }

  async #connect(): Promise<void> {
    const connect = async () => {
      await this.options.to.ready();
      await this.#producer.connect();
    };
    this.#connected ??= connect().catch((error: unknown) => {
      this.#connected = undefined;
      throw error;
    });
    await this.#connected;
  }
}

function chunks(records: readonly LogRecord[]): LogRecord[][] {
  const all: LogRecord[][] = [];
  let bytes = Infinity;
  for (const record of records) {
    const size = Buffer.byteLength(record.value) + Buffer.byteLength(record.headers) + record.key.length;
    if (bytes + size > MAX_BATCH_BYTES) {
      all.push([]);
      bytes = 0;
    }
    all.at(-1)!.push(record);
    bytes += size;
  }
  return all;
}
