import type { CalendarDate } from '@fenxiao/domain/calendar-date';
import { complaintRows } from './complaints.js';
import { makeDistributors } from './distributors.js';
import { observationRows, vendors } from './market.js';
import { makeOrders, type Order } from './orders.js';
import { makeStaff, type Account } from './people.js';
import { makeProducts, priceRows } from './products.js';
import { Random } from './random.js';
import { makeInvoices, makeReceipts, type Receipt } from './receipts.js';
import { areas, company, provinces } from './regions.js';
import type { Row } from './rows.js';
import { calendar, plusDays } from './season.js';
import { distributorRows } from './standing.js';
import { stockRows } from './stock.js';
import type { ImportKind } from '@fenxiao/contracts/imports';

export interface DemonstrationOptions {
  /** whatever text; the same one makes the same data */
  readonly seed: string;
  /** 1: about 6,000 orders of 120 customers; customers and orders grow with it */
  readonly scale: number;
  /** last day of the history */
  readonly until: CalendarDate;
}

export interface Demonstration {
  readonly rows: { readonly [K in ImportKind]: readonly Row<K>[] };
  readonly accounts: readonly Account[];
}

/** The day before this one in the business time zone: a day that is over. */
export const yesterday = (now: Date): CalendarDate => plusDays(calendar.today(now), -1);

/**
 * A believable tile maker: its people, customers and products, and what was sold in the 24 full months before the month of
 * `until` and in that month so far. Nothing but the options decides what comes out.
 */
export function generate({ seed, scale, until }: DemonstrationOptions): Demonstration {
  if (!(scale > 0 && scale <= 100)) throw new RangeError(`The scale lies above 0 and up to 100, not at ${scale}`);
  const random = new Random(seed);
  const full = `${until.slice(0, 7)}-01`;
  const start = calendar.addMonths(full, -24);
  const span = { scale, start, full, until };
  const staff = makeStaff(random.stream('people'), start, until);
  const products = makeProducts(random.stream('products'), start, until);
  const distributors = makeDistributors(random.stream('distributors'), scale, start, until);
  const orders = makeOrders(random.stream('orders'), span, distributors, products);
  const invoices = makeInvoices(orders);
  const receipts = makeReceipts(random.stream('receipts'), invoices, until);
  const invoiceOf = new Map(invoices.map((invoice) => [invoice.order, invoice]));
  const validFrom = `${Number(start.slice(0, 4)) - 10}-01-01`;
  return {
    accounts: staff.accounts,
    rows: {
      people: staff.people,
      regions: [
        { ...company, validFrom, managerStaffNumber: staff.headOfSales },
        ...areas.map(({ code, name }) => ({
          code,
          name,
          parentCode: company.code,
          validFrom,
          managerStaffNumber: staff.managerOf.get(code)!,
        })),
        ...provinces.map(({ code, name, area }) => ({
          code,
          name,
          parentCode: area.code,
          validFrom,
          managerStaffNumber: staff.managerOf.get(area.code)!,
        })),
      ],
      positions: staff.positions,
      distributors: distributorRows(
        random.stream('standing'),
        distributors,
        orders,
        receipts,
        calendar.addMonths(until, -12),
      ),
      products: products.map(({ row }) => row),
      prices: priceRows(products),
      stock: stockRows(random.stream('stock'), products, orders, until),
      orders: orders.map((order) => {
        const { number: invoiceNumber, invoicedOn, dueOn } = invoiceOf.get(order) ?? {};
        const staffNumber = staff.sellerOf.get(order.distributor.province.code)!;
        return {
          ...orderRow(order, staffNumber),
          ...(invoiceNumber && invoicedOn && dueOn ? { invoiceNumber, invoicedOn, dueOn } : {}),
        };
      }),
      receipts: receipts.map(receiptRow),
      complaints: complaintRows(random.stream('complaints'), orders, until),
      competitors: vendors,
      observations: observationRows(random.stream('market'), orders, span),
    },
  };
}

function orderRow(order: Order, staffNumber: string): Row<'orders'> {
  const { number, distributor, orderedOn, promisedOn, shippedOn, deliveredOn, channel, segment } = order;
  const { reference, freight, carrier, net, lines } = order;
  return {
    number,
    distributorCode: distributor.row.code,
    orderedOn,
    promisedOn,
    staffNumber,
    channel,
    segment,
    ...(shippedOn ? { shippedOn } : {}),
    ...(deliveredOn ? { deliveredOn } : {}),
    ...(reference ? { reference } : {}),
    ...(freight && carrier ? { freight: freight.toString(), carrier } : {}),
    net: net.toString(),
    lines: lines.map(({ product, quantity, unitPrice, discount, gift }) => ({
      productCode: product.row.code,
      quantity: quantity.toString(),
      unitPrice: unitPrice.toString(),
      ...(discount.isZero() ? {} : { discount: discount.toString() }),
      ...(gift ? { gift } : {}),
    })),
  };
}

const receiptRow = ({ number, invoice, receivedOn, amount }: Receipt): Row<'receipts'> => ({
  number,
  distributorCode: invoice.order.distributor.row.code,
  receivedOn,
  amount: amount.toString(),
  invoiceNumber: invoice.number,
});
