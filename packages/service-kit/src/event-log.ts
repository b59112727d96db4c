import { readFileSync } from 'node:fs';
import { topicsOf } from '@fenxiao/contracts/topics';
import type { EventLog, Trouble } from '@fenxiao/messaging/event-log';
import { KafkaEventLog } from '@fenxiao/messaging/kafka-log';
import { KafkaPublisher } from '@fenxiao/messaging/kafka-publisher';
import { createTopics, kafkaClient, kafkaTopics, type KafkaAccess } from '@fenxiao/messaging/kafka-topics';
import { PostgresEventLog } from '@fenxiao/messaging/postgres-log';
import type { Sql } from '@fenxiao/messaging/sql';
import type { BaseConfig } from './config.js';

type Config = Pick<
  BaseConfig,
  'DATABASE_URL' | 'EVENT_LOG' | 'EVENT_LOG_KEEP_DAYS' | Extract<keyof BaseConfig, `KAFKA_${string}`>
>;

/** The log a service consumes, in PostgreSQL or in Kafka, as it is configured. */
export function openEventLog(service: string, config: Config): EventLog {
  if (config.EVENT_LOG === 'postgres') return new PostgresEventLog(config.DATABASE_URL);
  const topics = kafkaTopics(service);
  return new KafkaEventLog(kafkaClient(service, accessOf(config)), (admin) =>
    createTopics(admin, topics, config.EVENT_LOG_KEEP_DAYS),
  );
}

/** @throws Error when a file can't be read */
function accessOf(config: Config): KafkaAccess {
  const { KAFKA_BROKERS: brokers, KAFKA_USERNAME: username, KAFKA_PASSWORD: password } = config;
  const text = (file: string | undefined, name: string) => (file ? { [name]: readFileSync(file, 'utf8') } : {});
  const tls = {
    ...text(config.KAFKA_TLS_CA_FILE, 'ca'),
    ...text(config.KAFKA_TLS_CERT_FILE, 'cert'),
    ...text(config.KAFKA_TLS_KEY_FILE, 'key'),
  };
  return {
    brokers,
    ...(config.KAFKA_TLS ? { tls } : {}),
    ...(username && password ? { sasl: { mechanism: config.KAFKA_SASL_MECHANISM, username, password } } : {}),
  };
}

/** What carries a service's events on to that log; undefined where they are consumed from PostgreSQL itself. */
export const openPublisher = (
  service: string,
  { DATABASE_URL }: Config,
  to: EventLog,
  sql: Sql,
  onTrouble: (trouble: Trouble) => void,
): KafkaPublisher | undefined =>
  to instanceof KafkaEventLog
    ? new KafkaPublisher({ url: DATABASE_URL, sql, to, service, topics: topicsOf(service), onTrouble })
    : undefined;
