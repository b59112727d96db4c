-- Lists of a million orders (order-filters.ts): each filter's index runs in the order of the list, so a page is read from
-- it and no further. The list runs by the day of the order; one of a range of promised days, or of what
-- a number begins with, runs by these.
DROP INDEX order_list, order_by_state, order_by_region, order_by_owner, order_by_distributor;
CREATE INDEX order_list ON "order" (ordered_on DESC, id DESC);
CREATE INDEX order_by_state ON "order" (state, ordered_on DESC, id DESC);
CREATE INDEX order_by_region ON "order" (region, ordered_on DESC, id DESC);
CREATE INDEX order_by_region_and_state ON "order" (region, state, ordered_on DESC, id DESC);
CREATE INDEX order_by_owner ON "order" (owner, ordered_on DESC, id DESC);
CREATE INDEX order_by_maker ON "order" (created_by, ordered_on DESC, id DESC);
CREATE INDEX order_by_distributor ON "order" (distributor, ordered_on DESC, id DESC);
CREATE INDEX order_by_channel ON "order" (channel, ordered_on DESC, id DESC);
CREATE INDEX order_by_promise ON "order" (promised_on DESC, id DESC) WHERE promised_on IS NOT NULL;
CREATE INDEX order_by_number ON "order" (number COLLATE "C" DESC, id DESC);
CREATE INDEX order_by_reference ON "order" (reference COLLATE "C" DESC, id DESC) WHERE reference IS NOT NULL;
CREATE INDEX order_line_by_code ON order_line (product_code, order_id DESC);

-- Whoever sees a region, or what is theirs, sees what follows from orders by the same.
CREATE INDEX shipment_by_region ON shipment (region, id DESC);
CREATE INDEX shipment_by_owner ON shipment (owner, id DESC);
CREATE INDEX shipment_by_maker ON shipment (created_by, id DESC);
CREATE INDEX shipment_by_distributor ON shipment (distributor, id DESC);
CREATE INDEX invoice_by_state ON invoice (state, id DESC);
CREATE INDEX invoice_by_region ON invoice (region, id DESC);
CREATE INDEX invoice_by_owner ON invoice (owner, id DESC);
CREATE INDEX invoice_by_maker ON invoice (created_by, id DESC);
CREATE INDEX invoice_by_distributor ON invoice (distributor, id DESC);
CREATE INDEX payment_by_state ON payment (state, id DESC);
CREATE INDEX payment_by_region ON payment (region, id DESC);
CREATE INDEX payment_by_owner ON payment (owner, id DESC);
CREATE INDEX payment_by_maker ON payment (created_by, id DESC);
CREATE INDEX price_exception_by_region ON price_exception (region, id DESC);
CREATE INDEX price_exception_by_owner ON price_exception (owner, id DESC);
CREATE INDEX price_exception_by_maker ON price_exception (created_by, id DESC);
