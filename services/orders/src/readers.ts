import { headOffice } from '@fenxiao/procedures/powers';
import type { Powers } from '@fenxiao/procedures/procedure';

/** O-52: cost is confidential. */
export const costReaders: Powers = {
  finance: 'all',
  'general-manager': 'all',
  'sales-general-manager': 'all',
  auditor: 'all',
};

/** Who sees orders and what follows from them: the region's manager the region, a salesperson the own, others all. */
export const salesReaders: Powers = { ...headOffice, 'regional-manager': 'region', salesperson: 'own' };
