import { randomUUID } from 'node:crypto';
import { newId } from '@fenxiao/domain/id';
import { kebab, type Move, type Scope } from '@fenxiao/procedures/procedure';
import type { Bound } from '@fenxiao/service-kit/engine';
import { clause } from '@fenxiao/testing/clause';
import { harness, type Harness, type Member } from '@fenxiao/testing/harness';
import { MikroORM } from '@mikro-orm/postgresql';
import { describe, expect } from '@jest/globals';
import { servicesWithProcedures } from './services.js';

/**
 * T32: whoever sees a part only (their own, their region's, their unit's) is tried against a subject of that part and one
 * of another, for every procedure of every service. The subjects are rows made up from the table's own columns, so a new
 * procedure is walked without anybody thinking of it.
 */
describe("T32: nobody reads or moves another's, in every procedure", () => {
  for (const definition of servicesWithProcedures)
    clause(
      'X-20',
      'refused',
      `T32: ${definition.name}: by its list, its number, its page, its file or a move`,
      async () => {
        const h = await harness(definition);
        try {
          const [east, west] = [await h.region('EAST'), await h.region('WEST')];
          const readers = new Map<string, Member>();
          for (const bound of definition.procedures as readonly Bound[])
            for (const [role, scope] of partial(bound)) {
              const reader = readers.get(role) ?? (await h.staff(role as never, { regionId: east, unit: 'U1' }));
              readers.set(role, reader);
              const ours = await madeUp(h, bound, placed[scope](reader, east));
              const theirs = await madeUp(h, bound, { region: west, unit: 'U2', created_by: newId(), owner: newId() });
              await expectReach(bound, reader, role, { ours, theirs, west });
            }
        } finally {
          await h.close();
        }
      },
      120_000,
    );
});

type Partial = Exclude<Scope, 'all'>;
type Columns = Readonly<Record<string, string>>;

/** Where a subject stands that a scope lets its holder see. */
const placed: Readonly<Record<Partial, (reader: Member, region: string) => Columns>> = {
  own: ({ id }, region) => ({ created_by: id, owner: id, region }),
  region: (_, region) => ({ region, created_by: newId(), owner: newId() }),
  unit: (_, region) => ({ unit: 'U1', region, created_by: newId(), owner: newId() }),
};

const partial = ({ procedure }: Bound) =>
  Object.entries(procedure.read).filter((power): power is [string, Partial] => !['all', 'never'].includes(power[1]));

interface Subjects {
  readonly ours: string;
  readonly theirs: string;
  readonly west: string;
}

async function expectReach({ procedure }: Bound, reader: Member, role: string, { ours, theirs, west }: Subjects) {
  const path = `/${procedure.path}`;
  const of = (what: string) => `${role}: ${what} of ${procedure.name}`;
  const seen = async (query: string) =>
    (await reader.get(`${path}${query}`)).body.items.map(({ id }: { id: string }) => id) as string[];
  const list = await seen('?limit=200');
  expect([of('list'), list.includes(ours), list.includes(theirs)]).toEqual([of('list'), true, false]);
  expect([of('region'), await seen(`?region=${west}`)]).toEqual([of('region'), []]);
  expect([of('one'), (await reader.get(`${path}/${ours}`)).status]).toEqual([of('one'), 200]);
  for (const what of ['', '/page'])
    expect([of(what), (await reader.get(`${path}/${theirs}${what}`)).status]).toEqual([of(what), 403]);
  const file = await reader.get(`${path}/export?reason=walk`);
  expect([of('file'), file.status === 403 || !String(file.body).includes(theirs)]).toEqual([of('file'), true]);
  for (const [name, move] of Object.entries(procedure.moves as Record<string, Move>)) {
    if (!['own', 'region', 'unit'].includes(move.by[role as never] ?? '')) continue;
    const refused = await reader.post(`${path}/${theirs}/${kebab(name)}`, {}, { 'if-match': '"1"' });
    expect([of(name), refused.status]).toEqual([of(name), 403]);
  }
}

/** Puts a row into the procedure's table: every column that must have a value gets one of its type. @returns its id */
async function madeUp(h: Harness, bound: Bound, columns: Columns): Promise<string> {
  const orm = h.service.app.get(MikroORM);
  const { tableName } = orm.getMetadata().get(bound.entity as never);
  const { rows: known } = await h.pool.query<{ column_name: string; data_type: string; is_nullable: string }>(
    'SELECT column_name, data_type, is_nullable FROM information_schema.columns WHERE table_schema = current_schema() AND table_name = $1',
    [tableName],
  );
  const allowed = await firstAllowed(h, tableName);
  const id = newId();
  const row: Record<string, unknown> = { ...columns, id, state: bound.procedure.states[0], approvals: '[]' };
  if (bound.shared) row['procedure'] = bound.procedure.name;
  for (const { column_name: name, data_type: type, is_nullable } of known)
    if (is_nullable === 'NO') row[name] ??= allowed.get(name) ?? values[type]?.(name);
  const names = Object.keys(row);
  const client = await h.pool.connect();
  try {
    await client.query('BEGIN');
    // its columns need not agree with each other
    const { rows: joint } = await client.query<{ name: string }>(
      `SELECT conname AS name FROM pg_constraint WHERE conrelid = $1::regclass AND contype = 'c' AND cardinality(conkey) > 1`,
      [`"${tableName}"`],
    );
    for (const { name } of joint) await client.query(`ALTER TABLE "${tableName}" DROP CONSTRAINT "${name}"`);
    // nor need what it refers to be there
    await client.query('SET LOCAL session_replication_role = replica');
    await client.query(
      `INSERT INTO "${tableName}" (${names.map((name) => `"${name}"`).join(', ')}) VALUES (${names.map((_, i) => `$${i + 1}`).join(', ')})`,
      names.map((name) => row[name]),
    );
    await client.query('COMMIT');
  } finally {
    client.release(true);
  }
  return id;
}

/** The first of the words that a column takes, where the table itself says which. */
async function firstAllowed(h: Harness, tableName: string): Promise<ReadonlyMap<string, string>> {
  const { rows } = await h.pool.query<{ rule: string }>(
    `SELECT pg_get_constraintdef(oid) AS rule FROM pg_constraint WHERE contype = 'c' AND conrelid = $1::regclass`,
    [`"${tableName}"`],
  );
  return new Map(
    rows.flatMap(({ rule }) => {
      const [, column, word] = /\((\w+) = ANY \(ARRAY\['([^']+)'/.exec(rule) ?? [];
      return column && word ? [[column, word] as const] : [];
    }),
  );
}

const values: Readonly<Record<string, (name: string) => unknown>> = {
  uuid: () => randomUUID(),
  text: () => randomUUID(),
  integer: () => 1,
  bigint: () => 1,
  numeric: () => '1',
  boolean: () => false,
  date: () => '2026-03-01',
  'timestamp with time zone': () => '2026-03-01T00:00:00Z',
  jsonb: (name) => (name === 'form' ? '{}' : '[]'),
  ARRAY: () => '{}',
  bytea: () => Buffer.from('x'),
};
