import { formEvents } from '@fenxiao/contracts/event';
import { Line, PersonName, Telephone } from '@fenxiao/contracts/wire';
import { newId } from '@fenxiao/domain/id';
import { procedure, type Procedure } from '@fenxiao/procedures/procedure';
import { createDatabase } from '@fenxiao/testing/database';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { Pool } from 'pg';
import { z } from 'zod';
import { PersonalKeys } from './personal-keys.js';

const form = z.object({
  item: Line,
  itemOwner: PersonName.optional(),
  others: z.array(z.object({ telephone: Telephone, place: Line })).optional(),
});
const clerks = { 'sales-support-clerk': 'all' } as const;
const custody = procedure({
  name: 'custody',
  clause: 'D-35',
  events: formEvents('complaints', 'custody', form, { held: {} }),
  states: ['held'],
  read: clerks,
  start: { move: 'hold', to: 'held', by: clerks, form, fact: 'held' },
  moves: {},
}) as unknown as Procedure;

const now = new Date('2026-03-10T02:00:00Z');
const keys = new PersonalKeys({ PERSONAL_DATA_KEY: Buffer.alloc(32, 3).toString('base64') });
let database: Awaited<ReturnType<typeof createDatabase>>;
let pool: Pool;
const sql = {
  query: async <Row extends object>(text: string, values: readonly unknown[] = []) =>
    (await pool.query<Row>(text, [...values])).rows,
};
beforeAll(async () => {
  database = await createDatabase();
  pool = new Pool({ connectionString: database.url });
  await pool.query(readFileSync(new URL('../migrations/0008-personal-keys.sql', import.meta.url), 'utf8'));
}, 60_000);
afterAll(async () => {
  await pool?.end();
  await database?.drop();
});

const anyText = fc.string({ unit: 'grapheme', maxLength: 200 });
const plain = { noNullPrototype: true } as const;
const anyForm = fc.record(
  { item: anyText, itemOwner: anyText, others: fc.array(fc.record({ telephone: anyText, place: anyText }, plain)) },
  { requiredKeys: ['item'], ...plain },
);

it('X-20: opens what it has sealed, whatever it says, and leaves all else alone', async () => {
  await fc.assert(
    fc.asyncProperty(anyForm, async (given) => {
      const subject = newId();
      const sealed = await keys.sealed(sql, custody, subject, given, now);
      const texts = [given.itemOwner, ...(given.others ?? []).map(({ telephone }) => telephone)];
      const kept = [sealed.itemOwner, ...(sealed.others ?? []).map(({ telephone }) => telephone)];
      expect(kept.map((text) => text?.startsWith(`sealed:${subject}:`))).toEqual(
        texts.map((text) => (text === undefined ? undefined : true)),
      );
      expect([sealed.item, sealed.others?.map(({ place }) => place)]).toEqual([
        given.item,
        given.others?.map(({ place }) => place),
      ]);
      expect(await keys.opened(sql, custody, [sealed, { item: 'as it is' }])).toEqual([given, { item: 'as it is' }]);
    }),
    { numRuns: 50 },
  );
});

it('X-20: a byte that was changed opens nothing, and neither does a key that was destroyed', async () => {
  const subject = newId();
  const sealed = await keys.sealed(sql, custody, subject, { item: 'x', itemOwner: '甲乙丙' }, now);
  const bytes = Buffer.from(sealed.itemOwner.split(':')[2]!, 'base64url');
  for (const at of bytes.keys()) {
    const changed = Buffer.from(bytes);
    changed[at]! ^= 1;
    const itemOwner = `sealed:${subject}:${changed.toString('base64url')}`;
    expect(await keys.opened(sql, custody, [{ itemOwner }])).toEqual([{ itemOwner: '〔无法读取 unreadable〕' }]);
  }
  await keys.destroy(sql, subject, now);
  expect(await keys.opened(sql, custody, [sealed])).toEqual([{ item: 'x', itemOwner: '〔已删除 erased〕' }]);
  await expect(keys.sealed(sql, custody, subject, { item: 'x', itemOwner: 'x' }, now)).rejects.toThrow('was erased');
});
