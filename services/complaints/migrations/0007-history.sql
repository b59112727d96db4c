-- Complaints of other registers: what those did not say is empty, and they say when a case was closed.
ALTER TABLE complaint
  ADD COLUMN source text,
  ADD COLUMN closed_at timestamptz,
  ALTER COLUMN purchased_on DROP NOT NULL,
  DROP CONSTRAINT complaint_quantity_check,
  ADD CONSTRAINT complaint_quantity_check CHECK (quantity > 0 OR historic AND quantity = 0);
