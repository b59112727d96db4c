-- What people query: one row per thing, names without suffix, no addresses of the log.

CREATE OR REPLACE VIEW sales AS
SELECT basis, booked_on, entered_on, order_id, document_id, document_number, line, distributor_id, distributor_code, region_id,
  salesperson_id, segment, channel, product_id, product_code, family, quantity, list_price, unit_price, gift, list_value, net, tax,
  gross, currency, event_time, ingested_at
FROM sales_facts;

CREATE OR REPLACE VIEW orders AS
SELECT
  order_id,
  any(o.region_id) AS region_id,
  max(o.number) AS number,
  max(o.distributor_id) AS distributor_id,
  max(o.distributor_code) AS distributor_code,
  max(o.segment) AS segment,
  ifNull(argMaxMerge(o.channel), '') AS channel,
  ifNull(argMaxMerge(o.salesperson_id), toUUIDOrZero('')) AS salesperson_id,
  ifNull(argMaxMerge(o.state), '') AS state,
  argMaxMerge(o.ordered_on) AS ordered_on,
  argMinMerge(o.first_promised_on) AS first_promised_on,
  argMaxMerge(o.promised_on) AS promised_on,
  argMaxMerge(o.net) AS net,
  argMaxMerge(o.tax) AS tax,
  argMaxMerge(o.gross) AS gross,
  max(o.currency) AS currency,
  argMaxMerge(o.lines) AS lines,
  argMaxMerge(o.straight_through) AS straight_through,
  argMaxMerge(o.on_time) AS on_time,
  arraySort(groupUniqArrayArray(o.holds)) AS holds,
  max(o.findings) AS findings,
  maxMap(o.fact_times) AS times,
  mapContains(times, 'backordered') AS backordered,
  mapContains(times, 'partially-shipped') AS part_shipped,
  mapContains(times, 'recorded') AS historic,
  if(mapContains(times, 'submitted'), times['submitted'], NULL) AS submitted_at,
  if(mapContains(times, 'confirmed'), times['confirmed'], NULL) AS confirmed_at,
  if(mapContains(times, 'shipped'), times['shipped'], NULL) AS shipped_at,
  if(mapContains(times, 'delivered'), times['delivered'], NULL) AS delivered_at,
  if(mapContains(times, 'completed'), times['completed'], NULL) AS completed_at,
  if(mapContains(times, 'cancelled'), times['cancelled'], NULL) AS cancelled_at,
  argMaxMerge(o.shipped_on) AS shipped_on,
  argMaxMerge(o.delivered_on) AS delivered_on
FROM order_facts AS o
GROUP BY order_id;

CREATE OR REPLACE VIEW price_exceptions AS
WITH
  JSONExtract(form, 'Tuple(orderId UUID, orderNumber String, approver String, deviation String, marginGivenAway String,
    currency String, lines Array(Tuple(line UInt32)))') AS f
SELECT
  exception_id, region_id, f.1 AS order_id, f.2 AS order_number, state, f.3 AS approver, toDecimal64OrZero(f.4, 6) AS deviation,
  toDecimal64OrZero(f.5, 2) AS margin_given_away, f.6 AS currency, length(f.7) AS lines,
  if(mapContains(times, 'requested'), times['requested'], NULL) AS requested_at,
  multiIf(mapContains(times, 'approved'), times['approved'], mapContains(times, 'rejected'), times['rejected'],
    mapContains(times, 'expired'), times['expired'], mapContains(times, 'voided'), times['voided'], NULL) AS decided_at
FROM (
  SELECT id AS exception_id, ifNull(argMaxMerge(e.form), '') AS form, argMaxMerge(e.last_fact) AS state, maxMap(e.fact_times) AS times,
    ifNull(argMaxMerge(e.region_id), toUUIDOrZero(JSONExtractString(form, 'meta', 'region'))) AS region_id
  FROM entity_facts AS e
  WHERE kind = 'orders.price-exception'
  GROUP BY id
);

