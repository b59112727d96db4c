import { departmentEvents, departmentForm } from '@fenxiao/contracts/appraisals';
import { Role, roles } from '@fenxiao/contracts/roles';
import { Line } from '@fenxiao/contracts/wire';
import type { BusinessCalendar } from '@fenxiao/domain/business-calendar';
import { domainError } from '@fenxiao/domain/domain-error';
import { procedure } from '@fenxiao/procedures/procedure';
import { follow, lock } from '@fenxiao/service-kit/engine';
import { bindForm, type FormDocument } from '@fenxiao/service-kit/forms';
import type { Work } from '@fenxiao/service-kit/work';
import { z } from 'zod';
import { circleIn, orphanIn, type Version } from './organisation-chart.js';

/** P-49 Revising the organisation 营销组织修正: departments with functions and job descriptions, by date; a new version replaces the old on its day. */
const planners = { 'human-resources': 'all', 'sales-general-manager': 'all' } as const;
/** Written with the roles there are; readers of events take those added later too. */
const form = departmentForm.extend({
  jobs: z.array(z.object({ role: Role, duties: z.array(Line).min(1).max(100) })).max(100),
});
const contentOf = (document: FormDocument) => document.form as z.infer<typeof departmentForm>;

const departmentProcedure = procedure({
  name: 'department',
  clause: 'P-49',
  events: departmentEvents,
  states: ['scheduled', 'in-force', 'replaced', 'withdrawn'],
  read: Object.fromEntries(roles.map((role) => [role, 'all'])),
  start: { move: 'schedule', to: 'scheduled', by: planners, form, fact: 'scheduled' },
  moves: {
    takeEffect: {
      from: 'scheduled',
      to: 'in-force',
      by: { system: 'all' },
      fact: 'taken-effect',
      clock: {
        within: (document: FormDocument, calendar: BusinessCalendar) =>
          calendar.startOfDay(contentOf(document).validFrom),
        remindDaysBefore: [],
        breach: 'takeEffect',
      },
    },
    replace: { from: 'in-force', to: 'replaced', by: { system: 'all' }, fact: 'replaced' },
    withdraw: { from: 'scheduled', to: 'withdrawn', by: planners, fact: 'withdrawn', reason: true },
  },
});

export const department = bindForm(departmentProcedure, {
  region: () => null,
  onOpen: async ({ code, parentCode, headId, validFrom }, work) => {
    if (validFrom < work.today) throw inThePast({ date: validFrom }, { field: 'validFrom' });
    if (headId !== undefined) await requireEmployed(work, headId);
    await requireTree(work, { added: { id: newest, code, validFrom, ...(parentCode ? { parentCode } : {}) } });
  },
  effects: {
    takeEffect: async (document, _, work) => {
      const old = await work.query<{ id: string }>(
        `SELECT id FROM form_document WHERE procedure = 'department' AND state = 'in-force' AND form->>'code' = $1 AND id <> $2 ORDER BY id`,
        [contentOf(document).code, document.id],
      );
      for (const { id } of old) await follow(work, department, await lock(work, department, id), 'replace');
    },
    withdraw: (document, _, work) => requireTree(work, { without: document.id }),
  },
  follows: {
    schedule: async (document, work) => {
      if (contentOf(document).validFrom === work.today) await follow(work, department, document, 'takeEffect');
    },
  },
});

/** Of two versions for one day the later made counts: the one being made, before it has an id. */
const newest = 'ffffffff-ffff-ffff-ffff-ffffffffffff';

/** On every day from today on there is one tree: each department's parent exists, none lies below itself. */
async function requireTree(work: Work, { added, without }: { added?: Version; without?: string }): Promise<void> {
  await work.query(`SELECT pg_advisory_xact_lock(hashtext('organisation'))`);
  const kept = await work.query<Version>(
    `SELECT id::text, form->>'code' AS code, form->>'parentCode' AS "parentCode", form->>'validFrom' AS "validFrom"
     FROM form_document WHERE procedure = 'department' AND state IN ('in-force', 'scheduled') AND id IS DISTINCT FROM $1`,
    [without ?? null],
  );
  const versions = [...kept, ...(added ? [added] : [])];
  const orphan = orphanIn(versions, work.today);
  if (orphan) throw unknownParent(orphan, { field: 'parentCode' });
  const circle = circleIn(versions, work.today);
  if (circle) throw belowItself(circle, { field: 'parentCode' });
}

async function requireEmployed(work: Work, id: string): Promise<void> {
  const [employed] = await work.query(`SELECT FROM person WHERE id = $1 AND state = 'employed'`, [id]);
  if (!employed) throw unknownHead({ person: id }, { field: 'headId' });
}

const unknownParent = domainError({
  code: 'appraisals.department.unknown-parent',
  kind: 'unprocessable',
  rule: 'P-49',
  en: 'On {date} there is no department {parent} for {code} to belong to.',
  zh: '{date}不存在{code}的上级部门{parent}。',
});
const belowItself = domainError({
  code: 'appraisals.department.below-itself',
  kind: 'unprocessable',
  rule: 'P-49',
  en: 'On {date} department {code} would lie below itself.',
  zh: '{date}部门{code}将隶属于自身。',
});
const unknownHead = domainError({
  code: 'appraisals.department.unknown-head',
  kind: 'unprocessable',
  rule: 'P-49',
  en: 'Nobody employed here is {person}; a department is headed by one of the staff.',
  zh: '在职人员中没有{person}；部门负责人须为在职员工。',
});
const inThePast = domainError({
  code: 'appraisals.department.in-the-past',
  kind: 'unprocessable',
  rule: 'P-49',
  en: 'The organisation can not be revised in the past ({date}).',
  zh: '组织调整的生效日期（{date}）不得早于今天。',
});
