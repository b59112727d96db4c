import { opportunityEvents, opportunityForm } from '@fenxiao/contracts/production';
import type { Event } from '@fenxiao/contracts/event';
import { orderEvents } from '@fenxiao/contracts/orders';
import { Code, Line } from '@fenxiao/contracts/wire';
import { domainError } from '@fenxiao/domain/domain-error';
import { EventContext, On } from '@fenxiao/messaging/transport';
import { procedure, type Powers } from '@fenxiao/procedures/procedure';
import { follow, lock } from '@fenxiao/service-kit/engine';
import { bindForm } from '@fenxiao/service-kit/forms';
import type { Work } from '@fenxiao/service-kit/work';
import { Controller } from '@nestjs/common';
import { Ctx, Payload } from '@nestjs/microservices';
import { z } from 'zod';
import { distributorOf } from '../distributor.js';
import { salesReaders } from '../readers.js';

/**
 * O-01 Sales pipeline 销售流程: what comes before an order, for whom it helps: lead, negotiation, contract. No order needs one.
 */
const sellers: Powers = {
  'sales-manager': 'all',
  'deputy-general-manager-sales': 'all',
  'sales-administrator': 'all',
  'regional-manager': 'region',
  salesperson: 'own',
};
const contract = z.object({ distributorCode: Code, contractNumber: Line });

export const opportunity = bindForm(
  procedure({
    name: 'opportunity',
    path: 'opportunities',
    clause: 'O-01',
    class: 'confidential',
    events: opportunityEvents,
    states: ['lead', 'negotiating', 'contracted', 'ordered', 'fulfilled', 'lost'],
    read: salesReaders,
    start: {
      move: 'register',
      to: 'lead',
      by: { ...sellers, salesperson: 'region' },
      form: opportunityForm,
      fact: 'registered',
      daily: true,
    },
    moves: {
      negotiate: { from: 'lead', to: 'negotiating', by: sellers, fact: 'negotiated', daily: true },
      signContract: { from: 'negotiating', to: 'contracted', by: sellers, form: contract, fact: 'contracted' },
      order: {
        from: 'contracted',
        to: 'ordered',
        by: sellers,
        form: z.object({ orderNumber: Line }),
        fact: 'ordered',
        daily: true,
      },
      /** its order was cancelled */
      reopen: { from: 'ordered', to: 'contracted', by: { system: 'all' }, fact: 'reopened' },
      fulfil: { from: 'ordered', to: 'fulfilled', by: { system: 'all' }, fact: 'fulfilled' },
      lose: { from: ['lead', 'negotiating', 'contracted'], to: 'lost', by: sellers, fact: 'lost', reason: true },
    },
  }),
  {
    series: 'XS',
    effects: {
      signContract: async (document, { distributorCode }: z.infer<typeof contract>, work) => {
        document.region = (await distributorOf(work, { code: distributorCode })).region;
      },
      order: async (document, { orderNumber }: { orderNumber: string }, work) => {
        const { distributorCode } = document.form as z.infer<typeof contract>;
        const [made] = await work.query<{ id: string }>(
          `SELECT id FROM "order" WHERE number = $1 AND distributor_code = $2 AND NOT state = ANY($3)`,
          [orderNumber, distributorCode, ['draft', 'reserved', 'cancelled']],
        );
        if (!made) throw noSuchOrder({ number: orderNumber, distributor: distributorCode }, { field: 'orderNumber' });
        document.form = { ...document.form, orderId: made.id };
      },
    },
  },
);

/** What becomes of the order becomes of what led to it. */
@Controller()
export class PipelineReactions {
  @On(orderEvents.completed)
  completed(@Payload() { subject }: Event<typeof orderEvents.completed>, @Ctx() { work }: EventContext<Work>) {
    return this.after(subject, 'fulfil', work);
  }
  @On(orderEvents.cancelled)
  cancelled(@Payload() { subject }: Event<typeof orderEvents.cancelled>, @Ctx() { work }: EventContext<Work>) {
    return this.after(subject, 'reopen', work);
  }

  private async after(orderId: string, move: 'fulfil' | 'reopen', work: Work): Promise<void> {
    const led = await work.query<{ id: string }>(
      `SELECT id FROM form_document WHERE procedure = 'opportunity' AND form->>'orderId' = $1 AND state = 'ordered' ORDER BY id`,
      [orderId],
    );
    for (const { id } of led) {
      const document = await lock(work, opportunity, id);
      if (document.state === 'ordered') await follow(work, opportunity, document, move);
    }
  }
}

const noSuchOrder = domainError({
  code: 'orders.opportunity.no-such-order',
  kind: 'unprocessable',
  rule: 'O-01',
  en: 'No order {number} of {distributor} has been handed in.',
  zh: '经销商{distributor}没有已提交的订单{number}。',
});
