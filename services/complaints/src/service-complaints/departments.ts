import { domainError } from '@fenxiao/domain/domain-error';
import type { Work } from '@fenxiao/service-kit/work';

/** C-12: the department 有关部门 somebody works in, by the positions known here. */

/**
 * The department at fault.
 * @param unit the one named; may be left out where the person works in one only
 * @throws otherDepartment when the person does not work in it today, or it has to be named
 */
export async function departmentOf(work: Work, person: string, unit: string | undefined): Promise<string> {
  const units = await unitsOf(work, person);
  if (unit === undefined && units.length === 1) return units[0]!;
  if (unit === undefined || !units.includes(unit))
    throw otherDepartment({ units: units.join(', ') || '—' }, { field: 'unit' });
  return unit;
}

/** @throws otherDepartment */
export async function requireWorksIn(work: Work, person: string, unit: string, field: string): Promise<void> {
  const units = await unitsOf(work, person);
  if (!units.includes(unit)) throw otherDepartment({ units: units.join(', ') || '—' }, { field });
}

/** The departments somebody works in today. */
export async function unitsOf(work: Work, person: string): Promise<string[]> {
  const rows = await work.query<{ unit: string }>(
    `SELECT DISTINCT k.unit FROM known_position k JOIN known_person p ON p.id = k.person
     WHERE k.person = $1 AND k.unit IS NOT NULL AND k.valid_from <= $2 AND (k.valid_to IS NULL OR k.valid_to >= $2)
       AND (p.last_day IS NULL OR p.last_day > $2) ORDER BY k.unit`,
    [person, work.today],
  );
  return rows.map(({ unit }) => unit);
}

/** A department that somebody works in today, so that somebody can appeal for it. @throws unknownUnit */
export async function knownUnit(work: Work, unit: string): Promise<string> {
  const [known] = await work.query(
    `SELECT FROM known_position WHERE unit = $1 AND valid_from <= $2 AND (valid_to IS NULL OR valid_to >= $2) LIMIT 1`,
    [unit, work.today],
  );
  if (!known) throw unknownUnit({ unit }, { field: 'unit' });
  return unit;
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
  en: 'That person works today in: {units}.',
  zh: '该人员目前所在部门：{units}。',
});
