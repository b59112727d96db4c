import type { Customer } from './day-market.js';
import type { Story, Subject } from './day-story.js';

/** What many stories have in common: an order is handed in, goods come in, goods leave and arrive. */
export interface Line {
  readonly productCode: string;
  readonly quantity: string;
  readonly discount?: string;
}
export interface ShipmentLine {
  readonly line: number;
  readonly batch: string;
  readonly grade: string;
  readonly quantity: string;
}

export const line = ({ productCode }: { productCode: string }, quantity: number, discount?: string): Line => ({
  productCode,
  quantity: quantity.toFixed(3),
  ...(discount ? { discount } : {}),
});

/** The works' own warehouse. */
export const home = 'CQ-01';
/** The batch made today, or another of the day. */
export const batchOf = (t: Story, part = '1') => `B${t.today.replaceAll('-', '').slice(2)}-${part}`;

/** An order is handed in by whoever sells to the customer. */
export async function order(t: Story, { code, seller }: Customer, lines: Line[], more: object = {}): Promise<Subject> {
  const placed = await t.make(seller, 'orders/orders', { distributorCode: code, lines, ...more });
  return t.move(seller, placed, 'submit');
}

/** Goods come out of the kiln and into the warehouse. */
export const receive = (t: Story, { productCode }: { productCode: string }, quantity: number, more: object = {}) =>
  t.make('finished-goods-keeper', 'orders/goods-receipts', {
    productCode,
    warehouse: home,
    batch: batchOf(t),
    quantity: String(quantity),
    ...more,
  });

/** All that is reserved for an order leaves, or the lines named. */
export async function ship(t: Story, { id }: Subject, more: object = {}): Promise<Subject & { lines: ShipmentLine[] }> {
  const issued = await t.make<{ lines: ShipmentLine[] }>('order-clerk', 'orders/shipments', { orderId: id, ...more });
  await t.move('finished-goods-keeper', issued, 'dispatch', { carrier: '渝运物流', freight: '280' });
  return issued;
}

/** It leaves and arrives. */
export async function deliver(t: Story, sold: Subject, arrival: object = {}) {
  const shipment = await ship(t, sold);
  await t.move('sales-support-clerk', shipment, 'sign', arrival);
  return shipment;
}
