import { follow, lock } from '@fenxiao/service-kit/engine';
import { daily } from '@fenxiao/service-kit/due';
import type { Job } from '@fenxiao/service-kit/jobs';
import { sample } from './sample.js';

/** A sample has led to an order when its customer orders the product on one of the 90 days after it was issued (O-30). */
const CONVERSION_DAYS = 90;

/** O-30 Sample-to-order conversion 样板转化: each morning, what was ordered since. Once per sample, by the first order. */
export const sampleConversions: Job = {
  name: 'sample-conversions',
  clause: 'O-30',
  due: daily('05:30'),
  missed: 'latest',
  run: async (work) => {
    const rows = await work.query<{
      id: string;
      orderId: string;
      orderNumber: string;
      orderedOn: string;
      orderNet: string;
    }>(
      `SELECT s.id, o.id AS "orderId", o.number AS "orderNumber", o.ordered_on::text AS "orderedOn", o.net::text AS "orderNet"
       FROM sample s JOIN LATERAL (
         SELECT o.id, o.number, o.ordered_on, o.net FROM "order" o
         WHERE o.distributor = s.distributor AND o.ordered_on BETWEEN s.issued_on AND s.issued_on + $2::int
           AND o.submitted_at IS NOT NULL AND o.submitted_at >= s.created_at AND o.state <> 'cancelled'
           AND EXISTS (SELECT FROM order_line l WHERE l.order_id = o.id AND l.product = s.product AND NOT l.gift)
         ORDER BY o.submitted_at, o.id LIMIT 1) o ON true
       WHERE s.converted_by IS NULL AND s.issued_on >= $1::date - $2::int - 1 ORDER BY s.id`,
      [work.today, CONVERSION_DAYS],
    );
    for (const { id, ...order } of rows) await follow(work, sample, await lock(work, sample, id), 'convert', order);
  },
};
