import { z } from 'zod';
import { Category, Employment, Kind } from './appraisals.js';
import { ComplaintChannel, Severity } from './complaints.js';
import { PartnerType, Segment, Terms } from './distributors.js';
import { Channel, Finding } from './orders.js';
import { productShape } from './prices.js';
import { Confidence } from './planning.js';
import { Role } from './roles.js';
import { CalendarDate, Code, Id, Line, LocalMinute, Percent, PositiveAmount, Price, QuantityText } from './wire.js';

/**
 * What spreadsheets bring in: one row shape per kind, and the service that takes it. Rows are keyed by what people
 * call things (codes, numbers), never by our ids. History enters as `record-historic`: money and references must hold;
 * what today's rules would have said is recorded as findings.
 */

const region = z.object({
  code: Code,
  name: Line,
  parentCode: Code.optional(),
  validFrom: CalendarDate.optional(),
  managerStaffNumber: Code.optional(),
});

const person = z.object({
  staffNumber: Code,
  name: Line,
  /** the account's subject; absent: no account yet */
  subject: Line.optional(),
  category: Category.default('business'),
  kind: Kind.default('sales'),
  employment: Employment.default('regular'),
  joinedOn: CalendarDate.optional(),
  lastDay: CalendarDate.optional(),
});

/** What somebody may do, from when: needs the person and the region. */
const position = z.object({
  staffNumber: Code,
  roles: z.array(Role).min(1),
  regionCode: Code.optional(),
  unit: Code.optional(),
  validFrom: CalendarDate.optional(),
});

const distributor = z.object({
  code: Code,
  name: Line,
  licence: Line.optional(),
  regionCode: Code,
  partnerType: PartnerType.default('distributor'),
  segment: Segment.default('regional-distributor'),
  class: z.enum(['A', 'B', 'C']).default('C'),
  terms: Terms.default('credit'),
  paymentDays: z.int().min(0).max(365).default(30),
  state: z.enum(['prospect', 'qualified', 'trial', 'active', 'suspended', 'terminated']).default('active'),
  creditLimit: PositiveAmount.optional(),
});

const product = z.object({
  ...productShape,
  taxRate: Percent.optional(),
  standardCost: Price.optional(),
  costFrom: CalendarDate.optional(),
  retired: z.boolean().optional(),
});

/** One price of a list; rows of one list, date and basis become one approved version. */
const price = z.object({
  listCode: Code,
  validFrom: CalendarDate,
  taxIncluded: z.boolean().default(false),
  productCode: Code,
  price: Price,
});

const stock = z.object({
  productCode: Code,
  warehouse: Code,
  batch: Code,
  quantity: QuantityText,
  grade: Line.optional(),
  receivedOn: CalendarDate.optional(),
});

const order = z.object({
  number: Line,
  distributorCode: Code,
  orderedOn: CalendarDate,
  promisedOn: CalendarDate.optional(),
  shippedOn: CalendarDate.optional(),
  deliveredOn: CalendarDate.optional(),
  /** person the sale counts for */
  staffNumber: Code.optional(),
  channel: Channel.default('direct'),
  segment: Segment.optional(),
  reference: Line.optional(),
  freight: PositiveAmount.optional(),
  carrier: Line.optional(),
  /** present: the goods were invoiced, on the day they were shipped unless a date is given */
  invoiceNumber: Line.optional(),
  invoicedOn: CalendarDate.optional(),
  dueOn: CalendarDate.optional(),
  /** the document's own total: compared with the lines */
  net: PositiveAmount.optional(),
  lines: z
    .array(
      z.object({
        productCode: Code,
        quantity: QuantityText,
        unitPrice: Price,
        discount: Percent.optional(),
        gift: z.boolean().optional(),
        taxRate: Percent.optional(),
      }),
    )
    .min(1)
    .max(1000),
});

const receipt = z.object({
  number: Line,
  distributorCode: Code,
  receivedOn: CalendarDate,
  amount: PositiveAmount,
  invoiceNumber: Line.optional(),
  reference: Line.optional(),
});

