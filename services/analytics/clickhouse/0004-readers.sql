-- What the two reader databases show. A view there has the columns of its namesake in `fenxiao`, so that one query runs in both.
-- They run with the rights of who made them: readers have none on `fenxiao`.

-- `dashboards`: Grafana's one user. No row about one customer or one person: every row sums five distributors (or five
-- acting people) at least. What has too few in its cell is put together with the rest of the month, then without the finer
-- dimensions (empty then, the region zero), then with the rest of the year, each time under the first day of it; what has too
-- few even so is left out. `n1`, `n2`, … count who is in what is left at each step.
CREATE OR REPLACE VIEW dashboards.sales_by_day DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
WITH
  cell AS (
    SELECT s.booked_on AS day, toStartOfMonth(day) AS month, toStartOfYear(day) AS year, s.basis AS b, s.region_id AS r, s.family AS f,
      s.segment AS g, s.channel AS c, s.currency AS u, sum(s.lines) AS v1, sum(s.quantity) AS v2, sum(s.list_value) AS v3,
      sum(s.net) AS v4, sum(s.tax) AS v5, sum(s.gross) AS v6, uniqCombined64MergeState(s.distributor_ids) AS who
    FROM fenxiao.sales_by_day AS s
    GROUP BY day, b, r, f, g, c, u),
  step1 AS (SELECT *, finalizeAggregation(who) AS n1 FROM cell),
  step2 AS (SELECT *, uniqCombined64MergeIf(who, n1 < 5) OVER (PARTITION BY month, b, r, f, g, c, u) AS n2 FROM step1),
  step3 AS (SELECT *, uniqCombined64MergeIf(who, greatest(n1, n2) < 5) OVER (PARTITION BY month, b, r, u) AS n3 FROM step2),
  step4 AS (SELECT *, uniqCombined64MergeIf(who, greatest(n1, n2, n3) < 5) OVER (PARTITION BY month, b, u) AS n4 FROM step3),
  step5 AS (SELECT *, uniqCombined64MergeIf(who, greatest(n1, n2, n3, n4) < 5) OVER (PARTITION BY year, b, u) AS n5 FROM step4),
  shown AS (SELECT *, multiIf(n1 >= 5, 1, n2 >= 5, 2, n3 >= 5, 3, n4 >= 5, 4, n5 >= 5, 5, 0) AS step FROM step5 WHERE step > 0)
SELECT
  multiIf(step = 1, day, step < 5, month, year) AS booked_on,
  b AS basis,
  if(step <= 3, r, toUUIDOrZero('')) AS region_id,
  if(step <= 2, toString(f), '') AS family,
  if(step <= 2, toString(g), '') AS segment,
  if(step <= 2, toString(c), '') AS channel,
  u AS currency,
  sum(v1) AS lines, sum(v2) AS quantity, sum(v3) AS list_value, sum(v4) AS net, sum(v5) AS tax, sum(v6) AS gross
FROM shown
GROUP BY booked_on, basis, region_id, family, segment, channel, currency;

CREATE OR REPLACE VIEW dashboards.sales_totals DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
WITH
  cell AS (
    SELECT s.booked_on AS day, toStartOfMonth(day) AS month, toStartOfYear(day) AS year, s.basis AS b, s.currency AS u,
      sum(s.lines) AS v1, sum(s.quantity) AS v2, sum(s.list_value) AS v3, sum(s.net) AS v4, sum(s.tax) AS v5, sum(s.gross) AS v6,
      uniqCombined64MergeState(s.distributor_ids) AS who
    FROM fenxiao.sales_by_day AS s
    GROUP BY day, b, u),
  step1 AS (SELECT *, finalizeAggregation(who) AS n1 FROM cell),
  step2 AS (SELECT *, uniqCombined64MergeIf(who, n1 < 5) OVER (PARTITION BY month, b, u) AS n2 FROM step1),
  step3 AS (SELECT *, uniqCombined64MergeIf(who, greatest(n1, n2) < 5) OVER (PARTITION BY year, b, u) AS n3 FROM step2),
  shown AS (SELECT *, multiIf(n1 >= 5, 1, n2 >= 5, 2, n3 >= 5, 3, 0) AS step FROM step3 WHERE step > 0)
