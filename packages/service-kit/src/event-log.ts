import { topicsOf } from '@fenxiao/contracts/topics';
import type { EventLog, Trouble } from '@fenxiao/messaging/event-log';
import { KafkaEventLog } from '@fenxiao/messaging/kafka-log';
import { KafkaPublisher } from '@fenxiao/messaging/kafka-publisher';
import { createTopics, kafkaClient, kafkaTopics } from '@fenxiao/messaging/kafka-topics';
import { PostgresEventLog } from '@fenxiao/messaging/postgres-log';
import type { Sql } from '@fenxiao/messaging/sql';
import type { BaseConfig } from './config.js';

type Config = Pick<BaseConfig, 'DATABASE_URL' | 'EVENT_LOG' | 'EVENT_LOG_KEEP_DAYS' | 'KAFKA_BROKERS'>;

/** The log a service consumes, in PostgreSQL or in Kafka, as it is configured. */
export function openEventLog(service: string, config: Config): EventLog {
  if (config.EVENT_LOG === 'postgres') return new PostgresEventLog(config.DATABASE_URL);
  const topics = kafkaTopics(service);
  return new KafkaEventLog(kafkaClient(service, config.KAFKA_BROKERS), (admin) =>
    createTopics(admin, topics, config.EVENT_LOG_KEEP_DAYS),
  );
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
