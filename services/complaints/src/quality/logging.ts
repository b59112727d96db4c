import type { complaintForm } from '@fenxiao/contracts/complaints';
import { domainError } from '@fenxiao/domain/domain-error';
import { Quantity } from '@fenxiao/domain/quantity';
import { system } from '@fenxiao/service-kit/actor';
import type { Base } from '@fenxiao/service-kit/engine';
import { documentNumber } from '@fenxiao/service-kit/numbers';
import type { Work } from '@fenxiao/service-kit/work';
import type { z } from 'zod';
import { settings } from '../config.js';
import {
  customerOf,
  findCustomer,
  purchasesOf,
  requireOwnCustomer,
  type KnownCustomer,
  type Purchase,
} from '../purchases.js';
import { requireRecent } from '../received.js';
import { Complaint } from './complaint-tables.js';
import { assign } from './handler.js';
import { limitsFor } from './severity.js';

/** C-02 Required registration data 登记备档: what is said of the goods, beside what the receipt says of them. */
type Form = z.infer<typeof complaintForm>;

/** Writes down a complaint and gives it to its handler. */
export async function logComplaint(form: Form, work: Work, base: Base): Promise<Complaint> {
  const receivedAt = form.receivedAt ? new Date(form.receivedAt) : work.now;
  const unattended = work.actor.person === system.person;
  requirePossible(form, receivedAt, work);
  if (!unattended && ['web', 'delivery', 'history'].includes(form.channel)) throw notByHand({}, { field: 'channel' });
  const named = form.distributorCode ? await customerOf(work, { code: form.distributorCode }) : undefined;
  requireOwnCustomer(work, form.distributorCode);
  if (!named && !form.customer) throw customerMissing({}, { field: 'customer' });
  const found = await purchaseOf(work, form, named);
  const quantity = Quantity.of(form.quantity);
  // A delivery is taken down whatever it says, and who has no account learns nothing of what others bought: what does not fit
  // is noted, for staff to ask about.
  const over = found && (await exceeds(work, found, quantity));
  if (over && !unattended) throw moreThanBought(over, { field: 'quantity' });
  const bought = over ? undefined : found;
  // a customer of our customer may have the receipt in hand: whose goods they are decides who handles it
  const buyer = named ?? (found && (await findCustomer(work, { id: found.customer })));
  const keyAccount = buyer?.class === 'A';
  const matter = { severity: 'minor', keyAccount, against: form.against ?? null } as const;
  const { channel, receipt, productName, specification, grade, colourNumber, purchasedOn, defect, description } = form;
  return work.em.create(Complaint, {
    ...base,
    ...matter,
    ...(await assign(work, matter)),
    ...unset,
    criteria: [],
    areas: [],
    region: named?.region ?? bought?.region ?? base.region,
    owner: bought?.salesperson ?? null,
    channel,
    receipt,
    productName,
    specification,
    grade,
    colourNumber,
    purchasedOn,
    defect,
    description,
    receivedAt,
    receivedOn: work.calendar.dateOf(receivedAt),
    distributor: named?.id ?? null,
    distributorCode: named?.code ?? null,
    customer: form.customer ?? null,
    telephone: form.telephone ?? null,
    ...goodsOf(bought),
    batch: form.batch ?? bought?.batch ?? null,
    quantity,
    mismatches: bought ? mismatchesOf(form, bought) : over ? ['receipt', 'quantity'] : [],
    wanted: form.wanted ?? null,
    limits: limitsFor(matter.severity, settings(work)),
    number: await documentNumber(work, 'TS', work.today),
  });
}

/** What nobody knows yet of a complaint. */
export const unset = {
  cause: null,
  finding: null,
  visit: null,
  verdict: null,
  judgedOn: null,
  evidence: null,
  furtherRoutes: null,
  proposedRemedy: null,
  proposedCost: null,
  remedy: null,
  estimatedCost: null,
  actualCost: null,
  repeat: null,
  usedSeconds: 0,
  resumedAt: null,
  waitingIn: null,
  question: null,
  waitedSeconds: 0,
  responseMinutes: null,
  resolutionMinutes: null,
  informedOn: null,
  informedBy: null,
  followUpOn: null,
  satisfied: null,
  score: null,
  returnRequest: null,
  returnState: null,
  returnNumber: null,
  returnRefusal: null,
  historic: false,
  source: null,
  closedAt: null,
};

const goodsOf = (bought: Purchase | undefined) => ({
  orderNumber: bought?.orderNumber ?? null,
  shipment: bought?.shipment ?? null,
  shipmentLine: bought?.line ?? null,
  product: bought?.product ?? null,
  productCode: bought?.productCode ?? null,
  family: bought?.family ?? null,
});

function requirePossible({ quantity, purchasedOn }: Form, receivedAt: Date, work: Work): void {
  if (!Quantity.of(quantity).isPositive()) throw nothing({}, { field: 'quantity' });
  if (purchasedOn > work.today) throw toCome({ date: purchasedOn }, { field: 'purchasedOn' });
  if (receivedAt > work.now) throw toCome({ date: work.calendar.dateOf(receivedAt) }, { field: 'receivedAt' });
  requireRecent(work, receivedAt);
}

