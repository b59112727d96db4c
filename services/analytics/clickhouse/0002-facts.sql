-- Typed facts. Lines and moves are appended and never change (MergeTree, ordered by region and day). What changes is kept by
-- its key, from events that each know a part of it: the value of the highest sequence wins, whatever order they come in and
-- however often, and `events` is the set of sequences seen, so that a missing one shows.

-- Every line that was ordered, shipped, invoiced, and every receipt. Taking back an order negates its lines.
CREATE TABLE IF NOT EXISTS sales_facts (
  basis            Enum8('order' = 1, 'ship' = 2, 'invoice' = 3, 'receipt' = 4),
  booked_on        Date,
  entered_on       Date COMMENT 'business date of the event; later than booked_on when it restates an earlier day',
  order_id         UUID,
  document_id      UUID COMMENT 'the order, shipment, invoice or payment',
  document_number  String,
  line             UInt32 COMMENT '0: the whole document',
  distributor_id   UUID,
  distributor_code String,
  region_id        UUID,
  salesperson_id   UUID COMMENT 'zero: nobody named',
  segment          LowCardinality(String),
  channel          LowCardinality(String),
  product_id       UUID,
  product_code     String,
  family           LowCardinality(String),
  quantity         Decimal(18, 3),
  list_price       Decimal(18, 4),
  unit_price       Decimal(18, 4),
  gift             UInt8,
  list_value       Decimal(18, 2) COMMENT 'quantity x list price; 0 where the event has no list price',
  net              Decimal(18, 2),
  tax              Decimal(18, 2),
  gross            Decimal(18, 2),
  currency         LowCardinality(String),
  event_time       DateTime64(3, 'UTC'),
  ingested_at      DateTime64(3, 'UTC'),
  event_id         String,
  type             LowCardinality(String),
  topic            LowCardinality(String),
  partition        UInt16,
  offset           UInt64
) ENGINE = MergeTree
PARTITION BY toYear(booked_on)
ORDER BY (region_id, basis, booked_on)
SETTINGS non_replicated_deduplication_window = 20000;

CREATE MATERIALIZED VIEW IF NOT EXISTS sales_facts_view TO sales_facts AS
WITH if(aggregate = 'orders.order' AND fact IN ('cancelled', 'withdrawn'), -1, 1) AS sign
SELECT
  CAST(transform(aggregate, ['orders.order', 'orders.shipment', 'orders.invoice'], [1, 2, 3], 4),
    'Enum8(\'order\' = 1, \'ship\' = 2, \'invoice\' = 3, \'receipt\' = 4)') AS basis,
  multiIf(shape = 'order-lines', d.orderedOn, shape = 'shipment-lines', assumeNotNull(d.shippedOn), shape = 'payment', d.receivedOn,
    d.invoicedOn) AS booked_on,
  day AS entered_on,
  if(shape = 'order-lines', subject_id, d.orderId) AS order_id,
  subject_id AS document_id,
  d.number AS document_number,
  l.1 AS line,
  d.distributorId AS distributor_id,
  d.distributorCode AS distributor_code,
  d.regionId AS region_id,
  d.salespersonId AS salesperson_id,
  d.segment AS segment,
  d.channel AS channel,
  l.2 AS product_id,
  l.3 AS product_code,
  l.4 AS family,
  sign * toDecimal64OrZero(l.5, 3) AS quantity,
  toDecimal64OrZero(l.6, 4) AS list_price,
  toDecimal64OrZero(l.7, 4) AS unit_price,
  l.8 AS gift,
  sign * toDecimal64OrZero(toString(round(toDecimal128OrZero(l.5, 3) * toDecimal128OrZero(l.6, 4), 2)), 2) AS list_value,
  sign * toDecimal64OrZero(l.9, 2) AS net,
  sign * toDecimal64OrZero(l.10, 2) AS tax,
  sign * toDecimal64OrZero(l.11, 2) AS gross,
  d.currency AS currency,
  time AS event_time,
  ingested_at, id AS event_id, type, topic, partition, offset
FROM events
ARRAY JOIN if(shape = 'payment', [(toUInt32(0), toUUIDOrZero(''), '', '', '0', '', '', false, d.amount, '0', d.amount)],
  arrayMap(l -> (l.line, l.productId, l.productCode, l.family, l.quantity, l.listPrice, l.unitPrice, l.gift, l.net, l.tax, l.gross),
    d.lines)) AS l
