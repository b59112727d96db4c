/** What is SET on the fresh connection of a request, before its statement. */
import type { User } from './environment.js';
import { identifier, literal } from './sql.js';
import { systemTableFilters } from './readers.js';

export class RefusedSetting extends Error {}

/** Parameters of the HTTP interface that are no settings of the engine. */
const ofTheInterface = new RegExp(
  '^(query|query_id|user|password|database|default_format|param_.*|session_(id|timeout|check)|close_session|quota_key|role|stacktrace|compress' +
    '|decompress|buffer_size|wait_end_of_query|client_protocol_version|enable_http_compression|http_.*|add_http_cors_header' +
    '|send_progress_in_http_headers|cancel_http_readonly_queries_on_client_close|log_comment|implicit_select)$',
);

/** Settings a reader may choose: how results look; and limits, but only to lower them. */
const openToReaders = new RegExp(
  '^(output_format_(json|csv|tsv|pretty|arrow|parquet|native|orc|decimal|values|msgpack|markdown)_\\w+|format_csv_\\w+' +
    '|format_tsv_\\w+|date_time_output_format|date_time_input_format|session_timezone|extremes|join_use_nulls|limit|offset|result_overflow_mode' +
    '|prefer_column_name_to_alias|cast_string_to_dynamic_use_inference|union_default_mode|describe_include_subcolumns)$',
);

/**
 * The statements to run first, joined by semicolons. Order matters: settings of the caller, then what they can't change,
 * then the database, then `readonly`, which can't be taken back on that connection.
 *
 * @param parameters of the request's URL
 * @param mark goes to `log_comment`, by which the query is found to cancel it
 * @param safeMethod true for GET: such a request changes nothing, whoever sends it
 * @throws RefusedSetting when a reader asks for what only a writer may set
 */
export function setup(
  user: User,
  database: string,
  parameters: URLSearchParams,
  mark: string,
  safeMethod: boolean,
): string {
  const chosen: Record<string, string> = { async_insert: '0' };
  const values: string[] = [];
  let narrowed = '';
  const limits: Record<string, number> = {
    max_execution_time: user.limits.seconds,
    max_memory_usage: user.limits.memory,
    max_result_rows: user.limits.rows,
  };
  for (const [name, value] of parameters) {
    const parameter = /^param_(\w+)$/.exec(name)?.[1];
    if (parameter !== undefined) values.push(`SET param_${parameter} = ${literal(value)}`);
    if (ofTheInterface.test(name) || value === '') continue;
    if (!/^[a-z]\w*$/i.test(name)) throw new RefusedSetting(`Unknown setting '${name}'`);
    if (Object.hasOwn(limits, name)) limits[name] = lower(limits[name]!, Number(value));
    else if (user.kind === 'writer' && name !== 'readonly') chosen[name] = value;
    else if (name === 'readonly' || openToReaders.test(name)) chosen[name] = value;
    else if (name === 'additional_table_filters' && user.narrows) narrowed = entriesOf(value);
    else throw new RefusedSetting(`The setting '${name}' is not open to this user`);
  }
  const wish = Number(chosen['readonly']) || 0;
  const readonly = user.kind === 'reader' || wish === 1 ? 1 : safeMethod ? 2 : wish;
  delete chosen['readonly'];
  if (user.kind === 'reader') {
    chosen['additional_table_filters'] = `{${entries(systemTableFilters(user.database))}${narrowed}}`; // the first filter of a table counts
    chosen['allow_introspection_functions'] = '0';
  }
  const fixed = { ...limits, result_overflow_mode: 'throw', implicit_select: '0', log_comment: mark };
  const settings = Object.entries({ ...chosen, ...fixed }).map(
    ([name, value]) => `${name} = ${literal(String(value))}`,
  );
  return [
    `SET ${settings.join(', ')}`,
    ...values,
    `USE ${identifier(database)}`,
    readonly ? `SET readonly = ${readonly}` : '',
  ]
    .filter(Boolean)
    .join(';\n');
}

/** The stricter of two limits, where 0 means none. */
function lower(limit: number, wish: number): number {
  if (!Number.isFinite(wish) || wish <= 0) return limit;
  return limit === 0 ? wish : Math.min(limit, wish);
}

const entries = (map: Record<string, string>) =>
  Object.entries(map)
    .map(([key, value]) => `${literal(key)}: ${literal(value)}`)
    .join(', ');

/** What stands between the braces of a map, to follow other entries. @throws RefusedSetting when it is no map of texts to texts */
function entriesOf(map: string): string {
  const inner = /^\s*\{(.*)\}\s*$/s.exec(map)?.[1]?.trim();
  const text = String.raw`'(?:[^'\\]|\\.)*'`;
  if (inner === undefined || !new RegExp(`^(?:${text}\\s*:\\s*${text}\\s*(?:,\\s*(?!$)|$))*$`, 's').test(inner))
    throw new RefusedSetting("The setting 'additional_table_filters' is not a map of texts");
  return inner === '' ? '' : `, ${inner}`;
}
