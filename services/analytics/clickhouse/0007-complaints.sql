-- What the complaints service tells: each complaint as it stands (quality, service, after-sales), and the cases of its other procedures.

-- `received_on` and the region of a case never change, so a span of days is read from one part of the table.
CREATE TABLE IF NOT EXISTS complaint_facts (
  kind               Enum8('quality' = 1, 'service' = 2, 'after-sales' = 3),
  received_on        Date,
  region_id          UUID COMMENT 'zero: none',
  id                 UUID,
  number             SimpleAggregateFunction(max, String),
  received_at        SimpleAggregateFunction(max, DateTime64(3, 'UTC')),
  distributor_code   SimpleAggregateFunction(max, String) COMMENT 'empty: not on the books',
  channel            SimpleAggregateFunction(max, String),
  product_code       SimpleAggregateFunction(max, String),
  family             SimpleAggregateFunction(max, String),
  grade              SimpleAggregateFunction(max, String),
  colour_number      SimpleAggregateFunction(max, String),
  batch              SimpleAggregateFunction(max, String),
  defect             SimpleAggregateFunction(max, String),
  quantity           SimpleAggregateFunction(max, Decimal(18, 3)),
  severity           AggregateFunction(argMax, Nullable(String), UInt64),
  state              AggregateFunction(argMax, Nullable(String), UInt64),
  cause              AggregateFunction(argMax, Nullable(String), UInt64),
  verdict            AggregateFunction(argMax, Nullable(String), UInt64),
  remedy             AggregateFunction(argMax, Nullable(String), UInt64),
  estimated_cost     AggregateFunction(argMax, Nullable(Decimal(18, 2)), UInt64),
  actual_cost        AggregateFunction(argMax, Nullable(Decimal(18, 2)), UInt64),
  satisfied          AggregateFunction(argMax, Nullable(Bool), UInt64),
  score              AggregateFunction(argMax, Nullable(UInt8), UInt64),
  repeat             SimpleAggregateFunction(max, UInt32) COMMENT 'the how many-th justified one of its product and defect in 90 days',
  response_minutes   SimpleAggregateFunction(min, Nullable(UInt32)) COMMENT 'business time; the first answer by a human',
  notice_minutes     SimpleAggregateFunction(min, Nullable(UInt32)) COMMENT 'business time; until the regional manager was told',
  decision_minutes   SimpleAggregateFunction(max, Nullable(UInt32)),
  resolution_minutes SimpleAggregateFunction(max, Nullable(UInt32)),
  waited_minutes     SimpleAggregateFunction(max, Nullable(UInt32)),
  informed_on        SimpleAggregateFunction(max, Nullable(Date)),
  decided_by         SimpleAggregateFunction(max, String) COMMENT 'role',
  closed_at          SimpleAggregateFunction(max, Nullable(DateTime64(3, 'UTC'))) COMMENT 'of history; else see the times of its facts',
  fact_times         SimpleAggregateFunction(maxMap, Map(String, DateTime64(3, 'UTC'))),
  events             AggregateFunction(groupBitmap, UInt32)
) ENGINE = AggregatingMergeTree
PARTITION BY toYear(received_on)
ORDER BY (received_on, kind, region_id, id)
SETTINGS non_replicated_deduplication_window = 20000;

-- Its clocks are moves.
CREATE MATERIALIZED VIEW IF NOT EXISTS complaint_facts_view TO complaint_facts AS
WITH JSONExtract(data, 'Tuple(receivedAt String, channel String, productCode String, family String, grade String, colourNumber String, batch String,
    defect String, quantity String, severity String, cause String, verdict String, remedy String, estimatedCost String, actualCost String,
    satisfied Nullable(Bool), score Nullable(UInt8), `repeat` UInt32, responseMinutes Nullable(UInt32), noticeMinutes Nullable(UInt32),
    decisionMinutes Nullable(UInt32), resolutionMinutes Nullable(UInt32), waitedMinutes Nullable(UInt32), informedOn String, decidedRole String,
    closedAt String, founded Nullable(Bool))') AS c,
  parseDateTime64BestEffortOrZero(c.receivedAt, 3, 'UTC') AS received
