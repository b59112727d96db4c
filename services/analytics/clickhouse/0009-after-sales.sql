-- After-sales cases (C-10): how long until they were closed, and what everybody may see of them.

ALTER TABLE complaint_facts ADD COLUMN IF NOT EXISTS closure_minutes SimpleAggregateFunction(max, Nullable(UInt32)) COMMENT 'business time';

DROP VIEW IF EXISTS complaint_facts_view;

CREATE MATERIALIZED VIEW IF NOT EXISTS complaint_facts_view TO complaint_facts AS
WITH JSONExtract(data, 'Tuple(receivedAt String, channel String, productCode String, family String, grade String, colourNumber String, batch String,
    defect String, quantity String, severity String, cause String, verdict String, remedy String, estimatedCost String, actualCost String,
    satisfied Nullable(Bool), score Nullable(UInt8), `repeat` UInt32, responseMinutes Nullable(UInt32), noticeMinutes Nullable(UInt32),
    decisionMinutes Nullable(UInt32), resolutionMinutes Nullable(UInt32), closureMinutes Nullable(UInt32), waitedMinutes Nullable(UInt32),
    informedOn String, decidedRole String, closedAt String, founded Nullable(Bool))') AS c,
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
  max(c.closureMinutes) AS closure_minutes,
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
  max(c.resolution_minutes) AS resolution_minutes, max(c.closure_minutes) AS closure_minutes, max(c.waited_minutes) AS waited_minutes,
  max(c.informed_on) AS informed_on,
  max(c.decided_by) AS decided_by, maxMap(c.fact_times) AS times,
  if(state NOT IN ('archived', 'closed'), NULL, coalesce(max(c.closed_at), nullIf(arrayMax(mapValues(mapFilter((f, t) ->
    f IN ('archived', 'closed', 'copy-filed'), times))), toDateTime64(0, 3, 'UTC')))) AS closed_at,
  mapContains(times, 'recorded') AS historic
FROM complaint_facts AS c
GROUP BY kind, received_on, region_id, id;

CREATE OR REPLACE VIEW analyst.complaints DEFINER = CURRENT_USER SQL SECURITY DEFINER AS SELECT * FROM fenxiao.complaints;

-- After-sales cases of a month: numbers to be summed, then divided (K-Q18, C-10). In time: the regional manager was told within
-- half an hour of business time; overdue: not told yet, and the clock has run out.
CREATE OR REPLACE VIEW after_sales_by_month AS
SELECT toStartOfMonth(c.received_on) AS month, c.region_id AS region_id, count() AS cases,
  countIf(c.notice_minutes IS NOT NULL) AS told, countIf(c.notice_minutes <= 30) AS told_in_time,
  countIf(c.notice_minutes IS NULL AND c.id IN (
    SELECT subject_id FROM moves WHERE procedure = 'after-sales-case' AND kind = 'breach' AND move = 'notify-manager')) AS overdue,
  countIf(c.decided_by != '') AS decided, countIf(c.decided_by = 'technical-department') AS by_technical,
  countIf(c.closed_at IS NOT NULL) AS closed,
  uniqCombined64State(c.distributor_code) AS customers
FROM complaints AS c
WHERE c.kind = 'after-sales'
GROUP BY month, region_id;

-- Shown where five customers stand behind it.
CREATE OR REPLACE VIEW dashboards.after_sales_by_month DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
WITH
  step1 AS (SELECT a.month AS m, toStartOfYear(m) AS year, a.region_id AS r, a.cases AS v1, a.told AS v2, a.told_in_time AS v3,
      a.decided AS v4, a.by_technical AS v5, a.closed AS v6, a.overdue AS v7, a.customers AS who, finalizeAggregation(who) AS n1
    FROM fenxiao.after_sales_by_month AS a),
  step2 AS (SELECT *, uniqCombined64MergeIf(who, n1 < 5) OVER (PARTITION BY m) AS n2 FROM step1),
  step3 AS (SELECT *, uniqCombined64MergeIf(who, greatest(n1, n2) < 5) OVER (PARTITION BY year) AS n3 FROM step2),
  shown AS (SELECT *, multiIf(n1 >= 5, 1, n2 >= 5, 2, n3 >= 5, 3, 0) AS step FROM step3 WHERE step > 0)
SELECT if(step <= 2, m, year) AS month, if(step = 1, r, toUUIDOrZero('')) AS region_id, sum(v1) AS cases, sum(v2) AS told,
  sum(v3) AS told_in_time, sum(v7) AS overdue, sum(v4) AS decided, sum(v5) AS by_technical, sum(v6) AS closed
FROM shown
GROUP BY month, region_id;

CREATE OR REPLACE VIEW analyst.after_sales_by_month DEFINER = CURRENT_USER SQL SECURITY DEFINER AS SELECT * FROM fenxiao.after_sales_by_month;
