-- What the orders service tells beyond lines and amounts: promises moved, shipments, receivables, credit notes, and the cases
-- of its other procedures. Every view reads `events`; the facts of before are had by `replay`, which `migrate` runs.

ALTER TABLE order_facts
  ADD COLUMN IF NOT EXISTS on_first_promise AggregateFunction(argMax, Nullable(Bool), UInt64),
  ADD COLUMN IF NOT EXISTS short_lines SimpleAggregateFunction(max, UInt64);

-- Views that are there take more in: each further view costs every insert. What falls between dropping one and making it anew
-- is had by `replay`.

-- Of orders every fact; a promise is moved by `promise-changed`.
DROP VIEW IF EXISTS order_facts_view;

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
  argMaxState(if(fact = 'promise-changed', toDateOrNull(JSONExtractString(data, 'to')), d.promisedOn), sequence) AS promised_on,
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
  argMaxState(multiIf(fact = 'recorded', d.deliveredOn, fact = 'delivered', ifNull(d.deliveredOn, day), NULL), sequence) AS delivered_on,
  argMaxState(if(fact = 'delivered' AND JSONHas(data, 'onFirstPromise'), toNullable(JSONExtractBool(data, 'onFirstPromise')), NULL), sequence) AS on_first_promise,
  max(if(fact = 'backordered', length(d.lines), 0)) AS short_lines,
  groupBitmapState(toUInt32(sequence)) AS events
FROM events
WHERE defect = '' AND (shape IN ('order', 'order-lines') OR aggregate = 'orders.order' AND shape = '')
GROUP BY order_id, region_id;

ALTER TABLE invoice_facts ADD COLUMN IF NOT EXISTS written_off SimpleAggregateFunction(max, Decimal(18, 2));

DROP VIEW IF EXISTS invoice_facts_view;

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
  max(if(fact = 'written-off', toDecimal64OrZero(JSONExtractString(data, 'writtenOff'), 2), 0)) AS written_off,
  groupBitmapState(toUInt32(sequence)) AS events
FROM events
WHERE defect = '' AND (shape IN ('invoice', 'invoice-lines') OR aggregate = 'orders.invoice' AND shape = '')
GROUP BY invoice_id, region_id;

-- Products in use and phased out; a price exception whose signature is handed on is as undecided as before.
DROP VIEW IF EXISTS entity_facts_view;

CREATE MATERIALIZED VIEW IF NOT EXISTS entity_facts_view TO entity_facts AS
SELECT
  toString(aggregate) AS kind,
  subject_id AS id,
  max(d.code) AS code,
  argMaxState(if(shape = 'entity-whole', data, NULL), sequence) AS form,
  argMaxState(nullIf(if(fact = 'recorded', d.state, d.meta.move.`to`), ''), sequence) AS state,
  argMaxState(nullIf(d.regionId, toUUIDOrZero('')), sequence) AS region_id,
  argMaxState(nullIf(d.managerId, toUUIDOrZero('')), sequence) AS manager_id,
  argMaxState(toString(fact), if(fact = 'reassigned', 0, sequence)) AS last_fact,
  maxMap(map(toString(fact), time)) AS fact_times,
  groupBitmapState(toUInt32(sequence)) AS events
FROM events
WHERE defect = '' AND (shape IN ('entity', 'entity-whole') OR aggregate = 'orders.product' AND fact IN ('activated', 'phased-out')
  OR aggregate = 'orders.price-exception' AND fact = 'reassigned')
GROUP BY kind, id;

-- Lines that are taken back: of a credit note from what was shipped and from what was invoiced, on the day it was given
-- (K-S02); of an order closed short what is dropped, from what was ordered, on the day of the order (O-06).
DROP VIEW IF EXISTS sales_facts_view;

CREATE MATERIALIZED VIEW IF NOT EXISTS sales_facts_view TO sales_facts AS
WITH if(aggregate = 'orders.order' AND fact IN ('cancelled', 'withdrawn'), -1, 1) AS whole,
  aggregate = 'orders.order' AND fact = 'closed-short' AS dropped,
  aggregate = 'orders.credit-note' AND fact = 'issued' AS credited