WHERE defect = '' AND shape IN ('order-lines', 'shipment-lines', 'invoice-lines', 'payment')
  AND multiIf(fact = 'cancelled', d.submitted,
    fact = 'recorded' AND shape = 'order-lines', d.state NOT IN ('draft', 'cancelled'), true);

-- Sums by day. `order_ids` and `distributor_ids` are uniqCombined64 states.
CREATE TABLE IF NOT EXISTS sales_by_day (
  booked_on       Date,
  basis           Enum8('order' = 1, 'ship' = 2, 'invoice' = 3, 'receipt' = 4),
  region_id       UUID,
  family          LowCardinality(String),
  segment         LowCardinality(String),
  channel         LowCardinality(String),
  currency        LowCardinality(String),
  lines           SimpleAggregateFunction(sum, Int64) COMMENT 'lines taken back count -1',
  quantity        SimpleAggregateFunction(sum, Decimal(38, 3)),
  list_value      SimpleAggregateFunction(sum, Decimal(38, 2)),
  net             SimpleAggregateFunction(sum, Decimal(38, 2)),
  tax             SimpleAggregateFunction(sum, Decimal(38, 2)),
  gross           SimpleAggregateFunction(sum, Decimal(38, 2)),
  order_ids       AggregateFunction(uniqCombined64, UUID),
  distributor_ids AggregateFunction(uniqCombined64, UUID)
) ENGINE = AggregatingMergeTree
PARTITION BY toYear(booked_on)
ORDER BY (basis, booked_on, region_id, family, segment, channel, currency)
SETTINGS non_replicated_deduplication_window = 20000;

CREATE MATERIALIZED VIEW IF NOT EXISTS sales_by_day_view TO sales_by_day AS
SELECT
  booked_on, basis, region_id, family, segment, channel, currency,
  sum(if(type IN ('fenxiao.orders.order.cancelled.v1', 'fenxiao.orders.order.withdrawn.v1'), -1, 1)) AS lines,
  sum(quantity) AS quantity, sum(list_value) AS list_value, sum(net) AS net, sum(tax) AS tax, sum(gross) AS gross,
  uniqCombined64State(order_id) AS order_ids, uniqCombined64State(distributor_id) AS distributor_ids
FROM sales_facts
GROUP BY booked_on, basis, region_id, family, segment, channel, currency;

-- Every move of every procedure, every refusal, and every clock that warned or was breached.
CREATE TABLE IF NOT EXISTS moves (
  kind        Enum8('move' = 1, 'refusal' = 2, 'warning' = 3, 'breach' = 4),
  service     LowCardinality(String),
  procedure   LowCardinality(String),
  move        LowCardinality(String),
  from_state  LowCardinality(String),
  to_state    LowCardinality(String),
  subject_id  UUID COMMENT 'what it was about',
  actor       String COMMENT 'person id, or system',
  acting_for  String,
  role        LowCardinality(String),
  region_id   UUID COMMENT 'zero: none',
  rule        LowCardinality(String),
  code        LowCardinality(String) COMMENT 'of a refusal',
  entered_at  Nullable(DateTime64(3, 'UTC')) COMMENT 'when the state it left was entered',
  due_at      Nullable(DateTime64(3, 'UTC')) COMMENT 'end of the clock it stopped',
  time        DateTime64(3, 'UTC'),
  day         Date COMMENT 'business date of time',
  seconds     Nullable(Float64) MATERIALIZED dateDiff('millisecond', entered_at, time) / 1000,
  late        Nullable(UInt8) MATERIALIZED time > due_at,
  ingested_at DateTime64(3, 'UTC'),
  event_id    String,
  type        LowCardinality(String),
  topic       LowCardinality(String),
  partition   UInt16,
  offset      UInt64
) ENGINE = MergeTree
PARTITION BY toYear(time)
ORDER BY (procedure, region_id, time)
SETTINGS non_replicated_deduplication_window = 20000;

