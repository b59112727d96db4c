/** The dashboards as JSON that Grafana reads (classic, schemaVersion 42), and what the server needs to run their queries. */
import { readFileSync } from 'node:fs';
import type { Language } from '@fenxiao/domain/dictionary';
import type { ClickHouseTarget } from './clickhouse.js';
import { all, type Variable as Choice } from './macros.js';

export type Power = 'customers' | 'people';

export interface Panel {
  id: number;
  type: string;
  title: string;
  description: string;
  gridPos: { x: number; y: number; w: number; h: number };
  interval: string;
  maxDataPoints: number;
  targets: ClickHouseTarget[];
  options: Record<string, unknown>;
  fieldConfig: {
    defaults: Record<string, unknown>;
    overrides: { matcher: { id: string; options: unknown }; properties: { id: string; value: unknown }[] }[];
  };
  /** who else may not see it; also left out of Grafana */
  fenxiao?: { power: Power };
}

export interface Variable {
  name: string;
  type: 'query' | 'custom' | 'datasource';
  label: string;
  multi: boolean;
  includeAll: boolean;
  current?: { text: string | string[]; value: string | string[] };
  /** of type custom */
  options?: { text: string; value: string }[];
  /** of type query: its options; the first column is the value, the second, if there is one, the text */
  query?: ClickHouseTarget;
  fenxiao?: { power: Power };
}

export interface Dashboard {
  uid: string;
  title: string;
  description: string;
  tags: string[];
  /** the business time zone, IANA */
  timezone: string;
  schemaVersion: 42;
  time: { from: string; to: string };
  refresh: string;
  templating: { list: Variable[] };
  panels: Panel[];
  links: { title: string; url: string }[];
}

export interface Place {
  /** IANA name; Asia/Shanghai if not given */
  timeZone?: string;
  /** ISO 4217; CNY if not given */
  currency?: string;
}

/** From sources they are made now. Compiled, what the build wrote is read: Grafana's SDK is no dependency of a service. */
const making = import.meta.url.endsWith('.ts') ? await import('./build.js') : undefined;
const texts = new Map<Language, string>();

/** Every dashboard for the viewer, in one language. The caller leaves out what the person has no power for. */
export function dashboards(
  language: Language,
  { timeZone = 'Asia/Shanghai', currency = 'CNY' }: Place = {},
): Dashboard[] {
  const text =
    texts.get(language) ??
    (making
      ? JSON.stringify(making.build(language, 'viewer'))
      : readFileSync(new URL(`./dashboards-${language}.json`, import.meta.url), 'utf8'));
  texts.set(language, text);
  const sign = new Intl.NumberFormat('en', { style: 'currency', currency, currencyDisplay: 'narrowSymbol' })
    .formatToParts(0)
    .find(({ type }) => type === 'currency')!.value;
  return JSON.parse(
    text.replaceAll('Asia/Shanghai', timeZone).replaceAll('currency:financial:¥', `currency:financial:${sign}`),
  ) as Dashboard[];
}

/**
 * What `expand` needs of the variables: the values given where the dashboard lets one choose, else its own. A variable
 * the person has no power for is All, whatever was given.
 * @param may whether the person holds a power
 */
export function choices(
  { templating }: Dashboard,
  given: Readonly<Record<string, string | readonly string[]>>,
  may: (power: Power) => boolean,
): Record<string, Choice> {
  return Object.fromEntries(
    templating.list
      .filter(({ type }) => type !== 'datasource')
      .map((variable): [string, Choice] => {
        const { name, multi, current, options, fenxiao } = variable;
        if (fenxiao && !may(fenxiao.power)) return [name, { value: all }];
        const value = Object.hasOwn(given, name) ? given[name]! : (current?.value ?? all);
        const list = typeof value === 'string' ? [value] : value;
        // Of a fixed list nothing else can be chosen.
        const fixed = options?.map((option) => option.value);
        const valid = fixed ? list.filter((one) => fixed.includes(one)) : list;
        if (multi) return [name, { value: valid }];
        return [name, { value: valid[0] ?? [current?.value ?? ''].flat()[0]! }];
      }),
  );
}
