import { randomUUID } from 'node:crypto';
import type { ClickHouseClient } from '@clickhouse/client';
import type { LogRecord } from '@fenxiao/messaging/event-log';
import { tokenOf, type Ledger, type Range } from './ledger.js';
import { insertRecords, insertSettings, rows, tableFilters } from './store.js';

/** Facts that are appended to, with the columns that say which record a row came from. Sent twice, they would double. */
const appended = {
  sales_facts: ['topic', 'partition', 'offset'],
  moves: ['topic', 'partition', 'offset'],
  receivable_entries: ['topic', 'partition', 'offset'],
  dead_letters: ['source_topic', 'source_partition', 'source_offset'],
} as const;

/** Sums over them, and the day by which a part of such a sum can be made anew. */
const rollups = {
  sales_by_day: { of: 'sales_facts', day: 'booked_on' },
  moves_by_day: { of: 'moves', day: 'day' },
} as const;

/** Facts kept by key: the same event again changes nothing. */
const keyed = [
  'order_facts',
  'invoice_facts',
  'shipment_facts',
  'entity_facts',
  'subject_facts',
  'complaint_facts',
  'position_facts',
  'survey_facts',
  'market_observation_facts',
];

export const factTables: readonly string[] = [...Object.keys(appended), ...Object.keys(rollups), ...keyed];

/**
 * Puts ranges right of which nobody knows how much is in: what raw_events has stays, what it lacks is added, the facts of
 * the ranges are made anew, and so are the sums of the days they fall on. To be run alone in the store.
 * @param records all of the ranges
 */
export async function rebuildRanges(
  client: ClickHouseClient,
  ranges: readonly Range[],
  records: readonly LogRecord[],
): Promise<void> {
  // Tokens used before say nothing: what was inserted with them has been deleted since.
  const token = `rebuild:${randomUUID()}`;
  for (const [table, address] of Object.entries(appended))
    await client.command({
      query: `DELETE FROM ${table} WHERE ${within(ranges, address)}`,
      query_params: parameters(ranges),
    });
  const found = await rows<{ name: string; copies: string }>(
    client,
    `SELECT concat(topic, '/', toString(partition), '/', toString(offset)) AS name, count() AS copies
     FROM raw_events WHERE ${within(ranges)} GROUP BY topic, partition, offset`,
    parameters(ranges),
  );
  if (found.some(({ copies }) => copies !== '1')) throw new Error(`raw_events has records twice in ${tokenOf(ranges)}`);
  const kept = new Set(found.map(({ name }) => name));
  if (kept.size > 0) await refill(client, ranges, token);
  const missing = records.filter(({ topic, part, off }) => !kept.has(`${topic}/${part}/${off}`));
  if (missing.length > 0) await insertRecords(client, missing, `${token}:missing`);
  for (const [rollup, { of, day }] of Object.entries(rollups)) {
    const days = await rows<{ day: string }>(
      client,
      `SELECT DISTINCT ${day} AS day FROM ${of} WHERE ${within(ranges)}`,
      parameters(ranges),
    );
    const list = days.map((row) => `'${row.day}'`).join(', ');
    if (days.length > 0) await rebuildDays(client, rollup, of, `${day} IN (${list})`);
  }
}

/**
 * Makes all facts anew from raw_events, while the sinks wait. If it ends before its time, the facts are incomplete and it
 * has to be run again from the start.
 * @param onProgress gets the partition and the offset done
 * @returns number of records replayed
 */
export async function replayAll(
  client: ClickHouseClient,
  ledger: Ledger,
  onProgress: (topic: string, part: number, off: bigint) => void = () => {},
  step = 50_000n,
): Promise<number> {
  return ledger.alone(async () => {
    const run = randomUUID();
    for (const table of factTables) await client.command({ query: `TRUNCATE TABLE ${table}` });
    const parts = await rows<{ topic: string; part: number; first: string; last: string; records: string }>(
      client,
      'SELECT topic, partition AS part, min(offset) AS first, max(offset) AS last, count() AS records FROM raw_events GROUP BY topic, partition ORDER BY topic, partition',
    );
    for (const { topic, part, first, last } of parts)
      for (let from = BigInt(first); from <= BigInt(last); from += step) {
        await refill(client, [{ topic, part, from, to: from + step - 1n }], `replay:${run}`);
        onProgress(topic, part, from + step - 1n);
      }
    return parts.reduce((sum, { records }) => sum + Number(records), 0);
  });
}

/** Sends records of raw_events through the views once more, all but raw_events itself. */
async function refill(client: ClickHouseClient, ranges: readonly Range[], run: string): Promise<void> {
  await client.command({
    query: `INSERT INTO ingest (topic, partition, offset, headers, data, ingested_at, replayed)
      SELECT topic, partition, offset, headers, data, ingested_at, 1 FROM raw_events WHERE ${within(ranges)} ORDER BY topic, partition, offset`,
    query_params: parameters(ranges),
    clickhouse_settings: insertSettings(`${run}:${tokenOf(ranges)}`),
  });
}

/** The rollup's own view, over some days only. */
async function rebuildDays(client: ClickHouseClient, rollup: string, of: string, days: string): Promise<void> {
  const [view] = await rows<{ as_select: string }>(
    client,
    'SELECT as_select FROM system.tables WHERE database = {database:String} AND name = {name:String}',
    {
      database: 'fenxiao',
      name: `${rollup}_view`,
    },
  );
  if (!view) throw new Error(`${rollup} has no view`);
  await client.command({ query: `DELETE FROM ${rollup} WHERE ${days}` });
  await client.command({
    query: `INSERT INTO ${rollup} ${view.as_select}`,
    clickhouse_settings: {
      ...insertSettings(`rebuild:${randomUUID()}`),
      additional_table_filters: tableFilters({ [`fenxiao.${of}`]: days }),
    },
  });
}

const within = (
  ranges: readonly Range[],
  [topic, part, off]: readonly [string, string, string] = ['topic', 'partition', 'offset'],
) =>
  ranges
    .map(
      (_, i) =>
        `(${topic} = {t${i}:String} AND ${part} = {p${i}:UInt16} AND ${off} BETWEEN {f${i}:UInt64} AND {l${i}:UInt64})`,
    )
    .join(' OR ');

const parameters = (ranges: readonly Range[]) =>
  Object.fromEntries(
    ranges.flatMap(({ topic, part, from, to }, i) => [
      ...([
        [`t${i}`, topic],
        [`p${i}`, part],
      ] as const),
      ...([
        [`f${i}`, String(from)],
        [`l${i}`, String(to)],
      ] as const),
    ]),
  );
