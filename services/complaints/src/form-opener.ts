import { domainError } from '@fenxiao/domain/domain-error';
import { hasRole } from '@fenxiao/service-kit/actor';
import type { Work } from '@fenxiao/service-kit/work';

/**
 * C-04, C-12: complaint forms are opened by the sales manager; by the deputy general manager only where no sales manager is
 * there for it: away or complained of.
 * @throws managerOpens
 */
export async function requireOpener(work: Work, rule: string, accused?: string): Promise<void> {
  if (hasRole(work.actor, { 'sales-manager': 'all' })) return;
  const [manager] = await work.query(
    `SELECT FROM known_position k JOIN known_person p ON p.id = k.person
     WHERE 'sales-manager' = ANY (k.roles) AND k.valid_from <= $1 AND (k.valid_to IS NULL OR k.valid_to >= $1)
       AND (p.last_day IS NULL OR p.last_day > $1) AND k.person IS DISTINCT FROM $3::uuid
       AND NOT EXISTS (SELECT FROM known_delegation d WHERE d.absent = k.person AND d.until_at > $2) LIMIT 1`,
    [work.today, work.now, accused ?? null],
  );
  if (manager) throw managerOpens({ rule });
}

const managerOpens = domainError({
  code: 'complaints.form.manager-opens',
  kind: 'forbidden',
  rule: 'C-12',
  en: 'The sales manager opens this form; the deputy general manager where the manager is away or complained of ({rule}).',
  zh: '此表由销售经理填写；销售经理不在岗或被投诉时方由销售副总填写（{rule}）。',
});
