/** Receivables and books of three customers, with the vectors 10 and 11 of the KPI catalogue. */
import type { TestEvent } from './engine.js';
import { customer, event, head, id, line, regions, tile } from './orders-data.js';

const invoice = (subject: string, n: number, day: string, dueOn: string, gross: string) =>
  event('orders.invoice.issued', subject, day, {
    ...head(n, [line(1, 1, tile, gross)]),
    number: `I${subject.slice(-4)}`,
    orderId: id(1),
    invoicedOn: day,
    dueOn,
  });
const receipt = (subject: string, n: number, day: string, invoiceId: string | undefined, amount: string) =>
  event('orders.payment.received', subject, day, {
    number: 'R',
    ...customer(n),
    receivedOn: day,
    currency: 'CNY',
    amount,
    matched: invoiceId ? [{ invoiceId, invoiceNumber: 'I', amount }] : [],
    unapplied: invoiceId ? '0.00' : amount,
  });

/** Vector 10 by calendar months: 212,000 owed; June 100,000, May 80,000, April 70,000 sold. */
const countBack: TestEvent[] = [
  invoice(id(2001), 1, '2026-04-10', '2026-05-10', '70000.00'),
  invoice(id(2002), 1, '2026-05-10', '2026-07-10', '80000.00'),
  invoice(id(2003), 1, '2026-06-10', '2026-08-10', '100000.00'),
  receipt(id(2101), 1, '2026-05-20', id(2001), '38000.00'),
  // paid at once: no credit
  invoice(id(2004), 1, '2026-06-11', '2026-06-11', '5000.00'),
];

/** Vector 11: opening 100,000; credit sales 300,000; closing 120,000, of it 90,000 not due. */
const effectiveness: TestEvent[] = [
  invoice(id(3001), 2, '2026-02-01', '2026-03-01', '100000.00'),
  invoice(id(3002), 2, '2026-04-05', '2026-05-05', '210000.00'),
  invoice(id(3003), 2, '2026-06-10', '2026-07-10', '90000.00'),
  receipt(id(3101), 2, '2026-04-20', id(3001), '100000.00'),
  receipt(id(3102), 2, '2026-05-20', id(3002), '180000.00'),
];

/** Of 1,000.00: 100.00 credited, 600.00 paid by money matched later, 300.00 given up. */
const credited: TestEvent[] = [
  invoice(id(4001), 3, '2026-04-01', '2026-05-01', '1000.00'),
  event('orders.credit-note.issued', id(4100), '2026-04-20', {
    ...head(3, [line(1, 1, tile, '100.00')]),
    returnId: id(4101),
    invoiceId: id(4001),
    invoiceNumber: 'I',
    orderId: id(1),
    shipmentId: id(2),
    creditedOn: '2026-04-20',
    matched: [{ invoiceId: id(4001), invoiceNumber: 'I', amount: '100.00' }],
    unapplied: '0.00',
  }),
  receipt(id(4102), 3, '2026-05-30', undefined, '600.00'),
  event(
    'orders.payment.applied',
    id(4102),
    '2026-06-02',
    {
      number: 'R',
      distributorId: id(103),
      invoiceId: id(4001),
      amount: '600.00',
      unapplied: '0.00',
      currency: 'CNY',
    },
    { region: regions.credited },
  ),
  event(
    'orders.write-off.approved',
    id(4103),
    '2026-06-03',
    { ...customer(3), number: 'W', invoiceId: id(4001), amount: '300.00', writtenOffOn: '2026-06-03', currency: 'CNY' },
    { to: 'approved', region: regions.credited },
  ),
];

const task = (n: number, facts: string[], state: string) =>
  facts.map((fact) =>
    event(
      `orders.collection-task.${fact}`,
      id(4200 + n),
      '2026-06-01',
      {
        ...customer(1),
        number: `T${n}`,
        amount: '32000.00',
        oldestDueOn: '2026-05-10',
        step: 30,
        currency: 'CNY',
      },
      { to: state, region: regions.countBack },
    ),
  );

const books: TestEvent[] = [
  ...task(1, ['opened', 'promised', 'promise-kept'], 'done'),
  ...task(2, ['opened', 'promised', 'promise-broken'], 'escalated'),
  ...[true, false].map((onTime, i) =>
    event(
      'orders.reconciliation.closed',
      id(4300 + i),
      '2026-05-25',
      {
        number: `C${i}`,
        dueOn: i ? '2026-05-25' : '2026-04-24',
        differences: i,
        differenceAmount: i ? '12.50' : '0.00',
        onTime,
        currency: 'CNY',
      },
      { to: 'closed' },
    ),
  ),
  ...[true, true, false].map((complete, i) =>
    event(
      'orders.order-file.assessed',
      id(4400 + i),
      '2026-05-01',
      { ...customer(0), orderId: id(1000 + i), completedOn: '2026-05-01', complete },
      { to: complete ? 'complete' : 'incomplete' },
    ),
  ),
];

export const accountEvents: TestEvent[] = [...countBack, ...effectiveness, ...credited, ...books];