SELECT multiIf(step = 1, day, step = 2, month, year) AS booked_on, b AS basis, u AS currency,
  sum(v1) AS lines, sum(v2) AS quantity, sum(v3) AS list_value, sum(v4) AS net, sum(v5) AS tax, sum(v6) AS gross
FROM shown
GROUP BY booked_on, basis, currency;

CREATE OR REPLACE VIEW dashboards.sales_by_product DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
WITH
  cell AS (
    SELECT toStartOfMonth(s.booked_on) AS m, s.basis AS b, s.product_id AS p, s.currency AS u, any(s.product_code) AS pc, any(s.family) AS f,
      sum(s.quantity) AS v2, sum(s.list_value) AS v3, sum(s.net) AS v4, sum(s.tax) AS v5, sum(s.gross) AS v6,
      uniqCombined64State(s.distributor_id) AS who
    FROM fenxiao.sales_facts AS s
    WHERE s.line > 0
    GROUP BY m, b, p, u),
  step1 AS (SELECT *, finalizeAggregation(who) AS n1 FROM cell),
  step2 AS (SELECT *, uniqCombined64MergeIf(who, n1 < 5) OVER (PARTITION BY m, b, u) AS n2 FROM step1),
  shown AS (SELECT *, n1 >= 5 AS named FROM step2 WHERE greatest(n1, n2) >= 5)
SELECT m AS month, b AS basis, if(named, p, toUUIDOrZero('')) AS product_id, u AS currency, if(named, pc, '') AS product_code,
  if(named, toString(f), '') AS family, sum(v2) AS quantity, sum(v3) AS list_value, sum(v4) AS net, sum(v5) AS tax, sum(v6) AS gross
FROM shown
GROUP BY month, basis, product_id, currency, product_code, family;

CREATE OR REPLACE VIEW dashboards.orders_by_day DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
WITH
  step1 AS (
    SELECT o.ordered_on AS day, toStartOfMonth(day) AS month, toStartOfYear(day) AS year, o.region_id AS r, o.currency AS u,
      o.distributor_ids AS who, finalizeAggregation(who) AS n1, o.*
    FROM fenxiao.orders_by_day AS o),
  step2 AS (SELECT *, uniqCombined64MergeIf(who, n1 < 5) OVER (PARTITION BY month, r, u) AS n2 FROM step1),
  step3 AS (SELECT *, uniqCombined64MergeIf(who, greatest(n1, n2) < 5) OVER (PARTITION BY month, u) AS n3 FROM step2),
  step4 AS (SELECT *, uniqCombined64MergeIf(who, greatest(n1, n2, n3) < 5) OVER (PARTITION BY year, u) AS n4 FROM step3),
  shown AS (SELECT *, multiIf(n1 >= 5, 1, n2 >= 5, 2, n3 >= 5, 3, n4 >= 5, 4, 0) AS step FROM step4 WHERE step > 0)
SELECT multiIf(step = 1, day, step < 4, month, year) AS ordered_on, if(step <= 2, r, toUUIDOrZero('')) AS region_id, u AS currency,
  sum(s.orders) AS orders, sum(s.net) AS net, sum(s.cancelled) AS cancelled, sum(s.open) AS open, sum(s.straight_through) AS straight_through,
  sum(s.confirmed) AS confirmed, sum(s.held) AS held, sum(s.backordered) AS backordered, sum(s.delivered) AS delivered,
  sum(s.on_time) AS on_time, sum(s.on_time_in_full) AS on_time_in_full, sum(s.due) AS due, sum(s.cycle_seconds) AS cycle_seconds,
  sum(s.cycles) AS cycles
FROM shown AS s
GROUP BY ordered_on, region_id, currency;

