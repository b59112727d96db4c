import { hasRole } from '@fenxiao/service-kit/actor';
import type { Work } from '@fenxiao/service-kit/work';
import { complainedOf, managerPresent } from './form-refusals.js';

/**
 * C-04: the form is the sales manager's; the deputy general manager's where every manager is away or is the person
 * complained of, or nobody holds the position. Whoever is complained of never has it.
 * @throws complainedOf, managerPresent
 */
export async function requireOpener(work: Work, { against }: { readonly against: string | null }): Promise<void> {
  const { person } = work.actor;
  if (against === person) throw complainedOf();
  if (hasRole(work.actor, { 'sales-manager': 'all' })) return;
  const [able] = await work.query(
    `SELECT FROM known_position k JOIN known_person p ON p.id = k.person
     WHERE 'sales-manager' = ANY (k.roles) AND k.valid_from <= $1::date AND (k.valid_to IS NULL OR k.valid_to >= $1::date)
       AND (p.last_day IS NULL OR p.last_day > $1::date) AND k.person IS DISTINCT FROM $3::uuid
       AND NOT EXISTS (SELECT FROM known_delegation d WHERE d.absent = k.person AND d.until_at > $2) LIMIT 1`,
    [work.today, work.now, against],
  );
  if (able) throw managerPresent();
}
