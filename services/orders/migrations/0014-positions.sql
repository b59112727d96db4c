-- K-O14: what was shipped before the orders service was there is found by its day alone.
CREATE INDEX shipment_of_history ON shipment (shipped_on) WHERE dispatched_at IS NULL AND shipped_on IS NOT NULL;
