-- Rules as documents (X-10), who has read and accepted them (X-20), learned from events only.
CREATE TABLE known_regulation (
  id                 uuid PRIMARY KEY,
  code               text    NOT NULL,
  version            int     NOT NULL,
  type               text    NOT NULL,
  effective_from     date    NOT NULL,
  clauses            text[]  NOT NULL,
  must_be_read_first boolean NOT NULL,
  in_force           boolean NOT NULL
);
CREATE TABLE known_reading (
  regulation uuid NOT NULL,
  person     uuid NOT NULL,
  PRIMARY KEY (person, regulation)
);
CREATE TABLE known_acceptance (
  agreement   uuid NOT NULL,
  person      uuid NOT NULL,
  accepted_on date NOT NULL,
  PRIMARY KEY (person, agreement)
);
