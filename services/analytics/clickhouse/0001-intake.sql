-- How events come in. The sink writes one block per batch into `ingest`; everything else follows from views. They never throw:
-- they use ...OrNull and ...OrZero functions only (JSONExtract may throw for decimals and times, so those come as text), and
-- an event that lacks what a fact needs goes to dead_letters. `ingest`, `records` and `events` keep nothing. Every table that
-- keeps something has a deduplication window, so that a batch sent again with its token changes nothing, and heals what a
-- kill in mid-insert had cut off.
--
-- Each insert pays for the analysis of every view anew, about 0.1 ms an expression, however few its rows: few views, few
-- expressions. Elements of a tuple are cheap as columns of a table and dear (1 ms) as results of an expression: hence `records`.

-- A record of the log as it is. `replayed` rows come from raw_events and are not kept there a second time.
CREATE TABLE IF NOT EXISTS ingest (
  topic       LowCardinality(String),
  partition   UInt16,
  offset      UInt64,
  headers     String,
  data        String,
  ingested_at DateTime64(3, 'UTC') DEFAULT now64(3),
  replayed    UInt8 DEFAULT 0
) ENGINE = Null;

-- The record read: `d` has every field of the contracts that some fact needs. Of a version 1 event of ours, `aggregate` is
-- service.aggregate and `fact` what happened; else both are empty. `shape` says which fields a fact will need.
CREATE TABLE IF NOT EXISTS records (
  topic       LowCardinality(String),
  partition   UInt16,
  offset      UInt64,
  ingested_at DateTime64(3, 'UTC'),
  replayed    UInt8,
  headers     String,
  data        String,
  id          String,
  type        LowCardinality(String),
  subject     String,
  sequence    UInt64,
  time        DateTime64(3, 'UTC'),
  day         Date,
  aggregate   LowCardinality(String),
  fact        LowCardinality(String),
  shape       LowCardinality(String),
  d Tuple(
    meta Tuple(actor String, actingFor String, role String, region UUID, rule String,
      move Tuple(procedure String, name String, `from` String, `to` String, enteredAt String, dueAt String)),
    code String, number String, state String, currency String, net String, tax String, gross String, amount String,
    regionId UUID, managerId UUID, distributorId UUID, distributorCode String, salespersonId UUID, orderId UUID,
    segment String, channel String, orderedOn Date, promisedOn Nullable(Date), shippedOn Nullable(Date), deliveredOn Nullable(Date),
    invoicedOn Date, dueOn Date, settledOn Nullable(Date), receivedOn Date,
    submitted Bool, straightThrough Nullable(Bool), onTime Nullable(Bool), hold String,
    month Date, category String, vendor String, vendorName String, value String, volume String, source String, confidence String,
    importId String, procedure String, move String, about UUID, startedAt String, dueAt String,
    reason String, error String, original Tuple(topic String, partition UInt16, offset UInt64),
    findings Array(Tuple(code String)),
    lines Array(Tuple(line UInt32, productId UUID, productCode String, family String, quantity String, listPrice String,
      unitPrice String, gift Bool, net String, tax String, gross String)))
) ENGINE = Null;

-- The event, checked: `defect` is empty when every fact can be had of it.
CREATE TABLE IF NOT EXISTS events (
  topic       LowCardinality(String),
  partition   UInt16,
  offset      UInt64,
  ingested_at DateTime64(3, 'UTC'),
  data        String,
  id          String,
  type        LowCardinality(String),
  subject     String,
  subject_id  UUID,
  sequence    UInt64,
  time        DateTime64(3, 'UTC'),
  day         Date,
  aggregate   LowCardinality(String),
  fact        LowCardinality(String),
  shape       LowCardinality(String),
  defect      LowCardinality(String),
  d Tuple(
    meta Tuple(actor String, actingFor String, role String, region UUID, rule String,
      move Tuple(procedure String, name String, `from` String, `to` String, enteredAt String, dueAt String)),
    code String, number String, state String, currency String, net String, tax String, gross String, amount String,
    regionId UUID, managerId UUID, distributorId UUID, distributorCode String, salespersonId UUID, orderId UUID,
    segment String, channel String, orderedOn Date, promisedOn Nullable(Date), shippedOn Nullable(Date), deliveredOn Nullable(Date),
    invoicedOn Date, dueOn Date, settledOn Nullable(Date), receivedOn Date,
    submitted Bool, straightThrough Nullable(Bool), onTime Nullable(Bool), hold String,
    month Date, category String, vendor String, vendorName String, value String, volume String, source String, confidence String,
    importId String, procedure String, move String, about UUID, startedAt String, dueAt String,
    reason String, error String, original Tuple(topic String, partition UInt16, offset UInt64),
    findings Array(Tuple(code String)),
    lines Array(Tuple(line UInt32, productId UUID, productCode String, family String, quantity String, listPrice String,
      unitPrice String, gift Bool, net String, tax String, gross String)))
) ENGINE = Null;

