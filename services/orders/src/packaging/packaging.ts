import { packagingEvents, packagingForm, packagingTerms } from '@fenxiao/contracts/packaging';
import { domainError } from '@fenxiao/domain/domain-error';
import { Quantity } from '@fenxiao/domain/quantity';
import { staff } from '@fenxiao/procedures/powers';
import { procedure } from '@fenxiao/procedures/procedure';
import { columns, subjectColumns } from '@fenxiao/service-kit/columns';
import { bind } from '@fenxiao/service-kit/engine';
import type { Work } from '@fenxiao/service-kit/work';
import { defineEntity } from '@mikro-orm/core';
import { z } from 'zod';
import { retiredProduct } from '../lines.js';
import { productKeepers, unknownProduct } from '../product.js';

/**
 * O-43 Packaging 产品包装: what a product is packed and sold in, from a day on; every change stays, so the list is the history.
 * A line of an order keeps the packaging of the order's date: a later change does not touch it.
 */
const terms = z.object(packagingTerms);
const PackagingSchema = defineEntity({
  name: 'PackagingChange',
  tableName: 'packaging',
  properties: (p) => ({
    ...subjectColumns,
    product: p.uuid(),
    productCode: p.text(),
    baseUnit: p.text(),
    salesUnit: p.text(),
    unitsPerPackage: columns.quantity(),
    wholePackagesOnly: p.boolean(),
    validFrom: columns.date(),
    note: p.text().strictNullable(),
    before: p.json<z.infer<typeof terms>>().strictNullable(),
  }),
});
export class PackagingChange extends PackagingSchema.class {}
PackagingSchema.setClass(PackagingChange);

export const packaging = bind(
  procedure({
    name: 'packaging',
    clause: 'O-43',
    events: packagingEvents,
    states: ['recorded', 'withdrawn'],
    read: staff,
    start: { move: 'change', to: 'recorded', by: productKeepers, form: packagingForm, fact: 'changed' },
    moves: {
      withdraw: { from: 'recorded', to: 'withdrawn', by: productKeepers, fact: 'withdrawn', reason: true },
    },
  }),
  {
    entity: PackagingChange,
    create: async ({ productCode, unitsPerPackage, note, ...form }, work, base) => {
      const holds = Quantity.of(unitsPerPackage);
      if (!holds.isPositive()) throw holdsNothing({}, { field: 'unitsPerPackage' });
      if (form.validFrom < work.today) throw inThePast({ date: form.validFrom }, { field: 'validFrom' });
      const { id, base_unit } = await keptProduct(work, productCode);
      return work.em.create(PackagingChange, {
        ...base,
        ...form,
        region: null,
        product: id,
        productCode,
        baseUnit: base_unit,
        unitsPerPackage: holds,
        note: note ?? null,
        before: await inForceOn(work, id, form.validFrom),
      });
    },
    effects: {
      withdraw: (change, _, work) => {
        if (change.validFrom <= work.today) throw inForceAlready({ date: change.validFrom });
      },
    },
    facts: { changed: fact, withdrawn: fact },
    view: (change) => ({ ...fact(change), createdBy: change.createdBy, createdAt: change.createdAt }),
    filters: { productId: 'product', productCode: 'productCode' },
  },
);

function fact(change: PackagingChange) {
  const { product, productCode, baseUnit, salesUnit, unitsPerPackage, wholePackagesOnly, validFrom } = change;
  return {
    productId: product,
    productCode,
    baseUnit,
    salesUnit,
    unitsPerPackage: String(unitsPerPackage),
    wholePackagesOnly,
    validFrom,
    ...(change.note ? { note: change.note } : {}),
    ...(change.before ? { before: change.before } : {}),
  };
}

/** The product, one change of its packaging at a time. @throws unknownProduct, retiredProduct */
async function keptProduct(work: Work, code: string): Promise<{ id: string; base_unit: string }> {
  const [found] = await work.query<{ id: string; base_unit: string; state: string }>(
    'SELECT id, state, sales_unit AS base_unit FROM product WHERE code = $1 FOR NO KEY UPDATE',
    [code],
  );
  if (!found) throw unknownProduct({ product: code }, { field: 'productCode' });
  if (found.state === 'retired') throw retiredProduct({ product: code }, { field: 'productCode' });
  return found;
}

async function inForceOn(work: Work, product: string, date: string): Promise<z.infer<typeof terms> | null> {
  const [found] = await work.query<z.infer<typeof terms>>(
    `SELECT sales_unit AS "salesUnit", units_per_package::text AS "unitsPerPackage", whole_packages_only AS "wholePackagesOnly", valid_from::text AS "validFrom"
     FROM packaging WHERE product = $1 AND state = 'recorded' AND valid_from <= $2 ORDER BY valid_from DESC, id DESC LIMIT 1`,
    [product, date],
  );
  return found ?? null;
}

const holdsNothing = domainError({
  code: 'orders.packaging.holds-nothing',
  kind: 'unprocessable',
  rule: 'O-43',
  en: 'A package holds more than nothing.',
  zh: '每包装所含数量必须大于零。',
});
const inThePast = domainError({
  code: 'orders.packaging.in-the-past',
  kind: 'unprocessable',
  rule: 'O-43',
  en: 'A packaging can not take effect in the past ({date}): orders have been taken since.',
  zh: '包装的生效日期（{date}）不得早于今天：此后已有订单。',
});
const inForceAlready = domainError({
  code: 'orders.packaging.in-force-already',
  kind: 'conflict',
  rule: 'O-43',
  en: 'This packaging has been in force since {date}; change it by another.',
  zh: '该包装自{date}起已生效，请以新的变更替代。',
});
