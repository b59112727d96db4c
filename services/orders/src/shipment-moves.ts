import { priceViolationEvents } from '@fenxiao/contracts/orders';
import { domainError } from '@fenxiao/domain/domain-error';
import { newId } from '@fenxiao/domain/id';
import { Money } from '@fenxiao/domain/money';
import { Percentage } from '@fenxiao/domain/percentage';
import { Quantity } from '@fenxiao/domain/quantity';
import { UnitPrice } from '@fenxiao/domain/unit-price';
import { bind, follow, lock, open, type Bound } from '@fenxiao/service-kit/engine';
import { documentNumber } from '@fenxiao/service-kit/numbers';
import type { Work } from '@fenxiao/service-kit/work';
import { lockAccount } from './distributor.js';
import { invoice } from './invoice.js';
import { totalsOf } from './lines.js';
import { order } from './order-moves.js';
import type { Order, OrderLine } from './order-tables.js';
import { shareOf } from './pricing.js';
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
      ...{
        ...base,
        region: sold.region,
        owner: sold.owner,
        number: await documentNumber(work, 'CH', work.today),
        orderId,
        orderNumber: sold.number,
      },
      ...{
        distributor: sold.distributor,
        distributorCode: sold.distributorCode,
        segment: sold.segment,
        channel: sold.channel,
      },
      ...{
        shippedOn: null,
        deliveredOn: null,
        carrier: null,
        vehicle: null,
        freight: null,
        damage: null,
        historic: false,
      },
      ...{ net: Money.zero, tax: Money.zero, gross: Money.zero },
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
      for (const { orderLine, stockItem, quantity } of subject.lines) {
        const line = sold.lines.getItems().find((candidate) => candidate.line === orderLine)!;
        line.issued = line.issued.minus(quantity);
        await work.query(
          `INSERT INTO reservation (order_id, line, stock_item, quantity) VALUES ($1, $2, $3, $4)
           ON CONFLICT (order_id, line, stock_item) DO UPDATE SET quantity = reservation.quantity + excluded.quantity`,
          [sold.id, orderLine, stockItem, String(quantity)],
        );
      }
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
    ...{
      number: subject.number,
      orderId: subject.orderId,
      orderNumber: subject.orderNumber,
      distributorId: subject.distributor,
      distributorCode: subject.distributorCode,
    },
    ...{
      region: subject.region,
      shippedOn: subject.shippedOn,
      deliveredOn: subject.deliveredOn,
      carrier: subject.carrier,
      vehicle: subject.vehicle,
    },
    ...{
      freight: subject.freight,
      damage: subject.damage,
      net: subject.net,
      tax: subject.tax,
      gross: subject.gross,
      historic: subject.historic,
    },
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

interface Chosen {
  readonly line: OrderLine;
  readonly stockItem: string;
  readonly batch: string;
  readonly grade: string;
  readonly colourNumber: string;
  readonly quantity: Quantity;
}

