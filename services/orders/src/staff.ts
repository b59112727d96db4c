import { roles } from '@fenxiao/contracts/roles';
import type { Powers } from '@fenxiao/procedures/procedure';

/** Whoever works here may read what everybody needs to sell: products, prices, stock. Distributors see none of it. */
export const staff: Powers = Object.fromEntries(
  roles.filter((role) => role !== 'distributor').map((role) => [role, 'all']),
);

/** Who sees orders and what follows from them: the region's manager the region, a salesperson the own, others all. */
export const salesReaders: Powers = {
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
  'regional-manager': 'region',
  salesperson: 'own',
};
