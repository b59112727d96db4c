import { differencesOfCode, reconciliationEvents } from '@fenxiao/contracts/books';
import { Amount, CalendarDate, Code, Line, Note, QuantityText } from '@fenxiao/contracts/wire';
import type { BusinessCalendar } from '@fenxiao/domain/business-calendar';
import { domainError } from '@fenxiao/domain/domain-error';
import { Money } from '@fenxiao/domain/money';
import { headOffice } from '@fenxiao/procedures/powers';
import { procedure } from '@fenxiao/procedures/procedure';
import { columns, subjectColumns } from '@fenxiao/service-kit/columns';
import { monthlyOnOrBefore } from '@fenxiao/service-kit/due';
import { bind, follow, open, type Bound } from '@fenxiao/service-kit/engine';
import type { Job } from '@fenxiao/service-kit/jobs';
import { documentNumber } from '@fenxiao/service-kit/numbers';
import type { Work } from '@fenxiao/service-kit/work';
import { defineEntity } from '@mikro-orm/core';
import { z } from 'zod';
import { addRows, compare, forgetRows } from './comparison.js';
import { byCode, explain } from './explaining.js';

/** O-22 Reconciliation on the 25th 每月25日与财务对帐: the ledger against finance's file, signed by two people (T16). */
const ReconciliationSchema = defineEntity({
  name: 'Reconciliation',
  tableName: 'reconciliation',
  properties: (p) => ({
    ...subjectColumns,
    number: p.text(),
    afterDay: columns.date().strictNullable(),
    afterAt: p.datetime().strictNullable(),
    fromDay: columns.date(),
    toDay: columns.date(),
    dueOn: columns.date(),
    openedAt: p.datetime(),
    ledgerDocuments: p.integer(),
    ledgerAmount: columns.money(),
    financeDocuments: p.integer(),
    financeAmount: columns.money(),
    differences: p.integer(),
    differenceAmount: columns.money(),
    unexplained: p.integer(),
    /** parts of finance's file are still to come */
    fileIncomplete: p.boolean(),
    closedOn: columns.date().strictNullable(),
  }),
});
export class Reconciliation extends ReconciliationSchema.class {}
ReconciliationSchema.setClass(Reconciliation);

const financeRow = z.object({
  distributorCode: Code,
  document: Line,
  bookedOn: CalendarDate,
  amount: Amount,
  quantity: QuantityText.optional(),
});
const bothSides = { 'order-clerk': 'all', finance: 'all' } as const;
const endOfDueDay = ({ dueOn }: Reconciliation, calendar: BusinessCalendar) => calendar.endOfDay(dueOn);

const reconciliationProcedure = procedure({
  name: 'reconciliation',
  clause: 'O-22',
  class: 'confidential',
  events: reconciliationEvents,
  states: ['opened', 'matched', 'differences', 'explained', 'agreed', 'closed'],
  read: headOffice,
  page: {
    title: 'reconciliation',
    fields: [
      'from',
      'to',
      'dueOn',
      'ledgerDocuments',
      'ledgerAmount',
      'financeDocuments',
      'financeAmount',
      'differences',
      'differenceAmount',
      'closedOn',
    ],
    sign: ['order-clerk', 'finance'],
  },
  archive: { retentionYears: 30 },
  start: {
    move: 'open',
    to: 'opened',
    by: { system: 'all' },
    form: z.object({ dueOn: CalendarDate }),
    fact: 'opened',
  },
  moves: {
    /** in parts, all but the last of which say that there are more; one handed in after a comparison takes the place of the one before */
    financeFile: {
      from: ['opened', 'matched', 'differences', 'explained'],
      to: 'opened',
      by: { finance: 'all' },
      form: z.object({
        rows: z.array(financeRow).max(10_000),
        startOver: z.boolean().optional(),
        more: z.boolean().optional(),
      }),
      fact: 'file-received',
    },
    compare: { from: 'opened', by: bothSides, fact: 'compared' },
    match: { from: 'opened', to: 'matched', by: { system: 'all' }, fact: 'matched' },
    differ: {
      from: 'opened',
      to: 'differences',
      by: { system: 'all' },
      form: z.object({ byCode: z.array(differencesOfCode) }),
      fact: 'difference-found',
    },
    explain: {
      from: 'differences',
      to: ['differences', 'explained'],
      by: bothSides,
      form: z.object({
        explanations: z
          .array(z.object({ line: z.int().positive(), explanation: Note }))
          .min(1)
          .max(1000),
      }),
      fact: 'explained',
    },
    /** one signature of each side; nobody gives both, nor one for the other */
    sign: {
      from: ['matched', 'explained'],
      to: 'agreed',
      by: bothSides,
      fact: 'agreed',
      decides: {
        outcome: 'approved',
        steps: [{ name: 'sign', slots: [{ 'order-clerk': 'all' }, { finance: 'all' }] }],
        stepFact: 'signed',
      },
    },
    /** its clock runs from the opening, whatever has been reached */
    close: {
      from: ['opened', 'matched', 'differences', 'explained', 'agreed'],
      to: 'closed',
      by: bothSides,
      fact: 'closed',
      clock: { within: endOfDueDay, escalateTo: 'sales-manager', breach: 'fallOverdue' },
    },
    fallOverdue: {
      from: ['opened', 'matched', 'differences', 'explained', 'agreed'],
      by: { system: 'all' },
      fact: 'overdue',
    },
  },
});

