-- Products, prices, stock, orders, shipping orders, invoices, receipts. Subjects of procedures have the kit's columns first.

CREATE TABLE product (
  LIKE subject INCLUDING ALL,
  code          text NOT NULL UNIQUE,
  name          text NOT NULL,
  specification text NOT NULL,
  grade         text NOT NULL,
  colour_number text NOT NULL,
  family        text NOT NULL,
  sales_unit    text NOT NULL,
  packaging     text,
  launched_on   date
);
CREATE INDEX product_by_family ON product (family, id DESC);

-- O-51: by product and date. O-52: confidential, by product and date.
CREATE TABLE tax_rate (product uuid NOT NULL REFERENCES product, valid_from date NOT NULL, rate numeric(13,6) NOT NULL CHECK (rate >= 0), PRIMARY KEY (product, valid_from));
CREATE TABLE standard_cost (product uuid NOT NULL REFERENCES product, valid_from date NOT NULL, cost numeric(14,4) NOT NULL CHECK (cost >= 0), PRIMARY KEY (product, valid_from));

CREATE TABLE price_list (
  LIKE subject INCLUDING ALL,
  code           text NOT NULL,
  version_number int  NOT NULL,
  tax_included   boolean NOT NULL,
  valid_from     date NOT NULL,
  line_count     int  NOT NULL,
  UNIQUE (code, version_number)
);
CREATE TABLE price_list_line (
  price_list uuid NOT NULL REFERENCES price_list,
  product    uuid NOT NULL REFERENCES product,
  price      numeric(14,4) NOT NULL CHECK (price >= 0),
  PRIMARY KEY (price_list, product)
);
CREATE INDEX price_list_line_by_product ON price_list_line (product);

CREATE TABLE stock_item (
  LIKE subject INCLUDING ALL,
  product     uuid NOT NULL REFERENCES product,
  warehouse   text NOT NULL,
  batch       text NOT NULL,
  grade       text NOT NULL,
  received_on date NOT NULL,
  on_hand     numeric(14,3) NOT NULL CHECK (on_hand >= 0),
  reserved    numeric(14,3) NOT NULL CHECK (reserved >= 0 AND reserved <= on_hand),
  UNIQUE (product, warehouse, batch)
);

-- Order numbers may have gaps, and so need no lock; shipping orders and invoices may not (number_series).
CREATE SEQUENCE order_number;

CREATE TABLE "order" (
  LIKE subject INCLUDING ALL,
  number          text NOT NULL UNIQUE,
  distributor     uuid NOT NULL,
  distributor_code text NOT NULL,                  -- as it was called then
  segment         text NOT NULL,
  channel         text NOT NULL,
  ordered_on      date NOT NULL,
  promised_on     date,
  reference       text,
  partial_allowed boolean NOT NULL,
  net             numeric(14,2) NOT NULL,
  tax             numeric(14,2) NOT NULL,
  gross           numeric(14,2) NOT NULL,
  unshipped       numeric(14,2) NOT NULL,          -- gross of what is not shipped yet: part of the exposure once confirmed
  holds           text[] NOT NULL,
  held_once       boolean NOT NULL,                -- not straight-through (K-O09)
  credit_released_until timestamptz,
  price_cleared   text,                            -- band or exception that covers the prices
  submitted_at    timestamptz,
  historic        boolean NOT NULL,
  findings        jsonb NOT NULL
);
CREATE INDEX order_list ON "order" (id DESC);
CREATE INDEX order_by_state ON "order" (state, id DESC);
CREATE INDEX order_by_region ON "order" (region, id DESC);
CREATE INDEX order_by_owner ON "order" (owner, id DESC);
CREATE INDEX order_by_distributor ON "order" (distributor, id DESC);
CREATE INDEX order_exposure ON "order" (distributor) WHERE unshipped > 0;

CREATE TABLE order_line (
  order_id   uuid NOT NULL REFERENCES "order" DEFERRABLE INITIALLY DEFERRED,
  line       int  NOT NULL,
  product    uuid NOT NULL REFERENCES product,
  product_code text NOT NULL,                      -- code and family as they were then
  family     text NOT NULL,
  quantity   numeric(14,3) NOT NULL CHECK (quantity > 0),
  list_price numeric(14,4),
  unit_price numeric(14,4) NOT NULL,
  discount   numeric(13,6) NOT NULL,
  gift       boolean NOT NULL,
  deviation  numeric(13,6),
  tax_rate   numeric(13,6) NOT NULL,
  tax_included boolean NOT NULL,                   -- whether its prices include tax
  net        numeric(14,2) NOT NULL,
  tax        numeric(14,2) NOT NULL,
  gross      numeric(14,2) NOT NULL,
  allocated  numeric(14,3) NOT NULL,               -- reserved and not yet shipped
  issued     numeric(14,3) NOT NULL,               -- on shipping orders not voided, shipped or not
  shipped    numeric(14,3) NOT NULL,
  PRIMARY KEY (order_id, line),
  CHECK (shipped <= issued AND issued <= quantity AND allocated + shipped <= quantity)
);
CREATE INDEX order_line_by_product ON order_line (product);

CREATE TABLE reservation (
  order_id   uuid NOT NULL,
  line       int  NOT NULL,
  stock_item uuid NOT NULL REFERENCES stock_item,
  quantity   numeric(14,3) NOT NULL CHECK (quantity > 0),
  PRIMARY KEY (order_id, line, stock_item),
  FOREIGN KEY (order_id, line) REFERENCES order_line
);
CREATE INDEX reservation_by_stock ON reservation (stock_item);

