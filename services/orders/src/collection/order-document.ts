import { DocumentKind, orderDocumentEvents } from '@fenxiao/contracts/collection';
import { Line, Note, Ref } from '@fenxiao/contracts/wire';
import { domainError } from '@fenxiao/domain/domain-error';
import { headOffice } from '@fenxiao/procedures/powers';
import { procedure } from '@fenxiao/procedures/procedure';
import { subjectColumns } from '@fenxiao/service-kit/columns';
import { bind, lock } from '@fenxiao/service-kit/engine';
import { documentNumber } from '@fenxiao/service-kit/numbers';
import type { Work } from '@fenxiao/service-kit/work';
import { defineEntity } from '@mikro-orm/core';
import { z } from 'zod';
import { order } from '../order-moves.js';
import { reassess } from './order-file.js';

/** O-23 Sales archive 销售档案: a paper that belongs to an order: what it is, its hash, and where the support clerk keeps it. */
const OrderDocumentSchema = defineEntity({
  name: 'OrderDocument',
  tableName: 'order_document',
  properties: (p) => ({
    ...subjectColumns,
    number: p.text(),
    orderId: p.uuid(),
    orderNumber: p.text(),
    shipment: p.uuid().strictNullable(),
    kind: p.text().$type<z.infer<typeof DocumentKind>>(),
    name: p.text(),
    digest: p.text(),
    storage: p.text(),
  }),
});
export class OrderDocument extends OrderDocumentSchema.class {}
OrderDocumentSchema.setClass(OrderDocument);

const form = z.object({
  orderId: Ref('order'),
  kind: DocumentKind,
  name: Line,
  /** SHA-256 of the file, hexadecimal */
  digest: z.string().regex(/^[0-9a-f]{64}$/),
  /** where it is kept */
  storage: Note.max(500),
  /** the delivery it is of: for proofs of delivery and complaints */
  shipmentId: Ref('shipment').optional(),
});

const owner = { 'sales-support-clerk': 'all' } as const;

export const orderDocument = bind(
  procedure({
    name: 'order-document',
    clause: 'O-23',
    events: orderDocumentEvents,
    states: ['registered', 'withdrawn'],
    read: { ...headOffice, 'regional-manager': 'region', salesperson: 'own' },
    start: { move: 'register', to: 'registered', by: owner, form, fact: 'registered', daily: true },
    moves: { withdraw: { from: 'registered', to: 'withdrawn', by: owner, fact: 'withdrawn', reason: true } },
  }),
  {
    entity: OrderDocument,
    create: async ({ orderId, shipmentId, ...rest }, work, base) => {
      const sold = await lock(work, order, orderId);
      await requireShipment(work, orderId, rest.kind, shipmentId);
      const [same] = await work.query<{ number: string }>(
        `SELECT number FROM order_document WHERE order_id = $1 AND digest = $2 AND state = 'registered'`,
        [orderId, rest.digest],
      );
      if (same) throw known({ document: same.number }, { field: 'digest' });
      return work.em.create(OrderDocument, {
        ...base,
        ...rest,
        region: sold.region,
        owner: sold.owner,
        orderId,
        orderNumber: sold.number,
        shipment: shipmentId ?? null,
        number: await documentNumber(work, 'DA', work.today),
      });
    },
    follows: { register: again, withdraw: again },
    facts: { registered: fact, withdrawn: fact },
    view: ({ number, orderId, orderNumber, shipment, kind, name, digest, storage, region }) => ({
      number,
      orderId,
      orderNumber,
      shipmentId: shipment,
      kind,
      name,
      digest,
      storage,
      region,
    }),
    filters: { orderId: 'orderId', kind: 'kind' },
  },
);

async function again({ orderId }: OrderDocument, work: Work): Promise<void> {
  await work.em.flush();
  await reassess(work, await lock(work, order, orderId));
}

/** Kinds that tell of one delivery, not of the order. */
const ofDelivery = new Set(['proof-of-delivery', 'complaint']);

/** @throws noSuchShipment, shipmentNeeded */
async function requireShipment(work: Work, orderId: string, kind: string, shipmentId?: string): Promise<void> {
  if (shipmentId === undefined) {
    if (ofDelivery.has(kind)) throw shipmentNeeded({ kind }, { field: 'shipmentId' });
    return;
  }
  const [own] = await work.query(`SELECT FROM shipment WHERE id = $1 AND order_id = $2 AND state <> 'voided'`, [
    shipmentId,
    orderId,
  ]);
  if (!own) throw noSuchShipment({}, { field: 'shipmentId' });
}

function fact({ number, orderId, orderNumber, kind, name, digest, shipment }: OrderDocument) {
  return { number, orderId, orderNumber, kind, name, digest, ...(shipment ? { shipmentId: shipment } : {}) };
}

const known = domainError({
  code: 'orders.order-document.known',
  kind: 'conflict',
  rule: 'O-23',
  en: 'This very file is in the order’s archive already, as {document}.',
  zh: '该文件已作为{document}归入本订单档案。',
});
const shipmentNeeded = domainError({
  code: 'orders.order-document.shipment-needed',
  kind: 'unprocessable',
  rule: 'O-23',
  en: 'A {kind} belongs to one delivery: name its shipping order.',
  zh: '此类文件（{kind}）属于某次交货，须注明出货单。',
});
const noSuchShipment = domainError({
  code: 'orders.order-document.no-such-shipment',
  kind: 'unprocessable',
  rule: 'O-23',
  en: 'The order has no such shipping order, or it was voided.',
  zh: '本订单没有该出货单，或该出货单已作废。',
});
