-- The sink's ledger: how far each partition of the log is in ClickHouse, and the batch that was on its way when the process
-- ended. A batch takes records applied + 1 to pending_to of each of its partitions; it is written down before it is inserted.
CREATE TABLE sink_mark (
  topic        text   NOT NULL,
  part         int    NOT NULL,
  applied      bigint NOT NULL DEFAULT 0,
  pending_to   bigint CHECK (pending_to > applied),
  -- deduplication token of the batch, the same for all its partitions
  batch        text   CHECK ((batch IS NULL) = (pending_to IS NULL)),
  -- when it was last tried: ClickHouse remembers tokens for a while only
  attempted_at timestamptz,
  -- a rebuild of the range has begun: the token says nothing any more
  rebuilding   boolean NOT NULL DEFAULT false,
  PRIMARY KEY (topic, part)
) WITH (fillfactor = 20);