/** The reservations a shipping order takes: all of them, or those of the lines, quantities and batches asked for. */
async function choose(
  work: Work,
  sold: Order,
  wanted: readonly { orderLine: number; quantity: string; batch?: string | undefined }[] | undefined,
): Promise<Chosen[]> {
  const rows = await work.query<{
    line: number;
    stock_item: string;
    batch: string;
    grade: string;
    colour_number: string;
    quantity: string;
  }>(
    `SELECT r.line, r.stock_item, s.batch, s.grade, p.colour_number, r.quantity::text FROM reservation r
     JOIN stock_item s ON s.id = r.stock_item JOIN product p ON p.id = s.product WHERE r.order_id = $1 ORDER BY r.line, s.received_on, s.batch`,
    [sold.id],
  );
  const lineOf = new Map(sold.lines.getItems().map((line) => [line.line, line]));
  const reserved = rows.map(({ line, stock_item, colour_number, quantity, ...rest }) => ({
    ...{
      ...rest,
      line: lineOf.get(line)!,
      stockItem: stock_item,
      colourNumber: colour_number,
      quantity: Quantity.of(quantity),
    },
  }));
  if (!wanted) return reserved;
  const chosen: Chosen[] = [];
  for (const [i, { orderLine, quantity: text, batch }] of wanted.entries()) {
    const at = { field: `lines.${i}.quantity` };
    const line = lineOf.get(orderLine);
    if (!line) throw noSuchLine({ line: orderLine }, { field: `lines.${i}.orderLine` });
    let rest = Quantity.of(text);
    const ordered = line.quantity
      .minus(line.issued)
      .minus(Quantity.sum(chosen.filter((part) => part.line === line).map(({ quantity }) => quantity)));
    if (!rest.isPositive() || rest.compare(ordered) > 0)
      throw aboveOrdered({ line: orderLine, left: String(ordered) }, at);
    if (batch !== undefined) await requireSameGrade(work, line, batch, i);
    for (const part of reserved.filter(
      (candidate) => candidate.line === line && (batch === undefined || candidate.batch === batch),
    )) {
      const used = Quantity.sum(
        chosen
          .filter(({ line: of, stockItem }) => of === line && stockItem === part.stockItem)
          .map(({ quantity }) => quantity),
      );
      const quantity = part.quantity.minus(used).min(rest);
      if (!quantity.isPositive()) continue;
      chosen.push({ ...part, quantity });
      rest = rest.minus(quantity);
    }
    if (rest.isPositive()) throw notReserved({ line: orderLine, missing: String(rest) }, at);
  }
  return chosen;
}

/** O-42 不以次充好: goods of another grade are never shipped for those ordered. */
async function requireSameGrade(work: Work, line: OrderLine, batch: string, i: number): Promise<void> {
  const rows = await work.query<{ grade: string; ordered: string }>(
    'SELECT s.grade, p.grade AS ordered FROM stock_item s JOIN product p ON p.id = $1 WHERE s.product = $1 AND s.batch = $2',
    [line.product, batch],
  );
  const other = rows.find(({ grade, ordered }) => grade !== ordered);
  if (other) throw otherGrade({ batch, grade: other.grade, ordered: other.ordered }, { field: `lines.${i}.batch` });
}

/** Net, tax and gross that live shipping orders have taken of each line. */
async function amountsOnShipments(
  work: Work,
  orderId: string,
): Promise<Map<number, { net: Money; tax: Money; gross: Money }>> {
  const rows = await work.query<{ order_line: number; net: string; tax: string; gross: string }>(
    `SELECT l.order_line, sum(l.net)::text AS net, sum(l.tax)::text AS tax, sum(l.gross)::text AS gross FROM shipment_line l
     JOIN shipment s ON s.id = l.shipment WHERE s.order_id = $1 AND s.state <> 'voided' GROUP BY l.order_line`,
    [orderId],
  );
  return new Map(
    rows.map(({ order_line, net, tax, gross }) => [
      order_line,
      { net: Money.of(net), tax: Money.of(tax), gross: Money.of(gross) },
    ]),
  );
}

/** A part's amounts; the last part of a line takes what is left, so that deliveries add up to the line to the fen. */
function amountsFor(
  line: OrderLine,
  quantity: Quantity,
  billed: Map<number, { net: Money; tax: Money; gross: Money }>,
) {
  const before = billed.get(line.line) ?? { net: Money.zero, tax: Money.zero, gross: Money.zero };
  const last = line.issued.plus(quantity).equals(line.quantity);
  const take = (whole: Money, taken: Money) => (last ? whole.minus(taken) : shareOf(whole, quantity, line.quantity));
  const gross = take(line.gross, before.gross);
  const net = take(line.net, before.net);
  const amounts = { net, tax: gross.minus(net), gross };
  billed.set(line.line, {
    net: before.net.plus(net),
    tax: before.tax.plus(amounts.tax),
    gross: before.gross.plus(gross),
  });
  return amounts;
}

