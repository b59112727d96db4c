-- C-09: 8D reports.
CREATE TABLE capa (
  LIKE subject INCLUDING ALL,
  number           text NOT NULL UNIQUE,
  trigger          text NOT NULL,
  complaint        uuid,
  complaint_number text,
  joined           jsonb NOT NULL,                 -- every complaint it is about
  severity         text,
  product          uuid,
  product_code     text,
  defect           text NOT NULL,
  repeat           int,
  limits           jsonb NOT NULL,                 -- working days of each step
  effect_days      int  NOT NULL,
  round            int  NOT NULL,
  started_at       timestamptz NOT NULL,
  record           jsonb NOT NULL,
  done             jsonb NOT NULL,
  carried_out_on   date,
  carried_out_by   jsonb NOT NULL
);
CREATE INDEX capa_by_state ON capa (state, id DESC);
CREATE INDEX capa_by_region ON capa (region, id DESC);
CREATE INDEX capa_by_complaint ON capa (complaint, id DESC);
CREATE INDEX capa_by_problem ON capa (product_code, defect, id DESC);
CREATE INDEX capa_by_trigger ON capa (trigger, id DESC);
CREATE INDEX capa_by_joined ON capa USING gin (joined jsonb_path_ops);

-- C-04, C-08: 《客户投诉质量处理表》, one of each complaint.
CREATE TABLE quality_complaint_form (
  LIKE subject INCLUDING ALL,
  number           text NOT NULL UNIQUE,
  complaint        uuid NOT NULL UNIQUE,
  complaint_number text NOT NULL,
  severity         text NOT NULL,
  distributor_code text,
  product_code     text,
  defect           text NOT NULL,
  about            jsonb NOT NULL,                 -- the complaint as it was when the form was opened
  edition          int  NOT NULL,
  open_by          timestamptz NOT NULL,
  against          uuid,
  handling         text,
  sections         jsonb NOT NULL,
  section_days     int  NOT NULL,
  routed_at        timestamptz,
  result           text,
  signed_by        text,
  signed_at        timestamptz,
  sent_at          timestamptz,
  copy_hash        text,
  copy_received_by text,
  copy_received_at timestamptz,
  place            text
);
CREATE INDEX quality_complaint_form_by_state ON quality_complaint_form (state, id DESC);
CREATE INDEX quality_complaint_form_by_region ON quality_complaint_form (region, id DESC);
CREATE INDEX quality_complaint_form_by_complaint_number ON quality_complaint_form (complaint_number, id DESC);
-- complaints that may still want their form
CREATE INDEX complaint_open ON complaint (id) WHERE state <> 'archived' AND NOT historic;

-- C-20: quality daily reports; what each has counted, so that nothing is counted twice or lost.
CREATE TABLE quality_daily (
  LIKE subject INCLUDING ALL,
  number      text NOT NULL UNIQUE,
  day         date NOT NULL UNIQUE,
  from_at     timestamptz NOT NULL,
  to_at       timestamptz NOT NULL,
  figures     jsonb NOT NULL,
  comment     text,
  adjustments jsonb NOT NULL
);
CREATE INDEX quality_daily_by_state ON quality_daily (state, id DESC);

CREATE TABLE quality_daily_entry (
  kind      text NOT NULL CHECK (kind IN ('new', 'closed')),
  complaint uuid NOT NULL,
  report    uuid NOT NULL,
  PRIMARY KEY (kind, complaint)
);
CREATE INDEX quality_daily_entry_by_report ON quality_daily_entry (report);
CREATE INDEX complaint_by_logging ON complaint (created_at) WHERE NOT historic;
CREATE INDEX complaint_by_closing ON complaint (entered_at) WHERE state = 'archived' AND NOT historic;

-- Goods that came back, by line; `report`: the daily report that has them.
CREATE TABLE known_return (
  id           uuid NOT NULL,
  line         int  NOT NULL,
  number       text NOT NULL,
  product      uuid NOT NULL,
  product_code text NOT NULL,
  batch        text NOT NULL,
  quantity     numeric(14,3) NOT NULL,
  complaint    uuid,
  received_at  timestamptz NOT NULL,
  report       uuid,
  PRIMARY KEY (id, line)
);
CREATE INDEX known_return_unreported ON known_return (received_at) WHERE report IS NULL;

CREATE TABLE known_held_batch (
  product      uuid NOT NULL,
  product_code text NOT NULL,
  batch        text NOT NULL,
  grade        text NOT NULL,
  held_at      timestamptz NOT NULL,
  PRIMARY KEY (product, batch)
);
