import { productionRequestEvents } from '@fenxiao/contracts/production';
import { CalendarDate, Code, Instant, Line, Note, QuantityText, Ref } from '@fenxiao/contracts/wire';
import { workingDays } from '@fenxiao/domain/business-calendar';
import { Quantity } from '@fenxiao/domain/quantity';
import { procedure } from '@fenxiao/procedures/procedure';
import { columns, subjectColumns } from '@fenxiao/service-kit/columns';
import { bind, follow, lock, open } from '@fenxiao/service-kit/engine';
import { documentNumber } from '@fenxiao/service-kit/numbers';
import type { Work } from '@fenxiao/service-kit/work';
import { defineEntity } from '@mikro-orm/core';
import { z } from 'zod';
import { salesReaders } from '../readers.js';

/**
 * O-31 Production request 排产: asked by a large order that stock does not cover; production answers within a working day,
 * and the date it gives is what the customer is promised. What its moves do to the order stands in `request-moves.ts`.
 */
const ProductionRequestSchema = defineEntity({
  name: 'ProductionRequest',
  tableName: 'production_request',
  properties: (p) => ({
    ...subjectColumns,
    number: p.text(),
    orderId: p.uuid(),
    orderNumber: p.text(),
    distributor: p.uuid(),
    distributorCode: p.text(),
    product: p.uuid(),
    productCode: p.text(),
    family: p.text(),
    quantity: columns.quantity(),
    needDate: columns.date(),
    shortageAt: p.datetime(),
    scheduledOn: columns.date().strictNullable(),
    firstScheduledOn: columns.date().strictNullable(),
    scheduledQuantity: columns.quantity().strictNullable(),
    finishedOn: columns.date().strictNullable(),
    received: columns.quantity().strictNullable(),
    receivedOn: columns.date().strictNullable(),
    why: p.text().strictNullable(),
  }),
});
export class ProductionRequest extends ProductionRequestSchema.class {}
ProductionRequestSchema.setClass(ProductionRequest);

/** Filled in by the order that asks, never by a person. */
const request = z.object({
  orderId: Ref('order'),
  orderNumber: Line,
  distributorId: Ref('distributor'),
  distributorCode: Code,
  regionId: Ref('region'),
  salespersonId: Line.nullable(),
  productId: Ref('product'),
  productCode: Code,
  family: Line,
  quantity: QuantityText,
  needDate: CalendarDate,
  shortageAt: Instant,
});

const production = { 'production-department': 'all' } as const;
const schedule = z.object({ scheduledOn: CalendarDate, quantity: QuantityText });
const receipt = z.object({ warehouse: Code, batch: Code, quantity: QuantityText, grade: Line.max(40).optional() });

export const productionRequestProcedure = procedure({
  name: 'production-request',
  clause: 'O-31',
  class: 'confidential',
  events: productionRequestEvents,
  states: [
    ...(['requested', 'acknowledged', 'scheduled', 'in-production', 'finished'] as const),
    ...(['received-into-stock', 'declined', 'withdrawn'] as const),
  ],
  read: { ...salesReaders, ...production, 'technical-department': 'all', 'finished-goods-keeper': 'all' },
  page: { title: 'production-request', sign: ['sales-manager', 'production-department', 'finished-goods-keeper'] },
  start: { move: 'request', clause: 'O-03', to: 'requested', by: { system: 'all' }, form: request, fact: 'requested' },
  moves: {
    acknowledge: {
      from: 'requested',
      to: 'acknowledged',
      by: production,
      fact: 'acknowledged',
      daily: true,
      clock: { within: workingDays(1), keptBy: ['schedule', 'decline'], escalateTo: 'branch-general-manager' },
    },
    schedule: {
      from: ['requested', 'acknowledged'],
      to: 'scheduled',
      by: production,
      form: schedule,
      fact: 'scheduled',
    },
    reschedule: {
      from: ['scheduled', 'in-production'],
      by: production,
      form: schedule,
      fact: 'rescheduled',
      reason: true,
    },
    start: { from: 'scheduled', to: 'in-production', by: production, fact: 'started', daily: true },
    finish: { from: 'in-production', to: 'finished', by: production, fact: 'finished', daily: true },
    receive: {
      from: 'finished',
      to: 'received-into-stock',
      by: { 'finished-goods-keeper': 'all' },
      form: receipt,
      fact: 'received-into-stock',
      daily: true,
    },
    decline: {
      from: ['requested', 'acknowledged', 'scheduled'],
      to: 'declined',
      by: production,
      form: z.object({ why: Note }),
      fact: 'declined',
    },
    /** the order it was made for was taken back or cancelled; what is being made is finished and goes into stock */
    withdraw: {
      from: ['requested', 'acknowledged', 'scheduled'],
      to: 'withdrawn',
      by: { system: 'all' },
      fact: 'withdrawn',
    },
  },
});

