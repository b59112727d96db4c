import { domainError } from '@fenxiao/domain/domain-error';
import type { Work } from '@fenxiao/service-kit/work';
import type { Complaint } from './complaint-tables.js';

/** C-05 Site visit 现场调查: the deputy general manager or the manager goes, together with heads of the departments concerned. */

interface Plan {
  readonly needed: boolean;
  readonly plannedOn?: string | undefined;
  readonly persons?: readonly string[] | undefined;
  readonly unneeded?: string | undefined;
}

/** @throws visitedAlready, unneededWithoutReason, planMissing, noLeader, noHead, notThatDay */
export async function planVisit(subject: Complaint, plan: Plan, work: Work): Promise<void> {
  const { needed, plannedOn, persons, unneeded } = plan;
  if (subject.visit?.visitedOn) throw visitedAlready();
  if (!needed) {
    if (subject.visit?.needed && !unneeded) throw unneededWithoutReason({}, { field: 'unneeded' });
    subject.visit = { needed, ...(unneeded ? { unneeded } : {}) };
    return;
  }
  if (!plannedOn || !persons) throw planMissing({}, { field: plannedOn ? 'persons' : 'plannedOn' });
  if (plannedOn < work.today) throw notThatDay({ date: plannedOn }, { field: 'plannedOn' });
  await requireCompany(work, subject, persons);
  subject.visit = { needed, plannedOn, persons: [...persons] };
}

interface Report {
  readonly visitedOn: string;
  readonly persons: readonly string[];
  readonly findings: string;
  readonly signed: boolean;
  readonly unsigned?: string | undefined;
}

/** @throws notPlanned, noLeader, noHead, notThatDay, unsignedWithoutReason */
export async function recordVisit(subject: Complaint, report: Report, work: Work): Promise<void> {
  const { visitedOn, persons, findings, signed, unsigned } = report;
  if (!subject.visit?.needed) throw notPlanned();
  if (visitedOn > work.today || visitedOn < subject.receivedOn)
    throw notThatDay({ date: visitedOn }, { field: 'visitedOn' });
  if (!signed && !unsigned) throw unsignedWithoutReason({}, { field: 'unsigned' });
  await requireCompany(work, subject, persons);
  const why = signed ? {} : { unsigned: unsigned! };
  subject.visit = { ...subject.visit, visitedOn, persons: [...persons], findings, signed, ...why };
}

/** A visit that is needed comes before the verdict. @throws visitFirst */
export function requireVisited({ visit }: Complaint): void {
  if (visit?.needed && !visit.visitedOn) throw visitFirst();
}

/** One of the two who handle, and another who heads a department. @throws noLeader, noHead */
async function requireCompany(work: Work, { against }: Complaint, persons: readonly string[]): Promise<void> {
  const going = persons.filter((person) => person !== against);
  const rows = await work.query<{ person: string; roles: string[] }>(
    `SELECT k.person, k.roles FROM known_position k JOIN known_person p ON p.id = k.person
     WHERE k.person = ANY ($1) AND k.valid_from <= $2::date AND (k.valid_to IS NULL OR k.valid_to >= $2::date)
       AND (p.last_day IS NULL OR p.last_day > $2::date)`,
    [going, work.today],
  );
  const having = (roles: readonly string[]) =>
    new Set(rows.filter((row) => row.roles.some((role) => roles.includes(role))).map(({ person }) => person));
  const leaders = having(['sales-manager', 'deputy-general-manager-sales']);
  const heads = having(['head-of-department']);
  if (leaders.size === 0) throw noLeader({}, { field: 'persons' });
  const both = new Set([...leaders, ...heads]);
  if (heads.size === 0 || both.size < 2) throw noHead({}, { field: 'persons' });
}

const planMissing = domainError({
  code: 'complaints.visit.incomplete',
  kind: 'unprocessable',
  rule: 'C-05',
  en: 'A visit that is needed has a day and those who go.',
  zh: '需要现场调查时，须填写日期和前往人员。',
});
const notThatDay = domainError({
  code: 'complaints.visit.not-that-day',
  kind: 'unprocessable',
  rule: 'C-05',
  en: 'A visit can not be on {date}.',
  zh: '现场调查日期不能是{date}。',
});
const noLeader = domainError({
  code: 'complaints.visit.no-leader',
  kind: 'unprocessable',
  rule: 'C-05',
  en: 'The deputy general manager of sales or the sales manager goes in person.',
  zh: '须由销售副总或销售经理亲自前往。',
});
const noHead = domainError({
  code: 'complaints.visit.no-head',
  kind: 'unprocessable',
  rule: 'C-05',
  en: 'At least one head of a department concerned goes along.',
  zh: '至少须有一名相关部门主管一同前往。',
});
const notPlanned = domainError({
  code: 'complaints.visit.not-planned',
  kind: 'conflict',
  rule: 'C-05',
  en: 'No visit has been found needed.',
  zh: '尚未确定需要现场调查。',
});
const visitedAlready = domainError({
  code: 'complaints.visit.visited-already',
  kind: 'conflict',
  rule: 'C-05',
  en: 'The visit has been made.',
  zh: '现场调查已完成。',
});
const unneededWithoutReason = domainError({
  code: 'complaints.visit.unneeded',
  kind: 'unprocessable',
  rule: 'C-05',
  en: 'A visit was found needed; where it is not after all, it is said why.',
  zh: '已确定须现场调查；改为不需要的，须说明原因。',
});
const unsignedWithoutReason = domainError({
  code: 'complaints.visit.unsigned',
  kind: 'unprocessable',
  rule: 'C-05',
  en: 'The customer signs what was found; where not, it is said why.',
  zh: '调查结果须由客户签字；未签字的须说明原因。',
});
const visitFirst = domainError({
  code: 'complaints.visit.first',
  kind: 'conflict',
  rule: 'C-05',
  en: 'A visit was found needed, and comes before the verdict.',
  zh: '已确定须现场调查，须先完成调查再作结论。',
});
