import { setTimeout as delay } from 'node:timers/promises';
import type { ClickHouseClient } from '@clickhouse/client';
import type { LogRecord } from '@fenxiao/messaging/event-log';
import { tokenOf, type Ledger, type Mark } from './ledger.js';
import { rebuildRanges } from './rebuild.js';
import { inOrder, nameOf, settle, sliceOf, type Slice } from './slice.js';

interface Options {
  readonly ledger: Ledger;
  readonly client: ClickHouseClient;
  readonly replayWithin: number;
  readonly insertWithin: number;
  readonly gatherMs: number;
  /** inserts a batch that was written down, with its token, and ticks it off */
  readonly insert: (slices: readonly Slice[]) => Promise<void>;
  readonly closing: AbortSignal;
}

/** The parts of an unfinished batch that have come here. */
interface Gathering {
  readonly slices: Map<string, Slice>;
  readonly size: number;
  /** its token still says whether it is in */
  trusted: boolean;
  /** seconds since it was last tried */
  age: number;
  readonly all: PromiseWithResolvers<void>;
}

/**
 * Finishes batches that were begun before this process had their partitions. When all partitions of one came here, and in
 * time, it is sent again with its token, which changes nothing where it is in and completes what was cut off; otherwise
 * what came here of it is rebuilt.
 */
export class Recovery {
  readonly #gatherings = new Map<string, Gathering>();
  readonly #running = new Set<Promise<void>>();

  constructor(private readonly options: Options) {}

  /** @param records of the partition, from the mark on and up to the end of its unfinished range at most */
  async recover({ topic, part, pending }: Mark, records: readonly LogRecord[]): Promise<void> {
    const { batch, to, age, rebuilding } = pending!;
    const gathering = this.#gatherings.get(batch) ?? (await this.#gather(batch));
    const slice = sliceOf(records);
    gathering.age = Math.max(gathering.age, age);
    gathering.trusted &&= slice.range.to === to && !rebuilding && age <= this.options.replayWithin;
    gathering.slices.set(nameOf({ topic, part }), slice);
    if (gathering.slices.size === gathering.size) gathering.all.resolve();
    await slice.inserted.promise;
  }

  /** Resolves when nothing runs any more. To be called when `closing` has been aborted. */
  async close(): Promise<void> {
    await Promise.all(this.#running);
  }

  async #gather(batch: string): Promise<Gathering> {
    const members = await this.options.ledger.batch(batch);
    const known = this.#gatherings.get(batch);
    if (known) return known;
    const all = Promise.withResolvers<void>();
    const gathering: Gathering = { slices: new Map(), size: members.length, trusted: true, age: 0, all };
    this.#gatherings.set(batch, gathering);
    const running = Promise.race([all.promise, this.#pause(this.options.gatherMs)])
      .then(() => this.#finish(batch, gathering))
      .finally(() => this.#running.delete(running));
    this.#running.add(running);
    return gathering;
  }

  /** Never rejects: each slice is told. */
  #finish(batch: string, { slices, trusted, age }: Gathering): Promise<void> {
    this.#gatherings.delete(batch);
    const gathered = inOrder([...slices.values()]);
    const whole = tokenOf(gathered.map(({ range }) => range)) === batch;
    return settle(gathered, async () => {
      this.options.closing.throwIfAborted();
      await (whole && trusted ? this.options.insert(gathered) : this.#rebuild(gathered, age));
    });
  }

  async #rebuild(slices: readonly Slice[], age: number): Promise<void> {
    const { ledger, client, insertWithin, closing } = this.options;
    // A store goes on with an insert whose sender has died; only after it has ended is there something to put right.
    await this.#pause(Math.max(0, insertWithin - age) * 1000);
    closing.throwIfAborted();
    const ranges = slices.map(({ range }) => range);
    const records = slices.flatMap((slice) => slice.records);
    await ledger.rebuild(ranges, () => rebuildRanges(client, ranges, records));
  }

  async #pause(ms: number): Promise<void> {
    await delay(ms, undefined, { signal: this.options.closing }).catch(() => {});
  }
}
