import { priceViolationEvents } from '@fenxiao/contracts/orders';
import { domainError } from '@fenxiao/domain/domain-error';
import { newId } from '@fenxiao/domain/id';
import { Money } from '@fenxiao/domain/money';
import { Percentage } from '@fenxiao/domain/percentage';
import { UnitPrice } from '@fenxiao/domain/unit-price';
import { bind, follow, lock, open, type Bound } from '@fenxiao/service-kit/engine';
import { documentNumber } from '@fenxiao/service-kit/numbers';
import type { Work } from '@fenxiao/service-kit/work';
import { lockAccount } from './distributor.js';
import { goodsOf, invoice } from './invoice.js';
import { totalsOf } from './lines.js';
import { order } from './order-moves.js';
import type { Order } from './order-tables.js';
import { amountsFor, amountsOnShipments, choose, giveBack, takeReservations } from './shipment-lines.js';
import { Shipment, ShipmentLine } from './shipment-tables.js';
import { shipmentProcedure } from './shipment.js';
import { moveStock } from './stock.js';

/** What the moves of a shipping order do to the order, the stock and the customer's account. */
export const shipment: Bound<Shipment, typeof shipmentProcedure> = bind(shipmentProcedure, {
  entity: Shipment,
  populate: ['lines'],

  create: async ({ orderId, lines: wanted }, work, base) => {
    const sold = await lock(work, order, orderId);
    if (!shippable.has(sold.state))
      throw orderNotReady({ order: sold.number, state: sold.state }, { field: 'orderId' });
    const subject = work.em.create(Shipment, {
      ...base,
      region: sold.region,
      owner: sold.owner,
      number: await documentNumber(work, 'CH', work.today),
      orderId,
      orderNumber: sold.number,
      distributor: sold.distributor,
      distributorCode: sold.distributorCode,
      segment: sold.segment,
      channel: sold.channel,
      shippedOn: null,
      deliveredOn: null,
      carrier: null,
      vehicle: null,
      freight: null,
      damage: null,
      historic: false,
      net: Money.zero,
      tax: Money.zero,
      gross: Money.zero,
    });
    const chosen = await choose(work, sold, wanted);
    if (chosen.length === 0) throw nothingReserved({ order: sold.number });
    const billed = await amountsOnShipments(work, orderId);
    chosen.forEach((part, i) => {
      const amounts = amountsFor(part.line, part.quantity, billed);
      const { line, ...stock } = part;
      const { product, productCode, family, unitPrice } = line;
      subject.lines.add(
        work.em.create(ShipmentLine, {
          shipment: subject,
          line: i + 1,
          orderLine: line.line,
          product,
          productCode,
          family,
          unitPrice,
          cost: null,
          ...stock,
          ...amounts,
        }),
      );
      line.issued = line.issued.plus(part.quantity);
    });
    Object.assign(subject, totalsOf(subject.lines.getItems()));
    await takeReservations(work, orderId, chosen);
    return subject;
  },

  effects: {
    dispatch: async (subject, { carrier, vehicle, freight, shippedOn = '' }, work) => {
      const date = shippedOn || work.today;
      if (date > work.today) throw notYet({ date }, { field: 'shippedOn' });
      Object.assign(subject, {
        carrier: carrier ?? null,
        vehicle: vehicle ?? null,
        freight: freight === undefined ? null : Money.of(freight),
        shippedOn: date,
      });
      const sold = await lock(work, order, subject.orderId);
      await lockAccount(work, subject.distributor);
      const lines = subject.lines.getItems();
      await moveStock(
        work,
        'issued',
        lines.map(({ stockItem, quantity }) => ({ stockItem: stockItem!, quantity })),
        { orderId: sold.id, shipmentId: subject.id },
      );
      await setCosts(work, lines, date);
      for (const { orderLine, quantity, gross } of lines) {
        const line = sold.lines.getItems().find((candidate) => candidate.line === orderLine)!;
        line.allocated = line.allocated.minus(quantity);
        line.shipped = line.shipped.plus(quantity);
        sold.unshipped = sold.unshipped.minus(gross);
      }
      reportViolations(work, sold, subject);
    },
    sign: (subject, { deliveredOn = '', damage }, work) => {
      const date = deliveredOn || work.today;
      if (date > work.today || date < subject.shippedOn!) throw notYet({ date }, { field: 'deliveredOn' });
      Object.assign(subject, { deliveredOn: date, damage: damage ?? null });
    },
    void: async (subject, _, work) => {
      const sold = await lock(work, order, subject.orderId);
      const parts = subject.lines.getItems();
      for (const { orderLine, quantity } of parts) {
        const line = sold.lines.getItems().find((candidate) => candidate.line === orderLine)!;
        line.issued = line.issued.minus(quantity);
      }
      await giveBack(
        work,
        sold.id,
        parts.map(({ orderLine, stockItem, quantity }) => ({ orderLine, stockItem: stockItem!, quantity })),
      );
    },
  },

  follows: {
    dispatch: async (subject, work) => {
      await openInvoice(work, subject);
      const sold = await lock(work, order, subject.orderId);
      const all = sold.lines.getItems().every(({ quantity, shipped }) => shipped.equals(quantity));
      await follow(work, order, sold, all ? 'shipAll' : 'shipPart', { shipmentId: subject.id });
    },
    sign: async (subject, work) => {
      const sold = await lock(work, order, subject.orderId);
      const [open] = await work.query(
        `SELECT FROM shipment WHERE order_id = $1 AND id <> $2 AND state NOT IN ('signed', 'voided') LIMIT 1`,
        [sold.id, subject.id],
      );
      const all = !open && sold.lines.getItems().every(({ quantity, shipped }) => shipped.equals(quantity));
      await follow(work, order, sold, all ? 'deliverAll' : 'deliverPart', { shipmentId: subject.id });
      if (all) await follow(work, order, sold, 'complete');
    },
  },

  facts: {
    issued: (subject, _, work) => ({
      ...ref(subject, _, work),
      net: String(subject.net),
      lines: subject.lines.getItems().map(lineFact),
    }),
    picked: ref,
    dispatched: (subject, _, work) => ({
      ...goods(subject, _, work),
      ...(subject.carrier ? { carrier: subject.carrier } : {}),
      ...(subject.vehicle ? { vehicle: subject.vehicle } : {}),
      ...(subject.freight ? { freight: String(subject.freight) } : {}),
    }),
    received: (subject, _, work) => ({
      ...ref(subject, _, work),
      deliveredOn: subject.deliveredOn!,
      ...(subject.damage ? { damage: subject.damage } : {}),
    }),
    voided: ref,
    recorded: goods,
  },

  view: (subject, actor) => ({
    number: subject.number,
    orderId: subject.orderId,
    orderNumber: subject.orderNumber,
    distributorId: subject.distributor,
    distributorCode: subject.distributorCode,
    region: subject.region,
    shippedOn: subject.shippedOn,
    deliveredOn: subject.deliveredOn,
    carrier: subject.carrier,
    vehicle: subject.vehicle,
    freight: subject.freight,
    damage: subject.damage,
    net: subject.net,
    tax: subject.tax,
    gross: subject.gross,
    historic: subject.historic,
    ...(subject.lines.isInitialized()
      ? {
          lines: subject.lines.getItems().map((line) => ({
            ...lineFact(line),
            ...(maySeeCost(actor.positions.flatMap(({ roles }) => roles)) ? { cost: line.cost } : {}),
          })),
        }
      : {}),
  }),
  filters: { orderId: 'orderId', number: 'number', distributorId: 'distributor' },
});

