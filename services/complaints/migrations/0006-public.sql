-- Cases that customers filed and follow without an account (ISO 10002 7.1 to 7.3): the digest of the code that opens each.
CREATE TABLE public_case (
  digest    bytea PRIMARY KEY,                     -- SHA-256 of the code
  procedure text NOT NULL,
  subject   uuid NOT NULL UNIQUE,
  number    text NOT NULL,
  filed_at  timestamptz NOT NULL
);
