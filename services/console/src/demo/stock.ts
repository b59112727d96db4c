import type { CalendarDate } from '@fenxiao/domain/calendar-date';
import { formatDecimal } from '@fenxiao/domain/decimal';
import type { Order } from './orders.js';
import { isSold, type Product } from './products.js';
import type { Random } from './random.js';
import type { Row } from './rows.js';
import { plusDays } from './season.js';

/** The warehouse at the works in Chongqing and the branch in Foshan, with its part of the stock in per cent. */
const home = 'CQ-01';
const branch = 'FS-02';
const inBranch = 35n;
const shortProducts = 0.06;

/**
 * What lies in the warehouses on the last day: five to ten weeks of sales in one to three batches each, over what is
 * ordered and not shipped; a few products are nearly sold out.
 */
export function stockRows(
  random: Random,
  products: readonly Product[],
  orders: readonly Order[],
  until: CalendarDate,
): Row<'stock'>[] {
  const recent = boxesIn(orders.filter(({ orderedOn }) => orderedOn > plusDays(until, -182)));
  const open = boxesIn(orders.filter(({ shippedOn }) => shippedOn === undefined));
  return products.flatMap((product) => {
    if (!isSold(product, until)) return [];
    const isShort = random.chance(shortProducts);
    const weekly = (recent.get(product) ?? 0n) / 26n;
    const boxes = isShort
      ? BigInt(random.int(2, 12))
      : (open.get(product) ?? 0n) + (weekly * BigInt(random.int(50, 100))) / 10n + BigInt(random.int(150, 400));
    const there = (boxes * inBranch) / 100n;
    return [...batches(random, product, home, boxes - there, until), ...batches(random, product, branch, there, until)];
  });
}

function batches(
  random: Random,
  product: Product,
  warehouse: string,
  boxes: bigint,
  until: CalendarDate,
): Row<'stock'>[] {
  const parts = random.int(1, 3);
  const rows: Row<'stock'>[] = [];
  let age = random.int(3, 25);
  for (let left = boxes, n = 1; left > 0n && n <= parts; n++) {
    const taken = n === parts ? left : (left * BigInt(random.int(40, 70))) / 100n || left;
    left -= taken;
    const receivedOn = plusDays(until, -age);
    rows.push({
      productCode: product.row.code,
      warehouse,
      receivedOn,
      batch: `B${receivedOn.replaceAll('-', '').slice(2)}-${random.int(1, 9)}${'ABC'[n - 1]}`,
      quantity: formatDecimal(product.box.units * taken, 3),
      grade: product.row.grade,
    });
    age += random.int(10, 40);
  }
  return rows;
}

function boxesIn(orders: readonly Order[]): Map<Product, bigint> {
  const boxes = new Map<Product, bigint>();
  for (const { product, quantity } of orders.flatMap(({ lines }) => lines))
    boxes.set(product, (boxes.get(product) ?? 0n) + quantity.units / product.box.units);
  return boxes;
}
