import type { Counter, StocktakeKind } from '@fenxiao/contracts/collection';
import { columns, subjectColumns } from '@fenxiao/service-kit/columns';
import { defineEntity } from '@mikro-orm/core';
import type { z } from 'zod';

/** A variance as the sheet shows it. */
export interface Variance {
  readonly productCode: string;
  readonly batch: string;
  readonly book: string;
  readonly counted: string;
  readonly difference: string;
  readonly reason: string | null;
}

/** Who counted until another was named, and how many figures of theirs were set aside. */
export interface Former {
  readonly counter: z.infer<typeof Counter>;
  readonly personId: string;
  readonly round: number;
  readonly rows: number;
  readonly replacedOn: string;
}

/** A stocktake as it is stored; its lines, ten thousand of them, are rows of `stocktake_line` that no entity loads. */
const StocktakeSchema = defineEntity({
  name: 'Stocktake',
  tableName: 'stocktake',
  properties: (p) => ({
    ...subjectColumns,
    number: p.text(),
    warehouse: p.text(),
    kind: p.text().$type<z.infer<typeof StocktakeKind>>(),
    scheduledOn: columns.date(),
    firstScheduledOn: columns.date().strictNullable(),
    countedOn: columns.date().strictNullable(),
    /** the two persons who count */
    clerk: p.text().strictNullable(),
    keeper: p.text().strictNullable(),
    clerkDone: p.boolean(),
    keeperDone: p.boolean(),
    round: p.integer(),
    items: p.integer(),
    equal: p.integer(),
    bookValue: columns.money(),
    varianceValue: columns.money(),
    absoluteVariance: columns.money(),
    shrinkage: columns.money(),
    former: p.json<Former[]>(),
    approvedBy: p.text().strictNullable(),
    variances: p.json<Variance[]>(),
  }),
});
export class Stocktake extends StocktakeSchema.class {}
StocktakeSchema.setClass(Stocktake);

/** Which of the two counts somebody makes. */
export type Slot = 'clerk' | 'keeper';
