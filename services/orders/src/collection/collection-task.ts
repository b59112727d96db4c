import { collectionTaskEvents } from '@fenxiao/contracts/collection';
import { CalendarDate, Code, PositiveAmount, Ref } from '@fenxiao/contracts/wire';
import type { BusinessCalendar } from '@fenxiao/domain/business-calendar';
import { domainError } from '@fenxiao/domain/domain-error';
import { isId } from '@fenxiao/domain/id';
import { Money } from '@fenxiao/domain/money';
import { procedure } from '@fenxiao/procedures/procedure';
import { columns, subjectColumns } from '@fenxiao/service-kit/columns';
import { bind } from '@fenxiao/service-kit/engine';
import { documentNumber } from '@fenxiao/service-kit/numbers';
import type { Work } from '@fenxiao/service-kit/work';
import { defineEntity } from '@mikro-orm/core';
import { z } from 'zod';
import { salesReaders } from '../readers.js';

/** O-25 Collection task 催收任务: the salesperson asks for what is overdue, writes down what was promised, and above 60 days the deputy general manager takes it up. */
const CollectionTaskSchema = defineEntity({
  name: 'CollectionTask',
  tableName: 'collection_task',
  properties: (p) => ({
    ...subjectColumns,
    number: p.text(),
    distributor: p.uuid(),
    distributorCode: p.text(),
    /** overdue and open when it was last looked at */
    amount: columns.money(),
    oldestDueOn: columns.date(),
    step: p.integer(),
    promisedOn: columns.date().strictNullable(),
    promisedAmount: columns.money().strictNullable(),
    /** what was overdue when it was promised */
    promisedOf: columns.money().strictNullable(),
  }),
});
export class CollectionTask extends CollectionTaskSchema.class {}
CollectionTaskSchema.setClass(CollectionTask);

/** From this step on it is the deputy general manager's as well. */
export const ESCALATED_FROM = 60;

const overdue = z.object({ amount: PositiveAmount, oldestDueOn: CalendarDate, step: z.int() });
const form = overdue.extend({
  distributorId: Ref('distributor'),
  distributorCode: Code,
  regionId: Ref('region').nullable(),
  salespersonId: z.string().nullable(),
});
const collectors = {
  salesperson: 'own',
  'regional-manager': 'region',
  'sales-manager': 'all',
  'deputy-general-manager-sales': 'all',
} as const;
const heads = { 'sales-manager': 'all', 'deputy-general-manager-sales': 'all' } as const;
const system = { system: 'all' } as const;
const live = ['open', 'promised', 'escalated'] as const;

const waiting = ({ step }: CollectionTask) => (step >= ESCALATED_FROM ? 'escalated' : 'open');

