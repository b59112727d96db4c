import { creditLimitEvents } from '@fenxiao/contracts/distributors';
import { Code, PositiveAmount } from '@fenxiao/contracts/wire';
import { Money } from '@fenxiao/domain/money';
import { approval } from '@fenxiao/procedures/approval';
import { procedure } from '@fenxiao/procedures/procedure';
import { requireAuthority, type Authority } from '@fenxiao/service-kit/authority';
import { columns, subjectColumns } from '@fenxiao/service-kit/columns';
import { bind } from '@fenxiao/service-kit/engine';
import type { Work } from '@fenxiao/service-kit/work';
import { defineEntity } from '@mikro-orm/core';
import { z } from 'zod';
import { distributorOf, readers } from './distributor.js';

/** D-21 Credit limit 信用额度: kept here, exposure and holds are orders'. A change needs a second person (O-26). */
const CreditLimitSchema = defineEntity({
  name: 'CreditLimit',
  tableName: 'credit_limit',
  properties: {
    ...subjectColumns,
    distributor: defineEntity.properties.uuid(),
    amount: columns.money(),
    previous: columns.money().strictNullable(),
  },
});
export class CreditLimit extends CreditLimitSchema.class {}
CreditLimitSchema.setClass(CreditLimit);

/** whoever may approve a limit may approve any, until the company says up to how much. */
export const creditAuthority: Authority = {
  decision: 'credit-limit',
  measure: 'amount',
  declared: { 'deputy-general-manager-sales': null, 'sales-general-manager': null, 'general-manager': null },
};

export const creditLimit = bind(
  procedure({
    name: 'credit-limit',
    clause: 'D-21',
    events: creditLimitEvents,
    states: ['proposed', 'approved', 'rejected'],
    read: readers,
    page: { title: 'credit-limit', total: 'limit' },
    start: {
      move: 'propose',
      to: 'proposed',
      fact: 'proposed',
      by: { 'regional-manager': 'region', 'sales-manager': 'all', finance: 'all' },
      form: z.object({ distributorCode: Code, limit: PositiveAmount }),
    },
    moves: {
      ...approval({
        clause: 'O-26',
        in: 'proposed',
        steps: [
          {
            name: 'second-person',
            slots: [
              { 'deputy-general-manager-sales': 'all', 'sales-general-manager': 'all', 'general-manager': 'all' },
            ],
          },
        ],
        approved: 'approved',
        rejected: 'rejected',
        facts: { approved: 'changed', rejected: 'rejected' },
      }),
    },
  }),
  {
    entity: CreditLimit,
    create: async ({ distributorCode, limit }, work, base) => {
      const { id, region } = await distributorOf(work, distributorCode);
      return work.em.create(CreditLimit, { ...base, region, distributor: id, amount: Money.of(limit), previous: null });
    },
    effects: {
      approve: async (subject, _, work) => {
        await requireAuthority(work, creditAuthority, subject.approvals.at(-1)!.role, String(subject.amount));
        const [last] = await work.query<{ amount: string }>(
          `SELECT amount::text FROM credit_limit WHERE distributor = $1 AND state = 'approved' ORDER BY entered_at DESC, id DESC LIMIT 1`,
          [subject.distributor],
        );
        subject.previous = last ? Money.of(last.amount) : null;
      },
    },
    facts: {
      proposed: fact,
      changed: (subject, _, work) => ({
        ...fact(subject, _, work),
        ...(subject.previous ? { previous: String(subject.previous) } : {}),
      }),
      rejected: fact,
    },
    view: ({ distributor, amount, previous, createdBy }) => ({
      distributorId: distributor,
      limit: amount,
      previous,
      createdBy,
    }),
    filters: { distributorId: 'distributor' },
  },
);

function fact({ distributor, amount }: CreditLimit, _: unknown, work: Work) {
  return { distributorId: distributor, limit: String(amount), currency: work.currency };
}
