import type { Procedure } from '@fenxiao/procedures/procedure';
import { restartClocks } from '@fenxiao/service-kit/clocks';
import type { Entity } from '@fenxiao/service-kit/engine';
import type { Work } from '@fenxiao/service-kit/work';

/** C-03, C-12, C-16: clocks 时限 run anew, from when the subject's state began, by the limits it has now; none is breached twice. */
export async function restartUnbreached(
  work: Work,
  procedure: Procedure,
  subject: Entity,
  moves: readonly string[],
): Promise<void> {
  const { state: from } = subject;
  const breached = await work.query<{ move: string }>(
    'SELECT move FROM clock WHERE subject = $1 AND stopped_at IS NULL AND breached_at IS NOT NULL',
    [subject.id],
  );
  for (const move of moves)
    if (!breached.some((over) => over.move === move))
      await restartClocks(work, procedure, subject, { move, from, changed: true });
}
