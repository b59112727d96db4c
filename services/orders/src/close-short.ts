import { domainError } from '@fenxiao/domain/domain-error';
import { Money } from '@fenxiao/domain/money';
import type { Quantity } from '@fenxiao/domain/quantity';
import { follow } from '@fenxiao/service-kit/engine';
import type { Work } from '@fenxiao/service-kit/work';
import type { z } from 'zod';
import { lineFact, missingOf, priced, totalsOf } from './lines.js';
import { releaseAll, type OrderBinding } from './order-flow.js';
import type { closeForm } from './order.js';
import type { Order } from './order-tables.js';
import { bandsOn } from './price-bands.js';
import { approverFor, approvers, covers, valuesOf, type Approver, type LineValue } from './pricing.js';
import { withdrawRequests } from './production/request.js';
import { amountsOnShipments } from './shipment-lines.js';
import { tellSalesperson } from './telling.js';

/**
 * O-06 Short close 欠交结案: of an order partly shipped the rest can't come, and the customer agrees to go without. What was
 * reserved or is to be made for it is for others, it counts no more towards the exposure, and the order ends with what was
 * shipped. What nothing was shipped of is cancelled instead.
 */
export async function closeShort(
  work: Work,
  subject: Order,
  { consent, consentedOn }: z.infer<typeof closeForm>,
): Promise<void> {
  const lines = subject.lines.getItems();
  if (lines.some(({ issued, shipped }) => issued.compare(shipped) > 0)) throw underWay({ number: subject.number });
  if (consentedOn > work.today || consentedOn < subject.orderedOn)
    throw consentOutOfOrder({ date: consentedOn }, { field: 'consentedOn' });
  await requirePrice(work, subject);
  await releaseAll(work, subject);
  if (lines.every((line) => missingOf(line).isZero())) throw nothingLeft({ number: subject.number });
  if (subject.heldOnce) await withdrawRequests(work, subject.id);
  const billed = await amountsOnShipments(work, subject.id);
  for (const line of lines) {
    const of = billed.get(line.line) ?? { net: Money.zero, tax: Money.zero, gross: Money.zero };
    const dropped = missingOf(line);
    if (!dropped.isPositive()) continue;
    Object.assign(line, {
      dropped,
      droppedNet: line.net.minus(of.net),
      droppedTax: line.tax.minus(of.tax),
      droppedGross: line.gross.minus(of.gross),
    });
  }
  Object.assign(subject, { unshipped: Money.zero, closedShortAt: work.now, consentedOn, consent });
  tellSalesperson(work, subject, 'O-06', lines.filter(isDropped).map(said).join('; ').slice(0, 4000));
}

/**
 * O-11, O-12: what was shipped is all that is sold now. It is not farther below the list than the whole was, and a price
 * that was approved for exact quantities holds for others where whoever closes may sell at it.
 * @throws priceOfRest naming who may, managersOwn where no higher price is at stake
 */
async function requirePrice(work: Work, subject: Order): Promise<void> {
  const lines = subject.lines.getItems();
  const shipped = lines.filter((line) => line.shipped.isPositive());
  const whole = new Map(valuesOf(lines.map(priced)).map((value) => [value.line, value]));
  const approved = subject.priceCleared?.startsWith('exception:') ?? false;
  const worse = ({ line, net, list }: LineValue) => {
    const before = whole.get(line);
    return !before || net * before.list < before.net * list;
  };
  const bands = await bandsOn(work, subject.orderedOn);
  const roles = work.actor.positions.flatMap((position) => position.roles);
  const outside = valuesOf(shipped.map((line) => ({ ...priced(line), quantity: line.shipped }))).filter(
    (value) => (approved || worse(value)) && !covers(bands, ['sales-manager'], value),
  );
  if (outside.length === 0) {
    if (!roles.includes('sales-manager') && roles.some((role) => approvers.includes(role as Approver)))
      throw managersOwn({ number: subject.number });
  } else if (!outside.every((value) => covers(bands, roles, value)))
    throw priceOfRest({ number: subject.number, approver: approverFor(bands, outside) });
}

/** Of an order that is whole. */
export const notClosedShort = { closedShortAt: null, consentedOn: null, consent: null };

/** Where everything shipped has been signed for, nothing is left to wait for. */
export async function endShort(work: Work, order: OrderBinding, subject: Order): Promise<void> {
  const [last] = await work.query<{ id: string; state: string; delivered_on: string | null }>(
    `SELECT id, state, delivered_on::text FROM shipment WHERE order_id = $1 AND state <> 'voided'
     ORDER BY state = 'signed', delivered_on DESC, id DESC LIMIT 1`,
    [subject.id],
  );
  if (last?.state !== 'signed') return;
  await follow(work, order, subject, 'deliverAll', { shipmentId: last.id, deliveredOn: last.delivered_on });
  await follow(work, order, subject, 'complete');
}

const isDropped = ({ dropped }: { dropped: Quantity }) => dropped.isPositive();
const said = ({ productCode, dropped }: { productCode: string; dropped: Quantity }) =>
  `${productCode} −${String(dropped)}`;

/** Of every line what was ordered, shipped and dropped; of the order what it comes to now. */
export function closedShort(subject: Order) {
  const lines = subject.lines.getItems();
  const left = totalsOf(
    lines.map(({ net, tax, gross, droppedNet, droppedTax, droppedGross }) => ({
      net: net.minus(droppedNet),
      tax: tax.minus(droppedTax),
      gross: gross.minus(droppedGross),
    })),
  );
  return {
    consentedOn: subject.consentedOn!,
    shippedNet: String(left.net),
    shippedTax: String(left.tax),
    shippedGross: String(left.gross),
    lines: lines.map((line) => ({
      ...lineFact(line),
      shipped: String(line.shipped),
      dropped: String(line.dropped),
      droppedNet: String(line.droppedNet),
      droppedTax: String(line.droppedTax),
      droppedGross: String(line.droppedGross),
    })),
  };
}

const managersOwn = domainError({
  code: 'orders.order.closed-by-the-manager',
  kind: 'forbidden',
  rule: 'O-06',
  en: 'The sales manager closes {number}: what was shipped of it is within the manager’s prices.',
  zh: '订单{number}已发运部分在销售部经理价格权限内，由销售部经理结案。',
});
const priceOfRest = domainError({
  code: 'orders.order.price-of-what-was-shipped',
  kind: 'forbidden',
  rule: 'O-11',
  en: 'What was shipped of {number} is sold at a price that {approver} may approve, and may close the order at.',
  zh: '订单{number}已发运部分的价格须由{approver}审批，并由其结案。',
});
const underWay = domainError({
  code: 'orders.order.shipping-orders-under-way',
  kind: 'conflict',
  rule: 'O-06',
  en: 'Shipping orders of {number} have not left yet: dispatch or void them first.',
  zh: '订单{number}尚有未发运的出货单，请先发运或作废。',
});
const nothingLeft = domainError({
  code: 'orders.order.nothing-left-to-drop',
  kind: 'conflict',
  rule: 'O-06',
  en: 'Everything {number} asked for has been shipped.',
  zh: '订单{number}的货物已全部发运，无欠交数量。',
});
const consentOutOfOrder = domainError({
  code: 'orders.order.consent-out-of-order',
  kind: 'unprocessable',
  rule: 'O-06',
  en: '{date} is in the future, or before the order.',
  zh: '日期{date}晚于今天，或早于订货日期。',
});