async function takeReservations(work: Work, orderId: string, chosen: readonly Chosen[]): Promise<void> {
  await work.query(
    `UPDATE reservation r SET quantity = r.quantity - t.quantity FROM unnest($2::int[], $3::uuid[], $4::numeric[]) t(line, stock_item, quantity)
     WHERE r.order_id = $1 AND r.line = t.line AND r.stock_item = t.stock_item AND r.quantity > t.quantity`,
    [orderId, ...columnsOf(chosen)],
  );
  await work.query(
    `DELETE FROM reservation r USING unnest($2::int[], $3::uuid[], $4::numeric[]) t(line, stock_item, quantity)
     WHERE r.order_id = $1 AND r.line = t.line AND r.stock_item = t.stock_item AND r.quantity = t.quantity`,
    [orderId, ...columnsOf(chosen)],
  );
}
const columnsOf = (chosen: readonly Chosen[]) => [
  chosen.map(({ line }) => line.line),
  chosen.map(({ stockItem }) => stockItem),
  chosen.map(({ quantity }) => String(quantity)),
];

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
  const { id: shipmentId, orderId, distributor: distributorId, region, owner: salespersonId, shippedOn } = subject;
  const lines = subject.lines.getItems().map(({ line, product, family, quantity, net, tax, gross }) => ({
    ...{
      line,
      productId: product,
      family,
      quantity: String(quantity),
      net: String(net),
      tax: String(tax),
      gross: String(gross),
    },
  }));
  const amounts = { net: String(subject.net), tax: String(subject.tax), gross: String(subject.gross) };
  const form = {
    orderId,
    shipmentId,
    distributorId,
    regionId: region!,
    salespersonId,
    invoicedOn: shippedOn!,
    ...amounts,
    lines,
  };
  await open(work, invoice, { form, bySystem: true });
}

function ref({ number, orderId, orderNumber, distributor, region }: Shipment, _: unknown, work: Work) {
  return { number, orderId, orderNumber, distributorId: distributor, regionId: region!, currency: work.currency };
}
function goods(subject: Shipment, _: unknown, work: Work) {
  const { distributorCode, segment, channel, owner, shippedOn, net, tax, gross } = subject;
  return {
    ...{ ...ref(subject, _, work), distributorCode, segment, channel, shippedOn: shippedOn! },
    ...{ net: String(net), tax: String(tax), gross: String(gross), lines: subject.lines.getItems().map(lineFact) },
    ...(owner && owner !== 'system' ? { salespersonId: owner } : {}),
  };
}
function lineFact(line: ShipmentLine) {
  const { orderLine, product, productCode, family, grade, colourNumber, batch } = line;
  return {
    ...{
      line: line.line,
      orderLine,
      productId: product,
      productCode,
      family,
      grade,
      colourNumber,
      batch,
      quantity: String(line.quantity),
    },
    ...{ unitPrice: String(line.unitPrice), net: String(line.net), tax: String(line.tax), gross: String(line.gross) },
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
const aboveOrdered = domainError({
  code: 'orders.shipment.above-ordered',
  kind: 'unprocessable',
  rule: 'O-04',
  en: 'Line {line}: only {left} are ordered and not on a shipping order yet.',
  zh: '第{line}行：订货数量中仅余{left}尚未开单。',
});
const notReserved = domainError({
  code: 'orders.shipment.not-reserved',
  kind: 'unprocessable',
  rule: 'O-06',
  en: 'Line {line}: {missing} are not reserved in this order.',
  zh: '第{line}行：有{missing}未为本订单预留。',
});
const noSuchLine = domainError({
  code: 'orders.shipment.no-such-line',
  kind: 'unprocessable',
  rule: 'O-04',
  en: 'The order has no line {line}.',
  zh: '订单没有第{line}行。',
});
const otherGrade = domainError({
  code: 'orders.shipment.grade-substitution',
  kind: 'unprocessable',
  rule: 'O-42',
  en: 'Batch {batch} is of grade {grade}, ordered is {ordered}: no substitution.',
  zh: '批次{batch}的等级为{grade}，订货等级为{ordered}：不得以次充好。',
});
const notYet = domainError({
  code: 'orders.shipment.date-out-of-order',
  kind: 'unprocessable',
  rule: 'O-05',
  en: '{date} is in the future, or before the goods left.',
  zh: '日期{date}晚于今天，或早于发货日期。',
});
