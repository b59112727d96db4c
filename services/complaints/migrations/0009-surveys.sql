-- C-18: surveys of customers. The owner is the customer's salesperson.
CREATE TABLE survey (
  LIKE subject INCLUDING ALL,
  number           text NOT NULL UNIQUE,
  kind             text NOT NULL CHECK (kind IN ('delivery', 'complaint', 'nps')),
  distributor      uuid NOT NULL,
  distributor_code text NOT NULL,
  segment          text NOT NULL,
  about            uuid,
  about_number     text,
  period           text,
  issued_on        date NOT NULL,
  expires_on       date NOT NULL,
  delivered_on     date,
  way              text CHECK (way IN ('message', 'mail', 'visit')),
  answered_on      date,
  score            int CHECK (score BETWEEN CASE kind WHEN 'nps' THEN 0 ELSE 1 END AND CASE kind WHEN 'nps' THEN 10 ELSE 5 END),
  comment          text,
  opinion          uuid,
  CHECK ((kind = 'nps') = (period IS NOT NULL)),
  CHECK ((kind = 'nps') = (about IS NULL)),
  CHECK ((state = 'answered') = (score IS NOT NULL)),
  CHECK (state NOT IN ('delivered', 'answered') OR delivered_on IS NOT NULL)
);
-- never twice for one delivery, complaint, half-year
CREATE UNIQUE INDEX survey_about ON survey (kind, about) WHERE about IS NOT NULL;
CREATE UNIQUE INDEX survey_of_period ON survey (distributor, period) WHERE period IS NOT NULL;
-- when a customer was asked last
CREATE INDEX survey_of_customer ON survey (distributor, kind, issued_on DESC);
CREATE INDEX survey_by_state ON survey (state, id DESC);
CREATE INDEX survey_by_kind ON survey (kind, id DESC);
CREATE INDEX survey_by_region ON survey (region, id DESC);
CREATE INDEX survey_by_unit ON survey (unit, id DESC);
CREATE INDEX survey_by_maker ON survey (created_by, id DESC);
CREATE INDEX survey_by_owner ON survey (owner, id DESC);
CREATE INDEX survey_by_distributor ON survey (distributor, id DESC);
-- who bought in a half-year
CREATE INDEX known_purchase_by_day ON known_purchase (shipped_on, customer);
