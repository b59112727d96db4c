import { follow, open } from '@fenxiao/service-kit/engine';
import type { Work } from '@fenxiao/service-kit/work';
import { order } from '../order-moves.js';
import { allowParts } from '../packaging/ordering.js';
import type { Order } from '../order-tables.js';
import type { GoodsReturn } from './return-tables.js';

/**
 * O-07 Exchange 换货: an order at no charge of the same goods, for the same customer and salesperson. It goes the way of
 * every order, so its goods are reserved, shipped and signed for like others; only its price is settled: the customer has
 * paid it with what came back. Its lines have no list price, so that it counts neither as a price cut nor as margin given
 * away (O-11, O-12), and what it ships makes no invoice.
 */
export async function replacementFor(work: Work, subject: GoodsReturn): Promise<Order> {
  const lines = subject.lines.map(({ productCode, quantity }) => ({ productCode, quantity, unitPrice: '0' }));
  const form = { distributorCode: subject.distributorCode, reference: subject.number, lines };
  allowParts(work);
  const made = await open(work, order, { form, bySystem: true });
  made.owner = subject.owner;
  for (const line of made.lines)
    Object.assign(line, { listPrice: null, deviation: null, priceCut: null, cutPrice: null });
  made.priceCleared = `replacement:${subject.id}`;
  await follow(work, order, made, 'submit');
  return made;
}
