import { formEvents } from '@fenxiao/contracts/event';
import { Line, Note } from '@fenxiao/contracts/wire';
import { domainError } from '@fenxiao/domain/domain-error';
import { ownMatters, staff } from '@fenxiao/procedures/powers';
import { procedure, type Powers } from '@fenxiao/procedures/procedure';
import { hasRole } from '@fenxiao/service-kit/actor';
import { bindForm, type FormDocument } from '@fenxiao/service-kit/forms';
import type { Work } from '@fenxiao/service-kit/work';
import { z } from 'zod';

/** X-08 Escalation of major matters 向上汇报: one channel upwards; what the first recipient does not acknowledge in time reaches the second. */
const Recipient = z.enum(['general-manager', 'branch-general-manager', 'sales-general-manager']);
type Recipient = z.infer<typeof Recipient>;

const form = z.object({
  title: Line,
  detail: Note,
  recipient: Recipient.default('sales-general-manager'),
  /** the default is also the most: a matter may be more urgent than that, never less */
  answerWithinMinutes: z.int().min(5).max(120).default(120),
});
type Form = z.infer<typeof form>;

const heads: Powers = Object.fromEntries(Recipient.options.map((role) => [role, 'all']));
const contentOf = (document: FormDocument) => document.form as Form;

/** Above everybody stands the general manager, and beside the general manager the head of sales. */
const second = (first: Recipient): Recipient =>
  first === 'general-manager' ? 'sales-general-manager' : 'general-manager';

export const alert = bindForm(
  procedure({
    name: 'alert',
    clause: 'X-08',
    events: formEvents(
      'planning',
      'alert',
      form,
      { raised: {}, escalated: {}, acknowledged: { instruction: Note.optional() } },
      { clocks: true },
    ),
    states: ['raised', 'escalated', 'acknowledged'],
    read: { ...ownMatters, ...heads, 'deputy-general-manager-sales': 'all', auditor: 'all' },
    start: { move: 'raise', to: 'raised', by: staff, form, fact: 'raised' },
    moves: {
      escalate: {
        from: 'raised',
        to: 'escalated',
        by: { system: 'all' },
        fact: 'escalated',
        clock: {
          // By the clock on the wall, so no `Limit`: in working time a matter of Friday evening would wait until Monday.
          within: (document: FormDocument) =>
            new Date(document.enteredAt.getTime() + contentOf(document).answerWithinMinutes * 60_000),
          breach: 'escalate',
        },
      },
      acknowledge: {
        from: ['raised', 'escalated'],
        to: 'acknowledged',
        by: heads,
        form: z.object({ instruction: Note.optional() }),
        fact: 'acknowledged',
        notMaker: true,
      },
    },
  }),
  {
    series: 'SB',
    effects: {
      acknowledge: (document, _, work) => {
        const { recipient } = contentOf(document);
        const addressed = document.state === 'raised' ? [recipient] : [recipient, second(recipient)];
        if (!addressed.some((role) => hasRole(work.actor, { [role]: 'all' })))
          throw notAddressed({ roles: addressed.join(', ') });
      },
    },
    follows: {
      raise: (document, work) => tell(document, contentOf(document).recipient, work),
      escalate: (document, work) => tell(document, second(contentOf(document).recipient), work),
    },
  },
);

function tell(document: FormDocument, recipient: Recipient, work: Work): void {
  const { title, answerWithinMinutes } = contentOf(document);
  work.notify(
    {
      kind: 'alert',
      procedure: 'alert',
      about: document.id,
      ...(document.number ? { number: document.number } : {}),
      move: 'acknowledge',
      state: document.state,
      ...(document.state === 'raised'
        ? { dueAt: new Date(work.now.getTime() + answerWithinMinutes * 60_000).toISOString() }
        : {}),
      detail: title,
      to: { powers: { [recipient]: 'all' } },
    },
    'X-08',
  );
}

const notAddressed = domainError({
  code: 'planning.alert.not-addressed',
  kind: 'forbidden',
  rule: 'X-08',
  en: 'This matter is addressed to: {roles}.',
  zh: '该事项的上报对象为：{roles}。',
});
