/** Drill-down: the data links of a field, filled in for one row. */
import { type DataFrame, type Field } from '@grafana/data';
import { appendValues } from './address.js';
import { plain } from './frames.js';
import type { Dashboard, Values } from './model.js';

export interface Surroundings {
  from: string;
  to: string;
  values: Values;
}

export interface Link {
  title: string;
  href: string;
}

/** The first link of the field, or undefined: also where the row lacks what the link names. */
export function linkOf(field: Field, frame: DataFrame, row: number, around: Surroundings): Link | undefined {
  const link = field.config.links?.[0];
  if (!link) return undefined;
  let missing = false;
  const href = fill(link.url, around).replace(/\$\{__data\.fields\.(\w+)\}/g, (_, name: string) => {
    const value: unknown = frame.fields.find((other) => other.name === name)?.values[row];
    missing ||= value === null || value === undefined || value === '';
    return encodeURIComponent(plain(value));
  });
  return missing ? undefined : { title: link.title, href };
}

/** A dashboard's own links, with what is chosen now where they ask for it. */
export function linksOf({ links }: Dashboard, around: Surroundings): (Link & { tooltip: string })[] {
  return links.map(({ title, url, tooltip, keepTime, includeVars }) => {
    const query = new URLSearchParams();
    if (keepTime) {
      query.set('from', around.from);
      query.set('to', around.to);
    }
    if (includeVars) appendValues(query, around.values);
    const text = query.toString();
    return { title, tooltip, href: text ? `${url}${url.includes('?') ? '&' : '?'}${text}` : url };
  });
}

function fill(url: string, { from, to, values }: Surroundings): string {
  return url
    .replaceAll('${__url_time_range}', `from=${encodeURIComponent(from)}&to=${encodeURIComponent(to)}`)
    .replace(/\$\{(\w+):queryparam\}/g, (_, name: string) => {
      const query = new URLSearchParams();
      appendValues(query, { [name]: values[name] ?? [] });
      return query.toString();
    });
}
