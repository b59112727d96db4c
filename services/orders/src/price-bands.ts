import { PriceBand, priceBandEvents } from '@fenxiao/contracts/prices';
import { CalendarDate } from '@fenxiao/contracts/wire';
import { Percentage } from '@fenxiao/domain/percentage';
import type { Sql } from '@fenxiao/messaging/sql';
import { approval } from '@fenxiao/procedures/approval';
import { procedure } from '@fenxiao/procedures/procedure';
import { bindForm } from '@fenxiao/service-kit/forms';
import { z } from 'zod';
import { defaultBands, type Band } from './pricing.js';
import { staff } from '@fenxiao/procedures/powers';

/** O-11 Bands 价格浮动百分比: how far each role may go from the list; changed by a proposal of the sales side and the general manager's approval. */
const form = z.object({ validFrom: CalendarDate, bands: z.array(PriceBand).min(1).max(500) });

export const priceBands = bindForm(
  procedure({
    name: 'price-bands',
    path: 'price-bands',
    clause: 'O-11',
    class: 'confidential',
    events: priceBandEvents,
    states: ['proposed', 'approved', 'rejected'],
    read: staff,
    start: {
      move: 'propose',
      to: 'proposed',
      by: { 'sales-manager': 'all', 'deputy-general-manager-sales': 'all', 'sales-general-manager': 'all' },
      form,
      fact: 'proposed',
    },
    moves: {
      ...approval({
        in: 'proposed',
        steps: [{ name: 'approval', slots: [{ 'general-manager': 'all' }] }],
        approved: 'approved',
        rejected: 'rejected',
        facts: { approved: 'approved', rejected: 'rejected' },
      }),
    },
  }),
  { region: () => null },
);

/** The bands in force on a date: the approved set that took effect last, else the defaults of the catalogue. */
export async function bandsOn(sql: Sql, date: string): Promise<readonly Band[]> {
  const [row] = await sql.query<{ form: z.infer<typeof form> }>(
    `SELECT form FROM form_document WHERE procedure = 'price-bands' AND state = 'approved' AND form->>'validFrom' <= $1
     ORDER BY form->>'validFrom' DESC, id DESC LIMIT 1`,
    [date],
  );
  if (!row) return defaultBands;
  return row.form.bands.map(({ family, role, lowest, highest }) => ({
    family,
    role,
    lowest: Percentage.of(lowest),
    highest: Percentage.of(highest),
  }));
}