-- What the system does by itself is about nobody.
CREATE OR REPLACE VIEW dashboards.moves_by_day DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
WITH
  cell AS (
    SELECT s.day AS d, toStartOfMonth(d) AS month, s.kind AS k, s.procedure AS p, s.move AS m, s.role AS o, s.region_id AS r,
      sum(s.moves) AS v1, sum(s.with_clock) AS v2, sum(s.late) AS v3, uniqCombined64MergeState(s.actors) AS who,
      quantilesTDigestMergeState(0.5, 0.9, 0.95)(s.seconds) AS v4
    FROM fenxiao.moves_by_day AS s
    GROUP BY d, k, p, m, o, r),
  step1 AS (SELECT *, if(o = 'system', 5, finalizeAggregation(who)) AS n1 FROM cell),
  step2 AS (SELECT *, uniqCombined64MergeIf(who, n1 < 5) OVER (PARTITION BY month, k, p, m, o, r) AS n2 FROM step1),
  step3 AS (SELECT *, uniqCombined64MergeIf(who, greatest(n1, n2) < 5) OVER (PARTITION BY month, k, p, m) AS n3 FROM step2),
  step4 AS (SELECT *, uniqCombined64MergeIf(who, greatest(n1, n2, n3) < 5) OVER (PARTITION BY month, k, p) AS n4 FROM step3),
  step5 AS (SELECT *, uniqCombined64MergeIf(who, greatest(n1, n2, n3, n4) < 5) OVER (PARTITION BY month, k) AS n5 FROM step4),
  shown AS (SELECT *, multiIf(n1 >= 5, 1, n2 >= 5, 2, n3 >= 5, 3, n4 >= 5, 4, n5 >= 5, 5, 0) AS step FROM step5 WHERE step > 0)
SELECT if(step = 1, d, month) AS day, k AS kind, if(step <= 4, toString(p), '') AS procedure, if(step <= 3, toString(m), '') AS move,
  if(step <= 2, toString(o), '') AS role, if(step <= 2, r, toUUIDOrZero('')) AS region_id,
  sum(v1) AS moves, sum(v2) AS with_clock, sum(v3) AS late, quantilesTDigestMergeState(0.5, 0.9, 0.95)(v4) AS seconds
FROM shown
GROUP BY day, kind, procedure, move, role, region_id;

CREATE OR REPLACE VIEW dashboards.market_observations DEFINER = CURRENT_USER SQL SECURITY DEFINER AS SELECT * FROM fenxiao.market_observations;
CREATE OR REPLACE VIEW dashboards.market_shares DEFINER = CURRENT_USER SQL SECURITY DEFINER AS SELECT * FROM fenxiao.market_shares;
CREATE OR REPLACE VIEW dashboards.competitors DEFINER = CURRENT_USER SQL SECURITY DEFINER AS SELECT * FROM fenxiao.competitors;
CREATE OR REPLACE VIEW dashboards.products DEFINER = CURRENT_USER SQL SECURITY DEFINER AS SELECT * FROM fenxiao.products;
CREATE OR REPLACE VIEW dashboards.regions DEFINER = CURRENT_USER SQL SECURITY DEFINER AS SELECT * EXCEPT (manager_id) FROM fenxiao.regions;
CREATE OR REPLACE VIEW dashboards.region_tree DEFINER = CURRENT_USER SQL SECURITY DEFINER AS SELECT * FROM fenxiao.region_tree;
CREATE OR REPLACE VIEW dashboards.freshness DEFINER = CURRENT_USER SQL SECURITY DEFINER AS SELECT * FROM fenxiao.freshness;
CREATE OR REPLACE VIEW dashboards.dead_letter_counts DEFINER = CURRENT_USER SQL SECURITY DEFINER AS SELECT * FROM fenxiao.dead_letter_counts;
CREATE OR REPLACE VIEW dashboards.reconciled DEFINER = CURRENT_USER SQL SECURITY DEFINER AS SELECT * FROM fenxiao.reconciled;

