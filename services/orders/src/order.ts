import { Channel, orderEvents } from '@fenxiao/contracts/orders';
import { CalendarDate, Code, Instant, Line, Note, QuantityText, Ref } from '@fenxiao/contracts/wire';
import { headOffice } from '@fenxiao/procedures/powers';
import { procedure, type Powers } from '@fenxiao/procedures/procedure';
import { z } from 'zod';
import { lineForm } from './lines.js';
import type { Order } from './order-tables.js';
import { salesReaders } from './readers.js';

/**
 * O-01 Order states 订单, O-02 Direct order and ship 直接开单发货: an order whose distributor is active, whose prices are
 * within authority, whose credit suffices and whose goods are free goes from submitted to allocated in one step.
 */

const head = {
  channel: Channel.default('direct'),
  promisedOn: CalendarDate.optional(),
  reference: Line.optional(),
  /** the customer takes part of it when not all is there (O-06) */
  partialAllowed: z.boolean().default(true),
  lines: z.array(lineForm).min(1).max(1000),
};
export const placeForm = z.object({ distributorCode: Code, ...head });
export const editForm = z.object(head);

const sellers: Powers = {
  'order-clerk': 'all',
  'sales-support-clerk': 'all',
  'sales-administrator': 'all',
  'sales-manager': 'all',
  'deputy-general-manager-sales': 'all',
  'sales-general-manager': 'all',
  'general-manager': 'all',
  'regional-manager': 'region',
  salesperson: 'region',
};
const changers: Powers = { ...sellers, salesperson: 'own' };
const system: Powers = { system: 'all' };
const hold = z.object({ hold: z.enum(['credit', 'price', 'stock', 'trial']), detail: Note });
const reallocation = z.object({ line: z.int().min(1), quantity: QuantityText, toOrderId: Ref('order') });
const promiseChange = z.object({ from: CalendarDate, to: CalendarDate, productionRequestId: z.uuid() });
const delivery = z.object({ shipmentId: z.uuid() });
export const closeForm = z.object({
  /** how the customer agreed: whose letter, which call */
  consent: Note,
  consentedOn: CalendarDate,
});

