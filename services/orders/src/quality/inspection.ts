import { inspectionEvents, measurement, Verdict } from '@fenxiao/contracts/goods';
import { Grade } from '@fenxiao/contracts/prices';
import { Code, Note, QuantityText, Ref } from '@fenxiao/contracts/wire';
import { domainError } from '@fenxiao/domain/domain-error';
import { Quantity } from '@fenxiao/domain/quantity';
import { staff } from '@fenxiao/procedures/powers';
import { procedure } from '@fenxiao/procedures/procedure';
import { columns, subjectColumns } from '@fenxiao/service-kit/columns';
import { bind, follow, lock } from '@fenxiao/service-kit/engine';
import { documentNumber } from '@fenxiao/service-kit/numbers';
import type { Work } from '@fenxiao/service-kit/work';
import { defineEntity } from '@mikro-orm/core';
import { z } from 'zod';
import { unknownProduct } from '../product.js';
import { batch } from './batch.js';
import { standardFor } from './standard.js';
import { reportSubstitutions } from './substitution.js';

/** O-41 Batch inspection 批次检验: what quality control measured of a batch, by which standard, and its verdict. */
const InspectionSchema = defineEntity({
  name: 'Inspection',
  tableName: 'inspection',
  properties: (p) => ({
    ...subjectColumns,
    number: p.text(),
    batchId: p.uuid(),
    product: p.uuid(),
    productCode: p.text(),
    family: p.text(),
    batch: p.text(),
    standardId: p.uuid(),
    standard: p.text(),
    inspectedOn: columns.date(),
    inspected: columns.quantity(),
    defective: columns.quantity(),
    results: p.json<z.infer<typeof measurement>[]>(),
    verdict: p.text().$type<z.infer<typeof Verdict>>(),
    grade: p.text(),
    gradeBefore: p.text(),
    first: p.boolean(),
    note: p.text().strictNullable(),
  }),
});
export class Inspection extends InspectionSchema.class {}
InspectionSchema.setClass(Inspection);

const form = z.object({
  productCode: Code,
  batch: Code,
  standardId: Ref('quality-standard'),
  inspected: QuantityText,
  defective: QuantityText.default('0'),
  results: z.array(measurement).min(1).max(100),
  verdict: Verdict,
  /** the grade found, where it is another than the batch's */
  grade: Grade.optional(),
  /** needed where the batch does not pass */
  note: Note.optional(),
});
type Form = z.infer<typeof form>;

const stateOf = { pass: 'passed', hold: 'held', fail: 'failed' } as const;

export const inspection = bind(
  procedure({
    name: 'inspection',
    clause: 'O-41',
    events: inspectionEvents,
    states: ['passed', 'held', 'failed'],
    read: staff,
    page: {
      title: 'inspection',
      fields: [
        'productId',
        'batch',
        'standard',
        'inspectedOn',
        'inspected',
        'defective',
        'verdict',
        'grade',
        'gradeBefore',
        'note',
        'results',
      ],
      columns: { results: ['characteristic', 'measured', 'within'] },
      sign: ['quality-control', 'finished-goods-keeper'],
    },
    start: {
      move: 'record',
      to: ['passed', 'held', 'failed'],
      by: { 'quality-control': 'all' },
      form,
      fact: 'recorded',
    },
    moves: {},
  }),
  {
    entity: Inspection,
    create: async (asked, work, base) => {
      checkVerdict(asked);
      const [found] = await work.query<{ id: string | null }>(
        'SELECT b.id FROM product p LEFT JOIN batch b ON b.product = p.id AND b.batch = $2 WHERE p.code = $1',
        [asked.productCode, asked.batch],
      );
      if (!found) throw unknownProduct({ product: asked.productCode }, { field: 'productCode' });
      if (!found.id) throw unknownBatch({ batch: asked.batch, product: asked.productCode }, { field: 'batch' });
      const goods = await lock(work, batch, found.id);
      const standard = await standardFor(work, asked.standardId, goods.family);
      const first = !goods.inspected;
      goods.inspected = true;
      const { product, productCode, family } = goods;
      return work.em.create(Inspection, {
        ...base,
        region: null,
        state: stateOf[asked.verdict],
        number: await documentNumber(work, 'ZJ', work.today),
        batchId: goods.id,
        product,
        productCode,
        family,
        batch: goods.batch,
        standardId: asked.standardId,
        standard,
        inspectedOn: work.today,
        inspected: Quantity.of(asked.inspected),
        defective: Quantity.of(asked.defective),
        results: asked.results,
        verdict: asked.verdict,
        grade: asked.grade ?? goods.grade,
        gradeBefore: goods.grade,
        first,
        note: asked.note ?? null,
      });
    },
    follows: { record: judge },
    facts: {
      recorded: (subject) => ({
        ...viewOf(subject),
        inspected: String(subject.inspected),
        defective: String(subject.defective),
        ...(subject.note ? { note: subject.note } : {}),
      }),
    },
    view: (subject) => ({
      ...viewOf(subject),
      inspected: subject.inspected,
      defective: subject.defective,
      note: subject.note,
    }),
    filters: { productId: 'product', batch: 'batch', number: 'number', verdict: 'verdict' },
  },
);

