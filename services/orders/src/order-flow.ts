import { Quantity } from '@fenxiao/domain/quantity';
import { follow, type Bound } from '@fenxiao/service-kit/engine';
import type { Work } from '@fenxiao/service-kit/work';
import { settings } from './config.js';
import { accountOf, creditAllows } from './credit.js';
import { lockAccount, type KnownDistributor } from './distributor.js';
import { missingOf, priced } from './lines.js';
import type { orderProcedure } from './order.js';
import type { Order } from './order-tables.js';
import { bandsOn } from './price-bands.js';
import { approvedFor, bindingOf, priceException, requestException } from './price-exception.js';
import {
  approverFor,
  covers,
  deviationOf,
  marginGivenAway,
  valuesOf,
  type Approver,
  type LineValue,
} from './pricing.js';
import { phasedOut, requireStock } from './ideas/phase-out.js';
import { requestsOf, unanswered } from './production/request.js';
import { askFor, largeFamilies, shortOf } from './production/shortage.js';
import { allocate, lockFree, moveStock, type Reservation } from './stock.js';

/**
 * O-02: the way of a submitted order. Price first (O-11, O-12), then credit (D-21), then stock (O-06); what stands
 * against it holds it and says why, and the same way is taken again when that has gone. A large order that stock does
 * not cover waits for production's answer (O-03).
 */
export type OrderBinding = Bound<Order, typeof orderProcedure>;

export async function proceed(work: Work, order: OrderBinding, subject: Order): Promise<void> {
  if (subject.state === 'submitted') await follow(work, order, subject, 'check');
  const account = await lockAccount(work, subject.distributor);
  const remaining = await phasedOut(work, subject);
  if (remaining.size > 0 && !subject.heldOnce) await requireStock(work, subject, remaining);
  const price = subject.priceCleared ? undefined : await priceObjection(work, subject);
  const credit = await creditObjection(work, subject, account);
  const trial = await trialObjection(work, subject);
  for (const [hold, detail] of [
    ['price', price],
    ['credit', credit],
    ['trial', trial],
  ] as const)
    if (detail && !subject.holds.includes(hold)) await follow(work, order, subject, 'hold', { hold, detail });
  if (price ?? credit ?? trial) {
    // what was set aside for the draft is for sale again: nothing says when this order will go on
    if (subject.draftReservedUntil) await releaseAll(work, subject);
    return;
  }
  if (await awaitsProduction(work, order, subject, remaining)) return;
  await follow(work, order, subject, 'confirm');
  await allocateOrder(work, order, subject);
}

/** O-32: a customer who waits for a new variety takes the order with it. */
async function trialObjection(work: Work, subject: Order): Promise<string | undefined> {
  const [trial] = await work.query<{ number: string }>(
    `SELECT number FROM form_document WHERE procedure = 'trial' AND form->>'orderId' = $1 AND NOT state = ANY($2) LIMIT 1`,
    [subject.id, trialsOver],
  );
  return trial && `trial ${trial.number} is under way`;
}

const trialsOver = ['customer-accepted', 'customer-rejected', 'infeasible', 'cancelled'];

/** O-03: large and not covered by free stock: what is free is kept for the order, and production is asked for the rest. */
async function awaitsProduction(
  work: Work,
  order: OrderBinding,
  subject: Order,
  remaining: ReadonlySet<string>,
): Promise<boolean> {
  const asked = subject.heldOnce ? await requestsOf(work, subject) : [];
  if (asked.length > 0) return asked.some(unanswered);
  const families = await largeFamilies(work, subject);
  subject.large = families.size > 0;
  if (!subject.large) return false;
  await reserveFree(work, subject);
  const short = shortOf(subject, families);
  // what is phased out is not made again (O-40)
  for (const product of remaining) short.delete(product);
  if (short.size === 0) return false;
  // kept until production has answered, not for the hours of a draft
  subject.draftReservedUntil = null;
  const detail = [...short.values()].map(({ line, missing }) => `${line.productCode}: ${String(missing)}`).join('; ');
  await follow(work, order, subject, 'hold', { hold: 'stock', detail: detail.slice(0, 4000) });
  await askFor(work, subject, short);
  return true;
}

/** @returns why the prices need an approval, or undefined when the seller's band or an approval covers every line */
async function priceObjection(work: Work, subject: Order): Promise<string | undefined> {
  const lines = subject.lines.getItems();
  const binding = bindingOf(lines, subject.orderedOn);
  // nothing was ever asked for an order that was never held
  const approved = subject.heldOnce ? await approvedFor(work, subject.id, binding) : undefined;
  if (approved) {
    await follow(work, priceException, approved, 'use');
    subject.priceCleared = `exception:${approved.id}`;
    return undefined;
  }
  const values = valuesOf(lines.map(priced));
  const bands = await bandsOn(work, subject.orderedOn);
  // whoever makes a held order go on does not sell it: its prices wait for their approval
  const roles = subject.holds.includes('price') ? [] : work.actor.positions.flatMap((position) => position.roles);
  const outside = values.filter((value) => !covers(bands, roles, value));
  if (outside.length === 0) {
    subject.priceCleared = 'band';
    return undefined;
  }
  const [asked] = await work.query(
    `SELECT FROM price_exception WHERE order_id = $1 AND state = 'requested' AND binding = $2`,
    [subject.id, binding],
  );
  const approver = approverFor(bands, outside);
  if (!asked) await ask(work, subject, outside, approver, binding);
  const worst = farthest(outside);
  return `line ${worst.line} is ${deviationOf(worst)?.toString() ?? 'without list price'} % from the list; ${approver} may approve`;
}

