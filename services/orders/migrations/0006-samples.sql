-- O-30: samples, apart from what is sold.
CREATE TABLE sample_stock (
  LIKE subject INCLUDING ALL,
  product      uuid NOT NULL UNIQUE REFERENCES product,
  product_code text NOT NULL,
  on_hand      numeric(14,3) NOT NULL CHECK (on_hand >= 0)
);

CREATE TABLE sample_request (
  LIKE subject INCLUDING ALL,
  number           text NOT NULL UNIQUE,
  distributor      uuid NOT NULL,
  distributor_code text NOT NULL,
  product          uuid NOT NULL REFERENCES product,
  product_code     text NOT NULL,
  family           text NOT NULL,
  colour_number    text NOT NULL,
  quantity         numeric(14,3) NOT NULL CHECK (quantity > 0),
  issued           numeric(14,3) NOT NULL CHECK (issued >= 0 AND issued <= quantity),
  purpose          text NOT NULL,
  return_needed    boolean NOT NULL
);
CREATE INDEX sample_request_by_state ON sample_request (state, id DESC);
CREATE INDEX sample_request_by_region ON sample_request (region, id DESC);
CREATE INDEX sample_request_by_owner ON sample_request (owner, id DESC);
CREATE INDEX sample_request_by_maker ON sample_request (created_by, id DESC);
CREATE INDEX sample_request_by_distributor ON sample_request (distributor, id DESC);

CREATE TABLE sample (
  LIKE subject INCLUDING ALL,
  number           text NOT NULL UNIQUE,
  request          uuid NOT NULL REFERENCES sample_request,
  request_number   text NOT NULL,
  distributor      uuid NOT NULL,
  distributor_code text NOT NULL,
  product          uuid NOT NULL REFERENCES product,
  product_code     text NOT NULL,
  family           text NOT NULL,
  colour_number    text NOT NULL,
  quantity         numeric(14,3) NOT NULL CHECK (quantity > 0),
  return_needed    boolean NOT NULL,
  issued_on        date NOT NULL,
  return_on        date,
  returned_on      date,
  list_value       numeric(14,2) NOT NULL,
  charged          numeric(14,2),
  converted_by     uuid                            -- the order it led to
);
CREATE INDEX sample_by_state ON sample (state, id DESC);
CREATE INDEX sample_by_region ON sample (region, id DESC);
CREATE INDEX sample_by_owner ON sample (owner, id DESC);
CREATE INDEX sample_by_maker ON sample (created_by, id DESC);
CREATE INDEX sample_by_request ON sample (request, id DESC);
CREATE INDEX sample_by_distributor ON sample (distributor, id DESC);
CREATE INDEX sample_by_return ON sample (return_on DESC, id DESC) WHERE return_on IS NOT NULL;
CREATE INDEX sample_not_converted ON sample (issued_on) WHERE converted_by IS NULL;
