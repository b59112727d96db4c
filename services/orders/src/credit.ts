import { Money } from '@fenxiao/domain/money';
import type { Sql } from '@fenxiao/messaging/sql';
import type { KnownDistributor } from './distributor.js';

/** D-21 Credit limit and hold 信用额度: distributors owns the limit, orders owns exposure, hold and release. */

export interface Account {
  /** and what is shipped and waits for its monthly invoice (O-50) */
  readonly openInvoices: Money;
  /** confirmed and not shipped yet */
  readonly confirmedOrders: Money;
  /** and what is left of credit notes */
  readonly unappliedReceipts: Money;
  readonly guarantees: Money;
  /** due date of the oldest open invoice */
  readonly oldestDue: string | undefined;
}

/** Open invoices + confirmed orders − receipts unapplied − guarantees. What is shipped is invoiced, or waits for its monthly invoice and counts as if it were. */
export const exposureOf = (account: Account): Money =>
  account.openInvoices.plus(account.confirmedOrders).minus(account.unappliedReceipts).minus(account.guarantees);

export type CreditDecision =
  | { readonly passes: true }
  | { readonly passes: false; readonly why: 'over-limit' | 'overdue'; readonly exposure: Money };

/**
 * Whether an order may be confirmed. The limit itself is still within; an invoice is overdue once the days of grace
 * after its due date have passed. Prepaid orders pass.
 * @param overdueSince invoices due before this date are overdue past grace
 */
export function creditAllows(
  customer: Pick<KnownDistributor, 'terms' | 'credit_limit'>,
  account: Account,
  order: Money,
  overdueSince: string,
): CreditDecision {
  if (customer.terms === 'prepaid') return { passes: true };
  const exposure = exposureOf(account).plus(order);
  if (account.oldestDue !== undefined && account.oldestDue < overdueSince)
    return { passes: false, why: 'overdue', exposure };
  if (exposure.compare(Money.of(customer.credit_limit)) > 0) return { passes: false, why: 'over-limit', exposure };
  return { passes: true };
}

/**
 * The parts of a customer's account as SQL, each by the customer's own index.
 * @param distributor expression of its id
 * @param states of orders that count: a parameter, `exposed`
 */
export const accountParts = (distributor: string, states: string) => ({
  invoices: `(SELECT coalesce(sum(open_amount), 0) FROM invoice WHERE distributor = ${distributor} AND open_amount > 0)`,
  awaiting: `(SELECT coalesce(sum(gross), 0) FROM awaiting_invoice WHERE distributor = ${distributor})`,
  orders: `(SELECT coalesce(sum(unshipped), 0) FROM "order" WHERE distributor = ${distributor} AND unshipped > 0 AND state = ANY(${states}))`,
  unapplied: `(SELECT coalesce(sum(unapplied), 0) FROM payment WHERE distributor = ${distributor} AND unapplied > 0)`,
  credits: `(SELECT coalesce(sum(unapplied), 0) FROM credit_note WHERE distributor = ${distributor} AND unapplied > 0)`,
  guarantees: `(SELECT coalesce(sum(balance), 0) FROM known_guarantee WHERE distributor = ${distributor})`,
});

/** The figures behind the exposure. Take the account's lock first, or they may change under the decision. */
export async function accountOf(sql: Sql, distributor: string): Promise<Account> {
  const parts = accountParts('$1', '$2');
  const sums = Object.entries(parts).map(([name, part]) => `${part}::text AS ${name}`);
  const [row] = await sql.query<Record<keyof typeof parts, string> & { oldest: string | null }>(
    `SELECT ${sums.join(', ')},
            (SELECT min(due_on)::text FROM invoice WHERE distributor = $1 AND open_amount > 0) AS oldest`,
    [distributor, exposed],
  );
  return {
    openInvoices: Money.of(row!.invoices).plus(Money.of(row!.awaiting)),
    confirmedOrders: Money.of(row!.orders),
    unappliedReceipts: Money.of(row!.unapplied).plus(Money.of(row!.credits)),
    guarantees: Money.of(row!.guarantees),
    oldestDue: row!.oldest ?? undefined,
  };
}

/** States of an order that count towards the exposure by what they have not shipped. */
export const exposed = ['confirmed', 'allocated', 'backordered', 'partially-shipped', 'partially-delivered'];
