-- Competitors and what the market sold (P-41, P-42).
CREATE TABLE competitor (
  LIKE subject INCLUDING ALL,
  code text NOT NULL UNIQUE,
  name text NOT NULL,
  us   boolean NOT NULL
);
-- At most one of them is us.
CREATE UNIQUE INDEX competitor_us ON competitor (us) WHERE us;

CREATE TABLE market_observation (
  LIKE subject INCLUDING ALL,
  month       date NOT NULL CHECK (month = date_trunc('month', month)),
  category    text NOT NULL,
  vendor      text NOT NULL,                       -- code of a registered competitor, or `other`
  vendor_name text NOT NULL,                       -- as the source calls it
  value       numeric(14,2) NOT NULL CHECK (value >= 0),
  volume      numeric(14,3) CHECK (volume >= 0),
  source      text NOT NULL,
  confidence  text NOT NULL
);
-- One figure per source; region is the subject's.
CREATE UNIQUE INDEX market_observation_key ON market_observation (month, region, category, vendor_name, source);
