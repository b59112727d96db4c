-- What customers said when they were asked (C-18): each survey as it stands. `issued_on` and the region never change.
CREATE TABLE IF NOT EXISTS survey_facts (
  kind             Enum8('delivery' = 1, 'complaint' = 2, 'nps' = 3),
  issued_on        Date,
  region_id        UUID,
  id               UUID,
  number           SimpleAggregateFunction(max, String),
  distributor_code SimpleAggregateFunction(max, String),
  about_number     SimpleAggregateFunction(max, String) COMMENT 'of the delivery or the complaint',
  period           SimpleAggregateFunction(max, String) COMMENT 'of nps: the half-year, 2026-H1',
  delivered_on     SimpleAggregateFunction(max, Nullable(Date)) COMMENT 'the customer got the link',
  answered_on      SimpleAggregateFunction(max, Nullable(Date)),
  score            SimpleAggregateFunction(max, Nullable(UInt8)) COMMENT '1 to 5; of nps 0 to 10',
  comment          SimpleAggregateFunction(max, String),
  state            AggregateFunction(argMax, Nullable(String), UInt64),
  fact_times       SimpleAggregateFunction(maxMap, Map(String, DateTime64(3, 'UTC'))),
  events           AggregateFunction(groupBitmap, UInt32)
) ENGINE = AggregatingMergeTree
PARTITION BY toYear(issued_on)
ORDER BY (issued_on, kind, region_id, id)
SETTINGS non_replicated_deduplication_window = 20000;

-- Its clocks are moves.
CREATE MATERIALIZED VIEW IF NOT EXISTS survey_facts_view TO survey_facts AS
WITH JSONExtract(data, 'Tuple(kind String, issuedOn String, aboutNumber String, period String, deliveredOn String, answeredOn String,
    score Nullable(UInt8), comment String)') AS s
SELECT
  CAST(s.kind, 'Enum8(\'delivery\' = 1, \'complaint\' = 2, \'nps\' = 3)') AS kind,
  toDateOrZero(s.issuedOn) AS issued_on,
  d.regionId AS region_id,
  subject_id AS id,
  max(d.number) AS number,
  max(d.distributorCode) AS distributor_code,
  max(s.aboutNumber) AS about_number,
  max(s.period) AS period,
  max(toDateOrNull(nullIf(s.deliveredOn, ''))) AS delivered_on,
  max(toDateOrNull(nullIf(s.answeredOn, ''))) AS answered_on,
  max(s.score) AS score,
  max(s.comment) AS comment,
  argMaxState(nullIf(d.meta.move.`to`, ''), sequence) AS state,
  maxMap(map(toString(fact), time)) AS fact_times,
  groupBitmapState(toUInt32(sequence)) AS events
FROM events AS e
WHERE e.defect = '' AND aggregate = 'complaints.survey' AND fact NOT IN ('clock-warned', 'clock-breached')
GROUP BY kind, issued_on, region_id, id;

CREATE OR REPLACE VIEW surveys AS
SELECT
  toString(s.kind) AS kind, s.issued_on AS issued_on, s.region_id AS region_id, s.id AS id,
  max(s.number) AS number, max(s.distributor_code) AS distributor_code, max(s.about_number) AS about_number, max(s.period) AS period,
  max(s.delivered_on) AS delivered_on, max(s.answered_on) AS answered_on, max(s.score) AS score, max(s.comment) AS comment,
  ifNull(argMaxMerge(s.state), '') AS state, maxMap(s.fact_times) AS times
FROM survey_facts AS s
GROUP BY s.kind, s.issued_on, s.region_id, s.id;

CREATE OR REPLACE VIEW analyst.surveys DEFINER = CURRENT_USER SQL SECURITY DEFINER AS SELECT * FROM fenxiao.surveys;

-- Answers of a month: 4 and 5 are satisfied (K-Q11); 9 and 10 promote, 0 to 6 detract (K-Q12).
CREATE OR REPLACE VIEW surveys_by_month AS
SELECT toStartOfMonth(assumeNotNull(s.answered_on)) AS month, s.kind AS kind, s.region_id AS region_id, count() AS answers,
  countIf(s.kind != 'nps' AND s.score >= 4) AS satisfied, countIf(s.kind = 'nps' AND s.score >= 9) AS promoters,
  countIf(s.kind = 'nps' AND s.score <= 6) AS detractors, uniqCombined64State(s.distributor_code) AS customers
FROM surveys AS s
WHERE s.answered_on IS NOT NULL
GROUP BY month, kind, region_id;

-- Shown where five customers stand behind it.
CREATE OR REPLACE VIEW dashboards.surveys_by_month DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
WITH
  step1 AS (SELECT s.month AS m, toStartOfYear(m) AS year, s.kind AS k, s.region_id AS r, s.answers AS v1, s.satisfied AS v2,
      s.promoters AS v3, s.detractors AS v4, s.customers AS who, finalizeAggregation(who) AS n1 FROM fenxiao.surveys_by_month AS s),
  step2 AS (SELECT *, uniqCombined64MergeIf(who, n1 < 5) OVER (PARTITION BY m, k) AS n2 FROM step1),
  step3 AS (SELECT *, uniqCombined64MergeIf(who, greatest(n1, n2) < 5) OVER (PARTITION BY year, k) AS n3 FROM step2),
  shown AS (SELECT *, multiIf(n1 >= 5, 1, n2 >= 5, 2, n3 >= 5, 3, 0) AS step FROM step3 WHERE step > 0)
SELECT if(step <= 2, m, year) AS month, k AS kind, if(step = 1, r, toUUIDOrZero('')) AS region_id,
  sum(v1) AS answers, sum(v2) AS satisfied, sum(v3) AS promoters, sum(v4) AS detractors
FROM shown
GROUP BY month, kind, region_id;

CREATE OR REPLACE VIEW analyst.surveys_by_month DEFINER = CURRENT_USER SQL SECURITY DEFINER AS SELECT * FROM fenxiao.surveys_by_month;
