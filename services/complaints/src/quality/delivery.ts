import type { Event } from '@fenxiao/contracts/event';
import { shipmentEvents } from '@fenxiao/contracts/orders';
import { Quantity } from '@fenxiao/domain/quantity';
import { EventContext, On } from '@fenxiao/messaging/transport';
import { open } from '@fenxiao/service-kit/engine';
import type { Work } from '@fenxiao/service-kit/work';
import { Controller } from '@nestjs/common';
import { Ctx, Payload } from '@nestjs/microservices';
import { purchasesOf, type Purchase } from '../purchases.js';
import { complaint } from './complaint.js';

type Received = Event<typeof shipmentEvents.received>;

/** C-01, O-05 Goods that arrived damaged 到货破损: the note on the delivery opens a complaint of each damaged line, once. */
@Controller()
export class DeliveryDamage {
  @On(shipmentEvents.received)
  async received(@Payload() { subject, data }: Received, @Ctx() { work }: EventContext<Work>): Promise<void> {
    const { damage, damaged = [], number, distributorCode, distributorId } = data;
    if (damage === undefined) return;
    const bought = (await purchasesOf(work, number)).filter(({ shipment }) => shipment === subject);
    const known = await work.query<{ line: number }>(
      `SELECT shipment_line AS line FROM complaint WHERE shipment = $1 AND (channel = 'delivery' OR state NOT IN ('archived', 'rejected'))`,
      [subject],
    );
    const [customer] = await work.query<{ code: string }>('SELECT code FROM known_customer WHERE id = $1', [
      distributorId,
    ]);
    for (const line of linesOf(bought, damaged)) {
      if (known.some((complained) => complained.line === line.goods.line)) continue;
      const about = line.note ? `${damage}\n${line.note}` : damage;
      const of = customer ? { distributorCode: customer.code } : { customer: distributorCode ?? number };
      const form = formOf(line.goods, line.quantity, about.slice(0, 4000));
      await open(work, complaint, { form: { ...form, ...of, receipt: number }, bySystem: true });
    }
  }
}

interface Damaged {
  readonly line: number;
  readonly quantity: string;
  readonly note?: string | undefined;
}

/** The lines that were said to be damaged, each once with what was said of it together; none said: the first, whole. */
function linesOf(bought: readonly Purchase[], damaged: readonly Damaged[]) {
  const [first] = bought;
  if (damaged.length === 0) return first ? [{ goods: first, quantity: first.quantity, note: undefined }] : [];
  return [...Map.groupBy(damaged, ({ line }) => line)].flatMap(([line, parts]) => {
    const goods = bought.find((purchase) => purchase.line === line);
    const quantity = String(Quantity.sum(parts.map((part) => Quantity.of(part.quantity))));
    const notes = parts.flatMap(({ note }) => note ?? []);
    return goods && Quantity.of(quantity).isPositive()
      ? [{ goods, quantity, note: notes.length > 0 ? notes.join('\n') : undefined }]
      : [];
  });
}

const formOf = (goods: Purchase, quantity: string, description: string) => ({
  channel: 'delivery',
  productName: goods.name ?? goods.productCode,
  specification: goods.specification ?? goods.family,
  quantity,
  grade: goods.grade,
  colourNumber: goods.colourNumber,
  purchasedOn: goods.shippedOn,
  batch: goods.batch,
  defect: '到货破损',
  description,
  shipmentId: goods.shipment,
  shipmentLine: goods.line,
});
