-- What load tests measured: one row for each run (operation empty) and one for each operation of it. `npm run load` writes it.
CREATE TABLE IF NOT EXISTS load_results (
  run_id     UUID,
  started_at DateTime64(3, 'UTC'),
  scenario   LowCardinality(String),
  version    LowCardinality(String),
  seconds    Float64,
  people     UInt32 COMMENT 'at once, at most',
  operation  LowCardinality(String),
  requests   UInt64,
  failed     UInt64,
  rate       Float64 COMMENT 'requests per second',
  p50        Float64 COMMENT 'milliseconds, as all that follow',
  p90        Float64,
  p95        Float64,
  p99        Float64,
  max        Float64,
  broken     Array(String) COMMENT 'thresholds that did not hold'
) ENGINE = MergeTree
ORDER BY (scenario, started_at, run_id, operation)
SETTINGS non_replicated_deduplication_window = 1000;

CREATE OR REPLACE VIEW dashboards.load_results DEFINER = CURRENT_USER SQL SECURITY DEFINER AS SELECT * FROM fenxiao.load_results;
CREATE OR REPLACE VIEW analyst.load_results DEFINER = CURRENT_USER SQL SECURITY DEFINER AS SELECT * FROM fenxiao.load_results;
