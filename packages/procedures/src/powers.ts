import { roles } from '@fenxiao/contracts/roles';
import type { Powers, Procedure } from './procedure.js';

/** Powers that several procedures give alike. */

/** Whoever works here, everything: what everybody needs to do their work. Distributors see none of it. */
export const staff: Powers = Object.fromEntries(
  roles.filter((role) => role !== 'distributor').map((role) => [role, 'all']),
);

/** Whoever works here, what they made or what is theirs. */
export const ownMatters: Powers = Object.fromEntries(Object.keys(staff).map((role) => [role, 'own']));

/** Those who look after the whole company's customers: heads, back office, finance, audit. */
export const headOffice: Powers = {
  'general-manager': 'all',
  'branch-general-manager': 'all',
  'sales-general-manager': 'all',
  'deputy-general-manager-sales': 'all',
  'sales-manager': 'all',
  'sales-administrator': 'all',
  'sales-support-clerk': 'all',
  'order-clerk': 'all',
  finance: 'all',
  auditor: 'all',
};

/** who may take out a procedure's data: whom it names, else whoever reads all of it; distributors never by default. */
export const exportersOf = ({ export: named, read }: Procedure): Powers =>
  named ??
  Object.fromEntries(
    Object.entries(read).filter(([role, scope]) => scope === 'all' && !['distributor', 'system'].includes(role)),
  );
