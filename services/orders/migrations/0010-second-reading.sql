-- O-20: an order that was taken back counts no more; handed in again it counts anew, as another document.
CREATE TABLE order_withdrawal (
  id           uuid PRIMARY KEY,
  order_id     uuid NOT NULL REFERENCES "order",
  document     uuid NOT NULL,                      -- as what the submission was counted
  withdrawn_at timestamptz NOT NULL
);
CREATE INDEX order_withdrawal_by_order ON order_withdrawal (order_id, withdrawn_at DESC, id DESC);
CREATE INDEX order_withdrawal_by_time ON order_withdrawal (withdrawn_at);

-- Whoever sees a region, or what is theirs, reads these from an index as well.
CREATE INDEX order_file_by_maker ON order_file (created_by, id DESC);
CREATE INDEX collection_task_by_maker ON collection_task (created_by, id DESC);
CREATE INDEX credit_note_by_region ON credit_note (region, id DESC);
CREATE INDEX credit_note_by_owner ON credit_note (owner, id DESC);
CREATE INDEX credit_note_by_maker ON credit_note (created_by, id DESC);
CREATE INDEX write_off_by_region ON write_off (region, id DESC);
CREATE INDEX write_off_by_owner ON write_off (owner, id DESC);
CREATE INDEX write_off_by_maker ON write_off (created_by, id DESC);
