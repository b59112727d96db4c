-- Quality and batches (O-41), returns (O-07), credit notes and consolidated invoices (O-50), proof of delivery (O-05).

CREATE TABLE batch (
  LIKE subject INCLUDING ALL,
  product      uuid NOT NULL REFERENCES product,
  product_code text NOT NULL,
  family       text NOT NULL,
  batch        text NOT NULL,
  grade        text NOT NULL,
  inspected    boolean NOT NULL,                   -- at least once
  UNIQUE (product, batch)
);
CREATE INDEX batch_by_state ON batch (state, id DESC);
CREATE INDEX batch_by_name ON batch (batch, id DESC);

-- blocked: its batch is held or has failed, so nothing of it is allocated or leaves
ALTER TABLE stock_item ADD COLUMN blocked boolean NOT NULL DEFAULT false;
CREATE INDEX stock_item_by_batch ON stock_item (product, batch);

-- Batches that were here before.
INSERT INTO batch (id, state, version, events, created_by, created_at, entered_at, approvals, product, product_code, family, batch, grade, inspected)
SELECT gen_random_uuid(), 'free', 1, 0, 'system', now(), now(), '[]', s.product, p.code, p.family, s.batch, min(s.grade), false
FROM stock_item s JOIN product p ON p.id = s.product GROUP BY s.product, p.code, p.family, s.batch;

CREATE TABLE inspection (
  LIKE subject INCLUDING ALL,
  number       text NOT NULL UNIQUE,
  batch_id     uuid NOT NULL REFERENCES batch DEFERRABLE INITIALLY DEFERRED,
  product      uuid NOT NULL REFERENCES product,
  product_code text NOT NULL,
  family       text NOT NULL,
  batch        text NOT NULL,
  standard_id  uuid NOT NULL,
  standard     text NOT NULL,
  inspected_on date NOT NULL,
  inspected    numeric(14,3) NOT NULL CHECK (inspected > 0),
  defective    numeric(14,3) NOT NULL CHECK (defective >= 0 AND defective <= inspected),
  results      jsonb NOT NULL,
  verdict      text NOT NULL,
  grade        text NOT NULL,
  grade_before text NOT NULL,
  first        boolean NOT NULL,
  note         text
);
CREATE INDEX inspection_by_batch ON inspection (product, batch, id DESC);
CREATE INDEX inspection_by_state ON inspection (state, id DESC);

-- O-05
ALTER TABLE shipment
  ADD COLUMN promised_on date,
  ADD COLUMN departed_at timestamptz,
  ADD COLUMN arrived_at timestamptz,
  ADD COLUMN signer text,
  ADD COLUMN proof jsonb,                          -- file and SHA-256 of the signed copy
  ADD COLUMN damaged jsonb NOT NULL DEFAULT '[]';
-- O-07: how much of a line has come back or is about to, and how much of it is credited
ALTER TABLE shipment_line
  ADD COLUMN returned numeric(14,3) NOT NULL DEFAULT 0,
  ADD COLUMN credited numeric(14,3) NOT NULL DEFAULT 0,
  ADD CHECK (returned >= 0 AND returned <= quantity),
  ADD CHECK (credited >= 0 AND credited <= quantity);
CREATE INDEX shipment_line_by_batch ON shipment_line (product, batch);
CREATE INDEX shipment_line_by_stock ON shipment_line (stock_item);

