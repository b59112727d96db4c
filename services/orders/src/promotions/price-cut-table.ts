import type { priceCutEvents, priceCutForm } from '@fenxiao/contracts/price-cuts';
import type { FactData } from '@fenxiao/contracts/event';
import { Percentage } from '@fenxiao/domain/percentage';
import { UnitPrice } from '@fenxiao/domain/unit-price';
import { columns, subjectColumns } from '@fenxiao/service-kit/columns';
import { defineEntity } from '@mikro-orm/core';
import type { z } from 'zod';

/** A short price cut (O-14) as it is stored, and how its terms read. */
export type CutForm = Omit<z.infer<typeof priceCutForm>, 'promotionId'>;
export type CutTerms = FactData<typeof priceCutEvents.adjusted>['before'];

const PriceCutSchema = defineEntity({
  name: 'PriceCut',
  tableName: 'price_cut',
  properties: (p) => ({
    ...subjectColumns,
    number: p.text(),
    title: p.text(),
    proposal: p.text(),
    products: p.array().columnType('uuid[]'),
    productCodes: p.array(),
    families: p.array(),
    regions: p.array().columnType('uuid[]'),
    percentOff: columns.percentage().strictNullable(),
    cutPrice: columns.unitPrice().strictNullable(),
    /** of a price: whether it includes tax, as its products' lists do */
    taxIncluded: p.boolean().strictNullable(),
    startsOn: columns.date(),
    endsOn: columns.date(),
    promotion: p.uuid().strictNullable(),
    submitted: p.json<CutTerms>().strictNullable(),
  }),
});
export class PriceCut extends PriceCutSchema.class {}
PriceCutSchema.setClass(PriceCut);

/** A form's fields as columns; the products by their ids, in the order of their codes. */
export const columnsOf = (
  { productCodes, regionIds, percentOff, cutPrice, ...rest }: CutForm,
  { products, taxIncluded }: { readonly products: readonly string[]; readonly taxIncluded: boolean | null },
) => ({
  ...rest,
  products: [...products],
  productCodes,
  regions: regionIds,
  percentOff: percentOff === undefined ? null : Percentage.of(percentOff),
  cutPrice: cutPrice === undefined ? null : UnitPrice.of(cutPrice),
  taxIncluded,
});

export const termsOf = (cut: PriceCut): CutTerms => ({
  title: cut.title,
  proposal: cut.proposal,
  products: cut.products.map((productId, i) => ({ productId, productCode: cut.productCodes[i]! })),
  families: cut.families,
  regionIds: cut.regions,
  ...(cut.percentOff ? { percentOff: String(cut.percentOff) } : {}),
  ...(cut.cutPrice ? { cutPrice: String(cut.cutPrice) } : {}),
  startsOn: cut.startsOn,
  endsOn: cut.endsOn,
});

/** The terms as their author would write them. */
export function formOf(cut: PriceCut): CutForm {
  const { products: _, ...terms } = termsOf(cut);
  return { ...terms, productCodes: cut.productCodes };
}
