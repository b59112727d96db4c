-- What a service needs to publish and to consume, in its own schema.
CREATE TABLE outbox (
  id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  topic   text NOT NULL,
  part    int  NOT NULL,
  key     text NOT NULL,
  headers text NOT NULL,
  value   text NOT NULL,
  at      timestamptz NOT NULL DEFAULT clock_timestamp()
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 50000, vacuum_truncate = off);

-- Last offset applied, per partition, written in the transaction that applies it: once only.
CREATE TABLE mark (
  topic text   NOT NULL,
  part  int    NOT NULL,
  off   bigint NOT NULL DEFAULT 0,
  PRIMARY KEY (topic, part)
) WITH (fillfactor = 20);
