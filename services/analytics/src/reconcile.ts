import type { ClickHouseClient } from '@clickhouse/client';
import type { PartitionEnd } from '@fenxiao/messaging/event-log';
import { z } from 'zod';
import { rows } from './store.js';

/**
 * K-X04 Completeness and K-X05 Reconciliation: what the store has against what the log and the services say. Sums are taken
 * from the raw JSON a second time, by SQL that shares nothing with the views: from the totals of each document, where the
 * facts come from its lines.
 */

export type Check = 'completeness' | 'duplicates' | 'facts' | 'money' | 'services';

export interface Comparison {
  readonly check: Check;
  /** topic, or the table of facts */
  readonly topic: string;
  readonly basis: string;
  /** null: all days looked at */
  readonly day: string | null;
  /** counts, or money with two decimals */
  readonly expected: string;
  readonly actual: string;
}

export interface Scope {
  /** calendar dates by event time, both included */
  readonly from: string;
  readonly to: string;
  readonly timeZone: string;
}

/** The sums a service reports of what it booked, per basis and day. */
export const ServiceSums = z.array(
  z.object({
    basis: z.enum(['order', 'ship', 'invoice', 'receipt']),
    day: z.iso.date(),
    net: z.string().regex(/^-?\d+(\.\d{1,2})?$/),
    lines: z.int(),
  }),
);
export type ServiceSums = z.infer<typeof ServiceSums>;

/**
 * Every record of the log up to these ends is in raw_events, once.
 * @param ends as the log gave them before the sink had caught up with them
 */
export async function compareLog(client: ClickHouseClient, ends: readonly PartitionEnd[]): Promise<Comparison[]> {
  const found = await rows<{ topic: string; part: number; records: string; offsets: string }>(
    client,
    `SELECT topic, partition AS part, count() AS records, groupBitmap(offset) AS offsets FROM raw_events
     WHERE offset < transform(concat(topic, '/', toString(partition)), {names:Array(String)}, {next:Array(UInt64)}, 0) GROUP BY topic, partition`,
    { names: ends.map(({ topic, part }) => `${topic}/${part}`), next: ends.map(({ next }) => Number(next)) },
  );
  return [...Map.groupBy(ends, ({ topic }) => topic)].flatMap(([topic, parts]) => {
    const expected = parts.reduce((sum, { next }) => sum + next - 1n, 0n);
    const stored = found.filter((row) => row.topic === topic);
    const offsets = stored.reduce((sum, row) => sum + BigInt(row.offsets), 0n);
    const copies = stored.reduce((sum, row) => sum + BigInt(row.records) - BigInt(row.offsets), 0n);
    return [
      { check: 'completeness', topic, basis: '', day: null, expected: String(expected), actual: String(offsets) },
      { check: 'duplicates', topic, basis: '', day: null, expected: '0', actual: String(copies) },
    ] as const;
  });
}

const types = (...events: string[]) => `type IN (${events.map((event) => `'fenxiao.${event}.v1'`).join(', ')})`;
const inWindow = (column: string) => `toDate(${column}, {zone:String}) BETWEEN {from:Date} AND {to:Date}`;
const zoned = ({ from, to, timeZone }: Scope) => ({ from, to, zone: timeZone });

/** Events that book money, told by their type and their own JSON. */
const booking = {
  order: `${types('orders.order.submitted', 'orders.order.withdrawn')}
    OR (${types('orders.order.cancelled')} AND JSONExtractBool(data, 'submitted'))
    OR (${types('orders.order.recorded')} AND JSONExtractString(data, 'state') NOT IN ('draft', 'cancelled'))`,
  ship: types('orders.shipment.dispatched', 'orders.shipment.recorded'),
  invoice: types('orders.invoice.issued', 'orders.invoice.recorded'),
  receipt: types('orders.payment.received'),
  /** taken back from what was ordered */
  dropped: types('orders.order.closed-short'),
  /** taken back from what was shipped and from what was invoiced */
  credit: types('orders.credit-note.issued'),
};

/** Appended facts: which raw events must be there, and how many events are. */
const appendedFacts = {
  sales_facts: {
    expected: Object.values(booking)
      .map((sql) => `(${sql})`)
      .join(' OR '),
    actual: `SELECT uniqExact(topic, partition, offset) AS n FROM sales_facts WHERE ${inWindow('event_time')}`,
  },
  receivable_entries: {
    expected: `${booking.invoice} OR ${booking.credit}
      OR ${types('orders.write-off.approved', 'orders.payment.applied', 'orders.credit-note.applied')}
      OR (${booking.receipt} AND JSONLength(data, 'matched') > 0)`,
    actual: `SELECT uniqExact(topic, partition, offset) AS n FROM receivable_entries WHERE ${inWindow('event_time')}`,
  },
  moves: {
    expected: `match(type, '^fenxiao\\.[a-z-]+\\.[a-z-]+\\.[a-z-]+\\.v1$') AND (type LIKE '%.move.refused.v1' OR match(type, '\\.clock-(warned|breached)\\.v1$')
      OR JSONExtractString(data, 'meta', 'move', 'procedure') != '')`,
    actual: `SELECT count() AS n FROM moves WHERE ${inWindow('time')}`,
  },
};

