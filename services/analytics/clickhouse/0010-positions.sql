-- What stood at the close of each day: exposure against limit by customer (K-C09), stock and what left it by family (K-O14).

-- `code` is the customer's, or the family. Rows of stock lie in no region. One row of kind `issued` without a family stands for
-- the day as such, so that a day on which nothing left counts too.
CREATE TABLE IF NOT EXISTS position_facts (
  kind         Enum8('credit' = 1, 'stock' = 2, 'issued' = 3),
  day          Date,
  region_id    UUID COMMENT 'zero: none',
  id           UUID COMMENT 'of the customer',
  code         String,
  warehouse    LowCardinality(String),
  currency     LowCardinality(String),
  amount       Decimal(18, 2) COMMENT 'exposure; value of the stock; cost of what was issued',
  credit_limit Decimal(18, 2),
  quantity     Decimal(18, 3),
  uncosted     Decimal(18, 3) COMMENT 'of it without a standard cost, and so in no amount'
) ENGINE = ReplacingMergeTree
PARTITION BY toYear(day)
ORDER BY (kind, day, region_id, id, code, warehouse)
SETTINGS non_replicated_deduplication_window = 20000;

CREATE MATERIALIZED VIEW IF NOT EXISTS position_facts_view TO position_facts AS
WITH JSONExtract(data, 'Tuple(`on` String, currency String,
    positions Array(Tuple(regionId UUID, distributorId UUID, distributorCode String, exposure String, `limit` String)),
    stock Array(Tuple(family String, warehouse String, value String, quantity String, uncosted String)),
    issued Array(Tuple(family String, cost String, quantity String, uncosted String)))') AS p,
  toUUIDOrZero('') AS nobody
SELECT
  CAST(one.1, 'Enum8(\'credit\' = 1, \'stock\' = 2, \'issued\' = 3)') AS kind,
  ifNull(toDateOrNull(p.`on`), toDate(0)) AS day,
  one.2 AS region_id, one.3 AS id, one.4 AS code, one.5 AS warehouse, p.currency AS currency,
  toDecimal64OrZero(one.6, 2) AS amount, toDecimal64OrZero(one.7, 2) AS credit_limit,
  toDecimal64OrZero(one.8, 3) AS quantity, toDecimal64OrZero(one.9, 3) AS uncosted
FROM events
ARRAY JOIN arrayConcat(
  arrayMap(c -> (1, c.1, c.2, c.3, '', c.4, c.5, '', ''), p.positions),
  arrayMap(s -> (2, nobody, nobody, s.1, s.2, s.3, '', s.4, s.5), p.stock),
  arrayMap(i -> (3, nobody, nobody, i.1, '', i.2, '', i.3, i.4), if(aggregate = 'orders.stock-position',
    arrayPushFront(p.issued, ('', '', '', '')), []))) AS one
WHERE defect = '' AND aggregate IN ('orders.credit-position', 'orders.stock-position') AND fact = 'recorded';

-- They are no cases.
DROP VIEW IF EXISTS subject_facts_view;

CREATE MATERIALIZED VIEW IF NOT EXISTS subject_facts_view TO subject_facts AS
SELECT
  substring(aggregate, position(aggregate, '.') + 1) AS kind,
  if(d.regionId = toUUIDOrZero(''), d.meta.region, d.regionId) AS region_id,
  subject_id AS id,
  max(d.number) AS number,
  max(if(d.distributorCode = '', JSONExtractString(data, 'form', 'distributorCode'), d.distributorCode)) AS distributor_code,
  argMinState(data, sequence) AS first_form,
  argMaxState(data, sequence) AS form,
  argMaxState(nullIf(d.meta.move.`to`, ''), sequence) AS state,
  argMaxState(toString(fact), sequence) AS last_fact,
  maxMap(map(toString(fact), time)) AS fact_times,
  groupBitmapState(toUInt32(sequence)) AS events
FROM events
WHERE defect = '' AND shape = '' AND (startsWith(aggregate, 'orders.') OR startsWith(aggregate, 'complaints.'))
  AND aggregate NOT IN ('orders.order', 'orders.shipment', 'orders.invoice', 'orders.payment', 'orders.product', 'orders.price-exception',
    'orders.move', 'orders.sample-stock', 'orders.document', 'orders.notice', 'orders.credit-position', 'orders.stock-position',
    'complaints.complaint', 'complaints.service-complaint', 'complaints.after-sales-case', 'complaints.return-request', 'complaints.move', 'complaints.document', 'complaints.notice')
