import { newId } from '@fenxiao/domain/id';
import { orderEvents, shipmentEvents, invoiceEvents, paymentEvents } from '@fenxiao/contracts/orders';
import type { FactData } from '@fenxiao/contracts/event';
import type { OutboxRow } from '@fenxiao/messaging/outbox';
import { anEvent } from './stack.js';

const money = (fen: number) =>
  `${fen < 0 ? '-' : ''}${Math.trunc(Math.abs(fen) / 100)}.${String(Math.abs(fen) % 100).padStart(2, '0')}`;

interface Wanted {
  id?: string;
  number?: string;
  distributorId?: string;
  regionId?: string;
  orderedOn?: string;
  segment?: string;
  channel?: 'direct' | 'online' | 'telephone' | 'shop';
  salespersonId?: string;
  /** each line's net in fen, and its family */
  lines?: { net: number; family?: string; product?: string }[];
}

export type Sale = ReturnType<typeof anOrder>;

/** An order, and the events of its life: `anOrder({ lines: [{ net: 100_01 }] }).submitted()`. Tax is 13 %. */
export function anOrder(wanted: Wanted = {}) {
  const {
    id = newId(),
    number = `DD-${id.slice(-6)}`,
    distributorId = newId(),
    regionId = newId(),
    orderedOn = '2026-03-05',
  } = wanted;
  const {
    segment = 'regional-distributor',
    channel = 'direct',
    salespersonId,
    lines: wantedLines = [{ net: 100_00 }],
  } = wanted;
  const lines = wantedLines.map(({ net, family = 'floor tiles', product = newId() }, i) => {
    const tax = Math.round(net * 0.13);
    return {
      line: i + 1,
      productId: product,
      productCode: `P-${i + 1}`,
      family,
      quantity: '2.500',
      listPrice: '40.0000',
      unitPrice: '40.0000',
      discount: '0',
      gift: false,
      deviation: '0',
      taxRate: '13',
      net: money(net),
      tax: money(tax),
      gross: money(net + tax),
    };
  });
  const net = wantedLines.reduce((sum, line) => sum + line.net, 0);
  const tax = wantedLines.reduce((sum, line) => sum + Math.round(line.net * 0.13), 0);
  const totals = { net: money(net), tax: money(tax), gross: money(net + tax) };
  const ref = { number, distributorId, regionId, currency: 'CNY', net: totals.net };
  const whole: FactData<typeof orderEvents.submitted> = {
    ...ref,
    ...totals,
    distributorCode: 'D-1',
    segment,
    channel,
    orderedOn,
    promisedOn: orderedOn,
    lines,
    ...(salespersonId ? { salespersonId } : {}),
  };
  let sequence = 0;
  const next = (time = `${orderedOn}T02:00:00Z`, to = 'submitted') => ({
    sequence: ++sequence,
    time,
    region: regionId,
    actor: salespersonId ?? 'system',
    role: 'order-clerk',
    move: {
      procedure: 'order',
      name: to,
      from: 'draft',
      to,
      enteredAt: `${orderedOn}T01:00:00.000Z`,
    },
  });
  const document = { orderId: id, distributorId, regionId, currency: 'CNY', ...totals };
  const shipmentId = newId();
  return {
    id,
    number,
    distributorId,
    regionId,
    netFen: net,
    shippedOn: orderedOn,
    created: (): OutboxRow =>
      anEvent(
        orderEvents.created,
        id,
        {
          ...ref,
          lines: lines.length,
        },
        next(undefined, 'draft'),
      ),
    submitted: (time?: string): OutboxRow => anEvent(orderEvents.submitted, id, whole, next(time)),
    confirmed: (): OutboxRow =>
      anEvent(
        orderEvents.confirmed,
        id,
        {
          ...ref,
          gross: totals.gross,
          promisedOn: orderedOn,
          straightThrough: true,
        },
        next(undefined, 'confirmed'),
      ),
    withdrawn: (): OutboxRow => anEvent(orderEvents.withdrawn, id, whole, next(undefined, 'draft')),
    cancelled: (submitted = true, time?: string): OutboxRow =>
      anEvent(
        orderEvents.cancelled,
        id,
        {
          ...whole,
          submitted,
        },
        next(time, 'cancelled'),
      ),
    recorded: (state: string): OutboxRow =>
      anEvent(
        orderEvents.recorded,
        id,
        {
          ...whole,
          state,
          findings: [],
        },
        next(undefined, state),
      ),
    delivered: (onTime: boolean): OutboxRow =>
      anEvent(
        orderEvents.delivered,
        id,
        {
          ...ref,
          shipmentId,
          onTime,
        },
        next(undefined, 'delivered'),
      ),
    dispatched: (shippedOn = orderedOn): OutboxRow =>
      anEvent(shipmentEvents.dispatched, shipmentId, {
        number: `CH-${number}`,
        orderNumber: number,
        shippedOn,
        ...document,
        distributorCode: 'D-1',
        segment,
        channel,
        lines: lines.map(({ line, productId, productCode, family, quantity, unitPrice, net: n, tax: t, gross }) => ({
          line,
          orderLine: line,
          productId,
          productCode,
          family,
          quantity,
          unitPrice,
          net: n,
          tax: t,
          gross,
          grade: 'A',
          colourNumber: 'C1',
          batch: 'B1',
        })),
      }),
    invoiced: (invoicedOn = orderedOn): OutboxRow =>
      anEvent(invoiceEvents.issued, newId(), {
        number: `FP-${number}`,
        ...document,
        shipmentId,
        invoicedOn,
        dueOn: invoicedOn,
        distributorCode: 'D-1',
        segment,
        channel,
        lines: lines.map(({ line, productId, productCode, family, quantity, unitPrice, net: n, tax: t, gross }) => ({
          line,
          productId,
          productCode,
          family,
          quantity,
          unitPrice,
          net: n,
          tax: t,
          gross,
        })),
      }),
    paid: (receivedOn = orderedOn): OutboxRow =>
      anEvent(paymentEvents.received, newId(), {
        number: `SK-${number}`,
        distributorId,
        distributorCode: 'D-1',
        regionId,
        receivedOn,
        currency: 'CNY',
        amount: totals.gross,
        matched: [],
        unapplied: totals.gross,
      }),
  };
}

/** So many orders with cents that do not come out even, on several days, in several regions. */
export function orders(count: number, { regions = [newId(), newId()] } = {}): Sale[] {
  return Array.from({ length: count }, (_, i) =>
    anOrder({
      regionId: regions[i % regions.length]!,
      orderedOn: `2026-03-${String((i % 28) + 1).padStart(2, '0')}`,
      lines: [
        { net: 1001 + 37 * i },
        {
          net: 99 + i,
          family: 'wall tiles',
        },
      ],
    }),
  );
}
