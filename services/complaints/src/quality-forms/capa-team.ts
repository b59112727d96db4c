import { CapaDepartment, type capaTeamForm } from '@fenxiao/contracts/quality-forms';
import type { Work } from '@fenxiao/service-kit/work';
import type { z } from 'zod';
import { leaderOutside, namedTwice, notOfDepartment, teamIncomplete } from './capa-refusals.js';

type Department = z.infer<typeof CapaDepartment>;

/** Which positions belong to the departments of an 8D team. */
const rolesOf: Readonly<Record<Department, readonly string[]>> = {
  sales: [
    'sales-manager',
    'deputy-general-manager-sales',
    'regional-manager',
    'sales-administrator',
    'sales-support-clerk',
    'salesperson',
  ],
  technical: ['technical-department'],
  production: ['production-department'],
  quality: ['quality-control'],
};

/**
 * C-09, D1: a leader and members from sales, technical, production and quality, each in a position of that department today.
 * @throws leaderOutside, namedTwice, notOfDepartment, teamIncomplete
 */
export async function requireTeam(work: Work, { leaderId, members }: z.infer<typeof capaTeamForm>): Promise<void> {
  const persons = members.map(({ personId }) => personId);
  if (new Set(persons).size < persons.length) throw namedTwice({}, { field: 'members' });
  if (!persons.includes(leaderId)) throw leaderOutside({}, { field: 'leaderId' });
  const rows = await work.query<{ person: string; roles: string[] }>(
    `SELECT person, roles FROM known_position
     WHERE person = ANY($1) AND valid_from <= $2::date AND (valid_to IS NULL OR valid_to >= $2::date)`,
    [persons, work.today],
  );
  const held = Map.groupBy(rows, ({ person }) => person);
  for (const [i, { personId, department }] of members.entries()) {
    const roles = held.get(personId)?.flatMap((position) => position.roles) ?? [];
    if (!roles.some((role) => rolesOf[department].includes(role)))
      throw notOfDepartment({ department: department }, { field: `members.${i}.personId` });
  }
  const missing = CapaDepartment.options.filter((wanted) => !members.some(({ department }) => department === wanted));
  if (missing.length > 0) throw teamIncomplete({ missing: missing.join(', ') }, { field: 'members' });
}
