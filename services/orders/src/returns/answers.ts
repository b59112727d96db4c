import type { Event } from '@fenxiao/contracts/event';
import { complaintReturnRequestEvents, returnAnswerEvents, returnEvents } from '@fenxiao/contracts/goods';
import { DomainError } from '@fenxiao/domain/domain-error';
import { EventContext, On } from '@fenxiao/messaging/transport';
import { open } from '@fenxiao/service-kit/engine';
import type { Work } from '@fenxiao/service-kit/work';
import { Controller } from '@nestjs/common';
import { Ctx, Payload } from '@nestjs/microservices';
import { goodsReturn } from './return-moves.js';

/**
 * O-07, C-01: complaints publishes that goods should come back, and waits under a clock of its own. Orders opens a return
 * of it and answers under the id of the request: refused at once where a rule forbids it, else accepted or refused as the
 * sales manager decides; refused after all where quality control's inspection leads to that.
 */
@Controller()
export class ReturnRequests {
  @On(complaintReturnRequestEvents.requested)
  async requested(
    @Payload() { subject: request, data }: Event<typeof complaintReturnRequestEvents.requested>,
    @Ctx() { work }: EventContext<Work>,
  ): Promise<void> {
    const { complaintId, shipmentId, lines, remedy, cause } = data;
    const [known] = await work.query('SELECT FROM goods_return WHERE request = $1', [request]);
    if (known) return;
    const form = { shipmentId, lines, remedy, cause, complaintId };
    try {
      await open(work, goodsReturn, { form: { ...form, requestId: request }, bySystem: true });
    } catch (error) {
      // The rule is asked before anything is changed, so there is nothing to take back.
      if (!(error instanceof DomainError)) throw error;
      refuse(work, request, 0, { complaintId, code: error.code, reason: error.message });
    }
  }

  @On(returnEvents.authorised)
  authorised(
    @Payload() { subject, data }: Event<typeof returnEvents.authorised>,
    @Ctx() { work }: EventContext<Work>,
  ): void {
    const { requestId: id, complaintId, number, remedy } = data;
    if (!id || !complaintId) return;
    const answer = { complaintId, returnId: subject, returnNumber: number, remedy };
    work.publish(returnAnswerEvents.accepted, { id, events: 0 }, answer, { rule: 'O-07', ...regionOf(data) });
  }

  @On(returnEvents.refused)
  refused(@Payload() { subject, data }: Event<typeof returnEvents.refused>, @Ctx() { work }: EventContext<Work>): void {
    const { requestId, complaintId, number, meta } = data;
    if (!requestId || !complaintId) return;
    // it had been accepted, when it was refused after that
    const before = meta.move?.from === 'requested' ? 0 : 1;
    const answer = { complaintId, returnId: subject, returnNumber: number, reason: meta.reason ?? number };
    refuse(work, requestId, before, answer, regionOf(data));
  }
}

const regionOf = ({ regionId }: { readonly regionId: string }) => ({ region: regionId });

function refuse(
  work: Work,
  id: string,
  events: number,
  answer: Parameters<typeof work.publish<typeof returnAnswerEvents.refused>>[2],
  region: { region?: string } = {},
): void {
  work.publish(returnAnswerEvents.refused, { id, events }, answer, { rule: 'O-07', ...region });
}