-- Every record of the log, byte for byte, for ever: what facts are rebuilt from.
-- Partitioned by the time of the event, not of the insert: a batch sent again must fall into the same partition.
CREATE TABLE IF NOT EXISTS raw_events (
  topic       LowCardinality(String),
  partition   UInt16,
  offset      UInt64,
  ingested_at DateTime64(3, 'UTC') CODEC(Delta, ZSTD),
  id          String CODEC(ZSTD),
  type        LowCardinality(String),
  subject     String CODEC(ZSTD),
  sequence    UInt64,
  time        DateTime64(3, 'UTC') CODEC(Delta, ZSTD),
  headers     String CODEC(ZSTD),
  data        String CODEC(ZSTD)
) ENGINE = MergeTree
PARTITION BY toYYYYMM(time)
ORDER BY (topic, partition, offset)
SETTINGS non_replicated_deduplication_window = 20000;

-- Messages set aside, by a service (its topic fenxiao.<service>.dead) or here (consumer `analytics`). topic, partition and
-- offset say where the message stands; the record that told us, with its bytes, is in raw_events at source_*.
CREATE TABLE IF NOT EXISTS dead_letters (
  consumer         LowCardinality(String),
  reason           LowCardinality(String),
  detail           String,
  topic            LowCardinality(String),
  partition        UInt16,
  offset           UInt64,
  type             LowCardinality(String),
  subject          String,
  time             DateTime64(3, 'UTC'),
  ingested_at      DateTime64(3, 'UTC'),
  source_topic     LowCardinality(String),
  source_partition UInt16,
  source_offset    UInt64
) ENGINE = MergeTree
ORDER BY (consumer, ingested_at)
SETTINGS non_replicated_deduplication_window = 20000;

-- How fresh each topic is, kept by every insert.
CREATE TABLE IF NOT EXISTS topic_freshness (
  topic          LowCardinality(String),
  partition      UInt16,
  last_event_at  SimpleAggregateFunction(max, DateTime64(3, 'UTC')),
  last_insert_at SimpleAggregateFunction(max, DateTime64(3, 'UTC')),
  last_offset    SimpleAggregateFunction(max, UInt64)
) ENGINE = AggregatingMergeTree
ORDER BY (topic, partition)
SETTINGS non_replicated_deduplication_window = 20000;

-- What the reconciliation found (K-X04, K-X05): one row per thing compared and run.
CREATE TABLE IF NOT EXISTS reconciliation (
  checked_at DateTime64(3, 'UTC'),
  check      LowCardinality(String),
  topic      LowCardinality(String),
  basis      LowCardinality(String),
  day        Nullable(Date),
  expected   Decimal(38, 2),
  actual     Decimal(38, 2),
  difference Decimal(38, 2) MATERIALIZED actual - expected,
  ok         UInt8 MATERIALIZED actual = expected
) ENGINE = MergeTree
ORDER BY (check, checked_at)
TTL toDateTime(checked_at) + INTERVAL 180 DAY
SETTINGS non_replicated_deduplication_window = 1000;

CREATE MATERIALIZED VIEW IF NOT EXISTS records_view TO records AS
WITH
  JSONExtract(headers, 'Tuple(id String, type String, subject String, sequence UInt64, time String)') AS h,
  parseDateTime64BestEffortOrNull(h.time, 3, 'UTC') AS at
