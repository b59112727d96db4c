import type { ImportKind, ImportRow } from '@fenxiao/contracts/imports';
import { Money } from '@fenxiao/domain/money';
import { Percentage } from '@fenxiao/domain/percentage';
import { Quantity } from '@fenxiao/domain/quantity';
import { UnitPrice } from '@fenxiao/domain/unit-price';
import { textOf, type Row } from './cells.js';

/** Sums to hold against the books, exact, in fen. */
export function addTotals(kind: ImportKind, row: Row, totals: Record<string, bigint>): void {
  const add = (name: string, amount: Money) => (totals[name] = (totals[name] ?? 0n) + amount.fen);
  if (kind === 'receipts') add('amount', Money.of(textOf(row['amount'])));
  if (kind === 'observations') add('value', Money.of(textOf(row['value'])));
  if (kind !== 'orders') return;
  const { lines, shippedOn } = row as ImportRow<'orders'>;
  for (const { unitPrice, quantity, discount } of lines) {
    const net = Money.lineNet(UnitPrice.of(unitPrice), Quantity.of(quantity), Percentage.of(discount ?? '0'));
    add('net', net);
    if (shippedOn !== undefined) add('shipped net', net);
  }
}
