import { hasRole } from '@fenxiao/service-kit/actor';
import type { Work } from '@fenxiao/service-kit/work';

/**
 * C-04, C-12: complaint forms are the sales manager's; the deputy general manager's only where no sales manager is there for
 * it: away, complained of, or nobody holds the position.
 * @param accused the person complained of
 */
export async function mayOpen(work: Work, accused: string | null): Promise<boolean> {
  if (hasRole(work.actor, { 'sales-manager': 'all' })) return true;
  const [manager] = await work.query(
    `SELECT FROM known_position k JOIN known_person p ON p.id = k.person
     WHERE 'sales-manager' = ANY (k.roles) AND k.valid_from <= $1::date AND (k.valid_to IS NULL OR k.valid_to >= $1::date)
       AND (p.last_day IS NULL OR p.last_day > $1::date) AND k.person IS DISTINCT FROM $3::uuid
       AND NOT EXISTS (SELECT FROM known_delegation d WHERE d.absent = k.person AND d.until_at > $2) LIMIT 1`,
    [work.today, work.now, accused],
  );
  return manager === undefined;
}
