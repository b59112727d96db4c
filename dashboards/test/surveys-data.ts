/** Surveys whose figures were worked out by hand: vectors 12 and 13 of the KPI catalogue. */
import type { TestEvent } from './engine.js';
import { customer, event, id, line, regions, tile } from './orders-data.js';

const region = regions.credited;
const who = customer(3);

type Kind = 'delivery' | 'complaint' | 'nps';
/** One survey of its own: issued, handed over, and answered where there is a score. */
function asked(n: number, kind: Kind, score?: number, { on = '2026-05-12', comment = '' } = {}): TestEvent[] {
  const subject = id(60_000 + n);
  const base = {
    number: `DC-${String(n).padStart(4, '0')}`,
    kind,
    ...who,
    segment: 'retail-shop',
    ...(kind === 'nps' ? { period: on < '2026-04' ? '2025-H2' : '2026-H1' } : { aboutNumber: `CH-${n}` }),
    issuedOn: '2026-05-10',
    expiresOn: '2026-06-09',
  };
  const handed = { ...base, deliveredOn: '2026-05-11' };
  const fact = (name: string, data: object, to: string) =>
    event(`complaints.survey.${name}`, subject, on, data as Record<string, unknown>, { to, region });
  return [
    fact('issued', base, 'issued'),
    fact('delivered', { ...handed, way: 'message' }, 'delivered'),
    ...(score === undefined
      ? []
      : [fact('answered', { ...handed, answeredOn: on, score, ...(comment ? { comment } : {}) }, 'answered')]),
  ];
}

const times = (count: number, score: number | undefined, kind: Kind, from: number, more = {}): TestEvent[] =>
  Array.from({ length: count }, (_, i) => asked(from + i, kind, score, more)).flat();

/** Vector 13: 45 of 50 are 4 or 5. Six of complaints, so few that it is said; ten were never answered. */
const csat = [
  ...times(30, 5, 'delivery', 100),
  ...times(15, 4, 'delivery', 200),
  ...times(3, 3, 'delivery', 300),
  ...times(1, 2, 'delivery', 400, { comment: 'late' }),
  ...times(1, 1, 'delivery', 410),
  ...times(10, undefined, 'delivery', 500),
  ...times(3, 5, 'complaint', 600),
  ...times(3, 3, 'complaint', 610, { on: '2026-06-02', comment: 'so so' }),
];
/** Vector 12: 27 promoters, 13 passives, 10 detractors. */
const nps = [
  ...times(20, 10, 'nps', 1000),
  ...times(7, 9, 'nps', 1100),
  ...times(13, 8, 'nps', 1200),
  ...times(9, 6, 'nps', 1300),
  ...times(1, 0, 'nps', 1400, { comment: 'never again' }),
];

/** Of four customers in the quarter before three bought again; a fifth is new. */
const bought: TestEvent[] = (
  [
    [1, ['2026-02-10', '2026-05-05']],
    [2, ['2026-03-31', '2026-04-01']],
    [3, ['2026-01-01', '2026-06-30']],
    [4, ['2026-02-01']],
    [5, ['2026-05-01']],
  ] as const
).flatMap(([n, days]) =>
  days.map((shippedOn, i) =>
    event('orders.shipment.dispatched', id(70_000 + n * 10 + i), shippedOn, {
      number: `R-${n}-${i}`,
      orderId: id(71_000 + n * 10 + i),
      orderNumber: 'R',
      ...who,
      distributorId: id(72_000 + n),
      distributorCode: `R${n}`,
      currency: 'CNY',
      segment: 'retail-shop',
      channel: 'direct',
      shippedOn,
      net: '100.00',
      tax: '0.00',
      gross: '100.00',
      lines: [line(1, 1, tile, '100.00')],
    }),
  ),
);

export const surveyRegion = region;
export const surveyEvents: TestEvent[] = [...csat, ...nps, ...bought];
