import type { ComplaintRemedy } from '@fenxiao/contracts/complaints';
import type { Role } from '@fenxiao/contracts/roles';
import { domainError } from '@fenxiao/domain/domain-error';
import { Money } from '@fenxiao/domain/money';
import { hasRole } from '@fenxiao/service-kit/actor';
import { requireAuthority, type Authority } from '@fenxiao/service-kit/authority';
import type { Work } from '@fenxiao/service-kit/work';
import type { z } from 'zod';
import { settings } from '../config.js';
import type { Complaint } from './complaint-tables.js';
import { requireHandler, requireNotComplainedOf } from './handler.js';

/** C-06 Decision and remedy 处理结果: what the customer gets, within what whoever decides may give away. */
type Remedy = z.infer<typeof ComplaintRemedy>;

/** what a complaint may cost by whose decision. */
export const remedyAuthority: Authority = {
  decision: 'complaint-remedy',
  measure: 'amount',
  declared: { 'sales-manager': '5000', 'deputy-general-manager-sales': '50000', 'general-manager': null },
};

/** From the highest on: above the handler, whoever may decide more does. */
const above: readonly Role[] = ['general-manager', 'deputy-general-manager-sales'];

/**
 * Whether the actor may give that much, beside what earlier rounds have cost: the handler up to the limit, the deputy and the
 * general manager above it.
 * @throws complainedOf, notTheHandler, aboveAuthority
 */
export async function requireMayDecide(subject: Complaint, cost: string, work: Work): Promise<void> {
  requireNotComplainedOf(subject, work);
  const { actor } = work;
  const senior = above.find((role) => hasRole(actor, { [role]: 'all' }));
  if (!senior) requireHandler(subject, work);
  await requireAuthority(
    work,
    remedyAuthority,
    senior ?? subject.handlerRole,
    String(subject.spent.plus(Money.of(cost))),
  );
}

/** K-Q14: what it has cost in all its rounds; null: nothing yet, as of one that is only being written down. */
export function totalCost({ spent, actualCost }: Complaint): Money | null {
  if (!actualCost) return spent?.isPositive() ? spent : null;
  return spent.plus(actualCost);
}

/** A remedy that gives nothing away costs nothing. @throws costsNothing */
export function requireCost(remedy: Remedy, estimatedCost: string): Money {
  const cost = Money.of(estimatedCost);
  if (remedy === 'none' && cost.isPositive()) throw costsNothing({}, { field: 'estimatedCost' });
  return cost;
}

/**
 * K-Q10: the how many-th justified complaint of this product and defect it is within so many days, itself counted. One
 * decision after the other: two at once would both be the same number. Of goods that nobody knows there is no repeat.
 */
export async function repeatOf(
  work: Work,
  { id, productCode, productName, defect, judgedOn }: Complaint,
): Promise<number | null> {
  const product = productCode ?? productName;
  if (!product) return null;
  await work.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 5))', [`${product}\n${defect.toLowerCase()}`]);
  const since = work.calendar.addDays(judgedOn!, -settings(work).REPEAT_DAYS);
  const [{ earlier } = { earlier: 0 }] = await work.query<{ earlier: number }>(
    `SELECT count(*)::int AS earlier FROM complaint
     WHERE coalesce(product_code, product_name) = $1 AND lower(defect) = lower($2) AND judged_on BETWEEN $3 AND $4
       AND verdict IN ('justified', 'partly') AND id <> $5`,
    [product, defect, since, judgedOn, id],
  );
  return earlier + 1;
}

const costsNothing = domainError({
  code: 'complaints.complaint.costs-nothing',
  kind: 'unprocessable',
  rule: 'C-06',
  en: 'Without a remedy there is no cost of it.',
  zh: '未作补偿处理时不得填写处理费用。',
});
