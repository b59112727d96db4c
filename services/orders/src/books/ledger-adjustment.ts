import { ledgerAdjustmentEvents, ledgerAdjustmentForm } from '@fenxiao/contracts/books';
import { domainError } from '@fenxiao/domain/domain-error';
import { Money } from '@fenxiao/domain/money';
import { approval } from '@fenxiao/procedures/approval';
import { procedure } from '@fenxiao/procedures/procedure';
import { bindForm } from '@fenxiao/service-kit/forms';
import type { z } from 'zod';
import { distributorOf } from '../distributor.js';
import { enter } from './ledger.js';
import { ledgerReaders } from './ledger-reading.js';

/** O-22 Adjustment of the ledger 台帐调整: the order clerk proposes, finance approves, and only then is it entered. */
export const ledgerAdjustment = bindForm(
  procedure({
    name: 'ledger-adjustment',
    clause: 'O-22',
    class: 'confidential',
    events: ledgerAdjustmentEvents,
    states: ['proposed', 'approved', 'rejected'],
    read: ledgerReaders,
    page: { title: 'ledger-adjustment', sign: ['order-clerk', 'finance'] },
    start: {
      move: 'propose',
      to: 'proposed',
      by: { 'order-clerk': 'all' },
      form: ledgerAdjustmentForm,
      fact: 'proposed',
    },
    moves: approval({
      in: 'proposed',
      steps: [{ name: 'approve', slots: [{ finance: 'all' }] }],
      approved: 'approved',
      rejected: 'rejected',
      facts: { approved: 'approved', rejected: 'rejected' },
    }),
  }),
  {
    series: 'TZ',
    region: async ({ distributorId }, work) => (await distributorOf(work, { id: distributorId })).region,
    onOpen: ({ amount }) => {
      if (Money.of(amount).isZero()) throw nothing({}, { field: 'amount' });
    },
    effects: {
      approve: async ({ id, number, region, form }, _, work) => {
        const { distributorId, amount } = form as z.infer<typeof ledgerAdjustmentForm>;
        await enter(work, {
          distributor: distributorId,
          region: region!,
          kind: 'adjustment',
          documentKind: 'ledger-adjustment',
          documentId: id,
          documentNumber: number!,
          bookedOn: work.today,
          amount: Money.of(amount),
        });
      },
    },
  },
);

const nothing = domainError({
  code: 'orders.ledger-adjustment.nothing',
  kind: 'unprocessable',
  rule: 'O-22',
  en: 'An adjustment changes what is owed.',
  zh: '调整金额不得为零。',
});
