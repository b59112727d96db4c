import { readdirSync } from 'node:fs';
import { newId } from '@fenxiao/domain/id';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { productEvents } from '@fenxiao/contracts/prices';
import { regionEvents } from '@fenxiao/contracts/distributors';
import { HoleInLog, type EventLog } from '@fenxiao/messaging/event-log';
import { PostgresEventLog } from '@fenxiao/messaging/postgres-log';
import { until } from '@fenxiao/testing/wait';
import { orders, anOrder } from '../test/orders.js';
import {
  anEvent,
  settled,
  startLog,
  startSink,
  environmentOf,
  startStore,
  type Log,
  type RunningSink,
  type Store,
} from '../test/stack.js';
import { migrateStore } from './commands.js';
import { factTables, replayAll } from './rebuild.js';
import { tokenOf, type Mark } from './ledger.js';
import { sinkTopics, type SinkOptions, type Stage } from './sink.js';

jest.setTimeout(90_000);

let store: Store;
let log: Log;
const running: RunningSink[] = [];
beforeAll(async () => void (store = await startStore()));
afterAll(() => store.close());
beforeEach(async () => {
  log = await startLog();
  await store.empty();
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((one) => one.close()));
  await log.close();
});

async function start(options: Partial<SinkOptions> = {}): Promise<RunningSink> {
  const one = await startSink(log, store, options);
  running.push(one);
  return one;
}
async function stop(one: RunningSink): Promise<void> {
  running.splice(running.indexOf(one), 1);
  await one.close();
}

/** Orders in every partition, some taken back, and the sums they must come to. */
function someOrders(count: number) {
  const all = orders(count);
  const back = all.filter((_, i) => i % 7 === 0);
  const rows = [
    ...all.map((order) => order.submitted()),
    ...all.flatMap((order) => [order.dispatched(), order.invoiced()]),
    ...back.map((order) => order.cancelled()),
  ];
  const sold = all.reduce((sum, { netFen }) => sum + netFen, 0);
  const taken = back.reduce((sum, { netFen }) => sum + netFen, 0);
  return { rows, sold, net: sold - taken, orders: count };
}

/** Everything in the store is there once, and every sum is right to the fen, in the lines and in the rollups. */
async function exact({ rows, sold, net, orders: count }: ReturnType<typeof someOrders>): Promise<void> {
  const fen = (table: string, basis: string) =>
    store.one(`SELECT toInt64(sum(s.net) * 100) FROM ${table} AS s WHERE basis = '${basis}'`);
  expect(await store.query('SELECT count() AS n, uniqExact(topic, partition, offset) AS u FROM raw_events')).toEqual([
    { n: String(rows.length), u: String(rows.length) },
  ]);
  for (const table of ['sales_facts', 'sales_by_day']) {
    expect([table, await fen(table, 'order')]).toEqual([table, String(net)]);
    expect([table, await fen(table, 'ship')]).toEqual([table, String(sold)]);
    expect([table, await fen(table, 'invoice')]).toEqual([table, String(sold)]);
  }
  const moved = rows.filter(({ value }) => value.includes('"move":')).length;
  expect(await store.one('SELECT count() FROM moves')).toBe(String(moved));
  expect(await store.one('SELECT sum(m.moves) FROM moves_by_day AS m')).toBe(String(moved));
  expect(await store.one('SELECT uniqExact(order_id) FROM order_facts')).toBe(String(count));
  expect(await store.one('SELECT count() FROM dead_letters')).toBe('0');
}

