import { domainError } from '@fenxiao/domain/domain-error';
import type { Work } from '@fenxiao/service-kit/work';

/** C-12: the department 有关部门 somebody works in, by the positions known here. */

/**
 * The department at fault, where the person worked on that day. Whoever worked in none (a position without a unit, or one that
 * began later) is put down to the department named.
 * @param named may be left out where the person worked in one only
 * @throws otherDepartment when the person did not work in it, or it has to be named
 */
export async function departmentOf(work: Work, person: string, named: string | undefined, on: string): Promise<string> {
  const units = await unitsOf(work, person, on);
  if (named === undefined && units.length === 1) return units[0]!;
  const possible = named !== undefined && (units.length === 0 ? await isUnit(work, named) : units.includes(named));
  if (!possible) throw otherDepartment({ units: units.join(', ') || '—' }, { field: 'unit' });
  return named;
}

/** @throws otherDepartment unless that person works in it today */
export async function requireWorksIn(work: Work, person: string, unit: string, field: string): Promise<void> {
  const units = await unitsOf(work, person);
  if (!units.includes(unit)) throw otherDepartment({ units: units.join(', ') || '—' }, { field });
}

/** The departments somebody works in on a day. */
export async function unitsOf(work: Work, person: string, on: string = work.today): Promise<string[]> {
  const rows = await work.query<{ unit: string }>(
    `SELECT DISTINCT k.unit FROM known_position k JOIN known_person p ON p.id = k.person
     WHERE k.person = $1 AND k.unit IS NOT NULL AND k.valid_from <= $2 AND (k.valid_to IS NULL OR k.valid_to >= $2)
       AND (p.last_day IS NULL OR p.last_day > $2) ORDER BY k.unit`,
    [person, on],
  );
  return rows.map(({ unit }) => unit);
}

/** Whether anybody but that person works in a department today. */
export async function othersWorkIn(work: Work, unit: string, person: string): Promise<boolean> {
  const [other] = await work.query(
    `SELECT FROM known_position k JOIN known_person p ON p.id = k.person
     WHERE k.unit = $1 AND k.person <> $2 AND k.valid_from <= $3 AND (k.valid_to IS NULL OR k.valid_to >= $3)
       AND (p.last_day IS NULL OR p.last_day > $3) LIMIT 1`,
    [unit, person, work.today],
  );
  return other !== undefined;
}

/** Whether somebody works here today: no distributor's person. */
export async function isAtWork(work: Work, person: string): Promise<boolean> {
  const [found] = await work.query(
    `SELECT FROM known_position k JOIN known_person p ON p.id = k.person
     WHERE k.person = $1 AND NOT 'distributor' = ANY (k.roles) AND k.valid_from <= $2
       AND (k.valid_to IS NULL OR k.valid_to >= $2) AND (p.last_day IS NULL OR p.last_day > $2) LIMIT 1`,
    [person, work.today],
  );
  return found !== undefined;
}

/** Our own people, who work here or have: no distributor's. @throws nobodyOfOurs */
export async function requireOurs(work: Work, person: string, field: string): Promise<void> {
  const [known] = await work.query(
    `SELECT FROM known_person p WHERE p.id = $1
       AND NOT EXISTS (SELECT FROM known_position k WHERE k.person = p.id AND 'distributor' = ANY (k.roles))`,
    [person],
  );
  if (!known) throw nobodyOfOurs({}, { field });
}

/** A department that somebody works in today, so that somebody can appeal for it. @throws unknownUnit */
export async function knownUnit(work: Work, unit: string): Promise<string> {
  if (!(await isUnit(work, unit))) throw unknownUnit({ unit }, { field: 'unit' });
  return unit;
}

async function isUnit(work: Work, unit: string): Promise<boolean> {
  const [known] = await work.query(
    `SELECT FROM known_position WHERE unit = $1 AND valid_from <= $2 AND (valid_to IS NULL OR valid_to >= $2) LIMIT 1`,
    [unit, work.today],
  );
  return known !== undefined;
}

const unknownUnit = domainError({
  code: 'complaints.penalty.unknown-unit',
  kind: 'unprocessable',
  rule: 'C-15',
  en: 'Nobody works in {unit} today.',
  zh: '目前没有人员隶属于{unit}。',
});
const otherDepartment = domainError({
  code: 'complaints.service-complaint.other-department',
  kind: 'unprocessable',
  rule: 'C-12',
  en: 'The departments of that person: {units}.',
  zh: '该人员所在部门：{units}。',
});
const nobodyOfOurs = domainError({
  code: 'complaints.service-complaint.nobody-of-ours',
  kind: 'unprocessable',
  rule: 'C-12',
  en: 'It names somebody who works here, or has.',
  zh: '须为本公司现有或曾有的人员。',
});
