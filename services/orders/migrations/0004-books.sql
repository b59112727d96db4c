-- The books: ledger (O-22), daily and monthly reports (O-20, O-21), reconciliation with finance (O-22).

CREATE TABLE ledger_entry (
  id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  distributor     uuid NOT NULL,
  region          uuid NOT NULL,                   -- the customer's when it was booked
  kind            text NOT NULL CHECK (kind IN ('sale', 'return', 'receipt', 'adjustment')),
  document_kind   text NOT NULL,
  document        uuid NOT NULL,
  document_number text NOT NULL,
  booked_on       date NOT NULL,
  amount          numeric(14,2) NOT NULL,          -- gross; what it adds to the customer's debt
  booked_at       timestamptz NOT NULL,
  historic        boolean NOT NULL
);
COMMENT ON TABLE ledger_entry IS 'append-only';    -- read by the kit when it gives the serving role its rights
CREATE UNIQUE INDEX ledger_once ON ledger_entry (document, document_kind);
CREATE INDEX ledger_account ON ledger_entry (distributor, booked_on, id) INCLUDE (amount);
CREATE INDEX ledger_by_day ON ledger_entry (booked_on, id);
CREATE INDEX ledger_as_booked ON ledger_entry (booked_at);
CREATE INDEX ledger_by_document ON ledger_entry (document_number);

-- What was documented before there was a ledger.
INSERT INTO ledger_entry (distributor, region, kind, document_kind, document, document_number, booked_on, amount, booked_at, historic)
SELECT d.distributor, coalesce(d.region, k.region), d.kind, d.document_kind, d.id, d.number, d.booked_on, d.amount, d.created_at, true
FROM (
  SELECT id, distributor, region, number, created_at, 'sale' AS kind, 'invoice' AS document_kind, invoiced_on AS booked_on, gross AS amount FROM invoice
  UNION ALL SELECT id, distributor, region, number, created_at, 'return', 'credit-note', credited_on, -gross FROM credit_note
  UNION ALL SELECT id, distributor, region, number, created_at, 'receipt', 'payment', received_on, -amount FROM payment
) d JOIN known_distributor k ON k.id = d.distributor
ORDER BY d.created_at, d.id;

-- O-20: when goods left, as it was booked; what left before this counts in no daily report
ALTER TABLE shipment ADD COLUMN dispatched_at timestamptz;
CREATE INDEX shipment_as_dispatched ON shipment (dispatched_at) WHERE dispatched_at IS NOT NULL;
CREATE INDEX order_as_submitted ON "order" (submitted_at) WHERE submitted_at IS NOT NULL;
CREATE INDEX order_as_cancelled ON "order" (entered_at) WHERE state = 'cancelled';
CREATE INDEX credit_note_as_issued ON credit_note (created_at);

CREATE TABLE daily_report (
  LIKE subject INCLUDING ALL,
  number      text NOT NULL,
  day         date NOT NULL UNIQUE,
  from_at     timestamptz NOT NULL,
  to_at       timestamptz NOT NULL CHECK (to_at > from_at),
  figures     jsonb NOT NULL,
  comment     text,
  adjustments jsonb NOT NULL
);
CREATE INDEX daily_report_by_state ON daily_report (state, id DESC);
-- Every document is in one report, once for each family of its goods.
CREATE TABLE daily_report_line (
  report      uuid NOT NULL REFERENCES daily_report DEFERRABLE INITIALLY DEFERRED,
  basis       text NOT NULL,
  document    uuid NOT NULL,
  family      text NOT NULL,                       -- '' where there are no goods
  number      text NOT NULL,
  distributor uuid NOT NULL,
  region      uuid,
  salesperson text,
  quantity    numeric(14,3) NOT NULL,
  net         numeric(14,2) NOT NULL,
  gross       numeric(14,2) NOT NULL,
  PRIMARY KEY (basis, document, family)
);
COMMENT ON TABLE daily_report_line IS 'append-only';
CREATE INDEX daily_report_line_by_report ON daily_report_line (report, basis, document, family);

-- O-21
CREATE TABLE monthly_report (
  LIKE subject INCLUDING ALL,
  number      text NOT NULL,
  month       date NOT NULL UNIQUE,                -- its first day
  days        int  NOT NULL,
  figures     jsonb NOT NULL,
  adjustments jsonb NOT NULL,
  comment     text
);
CREATE INDEX monthly_report_by_state ON monthly_report (state, id DESC);

-- O-22
CREATE TABLE reconciliation (
  LIKE subject INCLUDING ALL,
  number            text NOT NULL UNIQUE,
  after_day         date,                          -- the last day of the run before; none before the first
  after_at          timestamptz,                   -- when that was opened: what was booked later is of this one
  from_day          date NOT NULL,
  to_day            date NOT NULL CHECK (to_day >= from_day),
  due_on            date NOT NULL UNIQUE,
  opened_at         timestamptz NOT NULL,
  ledger_documents  int  NOT NULL,
  ledger_amount     numeric(14,2) NOT NULL,
  finance_documents int  NOT NULL,
  finance_amount    numeric(14,2) NOT NULL,
  differences       int  NOT NULL,
  difference_amount numeric(14,2) NOT NULL,
  unexplained       int  NOT NULL,
  closed_on         date
);
CREATE INDEX reconciliation_by_state ON reconciliation (state, id DESC);
-- Finance's file, as it came.
CREATE TABLE finance_row (
  reconciliation  uuid NOT NULL REFERENCES reconciliation,
  line            int  NOT NULL,
  customer        text NOT NULL,
  document_number text NOT NULL,
  booked_on       date NOT NULL,
  amount          numeric(14,2) NOT NULL,
  quantity        numeric(14,3),
  PRIMARY KEY (reconciliation, line)
);
CREATE INDEX finance_row_by_document ON finance_row (document_number, customer);
CREATE TABLE reconciliation_difference (
  reconciliation   uuid NOT NULL REFERENCES reconciliation,
  line             int  NOT NULL,
  customer         text NOT NULL,
  document_number  text NOT NULL,
  code             text NOT NULL,
  ledger_amount    numeric(14,2),
  finance_amount   numeric(14,2),
  ledger_quantity  numeric(14,3),
  finance_quantity numeric(14,3),
  difference       numeric(14,2) NOT NULL,
  explanation      text,
  explained_by     text,
  PRIMARY KEY (reconciliation, line)
);
CREATE INDEX reconciliation_difference_by_code ON reconciliation_difference (reconciliation, code, line);
CREATE INDEX reconciliation_unexplained ON reconciliation_difference (reconciliation) WHERE explanation IS NULL;
