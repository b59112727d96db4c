-- X-05: who acts for an absent manager at present, learned from events.
CREATE TABLE known_delegation (
  id       uuid PRIMARY KEY,
  absent   uuid NOT NULL,
  delegate uuid NOT NULL,
  until_at timestamptz NOT NULL
);
CREATE INDEX known_delegation_by_delegate ON known_delegation (delegate);
