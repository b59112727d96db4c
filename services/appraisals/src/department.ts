import { departmentEvents, departmentForm } from '@fenxiao/contracts/appraisals';
import { roles } from '@fenxiao/contracts/roles';
import type { BusinessCalendar } from '@fenxiao/domain/business-calendar';
import { domainError } from '@fenxiao/domain/domain-error';
import { procedure } from '@fenxiao/procedures/procedure';
import { follow, lock } from '@fenxiao/service-kit/engine';
import { bindForm, type FormDocument } from '@fenxiao/service-kit/forms';
import type { z } from 'zod';

/** P-49 Revising the organisation 营销组织修正: departments with functions and job descriptions, by date; a new version replaces the old on its day. */
const planners = { 'human-resources': 'all', 'sales-general-manager': 'all' } as const;
const contentOf = (document: FormDocument) => document.form as z.infer<typeof departmentForm>;

const departmentProcedure = procedure({
  name: 'department',
  clause: 'P-49',
  events: departmentEvents,
  states: ['scheduled', 'in-force', 'replaced', 'withdrawn'],
  read: Object.fromEntries(roles.map((role) => [role, 'all'])),
  start: { move: 'schedule', to: 'scheduled', by: planners, form: departmentForm, fact: 'scheduled' },
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
  onOpen: ({ validFrom }, work) => {
    if (validFrom < work.today) throw inThePast({ date: validFrom }, { field: 'validFrom' });
  },
  effects: {
    takeEffect: async (document, _, work) => {
      const old = await work.query<{ id: string }>(
        `SELECT id FROM form_document WHERE procedure = 'department' AND state = 'in-force' AND form->>'code' = $1 AND id <> $2 ORDER BY id`,
        [contentOf(document).code, document.id],
      );
      for (const { id } of old) await follow(work, department, await lock(work, department, id), 'replace');
    },
  },
  follows: {
    schedule: async (document, work) => {
      if (contentOf(document).validFrom === work.today) await follow(work, department, document, 'takeEffect');
    },
  },
});

const inThePast = domainError({
  code: 'appraisals.department.in-the-past',
  kind: 'unprocessable',
  rule: 'P-49',
  en: 'The organisation can not be revised in the past ({date}).',
  zh: '组织调整的生效日期（{date}）不得早于今天。',
});