GROUP BY kind, region_id, id;

CREATE OR REPLACE VIEW credit_positions AS
SELECT p.day AS day, p.region_id AS region_id, p.id AS distributor_id, p.code AS distributor_code, p.currency AS currency,
  p.amount AS exposure, p.credit_limit AS credit_limit
FROM position_facts AS p FINAL
WHERE p.kind = 'credit';

-- How the limits stood on the last day of each month that is known: sums to be divided (K-C09).
CREATE OR REPLACE VIEW credit_positions_by_month AS
SELECT toStartOfMonth(c.day) AS month, c.region_id AS region_id, c.currency AS currency, sum(c.exposure) AS exposure,
  sum(c.credit_limit) AS credit_limit, count() AS customers, countIf(c.exposure > c.credit_limit) AS over_limit,
  uniqCombined64State(c.distributor_id) AS distributor_ids
FROM credit_positions AS c
WHERE c.day IN (SELECT max(p.day) FROM position_facts AS p WHERE p.kind = 'credit' GROUP BY toStartOfMonth(p.day))
GROUP BY month, region_id, currency;

-- Stock at standard cost, by family: confidential (O-52), so for the viewer alone, which shows ratios of it.
CREATE OR REPLACE VIEW stock_positions AS
SELECT p.day AS day, p.code AS family, p.currency AS currency,
  sumIf(p.amount, p.kind = 'stock') AS value, sumIf(p.quantity, p.kind = 'stock') AS quantity, sumIf(p.uncosted, p.kind = 'stock') AS uncosted,
  sumIf(p.amount, p.kind = 'issued') AS cost, sumIf(p.quantity, p.kind = 'issued') AS issued
FROM position_facts AS p FINAL
WHERE p.kind IN ('stock', 'issued')
GROUP BY day, family, currency;

-- Of the whole company. `counted`: the stock of that day is known.
CREATE OR REPLACE VIEW stock_positions_by_day AS
SELECT s.day AS day, s.currency AS currency, sum(s.value) AS value, sum(s.quantity) AS quantity, sum(s.uncosted) AS uncosted,
  sum(s.cost) AS cost, sum(s.issued) AS issued, quantity > 0 AS counted
FROM stock_positions AS s
GROUP BY day, currency;

CREATE OR REPLACE VIEW dashboards.stock_positions_by_day DEFINER = CURRENT_USER SQL SECURITY DEFINER AS SELECT * FROM fenxiao.stock_positions_by_day;

-- Shown where five customers stand behind it.
CREATE OR REPLACE VIEW dashboards.credit_positions_by_month DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
WITH
  step1 AS (SELECT c.month AS m, c.region_id AS r, c.currency AS u, c.exposure AS v1, c.credit_limit AS v2, c.customers AS v3, c.over_limit AS v4,
      c.distributor_ids AS who, finalizeAggregation(who) AS n1 FROM fenxiao.credit_positions_by_month AS c),
  step2 AS (SELECT *, uniqCombined64MergeIf(who, n1 < 5) OVER (PARTITION BY m, u) AS n2 FROM step1),
  shown AS (SELECT *, n1 >= 5 AS whole FROM step2 WHERE greatest(n1, n2) >= 5)
SELECT m AS month, if(whole, r, toUUIDOrZero('')) AS region_id, u AS currency, sum(v1) AS exposure, sum(v2) AS credit_limit,
  sum(v3) AS customers, sum(v4) AS over_limit
FROM shown
GROUP BY month, region_id, currency;

CREATE OR REPLACE VIEW analyst.credit_positions DEFINER = CURRENT_USER SQL SECURITY DEFINER AS SELECT * FROM fenxiao.credit_positions;
CREATE OR REPLACE VIEW analyst.credit_positions_by_month DEFINER = CURRENT_USER SQL SECURITY DEFINER AS SELECT * FROM fenxiao.credit_positions_by_month;
CREATE OR REPLACE VIEW analyst.stock_positions_by_day DEFINER = CURRENT_USER SQL SECURITY DEFINER AS SELECT * FROM fenxiao.stock_positions_by_day;
