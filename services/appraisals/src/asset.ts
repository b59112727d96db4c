import { personEvents } from '@fenxiao/contracts/appraisals';
import { formEvents, type Event } from '@fenxiao/contracts/event';
import { CalendarDate, Code, Line, Ref } from '@fenxiao/contracts/wire';
import type { BusinessCalendar } from '@fenxiao/domain/business-calendar';
import { domainError } from '@fenxiao/domain/domain-error';
import { EventContext, On } from '@fenxiao/messaging/transport';
import { ownMatters } from '@fenxiao/procedures/powers';
import { procedure, type Powers } from '@fenxiao/procedures/procedure';
import { follow, lock } from '@fenxiao/service-kit/engine';
import { bindForm, type FormDocument } from '@fenxiao/service-kit/forms';
import type { Work } from '@fenxiao/service-kit/work';
import { Controller } from '@nestjs/common';
import { Ctx, Payload } from '@nestjs/microservices';
import { z } from 'zod';
import { requireEmployed } from './law.js';

/** X-21 Equipment and support 设备和工具: what is issued to whom; who leaves returns it by the last day. */
const form = z.object({ code: Code, item: Line, serialNumber: Line.optional() });
const issue = z.object({ personId: Ref('person') });
const recall = z.object({ dueOn: CalendarDate });

const custodians: Powers = { office: 'all', administration: 'all', 'human-resources': 'all' };

export const asset = bindForm(
  procedure({
    name: 'asset',
    clause: 'X-21',
    events: formEvents(
      'appraisals',
      'asset',
      form,
      {
        registered: {},
        issued: issue.shape,
        recalled: recall.shape,
        overdue: {},
        returned: { condition: Line.optional() },
        lost: {},
      },
      { clocks: true },
    ),
    states: ['in-store', 'issued', 'recalled', 'overdue', 'lost'],
    read: { ...ownMatters, ...custodians, 'sales-manager': 'all', finance: 'all', auditor: 'all' },
    start: { move: 'register', to: 'in-store', by: custodians, form, fact: 'registered' },
    moves: {
      issue: { from: 'in-store', to: 'issued', by: custodians, form: issue, fact: 'issued' },
      recall: {
        from: 'issued',
        to: 'recalled',
        by: { ...custodians, system: 'all' },
        form: recall,
        fact: 'recalled',
      },
      fallOverdue: {
        from: 'recalled',
        to: 'overdue',
        by: { system: 'all' },
        fact: 'overdue',
        clock: {
          within: (document: FormDocument, calendar: BusinessCalendar) =>
            calendar.endOfDay((document.form as z.infer<typeof recall>).dueOn),
          remindDaysBefore: [1],
          breach: 'fallOverdue',
          escalateTo: 'human-resources',
        },
      },
      return: {
        from: ['issued', 'recalled', 'overdue'],
        to: 'in-store',
        by: custodians,
        form: z.object({ condition: Line.optional() }),
        fact: 'returned',
      },
      /** whoever holds it says so; what follows for the holder is not decided here */
      reportLost: {
        from: ['issued', 'recalled', 'overdue'],
        to: 'lost',
        by: { ...ownMatters, ...custodians },
        fact: 'lost',
        reason: true,
      },
    },
  }),
  {
    series: 'GJ',
    region: () => null,
    filters: { personId: 'owner' },
    onOpen: async ({ code }, work) => {
      await work.query('SELECT pg_advisory_xact_lock(hashtext($1))', [`asset ${code}`]);
      const [taken] = await work.query(`SELECT FROM form_document WHERE procedure = 'asset' AND form->>'code' = $1`, [
        code,
      ]);
      if (taken) throw codeTaken({ code }, { field: 'code' });
    },
    effects: {
      issue: async (document, { personId }: z.infer<typeof issue>, work) => {
        await requireEmployed(work, personId, 'personId');
        document.owner = personId;
      },
      return: (document) => {
        document.owner = null;
      },
    },
    follows: {
      recall: (document, work) => tell(document, work, 'task', { persons: [document.owner!] }),
      fallOverdue: (document, work) => tell(document, work, 'breach', { powers: custodians }),
    },
  },
);

function tell(
  document: FormDocument,
  work: Work,
  kind: 'task' | 'breach',
  to: Parameters<Work['notify']>[0]['to'],
): void {
  const { item, dueOn } = document.form as z.infer<typeof form> & z.infer<typeof recall>;
  work.notify(
    {
      kind,
      procedure: 'asset',
      about: document.id,
      number: document.number!,
      move: 'return',
      state: document.state,
      dueAt: work.calendar.endOfDay(dueOn).toISOString(),
      detail: item,
      to,
    },
    'X-21',
  );
}

/** D-16, X-21: who leaves is told what to return, and the time for it runs until the last day. */
@Controller()
export class LeavingReactions {
  @On(personEvents.left)
  async left(
    @Payload() { subject: person, data: { lastDay } }: Event<typeof personEvents.left>,
    @Ctx() { work }: EventContext<Work>,
  ) {
    const held = await work.query<{ id: string }>(
      `SELECT id FROM form_document WHERE procedure = 'asset' AND state = 'issued' AND owner = $1 ORDER BY id`,
      [person],
    );
    for (const { id } of held) await follow(work, asset, await lock(work, asset, id), 'recall', { dueOn: lastDay });
  }
}

const codeTaken = domainError({
  code: 'appraisals.asset.code-taken',
  kind: 'conflict',
  rule: 'X-21',
  en: 'There is already an asset {code}.',
  zh: '资产编码{code}已存在。',
});
