import type { CalendarDate } from '@fenxiao/domain/calendar-date';
import { divideRounded, formatDecimal } from '@fenxiao/domain/decimal';
import { Money } from '@fenxiao/domain/money';
import { Percentage } from '@fenxiao/domain/percentage';
import { Quantity } from '@fenxiao/domain/quantity';
import type { UnitPrice } from '@fenxiao/domain/unit-price';
import { appetite, type Distributor } from './distributors.js';
import { families, isSold, priceOn, type Product } from './products.js';
import type { Random } from './random.js';
import type { Row } from './rows.js';
import { calendar, daysBetween, daysFrom, demandOn, growth, plusDays } from './season.js';

export interface OrderLine {
  readonly product: Product;
  readonly quantity: Quantity;
  readonly unitPrice: UnitPrice;
  readonly discount: Percentage;
  readonly gift: boolean;
  readonly net: Money;
  readonly gross: Money;
}

export interface Order {
  readonly number: string;
  readonly distributor: Distributor;
  readonly orderedOn: CalendarDate;
  readonly promisedOn: CalendarDate;
  /** absent: not shipped by the last day of the history */
  readonly shippedOn?: CalendarDate;
  readonly deliveredOn?: CalendarDate;
  readonly channel: NonNullable<Row<'orders'>['channel']>;
  readonly segment: Distributor['segment'];
  readonly reference?: string;
  readonly freight?: Money;
  readonly carrier?: string;
  readonly lines: readonly OrderLine[];
  readonly net: Money;
  readonly gross: Money;
}

/** Orders at scale 1 in the 24 full months, and lines of an order on average. */
const ordersWanted = 6000;
const linesWanted = 5;
/** value of an average line in yuan, without tax */
const lineValue = 14_000;
/** 8 % more orders a year, each 3.7 % larger: 12 % */
const moreOrders = 0.08;
const largerOrders = 0.037;
const taxRate = Percentage.of('13');

/** value of an order against that of others, lines, and how many of them are made for it */
const habits = {
  'engineering-project': { value: 2.4, lines: 0.6, made: 0.35, listPrice: 0.62 },
  'regional-distributor': { value: 1, lines: 1.1, made: 0.09, listPrice: 0.86 },
  'retail-shop': { value: 0.55, lines: 0.9, made: 0.03, listPrice: 0.92 },
  other: { value: 1, lines: 1, made: 0.05, listPrice: 0.88 },
};
const channels = ['direct', 'telephone', 'shop', 'online'] as const;
const carriers = ['自有车队', '示范物流甲', '示范物流乙', '示范物流丙'];
/** discounts that are given, by how far they go: the bands of O-11 end at 3, 5 and 8 per cent */
const discounts = [
  { steps: [1, 6], weight: 64 },
  { steps: [7, 10], weight: 24 },
  { steps: [11, 16], weight: 9.5 },
  { steps: [17, 24], weight: 2.5 },
] as const;

/** @param full the first day after the 24 full months */
export function makeOrders(
  random: Random,
  options: { scale: number; start: CalendarDate; full: CalendarDate; until: CalendarDate },
  distributors: readonly Distributor[],
  products: readonly Product[],
): Order[] {
  const { scale, start, full, until } = options;
  const demand = (day: CalendarDate) => demandOn(day) * growth(moreOrders, start, day);
  let wholeDemand = 0;
  for (const day of daysFrom(start, plusDays(full, -1))) wholeDemand += demand(day);
  const shelf = shelfOf(products);
  const tastes = new Map(distributors.map((distributor) => [distributor, tasteOf(random, distributor, products)]));
  const orders: Order[] = [];
  const monthly = (ordersWanted * scale * linesWanted * lineValue) / 24;
  let [month, inMonth, planned, booked] = ['', 0, 0, 0];
  for (const day of daysFrom(start, until)) {
    if (day.slice(0, 7) !== month) [month, inMonth] = [day.slice(0, 7), 0];
    const wanted = distributors.map((distributor) => appetite(distributor, start, day));
    // few large orders or many small ones: either way as much as is wanted
    const values = distributors.map(({ segment }, i) => habits[segment].value * wanted[i]! ** 0.4);
    const often = wanted.map((want, i) => (want === 0 ? 0 : want / values[i]!));
    const mean = sum(wanted) / sum(often);
    const available = products.map((product, i) => shelf[i]! * fame(product, day));
    const expected = (ordersWanted * scale * demand(day)) / wholeDemand;
    const larger = growth(largerOrders, start, day);
    planned += expected * linesWanted * lineValue * larger;
    const count = random.poisson(expected);
    for (let n = 0; n < count; n++) {
      const distributor = random.weighted(distributors, often);
      // a run of large orders is followed by smaller ones: season and growth must show through chance
      const lean = Math.min(1.5, Math.max(0.6, 1 + (planned - booked) / monthly));
      const value = (values[distributors.indexOf(distributor)]! / mean) * larger * lean;
      const weights = available.map((weight, i) => weight * tastes.get(distributor)![i]!);
      const lines = makeLines(random, distributor, value * lineValue, day, products, weights);
      const number = `XS${month.replace('-', '')}-${String(++inMonth).padStart(4, '0')}`;
      const order = makeOrder(random, number, distributor, day, until, lines);
      orders.push(order);
      booked += Number(order.net.toString());
    }
  }
  return orders;
}

