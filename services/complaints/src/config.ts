import { baseConfig } from '@fenxiao/service-kit/config';
import type { Work } from '@fenxiao/service-kit/work';
import { z } from 'zod';

const workingHours = z.coerce.number().int().min(1).max(400);

/** What the regulations leave blank in complaints. */
export const complaintsConfig = baseConfig.extend({
  /** working hours in which the form of a service complaint is opened, and sent on to the department at fault (C-12) */
  SERVICE_OPEN_WORKING_HOURS: workingHours.default(8),
  /** working hours in which that department handles it; where it is serious or grave (C-12, C-16) */
  SERVICE_HANDLE_WORKING_HOURS: workingHours.default(24),
  SERVICE_HANDLE_SERIOUS_WORKING_HOURS: workingHours.default(8),
  /** working hours from then on in which the customer is told (C-13) */
  SERVICE_INFORM_WORKING_HOURS: workingHours.default(16),
  /** working hours in which the office receives its copy of the form (C-12, K-Q16) */
  SERVICE_COPY_WORKING_HOURS: workingHours.default(8),
});
export type ComplaintsConfig = z.infer<typeof complaintsConfig>;

export const settings = (work: Work): ComplaintsConfig => work.config as ComplaintsConfig;
