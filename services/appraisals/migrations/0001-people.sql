-- People and their positions (X-01, X-01a, X-02). Names stay in this schema: no event carries one.
CREATE TABLE person (
  LIKE subject INCLUDING ALL,
  staff_number text NOT NULL UNIQUE,
  name         text NOT NULL,
  account      text UNIQUE,                        -- the token's `sub`: nobody shares one
  category     text NOT NULL,
  kind         text NOT NULL,
  employment   text NOT NULL,
  joined_on    date NOT NULL,
  last_day     date
);
CREATE INDEX person_list ON person (state, id DESC);

CREATE TABLE position (
  LIKE subject INCLUDING ALL,
  person     uuid   NOT NULL REFERENCES person,
  roles      text[] NOT NULL CHECK (cardinality(roles) > 0),
  valid_from date   NOT NULL,
  -- last day; before the first: taken back, never in force
  valid_to   date
);
CREATE INDEX position_by_person ON position (person, id DESC);
