-- X-02: changes of powers that services have approved, so that notices reach who may act now.
CREATE TABLE known_power_change (
  id         uuid PRIMARY KEY,
  service    text NOT NULL,
  procedure  text NOT NULL,
  move       text NOT NULL,
  role       text NOT NULL,
  power      text NOT NULL,
  valid_from date NOT NULL,
  at         timestamptz NOT NULL
);
CREATE INDEX known_power_change_of ON known_power_change (service, procedure, move);
