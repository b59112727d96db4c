import type { Pool } from 'pg';

/** What must hold of orders, stock, shipping orders, money and events at any moment: each query finds what breaks it. */
const invariants: Readonly<Record<string, string>> = {
  'stock is what came in less what left; reserved is what orders and open shipping orders hold of it, and no more than is there': `
    SELECT s.id, s.on_hand, s.reserved, came.q AS came, gone.q AS gone, held.q AS held FROM stock_item s JOIN product p ON p.id = s.product,
    LATERAL (SELECT coalesce(sum((form->>'quantity')::numeric), 0) AS q FROM form_document d WHERE d.procedure = 'goods-receipt'
      AND form->>'productCode' = p.code AND form->>'warehouse' = s.warehouse AND form->>'batch' = s.batch) came,
    LATERAL (SELECT coalesce(sum(l.quantity), 0) AS q FROM shipment_line l JOIN shipment d ON d.id = l.shipment
      WHERE l.stock_item = s.id AND d.state IN ('shipped', 'signed')) gone,
    LATERAL (SELECT coalesce(sum(quantity), 0) AS q FROM (
      SELECT quantity FROM reservation r WHERE r.stock_item = s.id
      UNION ALL SELECT l.quantity FROM shipment_line l JOIN shipment d ON d.id = l.shipment
        WHERE l.stock_item = s.id AND d.state IN ('issued', 'picked')) all_held) held
    WHERE s.product = ANY($1) AND (s.on_hand <> came.q - gone.q OR s.reserved <> held.q OR s.reserved > s.on_hand OR s.reserved < 0)`,

  'a line ships no more than is issued, issues no more than is ordered, and counts what its documents say': `
    SELECT l.order_id, l.line, l.quantity, l.allocated, l.issued, l.shipped, held.q AS held, issued.q AS on_documents, issued.gone FROM order_line l JOIN "order" o ON o.id = l.order_id,
    LATERAL (SELECT coalesce(sum(quantity), 0) AS q FROM reservation r WHERE r.order_id = l.order_id AND r.line = l.line) held,
    LATERAL (SELECT coalesce(sum(i.quantity), 0) AS q, coalesce(sum(i.quantity) FILTER (WHERE d.state IN ('shipped', 'signed')), 0) AS gone
      FROM shipment_line i JOIN shipment d ON d.id = i.shipment WHERE d.order_id = l.order_id AND i.order_line = l.line AND d.state <> 'voided') issued
    WHERE o.distributor = ANY($1) AND (l.shipped > l.issued OR l.issued + l.dropped > l.quantity OR l.allocated + l.shipped + l.dropped > l.quantity
       OR l.issued <> issued.q OR l.shipped <> issued.gone OR l.allocated <> held.q + issued.q - issued.gone)`,

  'a shipping order is the sum of its lines, an invoice that of its shipping order, to the fen, once the goods have left': `
    SELECT d.number, d.state, d.gross, lines.gross AS of_lines, i.number AS invoice, i.gross AS invoiced FROM shipment d
    CROSS JOIN LATERAL (SELECT sum(net) AS net, sum(tax) AS tax, sum(gross) AS gross FROM shipment_line l WHERE l.shipment = d.id) lines
    LEFT JOIN invoice i ON i.shipment = d.id
    WHERE d.distributor = ANY($1) AND ((d.net, d.tax, d.gross) IS DISTINCT FROM (lines.net, lines.tax, lines.gross) OR d.gross <> d.net + d.tax
       OR (i.id IS NOT NULL) <> (d.state IN ('shipped', 'signed'))
       OR i.id IS NOT NULL AND (i.net, i.tax, i.gross) IS DISTINCT FROM (d.net, d.tax, d.gross))`,

  'an order is the sum of its lines; what is shipped, what is not, and what is dropped make it up': `
    SELECT o.number, o.state, o.gross, o.unshipped, lines.gross AS of_lines, gone.gross AS shipped FROM "order" o,
    LATERAL (SELECT sum(net) AS net, sum(tax) AS tax, sum(gross) AS gross, bool_and(shipped + dropped = quantity) AS whole, sum(dropped) AS rest, sum(dropped_net) AS dropped_net, sum(dropped_tax) AS dropped_tax, sum(dropped_gross) AS dropped FROM order_line l WHERE l.order_id = o.id) lines,
    LATERAL (SELECT coalesce(sum(gross), 0) AS gross FROM shipment d WHERE d.order_id = o.id AND d.state IN ('shipped', 'signed')) gone
    WHERE o.distributor = ANY($1) AND ((o.net, o.tax, o.gross) IS DISTINCT FROM (lines.net, lines.tax, lines.gross)
       OR o.unshipped <> CASE WHEN o.state IN ('draft', 'reserved', 'on-hold', 'cancelled') THEN 0 ELSE o.gross - gone.gross - lines.dropped END
       OR lines.whole AND gone.gross + lines.dropped <> o.gross
       OR lines.dropped <> lines.dropped_net + lines.dropped_tax OR (lines.rest > 0) <> (o.closed_short_at IS NOT NULL))`,

  'an order stands where its lines and shipping orders do': `
    SELECT o.number, o.state, lines.*, papers.* FROM "order" o,
    LATERAL (SELECT bool_and(allocated + shipped + dropped = quantity) AS covered, bool_or(shipped > 0) AS part, bool_and(shipped + dropped = quantity) AS whole,
      bool_or(allocated > 0 OR issued > 0) AS begun FROM order_line l WHERE l.order_id = o.id) lines,
    LATERAL (SELECT bool_or(state = 'signed') AS signed, bool_and(state = 'signed') AS all_signed FROM shipment d WHERE d.order_id = o.id AND d.state <> 'voided') papers
    WHERE o.distributor = ANY($1) AND NOT CASE
      WHEN o.state = 'reserved' THEN true
      WHEN o.state = 'on-hold' THEN NOT begun OR o.large
      WHEN o.state IN ('draft', 'cancelled') THEN NOT begun
      WHEN o.state = 'allocated' THEN covered AND NOT part
      WHEN o.state = 'backordered' THEN NOT covered AND NOT part
      WHEN o.state = 'partially-shipped' THEN part AND NOT whole
      WHEN o.state = 'shipped' THEN whole AND NOT all_signed
      WHEN o.state = 'partially-delivered' THEN signed AND NOT (whole AND all_signed)
      WHEN o.state = 'completed' THEN whole AND all_signed
      ELSE false END`,

  'what a customer owes and has on order passes the limit by no more than was released': `
    SELECT d.code, l.credit_limit, owed.q AS owed, released.q AS released FROM known_distributor d JOIN known_credit_limit l ON l.distributor = d.id,
    LATERAL (SELECT (SELECT coalesce(sum(open_amount), 0) FROM invoice WHERE distributor = d.id)
      + (SELECT coalesce(sum(unshipped), 0) FROM "order" WHERE distributor = d.id AND state IN ('confirmed', 'allocated', 'backordered', 'partially-shipped', 'partially-delivered'))
      - (SELECT coalesce(sum(unapplied), 0) FROM payment WHERE distributor = d.id)
      - (SELECT coalesce(sum(balance), 0) FROM known_guarantee WHERE distributor = d.id) AS q) owed,
    LATERAL (SELECT coalesce(sum(gross), 0) AS q FROM "order" WHERE distributor = d.id AND credit_released_until IS NOT NULL) released
    WHERE d.id = ANY($1) AND d.terms = 'credit' AND owed.q > l.credit_limit + released.q`,

  'money received is matched or not, and each invoice open by what was not': `
    SELECT 'invoice' AS what, i.number, i.gross AS whole, i.open_amount AS rest FROM invoice i
    WHERE i.distributor = ANY($1) AND (i.open_amount <> i.gross - (SELECT coalesce(sum(amount), 0) FROM payment_match m WHERE m.invoice = i.id)
      OR (i.open_amount = 0) <> (i.state = 'settled'))
    UNION ALL
    SELECT 'payment', p.number, p.amount, p.unapplied FROM payment p
    WHERE p.distributor = ANY($1) AND (p.unapplied <> p.amount - (SELECT coalesce(sum(amount), 0) FROM payment_match m WHERE m.payment = p.id)
      OR (p.unapplied = 0) <> (p.state = 'matched'))`,

  'shipping orders, invoices and receipts are numbered without gaps': `
    SELECT n.series, n.period, n.last, count(used.number), min(used.number), max(used.number) FROM number_series n
    LEFT JOIN (SELECT number FROM shipment UNION ALL SELECT number FROM invoice UNION ALL SELECT number FROM payment) used
      ON used.number LIKE n.series || '-' || n.period || '-%'
    WHERE n.series IN ('CH', 'FP', 'SK') AND $1::uuid[] IS NOT NULL GROUP BY n.series, n.period, n.last
    HAVING count(DISTINCT used.number) <> n.last OR max(substr(used.number, 9)::int) <> n.last`,
};

/** Of the log: asked once everything is in it. */
const logged = `
  SELECT subject, sequences FROM (
    SELECT headers::jsonb->>'subject' AS subject, array_agg((headers::jsonb->>'sequence')::int ORDER BY part, off) AS sequences
    FROM event_log.record WHERE topic = 'fenxiao.orders' GROUP BY 1) by_subject
  WHERE sequences <> ARRAY(SELECT generate_series(1, cardinality(sequences)))`;

/** What is broken of these customers and products: the invariant, and the rows that break it, at one moment. */
export async function broken(
  pool: Pool,
  about: readonly { id: string }[],
): Promise<{ invariant: string; by: unknown[] }[]> {
  const client = await pool.connect();
  try {
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    const found = [];
    for (const [invariant, query] of Object.entries(invariants)) {
      const { rows } = await client.query(query, [about.map(({ id }) => id)]);
      if (rows.length > 0) found.push({ invariant, by: rows.slice(0, 5) });
    }
    return found;
  } finally {
    await client.query('COMMIT');
    client.release();
  }
}

/** Things whose events are not numbered one after the other, in the order of the log. */
export const brokenInLog = async (pool: Pool): Promise<unknown[]> => (await pool.query(logged)).rows;
