import { setTimeout as delay } from 'node:timers/promises';
import { until } from '@fenxiao/testing/wait';
import type { Random } from '../../services/console/src/demo/random.js';
import type { Rig } from './rig.js';

/** What may go wrong. Resolves when the fault itself is over; healing may take longer. */
export interface Fault {
  readonly name: string;
  /** why it can't be done on this machine, if so */
  readonly skipped?: (rig: Rig) => string | undefined;
  inflict(rig: Rig, random: Random, options: Options): Promise<string>;
}

export interface Options {
  /** how long stores are away, in milliseconds */
  readonly awayMs: number;
  /** gets the address of each poison message */
  readonly poisoned: (message: Poison) => void;
}

export interface Poison {
  readonly topic: string;
  readonly part: number;
  readonly off: number;
  readonly kind: 'malformed' | 'against-contract';
}

/** The lease of a member of a consumer group is 3 s, with Kafka its session 10 s (packages/messaging). */
const leaseMs = (rig: Rig) => (rig.kafka ? 10_000 : 3000);

const killed = (name: string): Fault => ({
  name: `kill -9 ${name}`,
  inflict: async (rig) => {
    const pid = await rig.pid(name);
    process.kill(pid, 'SIGKILL');
    return `pid ${pid}`;
  },
});

/** Its leases run out while it is stopped; then it goes on where it was, and must notice. */
const stalled = (name: string): Fault => ({
  name: `SIGSTOP ${name} beyond its lease`,
  inflict: async (rig, random) => {
    const ms = leaseMs(rig) + random.int(500, 2500);
    await stopFor(await rig.pid(name), () => delay(ms));
    return `${ms} ms`;
  },
});

async function stopFor(pid: number, meanwhile: () => Promise<unknown>): Promise<void> {
  process.kill(pid, 'SIGSTOP');
  try {
    await meanwhile();
  } finally {
    process.kill(pid, 'SIGCONT');
  }
}

/**
 * A second process takes over what the stopped one has in hand; then both believe it is theirs, and one of them is
 * killed. Records are delivered twice, and old ones after new ones.
 */
const rivalled = (name: string): Fault => ({
  name: `two ${name}, one stopped in mid-batch, one killed`,
  skipped: ({ kafka }) => (kafka ? 'who has which partition is known to Kafka alone' : undefined),
  inflict: async (rig, random) => {
    const group = name === 'analytics' ? 'analytics-sink' : name;
    const owners = async () =>
      (await rig.sql<{ owner: string | null; lives: boolean }>(
        'SELECT DISTINCT owner, until > now() AS lives FROM event_log.lease WHERE grp = $1',
        [group],
      )) ?? [];
    const first = await rig.pid(name);
    const rival = await rig.rival(name);
    const ended = new Promise((done) => rival.once('close', done));
    try {
      await until(`both ${name} to share the partitions`, async () => (await owners()).length === 2, 30_000);
      await stopFor(first, () =>
        until(
          `the second ${name} to have all partitions`,
          async () => {
            const found = await owners();
            return found.length === 1 && found[0]!.lives;
          },
          30_000,
        ),
      );
      await delay(random.int(200, 1500));
      const victim = random.chance(0.5) ? first : rival.pid!;
      process.kill(victim, 'SIGKILL');
      return `killed the ${victim === first ? 'first' : 'second'}`;
    } finally {
      rival.kill('SIGTERM');
      await ended;
    }
  },
});

const clickhouseAway: Fault = {
  name: 'ClickHouse does not answer',
  inflict: async (rig, _, { awayMs }) => {
    await stopFor(await rig.pid('clickhouse'), () => delay(awayMs));
    return `${awayMs} ms`;
  },
};

