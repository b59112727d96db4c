import { personEvents, positionEvents } from '@fenxiao/contracts/appraisals';
import type { Event } from '@fenxiao/contracts/event';
import { EventContext, On } from '@fenxiao/messaging/transport';
import { daily } from '@fenxiao/service-kit/due';
import { follow, lock } from '@fenxiao/service-kit/engine';
import type { Job } from '@fenxiao/service-kit/jobs';
import type { Work } from '@fenxiao/service-kit/work';
import { Controller } from '@nestjs/common';
import { Ctx, Payload } from '@nestjs/microservices';
import { complaint } from './complaint.js';
import { complaintProcedure } from './complaint-procedure.js';

/**
 * C-01 Handler gone 处理人离岗: an open complaint whose handler holds the position no more goes to who handles it by the rule now, at
 * once where that is known, else on the morning after the last day.
 */
@Controller()
export class HandlerGone {
  @On(positionEvents.ended)
  ended(@Payload() { data }: Event<typeof positionEvents.ended>, @Ctx() { work }: EventContext<Work>): Promise<void> {
    return reassign(work, data.personId);
  }

  @On(personEvents.left)
  left(@Payload() { subject }: Event<typeof personEvents.left>, @Ctx() { work }: EventContext<Work>): Promise<void> {
    return reassign(work, subject);
  }
}

export const reassignComplaints: Job = {
  name: 'reassign-complaints',
  clause: 'C-01',
  due: daily('06:00'),
  missed: 'latest',
  run: (work) => reassign(work),
};

/** @param person whose complaints; default: everybody's */
async function reassign(work: Work, person?: string): Promise<void> {
  const { from } = complaintProcedure.moves.reassign;
  const left = await work.query<{ id: string; handler: string }>(
    `SELECT c.id, c.handler FROM complaint c
     WHERE ${person === undefined ? 'c.handler IS NOT NULL' : 'c.handler = $3'} AND c.state = ANY ($1)
       AND NOT EXISTS (SELECT FROM known_position k JOIN known_person p ON p.id = k.person
         WHERE k.person = c.handler AND c.handler_role = ANY (k.roles) AND k.valid_from <= $2::date
           AND (k.valid_to IS NULL OR k.valid_to >= $2::date) AND (p.last_day IS NULL OR p.last_day > $2::date))
     ORDER BY c.id`,
    [from, work.today, ...(person === undefined ? [] : [person])],
  );
  for (const { id, handler } of left) {
    const subject = await lock(work, complaint, id);
    const still = subject.handler === handler && (from as readonly string[]).includes(subject.state);
    if (still) await follow(work, complaint, subject, 'reassign', {}, gone);
  }
}

const gone = '处理人已离岗 The handler has left the position.';
