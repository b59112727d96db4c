import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { aggregate } from '@fenxiao/contracts/event';
import { newId } from '@fenxiao/domain/id';
import { kafkaAtHand, startKafka, type RunningKafka } from '@fenxiao/testing/kafka';
import { setup, teardown } from '@fenxiao/testing/stack';
import { until } from '@fenxiao/testing/wait';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Admin, IResourceConfigEntry, Producer } from 'kafkajs';
import { z } from 'zod';
import { BeyondRetention, type LogRecord, type Trouble } from '../src/event-log.js';
import { eventLogContract } from '../src/event-log.suite.js';
import { KafkaEventLog } from '../src/kafka-log.js';
import { messageOf } from '../src/kafka-message.js';
import { KafkaPublisher } from '../src/kafka-publisher.js';
import { createTopics, kafkaClient, kafkaTopics, type KafkaAccess } from '../src/kafka-topics.js';
import { deadLetter, outboxRow, type OutboxRow } from '../src/outbox.js';
import { prepared } from './database.js';

const described = (await kafkaAtHand()) ? describe : describe.skip;
const events = aggregate('complaints', 'kafka-test', { counted: { n: z.int() } });
const fact = (n: number, traceparent?: string) =>
  outboxRow({
    contract: events.counted,
    subject: newId(),
    sequence: n,
    time: new Date(),
    meta: { actor: 'system', role: 'system', rule: 'X-15' },
    data: { n },
    traceparent,
  });