SELECT
  CAST(l.1, 'Enum8(\'order\' = 1, \'ship\' = 2, \'invoice\' = 3, \'receipt\' = 4)') AS basis,
  multiIf(shape = 'order-lines' OR dropped, d.orderedOn, shape = 'shipment-lines', assumeNotNull(d.shippedOn), shape = 'payment', d.receivedOn,
    credited, ifNull(toDateOrNull(JSONExtractString(data, 'creditedOn')), day), d.invoicedOn) AS booked_on,
  day AS entered_on,
  if(shape = 'order-lines' OR dropped, subject_id, d.orderId) AS order_id,
  subject_id AS document_id,
  d.number AS document_number,
  l.3 AS line,
  d.distributorId AS distributor_id,
  d.distributorCode AS distributor_code,
  d.regionId AS region_id,
  d.salespersonId AS salesperson_id,
  d.segment AS segment,
  d.channel AS channel,
  l.4 AS product_id,
  l.5 AS product_code,
  l.6 AS family,
  l.2 * toDecimal64OrZero(l.7, 3) AS quantity,
  toDecimal64OrZero(l.8, 4) AS list_price,
  toDecimal64OrZero(l.9, 4) AS unit_price,
  l.10 AS gift,
  l.2 * toDecimal64OrZero(toString(round(toDecimal128OrZero(l.7, 3) * toDecimal128OrZero(l.8, 4), 2)), 2) AS list_value,
  l.2 * toDecimal64OrZero(l.11, 2) AS net,
  l.2 * toDecimal64OrZero(l.12, 2) AS tax,
  l.2 * toDecimal64OrZero(l.13, 2) AS gross,
  d.currency AS currency,
  time AS event_time,
  ingested_at, id AS event_id, type, topic, partition, offset
FROM events
ARRAY JOIN multiIf(
  shape = 'payment', [(4, 1, toUInt32(0), toUUIDOrZero(''), '', '', '0', '', '', false, d.amount, '0', d.amount)],
  shape IN ('order-lines', 'shipment-lines', 'invoice-lines'), arrayMap(l -> (transform(aggregate, ['orders.order', 'orders.shipment'], [1, 2], 3), whole,
    l.line, l.productId, l.productCode, l.family, l.quantity, l.listPrice, l.unitPrice, l.gift, l.net, l.tax, l.gross), d.lines),
  credited, arrayMap(x -> (x.1, -1, x.2.line, x.2.productId, x.2.productCode, x.2.family, x.2.quantity, '', '', false, x.2.net, x.2.tax, x.2.gross),
    arrayConcat(arrayMap(l -> (2, l), d.lines), arrayMap(l -> (3, l), d.lines))),
  dropped, arrayMap(l -> (1, -1, l.1, l.2, l.3, l.4, l.5, l.6, '', false, l.7, l.8, l.9),
    JSONExtract(data, 'lines', 'Array(Tuple(line UInt32, productId UUID, productCode String, family String, dropped String, listPrice String,
      droppedNet String, droppedTax String, droppedGross String))')),
  []) AS l
WHERE defect = '' AND multiIf(fact = 'cancelled', d.submitted,
    fact = 'recorded' AND shape = 'order-lines', d.state NOT IN ('draft', 'cancelled'), NOT dropped OR toDecimal64OrZero(l.7, 3) > 0);

-- A line is counted when it is booked and taken off when it is taken back; what is dropped or credited of it leaves it a line.
DROP VIEW IF EXISTS sales_by_day_view;

CREATE MATERIALIZED VIEW IF NOT EXISTS sales_by_day_view TO sales_by_day AS
SELECT
  booked_on, basis, region_id, family, segment, channel, currency,
  sum(multiIf(type IN ('fenxiao.orders.order.cancelled.v1', 'fenxiao.orders.order.withdrawn.v1'), -1,
    type IN ('fenxiao.orders.order.closed-short.v1', 'fenxiao.orders.credit-note.issued.v1'), 0, 1)) AS lines,
  sum(quantity) AS quantity, sum(list_value) AS list_value, sum(net) AS net, sum(tax) AS tax, sum(gross) AS gross,
  uniqCombined64State(order_id) AS order_ids, uniqCombined64State(distributor_id) AS distributor_ids
