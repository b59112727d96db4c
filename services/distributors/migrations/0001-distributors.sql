-- Regions, distributors, credit limits, guarantees.

-- D-04: a tree; a closed region keeps its history.
CREATE TABLE region (
  LIKE subject INCLUDING ALL,
  code       text NOT NULL UNIQUE,
  name       text NOT NULL,
  parent     uuid REFERENCES region,
  manager    uuid,                                 -- the one responsible person
  valid_from date NOT NULL,
  valid_to   date
);
CREATE INDEX region_by_parent ON region (parent);
-- Who answered for a region when: history is never overwritten.
CREATE TABLE region_owner (
  region_id  uuid NOT NULL REFERENCES region,
  person     uuid NOT NULL,
  valid_from date NOT NULL,
  PRIMARY KEY (region_id, valid_from)
);

CREATE TABLE distributor (
  LIKE subject INCLUDING ALL,
  code         text NOT NULL UNIQUE,
  name         text NOT NULL,
  licence      text NOT NULL UNIQUE,
  partner_type text NOT NULL,
  segment      text NOT NULL,
  class        text NOT NULL,
  terms        text NOT NULL,
  payment_days int  NOT NULL,
  address      text,
  contact_name text,                               -- stays here: no event carries it
  telephone    text
);
CREATE INDEX distributor_list ON distributor (state, id DESC);
CREATE INDEX distributor_by_region ON distributor (region, id DESC);
-- D-04: in exactly one region at a time; the row in force is the last one not in the future.
CREATE TABLE distributor_region (
  distributor uuid NOT NULL REFERENCES distributor,
  region      uuid NOT NULL REFERENCES region,
  valid_from  date NOT NULL,
  PRIMARY KEY (distributor, valid_from)
);

CREATE TABLE credit_limit (
  LIKE subject INCLUDING ALL,
  distributor uuid NOT NULL REFERENCES distributor,
  amount      numeric(14,2) NOT NULL CHECK (amount >= 0),
  previous    numeric(14,2)
);
CREATE INDEX credit_limit_by_distributor ON credit_limit (distributor, id DESC);

-- D-20
CREATE TABLE guarantee (
  LIKE subject INCLUDING ALL,
  distributor uuid NOT NULL REFERENCES distributor,
  guarantor   uuid NOT NULL,
  receivable  text NOT NULL,
  amount      numeric(14,2) NOT NULL CHECK (amount > 0 AND amount <= 500),
  balance     numeric(14,2) NOT NULL CHECK (balance >= 0 AND balance <= amount),
  starts_on   date NOT NULL,
  due_on      date NOT NULL
);
CREATE INDEX guarantee_live ON guarantee (distributor) WHERE state IN ('active', 'due');
CREATE INDEX guarantee_by_guarantor ON guarantee (guarantor, id DESC);