SELECT topic, partition, offset, ingested_at, replayed, headers, data,
  h.id AS id,
  toLowCardinality(h.type) AS type,
  h.subject AS subject,
  h.sequence AS sequence,
  if(toYear(at) BETWEEN 2000 AND 2099, assumeNotNull(at), toDateTime64(0, 3, 'UTC')) AS time,
  toDate(time, '{time_zone}') AS day,
  extract(type, '^fenxiao\\.([a-z-]+\\.[a-z-]+)\\.[a-z-]+\\.v1$') AS aggregate,
  extract(type, '^fenxiao\\.[a-z-]+\\.[a-z-]+\\.([a-z-]+)\\.v1$') AS fact,
  multiIf(
    fact IN ('clock-warned', 'clock-breached'), 'clock',
    fact = 'refused' AND aggregate LIKE '%.move', 'refusal',
    transform(concat(aggregate, '.', fact),
      ['orders.order.submitted', 'orders.order.withdrawn', 'orders.order.cancelled', 'orders.order.recorded',
       'orders.order.created', 'orders.order.changed', 'orders.order.checked', 'orders.order.confirmed', 'orders.order.held',
       'orders.order.released', 'orders.order.allocated', 'orders.order.backordered', 'orders.order.partially-shipped',
       'orders.order.shipped', 'orders.order.partially-delivered', 'orders.order.delivered', 'orders.order.completed',
       'orders.shipment.dispatched', 'orders.shipment.recorded',
       'orders.invoice.issued', 'orders.invoice.recorded', 'orders.invoice.settled', 'orders.payment.received',
       'orders.price-exception.requested', 'orders.price-exception.approved', 'orders.price-exception.rejected',
       'orders.price-exception.expired', 'orders.price-exception.voided', 'orders.price-exception.used',
       'orders.product.created', 'orders.product.changed', 'orders.product.retired',
       'distributors.distributor.created', 'distributors.distributor.changed', 'distributors.distributor.recorded',
       'distributors.distributor.qualified', 'distributors.distributor.trial-started', 'distributors.distributor.activated',
       'distributors.distributor.suspended', 'distributors.distributor.terminated', 'distributors.distributor.region-assigned',
       'distributors.region.created', 'distributors.region.changed', 'distributors.region.owner-changed',
       'distributors.region.closed',
       'appraisals.person.registered', 'appraisals.person.changed', 'appraisals.person.left',
       'planning.competitor.registered', 'planning.competitor.chosen-as-us',
       'planning.market-observation.recorded'],
      ['order-lines', 'order-lines', 'order-lines', 'order-lines',
       'order', 'order', 'order', 'order', 'order',
       'order', 'order', 'order', 'order',
       'order', 'order', 'order', 'order',
       'shipment-lines', 'shipment-lines',
       'invoice-lines', 'invoice-lines', 'invoice', 'payment',
       'entity-whole', 'entity-whole', 'entity-whole',
       'entity-whole', 'entity-whole', 'entity-whole',
       'entity-whole', 'entity-whole', 'entity',
       'entity-whole', 'entity-whole', 'entity-whole',
       'entity', 'entity', 'entity',
       'entity', 'entity', 'entity',
       'entity-whole', 'entity-whole', 'entity',
       'entity',
       'entity-whole', 'entity-whole', 'entity',
       'entity-whole', 'entity-whole',
       'observation'], '')) AS shape,
  JSONExtract(data, 'Tuple(
    meta Tuple(actor String, actingFor String, role String, region UUID, rule String,
      move Tuple(procedure String, name String, `from` String, `to` String, enteredAt String, dueAt String)),
    code String, number String, state String, currency String, net String, tax String, gross String, amount String,
    regionId UUID, managerId UUID, distributorId UUID, distributorCode String, salespersonId UUID, orderId UUID,
    segment String, channel String, orderedOn Date, promisedOn Nullable(Date), shippedOn Nullable(Date), deliveredOn Nullable(Date),
    invoicedOn Date, dueOn Date, settledOn Nullable(Date), receivedOn Date,
    submitted Bool, straightThrough Nullable(Bool), onTime Nullable(Bool), hold String,
    month Date, category String, vendor String, vendorName String, value String, volume String, source String, confidence String,
    importId String, procedure String, move String, about UUID, startedAt String, dueAt String,
    reason String, error String, original Tuple(topic String, partition UInt16, offset UInt64),
    findings Array(Tuple(code String)),
    lines Array(Tuple(line UInt32, productId UUID, productCode String, family String, quantity String, listPrice String,
      unitPrice String, gift Bool, net String, tax String, gross String)))') AS d
FROM ingest;

CREATE MATERIALIZED VIEW IF NOT EXISTS raw_events_view TO raw_events AS
SELECT topic, partition, offset, ingested_at, id, type, subject, sequence, time, headers, data
FROM records WHERE replayed = 0;

