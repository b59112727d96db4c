import { regionEvents } from '@fenxiao/contracts/distributors';
import { CalendarDate, Code, Line, Ref } from '@fenxiao/contracts/wire';
import { domainError } from '@fenxiao/domain/domain-error';
import type { Sql } from '@fenxiao/messaging/sql';
import { staff } from '@fenxiao/procedures/powers';
import { procedure, type Powers } from '@fenxiao/procedures/procedure';
import { columns, subjectColumns } from '@fenxiao/service-kit/columns';
import { bind } from '@fenxiao/service-kit/engine';
import type { Work } from '@fenxiao/service-kit/work';
import { defineEntity } from '@mikro-orm/core';
import { z } from 'zod';

/** D-04 Regions and assignment 销售区域划分: a tree with dates; every region has one responsible manager, always. */
const RegionSchema = defineEntity({
  name: 'Region',
  tableName: 'region',
  properties: (p) => ({
    ...subjectColumns,
    code: p.text(),
    name: p.text(),
    parent: p.uuid().strictNullable(),
    manager: p.uuid().strictNullable(),
    validFrom: columns.date(),
    validTo: columns.date().strictNullable(),
  }),
});
export class Region extends RegionSchema.class {}
RegionSchema.setClass(Region);

const planners: Powers = {
  'deputy-general-manager-sales': 'all',
  'sales-general-manager': 'all',
  'general-manager': 'all',
};

const form = z.object({
  code: Code,
  name: Line,
  parentCode: Code.optional(),
  managerId: Ref('person'),
  validFrom: CalendarDate.optional(),
});

export const region = bind(
  procedure({
    name: 'region',
    clause: 'D-04',
    events: regionEvents,
    states: ['active', 'closed'],
    read: staff,
    start: { move: 'create', to: 'active', by: planners, form, fact: 'created' },
    moves: {
      change: {
        from: 'active',
        by: planners,
        form: z.object({ name: Line, parentCode: Code.optional() }),
        fact: 'changed',
        edits: true,
      },
      assignOwner: {
        from: 'active',
        by: planners,
        form: z.object({ managerId: Ref('person') }),
        fact: 'owner-changed',
        reason: true,
      },
      close: { from: 'active', to: 'closed', by: planners, fact: 'closed', reason: true },
    },
  }),
  {
    entity: Region,
    create: async ({ code, name, parentCode, managerId, validFrom }, work, base) => {
      const [taken] = await work.query('SELECT FROM region WHERE code = $1', [code]);
      if (taken) throw codeTaken({ code }, { field: 'code' });
      await requirePerson(work, managerId);
      const parent = parentCode === undefined ? null : (await regionOf(work, parentCode)).id;
      const from = validFrom ?? work.today;
      const made = work.em.create(Region, {
        ...base,
        region: base.id,
        code,
        name,
        parent,
        manager: managerId,
        validFrom: from,
        validTo: null,
      });
      await work.em.flush();
      await recordOwner(work, base.id, managerId, from);
      return made;
    },
    effects: {
      change: async (subject, { name, parentCode }, work) => {
        const parent = parentCode === undefined ? null : (await regionOf(work, parentCode)).id;
        if (parent && (await isBelow(work, parent, subject.id)))
          throw circle({ code: subject.code, parent: parentCode! }, { field: 'parentCode' });
        Object.assign(subject, { name, parent });
      },
      assignOwner: async (subject, { managerId }, work) => {
        await requirePerson(work, managerId);
        previousOwner.set(subject, subject.manager);
        subject.manager = managerId;
        await recordOwner(work, subject.id, managerId, work.today);
      },
      close: async (subject, _, work) => {
        const [used] = await work.query<{ what: string }>(
          `SELECT 'a region below it' AS what FROM region WHERE parent = $1 AND state = 'active'
           UNION ALL SELECT 'a distributor' FROM distributor WHERE region = $1 AND state <> 'terminated' LIMIT 1`,
          [subject.id],
        );
        if (used) throw stillUsed({ code: subject.code, what: used.what });
        subject.validTo = work.today;
      },
    },
    facts: {
      created: (subject) => ({ ...fact(subject), ...(subject.manager ? { managerId: subject.manager } : {}) }),
      changed: fact,
      'owner-changed': (subject, { managerId }, work) => {
        const previous = previousOwner.get(subject);
        return { managerId, validFrom: work.today, ...(previous ? { previousManagerId: previous } : {}) };
      },
      closed: ({ validTo }) => ({ validTo: validTo! }),
    },
    view: ({ code, name, parent, manager, validFrom, validTo }) => ({
      code,
      name,
      parentId: parent,
      managerId: manager,
      validFrom,
      validTo,
    }),
    filters: { code: 'code', parentId: 'parent', managerId: 'manager' },
  },
);

