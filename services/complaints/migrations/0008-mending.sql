-- X-04: what earlier rounds of a complaint have cost. C-07: what the customer said is kept. C-03: when the departments were asked in this round.
ALTER TABLE complaint
  ADD COLUMN spent numeric(14,2) NOT NULL DEFAULT 0,
  ADD COLUMN asked_at timestamptz,
  ADD COLUMN answer text,
  ADD COLUMN follow_up_note text;
