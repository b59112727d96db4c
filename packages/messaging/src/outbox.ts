import { crc32 } from 'node:zlib';
import type { EventContract, FactData, Meta } from '@fenxiao/contracts/event';
import { deadLetterTopic, partitionsOf } from '@fenxiao/contracts/topics';
import { newId } from '@fenxiao/domain/id';
import type { LogRecord } from './event-log.js';
import type { Sql } from './sql.js';

/** A row of the outbox: what will be appended to the log, in the transaction of the state it reports. */
export interface OutboxRow {
  readonly topic: string;
  readonly part: number;
  readonly key: string;
  readonly headers: string;
  readonly value: string;
}

export interface Fact<C extends EventContract> {
  readonly contract: C;
  /** aggregate id: the key, and the CloudEvents subject */
  readonly subject: string;
  /** number of this event among the aggregate's, from 1 */
  readonly sequence: number;
  readonly time: Date;
  readonly meta: Meta;
  readonly data: FactData<C>;
  readonly traceparent?: string | undefined;
}

/**
 * A fact as an outbox row: CloudEvents 1.0 attributes and the data, checked against its contract.
 * @throws ZodError when the data is not what the contract says: a defect, never a user's mistake
 */
export function outboxRow<C extends EventContract>(fact: Fact<C>): OutboxRow {
  const { contract, subject, sequence, time, traceparent } = fact;
  const value = JSON.stringify(contract.strict.parse({ meta: fact.meta, ...fact.data }));
  const headers = JSON.stringify({
    specversion: '1.0',
    id: newId(),
    type: contract.type,
    source: `/${contract.service}`,
    subject,
    time: time.toISOString(),
    sequence,
    datacontenttype: 'application/json',
    traceparent,
  });
  return { topic: contract.topic, part: partitionFor(contract.topic, subject), key: subject, headers, value };
}

/** The partition of a key: stable for ever, since an aggregate's events must stay in one. */
export const partitionFor = (topic: string, key: string) => crc32(key) % partitionsOf(topic);

/** A message a consumer could not apply, with its address, the reason and the bytes as they came. */
export function deadLetter(consumer: string, record: LogRecord, reason: string, error: unknown, time: Date): OutboxRow {
  const text = error instanceof Error ? error.message : String(error);
  const original = { topic: record.topic, partition: record.part, offset: String(record.off), key: record.key };
  return {
    topic: deadLetterTopic(consumer),
    part: 0,
    key: record.key,
    headers: JSON.stringify({
      specversion: '1.0',
      id: newId(),
      type: `fenxiao.${consumer}.dead-letter.v1`,
      source: `/${consumer}`,
      subject: record.key,
      time: time.toISOString(),
      sequence: 1,
      datacontenttype: 'application/json',
    }),
    value: JSON.stringify({
      reason,
      error: text.slice(0, 2000),
      original,
      headers: record.headers,
      value: record.value,
    }),
  };
}

/** Writes rows to the outbox, in order, in the caller's transaction. */
export async function writeOutbox(sql: Sql, rows: readonly OutboxRow[]): Promise<void> {
  if (rows.length === 0) return;
  const column = <K extends keyof OutboxRow>(name: K) => rows.map((row) => row[name]);
  await sql.query(
    `INSERT INTO outbox (topic, part, key, headers, value)
     SELECT * FROM unnest($1::text[], $2::int[], $3::text[], $4::text[], $5::text[])`,
    [column('topic'), column('part'), column('key'), column('headers'), column('value')],
  );
}