export const reconciliation: Bound<Reconciliation, typeof reconciliationProcedure> = bind(reconciliationProcedure, {
  entity: Reconciliation,
  create: async ({ dueOn }, work, base) => {
    const { calendar } = work;
    const [last] = await work.query<{ day: string; at: Date | string }>(
      'SELECT to_day::text AS day, opened_at AS at FROM reconciliation ORDER BY due_on DESC LIMIT 1',
    );
    const toDay = calendar.addDays(dueOn, -1);
    return work.em.create(Reconciliation, {
      ...base,
      number: await documentNumber(work, 'DZ', dueOn),
      afterDay: last?.day ?? null,
      afterAt: last ? new Date(last.at) : null,
      fromDay: calendar.addDays(last?.day ?? calendar.addMonths(toDay, -1), 1),
      toDay,
      dueOn,
      openedAt: work.now,
      ledgerDocuments: 0,
      ledgerAmount: Money.zero,
      financeDocuments: 0,
      financeAmount: Money.zero,
      differences: 0,
      differenceAmount: Money.zero,
      unexplained: 0,
      fileIncomplete: false,
      closedOn: null,
    });
  },
  effects: {
    financeFile: async (subject, { rows, startOver, more = false }, work) => {
      if (startOver || subject.state !== 'opened') await forgetRows(work, subject.id);
      subject.financeDocuments = await addRows(work, subject.id, rows);
      subject.fileIncomplete = more;
    },
    compare: async (subject, _, work) => {
      if (subject.fileIncomplete) throw moreToCome();
      Object.assign(subject, await compare(work, subject.id));
      if (subject.financeDocuments === 0 && subject.ledgerDocuments > 0) throw noFile();
    },
    explain: async (subject, { explanations }, work) => {
      subject.unexplained = await explain(work, subject.id, explanations);
      return subject.unexplained === 0 ? 'explained' : 'differences';
    },
    close: (subject, _, work) => {
      if (subject.state !== 'agreed') throw notAgreed({ state: subject.state });
      subject.closedOn = work.today;
    },
  },
  follows: {
    compare: async (subject, work) =>
      subject.differences === 0
        ? follow(work, reconciliation, subject, 'match')
        : follow(work, reconciliation, subject, 'differ', { byCode: await byCode(work, subject.id) }),
  },
  facts: {
    opened: head,
    'file-received': (subject, _, work) => ({ ...head(subject, _, work), rows: subject.financeDocuments }),
    compared,
    matched: compared,
    'difference-found': (subject, form, work) => ({ ...compared(subject, form, work), ...form }),
    explained: (subject, _, work) => ({ ...compared(subject, _, work), unexplained: subject.unexplained }),
    signed: compared,
    agreed: (subject, _, work) => ({
      ...compared(subject, _, work),
      clerkId: signerOf(subject, 'order-clerk'),
      financeId: signerOf(subject, 'finance'),
    }),
    closed: (subject, _, work) => ({
      ...compared(subject, _, work),
      closedOn: subject.closedOn!,
      onTime: subject.closedOn! <= subject.dueOn,
    }),
    overdue: (subject, _, work) => ({ ...head(subject, _, work), state: subject.state }),
  },
  view: (subject) => ({
    number: subject.number,
    from: subject.fromDay,
    to: subject.toDay,
    dueOn: subject.dueOn,
    ledgerDocuments: subject.ledgerDocuments,
    ledgerAmount: subject.ledgerAmount,
    financeDocuments: subject.financeDocuments,
    financeAmount: subject.financeAmount,
    differences: subject.differences,
    differenceAmount: subject.differenceAmount,
    unexplained: subject.unexplained,
    closedOn: subject.closedOn,
    approvals: subject.approvals,
  }),
  filters: { number: 'number', dueOn: 'dueOn' },
});

function head({ number, fromDay, toDay, dueOn }: Reconciliation, _: unknown, work: Work) {
  return { number, from: fromDay, to: toDay, dueOn, currency: work.currency };
}

function compared(subject: Reconciliation, form: unknown, work: Work) {
  return {
    ...head(subject, form, work),
    ledgerDocuments: subject.ledgerDocuments,
    ledgerAmount: String(subject.ledgerAmount),
    financeDocuments: subject.financeDocuments,
    financeAmount: String(subject.financeAmount),
    differences: subject.differences,
    differenceAmount: String(subject.differenceAmount),
  };
}

const signerOf = ({ approvals }: Reconciliation, role: string) =>
  approvals.find((given) => given.role === role)!.person;

/** Rules, section 10: on the 25th at 09:00, or the working day before. */
export const openReconciliation: Job = {
  name: 'open-reconciliation',
  clause: 'O-22',
  due: monthlyOnOrBefore(25, '09:00'),
  run: async (work, { date }) => {
    await open(work, reconciliation, { form: { dueOn: date }, bySystem: true });
  },
};

const noFile = domainError({
  code: 'orders.reconciliation.no-file',
  kind: 'conflict',
  rule: 'O-22',
  en: "Finance's file is not here yet.",
  zh: '财务尚未提交对帐文件。',
});
const moreToCome = domainError({
  code: 'orders.reconciliation.more-to-come',
  kind: 'conflict',
  rule: 'O-22',
  en: "Only part of finance's file is here: wait for the rest, or hand it in again.",
  zh: '财务对帐文件尚未全部提交：请等待其余部分，或重新提交。',
});
const notAgreed = domainError({
  code: 'orders.reconciliation.not-agreed',
  kind: 'conflict',
  rule: 'O-22',
  en: 'Both order clerk and finance sign before it is closed; it is {state}.',
  zh: '开单员与财务双方签字后方可关闭；目前状态为{state}。',
});