FROM sales_facts
GROUP BY booked_on, basis, region_id, family, segment, channel, currency;

-- `lines` is what a row counts, as in sales_by_day.
CREATE OR REPLACE VIEW sales AS
SELECT basis, booked_on, entered_on, order_id, document_id, document_number, line, distributor_id, distributor_code, region_id,
  salesperson_id, segment, channel, product_id, product_code, family, quantity, list_price, unit_price, gift, list_value, net, tax,
  gross, currency, event_time, ingested_at,
  multiIf(type IN ('fenxiao.orders.order.cancelled.v1', 'fenxiao.orders.order.withdrawn.v1'), -1,
    type IN ('fenxiao.orders.order.closed-short.v1', 'fenxiao.orders.credit-note.issued.v1'), 0, 1) AS lines
FROM sales_facts;

CREATE OR REPLACE VIEW analyst.sales DEFINER = CURRENT_USER SQL SECURITY DEFINER AS SELECT * FROM fenxiao.sales;

-- What each invoice is owed, as a journal: issued +, paid, credited and given up −. `credit-note` rows say what a credit note
-- took from sales whatever it was set against, and are no part of what is owed.
CREATE TABLE IF NOT EXISTS receivable_entries (
  kind           Enum8('invoice' = 1, 'receipt' = 2, 'credit' = 3, 'write-off' = 4, 'credit-note' = 5),
  booked_on      Date,
  invoice_id     UUID,
  distributor_id UUID,
  region_id      UUID,
  currency       LowCardinality(String),
  amount         Decimal(18, 2) COMMENT 'gross; what it adds to what is owed',
  due_on         Nullable(Date) COMMENT 'of the invoice, on its own row',
  on_credit      UInt8 COMMENT 'of the invoice, on its own row: issued on credit; where the event does not say so, due after its day',
  ingested_at    DateTime64(3, 'UTC'),
  event_time     DateTime64(3, 'UTC'),
  topic          LowCardinality(String),
  partition      UInt16,
  offset         UInt64
) ENGINE = MergeTree
PARTITION BY toYear(booked_on)
ORDER BY (invoice_id, booked_on)
SETTINGS non_replicated_deduplication_window = 20000;

-- What is applied counts from the day the money or the credit note came; entries lie in the region of their invoice.
CREATE MATERIALIZED VIEW IF NOT EXISTS receivable_entries_view TO receivable_entries AS
WITH concat(aggregate, '.', fact) AS what
SELECT
  CAST(e.1, 'Enum8(\'invoice\' = 1, \'receipt\' = 2, \'credit\' = 3, \'write-off\' = 4, \'credit-note\' = 5)') AS kind,
  multiIf(e.5 != toDate(0), e.5, day) AS booked_on,
  e.2 AS invoice_id,
  d.distributorId AS distributor_id,
  multiIf(e.4 != toUUIDOrZero(''), e.4, d.regionId != toUUIDOrZero(''), d.regionId, d.meta.region) AS region_id,
  d.currency AS currency,
  if(e.1 = 1, 1, -1) * toDecimal64OrZero(e.3, 2) AS amount,
  if(e.1 = 1, toNullable(d.dueOn), NULL) AS due_on,
  e.1 = 1 AND if(JSONHas(data, 'onCredit'), JSONExtractBool(data, 'onCredit'), d.dueOn > d.invoicedOn) AS on_credit,
  ingested_at, time AS event_time, topic, partition, offset