const ofAggregate = (aggregate: string) => `startsWith(type, 'fenxiao.${aggregate}.') AND endsWith(type, '.v1')`;
/** Aggregates of orders and complaints that have facts of their own, or none. */
const otherThanSubjects = [
  ...['order', 'shipment', 'invoice', 'payment', 'product', 'price-exception', 'sample-stock'].map(
    (name) => `orders.${name}`,
  ),
  'orders.credit-position',
  'orders.stock-position',
  ...['complaint', 'service-complaint', 'after-sales-case', 'return-request'].map((name) => `complaints.${name}`),
  ...['orders', 'complaints'].flatMap((service) => ['move', 'document', 'notice'].map((name) => `${service}.${name}`)),
];
const subjectsOwn = `match(type, '^fenxiao\\.(orders|complaints)\\.[a-z-]+\\.[a-z-]+\\.v1$')
  AND NOT match(type, '^fenxiao\\.(${otherThanSubjects.join('|').replaceAll('.', '\\.')})\\.')`;

/** Facts kept by key: the messages every one of which, by its number, must be in them. */
const keyedFacts: Record<string, { table: string; key: string; messages: string; kind?: string }> = {
  order_facts: { table: 'order_facts', key: 'order_id', messages: ofAggregate('orders.order') },
  invoice_facts: { table: 'invoice_facts', key: 'invoice_id', messages: ofAggregate('orders.invoice') },
  shipment_facts: { table: 'shipment_facts', key: 'shipment_id', messages: ofAggregate('orders.shipment') },
  subject_facts: {
    table: 'subject_facts',
    key: 'id',
    // dead letters are no events of an aggregate: their type has no fact
    messages: subjectsOwn,
  },
  complaint_facts: {
    table: 'complaint_facts',
    key: 'id',
    messages: ['complaint', 'service-complaint', 'after-sales-case']
      .map((name) => ofAggregate(`complaints.${name}`))
      .join(' OR '),
  },
  survey_facts: { table: 'survey_facts', key: 'id', messages: ofAggregate('complaints.survey') },
  ...Object.fromEntries(
    [
      'distributors.distributor',
      'distributors.region',
      'orders.product',
      'orders.price-exception',
      'appraisals.person',
      'planning.competitor',
    ].map((kind) => [`entity_facts ${kind}`, { table: 'entity_facts', key: 'id', messages: ofAggregate(kind), kind }]),
  ),
};
/** Their facts that are no part of it: clocks are moves, and prices, rates and costs are not kept here. */
const otherFacts = `'clock-warned', 'clock-breached', 'tax-rate-set', 'cost-set'`;

/** Every event of the days in question that some fact is made of is in that fact or among the dead letters. */
export async function compareFacts(client: ClickHouseClient, scope: Scope): Promise<Comparison[]> {
  const dead = `(topic, partition, offset) IN (SELECT topic, partition, offset FROM dead_letters WHERE consumer = 'analytics')`;
  const found: Comparison[] = [];
  for (const [table, { expected, actual }] of Object.entries(appendedFacts)) {
    const [base] = await rows<{ expected: string; dead: string }>(
      client,
      `SELECT count() AS expected, countIf(${dead}) AS dead FROM raw_events WHERE ${inWindow('time')} AND (${expected})`,
      zoned(scope),
    );
    const [facts] = await rows<{ n: string }>(client, actual, zoned(scope));
    found.push({ ...factsOf(table), expected: base!.expected, actual: String(BigInt(facts!.n) + BigInt(base!.dead)) });
  }
  for (const [name, { table, key, messages, kind }] of Object.entries(keyedFacts)) {
    const [sums] = await rows<{ expected: string; actual: string }>(
      client,
      `WITH touched AS (SELECT DISTINCT subject FROM raw_events WHERE ${inWindow('time')} AND (${messages}))
       SELECT
         (SELECT sum(n) FROM (SELECT groupBitmap(toUInt32(sequence)) AS n FROM raw_events
           WHERE (${messages}) AND subject IN touched AND splitByChar('.', toString(type))[4] NOT IN (${otherFacts}) AND NOT ${dead} GROUP BY splitByChar('.', toString(type))[3], subject)) AS expected,
         (SELECT sum(n) FROM (SELECT groupBitmapMerge(events) AS n FROM ${table} WHERE toString(${key}) IN touched ${kind ? 'AND kind = {kind:String}' : ''} GROUP BY ${table === 'subject_facts' ? 'kind, ' : ''}${key})) AS actual`,
      { ...zoned(scope), ...(kind ? { kind } : {}) },
    );
    found.push({ ...factsOf(name), expected: sums!.expected, actual: sums!.actual });
  }
  return found;
}

const factsOf = (topic: string) => ({ check: 'facts', topic, basis: '', day: null }) as const;

