import type { ImportRow } from '@fenxiao/contracts/imports';
import type { Finding } from '@fenxiao/contracts/orders';
import { domainError, type DomainError } from '@fenxiao/domain/domain-error';
import { Money } from '@fenxiao/domain/money';
import { Percentage } from '@fenxiao/domain/percentage';
import { Quantity } from '@fenxiao/domain/quantity';
import { UnitPrice } from '@fenxiao/domain/unit-price';
import { publish } from '@fenxiao/service-kit/engine';
import {
  historic,
  numberTaken,
  recordedOtherwise,
  rejected,
  remember,
  seenBefore,
  stampOf,
  type Loader,
  type Outcome,
} from '@fenxiao/service-kit/imports';
import type { Work } from '@fenxiao/service-kit/work';
import type { z } from 'zod';
import { enterHistory } from '../books/ledger.js';
import { settings } from '../config.js';
import { undelivered } from '../delivery.js';
import { unknownDistributor, type KnownDistributor } from '../distributor.js';
import { entryOf, goodsOf, Invoice, invoice } from '../invoice.js';
import { totalsOf, type LineColumns } from '../lines.js';
import { order } from '../order-moves.js';
import { Order, OrderLine } from '../order-tables.js';
import { amountsOf, covers, defaultBands, deviationOf, valuesOf } from '../pricing.js';
import { unknownProduct } from '../product.js';
import { shipment } from '../shipment-moves.js';
import { Shipment, ShipmentLine } from '../shipment-tables.js';

/**
 * Orders of the past, with their own dates, shipments and invoices. References and money must hold; authority, credit
 * and form are only said of them (findings), since the past can't be refused.
 */
export const historicOrders: Loader<'orders'> = {
  kind: 'orders',
  rule: 'O-01',
  load: async (rows, work) => {
    const { keyed, seen } = await seenBefore(work, 'orders', rows);
    const references = await referencesOf(work, rows);
    const outcomes = keyed.map(({ row, key, digest }): Outcome => {
      const before = seen.get(key);
      if (before)
        return before.digest.equals(digest)
          ? { outcome: 'unchanged', id: before.id }
          : rejected(recordedOtherwise({ number: key }), 'number');
      const checked = check(row, references);
      if ('error' in checked) return rejected(checked.error, checked.field);
      const made = record(work, row, checked);
      references.orders.add(row.number);
      if (row.invoiceNumber !== undefined && row.shippedOn !== undefined) references.invoices.add(row.invoiceNumber);
      seen.set(key, { id: made.id, digest });
      return { outcome: 'created', id: made.id, ...(made.findings.length > 0 ? { findings: made.findings } : {}) };
    });
    await work.em.flush();
    const made = outcomes.flatMap(({ outcome, id }) => (outcome === 'created' && id ? [id] : []));
    await enterHistory(work, (await work.em.find(Invoice, { orderId: { $in: made } })).map(entryOf));
    await remember(work, 'orders', keyed, outcomes);
    return outcomes;
  },
};

interface KnownProduct {
  readonly id: string;
  readonly code: string;
  readonly family: string;
  readonly grade: string;
  readonly colour_number: string;
  readonly state: string;
}
interface References {
  readonly distributors: ReadonlyMap<string, KnownDistributor>;
  readonly products: ReadonlyMap<string, KnownProduct>;
  /** list price and tax rate of a product on a day: `code date` */
  readonly terms: ReadonlyMap<string, { price: string | null; tax_included: boolean | null; rate: string | null }>;
  readonly people: ReadonlyMap<string, string>;
  /** numbers of orders and invoices that are taken */
  readonly orders: Set<string>;
  readonly invoices: Set<string>;
  readonly standardTaxRate: string;
}

