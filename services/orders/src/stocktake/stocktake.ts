import { Counter, stocktakeEvents } from '@fenxiao/contracts/collection';
import { CalendarDate, Code, Note, QuantityText, Ref } from '@fenxiao/contracts/wire';
import type { BusinessCalendar } from '@fenxiao/domain/business-calendar';
import { procedure, type Powers } from '@fenxiao/procedures/procedure';
import { z } from 'zod';
import type { Stocktake } from './stocktake-table.js';

/**
 * O-24 Stocktake on 28 December 年终盘仓: order clerk and finished-goods keeper count a company shop without seeing the books
 * or each other's figures; the sales manager approves what differs, finance posts it.
 */
const counters: Powers = { 'order-clerk': 'all', 'finished-goods-keeper': 'all' };
const system: Powers = { system: 'all' };

const place = { productCode: Code, batch: Code };
const countForm = z.object({
  counts: z
    .array(z.object({ ...place, quantity: QuantityText }))
    .min(1)
    .max(1000)
    .optional(),
  /** instead of `counts`: lines of product, batch, quantity */
  csv: z.string().min(1).max(1_000_000).optional(),
});
const reasons = z.object({
  reasons: z
    .array(z.object({ ...place, reason: Note.max(500) }))
    .min(1)
    .max(1000),
});

export const stocktakeProcedure = procedure({
  name: 'stocktake',
  clause: 'O-24',
  class: 'confidential',
  events: stocktakeEvents,
  states: ['scheduled', 'counting', 'counted', 'variance-review', 'adjusted', 'closed', 'called-off'],
  read: {
    ...counters,
    finance: 'all',
    'sales-manager': 'all',
    'deputy-general-manager-sales': 'all',
    'sales-general-manager': 'all',
    'general-manager': 'all',
    auditor: 'all',
  },
  page: {
    title: 'stocktake-sheet',
    fields: [
      'warehouse',
      'kind',
      'scheduledOn',
      'countedOn',
      'clerkId',
      'keeperId',
      'state',
      'round',
      'items',
      'equal',
      'bookValue',
      'varianceValue',
      'shrinkage',
      'variances',
    ],
    total: 'varianceValue',
    sign: ['order-clerk', 'finished-goods-keeper', 'sales-manager', 'finance'],
  },
  archive: { retentionYears: 30 },
  start: {
    move: 'schedule',
    to: 'scheduled',
    by: { 'sales-manager': 'all', system: 'all' },
    form: z.object({ warehouse: Code, scheduledOn: CalendarDate.optional() }),
    fact: 'scheduled',
  },
  moves: {
    /** measured by its first day all the same */
    reschedule: {
      from: 'scheduled',
      by: { 'sales-manager': 'all' },
      form: z.object({ scheduledOn: CalendarDate }),
      fact: 'rescheduled',
      reason: true,
    },
    /** never the year-end count of a shop */
    callOff: {
      from: 'scheduled',
      to: 'called-off',
      by: { 'sales-manager': 'all' },
      fact: 'called-off',
      reason: true,
    },
    /** the two have come: from now on nothing goes in or out */
    begin: {
      from: 'scheduled',
      to: 'counting',
      by: counters,
      fact: 'started',
      clock: {
        within: (subject: Stocktake, calendar: BusinessCalendar) => calendar.endOfDay(subject.scheduledOn),
        escalateTo: 'sales-manager',
      },
    },
    enterCount: { from: 'counting', by: counters, form: countForm, fact: 'count-entered' },
    finishCount: { from: 'counting', by: counters, fact: 'count-finished' },
    replaceCounter: {
      from: 'counting',
      by: { 'sales-manager': 'all' },
      form: z.object({ counter: Counter, personId: Ref('person') }),
      fact: 'counter-replaced',
      reason: true,
    },
    askRecount: {
      from: 'counting',
      by: system,
      form: z.object({ differing: z.int(), overLimit: z.int() }),
      fact: 'recount-required',
    },
    conclude: { from: 'counting', to: 'counted', by: system, fact: 'counted' },
    review: { from: 'counted', to: 'variance-review', by: system, fact: 'variance-found' },
    explain: { from: 'variance-review', by: counters, form: reasons, fact: 'explained' },
    approve: { clause: 'O-24', from: 'variance-review', by: { 'sales-manager': 'all' }, fact: 'approved' },
    sendBack: {
      from: 'variance-review',
      to: 'counting',
      by: { 'sales-manager': 'all' },
      fact: 'sent-back',
      reason: true,
    },
    post: { clause: 'O-26', from: 'variance-review', to: 'adjusted', by: { finance: 'all' }, fact: 'adjusted' },
    close: {
      from: ['counting', 'counted', 'adjusted'],
      to: 'closed',
      by: { 'sales-manager': 'all', finance: 'all' },
      fact: 'closed',
    },
  },
});

export type CountForm = z.infer<typeof countForm>;
export const counterOf = { clerk: 'order-clerk', keeper: 'finished-goods-keeper' } as const satisfies Record<
  string,
  z.infer<typeof Counter>
>;
