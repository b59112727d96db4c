-- X-13: the days declared to be holidays or make-up working days, learned from events only.
CREATE TABLE known_calendar_day (
  id      uuid PRIMARY KEY,                      -- the declaration; of two for one date the later counts
  date    date    NOT NULL,
  working boolean NOT NULL,
  name    text    NOT NULL
);
-- One row. Raised in the transaction that changes a day: its lock gives the changes one order, so a reader that sees a
-- revision sees every day up to it.
CREATE TABLE calendar_revision (revision int NOT NULL);
INSERT INTO calendar_revision VALUES (0);

-- The revision a deadline was computed at: what runs and lies below the present one is computed again.
ALTER TABLE clock ADD COLUMN calendar int NOT NULL DEFAULT 0, ADD COLUMN warned_at timestamptz;
CREATE INDEX clock_by_calendar ON clock (calendar, id) WHERE next_at IS NOT NULL;
