-- Imports that staff start over HTTP: a record of each, and what it reported.

CREATE TABLE import_job (
  id         uuid PRIMARY KEY,
  started_by text NOT NULL,
  started_at timestamptz NOT NULL,
  ended_at   timestamptz,
  state      text NOT NULL CHECK (state IN ('receiving', 'running', 'done', 'failed', 'interrupted')),
  options    jsonb NOT NULL,
  files      jsonb NOT NULL DEFAULT '[]',
  progress   jsonb,
  outcome    jsonb,                               -- how files were understood, the summary, why it stopped
  beat       timestamptz NOT NULL DEFAULT now()   -- written while its process lives
);
CREATE INDEX import_job_list ON import_job (started_at DESC);
-- One at a time in the whole installation.
CREATE UNIQUE INDEX import_job_at_work ON import_job ((true)) WHERE state IN ('receiving', 'running');

-- Each part is a gzip member; one after the other they are the file.
CREATE TABLE import_report (
  job     uuid NOT NULL REFERENCES import_job ON DELETE CASCADE,
  name    text NOT NULL CHECK (name IN ('report', 'findings')),
  part    int  NOT NULL,
  content bytea NOT NULL,
  PRIMARY KEY (job, name, part)
);
