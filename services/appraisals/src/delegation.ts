import { delegationEvents, delegationForm } from '@fenxiao/contracts/appraisals';
import type { BusinessCalendar } from '@fenxiao/domain/business-calendar';
import { domainError } from '@fenxiao/domain/domain-error';
import { procedure, type Powers } from '@fenxiao/procedures/procedure';
import { follow } from '@fenxiao/service-kit/engine';
import { bindForm, type FormDocument } from '@fenxiao/service-kit/forms';
import type { Work } from '@fenxiao/service-kit/work';
import type { z } from 'zod';

/** X-05 Acting for an absent manager 全面负责: while the sales manager is away, a sales support clerk runs daily operation; decisions wait. */
const announcers: Powers = { 'sales-manager': 'all', 'deputy-general-manager-sales': 'all', 'human-resources': 'all' };
const contentOf = (document: FormDocument) => document.form as z.infer<typeof delegationForm>;

const delegationProcedure = procedure({
  name: 'delegation',
  clause: 'X-05',
  events: delegationEvents,
  states: ['announced', 'started', 'ended', 'withdrawn'],
  read: { ...announcers, 'sales-support-clerk': 'all', 'general-manager': 'all', auditor: 'all' },
  start: { move: 'announce', to: 'announced', by: announcers, form: delegationForm, fact: 'announced' },
  moves: {
    begin: {
      from: 'announced',
      to: 'started',
      by: { system: 'all' },
      fact: 'started',
      clock: {
        within: (document: FormDocument) => new Date(contentOf(document).from ?? document.createdAt),
        remindDaysBefore: [],
        breach: 'begin',
      },
    },
    end: {
      from: 'started',
      to: 'ended',
      by: { ...announcers, system: 'all' },
      fact: 'ended',
      clock: {
        within: (document: FormDocument, _: BusinessCalendar) => new Date(contentOf(document).until),
        remindDaysBefore: [],
        breach: 'end',
      },
    },
    withdraw: { from: 'announced', to: 'withdrawn', by: announcers, fact: 'withdrawn', reason: true },
  },
});

export const delegation = bindForm(delegationProcedure, {
  region: () => null,
  onOpen: async ({ absentId, delegateId, from, until }, work) => {
    const begins = from ? new Date(from) : work.now;
    const ends = new Date(until);
    if (begins < work.now || ends <= begins) throw noSuchTime({}, { field: ends <= begins ? 'until' : 'from' });
    requireOwn(work, absentId);
    if (absentId === delegateId) throw notForYourself({}, { field: 'delegateId' });
    // The absent person's row: two announcements for the same time come one after the other.
    await work.query('SELECT FROM person WHERE id = $1 FOR UPDATE', [absentId]);
    const days = [work.calendar.dateOf(begins), work.calendar.dateOf(ends)] as const;
    await requirePosition(work, absentId, 'sales-manager', days, 'absentId');
    await requirePosition(work, delegateId, 'sales-support-clerk', days, 'delegateId');
    const [other] = await work.query(
      `SELECT FROM form_document WHERE procedure = 'delegation' AND state IN ('announced', 'started') AND form->>'absentId' = $1
         AND coalesce((form->>'from')::timestamptz, created_at) < $3 AND (form->>'until')::timestamptz > $2`,
      [absentId, begins, ends],
    );
    if (other) throw alreadyDelegated();
  },
  effects: {
    end: (document, _, work) => requireOwn(work, contentOf(document).absentId),
    withdraw: (document, _, work) => requireOwn(work, contentOf(document).absentId),
  },
  follows: {
    announce: async (document, work) => {
      const { from } = contentOf(document);
      if (from === undefined || new Date(from) <= work.now) await follow(work, delegation, document, 'begin');
    },
  },
});

/** A sales manager announces and ends nobody's absence but their own. */
function requireOwn(work: Work, absentId: string): void {
  const roles = work.actor.positions.flatMap((position) => position.roles);
  const others = roles.some((role) => role === 'system' || (role !== 'sales-manager' && announcers[role]));
  if (!others && work.actor.person !== absentId) throw ownAbsenceOnly({}, { field: 'absentId' });
}

async function requirePosition(
  work: Work,
  person: string,
  role: string,
  [first, last]: readonly [string, string],
  field: string,
): Promise<void> {
  const [held] = await work.query(
    `SELECT FROM position WHERE person = $1 AND $2 = ANY (roles) AND valid_from <= $3 AND (valid_to IS NULL OR valid_to >= $4)`,
    [person, role, first, last],
  );
  if (!held) throw lacksPosition({ role }, { field });
}

const noSuchTime = domainError({
  code: 'appraisals.delegation.no-such-time',
  kind: 'unprocessable',
  rule: 'X-05',
  en: 'The time of acting begins now or later and ends after it begins.',
  zh: '代理期间须自现在或以后起，且止于起始之后。',
});
const notForYourself = domainError({
  code: 'appraisals.delegation.for-yourself',
  kind: 'unprocessable',
  rule: 'X-05',
  en: 'Nobody acts for themselves.',
  zh: '不得代理本人。',
});
const ownAbsenceOnly = domainError({
  code: 'appraisals.delegation.own-absence-only',
  kind: 'forbidden',
  rule: 'X-05',
  en: "A sales manager announces and ends nobody's absence but their own.",
  zh: '销售部经理只能登记和结束本人的外出。',
});
const lacksPosition = domainError({
  code: 'appraisals.delegation.lacks-position',
  kind: 'unprocessable',
  rule: 'X-05',
  en: 'This person is not {role} for the whole of that time.',
  zh: '该人员在此期间并非始终担任{role}。',
});
const alreadyDelegated = domainError({
  code: 'appraisals.delegation.already-delegated',
  kind: 'conflict',
  rule: 'X-05',
  en: 'Somebody acts for this manager at that time already.',
  zh: '该期间已有人代理该经理。',
});