/** Everything the batch refers to, in a handful of statements. */
async function referencesOf(work: Work, rows: readonly ImportRow<'orders'>[]): Promise<References> {
  const pairs = [
    ...new Map(
      rows.flatMap(({ orderedOn, lines }) =>
        lines.map(({ productCode }) => [`${productCode} ${orderedOn}`, [productCode, orderedOn] as const]),
      ),
    ).values(),
  ];
  const distributors = await work.query<KnownDistributor>(
    `SELECT d.*, coalesce(l.credit_limit, 0)::text AS credit_limit FROM known_distributor d LEFT JOIN known_credit_limit l ON l.distributor = d.id WHERE code = ANY($1)`,
    [rows.map(({ distributorCode }) => distributorCode)],
  );
  const products = await work.query<KnownProduct>(
    'SELECT id, code, family, grade, colour_number, state FROM product WHERE code = ANY($1)',
    [pairs.map(([code]) => code)],
  );
  const terms = await work.query<{
    code: string;
    day: string;
    price: string | null;
    tax_included: boolean | null;
    rate: string | null;
  }>(
    `SELECT q.code, q.day::text AS day, l.price::text, l.tax_included, t.rate::text FROM unnest($1::text[], $2::date[]) q(code, day)
     JOIN product p ON p.code = q.code
     LEFT JOIN LATERAL (SELECT rate FROM tax_rate WHERE product = p.id AND valid_from <= q.day ORDER BY valid_from DESC LIMIT 1) t ON true
     LEFT JOIN LATERAL (
       SELECT pl.price, l.tax_included FROM price_list_line pl JOIN price_list l ON l.id = pl.price_list
       WHERE pl.product = p.id AND l.state = 'approved' AND l.valid_from <= q.day ORDER BY l.valid_from DESC, l.version_number DESC LIMIT 1) l ON true`,
    [pairs.map(([code]) => code), pairs.map(([, day]) => day)],
  );
  const people = await work.query<{ id: string; staff_number: string }>(
    'SELECT id, staff_number FROM known_person WHERE staff_number = ANY($1)',
    [rows.flatMap(({ staffNumber }) => staffNumber ?? [])],
  );
  const numbers = async (table: '"order"' | 'invoice', wanted: readonly string[]) =>
    (await work.query<{ number: string }>(`SELECT number FROM ${table} WHERE number = ANY($1)`, [wanted])).map(
      ({ number }) => number,
    );
  const orders = await numbers(
    '"order"',
    rows.map(({ number }) => number),
  );
  const invoices = await numbers(
    'invoice',
    rows.flatMap(({ invoiceNumber }) => invoiceNumber ?? []),
  );
  return {
    orders: new Set(orders),
    invoices: new Set(invoices),
    distributors: new Map(distributors.map((known) => [known.code, known])),
    products: new Map(products.map((known) => [known.code, known])),
    terms: new Map(terms.map(({ code, day, ...rest }) => [`${code} ${day}`, rest])),
    people: new Map(people.map(({ id, staff_number }) => [staff_number, id])),
    standardTaxRate: settings(work).STANDARD_TAX_RATE,
  };
}

interface Checked {
  readonly distributor: KnownDistributor;
  readonly owner: string | null;
  readonly lines: readonly (LineColumns & { readonly known: KnownProduct })[];
  readonly findings: z.infer<typeof Finding>[];
}
type Fault = { readonly error: DomainError; readonly field: string };

/** References and money must hold. */
function check(row: ImportRow<'orders'>, references: References): Checked | Fault {
  if (references.orders.has(row.number)) return { error: numberTaken({ number: row.number }), field: 'number' };
  if (row.invoiceNumber !== undefined && references.invoices.has(row.invoiceNumber))
    return { error: numberTaken({ number: row.invoiceNumber }), field: 'invoiceNumber' };
  const distributor = references.distributors.get(row.distributorCode);
  if (!distributor)
    return { error: unknownDistributor({ distributor: row.distributorCode }), field: 'distributorCode' };
  const owner = row.staffNumber === undefined ? null : references.people.get(row.staffNumber);
  if (owner === undefined) return { error: unknownSeller({ staffNumber: row.staffNumber! }), field: 'staffNumber' };
  const missing = row.lines.findIndex(({ productCode }) => !references.products.has(productCode));
  if (missing >= 0)
    return {
      error: unknownProduct({ product: row.lines[missing]!.productCode }),
      field: `lines.${missing}.productCode`,
    };
  if (row.shippedOn !== undefined && row.shippedOn < row.orderedOn)
    return { error: outOfOrder({ first: row.orderedOn, second: row.shippedOn }), field: 'shippedOn' };
  const drafts = row.lines.map((line, i) => draft(line, i, row.orderedOn, references));
  const deviations = new Map(valuesOf(drafts).map((value) => [value.line, value]));
  const lines = drafts.map((line) => {
    const value = deviations.get(line.line);
    return { ...line, listPrice: line.listPrice ?? null, deviation: (value && deviationOf(value)) ?? null };
  });
  const { net } = totalsOf(lines);
  if (row.net !== undefined && !Money.of(row.net).equals(net))
    return { error: totalDiffers({ stated: row.net, sum: String(net) }), field: 'net' };
  return { distributor, owner, lines, findings: findingsOf(row, distributor, lines, [...deviations.values()]) };
}