-- `analyst`: all facts, no messages. Events name people by id and staff number only.
CREATE OR REPLACE VIEW analyst.sales DEFINER = CURRENT_USER SQL SECURITY DEFINER AS SELECT * FROM fenxiao.sales;
CREATE OR REPLACE VIEW analyst.sales_by_day DEFINER = CURRENT_USER SQL SECURITY DEFINER AS SELECT * FROM fenxiao.sales_by_day;
CREATE OR REPLACE VIEW analyst.sales_totals DEFINER = CURRENT_USER SQL SECURITY DEFINER AS SELECT * FROM fenxiao.sales_totals;
CREATE OR REPLACE VIEW analyst.sales_by_product DEFINER = CURRENT_USER SQL SECURITY DEFINER AS SELECT * FROM fenxiao.sales_by_product;
CREATE OR REPLACE VIEW analyst.orders DEFINER = CURRENT_USER SQL SECURITY DEFINER AS SELECT * FROM fenxiao.orders;
CREATE OR REPLACE VIEW analyst.orders_by_day DEFINER = CURRENT_USER SQL SECURITY DEFINER AS SELECT * FROM fenxiao.orders_by_day;
CREATE OR REPLACE VIEW analyst.price_exceptions DEFINER = CURRENT_USER SQL SECURITY DEFINER AS SELECT * FROM fenxiao.price_exceptions;
CREATE OR REPLACE VIEW analyst.invoices DEFINER = CURRENT_USER SQL SECURITY DEFINER AS SELECT * FROM fenxiao.invoices;
CREATE OR REPLACE VIEW analyst.distributors DEFINER = CURRENT_USER SQL SECURITY DEFINER AS SELECT * FROM fenxiao.distributors;
CREATE OR REPLACE VIEW analyst.products DEFINER = CURRENT_USER SQL SECURITY DEFINER AS SELECT * FROM fenxiao.products;
CREATE OR REPLACE VIEW analyst.regions DEFINER = CURRENT_USER SQL SECURITY DEFINER AS SELECT * FROM fenxiao.regions;
CREATE OR REPLACE VIEW analyst.region_tree DEFINER = CURRENT_USER SQL SECURITY DEFINER AS SELECT * FROM fenxiao.region_tree;
CREATE OR REPLACE VIEW analyst.people DEFINER = CURRENT_USER SQL SECURITY DEFINER AS SELECT * FROM fenxiao.people;
CREATE OR REPLACE VIEW analyst.competitors DEFINER = CURRENT_USER SQL SECURITY DEFINER AS SELECT * FROM fenxiao.competitors;
CREATE OR REPLACE VIEW analyst.market_observations DEFINER = CURRENT_USER SQL SECURITY DEFINER AS SELECT * FROM fenxiao.market_observations;
CREATE OR REPLACE VIEW analyst.market_shares DEFINER = CURRENT_USER SQL SECURITY DEFINER AS SELECT * FROM fenxiao.market_shares;
CREATE OR REPLACE VIEW analyst.moves DEFINER = CURRENT_USER SQL SECURITY DEFINER AS SELECT * FROM fenxiao.moves_log;
CREATE OR REPLACE VIEW analyst.moves_by_day DEFINER = CURRENT_USER SQL SECURITY DEFINER AS SELECT * FROM fenxiao.moves_by_day;
CREATE OR REPLACE VIEW analyst.freshness DEFINER = CURRENT_USER SQL SECURITY DEFINER AS SELECT * FROM fenxiao.freshness;
CREATE OR REPLACE VIEW analyst.dead_letter_counts DEFINER = CURRENT_USER SQL SECURITY DEFINER AS SELECT * FROM fenxiao.dead_letter_counts;
CREATE OR REPLACE VIEW analyst.reconciled DEFINER = CURRENT_USER SQL SECURITY DEFINER AS SELECT * FROM fenxiao.reconciled;
