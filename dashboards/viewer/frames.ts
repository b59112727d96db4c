/** From the rows of the API to fields that know how to print themselves, by Grafana's own field configuration. */
import {
  applyFieldOverrides,
  type DataFrame,
  dateTimeForTimeZone,
  type Field,
  FieldConfigOptionsRegistry,
  type FieldConfigPropertyItem,
  FieldType,
  getFieldDisplayName,
  type GrafanaTheme2,
  identityOverrideProcessor,
  type ScopedVars,
} from '@grafana/data';
import type { Custom, Panel, Result } from './model.js';

/** The column of every panel that counts what stands behind a row. It is told, not drawn. */
export const countColumn = 'n';

/** Properties that defaults and overrides may set; the ones Grafana's editors know need an entry to be applied. */
const registry = new FieldConfigOptionsRegistry(() => [
  ...[
    'unit',
    'decimals',
    'min',
    'max',
    'fieldMinMax',
    'noValue',
    'color',
    'thresholds',
    'mappings',
    'links',
    'displayName',
  ].map((id) => property(id, false)),
  ...[
    'drawStyle',
    'lineWidth',
    'lineStyle',
    'fillOpacity',
    'spanNulls',
    'stacking',
    'hideFrom',
    'align',
    'hidden',
    'cellOptions',
  ].map((id) => property(id, true)),
]);

function property(path: string, isCustom: boolean): FieldConfigPropertyItem {
  return {
    path,
    isCustom,
    id: isCustom ? `custom.${path}` : path,
    name: path,
    settings: {},
    editor: () => null,
    override: () => null,
    process: path === 'displayName' ? displayName : identityOverrideProcessor,
    shouldApply: () => true,
  } as FieldConfigPropertyItem;
}

/** Names of series are filled in at once; those of rows when the row is drawn. */
const displayName: FieldConfigPropertyItem['process'] = (value: unknown, context) =>
  typeof value === 'string' ? replaceFieldVariables(value, context.field?.state?.scopedVars) : value;

/** `${__field.labels.vendor}`, `${__field.name}` and, with a row, `${__data.fields.region_id}`: what our dashboards use. */
export function replaceFieldVariables(text: string, vars: ScopedVars | undefined): string {
  const context = vars?.['__dataContext']?.value as { field: Field; frame: DataFrame; rowIndex?: number } | undefined;
  if (!context) return text;
  const { field, frame, rowIndex } = context;
  return text.replace(/\$\{__(field|data)\.([\w.]+)\}/g, (match, kind: string, path: string) => {
    if (kind === 'field') return path === 'name' ? field.name : (field.labels?.[path.replace(/^labels\./, '')] ?? '');
    const other = frame.fields.find((candidate) => `fields.${candidate.name}` === path);
    if (!other || rowIndex === undefined) return match;
    const value: unknown = other.values[rowIndex];
    return other.display ? other.display(value).text : plain(value);
  });
}

/** The frames of a panel, each with display processors. Time series get one field a series. */
export function framesOf(panel: Panel, results: Result[], theme: GrafanaTheme2, timeZone: string): DataFrame[] {
  const data = results.map((result) => {
    const target = panel.targets.find(({ refId }) => refId === result.refId);
    const frame = toFrame(result, timeZone);
    return target?.format === 0 ? wide(frame) : frame;
  });
  return applyFieldOverrides({
    data,
    fieldConfig: panel.fieldConfig,
    fieldConfigRegistry: registry,
    replaceVariables: (text, vars) => replaceFieldVariables(text, vars),
    theme,
    timeZone,
  });
}

function toFrame({ refId, columns, rows }: Result, timeZone: string): DataFrame {
  const fields = columns.map(({ name, type }, i): Field => {
    const kind = kindOf(type);
    // A date is a day of the business calendar; a time without a zone of its own is UTC.
    const zone = /'([^']+)'\)*$/.exec(type)?.[1] ?? (/DateTime/.test(type) ? 'UTC' : timeZone);
    return { name, type: kind, config: {}, values: rows.map((row) => convert(row[i], kind, zone)) };
  });
  return { refId, fields, length: rows.length };
}

