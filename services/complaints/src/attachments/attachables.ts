import type { Powers } from '@fenxiao/procedures/procedure';
import { afterSalesCase } from '../after-sales/case-moves.js';
import { technicalSupport } from '../after-sales/technical-support.js';
import { complaint } from '../quality/complaint.js';
import { requireNotComplainedOf } from '../quality/handler.js';
import type { Attachable } from './coming.js';

/** The procedures whose subjects take files. Another one is a line here. */
const whoDealsWithIt: Powers = {
  'sales-administrator': 'all',
  'technical-department': 'all',
  'sales-manager': 'all',
  'regional-manager': 'region',
  salesperson: 'own',
  distributor: 'own',
};

export const attachables: readonly Attachable[] = [
  { bound: afterSalesCase, by: whoDealsWithIt },
  { bound: technicalSupport, by: whoDealsWithIt },
  {
    bound: complaint,
    refuse: requireNotComplainedOf,
    by: {
      ...whoDealsWithIt,
      'deputy-general-manager-sales': 'all',
      'sales-support-clerk': 'all',
      'order-clerk': 'all',
      'quality-control': 'all',
      'head-of-department': 'all',
    },
  },
];
