import type { Severity } from '@fenxiao/contracts/complaints';
import { domainError } from '@fenxiao/domain/domain-error';
import type { Powers } from '@fenxiao/procedures/procedure';
import { hasRole } from '@fenxiao/service-kit/actor';
import type { Work } from '@fenxiao/service-kit/work';
import { isAtLeast } from '../severity.js';
import type { Complaint, HandlerRole } from './complaint-tables.js';

/**
 * C-01 Intake, whatever the size 质量投诉: the sales manager handles it in person; the deputy general manager from severity serious,
 * for a key account, and where the manager is away or is the person complained of (rules, section 8).
 */
export const handlers: Powers & Record<HandlerRole, 'all'> = {
  'sales-manager': 'all',
  'deputy-general-manager-sales': 'all',
};

export interface Holder {
  readonly person: string;
  /** somebody acts for them */
  readonly away: boolean;
}
interface Matter {
  readonly severity: Severity;
  readonly keyAccount: boolean;
  readonly against: string | null;
}
export interface Assignment {
  readonly handlerRole: HandlerRole;
  /** null: nobody holds the position who may handle it; it waits for one */
  readonly handler: string | null;
}

export const isSerious = (severity: Severity): boolean => isAtLeast(severity, 'serious');

/** Who handles a complaint. Pure: holders in the order of their appointment. */
export function handlerFor(
  { severity, keyAccount, against }: Matter,
  managers: readonly Holder[],
  deputies: readonly Holder[],
): Assignment {
  const manager = managers.find(({ person, away }) => !away && person !== against);
  if (manager && !isSerious(severity) && !keyAccount) return { handlerRole: 'sales-manager', handler: manager.person };
  const able = deputies.filter(({ person }) => person !== against);
  const deputy = able.find(({ away }) => !away) ?? able[0];
  return { handlerRole: 'deputy-general-manager-sales', handler: deputy?.person ?? null };
}

/** Assigns by the rule, as people hold their positions today. */
export async function assign(work: Work, matter: Matter): Promise<Assignment> {
  return handlerFor(
    matter,
    await holdersOf(work, 'sales-manager'),
    await holdersOf(work, 'deputy-general-manager-sales'),
  );
}

/** C-01: to somebody named. @throws neverAHandler, complainedOf, deputyOnly */
export async function assignTo(work: Work, subject: Complaint, person: string): Promise<Assignment> {
  requireNotComplainedOf(subject, work);
  if (person === subject.against) throw complainedOf({}, { field: 'personId' });
  const holds = async (role: HandlerRole) => (await holdersOf(work, role)).some((holder) => holder.person === person);
  if (await holds('deputy-general-manager-sales'))
    return { handlerRole: 'deputy-general-manager-sales', handler: person };
  if (!(await holds('sales-manager'))) throw neverAHandler({}, { field: 'personId' });
  if (isSerious(subject.severity) || subject.keyAccount) throw deputyOnly({}, { field: 'personId' });
  return { handlerRole: 'sales-manager', handler: person };
}

/** In person: the handler, or where nobody has it yet, whoever holds the role. @throws complainedOf, notTheHandler */
export function requireHandler(subject: Complaint, work: Work): void {
  requireNotComplainedOf(subject, work);
  const { handler, handlerRole } = subject;
  if (handler === work.actor.person) return;
  if (handler !== null || !hasRole(work.actor, { [handlerRole]: 'all' })) throw notTheHandler({ role: handlerRole });
}

/** T27: the person complained of has no hand in it, whatever they may do elsewhere. @throws complainedOf */
export function requireNotComplainedOf({ against }: Complaint, { actor }: Work): void {
  if (against === actor.person) throw complainedOf();
}

const holdersOf = (work: Work, role: HandlerRole): Promise<Holder[]> =>
  work.query<Holder>(
    `SELECT k.person, EXISTS (SELECT FROM known_delegation d WHERE d.absent = k.person AND d.until_at > $3) AS away
     FROM known_position k JOIN known_person p ON p.id = k.person
     WHERE $1 = ANY (k.roles) AND k.valid_from <= $2::date AND (k.valid_to IS NULL OR k.valid_to >= $2::date)
       AND (p.last_day IS NULL OR p.last_day > $2::date)
     ORDER BY k.valid_from, k.id`,
    [role, work.today, work.now],
  );

export const notTheHandler = domainError({
  code: 'complaints.complaint.not-the-handler',
  kind: 'forbidden',
  rule: 'C-01',
  en: 'This complaint is in the hands of another: the {role} handles it in person.',
  zh: '此投诉由{role}亲自处理，不得由他人代办。',
});
export const complainedOf = domainError({
  code: 'complaints.complaint.complained-of',
  kind: 'forbidden',
  rule: 'C-01',
  en: 'Whoever is complained of does not handle the complaint.',
  zh: '被投诉人不得处理该投诉。',
});
const neverAHandler = domainError({
  code: 'complaints.complaint.never-a-handler',
  kind: 'unprocessable',
  rule: 'C-01',
  en: 'Only the sales manager or the deputy general manager of sales handles a quality complaint.',
  zh: '质量投诉只能由销售经理或销售副总亲自处理。',
});
const deputyOnly = domainError({
  code: 'complaints.complaint.deputy-only',
  kind: 'unprocessable',
  rule: 'C-01',
  en: 'A serious complaint, or one of a key account, stays with the deputy general manager of sales.',
  zh: '情节严重的投诉或重点客户的投诉须由销售副总处理。',
});
