/** Complaints: a data set whose figures were worked out by hand, with vectors 13, 14, 15 and 20 of the KPI catalogue. */
import type { TestEvent } from './engine.js';
import { customer, event, id, line, regions, tile } from './orders-data.js';

const region = regions.effectiveness;
const who = customer(2);

/** 5,600 orders shipped, 120,000 units. */
const shipped: TestEvent[] = Array.from({ length: 5600 }, (_, n) =>
  event('orders.shipment.dispatched', id(20_000 + n), '2026-05-04', {
    number: `Q-${n}`,
    orderId: id(30_000 + n),
    orderNumber: `QO-${n}`,
    ...who,
    currency: 'CNY',
    segment: 'retail-shop',
    channel: 'direct',
    shippedOn: '2026-05-04',
    net: '100.00',
    tax: '0.00',
    gross: '100.00',
    lines: [line(1, n === 0 ? 2421 : 21, tile, '100.00')],
  }),
);

const complaint = (n: number, more: Record<string, unknown> = {}) => ({
  number: `TS-${n}`,
  channel: 'telephone',
  severity: 'medium',
  receivedAt: '2026-05-10T02:00:00.000Z',
  ...who,
  productId: tile,
  productCode: 'T',
  family: 'tiles',
  grade: 'A',
  colourNumber: '1',
  batch: n % 2 ? 'B1' : 'B2',
  quantity: '1.000',
  defect: n < 9 ? 'colour' : 'chipped',
  ...more,
});

const moveOf: Record<string, string> = { resolved: 'resolve', reopened: 'reopen' };
const about = (fact: string, n: number, to: string, more: Record<string, unknown> = {}, day = '2026-05-10') => {
  const made = event(`complaints.complaint.${fact}`, id(40_000 + n), day, complaint(n, more), { to, region });
  const { meta } = made.data as { meta: { move: { name: string } } };
  meta.move.name = moveOf[fact] ?? meta.move.name;
  return made;
};

/** 14 received: 2 justified (3 units), 2 not; 6 resolved, 2 of them opened again, one too late to count; 5 closed, 4 of those told. */
const quality: TestEvent[] = Array.from({ length: 14 }, (_, i) => i + 1).flatMap((n) => {
  const events = [about('logged', n, 'logged', { mismatches: [] })];
  if (n <= 10) events.push(about('acknowledged', n, 'acknowledged', { responseMinutes: n * 60 }));
  if (n > 6) return events;
  const decided = {
    responseMinutes: n * 60,
    verdict: n === 1 ? 'justified' : n === 2 ? 'partly' : 'not-justified',
    remedy: 'refund',
    estimatedCost: '500.00',
    ...(n === 1 ? { quantity: '2.000' } : {}),
    ...(n === 2 ? { repeat: 2 } : {}),
  };
  if (n > 4) Object.assign(decided, { verdict: undefined });
  events.push(about('decided', n, 'decision', decided));
  const resolved = { ...decided, actualCost: '400.00', resolutionMinutes: n * 600, waitedMinutes: 60 };
  events.push(about('resolved', n, 'resolved', resolved, '2026-05-12'));
  if (n === 6) return [...events, about('reopened', n, 'logged', resolved, '2026-05-20')];
  const told = {
    ...resolved,
    ...(n === 5 ? {} : { informedOn: '2026-05-12' }),
    score: n === 5 ? 3 : 5,
    satisfied: true,
  };
  if (n === 4) events.push(about('reopened', n, 'logged', resolved, '2026-06-15'));
  return [...events, about('archived', n, 'archived', told, '2026-06-16')];
});

/** 7 about service; of the 10 scores in all 9 are 4 or 5. */
const service: TestEvent[] = Array.from({ length: 7 }, (_, n) =>
  event(
    'complaints.service-complaint.logged',
    id(41_000 + n),
    '2026-05-11',
    { ...complaint(n), number: `FW-${n}`, receivedAt: '2026-05-11T02:00:00.000Z', ...(n < 5 ? { score: 4 } : {}) },
    { to: 'logged', region },
  ),
);

/** History: 2 closed after 2 and 6 hours, 1 open; the month before. */
const history: TestEvent[] = [1, 2, 3].map((n) =>
  event('complaints.complaint.recorded', id(42_000 + n), '2026-06-01', {
    number: `H-${n}`,
    channel: 'history',
    severity: 'medium',
    receivedAt: '2026-04-01T02:00:00.000Z',
    ...who,
    defect: 'old',
    state: n === 3 ? 'logged' : 'archived',
    source: 'books',
    ...(n === 3 ? {} : { closedAt: n === 1 ? '2026-04-01T04:00:00.000Z' : '2026-04-01T08:00:00.000Z' }),
  }),
);

/** 16 clocks stopped in time, 2 too late, 1 still open past its limit. */
const clocks: TestEvent[] = [
  ...Array.from({ length: 18 }, (_, n) => ({
    ...event('complaints.inquiry.acknowledged', id(43_000 + n), '2026-05-12', {}, { to: 'acknowledged', region }),
  })).map((one, n) => {
    const { meta } = one.data as { meta: { move: Record<string, unknown> } };
    meta.move = {
      ...meta.move,
      procedure: 'inquiry',
      dueAt: n < 16 ? '2026-05-12T05:00:00.000Z' : '2026-05-12T03:00:00.000Z',
    };
    return one;
  }),
  ...[16, 17, 18].map((n) =>
    event(
      'complaints.inquiry.clock-breached',
      id(43_000 + n),
      '2026-05-12',
      {
        procedure: 'inquiry',
        move: 'acknowledge',
        state: 'sent',
        startedAt: '2026-05-12T01:00:00.000Z',
        dueAt: '2026-05-12T03:00:00.000Z',
      },
      { region },
    ),
  ),
];

export const complaintRegion = region;
export const complaintEvents: TestEvent[] = [...shipped, ...quality, ...service, ...history, ...clocks];
