import type { AnyBound } from '@fenxiao/service-kit/engine';
import { withPlatform } from '@fenxiao/service-kit/powers';
import { alert } from './alert.js';
import { competitor } from './competitor.js';
import { marketObservation } from './market-observation.js';
import { policyExecution } from './policy-execution.js';
import { policy } from './policy.js';
import { sharedTask } from './shared-task.js';

/** The procedures of planning. A new one is its file and a line here. */
export const procedures: readonly AnyBound[] = withPlatform('planning', [
  competitor,
  marketObservation,
  alert,
  sharedTask,
  policy,
  policyExecution,
]);
