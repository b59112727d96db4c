import type { Role } from '@fenxiao/contracts/roles';
import { domainError } from '@fenxiao/domain/domain-error';
import type { Actor } from './actor.js';
import { pathOf } from './regulations.js';

/**
 * X-10 Confirmed before first work, X-20 the secrets agreement before first use: whoever has not read what must be read
 * first, or has no agreement accepted within a year, does nothing but that. No such document in force, no gate.
 */

/** Documents in force that wait for somebody, of each kind the first. */
export interface Pending {
  readonly reading: string | null;
  readonly agreement: string | null;
}

/** Beside the positions in `findActor`: `p` is the person, `$2` today. A year includes its last day, as months do. */
export const pendingOf = `
jsonb_build_object('reading', (
  SELECT r.id FROM known_regulation r
  WHERE r.in_force AND r.must_be_read_first AND r.type <> 'secrets-agreement'
    AND NOT EXISTS (SELECT FROM known_reading k WHERE k.person = p.id AND k.regulation = r.id)
  ORDER BY r.effective_from, r.id LIMIT 1), 'agreement', (
  SELECT r.id FROM known_regulation r
  WHERE r.in_force AND r.type = 'secrets-agreement'
    AND NOT EXISTS (SELECT FROM known_acceptance a
      WHERE a.person = p.id AND a.agreement = r.id AND a.accepted_on + interval '1 year' >= $2::date)
  ORDER BY r.effective_from, r.id LIMIT 1))`;

/** No staff: those who hold nothing else have nothing to read. */
const outside: readonly Role[] = ['importer', 'distributor', 'system'];
const opensTheGate: readonly string[] = ['read-confirmation', 'agreement-acceptance'];

/** @throws agreementFirst, readingFirst; both say by `confirm` what opens the gate */
export function requireRead({ pending, positions }: Actor, procedure: string): void {
  if (!pending?.reading && !pending?.agreement) return;
  if (opensTheGate.includes(procedure)) return;
  if (!positions.some(({ roles }) => roles.some((role) => !outside.includes(role)))) return;
  const { agreement, reading } = pending;
  if (agreement)
    throw agreementFirst({}, way(agreement, '/api/appraisals/agreement-acceptances', { agreementId: agreement }));
  throw readingFirst({}, way(reading!, '/api/appraisals/read-confirmations', { regulationId: reading! }));
}

const way = (id: string, path: string, body: Record<string, string>) => ({
  extra: { confirm: { read: pathOf(id), method: 'POST', path, body } },
});

const readingFirst = domainError({
  code: 'work.reading-first',
  kind: 'forbidden',
  rule: 'X-10',
  en: 'Confirm first that you have read the regulation in force; see "confirm".',
  zh: '请先阅读并确认现行规章制度，见“confirm”。',
});
const agreementFirst = domainError({
  code: 'work.agreement-first',
  kind: 'forbidden',
  rule: 'X-20',
  en: 'Accept the secrets agreement in force first; see "confirm".',
  zh: '请先签署现行保密协议，见“confirm”。',
});
