import { isId } from '@fenxiao/domain/id';
import type { Work } from '@fenxiao/service-kit/work';
import type { Order } from './order-tables.js';

/** Lets the salesperson of an order know what became of it. */
export function tellSalesperson(work: Work, subject: Order, rule: string, detail: string): void {
  const { id, number, state, owner, createdBy } = subject;
  const persons = [owner ?? createdBy].filter(isId);
  if (persons.length > 0)
    work.notify({ kind: 'information', procedure: 'order', about: id, number, state, detail, to: { persons } }, rule);
}
