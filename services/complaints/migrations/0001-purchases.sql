-- What complaints knows of customers, products and what they bought, learned from events (C-02).
CREATE TABLE known_customer (
  id      uuid PRIMARY KEY,
  code    text NOT NULL,
  name    text NOT NULL,
  region  uuid NOT NULL,
  segment text NOT NULL,
  class   text NOT NULL
);
CREATE UNIQUE INDEX known_customer_by_code ON known_customer (code);

CREATE TABLE known_product (
  id            uuid PRIMARY KEY,
  code          text NOT NULL,
  name          text NOT NULL,
  specification text NOT NULL,
  grade         text NOT NULL,
  colour_number text NOT NULL,
  family        text NOT NULL
);
CREATE UNIQUE INDEX known_product_by_code ON known_product (code);

-- A line of a shipping order that has left, so a purchase.
CREATE TABLE known_purchase (
  shipment        uuid NOT NULL,
  line            int  NOT NULL,
  shipment_number text NOT NULL,
  order_id        uuid NOT NULL,
  order_number    text NOT NULL,
  customer        uuid NOT NULL,
  region          uuid NOT NULL,
  salesperson     uuid,
  shipped_on      date NOT NULL,
  product         uuid NOT NULL,
  product_code    text NOT NULL,
  family          text NOT NULL,
  grade           text NOT NULL,
  colour_number   text NOT NULL,
  batch           text NOT NULL,
  quantity        numeric(14,3) NOT NULL,
  net             numeric(14,2) NOT NULL,
  PRIMARY KEY (shipment, line)
);
CREATE INDEX known_purchase_by_shipment_number ON known_purchase (shipment_number);
CREATE INDEX known_purchase_by_order_number ON known_purchase (order_number);
CREATE INDEX known_purchase_by_customer ON known_purchase (customer, shipped_on DESC);

-- Of its own, since an invoice may be heard of before the goods it is for. One invoice may bill several shipments.
CREATE TABLE known_invoice (
  number   text NOT NULL,
  shipment uuid NOT NULL,
  PRIMARY KEY (number, shipment)
);
