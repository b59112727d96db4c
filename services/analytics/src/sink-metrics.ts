import type { LogRecord } from '@fenxiao/messaging/event-log';
import { Gauge, Histogram } from 'prom-client';
import { timeOf } from './line.js';

/** One batch that is in the store: its records by partition, and how long the insert took. */
export function measure(parts: readonly (readonly LogRecord[])[], ms: number): void {
  const now = Date.now();
  batchRows.observe(parts.reduce((sum, records) => sum + records.length, 0));
  flushSeconds.observe(ms / 1000);
  for (const records of parts) {
    const seconds = (now - timeOf(records[0]!)) / 1000;
    if (seconds >= 0) toStore.observe(seconds);
  }
}

const batchRows = new Histogram({
  name: 'sink_batch_rows',
  help: 'Records of one insert',
  buckets: [1, 10, 100, 1000, 5000, 10_000, 20_000, 50_000],
});
const flushSeconds = new Histogram({
  name: 'sink_flush_seconds',
  help: 'Time of one insert with its ledger entries',
  buckets: [0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 15, 60],
});
const toStore = new Histogram({
  name: 'event_to_store_seconds',
  help: 'From the time of an event until it can be queried (K-X01); the oldest of each partition and insert',
  buckets: [0.1, 0.25, 0.5, 1, 2, 5, 15, 60, 300, 3600],
});
export const behind = new Gauge({
  name: 'sink_behind',
  help: 'Records in the log and not yet in the store (K-X02)',
  labelNames: ['topic', 'partition'],
});
