import { calendarDayEvents, calendarDayForm } from '@fenxiao/contracts/appraisals';
import type { BusinessCalendar } from '@fenxiao/domain/business-calendar';
import { domainError } from '@fenxiao/domain/domain-error';
import { approval } from '@fenxiao/procedures/approval';
import { staff } from '@fenxiao/procedures/powers';
import { procedure } from '@fenxiao/procedures/procedure';
import { bindForm, type FormDocument } from '@fenxiao/service-kit/forms';
import type { Work } from '@fenxiao/service-kit/work';
import type { z } from 'zod';

/** X-13 Special dates 特殊日期: a date declared to be a holiday or a make-up working day; in force once approved, everywhere. */
const deciders = { 'sales-general-manager': 'all', 'general-manager': 'all' } as const;
const dateOf = (document: FormDocument) => (document.form as z.infer<typeof calendarDayForm>).date;

export const calendarDay = bindForm(
  procedure({
    name: 'calendar-day',
    clause: 'X-13',
    events: calendarDayEvents,
    states: ['proposed', 'in-force', 'rejected', 'withdrawn', 'expired'],
    read: staff,
    start: {
      move: 'propose',
      to: 'proposed',
      by: { 'human-resources': 'all' },
      form: calendarDayForm,
      fact: 'proposed',
    },
    moves: {
      ...approval({
        in: 'proposed',
        steps: [{ name: 'management', slots: [deciders] }],
        approved: 'in-force',
        rejected: 'rejected',
        facts: { approved: 'approved', rejected: 'rejected', expired: 'expired' },
        expires: {
          within: (document: FormDocument, calendar: BusinessCalendar) => calendar.startOfDay(dateOf(document)),
          remindDaysBefore: [1],
          to: 'expired',
        },
      }),
      withdraw: {
        from: ['proposed', 'in-force'],
        to: 'withdrawn',
        by: { 'human-resources': 'all', ...deciders },
        fact: 'withdrawn',
        reason: true,
      },
    },
  }),
  {
    region: () => null,
    onOpen: async ({ date }, work) => {
      requireFuture(date, work);
      await work.query('SELECT pg_advisory_xact_lock(hashtext($1))', [`calendar-day ${date}`]);
      const [taken] = await work.query(
        `SELECT FROM form_document WHERE procedure = 'calendar-day' AND state IN ('proposed', 'in-force') AND form->>'date' = $1`,
        [date],
      );
      if (taken) throw alreadyDeclared({ date }, { field: 'date' });
    },
    effects: {
      approve: (document, _, work) => requireFuture(dateOf(document), work),
      withdraw: (document, _, work) => {
        if (document.state === 'in-force') requireFuture(dateOf(document), work);
      },
    },
  },
);

/** What a day was, or is since this morning, deadlines have been computed and work has been done by. */
function requireFuture(date: string, work: Work): void {
  if (date <= work.today) throw notInFuture({ date }, { field: 'date' });
}

const notInFuture = domainError({
  code: 'appraisals.calendar-day.not-in-future',
  kind: 'unprocessable',
  rule: 'X-13',
  en: 'The calendar is changed from tomorrow on; {date} has come.',
  zh: '工作日历只能自次日起变更；{date}已到或已过。',
});
const alreadyDeclared = domainError({
  code: 'appraisals.calendar-day.already-declared',
  kind: 'conflict',
  rule: 'X-13',
  en: 'There is already a declaration for {date}; withdraw it first.',
  zh: '{date}已有申报；请先撤回。',
});