describe('records of the log', () => {
  it('are looked for in the dead letters of every service', () => {
    const services = readdirSync(new URL('../../', import.meta.url));
    expect(sinkTopics).toEqual(expect.arrayContaining(services.map((service) => `fenxiao.${service}.dead`)));
  });

  it('get into the store once, in batches of many partitions', async () => {
    const given = someOrders(400);
    await log.append(given.rows);
    await start();
    await settled(log);
    await exact(given);
    expect(
      Number(await store.one(`SELECT count() FROM system.parts WHERE database = 'fenxiao' AND table = 'raw_events'`)),
    ).toBeLessThan(8);
  });

  it('can be queried soon after they are committed, however few they are', async () => {
    await start({ intervalMs: 200 });
    const delays: number[] = [];
    for (let i = 0; i < 5; i++) {
      const order = anOrder();
      await log.append([order.submitted()]);
      const at = performance.now();
      await until(
        'the order to be there',
        async () =>
          (await store.one(`SELECT count() FROM sales_facts WHERE order_id = {id:UUID}`, { id: order.id })) === '1',
      );
      delays.push(performance.now() - at);
    }
    // Loosely, since other tests share the machine: what matters is that none waits for a batch to fill.
    expect(delays.toSorted((a, b) => a - b)[2]).toBeLessThan(4000);
  });

  it('come when the log does, if it is away at the start', async () => {
    const order = anOrder();
    await log.append([order.created(), order.submitted()]);
    const there = new PostgresEventLog(log.url);
    let asked = 0;
    const late: EventLog = {
      subscribe: (subscription) => there.subscribe(subscription),
      ends: (topics) => (++asked === 1 ? Promise.reject(new Error('no broker answers')) : there.ends(topics)),
      close: () => there.close(),
    };
    const one = await start({ log: late });
    expect(one.troubles).toEqual([new Error('no broker answers')]);
    await settled(log);
    await stop(one);
    await there.close();
  });

  it('of dead-letter topics come, too, once there is such a topic', async () => {
    await start({ topicsEveryMs: 50 });
    await log.declare('fenxiao.orders.dead');
    const dead = {
      topic: 'fenxiao.orders.dead',
      part: 0,
      key: 'k',
      headers: JSON.stringify({
        id: 'x',
        type: 'fenxiao.orders.dead-letter.v1',
        subject: 'k',
        time: '2026-03-05T00:00:00Z',
        sequence: 1,
      }),
    };
    await log.append([
      {
        ...dead,
        value: JSON.stringify({
          reason: 'malformed',
          error: 'e',
          original: { topic: 'fenxiao.planning', partition: 1, offset: '9', key: 'k' },
        }),
      },
    ]);
    await until(
      'the dead letter',
      async () => (await store.one(`SELECT count() FROM dead_letters WHERE consumer = 'orders'`)) === '1',
    );
  });

  it('that are poison do not hold up the others', async () => {
    const given = someOrders(20);
    const poison = ['no json', '{"a":\n', '\\N', '', '{"broken\ttab":'].map((value, i) => ({
      topic: 'fenxiao.orders',
      part: i,
      key: 'k',
      headers: i === 2 ? 'nonsense\there' : '{}',
      value,
    }));
    await log.append([...given.rows.slice(0, 30), ...poison, ...given.rows.slice(30)]);
    await start();
    await settled(log);
    expect(await store.one('SELECT count() FROM raw_events')).toBe(String(given.rows.length + poison.length));
    expect(await store.one(`SELECT count() FROM dead_letters WHERE reason = 'malformed'`)).toBe(String(poison.length));
    expect(await store.one(`SELECT toInt64(sum(s.net) * 100) FROM sales_by_day AS s WHERE basis = 'order'`)).toBe(
      String(given.net),
    );
  });

  it('after a hole are not read: the partition stops with an alarm', async () => {
    await log.append(someOrders(50).rows.filter(({ part }) => part === 3));
    await log.pool.query(`DELETE FROM event_log.record WHERE topic = 'fenxiao.orders' AND part = 3 AND off = 5`);
    const { troubles } = await start();
    await until('the alarm', async () => troubles.some((error) => error instanceof HoleInLog));
    const [mark] = (await log.ledger.marks()).filter(({ topic, part }) => topic === 'fenxiao.orders' && part === 3);
    expect(mark!.applied).toBe(4n);
    expect(await store.one('SELECT max(offset) FROM raw_events')).toBe('4');
  });
});

/** A sink whose process ends, as far as the others can see, when it comes to a stage for the n-th time. */
function dying(stage: Stage, time = 1): Pick<SinkOptions, 'stage'> & { died: () => boolean } {
  let [met, dead] = [0, false];
  return {
    stage: (now) => {
      if (now === stage && ++met >= time) dead = true;
      if (dead) throw new Error('the process has ended here');
    },
    died: () => dead,
  };
}

