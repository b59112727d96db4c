import { Quantity } from '@fenxiao/domain/quantity';
import type { Work } from '@fenxiao/service-kit/work';
import { settings } from '../config.js';
import { missingOf } from '../lines.js';
import type { Order, OrderLine } from '../order-tables.js';
import { demandsOf, largeBy, limitsOf } from './large-order.js';
import { askProduction } from './request.js';

/** O-03: what a large order lacks, and asking production for exactly that. */

/** The families of which the order's demand is large. */
export async function largeFamilies(work: Work, subject: Order): Promise<Set<string>> {
  const demands = demandsOf(subject.lines.getItems());
  const limits = await limitsOf(work, [...demands.keys()]);
  return new Set([...demands].flatMap(([family, demand]) => (largeBy(demand, limits.get(family)!) ? family : [])));
}

/** What of the large families is neither reserved nor shipped, by product. */
export function shortOf(subject: Order, families: ReadonlySet<string>): Map<string, Shortage> {
  const short = subject.lines
    .getItems()
    .filter(({ family }) => families.has(family))
    .map((line) => ({ line, missing: missingOf(line) }))
    .filter(({ missing }) => missing.isPositive());
  return new Map(
    [...Map.groupBy(short, ({ line }) => line.product)].map(([product, of]) => [
      product,
      { line: of[0]!.line, missing: Quantity.sum(of.map(({ missing }) => missing)) },
    ]),
  );
}
interface Shortage {
  readonly line: OrderLine;
  readonly missing: Quantity;
}

/** One request per product, with the day on which the customer needs it. */
export async function askFor(work: Work, subject: Order, short: ReadonlyMap<string, Shortage>): Promise<void> {
  const needDate = subject.promisedOn ?? work.calendar.addWorkingDays(work.today, settings(work).PROMISE_WORKING_DAYS);
  for (const [productId, { line, missing }] of short)
    await askProduction(work, {
      orderId: subject.id,
      orderNumber: subject.number,
      distributorId: subject.distributor,
      distributorCode: subject.distributorCode,
      regionId: subject.region!,
      salespersonId: subject.owner,
      productId,
      productCode: line.productCode,
      family: line.family,
      quantity: String(missing),
      needDate,
      shortageAt: (subject.submittedAt ?? work.now).toISOString(),
    });
}