/** Two in the log itself: no JSON at all, and an event whose data are not what the contract says. */
const poison: Fault = {
  name: 'poison messages',
  inflict: async (rig, random, { poisoned }) => {
    const topic = 'fenxiao.distributors';
    const part = random.int(0, 3);
    const key = `poison-${random.int(1, 1e9)}`;
    const type = 'fenxiao.distributors.distributor.activated.v1';
    const attributes = { specversion: '1.0', id: key, type, source: '/chaos', subject: key, sequence: 1 };
    const headers = JSON.stringify({ ...attributes, time: new Date().toISOString() });
    const pool = await rig.pool();
    const client = await pool.connect();
    try {
      // In one transaction, so that the offsets are known to be these.
      await client.query('BEGIN');
      await client.query('SELECT event_log.append($1, $2, $3, $4, $5)', [
        topic,
        [part, part],
        [key, key],
        ['{"type": not JSON', headers],
        ['neither is this', '{"nothing": "of what is asked for"}'],
      ]);
      const { rows } = await client.query<{ next: string }>(
        'SELECT next FROM event_log.partition WHERE topic = $1 AND part = $2',
        [topic, part],
      );
      await client.query('COMMIT');
      const next = Number(rows[0]!.next);
      poisoned({ topic, part, off: next - 2, kind: 'malformed' });
      poisoned({ topic, part, off: next - 1, kind: 'against-contract' });
      return `${topic}/${part} ${next - 2} and ${next - 1}`;
    } finally {
      client.release(true);
    }
  },
};

/** Not a byte is left on the disk; then there is room again. When something has been given up, an operator starts it anew. */
const fullDisk: Fault = {
  name: 'full disk',
  skipped: ({ noDisk }) => noDisk,
  inflict: async (rig, random, { awayMs }) => {
    const ms = Math.round(awayMs * random.between(0.3, 0.7));
    const free = await rig.fillDisk();
    try {
      await delay(ms);
    } finally {
      free();
    }
    return `${ms} ms`;
  },
};

/** Somebody forgets a transaction open: with a snapshot, a written row and the lock of a partition of the log. */
const idleTransaction: Fault = {
  name: 'idle transaction',
  inflict: async (rig, random) => {
    const ms = random.int(3000, 6000);
    const part = random.int(0, 7);
    const pool = await rig.pool();
    const client = await pool.connect();
    try {
      for (let held = false; !held;) {
        await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
        await client.query('SELECT count(*) FROM event_log.record');
        await client.query('CREATE TABLE orders.forgotten ()');
        held = await client
          .query(`SELECT FROM event_log.partition WHERE topic = 'fenxiao.orders' AND part = $1 FOR UPDATE`, [part])
          .then(
            () => true,
            async (error: { code?: string }) => {
              // Somebody appended to it after the snapshot.
              if (error.code !== '40001') throw error;
              await client.query('ROLLBACK');
              return false;
            },
          );
      }
      await delay(ms);
      await client.query('ROLLBACK');
    } finally {
      client.release(true);
    }
    return `${ms} ms, fenxiao.orders/${part} locked`;
  },
};

/** Nobody hears anything meanwhile; then it is started again, as whatever keeps services running does. */
const brokerKilled: Fault = {
  name: 'kill -9 broker',
  inflict: async ({ kafka }, random) => {
    const ms = random.int(500, 5000);
    await kafka!.kill();
    await delay(ms);
    await kafka!.start();
    return `${ms} ms`;
  },
};

/** @param kafka whether it keeps the log */
export const faultsWith = (kafka: boolean): readonly Fault[] => [
  ...(kafka ? [brokerKilled] : []),
  ...['orders', 'distributors', 'complaints', 'planning', 'appraisals', 'console', 'analytics'].map(killed),
  ...['clickhouse', 'postgresql', 'identity', 'gateway'].map(killed),
  stalled('analytics'),
  stalled('orders'),
  rivalled('analytics'),
  rivalled('orders'),
  rivalled('appraisals'),
  clickhouseAway,
  poison,
  fullDisk,
  idleTransaction,
];
