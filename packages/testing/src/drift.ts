import { ReferenceKind } from '@mikro-orm/core';
import { MikroORM } from '@mikro-orm/postgresql';
import type { Harness } from './harness.js';

/**
 * What the entities say of their tables and the migrations do not: a column that is missing, of another type, or that
 * may be null where the entity says it may not. Empty when they agree.
 */
export async function schemaDrift(h: Harness): Promise<string[]> {
  const orm = h.service.app.get(MikroORM);
  const { rows } = await h.pool.query<{ name: string; type: string; nullable: boolean }>(
    `SELECT c.relname || '.' || a.attname AS name, format_type(a.atttypid, a.atttypmod) AS type, NOT a.attnotnull AS nullable
     FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname = current_schema() AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped`,
  );
  const columns = new Map(rows.map((row) => [row.name, row]));
  const said = orm
    .getMetadata()
    .getAll()
    .values()
    .flatMap((meta) =>
      meta.props
        .filter(
          ({ kind, persist }) =>
            (kind === ReferenceKind.SCALAR || kind === ReferenceKind.MANY_TO_ONE) && persist !== false,
        )
        .map((property) => ({
          name: `${meta.tableName}.${property.fieldNames[0]}`,
          type: plain(property.columnTypes[0]!),
          nullable: property.nullable ?? false,
        })),
    );
  return [...said].flatMap(({ name, type, nullable }) => {
    const column = columns.get(name);
    if (!column) return [`${name} is not there`];
    if (plain(column.type) !== type) return [`${name} is ${column.type}, the entity says ${type}`];
    return column.nullable === nullable
      ? []
      : [`${name} ${column.nullable ? 'may' : 'may not'} be null, the entity says otherwise`];
  });
}

/** One spelling for types that PostgreSQL and the ORM write differently. */
const plain = (type: string) =>
  type
    .replace(/^timestamptz(\(\d\))?$/, 'timestamp with time zone')
    .replace(/^timestamp with time zone\(\d\)$/, 'timestamp with time zone')
    .replace(/^timestamp\(\d\) with time zone$/, 'timestamp with time zone')
    .replace(/^int$|^int4$/, 'integer')
    .replace(/^varchar.*$|^character varying.*$/, 'text');
