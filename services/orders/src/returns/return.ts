import { Remedy, returnEvents, returnResult } from '@fenxiao/contracts/goods';
import { Code, Note, QuantityText, Ref } from '@fenxiao/contracts/wire';
import { workingDays } from '@fenxiao/domain/business-calendar';
import { procedure } from '@fenxiao/procedures/procedure';
import { z } from 'zod';
import { salesReaders } from '../readers.js';

/**
 * O-07 Return and exchange 退换货: asked for by sales, authorised by the sales manager, received by the keeper, inspected
 * by quality control; then credited by finance or replaced at no charge, as was authorised, or refused.
 */
const manager = { 'sales-manager': 'all' } as const;

export const returnProcedure = procedure({
  name: 'return',
  clause: 'O-07',
  class: 'confidential',
  events: returnEvents,
  states: ['requested', 'authorised', 'received', 'inspected', 'credited', 'replaced', 'refused'],
  read: { ...salesReaders, 'finished-goods-keeper': 'all', 'quality-control': 'all' },
  page: {
    title: 'return',
    fields: [
      'distributorId',
      'orderNumber',
      'shipmentId',
      'shippedOn',
      'region',
      'remedy',
      'cause',
      'warehouse',
      'creditNoteId',
      'replacementOrderId',
      'lines',
      'results',
    ],
    columns: {
      lines: ['line', 'productId', 'colourNumber', 'batch', 'grade', 'quantity'],
      results: ['line', 'quantity', 'result', 'grade', 'batch', 'note'],
    },
    sign: ['sales-manager', 'finished-goods-keeper', 'quality-control', 'finance'],
  },
  archive: { retentionYears: 30 },
  start: {
    move: 'request',
    to: 'requested',
    by: {
      salesperson: 'region',
      'regional-manager': 'region',
      'sales-administrator': 'all',
      'sales-support-clerk': 'all',
    },
    form: z.object({
      shipmentId: Ref('shipment'),
      lines: z
        .array(z.object({ shipmentLine: z.int().positive(), quantity: QuantityText }))
        .min(1)
        .max(1000),
      remedy: Remedy,
      cause: Note,
      complaintId: Ref('complaint').optional(),
      /** what complaints published to ask for it; nobody else names one */
      requestId: Ref('return-request').optional(),
    }),
    fact: 'requested',
  },
  moves: {
    authorise: {
      from: 'requested',
      to: 'authorised',
      by: manager,
      /** another remedy than asked for */
      form: z.object({ remedy: Remedy.optional() }),
      fact: 'authorised',
      notMaker: true,
      clock: { within: workingDays(2), keptBy: ['refuse'], escalateTo: 'deputy-general-manager-sales' },
    },
    receive: {
      from: 'authorised',
      to: 'received',
      by: { 'finished-goods-keeper': 'all' },
      /** what came, where it is less than authorised; absent: all of it */
      form: z.object({
        warehouse: Code,
        lines: z
          .array(z.object({ line: z.int().positive(), quantity: QuantityText }))
          .min(1)
          .max(1000)
          .optional(),
      }),
      fact: 'received',
    },
    inspect: {
      clause: 'O-41',
      /** again, as long as nothing is decided */
      from: ['received', 'inspected'],
      to: 'inspected',
      by: { 'quality-control': 'all' },
      form: z.object({ results: z.array(returnResult).min(1).max(2000) }),
      fact: 'inspected',
    },
    /** authorised again: what was to be replaced is no longer made, or the other way round */
    changeRemedy: {
      from: ['authorised', 'received', 'inspected'],
      by: manager,
      form: z.object({ remedy: Remedy }),
      fact: 'remedy-changed',
      reason: true,
      notMaker: true,
    },
    credit: { clause: 'O-50', from: 'inspected', to: 'credited', by: { finance: 'all' }, fact: 'credited' },
    replace: { from: 'inspected', to: 'replaced', by: { 'order-clerk': 'all' }, fact: 'replaced' },
    refuse: {
      from: ['requested', 'authorised', 'inspected'],
      to: 'refused',
      by: manager,
      fact: 'refused',
      reason: true,
      notMaker: true,
    },
  },
});
