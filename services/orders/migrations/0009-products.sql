-- O-40: products that are still new, for the job that ends it.
CREATE INDEX product_still_new ON product (launched_on) WHERE state = 'new';
