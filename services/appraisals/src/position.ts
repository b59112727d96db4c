import { positionEvents } from '@fenxiao/contracts/appraisals';
import { Role } from '@fenxiao/contracts/roles';
import { CalendarDate, Code, Ref } from '@fenxiao/contracts/wire';
import { domainError } from '@fenxiao/domain/domain-error';
import { procedure, type Powers } from '@fenxiao/procedures/procedure';
import { columns, subjectColumns } from '@fenxiao/service-kit/columns';
import { bind } from '@fenxiao/service-kit/engine';
import type { Work } from '@fenxiao/service-kit/work';
import { defineEntity } from '@mikro-orm/core';
import { z } from 'zod';

/** X-02 Job descriptions and powers 岗位责任: a position has roles, a region, a unit, and dates; powers follow from it everywhere. */
const PositionSchema = defineEntity({
  name: 'Position',
  tableName: 'position',
  properties: (p) => ({
    ...subjectColumns,
    person: p.uuid(),
    roles: p.array().$type<string[]>(),
    validFrom: columns.date(),
    validTo: columns.date().strictNullable(),
  }),
});
export class Position extends PositionSchema.class {}
PositionSchema.setClass(Position);

const form = z.object({
  personId: Ref('person'),
  roles: z.array(Role).min(1).max(10),
  regionId: Ref('region').optional(),
  unit: Code.optional(),
  validFrom: CalendarDate.optional(),
  validTo: CalendarDate.optional(),
});
const personnel: Powers = { 'human-resources': 'all', 'system-administrator': 'all', system: 'all' };

export const position = bind(
  procedure({
    name: 'position',
    clause: 'X-02',
    events: positionEvents,
    states: ['assigned', 'ended'],
    read: {
      'human-resources': 'all',
      'system-administrator': 'all',
      'general-manager': 'all',
      'sales-general-manager': 'all',
      'sales-manager': 'all',
      auditor: 'all',
    },
    start: { move: 'assign', to: 'assigned', by: personnel, form, fact: 'assigned' },
    moves: {
      end: { from: 'assigned', to: 'ended', by: personnel, form: z.object({ validTo: CalendarDate }), fact: 'ended' },
    },
  }),
  {
    entity: Position,
    create: async ({ personId, roles, regionId, unit, validFrom, validTo }, work, base) => {
      const [employed] = await work.query(`SELECT FROM person WHERE id = $1 AND state = 'employed'`, [personId]);
      if (!employed) throw unknownPerson({ person: personId }, { field: 'personId' });
      if (personId === work.actor.person) throw ownPosition();
      if (regionId !== undefined) await requireRegion(work, regionId);
      const from = validFrom ?? work.today;
      if (validTo !== undefined && validTo < from)
        throw endsBeforeItBegins({ from, to: validTo }, { field: 'validTo' });
      return work.em.create(Position, {
        ...base,
        region: regionId ?? null,
        unit: unit ?? null,
        person: personId,
        roles,
        validFrom: from,
        validTo: validTo ?? null,
      });
    },
    effects: {
      end: (subject, { validTo }, work) => {
        if (subject.person === work.actor.person) throw ownPosition();
        // A last day before the first one: never in force. So a mistaken position can be taken back the same day.
        subject.validTo = validTo;
      },
    },
    facts: {
      assigned: fact,
      ended: ({ person, validTo }) => ({ personId: person, validTo: validTo! }),
    },
    view: ({ person, roles, region, unit, validFrom, validTo }) => ({
      personId: person,
      roles,
      regionId: region,
      unit,
      validFrom,
      validTo,
    }),
    filters: { personId: 'person' },
  },
);

export function fact({ person, roles, region, unit, validFrom, validTo }: Position) {
  return {
    personId: person,
    roles,
    validFrom,
    ...(region ? { regionId: region } : {}),
    ...(unit ? { unit } : {}),
    ...(validTo ? { validTo } : {}),
  };
}

async function requireRegion(work: Work, id: string): Promise<void> {
  const [known] = await work.query(
    'SELECT FROM known_region WHERE id = $1 AND (valid_to IS NULL OR valid_to > $2::date)',
    [id, work.today],
  );
  if (!known) throw unknownRegion({ region: id }, { field: 'regionId' });
}

export const unknownPerson = domainError({
  code: 'appraisals.person.unknown',
  kind: 'unprocessable',
  rule: 'X-02',
  en: 'Nobody employed here is {person}.',
  zh: '在职人员中没有{person}。',
});
export const unknownRegion = domainError({
  code: 'appraisals.region.unknown',
  kind: 'unprocessable',
  rule: 'X-02',
  en: 'No region {region} is known.',
  zh: '未知的区域：{region}。',
});
const ownPosition = domainError({
  code: 'appraisals.position.own',
  kind: 'forbidden',
  rule: 'X-02',
  en: 'Nobody gives or takes their own position.',
  zh: '任何人不得为自己任免岗位。',
});
const endsBeforeItBegins = domainError({
  code: 'appraisals.position.ends-before-it-begins',
  kind: 'unprocessable',
  rule: 'X-02',
  en: 'A position can not end ({to}) before it begins ({from}).',
  zh: '任职截止日（{to}）不得早于起始日（{from}）。',
});
