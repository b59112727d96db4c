import { formEvents } from '@fenxiao/contracts/event';
import { Clause } from '@fenxiao/contracts/regulations';
import { CalendarDate, Code, Line, Note, Ref } from '@fenxiao/contracts/wire';
import { workingDays, type BusinessCalendar } from '@fenxiao/domain/business-calendar';
import { domainError } from '@fenxiao/domain/domain-error';
import { ownMatters, staff } from '@fenxiao/procedures/powers';
import { procedure, type Powers } from '@fenxiao/procedures/procedure';
import { bindForm, type FormDocument } from '@fenxiao/service-kit/forms';
import type { Sql } from '@fenxiao/messaging/sql';
import type { Work } from '@fenxiao/service-kit/work';
import { z } from 'zod';
import { unknownPerson } from './position.js';

/** X-12 Legal compliance 贯彻执行国家相关政策、法规: the register of laws, each with an owner who reviews it by its date. */
const form = z.object({
  code: Code,
  title: Line,
  issuer: Line,
  /** what we have to do because of it */
  duties: Note,
  clauses: z.array(Clause).max(300).default([]),
  ownerId: Ref('person'),
  reviewOn: CalendarDate,
});
type Form = z.infer<typeof form>;
const contentOf = (document: FormDocument) => document.form as Form;

const registrars: Powers = { 'sales-manager': 'all', administration: 'all', office: 'all' };
const reviewers: Powers = { ...ownMatters, 'sales-manager': 'all' };
const outcome = z.object({ outcome: Note, reviewOn: CalendarDate });

export const law = bindForm(
  procedure({
    name: 'law',
    clause: 'X-12',
    events: formEvents(
      'appraisals',
      'law',
      form,
      { registered: {}, 'review-begun': {}, reviewed: { outcome: Note }, repealed: {} },
      { clocks: true },
    ),
    states: ['in-force', 'under-review', 'repealed'],
    read: staff,
    start: { move: 'register', to: 'in-force', by: registrars, form, fact: 'registered' },
    moves: {
      beginReview: {
        from: 'in-force',
        to: 'under-review',
        by: { ...reviewers, system: 'all' },
        fact: 'review-begun',
        clock: {
          within: (document: FormDocument, calendar: BusinessCalendar) =>
            calendar.startOfDay(contentOf(document).reviewOn),
          remindDaysBefore: [30, 7, 1],
          breach: 'beginReview',
        },
      },
      review: {
        from: 'under-review',
        to: 'in-force',
        by: reviewers,
        form: outcome,
        fact: 'reviewed',
        clock: { within: workingDays(10), escalateTo: 'sales-manager' },
      },
      repeal: { from: ['in-force', 'under-review'], to: 'repealed', by: registrars, fact: 'repealed', reason: true },
    },
  }),
  {
    series: 'FL',
    region: () => null,
    owner: ({ ownerId }) => ownerId,
    onOpen: async ({ ownerId, reviewOn }, work) => {
      await requireEmployed(work, ownerId, 'ownerId');
      requireAhead(reviewOn, work);
    },
    effects: { review: (_, { reviewOn }: z.infer<typeof outcome>, work) => requireAhead(reviewOn, work) },
    follows: {
      beginReview: (document, work) => {
        const { title } = contentOf(document);
        work.notify(
          {
            kind: 'task',
            procedure: 'law',
            about: document.id,
            number: document.number!,
            move: 'review',
            state: document.state,
            detail: title,
            to: { persons: [document.owner!] },
          },
          'X-12',
        );
      },
    },
  },
);

/** @throws unknownPerson for somebody who has left, or was never here */
export async function requireEmployed(sql: Sql & Pick<Work, 'today'>, person: string, field: string): Promise<void> {
  const [known] = await sql.query(
    'SELECT FROM known_person WHERE id = $1 AND (last_day IS NULL OR last_day > $2::date)',
    [person, sql.today],
  );
  if (!known) throw unknownPerson({ person }, { field });
}

function requireAhead(reviewOn: string, { today }: Work): void {
  if (reviewOn <= today) throw notAhead({ date: reviewOn }, { field: 'reviewOn' });
}

const notAhead = domainError({
  code: 'appraisals.law.review-not-ahead',
  kind: 'unprocessable',
  rule: 'X-12',
  en: 'The next review ({date}) lies after today.',
  zh: '下次评审日期（{date}）须晚于今天。',
});
