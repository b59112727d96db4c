-- X-20: the key under which what tells of a person is kept, one for each subject it is kept of. Destroying it erases the data
-- in every row, copy and backup of rows; the row stays, so that nobody makes another.
CREATE TABLE personal_key (
  subject      uuid PRIMARY KEY,
  wrapped      bytea,                              -- by PERSONAL_DATA_KEY; null: destroyed
  created_at   timestamptz NOT NULL,
  destroyed_at timestamptz,
  CHECK ((wrapped IS NULL) = (destroyed_at IS NOT NULL))
);