described('a real Apache Kafka', () => {
  let folder: string;
  let kafka: RunningKafka;
  let log: KafkaEventLog;
  let admin: Admin;
  let producer: Producer;
  beforeAll(async () => {
    await setup();
    folder = await mkdtemp(join(tmpdir(), 'fenxiao-kafka-'));
    kafka = await startKafka({ folder });
    const client = kafkaClient('test', { brokers: [kafka.broker] });
    [admin, producer] = [client.admin(), client.producer({ allowAutoTopicCreation: false })];
    log = new KafkaEventLog(client);
    await Promise.all([admin.connect(), producer.connect()]);
  }, 180_000);
  afterAll(async () => {
    await log?.close();
    await Promise.all([admin?.disconnect(), producer?.disconnect()]);
    await kafka?.stop();
    await rm(folder, { recursive: true, force: true });
    await teardown();
  }, 60_000);

  const newTopic = async (topic = `test.${newId()}`, configEntries: IResourceConfigEntry[] = []) => {
    await admin.createTopics({ topics: [{ topic, numPartitions: 4, configEntries }], waitForLeaders: false });
    // kafkajs would wait for leaders too, but takes one that has not heard of its topic yet for a failure.
    await until(`leaders of ${topic}`, () => admin.fetchTopicOffsets(topic).catch(() => undefined), 60_000);
    return topic;
  };
  const send = (topic: string, records: readonly LogRecord[]) =>
    producer.send({ topic, acks: -1, messages: records.map(messageOf) });
  const some = (topic: string, from: number, to: number): LogRecord[] =>
    Array.from({ length: to - from + 1 }, (_, i) => ({
      topic,
      part: 0,
      off: BigInt(from + i),
      key: 'k',
      headers: '{}',
      value: `{"n":${from + i}}`,
    }));
  /** A consumer that keeps its mark in memory, and what it has seen. */
  async function consume(topic: string, { group = newId(), mark = 0n, of = log } = {}) {
    const seen: LogRecord[] = [];
    const troubles: Trouble[] = [];
    const marks = new Map<number, bigint>();
    const running = await of.subscribe({
      group,
      topics: [topic],
      mark: (_, part) => Promise.resolve(marks.get(part) ?? mark),
      apply: (records) => {
        seen.push(...records);
        marks.set(records[0]!.part, records.at(-1)!.off);
        return Promise.resolve();
      },
      onTrouble: (trouble) => troubles.push(trouble),
    });
    const got = (count: number) =>
      until(`${count} records, not ${seen.length}`, () => Promise.resolve(seen.length >= count), 60_000);
    return { seen, troubles, group, running, got };
  }
  const offsets = (records: readonly LogRecord[]) => records.map(({ off }) => Number(off));

  eventLogContract('Kafka', () => {
    const appended = new Map<string, LogRecord[]>();
    return Promise.resolve({
      log,
      newTopic,
      append: async (topic, records) => {
        const before = appended.get(topic) ?? [];
        appended.set(topic, before);
        const added = records.map(({ part, key, value }) => {
          const off = BigInt(before.filter((record) => record.part === part).length + 1);
          const record = { topic, part, off, key, value, headers: '{}' };
          before.push(record);
          return record;
        });
        await send(topic, added);
      },
      // Kafka can't take a record out of a partition: the topic is made again without it.
      lose: async (topic, part, off) => {
        await admin.deleteTopics({ topics: [topic] });
        await until('the topic to be gone', async () => !(await admin.listTopics()).includes(topic));
        await newTopic(topic);
        await send(
          topic,
          appended.get(topic)!.filter((record) => record.part !== part || record.off !== off),
        );
      },
      close: () => Promise.resolve(),
    });
  });

  it('drops repeats, of a publisher that was killed and of one that woke up late', async () => {
    const topic = await newTopic();
    await send(topic, some(topic, 1, 5));
    await send(topic, some(topic, 3, 8));
    await send(topic, some(topic, 1, 5));
    expect(await log.ends([topic])).toMatchObject([{ part: 0, first: 1n, next: 9n }, {}, {}, {}]);
    const { seen, running, got } = await consume(topic);
    await got(8);
    await send(topic, some(topic, 9, 9));
    await got(9);
    await running.close();
    expect(offsets(seen)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(await log.ends([topic])).toMatchObject([{ part: 0, first: 1n, next: 10n }, {}, {}, {}]);
  });

  it('goes by the mark, whatever was committed', async () => {
    const topic = await newTopic();
    await send(topic, some(topic, 1, 50));
    const before = await consume(topic);
    await before.got(50);
    await before.running.close();
    const { topics } = { topics: await admin.fetchOffsets({ groupId: before.group, topics: [topic] }) };
    expect(topics[0]!.partitions.find(({ partition }) => partition === 0)!.offset).toBe('50');
    await send(topic, some(topic, 51, 52));
    const restored = await consume(topic, { group: before.group, mark: 20n });
    await restored.got(32);
    await restored.running.close();
    expect(offsets(restored.seen)).toEqual(Array.from({ length: 32 }, (_, i) => 21 + i));
    expect(restored.troubles).toEqual([]);
  });

  it('says when the topic no longer keeps what comes after the mark', async () => {
    const topic = await newTopic();
    await send(topic, some(topic, 1, 10));
    await admin.fetchTopicOffsets(topic); // kafkajs learns who leads the topic
    await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '6' }] });
    expect(await log.ends([topic])).toMatchObject([{ part: 0, first: 7n, next: 11n }, {}, {}, {}]);
    const late = await consume(topic, { mark: 2n });
    await until('the alarm', () => Promise.resolve(late.troubles.some(({ stopped }) => stopped)));
    await late.running.close();
    expect(late.troubles[0]!.error).toBeInstanceOf(BeyondRetention);
    const inTime = await consume(topic, { mark: 6n });
    await inTime.got(4);
    await inTime.running.close();
    expect(offsets(inTime.seen)).toEqual([7, 8, 9, 10]);
  });

  it('creates the topics of the contracts, once, and refuses ones that lose records too early', async () => {
    const names = kafkaTopics('orders');
    // Services start together on a new cluster.
    const logs = [1, 2].map(() => new KafkaEventLog(log.kafka, (one) => createTopics(one, names, 30)));
    await Promise.all(logs.map((one) => one.ready()));
    await Promise.all(logs.map((one) => one.close()));
    await createTopics(admin, names, 30);
    const { topics } = await admin.fetchTopicMetadata({ topics: names });
    expect(Object.fromEntries(topics.map(({ name, partitions }) => [name, partitions.length]))).toMatchObject({
      'fenxiao.orders': 8,
      'fenxiao.distributors': 4,
      'fenxiao.orders.dead': 1,
    });
    await expect(createTopics(admin, names, 60)).rejects.toThrow('less than 60 days');
  });

  describe('with a publisher', () => {
    let db: Awaited<ReturnType<typeof prepared>>;
    beforeAll(async () => {
      db = await prepared();
    }, 60_000);
    afterAll(() => db?.close());

    const declared = async () => {
      const topic = await newTopic();
      await db.topic(topic, 4);
      return topic;
    };
    const append = (topic: string, rows: readonly Omit<OutboxRow, 'topic'>[]) =>
      db.pool.query('SELECT event_log.append($1, $2, $3, $4, $5)', [
        topic,
        rows.map(({ part }) => part),
        rows.map(({ key }) => key),
        rows.map(({ headers }) => headers),
        rows.map(({ value }) => value),
      ]);
    async function publisher(topic: string, troubles: Trouble[] = []) {
      const to = new KafkaEventLog(log.kafka);
      const publishing = new KafkaPublisher({
        url: db.url,
        sql: db.sql,
        to,
        service: topic,
        topics: [topic],
        onTrouble: (trouble) => troubles.push(trouble),
      });
      await publishing.start();
      return {
        left: () => publishing.left(),
        close: async () => {
          await publishing.close();
          await to.close();
        },
      };
    }
    const published = (running: Awaited<ReturnType<typeof publisher>>) =>
      until('all to be published', async () => (await running.left()) === 0, 60_000);

    it('gives consumers the very records that PostgreSQL has, headers byte for byte', async () => {
      const topic = await declared();
      const traced = fact(1, '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01');
      const { part, key, headers, value } = traced;
      const dead = deadLetter('orders', { topic, part, off: 1n, key, headers, value }, 'malformed', 'x', new Date());
      const odd = [
        '{}',
        'nonsense\there',
        '{ "specversion": "1.0" }',
        '{"sequence":"1"}',
        '{"a":{"b":1},"中":"文"}',
        '',
      ];
      const rows = [traced, fact(2), dead, ...odd.map((text) => ({ ...traced, headers: text }))];
      await append(
        topic,
        rows.map((row) => ({ ...row, part: 0 })),
      );
      const running = await publisher(topic);
      await published(running);
      const { seen, running: consumer, got } = await consume(topic);
      await got(rows.length);
      await consumer.close();
      await running.close();
      expect(seen).toEqual(
        rows.map((row, i) => ({
          topic,
          part: 0,
          off: BigInt(i + 1),
          key: row.key,
          headers: row.headers,
          value: row.value,
        })),
      );
    });

    it('is read by others as CloudEvents in binary mode', async () => {
      const topic = await declared();
      const event = fact(7, '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01');
      await append(topic, [{ ...event, part: 2 }]);
      const running = await publisher(topic);
      await published(running);
      await running.close();
      const kcat = await promisify(execFile)('kcat', [
        '-b',
        kafka.broker,
        '-C',
        '-t',
        topic,
        '-o',
        'beginning',
        '-e',
        '-q',
        '-J',
      ]);
      const message = JSON.parse(kcat.stdout) as { partition: number; key: string; headers: string[]; payload: string };
      const pairs = message.headers.flatMap((name, i, all) => (i % 2 === 0 ? [[name, all[i + 1]]] : []));
      const { id, type, source, time, traceparent } = JSON.parse(event.headers) as Record<string, string>;
      expect([message.partition, message.key]).toEqual([2, event.key]);
      expect(JSON.parse(message.payload)).toMatchObject({ n: 7 });
      expect(Object.fromEntries(pairs)).toEqual({
        ce_specversion: '1.0',
        ce_id: id,
        ce_type: type,
        ce_source: source,
        ce_subject: event.key,
        ce_time: time,
        ce_sequence: '7',
        ce_traceparent: traceparent,
        'content-type': 'application/json',
        logoffset: '1',
      });
    });

    it('goes on where one was killed after sending and before writing it down', async () => {
      const topic = await declared();
      const rows = Array.from({ length: 20 }, (_, i) => ({ ...fact(i + 1), part: i % 4 }));
      await append(topic, rows);
      const first = await publisher(topic);
      await published(first);
      await first.close();
      await db.pool.query('UPDATE event_log.published SET off = off - 2 WHERE topic = $1', [topic]);
      await append(topic, rows);
      const second = await publisher(topic);
      await published(second);
      await second.close();
      const stored = await admin.fetchTopicOffsets(topic);
      expect(stored.map(({ high }) => high)).toEqual(['12', '12', '12', '12']);
      const { seen, running, got } = await consume(topic);
      await got(40);
      await running.close();
      expect(seen).toHaveLength(40);
    });

    it('carries the other partitions on when one holds what no broker takes', async () => {
      const topic = await newTopic(undefined, [{ name: 'max.message.bytes', value: '2000' }]);
      await db.topic(topic, 4);
      const large = { ...fact(1), part: 0, value: JSON.stringify({ n: 'x'.repeat(5000) }) };
      await append(topic, [large, { ...fact(2), part: 1 }, { ...fact(3), part: 2 }]);
      const troubles: Trouble[] = [];
      const running = await publisher(topic, troubles);
      const { seen, running: consumer, got } = await consume(topic);
      await got(2);
      expect(seen.map(({ part }) => part).toSorted((a, b) => a - b)).toEqual([1, 2]);
      await until('it to be told', () => Promise.resolve(troubles.length > 0));
      expect(troubles.every(({ part, stopped }) => part === 0 && !stopped)).toBe(true);
      await consumer.close();
      await running.close();
    });

    it('outlives a broker that is killed: nothing is lost, doubled or out of order', async () => {
      const topic = await declared();
      const troubles: Trouble[] = [];
      const running = await publisher(topic, troubles);
      const { seen, running: consumer, got } = await consume(topic);
      const rows = (from: number) => Array.from({ length: 200 }, (_, i) => ({ ...fact(from + i), part: i % 4 }));
      await append(topic, rows(1));
      await got(200);
      await kafka.kill();
      await append(topic, rows(201));
      await until('the publisher to notice', () => Promise.resolve(troubles.length > 0), 60_000);
      kafka = await startKafka({ folder, port: Number(kafka.broker.split(':')[1]) });
      await append(topic, rows(401));
      await got(600);
      await consumer.close();
      await published(running);
      await running.close();
      for (let part = 0; part < 4; part++) {
        const own = seen.filter((record) => record.part === part);
        expect(offsets(own)).toEqual(Array.from({ length: 150 }, (_, i) => i + 1));
        const numbers = own.map(({ value }) => (JSON.parse(value) as { n: number }).n);
        expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
      }
    }, 180_000);
  });
});

