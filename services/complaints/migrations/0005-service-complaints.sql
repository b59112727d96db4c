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

-- C-14, C-15: penalties from complaints, of a person (the owner) or of a department (the unit).
CREATE TABLE penalty (
  LIKE subject INCLUDING ALL,
  number           text NOT NULL UNIQUE,
  fault            text NOT NULL CHECK (fault IN ('service', 'quality')),
  complaint        uuid NOT NULL,
  complaint_number text NOT NULL,
  severity         text NOT NULL CHECK (severity IN ('minor', 'medium', 'serious', 'grave')),
  criticism        text NOT NULL,
  fine             numeric(14,2) CHECK (fine IS NULL OR fault = 'service' AND severity <> 'minor' AND fine BETWEEN 20 AND 100),
  collected_as     text CHECK (collected_as IN ('money', 'points')),
  dismissal        boolean NOT NULL,
  findings         jsonb NOT NULL,
  proposed_on      date NOT NULL,
  limits           jsonb NOT NULL,
  grounds          text,
  effective_on     date,
  answer           text CHECK (answer IN ('awaited', 'overdue', 'accepted', 'refused')),
  refusal          text,
  CHECK ((fine IS NULL) = (collected_as IS NULL)),
  CHECK (NOT dismissal OR owner IS NOT NULL)
);
-- once per time 次: one for each who is at fault in a complaint, while it stands
CREATE UNIQUE INDEX penalty_of_complaint ON penalty (complaint, coalesce(owner, unit)) WHERE state NOT IN ('rejected', 'overturned');
-- what is deducted of somebody in a month
CREATE INDEX penalty_by_month ON penalty (owner, proposed_on) INCLUDE (fine) WHERE collected_as = 'money' AND state NOT IN ('rejected', 'overturned');
CREATE INDEX penalty_by_state ON penalty (state, id DESC);
CREATE INDEX penalty_by_complaint ON penalty (complaint, id DESC);
CREATE INDEX penalty_by_owner ON penalty (owner, id DESC);
CREATE INDEX penalty_by_maker ON penalty (created_by, id DESC);
CREATE INDEX penalty_by_unit ON penalty (unit, id DESC);
CREATE INDEX penalty_by_region ON penalty (region, id DESC);
CREATE INDEX penalty_by_answer ON penalty (answer, id DESC) WHERE answer IS NOT NULL;

-- C-17: customers' opinions. The owner is whoever it is assigned to.
CREATE TABLE opinion (
  LIKE subject INCLUDING ALL,
  number           text NOT NULL UNIQUE,
  kind             text NOT NULL CHECK (kind IN ('suggestion', 'criticism', 'praise')),
  channel          text NOT NULL,
  distributor      uuid,
  distributor_code text,
  customer         text,
  telephone        text,
  content          text NOT NULL,
  major            boolean NOT NULL,
  recorded_on      date NOT NULL,
  limits           jsonb NOT NULL,
  solution         text,
  answered_on      date,
  way              text,
  CHECK (state <> 'answered' OR solution IS NOT NULL AND answered_on IS NOT NULL)
);
CREATE INDEX opinion_by_state ON opinion (state, id DESC);
CREATE INDEX opinion_by_region ON opinion (region, id DESC);
CREATE INDEX opinion_by_maker ON opinion (created_by, id DESC);
CREATE INDEX opinion_by_owner ON opinion (owner, id DESC);
CREATE INDEX opinion_by_kind ON opinion (kind, id DESC);
CREATE INDEX opinion_by_distributor ON opinion (distributor, id DESC);
CREATE INDEX major_event_by_opinion ON form_document ((form->>'opinionId'), id DESC) WHERE procedure = 'major-event';