CREATE MATERIALIZED VIEW IF NOT EXISTS moves_view TO moves AS
WITH shape NOT IN ('clock', 'refusal') AS made
SELECT
  CAST(multiIf(made, 1, shape = 'refusal', 2, fact = 'clock-warned', 3, 4),
    'Enum8(\'move\' = 1, \'refusal\' = 2, \'warning\' = 3, \'breach\' = 4)') AS kind,
  substringIndex(aggregate, '.', 1) AS service,
  if(made, d.meta.move.procedure, d.procedure) AS procedure,
  if(made, d.meta.move.name, d.move) AS move,
  if(made, d.meta.move.`from`, d.state) AS from_state,
  if(made, d.meta.move.`to`, d.state) AS to_state,
  if(shape = 'refusal', d.about, subject_id) AS subject_id,
  d.meta.actor AS actor,
  d.meta.actingFor AS acting_for,
  d.meta.role AS role,
  d.meta.region AS region_id,
  d.meta.rule AS rule,
  if(shape = 'refusal', d.code, '') AS code,
  parseDateTime64BestEffortOrNull(if(made, d.meta.move.enteredAt, d.startedAt), 3, 'UTC') AS entered_at,
  parseDateTime64BestEffortOrNull(if(made, d.meta.move.dueAt, d.dueAt), 3, 'UTC') AS due_at,
  time, day, ingested_at, id AS event_id, type, topic, partition, offset
FROM events
WHERE defect = '' AND aggregate != '' AND (d.meta.move.procedure != '' OR shape IN ('clock', 'refusal'));

-- Counts and cycle times by day (business time zone). `seconds` is a t-digest state of the time spent in the state left.
CREATE TABLE IF NOT EXISTS moves_by_day (
  day        Date,
  kind       Enum8('move' = 1, 'refusal' = 2, 'warning' = 3, 'breach' = 4),
  procedure  LowCardinality(String),
  move       LowCardinality(String),
  role       LowCardinality(String),
  region_id  UUID,
  moves      SimpleAggregateFunction(sum, UInt64),
  with_clock SimpleAggregateFunction(sum, UInt64) COMMENT 'moves that stopped a clock',
  late       SimpleAggregateFunction(sum, UInt64) COMMENT 'of those, after its end',
  actors     AggregateFunction(uniqCombined64, String),
  seconds    AggregateFunction(quantilesTDigest(0.5, 0.9, 0.95), Float64)
) ENGINE = AggregatingMergeTree
PARTITION BY toYear(day)
ORDER BY (procedure, move, kind, day, role, region_id)
SETTINGS non_replicated_deduplication_window = 20000;

CREATE MATERIALIZED VIEW IF NOT EXISTS moves_by_day_view TO moves_by_day AS
SELECT
  day, kind, procedure, move, role, region_id,
  count() AS moves,
  countIf(due_at IS NOT NULL) AS with_clock,
  countIf(ifNull(time > due_at, 0)) AS late,
  uniqCombined64State(actor) AS actors,
  quantilesTDigestStateIf(0.5, 0.9, 0.95)(
    toFloat64(ifNull(dateDiff('millisecond', entered_at, time), 0)) / 1000, entered_at IS NOT NULL) AS seconds
FROM moves
GROUP BY day, kind, procedure, move, role, region_id;

-- `fact_times` has the time of the latest event of each fact: submitted, confirmed, shipped, ...
CREATE TABLE IF NOT EXISTS order_facts (
  order_id          UUID,
  region_id         UUID,
  number            SimpleAggregateFunction(max, String),
  distributor_id    SimpleAggregateFunction(max, UUID),
  currency          SimpleAggregateFunction(max, String),
  distributor_code  SimpleAggregateFunction(max, String),
  segment           SimpleAggregateFunction(max, String),
  channel           AggregateFunction(argMax, Nullable(String), UInt64),
  salesperson_id    AggregateFunction(argMax, Nullable(UUID), UInt64),
  state             AggregateFunction(argMax, Nullable(String), UInt64),
  ordered_on        AggregateFunction(argMax, Nullable(Date), UInt64),
  first_promised_on AggregateFunction(argMin, Nullable(Date), UInt64),
  promised_on       AggregateFunction(argMax, Nullable(Date), UInt64),
  net               AggregateFunction(argMax, Decimal(18, 2), UInt64),
  tax               AggregateFunction(argMax, Nullable(Decimal(18, 2)), UInt64),
  gross             AggregateFunction(argMax, Nullable(Decimal(18, 2)), UInt64),
  lines             AggregateFunction(argMax, Nullable(UInt64), UInt64),
  straight_through  AggregateFunction(argMax, Nullable(Bool), UInt64),
  on_time           AggregateFunction(argMax, Nullable(Bool), UInt64),
  holds             SimpleAggregateFunction(groupUniqArrayArray, Array(String)),
  findings          SimpleAggregateFunction(max, UInt64),
  fact_times        SimpleAggregateFunction(maxMap, Map(String, DateTime64(3, 'UTC'))),
  shipped_on        AggregateFunction(argMax, Nullable(Date), UInt64),
  delivered_on      AggregateFunction(argMax, Nullable(Date), UInt64),
  events            AggregateFunction(groupBitmap, UInt32)
) ENGINE = AggregatingMergeTree
ORDER BY (region_id, order_id)
SETTINGS non_replicated_deduplication_window = 20000;

