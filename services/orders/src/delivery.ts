import { domainError } from '@fenxiao/domain/domain-error';
import { Quantity } from '@fenxiao/domain/quantity';
import type { Work } from '@fenxiao/service-kit/work';
import type { Damaged, Proof, Shipment } from './shipment-tables.js';

/** O-05 Storage and transport 储运业务: departure, arrival, proof of delivery, what arrived damaged. */

/** The instant goods left: as given, else now where they leave today; a day that is past has none of its own. */
export function departure(work: Work, shippedOn: string, given: string | undefined): Date | null {
  if (given === undefined) return shippedOn === work.today ? work.now : null;
  const at = new Date(given);
  if (at > work.now || work.calendar.dateOf(at) !== shippedOn) throw notYet({ date: given }, { field: 'departedAt' });
  return at;
}

/** Of a shipping order that has not left yet, or left before these were kept. */
export const undelivered = () => ({
  departedAt: null,
  dispatchedAt: null,
  arrivedAt: null,
  signer: null,
  proof: null,
  damaged: [],
});

interface Signature {
  readonly deliveredOn?: string | undefined;
  readonly arrivedAt?: string | undefined;
  readonly signer?: string | undefined;
  readonly proof?: Proof | undefined;
  readonly damage?: string | undefined;
  readonly damaged?: readonly Damaged[] | undefined;
}

/** Writes down how the goods arrived. @throws notYet, damageWithoutNote, noSuchLine, moreThanShipped */
export function arrive(work: Work, subject: Shipment, form: Signature): void {
  const { arrivedAt, signer = null, proof = null, damage = null, damaged = [] } = form;
  const at = arrivedAt === undefined ? null : new Date(arrivedAt);
  const date = form.deliveredOn ?? (at ? work.calendar.dateOf(at) : work.today);
  if (date > work.today || date < subject.shippedOn!) throw notYet({ date }, { field: 'deliveredOn' });
  const early = at && subject.departedAt && at < subject.departedAt;
  if (at && (at > work.now || early || work.calendar.dateOf(at) !== date))
    throw notYet({ date: arrivedAt! }, { field: 'arrivedAt' });
  if (damaged.length > 0 && damage === null) throw damageWithoutNote({}, { field: 'damage' });
  const shipped = new Map(subject.lines.getItems().map(({ line, quantity }) => [line, quantity]));
  damaged.forEach(({ line, quantity }, i) => {
    const whole = shipped.get(line);
    if (!whole) throw noSuchLine({ line }, { field: `damaged.${i}.line` });
    const same = damaged.filter((other) => other.line === line).map((other) => Quantity.of(other.quantity));
    if (!Quantity.of(quantity).isPositive() || Quantity.sum(same).compare(whole) > 0)
      throw moreThanShipped({ line, shipped: String(whole) }, { field: `damaged.${i}.quantity` });
  });
  Object.assign(subject, { deliveredOn: date, arrivedAt: at, signer, proof, damage, damaged });
}

/** What the delivery says, for whoever measures carriers (on time, damage rate, freight to sales) or opens a complaint (C-01). */
export function delivered(subject: Shipment) {
  const { deliveredOn, promisedOn, shippedOn, owner, carrier, vehicle, freight, departedAt, arrivedAt, proof } =
    subject;
  const lines = new Map(subject.lines.getItems().map((line) => [line.line, line]));
  const damaged = subject.damaged.map(({ line, quantity, note }) => {
    const { orderLine, product, productCode, family, grade, colourNumber, batch } = lines.get(line)!;
    const goods = { line, orderLine, productId: product, productCode, family, grade, colourNumber, batch };
    return { ...goods, quantity: String(Quantity.of(quantity)), ...(note ? { note } : {}) };
  });
  return {
    deliveredOn: deliveredOn!,
    distributorCode: subject.distributorCode,
    net: String(subject.net),
    shippedOn: shippedOn!,
    units: String(Quantity.sum([...lines.values()].map(({ quantity }) => quantity))),
    damagedUnits: String(Quantity.sum(damaged.map(({ quantity }) => Quantity.of(quantity)))),
    ...(subject.damage ? { damage: subject.damage } : {}),
    ...(damaged.length > 0 ? { damaged } : {}),
    ...(owner && owner !== 'system' ? { salespersonId: owner } : {}),
    ...(carrier ? { carrier } : {}),
    ...(vehicle ? { vehicle } : {}),
    ...(freight ? { freight: String(freight) } : {}),
    ...(promisedOn ? { promisedOn, onTime: deliveredOn! <= promisedOn } : {}),
    ...(departedAt ? { departedAt: departedAt.toISOString() } : {}),
    ...(arrivedAt ? { arrivedAt: arrivedAt.toISOString() } : {}),
    ...(proof ? { proof } : {}),
  };
}

export const notYet = domainError({
  code: 'orders.shipment.date-out-of-order',
  kind: 'unprocessable',
  rule: 'O-05',
  en: '{date} is in the future, or before the goods left.',
  zh: '日期{date}晚于今天，或早于发货日期。',
});
const damageWithoutNote = domainError({
  code: 'orders.shipment.damage-without-note',
  kind: 'unprocessable',
  rule: 'O-05',
  en: 'Damaged goods need a note saying what happened.',
  zh: '货物破损须填写破损记录。',
});
const noSuchLine = domainError({
  code: 'orders.shipment.no-such-shipped-line',
  kind: 'unprocessable',
  rule: 'O-05',
  en: 'The shipping order has no line {line}.',
  zh: '出货单没有第{line}行。',
});
const moreThanShipped = domainError({
  code: 'orders.shipment.more-damaged-than-shipped',
  kind: 'unprocessable',
  rule: 'O-05',
  en: 'Line {line}: above zero and at most the {shipped} shipped can be damaged.',
  zh: '第{line}行：破损数量须大于零且不超过发货数量{shipped}。',
});
