import { CapaStep } from '@fenxiao/contracts/quality-forms';
import { baseConfig } from '@fenxiao/service-kit/config';
import type { Work } from '@fenxiao/service-kit/work';
import { z } from 'zod';

/** How long the steps of an 8D may take, in working days from its opening. */
const capaStepDays: Readonly<Record<CapaStep, number>> = {
  team: 1,
  problem: 2,
  containment: 1,
  'containment-check': 3,
  'root-cause': 10,
  'permanent-action': 15,
  implementation: 30,
  prevention: 45,
  closing: 90,
};

/** What the regulations leave blank in complaints. */
export const complaintsConfig = baseConfig.extend({
  /** JSON: step of an 8D → working days from its opening, where they are not the usual: `{"root-cause": 8}` (C-09) */
  CAPA_STEP_DAYS: z
    .string()
    .default('{}')
    .transform((text, { addIssue }): unknown => {
      try {
        return JSON.parse(text);
      } catch {
        addIssue('JSON');
        return z.NEVER;
      }
    })
    .pipe(z.partialRecord(CapaStep, z.int().min(1).max(366)))
    .transform((days) => ({ ...capaStepDays, ...days })),
  /** days from carrying out to the effectiveness check (C-09) */
  CAPA_EFFECT_DAYS: z.coerce.number().int().min(1).max(366).default(60),
  /** the how many-th complaint of a product and defect opens an 8D, and for how many days after its close a repeat opens it again (C-09) */
  CAPA_REPEATS: z.coerce.number().int().min(2).default(3),
  CAPA_REPEAT_DAYS: z.coerce.number().int().min(1).max(366).default(90),
});
export type ComplaintsConfig = z.infer<typeof complaintsConfig>;

export const settings = (work: Work): ComplaintsConfig => work.config as ComplaintsConfig;