/** The line that the receipt's goods are taken from; undefined: the number is not known here. */
async function purchaseOf(work: Work, form: Form, named: KnownCustomer | undefined): Promise<Purchase | undefined> {
  const { shipmentId, shipmentLine } = form;
  const all = (await purchasesOf(work, form.receipt)).filter(({ shipment }) => !shipmentId || shipment === shipmentId);
  if (named && all.some(({ customer }) => customer !== named.id)) throw otherCustomer({}, { field: 'receipt' });
  const meant = all.filter(({ line }) => !shipmentLine || line === shipmentLine);
  if ((shipmentId || shipmentLine) && meant.length === 0) throw noSuchLine({}, { field: 'shipmentLine' });
  return meant.toSorted((a, b) => mismatchesOf(form, a).length - mismatchesOf(form, b).length)[0];
}

/** The fields that differ from what the receipt's goods are; shown, and never changed for it. Pure. */
export function mismatchesOf(
  said: Pick<Form, 'productName' | 'specification' | 'grade' | 'colourNumber' | 'batch' | 'purchasedOn'>,
  bought: Purchase,
): string[] {
  const { name, productCode, specification, grade, colourNumber, batch, shippedOn } = bought;
  const differs = {
    productName: ![name ?? productCode, productCode].includes(said.productName),
    specification: specification !== null && said.specification !== specification,
    grade: said.grade !== grade,
    colourNumber: said.colourNumber !== colourNumber,
    batch: said.batch !== undefined && said.batch !== batch,
    purchasedOn: said.purchasedOn !== shippedOn,
  };
  return Object.entries(differs).flatMap(([field, differing]) => (differing ? field : []));
}

/**
 * Not more is complained of than was bought, all complaints of the line together that are open or justified; what somebody
 * without an account has filed counts once a handler has acknowledged it. The line is locked, so that two at once don't both
 * fit.
 * @throws moreThanBought
 */
export async function requireBought(
  work: Work,
  line: Pick<Purchase, 'shipment' | 'line'>,
  quantity: Quantity,
  except?: string,
): Promise<void> {
  const over = await exceeds(work, line, quantity, except);
  if (over) throw moreThanBought(over, { field: 'quantity' });
}

/** What was bought and what of it is left, where the quantity is more than that. */
async function exceeds(
  work: Work,
  { shipment, line }: Pick<Purchase, 'shipment' | 'line'>,
  quantity: Quantity,
  except?: string,
): Promise<{ bought: string; left: string } | undefined> {
  const [known] = await work.query<{ quantity: string }>(
    'SELECT quantity::text FROM known_purchase WHERE shipment = $1 AND line = $2 FOR UPDATE',
    [shipment, line],
  );
  if (!known) return undefined;
  const [{ taken } = { taken: '0' }] = await work.query<{ taken: string }>(
    `SELECT coalesce(sum(quantity), 0)::text AS taken FROM complaint
     WHERE shipment = $1 AND shipment_line = $2 AND verdict IS DISTINCT FROM 'not-justified' AND id IS DISTINCT FROM $3
       AND NOT (channel = 'web' AND state = 'logged')`,
    [shipment, line, except ?? null],
  );
  const left = Quantity.of(known.quantity).minus(Quantity.of(taken));
  return quantity.compare(left) > 0 ? { bought: known.quantity, left: String(left) } : undefined;
}

const moreThanBought = domainError({
  code: 'complaints.complaint.more-than-bought',
  kind: 'unprocessable',
  rule: 'C-02',
  en: 'Of the {bought} bought {left} can still be complained of.',
  zh: '该批货物购买{bought}，可投诉数量仅剩{left}。',
});
const notByHand = domainError({
  code: 'complaints.complaint.channel-not-by-hand',
  kind: 'unprocessable',
  rule: 'C-02',
  en: 'Complaints of the web page, of deliveries and of history are entered by those ways themselves.',
  zh: '网页、到货和历史渠道的投诉由相应途径自动登记，不得手工选择。',
});
const nothing = domainError({
  code: 'complaints.complaint.no-quantity',
  kind: 'unprocessable',
  rule: 'C-02',
  en: 'The quantity complained of is above zero.',
  zh: '投诉数量必须大于零。',
});
const toCome = domainError({
  code: 'complaints.complaint.date-to-come',
  kind: 'unprocessable',
  rule: 'C-02',
  en: '{date} is still to come.',
  zh: '{date}尚未到来。',
});
const customerMissing = domainError({
  code: 'complaints.complaint.customer-missing',
  kind: 'unprocessable',
  rule: 'C-02',
  en: 'Whoever complains is named: a distributor by its code, anybody else by name.',
  zh: '须登记投诉客户：经销商填代码，其他客户填姓名。',
});
const otherCustomer = domainError({
  code: 'complaints.complaint.receipt-of-another',
  kind: 'unprocessable',
  rule: 'C-02',
  en: 'This receipt is of another customer.',
  zh: '该票据属于其他客户。',
});
const noSuchLine = domainError({
  code: 'complaints.complaint.no-such-line',
  kind: 'unprocessable',
  rule: 'C-02',
  en: 'The receipt has no such line.',
  zh: '该票据没有这一行货物。',
});
