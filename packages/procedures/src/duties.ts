/**
 * O-26 Financial rules 财务规定: duties that no one person does both of on the same matter, whatever positions they hold. A
 * position is never refused for it: the second act is.
 */
export interface Duty {
  /** kebab-case, of its own */
  readonly name: string;
  readonly service: string;
  /** what is done first and second, as `procedure.move` */
  readonly first: readonly string[];
  readonly second: readonly string[];
  /** a role that has the second act never, on any matter */
  readonly never?: string;
}

export const duties: readonly Duty[] = [
  {
    name: 'sale-and-receipt',
    service: 'orders',
    first: ['order.place', 'order.submit', 'shipment.issue'],
    second: ['payment.record', 'payment.match'],
    never: 'order-clerk',
  },
  {
    name: 'price-and-approval',
    service: 'orders',
    first: ['price-list.draft', 'price-list.edit', 'price-list.submit'],
    second: ['price-list.approve'],
  },
  { name: 'bands-and-approval', service: 'orders', first: ['price-bands.propose'], second: ['price-bands.approve'] },
  {
    name: 'cut-adjustment-and-decision',
    service: 'orders',
    first: ['price-cut.adjust'],
    second: ['price-cut.pass', 'price-cut.return', 'price-cut.approve', 'price-cut.reject'],
  },
  {
    name: 'cut-review-and-decision',
    service: 'orders',
    first: ['price-cut.pass', 'price-cut.return'],
    second: ['price-cut.adjust', 'price-cut.approve', 'price-cut.reject'],
  },
  {
    name: 'order-and-special-price',
    service: 'orders',
    first: ['order.place', 'order.edit', 'order.submit'],
    second: ['price-exception.approve'],
  },
  {
    name: 'order-and-credit-release',
    service: 'orders',
    first: ['order.place', 'order.edit', 'order.submit'],
    second: ['order.release-credit'],
  },
  {
    name: 'count-and-approval',
    service: 'orders',
    first: ['stocktake.enter-count', 'stocktake.finish-count'],
    second: ['stocktake.approve'],
  },
  {
    name: 'count-and-posting',
    service: 'orders',
    first: ['stocktake.enter-count', 'stocktake.finish-count'],
    second: ['stocktake.post'],
  },
  { name: 'approval-and-posting', service: 'orders', first: ['stocktake.approve'], second: ['stocktake.post'] },
  { name: 'warehouse-and-approval', service: 'orders', first: ['warehouse.propose'], second: ['warehouse.approve'] },
  { name: 'write-off-and-approval', service: 'orders', first: ['write-off.propose'], second: ['write-off.approve'] },
  {
    name: 'write-off-and-receipt',
    service: 'orders',
    first: ['payment.record', 'payment.match'],
    second: ['write-off.approve'],
  },
  {
    name: 'credit-and-second-person',
    service: 'distributors',
    first: ['credit-limit.propose'],
    second: ['credit-limit.approve'],
  },
  {
    name: 'terms-and-second-person',
    service: 'distributors',
    first: ['payment-terms.propose'],
    second: ['payment-terms.approve'],
  },
];
