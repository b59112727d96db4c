-- C-10: after-sales cases.
CREATE TABLE after_sales_case (
  LIKE subject INCLUDING ALL,
  number           text NOT NULL UNIQUE,
  received_at      timestamptz NOT NULL,
  distributor      uuid NOT NULL REFERENCES known_customer,
  distributor_code text NOT NULL,
  order_number     text,
  product          uuid,
  product_code     text,
  family           text,
  description      text NOT NULL,
  contact          text,
  telephone        text,
  address          text,
  limits           jsonb NOT NULL,                 -- of its clocks, as they were set when it was reported
  notified_at      timestamptz,
  suggestions      jsonb NOT NULL,
  visited_on       date,
  findings         text,
  photos_wanted    text,
  photographs      int,                            -- with their place, when they were received
  opinion          text,
  opinion_by       text,
  verified         text,
  decision         text,
  service          text,
  decided_at       timestamptz,
  decided_by       text,
  decided_role     text,
  serviced_on      date,
  result           text,
  informed_at      timestamptz,
  informed_way     text
);
CREATE INDEX after_sales_case_by_state ON after_sales_case (state, id DESC);
CREATE INDEX after_sales_case_by_region ON after_sales_case (region, id DESC);
CREATE INDEX after_sales_case_by_owner ON after_sales_case (owner, id DESC);
CREATE INDEX after_sales_case_by_maker ON after_sales_case (created_by, id DESC);
CREATE INDEX after_sales_case_by_distributor ON after_sales_case (distributor, id DESC);
CREATE INDEX after_sales_case_by_product ON after_sales_case (product, id DESC) WHERE product IS NOT NULL;

-- C-21: technical support.
CREATE TABLE technical_support (
  LIKE subject INCLUDING ALL,
  number           text NOT NULL UNIQUE,
  received_at      timestamptz NOT NULL,
  distributor      uuid NOT NULL REFERENCES known_customer,
  distributor_code text NOT NULL,
  order_number     text,
  product          uuid,
  product_code     text,
  family           text,
  question         text NOT NULL,
  contact          text,
  telephone        text,
  limits           jsonb NOT NULL,
  notified_at      timestamptz,
  contacts         int NOT NULL CHECK (contacts >= 1),
  reopenings       int NOT NULL CHECK (reopenings >= 0),
  answer           text,
  answered_at      timestamptz,
  article_ids      jsonb NOT NULL,
  informed_at      timestamptz,
  closed_at        timestamptz
);
CREATE INDEX technical_support_by_state ON technical_support (state, id DESC);
CREATE INDEX technical_support_by_region ON technical_support (region, id DESC);
CREATE INDEX technical_support_by_owner ON technical_support (owner, id DESC);
CREATE INDEX technical_support_by_maker ON technical_support (created_by, id DESC);
CREATE INDEX technical_support_by_distributor ON technical_support (distributor, id DESC);
CREATE INDEX technical_support_by_product ON technical_support (product, id DESC) WHERE product IS NOT NULL;

-- C-11: contacts with customers. Lists run by the day of the contact.
CREATE TABLE contact_record (
  LIKE subject INCLUDING ALL,
  distributor      uuid NOT NULL REFERENCES known_customer,
  distributor_code text NOT NULL,
  contacted_on     date NOT NULL,
  way              text NOT NULL,
  direction        text NOT NULL,
  topic            text NOT NULL,
  content          text NOT NULL,
  contact          text,
  case_id          uuid REFERENCES after_sales_case,
  follow_up_on     date,
  followed_up_on   date,
  outcome          text
);
CREATE INDEX contact_record_by_state ON contact_record (state, contacted_on DESC, id DESC);
CREATE INDEX contact_record_by_region ON contact_record (region, contacted_on DESC, id DESC);
CREATE INDEX contact_record_by_owner ON contact_record (owner, contacted_on DESC, id DESC);
CREATE INDEX contact_record_by_maker ON contact_record (created_by, contacted_on DESC, id DESC);
CREATE INDEX contact_record_by_distributor ON contact_record (distributor, contacted_on DESC, id DESC);
CREATE INDEX contact_record_by_day ON contact_record (contacted_on DESC, id DESC);
CREATE INDEX contact_record_by_case ON contact_record (case_id, contacted_on DESC, id DESC) WHERE case_id IS NOT NULL;

-- Files that belong to a subject, whatever its procedure; the bytes are in the store.
CREATE TABLE attachment (
  id          uuid PRIMARY KEY,
  procedure   text NOT NULL,
  subject     uuid NOT NULL,
  n           int NOT NULL CHECK (n >= 1),
  sha256      text NOT NULL,
  name        text NOT NULL,
  type        text NOT NULL,
  size        int NOT NULL CHECK (size > 0),
  taken_at    timestamptz,
  place       text,                                -- as whoever uploaded it says
  latitude    numeric(9,6),                        -- as the file says: for staff only
  longitude   numeric(9,6),
  uploaded_by text NOT NULL,
  uploaded_at timestamptz NOT NULL,
  UNIQUE (procedure, subject, n),
  UNIQUE (procedure, subject, sha256)
);
