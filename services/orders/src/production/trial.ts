import { customerSample, trialEvents, trialForm } from '@fenxiao/contracts/production';
import { CalendarDate, Code, Note } from '@fenxiao/contracts/wire';
import { workingDays } from '@fenxiao/domain/business-calendar';
import type { Powers } from '@fenxiao/procedures/procedure';
import { procedure } from '@fenxiao/procedures/procedure';
import { z } from 'zod';
import { salesReaders } from '../readers.js';

/**
 * O-32 New variety and trial production 试制: the customer wants a large quantity of a variety that is not in production.
 * Without the customer's sample nothing reaches the technical department; from then on it has five working days to plan
 * and fifteen to finish. What the moves do stands in `trial-moves.ts`.
 */
const sales: Powers = {
  'sales-manager': 'all',
  'deputy-general-manager-sales': 'all',
  'sales-administrator': 'all',
  'sales-support-clerk': 'all',
  'order-clerk': 'all',
  'regional-manager': 'region',
  salesperson: 'own',
};
const technical = { 'technical-department': 'all' } as const;

export const trialProcedure = procedure({
  name: 'trial',
  clause: 'O-32',
  class: 'confidential',
  events: trialEvents,
  states: [
    ...(['sample-asked', 'sample-received', 'sent-to-technical', 'accepted', 'in-trial', 'trial-done'] as const),
    ...(['delivered-to-customer', 'customer-accepted', 'customer-rejected', 'infeasible', 'cancelled'] as const),
  ],
  read: { ...salesReaders, ...technical, 'production-department': 'all' },
  page: { title: 'trial', sign: ['salesperson', 'sales-manager', 'technical-department', 'distributor'] },
  start: {
    move: 'ask',
    to: 'sample-asked',
    by: { ...sales, salesperson: 'region' },
    form: trialForm,
    fact: 'requested',
    daily: true,
  },
  moves: {
    receiveSample: {
      from: 'sample-asked',
      to: 'sample-received',
      by: sales,
      form: customerSample,
      fact: 'sample-received',
      daily: true,
    },
    /** T21: refused as long as the customer's sample is not logged */
    send: { from: ['sample-asked', 'sample-received'], to: 'sent-to-technical', by: sales, fact: 'sent', daily: true },
    accept: {
      from: 'sent-to-technical',
      to: 'accepted',
      by: technical,
      form: z.object({ plannedOn: CalendarDate }),
      fact: 'planned',
      clock: { within: workingDays(5), escalateTo: 'branch-general-manager' },
    },
    startTrial: { from: 'accepted', to: 'in-trial', by: technical, fact: 'started', daily: true },
    /** its time runs from the day the sample was handed over; only what has been begun can be finished */
    finish: {
      from: ['sent-to-technical', 'accepted', 'in-trial'],
      to: 'trial-done',
      by: technical,
      form: z.object({ result: Note }),
      fact: 'finished',
      clock: { within: workingDays(15), escalateTo: 'branch-general-manager' },
    },
    deliver: { from: 'trial-done', to: 'delivered-to-customer', by: sales, fact: 'delivered', daily: true },
    customerAccept: {
      from: 'delivered-to-customer',
      to: 'customer-accepted',
      by: sales,
      form: z.object({ productCode: Code }),
      fact: 'accepted',
    },
    customerReject: {
      from: 'delivered-to-customer',
      to: 'customer-rejected',
      by: sales,
      fact: 'rejected',
      reason: true,
    },
    giveUp: {
      from: ['sent-to-technical', 'accepted', 'in-trial'],
      to: 'infeasible',
      by: technical,
      fact: 'infeasible',
      reason: true,
    },
    cancel: {
      from: ['sample-asked', 'sample-received'],
      to: 'cancelled',
      by: sales,
      fact: 'cancelled',
      reason: true,
    },
    /** the variety is a product and has its list price: the customer's order is drafted, once */
    draftOrder: { from: 'customer-accepted', by: sales, fact: 'order-wanted', daily: true },
  },
});
