import { distributorEvents } from '@fenxiao/contracts/distributors';
import type { Event } from '@fenxiao/contracts/event';
import { invoiceEvents, shipmentEvents } from '@fenxiao/contracts/orders';
import { productEvents } from '@fenxiao/contracts/prices';
import { domainError } from '@fenxiao/domain/domain-error';
import { EventContext, On } from '@fenxiao/messaging/transport';
import type { Sql } from '@fenxiao/messaging/sql';
import type { Work } from '@fenxiao/service-kit/work';
import { Controller } from '@nestjs/common';
import { Ctx, Payload } from '@nestjs/microservices';

/** C-02: who our customers are and what they bought, learned from events and asked of nobody. */

export interface KnownCustomer {
  readonly id: string;
  readonly code: string;
  readonly name: string;
  readonly region: string;
  readonly segment: string;
  /** A, B or C; those of class A are key accounts */
  readonly class: string;
}

/** A line of goods that were shipped, with the product as it is called. */
export interface Purchase {
  readonly shipment: string;
  readonly line: number;
  readonly shipmentNumber: string;
  readonly orderNumber: string;
  readonly customer: string;
  readonly region: string;
  readonly salesperson: string | null;
  /** ISO date */
  readonly shippedOn: string;
  readonly product: string;
  readonly productCode: string;
  /** null until the product has been heard of */
  readonly name: string | null;
  readonly specification: string | null;
  readonly family: string;
  readonly grade: string;
  readonly colourNumber: string;
  readonly batch: string;
  /** three decimals */
  readonly quantity: string;
  /** what was paid for it, without tax, two decimals */
  readonly net: string;
}

type ByIdOrCode = { readonly id: string } | { readonly code: string };

export async function findCustomer(sql: Sql, by: ByIdOrCode): Promise<KnownCustomer | undefined> {
  const [column, key] = 'id' in by ? ['id', by.id] : ['code', by.code];
  const [known] = await sql.query<KnownCustomer>(
    `SELECT id, code, name, region, segment, class FROM known_customer WHERE ${column} = $1`,
    [key],
  );
  return known;
}

/** @throws unknownCustomer */
export async function customerOf(sql: Sql, by: ByIdOrCode): Promise<KnownCustomer> {
  const known = await findCustomer(sql, by);
  if (known) return known;
  throw 'id' in by
    ? unknownCustomer({ customer: by.id }, { field: 'distributorId' })
    : unknownCustomer({ customer: by.code }, { field: 'distributorCode' });
}

/**
 * What was bought by a receipt 票据: the number of an invoice, a shipping order or an order, whichever the customer has
 * in hand.
 * @returns its lines, at most 1,000, none where the number is not known
 */
export function purchasesOf(sql: Sql, receipt: string): Promise<Purchase[]> {
  return sql.query<Purchase>(
    `WITH shipments AS (
       SELECT shipment FROM known_purchase WHERE shipment_number = $1 UNION SELECT shipment FROM known_purchase WHERE order_number = $1
       UNION SELECT shipment FROM known_invoice WHERE number = $1)
     SELECT p.shipment, p.line, p.shipment_number AS "shipmentNumber", p.order_number AS "orderNumber", p.customer, p.region, p.salesperson,
       p.shipped_on::text AS "shippedOn", p.product, p.product_code AS "productCode", k.name, k.specification, p.family, p.grade,
       p.colour_number AS "colourNumber", p.batch, p.quantity::text, p.net::text
     FROM known_purchase p LEFT JOIN known_product k ON k.id = p.product
     WHERE p.shipment IN (SELECT shipment FROM shipments) ORDER BY p.shipment, p.line LIMIT 1000`,
    [receipt],
  );
}

/** a distributor speaks of its own goods: its people's positions are of the unit that bears its code. */
export function requireOwnCustomer({ actor }: Work, code: string | undefined): void {
  const units = distributorUnits(actor.positions);
  if (units && (code === undefined || !units.includes(code))) throw notYours({}, { field: 'distributorCode' });
}

/** The distributors that somebody acts for who holds no other position; undefined: our own people. */
export function distributorUnits(
  positions: readonly { readonly roles: readonly string[]; readonly unit: string | null }[],
): readonly string[] | undefined {
  const roles = positions.flatMap((position) => position.roles);
  const outside = roles.length > 0 && roles.every((role) => role === 'distributor');
  return outside ? positions.flatMap(({ unit }) => unit ?? []) : undefined;
}

const notYours = domainError({
  code: 'complaints.complaint.not-yours',
  kind: 'forbidden',
  rule: 'X-20',
  en: 'A distributor complains of its own goods, by its own code.',
  zh: '经销商只能就自己购买的货物、以自己的代码投诉。',
});
export const unknownCustomer = domainError({
  code: 'complaints.customer.unknown',
  kind: 'unprocessable',
  rule: 'C-02',
  en: 'No customer {customer} is known here.',
  zh: '未知的客户：{customer}。',
});

