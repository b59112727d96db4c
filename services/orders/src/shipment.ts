import { shipmentEvents } from '@fenxiao/contracts/orders';
import {
  CalendarDate,
  Code,
  Instant,
  Line,
  Note,
  PersonName,
  PositiveAmount,
  QuantityText,
  Ref,
} from '@fenxiao/contracts/wire';
import { procedure } from '@fenxiao/procedures/procedure';
import { z } from 'zod';
import { salesReaders } from './readers.js';

/**
 * O-04 Shipping order 出货单, O-05 Storage and transport 储运业务: issued by the order clerk only, from a confirmed order,
 * numbered without gaps per year; a void keeps its number and needs a reason.
 */
const clerk = { 'order-clerk': 'all' } as const;
const keeper = { 'finished-goods-keeper': 'all' } as const;

/** O-05: the signed copy that proves the delivery, by its name and SHA-256 */
const proof = z.object({ file: Line, digest: z.string().regex(/^[0-9a-f]{64}$/) });
const damaged = z.object({ line: z.int().positive(), quantity: QuantityText, note: Note.optional() });

export const shipmentProcedure = procedure({
  name: 'shipment',
  clause: 'O-04',
  class: 'confidential',
  events: shipmentEvents,
  states: ['issued', 'picked', 'shipped', 'signed', 'voided'],
  read: { ...salesReaders, 'finished-goods-keeper': 'all' },
  reveal: { ...clerk, 'sales-support-clerk': 'all', 'sales-manager': 'all', auditor: 'all' },
  page: {
    title: 'shipping-order',
    fields: [
      'distributorId',
      'orderNumber',
      'region',
      'promisedOn',
      'shippedOn',
      'departedAt',
      'deliveredOn',
      'arrivedAt',
      'carrier',
      'vehicle',
      'freight',
      'signer',
      'damage',
      'lines',
      'damaged',
      'net',
      'tax',
    ],
    columns: {
      lines: ['line', 'productId', 'colourNumber', 'batch', 'grade', 'quantity', 'unitPrice', 'net', 'tax', 'gross'],
      damaged: ['line', 'quantity', 'note'],
    },
    sign: ['order-clerk', 'finished-goods-keeper', 'finance', 'distributor'],
    copies: ['counterfoil', 'customer', 'warehouse', 'accounts'],
  },
  start: {
    move: 'issue',
    to: 'issued',
    by: clerk,
    fact: 'issued',
    daily: true,
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
    pick: { from: 'issued', to: 'picked', by: keeper, fact: 'picked', daily: true },
    dispatch: {
      clause: 'O-05',
      from: ['issued', 'picked'],
      to: 'shipped',
      by: { ...keeper, ...clerk },
      fact: 'dispatched',
      daily: true,
      form: z.object({
        carrier: Line.optional(),
        vehicle: Line.optional(),
        freight: PositiveAmount.optional(),
        shippedOn: CalendarDate.optional(),
        /** to the minute; default now, unless it left on an earlier day */
        departedAt: Instant.optional(),
      }),
    },
    sign: {
      clause: 'O-05',
      from: 'shipped',
      to: 'signed',
      by: { ...clerk, 'sales-support-clerk': 'all' },
      fact: 'received',
      daily: true,
      form: z.object({
        deliveredOn: CalendarDate.optional(),
        arrivedAt: Instant.optional(),
        signer: PersonName.optional(),
        proof: proof.optional(),
        /** the damage note, and what it is about; absent lines: the whole delivery is in doubt */
        damage: Note.optional(),
        damaged: z.array(damaged).min(1).max(1000).optional(),
      }),
    },
    void: { from: ['issued', 'picked'], to: 'voided', by: clerk, fact: 'voided', reason: true, daily: true },
  },
});
