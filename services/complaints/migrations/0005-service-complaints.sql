-- C-12, C-13: complaints about service, from the first word to the copy in the office.
CREATE TABLE service_complaint (
  LIKE subject INCLUDING ALL,
  number           text NOT NULL UNIQUE,
  channel          text NOT NULL,
  received_at      timestamptz NOT NULL,
  distributor      uuid,
  distributor_code text,
  customer         text,
  telephone        text,
  description      text NOT NULL,
  -- what the form adds
  severity         text CHECK (severity IN ('minor', 'medium', 'serious', 'grave')),
  previous_severity text,
  accused          uuid,
  standard         text,
  handler          uuid CHECK (handler <> accused),
  limits           jsonb NOT NULL,                 -- the time limits it began with, working hours by move
  suggestion       text,
  measures         text,
  founded          boolean,
  findings         text,
  result           text,
  informed_on      date,
  way              text,
  digest           text,
  CHECK (state IN ('logged', 'opened', 'with-department', 'handled') OR informed_on IS NOT NULL AND founded IS NOT NULL AND result IS NOT NULL),
  CHECK (state <> 'archived' OR digest IS NOT NULL)
);
CREATE INDEX service_complaint_by_state ON service_complaint (state, id DESC);
CREATE INDEX service_complaint_by_region ON service_complaint (region, id DESC);
CREATE INDEX service_complaint_by_unit ON service_complaint (unit, id DESC);
CREATE INDEX service_complaint_by_maker ON service_complaint (created_by, id DESC);
CREATE INDEX service_complaint_by_owner ON service_complaint (owner, id DESC);
CREATE INDEX service_complaint_by_accused ON service_complaint (accused, id DESC);
CREATE INDEX service_complaint_by_distributor ON service_complaint (distributor, id DESC);
CREATE INDEX service_complaint_by_severity ON service_complaint (severity, id DESC);
