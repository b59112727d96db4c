/** The address bar holds everything a person chose, as Grafana writes it, so that links work in both and can be sent on. */
import type { Values } from './model.js';

export interface Place {
  /** undefined: the list of dashboards */
  uid: string | undefined;
  from: string | undefined;
  to: string | undefined;
  /** `10s`; empty for none; undefined for the dashboard's own */
  refresh: string | undefined;
  kiosk: boolean;
  values: Values;
}

export function readPlace(url: URL): Place {
  const query = url.searchParams;
  const values: Values = {};
  for (const name of new Set(query.keys())) {
    if (!name.startsWith('var-')) continue;
    const all = query.getAll(name);
    values[name.slice(4)] = all.length === 1 ? all[0]! : all;
  }
  return {
    uid: /^\/d\/([\w-]+)/.exec(url.pathname)?.[1],
    from: query.get('from') ?? undefined,
    to: query.get('to') ?? undefined,
    refresh: query.get('refresh') ?? undefined,
    kiosk: query.has('kiosk'),
    values,
  };
}

export function writePlace({ uid, from, to, refresh, kiosk, values }: Place): string {
  const query = new URLSearchParams();
  if (from !== undefined) query.set('from', from);
  if (to !== undefined) query.set('to', to);
  if (refresh !== undefined) query.set('refresh', refresh);
  if (kiosk) query.set('kiosk', '');
  appendValues(query, values);
  const text = query.toString().replace('kiosk=', 'kiosk');
  return `/${uid === undefined ? '' : `d/${uid}`}${text && `?${text}`}`;
}

export function appendValues(query: URLSearchParams, values: Values): void {
  for (const [name, value] of Object.entries(values)) {
    // A variable with nothing chosen must stand in the address too, or its default would come back.
    for (const one of [value].flat().length ? [value].flat() : ['']) query.append(`var-${name}`, one);
  }
}
