-- Attachments: what is put into the store is written down first, so that what nothing came of is found again.
CREATE TABLE attachment_put (
  id        uuid PRIMARY KEY,
  procedure text NOT NULL,
  subject   uuid NOT NULL,
  sha256    text NOT NULL,
  size      int NOT NULL,
  put_by    text NOT NULL,
  put_at    timestamptz NOT NULL
);
CREATE INDEX attachment_put_by_file ON attachment_put (procedure, subject, sha256, put_at);
CREATE INDEX attachment_put_by_person ON attachment_put (put_by, put_at);
CREATE INDEX attachment_put_by_age ON attachment_put (put_at, id);

-- C-10: a photograph counts where it can be read to its end; NULL where it is none. What came before counted as it was.
ALTER TABLE attachment ADD COLUMN whole boolean;
UPDATE attachment SET whole = true WHERE type LIKE 'image/%';

-- X-20: what our people attach is for us, unless they mark it for the customer; what the customer attaches is the customer's.
ALTER TABLE attachment ADD COLUMN for_customer boolean NOT NULL DEFAULT false;
UPDATE attachment SET for_customer = true
WHERE uploaded_by IN (SELECT person::text FROM known_position GROUP BY person HAVING bool_and(roles = ARRAY['distributor']));

-- X-20: when the file, and what told of a person here, were erased.
ALTER TABLE attachment ADD COLUMN erased_at timestamptz;
