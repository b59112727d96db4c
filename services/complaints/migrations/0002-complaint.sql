-- Quality complaints (C-01 to C-07, C-16), the departments' inquiries (C-03), returns asked of orders (O-07).

CREATE TABLE complaint (
  LIKE subject INCLUDING ALL,
  number           text NOT NULL UNIQUE,
  channel          text NOT NULL,
  severity         text NOT NULL CHECK (severity IN ('minor', 'medium', 'serious', 'grave')),
  criteria         jsonb NOT NULL DEFAULT '[]',
  received_at      timestamptz NOT NULL,
  received_on      date NOT NULL,                  -- the same in the business time zone
  handler          uuid,
  handler_role     text NOT NULL CHECK (handler_role IN ('sales-manager', 'deputy-general-manager-sales')),
  against          uuid,
  key_account      boolean NOT NULL DEFAULT false,
  distributor      uuid,
  distributor_code text,
  customer         text,                           -- sealed
  telephone        text,                           -- sealed
  receipt          text NOT NULL,
  order_number     text,
  shipment         uuid,
  shipment_line    int,
  product          uuid,
  product_code     text,
  family           text,
  product_name     text NOT NULL,
  specification    text NOT NULL,
  grade            text NOT NULL,
  colour_number    text NOT NULL,
  batch            text,
  quantity         numeric(14,3) NOT NULL CHECK (quantity > 0),
  purchased_on     date NOT NULL,
  mismatches       jsonb NOT NULL DEFAULT '[]',
  defect           text NOT NULL,
  description      text NOT NULL,
  wanted           text,
  areas            jsonb NOT NULL DEFAULT '[]',
  cause            text,
  finding          text,
  visit            jsonb,
  verdict          text CHECK (verdict IN ('justified', 'partly', 'not-justified')),
  judged_on        date,
  evidence         text,
  further_routes   text,
  proposed_remedy  text,
  proposed_cost    numeric(14,2),
  remedy           text,
  estimated_cost   numeric(14,2),
  actual_cost      numeric(14,2),
  repeat           int,
  limits           jsonb NOT NULL DEFAULT '{}',    -- business minutes of each stage, as its severity gave them
  used_seconds     int NOT NULL DEFAULT 0,
  resumed_at       timestamptz,
  waiting_in       text,
  question         text,
  waited_seconds   int NOT NULL DEFAULT 0,
  response_minutes   int,
  resolution_minutes int,
  informed_on      date,
  informed_by      text,
  follow_up_on     date,
  satisfied        boolean,
  score            int CHECK (score BETWEEN 1 AND 5),
  return_request   uuid,
  return_state     text,
  return_number    text,
  return_refusal   text,
  historic         boolean NOT NULL DEFAULT false
);
-- The list runs by the day of receipt; each index is one filter of it.
CREATE INDEX complaint_list ON complaint (received_on DESC, id DESC);
CREATE INDEX complaint_by_state ON complaint (state, received_on DESC, id DESC);
CREATE INDEX complaint_by_region ON complaint (region, received_on DESC, id DESC);
CREATE INDEX complaint_by_region_and_state ON complaint (region, state, received_on DESC, id DESC);
CREATE INDEX complaint_by_owner ON complaint (owner, received_on DESC, id DESC) WHERE owner IS NOT NULL;
CREATE INDEX complaint_by_maker ON complaint (created_by, received_on DESC, id DESC);
CREATE INDEX complaint_by_severity ON complaint (severity, received_on DESC, id DESC);
CREATE INDEX complaint_by_handler ON complaint (handler, received_on DESC, id DESC) WHERE handler IS NOT NULL;
CREATE INDEX complaint_by_distributor ON complaint (distributor, received_on DESC, id DESC) WHERE distributor IS NOT NULL;
CREATE INDEX complaint_by_product ON complaint (product_code, received_on DESC, id DESC);
CREATE INDEX complaint_by_defect ON complaint (defect, received_on DESC, id DESC);
CREATE INDEX complaint_by_batch ON complaint (batch, received_on DESC, id DESC) WHERE batch IS NOT NULL;
CREATE INDEX complaint_by_verdict ON complaint (verdict, received_on DESC, id DESC) WHERE verdict IS NOT NULL;
CREATE INDEX complaint_by_number ON complaint (number COLLATE "C" DESC, id DESC);
CREATE INDEX complaint_by_receipt ON complaint (receipt);
-- C-02: how much of a line is complained of
CREATE INDEX complaint_by_line ON complaint (shipment, shipment_line) WHERE shipment IS NOT NULL;
-- C-01: a delivery's damage opens a complaint once
CREATE UNIQUE INDEX complaint_of_delivery ON complaint (shipment, shipment_line) WHERE channel = 'delivery' AND NOT historic;
-- K-Q10: same product and defect
CREATE INDEX complaint_repeats ON complaint ((coalesce(product_code, product_name)), (lower(defect)), judged_on)
  WHERE verdict IN ('justified', 'partly');

CREATE TABLE inquiry (
  LIKE subject INCLUDING ALL,
  number            text NOT NULL UNIQUE,
  complaint         uuid NOT NULL REFERENCES complaint DEFERRABLE INITIALLY DEFERRED,
  complaint_number  text NOT NULL,
  severity          text NOT NULL,
  department        text NOT NULL,
  areas             jsonb NOT NULL,
  acknowledge_hours int NOT NULL,
  cause_days        int NOT NULL,
  notified_at       timestamptz NOT NULL,
  acknowledged_at   timestamptz,
  answered_at       timestamptz,
  at_fault          boolean,
  finding           text
);
CREATE INDEX inquiry_list ON inquiry (id DESC);
CREATE INDEX inquiry_by_state ON inquiry (state, id DESC);
CREATE INDEX inquiry_by_region ON inquiry (region, id DESC);
CREATE INDEX inquiry_by_complaint ON inquiry (complaint, id DESC);
CREATE INDEX inquiry_by_department ON inquiry (department, state, id DESC);
-- one open inquiry of a complaint and a department
CREATE UNIQUE INDEX inquiry_open ON inquiry (complaint, department) WHERE state IN ('notified', 'acknowledged');

CREATE TABLE return_request (
  LIKE subject INCLUDING ALL,
  complaint        uuid NOT NULL REFERENCES complaint DEFERRABLE INITIALLY DEFERRED,
  complaint_number text NOT NULL,
  shipment         uuid NOT NULL,
  lines            jsonb NOT NULL,
  remedy           text NOT NULL,
  cause            text NOT NULL,
  answer_hours     int NOT NULL,
  return_id        uuid,
  return_number    text,
  refusal          text
);
CREATE INDEX return_request_by_complaint ON return_request (complaint, id DESC);
CREATE INDEX return_request_by_state ON return_request (state, id DESC);
CREATE INDEX return_request_by_region ON return_request (region, id DESC);
CREATE INDEX return_request_by_return ON return_request (return_id) WHERE return_id IS NOT NULL;
