import type { ImportKind } from '@fenxiao/contracts/imports';
import { cellAt, keyOf, valueAt } from './cells.js';
import { referencesOf } from './fields.js';
import type { Step } from './plan.js';
import type { Report } from './report.js';
import type { Outcome, Services } from './services.js';
import type { StagedRow, Staging } from './staging.js';
import * as refusals from './refusals.js';

/** Sending: what waits in the staging goes to its service in batches, and what comes back is counted and reported. */

const mostRows = 500;
const mostBytes = 1_000_000;
/** of one price list, which becomes one version and so may not be cut; a batch may have 2,000 rows */
const mostPrices = 2000;
const inFlight = 3;
/** regions by generation, prices by list, receipts by day: they pay what is owed longest */
const inOrder: ReadonlySet<ImportKind> = new Set(['regions', 'prices', 'receipts']);

export interface KindSent {
  created: number;
  changed: number;
  unchanged: number;
  rejected: number;
  seconds: number;
}

export interface Sending {
  readonly importId: string;
  readonly dryRun: boolean;
  readonly staging: Staging;
  readonly services: Services;
  readonly report: Report;
  /** the kind's steps, whose columns its fields come from */
  readonly steps: readonly Step[];
  /** counted up as outcomes come */
  readonly sent: KindSent;
  readonly progress: (done: number) => void;
  /** @throws CannotImport when it is to stop */
  readonly assertGoingOn: () => void;
}

type Row = Record<string, unknown>;

/** Sends the rows of one kind; several batches are under way at once where their order does not matter. */
export async function sendKind(kind: ImportKind, sending: Sending): Promise<void> {
  const { sent } = sending;
  const begin = performance.now();
  const underWay = new Set<Promise<void>>();
  let done = 0;
  const send = async (batch: readonly StagedRow[]) => {
    const { services, importId, dryRun, progress } = sending;
    const outcomes = await services.load(
      kind,
      importId,
      dryRun,
      batch.map(({ row }) => row),
    );
    for (const [i, outcome] of outcomes.entries()) sent[settle(kind, batch[i]!, outcome, sending)] += 1;
    progress((done += batch.length));
  };
  const most = inOrder.has(kind) ? 1 : inFlight;
  try {
    for (const batch of batches(kind, sending.staging)) {
      sending.assertGoingOn();
      const task = send(batch).finally(() => underWay.delete(task));
      // seen below, by whichever comes first
      task.catch(() => undefined);
      underWay.add(task);
      if (underWay.size >= most) await Promise.race(underWay);
    }
    await Promise.all(underWay);
  } finally {
    await Promise.allSettled(underWay);
    sent.seconds = (performance.now() - begin) / 1000;
  }
}

/** Batches of at most 500 rows or 1 MB. A price list is one batch; a generation of regions begins a new one. */
function* batches(kind: ImportKind, staging: Staging): Generator<StagedRow[]> {
  const byPart = kind === 'regions' || kind === 'prices';
  const most = kind === 'prices' ? mostPrices : mostRows;
  let batch: StagedRow[] = [];
  let bytes = 0;
  for (const row of waiting(kind, staging)) {
    const size = Buffer.byteLength(row.row) + 1;
    const full = batch.length >= most || bytes + size > mostBytes || (byPart && batch[0]?.part !== row.part);
    if (full && batch.length > 0) {
      yield batch;
      [batch, bytes] = [[], 0];
    }
    batch.push(row);
    bytes += size;
  }
  if (batch.length > 0) yield batch;
}

function* waiting(kind: ImportKind, staging: Staging): Generator<StagedRow> {
  for (let after = { part: 0, id: 0 }; ;) {
    const page = staging.page(kind, after, 500);
    yield* page;
    if (page.length === 0) return;
    after = page.at(-1)!;
  }
}

/** Reports what is to be said of one row. @returns how it counts */
function settle(kind: ImportKind, staged: StagedRow, outcome: Outcome, sending: Sending): Outcome['outcome'] {
  const { report, staging, dryRun, steps } = sending;
  if (outcome.outcome !== 'rejected' && !outcome.findings?.length) return outcome.outcome;
  const row = JSON.parse(staged.row) as Row;
  const origin = staging.originOf(staged.id);
  const key = keyOf(kind, row);
  for (const { rule, code, line, detail } of outcome.findings ?? []) {
    const place = (line !== undefined && origin.lines?.[line - 1]) || origin;
    report.find({ kind, origin: place, key, rule, code, detail });
  }
  if (outcome.outcome !== 'rejected') return outcome.outcome;
  const errors = outcome.errors ?? [{ field: '', code: refusals.invalid().code, message: '' }];
  if (dryRun && errors.every((error) => comesWithUs(kind, row, error, staging))) return 'created';
  staging.refuse(staged.id);
  for (const { field, code, message } of errors) {
    const cell = cellAt(field, row, origin, steps);
    report.reject({ kind, key, code, reason: message, ...cell });
  }
  return 'rejected';
}

type RowError = NonNullable<Outcome['errors']>[number];

/** Whether a service misses only what this same import brings: in a dry run nothing is there yet. */
function comesWithUs(kind: ImportKind, row: Row, { field, code }: RowError, staging: Staging): boolean {
  if (!code.endsWith('.unknown')) return false;
  const reference = referencesOf(kind)[field.replace(/\.\d+\./g, '.')];
  const value = valueAt(field, row);
  return reference !== undefined && typeof value === 'string' && staging.isNamed(...reference, value);
}
