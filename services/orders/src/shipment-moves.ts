import { priceViolationEvents } from '@fenxiao/contracts/prices';
import { domainError } from '@fenxiao/domain/domain-error';
import { newId } from '@fenxiao/domain/id';
import { Money } from '@fenxiao/domain/money';
import { Percentage } from '@fenxiao/domain/percentage';
import { Quantity } from '@fenxiao/domain/quantity';
import { UnitPrice } from '@fenxiao/domain/unit-price';
import { hasRole } from '@fenxiao/service-kit/actor';
import { bind, follow, lock, type Bound } from '@fenxiao/service-kit/engine';
import { documentNumber } from '@fenxiao/service-kit/numbers';
import type { Work } from '@fenxiao/service-kit/work';
import { arrive, delivered, departure, notYet, undelivered } from './delivery.js';
import { lockAccount } from './distributor.js';
import { bill } from './invoicing.js';
import { isShipped, totalsOf } from './lines.js';
import { order } from './order-moves.js';
import type { Order } from './order-tables.js';
import { takeBack } from './quality/holds.js';
import { requireFit } from './quality/substitution.js';
import { costReaders } from './readers.js';
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
    // O-06: who wants all or nothing gets nothing before all of it is there
    if (!shippable.has(sold.state) || (sold.state === 'backordered' && !sold.partialAllowed))
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
      promisedOn: sold.promisedOn,
      ...undelivered(),
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
          returned: Quantity.zero,
          credited: Quantity.zero,
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
    dispatch: async (subject, { carrier, vehicle, freight, shippedOn = '', departedAt }, work) => {
      const date = shippedOn || work.today;
      if (date > work.today) throw notYet({ date }, { field: 'shippedOn' });
      Object.assign(subject, {
        carrier: carrier ?? null,
        vehicle: vehicle ?? null,
        freight: freight === undefined ? null : Money.of(freight),
        shippedOn: date,
        departedAt: departure(work, date, departedAt),
        dispatchedAt: work.now,
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
      await requireFit(work, lines);
      await setCosts(work, lines, date);
      for (const { orderLine, quantity, gross } of lines) {
        const line = sold.lines.getItems().find((candidate) => candidate.line === orderLine)!;
        line.allocated = line.allocated.minus(quantity);
        line.shipped = line.shipped.plus(quantity);
        sold.unshipped = sold.unshipped.minus(gross);
      }
      reportViolations(work, sold, subject);
    },
    sign: (subject, form, work) => arrive(work, subject, form),
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
      await bill(work, subject);
      const sold = await lock(work, order, subject.orderId);
      const all = sold.lines.getItems().every(isShipped);
      await follow(work, order, sold, all ? 'shipAll' : 'shipPart', { shipmentId: subject.id });
    },
    void: async (subject, work) => {
      await takeBack(work, subject.orderId, `${subject.number}: voided`);
    },
    sign: async (subject, work) => {
      const sold = await lock(work, order, subject.orderId);
      const [open] = await work.query(
        `SELECT FROM shipment WHERE order_id = $1 AND id <> $2 AND state NOT IN ('signed', 'voided') LIMIT 1`,
        [sold.id, subject.id],
      );
      const all = !open && sold.lines.getItems().every(isShipped);
      if (!all) return follow(work, order, sold, 'deliverPart', { shipmentId: subject.id });
      const { id: shipmentId, deliveredOn } = subject;
      await follow(work, order, sold, 'deliverAll', { shipmentId, deliveredOn });
      await follow(work, order, sold, 'complete');
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
      ...(subject.departedAt ? { departedAt: subject.departedAt.toISOString() } : {}),
      ...(subject.promisedOn ? { promisedOn: subject.promisedOn } : {}),
    }),
    received: (subject, _, work) => ({ ...ref(subject, _, work), ...delivered(subject) }),
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
    promisedOn: subject.promisedOn,
    departedAt: subject.departedAt,
    arrivedAt: subject.arrivedAt,
    signer: subject.signer,
    proof: subject.proof,
    damaged: subject.damaged,
    net: subject.net,
    tax: subject.tax,
    gross: subject.gross,
    historic: subject.historic,
    ...(subject.lines.isInitialized()
      ? {
          lines: subject.lines.getItems().map((line) => ({
            ...lineFact(line),
            returned: line.returned,
            ...(hasRole(actor, costReaders) ? { cost: line.cost } : {}),
          })),
        }
      : {}),
  }),
  filters: { orderId: 'orderId', number: 'number', distributorId: 'distributor' },
});

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