CREATE TABLE price_exception (
  LIKE subject INCLUDING ALL,
  order_id          uuid NOT NULL REFERENCES "order" DEFERRABLE INITIALLY DEFERRED,
  order_number      text NOT NULL,
  approver          text NOT NULL,
  deviation         numeric(13,6) NOT NULL,
  margin_given_away numeric(14,2) NOT NULL,
  binding           text NOT NULL,                 -- the exact lines, quantities and date it is for
  lines             jsonb NOT NULL
);
CREATE INDEX price_exception_by_order ON price_exception (order_id, id DESC);
CREATE INDEX price_exception_by_state ON price_exception (state, id DESC);

CREATE TABLE shipment (
  LIKE subject INCLUDING ALL,
  number       text NOT NULL UNIQUE,
  order_id     uuid NOT NULL REFERENCES "order" DEFERRABLE INITIALLY DEFERRED,
  order_number text NOT NULL,
  distributor  uuid NOT NULL,
  distributor_code text NOT NULL,
  segment      text NOT NULL,
  channel      text NOT NULL,
  shipped_on   date,
  delivered_on date,
  carrier      text,
  vehicle      text,
  freight      numeric(14,2),
  damage       text,
  net          numeric(14,2) NOT NULL,
  tax          numeric(14,2) NOT NULL,
  gross        numeric(14,2) NOT NULL,
  historic     boolean NOT NULL
);
CREATE INDEX shipment_by_order ON shipment (order_id, id DESC);
CREATE INDEX shipment_by_state ON shipment (state, id DESC);
CREATE TABLE shipment_line (
  shipment   uuid NOT NULL REFERENCES shipment,
  line       int  NOT NULL,
  order_line int  NOT NULL,
  product    uuid NOT NULL REFERENCES product,
  product_code text NOT NULL,
  family     text NOT NULL,
  colour_number text NOT NULL,
  stock_item uuid REFERENCES stock_item,           -- none in history
  batch      text NOT NULL,
  grade      text NOT NULL,
  quantity   numeric(14,3) NOT NULL CHECK (quantity > 0),
  unit_price numeric(14,4) NOT NULL,
  net        numeric(14,2) NOT NULL,
  tax        numeric(14,2) NOT NULL,
  gross      numeric(14,2) NOT NULL,
  cost       numeric(14,2),                        -- O-52: standard cost at ship date, confidential
  PRIMARY KEY (shipment, line)
);

CREATE TABLE invoice (
  LIKE subject INCLUDING ALL,
  number      text NOT NULL UNIQUE,
  order_id    uuid NOT NULL REFERENCES "order" DEFERRABLE INITIALLY DEFERRED,
  shipment    uuid REFERENCES shipment DEFERRABLE INITIALLY DEFERRED,
  distributor uuid NOT NULL,
  invoiced_on date NOT NULL,
  due_on      date NOT NULL,
  net         numeric(14,2) NOT NULL,
  tax         numeric(14,2) NOT NULL,
  gross       numeric(14,2) NOT NULL,
  open_amount numeric(14,2) NOT NULL CHECK (open_amount >= 0),
  settled_on  date
);
CREATE INDEX invoice_open ON invoice (distributor, due_on) WHERE open_amount > 0;
CREATE INDEX invoice_by_order ON invoice (order_id);

CREATE TABLE payment (
  LIKE subject INCLUDING ALL,
  number      text NOT NULL UNIQUE,
  distributor uuid NOT NULL,
  received_on date NOT NULL,
  reference   text,
  amount      numeric(14,2) NOT NULL CHECK (amount > 0),
  unapplied   numeric(14,2) NOT NULL CHECK (unapplied >= 0)
);
CREATE INDEX payment_unapplied ON payment (distributor) WHERE unapplied > 0;
CREATE INDEX payment_by_distributor ON payment (distributor, id DESC);
CREATE TABLE payment_match (
  payment uuid NOT NULL REFERENCES payment,
  invoice uuid NOT NULL REFERENCES invoice,
  amount  numeric(14,2) NOT NULL CHECK (amount > 0),
  at      timestamptz NOT NULL,
  PRIMARY KEY (payment, invoice)
);
CREATE INDEX payment_match_by_invoice ON payment_match (invoice);

-- What orders knows of distributors, learned from events only. The row is also the lock of a customer's account.
CREATE TABLE known_distributor (
  id           uuid PRIMARY KEY,
  code         text NOT NULL,
  name         text NOT NULL,
  region       uuid NOT NULL,
  segment      text NOT NULL,
  class        text NOT NULL,
  terms        text NOT NULL,
  payment_days int  NOT NULL,
  state        text NOT NULL
);
CREATE UNIQUE INDEX known_distributor_by_code ON known_distributor (code);
-- Of their own, since events of different aggregates come in any order. Without a limit nothing is sold on credit.
CREATE TABLE known_credit_limit (
  distributor  uuid PRIMARY KEY,
  credit_limit numeric(14,2) NOT NULL
);
CREATE TABLE known_guarantee (
  id          uuid PRIMARY KEY,
  distributor uuid NOT NULL,
  balance     numeric(14,2) NOT NULL
);
CREATE INDEX known_guarantee_by_distributor ON known_guarantee (distributor);
