-- O-06: the rest of a partly shipped order that can't come is dropped: how much of a line, and what it was worth.
ALTER TABLE order_line
  ADD COLUMN dropped       numeric(14,3) NOT NULL DEFAULT 0,
  ADD COLUMN dropped_net   numeric(14,2) NOT NULL DEFAULT 0,
  ADD COLUMN dropped_tax   numeric(14,2) NOT NULL DEFAULT 0,
  ADD COLUMN dropped_gross numeric(14,2) NOT NULL DEFAULT 0,
  ADD CHECK (dropped >= 0 AND issued + dropped <= quantity AND allocated + shipped + dropped <= quantity);
ALTER TABLE "order"
  ADD COLUMN closed_short_at timestamptz,
  ADD COLUMN consented_on date,
  ADD COLUMN consent text;
CREATE INDEX order_by_short_close ON "order" (closed_short_at) WHERE closed_short_at IS NOT NULL;

-- O-24: who counted before a counter was replaced, and what they had written in that round: sealed until both counts are in.
-- A count that was moved stays measured by the day it was first announced for.
ALTER TABLE stocktake
  ADD COLUMN former jsonb NOT NULL DEFAULT '[]',
  ADD COLUMN first_scheduled_on date;              -- none of what the release before this one opened while it still served
UPDATE stocktake SET first_scheduled_on = scheduled_on;
DROP INDEX stocktake_of_year;
CREATE UNIQUE INDEX stocktake_of_year ON stocktake (warehouse, coalesce(first_scheduled_on, scheduled_on)) WHERE kind = 'year-end';
CREATE TABLE stocktake_set_aside (
  stocktake uuid NOT NULL,
  line      int  NOT NULL,
  person    uuid NOT NULL,
  round     int  NOT NULL,
  quantity  numeric(14,3) NOT NULL,
  PRIMARY KEY (stocktake, line, person, round),
  FOREIGN KEY (stocktake, line) REFERENCES stocktake_line
);

-- O-25: whether an invoice was on credit is known when it is issued; its customer's terms may change afterwards. Of those
-- issued before: what was due later was, unless the customer prepays today at these very days.
ALTER TABLE invoice ADD COLUMN on_credit boolean DEFAULT true;
UPDATE invoice i SET on_credit = due_on > invoiced_on AND NOT EXISTS (
  SELECT FROM known_distributor d WHERE d.id = i.distributor AND d.terms = 'prepaid' AND d.payment_days = i.due_on - i.invoiced_on);
ALTER TABLE invoice ALTER COLUMN on_credit SET NOT NULL;
-- sums over many invoices go on reading these alone
DROP INDEX invoice_open_due;
DROP INDEX invoice_by_date;
DROP INDEX invoice_by_due;
CREATE INDEX invoice_open_due ON invoice (due_on, id) INCLUDE (open_amount, invoiced_on, distributor, region, owner, on_credit) WHERE open_amount > 0;
CREATE INDEX invoice_by_date ON invoice (invoiced_on) INCLUDE (gross, distributor, region, owner, on_credit);
CREATE INDEX invoice_by_due ON invoice (due_on) INCLUDE (id, gross, distributor, region, owner, on_credit);

-- O-44: the designs of an idea, latest first.
CREATE INDEX design_proposal_by_idea ON form_document ((form->>'ideaId'), id DESC) WHERE procedure = 'design-proposal';

-- O-22: parts of finance's file are still to come, so there is nothing to compare yet.
ALTER TABLE reconciliation ADD COLUMN file_incomplete boolean NOT NULL DEFAULT false;
