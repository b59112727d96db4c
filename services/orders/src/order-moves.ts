import { orderEvents } from '@fenxiao/contracts/orders';
import type { FactData } from '@fenxiao/contracts/event';
import { domainError } from '@fenxiao/domain/domain-error';
import { newId } from '@fenxiao/domain/id';
import { Money } from '@fenxiao/domain/money';
import { bind, type Bound } from '@fenxiao/service-kit/engine';
import type { Work } from '@fenxiao/service-kit/work';
import { closedShort, closeShort, endShort, notClosedShort } from './close-short.js';
import { settings } from './config.js';
import { distributorOf, lockAccount, requireActive } from './distributor.js';
import { keepApart } from './duties.js';
import { lineFact, missingOf, priceLines, totalsOf, type LineForm } from './lines.js';
import { orderFilters } from './order-filters.js';
import { proceed, releaseAll, reserveFree } from './order-flow.js';
import { orderProcedure } from './order.js';
import { Order, OrderLine, type Hold } from './order-tables.js';
import { partsAllowed } from './packaging/ordering.js';
import { voidExceptions } from './price-exception.js';
import { beginOn } from './promotions/cuts-in-force.js';
import { lineOf, reallocate } from './production/reallocation.js';
import { withdrawRequests } from './production/request.js';