CREATE OR REPLACE VIEW invoices AS
SELECT
  invoice_id,
  any(i.region_id) AS region_id,
  max(i.number) AS number,
  max(i.order_id) AS order_id,
  max(i.distributor_id) AS distributor_id,
  max(i.currency) AS currency,
  max(i.invoiced_on) AS invoiced_on,
  max(i.due_on) AS due_on,
  max(i.net) AS net,
  max(i.tax) AS tax,
  max(i.gross) AS gross,
  max(i.settled_on) AS settled_on
FROM invoice_facts AS i
GROUP BY invoice_id;

CREATE OR REPLACE VIEW distributors AS
WITH
  JSONExtract(form, 'Tuple(name String, partnerType String, segment String, class String, terms String, paymentDays Nullable(Int32))') AS f
SELECT
  distributor_id, code, f.1 AS name, f.2 AS partner_type, f.3 AS segment, f.4 AS class, region_id, f.5 AS terms, f.6 AS payment_days,
  state,
  if(mapContains(times, 'created'), times['created'], times['recorded']) AS created_at,
  if(mapContains(times, 'activated'), times['activated'], NULL) AS activated_at,
  if(mapContains(times, 'terminated'), times['terminated'], NULL) AS terminated_at
FROM (
  SELECT id AS distributor_id, max(e.code) AS code, ifNull(argMaxMerge(e.form), '') AS form, ifNull(argMaxMerge(e.state), '') AS state,
    maxMap(e.fact_times) AS times,
    ifNull(argMaxMerge(e.region_id), toUUIDOrZero('')) AS region_id
  FROM entity_facts AS e
  WHERE kind = 'distributors.distributor'
  GROUP BY id
);

CREATE OR REPLACE VIEW regions AS
SELECT
  region_id, code, JSONExtractString(form, 'name') AS name, toUUIDOrZero(JSONExtractString(form, 'parentId')) AS parent_id, manager_id,
  toDateOrNull(JSONExtractString(form, 'validFrom')) AS valid_from,
  if(mapContains(times, 'closed'), toDate(times['closed'], '{time_zone}'), NULL) AS closed_on
FROM (
  SELECT id AS region_id, max(e.code) AS code, ifNull(argMaxMerge(e.form), '') AS form, argMaxMerge(e.manager_id) AS manager_id,
    maxMap(e.fact_times) AS times
  FROM entity_facts AS e
  WHERE kind = 'distributors.region'
  GROUP BY id
);

-- Every region with each region it lies in, itself included (depth 0): join facts on region_id, group by ancestor_id.
CREATE OR REPLACE VIEW region_tree AS
WITH RECURSIVE up AS (
  SELECT region_id, region_id AS ancestor_id, toUInt8(0) AS depth FROM regions
  UNION ALL
  SELECT u.region_id AS region_id, r.parent_id AS ancestor_id, toUInt8(u.depth + 1) AS depth
  FROM up AS u INNER JOIN regions AS r ON r.region_id = u.ancestor_id
  WHERE r.parent_id != toUUIDOrZero('') AND u.depth < 20
)
SELECT up.region_id AS region_id, up.ancestor_id AS ancestor_id, up.depth AS depth, a.code AS ancestor_code, a.name AS ancestor
FROM up INNER JOIN regions AS a ON a.region_id = up.ancestor_id;

CREATE OR REPLACE VIEW products AS
WITH JSONExtract(form, 'Tuple(name String, specification String, grade String, colourNumber String, family String, unit String, launchedOn Nullable(Date))') AS f
SELECT
  product_id, code, f.1 AS name, f.2 AS specification, f.3 AS grade, f.4 AS colour_number, f.5 AS family, f.6 AS unit, f.7 AS launched_on,
  if(mapContains(times, 'retired'), times['retired'], NULL) AS retired_at