/** O-52: cost is confidential. */
const costReaders = new Set(['finance', 'general-manager', 'sales-general-manager', 'auditor']);
const maySeeCost = (roles: readonly string[]) => roles.some((role) => costReaders.has(role));

const shippable = new Set(['allocated', 'backordered', 'partially-shipped', 'partially-delivered']);

async function setCosts(work: Work, lines: readonly ShipmentLine[], date: string): Promise<void> {
  const rows = await work.query<{ product: string; cost: string }>(
    `SELECT DISTINCT ON (product) product, cost::text FROM standard_cost WHERE product = ANY($1) AND valid_from <= $2 ORDER BY product, valid_from DESC`,
    [lines.map(({ product }) => product), date],
  );
  const costOf = new Map(rows.map(({ product, cost }) => [product, UnitPrice.of(cost)]));
  for (const line of lines) {
    const cost = costOf.get(line.product);
    line.cost = cost ? Money.lineNet(cost, line.quantity, Percentage.zero) : null;
  }
}

/** O-12: goods that leave under authority without an approval are reported, whatever let them through. */
function reportViolations(work: Work, sold: Order, subject: Shipment): void {
  if (sold.priceCleared) return;
  for (const { orderLine, product } of subject.lines) {
    const { deviation } = sold.lines.getItems().find(({ line }) => line === orderLine)!;
    if (!deviation?.isNegative()) continue;
    const data = {
      orderId: sold.id,
      shipmentId: subject.id,
      productId: product,
      salespersonId: sold.owner ?? sold.createdBy,
      deviation: String(deviation),
    };
    work.publish(priceViolationEvents.detected, { id: newId(), events: 0 }, data, {
      rule: 'O-12',
      ...(sold.region ? { region: sold.region } : {}),
    });
  }
}