CREATE MATERIALIZED VIEW IF NOT EXISTS order_facts_view TO order_facts AS
SELECT
  subject_id AS order_id,
  d.regionId AS region_id,
  max(d.number) AS number,
  max(d.distributorId) AS distributor_id,
  max(d.currency) AS currency,
  max(d.distributorCode) AS distributor_code,
  max(d.segment) AS segment,
  argMaxState(nullIf(d.channel, ''), sequence) AS channel,
  argMaxState(nullIf(d.salespersonId, toUUIDOrZero('')), sequence) AS salesperson_id,
  argMaxState(nullIf(if(fact = 'recorded', d.state, d.meta.move.`to`), ''), sequence) AS state,
  argMaxState(nullIf(d.orderedOn, toDate(0)), sequence) AS ordered_on,
  argMinState(if(fact IN ('confirmed', 'recorded'), d.promisedOn, NULL), sequence) AS first_promised_on,
  argMaxState(d.promisedOn, sequence) AS promised_on,
  argMaxState(toDecimal64OrZero(d.net, 2), sequence) AS net,
  argMaxState(toDecimal64OrNull(d.tax, 2), sequence) AS tax,
  argMaxState(toDecimal64OrNull(d.gross, 2), sequence) AS gross,
  argMaxState(if(shape = 'order-lines', length(d.lines), NULL), sequence) AS lines,
  argMaxState(d.straightThrough, sequence) AS straight_through,
  argMaxState(if(fact = 'recorded', d.deliveredOn <= d.promisedOn, d.onTime), sequence) AS on_time,
  groupUniqArrayArray(if(fact = 'held', [d.hold], [])) AS holds,
  max(length(d.findings)) AS findings,
  maxMap(map(toString(fact), time)) AS fact_times,
  argMaxState(multiIf(fact = 'recorded', d.shippedOn, fact = 'shipped', toNullable(day), NULL), sequence) AS shipped_on,
  argMaxState(multiIf(fact = 'recorded', d.deliveredOn, fact = 'delivered', toNullable(day), NULL), sequence) AS delivered_on,
  groupBitmapState(toUInt32(sequence)) AS events
FROM events
WHERE defect = '' AND shape IN ('order', 'order-lines')
GROUP BY order_id, region_id;

CREATE TABLE IF NOT EXISTS invoice_facts (
  invoice_id     UUID,
  region_id      UUID,
  number         SimpleAggregateFunction(max, String),
  order_id       SimpleAggregateFunction(max, UUID),
  distributor_id SimpleAggregateFunction(max, UUID),
  currency       SimpleAggregateFunction(max, String),
  invoiced_on    SimpleAggregateFunction(max, Date),
  due_on         SimpleAggregateFunction(max, Date),
  net            SimpleAggregateFunction(max, Decimal(18, 2)),
  tax            SimpleAggregateFunction(max, Decimal(18, 2)),
  gross          SimpleAggregateFunction(max, Decimal(18, 2)),
  settled_on     SimpleAggregateFunction(max, Nullable(Date)),
  events         AggregateFunction(groupBitmap, UInt32)
) ENGINE = AggregatingMergeTree
ORDER BY (region_id, invoice_id)
SETTINGS non_replicated_deduplication_window = 20000;

CREATE MATERIALIZED VIEW IF NOT EXISTS invoice_facts_view TO invoice_facts AS
SELECT
  subject_id AS invoice_id,
  d.regionId AS region_id,
  max(d.number) AS number,
  max(d.orderId) AS order_id,
  max(d.distributorId) AS distributor_id,
  max(d.currency) AS currency,
  max(d.invoicedOn) AS invoiced_on,
  max(d.dueOn) AS due_on,
  max(toDecimal64OrZero(d.net, 2)) AS net,
  max(toDecimal64OrZero(d.tax, 2)) AS tax,
  max(toDecimal64OrZero(d.gross, 2)) AS gross,
  max(d.settledOn) AS settled_on,
  groupBitmapState(toUInt32(sequence)) AS events
