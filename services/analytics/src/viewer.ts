import type { ClickHouseClient } from '@clickhouse/client';
import { tableFilters } from './store.js';

export interface Columns {
  readonly columns: { readonly name: string; readonly type: string }[];
  readonly rows: unknown[][];
}
export interface Frame extends Columns {
  readonly refId: string;
}

/** Runs the dashboards' queries: reading only, within limits, over the rows the person may see. */
export class Viewer {
  constructor(private readonly client: ClickHouseClient) {}

  /**
   * @param filters conditions by table, put on every reading of it, also within views
   * @throws ClickHouseError, or what the connection throws when the store is away
   */
  async query(sql: string, filters: Readonly<Record<string, string>>): Promise<Columns> {
    const answer = await this.client.query({
      query: sql,
      format: 'JSONCompact',
      clickhouse_settings: {
        readonly: '1',
        additional_table_filters: tableFilters(filters),
        max_execution_time: 20,
        max_memory_usage: '600000000',
        max_result_rows: '100000',
        result_overflow_mode: 'throw',
        // The browser draws numbers: as doubles, money is exact to the fen below 90 trillion yuan.
        output_format_json_quote_64bit_integers: 0,
        output_format_json_quote_decimals: 0,
      },
    });
    const { meta = [], data } = (await answer.json()) as { meta?: { name: string; type: string }[]; data: unknown[][] };
    return { columns: meta.map(({ name, type }) => ({ name, type })), rows: data };
  }
}
