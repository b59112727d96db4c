import type { Severity } from '@fenxiao/contracts/complaints';
import type { CollectedAs, DismissalFinding, Fault } from '@fenxiao/contracts/service-complaints';
import { columns, subjectColumns } from '@fenxiao/service-kit/columns';
import { defineEntity } from '@mikro-orm/core';
import type { z } from 'zod';

/** C-15: one finding that speaks for a dismissal, who made it and when. */
export interface Finding {
  readonly finding: z.infer<typeof DismissalFinding>;
  readonly evidence: string;
  readonly person: string;
  /** RFC 3339 */
  readonly at: string;
}

/** The time limits it began with. */
export interface PenaltyLimits {
  /** working days */
  readonly appeal: number;
  readonly decision: number;
  /** working hours */
  readonly answer: number;
}

const PenaltySchema = defineEntity({
  name: 'Penalty',
  tableName: 'penalty',
  properties: (p) => ({
    ...subjectColumns,
    number: p.text(),
    fault: p.text().$type<z.infer<typeof Fault>>(),
    complaint: p.uuid(),
    complaintNumber: p.text(),
    severity: p.text().$type<Severity>(),
    /** somebody of personnel is punished, works in the department that is, or had a hand in the proposal */
    personnelInvolved: p.boolean(),
    criticism: p.text(),
    fine: columns.money().strictNullable(),
    collectedAs: p.text().$type<z.infer<typeof CollectedAs>>().strictNullable(),
    dismissal: p.boolean(),
    /** who proposed it after the proposal of the penalty itself */
    dismissalBy: p.text().strictNullable(),
    findings: p.json<Finding[]>(),
    proposedOn: columns.date(),
    limits: p.json<PenaltyLimits>(),
    grounds: p.text().strictNullable(),
    effectiveOn: columns.date().strictNullable(),
    /** of appraisals, from when it has taken effect */
    answer: p.text().$type<'awaited' | 'overdue' | 'accepted' | 'refused'>().strictNullable(),
    refusal: p.text().strictNullable(),
  }),
});
/** Its `owner` is the person; none where it is a department's, its `unit`, alone. */
export class Penalty extends PenaltySchema.class {}
PenaltySchema.setClass(Penalty);
