-- X-20: what left the system as a file: who took it and why, written before the first byte; how it ended, after the last.
CREATE TABLE export_log (
  id        uuid PRIMARY KEY,
  person    text NOT NULL,
  procedure text NOT NULL,
  format    text NOT NULL,
  reason    text NOT NULL,
  filters   jsonb NOT NULL,
  began_at  timestamptz NOT NULL,
  ended_at  timestamptz,                           -- null: it runs, or the process was killed meanwhile
  rows      int,
  complete  boolean,                               -- false: the client broke off
  digest    text                                   -- SHA-256 of the bytes handed over
);
CREATE INDEX export_log_by_person ON export_log (person, began_at);

-- Subjects read, by person and minute: what the processes of a service counted, added up.
CREATE TABLE bulk_read (
  person text NOT NULL,
  minute timestamptz NOT NULL,
  rows   int  NOT NULL,
  PRIMARY KEY (person, minute)
);
CREATE INDEX bulk_read_by_minute ON bulk_read (minute);
-- When somebody was last reported for it, so that it is once in an hour.
CREATE TABLE bulk_read_alarm (
  person text PRIMARY KEY,
  at     timestamptz NOT NULL
);
