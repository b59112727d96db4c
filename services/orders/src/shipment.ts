import { shipmentEvents } from '@fenxiao/contracts/orders';
import { CalendarDate, Code, Line, Note, PositiveAmount, QuantityText, Ref } from '@fenxiao/contracts/wire';
import { procedure } from '@fenxiao/procedures/procedure';
import { z } from 'zod';
import { salesReaders } from './readers.js';

/**
 * O-04 Shipping order 出货单, O-05 Storage and transport 储运业务: issued by the order clerk only, from a confirmed order,
 * numbered without gaps per year; a void keeps its number and needs a reason.
 */
const clerk = { 'order-clerk': 'all' } as const;
const keeper = { 'finished-goods-keeper': 'all' } as const;

export const shipmentProcedure = procedure({
  name: 'shipment',
  clause: 'O-04',
  class: 'confidential',
  events: shipmentEvents,
  states: ['issued', 'picked', 'shipped', 'signed', 'voided'],
  read: { ...salesReaders, 'finished-goods-keeper': 'all' },
  page: {
    title: 'shipping-order',
    fields: [
      'distributorId',
      'orderNumber',
      'region',
      'shippedOn',
      'deliveredOn',
      'carrier',
      'vehicle',
      'freight',
      'damage',
      'lines',
      'net',
      'tax',
    ],
    columns: {
      lines: ['line', 'productId', 'colourNumber', 'batch', 'grade', 'quantity', 'unitPrice', 'net', 'tax', 'gross'],
    },
    sign: ['order-clerk', 'finished-goods-keeper', 'finance', 'distributor'],
    copies: ['counterfoil', 'customer', 'warehouse', 'accounts'],
  },
  start: {
    move: 'issue',
    to: 'issued',
    by: clerk,
    fact: 'issued',
    /** without lines: everything reserved for the order */
    form: z.object({
      orderId: Ref('order'),
      lines: z
        .array(z.object({ orderLine: z.int().positive(), quantity: QuantityText, batch: Code.optional() }))
        .min(1)
        .max(1000)
        .optional(),
    }),
  },
  moves: {
    pick: { from: 'issued', to: 'picked', by: keeper, fact: 'picked' },
    dispatch: {
      clause: 'O-05',
      from: ['issued', 'picked'],
      to: 'shipped',
      by: { ...keeper, ...clerk },
      fact: 'dispatched',
      form: z.object({
        carrier: Line.optional(),
        vehicle: Line.optional(),
        freight: PositiveAmount.optional(),
        shippedOn: CalendarDate.optional(),
      }),
    },
    sign: {
      clause: 'O-05',
      from: 'shipped',
      to: 'signed',
      by: { ...clerk, 'sales-support-clerk': 'all' },
      fact: 'received',
      form: z.object({ deliveredOn: CalendarDate.optional(), damage: Note.optional() }),
    },
    void: { from: ['issued', 'picked'], to: 'voided', by: clerk, fact: 'voided', reason: true },
  },
});
