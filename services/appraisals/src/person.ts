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
        lastDay: null,
      });
    },
    effects: {
      change: (subject, form) => {
        Object.assign(subject, form);
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
        for (const { id } of held)
          await follow(work, position, await lock(work, position, id), 'end', { validTo: lastDay });
      },
    },
    facts: {
      registered: fact,
      changed: fact,
      left: ({ staffNumber, lastDay }) => ({ staffNumber, lastDay: lastDay! }),
    },
    view: (subject) => ({ ...fact(subject), name: subject.name, lastDay: subject.lastDay }),
    filters: { staffNumber: 'staffNumber', kind: 'kind', account: 'account' },
  },
);

export function fact({ staffNumber, account, category, kind, employment, joinedOn }: Person) {
  return { staffNumber, category, kind, employment, joinedOn, ...(account ? { subject: account } : {}) };
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