function viewOf(subject: Inspection) {
  const { number, product, productCode, family, batch: name, standardId, standard, inspectedOn } = subject;
  const { results, verdict, grade, gradeBefore, first } = subject;
  const about = { number, productId: product, productCode, family, batch: name, standardId, standard, inspectedOn };
  return { ...about, results, verdict, grade, gradeBefore, first };
}

/** What the verdict makes of the batch: its grade first, since goods of another grade are no longer those ordered. */
async function judge(subject: Inspection, work: Work): Promise<void> {
  const goods = await lock(work, batch, subject.batchId);
  const { id: inspectionId, number, note, verdict, grade, gradeBefore } = subject;
  if (grade !== gradeBefore) {
    await follow(work, batch, goods, 'regrade', { grade, gradeBefore, inspectionId });
    await reportSubstitutions(work, subject);
  }
  const reason = note ? `${number}: ${note}` : number;
  if (verdict === 'pass' && goods.state !== 'free') await follow(work, batch, goods, 'release', { inspectionId });
  if (verdict === 'hold' && goods.state !== 'held') await follow(work, batch, goods, 'hold', { inspectionId }, reason);
  if (verdict === 'fail' && goods.state !== 'failed')
    await follow(work, batch, goods, 'fail', { inspectionId }, reason);
}

/** @throws passOutside, reasonMissing, countsDiffer */
function checkVerdict({ verdict, results, note, inspected, defective }: Form): void {
  const outside = results.find(({ within }) => !within);
  if (verdict === 'pass' && outside)
    throw passOutside({ characteristic: outside.characteristic }, { field: 'verdict' });
  if (verdict !== 'pass' && note === undefined) throw reasonMissing({}, { field: 'note' });
  const [looked, bad] = [Quantity.of(inspected), Quantity.of(defective)];
  if (!looked.isPositive()) throw countsDiffer({}, { field: 'inspected' });
  if (bad.compare(looked) > 0) throw countsDiffer({}, { field: 'defective' });
}

const unknownBatch = domainError({
  code: 'orders.inspection.unknown-batch',
  kind: 'unprocessable',
  rule: 'O-41',
  en: 'No batch {batch} of {product} has come in.',
  zh: '产品{product}没有入库批次{batch}。',
});
const passOutside = domainError({
  code: 'orders.inspection.pass-outside-limits',
  kind: 'unprocessable',
  rule: 'O-41',
  en: 'Goods pass only when everything measured lies within its limits; {characteristic} does not.',
  zh: '所有检测项目均合格方可判定合格；{characteristic}不合格。',
});
const reasonMissing = domainError({
  code: 'orders.inspection.reason-missing',
  kind: 'unprocessable',
  rule: 'O-41',
  en: 'A batch that does not pass needs a note saying why.',
  zh: '判定为待处理或不合格的批次须注明原因。',
});
const countsDiffer = domainError({
  code: 'orders.inspection.counts-differ',
  kind: 'unprocessable',
  rule: 'O-41',
  en: 'Something must have been looked at, and no more be defective than that.',
  zh: '检验数量须大于零，且不合格数量不得超过检验数量。',
});
