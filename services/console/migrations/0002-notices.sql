-- Notices: who is told what, by which way, and what came of it. Mail that comes in.

CREATE TABLE notice (
  id         uuid PRIMARY KEY,
  event      uuid NOT NULL,                       -- the event that asked for it
  person     uuid NOT NULL,
  kind       text NOT NULL,
  service    text NOT NULL,
  procedure  text NOT NULL,
  path       text,
  about      uuid,
  number     text,
  move       text,
  state      text,
  due_at     timestamptz,
  detail     text,
  rule       text NOT NULL,
  unreceived text[],                              -- the roles that nobody holds, in whose place this person is told
  at         timestamptz NOT NULL,
  read_at    timestamptz,
  UNIQUE (event, person)
);
CREATE INDEX notice_unread ON notice (person, id DESC) WHERE read_at IS NULL;
CREATE INDEX notice_read ON notice (person, id DESC) WHERE read_at IS NOT NULL;

-- Asked for while nobody was known who could be told, not even a system administrator; tried again.
CREATE TABLE notice_unreceived (
  event uuid PRIMARY KEY,
  body  jsonb NOT NULL
);

-- How a person wants to be told beside the inbox. Its row is locked while something is sent to the person.
CREATE TABLE notice_preference (
  person         uuid PRIMARY KEY,
  email          text,
  webhook_url    text,
  webhook_secret text,
  settings       jsonb NOT NULL
);
CREATE INDEX notice_preference_email ON notice_preference (lower(email));

CREATE TABLE delivery (
  id           uuid PRIMARY KEY,
  notice       uuid NOT NULL REFERENCES notice ON DELETE CASCADE,
  person       uuid NOT NULL,
  channel      text NOT NULL CHECK (channel IN ('inbox', 'email', 'webhook')),
  state        text NOT NULL CHECK (state IN ('waiting', 'delivered', 'failed')),
  attempts     int  NOT NULL DEFAULT 0,
  next_at      timestamptz,                       -- while it waits
  last_error   text,
  delivered_at timestamptz,
  UNIQUE (notice, channel)
);
CREATE INDEX delivery_waiting ON delivery (next_at, person) WHERE state = 'waiting';

-- P-31, C-01: half-monthly reports and complaints that come by mail, until somebody attaches them.
CREATE TABLE inbound_mail (
  id                 uuid PRIMARY KEY,
  message_id         text NOT NULL UNIQUE,
  sender             text NOT NULL,
  person             uuid,                        -- whose preference names the sender's address
  title              text NOT NULL,
  body               text NOT NULL,
  sent_at            timestamptz,
  received_at        timestamptz NOT NULL,
  too_large          boolean NOT NULL,            -- only its head was kept
  attached_procedure text,
  attached_subject   uuid,
  attached_by        text,
  attached_at        timestamptz
);
CREATE INDEX inbound_mail_open ON inbound_mail (id DESC) WHERE attached_at IS NULL;
CREATE TABLE inbound_attachment (
  mail    uuid  NOT NULL REFERENCES inbound_mail ON DELETE CASCADE,
  n       int   NOT NULL,
  name    text  NOT NULL,
  type    text  NOT NULL,
  content bytea NOT NULL,
  PRIMARY KEY (mail, n)
);