SELECT
  CAST(transform(aggregate, ['complaints.complaint', 'complaints.service-complaint'], ['quality', 'service'], 'after-sales'),
    'Enum8(\'quality\' = 1, \'service\' = 2, \'after-sales\' = 3)') AS kind,
  toDate(received, '{time_zone}') AS received_on,
  if(d.regionId = toUUIDOrZero(''), d.meta.region, d.regionId) AS region_id,
  subject_id AS id,
  max(d.number) AS number,
  max(received) AS received_at,
  max(d.distributorCode) AS distributor_code,
  max(c.channel) AS channel,
  max(c.productCode) AS product_code,
  max(c.family) AS family,
  max(c.grade) AS grade,
  max(c.colourNumber) AS colour_number,
  max(c.batch) AS batch,
  max(c.defect) AS defect,
  max(toDecimal64OrZero(c.quantity, 3)) AS quantity,
  argMaxState(nullIf(c.severity, ''), sequence) AS severity,
  argMaxState(nullIf(if(fact = 'recorded', d.state, d.meta.move.`to`), ''), sequence) AS state,
  argMaxState(nullIf(c.cause, ''), sequence) AS cause,
  argMaxState(multiIf(c.founded, 'justified', NOT c.founded, 'not-justified', nullIf(c.verdict, '')), sequence) AS verdict,
  argMaxState(nullIf(c.remedy, ''), sequence) AS remedy,
  argMaxState(toDecimal64OrNull(c.estimatedCost, 2), sequence) AS estimated_cost,
  argMaxState(toDecimal64OrNull(c.actualCost, 2), sequence) AS actual_cost,
  argMaxState(c.satisfied, sequence) AS satisfied,
  argMaxState(c.score, sequence) AS score,
  max(c.`repeat`) AS repeat,
  min(c.responseMinutes) AS response_minutes,
  min(c.noticeMinutes) AS notice_minutes,
  max(c.decisionMinutes) AS decision_minutes,
  max(c.resolutionMinutes) AS resolution_minutes,
  max(c.waitedMinutes) AS waited_minutes,
  max(toDateOrNull(nullIf(c.informedOn, ''))) AS informed_on,
  max(c.decidedRole) AS decided_by,
  max(parseDateTime64BestEffortOrNull(c.closedAt, 3, 'UTC')) AS closed_at,
  maxMap(map(toString(fact), time)) AS fact_times,
  groupBitmapState(toUInt32(sequence)) AS events
FROM events AS e
WHERE e.defect = '' AND aggregate IN ('complaints.complaint', 'complaints.service-complaint', 'complaints.after-sales-case')
  AND fact NOT IN ('clock-warned', 'clock-breached')
GROUP BY kind, received_on, region_id, id;

-- Cases of complaints' other procedures go where those of orders go. A request for a return bears the name and the id of orders'
-- answer to it, which is here already.
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
    'orders.move', 'orders.sample-stock', 'orders.document', 'orders.notice', 'complaints.complaint', 'complaints.service-complaint',
    'complaints.after-sales-case', 'complaints.return-request', 'complaints.move', 'complaints.document', 'complaints.notice')
GROUP BY kind, region_id, id;

-- Each complaint as it stands. Times are UTC; `closed_at` is null while it is open.
CREATE OR REPLACE VIEW complaints AS
SELECT
  c.kind AS kind, c.received_on AS received_on, c.region_id AS region_id, c.id AS id,
  max(c.number) AS number, max(c.received_at) AS received_at, max(c.distributor_code) AS distributor_code, max(c.channel) AS channel,
  max(c.product_code) AS product_code, max(c.family) AS family, max(c.grade) AS grade, max(c.colour_number) AS colour_number,
  max(c.batch) AS batch, max(c.defect) AS defect, max(c.quantity) AS quantity,
  ifNull(argMaxMerge(c.severity), '') AS severity, ifNull(argMaxMerge(c.state), '') AS state, ifNull(argMaxMerge(c.cause), '') AS cause,
  ifNull(argMaxMerge(c.verdict), '') AS verdict, ifNull(argMaxMerge(c.remedy), '') AS remedy,
  argMaxMerge(c.estimated_cost) AS estimated_cost, argMaxMerge(c.actual_cost) AS actual_cost, argMaxMerge(c.satisfied) AS satisfied,
  argMaxMerge(c.score) AS score, max(c.`repeat`) AS nth_repeat,
  min(c.response_minutes) AS response_minutes, min(c.notice_minutes) AS notice_minutes, max(c.decision_minutes) AS decision_minutes,
  max(c.resolution_minutes) AS resolution_minutes, max(c.waited_minutes) AS waited_minutes, max(c.informed_on) AS informed_on,
  max(c.decided_by) AS decided_by, maxMap(c.fact_times) AS times,
  if(state NOT IN ('archived', 'closed'), NULL, coalesce(max(c.closed_at), nullIf(arrayMax(mapValues(mapFilter((f, t) ->
    f IN ('archived', 'closed', 'copy-filed'), times))), toDateTime64(0, 3, 'UTC')))) AS closed_at,
  mapContains(times, 'recorded') AS historic
