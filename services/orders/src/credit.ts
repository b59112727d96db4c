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

/** The parts of an account, each with an index by distributor. `$2`: states of orders that count, `exposed`. */
const accountParts = {
  invoices: { from: 'invoice', amount: 'open_amount', where: 'open_amount > 0', sign: '' },
  awaiting: { from: 'awaiting_invoice', amount: 'gross', where: 'true', sign: '' },
  orders: { from: '"order"', amount: 'unshipped', where: 'unshipped > 0 AND state = ANY($2)', sign: '' },
  unapplied: { from: 'payment', amount: 'unapplied', where: 'unapplied > 0', sign: '-' },
  credits: { from: 'credit_note', amount: 'unapplied', where: 'unapplied > 0', sign: '-' },
  guarantees: { from: 'known_guarantee', amount: 'balance', where: 'true', sign: '-' },
} as const;

/** What makes up the exposure of several customers, as rows of distributor and signed amount. @param among condition on `distributor` */
export const exposures = (among: string): string =>
  Object.values(accountParts)
    .map(
      ({ from, amount, where, sign }) =>
        `SELECT distributor, ${sign}${amount} AS amount FROM ${from} WHERE ${where} AND ${among}`,
    )
    .join(' UNION ALL ');

/** The figures behind the exposure. Take the account's lock first, or they may change under the decision. */
export async function accountOf(sql: Sql, distributor: string): Promise<Account> {
  const sums = Object.entries(accountParts).map(
    ([name, { from, amount, where }]) =>
      `(SELECT coalesce(sum(${amount}), 0) FROM ${from} WHERE distributor = $1 AND ${where})::text AS ${name}`,
  );
  const [row] = await sql.query<Record<keyof typeof accountParts, string> & { oldest: string | null }>(
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
