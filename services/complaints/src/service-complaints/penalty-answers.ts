import type { Event } from '@fenxiao/contracts/event';
import { penaltyAnswerEvents } from '@fenxiao/contracts/service-complaints';
import { EventContext, On } from '@fenxiao/messaging/transport';
import { follow, lock } from '@fenxiao/service-kit/engine';
import type { Work } from '@fenxiao/service-kit/work';
import { Controller } from '@nestjs/common';
import { Ctx, Payload } from '@nestjs/microservices';
import { penalty } from './penalty.js';

/** C-14: appraisals answers a penalty that has taken effect: carried out, or refused with its reason. The first answer holds. */
@Controller()
export class PenaltyAnswers {
  @On(penaltyAnswerEvents.accepted)
  async accepted(
    @Payload() { subject: id }: Event<typeof penaltyAnswerEvents.accepted>,
    @Ctx() { work }: EventContext<Work>,
  ): Promise<void> {
    const subject = await lock(work, penalty, id);
    if (subject.state === 'in-force') await follow(work, penalty, subject, 'apply');
  }

  @On(penaltyAnswerEvents.refused)
  async refused(
    @Payload() { subject: id, data: { code, refusal } }: Event<typeof penaltyAnswerEvents.refused>,
    @Ctx() { work }: EventContext<Work>,
  ): Promise<void> {
    const subject = await lock(work, penalty, id);
    if (subject.state === 'in-force') await follow(work, penalty, subject, 'notApply', { code, refusal });
  }
}