FROM events
ARRAY JOIN multiIf(
  what IN ('orders.invoice.issued', 'orders.invoice.recorded'), [(1, subject_id, d.gross, toUUIDOrZero(''), d.invoicedOn)],
  what = 'orders.payment.received',
    arrayMap(m -> (2, m.1, m.2, m.3, d.receivedOn), JSONExtract(data, 'matched', 'Array(Tuple(invoiceId UUID, amount String, regionId UUID))')),
  what = 'orders.payment.applied', [(2, toUUIDOrZero(JSONExtractString(data, 'invoiceId')), d.amount, toUUIDOrZero(''), d.receivedOn)],
  what = 'orders.write-off.approved', [(4, toUUIDOrZero(JSONExtractString(data, 'invoiceId')), d.amount, toUUIDOrZero(''), JSONExtract(data, 'writtenOffOn', 'Date'))],
  what = 'orders.credit-note.issued', arrayMap(m -> (m.4, m.1, m.2, m.3, JSONExtract(data, 'creditedOn', 'Date')), arrayPushBack(
    arrayMap(m -> (m.1, m.2, m.3, 3), JSONExtract(data, 'matched', 'Array(Tuple(invoiceId UUID, amount String, regionId UUID))')),
    (toUUIDOrZero(JSONExtractString(data, 'invoiceId')), d.gross, toUUIDOrZero(''), 5))),
  what = 'orders.credit-note.applied', [(3, toUUIDOrZero(JSONExtractString(data, 'toInvoiceId')), d.amount,
    toUUIDOrZero(JSONExtractString(data, 'toRegionId')), JSONExtract(data, 'creditedOn', 'Date'))],
  []) AS e
WHERE defect = '';

-- O-04, O-05: shipping orders from issue to proof of delivery.
CREATE TABLE IF NOT EXISTS shipment_facts (
  shipment_id    UUID,
  region_id      UUID,
  number         SimpleAggregateFunction(max, String),
  order_id       SimpleAggregateFunction(max, UUID),
  distributor_id SimpleAggregateFunction(max, UUID),
  currency       SimpleAggregateFunction(max, String),
  carrier        SimpleAggregateFunction(max, String),
  shipped_on     SimpleAggregateFunction(max, Nullable(Date)),
  delivered_on   SimpleAggregateFunction(max, Nullable(Date)),
  net            SimpleAggregateFunction(max, Decimal(18, 2)),
  freight        SimpleAggregateFunction(max, Decimal(18, 2)),
  on_time        SimpleAggregateFunction(max, Nullable(Bool)),
  damaged        SimpleAggregateFunction(max, UInt8),
  fact_times     SimpleAggregateFunction(maxMap, Map(String, DateTime64(3, 'UTC'))),
  events         AggregateFunction(groupBitmap, UInt32)
) ENGINE = AggregatingMergeTree
ORDER BY (region_id, shipment_id)
SETTINGS non_replicated_deduplication_window = 20000;

CREATE MATERIALIZED VIEW IF NOT EXISTS shipment_facts_view TO shipment_facts AS
SELECT
  subject_id AS shipment_id,
  d.regionId AS region_id,
  max(d.number) AS number,
  max(d.orderId) AS order_id,
  max(d.distributorId) AS distributor_id,
  max(d.currency) AS currency,
  max(JSONExtractString(data, 'carrier')) AS carrier,
  max(d.shippedOn) AS shipped_on,
  max(d.deliveredOn) AS delivered_on,
  max(toDecimal64OrZero(d.net, 2)) AS net,
  max(toDecimal64OrZero(JSONExtractString(data, 'freight'), 2)) AS freight,
  max(d.onTime) AS on_time,
  max(fact = 'received' AND (JSONExtractString(data, 'damage') != '' OR JSONLength(data, 'damaged') > 0)) AS damaged,
  maxMap(map(toString(fact), time)) AS fact_times,
  groupBitmapState(toUInt32(sequence)) AS events
FROM events
WHERE defect = '' AND aggregate = 'orders.shipment'
GROUP BY shipment_id, region_id;

