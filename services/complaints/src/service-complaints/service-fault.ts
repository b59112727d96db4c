import type { penaltyForm } from '@fenxiao/contracts/service-complaints';
import { domainError } from '@fenxiao/domain/domain-error';
import { Money } from '@fenxiao/domain/money';
import { lock } from '@fenxiao/service-kit/engine';
import type { Work } from '@fenxiao/service-kit/work';
import type { z } from 'zod';
import { settings } from '../config.js';
import { collectedAs, fineFor } from './fine.js';
import type { Penalty } from './penalty-table.js';
import { serviceComplaint } from './service-complaint.js';
import { requireNotAccused, requireSide } from './sides.js';

/** C-14 Service fault 通报批评, 罚款20—100元/次: only after it is verified; a notice of criticism always, a fine where severe, dismissal proposed where grave. */

/** What a proposal comes to. */
export interface Proposal {
  readonly complaint: { readonly number: string; readonly severity: 'minor' | 'medium' | 'serious' | 'grave' };
  readonly region: string | null;
  readonly person: string | null;
  readonly unit: string;
  readonly fine: Money | null;
  readonly collectedAs: 'money' | 'points' | null;
  readonly dismissal: boolean;
}

/** @throws what refuses a penalty for this complaint; its row is locked */
export async function forServiceFault(work: Work, form: z.infer<typeof penaltyForm>): Promise<Proposal> {
  const complaint = await lock(work, serviceComplaint, form.complaintId);
  const { number, region, founded, accused, unit } = complaint;
  if (founded === null) throw notVerified();
  if (!founded) throw notTrue();
  const severity = complaint.severity!;
  requireNotAccused(work, accused);
  requireSide(work, severity);
  if ((form.personId ?? accused) !== accused) throw otherPerson({}, { field: 'personId' });
  if ((form.unit ?? unit) !== unit) throw otherPerson({}, { field: 'unit' });
  if (form.dismissal && severity !== 'grave') throw notGrave({ severity }, { field: 'dismissal' });
  const fine = fineFor(severity, form.fine === undefined ? undefined : Money.of(form.fine), usualFines(work));
  return {
    complaint: { number, severity },
    region,
    person: accused,
    unit: unit!,
    fine: fine ?? null,
    collectedAs: fine ? await collected(work, accused!, fine, form.collectedAs) : null,
    dismissal: form.dismissal ?? severity === 'grave',
  };
}

function usualFines(work: Work) {
  const { SERVICE_FINE_MEDIUM: medium, SERVICE_FINE_SERIOUS: serious, SERVICE_FINE_GRAVE: grave } = settings(work);
  return { medium: Money.of(medium), serious: Money.of(serious), grave: Money.of(grave) };
}

/** How it is collected as far as can be said today; the month's cap counts when it takes effect. */
async function collected(work: Work, person: string, fine: Money, asked: 'money' | 'points' | undefined) {
  const taken = await takenOf(work, person, { day: 'proposed_on' });
  return collectedAs({ fine, asked, taken, ...rulesOf(work) });
}

/** C-14: deducted of the pay of the month it takes effect in, as far as the cap of that month goes; the rest is points. */
export async function collectedInEffect(work: Work, { id, owner, fine, collectedAs: proposed }: Penalty) {
  if (fine === null || proposed !== 'money') return proposed;
  const taken = await takenOf(work, owner!, { day: 'effective_on', except: id });
  return collectedAs({ fine, asked: undefined, taken, ...rulesOf(work) });
}

const rulesOf = (work: Work) => ({
  cap: Money.of(settings(work).FINE_MONTHLY_CAP),
  pointsOnly: settings(work).FINES_AS_POINTS_ONLY,
});

interface Counted {
  /** which of its days puts a fine into this month */
  readonly day: 'proposed_on' | 'effective_on';
  readonly except?: string;
}

/** Of somebody's fines of this month, what is deducted; nobody else asks for this person until the end of the transaction. */
async function takenOf(work: Work, person: string, { day, except }: Counted): Promise<Money> {
  // Two at once must not both find room under the cap.
  await work.query(`SELECT pg_advisory_xact_lock(hashtextextended('fines of ' || $1::text, 14))`, [person]);
  const [row] = await work.query<{ taken: string }>(
    `SELECT coalesce(sum(fine), 0)::text AS taken FROM penalty
     WHERE owner = $1 AND collected_as = 'money' AND state NOT IN ('rejected', 'overturned', 'not-applied')
       AND ${day} BETWEEN date_trunc('month', $2::date) AND $3::date AND id IS DISTINCT FROM $4::uuid`,
    [person, work.today, work.calendar.endOfMonth(work.today), except ?? null],
  );
  return Money.of(row!.taken);
}

const notVerified = domainError({
  code: 'complaints.penalty.not-verified',
  kind: 'conflict',
  rule: 'C-14',
  en: 'There is no penalty before it has been found out whether the complaint is true.',
  zh: '投诉未经查实，不得提出处罚。',
});
const notTrue = domainError({
  code: 'complaints.penalty.not-true',
  kind: 'conflict',
  rule: 'C-14',
  en: 'The complaint was found not to be true: there is no penalty for it.',
  zh: '经查该投诉不属实，不得处罚。',
});
const otherPerson = domainError({
  code: 'complaints.penalty.other-person',
  kind: 'unprocessable',
  rule: 'C-14',
  en: 'The form of the complaint names another person or department.',
  zh: '与投诉处理表所记载的责任人或部门不符。',
});
const notGrave = domainError({
  code: 'complaints.penalty.not-grave',
  kind: 'unprocessable',
  rule: 'C-14',
  en: 'Dismissal is for grave service faults; this one is {severity}.',
  zh: '情节十分严重者方予以辞退；本次情节为{severity}。',
});
