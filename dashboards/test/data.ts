/** A small data set whose every figure was worked out by hand; the panels must give the same. */
import type { TestEvent } from './engine.js';

const id = (n: number): string => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;

export const regions = { east: id(1), shanghai: id(2), hangzhou: id(3), west: id(4), chongqing: id(5) };
export const salesperson = id(50);
const distributor = (n: number): string => id(100 + n);

const meta = (to?: string) => ({
  actor: 'system',
  role: 'system',
  rule: 'O-01',
  ...(to === undefined ? {} : { move: { procedure: 'order', name: 'move', to } }),
});
const at = (day: string): string => `${day}T04:00:00.000Z`;

const region = (subject: string, code: string, name: string, parentId?: string): TestEvent => ({
  type: 'fenxiao.distributors.region.created.v1',
  subject,
  time: at('2020-01-01'),
  data: { meta: meta(), code, name, validFrom: '2020-01-01', ...(parentId ? { parentId } : {}) },
});

const partner = (n: number, regionId: string): TestEvent => ({
  type: 'fenxiao.distributors.distributor.created.v1',
  subject: distributor(n),
  time: at('2020-01-02'),
  data: {
    meta: meta(),
    code: `D${n}`,
    name: `Distributor ${n}`,
    licence: 'L',
    partnerType: 'distributor',
    segment: 'retail-shop',
    class: 'A',
    regionId,
    terms: 'credit',
    paymentDays: 30,
  },
});

interface Line {
  family: string;
  net: string;
}

const lines = (of: Line[]) =>
  of.map(({ family, net }, i) => ({
    line: i + 1,
    orderLine: i + 1,
    productId: id(900),
    productCode: 'P',
    family,
    quantity: '1.000',
    listPrice: net,
    unitPrice: net,
    discount: '0',
    gift: false,
    net,
    tax: '0.00',
    gross: net,
  }));
const sum = (of: Line[]): string => of.reduce((total, { net }) => total + Number(net), 0).toFixed(2);

const head = (n: number, regionId: string, of: Line[], person?: string) => ({
  number: 'N',
  distributorId: distributor(n),
  distributorCode: `D${n}`,
  regionId,
  segment: 'retail-shop',
  channel: 'direct',
  currency: 'CNY',
  net: sum(of),
  tax: '0.00',
  gross: sum(of),
  lines: lines(of),
  ...(person ? { salespersonId: person } : {}),
});

let documents = 1000;
const shipped = (day: string, n: number, regionId: string, of: Line[], person?: string): TestEvent => ({
  type: 'fenxiao.orders.shipment.dispatched.v1',
  subject: id(++documents),
  time: at(day),
  data: { meta: meta(), ...head(n, regionId, of, person), orderId: id(5000), orderNumber: 'N', shippedOn: day },
});

const order = (
  fact: string,
  subject: string,
  day: string,
  to: string,
  of: Line[],
  n: number,
  regionId: string,
  more = {},
): TestEvent => ({
  type: `fenxiao.orders.order.${fact}.v1`,
  subject,
  time: at(day),
  data: { meta: meta(to), ...head(n, regionId, of, n === 1 ? salesperson : undefined), orderedOn: day, ...more },
});

const exception = (subject: string, fact: string, orderId: string, marginGivenAway: string): TestEvent => ({
  type: `fenxiao.orders.price-exception.${fact}.v1`,
  subject,
  time: at('2026-01-11'),
  data: {
    meta: { ...meta(), region: regions.shanghai },
    orderId,
    orderNumber: 'N',
    approver: 'sales-manager',
    deviation: '-5',
    marginGivenAway,
    currency: 'CNY',
    lines: [{ line: 1, productId: id(900), quantity: '1.000', listPrice: '110', unitPrice: '100', deviation: '-5' }],
  },
});

let observations = 2000;
const observed = (
  month: string,
  regionId: string,
  category: string,
  vendor: string,
  value: string,
  volume: string | undefined,
  confidence: string,
  source = 'Association',
): TestEvent => ({
  type: 'fenxiao.planning.market-observation.recorded.v1',
  subject: id(++observations),
  time: at('2026-04-01'),
  data: {
    meta: meta(),
    month,
    regionId,
    category,
    vendor,
    value,
    currency: 'CNY',
    source,
    confidence,
    // sources write names as they like: those of the register count
    vendorName: { us: 'US', acme: 'ACME Ltd' }[vendor] ?? 'Small Co',
    ...(volume === undefined ? {} : { volume }),
  },
});

const { east, shanghai, hangzhou, west, chongqing } = regions;
const tiles = (net: string): Line => ({ family: 'tiles', net });
const [o1, o2, o3, o4] = [id(3001), id(3002), id(3003), id(3004)];

