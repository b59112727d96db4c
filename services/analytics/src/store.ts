import { Readable } from 'node:stream';
import {
  ClickHouseError,
  ClickHouseLogLevel,
  createClient,
  SettingsMap,
  type ClickHouseClient,
} from '@clickhouse/client';
import type { LogRecord } from '@fenxiao/messaging/event-log';
import { lineOf, placeholderOf } from './line.js';

export interface StoreOptions {
  readonly url: string;
  readonly username: string;
  readonly password: string;
}

/** A client of ClickHouse that leaves reporting errors to its caller. */
export const connect = ({ url, username, password }: StoreOptions, requestTimeoutMs = 120_000): ClickHouseClient =>
  createClient({
    url,
    username,
    password,
    database: 'fenxiao',
    application: 'fenxiao-analytics',
    request_timeout: requestTimeoutMs,
    max_open_connections: 16,
    keep_alive: {
      enabled: true,
      idle_socket_ttl: 2e3,
    },
    log: { level: ClickHouseLogLevel.OFF },
  });

/** Longest run of one insert in seconds. */
export const INSERT_SECONDS = 120;

/** One insert is one block, remembered by its token in every table that the views write. */
export const insertSettings = (token: string) => ({
  insert_deduplication_token: token,
  deduplicate_blocks_in_dependent_materialized_views: 1 as const,
  async_insert: 0 as const,
  // A batch of history may reach into any number of years; refusing it would stop the sink.
  max_partitions_per_insert_block: '0',
  max_execution_time: INSERT_SECONDS,
  min_insert_block_size_rows: '1000000',
  min_insert_block_size_bytes: '1000000000',
});

/**
 * Inserts records as one block.
 * @throws whatever makes a retry with the same token necessary
 */
export async function insertRecords(
  client: ClickHouseClient,
  records: readonly LogRecord[],
  token: string,
): Promise<void> {
  await insertOrBisect(client, records, token, lineOf);
}

/** Codes of ClickHouse for a body it can't read as rows: nothing has been inserted then. */
const unreadable = new Set(['26', '27', '33', '72', '117', '130', '131', '190', '469', '636']);

/** Halves what the base table itself refuses until the one record is found; that one goes in as a placeholder. */
export async function insertOrBisect(
  client: ClickHouseClient,
  records: readonly LogRecord[],
  token: string,
  line: (record: LogRecord) => string,
): Promise<void> {
  try {
    await insertLines(client, records.map(line), token);
  } catch (error) {
    if (!(error instanceof ClickHouseError) || !unreadable.has(error.code)) throw error;
    if (records.length === 1) return insertLines(client, records.map(placeholderOf), `${token}#placeholder`);
    const middle = records.length >> 1;
    await insertOrBisect(client, records.slice(0, middle), `${token}#0`, line);
    await insertOrBisect(client, records.slice(middle), `${token}#1`, line);
  }
}

async function insertLines(client: ClickHouseClient, lines: readonly string[], token: string): Promise<void> {
  await client.insert({
    table: 'ingest',
    columns: ['topic', 'partition', 'offset', 'headers', 'data'],
    values: Readable.from([Buffer.from(lines.join(''))], { objectMode: false }),
    format: 'TabSeparatedRaw',
    clickhouse_settings: insertSettings(token),
  });
}

/** Rows of a query. Numbers of 64 bits and decimals come as text, so that none loses a digit. */
export async function rows<Row>(
  client: ClickHouseClient,
  query: string,
  query_params: Record<string, unknown> = {},
): Promise<Row[]> {
  const answer = await client.query({
    query,
    query_params,
    format: 'JSONEachRow',
    clickhouse_settings: {
      output_format_json_quote_64bit_integers: 1,
      output_format_json_quote_decimals: 1,
    },
  });
  return answer.json<Row>();
}

/** Conditions on tables as the setting `additional_table_filters`. The client puts values between quotes and escapes nothing. */
export const tableFilters = (conditions: Readonly<Record<string, string>>): SettingsMap =>
  SettingsMap.from(
    Object.fromEntries(Object.entries(conditions).map(([table, sql]) => [table, sql.replace(/[\\']/g, '\\$&')])),
  );
