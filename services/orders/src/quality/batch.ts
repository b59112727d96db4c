import { batchEvents } from '@fenxiao/contracts/goods';
import { Grade } from '@fenxiao/contracts/prices';
import { Ref } from '@fenxiao/contracts/wire';
import { newId } from '@fenxiao/domain/id';
import { staff } from '@fenxiao/procedures/powers';
import { procedure } from '@fenxiao/procedures/procedure';
import { subjectColumns } from '@fenxiao/service-kit/columns';
import { bind } from '@fenxiao/service-kit/engine';
import type { Work } from '@fenxiao/service-kit/work';
import { defineEntity } from '@mikro-orm/core';
import { z } from 'zod';

/** O-41 Batch 批次: goods of a product made together, and whether they may be sold; a hold blocks their allocation. */
const BatchSchema = defineEntity({
  name: 'Batch',
  tableName: 'batch',
  properties: (p) => ({
    ...subjectColumns,
    product: p.uuid(),
    productCode: p.text(),
    family: p.text(),
    batch: p.text(),
    grade: p.text(),
    inspected: p.boolean(),
  }),
});
export class Batch extends BatchSchema.class {}
BatchSchema.setClass(Batch);

const why = z.object({ inspectionId: Ref('inspection').optional() });
type Why = z.infer<typeof why>;
const regrading = why.extend({ grade: Grade, gradeBefore: Grade });

/** Goods enter a batch by their receipt; an inspection decides, and quality control may hold at once what is in doubt. */
export const batch = bind(
  procedure({
    name: 'batch',
    path: 'batches',
    clause: 'O-41',
    events: batchEvents,
    states: ['free', 'held', 'failed'],
    read: staff,
    start: { move: 'register', to: 'free', by: { system: 'all' }, form: z.object({}), fact: 'registered' },
    moves: {
      hold: {
        from: ['free', 'failed'],
        to: 'held',
        by: { 'quality-control': 'all', system: 'all' },
        form: why,
        fact: 'held',
        reason: true,
      },
      release: { from: ['held', 'failed'], to: 'free', by: { system: 'all' }, form: why, fact: 'released' },
      fail: { from: ['free', 'held'], to: 'failed', by: { system: 'all' }, form: why, fact: 'failed', reason: true },
      regrade: {
        clause: 'O-42',
        from: ['free', 'held', 'failed'],
        by: { system: 'all' },
        form: regrading,
        fact: 'regraded',
      },
    },
  }),
  {
    entity: Batch,
    create: () => {
      throw new Error('a batch comes in with its goods');
    },
    effects: {
      hold: (subject, _, work) => block(work, subject, true),
      fail: (subject, _, work) => block(work, subject, true),
      release: (subject, _, work) => block(work, subject, false),
      regrade: async (subject, { grade }, work) => {
        subject.grade = grade;
        await work.query(
          `WITH locked AS MATERIALIZED (SELECT id FROM stock_item WHERE product = $1 AND batch = $2 ORDER BY id FOR UPDATE)
           UPDATE stock_item s SET grade = $3, version = s.version + 1 FROM locked WHERE s.id = locked.id`,
          [subject.product, subject.batch, grade],
        );
      },
    },
    facts: {
      registered: ref,
      held: judged,
      failed: judged,
      released: judged,
      regraded: (subject, form) => ({
        ...judged(subject, form),
        gradeBefore: (form as { gradeBefore: string }).gradeBefore,
      }),
    },
    view: ({ product, productCode, family, batch: name, grade, inspected }) => ({
      productId: product,
      productCode,
      family,
      batch: name,
      grade,
      inspected,
    }),
    filters: { productId: 'product', batch: 'batch' },
  },
);

/** Its goods in every warehouse: the rows are locked, so whoever reserves or ships comes before or after. */
async function block(work: Work, { product, batch: name }: Batch, blocked: boolean): Promise<void> {
  await work.query(
    `WITH locked AS MATERIALIZED (SELECT id FROM stock_item WHERE product = $1 AND batch = $2 ORDER BY id FOR UPDATE)
     UPDATE stock_item s SET blocked = $3, version = s.version + 1 FROM locked WHERE s.id = locked.id`,
    [product, name, blocked],
  );
}

function ref({ product, productCode, family, batch: name, grade }: Batch) {
  return { productId: product, productCode, family, batch: name, grade };
}
function judged(subject: Batch, { inspectionId }: Why) {
  return { ...ref(subject), ...(inspectionId ? { inspectionId } : {}) };
}

/**
 * The batch that goods enter, registered when they are its first, and locked against being held or regraded meanwhile.
 * @param grade of a new batch
 */
export async function batchFor(
  work: Work,
  product: { readonly id: string; readonly code: string; readonly family: string },
  name: string,
  grade: string,
): Promise<{ readonly id: string; readonly grade: string; readonly blocked: boolean }> {
  const [made] = await work.query<{ id: string }>(
    `INSERT INTO batch (id, state, version, events, created_by, created_at, entered_at, approvals, product, product_code, family, batch, grade, inspected)
     VALUES ($1, 'free', 1, 1, $2, $3, $3, '[]', $4, $5, $6, $7, $8, false) ON CONFLICT (product, batch) DO NOTHING RETURNING id`,
    [newId(), work.actor.person, work.now, product.id, product.code, product.family, name, grade],
  );
  if (made) {
    const data = { productId: product.id, productCode: product.code, family: product.family, batch: name, grade };
    work.publish(batchEvents.registered, { id: made.id, events: 0 }, data, { rule: 'O-41' });
    return { id: made.id, grade, blocked: false };
  }
  const [known] = await work.query<{ id: string; grade: string; blocked: boolean }>(
    `SELECT id, grade, state <> 'free' AS blocked FROM batch WHERE product = $1 AND batch = $2 FOR SHARE`,
    [product.id, name],
  );
  return known!;
}
