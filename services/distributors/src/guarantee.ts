import { guaranteeEvents } from '@fenxiao/contracts/distributors';
import { Amount, Code, Line, PositiveAmount } from '@fenxiao/contracts/wire';
import type { BusinessCalendar } from '@fenxiao/domain/business-calendar';
import { domainError } from '@fenxiao/domain/domain-error';
import { Money } from '@fenxiao/domain/money';
import { procedure } from '@fenxiao/procedures/procedure';
import { limitsOf, type Authority } from '@fenxiao/service-kit/authority';
import { columns, subjectColumns } from '@fenxiao/service-kit/columns';
import { bind } from '@fenxiao/service-kit/engine';
import type { Work } from '@fenxiao/service-kit/work';
import { defineEntity } from '@mikro-orm/core';
import { z } from 'zod';
import { settings } from './config.js';
import { distributorOf } from './distributor.js';

/** D-20 Personal guarantee of a regional manager 资金担保: up to 500 for a distributor of the own region, for three months. */
const GuaranteeSchema = defineEntity({
  name: 'Guarantee',
  tableName: 'guarantee',
  properties: (p) => ({
    ...subjectColumns,
    distributor: p.uuid(),
    guarantor: p.uuid(),
    receivable: p.text(),
    amount: columns.money(),
    balance: columns.money(),
    startsOn: columns.date(),
    dueOn: columns.date(),
  }),
});
export class Guarantee extends GuaranteeSchema.class {}
GuaranteeSchema.setClass(Guarantee);

/** 500元以下 includes 500.00 itself; the company may ask for less, never allow more. */
export const guaranteeAuthority: Authority = {
  decision: 'guarantee',
  measure: 'amount',
  declared: { 'regional-manager': '500.00' },
  ceiling: '500.00',
};
const TERM_MONTHS = 3;

const guaranteeProcedure = procedure({
  name: 'guarantee',
  clause: 'D-20',
  events: guaranteeEvents,
  states: ['active', 'repaid', 'due', 'called', 'waived'],
  read: {
    'general-manager': 'all',
    'sales-general-manager': 'all',
    'deputy-general-manager-sales': 'all',
    'sales-manager': 'all',
    finance: 'all',
    'human-resources': 'all',
    auditor: 'all',
    'regional-manager': 'region',
  },
  page: { title: 'guarantee', sign: ['regional-manager', 'finance', 'distributor'] },
  start: {
    move: 'grant',
    to: 'active',
    by: { 'regional-manager': 'region' },
    fact: 'granted',
    form: z.object({
      distributorCode: Code,
      amount: PositiveAmount,
      /** the debt it is for: an invoice number */ receivable: Line,
    }),
  },
  moves: {
    applyPayment: {
      from: ['active', 'due'],
      by: { system: 'all' },
      form: z.object({ paymentId: z.uuid(), applied: Amount }),
      fact: 'payment-applied',
    },
    repay: { from: ['active', 'due'], to: 'repaid', by: { system: 'all' }, fact: 'repaid' },
    fallDue: {
      from: 'active',
      to: 'due',
      by: { system: 'all' },
      fact: 'due',
      clock: {
        within: (subject: Guarantee, calendar: BusinessCalendar) => calendar.instantAt(subject.dueOn, '06:00'),
        remindDaysBefore: [30, 7, 1],
        breach: 'fallDue',
        escalateTo: 'regional-manager',
      },
    },
    call: {
      from: 'due',
      to: 'called',
      by: { system: 'all' },
      fact: 'called',
      // the last day is included: called the morning after
      clock: {
        within: (subject: Guarantee, calendar: BusinessCalendar) =>
          calendar.instantAt(calendar.addDays(subject.dueOn, 1), '06:00'),
        remindDaysBefore: [],
        breach: 'call',
        escalateTo: 'finance',
      },
    },
    waive: {
      from: ['active', 'due', 'called'],
      to: 'waived',
      by: { 'general-manager': 'all' },
      fact: 'waived',
      reason: true,
    },
  },
});

