import { setTimeout as delay } from 'node:timers/promises';
import type { Consumer, EachBatchPayload, Kafka } from 'kafkajs';

interface Options {
  readonly kafka: Kafka;
  readonly group: string;
  readonly topics: readonly string[];
  /** Has to return at once: while it runs nothing else is fetched, and the group may take the member for dead. */
  readonly eachBatch: (batch: EachBatchPayload, consumer: Consumer) => Promise<void>;
  /** The partitions have been dealt out anew; nothing of them has been fetched yet. */
  readonly onJoin?: (consumer: Consumer, assigned: { topic: string; partitions: number[] }[]) => void;
  readonly onTrouble: (error: unknown) => void;
  /** records wanted of a partition at once */
  readonly batch?: number;
  /** waited for before each start */
  readonly prepare?: () => Promise<unknown>;
}

/** Without a fetch for so long the client is stuck: fetches answer several times a second. */
const STUCK_MS = 30_000;
/** More rebalances a minute than members that come and go can cause. */
const MAX_REBALANCES = 20;

/**
 * A kafkajs consumer that is replaced by a new one when it has crashed (tulios/kafkajs#1441: for good, during a
 * rebalance), is stuck, or joins its group over and over (#1720). It commits nothing by itself.
 */
export class KafkaConsumer {
  readonly #closing = new AbortController();
  readonly #running: Promise<void>;
  #consumer: Consumer | undefined;

  constructor(private readonly options: Options) {
    this.#running = this.#run();
  }

  /** The client in use; undefined between two. */
  get current(): Consumer | undefined {
    return this.#consumer;
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      await this.#live().catch((error: unknown) => {
        if (!signal.aborted) this.options.onTrouble(error);
      });
      // By chance, lest members that loop together do it again.
      await delay(500 + Math.random() * 1000, undefined, { signal }).catch(() => {});
    }
  }

  /** The life of one client. Rejects with what ended it. */
  async #live(): Promise<void> {
    const { kafka, group, topics, batch = 500, eachBatch, onJoin, prepare } = this.options;
    const { signal } = this.#closing;
    await prepare?.();
    const consumer = kafka.consumer({
      groupId: group,
      sessionTimeout: 10_000,
      heartbeatInterval: 1000,
      rebalanceTimeout: 15_000,
      maxWaitTimeInMs: 100, // a partition that is resumed waits for the fetch without it
      // A record has a kilobyte or two; kafkajs asks for a megabyte by default.
      maxBytesPerPartition: Math.max(2 ** 20, batch * 1500),
      maxBytes: Math.max(10 * 2 ** 20, 4 * batch * 1500),
      allowAutoTopicCreation: false,
      retry: { retries: 3, restartOnFailure: () => Promise.resolve(false) },
    });
    const ended = Promise.withResolvers<void>();
    signal.addEventListener('abort', () => ended.resolve(), { once: true });
    let fetchedAt = performance.now();
    let rebalances: number[] = [];
    consumer.on('consumer.fetch', () => (fetchedAt = performance.now()));
    consumer.on('consumer.group_join', ({ payload }) => {
      const assigned = Object.entries(payload.memberAssignment);
      onJoin?.(
        consumer,
        assigned.map(([topic, partitions]) => ({ topic, partitions })),
      );
    });
    consumer.on('consumer.crash', ({ payload }) => ended.reject(payload.error));
    consumer.on('consumer.rebalancing', () => {
      const now = performance.now();
      rebalances = [...rebalances.filter((at) => at > now - 60_000), now];
      if (rebalances.length > MAX_REBALANCES) ended.reject(new Error(`group ${group} does not come to rest`));
    });
    const watch = setInterval(() => {
      if (performance.now() - fetchedAt > STUCK_MS) ended.reject(new Error(`consumer of ${group} is stuck`));
    }, 1000);
    try {
      await consumer.connect();
      await consumer.subscribe({ topics: [...topics], fromBeginning: true });
      this.#consumer = consumer;
      await consumer.run({
        autoCommit: false,
        eachBatchAutoResolve: false,
        eachBatch: (batch) => eachBatch(batch, consumer),
      });
      await ended.promise;
    } finally {
      ended.promise.catch(() => {});
      clearInterval(watch);
      this.#consumer = undefined;
      await Promise.race([consumer.disconnect().catch(() => {}), delay(10_000, undefined, { ref: false })]);
    }
  }
}
