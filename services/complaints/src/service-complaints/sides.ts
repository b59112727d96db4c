import type { Severity } from '@fenxiao/contracts/complaints';
import { roles } from '@fenxiao/contracts/roles';
import { domainError } from '@fenxiao/domain/domain-error';
import { headOffice, ownMatters } from '@fenxiao/procedures/powers';
import type { Powers } from '@fenxiao/procedures/procedure';
import { hasRole } from '@fenxiao/service-kit/actor';
import type { Work } from '@fenxiao/service-kit/work';
import { isAtLeast } from '../severity.js';

/** C-12, C-13: who has a part in a service complaint, and who has none. */

/** 销售副总或经理 */
export const salesHeads: Powers = { 'sales-manager': 'all', 'deputy-general-manager-sales': 'all' };
/** 销售部或办公室 */
export const salesOrOffice: Powers = { ...salesHeads, office: 'all' };
/** who works in sales, and the office: whoever may hear of a complaint first; whoever works in a region, of its customers */
export const salesAndOffice: Powers = {
  ...salesOrOffice,
  'sales-general-manager': 'all',
  'regional-manager': 'region',
  'sales-administrator': 'all',
  'sales-support-clerk': 'all',
  'order-clerk': 'all',
  salesperson: 'region',
};
/** whoever works in the department, as far as that department goes */
export const departmentStaff: Powers = Object.fromEntries(
  roles.filter((role) => !['distributor', 'auditor', 'importer'].includes(role)).map((role) => [role, 'unit']),
);
/** heads and back office all of it, a department its own, salespeople what they logged or have to handle */
export const serviceReaders: Powers = {
  ...departmentStaff,
  ...headOffice,
  office: 'all',
  'human-resources': 'all',
  'regional-manager': 'region',
  salesperson: 'own',
};
/** who proposes and decides, those above them, audit; everybody what is theirs: nobody else of the back office */
export const penaltyReaders: Powers = {
  ...ownMatters,
  ...salesOrOffice,
  'general-manager': 'all',
  'branch-general-manager': 'region',
  'sales-general-manager': 'all',
  auditor: 'all',
  'human-resources': 'all',
  'head-of-department': 'unit',
};

/** C-13: what is minor or medium is for sales, what is serious or grave for the office. */
export const isForOffice = (severity: Severity) => isAtLeast(severity, 'serious');

/** Who answers for a complaint of that severity. */
export const sideOf = (severity: Severity): Powers => (isForOffice(severity) ? { office: 'all' } : salesHeads);

/** @throws otherSide when the severity gives it to the other of the two */
export function requireSide(work: Work, severity: Severity): void {
  const side = sideOf(severity);
  if (!hasRole(work.actor, side)) throw otherSide({ severity, side: Object.keys(side).join(', ') });
}

/** T27: whoever is complained of has no hand in it. @throws accusedActs */
export function requireNotAccused(work: Work, accused: string | null): void {
  if (accused !== null && accused === work.actor.person) throw accusedActs();
}

const otherSide = domainError({
  code: 'complaints.service-complaint.other-side',
  kind: 'forbidden',
  rule: 'C-13',
  en: 'A complaint that is {severity} is for: {side}.',
  zh: '情节为{severity}的投诉由{side}处理。',
});
export const accusedActs = domainError({
  code: 'complaints.service-complaint.accused',
  kind: 'forbidden',
  rule: 'C-12',
  en: 'The person complained of neither fills in the form nor handles the complaint.',
  zh: '被投诉人不得填写处理表，也不得经办该投诉。',
});
