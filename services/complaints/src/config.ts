import { PositiveAmount } from '@fenxiao/contracts/wire';
import { Money } from '@fenxiao/domain/money';
import { baseConfig } from '@fenxiao/service-kit/config';
import type { Work } from '@fenxiao/service-kit/work';
import { z } from 'zod';
import { isFine } from './service-complaints/fine.js';

const workingHours = z.coerce.number().int().min(1).max(400);

/** 20—100元/次: the regulation's own bounds, both included */
const Fine = PositiveAmount.refine((text) => isFine(Money.of(text)), '20.00 to 100.00');

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
  /** the fine for a service fault where none is named, by severity; none for a minor one (C-14) */
  SERVICE_FINE_MEDIUM: Fine.default('20'),
  SERVICE_FINE_SERIOUS: Fine.default('50'),
  SERVICE_FINE_GRAVE: Fine.default('100'),
  /** the most that is deducted of one person's fines of a calendar month; what is above is recorded as points (C-14) */
  FINE_MONTHLY_CAP: PositiveAmount.default('200'),
  /** fines are recorded as points only, and no money is deducted (C-14) */
  FINES_AS_POINTS_ONLY: z.stringbool().default(false),
  /** working days to appeal against a penalty before it takes effect, and to decide on the appeal (C-14) */
  PENALTY_APPEAL_WORKING_DAYS: z.coerce.number().int().min(1).max(60).default(5),
  PENALTY_DECISION_WORKING_DAYS: z.coerce.number().int().min(1).max(60).default(5),
  /** working hours in which appraisals answers whether it carries a penalty out (C-14) */
  PENALTY_ANSWER_WORKING_HOURS: workingHours.default(16),
});
export type ComplaintsConfig = z.infer<typeof complaintsConfig>;

export const settings = (work: Work): ComplaintsConfig => work.config as ComplaintsConfig;
