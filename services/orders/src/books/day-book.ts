import type { Period } from '@fenxiao/service-kit/daily-report';
import type { Work } from '@fenxiao/service-kit/work';
import { figuresOf, type Figures, type SumRow } from './figures.js';

/**
 * O-20: which documents are in which daily report. Each is in one, the first that closes after it was booked; one that was
 * committed only after the close it was booked before is found by the next, since the previous one does not have it.
 */

/** how far behind the last close is looked for what was still being written then */
const LATE_MS = 24 * 3_600_000;

/** Takes the documents booked up to a close into a report. @returns their sums */
export async function takeDown(work: Work, report: string, { from, to, first }: Period): Promise<Figures> {
  await work.em.flush();
  const since = first ? from : new Date(from.getTime() - LATE_MS);
  await work.query(taking, [report, since, to]);
  return figuresOf(await work.query<SumRow>(summing, [report]));
}

const taking = `
INSERT INTO daily_report_line (report, basis, document, family, number, distributor, region, salesperson, quantity, net, gross)
SELECT $1::uuid, 'order', coalesce((SELECT w.id FROM order_withdrawal w WHERE w.order_id = o.id ORDER BY w.withdrawn_at DESC, w.id DESC LIMIT 1), o.id), l.family, o.number, o.distributor, o.region, o.owner, sum(l.quantity), sum(l.net), sum(l.gross)
FROM "order" o JOIN order_line l ON l.order_id = o.id
WHERE o.submitted_at > $2::timestamptz AND o.submitted_at <= $3::timestamptz AND NOT o.historic GROUP BY o.id, l.family
UNION ALL
SELECT $1::uuid, 'cancellation', o.id, l.family, o.number, o.distributor, o.region, o.owner, sum(l.quantity), sum(l.net), sum(l.gross)
FROM "order" o JOIN order_line l ON l.order_id = o.id
WHERE o.state = 'cancelled' AND o.entered_at > $2::timestamptz AND o.entered_at <= $3::timestamptz AND o.submitted_at IS NOT NULL GROUP BY o.id, l.family
UNION ALL
SELECT $1::uuid, 'cancellation', o.id, l.family, o.number, o.distributor, o.region, o.owner, sum(l.dropped), sum(l.dropped_net), sum(l.dropped_gross)
FROM "order" o JOIN order_line l ON l.order_id = o.id AND l.dropped > 0
WHERE o.closed_short_at > $2::timestamptz AND o.closed_short_at <= $3::timestamptz GROUP BY o.id, l.family
UNION ALL
SELECT $1::uuid, 'cancellation', w.id, d.family, d.number, d.distributor, d.region, d.salesperson, d.quantity, d.net, d.gross
FROM order_withdrawal w JOIN daily_report_line d ON d.basis = 'order' AND d.document = w.document
WHERE w.withdrawn_at > $2::timestamptz AND w.withdrawn_at <= $3::timestamptz
UNION ALL
SELECT $1::uuid, 'shipment', s.id, l.family, s.number, s.distributor, s.region, s.owner, sum(l.quantity), sum(l.net), sum(l.gross)
FROM shipment s JOIN shipment_line l ON l.shipment = s.id
WHERE s.dispatched_at > $2::timestamptz AND s.dispatched_at <= $3::timestamptz GROUP BY s.id, l.family
UNION ALL
SELECT $1::uuid, 'return', c.id, l.family, c.number, c.distributor, c.region, nullif(c.owner, 'system'), sum(l.quantity), sum(l.net), sum(l.gross)
FROM credit_note c, jsonb_to_recordset(c.lines) AS l(family text, quantity numeric, net numeric, gross numeric)
WHERE c.created_at > $2::timestamptz AND c.created_at <= $3::timestamptz GROUP BY c.id, l.family
UNION ALL
SELECT $1::uuid, 'receipt', e.document, '', e.document_number, e.distributor, e.region, NULL, 0, -e.amount, -e.amount
FROM ledger_entry e WHERE e.kind = 'receipt' AND e.booked_at > $2::timestamptz AND e.booked_at <= $3::timestamptz AND NOT e.historic
ON CONFLICT (basis, document, family) DO NOTHING`;

const summing = `
SELECT basis, family, region, salesperson, grouping(family, region, salesperson) AS level, count(DISTINCT document)::int AS documents,
       sum(quantity)::text AS quantity, sum(net)::text AS net, sum(gross)::text AS gross
FROM daily_report_line WHERE report = $1
GROUP BY GROUPING SETS ((basis), (basis, family), (basis, region), (basis, salesperson))
ORDER BY array_position(ARRAY['order', 'cancellation', 'shipment', 'return', 'receipt'], basis), family, region, salesperson`;
