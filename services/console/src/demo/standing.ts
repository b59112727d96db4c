import type { CalendarDate } from '@fenxiao/domain/calendar-date';
import { divideRounded } from '@fenxiao/domain/decimal';
import { Money } from '@fenxiao/domain/money';
import type { Distributor } from './distributors.js';
import type { Order } from './orders.js';
import type { Random } from './random.js';
import type { Receipt } from './receipts.js';
import type { Row } from './rows.js';

/** Where customers stand on the last day: class by what they bought (D-06) and credit limit by what they owe (D-21). */
export function distributorRows(
  random: Random,
  distributors: readonly Distributor[],
  orders: readonly Order[],
  receipts: readonly Receipt[],
  yearBefore: CalendarDate,
): Row<'distributors'>[] {
  const bought = totals(
    orders.filter(({ orderedOn }) => orderedOn > yearBefore),
    ({ distributor, net }) => [distributor, net],
  );
  const ordered = totals(orders, ({ distributor, gross }) => [distributor, gross]);
  const paid = totals(receipts, ({ invoice, amount }) => [invoice.order.distributor, amount]);
  const classOf = classes(distributors, bought);
  return distributors.map((distributor) => {
    const { row, prepaid, from } = distributor;
    const owed = of(ordered, distributor).minus(of(paid, distributor));
    const limit =
      prepaid || from === undefined ? undefined : creditLimit(random, distributor, of(bought, distributor), owed);
    return {
      ...row,
      class: classOf.get(distributor) ?? 'C',
      ...(limit ? { creditLimit: limit.toString() } : {}),
    };
  });
}

/** A: those with the first 60 % of the year's sales, B: up to 90 %, C: the others. */
function classes(distributors: readonly Distributor[], bought: ReadonlyMap<Distributor, Money>) {
  const all = Money.sum(bought.values());
  const result = new Map<Distributor, 'A' | 'B' | 'C'>();
  let before = 0n;
  for (const distributor of distributors.toSorted((a, b) => of(bought, b).compare(of(bought, a)))) {
    result.set(distributor, before * 10n < all.fen * 6n ? 'A' : before * 10n < all.fen * 9n ? 'B' : 'C');
    before += of(bought, distributor).fen;
  }
  return result;
}

const step = 5_000_000n; // 50,000 yuan in fen
const largest = (a: bigint, b: bigint) => (a > b ? a : b);

/** Round limits: most have room for an order or two, some have used theirs up. Three months of purchases, tax included, at least. */
function creditLimit(random: Random, { payer }: Distributor, year: Money, owed: Money): Money {
  const usual = divideRounded(year.fen * 113n, 400n);
  if (random.chance(payer === 'bad' ? 0.5 : 0.05)) return Money.fen(largest((owed.fen * 9n) / 10n / step, 1n) * step);
  return Money.fen((largest(usual, (owed.fen * 13n) / 10n) / step + 1n) * step);
}

function totals<T>(items: readonly T[], amountOf: (item: T) => readonly [Distributor, Money]): Map<Distributor, Money> {
  const sums = new Map<Distributor, Money>();
  for (const item of items) {
    const [distributor, amount] = amountOf(item);
    sums.set(distributor, of(sums, distributor).plus(amount));
  }
  return sums;
}

const of = (sums: ReadonlyMap<Distributor, Money>, distributor: Distributor) => sums.get(distributor) ?? Money.zero;
