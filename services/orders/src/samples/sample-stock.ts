import { sampleReceiptEvents, sampleReceiptForm, sampleStockEvents } from '@fenxiao/contracts/samples';
import { domainError } from '@fenxiao/domain/domain-error';
import { newId } from '@fenxiao/domain/id';
import { Quantity } from '@fenxiao/domain/quantity';
import { staff } from '@fenxiao/procedures/powers';
import { procedure } from '@fenxiao/procedures/procedure';
import { hasRole } from '@fenxiao/service-kit/actor';
import { columns, subjectColumns } from '@fenxiao/service-kit/columns';
import { bind } from '@fenxiao/service-kit/engine';
import { bindForm } from '@fenxiao/service-kit/forms';
import type { Work } from '@fenxiao/service-kit/work';
import { defineEntity } from '@mikro-orm/core';
import { z } from 'zod';
import { unknownProduct } from '../product.js';
import { takeAsSample } from '../stock.js';

/** O-30 Sample stock 样板库存: what the sample keeper has, by product; apart from what is sold. */
const SampleStockSchema = defineEntity({
  name: 'SampleStock',
  tableName: 'sample_stock',
  properties: (p) => ({ ...subjectColumns, product: p.uuid(), productCode: p.text(), onHand: columns.quantity() }),
});
export class SampleStock extends SampleStockSchema.class {}
SampleStockSchema.setClass(SampleStock);

/** Nobody moves it by hand: receipts and issues do. */
export const sampleStock = bind(
  procedure({
    name: 'sample-stock',
    path: 'sample-stock',
    clause: 'O-30',
    events: sampleStockEvents,
    states: ['on-hand'],
    read: staff,
    start: { move: 'receive', to: 'on-hand', by: { system: 'all' }, form: z.object({}), fact: 'received' },
    moves: {},
  }),
  {
    entity: SampleStock,
    create: () => {
      throw new Error('samples come in by a sample receipt');
    },
    facts: {} as never,
    view: ({ product, productCode, onHand }) => ({ productId: product, productCode, onHand }),
    filters: { productId: 'product', productCode: { column: 'productCode', prefix: true } },
  },
);

/** Sample receipt 样板入库单: by the sample keeper out of production, or by the goods' keeper out of what is sold. */
export const sampleReceipt = bindForm(
  procedure({
    name: 'sample-receipt',
    clause: 'O-30',
    events: sampleReceiptEvents,
    states: ['posted'],
    read: staff,
    page: { title: 'sample-receipt', sign: ['finished-goods-keeper', 'sample-keeper'] },
    start: {
      move: 'post',
      to: 'posted',
      by: { 'sample-keeper': 'all', 'finished-goods-keeper': 'all' },
      form: sampleReceiptForm,
      fact: 'posted',
    },
    moves: {},
  }),
  {
    series: 'YR',
    region: () => null,
    onOpen: async ({ productCode, quantity: text, source, warehouse, batch }, work) => {
      const quantity = Quantity.of(text);
      if (!quantity.isPositive()) throw nothing({}, { field: 'quantity' });
      const [product] = await work.query<{ id: string }>('SELECT id FROM product WHERE code = $1', [productCode]);
      if (!product) throw unknownProduct({ product: productCode }, { field: 'productCode' });
      if (source === 'sales-stock') {
        if (!hasRole(work.actor, { 'finished-goods-keeper': 'all' })) throw notOurs({}, { field: 'source' });
        if (warehouse === undefined || batch === undefined)
          throw whence({}, { field: warehouse === undefined ? 'warehouse' : 'batch' });
        await takeAsSample(work, { product: product.id, productCode, warehouse, batch, quantity });
      }
      await keep(work, 'received', { id: product.id, code: productCode }, quantity);
    },
  },
);

/** Puts samples to those there are. */
export async function keep(
  work: Work,
  fact: 'received' | 'returned',
  product: { id: string; code: string },
  quantity: Quantity,
  sampleId?: string,
): Promise<void> {
  const [row] = await work.query<Row>(
    `INSERT INTO sample_stock (id, state, version, events, created_by, created_at, entered_at, approvals, product, product_code, on_hand)
     VALUES ($1, 'on-hand', 1, 1, $2, $3, $3, '[]', $4, $5, $6)
     ON CONFLICT (product) DO UPDATE SET on_hand = sample_stock.on_hand + excluded.on_hand, events = sample_stock.events + 1, version = sample_stock.version + 1
     RETURNING id, events, on_hand::text`,
    [newId(), work.actor.person, work.now, product.id, product.code, String(quantity)],
  );
  report(work, fact, row!, product, quantity, sampleId);
}

/** Takes samples out. @throws notThere */
export async function take(
  work: Work,
  product: { id: string; code: string },
  quantity: Quantity,
  sampleId: string,
): Promise<void> {
  const [row] = await work.query<Row>(
    `UPDATE sample_stock SET on_hand = on_hand - $2, events = events + 1, version = version + 1
     WHERE product = $1 AND on_hand >= $2 RETURNING id, events, on_hand::text`,
    [product.id, String(quantity)],
  );
  if (!row) throw notThere({ product: product.code, quantity: String(quantity) }, { field: 'quantity' });
  report(work, 'issued', row, product, quantity, sampleId);
}

interface Row {
  readonly id: string;
  readonly events: number;
  readonly on_hand: string;
}

function report(
  work: Work,
  fact: 'received' | 'issued' | 'returned',
  { id, events, on_hand: onHand }: Row,
  { id: productId, code: productCode }: { id: string; code: string },
  quantity: Quantity,
  sampleId?: string,
): void {
  const data = { productId, productCode, quantity: String(quantity), onHand, ...(sampleId ? { sampleId } : {}) };
  work.publish(sampleStockEvents[fact], { id, events: events - 1 }, data, { rule: 'O-30' });
}

const nothing = domainError({
  code: 'orders.sample.nothing',
  kind: 'unprocessable',
  rule: 'O-30',
  en: 'The quantity must be above zero.',
  zh: '数量必须大于零。',
});
const notOurs = domainError({
  code: 'orders.sample.not-the-goods-keeper',
  kind: 'forbidden',
  rule: 'O-30',
  en: 'Only the keeper of finished goods hands samples over out of what is sold.',
  zh: '只有成品仓库管员可将销售库存转作样板。',
});
const whence = domainError({
  code: 'orders.sample.whence',
  kind: 'unprocessable',
  rule: 'O-30',
  en: 'Out of what is sold: say from which warehouse and batch.',
  zh: '由销售库存转入的样板须注明仓库和批次。',
});
const notThere = domainError({
  code: 'orders.sample.not-in-stock',
  kind: 'unprocessable',
  rule: 'O-30',
  en: 'The sample keeper has not got {quantity} of product {product}; what is sold is no sample.',
  zh: '样板库存中产品{product}不足{quantity}；销售库存不得直接作样板发放。',
});