function draft(input: ImportRow<'orders'>['lines'][number], i: number, orderedOn: string, references: References) {
  const known = references.products.get(input.productCode)!;
  const terms = references.terms.get(`${known.code} ${orderedOn}`);
  const taxRate = Percentage.of(input.taxRate ?? terms?.rate ?? references.standardTaxRate);
  const taxIncluded = terms?.tax_included ?? false;
  const line = {
    line: i + 1,
    family: known.family,
    quantity: Quantity.of(input.quantity),
    unitPrice: UnitPrice.of(input.unitPrice),
    discount: Percentage.of(input.discount ?? '0'),
    gift: input.gift ?? false,
    listPrice: terms?.price ? UnitPrice.of(terms.price) : undefined,
  };
  return {
    ...line,
    known,
    product: known.id,
    productCode: known.code,
    taxRate,
    taxIncluded,
    ...amountsOf(line, taxRate, taxIncluded),
    allocated: Quantity.zero,
    issued: Quantity.zero,
    shipped: Quantity.zero,
  };
}

/** What today's rules would have said. */
function findingsOf(
  row: ImportRow<'orders'>,
  distributor: KnownDistributor,
  lines: Checked['lines'],
  values: ReturnType<typeof valuesOf>,
): Checked['findings'] {
  const findings: Checked['findings'] = [];
  if (distributor.state !== 'active')
    findings.push({
      rule: 'D-01',
      code: 'orders.distributor.not-active',
      detail: `distributor is ${distributor.state}`,
    });
  const gross = totalsOf(lines).gross;
  if (distributor.terms === 'credit' && gross.compare(Money.of(distributor.credit_limit)) > 0)
    findings.push({
      rule: 'D-21',
      code: 'orders.credit.over-limit',
      detail: `${gross.toString()} alone passes the limit ${distributor.credit_limit}`,
    });
  if (row.invoiceNumber !== undefined && row.shippedOn === undefined)
    findings.push({
      rule: 'O-50',
      code: 'orders.invoice.not-shipped',
      detail: `goods never shipped are not owed: invoice ${row.invoiceNumber} is left out`,
    });
  for (const { line, listPrice, known } of lines) {
    if (!listPrice)
      findings.push({
        rule: 'O-10',
        code: 'orders.price.no-list-price',
        line,
        detail: `no list price on ${row.orderedOn}`,
      });
    if (known.state !== 'active')
      findings.push({ rule: 'O-42', code: 'orders.product.retired', line, detail: `product is ${known.state}` });
  }
  for (const value of values)
    if (value.list !== 0n && !covers(defaultBands, ['salesperson'], value))
      findings.push({
        rule: 'O-11',
        code: 'orders.price.outside-band',
        line: value.line,
        detail: `${String(deviationOf(value))} % from the list`,
      });
  return findings;
}

