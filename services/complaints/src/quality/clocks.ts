import type { Work } from '@fenxiao/service-kit/work';
import { settings } from '../config.js';
import { restartUnbreached } from '../running-clocks.js';
import { complaintProcedure, timedMoves } from './complaint-procedure.js';
import type { Complaint } from './complaint-tables.js';
import { limitsFor } from './severity.js';

/** C-03, C-16 The running clocks of a complaint 时限: they rest, go on, and change with its severity; none is breached twice. */

/** From when on a stage rests: now, or just before the end of a clock that is over and has not been told of yet. */
export async function restsFrom(work: Work, { id }: Complaint): Promise<Date> {
  const [untold] = await work.query<{ due_at: Date | string }>(
    `SELECT due_at FROM clock WHERE subject = $1 AND stopped_at IS NULL AND breached_at IS NULL AND due_at <= $2
     ORDER BY due_at LIMIT 1`,
    [id, work.now],
  );
  return untold ? new Date(new Date(untold.due_at).getTime() - 1000) : work.now;
}

/** A clock that was over before the wait is over when it goes on, and has been told of. */
export async function keepBreached(work: Work, { id }: Complaint): Promise<void> {
  await work.query(
    `UPDATE clock SET next_at = NULL, breached_at = $2
     WHERE subject = $1 AND stopped_at IS NULL AND breached_at IS NULL AND due_at <= started_at`,
    [id, work.now],
  );
}

/** The clocks that run take the times of the present severity; what is breached stays so. */
export async function changeLimits(work: Work, subject: Complaint): Promise<void> {
  subject.limits = limitsFor(subject.severity, settings(work));
  const running = timedMoves.filter(({ from }) => from.includes(subject.state));
  await restartUnbreached(
    work,
    complaintProcedure,
    subject,
    running.map(({ name }) => name),
  );
}
