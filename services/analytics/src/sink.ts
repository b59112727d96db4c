import { setImmediate as immediate, setTimeout as delay } from 'node:timers/promises';
import { deadLetterTopic, topics } from '@fenxiao/contracts/topics';
import type { ClickHouseClient } from '@clickhouse/client';
import {
  HoleInLog,
  type EventLog,
  type LogRecord,
  type Running,
  type Subscription,
  type Trouble,
} from '@fenxiao/messaging/event-log';
import { GateClosed, LostPartition, tokenOf, type Ledger, type Mark } from './ledger.js';
import { Recovery } from './recovery.js';
import { behind as behindGauge, measure } from './sink-metrics.js';
import { Closing, inOrder, nameOf, settle, sliceOf, type Slice } from './slice.js';
import { INSERT_SECONDS, insertRecords } from './store.js';

export interface SinkOptions {
  readonly log: EventLog;
  readonly ledger: Ledger;
  readonly client: ClickHouseClient;
  /** least time from the beginning of an insert to that of the next, unless a batch is full */
  readonly intervalMs: number;
  readonly batchRows: number;
  readonly onTrouble: (trouble: Trouble) => void;
  /** inserts at once */
  readonly inserts?: number;
  /** seconds after which a batch that was tried is rebuilt, not sent again: its token may be forgotten by then */
  readonly replayWithin?: number;
  /** seconds after which an insert of a process that has ended is surely over in the store, too */
  readonly insertWithin?: number;
  /** how long an unfinished batch of several partitions waits for the others to be taken over here too */
  readonly gatherMs?: number;
  /** how often topics that did not exist yet are looked for */
  readonly topicsEveryMs?: number;
  /** for tests: is called at each stage of a batch and may throw, as if the process ended there */
  readonly stage?: (stage: Stage) => void;
}

export type Stage = 'before-ledger' | 'before-insert' | 'after-insert' | 'after-mark';

/** Services that have no topic of their own, but consume, and so have dead letters. */
const onlyConsumers = ['analytics', 'console'];

/** Every topic there may be; those that exist are read. */
export const sinkTopics: readonly string[] = [
  ...Object.keys(topics),
  ...[...Object.keys(topics).map((topic) => topic.slice('fenxiao.'.length)), ...onlyConsumers].map(deadLetterTopic),
];

/**
 * Carries the event log to ClickHouse, each record once. Records of all partitions that wait together become one batch,
 * one insert, one block; at low rates it leaves soon, at high rates when it is full.
 */
export class Sink {
  readonly #options: Required<Omit<SinkOptions, 'stage'>> & Pick<SinkOptions, 'stage'>;
  readonly #closing = new AbortController();
  readonly #marks = new Map<string, Mark>();
  readonly #recovery: Recovery;
  #waiting: Slice[] = [];
  #inserting = 0;
  #lastInsertMs = 0;
  #begunAt = -Infinity;
  /** the last batch was full, so there is more */
  #behind = false;
  /** of the next insert that ends */
  #ended = Promise.withResolvers<void>();
  #topics: readonly string[] = [];
  #running: Running | undefined;
  #watch: Promise<void> | undefined;
  readonly #flushes = new Set<Promise<void>>();