describe('a process that ends', () => {
  const stages: Stage[] = ['before-ledger', 'before-insert', 'after-insert', 'after-mark'];
  for (const stage of stages)
    it(`${stage}: nothing is lost and nothing doubled when the next one starts`, async () => {
      const given = someOrders(120);
      await log.append(given.rows.slice(0, 200));
      for (const time of [1, 2]) {
        const death = dying(stage, time);
        const one = await start({ ...death, batchRows: 40 });
        await until('its end', async () => death.died());
        await stop(one);
      }
      await log.append(given.rows.slice(200));
      await start();
      await settled(log);
      await exact(given);
    });

  it('sends exactly the batch that was under way again, with the same token, though more has come since', async () => {
    const given = someOrders(60);
    await log.append(given.rows.slice(0, 100));
    const death = dying('after-insert');
    const one = await start(death);
    await until('its end', async () => death.died());
    await stop(one);
    const half = (await log.ledger.marks()).filter(({ pending }) => pending);
    expect(half.length).toBeGreaterThan(1);
    const ranges = half.map(({ topic, part, applied, pending }) => ({
      topic,
      part,
      from: applied + 1n,
      to: pending!.to,
    }));
    expect(new Set(half.map(({ pending }) => pending!.batch))).toEqual(new Set([tokenOf(ranges)]));
    const parts = await store.one(
      `SELECT count() FROM system.parts WHERE database = 'fenxiao' AND table = 'raw_events' AND rows > 0`,
    );
    await log.append(given.rows.slice(100));
    await start();
    await settled(log);
    expect(Number(parts)).toBe(1);
    await exact(given);
  });

  it('and whose partitions go to several others: what they can not send together is rebuilt by each', async () => {
    const given = someOrders(150);
    const regions = Array.from({ length: 20 }, (_, i) =>
      anEvent(regionEvents.created, newId(), { code: `R${i}`, name: `R${i}`, validFrom: '2020-01-01' }),
    );
    given.rows.unshift(...regions);
    await log.append(given.rows.slice(0, 300));
    const death = dying('after-insert');
    const one = await start(death);
    await until('its end', async () => death.died());
    await stop(one);
    // So that the first takes no more than half.
    const ghost = `INSERT INTO event_log.member (grp, owner, until) VALUES ('analytics-sink', 'ghost', now() + interval '1 hour')`;
    await log.pool.query(ghost);
    await start({ gatherMs: 500 });
    await log.pool.query(`DELETE FROM event_log.member WHERE owner = 'ghost'`);
    await start({ gatherMs: 500 });
    await log.append(given.rows.slice(300));
    await settled(log);
    const owners = `SELECT DISTINCT owner FROM event_log.lease WHERE grp = 'analytics-sink' AND topic IN ('fenxiao.distributors', 'fenxiao.orders')`;
    expect((await log.pool.query(owners)).rowCount).toBe(2);
    await exact(given);
    expect(await store.one('SELECT count() FROM regions')).toBe('20');
  });

  it('with its batch half done, long ago: the token may be forgotten, so the range is rebuilt', async () => {
    const given = someOrders(80);
    await log.append(given.rows);
    let half: Mark[] = [];
    for (const stage of ['before-insert', 'after-insert'] as const) {
      const death = dying(stage);
      const one = await start({ ...death, batchRows: 90 });
      await until('its end', async () => death.died());
      await stop(one);
      await log.pool.query(`UPDATE sink_mark SET attempted_at = now() - interval '1 day' WHERE batch IS NOT NULL`);
      // As after thousands of other blocks: nothing remembers the token.
      await forgetTokens();
      half = (await log.ledger.marks()).filter(({ pending }) => pending);
      // The first reading fills its batch from several partitions; what follows a recovery leaves as it comes.
      expect(half.length).toBeGreaterThan(stage === 'before-insert' ? 1 : 0);
    }
    // And the insert had got only part of the way: some tables have it, some do not.
    for (const { part, applied } of half) {
      await store.client.command({
        query: `DELETE FROM moves WHERE partition = ${part} AND offset > ${applied} AND offset % 3 = 0`,
      });
      await store.client.command({
        query: `DELETE FROM raw_events WHERE partition = ${part} AND offset > ${applied} AND offset % 2 = 0`,
      });
    }
    await start();
    await settled(log);
    await exact(given);
  });

  it('in the middle of a rebuild: the next one rebuilds again', async () => {
    const given = someOrders(40);
    await log.append(given.rows);
    const death = dying('after-insert');
    const one = await start(death);
    await until('its end', async () => death.died());
    await stop(one);
    await log.pool.query(`UPDATE sink_mark SET rebuilding = true WHERE batch IS NOT NULL`);
    await store.client.command({ query: 'DELETE FROM sales_facts WHERE partition < 4' });
    await start();
    await settled(log);
    await exact(given);
  });

  async function forgetTokens(): Promise<void> {
    for (const table of [...factTables, 'raw_events', 'topic_freshness']) {
      await store.client.command({
        query: `ALTER TABLE ${table} MODIFY SETTING non_replicated_deduplication_window = 0`,
      });
      await store.client.command({
        query: `ALTER TABLE ${table} MODIFY SETTING non_replicated_deduplication_window = 20000`,
      });
    }
  }
});

describe('two processes', () => {
  it('share the partitions, and take over from each other without loss or repeat', async () => {
    const given = someOrders(300);
    const first = await start({ batchRows: 50 });
    await log.append(given.rows.slice(0, 300));
    const second = await start({ batchRows: 50 });
    await log.append(given.rows.slice(300, 600));
    await stop(first);
    await log.append(given.rows.slice(600));
    await settled(log);
    await exact(given);
    expect(second.troubles.filter((error) => error instanceof HoleInLog)).toEqual([]);
  });

  it('that one of them is stopped in mid-insert holds up no partition but those of its batch', async () => {
    const given = someOrders(50);
    await log.append(given.rows);
    const { topic, part } = given.rows[0]!;
    await log.ledger.take(topic, part);
    // What the other one's session holds for as long as it is stopped.
    const stopped = await log.pool.connect();
    await stopped.query('BEGIN');
    await stopped.query('SELECT FROM sink_mark WHERE topic = $1 AND part = $2 FOR UPDATE', [topic, part]);
    await start();
    const behind = () =>
      log.pool.query<{ topic: string; part: number }>(
        `SELECT p.topic, p.part FROM event_log.partition p LEFT JOIN sink_mark m USING (topic, part) WHERE p.next - 1 > coalesce(m.applied, 0)`,
      );
    await until('all others', async () => (await behind()).rowCount === 1);
    expect((await behind()).rows).toEqual([{ topic, part }]);
    await stopped.query('ROLLBACK');
    stopped.release();
    await settled(log);
    await exact(given);
  });
});

