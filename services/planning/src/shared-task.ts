import { formEvents } from '@fenxiao/contracts/event';
import { CalendarDate, Line, Note, Ref } from '@fenxiao/contracts/wire';
import type { BusinessCalendar } from '@fenxiao/domain/business-calendar';
import { domainError } from '@fenxiao/domain/domain-error';
import { ownMatters, staff } from '@fenxiao/procedures/powers';
import { procedure } from '@fenxiao/procedures/procedure';
import { bindForm, type FormDocument } from '@fenxiao/service-kit/forms';
import type { Work } from '@fenxiao/service-kit/work';
import { z } from 'zod';

/**
 * X-07 Cross-department coordination 与相关部门的联络和协调: two owners from two departments, a due date and a reply. Who opens
 * it is its first owner, the partner its second; overdue, the heads of both departments hear of it.
 */
const form = z.object({ title: Line, detail: Note, partnerId: Ref('person'), dueOn: CalendarDate });
const contentOf = (document: FormDocument) => document.form as z.infer<typeof form>;

export const sharedTask = bindForm(
  procedure({
    name: 'shared-task',
    clause: 'X-07',
    events: formEvents(
      'planning',
      'shared-task',
      form,
      { opened: {}, replied: { reply: Note }, overdue: {}, reopened: {}, done: {} },
      { clocks: true },
    ),
    states: ['open', 'overdue', 'replied', 'done'],
    read: { ...ownMatters, 'head-of-department': 'all', 'sales-manager': 'all', auditor: 'all' },
    start: { move: 'open', to: 'open', by: staff, form, fact: 'opened' },
    moves: {
      reply: {
        from: ['open', 'overdue'],
        to: 'replied',
        by: ownMatters,
        form: z.object({ reply: Note }),
        fact: 'replied',
        notMaker: true,
      },
      fallOverdue: {
        from: 'open',
        to: 'overdue',
        by: { system: 'all' },
        fact: 'overdue',
        clock: {
          within: (document: FormDocument, calendar: BusinessCalendar) =>
            calendar.closeOfBusiness(contentOf(document).dueOn),
          remindDaysBefore: [1],
          breach: 'fallOverdue',
        },
      },
      reopen: {
        from: 'replied',
        to: 'open',
        by: ownMatters,
        form: z.object({ dueOn: CalendarDate }),
        fact: 'reopened',
        reason: true,
      },
      complete: { from: 'replied', to: 'done', by: ownMatters, fact: 'done' },
    },
  }),
  {
    series: 'XT',
    owner: ({ partnerId }) => partnerId,
    onOpen: async ({ partnerId, dueOn }, work) => {
      requireAhead(dueOn, work);
      const own = await departments(work, work.actor.person);
      const other = await departments(work, partnerId);
      if (own.length === 0) throw noDepartment({ person: work.actor.person });
      if (other.length === 0) throw noDepartment({ person: partnerId }, { field: 'partnerId' });
      if (!other.some((unit) => !own.includes(unit))) throw sameDepartment({}, { field: 'partnerId' });
    },
    effects: {
      reopen: (document, { dueOn }: { dueOn: string }, work) => {
        requireMaker(document, work);
        requireAhead(dueOn, work);
      },
      complete: (document, _, work) => requireMaker(document, work),
    },
    follows: {
      open: (document, work) =>
        tell(document, work, { kind: 'task', move: 'reply', to: { persons: [document.owner!] } }),
      reopen: (document, work) =>
        tell(document, work, { kind: 'task', move: 'reply', to: { persons: [document.owner!] } }),
      reply: (document, work) =>
        tell(document, work, { kind: 'information', move: 'complete', to: { persons: [document.createdBy] } }),
      fallOverdue: async (document, work) => {
        const [own, other] = [await departments(work, document.createdBy), await departments(work, document.owner!)];
        for (const unit of new Set([...own, ...other]))
          tell(document, work, {
            kind: 'breach',
            move: 'reply',
            to: { powers: { 'head-of-department': 'unit', 'sales-manager': 'unit' }, unit },
          });
      },
    },
  },
);

/** The departments somebody works in today. */
async function departments(work: Work, person: string): Promise<string[]> {
  const rows = await work.query<{ unit: string }>(
    `SELECT DISTINCT unit FROM known_position WHERE person = $1 AND unit IS NOT NULL
       AND valid_from <= $2::date AND (valid_to IS NULL OR valid_to >= $2::date) ORDER BY unit`,
    [person, work.today],
  );
  return rows.map(({ unit }) => unit);
}

/** Its first owner judges whether the reply is what was needed. */
function requireMaker(document: FormDocument, work: Work): void {
  if (work.actor.person !== document.createdBy) throw notFirstOwner();
}

function requireAhead(dueOn: string, work: Work): void {
  if (work.calendar.closeOfBusiness(dueOn) <= work.now) throw dueAlready({ date: dueOn }, { field: 'dueOn' });
}

type Notice = Pick<Parameters<Work['notify']>[0], 'kind' | 'move' | 'to'>;

function tell(document: FormDocument, work: Work, notice: Notice): void {
  const { title, dueOn } = contentOf(document);
  work.notify(
    {
      ...notice,
      procedure: 'shared-task',
      about: document.id,
      ...(document.number ? { number: document.number } : {}),
      state: document.state,
      dueAt: work.calendar.closeOfBusiness(dueOn).toISOString(),
      detail: title,
    },
    'X-07',
  );
}

const sameDepartment = domainError({
  code: 'planning.shared-task.same-department',
  kind: 'unprocessable',
  rule: 'X-07',
  en: 'A shared task has its second owner in another department.',
  zh: '协同任务的另一负责人须来自其他部门。',
});
const noDepartment = domainError({
  code: 'planning.shared-task.no-department',
  kind: 'unprocessable',
  rule: 'X-07',
  en: 'No department is known for {person}: a shared task lies between two departments.',
  zh: '{person}没有所属部门：协同任务须在两个部门之间进行。',
});
const notFirstOwner = domainError({
  code: 'planning.shared-task.not-first-owner',
  kind: 'forbidden',
  rule: 'X-07',
  en: 'Whoever opened the task says whether the reply settles it.',
  zh: '是否办结由任务发起人认定。',
});
const dueAlready = domainError({
  code: 'planning.shared-task.due-already',
  kind: 'unprocessable',
  rule: 'X-07',
  en: 'The due date ({date}) is over already.',
  zh: '截止日期（{date}）已过。',
});