FROM events
WHERE defect = '' AND shape IN ('invoice', 'invoice-lines')
GROUP BY invoice_id, region_id;

-- What there are few of and is read whole: distributors, regions, products, people (by staff number), competitors, price
-- exceptions. `form` is the data of the latest event that says all of it; its fields are read when asked for, so that a
-- field added to a contract needs no change here. `state` is set by moves, `fact_times` has the latest time of each fact.
CREATE TABLE IF NOT EXISTS entity_facts (
  kind       LowCardinality(String) COMMENT 'service.aggregate',
  id         UUID,
  code       SimpleAggregateFunction(max, String),
  form       AggregateFunction(argMax, Nullable(String), UInt64),
  state      AggregateFunction(argMax, Nullable(String), UInt64),
  region_id  AggregateFunction(argMax, Nullable(UUID), UInt64),
  manager_id AggregateFunction(argMax, Nullable(UUID), UInt64),
  last_fact  AggregateFunction(argMax, String, UInt64),
  fact_times SimpleAggregateFunction(maxMap, Map(String, DateTime64(3, 'UTC'))),
  events     AggregateFunction(groupBitmap, UInt32)
) ENGINE = AggregatingMergeTree
ORDER BY (kind, id)
SETTINGS non_replicated_deduplication_window = 20000;

CREATE MATERIALIZED VIEW IF NOT EXISTS entity_facts_view TO entity_facts AS
SELECT
  toString(aggregate) AS kind,
  subject_id AS id,
  max(d.code) AS code,
  argMaxState(if(shape = 'entity-whole', data, NULL), sequence) AS form,
  argMaxState(nullIf(if(fact = 'recorded', d.state, d.meta.move.`to`), ''), sequence) AS state,
  argMaxState(nullIf(d.regionId, toUUIDOrZero('')), sequence) AS region_id,
  argMaxState(nullIf(d.managerId, toUUIDOrZero('')), sequence) AS manager_id,
  argMaxState(toString(fact), sequence) AS last_fact,
  maxMap(map(toString(fact), time)) AS fact_times,
  groupBitmapState(toUInt32(sequence)) AS events
FROM events
WHERE defect = '' AND shape IN ('entity', 'entity-whole')
GROUP BY kind, id;

-- What one source says one vendor sold: month x region x category x vendor.
CREATE TABLE IF NOT EXISTS market_observation_facts (
  observation_id UUID,
  month          Date COMMENT 'its first day',
  region_id      UUID,
  category       LowCardinality(String),
  vendor         LowCardinality(String) COMMENT 'code of a registered competitor, or other',
  vendor_name    String,
  value          Decimal(18, 2),
  volume         Nullable(Decimal(18, 3)),
  currency       LowCardinality(String),
  source         LowCardinality(String),
  confidence     Enum8('low' = 1, 'medium' = 2, 'high' = 3),
  import_id      String,
  recorded_at    DateTime64(3, 'UTC'),
  sequence       UInt64
) ENGINE = ReplacingMergeTree(sequence)
ORDER BY (month, region_id, category, vendor, observation_id)
SETTINGS non_replicated_deduplication_window = 20000;

CREATE MATERIALIZED VIEW IF NOT EXISTS market_observation_facts_view TO market_observation_facts AS
SELECT
  subject_id AS observation_id,
  toStartOfMonth(d.month) AS month,
  d.regionId AS region_id,
  d.category AS category, d.vendor AS vendor, d.vendorName AS vendor_name,
  toDecimal64OrZero(d.value, 2) AS value,
  toDecimal64OrNull(d.volume, 3) AS volume,
  d.currency AS currency, d.source AS source,
  CAST(transform(d.confidence, ['low', 'medium', 'high'], [1, 2, 3], 1), 'Enum8(\'low\' = 1, \'medium\' = 2, \'high\' = 3)') AS confidence,
  d.importId AS import_id,
  time AS recorded_at,
  sequence
FROM events
WHERE defect = '' AND shape = 'observation';