/** Where an order of the past stands: what was not shipped is still owed to the customer. */
function record(work: Work, row: ImportRow<'orders'>, { distributor, owner, lines, findings }: Checked): Order {
  const shipped = row.shippedOn !== undefined;
  const state = !shipped ? 'backordered' : row.deliveredOn === undefined ? 'shipped' : 'completed';
  const totals = totalsOf(lines);
  const subject = work.em.create(Order, {
    ...historic(work, state),
    ...totals,
    region: distributor.region,
    owner,
    number: row.number,
    findings,
    historic: true,
    distributor: distributor.id,
    distributorCode: distributor.code,
    segment: row.segment ?? distributor.segment,
    channel: row.channel,
    orderedOn: row.orderedOn,
    promisedOn: row.promisedOn ?? null,
    firstPromisedOn: row.promisedOn ?? null,
    large: false,
    draftReservedUntil: null,
    reference: row.reference ?? null,
    partialAllowed: true,
    unshipped: shipped ? Money.zero : totals.gross,
    holds: [],
    heldOnce: false,
    creditReleasedUntil: null,
    priceCleared: 'historic',
    submittedAt: work.calendar.startOfDay(row.orderedOn),
  });
  for (const { known: _, ...line } of lines) {
    const done = shipped ? line.quantity : Quantity.zero;
    subject.lines.add(work.em.create(OrderLine, { order: subject, ...line, issued: done, shipped: done }));
  }
  publish(
    work,
    order,
    subject,
    'recorded',
    { shippedOn: row.shippedOn, deliveredOn: row.deliveredOn },
    stampOf(subject, 'order', 'O-01'),
  );
  if (row.shippedOn !== undefined) ship(work, row, row.shippedOn, subject, lines, distributor);
  return subject;
}

function ship(
  work: Work,
  row: ImportRow<'orders'>,
  shippedOn: string,
  sold: Order,
  lines: Checked['lines'],
  distributor: KnownDistributor,
): void {
  const { net, tax, gross } = sold;
  const about = { orderId: sold.id, distributor: sold.distributor, net, tax, gross };
  const common = {
    ...historic(work, row.deliveredOn === undefined ? 'shipped' : 'signed'),
    region: sold.region,
    owner: sold.owner,
  };
  const made = work.em.create(Shipment, {
    ...common,
    ...about,
    number: `H-${row.number}`,
    orderNumber: sold.number,
    distributorCode: sold.distributorCode,
    segment: sold.segment,
    channel: sold.channel,
    shippedOn,
    deliveredOn: row.deliveredOn ?? null,
    carrier: row.carrier ?? null,
    vehicle: null,
    freight: row.freight === undefined ? null : Money.of(row.freight),
    damage: null,
    promisedOn: sold.promisedOn,
    ...undelivered(),
    historic: true,
  });
  for (const { line, product, productCode, family, quantity, unitPrice, known, ...amounts } of lines) {
    const money = { net: amounts.net, tax: amounts.tax, gross: amounts.gross, cost: null };
    const untouched = { returned: Quantity.zero, credited: Quantity.zero };
    const goods = {
      product,
      productCode,
      family,
      colourNumber: known.colour_number,
      grade: known.grade,
      batch: 'historic',
      stockItem: null,
    };
    made.lines.add(
      work.em.create(ShipmentLine, {
        shipment: made,
        line,
        orderLine: line,
        quantity,
        unitPrice,
        ...goods,
        ...money,
        ...untouched,
      }),
    );
  }
  publish(work, shipment, made, 'recorded', {}, stampOf(made, 'shipment', 'O-04'));
  if (row.invoiceNumber === undefined) return;
  const invoicedOn = row.invoicedOn ?? shippedOn;
  const billed = work.em.create(Invoice, {
    ...common,
    ...historic(work, 'outstanding'),
    region: sold.region,
    owner: sold.owner,
    ...about,
    number: row.invoiceNumber,
    shipment: made.id,
    invoicedOn,
    dueOn: row.dueOn ?? work.calendar.addDays(invoicedOn, distributor.payment_days),
    openAmount: gross,
    settledOn: null,
    shipments: null,
  });
  publish(work, invoice, billed, 'recorded', goodsOf(made), stampOf(billed, 'invoice', 'O-50'));
}

const unknownSeller = domainError({
  code: 'orders.person.unknown',
  kind: 'unprocessable',
  rule: 'X-01a',
  en: 'Nobody with the staff number {staffNumber} is known here.',
  zh: '未知的工号：{staffNumber}。',
});
const outOfOrder = domainError({
  code: 'orders.order.dates-out-of-order',
  kind: 'unprocessable',
  rule: 'O-01',
  en: 'Shipped ({second}) before it was ordered ({first}).',
  zh: '发货日期（{second}）早于订货日期（{first}）。',
});
const totalDiffers = domainError({
  code: 'orders.order.total-differs',
  kind: 'unprocessable',
  rule: 'O-01',
  en: 'The lines add up to {sum}, the document says {stated}.',
  zh: '明细合计为{sum}，单据金额为{stated}。',
});
