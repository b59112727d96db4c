import { headOffice } from '@fenxiao/procedures/powers';
import type { Powers } from '@fenxiao/procedures/procedure';

/** Who sees orders and what follows from them: the region's manager the region, a salesperson the own, others all. */
export const salesReaders: Powers = { ...headOffice, 'regional-manager': 'region', salesperson: 'own' };
