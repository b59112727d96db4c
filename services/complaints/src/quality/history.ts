import type { ImportRow } from '@fenxiao/contracts/imports';
import { domainError } from '@fenxiao/domain/domain-error';
import { Quantity } from '@fenxiao/domain/quantity';
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
import { settings } from '../config.js';
import { unknownCustomer, type KnownCustomer } from '../purchases.js';
import { complaint } from './complaint.js';
import { Complaint } from './complaint-tables.js';
import { assign, type Assignment } from './handler.js';
import { unset } from './logging.js';
import { limitsFor } from './severity.js';

/** C-01: complaints of another register, with its times. What is open goes on here; no clock of today runs for it before it is moved. */
export const historicComplaints: Loader<'complaints'> = {
  kind: 'complaints',
  rule: 'C-01',
  load: async (rows, work) => {
    const { keyed, seen } = await seenBefore(work, 'complaints', rows);
    const known = await referencesOf(work, rows);
    const outcomes: Outcome[] = [];
    for (const { row, key, digest } of keyed) {
      const before = seen.get(key);
      const refusal = before ? undefined : refusalOf(work, row, known);
      if (before)
        outcomes.push(
          before.digest.equals(digest)
            ? { outcome: 'unchanged', id: before.id }
            : rejected(recordedOtherwise({ number: row.number }), 'number'),
        );
      else if (refusal) outcomes.push(refusal);
      else {
        const { id } = await record(work, row, known);
        known.numbers.add(row.number);
        seen.set(key, { id, digest });
        outcomes.push({ outcome: 'created', id });
      }
    }
    await work.em.flush();
    await remember(work, 'complaints', keyed, outcomes);
    return outcomes;
  },
};

type Row = ImportRow<'complaints'>;

interface Known {
  readonly customers: ReadonlyMap<string, KnownCustomer>;
  readonly products: ReadonlyMap<string, KnownProduct>;
  readonly regions: ReadonlyMap<string, string>;
  /** of complaints that are here already */
  readonly numbers: Set<string>;
  /** whoever handles an open one, by what decides it */
  readonly handlers: Map<string, Promise<Assignment>>;
}
interface KnownProduct {
  readonly id: string;
  readonly code: string;
  readonly name: string;
  readonly specification: string;
  readonly grade: string;
  readonly colour_number: string;
  readonly family: string;
}

async function referencesOf(work: Work, rows: readonly Row[]): Promise<Known> {
  const customers = await work.query<KnownCustomer>(
    'SELECT id, code, name, region, segment, class FROM known_customer WHERE code = ANY($1)',
    [rows.flatMap(({ distributorCode }) => distributorCode ?? [])],
  );
  const products = await work.query<KnownProduct>('SELECT * FROM known_product WHERE code = ANY($1)', [
    rows.flatMap(({ productCode }) => productCode ?? []),
  ]);
  const regions = await work.query<{ id: string; code: string }>(
    'SELECT id, code FROM known_region WHERE code = ANY($1)',
    [rows.flatMap(({ regionCode }) => regionCode ?? [])],
  );
  const taken = await work.query<{ number: string }>('SELECT number FROM complaint WHERE number = ANY($1)', [
    rows.map(({ number }) => number),
  ]);
  return {
    customers: new Map(customers.map((one) => [one.code, one])),
    products: new Map(products.map((one) => [one.code, one])),
    regions: new Map(regions.map(({ code, id }) => [code, id])),
    numbers: new Set(taken.map(({ number }) => number)),
    handlers: new Map(),
  };
}

/** `TS-2026-000001`: a number of ours that is not given yet, or was to another. */
const ours = /^TS-\d{4}-\d{6}$/;

function refusalOf(work: Work, row: Row, known: Known): Outcome | undefined {
  const { number, distributorCode, productCode, regionCode, receivedAt, closedAt } = row;
  if (ours.test(number)) return rejected(ownSeries({ number }), 'number');
  if (known.numbers.has(number)) return rejected(numberTaken({ number }), 'number');
  if (distributorCode && !known.customers.has(distributorCode))
    return rejected(unknownCustomer({ customer: distributorCode }), 'distributorCode');
  if (productCode && !known.products.has(productCode))
    return rejected(unknownProduct({ product: productCode }), 'productCode');
  if (regionCode && !known.regions.has(regionCode))
    return rejected(unknownRegion({ region: regionCode }), 'regionCode');
  for (const field of ['receivedAt', 'closedAt'] as const) {
    const minute = row[field];
    if (minute !== undefined && instantOf(work, minute) > work.now) return rejected(toCome({ minute }), field);
  }
  if (closedAt !== undefined && closedAt < receivedAt) return rejected(closedBefore(), 'closedAt');
  return undefined;
}