/** A complaint of another register: kept with its times; where it is open, it goes on here. */
const complaint = z.object({
  number: Line,
  receivedAt: LocalMinute,
  /** absent: open */
  closedAt: LocalMinute.optional(),
  regionCode: Code.optional(),
  distributorCode: Code.optional(),
  productCode: Code.optional(),
  /** what complaints are counted by */
  defect: Line,
  description: Line.optional(),
  severity: Severity.default('medium'),
  channel: ComplaintChannel.default('history'),
  /** the register it comes from */
  source: Line.default('history'),
});

const competitor = z.object({ code: Code, name: Line, us: z.boolean().optional() });

const observation = z.object({
  /** any day of the month */
  month: CalendarDate,
  regionCode: Code,
  category: Line,
  /** code or name of a vendor; one nobody registered counts as "other" and keeps its name */
  vendor: Line,
  value: PositiveAmount,
  volume: QuantityText.optional(),
  source: Line,
  confidence: Confidence.default('medium'),
});

/**
 * Kinds in the order in which they depend on each other, with the service that owns each. `key`: what makes two rows rows about the
 * same thing. `references`: fields that name a thing of another kind, and by which of its fields (`lines.productCode`:
 * in each line). A row whose reference leads nowhere is rejected with a code that ends in `.unknown`.
 */
export const imports = {
  people: { service: 'appraisals', key: ['staffNumber'], row: person },
  regions: {
    service: 'distributors',
    key: ['code'],
    row: region,
    references: { parentCode: ['regions', 'code'], managerStaffNumber: ['people', 'staffNumber'] },
  },
  positions: {
    service: 'appraisals',
    key: ['staffNumber', 'regionCode', 'validFrom'],
    row: position,
    references: { staffNumber: ['people', 'staffNumber'], regionCode: ['regions', 'code'] },
  },
  distributors: {
    service: 'distributors',
    key: ['code'],
    row: distributor,
    references: { regionCode: ['regions', 'code'] },
  },
  products: { service: 'orders', key: ['code'], row: product },
  prices: {
    service: 'orders',
    key: ['listCode', 'validFrom', 'taxIncluded', 'productCode'],
    row: price,
    references: { productCode: ['products', 'code'] },
  },
  stock: {
    service: 'orders',
    key: ['productCode', 'warehouse', 'batch'],
    row: stock,
    references: { productCode: ['products', 'code'] },
  },
  orders: {
    service: 'orders',
    key: ['number'],
    row: order,
    references: {
      distributorCode: ['distributors', 'code'],
      staffNumber: ['people', 'staffNumber'],
      'lines.productCode': ['products', 'code'],
    },
  },
  receipts: {
    service: 'orders',
    key: ['number'],
    row: receipt,
    references: { distributorCode: ['distributors', 'code'], invoiceNumber: ['orders', 'invoiceNumber'] },
  },
  complaints: {
    service: 'complaints',
    key: ['source', 'number'],
    row: complaint,
    references: {
      regionCode: ['regions', 'code'],
      distributorCode: ['distributors', 'code'],
      productCode: ['products', 'code'],
    },
  },
  competitors: { service: 'planning', key: ['code'], row: competitor },
  observations: {
    service: 'planning',
    key: ['month', 'regionCode', 'category', 'vendor', 'source'],
    row: observation,
    references: { regionCode: ['regions', 'code'] },
  },
} as const;
export type ImportKind = keyof typeof imports;
export type ImportRow<K extends ImportKind> = z.infer<(typeof imports)[K]['row']>;

/** `POST /imports/{kind}`: a batch of rows, each tried on its own. A dry run answers the same and writes nothing. */
export const ImportBatch = z.object({
  importId: Id,
  dryRun: z.boolean().default(false),
  rows: z.array(z.record(z.string(), z.unknown())).min(1).max(2000),
});

export const ImportOutcome = z.object({
  outcome: z.enum(['created', 'changed', 'unchanged', 'rejected']),
  id: Id.optional(),
  errors: z.array(z.object({ field: z.string(), code: z.string(), message: z.string() })).optional(),
  findings: z.array(Finding).optional(),
});
export const ImportAnswer = z.object({ results: z.array(ImportOutcome) });
