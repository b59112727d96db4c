import { aggregate } from '@fenxiao/contracts/event';
import { partitionsOf } from '@fenxiao/contracts/topics';
import { newId } from '@fenxiao/domain/id';
import { createDatabase } from '@fenxiao/testing/database';
import { until } from '@fenxiao/testing/wait';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Client } from 'pg';
import { z } from 'zod';
import { prepared } from '../test/database.js';
import { eventLogContract } from './event-log.suite.js';
import type { LogRecord } from './event-log.js';
import { BeyondRetention, HoleInLog } from './event-log.js';
import { messagingMigrations, migrate } from './migrate.js';
import { applyOnce, markOf, Skipped } from './once-only.js';
import { outboxRow, writeOutbox } from './outbox.js';
import { PostgresEventLog } from './postgres-log.js';
import { Sequencer } from './sequencer.js';
import type { Sql } from './sql.js';
import { EventLogServer } from './transport.js';

const events = aggregate('complaints', 'messaging-test', { counted: { n: z.int() } });
const meta = { actor: 'system', role: 'system', rule: 'X-15' };
const fact = (subject: string, n: number) =>
  outboxRow({ contract: events.counted, subject, sequence: n, time: new Date(), meta, data: { n } });

eventLogContract('PostgreSQL', async () => {
  const { url, pool, topic, close } = await prepared();
  const log = new PostgresEventLog(url);
  return {
    log,
    newTopic: async () => {
      const name = `test.${newId()}`;
      await topic(name, 4);
      return name;
    },
    append: async (name, records) => {
      const column = <K extends 'part' | 'key' | 'value'>(key: K) => records.map((record) => record[key]);
      await pool.query('SELECT event_log.append($1, $2, $3, $4, $5)', [
        name,
        column('part'),
        column('key'),
        records.map(() => '{}'),
        column('value'),
      ]);
    },
    lose: async (name, part, off) =>
      void (await pool.query('DELETE FROM event_log.record WHERE topic = $1 AND part = $2 AND off = $3', [
        name,
        part,
        off,
      ])),
    close: async () => {
      await log.close();
      await close();
    },
  };
});

describe('outbox and sequencer', () => {
  let db: Awaited<ReturnType<typeof prepared>>;
  beforeAll(async () => {
    db = await prepared();
    await db.topic('fenxiao.complaints', 4);
  }, 60_000);
  afterAll(() => db?.close());
  const stored = async () =>
    (
      await db.pool.query<{ part: number; off: string; key: string; value: string }>(
        `SELECT part, off, key, value FROM event_log.record WHERE topic = 'fenxiao.complaints' ORDER BY part, off`,
      )
    ).rows;

  it('loses nothing, doubles nothing and keeps every aggregate in order under sixteen writers and two sequencers', async () => {
    const subjects = Array.from({ length: 8 }, () => newId());
    await db.pool.query('CREATE TABLE counter (subject uuid PRIMARY KEY, n int NOT NULL DEFAULT 0)');
    for (const subject of subjects) await db.pool.query('INSERT INTO counter (subject) VALUES ($1)', [subject]);
    const sequencers = [
      new Sequencer(db.pool, 'svc', { batch: 50, pollMs: 5 }),
      new Sequencer(db.pool, 'svc', { batch: 50, pollMs: 5 }),
    ];
    for (const sequencer of sequencers) sequencer.start((error) => process.stderr.write(String(error)));
    const writer = async (seed: number) => {
      for (let i = 0; i < 60; i++)
        await db.transaction(async (tx) => {
          const subject = subjects[(seed * 7 + i * 13) % subjects.length]!;
          const [row] = await tx.query<{ n: number }>('UPDATE counter SET n = n + 1 WHERE subject = $1 RETURNING n', [
            subject,
          ]);
          await writeOutbox(tx, [fact(subject, row!.n)]);
          if ((seed + i) % 5 === 0) await tx.query('SELECT pg_sleep(0.002)'); // commits out of the order of ids
        });
    };
    await Promise.all(Array.from({ length: 16 }, (_, seed) => writer(seed)));
    await until(
      'the outbox to be empty',
      async () => (await db.pool.query('SELECT FROM outbox LIMIT 1')).rowCount === 0,
    );
    await Promise.all(sequencers.map((sequencer) => sequencer.close()));
    const rows = await stored();
    expect(rows).toHaveLength(960);
    for (const subject of subjects) {
      const numbers = rows
        .filter(({ key }) => key === subject)
        .map(({ value }) => (JSON.parse(value) as { n: number }).n);
      expect(numbers).toEqual(numbers.map((_, i) => i + 1));
    }
    for (let part = 0; part < 4; part++)
      expect(rows.filter((row) => row.part === part).map(({ off }) => Number(off))).toEqual(
        rows.filter((row) => row.part === part).map((_, i) => i + 1),
      );
  }, 60_000);

  it("lets only the topic's writer append, and nobody reach another topic", async () => {
    await db.pool.query(`CREATE ROLE outsider_${process.pid} LOGIN PASSWORD 'x'`);
    const role = `outsider_${process.pid}`;
    await db.pool.query(
      `GRANT USAGE ON SCHEMA event_log TO ${role}; GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA event_log TO ${role}`,
    );
    const url = new URL(db.url);
    [url.username, url.password] = [role, 'x'];
    const client = new Client({ connectionString: url.href });
    await client.connect();
    await expect(
      client.query(`SELECT event_log.append('fenxiao.complaints', '{0}', '{k}', '{{}}', '{{}}')`),
    ).rejects.toMatchObject({ code: '42501' });
    await expect(
      client.query(
        `INSERT INTO event_log.record VALUES ('fenxiao.complaints', 0, 9999, current_date, now(), 'k', '{}', '{}')`,
      ),
    ).rejects.toMatchObject({ code: '42501' });
    await client.end();
    await db.pool.query(`DROP OWNED BY ${role}; DROP ROLE ${role}`);
  });

  it('refuses a fact that is not what its contract says', () => {
    expect(() =>
      outboxRow({
        contract: events.counted,
        subject: newId(),
        sequence: 1,
        time: new Date(),
        meta,
        data: { n: 'one' } as never,
      }),
    ).toThrow('expected number');
    expect(() =>
      outboxRow({
        contract: events.counted,
        subject: newId(),
        sequence: 1,
        time: new Date(),
        meta,
        data: { n: 1, secret: 'x' } as never,
      }),
    ).toThrow('secret');
  });
});

