import type { Event } from '@fenxiao/contracts/event';
import { batchEvents, returnEvents } from '@fenxiao/contracts/goods';
import { EventContext, On } from '@fenxiao/messaging/transport';
import type { Work } from '@fenxiao/service-kit/work';
import { Controller } from '@nestjs/common';
import { Ctx, Payload } from '@nestjs/microservices';

/** C-20: goods that came back and batches held, learned from orders. */
type Judged = Event<typeof batchEvents.held>;

@Controller()
export class QualityProjection {
  @On(returnEvents.received)
  received(
    @Payload() { subject, time, data }: Event<typeof returnEvents.received>,
    @Ctx() { work }: EventContext<Work>,
  ) {
    return work.query(
      `INSERT INTO known_return (id, line, number, product, product_code, batch, quantity, complaint, received_at)
       SELECT $1, line, $2, "productId", "productCode", batch, quantity, $3, $4
       FROM jsonb_to_recordset($5::jsonb) AS l(line int, "productId" uuid, "productCode" text, batch text, quantity numeric)
       ON CONFLICT DO NOTHING`,
      [subject, data.number, data.complaintId ?? null, time, JSON.stringify(data.lines)],
    );
  }

  @On(batchEvents.held)
  held(@Payload() { time, data }: Judged, @Ctx() { work }: EventContext<Work>) {
    const { productId, productCode, batch, grade } = data;
    return work.query(
      `INSERT INTO known_held_batch (product, product_code, batch, grade, held_at) VALUES ($1, $2, $3, $4, $5)
       ON CONFLICT (product, batch) DO UPDATE SET grade = excluded.grade, held_at = excluded.held_at`,
      [productId, productCode, batch, grade, time],
    );
  }
  @On(batchEvents.released)
  released(@Payload() { data }: Judged, @Ctx() { work }: EventContext<Work>) {
    return this.#free(data, work);
  }
  @On(batchEvents.failed)
  failed(@Payload() { data }: Judged, @Ctx() { work }: EventContext<Work>) {
    return this.#free(data, work);
  }

  #free({ productId, batch }: Judged['data'], work: Work) {
    return work.query('DELETE FROM known_held_batch WHERE product = $1 AND batch = $2', [productId, batch]);
  }
}