  constructor(options: SinkOptions) {
    this.#options = {
      inserts: 2,
      replayWithin: 300,
      insertWithin: INSERT_SECONDS + 10,
      gatherMs: 10_000,
      topicsEveryMs: 30_000,
      ...options,
    };
    const insert = (slices: readonly Slice[]) => this.#insert(slices);
    this.#recovery = new Recovery({ ...this.#options, insert, closing: this.#closing.signal });
  }

  /** Reads what there is by the time it resolves, if the log answers; a log that is away is asked until it does. */
  async start(): Promise<void> {
    await this.#readTopics();
    this.#watch = this.#watchTopics();
  }

  /** Finishes the batches in hand, then gives the partitions up. */
  async close(): Promise<void> {
    this.#closing.abort(new Closing());
    this.#ended.resolve();
    await this.#watch;
    const idle = this.#waiting;
    this.#waiting = [];
    // Not begun: whoever reads the partition next gets them again.
    for (const { inserted } of idle) inserted.reject(new Closing());
    await Promise.all([...this.#flushes, this.#recovery.close()]);
    await this.#running?.close();
  }

  /** How many records each partition has that are not in the store yet. */
  async behind(): Promise<{ topic: string; part: number; behind: number }[]> {
    const [ends, marks] = await Promise.all([this.#options.log.ends(sinkTopics), this.#options.ledger.marks()]);
    const applied = new Map(marks.map(({ topic, part, applied: off }) => [`${topic}/${part}`, off]));
    return ends.map(({ topic, part, next }) => {
      const behind = Number(next - 1n - (applied.get(`${topic}/${part}`) ?? 0n));
      behindGauge.set({ topic, partition: String(part) }, behind);
      return { topic, part, behind };
    });
  }

  /** Never rejects. Topics of dead letters come into being with their services: all are read anew when there are more. */
  async #readTopics(): Promise<void> {
    const { log, onTrouble } = this.#options;
    try {
      const existing = await log.ends(sinkTopics);
      const found = [...new Set(existing.map(({ topic }) => topic))];
      if (this.#closing.signal.aborted || found.every((topic) => this.#topics.includes(topic))) return;
      await this.#running?.close();
      this.#topics = [];
      this.#running = await log.subscribe(this.#subscription(found));
      this.#topics = found;
    } catch (error) {
      onTrouble({ topic: '*', part: 0, error, stopped: false });
    }
  }

  async #watchTopics(): Promise<void> {
    while (!this.#closing.signal.aborted) {
      await this.#pause(this.#topics.length > 0 ? this.#options.topicsEveryMs : 1000);
      if (!this.#closing.signal.aborted) await this.#readTopics();
    }
  }

  #subscription(topics: readonly string[]): Subscription {
    const { ledger, onTrouble, batchRows } = this.#options;
    return {
      group: 'analytics-sink',
      topics,
      // With what each partition has in hand, and only with that, memory grows; four partitions fill a batch.
      batch: Math.ceil(batchRows / 4),
      mark: async (topic, part) => {
        const mark = await ledger.take(topic, part);
        this.#marks.set(nameOf(mark), mark);
        return mark.applied;
      },
      ready: () => this.#turn(),
      apply: (records) => this.#apply(records),
      onTrouble: (trouble) => {
        if (!(trouble.error instanceof Closing)) onTrouble(trouble);
      },
    };
  }

  async #apply(given: readonly LogRecord[]): Promise<void> {
    const name = nameOf(given[0]!);
    const mark = this.#marks.get(name)!;
    const fresh = given.filter(({ off }) => off > mark.applied);
    const gap = fresh.findIndex(({ off }, i) => off !== mark.applied + 1n + BigInt(i));
    let records = gap === -1 ? fresh : fresh.slice(0, gap);
    if (mark.pending && records.length > 0) {
      const { to } = mark.pending;
      const unfinished = records.filter(({ off }) => off <= to);
      await this.#recovery.recover(mark, unfinished);
      this.#marks.set(name, await this.#options.ledger.take(mark.topic, mark.part));
      records = records.filter(({ off }) => off > to);
      if (this.#marks.get(name)?.pending) throw new Error(`${name} has more of its unfinished batch to come`);
    }
    if (records.length > 0) await this.#wait(records);
    // What comes before a hole is kept; there the partition stops.
    if (gap !== -1) throw new HoleInLog(mark.topic, mark.part, mark.applied + 1n + BigInt(gap), fresh[gap]!.off);
  }

  #wait(records: readonly LogRecord[]): Promise<void> {
    this.#closing.signal.throwIfAborted();
    const slice = sliceOf(records);
    // What one reading brought leaves together.
    if (this.#waiting.push(slice) === 1) setImmediate(() => this.#send());
    return slice.inserted.promise;
  }

  get #rowsWaiting(): number {
    return this.#waiting.reduce((sum, { records }) => sum + records.length, 0);
  }

  /**
   * Resolves when the log is to be read for the next insert. While batches are full that is at once. Small ones go one at a
   * time, and one begins no sooner than one and a half times what the last took after that began: so the first record after
   * a quiet while waits for nothing, and however many come, the store has a pause. What is committed until then goes with
   * it: records that were read earlier would hold up those that follow them in their partitions.
   */
  async #turn(): Promise<void> {
    const { signal } = this.#closing;
    const { intervalMs, batchRows } = this.#options;
    await immediate();
    while (!signal.aborted) {
      if (this.#behind && this.#rowsWaiting < batchRows) return;
      const interval = Math.max(intervalMs, Math.min(1.5 * this.#lastInsertMs, 10 * intervalMs));
      const left = this.#begunAt + interval - performance.now();
      if (this.#inserting > 0) await this.#ended.promise;
      else if (left > 0) await this.#pause(left);
      else return;
    }
  }

  #send(): void {
    const { inserts, batchRows } = this.#options;
    while (this.#waiting.length > 0 && this.#inserting < inserts && !this.#closing.signal.aborted) {
      const slices: Slice[] = [];
      let taken = 0;
      while (this.#waiting.length > 0 && (taken === 0 || taken + this.#waiting[0]!.records.length <= batchRows)) {
        taken += this.#waiting[0]!.records.length;
        slices.push(this.#waiting.shift()!);
      }
      this.#behind = taken >= batchRows / 2;
      this.#begunAt = performance.now();
      this.#inserting += 1;
      const flush = this.#flush(inOrder(slices)).finally(() => {
        this.#inserting -= 1;
        this.#flushes.delete(flush);
        this.#send();
        this.#ended.resolve();
        this.#ended = Promise.withResolvers<void>();
      });
      this.#flushes.add(flush);
    }
  }

  /** Never rejects: each slice is told. */
  #flush(slices: readonly Slice[]): Promise<void> {
    const ranges = slices.map(({ range }) => range);
    return settle(slices, async () => {
      this.#options.stage?.('before-ledger');
      await this.#options.ledger.begin(ranges);
      await this.#insert(slices);
    });
  }

  /** Inserts what is written down until it is in: while ClickHouse is away nothing is lost and nothing set aside. */
  async #insert(slices: readonly Slice[]): Promise<void> {
    const { ledger, client, stage, onTrouble } = this.#options;
    const ranges = slices.map(({ range }) => range);
    const token = tokenOf(ranges);
    const records = slices.flatMap((slice) => slice.records);
    for (let attempt = 0; ; attempt++) {
      const started = performance.now();
      try {
        await ledger.complete(ranges, async () => {
          stage?.('before-insert');
          await insertRecords(client, records, token);
          stage?.('after-insert');
        });
        stage?.('after-mark');
        for (const range of ranges)
          this.#marks.set(nameOf(range), { topic: range.topic, part: range.part, applied: range.to });
        this.#lastInsertMs = performance.now() - started;
        measure(
          slices.map((slice) => slice.records),
          this.#lastInsertMs,
        );
        return;
      } catch (error) {
        if (error instanceof LostPartition || this.#closing.signal.aborted) throw error;
        if (!(error instanceof GateClosed))
          onTrouble({ topic: ranges[0]!.topic, part: ranges[0]!.part, error, stopped: false });
        await this.#pause(Math.min(200 * 2 ** attempt, 5000));
        this.#closing.signal.throwIfAborted();
      }
    }
  }

  async #pause(ms: number): Promise<void> {
    await delay(ms, undefined, { signal: this.#closing.signal }).catch(() => {});
  }
}