-- What each case of a procedure came to: `first_form` and `form` are the data of its first and of its latest fact; their fields
-- are read when asked for. Stock items are here too, as they stand.
CREATE TABLE IF NOT EXISTS subject_facts (
  kind             LowCardinality(String) COMMENT 'aggregate of the orders service',
  region_id        UUID COMMENT 'zero: none',
  id               UUID,
  number           SimpleAggregateFunction(max, String),
  distributor_code SimpleAggregateFunction(max, String) COMMENT 'empty: about no customer',
  first_form       AggregateFunction(argMin, String, UInt64),
  form             AggregateFunction(argMax, String, UInt64),
  state            AggregateFunction(argMax, Nullable(String), UInt64),
  last_fact        AggregateFunction(argMax, String, UInt64),
  fact_times       SimpleAggregateFunction(maxMap, Map(String, DateTime64(3, 'UTC'))),
  events           AggregateFunction(groupBitmap, UInt32)
) ENGINE = AggregatingMergeTree
ORDER BY (kind, region_id, id)
SETTINGS non_replicated_deduplication_window = 20000;

CREATE MATERIALIZED VIEW IF NOT EXISTS subject_facts_view TO subject_facts AS
SELECT
  substring(aggregate, 8) AS kind,
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
WHERE defect = '' AND shape = '' AND startsWith(aggregate, 'orders.')
  AND aggregate NOT IN ('orders.order', 'orders.shipment', 'orders.invoice', 'orders.payment', 'orders.product', 'orders.price-exception',
    'orders.move', 'orders.sample-stock', 'orders.document', 'orders.notice')
GROUP BY kind, region_id, id;

CREATE OR REPLACE VIEW subjects AS
SELECT s.kind AS kind, s.id AS id, any(s.region_id) AS region_id, max(s.number) AS number, max(s.distributor_code) AS distributor_code,
  argMinMerge(s.first_form) AS first_form, argMaxMerge(s.form) AS form, ifNull(argMaxMerge(s.state), '') AS state,
  argMaxMerge(s.last_fact) AS last_fact, maxMap(s.fact_times) AS times, arrayMin(mapValues(times)) AS begun_at
FROM subject_facts AS s
GROUP BY kind, id;

-- The lines of price exceptions: product, value at list price, deviation from it in percent (after all discounts).
CREATE OR REPLACE VIEW exception_lines AS
SELECT exception_id, region_id, state,
  arrayMap(l -> (l.1, toFloat64OrZero(l.2) * toFloat64OrZero(l.3), toFloat64OrZero(l.4)),
    JSONExtract(form, 'lines', 'Array(Tuple(productId UUID, quantity String, listPrice String, deviation String))')) AS lines
FROM (
  SELECT e.id AS exception_id, ifNull(argMaxMerge(e.form), '') AS form, argMaxMerge(e.last_fact) AS state,
    ifNull(argMaxMerge(e.region_id), toUUIDOrZero(JSONExtractString(form, 'meta', 'region'))) AS region_id
  FROM entity_facts AS e
  WHERE e.kind = 'orders.price-exception'
  GROUP BY exception_id
);

-- Stock as it stands, by product, warehouse and batch.
CREATE OR REPLACE VIEW stock_items AS
WITH JSONExtract(form, 'Tuple(productCode String, warehouse String, batch String, onHand String, reserved String)') AS f
SELECT id AS stock_id, f.1 AS product_code, f.2 AS warehouse, f.3 AS batch, toDecimal64OrZero(f.4, 3) AS on_hand,
  toDecimal64OrZero(f.5, 3) AS reserved, on_hand - reserved AS free
FROM (SELECT s.id AS id, argMaxMerge(s.form) AS form FROM subject_facts AS s WHERE s.kind = 'stock' GROUP BY id);

CREATE OR REPLACE VIEW shipments AS
SELECT
  shipment_id, any(s.region_id) AS region_id, max(s.number) AS number, max(s.order_id) AS order_id, max(s.distributor_id) AS distributor_id,
  max(s.currency) AS currency, max(s.carrier) AS carrier, max(s.shipped_on) AS shipped_on, max(s.delivered_on) AS delivered_on,
  max(s.net) AS net, max(s.freight) AS freight, max(s.on_time) AS on_time, max(s.damaged) AS damaged, maxMap(s.fact_times) AS times,
  if(mapContains(times, 'issued'), times['issued'], NULL) AS issued_at,
  mapContains(times, 'voided') AS voided,
  mapContains(times, 'received') AS received