async function ask(
  work: Work,
  subject: Order,
  outside: readonly LineValue[],
  approver: Approver,
  binding: string,
): Promise<void> {
  const lines = subject.lines.getItems();
  const numbers = new Set(outside.map(({ line }) => line));
  const deviations = new Map(outside.map((value) => [value.line, String(deviationOf(value))]));
  await requestException(work, {
    orderId: subject.id,
    orderNumber: subject.number,
    regionId: subject.region,
    salespersonId: subject.owner,
    requestedBy: work.actor.person,
    approver,
    binding,
    deviation: String(deviationOf(farthest(outside))),
    marginGivenAway: String(marginGivenAway(lines.map(priced), numbers)),
    lines: lines
      .filter(({ line }) => numbers.has(line))
      .map(({ line, product, quantity, listPrice, cutPrice, unitPrice }) => ({
        line,
        productId: product,
        quantity: String(quantity),
        listPrice: String(listPrice ?? unitPrice),
        ...(cutPrice ? { cutPrice: String(cutPrice) } : {}),
        unitPrice: String(unitPrice),
        deviation: deviations.get(line)!,
      })),
  });
}

const farthest = (values: readonly LineValue[]): LineValue =>
  values.reduce((worst, value) => (value.net * worst.list < worst.net * value.list ? value : worst));

/** @returns why the order may not be confirmed on credit, or undefined */
export async function creditObjection(
  work: Work,
  subject: Order,
  customer: KnownDistributor,
): Promise<string | undefined> {
  if (subject.creditReleasedUntil && subject.creditReleasedUntil > work.now) return undefined;
  // a replacement adds nothing to the exposure (O-07)
  if (subject.gross.isZero()) return undefined;
  const account = await accountOf(work, subject.distributor);
  const overdueSince = work.calendar.addDays(work.today, -settings(work).CREDIT_GRACE_DAYS);
  const decision = creditAllows(customer, account, subject.gross, overdueSince);
  if (decision.passes) return undefined;
  return decision.why === 'overdue'
    ? `an invoice due ${account.oldestDue} is unpaid`
    : `exposure ${decision.exposure.toString()} would pass the limit ${customer.credit_limit}`;
}

/** Reserves what is free; the order is allocated when nothing is short. */
export async function allocateOrder(work: Work, order: OrderBinding, subject: Order): Promise<void> {
  const { all, any } = await reserveFree(work, subject);
  if (all && (subject.state === 'confirmed' || subject.state === 'backordered'))
    await follow(work, order, subject, 'allocate');
  else if (subject.state === 'confirmed') await follow(work, order, subject, 'backorder');
  else if (any && waiting.has(subject.state)) await follow(work, order, subject, 'reserve');
}
export const waiting: ReadonlySet<string> = new Set(['backordered', 'partially-shipped', 'partially-delivered']);

/**
 * Without partial shipping nothing is taken until all is there, but for a large order: what is made for it comes in when
 * it comes, and is kept.
 */
export async function reserveFree(work: Work, subject: Order): Promise<{ all: boolean; any: boolean }> {
  if (!reservable.has(subject.state)) return { all: false, any: false };
  const lines = subject.lines.getItems();
  const wanted = lines
    .map((line) => ({ line: line.line, product: line.product, wanted: missingOf(line) }))
    .filter((line) => line.wanted.isPositive());
  const stock = await lockFree(work, [...new Set(wanted.map(({ product }) => product))]);
  const { taken, short } = allocate(wanted, stock);
  const all = short.size === 0;
  const reserving = all || subject.partialAllowed || subject.large ? taken : [];
  await reserveFor(work, subject, reserving);
  return { all, any: reserving.length > 0 };
}
const reservable: ReadonlySet<string> = new Set([...waiting, 'draft', 'checked', 'on-hold', 'confirmed', 'allocated']);

/** Reserves exactly this for the order's lines. */
export async function reserveFor(work: Work, subject: Order, reserving: readonly Reservation[]): Promise<void> {
  if (reserving.length === 0) return;
  await moveStock(work, 'reserved', reserving, { orderId: subject.id });
  await work.query(
    `INSERT INTO reservation (order_id, line, stock_item, quantity) SELECT $1, * FROM unnest($2::int[], $3::uuid[], $4::numeric[])
     ON CONFLICT (order_id, line, stock_item) DO UPDATE SET quantity = reservation.quantity + excluded.quantity`,
    [
      subject.id,
      reserving.map(({ line }) => line),
      reserving.map(({ stockItem }) => stockItem),
      reserving.map(({ quantity }) => String(quantity)),
    ],
  );
  const perLine = Map.groupBy(reserving, ({ line }) => line);
  for (const line of subject.lines)
    if (perLine.has(line.line))
      line.allocated = Quantity.sum([line.allocated, ...perLine.get(line.line)!.map(({ quantity }) => quantity)]);
}

/** Goods reserved were taken from an order. Of a draft, or of one not confirmed yet, nothing had been promised. */
export async function lost(work: Work, order: OrderBinding, subject: Order): Promise<void> {
  if (subject.state !== 'reserved' && subject.state !== 'on-hold') await follow(work, order, subject, 'unallocate');
}

/** Gives back everything reserved for the order. */
export async function releaseAll(work: Work, subject: Order): Promise<void> {
  const rows = await work.query<{ stock_item: string; quantity: string }>(
    'DELETE FROM reservation WHERE order_id = $1 RETURNING stock_item, quantity::text',
    [subject.id],
  );
  const moves = rows.map(({ stock_item, quantity }) => ({ stockItem: stock_item, quantity: Quantity.of(quantity) }));
  await moveStock(work, 'released', moves, { orderId: subject.id });
  for (const line of subject.lines) line.allocated = Quantity.zero;
  subject.draftReservedUntil = null;
}
