import type { CauseArea } from '@fenxiao/contracts/complaints';
import type { qualityFigures } from '@fenxiao/contracts/quality-forms';
import type { Period } from '@fenxiao/service-kit/daily-report';
import type { Work } from '@fenxiao/service-kit/work';
import type { z } from 'zod';

/** C-20: what a quality daily report says, taken down once: what is written late is in the next report. */
export type Figures = z.infer<typeof qualityFigures>;
/** how far back what was written late is looked for */
const LATE = `interval '7 days'`;

export async function takeDown(work: Work, report: string, period: Period): Promise<Figures> {
  await work.em.flush();
  await claimComplaints(work, report, period);
  const rows = await work.query<Row>(figuresOfComplaints, [report, period.to]);
  const total = (kind: Kind) => rows.reduce((sum, row) => sum + row[kind], 0);
  return {
    newComplaints: total('new'),
    openComplaints: total('open'),
    closedComplaints: total('closed'),
    byProduct: grouped(rows, ({ productCode, productName }) => ({
      ...(productCode ? { productCode } : {}),
      productName,
    })),
    byCause: grouped(rows, ({ defect, cause }) => ({ defect, ...(cause ? { cause } : {}) })),
    returns: await claimReturns(work, report, period),
    batchesHeld: await heldAt(work, period.to),
  };
}

/** Nothing happened: the report is made and signed all the same. */
export const isNil = (figures: Figures): boolean =>
  figures.newComplaints + figures.openComplaints + figures.closedComplaints === 0 &&
  figures.returns.length + figures.batchesHeld.length === 0;

type Kind = 'new' | 'open' | 'closed';
interface Row extends Readonly<Record<Kind, number>> {
  readonly productCode: string | null;
  readonly productName: string;
  readonly defect: string;
  readonly cause: CauseArea | null;
}

function grouped<Key extends object>(rows: readonly Row[], keyOf: (row: Row) => Key) {
  const groups = Map.groupBy(rows, (row) => JSON.stringify(keyOf(row)));
  return [...groups.values()].map((group) => {
    const sum = (kind: Kind) => group.reduce((total, row) => total + row[kind], 0);
    return { ...keyOf(group[0]!), new: sum('new'), open: sum('open'), closed: sum('closed') };
  });
}

/** Those logged, and those closed, that no report has had yet. */
const claimComplaints = (work: Work, report: string, { from, to, first }: Period) =>
  work.query(
    `INSERT INTO quality_daily_entry (kind, complaint, report)
     SELECT 'new', c.id, $1::uuid FROM complaint c WHERE NOT c.historic AND c.created_at <= $3 AND c.created_at > $2::timestamptz - ${LATE}
       AND (NOT $4 OR c.created_at > $2)
     UNION ALL
     SELECT 'closed', c.id, $1::uuid FROM complaint c WHERE NOT c.historic AND c.state = 'archived' AND c.entered_at <= $3
       AND c.entered_at > $2::timestamptz - ${LATE} AND (NOT $4 OR c.entered_at > $2)
     ON CONFLICT DO NOTHING`,
    [report, from, to, first],
  );

const figuresOfComplaints = `
SELECT c.product_code AS "productCode", c.product_name AS "productName", c.defect, c.cause,
  count(*) FILTER (WHERE k.kind = 'new')::int AS new, count(*) FILTER (WHERE k.kind = 'open')::int AS open,
  count(*) FILTER (WHERE k.kind = 'closed')::int AS closed
FROM (SELECT kind, complaint FROM quality_daily_entry WHERE report = $1
      UNION ALL SELECT 'open', id FROM complaint WHERE state <> 'archived' AND NOT historic AND created_at <= $2
      UNION ALL SELECT 'open', id FROM complaint WHERE state = 'archived' AND NOT historic AND entered_at > $2 AND created_at <= $2) k
JOIN complaint c ON c.id = k.complaint
GROUP BY 1, 2, 3, 4 ORDER BY 1 NULLS LAST, 2, 3, 4 NULLS LAST`;

async function claimReturns(work: Work, report: string, { from, to, first }: Period): Promise<Figures['returns']> {
  const rows = await work.query<Figures['returns'][number] & { complaintId: string | null }>(
    `UPDATE known_return SET report = $1 WHERE report IS NULL AND received_at <= $3 AND received_at > $2::timestamptz - ${LATE}
       AND (NOT $4 OR received_at > $2)
     RETURNING id AS "returnId", number AS "returnNumber", product_code AS "productCode", batch, quantity::text, complaint AS "complaintId"`,
    [report, from, to, first],
  );
  return rows
    .map(({ complaintId, ...row }) => ({ ...row, ...(complaintId ? { complaintId } : {}) }))
    .toSorted((a, b) => (`${a.returnNumber} ${a.productCode}` < `${b.returnNumber} ${b.productCode}` ? -1 : 1));
}

async function heldAt(work: Work, to: Date): Promise<Figures['batchesHeld']> {
  const rows = await work.query<Omit<Figures['batchesHeld'][number], 'heldSince'> & { heldSince: Date | string }>(
    `SELECT product_code AS "productCode", batch, grade, held_at AS "heldSince" FROM known_held_batch WHERE held_at <= $1
     ORDER BY product_code, batch`,
    [to],
  );
  return rows.map((row) => ({ ...row, heldSince: new Date(row.heldSince).toISOString() }));
}
