-- X-14: what has reached its end, sealed. Append-only, as is the register of copies: a return is a row of its own.
CREATE TABLE archive_document (
  id           uuid PRIMARY KEY,
  procedure    text  NOT NULL,
  subject      uuid  NOT NULL,
  number       text,
  version      int   NOT NULL,                    -- 1, then one more each time it was opened again and closed
  region       uuid,
  unit         text,
  created_by   text  NOT NULL,
  owner        text,
  sealed_at    timestamptz NOT NULL,
  retain_until date  NOT NULL,                    -- the last day it is kept
  holders      jsonb NOT NULL,                    -- [{holder, kind}]: who has the original, who had copies from the start
  content      text  NOT NULL,                    -- canonical JSON (RFC 8785)
  hash         bytea NOT NULL,                    -- SHA-256 of it
  UNIQUE (procedure, subject, version)
);
CREATE INDEX archive_document_by_subject ON archive_document (subject, version DESC);
CREATE INDEX archive_document_list ON archive_document (procedure, id DESC);
CREATE INDEX archive_document_by_number ON archive_document (number);
CREATE INDEX archive_document_by_retention ON archive_document (retain_until);

CREATE TABLE archive_copy (
  id       uuid PRIMARY KEY,
  document uuid NOT NULL REFERENCES archive_document,
  holder   text NOT NULL,
  kind     text NOT NULL CHECK (kind IN ('original', 'copy')),
  place    text NOT NULL,
  at       timestamptz NOT NULL,
  by       text NOT NULL
);
CREATE INDEX archive_copy_by_document ON archive_copy (document, id);
CREATE TABLE archive_return (
  copy uuid PRIMARY KEY REFERENCES archive_copy,
  at   timestamptz NOT NULL,
  by   text NOT NULL
);
