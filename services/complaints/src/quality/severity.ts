import type { Severity, SeverityCriterion } from '@fenxiao/contracts/complaints';
import { domainError } from '@fenxiao/domain/domain-error';
import type { z } from 'zod';
import type { ComplaintsConfig } from '../config.js';
import { isAtLeast } from '../severity.js';
import type { Complaint } from './complaint-tables.js';
import type { StageLimits } from './stages.js';

/**
 * C-16 Severity 情节大小: set from written criteria; raising is free, lowering is the deputy general manager's, with a reason.
 * It picks the clocks and the handler, and never goes down by itself.
 */
/** @throws notRaised */
export function raise(subject: Complaint, { severity, criteria }: Change): void {
  if (isAtLeast(subject.severity, severity)) throw notRaised({ severity: subject.severity }, { field: 'severity' });
  Object.assign(subject, { severity, criteria });
}

/** @throws notLowered */
export function lower(subject: Complaint, { severity, criteria }: Change): void {
  if (isAtLeast(severity, subject.severity)) throw notLowered({ severity: subject.severity }, { field: 'severity' });
  Object.assign(subject, { severity, criteria });
}

interface Change {
  readonly severity: Severity;
  readonly criteria: z.infer<typeof SeverityCriterion>[];
}

/** The business minutes of each stage at a severity. Pure. */
export function limitsFor(severity: Severity, config: ComplaintsConfig): StageLimits {
  const percent = {
    minor: 100,
    medium: config.COMPLAINT_MEDIUM_PERCENT,
    serious: config.COMPLAINT_SERIOUS_PERCENT,
    grave: config.COMPLAINT_GRAVE_PERCENT,
  }[severity];
  const minutes = (hours: number) => Math.ceil((hours * 60 * percent) / 100);
  return {
    acknowledge: minutes(config.COMPLAINT_ACKNOWLEDGE_HOURS),
    notify: minutes(config.COMPLAINT_NOTIFY_HOURS),
    cause: minutes(config.COMPLAINT_CAUSE_HOURS),
    judge: minutes(config.COMPLAINT_VERDICT_HOURS),
    decide: minutes(config.COMPLAINT_DECISION_HOURS),
    resolve: minutes(config.COMPLAINT_RESOLUTION_HOURS),
    inform: minutes(config.COMPLAINT_INFORM_HOURS),
  };
}

const notRaised = domainError({
  code: 'complaints.complaint.not-raised',
  kind: 'unprocessable',
  rule: 'C-16',
  en: 'It is {severity} already: raising leads to a higher severity, lowering is a move of its own.',
  zh: '当前情节为“{severity}”：此处只能上调；下调须另行办理。',
});
const notLowered = domainError({
  code: 'complaints.complaint.not-lowered',
  kind: 'unprocessable',
  rule: 'C-16',
  en: 'It is {severity}: lowering leads to a lower severity.',
  zh: '当前情节为“{severity}”：此处只能下调。',
});