FROM (
  SELECT id AS product_id, max(e.code) AS code, ifNull(argMaxMerge(e.form), '') AS form, maxMap(e.fact_times) AS times
  FROM entity_facts AS e
  WHERE kind = 'orders.product'
  GROUP BY id
);

-- By staff number; names stay in appraisals.
CREATE OR REPLACE VIEW people AS
WITH JSONExtract(form, 'Tuple(staffNumber String, category String, kind String, employment String, joinedOn Nullable(Date))') AS f
SELECT
  person_id, f.1 AS staff_number, f.2 AS category, f.3 AS kind, f.4 AS employment, f.5 AS joined_on,
  if(mapContains(times, 'left'), toDate(times['left'], '{time_zone}'), NULL) AS left_on
FROM (
  SELECT id AS person_id, ifNull(argMaxMerge(e.form), '') AS form, maxMap(e.fact_times) AS times
  FROM entity_facts AS e
  WHERE e.kind = 'appraisals.person'
  GROUP BY id
);

-- Vendors of the market; we are the one chosen last.
CREATE OR REPLACE VIEW competitors AS
SELECT
  competitor_id, code, JSONExtractString(form, 'name') AS name,
  if(mapContains(times, 'chosen-as-us'), times['chosen-as-us'], NULL) AS chosen_at,
  ifNull(chosen_at = max(chosen_at) OVER (), 0) AS is_us
FROM (
  SELECT id AS competitor_id, max(e.code) AS code, ifNull(argMaxMerge(e.form), '') AS form, maxMap(e.fact_times) AS times
  FROM entity_facts AS e
  WHERE kind = 'planning.competitor'
  GROUP BY id
);

-- One observation per month x region x category x vendor: of several the most confident, then the latest. Unregistered
-- vendors (vendor = other) are told apart by the name they came with, and stay in every denominator.
CREATE OR REPLACE VIEW market_observations AS
SELECT
  o.month AS month, o.region_id AS region_id, o.category AS category, o.vendor AS vendor,
  best.1 AS vendor_name, best.2 AS value, best.3 AS volume, best.4 AS currency, best.5 AS source, best.6 AS confidence, best.7 AS recorded_at,
  sources, o.vendor IN (SELECT code FROM competitors WHERE is_us) AS is_us
FROM (
  SELECT month, region_id, category, vendor, if(vendor = 'other', vendor_name, '') AS unregistered,
    argMax(tuple(vendor_name, value, volume, currency, source, confidence, recorded_at), (confidence, recorded_at, observation_id)) AS best,
    uniqExact(source) AS sources
  FROM market_observation_facts FINAL
  GROUP BY month, region_id, category, vendor, unregistered
) AS o;

-- K-M01 to K-M03: divide sums, never average shares. Volumes are null unless every vendor's is known; `confidence` is the
-- lowest behind the figure. own_* are null until a competitor has been chosen as us.
CREATE OR REPLACE VIEW market_shares AS
WITH (SELECT count() FROM competitors WHERE is_us) > 0 AS chosen
SELECT
  month, region_id, category, currency,
  if(chosen, sumIf(m.value, m.is_us), NULL) AS own_value,
  sum(m.value) AS market_value,
  sumIf(m.value, m.vendor = 'other') AS other_value,
  maxIf(m.value, NOT m.is_us AND m.vendor != 'other') AS largest_competitor_value,
  if(chosen AND countIf(m.volume IS NULL) = 0, sumIf(m.volume, m.is_us), NULL) AS own_volume,
  if(countIf(m.volume IS NULL) = 0, sum(m.volume), NULL) AS market_volume,
  count() AS vendors,
  min(m.confidence) AS confidence
FROM market_observations AS m
GROUP BY month, region_id, category, currency;

CREATE OR REPLACE VIEW moves_log AS
SELECT kind, service, procedure, move, from_state, to_state, subject_id, actor, acting_for, role, region_id, rule, code, entered_at,
  due_at, time, seconds, late