FROM shipment_facts AS s
GROUP BY shipment_id;

CREATE OR REPLACE VIEW receivables AS
SELECT kind, booked_on, invoice_id, distributor_id, region_id, currency, amount, due_on, on_credit FROM receivable_entries;

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
  max(i.settled_on) AS settled_on,
  max(i.written_off) AS written_off
FROM invoice_facts AS i
GROUP BY invoice_id;

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
  max(o.short_lines) AS short_lines,
  argMaxMerge(o.straight_through) AS straight_through,
  argMaxMerge(o.on_time) AS on_time,
  if(mapContains(times, 'recorded'), on_time, argMaxMerge(o.on_first_promise)) AS on_first_promise,
  arraySort(groupUniqArrayArray(o.holds)) AS holds,
  max(o.findings) AS findings,
  maxMap(o.fact_times) AS times,
  mapContains(times, 'backordered') AS backordered,
  mapContains(times, 'partially-shipped') AS part_shipped,
  mapContains(times, 'closed-short') AS closed_short,
  mapContains(times, 'recorded') AS historic,
  if(mapContains(times, 'submitted'), times['submitted'], NULL) AS submitted_at,
  if(mapContains(times, 'confirmed'), times['confirmed'], NULL) AS confirmed_at,
  if(mapContains(times, 'backordered'), times['backordered'], NULL) AS backordered_at,
  if(mapContains(times, 'shipped'), times['shipped'], NULL) AS shipped_at,
  if(mapContains(times, 'delivered'), times['delivered'], NULL) AS delivered_at,
  if(mapContains(times, 'completed'), times['completed'], NULL) AS completed_at,
  if(mapContains(times, 'cancelled'), times['cancelled'], NULL) AS cancelled_at,
  argMaxMerge(o.shipped_on) AS shipped_on,
  argMaxMerge(o.delivered_on) AS delivered_on
FROM order_facts AS o
GROUP BY order_id;

-- Orders of a day and region: numbers to be summed, then divided (K-O01 to K-O03, K-O09, K-O10, K-O16). Drafts are not counted.
-- Due: promised at confirmation, and delivered or the day gone by. In full: nothing was left out for good, however many shipments it took.
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
  countIf(has(o.holds, 'price')) AS held_price,
  countIf(has(o.holds, 'credit')) AS held_credit,
  countIf(has(o.holds, 'stock')) AS held_stock,
  countIf(has(o.holds, 'trial')) AS held_trial,
  countIf(o.backordered) AS backordered,
  ifNull(sum(o.lines), 0) AS lines,
  sum(o.short_lines) AS short_lines,
  countIf(o.delivered_on IS NOT NULL) AS delivered,
  countIf(o.on_time) AS on_time,
  countIf(o.on_first_promise) AS on_first_promise,
  countIf(o.delivered_on IS NOT NULL AND o.promised_on IS NOT NULL AND NOT o.closed_short) AS in_full,
  countIf(o.on_time AND NOT o.closed_short) AS on_time_in_full,
  countIf(o.first_promised_on IS NOT NULL AND o.state != 'cancelled' AND (o.delivered_on IS NOT NULL OR o.promised_on < toDate(now(), '{time_zone}'))) AS due,
  countIf(o.first_promised_on IS NOT NULL) AS promised,
  ifNull(sum(greatest(0, dateDiff('day', o.first_promised_on, o.promised_on))), 0) AS slip_days,
  ifNull(sum(dateDiff('second', o.submitted_at, o.delivered_at)), 0) AS cycle_seconds,
  countIf(o.submitted_at IS NOT NULL AND o.delivered_at IS NOT NULL) AS cycles,
  uniqCombined64State(o.distributor_id) AS distributor_ids
FROM orders AS o
WHERE o.ordered_on IS NOT NULL AND o.state NOT IN ('draft', 'reserved')
GROUP BY ordered_on, region_id, currency;

