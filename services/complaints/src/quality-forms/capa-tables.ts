import type {
  capaCauseForm,
  capaClosingForm,
  capaContainmentForm,
  capaEffectForm,
  capaPreventionForm,
  capaProblemForm,
  capaStepRecord,
  capaTeamForm,
  capaTestForm,
  CapaStep,
  CapaTrigger,
} from '@fenxiao/contracts/quality-forms';
import type { Severity } from '@fenxiao/contracts/complaints';
import { workingDays, type BusinessCalendar } from '@fenxiao/domain/business-calendar';
import { columns, subjectColumns } from '@fenxiao/service-kit/columns';
import { defineEntity } from '@mikro-orm/core';
import type { z } from 'zod';

/** C-09: an 8D as it is stored, and when its steps are due. */

/** Working days from its opening, or from its being opened again, by step. */
export type StepDays = Readonly<Record<CapaStep, number>>;
export type StepRecord = z.infer<typeof capaStepRecord>;
export interface Joined {
  readonly id: string;
  readonly number: string;
}
/** What the moves of the present round have written; the root cause, the action and what follows are asked for again. */
export type CapaRecord = Partial<
  z.infer<typeof capaTeamForm> &
    z.infer<typeof capaContainmentForm> &
    z.infer<typeof capaCauseForm> &
    z.infer<typeof capaTestForm> &
    z.infer<typeof capaPreventionForm> &
    z.infer<typeof capaEffectForm> &
    z.infer<typeof capaClosingForm> & {
      symptom: string;
      urgentResponse: string;
      problem: z.infer<typeof capaProblemForm>;
      effectChecked: string;
      correctiveAction: string;
      measure: string;
      before: string;
      after: string;
    }
>;

const CapaSchema = defineEntity({
  name: 'Capa',
  tableName: 'capa',
  properties: (p) => ({
    ...subjectColumns,
    number: p.text(),
    trigger: p.text().$type<z.infer<typeof CapaTrigger>>(),
    complaint: p.uuid().strictNullable(),
    complaintNumber: p.text().strictNullable(),
    /** that one, and those that came later */
    joined: p.json<Joined[]>(),
    severity: p.text().$type<Severity>().strictNullable(),
    product: p.uuid().strictNullable(),
    productCode: p.text().strictNullable(),
    productName: p.text().strictNullable(),
    defect: p.text(),
    repeat: p.integer().strictNullable(),
    limits: p.json<StepDays>(),
    /** days from carrying out to the effectiveness check */
    effectDays: p.integer(),
    round: p.integer(),
    /** the limits of the present round run from here */
    startedAt: p.datetime(),
    record: p.json<CapaRecord>(),
    /** those of earlier rounds as well */
    done: p.json<StepRecord[]>(),
    carriedOutOn: columns.date().strictNullable(),
    /** who carried out, and who wrote it down: neither verifies the effect */
    carriedOutBy: p.json<string[]>(),
  }),
});
export class Capa extends CapaSchema.class {}
CapaSchema.setClass(Capa);

export const dueAt = ({ startedAt, limits }: Capa, step: CapaStep, calendar: BusinessCalendar): Date =>
  calendar.due(startedAt, workingDays(limits[step]));

/** D8: the first day on which the effect can be judged. */
export const effectDueOn = ({ carriedOutOn, effectDays }: Capa, calendar: BusinessCalendar): string | undefined =>
  carriedOutOn === null ? undefined : calendar.addDays(carriedOutOn, effectDays);