FROM moves;

-- Orders of a day and region: numbers to be summed, then divided (K-O01, K-O02, K-O09, K-O10). Drafts are not counted.
CREATE OR REPLACE VIEW orders_by_day AS
SELECT
  assumeNotNull(ordered_on) AS ordered_on, region_id, currency,
  count() AS orders,
  sum(net) AS net,
  countIf(o.state = 'cancelled') AS cancelled,
  countIf(o.state NOT IN ('delivered', 'completed', 'cancelled')) AS open,
  countIf(o.straight_through) AS straight_through,
  countIf(o.straight_through IS NOT NULL) AS confirmed,
  countIf(notEmpty(o.holds)) AS held,
  countIf(o.backordered) AS backordered,
  countIf(o.delivered_on IS NOT NULL) AS delivered,
  countIf(o.on_time) AS on_time,
  countIf(o.on_time AND NOT o.part_shipped) AS on_time_in_full,
  countIf(o.promised_on IS NOT NULL AND o.state != 'cancelled' AND (o.delivered_on IS NOT NULL OR o.promised_on < toDate(now(), '{time_zone}'))) AS due,
  ifNull(sum(dateDiff('second', o.submitted_at, o.delivered_at)), 0) AS cycle_seconds,
  countIf(o.submitted_at IS NOT NULL AND o.delivered_at IS NOT NULL) AS cycles,
  uniqCombined64State(o.distributor_id) AS distributor_ids
FROM orders AS o
WHERE o.ordered_on IS NOT NULL AND o.state != 'draft'
GROUP BY ordered_on, region_id, currency;

-- The company's sales of a day, and products by month.
CREATE OR REPLACE VIEW sales_totals AS
SELECT s.booked_on AS booked_on, s.basis AS basis, s.currency AS currency, sum(s.lines) AS lines, sum(s.quantity) AS quantity,
  sum(s.list_value) AS list_value, sum(s.net) AS net, sum(s.tax) AS tax, sum(s.gross) AS gross
FROM sales_by_day AS s
GROUP BY booked_on, basis, currency;

CREATE OR REPLACE VIEW sales_by_product AS
SELECT toStartOfMonth(s.booked_on) AS month, s.basis AS basis, s.product_id AS product_id, s.currency AS currency,
  any(s.product_code) AS product_code, any(s.family) AS family, sum(s.quantity) AS quantity, sum(s.list_value) AS list_value,
  sum(s.net) AS net, sum(s.tax) AS tax, sum(s.gross) AS gross
FROM sales_facts AS s
WHERE s.line > 0
GROUP BY month, basis, product_id, currency;

CREATE OR REPLACE VIEW freshness AS
SELECT topic, max(event_at) AS last_event_at, max(insert_at) AS last_insert_at, sum(last_offset) AS records
FROM (
  SELECT topic, partition, max(f.last_event_at) AS event_at, max(f.last_insert_at) AS insert_at, max(f.last_offset) AS last_offset
  FROM topic_freshness AS f
  GROUP BY topic, partition
)
GROUP BY topic;

CREATE OR REPLACE VIEW dead_letter_counts AS
SELECT toDate(time, '{time_zone}') AS day, consumer, reason, type, count() AS messages
FROM dead_letters
GROUP BY day, consumer, reason, type;

-- The latest run of every comparison.
CREATE OR REPLACE VIEW reconciled AS
SELECT r.check AS check, r.topic AS topic, r.basis AS basis, r.day AS day, max(r.checked_at) AS checked_at,
  argMax(r.expected, r.checked_at) AS expected, argMax(r.actual, r.checked_at) AS actual,
  argMax(r.difference, r.checked_at) AS difference, argMax(r.ok, r.checked_at) AS ok
FROM reconciliation AS r
GROUP BY check, topic, basis, day;
