import { Category, Employment, Kind, personEvents } from '@fenxiao/contracts/appraisals';
import { CalendarDate, Code, Line, PersonName } from '@fenxiao/contracts/wire';
import { domainError } from '@fenxiao/domain/domain-error';
import type { Sql } from '@fenxiao/messaging/sql';
import { procedure, type Powers } from '@fenxiao/procedures/procedure';
import { columns, subjectColumns } from '@fenxiao/service-kit/columns';
import { bind, follow, lock } from '@fenxiao/service-kit/engine';
import { defineEntity } from '@mikro-orm/core';
import { z } from 'zod';
import { position } from './position.js';

/** X-01 Named accounts 适用范围, X-01a Who is staff 营销人员: every action is somebody's; leaving ends all access the same day. */
const PersonSchema = defineEntity({
  name: 'Person',
  tableName: 'person',
  properties: (p) => ({
    ...subjectColumns,
    staffNumber: p.text(),
    name: p.text(),
    account: p.text().strictNullable(),
    category: p.text().$type<z.infer<typeof Category>>(),
    kind: p.text().$type<z.infer<typeof Kind>>(),
    employment: p.text().$type<z.infer<typeof Employment>>(),
    joinedOn: columns.date(),
    regularFrom: columns.date().strictNullable(),
    lastDay: columns.date().strictNullable(),
  }),
});
export class Person extends PersonSchema.class {}
PersonSchema.setClass(Person);

const attributes = { name: PersonName, category: Category, kind: Kind, employment: Employment };
const form = z.object({
  staffNumber: Code,
  ...attributes,
  joinedOn: CalendarDate.optional(),
  account: Line.optional(),
});

const readers: Powers = {
  'human-resources': 'all',
  'system-administrator': 'all',
  'general-manager': 'all',
  'sales-general-manager': 'all',
  'sales-manager': 'all',
  auditor: 'all',
};
const personnel: Powers = { 'human-resources': 'all', system: 'all' };

export const person = bind(
  procedure({
    name: 'person',
    path: 'people',
    clause: 'X-01a',
    events: personEvents,
    states: ['employed', 'left'],
    class: 'confidential',
    read: readers,
    reveal: readers,
    export: { 'human-resources': 'all', 'general-manager': 'all', auditor: 'all' },
    start: { move: 'register', to: 'employed', by: personnel, form, fact: 'registered' },
    moves: {
      change: { from: 'employed', by: personnel, form: z.object(attributes), fact: 'changed', edits: true },
      makeRegular: {
        from: 'employed',
        by: personnel,
        form: z.object({ regularFrom: CalendarDate }),
        fact: 'changed',
      },
      /** one account, one person */
      linkAccount: {
        clause: 'X-01',
        from: 'employed',
        by: { 'system-administrator': 'all' },
        form: z.object({ account: Line }),
        fact: 'changed',
      },
      leave: { from: 'employed', to: 'left', by: personnel, form: z.object({ lastDay: CalendarDate }), fact: 'left' },
    },
  }),
  {
    entity: Person,
    create: async ({ staffNumber, account, joinedOn, ...rest }, work, base) => {
      const [taken] = await work.query('SELECT FROM person WHERE staff_number = $1', [staffNumber]);
      if (taken) throw staffNumberTaken({ staffNumber }, { field: 'staffNumber' });
      if (account !== undefined) await requireFree(work, account);
      return work.em.create(Person, {
        ...base,
        ...rest,
        region: null,
        unit: null,
        staffNumber,
        account: account ?? null,
        joinedOn: joinedOn ?? work.today,
        regularFrom: null,
        lastDay: null,
      });
    },
    effects: {
      change: (subject, form) => {
        const was = subject.employment;
        if (form.employment !== was && (was === 'regular' || form.employment === 'regular'))
          throw notByChange({}, { field: 'employment' });
        Object.assign(subject, form);
      },
      makeRegular: (subject, { regularFrom }, work) => {
        if (subject.employment === 'regular') throw alreadyRegular();
        if (regularFrom < subject.joinedOn || regularFrom > work.today)
          throw regularOutside({ from: subject.joinedOn, to: work.today, date: regularFrom }, { field: 'regularFrom' });
        Object.assign(subject, { employment: 'regular', regularFrom });
      },
      linkAccount: async (subject, { account }, work) => {
        await requireFree(work, account);
        subject.account = account;
      },
      leave: async (subject, { lastDay }, work) => {
        if (lastDay < work.today) throw leavingInThePast({ date: lastDay }, { field: 'lastDay' });
        subject.lastDay = lastDay;
        const held = await work.query<{ id: string }>(
          `SELECT id FROM position WHERE person = $1 AND state = 'assigned' ORDER BY id`,
          [subject.id],
        );
        for (const { id } of held) {
          const holding = await lock(work, position, id);
          // One that ends earlier is not revived; one that begins later ends before it begins.
          const validTo = holding.validTo !== null && holding.validTo < lastDay ? holding.validTo : lastDay;
          await follow(work, position, holding, 'end', { validTo });
        }
        const regions = await work.query<{ id: string }>(
          'SELECT id FROM known_region WHERE manager = $1 AND (valid_to IS NULL OR valid_to > $2::date) ORDER BY id',
          [subject.id, work.today],
        );
        regionsOf.set(
          subject,
          regions.map(({ id }) => id),
        );
      },
    },
    facts: {
      registered: fact,
      changed: fact,
      left: (subject) => {
        const regionIds = regionsOf.get(subject) ?? [];
        return {
          staffNumber: subject.staffNumber,
          lastDay: subject.lastDay!,
          ...(regionIds.length > 0 ? { regionIds } : {}),
        };
      },
    },
    view: (subject) => ({ ...fact(subject), name: subject.name, lastDay: subject.lastDay }),
    filters: { staffNumber: 'staffNumber', kind: 'kind', account: 'account' },
  },
);