described('a Kafka that asks who is there', () => {
  const guarded = { username: 'fenxiao', password: 'for tests only' };
  let folder: string;
  let kafka: RunningKafka;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'fenxiao-kafka-'));
    kafka = await startKafka({ folder, guarded });
  }, 180_000);
  afterAll(async () => {
    await kafka?.stop();
    await rm(folder, { recursive: true, force: true });
  }, 60_000);

  const admitted = async (access: Omit<KafkaAccess, 'brokers'>) => {
    const admin = kafkaClient('test', { brokers: [kafka.broker], ...access }).admin();
    try {
      await admin.connect();
      return await admin.listTopics();
    } finally {
      await admin.disconnect();
    }
  };
  const sasl = { mechanism: 'scram-sha-512', ...guarded } as const;

  it('admits a client with TLS and its password', async () => {
    await expect(admitted({ tls: { ca: kafka.ca! }, sasl })).resolves.toEqual([]);
  });

  it('refuses a wrong password, and is refused by those who do not know its certificate', async () => {
    await expect(admitted({ tls: { ca: kafka.ca! }, sasl: { ...sasl, password: 'guessed' } })).rejects.toThrow(
      /authentication/i,
    );
    await expect(admitted({ tls: {}, sasl })).rejects.toThrow(/self.signed certificate/i);
  });
});
