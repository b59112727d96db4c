-- What every service keeps beside its own tables, in its own schema.

-- X-15: every move and every refusal, append-only. No role that serves requests may update or delete here.
CREATE TABLE audit (
  id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at         timestamptz NOT NULL,
  actor      text  NOT NULL,
  acting_for uuid,
  role       text  NOT NULL,
  region     uuid,
  procedure  text  NOT NULL,
  subject    uuid,
  move       text  NOT NULL,
  outcome    text  NOT NULL CHECK (outcome IN ('done', 'refused')),
  rule       text  NOT NULL,
  code       text,
  reason     text,
  before     jsonb,
  after      jsonb,
  request_id text
);
CREATE INDEX audit_by_subject ON audit (subject, id);
CREATE INDEX audit_by_actor ON audit (actor, id);
CREATE INDEX audit_by_rule ON audit (rule, id);

-- The chain over it, made in order right after, in batches: inside business transactions it would serialise them all.
CREATE TABLE audit_link (
  seq      bigint PRIMARY KEY,
  audit_id bigint NOT NULL UNIQUE,
  hash     bytea  NOT NULL
);
-- Rows that wait for their link: a row may commit after one with a higher id, so no watermark would do.
CREATE TABLE audit_queue (audit_id bigint PRIMARY KEY);

-- A retried request happens once: the answer is kept with the key.
CREATE TABLE idempotency (
  actor   text  NOT NULL,
  key     text  NOT NULL,
  request bytea NOT NULL,
  status  int,
  version int,
  body    text,
  at      timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (actor, key)
);
CREATE INDEX idempotency_by_age ON idempotency (at);

-- Deadlines that run: from entering a state until the move is made.
CREATE TABLE clock (
  id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  procedure   text NOT NULL,
  subject     uuid NOT NULL,
  move        text NOT NULL,
  rule        text NOT NULL,
  state       text NOT NULL,
  started_at  timestamptz NOT NULL,
  warnings    timestamptz[] NOT NULL,            -- still to come, in order
  due_at      timestamptz NOT NULL,
  next_at     timestamptz,                       -- next warning or the end; null when over
  stopped_at  timestamptz,
  breached_at timestamptz
);
CREATE INDEX clock_running ON clock (next_at) WHERE next_at IS NOT NULL;
CREATE INDEX clock_by_subject ON clock (subject) WHERE stopped_at IS NULL;

-- Numbers without gaps: taken in the transaction that uses them, so a rollback gives them back.
CREATE TABLE number_series (
  series text NOT NULL,
  period text NOT NULL,
  last   int  NOT NULL,
  PRIMARY KEY (series, period)
);

-- The columns of every subject of a procedure; stays empty. A table of subjects begins with `LIKE subject INCLUDING ALL`.
CREATE TABLE subject (
  id         uuid PRIMARY KEY,
  state      text NOT NULL,
  version    int  NOT NULL,                        -- counts changes: the ETag
  events     int  NOT NULL,                        -- counts events published: their sequence
  region     uuid,
  unit       text,
  created_by text NOT NULL,
  owner      text,
  created_at timestamptz NOT NULL,
  entered_at timestamptz NOT NULL,                 -- when its state was entered
  approvals  jsonb NOT NULL
);

-- Forms with states that need no table of their own.
CREATE TABLE form_document (
  LIKE subject INCLUDING ALL,
  procedure text  NOT NULL,
  number    text,
  form      jsonb NOT NULL
);
CREATE INDEX form_document_list ON form_document (procedure, id DESC);
CREATE INDEX form_document_by_state ON form_document (procedure, state, id DESC);
CREATE INDEX form_document_by_region ON form_document (procedure, region, id DESC);

-- What is known of people, positions and regions, learned from events only.
CREATE TABLE known_person (
  id           uuid PRIMARY KEY,
  staff_number text NOT NULL,
  subject      text UNIQUE,
  last_day     date
);
CREATE TABLE known_position (
  id         uuid PRIMARY KEY,
  person     uuid   NOT NULL,
  roles      text[] NOT NULL,
  region     uuid,
  unit       text,
  valid_from date NOT NULL,
  valid_to   date
);
CREATE INDEX known_position_by_person ON known_position (person);
CREATE TABLE known_region (
  id         uuid PRIMARY KEY,
  code       text NOT NULL UNIQUE,
  name       text NOT NULL,
  parent     uuid,
  manager    uuid,
  valid_from date NOT NULL,
  valid_to   date
);
CREATE INDEX known_region_by_parent ON known_region (parent);

-- What the import has brought in, by the key it has in its source: running again never doubles.
CREATE TABLE imported (
  kind   text NOT NULL,
  key    text NOT NULL,
  id     uuid NOT NULL,
  digest bytea NOT NULL,
  PRIMARY KEY (kind, key)
);