type Master = Event<typeof distributorEvents.created>;
type Named = Event<typeof productEvents.created>;
type Shipped = Event<typeof shipmentEvents.recorded>;
type Billed = Event<typeof invoiceEvents.recorded>;

@Controller()
export class PurchaseProjection {
  @On(distributorEvents.created)
  created(@Payload() event: Master, @Ctx() { work }: EventContext<Work>) {
    return this.customer(event, work);
  }
  @On(distributorEvents.recorded)
  recorded(@Payload() event: Event<typeof distributorEvents.recorded>, @Ctx() { work }: EventContext<Work>) {
    return this.customer(event, work);
  }
  @On(distributorEvents.changed)
  changed(@Payload() event: Master, @Ctx() { work }: EventContext<Work>) {
    return this.customer(event, work);
  }
  @On(distributorEvents['region-assigned'])
  moved(
    @Payload() { subject, data }: Event<(typeof distributorEvents)['region-assigned']>,
    @Ctx() { work }: EventContext<Work>,
  ) {
    return work.query('UPDATE known_customer SET region = $2 WHERE id = $1', [subject, data.regionId]);
  }

  @On(productEvents.created)
  productCreated(@Payload() event: Named, @Ctx() { work }: EventContext<Work>) {
    return this.product(event, work);
  }
  @On(productEvents.changed)
  productChanged(@Payload() event: Named, @Ctx() { work }: EventContext<Work>) {
    return this.product(event, work);
  }

  @On(shipmentEvents.dispatched)
  dispatched(@Payload() event: Event<typeof shipmentEvents.dispatched>, @Ctx() { work }: EventContext<Work>) {
    return this.purchase(event, work);
  }
  @On(shipmentEvents.recorded)
  historic(@Payload() event: Shipped, @Ctx() { work }: EventContext<Work>) {
    return this.purchase(event, work);
  }

  @On(invoiceEvents.issued)
  issued(@Payload() event: Billed, @Ctx() { work }: EventContext<Work>) {
    return this.invoice(event, work);
  }
  @On(invoiceEvents.recorded)
  invoiceRecorded(@Payload() event: Billed, @Ctx() { work }: EventContext<Work>) {
    return this.invoice(event, work);
  }

  private customer({ subject, data }: Master, work: Work) {
    const { code, name, regionId, segment, class: letter } = data;
    return work.query(
      `INSERT INTO known_customer (id, code, name, region, segment, class) VALUES ($1, $2, $3, $4, $5, $6)
       ON CONFLICT (id) DO UPDATE SET (code, name, region, segment, class) = ROW (excluded.code, excluded.name, excluded.region, excluded.segment, excluded.class)`,
      [subject, code, name, regionId, segment, letter],
    );
  }

  private product({ subject, data }: Named, work: Work) {
    const { code, name, specification, grade, colourNumber, family } = data;
    return work.query(
      `INSERT INTO known_product (id, code, name, specification, grade, colour_number, family) VALUES ($1, $2, $3, $4, $5, $6, $7)
       ON CONFLICT (id) DO UPDATE SET (code, name, specification, grade, colour_number, family)
         = ROW (excluded.code, excluded.name, excluded.specification, excluded.grade, excluded.colour_number, excluded.family)`,
      [subject, code, name, specification, grade, colourNumber, family],
    );
  }

  private purchase({ subject, data }: Shipped, work: Work) {
    const { number, orderId, orderNumber, distributorId, regionId, salespersonId, shippedOn, lines } = data;
    return work.query(
      `INSERT INTO known_purchase (shipment, line, shipment_number, order_id, order_number, customer, region, salesperson, shipped_on,
         product, product_code, family, grade, colour_number, batch, quantity, net)
       SELECT $1, line, $2, $3, $4, $5, $6, $7, $8, "productId", "productCode", family, grade, "colourNumber", batch, quantity, net
       FROM jsonb_to_recordset($9::jsonb) AS l(line int, "productId" uuid, "productCode" text, family text, grade text, "colourNumber" text,
         batch text, quantity numeric, net numeric)`,
      [
        subject,
        number,
        orderId,
        orderNumber,
        distributorId,
        regionId,
        salespersonId ?? null,
        shippedOn,
        JSON.stringify(lines),
      ],
    );
  }

  private invoice({ data: { number, shipmentId, shipments } }: Billed, work: Work) {
    const billed = shipments?.map((part) => part.shipmentId) ?? (shipmentId ? [shipmentId] : []);
    return work.query(
      'INSERT INTO known_invoice (number, shipment) SELECT $1, unnest($2::uuid[]) ON CONFLICT DO NOTHING',
      [number, billed],
    );
  }
}