/** What the moves of an order do, and how its facts read. The way from submitted to allocated stands in `order-flow.ts`. */
export const order: Bound<Order, typeof orderProcedure> = bind(orderProcedure, {
  entity: Order,
  populate: ['lines'],

  create: async ({ distributorCode, lines, promisedOn, reference, ...head }, work, base) => {
    const distributor = await distributorOf(work, { code: distributorCode });
    requireActive(distributor);
    const subject = work.em.create(Order, {
      ...base,
      ...head,
      region: distributor.region,
      owner: work.actor.person,
      number: await orderNumber(work),
      distributor: distributor.id,
      distributorCode: distributor.code,
      segment: distributor.segment,
      orderedOn: work.today,
      promisedOn: promisedOn ?? null,
      firstPromisedOn: null,
      large: false,
      draftReservedUntil: null,
      reference: reference ?? null,
      unshipped: Money.zero,
      net: Money.zero,
      tax: Money.zero,
      gross: Money.zero,
      holds: [],
      heldOnce: false,
      creditReleasedUntil: null,
      priceCleared: null,
      submittedAt: null,
      historic: false,
      findings: [],
      ...notClosedShort,
    });
    await setLines(subject, lines, work);
    return subject;
  },

  effects: {
    edit: async (subject, { lines, promisedOn, reference, ...head }, work) => {
      await releaseAll(work, subject);
      Object.assign(subject, { ...head, promisedOn: promisedOn ?? null, reference: reference ?? null });
      await setLines(subject, lines, work);
      await voidExceptions(work, subject.id);
    },
    reserveDraft: async (subject, _, work) => {
      requireActive(await lockAccount(work, subject.distributor));
      if (!(await reserveFree(work, subject)).any) throw nothingFree({ number: subject.number });
      const hours = settings(work).DRAFT_RESERVATION_HOURS;
      subject.draftReservedUntil = new Date(work.now.getTime() + hours * 3_600_000);
    },
    releaseDraft: (subject, _, work) => releaseAll(work, subject),
    submit: async (subject, _, work) => {
      requireActive(await lockAccount(work, subject.distributor));
      // a replacement costs what it was made at (O-07)
      const stale = subject.orderedOn !== work.today || (!subject.priceCleared && (await beginOn(work, work.today)));
      if (stale) await reprice(subject, work);
      subject.submittedAt = work.now;
    },
    hold: (subject, { hold }) => {
      if (!subject.holds.includes(hold)) subject.holds = [...subject.holds, hold];
      subject.heldOnce = true;
    },
    clearHold: (subject, { hold }) => dropHold(subject, hold),
    releaseCredit: async (subject, { until }, work) => {
      await keepApart(work, 'order.release-credit', [subject.id]);
      if (!subject.holds.includes('credit')) throw notHeldForCredit({ number: subject.number });
      if (new Date(until) <= work.now) throw releaseInThePast({}, { field: 'until' });
      subject.creditReleasedUntil = new Date(until);
      dropHold(subject, 'credit');
    },
    withdraw: async (subject, _, work) => {
      requireNoReplacement(subject);
      await giveUp(subject, work);
      // the daily report takes back what it had counted (O-20)
      await work.query(
        `INSERT INTO order_withdrawal (id, order_id, document, withdrawn_at)
         SELECT $1::uuid, $2::uuid, coalesce((SELECT w.id FROM order_withdrawal w WHERE w.order_id = $2::uuid ORDER BY w.withdrawn_at DESC, w.id DESC LIMIT 1), $2::uuid), $3::timestamptz`,
        [newId(), subject.id, work.now],
      );
      // what was released was the order as it stood
      Object.assign(subject, { holds: [], submittedAt: null, priceCleared: null, creditReleasedUntil: null });
    },
    confirm: (subject, _, work) => {
      subject.unshipped = subject.gross;
      subject.promisedOn ??= work.calendar.addWorkingDays(work.today, settings(work).PROMISE_WORKING_DAYS);
      subject.firstPromisedOn ??= subject.promisedOn;
      subject.draftReservedUntil = null;
    },
    reallocate: (subject, form, work) => reallocate(work, order, subject, form),
    changePromise: (subject, { to }) => {
      subject.promisedOn = to;
    },
    closeShort: (subject, form, work) => {
      requireNoReplacement(subject);
      return closeShort(work, subject, form);
    },
    unallocate: ({ state }) =>
      state === 'partially-shipped' || state === 'partially-delivered' ? state : 'backordered',
    cancel: async (subject, _, work) => {
      requireNoReplacement(subject);
      if (subject.lines.getItems().some(({ issued }) => issued.isPositive()))
        throw shippingOrdersLive({ number: subject.number });
      await giveUp(subject, work);
      await voidExceptions(work, subject.id);
      subject.unshipped = Money.zero;
    },
  },

  follows: {
    submit: (subject, work) => proceed(work, order, subject),
    releaseCredit: (subject, work) => proceed(work, order, subject),
    clearHold: (subject, work) => proceed(work, order, subject),
    closeShort: (subject, work) => endShort(work, order, subject),
  },

  facts: {
    created: short,
    changed: short,
    submitted: whole,
    checked: ref,
    confirmed: (subject, _, work) => ({
      ...ref(subject, _, work),
      gross: String(subject.gross),
      promisedOn: subject.promisedOn!,
      straightThrough: !subject.heldOnce,
      large: subject.large,
    }),
    held: (subject, form, work) => ({ ...ref(subject, form, work), ...form }),
    released: (subject, form, work) => ({
      ...ref(subject, form, work),
      ...('until' in form ? { hold: 'credit' as const, until: form.until } : { hold: form.hold }),
    }),
    withdrawn: whole,
    allocated: reservedLines,
    'draft-reserved': (subject, form, work) => ({
      ...reservedLines(subject, form, work),
      until: subject.draftReservedUntil!.toISOString(),
    }),
    'draft-released': ref,
    reallocated: (subject, form, work) => ({
      ...ref(subject, form, work),
      ...form,
      productId: lineOf(subject, form.line).product,
      toOrderNumber: (work.locked.get(form.toOrderId) as Order).number,
    }),
    'promise-changed': (subject, form, work) => ({
      ...ref(subject, form, work),
      ...form,
      firstPromisedOn: subject.firstPromisedOn!,
    }),
    backordered: (subject, _, work) => ({ ...ref(subject, _, work), lines: shortLines(subject) }),
    'partially-shipped': (subject, form, work) => ({ ...ref(subject, form, work), ...form }),
    shipped: (subject, form, work) => ({ ...ref(subject, form, work), ...form }),
    'partially-delivered': (subject, form, work) => ({ ...ref(subject, form, work), ...form }),
    delivered: (subject, form, work) => {
      // by the day the goods came, which may be written down later
      const { deliveredOn: on } = form;
      return {
        ...ref(subject, form, work),
        ...form,
        ...(subject.promisedOn ? { onTime: on <= subject.promisedOn } : {}),
        ...(subject.firstPromisedOn ? { onFirstPromise: on <= subject.firstPromisedOn } : {}),
      };
    },
    'closed-short': (subject, form, work) => ({ ...whole(subject, form, work), ...closedShort(subject) }),
    completed: ref,
    cancelled: (subject, _, work) => ({ ...whole(subject, _, work), submitted: subject.submittedAt !== null }),
    recorded: (subject, form, work) => ({
      ...whole(subject, form, work),
      state: subject.state,
      findings: subject.findings,
      ...definedOnly(form as { shippedOn?: string; deliveredOn?: string }),
    }),
  },

  view: (subject) => ({
    number: subject.number,
    distributorId: subject.distributor,
    distributorCode: subject.distributorCode,
    region: subject.region,
    segment: subject.segment,
    channel: subject.channel,
    salespersonId: subject.owner,
    orderedOn: subject.orderedOn,
    promisedOn: subject.promisedOn,
    firstPromisedOn: subject.firstPromisedOn,
    large: subject.large,
    draftReservedUntil: subject.draftReservedUntil,
    reference: subject.reference,
    partialAllowed: subject.partialAllowed,
    net: subject.net,
    tax: subject.tax,
    gross: subject.gross,
    holds: subject.holds,
    historic: subject.historic,
    ...(subject.closedShortAt
      ? { closedShortAt: subject.closedShortAt, consentedOn: subject.consentedOn, consent: subject.consent }
      : {}),
    ...(subject.findings.length > 0 ? { findings: subject.findings } : {}),
    ...(subject.lines.isInitialized()
      ? {
          lines: subject.lines.getItems().map((line) => ({
            ...lineFact(line),
            allocated: line.allocated,
            issued: line.issued,
            shipped: line.shipped,
            ...(line.dropped.isPositive() ? { dropped: line.dropped, droppedGross: line.droppedGross } : {}),
          })),
        }
      : {}),
  }),
  listedBy: 'orderedOn',
  filters: orderFilters,
});