export const events: TestEvent[] = [
  region(east, 'E', '华东'),
  region(shanghai, 'E1', '上海', east),
  region(hangzhou, 'E2', '杭州', east),
  region(west, 'W', '西南'),
  region(chongqing, 'W1', '重庆', west),
  ...[1, 2, 3, 4, 5].map((n) => partner(n, shanghai)),
  partner(6, chongqing),
  {
    type: 'fenxiao.appraisals.person.registered.v1',
    subject: salesperson,
    time: at('2020-01-01'),
    data: {
      meta: meta(),
      staffNumber: 'S7',
      category: 'business',
      kind: 'sales',
      employment: 'regular',
      joinedOn: '2020-01-01',
    },
  },

  // the period is January to March 2026: 1,000.00 in 7 lines
  ...[1, 2, 3, 4, 5].map((n) =>
    shipped('2026-01-15', n, shanghai, [tiles('100.00')], n === 1 ? salesperson : undefined),
  ),
  shipped('2026-02-10', 6, chongqing, [tiles('300.00')]),
  shipped('2026-03-31', 1, shanghai, [{ family: 'stone', net: '200.00' }]),
  // the last day before it, the first day after it
  shipped('2025-12-31', 1, shanghai, [tiles('50.00')]),
  shipped('2026-04-01', 1, shanghai, [tiles('999.00')]),
  // last year: 400.00
  shipped('2025-02-20', 6, chongqing, [tiles('250.00')]),
  shipped('2025-03-01', 1, shanghai, [tiles('150.00')]),

  // orders: two count, of 300.00 in 3 lines; one is cancelled, one is a draft
  order('submitted', o1, '2026-01-10', 'submitted', [tiles('110.00'), tiles('90.00')], 1, shanghai),
  order('submitted', o2, '2026-02-05', 'submitted', [tiles('100.00')], 6, chongqing),
  order('confirmed', o2, '2026-02-05', 'confirmed', [tiles('100.00')], 6, chongqing, { straightThrough: true }),
  order('submitted', o3, '2026-03-03', 'submitted', [tiles('500.00')], 1, shanghai),
  order('cancelled', o3, '2026-03-03', 'cancelled', [tiles('500.00')], 1, shanghai, { submitted: true }),
  order('created', o4, '2026-03-04', 'draft', [tiles('70.00')], 1, shanghai),
  exception(id(4001), 'requested', o1, '10.00'),
  exception(id(4001), 'approved', o1, '10.00'),
  exception(id(4002), 'requested', o2, '5.00'),
  exception(id(4002), 'voided', o2, '5.00'),

  // the market: we 600.00 of 2,200.00; Acme 1,000.00; others 600.00
  {
    type: 'fenxiao.planning.competitor.registered.v1',
    subject: id(6001),
    time: at('2020-01-01'),
    data: { meta: meta(), code: 'us', name: 'Wo' },
  },
  {
    type: 'fenxiao.planning.competitor.registered.v1',
    subject: id(6002),
    time: at('2020-01-01'),
    data: { meta: meta(), code: 'acme', name: 'Acme' },
  },
  {
    type: 'fenxiao.planning.competitor.chosen-as-us.v1',
    subject: id(6001),
    time: at('2020-01-02'),
    data: { meta: meta(), code: 'us', name: 'Wo' },
  },
  observed('2026-01-01', shanghai, 'tiles', 'us', '200.00', '20', 'high'),
  observed('2026-01-01', shanghai, 'tiles', 'acme', '400.00', '40', 'high'),
  observed('2026-01-01', shanghai, 'tiles', 'other', '400.00', '40', 'high'),
  observed('2026-02-01', shanghai, 'tiles', 'us', '300.00', '30', 'low'),
  observed('2026-02-01', shanghai, 'tiles', 'acme', '500.00', undefined, 'low'),
  observed('2026-02-01', shanghai, 'tiles', 'other', '200.00', '20', 'low'),
  observed('2026-03-01', chongqing, 'stone', 'us', '100.00', '10', 'medium', 'Survey'),
  observed('2026-03-01', chongqing, 'stone', 'acme', '100.00', '10', 'medium', 'Survey'),
  // of two sources on one cell the more confident one counts
  observed('2026-03-01', chongqing, 'stone', 'acme', '777.00', '10', 'low', 'Rumour'),
  // the three months before: 10 %
  observed('2025-12-01', shanghai, 'tiles', 'us', '100.00', undefined, 'high'),
  observed('2025-12-01', shanghai, 'tiles', 'acme', '900.00', undefined, 'high'),
  // last year's months: 50 %
  observed('2025-02-01', shanghai, 'tiles', 'us', '50.00', undefined, 'high'),
  observed('2025-02-01', shanghai, 'tiles', 'acme', '50.00', undefined, 'high'),
];

const runs = { smoke: '01990000-0000-7000-8000-000000000001', average: '01990000-0000-7000-8000-000000000002' };
/** Two runs of the load tests, as `npm run load` writes them. */
export const loadResults = `
    INSERT INTO load_results (run_id, started_at, scenario, version, seconds, people, operation, requests, failed, rate, p50, p95, p99, broken) VALUES
    ('${runs.smoke}', '2026-02-01 01:00:00', 'smoke', '0.1.0', 30, 1, '', 60, 0, 2, 20, 90, 120, []),
    ('${runs.smoke}', '2026-02-01 01:00:00', 'smoke', '0.1.0', 30, 1, 'place', 20, 0, 0.7, 30, 95, 120, []),
    ('${runs.average}', '2026-03-01 01:00:00', 'average', '0.1.0', 390, 25, '', 4000, 40, 10.3, 40, 310, 900, ['checks rate>0.99']),
    ('${runs.average}', '2026-03-01 01:00:00', 'average', '0.1.0', 390, 25, 'place', 1000, 40, 2.6, 60, 410, 900, []),
    ('${runs.average}', '2026-03-01 01:00:00', 'average', '0.1.0', 390, 25, 'panel', 3000, 0, 7.7, 35, 290, 600, [])`;