const previousOwner = new WeakMap<Region, string | null>();

export function fact({ code, name, parent, validFrom }: Region) {
  return { code, name, validFrom, ...(parent ? { parentId: parent } : {}) };
}

export async function recordOwner(work: Work, regionId: string, person: string, from: string): Promise<void> {
  await work.query(
    'INSERT INTO region_owner (region_id, person, valid_from) VALUES ($1, $2, $3) ON CONFLICT (region_id, valid_from) DO UPDATE SET person = excluded.person',
    [regionId, person, from],
  );
}

/** @throws unknownRegion for a code that is not an active region */
export async function regionOf(sql: Sql, code: string): Promise<{ id: string; code: string }> {
  const [row] = await sql.query<{ id: string; code: string }>(
    `SELECT id, code FROM region WHERE code = $1 AND state = 'active'`,
    [code],
  );
  if (!row) throw unknownRegion({ region: code }, { field: 'regionCode' });
  return row;
}

async function isBelow(sql: Sql, id: string, above: string): Promise<boolean> {
  const rows = await sql.query(
    `WITH RECURSIVE up AS (SELECT id, parent FROM region WHERE id = $1 UNION SELECT r.id, r.parent FROM region r JOIN up ON r.id = up.parent)
     SELECT FROM up WHERE id = $2`,
    [id, above],
  );
  return rows.length > 0;
}

async function requirePerson(work: Work, id: string): Promise<void> {
  const [row] = await work.query(
    'SELECT FROM known_person WHERE id = $1 AND (last_day IS NULL OR last_day > $2::date)',
    [id, work.today],
  );
  if (!row) throw unknownManager({ person: id }, { field: 'managerId' });
}

export const unknownRegion = domainError({
  code: 'distributors.region.unknown',
  kind: 'unprocessable',
  rule: 'D-04',
  en: 'There is no active region {region}.',
  zh: '不存在有效的区域{region}。',
});
const codeTaken = domainError({
  code: 'distributors.region.code-taken',
  kind: 'conflict',
  rule: 'D-04',
  en: 'There is already a region {code}.',
  zh: '区域编码{code}已存在。',
});
const circle = domainError({
  code: 'distributors.region.circle',
  kind: 'unprocessable',
  rule: 'D-04',
  en: 'Region {parent} lies below {code}: a region can not lie below itself.',
  zh: '区域{parent}是{code}的下级，区域不能隶属于自身。',
});
const stillUsed = domainError({
  code: 'distributors.region.still-used',
  kind: 'conflict',
  rule: 'D-04',
  en: 'Region {code} can not be closed: {what} belongs to it.',
  zh: '区域{code}不能关闭：仍有所属对象（{what}）。',
});
export const unknownManager = domainError({
  code: 'distributors.person.unknown',
  kind: 'unprocessable',
  rule: 'D-04',
  en: 'Nobody employed here is {person}; a region needs a responsible manager.',
  zh: '在职人员中没有{person}；每个区域必须有一名责任经理。',
});
