import { gradeSubstitutionEvents } from '@fenxiao/contracts/goods';
import { domainError } from '@fenxiao/domain/domain-error';
import { isId, newId } from '@fenxiao/domain/id';
import type { Work } from '@fenxiao/service-kit/work';
import type { Inspection } from './inspection.js';

/**
 * O-42 No substitution 不以次充好: what is on a shipping order does not leave once its batch is of another grade, or held;
 * what had left before that came out is reported, line by line.
 */

/** Asks again at the gate, since an inspection may have come between issue and departure. @throws otherGrade, batchHeld */
export async function requireFit(
  work: Work,
  lines: readonly { readonly line: number; readonly stockItem: string | null; readonly grade: string }[],
): Promise<void> {
  const rows = await work.query<{ id: string; batch: string; grade: string; blocked: boolean }>(
    'SELECT id, batch, grade, blocked FROM stock_item WHERE id = ANY($1)',
    [lines.map(({ stockItem }) => stockItem)],
  );
  const stock = new Map(rows.map((row) => [row.id, row]));
  for (const { line, stockItem, grade } of lines) {
    const found = stock.get(stockItem!)!;
    if (found.blocked) throw batchHeld({ line, batch: found.batch });
    if (found.grade !== grade) throw otherGrade({ batch: found.batch, grade: found.grade, ordered: grade });
  }
}

/** Goods of the batch that were shipped as what they had been taken for. */
export async function reportSubstitutions(
  work: Work,
  { id, product, batch, grade, gradeBefore }: Inspection,
): Promise<void> {
  const rows = await work.query<Shipped>(
    `SELECT l.line, l.quantity::text, l.product_code, s.id, s.number, s.order_id, s.distributor, s.region, s.owner, s.shipped_on::text
     FROM shipment_line l JOIN shipment s ON s.id = l.shipment
     WHERE l.product = $1 AND l.batch = $2 AND l.grade = $3 AND s.state IN ('shipped', 'signed') ORDER BY s.id, l.line`,
    [product, batch, gradeBefore],
  );
  for (const row of rows)
    work.publish(
      gradeSubstitutionEvents.detected,
      { id: newId(), events: 0 },
      {
        orderId: row.order_id,
        shipmentId: row.id,
        shipmentNumber: row.number,
        shipmentLine: row.line,
        distributorId: row.distributor,
        productId: product,
        productCode: row.product_code,
        batch,
        orderedGrade: gradeBefore,
        foundGrade: grade,
        quantity: row.quantity,
        shippedOn: row.shipped_on,
        inspectionId: id,
        ...(row.owner && isId(row.owner) ? { salespersonId: row.owner } : {}),
      },
      { rule: 'O-42', ...(row.region ? { region: row.region } : {}) },
    );
}

interface Shipped {
  readonly line: number;
  readonly quantity: string;
  readonly product_code: string;
  readonly id: string;
  readonly number: string;
  readonly order_id: string;
  readonly distributor: string;
  readonly region: string | null;
  readonly owner: string | null;
  readonly shipped_on: string;
}

export const batchHeld = domainError({
  code: 'orders.shipment.batch-held',
  kind: 'conflict',
  rule: 'O-41',
  en: 'Line {line}: batch {batch} is held by quality control; nothing of it leaves.',
  zh: '第{line}行：批次{batch}已被质检冻结，不得发货。',
});
export const otherGrade = domainError({
  code: 'orders.shipment.grade-substitution',
  kind: 'unprocessable',
  rule: 'O-42',
  en: 'Batch {batch} is of grade {grade}, ordered is {ordered}: no substitution.',
  zh: '批次{batch}的等级为{grade}，订货等级为{ordered}：不得以次充好。',
});
