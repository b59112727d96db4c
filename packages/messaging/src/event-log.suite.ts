import { newId } from '@fenxiao/domain/id';
import { until } from '@fenxiao/testing/wait';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { EventLog, LogRecord, Running, Subscription, Trouble } from './event-log.js';

/** What an adapter's tests provide. */
export interface LogUnderTest {
  readonly log: EventLog;
  /** a topic of four partitions, empty */
  newTopic(): Promise<string>;
  /** appends in this order, as one batch */
  append(topic: string, records: readonly { part: number; key: string; value: string }[]): Promise<void>;
  /** makes an offset vanish, as a defect would */
  lose(topic: string, part: number, off: bigint): Promise<void>;
  close(): Promise<void>;
}

/** The contract every adapter of `EventLog` keeps. */
export function eventLogContract(name: string, start: () => Promise<LogUnderTest>): void {
  describe(`EventLog: ${name}`, () => {
    let under: LogUnderTest;
    beforeAll(async () => {
      under = await start();
    }, 120_000);
    afterAll(() => under?.close());

    const some = (count: number, part = 0, from = 0) =>
      Array.from({ length: count }, (_, i) => ({ part, key: `k${part}`, value: `{"n":${from + i}}` }));

    /** A consumer that keeps its marks in memory, as a database would. */
    function consumer(topic: string, extra: Partial<Subscription> = {}) {
      const seen: LogRecord[] = [];
      const marks = new Map<number, bigint>();
      const troubles: Trouble[] = [];
      const subscription: Subscription = {
        group: newId(),
        topics: [topic],
        onTrouble: (trouble) => troubles.push(trouble),
        mark: (_, part) => Promise.resolve(marks.get(part) ?? 0n),
        apply: (records) => {
          for (const record of records) {
            if (record.off <= (marks.get(record.part) ?? 0n)) continue;
            seen.push(record);
            marks.set(record.part, record.off);
          }
          return Promise.resolve();
        },
        ...extra,
      };
      return { seen, marks, troubles, subscription };
    }
    const got = (what: string, seen: readonly LogRecord[], count: number) =>
      until(`${count} records: ${what}`, () => Promise.resolve(seen.length >= count));

    it('delivers every partition from offset 1, dense and in order', async () => {
      const topic = await under.newTopic();
      await under.append(topic, [...some(300, 0), ...some(200, 1), ...some(1, 3)]);
      const { seen, subscription } = consumer(topic, { batch: 64 });
      const running = await under.log.subscribe(subscription);
      await got('all', seen, 501);
      await under.append(topic, some(5, 0, 300));
      await got('what came later', seen, 506);
      await running.close();
      const first = seen.filter(({ part }) => part === 0);
      expect(first.map(({ off }) => off)).toEqual(first.map((_, i) => BigInt(i + 1)));
      expect(first.map(({ value }) => (JSON.parse(value) as { n: number }).n)).toEqual(first.map((_, i) => i));
    });

    it('starts after the mark', async () => {
      const topic = await under.newTopic();
      await under.append(topic, some(10));
      const { seen, marks, subscription } = consumer(topic);
      marks.set(0, 7n);
      const running = await under.log.subscribe(subscription);
      await got('the rest', seen, 3);
      await running.close();
      expect(seen.map(({ off }) => off)).toEqual([8n, 9n, 10n]);
    });

    it('delivers again what could not be applied, and other partitions meanwhile', async () => {
      const topic = await under.newTopic();
      await under.append(topic, [...some(3, 0), ...some(3, 1)]);
      const { seen, subscription } = consumer(topic);
      let away = true;
      const apply = async (records: readonly LogRecord[]) => {
        if (away && records[0]!.part === 0) throw new Error('the store is away');
        return subscription.apply(records);
      };
      const running = await under.log.subscribe({ ...subscription, apply });
      await got('the other partition', seen, 3);
      expect(seen.every(({ part }) => part === 1)).toBe(true);
      away = false;
      await got('both', seen, 6);
      await running.close();
    });

    it('reads the other partitions while the mark of one can not be had, and that one after', async () => {
      const topic = await under.newTopic();
      await under.append(topic, [...some(5, 0), ...some(5, 1)]);
      let locked = true;
      const { seen, troubles, subscription } = consumer(topic, {
        mark: (_, part) => (part === 0 && locked ? Promise.reject(new Error('locked')) : Promise.resolve(0n)),
      });
      const running = await under.log.subscribe(subscription);
      await got('the other partition', seen, 5);
      await until('trouble', () => Promise.resolve(troubles.length > 0));
      expect(seen.every(({ part }) => part === 1)).toBe(true);
      locked = false;
      await got('both', seen, 10);
      expect(troubles.some(({ stopped }) => stopped)).toBe(false);
      await running.close();
    });

    it('stops a partition at a hole and says so', async () => {
      const topic = await under.newTopic();
      await under.append(topic, [...some(5, 0), ...some(2, 1)]);
      await under.lose(topic, 0, 1n);
      const { seen, troubles, subscription } = consumer(topic);
      const running = await under.log.subscribe(subscription);
      await got('the whole partition', seen, 2);
      await until('the alarm', () => Promise.resolve(troubles.find(({ stopped }) => stopped)));
      await running.close();
      expect(seen.filter(({ part }) => part === 0)).toEqual([]);
      expect(String(troubles.find(({ stopped }) => stopped)!.error)).toContain('expected offset 1, found 2');
    });

    it('shares the partitions in a group, each record applied once, and takes over from a member that leaves', async () => {
      const topic = await under.newTopic();
      const { seen, subscription } = consumer(topic);
      const by = new Map<string, Set<number>>();
      const member = (name: string): Subscription => ({
        ...subscription,
        apply: async (records) => {
          by.set(name, (by.get(name) ?? new Set()).add(records[0]!.part));
          await subscription.apply(records);
        },
      });
      const members: Running[] = [await under.log.subscribe(member('a')), await under.log.subscribe(member('b'))];
      let sent = 0;
      await until(
        'both to take part',
        async () => {
          await under.append(
            topic,
            [0, 1, 2, 3].flatMap((part) => some(1, part)),
          );
          sent += 4;
          await got('the round', seen, sent);
          return by.size === 2 && [...by.values()].every((parts) => parts.size >= 2);
        },
        30_000,
      );
      await members[0]!.close();
      by.clear();
      await until(
        'the other to read all',
        async () => {
          await under.append(
            topic,
            [0, 1, 2, 3].flatMap((part) => some(1, part)),
          );
          sent += 4;
          await got('the round', seen, sent);
          return by.get('b')?.size === 4;
        },
        30_000,
      );
      await members[1]!.close();
      expect(seen).toHaveLength(sent);
      expect(new Set(seen.map(({ part, off }) => `${part}/${off}`)).size).toBe(sent);
    }, 90_000);

    it('says where each partition ends', async () => {
      const topic = await under.newTopic();
      await under.append(topic, some(3, 2));
      const ends = await under.log.ends([topic]);
      expect(ends.map(({ part, first, next }) => [part, first, next])).toEqual([
        [0, 1n, 1n],
        [1, 1n, 1n],
        [2, 1n, 4n],
        [3, 1n, 1n],
      ]);
    });
  });
}
