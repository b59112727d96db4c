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
