import { deadLetterTopic, partitionsOf, topics } from '@fenxiao/contracts/topics';
import kafkajs, { type Admin, type Kafka, type SASLOptions } from 'kafkajs';

/** Node sees only some names of a CommonJS package: values are taken from the whole. */
const { ConfigResourceTypes, logLevel } = kafkajs;

/** Where the brokers are, and what they ask of a client. */
export interface KafkaAccess {
  /** `host:port` each */
  readonly brokers: readonly string[];
  /** PEM texts: `ca` instead of the authorities Node knows; `cert` and `key` where brokers ask for a client's own */
  readonly tls?: { readonly ca?: string; readonly cert?: string; readonly key?: string };
  readonly sasl?: {
    readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512';
    readonly username: string;
    readonly password: string;
  };
}

/** A client of the brokers. It says nothing by itself: trouble comes to those who use it. */
export const kafkaClient = (clientId: string, { brokers, tls, sasl }: KafkaAccess): Kafka =>
  new kafkajs.Kafka({
    clientId,
    brokers: [...brokers],
    ...(tls ? { ssl: { ...tls } } : {}),
    // A copy: the client writes into it.
    ...(sasl ? { sasl: { ...sasl } as SASLOptions } : {}),
    logLevel: logLevel.NOTHING,
    connectionTimeout: 3000,
    requestTimeout: 15_000,
    retry: { retries: 3, initialRetryTime: 200, maxRetryTime: 2000 },
  });

/** The topics of the contracts, and that of a service's own dead letters. */
export const kafkaTopics = (service: string): string[] => [...Object.keys(topics), deadLetterTopic(service)];

const DAY_MS = 86_400_000;

/** One record may be a dead letter that quotes a whole request; the publisher sends smaller batches than this. */
const MAX_MESSAGE_BYTES = 16 * 1024 * 1024;

/**
 * Creates the topics that are missing, with as many replicas as the brokers are set to.
 * @param keepDays how long they keep their records at least
 * @throws Error when a topic that exists has other partitions, or keeps its records for too short a time
 */
export async function createTopics(admin: Admin, names: readonly string[], keepDays: number): Promise<void> {
  const existing = await admin.listTopics();
  const missing = names.filter((topic) => !existing.includes(topic));
  const configEntries = [
    { name: 'cleanup.policy', value: 'delete' },
    { name: 'retention.ms', value: String(keepDays * DAY_MS) },
    { name: 'max.message.bytes', value: String(MAX_MESSAGE_BYTES) },
  ];
  const wanted = missing.map((topic) => ({ topic, numPartitions: partitionsOf(topic), configEntries }));
  // kafkajs would wait for leaders too, but takes a broker that has not heard of a topic yet for a failure.
  if (wanted.length > 0) await admin.createTopics({ topics: wanted, waitForLeaders: false });
  // New ones are there when those who lead them say so.
  await Promise.all(names.map((topic) => admin.fetchTopicOffsets(topic)));
  const found = names.filter((topic) => !missing.includes(topic));
  if (found.length === 0) return;
  const { topics: described } = await admin.fetchTopicMetadata({ topics: found });
  for (const { name, partitions } of described)
    if (partitions.length !== partitionsOf(name))
      throw new Error(`topic ${name} has ${partitions.length} partitions, its contract says ${partitionsOf(name)}`);
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: found.map((name) => ({ type: ConfigResourceTypes.TOPIC, name, configNames: ['retention.ms'] })),
  });
  for (const { resourceName, configEntries: entries } of resources) {
    const kept = Number(entries.find(({ configName }) => configName === 'retention.ms')?.configValue ?? -1);
    if (kept >= 0 && kept < keepDays * DAY_MS)
      throw new Error(`topic ${resourceName} keeps its records for ${kept} ms, less than ${keepDays} days`);
  }
}
