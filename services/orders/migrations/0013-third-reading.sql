-- O-43: whether the line leaves in whole packages only, as its packaging had it on the order's date.
ALTER TABLE order_line ADD COLUMN whole_packages boolean NOT NULL DEFAULT false;

-- O-14: a cut price is on the tax basis its lists had when it was written; on another it says nothing.
ALTER TABLE price_cut ADD COLUMN tax_included boolean;
CREATE INDEX price_cut_beginning ON price_cut (starts_on) WHERE state IN ('approved', 'running', 'ended');
CREATE INDEX packaging_beginning ON packaging (valid_from) WHERE state = 'recorded';

-- O-25: whoever does not prepay buys on credit, also where payment is due at once.
UPDATE invoice i SET on_credit = true FROM known_distributor d WHERE d.id = i.distributor AND d.terms <> 'prepaid' AND NOT i.on_credit;
