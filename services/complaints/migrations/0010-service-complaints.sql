-- C-15: who proposed a dismissal has no part in its approval. C-14: where personnel is in the matter itself, another may decide.
ALTER TABLE penalty
  ADD COLUMN dismissal_by text,
  ADD COLUMN personnel_involved boolean NOT NULL DEFAULT false;

-- C-14: what is deducted of somebody's pay in a month: of the fines that took effect in it.
CREATE INDEX penalty_by_month_of_effect ON penalty (owner, effective_on) INCLUDE (fine)
  WHERE collected_as = 'money' AND state NOT IN ('rejected', 'overturned');
