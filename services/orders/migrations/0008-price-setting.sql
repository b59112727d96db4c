-- O-13: what a list was proposed on: demand, competitors' prices.
ALTER TABLE price_list ADD COLUMN evidence jsonb;
