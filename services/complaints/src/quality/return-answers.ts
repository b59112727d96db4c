import type { Event } from '@fenxiao/contracts/event';
import { returnAnswerEvents, returnEvents } from '@fenxiao/contracts/goods';
import { EventContext, On } from '@fenxiao/messaging/transport';
import { follow, lock } from '@fenxiao/service-kit/engine';
import type { Work } from '@fenxiao/service-kit/work';
import { Controller } from '@nestjs/common';
import { Ctx, Payload } from '@nestjs/microservices';
import { complaint } from './complaint.js';
import { returnRequest, returnRequestProcedure } from './return-request.js';

/** C-06, O-07 Answers to a return request 退货申请答复: what orders says comes back to the complaint that asked. */
type Move = keyof (typeof returnRequestProcedure)['moves'];
type Followed = 'returnGranted' | 'returnRefused' | 'changeRemedy' | 'returnSettled';

/** What orders says of a return that was asked for; of one that orders opened by itself nothing is known here. */
@Controller()
export class ReturnAnswers {
  @On(returnAnswerEvents.accepted)
  accepted(
    @Payload() { subject, data }: Event<typeof returnAnswerEvents.accepted>,
    @Ctx() { work }: EventContext<Work>,
  ): Promise<void> {
    const { returnId, returnNumber, remedy } = data;
    return hear(work, subject, 'grant', { returnId, returnNumber, remedy }, 'returnGranted');
  }

  @On(returnAnswerEvents.refused)
  refused(
    @Payload() { subject, data }: Event<typeof returnAnswerEvents.refused>,
    @Ctx() { work }: EventContext<Work>,
  ): Promise<void> {
    const { returnId, returnNumber, reason } = data;
    return hear(work, subject, 'decline', { returnId, returnNumber, refusal: reason }, 'returnRefused');
  }

  /** The answer says so as well; whichever comes first is heard. */
  @On(returnEvents.refused)
  refusedAfterAll(
    @Payload() { subject, data }: Event<typeof returnEvents.refused>,
    @Ctx() { work }: EventContext<Work>,
  ): Promise<void> {
    const refusal = data.meta.reason ?? data.number;
    const form = { returnId: subject, returnNumber: data.number, refusal };
    return hear(work, data.requestId, 'decline', form, 'returnRefused');
  }

  @On(returnEvents['remedy-changed'])
  remedyChanged(
    @Payload() { data }: Event<(typeof returnEvents)['remedy-changed']>,
    @Ctx() { work }: EventContext<Work>,
  ): Promise<void> {
    return hear(work, data.requestId, 'changeRemedy', { remedy: data.remedy }, 'changeRemedy');
  }

  @On(returnEvents.credited)
  credited(
    @Payload() { data }: Event<typeof returnEvents.credited>,
    @Ctx() { work }: EventContext<Work>,
  ): Promise<void> {
    return hear(work, data.requestId, 'settle', { outcome: 'credited' }, 'returnSettled');
  }

  @On(returnEvents.replaced)
  replaced(
    @Payload() { data }: Event<typeof returnEvents.replaced>,
    @Ctx() { work }: EventContext<Work>,
  ): Promise<void> {
    return hear(work, data.requestId, 'settle', { outcome: 'replaced' }, 'returnSettled');
  }
}

/** Writes down an answer, and lets the complaint know where it still waits for this very request. */
async function hear(work: Work, id: string | undefined, move: Move, form: object, then: Followed): Promise<void> {
  if (!id) return;
  const [found] = await work.query<{ complaint: string }>('SELECT complaint FROM return_request WHERE id = $1', [id]);
  if (!found) return;
  // the complaint first, as the moves of the handler do
  const about = await lock(work, complaint, found.complaint);
  const subject = await lock(work, returnRequest, id);
  const { from } = returnRequestProcedure.moves[move];
  if (!([from].flat() as string[]).includes(subject.state)) return;
  await follow(work, returnRequest, subject, move, form);
  if (about.returnRequest !== id) return;
  Object.assign(about, { returnState: subject.state, returnNumber: subject.returnNumber });
  if (about.state !== 'resolving' && about.state !== 'waiting-for-customer') return;
  const { refusal, remedy } = subject;
  if (then === 'changeRemedy') about.remedy = remedy === 'credit' ? 'refund' : 'replace';
  await follow(work, complaint, about, then, then === 'returnRefused' ? { refusal } : {});
}