async function record(work: Work, row: Row, known: Known): Promise<Complaint> {
  const customer = row.distributorCode === undefined ? undefined : known.customers.get(row.distributorCode);
  const product = row.productCode === undefined ? undefined : known.products.get(row.productCode);
  const region = row.regionCode === undefined ? customer?.region : known.regions.get(row.regionCode);
  const receivedAt = instantOf(work, row.receivedAt);
  const closedAt = row.closedAt === undefined ? null : instantOf(work, row.closedAt);
  const keyAccount = customer?.class === 'A';
  const subject = work.em.create(Complaint, {
    ...historic(work, closedAt ? 'archived' : 'logged'),
    ...unset,
    ...(await handlerOf(work, row, keyAccount, known)),
    historic: true,
    source: row.source,
    createdAt: receivedAt,
    enteredAt: closedAt ?? receivedAt,
    closedAt,
    region: region ?? null,
    number: row.number,
    channel: row.channel,
    severity: row.severity,
    criteria: [],
    areas: [],
    mismatches: [],
    against: null,
    keyAccount,
    receivedAt,
    receivedOn: row.receivedAt.slice(0, 10),
    distributor: customer?.id ?? null,
    distributorCode: customer?.code ?? null,
    customer: null,
    telephone: null,
    receipt: '',
    orderNumber: null,
    shipment: null,
    shipmentLine: null,
    product: product?.id ?? null,
    productCode: product?.code ?? null,
    family: product?.family ?? null,
    productName: product?.name ?? '',
    specification: product?.specification ?? '',
    grade: product?.grade ?? '',
    colourNumber: product?.colour_number ?? '',
    batch: null,
    quantity: Quantity.of('0'),
    purchasedOn: null,
    defect: row.defect,
    description: row.description ?? row.defect,
    wanted: null,
    limits: limitsFor(row.severity, settings(work)),
  });
  publish(work, complaint, subject, 'recorded', {}, stampOf(subject, 'complaint', 'C-01'));
  return subject;
}

const instantOf = (work: Work, minute: string): Date => work.calendar.instantAt(minute.slice(0, 10), minute.slice(11));

/** What is closed has no handler; what is open gets the one it would get today. */
function handlerOf(work: Work, row: Row, keyAccount: boolean, { handlers }: Known): Assignment | Promise<Assignment> {
  if (row.closedAt !== undefined) return { handlerRole: 'sales-manager', handler: null };
  const key = `${row.severity} ${keyAccount}`;
  const found = handlers.get(key) ?? assign(work, { severity: row.severity, keyAccount, against: null });
  handlers.set(key, found);
  return found;
}

const unknownProduct = domainError({
  code: 'complaints.product.unknown',
  kind: 'unprocessable',
  rule: 'C-02',
  en: 'No product {product} is known here.',
  zh: '未知的产品：{product}。',
});
const unknownRegion = domainError({
  code: 'complaints.region.unknown',
  kind: 'unprocessable',
  rule: 'D-04',
  en: 'No region {region} is known here.',
  zh: '未知的区域：{region}。',
});
const ownSeries = domainError({
  code: 'complaints.complaint.own-series',
  kind: 'unprocessable',
  rule: 'C-01',
  en: '{number} is of the series that complaints are numbered by here.',
  zh: '{number}属于本系统的投诉编号序列，不得用于导入。',
});
const toCome = domainError({
  code: 'complaints.complaint.time-to-come',
  kind: 'unprocessable',
  rule: 'C-01',
  en: '{minute} is still to come.',
  zh: '{minute}尚未到来。',
});
const closedBefore = domainError({
  code: 'complaints.complaint.closed-before-received',
  kind: 'unprocessable',
  rule: 'C-01',
  en: 'A complaint is closed after it is received.',
  zh: '结案时间不得早于受理时间。',
});