-- What was owed month by month, and what changed it: invoiced on credit less credit notes on
-- such invoices, received, credited, given up. All gross, invoices on credit only (K-C01 to K-C08).
CREATE OR REPLACE VIEW receivables_by_month AS
SELECT
  toStartOfMonth(e.booked_on) AS month, e.region_id AS region_id, e.currency AS currency,
  sumIf(e.amount, e.kind IN ('invoice', 'credit-note')) AS credit_sales,
  -sumIf(e.amount, e.kind = 'receipt') AS received,
  -sumIf(e.amount, e.kind = 'credit') AS credited,
  -sumIf(e.amount, e.kind = 'write-off') AS written_off,
  sumIf(e.amount, e.kind != 'credit-note') AS change,
  count() AS entries,
  uniqCombined64State(e.distributor_id) AS distributor_ids
FROM receivable_entries AS e
WHERE e.invoice_id IN (SELECT invoice_id FROM receivable_entries WHERE on_credit)
GROUP BY month, region_id, currency;

-- Cases by the month they began in, and how far they are.
CREATE OR REPLACE VIEW subjects_by_month AS
SELECT toStartOfMonth(toDate(s.begun_at, '{time_zone}')) AS month, s.kind AS kind, s.region_id AS region_id, s.state AS state,
  s.last_fact AS last_fact, count() AS subjects, uniqCombined64StateIf(s.distributor_code, s.distributor_code != '') AS distributors,
  countIf(s.kind IN ('stock', 'batch', 'inspection', 'quality-standard', 'goods-receipt', 'stocktake', 'warehouse', 'idea', 'design-proposal',
    'production-plan', 'production-summary', 'large-order-limit', 'large-order-limits', 'price-list', 'price-bands', 'price-cut', 'packaging',
    'daily-report', 'monthly-report', 'reconciliation', 'sample-receipt')) AS internal
FROM subjects AS s
GROUP BY month, kind, region_id, state, last_fact;

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
  sum(s.confirmed) AS confirmed, sum(s.held) AS held, sum(s.held_price) AS held_price, sum(s.held_credit) AS held_credit,
  sum(s.held_stock) AS held_stock, sum(s.held_trial) AS held_trial, sum(s.backordered) AS backordered, sum(s.lines) AS lines,
  sum(s.short_lines) AS short_lines, sum(s.delivered) AS delivered, sum(s.on_time) AS on_time, sum(s.on_first_promise) AS on_first_promise,
  sum(s.in_full) AS in_full, sum(s.on_time_in_full) AS on_time_in_full, sum(s.due) AS due, sum(s.promised) AS promised,
  sum(s.slip_days) AS slip_days, sum(s.cycle_seconds) AS cycle_seconds, sum(s.cycles) AS cycles
FROM shown AS s
GROUP BY ordered_on, region_id, currency;

CREATE OR REPLACE VIEW dashboards.receivables_by_month DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
WITH
  step1 AS (SELECT e.*, e.month AS m, toStartOfYear(m) AS year, e.region_id AS r, e.currency AS u, e.distributor_ids AS who,
      finalizeAggregation(who) AS n1 FROM fenxiao.receivables_by_month AS e),
  step2 AS (SELECT *, uniqCombined64MergeIf(who, n1 < 5) OVER (PARTITION BY m, u) AS n2 FROM step1),
  step3 AS (SELECT *, uniqCombined64MergeIf(who, greatest(n1, n2) < 5) OVER (PARTITION BY year, u) AS n3 FROM step2),
  shown AS (SELECT *, multiIf(n1 >= 5, 1, n2 >= 5, 2, n3 >= 5, 3, 0) AS step FROM step3 WHERE step > 0)
SELECT if(step <= 2, m, year) AS month, if(step = 1, r, toUUIDOrZero('')) AS region_id, u AS currency, sum(s.credit_sales) AS credit_sales,
  sum(s.received) AS received, sum(s.credited) AS credited, sum(s.written_off) AS written_off, sum(s.change) AS change, sum(s.entries) AS entries
