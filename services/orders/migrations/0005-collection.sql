-- O-23 to O-26: warehouses and their counts, receivables, collection, write-offs, the files of orders.

CREATE TABLE warehouse (
  LIKE subject INCLUDING ALL,
  code   text NOT NULL,
  name   text NOT NULL,
  kind   text NOT NULL,
  frozen_by uuid                                   -- the stocktake that is counting it; whoever moves goods in it reads this row FOR SHARE
);
CREATE UNIQUE INDEX warehouse_by_code ON warehouse (code) WHERE state IN ('proposed', 'active');
CREATE INDEX warehouse_shops ON warehouse (kind, code) WHERE state = 'active';

CREATE TABLE stocktake (
  LIKE subject INCLUDING ALL,
  number        text NOT NULL UNIQUE,
  warehouse     text NOT NULL,
  kind          text NOT NULL,
  scheduled_on  date NOT NULL,
  counted_on    date,
  clerk         text,
  keeper        text CHECK (keeper <> clerk),      -- two persons
  clerk_done    boolean NOT NULL,
  keeper_done   boolean NOT NULL,
  round         int  NOT NULL,
  items         int  NOT NULL,
  equal         int  NOT NULL,
  book_value    numeric(14,2) NOT NULL,
  variance_value numeric(14,2) NOT NULL,
  absolute_variance numeric(14,2) NOT NULL,
  shrinkage     numeric(14,2) NOT NULL,
  approved_by   text,
  variances     jsonb NOT NULL                     -- the largest by value, for the sheet
);
CREATE UNIQUE INDEX stocktake_running ON stocktake (warehouse) WHERE state IN ('counting', 'counted', 'variance-review');
CREATE UNIQUE INDEX stocktake_of_year ON stocktake (warehouse, scheduled_on) WHERE kind = 'year-end';
CREATE INDEX stocktake_by_warehouse ON stocktake (warehouse, id DESC);

CREATE TABLE stocktake_line (
  stocktake    uuid NOT NULL REFERENCES stocktake,
  line         int  NOT NULL,
  product      uuid NOT NULL REFERENCES product,
  product_code text NOT NULL,
  batch        text NOT NULL,
  book         numeric(14,3) NOT NULL,
  unit_value   numeric(14,4) NOT NULL,
  basis        text NOT NULL,                      -- what the value rests on: cost, list, none
  clerk_count  numeric(14,3) CHECK (clerk_count >= 0),
  keeper_count numeric(14,3) CHECK (keeper_count >= 0),
  asked        boolean NOT NULL,                   -- to be counted in the present round
  counted      numeric(14,3),                      -- as both agree
  reason       text,
  PRIMARY KEY (stocktake, line),
  UNIQUE (stocktake, product, batch)
);
CREATE INDEX stocktake_line_varying ON stocktake_line (stocktake, line) WHERE counted <> book;

-- A count reads all of a warehouse, and no counter sees what the books say while it runs.
ALTER TABLE stock_item ADD COLUMN counting boolean NOT NULL DEFAULT false;
CREATE INDEX stock_item_by_warehouse ON stock_item (warehouse, id DESC);

-- O-25: how far up the ladder an invoice has gone.
CREATE TABLE receivable_overdue (
  invoice   uuid PRIMARY KEY REFERENCES invoice,
  id        uuid NOT NULL,
  events    int  NOT NULL,
  step      int  NOT NULL,
  raised_on date NOT NULL
);
-- Sums over many invoices read these alone.
CREATE INDEX invoice_open_due ON invoice (due_on, id) INCLUDE (open_amount, invoiced_on, distributor, region, owner) WHERE open_amount > 0;
CREATE INDEX invoice_open_region ON invoice (region, distributor) WHERE open_amount > 0;
CREATE INDEX invoice_open_owner ON invoice (owner, distributor) WHERE open_amount > 0;
CREATE INDEX invoice_by_date ON invoice (invoiced_on) INCLUDE (gross, distributor, region, owner);
CREATE INDEX invoice_by_due ON invoice (due_on) INCLUDE (id, gross, distributor, region, owner);
CREATE INDEX payment_by_date ON payment (received_on);

CREATE TABLE collection_task (
  LIKE subject INCLUDING ALL,
  number           text NOT NULL UNIQUE,
  distributor      uuid NOT NULL,
  distributor_code text NOT NULL,
  amount           numeric(14,2) NOT NULL,
  oldest_due_on    date NOT NULL,
  step             int  NOT NULL,
  promised_on      date,
  promised_amount  numeric(14,2),
  promised_of      numeric(14,2)
);
CREATE UNIQUE INDEX collection_task_open ON collection_task (distributor, coalesce(owner, '')) WHERE state <> 'done';
CREATE INDEX collection_task_by_distributor ON collection_task (distributor, id DESC);
CREATE INDEX collection_task_by_state ON collection_task (state, id DESC);
CREATE INDEX collection_task_by_owner ON collection_task (owner, id DESC);
CREATE INDEX collection_task_by_region ON collection_task (region, id DESC);

CREATE TABLE write_off (
  LIKE subject INCLUDING ALL,
  number           text NOT NULL UNIQUE,
  invoice          uuid NOT NULL REFERENCES invoice,
  invoice_number   text NOT NULL,
  distributor      uuid NOT NULL,
  distributor_code text NOT NULL,
  due_on           date NOT NULL,
  amount           numeric(14,2) NOT NULL CHECK (amount > 0),
  open_amount      numeric(14,2) NOT NULL,
  grounds          text NOT NULL,
  written_off_on   date
);
CREATE UNIQUE INDEX write_off_open ON write_off (invoice) WHERE state = 'proposed';
CREATE INDEX write_off_by_invoice ON write_off (invoice);
CREATE INDEX write_off_by_date ON write_off (written_off_on) WHERE state = 'approved';
CREATE INDEX write_off_by_distributor ON write_off (distributor, id DESC);

CREATE TABLE order_document (
  LIKE subject INCLUDING ALL,
  number       text NOT NULL UNIQUE,
  order_id     uuid NOT NULL REFERENCES "order",
  order_number text NOT NULL,
  shipment     uuid REFERENCES shipment,
  kind         text NOT NULL,
  name         text NOT NULL,
  digest       text NOT NULL,
  storage      text NOT NULL
);
CREATE INDEX order_document_by_order ON order_document (order_id, id DESC);
CREATE UNIQUE INDEX order_document_once ON order_document (order_id, digest) WHERE state = 'registered';

CREATE TABLE order_file (
  LIKE subject INCLUDING ALL,
  order_id         uuid NOT NULL UNIQUE REFERENCES "order",
  order_number     text NOT NULL,
  distributor      uuid NOT NULL,
  distributor_code text NOT NULL,
  completed_on     date NOT NULL,
  expected         int  NOT NULL,
  present          int  NOT NULL,
  missing          jsonb NOT NULL
);
CREATE INDEX order_file_by_state ON order_file (state, id DESC);
CREATE INDEX order_file_by_region ON order_file (region, id DESC);
CREATE INDEX order_file_by_owner ON order_file (owner, id DESC);