/** @param type of ClickHouse: `Nullable(Decimal(18, 2))` */
function kindOf(type: string): FieldType {
  const inside = /^(?:Nullable|LowCardinality|SimpleAggregateFunction)\((?:\w+, )?(.*)\)$/.exec(type)?.[1];
  if (inside !== undefined) return kindOf(inside);
  if (/^Date/.test(type)) return FieldType.time;
  if (/^(U?Int|Float|Decimal)/.test(type)) return FieldType.number;
  return type === 'Bool' ? FieldType.boolean : FieldType.string;
}

function convert(value: unknown, kind: FieldType, zone: string): unknown {
  if (value === null || value === undefined) return null;
  if (kind === FieldType.number) return Number(value);
  if (kind !== FieldType.time) return value;
  if (typeof value === 'number') return value < 1e11 ? value * 1000 : value;
  const text = plain(value).replace(' ', 'T');
  return /T.*(Z|[+-]\d\d:?\d\d)$/.test(text) ? Date.parse(text) : dateTimeForTimeZone(zone, text).valueOf();
}

/** As the plugin does for format "time series": strings become labels, and each of their combinations a series. */
function wide(frame: DataFrame): DataFrame {
  const time = frame.fields.find(({ type }) => type === FieldType.time);
  const labels = frame.fields.filter(({ type }) => type === FieldType.string);
  const measures = frame.fields.filter(({ type }) => type === FieldType.number);
  if (!time || labels.length === 0) return frame;
  const times = [...new Set(time.values as number[])].sort((a, b) => a - b);
  const place = new Map(times.map((at, i) => [at, i]));
  const series = new Map<string, Field[]>();
  for (let row = 0; row < frame.length; row++) {
    const named = Object.fromEntries(labels.map(({ name, values }) => [name, plain(values[row])]));
    const key = JSON.stringify(named);
    const fields =
      series.get(key) ??
      measures.map((measure): Field => ({ ...measure, labels: named, values: Array(times.length).fill(null) }));
    series.set(key, fields);
    measures.forEach(({ values }, i) => (fields[i]!.values[place.get(time.values[row] as number)!] = values[row]));
  }
  const ordered = [...series.values()];
  const columns = measures.flatMap((_, i) => ordered.map((fields) => fields[i]!));
  return { ...frame, length: times.length, fields: [{ ...time, values: times }, ...columns] };
}

/** A value as text, also one that no field configuration is about. */
export const plain = (value: unknown): string =>
  typeof value === 'string' ? value : value === null || value === undefined ? '' : JSON.stringify(value);

export const customOf = (field: Field): Custom => (field.config.custom ?? {}) as Custom;

export const nameOf = (field: Field, frame: DataFrame, frames: DataFrame[]): string =>
  getFieldDisplayName(field, frame, frames);

/** What is drawn: numbers that are neither the count nor hidden. */
export const drawn = (frame: DataFrame): Field[] =>
  frame.fields.filter(
    (field) => field.type === FieldType.number && field.name !== countColumn && !customOf(field).hideFrom?.viz,
  );

/** How many things stand behind the panel: the sum of its count columns; undefined where it has none. */
export function sampleSize(frames: DataFrame[]): number | undefined {
  const counts = frames.flatMap(({ fields }) => fields.filter(({ name }) => name === countColumn));
  if (counts.length === 0) return undefined;
  return counts.flatMap(({ values }) => values as (number | null)[]).reduce<number>((sum, n) => sum + (n ?? 0), 0);
}

/** No row, or nothing but nulls and zero counts. */
export const isEmpty = (frames: DataFrame[]): boolean =>
  frames.every(
    ({ fields, length }) => length === 0 || fields.every(({ values }) => values.every((value) => value === null)),
  );
