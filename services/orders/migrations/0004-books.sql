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
