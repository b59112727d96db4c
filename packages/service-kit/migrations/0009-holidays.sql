-- X-13: what the calendar said without declared days when a process last started; another file or law is a new revision.
ALTER TABLE calendar_revision ADD COLUMN holidays text;