export const productionRequestAsked = bind(productionRequestProcedure, {
  entity: ProductionRequest,
  create: async ({ regionId, salespersonId, distributorId, productId, quantity, shortageAt, ...rest }, work, base) =>
    work.em.create(ProductionRequest, {
      ...base,
      ...rest,
      region: regionId,
      owner: salespersonId,
      distributor: distributorId,
      product: productId,
      quantity: Quantity.of(quantity),
      shortageAt: new Date(shortageAt),
      number: await documentNumber(work, 'PC', work.today),
      scheduledOn: null,
      firstScheduledOn: null,
      scheduledQuantity: null,
      finishedOn: null,
      received: null,
      receivedOn: null,
      why: null,
    }),
  facts: {
    requested: fact,
    acknowledged: fact,
    scheduled,
    rescheduled: scheduled,
    started: scheduled,
    finished: (subject) => ({
      ...scheduled(subject),
      finishedOn: subject.finishedOn!,
      onTime: subject.finishedOn! <= subject.firstScheduledOn!,
    }),
    'received-into-stock': (subject, { warehouse, batch }) => ({
      ...scheduled(subject),
      received: String(subject.received),
      receivedOn: subject.receivedOn!,
      warehouse,
      batch,
      onTime: subject.receivedOn! <= subject.firstScheduledOn!,
    }),
    declined: (subject, { why }) => ({ ...fact(subject), why }),
    withdrawn: fact,
  },
  view: (subject) => ({
    number: subject.number,
    orderId: subject.orderId,
    orderNumber: subject.orderNumber,
    distributorId: subject.distributor,
    distributorCode: subject.distributorCode,
    region: subject.region,
    salespersonId: subject.owner,
    productId: subject.product,
    productCode: subject.productCode,
    family: subject.family,
    quantity: subject.quantity,
    needDate: subject.needDate,
    scheduledOn: subject.scheduledOn,
    firstScheduledOn: subject.firstScheduledOn,
    scheduledQuantity: subject.scheduledQuantity,
    finishedOn: subject.finishedOn,
    received: subject.received,
    receivedOn: subject.receivedOn,
    why: subject.why,
  }),
  filters: { orderId: 'orderId', productId: 'product', number: 'number', salespersonId: 'owner' },
});

function fact(subject: ProductionRequest) {
  const { number, orderId, orderNumber, distributor, distributorCode, region, owner } = subject;
  return {
    number,
    orderId,
    orderNumber,
    distributorId: distributor,
    distributorCode,
    regionId: region!,
    productId: subject.product,
    productCode: subject.productCode,
    family: subject.family,
    quantity: String(subject.quantity),
    needDate: subject.needDate,
    shortageAt: subject.shortageAt.toISOString(),
    ...(owner && owner !== 'system' ? { salespersonId: owner } : {}),
  };
}
function scheduled(subject: ProductionRequest) {
  return {
    ...fact(subject),
    scheduledOn: subject.scheduledOn!,
    scheduledQuantity: String(subject.scheduledQuantity),
    firstScheduledOn: subject.firstScheduledOn!,
  };
}

export const askProduction = (work: Work, form: z.input<typeof request>) =>
  open(work, productionRequestAsked, { form, bySystem: true });

/** The requests made for an order as it was handed in last; what had been asked before it was taken back counts no more. */
export const requestsOf = (work: Work, { id, submittedAt }: { id: string; submittedAt: Date | null }) =>
  work.query<{ id: string; state: string; scheduled_on: string | null }>(
    `SELECT id, state, scheduled_on::text FROM production_request
     WHERE order_id = $1 AND shortage_at = $2 AND state <> 'withdrawn' ORDER BY id`,
    [id, submittedAt],
  );

/** Production has not said yet whether it will make it. */
export const unanswered = ({ state }: { state: string }) => state === 'requested' || state === 'acknowledged';

/** The latest date that production gave for what the order needs: the whole is there by then. */
export function promiseOf(requests: readonly { state: string; scheduled_on: string | null }[]): string | undefined {
  const dates = requests.flatMap(({ state, scheduled_on }) =>
    state === 'declined' || scheduled_on === null ? [] : scheduled_on,
  );
  return dates.toSorted().at(-1);
}

/** The order is taken back or cancelled: what production has not begun need not be made, and it is told. */
export async function withdrawRequests(work: Work, orderId: string): Promise<void> {
  const rows = await work.query<{ id: string }>(
    `SELECT id FROM production_request WHERE order_id = $1 AND state IN ('requested', 'acknowledged', 'scheduled') ORDER BY id`,
    [orderId],
  );
  for (const { id } of rows) {
    const subject = await lock(work, productionRequestAsked, id);
    await follow(work, productionRequestAsked, subject, 'withdraw');
    const { number, state } = subject;
    work.notify(
      { kind: 'information', procedure: 'production-request', about: id, number, state, to: { powers: production } },
      'O-31',
    );
  }
}
