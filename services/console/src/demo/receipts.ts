import type { CalendarDate } from '@fenxiao/domain/calendar-date';
import { Money } from '@fenxiao/domain/money';
import type { Distributor } from './distributors.js';
import type { Order } from './orders.js';
import type { Random } from './random.js';
import { calendar, plusDays } from './season.js';

/** What was invoiced and how it was paid: every shipped order has an invoice of its day. */
export interface Invoice {
  readonly number: string;
  readonly order: Order;
  readonly invoicedOn: CalendarDate;
  readonly dueOn: CalendarDate;
}

export interface Receipt {
  readonly number: string;
  readonly invoice: Invoice;
  readonly receivedOn: CalendarDate;
  readonly amount: Money;
}

export function makeInvoices(orders: readonly Order[]): Invoice[] {
  const shipped = orders.flatMap((order) =>
    order.shippedOn === undefined ? [] : [{ order, invoicedOn: order.shippedOn }],
  );
  return numbered('FP', shipped, ({ invoicedOn }) => invoicedOn).map((invoice) => ({
    ...invoice,
    dueOn: plusDays(invoice.invoicedOn, invoice.order.distributor.paymentDays),
  }));
}

export function makeReceipts(random: Random, invoices: readonly Invoice[], until: CalendarDate): Receipt[] {
  const receipts = invoices.flatMap((invoice) =>
    payments(random, invoice).map(({ day, amount }) => {
      const onOrAfter = day < invoice.invoicedOn ? invoice.invoicedOn : day;
      return { invoice, amount, receivedOn: calendar.workingDayOnOrAfter(onOrAfter) };
    }),
  );
  return numbered(
    'SK',
    receipts.filter(({ receivedOn }) => receivedOn <= until),
    ({ receivedOn }) => receivedOn,
  );
}

/** On which days an invoice is paid, whether or not that day has come. Several parts, or none, are possible. */
function payments(random: Random, { order, invoicedOn, dueOn }: Invoice): { day: CalendarDate; amount: Money }[] {
  const { gross, distributor } = order;
  if (distributor.prepaid) return [{ day: invoicedOn, amount: gross }];
  const { usual, never, inParts } = manners[distributor.payer];
  const day = plusDays(dueOn, random.int(...usual));
  if (random.chance(never)) return [];
  if (!random.chance(inParts)) return [{ day, amount: gross }];
  const [first, rest] = gross.allocate(random.pick(splits)) as [Money, Money];
  return [
    { day, amount: first },
    { day: plusDays(day, random.int(...laterParts[distributor.payer])), amount: rest },
  ].filter(({ amount }) => amount.isPositive());
}

/** days after the due date; chances */
const manners: Record<Distributor['payer'], { usual: [number, number]; never: number; inParts: number }> = {
  prompt: { usual: [-6, 3], never: 0, inParts: 0.04 },
  late: { usual: [4, 28], never: 0.004, inParts: 0.12 },
  bad: { usual: [15, 110], never: 0.12, inParts: 0.25 },
};
const laterParts: Record<Distributor['payer'], [number, number]> = { prompt: [4, 10], late: [10, 40], bad: [30, 90] };
const splits = [
  [5n, 5n],
  [6n, 4n],
  [7n, 3n],
];

/** In the order of their days, numbered within each month: FP202511-0042. */
function numbered<T>(series: string, documents: readonly T[], dayOf: (document: T) => CalendarDate) {
  const counts = new Map<string, number>();
  return documents
    .toSorted((a, b) => dayOf(a).localeCompare(dayOf(b)))
    .map((document) => {
      const month = dayOf(document).slice(0, 7).replace('-', '');
      const count = (counts.get(month) ?? 0) + 1;
      counts.set(month, count);
      return { ...document, number: `${series}${month}-${String(count).padStart(4, '0')}` };
    });
}
