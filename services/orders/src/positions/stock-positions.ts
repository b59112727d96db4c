import { stockPositionEvents } from '@fenxiao/contracts/positions';
import { newId } from '@fenxiao/domain/id';
import { daily } from '@fenxiao/service-kit/due';
import type { Job } from '@fenxiao/service-kit/jobs';
import type { Work } from '@fenxiao/service-kit/work';

/**
 * O-52 Stock position 库存余额: just after midnight, what lay in stock at the close of the day before and what that day took out
 * of it, at standard cost (K-O14). Of a day long gone the second is known still, the first is not.
 */
export const recordStockPositions: Job = {
  name: 'record-stock-positions',
  clause: 'O-52',
  due: daily('00:15'),
  run: async (work, { date }) => {
    const on = work.calendar.addDays(date, -1);
    const known = work.today > date ? {} : { stock: await stockOf(work, on) };
    const data = { on, currency: work.currency, ...known, issued: await issuedOn(work, on) };
    work.publish(stockPositionEvents.recorded, { id: newId(), events: 0 }, data, { rule: 'O-52' });
  },
};

interface Stock {
  readonly warehouse: string;
  readonly family: string;
  readonly quantity: string;
  readonly value: string;
  readonly uncosted: string;
}
type Issued = Omit<Stock, 'warehouse' | 'value'> & { readonly cost: string };

/** The standard cost of a product on a day. */
const costOn = (product: string, day: string) =>
  `LEFT JOIN LATERAL (SELECT cost FROM standard_cost WHERE product = ${product} AND valid_from <= ${day} ORDER BY valid_from DESC LIMIT 1) c ON true`;

const stockOf = (work: Work, on: string): Promise<Stock[]> =>
  work.query<Stock>(
    `WITH lying AS (SELECT warehouse, product, sum(on_hand) AS quantity FROM stock_item WHERE on_hand > 0 GROUP BY 1, 2)
     SELECT s.warehouse, p.family, sum(s.quantity)::text AS quantity, coalesce(sum(round(c.cost * s.quantity, 2)), 0)::numeric(14,2)::text AS value,
       coalesce(sum(s.quantity) FILTER (WHERE c.cost IS NULL), 0)::numeric(14,3)::text AS uncosted
     FROM lying s JOIN product p ON p.id = s.product ${costOn('s.product', '$1::date')}
     GROUP BY 1, 2 ORDER BY 1, 2`,
    [on],
  );

/**
 * A shipment counts on the day it was booked, as in the books (O-20); what was brought in as history, on its own. A line keeps
 * the cost it was shipped at; where it has none, a cost set since for that day is as good.
 */
const issuedOn = (work: Work, on: string): Promise<Issued[]> =>
  work.query<Issued>(
    `WITH shipped AS (
       SELECT id, shipped_on FROM shipment WHERE dispatched_at >= $2::timestamptz AND dispatched_at < $3::timestamptz
       UNION ALL SELECT id, shipped_on FROM shipment WHERE dispatched_at IS NULL AND shipped_on = $1 AND state IN ('shipped', 'signed')),
     moved AS (
       SELECT l.family, l.product, s.shipped_on, l.quantity, l.cost FROM shipped s JOIN shipment_line l ON l.shipment = s.id
       UNION ALL
       SELECT l.family, l.product, s.shipped_on, -r.quantity, -round(l.cost * r.quantity / l.quantity, 2)
       FROM credit_note n JOIN goods_return g ON g.id = n.return_id CROSS JOIN jsonb_to_recordset(g.lines) r(quantity numeric, "billedLine" int)
       JOIN shipment s ON s.id = n.shipment JOIN shipment_line l ON l.shipment = s.id AND l.line = r."billedLine"
       WHERE n.credited_on = $1)
     SELECT m.family, sum(m.quantity)::numeric(14,3)::text AS quantity,
       coalesce(sum(coalesce(m.cost, round(c.cost * m.quantity, 2))), 0)::numeric(14,2)::text AS cost,
       coalesce(sum(m.quantity) FILTER (WHERE m.cost IS NULL AND c.cost IS NULL), 0)::numeric(14,3)::text AS uncosted
     FROM moved m ${costOn('m.product', 'm.shipped_on')}
     GROUP BY 1 ORDER BY 1`,
    [on, work.calendar.startOfDay(on), work.calendar.startOfDay(work.calendar.addDays(on, 1))],
  );
