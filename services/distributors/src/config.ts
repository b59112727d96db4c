import { PositiveAmount } from '@fenxiao/contracts/wire';
import { baseConfig } from '@fenxiao/service-kit/config';
import type { Work } from '@fenxiao/service-kit/work';
import type { z } from 'zod';

/** What the regulations leave blank in distributors. */
export const distributorsConfig = baseConfig.extend({
  /** D-20: most that one manager may guarantee in all at a time; absent: no cap beside that per distributor */
  GUARANTEE_CAP_PER_MANAGER: PositiveAmount.optional(),
});
export type DistributorsConfig = z.infer<typeof distributorsConfig>;

export const settings = (work: Work): DistributorsConfig => work.config;
