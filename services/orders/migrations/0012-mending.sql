-- O-06: the rest of a partly shipped order that can't come is dropped: how much of a line, and what it was worth.
ALTER TABLE order_line
  ADD COLUMN dropped       numeric(14,3) NOT NULL DEFAULT 0,
  ADD COLUMN dropped_net   numeric(14,2) NOT NULL DEFAULT 0,
  ADD COLUMN dropped_tax   numeric(14,2) NOT NULL DEFAULT 0,
  ADD COLUMN dropped_gross numeric(14,2) NOT NULL DEFAULT 0,
  ADD CHECK (dropped >= 0 AND issued + dropped <= quantity AND allocated + shipped + dropped <= quantity);
ALTER TABLE "order"
  ADD COLUMN closed_short_at timestamptz,
  ADD COLUMN consented_on date,
  ADD COLUMN consent text;
CREATE INDEX order_by_short_close ON "order" (closed_short_at) WHERE closed_short_at IS NOT NULL;
