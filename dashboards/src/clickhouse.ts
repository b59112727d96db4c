import type { Builder, Dataquery } from '@grafana/grafana-foundation-sdk/cog';

/** The data source is a template variable, so that one JSON fits every Grafana. */
export const datasource = { type: 'grafana-clickhouse-datasource', uid: '${datasource}' };

/** As the plugin stores a query; `format` 0 is time series (text columns name the series), 1 a table. */
export interface ClickHouseTarget {
  refId: string;
  datasource: typeof datasource;
  editorType: 'sql';
  queryType: 'timeseries' | 'table';
  format: 0 | 1;
  rawSql: string;
  pluginVersion: string;
}

/** A query of the Grafana ClickHouse plugin, which the SDK does not know. */
export class ClickHouseQuery implements Builder<Dataquery> {
  readonly #target: ClickHouseTarget;

  constructor(shape: 'timeseries' | 'table', rawSql: string, refId = 'A') {
    this.#target = {
      refId,
      datasource,
      editorType: 'sql',
      queryType: shape,
      format: shape === 'table' ? 1 : 0,
      rawSql: rawSql.trim(),
      pluginVersion: '4.20.0',
    };
  }

  build(): Dataquery {
    return { ...this.#target } as unknown as Dataquery;
  }
}
