import {
  CustomVariableBuilder,
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  VariableRefresh,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { ClickHouseQuery, datasource } from './clickhouse.js';
import { all } from './macros.js';

/** The data source itself: the first of its kind that the Grafana at hand has. */
export const datasourceVariable = (label: string) =>
  new DatasourceVariableBuilder('datasource').label(label).type(datasource.type).regex('').allowCustomValue(false);

/** One of a few values; the first is the default. */
export function select(name: string, label: string, values: [value: string, text: string][]) {
  const options = values.map(([value, text], i) => ({ selected: i === 0, value, text }));
  return new CustomVariableBuilder(name)
    .label(label)
    .values(values.map(([value, text]) => `${text} : ${value}`).join(','))
    .options(options)
    .current(options[0]!)
    .allowCustomValue(false);
}

/** Several of what a query finds, or All. Its first column is the value, the second, if there is one, the text. */
export function categoryVariable(name: string, label: string, sql: string) {
  return new QueryVariableBuilder(name)
    .label(label)
    .datasource(datasource)
    .query({ ...new ClickHouseQuery('table', sql, `${name}-options`).build() })
    .definition(sql)
    .refresh(VariableRefresh.OnDashboardLoad)
    .multi(true)
    .includeAll(true)
    .allowCustomValue(false)
    .current({ selected: true, text: [all], value: [all] });
}

/** The tree of regions, each named by its way from the root. */
export const regionVariable = (label: string) =>
  categoryVariable(
    'region',
    label,
    `SELECT toString(region_id) AS id,
       arrayStringConcat(arrayMap(one -> one.2, arrayReverseSort(one -> one.1, groupArray((depth, ancestor)))), ' / ') AS way
     FROM region_tree GROUP BY region_id ORDER BY way`,
  );