async function orderNumber(work: Work): Promise<string> {
  const [row] = await work.query<{ n: string }>(`SELECT nextval('order_number') AS n`);
  return `DD-${work.today.slice(0, 4)}-${row!.n.padStart(6, '0')}`;
}

const definedOnly = <T extends object>(of: T): T =>
  Object.fromEntries(Object.entries(of).filter(([, value]) => value !== undefined)) as T;

function dropHold(subject: Order, hold: Hold): void {
  subject.holds = subject.holds.filter((held) => held !== hold);
}

async function setLines(subject: Order, inputs: readonly LineForm[], work: Work): Promise<void> {
  const lines = await priceLines(work, inputs, {
    date: work.today,
    region: subject.region!,
    standardTaxRate: settings(work).STANDARD_TAX_RATE,
    partsToo: partsAllowed(work),
  });
  const old = new Map(subject.lines.getItems().map((line) => [line.line, line]));
  for (const line of lines) {
    const same = old.get(line.line);
    if (same) Object.assign(same, line, { allocated: same.allocated });
    else subject.lines.add(work.em.create(OrderLine, { order: subject, ...line }));
  }
  for (const [number, line] of old) if (number > lines.length) subject.lines.remove(line);
  Object.assign(subject, { ...totalsOf(lines), orderedOn: work.today, priceCleared: null });
}

/** Nobody waits for its goods any more: neither stock nor production. */
async function giveUp(subject: Order, work: Work): Promise<void> {
  await releaseAll(work, subject);
  if (subject.heldOnce) await withdrawRequests(work, subject.id);
}