CREATE TABLE goods_return (
  LIKE subject INCLUDING ALL,
  number           text NOT NULL UNIQUE,
  shipment         uuid NOT NULL REFERENCES shipment,
  shipment_number  text NOT NULL,
  shipped_on       date NOT NULL,
  billed_shipment  uuid NOT NULL REFERENCES shipment, -- another one where what comes back had been a replacement
  order_id         uuid NOT NULL REFERENCES "order",
  order_number     text NOT NULL,
  distributor      uuid NOT NULL,
  distributor_code text NOT NULL,
  complaint        uuid,
  request          uuid UNIQUE,
  remedy           text NOT NULL,
  cause            text NOT NULL,
  warehouse        text,
  lines            jsonb NOT NULL,
  results          jsonb NOT NULL,
  credit_note      uuid,
  replacement      uuid REFERENCES "order" DEFERRABLE INITIALLY DEFERRED
);
CREATE INDEX goods_return_by_shipment ON goods_return (shipment, id DESC);
CREATE INDEX goods_return_by_state ON goods_return (state, id DESC);
CREATE INDEX goods_return_by_distributor ON goods_return (distributor, id DESC);
CREATE INDEX goods_return_by_region ON goods_return (region, id DESC);
CREATE INDEX goods_return_by_owner ON goods_return (owner, id DESC);
CREATE INDEX goods_return_by_complaint ON goods_return (complaint) WHERE complaint IS NOT NULL;
CREATE UNIQUE INDEX goods_return_by_replacement ON goods_return (replacement) WHERE replacement IS NOT NULL;

CREATE TABLE credit_note (
  LIKE subject INCLUDING ALL,
  number           text NOT NULL UNIQUE,
  return_id        uuid NOT NULL UNIQUE REFERENCES goods_return,
  invoice          uuid NOT NULL REFERENCES invoice,
  invoice_number   text NOT NULL,
  order_id         uuid NOT NULL REFERENCES "order",
  shipment         uuid NOT NULL REFERENCES shipment,
  distributor      uuid NOT NULL,
  distributor_code text NOT NULL,
  segment          text NOT NULL,
  channel          text NOT NULL,
  credited_on      date NOT NULL,
  net              numeric(14,2) NOT NULL,
  tax              numeric(14,2) NOT NULL,
  gross            numeric(14,2) NOT NULL CHECK (gross > 0),
  unapplied        numeric(14,2) NOT NULL CHECK (unapplied >= 0 AND unapplied <= gross),
  lines            jsonb NOT NULL
);
CREATE INDEX credit_note_unapplied ON credit_note (distributor) WHERE unapplied > 0;
CREATE INDEX credit_note_by_distributor ON credit_note (distributor, id DESC);
CREATE INDEX credit_note_by_state ON credit_note (state, id DESC);
CREATE INDEX credit_note_by_invoice ON credit_note (invoice);
CREATE INDEX credit_note_by_day ON credit_note (credited_on);
CREATE TABLE credit_match (
  credit_note uuid NOT NULL REFERENCES credit_note,
  invoice     uuid NOT NULL REFERENCES invoice,
  amount      numeric(14,2) NOT NULL CHECK (amount > 0),
  at          timestamptz NOT NULL,
  PRIMARY KEY (credit_note, invoice)
);
CREATE INDEX credit_match_by_invoice ON credit_match (invoice);

-- O-50: customers invoiced monthly, shipments that wait for it, and what a consolidated invoice bills.
CREATE TABLE monthly_invoicing (distributor uuid PRIMARY KEY);
CREATE TABLE awaiting_invoice (
  shipment    uuid PRIMARY KEY REFERENCES shipment,
  distributor uuid NOT NULL,
  shipped_on  date NOT NULL,
  gross       numeric(14,2) NOT NULL
);
CREATE INDEX awaiting_invoice_by_distributor ON awaiting_invoice (distributor);
CREATE TABLE invoice_shipment (
  shipment uuid PRIMARY KEY REFERENCES shipment,
  invoice  uuid NOT NULL REFERENCES invoice DEFERRABLE INITIALLY DEFERRED
);
CREATE INDEX invoice_shipment_by_invoice ON invoice_shipment (invoice);
-- of a consolidated invoice every shipment; order_id and shipment are those of the first
ALTER TABLE invoice ADD COLUMN shipments jsonb;
CREATE INDEX invoice_by_shipment ON invoice (shipment);
