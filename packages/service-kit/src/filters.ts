import type { Sql } from '@fenxiao/messaging/sql';
import { classesOf } from '@fenxiao/procedures/classes';
import { raw } from '@mikro-orm/core';
import { z } from 'zod';
import type { AnyBound } from './engine.js';

/**
 * What a list may be asked for beside its state and region: query parameters, each from one line of a binding's `filters`.
 *
 * A column is compared by equality; the parameter's name says what it holds, as everywhere (`…Id` an id, `…On` a day). A
 * day is also asked for as a range, by `…OnFrom` and `…OnTo`, both included; text that people know the beginning of
 * has `…Prefix` as well. Everything else says itself what it takes and which rows it wants.
 */
export type Filter =
  | string
  | { readonly column: string; readonly prefix: true }
  | { readonly form: z.ZodType<string>; readonly where: (value: string, sql: Sql) => object | Promise<object> };

/** What a list runs by, backwards: a column, as a row is read and as it is compared. */
export interface Running {
  readonly column: string;
  readonly key: string;
}

/** One query parameter: what it takes, and which rows it wants, as MikroORM's conditions. */
interface Parameter {
  readonly form: z.ZodType;
  readonly where: (value: string, sql: Sql) => object | Promise<object>;
  /** the column whose range it opens or closes, and which the list then runs by */
  readonly range?: Running;
}

const known = new WeakMap<AnyBound, Readonly<Record<string, Parameter>>>();

/** The query parameters of a list's own filters, by name. */
export function parametersOf(bound: AnyBound): Readonly<Record<string, Parameter>> {
  const parameters = known.get(bound) ?? makeParameters(bound);
  known.set(bound, parameters);
  return parameters;
}

function makeParameters(bound: AnyBound): Readonly<Record<string, Parameter>> {
  const filters = Object.entries<Filter>(bound.filters ?? {});
  const { personal } = classesOf(bound.procedure);
  const searched = filters.find(([name]) => personal.has(name));
  if (searched) throw new Error(`${bound.procedure.name}: ${searched[0]} is masked, so it can't be searched for`);
  return Object.assign({}, ...filters.map(([name, filter]) => parametersFor(name, filter))) as ReturnType<
    typeof parametersOf
  >;
}

function parametersFor(name: string, filter: Filter): Readonly<Record<string, Parameter>> {
  if (typeof filter === 'object' && 'where' in filter) return { [name]: filter };
  const { column, prefix } = typeof filter === 'string' ? { column: filter, prefix: false } : filter;
  const form = formOf(name);
  const says = (description: string) => form.meta({ description });
  // beginnings are found letter by letter, whatever the language of the database
  const key = prefix ? raw<string>((alias) => `${alias}.${snake(column)} COLLATE "C"`) : column;
  const range = { column, key };
  const equal = { [name]: { form, where: (value: string) => ({ [key]: value }) } };
  if (prefix)
    return {
      ...equal,
      [`${name}Prefix`]: {
        form: says('how it begins; the list then runs by it, the last first'),
        where: (value) => ({ [key]: { $like: beginning(value) } }),
        range,
      },
    };
  if (!name.endsWith('On')) return equal;
  return {
    ...equal,
    [`${name}From`]: {
      form: says('on this day or later; the list then runs by it, newest first'),
      where: (value) => ({ [column]: { $gte: value } }),
      range,
    },
    [`${name}To`]: {
      form: says('on this day or earlier; the list then runs by it, newest first'),
      where: (value) => ({ [column]: { $lte: value } }),
      range,
    },
  };
}

/** By its name, as everywhere: `…Id` is an id, `…On` a day, and so is a month, which goes by its first. */
function formOf(name: string): z.ZodType<string> {
  if (name.endsWith('Id')) return z.uuid();
  if (name.endsWith('On') || name === 'month') return z.iso.date();
  return z.string().min(1).max(200);
}

/** A property's name as its column's: what is written as SQL the mapper does not translate. */
const snake = (property: string) => property.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

const beginning = (text: string) => `${text.replace(/[\\%_]/g, String.raw`\$&`)}%`;

/** State, region, and the list's own filters, as they come in a query. */
export function filterForms(bound: AnyBound) {
  const { states } = bound.procedure as { states: readonly string[] };
  const own = Object.entries(parametersOf(bound)).map(([name, { form }]) => [name, form.optional()] as const);
  return {
    state: z.enum(states as [string, ...string[]]).optional(),
    region: z.uuid().optional(),
    ...(Object.fromEntries(own) as Record<string, z.ZodOptional<z.ZodType<string>>>),
  };
}

/** The same schema, refusing ranges that end before they begin. */
export const withRanges = <S extends z.ZodObject>(schema: S): S =>
  schema.superRefine((query, context) => {
    for (const [name, from] of Object.entries(query)) {
      const until = `${name.slice(0, -'From'.length)}To`;
      const to = query[until] as string | undefined;
      if (!name.endsWith('OnFrom') || to === undefined || (from as string) <= to) continue;
      context.addIssue({ code: 'custom', path: [until], message: `is before ${name}` });
    }
  });

/** What a list runs by: the range asked for, else the binding's own day; undefined: as it was made. */
export function runningBy(bound: AnyBound, asked: readonly string[]): Running | undefined {
  const parameters = parametersOf(bound);
  const ranged = asked.map((name) => parameters[name]!.range).find((range) => range !== undefined);
  const day = bound.listedBy;
  return ranged ?? (day === undefined ? undefined : { column: day, key: day });
}

/** What the parameters asked for want, all of it. */
export const conditionsOf = (bound: AnyBound, asked: readonly (readonly [string, string])[], sql: Sql) =>
  Promise.all(asked.map(async ([name, value]) => parametersOf(bound)[name]!.where(value, sql)));