/** A draft is sold at the prices that hold when it is submitted, though it was written before. */
async function reprice(subject: Order, work: Work): Promise<void> {
  const inputs = subject.lines.getItems().map((line) => ({
    productCode: line.productCode,
    quantity: String(line.quantity),
    discount: String(line.discount),
    gift: line.gift,
    ...(atGoingPrice(line) ? {} : { unitPrice: String(line.unitPrice) }),
  }));
  await setLines(subject, inputs, work);
  await voidExceptions(work, subject.id);
}

/** Whether the line is sold at what the list asks, or the cut that ran. */
function atGoingPrice({ unitPrice, listPrice, cutPrice }: OrderLine): boolean {
  const going = cutPrice ?? listPrice;
  return going !== null && unitPrice.equals(going);
}

function ref({ number, distributor, region, net }: Order, _: unknown, work: Work) {
  return { number, distributorId: distributor, regionId: region!, currency: work.currency, net: String(net) };
}

function reservedLines(subject: Order, _: unknown, work: Work) {
  const lines = subject.lines
    .getItems()
    .map(({ line, product, allocated }) => ({ line, productId: product, quantity: String(allocated) }));
  return { ...ref(subject, _, work), lines };
}

function short(subject: Order, _: unknown, work: Work) {
  return { ...ref(subject, _, work), lines: subject.lines.length };
}

export function whole(subject: Order, _: unknown, work: Work): FactData<typeof orderEvents.submitted> {
  const { owner, promisedOn } = subject;
  return {
    ...ref(subject, _, work),
    distributorCode: subject.distributorCode,
    segment: subject.segment,
    channel: subject.channel,
    orderedOn: subject.orderedOn,
    tax: String(subject.tax),
    gross: String(subject.gross),
    lines: subject.lines.getItems().map(lineFact),
    ...(owner && owner !== 'system' ? { salespersonId: owner } : {}),
    ...(promisedOn ? { promisedOn } : {}),
  };
}

/** What is neither reserved nor shipped. */
export const shortLines = (subject: Order) =>
  subject.lines
    .getItems()
    .map((line) => ({ line: line.line, productId: line.product, missing: missingOf(line) }))
    .filter(({ missing }) => missing.isPositive())
    .map(({ line, productId, missing }) => ({ line, productId, short: String(missing) }));

/** O-07: what goes out for goods that came back is owed. @throws isReplacement */
function requireNoReplacement({ priceCleared, number }: Order): void {
  if (priceCleared?.startsWith('replacement:')) throw isReplacement({ number });
}

const isReplacement = domainError({
  code: 'orders.order.is-replacement',
  kind: 'conflict',
  rule: 'O-07',
  en: 'Order {number} replaces goods that came back; it is neither withdrawn, cancelled nor closed short.',
  zh: '订单{number}为换货订单，不得撤回、取消或欠交结案。',
});
const nothingFree = domainError({
  code: 'orders.order.nothing-free',
  kind: 'conflict',
  rule: 'O-06',
  en: 'Nothing that {number} asks for is free.',
  zh: '订单{number}所需货物目前均无可用库存。',
});
const notHeldForCredit = domainError({
  code: 'orders.order.not-held-for-credit',
  kind: 'conflict',
  rule: 'D-21',
  en: 'Order {number} is not held for credit.',
  zh: '订单{number}并非因信用被冻结。',
});
const releaseInThePast = domainError({
  code: 'orders.order.release-in-the-past',
  kind: 'unprocessable',
  rule: 'D-21',
  en: 'A release must end in the future.',
  zh: '放行的截止时间必须晚于现在。',
});
const shippingOrdersLive = domainError({
  code: 'orders.order.shipping-orders-live',
  kind: 'conflict',
  rule: 'O-04',
  en: 'Shipping orders of {number} are live; void them first.',
  zh: '订单{number}尚有未作废的出货单，请先作废。',
});
