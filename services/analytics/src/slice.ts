import type { LogRecord } from '@fenxiao/messaging/event-log';
import type { Range } from './ledger.js';

/** Records of one partition, in order and none missing, that somebody waits to see inserted. */
export interface Slice {
  readonly range: Range;
  readonly records: readonly LogRecord[];
  readonly inserted: PromiseWithResolvers<void>;
}

export function sliceOf(records: readonly LogRecord[]): Slice {
  const { topic, part, off } = records[0]!;
  return {
    range: { topic, part, from: off, to: records.at(-1)!.off },
    records,
    inserted: Promise.withResolvers<void>(),
  };
}

/** Tells all who wait how it went. */
export async function settle(slices: readonly Slice[], work: () => Promise<void>): Promise<void> {
  try {
    await work();
    for (const { inserted } of slices) inserted.resolve();
  } catch (error) {
    for (const { inserted } of slices) inserted.reject(error);
  }
}

export const nameOf = ({ topic, part }: { readonly topic: string; readonly part: number }) => `${topic}/${part}`;

/** In the order of topics and partitions: the same batch has the same token, whoever puts it together. */
export const inOrder = (slices: readonly Slice[]): Slice[] =>
  slices.toSorted(({ range: a }, { range: b }) => (a.topic === b.topic ? a.part - b.part : a.topic < b.topic ? -1 : 1));

/** The sink is closing: no trouble, and nothing is lost. */
export class Closing extends Error {}
