import type { CollectedAs } from '@fenxiao/contracts/service-complaints';
import type { Severity } from '@fenxiao/contracts/complaints';
import { domainError } from '@fenxiao/domain/domain-error';
import { Money } from '@fenxiao/domain/money';
import type { z } from 'zod';

/** C-14 Fine for a service fault 罚款20—100元/次: how much per time, and whether it is deducted. Pure. */

const [lowest, highest] = [Money.of('20.00'), Money.of('100.00')];

/** 20—100: both are within. */
export const isFine = (fine: Money): boolean => fine.compare(lowest) >= 0 && fine.compare(highest) <= 0;

/** What is fined where no amount is named. */
export type UsualFines = Readonly<Record<Exclude<Severity, 'minor'>, Money>>;

/**
 * @param asked what the proposal names
 * @returns undefined where there is none: it was minor
 * @throws noFine, outsideBounds
 */
export function fineFor(severity: Severity, asked: Money | undefined, usual: UsualFines): Money | undefined {
  if (severity === 'minor') {
    if (asked) throw noFine({}, { field: 'fine' });
    return undefined;
  }
  const fine = asked ?? usual[severity];
  if (!isFine(fine)) throw outsideBounds({ fine: String(fine) }, { field: 'fine' });
  return fine;
}

interface Collecting {
  readonly fine: Money;
  readonly asked: z.infer<typeof CollectedAs> | undefined;
  /** of the person's fines of this month, what is deducted already */
  readonly taken: Money;
  readonly cap: Money;
  readonly pointsOnly: boolean;
}

/** Deducted as long as the month's cap holds it, else recorded as points. @throws pointsAlone, aboveCap */
export function collectedAs({ fine, asked, taken, cap, pointsOnly }: Collecting): z.infer<typeof CollectedAs> {
  const fits = taken.plus(fine).compare(cap) <= 0;
  if (asked === 'money' && pointsOnly) throw pointsAlone({}, { field: 'collectedAs' });
  if (asked === 'money' && !fits) throw aboveCap({ cap: String(cap), taken: String(taken) }, { field: 'collectedAs' });
  return asked ?? (pointsOnly || !fits ? 'points' : 'money');
}

const noFine = domainError({
  code: 'complaints.penalty.no-fine-for-minor',
  kind: 'unprocessable',
  rule: 'C-14',
  en: 'A fine is given only where the fault is severe: none for a minor one.',
  zh: '仅情节严重者予以罚款；情节轻微者不罚款。',
});
const outsideBounds = domainError({
  code: 'complaints.penalty.fine-outside-bounds',
  kind: 'unprocessable',
  rule: 'C-14',
  en: 'A fine is 20.00 to 100.00 per time; this is {fine}.',
  zh: '罚款每次为20.00至100.00元；本次为{fine}元。',
});
const pointsAlone = domainError({
  code: 'complaints.penalty.points-only',
  kind: 'unprocessable',
  rule: 'C-14',
  en: 'Fines are recorded as points only here; no money is deducted.',
  zh: '罚款仅以积分记录，不扣款。',
});
const aboveCap = domainError({
  code: 'complaints.penalty.above-monthly-cap',
  kind: 'unprocessable',
  rule: 'C-14',
  en: 'Of one person {cap} is deducted in a month at most, and {taken} is already; it may be recorded as points.',
  zh: '每人每月扣款以{cap}元为限，本月已扣{taken}元；可改以积分记录。',
});
