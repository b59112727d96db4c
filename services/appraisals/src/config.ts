import { baseConfig } from '@fenxiao/service-kit/config';
import { z } from 'zod';

export const appraisalsConfig = baseConfig.extend({
  /** accounts that exist before anybody has registered anybody: the administrator's, the import's, the reconciliation's */
  BOOTSTRAP_ADMIN_SUBJECT: z.string().optional(),
  BOOTSTRAP_IMPORTER_SUBJECT: z.string().optional(),
  BOOTSTRAP_AUDITOR_SUBJECT: z.string().optional(),
});
export type AppraisalsConfig = z.infer<typeof appraisalsConfig>;