const sum = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0);

/** Part of each product in what is sold: of its family by popularity. */
function shelfOf(products: readonly Product[]): number[] {
  const whole = new Map(
    families.map((family) => [family, sum(products.filter((p) => p.family === family).map((p) => p.popularity))]),
  );
  return products.map(({ family, popularity }) => (family.weight * popularity) / whole.get(family)!);
}

/** What a customer usually takes: somewhat less than half of the catalogue, as its area likes it. */
function tasteOf(random: Random, { province }: Distributor, products: readonly Product[]): number[] {
  return products.map(({ family }) => (random.chance(0.45) ? 1 : 0.08) * (province.area.taste[family.code] ?? 1));
}

/** 0 for what is not sold that day; a new product takes some five months to become known. */
function fame(product: Product, day: CalendarDate): number {
  if (!isSold(product, day)) return 0;
  return Math.min(1, 0.15 + daysBetween(product.launchedOn, day) / 160);
}

function makeLines(
  random: Random,
  { segment }: Distributor,
  value: number,
  day: CalendarDate,
  products: readonly Product[],
  weights: number[],
): OrderLine[] {
  const habit = habits[segment];
  const count = 1 + random.poisson(linesWanted * habit.lines - 1);
  const discount = discountOf(random, habit.listPrice);
  const lines: OrderLine[] = [];
  const take = () => {
    const product = random.weighted(products, weights);
    // once in an order
    weights[products.indexOf(product)] = 0;
    return product;
  };
  for (let n = 0; n < count; n++) {
    const product = take();
    // the same order of fewer lines has larger ones
    const worth = (value / habit.lines) * Math.exp(0.7 * random.normal() - 0.245);
    const boxPrice = Number(priceOn(product, day).toString()) * Number(product.box.toString());
    lines.push(line(product, Math.round(worth / boxPrice), day, random.chance(0.8) ? discount : Percentage.zero));
  }
  if (random.chance(0.012)) lines.push(line(take(), random.int(1, 3), day, Percentage.zero, true));
  return lines;
}

function line(product: Product, boxes: number, day: CalendarDate, discount: Percentage, gift = false): OrderLine {
  const unitPrice = priceOn(product, day);
  const quantity = Quantity.of(formatDecimal(product.box.units * BigInt(Math.max(1, boxes)), 3));
  const net = gift ? Money.zero : Money.lineNet(unitPrice, quantity, discount);
  return { product, quantity, unitPrice, discount, gift, net, gross: net.plus(Money.taxOn(net, taxRate)) };
}

function discountOf(random: Random, listPrice: number): Percentage {
  if (random.chance(listPrice)) return Percentage.zero;
  const { steps } = random.weighted(
    discounts,
    discounts.map(({ weight }) => weight),
  );
  // steps of half a per cent
  return Percentage.of(formatDecimal(BigInt(random.int(steps[0], steps[1])) * 5n, 1));
}

function makeOrder(
  random: Random,
  number: string,
  distributor: Distributor,
  orderedOn: CalendarDate,
  until: CalendarDate,
  lines: readonly OrderLine[],
): Order {
  const { province, segment } = distributor;
  const { transit, freight } = province.area;
  const made = random.chance(habits[segment].made);
  const ready = calendar.addWorkingDays(orderedOn, made ? random.int(6, 14) : random.int(1, 2));
  const promisedOn = plusDays(ready, transit + random.int(1, 2));
  const late = random.chance(made ? 0.2 : 0.09);
  const shippedOn = late ? calendar.addWorkingDays(ready, random.int(2, 9)) : ready;
  const deliveredOn = plusDays(shippedOn, Math.max(0, transit + random.pick([-1, 0, 0, 0, 0, 1])));
  const delivers = random.chance(0.7);
  const carrier = random.pick(carriers);
  const channel = random.weighted(channels, segment === 'retail-shop' ? [40, 25, 20, 15] : [62, 26, 6, 6]);
  const elsewhere = segment === 'regional-distributor' && random.chance(0.06);
  const reference = `PO-${random.int(10_000, 99_999)}`;
  return {
    number,
    distributor,
    orderedOn,
    promisedOn,
    channel,
    lines,
    segment: elsewhere ? 'engineering-project' : segment,
    ...(random.chance(0.2) ? { reference } : {}),
    ...(shippedOn <= until ? { shippedOn } : {}),
    ...(deliveredOn <= until ? { deliveredOn } : {}),
    ...(delivers ? { carrier, freight: freightOf(lines, freight) } : {}),
    net: Money.sum(lines.map(({ net }) => net)),
    gross: Money.sum(lines.map(({ gross }) => gross)),
  };
}

function freightOf(lines: readonly OrderLine[], fen: bigint): Money {
  // quantity and area of a unit have three decimals each
  const area = lines.reduce((total, { quantity, product }) => total + quantity.units * product.area, 0n);
  return Money.fen(divideRounded(area * fen, 1_000_000n));
}
