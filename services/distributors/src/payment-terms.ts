import { paymentTermsEvents, paymentTermsForm } from '@fenxiao/contracts/distributors';
import { approval } from '@fenxiao/procedures/approval';
import { procedure } from '@fenxiao/procedures/procedure';
import { bindForm } from '@fenxiao/service-kit/forms';
import { follow, lock } from '@fenxiao/service-kit/engine';
import type { z } from 'zod';
import { distributor, distributorOf, readers } from './distributor.js';

/** O-26 Payment terms 结算条件: whether a customer buys on credit, and for how many days, is proposed by one and approved by another. */
export const paymentTerms = bindForm(
  procedure({
    name: 'payment-terms',
    path: 'payment-terms',
    clause: 'O-26',
    class: 'confidential',
    events: paymentTermsEvents,
    states: ['proposed', 'approved', 'rejected'],
    read: readers,
    start: {
      move: 'propose',
      to: 'proposed',
      by: { 'regional-manager': 'region', 'sales-manager': 'all', finance: 'all' },
      form: paymentTermsForm,
      fact: 'proposed',
    },
    moves: {
      ...approval({
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
        facts: { approved: 'approved', rejected: 'rejected' },
      }),
    },
  }),
  {
    region: async ({ distributorCode }, work) => (await distributorOf(work, distributorCode)).region,
    effects: {
      approve: async ({ form }, _, work) => {
        const { distributorCode, terms, paymentDays } = form as z.infer<typeof paymentTermsForm>;
        const { id } = await distributorOf(work, distributorCode);
        await follow(work, distributor, await lock(work, distributor, id), 'setTerms', { terms, paymentDays });
      },
    },
  },
);
