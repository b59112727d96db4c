import type { BusinessCalendar } from '@fenxiao/domain/business-calendar';
import type { Clock } from '@fenxiao/procedures/procedure';

/**
 * C-03, C-16 Clocks of a complaint 处理时限: each stage has its business minutes, which rest while the customer is waited for.
 * Pure.
 */
export const stages = ['acknowledge', 'notify', 'cause', 'judge', 'decide', 'resolve', 'inform'] as const;
export type Stage = (typeof stages)[number];
/** business minutes of each stage, as the severity gave them */
export type StageLimits = Readonly<Record<Stage, number>>;

export interface Staged {
  readonly enteredAt: Date;
  readonly receivedAt: Date;
  readonly limits: StageLimits;
  readonly usedSeconds: number;
  readonly resumedAt: Date | null;
}

/** Business seconds of the stage used before its state was entered last: some only after a wait for the customer. */
export const usedBefore = ({ enteredAt, resumedAt, usedSeconds }: Omit<Staged, 'limits' | 'receivedAt'>): number =>
  resumedAt?.getTime() === enteredAt.getTime() ? usedSeconds : 0;

/** Whole business seconds from one instant to another. */
export const businessSeconds = (calendar: BusinessCalendar, from: Date, to: Date): number =>
  Math.floor(calendar.businessMinutesBetween(from, to) * 60);

/** Whole business minutes from one instant to another, never negative. */
export const businessMinutes = (calendar: BusinessCalendar, from: Date, to: Date): number =>
  Math.max(0, Math.floor(calendar.businessMinutesBetween(from, to)));

/**
 * When a stage is over that goes on at `since` with so many seconds used.
 * @returns `since` itself where nothing is left
 */
export const endOfStage = (calendar: BusinessCalendar, since: Date, usedSeconds: number, limitMinutes: number): Date =>
  calendar.addBusinessTime(since, Math.max(0, limitMinutes - usedSeconds / 60));

/** The clock of a stage: a warning at 80 % of its whole time, the deputy general manager told at the breach. */
export function stageClock(stage: Stage): Clock<Staged> {
  // ISO 10002, 7.4: acknowledged within so much of its receipt, whenever it was written down
  const sinceOf = ({ enteredAt, receivedAt }: Staged) => (stage === 'acknowledge' ? receivedAt : enteredAt);
  const after = (part: number) => (subject: Staged, calendar: BusinessCalendar) =>
    endOfStage(calendar, sinceOf(subject), usedBefore(subject), (subject.limits[stage] * part) / 5);
  return { within: after(5), warnAt: after(4), escalateTo: 'deputy-general-manager-sales' };
}