export const orderProcedure = procedure({
  name: 'order',
  clause: 'O-01',
  class: 'confidential',
  events: orderEvents,
  states: [
    ...(['draft', 'reserved', 'submitted', 'checked', 'on-hold', 'confirmed', 'allocated', 'backordered'] as const),
    ...(['partially-shipped', 'shipped', 'partially-delivered', 'delivered', 'completed', 'cancelled'] as const),
  ],
  read: salesReaders,
  page: {
    title: 'sales-order',
    fields: [
      'distributorId',
      'segment',
      'channel',
      'region',
      'salespersonId',
      'orderedOn',
      'promisedOn',
      'reference',
      'partialAllowed',
      'lines',
      'net',
      'tax',
    ],
    columns: { lines: ['line', 'productId', 'quantity', 'listPrice', 'unitPrice', 'discount', 'net', 'tax', 'gross'] },
    sign: ['salesperson', 'sales-manager', 'distributor'],
  },
  export: { ...headOffice, 'regional-manager': 'region' },
  start: { move: 'place', to: 'draft', by: sellers, form: placeForm, fact: 'created', daily: true },
  moves: {
    edit: {
      from: ['draft', 'reserved'],
      to: 'draft',
      by: changers,
      form: editForm,
      fact: 'changed',
      edits: true,
      daily: true,
    },
    /** sets aside for a draft what is free, for a time; what is confirmed never expires */
    reserveDraft: {
      clause: 'O-06',
      from: 'draft',
      to: 'reserved',
      by: changers,
      fact: 'draft-reserved',
      daily: true,
    },
    releaseDraft: {
      clause: 'O-06',
      from: 'reserved',
      to: 'draft',
      by: system,
      fact: 'draft-released',
      clock: { within: ({ draftReservedUntil }: Order) => draftReservedUntil!, breach: 'releaseDraft' },
    },
    submit: {
      clause: 'O-02',
      from: ['draft', 'reserved'],
      to: 'submitted',
      by: { ...changers, ...system },
      fact: 'submitted',
      daily: true,
    },
    check: { clause: 'O-02', from: 'submitted', to: 'checked', by: system, fact: 'checked' },
    hold: { from: ['checked', 'on-hold'], to: 'on-hold', by: system, form: hold, fact: 'held' },
    /** the reason for a hold has gone: an approval came, money came, a limit was raised */
    clearHold: { from: 'on-hold', by: system, form: hold.omit({ detail: true }), fact: 'released' },
    releaseCredit: {
      clause: 'D-21',
      from: 'on-hold',
      by: { 'deputy-general-manager-sales': 'all' },
      fact: 'released',
      reason: true,
      form: z.object({ until: Instant }),
    },
    withdraw: { from: 'on-hold', to: 'draft', by: { ...changers, ...system }, fact: 'withdrawn', daily: true },
    confirm: { clause: 'O-02', from: ['checked', 'on-hold'], to: 'confirmed', by: system, fact: 'confirmed' },
    allocate: { clause: 'O-06', from: ['confirmed', 'backordered'], to: 'allocated', by: system, fact: 'allocated' },
    backorder: { clause: 'O-06', from: 'confirmed', to: 'backordered', by: system, fact: 'backordered' },
    /** goods reserved are not to be had: their batch is held or of another grade (O-41), or a count found less (O-24) */
    unallocate: {
      clause: 'O-06',
      from: ['allocated', 'backordered', 'partially-shipped', 'partially-delivered'],
      to: ['backordered', 'partially-shipped', 'partially-delivered'],
      by: system,
      fact: 'backordered',
    },
    /** stock came in for some of what is short */
    reserve: {
      clause: 'O-06',
      from: ['backordered', 'partially-shipped', 'partially-delivered'],
      by: system,
      fact: 'allocated',
    },
    /** gives goods reserved for this order to another that lacks them; never what is on a shipping order */
    reallocate: {
      clause: 'O-06',
      from: ['allocated', 'backordered', 'partially-shipped', 'partially-delivered'],
      to: ['backordered', 'partially-shipped', 'partially-delivered'],
      by: { 'sales-manager': 'all' },
      form: reallocation,
      fact: 'reallocated',
      reason: true,
    },
    changePromise: {
      clause: 'O-31',
      from: ['confirmed', 'allocated', 'backordered', 'partially-shipped', 'partially-delivered'],
      by: system,
      form: promiseChange,
      fact: 'promise-changed',
    },
    shipPart: {
      clause: 'O-04',
      from: ['allocated', 'backordered', 'partially-shipped', 'partially-delivered'],
      to: 'partially-shipped',
      by: system,
      form: delivery,
      fact: 'partially-shipped',
    },
    shipAll: {
      clause: 'O-04',
      from: ['allocated', 'backordered', 'partially-shipped', 'partially-delivered'],
      to: 'shipped',
      by: system,
      form: delivery,
      fact: 'shipped',
    },
    deliverPart: {
      clause: 'O-05',
      from: ['partially-shipped', 'shipped', 'partially-delivered'],
      to: 'partially-delivered',
      by: system,
      form: delivery,
      fact: 'partially-delivered',
    },
    deliverAll: {
      clause: 'O-05',
      from: ['shipped', 'partially-delivered'],
      to: 'delivered',
      by: system,
      form: delivery.extend({ deliveredOn: CalendarDate }),
      fact: 'delivered',
    },
    /** the rest can't come: what was shipped is the order (O-06) */
    closeShort: {
      clause: 'O-06',
      from: ['partially-shipped', 'partially-delivered'],
      to: 'shipped',
      by: {
        'sales-manager': 'all',
        'deputy-general-manager-sales': 'all',
        'sales-general-manager': 'all',
        'general-manager': 'all',
      },
      form: closeForm,
      fact: 'closed-short',
      reason: true,
      daily: true,
    },
    complete: { from: 'delivered', to: 'completed', by: system, fact: 'completed' },
    cancel: {
      from: ['draft', 'reserved', 'on-hold', 'confirmed', 'allocated', 'backordered'],
      to: 'cancelled',
      by: changers,
      fact: 'cancelled',
      reason: true,
      daily: true,
    },
  },
});
