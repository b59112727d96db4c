import { DismissalFinding, type penaltyForm } from '@fenxiao/contracts/service-complaints';
import { domainError } from '@fenxiao/domain/domain-error';
import { hasRole } from '@fenxiao/service-kit/actor';
import { lock } from '@fenxiao/service-kit/engine';
import type { Work } from '@fenxiao/service-kit/work';
import type { z } from 'zod';
import { complaint } from '../quality/complaint.js';
import { departmentOf, knownUnit, requireOurs } from './departments.js';
import type { Finding, Penalty } from './penalty-table.js';
import type { Proposal } from './service-fault.js';
import { requireNotAccused, salesHeads } from './sides.js';

/** C-15 Quality fault 《考核方案》: persons and departments; a notice, a penalty only by a scheme in force, dismissal only on all three findings. */

/** @throws what refuses a penalty for this complaint; its row is locked */
export async function forQualityFault(work: Work, form: z.infer<typeof penaltyForm>): Promise<Proposal> {
  if (!hasRole(work.actor, salesHeads)) throw salesProposes();
  const { number, severity, verdict, region, against } = await lock(work, complaint, form.complaintId);
  requireNotAccused(work, against);
  if (verdict !== 'justified' && verdict !== 'partly') throw notJustified();
  // No scheme is known here, and without one there is no penalty but the notice.
  if (form.fine !== undefined || form.collectedAs !== undefined) throw noScheme({}, { field: 'fine' });
  if (form.dismissal) throw findingsMissing({ missing: DismissalFinding.options.join(', ') }, { field: 'dismissal' });
  const person = form.personId ?? null;
  if (person === null && form.unit === undefined) throw nobody({}, { field: 'personId' });
  requireNotAccused(work, person);
  if (person !== null) await requireOurs(work, person, 'personId');
  const unit =
    person === null ? await knownUnit(work, form.unit!) : await departmentOf(work, person, form.unit, work.today);
  return { complaint: { number, severity }, region, person, unit, fine: null, collectedAs: null, dismissal: false };
}

/** Adds a finding to those recorded. @throws personsOnly, recordedAlready */
export function withFinding({ fault, owner, findings }: Penalty, added: Finding): Finding[] {
  if (fault !== 'quality' || owner === null) throw personsOnly();
  if (findings.some(({ finding }) => finding === added.finding))
    throw recordedAlready({ finding: added.finding }, { field: 'finding' });
  return [...findings, added];
}

/** 情节十分严重, 后果恶劣, 没有悔改表现: all three. @throws personsOnly, findingsMissing */
export function requireDismissible({ fault, owner, findings }: Penalty): void {
  if (fault !== 'quality' || owner === null) throw personsOnly();
  const missing = DismissalFinding.options.filter((one) => !findings.some(({ finding }) => finding === one));
  if (missing.length > 0) throw findingsMissing({ missing: missing.join(', ') });
}

const salesProposes = domainError({
  code: 'complaints.penalty.sales-proposes',
  kind: 'forbidden',
  rule: 'C-15',
  en: 'Penalties for quality faults are proposed by who handles quality complaints: the sales manager or the deputy general manager.',
  zh: '质量责任处罚由质量投诉的处理人（销售经理或销售副总）提出。',
});
const notJustified = domainError({
  code: 'complaints.penalty.not-justified',
  kind: 'conflict',
  rule: 'C-15',
  en: 'There is no penalty for a complaint that was not found justified, wholly or partly.',
  zh: '投诉理由未确定成立或部分成立，不得处罚。',
});
const noScheme = domainError({
  code: 'complaints.penalty.no-scheme',
  kind: 'unprocessable',
  rule: 'A-02',
  en: 'The penalty for a quality fault is looked up in the appraisal scheme (A-02); none is in force, so there is none but the notice of criticism.',
  zh: '质量责任处罚依据《考核方案》（A-02）；目前无生效的方案版本，仅可通报批评。',
});
const nobody = domainError({
  code: 'complaints.penalty.nobody',
  kind: 'unprocessable',
  rule: 'C-15',
  en: 'It says which person or which department is at fault.',
  zh: '须注明责任人或责任部门。',
});
const personsOnly = domainError({
  code: 'complaints.penalty.persons-only',
  kind: 'conflict',
  rule: 'C-15',
  en: 'These findings are about a person at fault for quality.',
  zh: '此类认定仅适用于质量责任人。',
});
const recordedAlready = domainError({
  code: 'complaints.penalty.finding-recorded',
  kind: 'conflict',
  rule: 'C-15',
  en: 'The finding {finding} is recorded already.',
  zh: '已有“{finding}”的认定记录。',
});
const findingsMissing = domainError({
  code: 'complaints.penalty.findings-missing',
  kind: 'unprocessable',
  rule: 'C-15',
  en: 'Dismissal takes all three findings, each recorded by itself; missing: {missing}.',
  zh: '辞退须三项认定齐备并分别记录；尚缺：{missing}。',
});
