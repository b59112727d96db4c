import type { ServiceDefinition } from '@fenxiao/service-kit/service';
import { appraisals } from '../../services/appraisals/src/service.js';
import { complaints } from '../../services/complaints/src/service.js';
import { distributors } from '../../services/distributors/src/service.js';
import { orders } from '../../services/orders/src/service.js';
import { planning } from '../../services/planning/src/service.js';

/** The services that have procedures, for the walks that try every one of them. */
export const servicesWithProcedures = [
  appraisals,
  complaints,
  distributors,
  orders,
  planning,
] as unknown as readonly ServiceDefinition[];
