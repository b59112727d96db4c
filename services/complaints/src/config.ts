import { baseConfig } from '@fenxiao/service-kit/config';
import type { Work } from '@fenxiao/service-kit/work';
import type { z } from 'zod';

/** What the regulations leave blank in complaints. */
export const complaintsConfig = baseConfig.extend({});
export type ComplaintsConfig = z.infer<typeof complaintsConfig>;

export const settings = (work: Work): ComplaintsConfig => work.config as ComplaintsConfig;
