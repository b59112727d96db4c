import type { FormDepartment } from '@fenxiao/contracts/quality-forms';
import type { Role } from '@fenxiao/contracts/roles';
import type { Powers } from '@fenxiao/procedures/procedure';
import { hasRole } from '@fenxiao/service-kit/actor';
import type { Work } from '@fenxiao/service-kit/work';
import { settings } from '../config.js';

/** C-04 相关部门: who belongs to a department, and who signs for it. */
const byDepartment: Readonly<Record<FormDepartment, readonly Role[]>> = {
  production: ['production-department'],
  technical: ['technical-department'],
  warehouse: ['finished-goods-keeper'],
  transport: ['operations'],
  sales: ['sales-manager', 'sales-administrator'],
  quality: ['quality-control'],
};
const head = 'head-of-department';

/** Everybody who may have a section. */
export const departments: Powers = Object.fromEntries(
  [...Object.values(byDepartment).flat(), head].map((role) => [role, 'all']),
);

/** The roles that have these sections to sign. */
export const rolesOf = (sections: readonly { readonly department: FormDepartment }[]): Powers =>
  Object.assign({}, ...sections.map(({ department }) => powersOf(department))) as Powers;

const powersOf = (department: FormDepartment): Powers =>
  Object.fromEntries(byDepartment[department].map((role) => [role, 'all']));

/** By the role of the position; a head of department also by its unit. */
export const belongsTo = (work: Work, department: FormDepartment): boolean =>
  hasRole(work.actor, powersOf(department)) || isHead(work, department);

const isHead = (work: Work, department: FormDepartment): boolean =>
  work.actor.positions.some(
    ({ roles, unit }) =>
      roles.includes(head) &&
      (unit === unitOf(work, department) || roles.some((role) => byDepartment[department].includes(role))),
  );

const unitOf = (work: Work, department: FormDepartment) => settings(work).DEPARTMENT_UNITS[department];

/** The head signs 相关部门主管; where the department has none today, whoever belongs to it. */
export async function signsFor(work: Work, department: FormDepartment): Promise<boolean> {
  if (isHead(work, department)) return true;
  return belongsTo(work, department) && (await headsOf(work, department)).length === 0;
}

/** The persons who are its heads today. */
export async function headsOf(work: Work, department: FormDepartment): Promise<string[]> {
  const heads = await work.query<{ person: string }>(
    `SELECT DISTINCT k.person FROM known_position k JOIN known_person p ON p.id = k.person
     WHERE $1 = ANY (k.roles) AND (k.roles && $2::text[] OR k.unit = $3) AND k.valid_from <= $4::date
       AND (k.valid_to IS NULL OR k.valid_to >= $4::date) AND (p.last_day IS NULL OR p.last_day > $4::date)`,
    [head, byDepartment[department], unitOf(work, department), work.today],
  );
  return heads.map(({ person }) => person);
}

/** Whom a department's task is told to: its people, and the head of its unit. */
export const audienceOf = (work: Work, department: FormDepartment) => ({
  powers: { ...powersOf(department), [head]: 'unit' },
  unit: unitOf(work, department),
});