export const collectionTask = bind(
  procedure({
    name: 'collection-task',
    clause: 'O-25',
    class: 'confidential',
    events: collectionTaskEvents,
    states: ['open', 'promised', 'escalated', 'done'],
    read: salesReaders,
    start: { move: 'open', to: ['open', 'escalated'], by: system, form, fact: 'opened' },
    moves: {
      /** more is overdue, or for longer */
      raise: { from: live, by: system, form: overdue, fact: 'raised' },
      promise: {
        from: ['open', 'escalated'],
        to: 'promised',
        by: collectors,
        form: z.object({ promisedOn: CalendarDate, amount: PositiveAmount }),
        fact: 'promised',
      },
      keepPromise: { from: 'promised', to: ['open', 'escalated'], by: system, fact: 'promise-kept' },
      // the day promised is still in time
      breakPromise: {
        from: 'promised',
        to: ['open', 'escalated'],
        by: system,
        fact: 'promise-broken',
        clock: {
          within: ({ promisedOn }: CollectionTask, calendar: BusinessCalendar) =>
            calendar.instantAt(calendar.addDays(promisedOn!, 1), '06:00'),
          remindDaysBefore: [1],
          breach: 'breakPromise',
          escalateTo: 'sales-manager',
        },
      },
      escalate: { from: ['open', 'promised'], to: 'escalated', by: system, fact: 'escalated' },
      complete: { from: live, to: 'done', by: system, fact: 'done' },
      close: { from: live, to: 'done', by: heads, fact: 'done', reason: true },
    },
  }),
  {
    entity: CollectionTask,
    create: async ({ distributorId, regionId, salespersonId, amount, ...rest }, work, base) =>
      work.em.create(CollectionTask, {
        ...base,
        ...rest,
        state: rest.step >= ESCALATED_FROM ? 'escalated' : 'open',
        region: regionId,
        owner: salespersonId,
        number: await documentNumber(work, 'CS', work.today),
        distributor: distributorId,
        amount: Money.of(amount),
        promisedOn: null,
        promisedAmount: null,
        promisedOf: null,
      }),
    effects: {
      raise: (subject, { amount, ...rest }) => {
        Object.assign(subject, { ...rest, amount: Money.of(amount) });
      },
      promise: (subject, { promisedOn, amount: text }, work) => {
        const amount = Money.of(text);
        if (promisedOn < work.today) throw inThePast({ date: promisedOn }, { field: 'promisedOn' });
        if (!amount.isPositive()) throw nothing({}, { field: 'amount' });
        Object.assign(subject, { promisedOn, promisedAmount: amount, promisedOf: subject.amount });
      },
      keepPromise: waiting,
      breakPromise: waiting,
      complete: (subject) => {
        subject.amount = Money.zero;
      },
    },
    follows: {
      open: tell,
      escalate: (subject, work) => tell(subject, work),
      breakPromise: (subject, work) => tell(subject, work),
    },
    facts: {
      opened: fact,
      raised: fact,
      promised: promise,
      'promise-kept': promise,
      'promise-broken': promise,
      escalated: fact,
      done: (subject, _, work) => ({ ...fact(subject, _, work), settled: subject.amount.isZero() }),
    },
    view: (subject) => ({
      number: subject.number,
      distributorId: subject.distributor,
      distributorCode: subject.distributorCode,
      region: subject.region,
      salespersonId: subject.owner,
      amount: subject.amount,
      oldestDueOn: subject.oldestDueOn,
      step: subject.step,
      promisedOn: subject.promisedOn,
      promisedAmount: subject.promisedAmount,
    }),
    filters: { distributorId: 'distributor', number: 'number' },
  },
);

/** The salesperson; without one the region's manager; the deputy general manager once it is theirs. */
function tell(subject: CollectionTask, work: Work): void {
  const { id, number, state, owner, region, createdBy, step } = subject;
  const nobody: Record<string, string> = owner && isId(owner) ? {} : { 'regional-manager': 'region' };
  const powers = { ...nobody, ...(state === 'escalated' ? { 'deputy-general-manager-sales': 'all' } : {}) };
  work.notify(
    {
      kind: 'task',
      procedure: 'collection-task',
      about: id,
      number,
      state,
      move: 'promise',
      detail: `> ${step}`,
      to: { ...(owner && isId(owner) ? { persons: [owner] } : {}), powers, createdBy, ...(region ? { region } : {}) },
    },
    'O-25',
  );
}

function fact(subject: CollectionTask, _: unknown, work: Work) {
  const { number, distributor, distributorCode, region, owner, amount, oldestDueOn, step } = subject;
  return {
    number,
    distributorId: distributor,
    distributorCode,
    regionId: region!,
    oldestDueOn,
    step,
    amount: String(amount),
    currency: work.currency,
    ...(owner && isId(owner) ? { salespersonId: owner } : {}),
  };
}
function promise(subject: CollectionTask, _: unknown, work: Work) {
  const { promisedOn, promisedAmount } = subject;
  return { ...fact(subject, _, work), promisedOn: promisedOn!, promisedAmount: String(promisedAmount) };
}

const inThePast = domainError({
  code: 'orders.collection-task.in-the-past',
  kind: 'unprocessable',
  rule: 'O-25',
  en: 'A payment is not promised for a day gone by ({date}).',
  zh: '承诺付款日期（{date}）不得早于今天。',
});
const nothing = domainError({
  code: 'orders.collection-task.nothing',
  kind: 'unprocessable',
  rule: 'O-25',
  en: 'A promise must be above zero.',
  zh: '承诺付款金额必须大于零。',
});
