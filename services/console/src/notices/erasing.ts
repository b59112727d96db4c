import type { Event } from '@fenxiao/contracts/event';
import { erasureEvents } from '@fenxiao/contracts/powers';
import { EventContext, On } from '@fenxiao/messaging/transport';
import type { Work } from '@fenxiao/service-kit/work';
import { Controller } from '@nestjs/common';
import { Ctx, Payload } from '@nestjs/microservices';

const { approved } = erasureEvents('appraisals');

/** whoever is erased leaves no address here; what waits for one is not sent any more. */
@Controller()
export class PersonErasure {
  @On(approved)
  async erased(@Payload() { data }: Event<typeof approved>, @Ctx() { work }: EventContext<Work>): Promise<void> {
    const { subjectId } = data.form;
    await work.query('DELETE FROM notice_preference WHERE person = $1', [subjectId]);
    await work.query(`UPDATE delivery SET state = 'failed', next_at = NULL WHERE person = $1 AND state = 'waiting'`, [
      subjectId,
    ]);
  }
}
