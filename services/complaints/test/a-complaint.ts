import { newId } from '@fenxiao/domain/id';
import type { Harness } from '@fenxiao/testing/harness';

let made = 0;

/** A quality complaint as it stands in the table, for what is about complaints and not their own way. */
export async function aComplaint(
  h: Harness,
  over: {
    state?: string;
    severity?: string;
    productCode?: string | null;
    defect?: string;
    cause?: string | null;
    region?: string | null;
    against?: string;
    handlerRole?: string;
    repeat?: number;
    criteria?: string[];
    historic?: boolean;
    createdAt?: string;
  } = {},
): Promise<{ id: string; number: string }> {
  const [id, number] = [newId(), `T-${String(++made).padStart(4, '0')}`];
  const {
    state = 'logged',
    severity = 'minor',
    productCode = 'P1',
    defect = 'colour difference',
    region = null,
  } = over;
  const {
    cause = null,
    against = null,
    handlerRole = 'sales-manager',
    repeat = null,
    historic = false,
    criteria = [],
  } = over;
  const createdAt = over.createdAt ?? h.time.now().toISOString();
  await h.pool.query(
    `INSERT INTO complaint (id, state, version, events, region, created_by, created_at, entered_at, approvals, number, channel, severity,
       received_at, received_on, handler_role, against, receipt, product_code, product_name, specification, grade, colour_number, batch,
       quantity, purchased_on, defect, description, cause, repeat, historic, criteria)
     VALUES ($1, $2, 1, 0, $3, 'system', $4, $4, '[]', $5, 'telephone', $6, $4, $4::timestamptz::date, $7, $8, 'CH-1', $9, 'Tile', '600×600', 'A',
       'C1', 'B7', 12.5, '2026-03-01', $10, 'Two shades in one box', $11, $12, $13, $14)`,
    [
      id,
      state,
      region,
      createdAt,
      number,
      severity,
      handlerRole,
      against,
      productCode,
      defect,
      cause,
      repeat,
      historic,
      JSON.stringify(criteria),
    ],
  );
  return { id, number };
}

/** Another state, as a move of the complaint would have left it. */
export const becomes = (h: Harness, { id }: { id: string }, state: string) =>
  h.pool.query('UPDATE complaint SET state = $2, entered_at = $3 WHERE id = $1', [id, state, h.time.now()]);