describe('ClickHouse', () => {
  it('away: the sink waits and loses nothing, sets nothing aside, and goes on when it is back', async () => {
    const given = someOrders(100);
    const { troubles } = await start();
    await log.append(given.rows.slice(0, 50));
    await settled(log);
    await store.stop();
    await log.append(given.rows.slice(50));
    await until('the sink to notice', async () => troubles.length > 0);
    expect((await log.ledger.marks()).some(({ pending }) => pending)).toBe(true);
    await store.restart();
    await settled(log);
    await exact(given);
  });

  it('killed in the middle of an insert: the batch sent again heals what the views had not written', async () => {
    const given = someOrders(2500);
    const { troubles } = await start({ batchRows: 50_000 });
    for (let i = 0; i < given.rows.length; i += 1000) await log.append(given.rows.slice(i, i + 1000));
    await until('an insert to be under way', async () => (await log.ledger.marks()).some(({ pending }) => pending));
    await store.kill();
    await store.restart();
    await settled(log);
    await exact(given);
    expect(troubles.filter((error) => error instanceof HoleInLog)).toEqual([]);
  });
});

describe('replay', () => {
  it('makes all facts anew from the raw events, while a sink that runs waits, and changes no sum', async () => {
    const given = someOrders(120);
    await log.append(given.rows.slice(0, 200));
    await start();
    await settled(log);
    await store.client.command({ query: 'DELETE FROM sales_facts WHERE partition = 1' });
    const replaying = replayAll(store.client, log.ledger, () => {}, 30n);
    await log.append(given.rows.slice(200));
    expect(await replaying).toBeGreaterThanOrEqual(200);
    await settled(log);
    await exact(given);
    expect(await replayAll(store.client, log.ledger)).toBe(given.rows.length);
    await exact(given);
  });

  it('restores master data and dead letters as well', async () => {
    const [region, product] = [newId(), newId()];
    await log.append([
      anEvent(regionEvents.created, region, { code: 'N', name: '北区', validFrom: '2020-01-01' }),
      anEvent(productEvents.created, product, {
        code: 'P',
        name: '地砖',
        specification: 's',
        grade: 'A',
        colourNumber: 'c',
        family: 'f',
        unit: 'm²',
      }),
      { topic: 'fenxiao.orders', part: 0, key: 'k', headers: '{}', value: 'poison' },
    ]);
    await start();
    await settled(log);
    const look = async () => [
      await store.query('SELECT code, name FROM regions'),
      await store.query('SELECT code, unit FROM products'),
      await store.query('SELECT topic, offset, reason, ingested_at FROM dead_letters'),
    ];
    const before = await look();
    await replayAll(store.client, log.ledger);
    expect(await look()).toEqual(before);
    expect(before).toMatchObject([[{ name: '北区' }], [{ unit: 'm²' }], [{ reason: 'malformed' }]]);
  });

  it('gives new views what came before them, once, also when the first attempt failed', async () => {
    const given = someOrders(20);
    await log.append(given.rows);
    await start();
    await settled(log);
    const migrate = (DATABASE_URL: string) => {
      const { CLICKHOUSE_URL, CLICKHOUSE_USER, CLICKHOUSE_PASSWORD } = environmentOf(store);
      return migrateStore({ CLICKHOUSE_URL, CLICKHOUSE_USER, CLICKHOUSE_PASSWORD, DATABASE_URL });
    };
    await store.client.command({ query: 'TRUNCATE TABLE receivable_entries' });
    const elsewhere = new URL(log.url);
    elsewhere.pathname = '/nowhere';
    await expect(migrate(elsewhere.href)).rejects.toThrow('does not exist');
    expect(await store.one('SELECT count() FROM receivable_entries')).toBe('0');
    await migrate(log.url);
    expect(Number(await store.one('SELECT count() FROM receivable_entries'))).toBeGreaterThan(0);
    await exact(given);
    await store.client.command({ query: 'TRUNCATE TABLE receivable_entries' });
    await migrate(log.url);
    expect(await store.one('SELECT count() FROM receivable_entries')).toBe('0');
  });
});