describe('once-only consumer', () => {
  let db: Awaited<ReturnType<typeof prepared>>;
  beforeAll(async () => {
    db = await prepared();
    await db.topic('fenxiao.complaints', 4);
    await db.pool.query('CREATE TABLE effect (subject uuid, n int)');
  }, 60_000);
  afterAll(() => db?.close());

  const subject = newId();
  const record = (off: number, n: number | 'poison' = off): LogRecord => {
    const { topic, part, key, headers, value } = fact(subject, typeof n === 'number' ? n : 666);
    return { topic, part, off: BigInt(off), key, headers, value: n === 'poison' ? '{"n":' : value };
  };
  const consumer = (fail?: (n: number) => Error | undefined) => ({
    consumer: 'svc',
    transaction: db.transaction,
    now: () => new Date(),
    handles: () => true,
    skipped: new Skipped(),
    handle: async (event: { data: unknown }, _: unknown, tx: Sql) => {
      const { n } = event.data as { n: number };
      const error = fail?.(n);
      if (error) throw error;
      await tx.query('INSERT INTO effect VALUES ($1, $2)', [subject, n]);
    },
  });
  const effects = async () =>
    (await db.pool.query<{ n: number }>('SELECT n FROM effect ORDER BY n')).rows.map(({ n }) => n);

  it('applies each record once, however often and by however many it is delivered', async () => {
    const batch = [1, 2, 3].map((off) => record(off));
    await Promise.all(Array.from({ length: 8 }, () => applyOnce(consumer(), batch)));
    await applyOnce(consumer(), [...batch, record(4)]);
    expect(await effects()).toEqual([1, 2, 3, 4]);
    expect(await markOf(db.sql, 'fenxiao.complaints', batch[0]!.part)).toBe(4n);
  });

  it('stops at a hole', async () => {
    await expect(applyOnce(consumer(), [record(6)])).rejects.toThrow('expected offset 5, found 6');
    expect(await effects()).toEqual([1, 2, 3, 4]);
  });

  it('sets a poison message aside with its address and bytes, and goes on', async () => {
    await applyOnce(
      consumer((n) => (n === 6 ? new Error('a defect') : undefined)),
      [record(5, 'poison'), record(6), record(7)],
    );
    expect(await effects()).toEqual([1, 2, 3, 4, 7]);
    const { rows } = await db.pool.query<{ topic: string; value: string }>(
      'SELECT topic, value FROM outbox ORDER BY id',
    );
    expect(rows.map(({ topic, value }) => ({ topic, ...(JSON.parse(value) as object) }))).toMatchObject([
      {
        topic: 'fenxiao.svc.dead',
        reason: 'malformed',
        original: { topic: 'fenxiao.complaints', offset: '5' },
        value: '{"n":',
      },
      { topic: 'fenxiao.svc.dead', reason: 'handler-failed', error: 'a defect', original: { offset: '6' } },
    ]);
  });

  it('retries what will pass by itself, and sets nothing aside', async () => {
    const away = Object.assign(new Error('connection refused'), { code: 'ECONNREFUSED' });
    await expect(
      applyOnce(
        consumer(() => away),
        [record(8)],
      ),
    ).rejects.toThrow('connection refused');
    await applyOnce(consumer(), [record(8)]);
    expect((await effects()).at(-1)).toBe(8);
  });

  it('passes what nobody handles without a transaction, and applies the rest once, wherever it is stopped', async () => {
    const step = fc.record({
      size: fc.integer({ min: 1, max: 5 }),
      before: fc.constantFrom('nothing', 'keep', 'restart', 'deliver again'),
    });
    const steps = fc.array(step, { minLength: 1, maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(steps, fc.infiniteStream(fc.boolean()), async (plan, kinds) => {
        const total = plan.reduce((sum, { size }) => sum + size, 0);
        const topic = `test.${newId()}`;
        const handled = Array.from({ length: total }, () => kinds.next().value as boolean);
        const all = handled.map((ours, i): LogRecord => {
          const { headers, ...rest } = record(i + 1);
          const type = ours ? {} : { type: 'fenxiao.complaints.test.nobodys.v1' };
          return { ...rest, topic, headers: JSON.stringify({ ...(JSON.parse(headers) as object), ...type }) };
        });
        const [{ part }] = all as [LogRecord];
        const seen: number[] = [];
        let transactions = 0;
        const start = () => ({
          ...consumer(),
          skipped: new Skipped(),
          transaction: <T>(run: (tx: Sql) => Promise<T>) => {
            transactions += 1;
            return db.transaction(run);
          },
          handles: (type: string) => type === events.counted.type,
          handle: (_: unknown, { off }: LogRecord) => Promise.resolve(void seen.push(Number(off))),
        });
        let process = start();
        let [next, wanted] = [1, 0];
        for (const { size, before } of plan) {
          if (before === 'keep') await process.skipped.keep(db.sql);
          if (before === 'restart') process = start();
          if (before === 'deliver again') process.skipped.forget(topic, part);
          if (before === 'restart' || before === 'deliver again') next = Number(await markOf(db.sql, topic, part)) + 1;
          wanted += size;
          await applyOnce(process, all.slice(next - 1, wanted));
          next = wanted + 1;
        }
        await process.skipped.keep(db.sql);
        expect(seen).toEqual(handled.flatMap((ours, i) => (ours ? [i + 1] : [])));
        expect(Number(await markOf(db.sql, topic, part))).toBe(total);
        expect(transactions).toBeLessThanOrEqual(handled.filter(Boolean).length);
      }),
      { numRuns: 40 },
    );
  });
});

describe('a transport whose database goes away', () => {
  it('goes on after what it had skipped, though neither its effects nor its marks could be written', async () => {
    const db = await prepared();
    const topic = events.counted.topic;
    await db.topic(topic, partitionsOf(topic));
    const log = new PostgresEventLog(db.url);
    const away = { transaction: false, sql: false };
    const asked: string[] = [];
    const refused = (text: string) => {
      asked.push(text);
      return Promise.reject(Object.assign(new Error('connection refused'), { code: 'ECONNREFUSED' }));
    };
    const seen: number[] = [];
    const troubles: unknown[] = [];
    const server = new EventLogServer<Sql>({
      log,
      group: 'svc',
      transaction: (run) => (away.transaction ? refused('a transaction') : db.transaction(run)),
      sql: { query: (text, values) => (away.sql ? refused(text) : db.sql.query(text, values)) },
      now: () => new Date(),
      onTrouble: ({ error }) => troubles.push(error),
    });
    server.addHandler(
      events.counted.type,
      ({ data }: { data: { n: number } }) => Promise.resolve(void seen.push(data.n)),
      true,
    );
    expect(await new Promise((resolve) => server.listen(resolve))).toBe(undefined);
    const { part, key, value, headers } = fact(newId(), 1);
    const nobodys = JSON.stringify({ ...(JSON.parse(headers) as object), type: 'fenxiao.complaints.test.nobodys.v1' });
    const append = (given: string) =>
      db.pool.query('SELECT event_log.append($1, $2, $3, $4, $5)', [topic, [part], [key], [given], [value]]);
    await append(headers);
    await until('the first', () => Promise.resolve(seen.length === 1));
    Object.assign(away, { transaction: true, sql: true });
    await append(nobodys);
    await until('it to be skipped, and its mark not to be written', () => Promise.resolve(asked.length > 0));
    await append(headers);
    const refusedAfterAnother = () =>
      asked.indexOf('a transaction') < asked.findLastIndex((one) => one.startsWith('SELECT off'));
    await until('neither effects nor the mark to be had', () =>
      Promise.resolve(asked.includes('a transaction') && refusedAfterAnother()),
    );
    away.transaction = false;
    await until('the second', () => Promise.resolve(seen.length === 2));
    away.sql = false;
    const end = async () => (await log.ends([topic])).find((one) => one.part === part)!.next - 1n;
    await until('the mark', async () => (await markOf(db.sql, topic, part)) === (await end()));
    expect(troubles.filter((error) => error instanceof HoleInLog)).toEqual([]);
    await server.close();
    await log.close();
    await db.close();
  });
});

describe('retention', () => {
  it('drops whole days, and a consumer that was away longer learns that it is no hole', async () => {
    const db = await prepared();
    await db.topic('test.old', 1);
    await db.pool.query(
      `CREATE TABLE event_log.record_20200101 PARTITION OF event_log.record FOR VALUES FROM ('2020-01-01') TO ('2020-01-02')`,
    );
    await db.pool.query(
      `INSERT INTO event_log.record SELECT 'test.old', 0, i, '2020-01-01', now(), 'k', '{}', '{}' FROM generate_series(1, 5) i`,
    );
    await db.pool.query(`UPDATE event_log.partition SET next = 6 WHERE topic = 'test.old'`);
    await db.pool.query(`SELECT event_log.append('test.old', '{0}', '{k}', ARRAY['{}'], ARRAY['{}'])`);
    expect((await db.pool.query('SELECT event_log.drop_days(30) AS dropped')).rows).toEqual([{ dropped: 1 }]);
    const log = new PostgresEventLog(db.url);
    expect(await log.ends(['test.old'])).toMatchObject([{ first: 6n, next: 7n }]);
    const troubles: unknown[] = [];
    const running = await log.subscribe({
      group: 'late',
      topics: ['test.old'],
      mark: () => Promise.resolve(2n),
      apply: () => Promise.resolve(),
      onTrouble: ({ error }) => troubles.push(error),
    });
    await until('the alarm', () => Promise.resolve(troubles.length > 0));
    expect(troubles[0]).toBeInstanceOf(BeyondRetention);
    await running.close();
    await log.close();
    await db.close();
  }, 60_000);
});

describe('retention beside a Kafka', () => {
  it('keeps days until all of them have been published', async () => {
    const db = await prepared();
    await db.topic('test.old', 1);
    for (const [day, next, off] of [
      ['2020-01-01', '2020-01-02', 1],
      ['2020-01-02', '2020-01-03', 2],
    ]) {
      await db.pool.query(
        `CREATE TABLE event_log.record_${String(day).replaceAll('-', '')} PARTITION OF event_log.record FOR VALUES FROM ('${day}') TO ('${next}')`,
      );
      await db.pool.query(
        `INSERT INTO event_log.record VALUES ('test.old', 0, ${off}, '${day}', now(), 'k', '{}', '{}')`,
      );
    }
    const drop = async () => {
      const { rows } = await db.pool.query<{ dropped: number }>('SELECT event_log.drop_days(30, true) AS dropped');
      return rows[0]!.dropped;
    };
    expect(await drop()).toBe(0);
    await db.pool.query(`INSERT INTO event_log.published VALUES ('test.old', 0, 1)`);
    expect([await drop(), await drop()]).toEqual([1, 0]);
    await db.pool.query('UPDATE event_log.published SET off = 2');
    expect(await drop()).toBe(1);
    await db.close();
  }, 60_000);
});

describe('migrations', () => {
  it('apply once, and notice an edited file', async () => {
    const database = await createDatabase();
    const client = new Client({ connectionString: database.url });
    await client.connect();
    expect(await migrate(client, 'svc', 'messaging', messagingMigrations)).toEqual(['messaging/0001-messaging.sql']);
    expect(await migrate(client, 'svc', 'messaging', messagingMigrations)).toEqual([]);
    await client.query(`UPDATE svc.migration SET hash = 'x'`);
    await expect(migrate(client, 'svc', 'messaging', messagingMigrations)).rejects.toThrow(
      'was edited after it was applied',
    );
    await client.end();
    await database.drop();
  }, 60_000);
});