export const guarantee = bind(guaranteeProcedure, {
  entity: Guarantee,
  create: async ({ distributorCode, amount: text, receivable }, work, base) => {
    const { id, region } = await distributorOf(work, distributorCode);
    const amount = Money.of(text);
    const ceiling = (await limitsOf(work, guaranteeAuthority, work.today))['regional-manager']!;
    if (!amount.isPositive() || amount.compare(Money.of(ceiling)) > 0)
      throw aboveCeiling({ amount: String(amount), ceiling }, { field: 'amount' });
    await requireRoom(work, id, amount);
    const dueOn = work.calendar.addMonths(work.today, TERM_MONTHS);
    return work.em.create(Guarantee, {
      ...base,
      region,
      owner: work.actor.person,
      distributor: id,
      guarantor: work.actor.person,
      receivable,
      amount,
      balance: amount,
      startsOn: work.today,
      dueOn,
    });
  },
  effects: {
    applyPayment: (subject, { applied }) => {
      subject.balance = subject.balance.minus(Money.of(applied));
    },
  },
  facts: {
    granted: (subject, _, work) => ({ ...fact(subject, _, work), receivable: subject.receivable }),
    'payment-applied': (subject, form, work) => ({ ...fact(subject, form, work), ...form }),
    repaid: fact,
    due: fact,
    called: fact,
    waived: fact,
  },
  view: (subject) => ({
    distributorId: subject.distributor,
    guarantorId: subject.guarantor,
    receivable: subject.receivable,
    region: subject.region,
    amount: subject.amount,
    balance: subject.balance,
    startsOn: subject.startsOn,
    dueOn: subject.dueOn,
  }),
  filters: { distributorId: 'distributor', guarantorId: 'guarantor' },
});

function fact({ distributor, guarantor, amount, balance, startsOn, dueOn }: Guarantee, _: unknown, work: Work) {
  return {
    distributorId: distributor,
    guarantorId: guarantor,
    amount: String(amount),
    balance: String(balance),
    currency: work.currency,
    startsOn,
    dueOn,
  };
}

/** One live guarantee per distributor, live ones within the ceiling, and within the manager's cap where one is set. */
async function requireRoom(work: Work, distributor: string, amount: Money): Promise<void> {
  await work.query('SELECT FROM distributor WHERE id = $1 FOR UPDATE', [distributor]);
  const [live] = await work.query<{ n: number }>(
    `SELECT count(*)::int AS n FROM guarantee WHERE distributor = $1 AND state IN ('active', 'due')`,
    [distributor],
  );
  if (live!.n > 0) throw alreadyGuaranteed();
  const { GUARANTEE_CAP_PER_MANAGER: cap } = settings(work);
  if (cap === undefined) return;
  await work.query('SELECT pg_advisory_xact_lock(hashtext($1))', [`guarantor ${work.actor.person}`]);
  const [own] = await work.query<{ sum: string }>(
    `SELECT coalesce(sum(balance), 0)::text AS sum FROM guarantee WHERE guarantor = $1 AND state IN ('active', 'due')`,
    [work.actor.person],
  );
  if (Money.of(own!.sum).plus(amount).compare(Money.of(cap)) > 0) throw aboveCap({ cap, live: own!.sum });
}

const aboveCeiling = domainError({
  code: 'distributors.guarantee.above-ceiling',
  kind: 'unprocessable',
  rule: 'D-20',
  en: 'A guarantee lies above 0.00 and within {ceiling}; {amount} does not.',
  zh: '担保金额须大于0.00且不超过{ceiling}，{amount}不符。',
});
const alreadyGuaranteed = domainError({
  code: 'distributors.guarantee.already-guaranteed',
  kind: 'conflict',
  rule: 'D-20',
  en: 'This distributor already has a live guarantee.',
  zh: '该经销商已有一笔未了结的担保。',
});
const aboveCap = domainError({
  code: 'distributors.guarantee.above-cap',
  kind: 'unprocessable',
  rule: 'D-20',
  en: 'With this your live guarantees would pass {cap}; {live} are live now.',
  zh: '加上本笔，您的在保总额将超过{cap}；目前在保{live}。',
});