/** Net sums per basis and booking day over the events of the days in question: facts against the documents' own totals. */
export async function compareMoney(client: ClickHouseClient, scope: Scope): Promise<Comparison[]> {
  const money = (field: string) => `toDecimal128OrZero(JSONExtractString(data, '${field}'), 2)`;
  const document = (basis: string, events: keyof typeof booking, day: string, amount: string) =>
    `SELECT '${basis}' AS basis, JSONExtractString(data, '${day}') AS day, sum(${amount}) AS net
     FROM raw_events WHERE ${inWindow('time')} AND (${booking[events]})
       AND (topic, partition, offset) NOT IN (SELECT topic, partition, offset FROM dead_letters WHERE consumer = 'analytics') GROUP BY day`;
  const taken = types('orders.order.cancelled', 'orders.order.withdrawn');
  const expected = await rows<DaySum>(
    client,
    [
      document('order', 'order', 'orderedOn', `if(${taken}, -1, 1) * ${money('net')}`),
      document('order', 'dropped', 'orderedOn', `${money('shippedNet')} - ${money('net')}`),
      document('ship', 'ship', 'shippedOn', money('net')),
      document('ship', 'credit', 'creditedOn', `-${money('net')}`),
      document('invoice', 'invoice', 'invoicedOn', money('net')),
      document('invoice', 'credit', 'creditedOn', `-${money('net')}`),
      document('receipt', 'receipt', 'receivedOn', money('amount')),
    ].join(' UNION ALL '),
    zoned(scope),
  );
  const actual = await rows<DaySum>(
    client,
    `SELECT toString(basis) AS basis, toString(booked_on) AS day, sum(s.net) AS net FROM sales_facts AS s WHERE ${inWindow('event_time')} GROUP BY basis, day`,
    zoned(scope),
  );
  return compareDays('money', '', expected, actual);
}

/**
 * What the rollup shows against what a service says it booked, per basis and day.
 * @param moving asked after the rollup was read: `basis day` of sums that changed meanwhile, to be left out
 */
export async function compareService(
  client: ClickHouseClient,
  name: string,
  sums: ServiceSums,
  scope: Scope,
  moving: () => Promise<ReadonlySet<string>>,
): Promise<Comparison[]> {
  const bases = [...new Set(sums.map(({ basis }) => basis))];
  if (bases.length === 0) return [];
  const actual = await rows<DaySum>(
    client,
    `SELECT toString(basis) AS basis, toString(booked_on) AS day, sum(s.net) AS net FROM sales_by_day AS s
     WHERE booked_on BETWEEN {from:Date} AND {to:Date} AND basis IN {bases:Array(String)} GROUP BY basis, day`,
    { ...zoned(scope), bases },
  );
  const left = await moving();
  const stands = ({ basis, day }: DaySum) => day >= scope.from && day <= scope.to && !left.has(`${basis} ${day}`);
  return compareDays('services', name, sums.filter(stands), actual.filter(stands));
}

interface DaySum {
  readonly basis: string;
  readonly day: string;
  readonly net: string;
}

/** One row for each day that differs, and one for the whole. */
function compareDays(
  check: Check,
  topic: string,
  expected: readonly DaySum[],
  actual: readonly DaySum[],
): Comparison[] {
  const days = new Map<string, { basis: string; day: string; expected: bigint; actual: bigint }>();
  for (const [side, sums] of [
    ['expected', expected],
    ['actual', actual],
  ] as const)
    for (const { basis, day, net } of sums) {
      const key = `${basis} ${day}`;
      const entry = days.get(key) ?? { basis, day, expected: 0n, actual: 0n };
      entry[side] += hundredths(net);
      days.set(key, entry);
    }
  const all = [...days.values()].toSorted((a, b) => (`${a.basis} ${a.day}` < `${b.basis} ${b.day}` ? -1 : 1));
  const row = (basis: string, day: string | null, sums: { expected: bigint; actual: bigint }): Comparison => ({
    check,
    topic,
    basis,
    day,
    expected: decimal(sums.expected),
    actual: decimal(sums.actual),
  });
  return [...Map.groupBy(all, ({ basis }) => basis)].flatMap(([basis, entries]) => [
    row(basis, null, {
      expected: entries.reduce((sum, entry) => sum + entry.expected, 0n),
      actual: entries.reduce((sum, entry) => sum + entry.actual, 0n),
    }),
    ...entries.filter((entry) => entry.expected !== entry.actual).map((entry) => row(basis, entry.day, entry)),
  ]);
}

function hundredths(text: string): bigint {
  const [, sign, whole, fraction = ''] = /^(-?)(\d+)(?:\.(\d{1,2}))?$/.exec(text)!;
  return BigInt(`${sign}${whole}${fraction.padEnd(2, '0')}`);
}

function decimal(units: bigint): string {
  const digits = String(units < 0n ? -units : units).padStart(3, '0');
  return `${units < 0n ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`;
}

export const holds = ({ expected, actual }: Comparison): boolean => hundredths(expected) === hundredths(actual);
