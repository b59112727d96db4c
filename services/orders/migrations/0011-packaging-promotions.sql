-- O-43: in what a product is packed and sold, from when; never overwritten, so it is its own history.
CREATE TABLE packaging (
  LIKE subject INCLUDING ALL,
  product             uuid NOT NULL REFERENCES product,
  product_code        text NOT NULL,
  base_unit           text NOT NULL,               -- as the product had it then
  sales_unit          text NOT NULL,
  units_per_package   numeric(14,3) NOT NULL CHECK (units_per_package > 0),
  whole_packages_only boolean NOT NULL,
  valid_from          date NOT NULL,
  note                text,
  before              jsonb
);
CREATE INDEX packaging_by_product ON packaging (product, id DESC);
CREATE INDEX packaging_by_code ON packaging (product_code, id DESC);
CREATE INDEX packaging_by_state ON packaging (state, id DESC);
CREATE INDEX packaging_in_force ON packaging (product, valid_from DESC, id DESC) WHERE state = 'recorded';

-- O-14: short price cuts. Products, families and regions are few for each, and few cuts hold on a day.
CREATE TABLE price_cut (
  LIKE subject INCLUDING ALL,
  number        text   NOT NULL UNIQUE,
  title         text   NOT NULL,
  proposal      text   NOT NULL,
  products      uuid[] NOT NULL,
  product_codes text[] NOT NULL,
  families      text[] NOT NULL,
  regions       uuid[] NOT NULL,
  percent_off   numeric(13,6) CHECK (percent_off > 0 AND percent_off < 100),
  cut_price     numeric(14,4) CHECK (cut_price >= 0),
  starts_on     date NOT NULL,
  ends_on       date NOT NULL CHECK (ends_on > starts_on),
  promotion     uuid,
  submitted     jsonb,                             -- the terms as submitted, where they were adjusted since
  CHECK (num_nonnulls(percent_off, cut_price) = 1)
);
CREATE INDEX price_cut_by_state ON price_cut (state, id DESC);
CREATE INDEX price_cut_by_region ON price_cut (region, id DESC);
CREATE INDEX price_cut_by_start ON price_cut (starts_on DESC, id DESC);
CREATE INDEX price_cut_by_days ON price_cut (ends_on, starts_on) WHERE state IN ('approved', 'running', 'ended');

ALTER TABLE order_line
  ADD COLUMN sales_unit        text,               -- the packaging in force on the order's date (O-43)
  ADD COLUMN units_per_package numeric(14,3),
  ADD COLUMN price_cut         uuid,               -- the cut that ran on it, and its price (O-14)
  ADD COLUMN cut_price         numeric(14,4);