FROM complaint_facts AS c
GROUP BY kind, received_on, region_id, id;

CREATE OR REPLACE VIEW analyst.complaints DEFINER = CURRENT_USER SQL SECURITY DEFINER AS SELECT * FROM fenxiao.complaints;

-- Complaints of a month. All that is known of who is not on the books is what they said: together they count as one customer.
CREATE OR REPLACE VIEW complaints_by_month AS
SELECT toStartOfMonth(c.received_on) AS month, c.kind AS kind, c.region_id AS region_id, c.defect AS defect,
  count() AS complaints, countIf(c.closed_at IS NOT NULL) AS closed, countIf(c.verdict != '') AS decided,
  countIf(c.verdict IN ('justified', 'partly')) AS justified,
  uniqCombined64State(c.distributor_code) AS customers
FROM complaints AS c
GROUP BY month, kind, region_id, defect;

-- Shown where five customers stand behind it.
CREATE OR REPLACE VIEW dashboards.complaints_by_month DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
WITH
  step1 AS (SELECT c.month AS m, toStartOfYear(m) AS year, c.kind AS k, c.region_id AS r, c.defect AS f, c.complaints AS v1, c.closed AS v2,
      c.decided AS v3, c.justified AS v4, c.customers AS who, finalizeAggregation(who) AS n1 FROM fenxiao.complaints_by_month AS c),
  step2 AS (SELECT *, uniqCombined64MergeIf(who, n1 < 5) OVER (PARTITION BY m, k, f) AS n2 FROM step1),
  step3 AS (SELECT *, uniqCombined64MergeIf(who, greatest(n1, n2) < 5) OVER (PARTITION BY m, k) AS n3 FROM step2),
  step4 AS (SELECT *, uniqCombined64MergeIf(who, greatest(n1, n2, n3) < 5) OVER (PARTITION BY year, k) AS n4 FROM step3),
  shown AS (SELECT *, multiIf(n1 >= 5, 1, n2 >= 5, 2, n3 >= 5, 3, n4 >= 5, 4, 0) AS step FROM step4 WHERE step > 0)
SELECT if(step <= 3, m, year) AS month, toString(k) AS kind, if(step = 1, r, toUUIDOrZero('')) AS region_id, if(step <= 2, f, '') AS defect,
  sum(v1) AS complaints, sum(v2) AS closed, sum(v3) AS decided, sum(v4) AS justified
FROM shown
GROUP BY month, kind, region_id, defect;

CREATE OR REPLACE VIEW analyst.complaints_by_month DEFINER = CURRENT_USER SQL SECURITY DEFINER AS SELECT * FROM fenxiao.complaints_by_month;

-- What alerts ask: how often a defect was complained of in the last seven days, and in a week of the eight before; of five
-- customers or more, since alerts go to people whose powers nobody knows.
CREATE OR REPLACE VIEW complaint_spikes AS
WITH toDate(now(), '{time_zone}') AS today
SELECT c.defect AS defect, countIf(c.received_on > today - 7) AS week, countIf(c.received_on <= today - 7) / 8 AS usual
FROM complaints AS c
WHERE c.kind = 'quality' AND c.received_on > today - 63
GROUP BY defect
HAVING uniqExact(c.distributor_code) >= 5;

-- Cases of complaints whose clock ran out in the last 90 days, and nothing was done since.
CREATE OR REPLACE VIEW overdue_complaints AS
SELECT m.procedure AS procedure, count() AS cases, min(m.breached_at) AS since
FROM (
  SELECT toString(procedure) AS procedure, subject_id, maxIf(time, kind = 'breach') AS breached_at, maxIf(time, kind = 'move') AS moved_at
  FROM moves
  WHERE service = 'complaints' AND kind IN ('breach', 'move') AND time > now() - INTERVAL 90 DAY
  GROUP BY procedure, subject_id
  HAVING breached_at > moved_at) AS m
GROUP BY procedure;

CREATE OR REPLACE VIEW dashboards.complaint_spikes DEFINER = CURRENT_USER SQL SECURITY DEFINER AS SELECT * FROM fenxiao.complaint_spikes;
CREATE OR REPLACE VIEW dashboards.overdue_complaints DEFINER = CURRENT_USER SQL SECURITY DEFINER AS SELECT * FROM fenxiao.overdue_complaints;