async function openInvoice(work: Work, subject: Shipment): Promise<void> {
  const { id: shipmentId, orderId, distributor: distributorId, region, shippedOn } = subject;
  const amounts = { net: String(subject.net), tax: String(subject.tax), gross: String(subject.gross) };
  const form = {
    orderId,
    shipmentId,
    distributorId,
    regionId: region!,
    invoicedOn: shippedOn!,
    ...amounts,
    ...goodsOf(subject),
  };
  await open(work, invoice, { form, bySystem: true });
}

function ref({ number, orderId, orderNumber, distributor, region }: Shipment, _: unknown, work: Work) {
  return { number, orderId, orderNumber, distributorId: distributor, regionId: region!, currency: work.currency };
}
function goods(subject: Shipment, _: unknown, work: Work) {
  const { distributorCode, segment, channel, owner, shippedOn, net, tax, gross } = subject;
  return {
    ...ref(subject, _, work),
    distributorCode,
    segment,
    channel,
    shippedOn: shippedOn!,
    net: String(net),
    tax: String(tax),
    gross: String(gross),
    lines: subject.lines.getItems().map(lineFact),
    ...(owner && owner !== 'system' ? { salespersonId: owner } : {}),
  };
}
function lineFact(line: ShipmentLine) {
  const { orderLine, product, productCode, family, grade, colourNumber, batch } = line;
  return {
    line: line.line,
    orderLine,
    productId: product,
    productCode,
    family,
    grade,
    colourNumber,
    batch,
    quantity: String(line.quantity),
    unitPrice: String(line.unitPrice),
    net: String(line.net),
    tax: String(line.tax),
    gross: String(line.gross),
  };
}

const orderNotReady = domainError({
  code: 'orders.shipment.order-not-ready',
  kind: 'conflict',
  rule: 'O-04',
  en: 'Order {order} is {state}; a shipping order needs a confirmed one with goods reserved.',
  zh: '订单{order}当前状态为{state}；只能对已确认且已预留货物的订单开具出货单。',
});
const nothingReserved = domainError({
  code: 'orders.shipment.nothing-reserved',
  kind: 'unprocessable',
  rule: 'O-04',
  en: 'Nothing is reserved for order {order}.',
  zh: '订单{order}没有已预留的货物。',
});
const notYet = domainError({
  code: 'orders.shipment.date-out-of-order',
  kind: 'unprocessable',
  rule: 'O-05',
  en: '{date} is in the future, or before the goods left.',
  zh: '日期{date}晚于今天，或早于发货日期。',
});
