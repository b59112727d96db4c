-- Large orders (O-03), reservations of drafts and promises (O-06, O-31), production requests (O-31), trials (O-32).

ALTER TABLE "order"
  ADD COLUMN large boolean NOT NULL DEFAULT false,  -- above a limit of O-03 when it was last looked at
  ADD COLUMN first_promised_on date,               -- the promise at confirmation, whatever came after
  ADD COLUMN draft_reserved_until timestamptz;
UPDATE "order" SET first_promised_on = promised_on WHERE submitted_at IS NOT NULL AND promised_on IS NOT NULL;
CREATE INDEX order_large ON "order" (id) WHERE large AND state IN ('on-hold', 'backordered', 'allocated', 'partially-shipped', 'partially-delivered');
-- those that wait for goods, in the order in which they get them
CREATE INDEX order_waiting ON "order" (promised_on, submitted_at, id) WHERE state IN ('backordered', 'partially-shipped', 'partially-delivered');

-- as computed last night; the history is in the events
CREATE TABLE large_order_limit (
  family      text PRIMARY KEY,
  computed_on date NOT NULL,
  quantity    numeric(14,3) NOT NULL CHECK (quantity > 0),
  value       numeric(14,2) NOT NULL CHECK (value >= 0),
  demands     int  NOT NULL
);
CREATE INDEX large_order_limit_by_hand ON form_document ((form->>'family')) WHERE procedure = 'large-order-limit';

CREATE TABLE production_request (
  LIKE subject INCLUDING ALL,
  number             text NOT NULL UNIQUE,
  order_id           uuid NOT NULL REFERENCES "order" DEFERRABLE INITIALLY DEFERRED,
  order_number       text NOT NULL,
  distributor        uuid NOT NULL,
  distributor_code   text NOT NULL,
  product            uuid NOT NULL REFERENCES product,
  product_code       text NOT NULL,
  family             text NOT NULL,
  quantity           numeric(14,3) NOT NULL CHECK (quantity > 0),
  need_date          date NOT NULL,
  shortage_at        timestamptz NOT NULL,
  scheduled_on       date,
  first_scheduled_on date,
  scheduled_quantity numeric(14,3) CHECK (scheduled_quantity >= quantity),
  finished_on        date,
  received           numeric(14,3),
  received_on        date,
  why                text                          -- why it was declined
);
CREATE INDEX production_request_by_order ON production_request (order_id, id);
CREATE INDEX production_request_by_state ON production_request (state, id DESC);
CREATE INDEX production_request_by_region ON production_request (region, id DESC);
CREATE INDEX production_request_by_owner ON production_request (owner, id DESC);
CREATE INDEX production_request_by_maker ON production_request (created_by, id DESC);
CREATE INDEX production_request_by_product ON production_request (product, id DESC);

CREATE INDEX trial_by_order ON form_document ((form->>'orderId')) WHERE procedure = 'trial';
CREATE INDEX opportunity_by_order ON form_document ((form->>'orderId')) WHERE procedure = 'opportunity';
