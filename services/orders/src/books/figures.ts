import type { reportAdjustment, reportFigures, reportSum, ReportBasis } from '@fenxiao/contracts/books';
import { Money } from '@fenxiao/domain/money';
import { Quantity } from '@fenxiao/domain/quantity';
import type { z } from 'zod';

/** O-20, O-21: the sums of a report. Pure: a month is what its days and their adjustments add up to. */
export type Figures = z.infer<typeof reportFigures>;
export type Sum = z.infer<typeof reportSum>;
export type Basis = z.infer<typeof ReportBasis>;
export type Adjustment = z.infer<typeof reportAdjustment>;

/** Adds sums that stand for the same, to the fen; in the order in which they first come. */
function addUp<S extends Sum>(sums: readonly S[], same: (sum: S) => string): S[] {
  return [...Map.groupBy(sums, same).values()].map((group) => ({
    ...group[0]!,
    documents: group.reduce((all, { documents }) => all + documents, 0),
    quantity: String(group.reduce((all, { quantity }) => all.plus(Quantity.of(quantity)), Quantity.zero)),
    net: String(Money.sum(group.map(({ net }) => Money.of(net)))),
    gross: String(Money.sum(group.map(({ gross }) => Money.of(gross)))),
  }));
}

/**
 * The figures of a month. Its totals hold the adjustments; by family, region and salesperson it is the days alone, since
 * an adjustment is of the whole.
 */
export function monthOf(days: readonly Figures[], adjustments: readonly Adjustment[]): Figures {
  const adjusted = adjustments.map(({ basis, net, gross }): Sum => ({
    basis,
    documents: 0,
    quantity: '0',
    net,
    gross,
  }));
  return {
    totals: addUp([...days.flatMap(({ totals }) => totals), ...adjusted], ({ basis }) => basis),
    byFamily: addUp(
      days.flatMap(({ byFamily }) => byFamily),
      ({ basis, family }) => `${basis} ${family}`,
    ),
    byRegion: addUp(
      days.flatMap(({ byRegion }) => byRegion),
      ({ basis, regionId }) => `${basis} ${regionId}`,
    ),
    bySalesperson: addUp(
      days.flatMap(({ bySalesperson }) => bySalesperson),
      ({ basis, salespersonId }) => `${basis} ${salespersonId}`,
    ),
  };
}

export interface SumRow {
  readonly basis: Basis;
  readonly family: string | null;
  readonly region: string | null;
  readonly salesperson: string | null;
  /** which of the three stand for themselves, as GROUPING() counts */
  readonly level: number;
  readonly documents: number;
  readonly quantity: string;
  readonly net: string;
  readonly gross: string;
}

/** The sums of one day as GROUPING SETS gives them. */
export function figuresOf(rows: readonly SumRow[]): Figures {
  const at = (level: number) => rows.filter((row) => row.level === level);
  const sum = ({ basis, documents, quantity, net, gross }: SumRow): Sum => ({ basis, documents, quantity, net, gross });
  return {
    totals: at(7).map(sum),
    byFamily: at(3).flatMap((row) => (row.family ? [{ ...sum(row), family: row.family }] : [])),
    byRegion: at(5).flatMap((row) => (row.region ? [{ ...sum(row), regionId: row.region }] : [])),
    bySalesperson: at(6).flatMap((row) => (row.salesperson ? [{ ...sum(row), salespersonId: row.salesperson }] : [])),
  };
}
