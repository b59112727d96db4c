import { orderFileEvents } from '@fenxiao/contracts/collection';
import type { Event } from '@fenxiao/contracts/event';
import { invoiceEvents, orderEvents } from '@fenxiao/contracts/orders';
import { isId } from '@fenxiao/domain/id';
import { EventContext, On } from '@fenxiao/messaging/transport';
import { procedure } from '@fenxiao/procedures/procedure';
import { columns, subjectColumns } from '@fenxiao/service-kit/columns';
import { weekly } from '@fenxiao/service-kit/due';
import { bind, follow, lock, open } from '@fenxiao/service-kit/engine';
import type { Job } from '@fenxiao/service-kit/jobs';
import type { Sql } from '@fenxiao/messaging/sql';
import type { Work } from '@fenxiao/service-kit/work';
import { defineEntity } from '@mikro-orm/core';
import { Controller } from '@nestjs/common';
import { Ctx, Payload } from '@nestjs/microservices';
import { z } from 'zod';
import { order } from '../order-moves.js';
import type { Order } from '../order-tables.js';
import { salesReaders } from '../readers.js';
import { completenessOf, percentOf, type Completeness } from './completeness.js';

/** O-23 The order's file 订单档案: assessed once the order is completed and whenever a paper comes or goes; the support clerk sees what is not complete. */
const OrderFileSchema = defineEntity({
  name: 'OrderFile',
  tableName: 'order_file',
  properties: (p) => ({
    ...subjectColumns,
    orderId: p.uuid(),
    orderNumber: p.text(),
    distributor: p.uuid(),
    distributorCode: p.text(),
    completedOn: columns.date(),
    expected: p.integer(),
    present: p.integer(),
    missing: p.json<readonly string[]>(),
  }),
});
export class OrderFile extends OrderFileSchema.class {}
OrderFileSchema.setClass(OrderFile);

const assessment = z.object({ expected: z.int(), present: z.int(), missing: z.array(z.string()) });
const form = assessment.extend({ orderId: z.uuid() });
const system = { system: 'all' } as const;
const stateOf = ({ missing }: { readonly missing: readonly string[] }) =>
  missing.length === 0 ? ('complete' as const) : ('incomplete' as const);

export const orderFile = bind(
  procedure({
    name: 'order-file',
    clause: 'O-23',
    events: orderFileEvents,
    states: ['incomplete', 'complete'],
    read: salesReaders,
    start: { move: 'assess', to: ['incomplete', 'complete'], by: system, form, fact: 'assessed' },
    moves: {
      reassess: {
        from: ['incomplete', 'complete'],
        to: ['incomplete', 'complete'],
        by: system,
        form: assessment,
        fact: 'assessed',
      },
    },
  }),
  {
    entity: OrderFile,
    create: async ({ orderId, ...found }, work, base) => {
      const sold = await lock(work, order, orderId);
      return work.em.create(OrderFile, {
        ...base,
        ...found,
        state: stateOf(found),
        region: sold.region,
        owner: sold.owner,
        orderId,
        orderNumber: sold.number,
        distributor: sold.distributor,
        distributorCode: sold.distributorCode,
        completedOn: work.today,
      });
    },
    effects: {
      reassess: (subject, found) => {
        Object.assign(subject, found);
        return stateOf(found);
      },
    },
    facts: {
      assessed: (subject) => ({
        orderId: subject.orderId,
        orderNumber: subject.orderNumber,
        distributorId: subject.distributor,
        distributorCode: subject.distributorCode,
        regionId: subject.region!,
        completedOn: subject.completedOn,
        expected: subject.expected,
        present: subject.present,
        missing: [...subject.missing],
        complete: subject.missing.length === 0,
        completeness: String(percentOf(subject)),
        ...(subject.owner && isId(subject.owner) ? { salespersonId: subject.owner } : {}),
      }),
    },
    view: (subject) => ({
      orderId: subject.orderId,
      orderNumber: subject.orderNumber,
      distributorId: subject.distributor,
      region: subject.region,
      completedOn: subject.completedOn,
      expected: subject.expected,
      present: subject.present,
      missing: subject.missing,
      completeness: percentOf(subject),
    }),
    filters: { orderId: 'orderId', distributorId: 'distributor' },
  },
);

/** What the system and the register have of an order, against what should be there. */
export async function assess(sql: Sql, orderId: string): Promise<Completeness> {
  const deliveries = await sql.query<{
    number: string;
    damaged: boolean;
    invoiced: boolean;
    proof: boolean;
    complaint: boolean;
  }>(
    `SELECT s.number, s.damage IS NOT NULL AS damaged, 
       -- what costs nothing is not billed
       s.gross = 0 OR EXISTS (SELECT FROM invoice i WHERE i.shipment = s.id AND i.shipments IS NULL)
         OR EXISTS (SELECT FROM invoice_shipment b WHERE b.shipment = s.id) AS invoiced,
       EXISTS (SELECT FROM order_document d WHERE ${registered} AND d.kind = 'proof-of-delivery' AND d.shipment = s.id) AS proof,
       EXISTS (SELECT FROM order_document d WHERE ${registered} AND d.kind = 'complaint' AND d.shipment = s.id) AS complaint
     FROM shipment s WHERE s.order_id = $1 AND s.state <> 'voided' ORDER BY s.number`,
    [orderId],
  );
  const [contract] = await sql.query(
    `SELECT FROM order_document d WHERE ${registered} AND d.kind = 'contract' LIMIT 1`,
    [orderId],
  );
  return completenessOf(contract !== undefined, deliveries);
}
const registered = `d.order_id = $1 AND d.state = 'registered'`;

/** Again, where the file is kept already; the order is locked, so that a paper and the completion do not miss each other. */
export async function reassess(work: Work, { id }: Order): Promise<void> {
  const [kept] = await work.query<{ id: string }>('SELECT id FROM order_file WHERE order_id = $1', [id]);
  if (!kept) return;
  const found = await assess(work, id);
  await follow(work, orderFile, await lock(work, orderFile, kept.id), 'reassess', found);
}

@Controller()
export class OrderFileReactions {
  @On(orderEvents.completed)
  async completed(@Payload() { subject }: Event, @Ctx() { work }: EventContext<Work>): Promise<void> {
    await lock(work, order, subject);
    const form = { orderId: subject, ...(await assess(work, subject)) };
    await open(work, orderFile, { form, bySystem: true });
  }

  /** O-50: a month's invoice comes after its orders are complete. */
  @On(invoiceEvents.issued)
  async invoiced(
    @Payload() { data }: Event<typeof invoiceEvents.issued>,
    @Ctx() { work }: EventContext<Work>,
  ): Promise<void> {
    const orders = new Set(data.shipments?.map(({ orderId }) => orderId) ?? [data.orderId]);
    for (const id of [...orders].toSorted()) await reassess(work, await lock(work, order, id));
  }
}

/** Whoever keeps the archive is told every Monday how many files are not complete. */
export const incompleteFiles: Job = {
  name: 'incomplete-order-files',
  clause: 'O-23',
  due: weekly(1, '09:00'),
  missed: 'latest',
  run: async (work) => {
    const [row] = await work.query<{ n: number }>(
      `SELECT count(*)::int AS n FROM order_file WHERE state = 'incomplete'`,
    );
    if (row!.n === 0) return;
    const to = { powers: { 'sales-support-clerk': 'all' } };
    work.notify({ kind: 'reminder', procedure: 'order-file', state: 'incomplete', detail: String(row!.n), to }, 'O-23');
  },
};