FROM shown AS s
GROUP BY month, region_id, currency;

-- Kinds that are about no customer are shown as they are; the rest where five customers stand behind it.
CREATE OR REPLACE VIEW dashboards.subjects_by_month DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
WITH
  step1 AS (SELECT s.month AS m, toStartOfYear(m) AS year, s.kind AS k, s.region_id AS r, s.state AS st, s.last_fact AS f, s.subjects AS v,
      s.distributors AS who, if(s.internal = s.subjects, 5, finalizeAggregation(who)) AS n1 FROM fenxiao.subjects_by_month AS s),
  step2 AS (SELECT *, uniqCombined64MergeIf(who, n1 < 5) OVER (PARTITION BY m, k, st, f) AS n2 FROM step1),
  step3 AS (SELECT *, uniqCombined64MergeIf(who, greatest(n1, n2) < 5) OVER (PARTITION BY year, k, st, f) AS n3 FROM step2),
  step4 AS (SELECT *, uniqCombined64MergeIf(who, greatest(n1, n2, n3) < 5) OVER (PARTITION BY year, k) AS n4 FROM step3),
  shown AS (SELECT *, multiIf(n1 >= 5, 1, n2 >= 5, 2, n3 >= 5, 3, n4 >= 5, 4, 0) AS step FROM step4 WHERE step > 0)
SELECT if(step <= 2, m, year) AS month, toString(k) AS kind, if(step = 1, r, toUUIDOrZero('')) AS region_id,
  if(step <= 3, st, '') AS state, if(step <= 3, f, '') AS last_fact, sum(v) AS subjects
FROM shown
GROUP BY month, kind, region_id, state, last_fact;

CREATE OR REPLACE VIEW dashboards.stock_items DEFINER = CURRENT_USER SQL SECURITY DEFINER AS SELECT * FROM fenxiao.stock_items;

CREATE OR REPLACE VIEW analyst.exception_lines DEFINER = CURRENT_USER SQL SECURITY DEFINER AS SELECT * FROM fenxiao.exception_lines;
CREATE OR REPLACE VIEW analyst.stock_items DEFINER = CURRENT_USER SQL SECURITY DEFINER AS SELECT * FROM fenxiao.stock_items;
CREATE OR REPLACE VIEW analyst.orders DEFINER = CURRENT_USER SQL SECURITY DEFINER AS SELECT * FROM fenxiao.orders;
CREATE OR REPLACE VIEW analyst.orders_by_day DEFINER = CURRENT_USER SQL SECURITY DEFINER AS SELECT * FROM fenxiao.orders_by_day;
CREATE OR REPLACE VIEW analyst.invoices DEFINER = CURRENT_USER SQL SECURITY DEFINER AS SELECT * FROM fenxiao.invoices;
CREATE OR REPLACE VIEW analyst.shipments DEFINER = CURRENT_USER SQL SECURITY DEFINER AS SELECT * FROM fenxiao.shipments;
CREATE OR REPLACE VIEW analyst.receivables DEFINER = CURRENT_USER SQL SECURITY DEFINER AS SELECT * FROM fenxiao.receivables;
CREATE OR REPLACE VIEW analyst.receivables_by_month DEFINER = CURRENT_USER SQL SECURITY DEFINER AS SELECT * FROM fenxiao.receivables_by_month;
CREATE OR REPLACE VIEW analyst.subjects DEFINER = CURRENT_USER SQL SECURITY DEFINER AS SELECT * FROM fenxiao.subjects;
CREATE OR REPLACE VIEW analyst.subjects_by_month DEFINER = CURRENT_USER SQL SECURITY DEFINER AS SELECT * FROM fenxiao.subjects_by_month;

-- The last migration whose views have read all messages of before: `migrate` replays where it is not the last one applied.
CREATE TABLE IF NOT EXISTS replayed (
  name String,
  at   DateTime DEFAULT now()
) ENGINE = MergeTree
ORDER BY name
SETTINGS non_replicated_deduplication_window = 1000;