-- Ids that are missing or malformed read as zero, dates as 1970-01-01 (0).
CREATE MATERIALIZED VIEW IF NOT EXISTS events_view TO events AS
WITH toUUIDOrZero('') AS nobody
SELECT topic, partition, offset, ingested_at, data, id, type, subject, toUUIDOrZero(subject) AS subject_id, sequence, time, day,
  aggregate, fact, shape,
  multiIf(
    JSONType(headers) != 'Object', 'malformed headers',
    JSONType(data) != 'Object', 'malformed data',
    id = '' OR type = '' OR subject = '', 'missing id, type or subject',
    toUnixTimestamp64Milli(time) = 0, 'missing time',
    aggregate = '', '',
    subject_id = nobody OR sequence = 0, 'missing subject or sequence',
    d.meta.actor = '' OR d.meta.role = '' OR d.meta.rule = '', 'missing meta',
    d.meta.move.procedure != '' AND (d.meta.move.name = '' OR d.meta.move.`to` = ''), 'missing meta.move',
    shape = '', '',
    shape IN ('order', 'order-lines', 'shipment-lines', 'invoice-lines', 'invoice', 'payment')
      AND (d.number = '' OR d.distributorId = nobody OR d.regionId = nobody OR d.currency = ''),
      'missing number, distributorId, regionId or currency',
    shape = 'order' AND NOT match(d.net, '^-?\\d{1,12}(\\.\\d{1,2})?$'), 'missing net',
    shape IN ('order-lines', 'shipment-lines', 'invoice-lines', 'invoice')
      AND NOT match(concat(d.net, ' ', d.tax, ' ', d.gross), '^-?\\d{1,12}(\\.\\d{1,2})? -?\\d{1,12}(\\.\\d{1,2})? -?\\d{1,12}(\\.\\d{1,2})?$'),
      'missing net, tax or gross',
    shape IN ('order-lines', 'shipment-lines', 'invoice-lines') AND (empty(d.lines) OR arrayExists(l -> l.productId = nobody
      OR NOT match(concatWithSeparator(' ', l.quantity, l.listPrice, l.unitPrice, l.net, l.tax, l.gross),
        '^\\d{1,11}(\\.\\d{1,3})? (\\d{1,10}(\\.\\d{1,4})?)? (\\d{1,10}(\\.\\d{1,4})?)? -?\\d{1,12}(\\.\\d{1,2})? -?\\d{1,12}(\\.\\d{1,2})? -?\\d{1,12}(\\.\\d{1,2})?$'),
      d.lines)), 'missing lines',
    shape = 'order-lines' AND (toUInt16(d.orderedOn) = 0 OR (fact = 'recorded' AND d.state = '')), 'missing orderedOn or state',
    shape = 'shipment-lines' AND (d.orderId = nobody OR ifNull(toUInt16(d.shippedOn), 0) = 0), 'missing orderId or shippedOn',
    shape IN ('invoice', 'invoice-lines') AND (d.orderId = nobody OR toUInt16(d.invoicedOn) = 0 OR toUInt16(d.dueOn) = 0),
      'missing orderId, invoicedOn or dueOn',
    shape = 'payment' AND (toUInt16(d.receivedOn) = 0 OR NOT match(d.amount, '^\\d{1,12}(\\.\\d{1,2})?$')), 'missing receivedOn or amount',
    shape = 'entity-whole' AND d.code = '' AND aggregate NOT IN ('appraisals.person', 'orders.price-exception'), 'missing code',
    shape = 'observation' AND (toUInt16(d.month) = 0 OR d.regionId = nobody OR d.category = '' OR d.vendor = '' OR d.currency = ''
      OR d.confidence NOT IN ('low', 'medium', 'high')
      OR NOT match(concat(d.value, ' ', d.volume), '^\\d{1,12}(\\.\\d{1,2})? (\\d{1,11}(\\.\\d{1,3})?)?$')),
      'missing month, regionId, category, vendor, value, currency or confidence',
    shape = 'clock' AND (d.procedure = '' OR d.move = '' OR d.dueAt = ''), 'missing procedure, move or dueAt',
    shape = 'refusal' AND (d.procedure = '' OR d.move = '' OR d.code = ''), 'missing procedure, move or code',
    '') AS defect,
  d
FROM records;

CREATE MATERIALIZED VIEW IF NOT EXISTS topic_freshness_view TO topic_freshness AS
SELECT topic, partition, max(time) AS last_event_at, max(ingested_at) AS last_insert_at, max(offset) AS last_offset
FROM raw_events GROUP BY topic, partition;

CREATE MATERIALIZED VIEW IF NOT EXISTS dead_letters_view TO dead_letters AS
SELECT
  if(defect = '', extract(e.topic, '^fenxiao\\.(.+)\\.dead$'), 'analytics') AS consumer,
  if(defect = '', d.reason, substringIndex(defect, ' ', 1)) AS reason,
  if(defect = '', d.error, substring(defect, position(defect, ' ') + 1)) AS detail,
  if(defect = '', d.original.topic, e.topic) AS topic,
  if(defect = '', d.original.partition, e.partition) AS partition,
  if(defect = '', d.original.offset, e.offset) AS offset,
  type, subject, time, ingested_at,
  e.topic AS source_topic, e.partition AS source_partition, e.offset AS source_offset
FROM events AS e WHERE defect != '' OR endsWith(e.topic, '.dead');