/** D-16: the regions somebody who leaves answers for, as the distributors service has published them. */
const regionsOf = new WeakMap<Person, string[]>();

export function fact({ staffNumber, account, category, kind, employment, joinedOn, regularFrom }: Person) {
  return {
    staffNumber,
    category,
    kind,
    employment,
    joinedOn,
    ...(regularFrom ? { regularFrom } : {}),
    ...(account ? { subject: account } : {}),
  };
}

async function requireFree(sql: Sql, account: string): Promise<void> {
  const [taken] = await sql.query<{ staff_number: string }>('SELECT staff_number FROM person WHERE account = $1', [
    account,
  ]);
  if (taken) throw accountTaken({ staffNumber: taken.staff_number }, { field: 'account' });
}

const staffNumberTaken = domainError({
  code: 'appraisals.person.staff-number-taken',
  kind: 'conflict',
  rule: 'X-01a',
  en: 'Staff number {staffNumber} is taken.',
  zh: '工号{staffNumber}已被使用。',
});
export const accountTaken = domainError({
  code: 'appraisals.person.account-taken',
  kind: 'conflict',
  rule: 'X-01',
  en: 'This account belongs to {staffNumber}: accounts are not shared.',
  zh: '该账号已属于{staffNumber}：账号不得共用。',
});
const leavingInThePast = domainError({
  code: 'appraisals.person.leaving-in-the-past',
  kind: 'unprocessable',
  rule: 'X-01a',
  en: 'The last day ({date}) can not lie in the past.',
  zh: '离职日期（{date}）不得早于今天。',
});
const notByChange = domainError({
  code: 'appraisals.person.regular-by-its-own-move',
  kind: 'unprocessable',
  rule: 'X-01a',
  en: 'Nobody becomes a regular, or stops being one, by a change of data: "make-regular" names the day.',
  zh: '转正须办理“转正”并写明日期；不得通过修改资料变更是否正式员工。',
});
const alreadyRegular = domainError({
  code: 'appraisals.person.already-regular',
  kind: 'conflict',
  rule: 'X-01a',
  en: 'This person is a regular already.',
  zh: '该员工已是正式员工。',
});
const regularOutside = domainError({
  code: 'appraisals.person.regular-outside-employment',
  kind: 'unprocessable',
  rule: 'X-01a',
  en: 'One becomes a regular between the day of joining ({from}) and today ({to}), not on {date}.',
  zh: '转正日期须在入职日（{from}）与今天（{to}）之间，{date}不符。',
});
