import { largeOrderLimitsEvents } from '@fenxiao/contracts/production';
import { newId } from '@fenxiao/domain/id';
import { Money } from '@fenxiao/domain/money';
import { Quantity } from '@fenxiao/domain/quantity';
import { daily } from '@fenxiao/service-kit/due';
import type { Job } from '@fenxiao/service-kit/jobs';
import type { Work } from '@fenxiao/service-kit/work';
import { settings } from '../config.js';
import type { OrderLine } from '../order-tables.js';

/**
 * O-03 Large order 大宗订货: what one order asks of one family is large from the limit on, by quantity or by net value.
 * The limit is set by hand, else the 95th percentile of the last 90 days, else a setting.
 */
export interface LargeOrderLimit {
  readonly quantity: Quantity;
  readonly value: Money;
  readonly source: 'hand' | 'computed' | 'default';
}

/** What one order asks of one family. */
export interface Demand {
  readonly quantity: Quantity;
  readonly value: Money;
}

/** The limit itself is large (以上). @returns by what it is large, or undefined */
export function largeBy(demand: Demand, limit: Demand): 'quantity' | 'value' | undefined {
  if (demand.quantity.compare(limit.quantity) >= 0) return 'quantity';
  return limit.value.isPositive() && demand.value.compare(limit.value) >= 0 ? 'value' : undefined;
}

/** An order's lines of one family together: a large need stays one when it is written on several lines. */
export function demandsOf(lines: readonly Pick<OrderLine, 'family' | 'quantity' | 'net'>[]): Map<string, Demand> {
  const families = Map.groupBy(lines, ({ family }) => family);
  return new Map(
    [...families].map(([family, of]) => [
      family,
      { quantity: Quantity.sum(of.map(({ quantity }) => quantity)), value: Money.sum(of.map(({ net }) => net)) },
    ]),
  );
}

/** The limits in force today. What was set by hand stands until it is withdrawn or another takes its place. */
export async function limitsOf(work: Work, families: readonly string[]): Promise<Map<string, LargeOrderLimit>> {
  const set = await work.query<{ family: string; quantity: string; value: string; source: 'hand' | 'computed' }>(
    `SELECT family, quantity::text, value::text, 'computed' AS source FROM large_order_limit WHERE family = ANY($1)
     UNION ALL
     (SELECT DISTINCT ON (form->>'family') form->>'family', form->>'quantity', form->>'value', 'hand' FROM form_document
      WHERE procedure = 'large-order-limit' AND form->>'family' = ANY($1) AND state = 'approved' AND form->>'validFrom' <= $2
      ORDER BY form->>'family', form->>'validFrom' DESC, id DESC)`,
    [families, work.today],
  );
  const { LARGE_ORDER_QUANTITY: quantity, LARGE_ORDER_VALUE: value } = settings(work);
  const limit = (of: { quantity: string; value: string }, source: LargeOrderLimit['source']): LargeOrderLimit => ({
    quantity: Quantity.of(of.quantity),
    value: Money.of(of.value),
    source,
  });
  const limits = new Map(families.map((family) => [family, limit({ quantity, value }, 'default')]));
  for (const from of ['computed', 'hand'] as const)
    for (const { family, source, ...of } of set) if (source === from) limits.set(family, limit(of, source));
  return limits;
}

export const LOOK_BACK_DAYS = 90;

/**
 * Every night: the 95th percentile, per family, of what orders handed in within the last 90 days asked of it. It is the
 * nearest rank, a figure that some order had, without interpolation: of 20 demands the 19th. A family with fewer demands
 * than are enough keeps no computed limit.
 */
export const computeLargeOrderLimits: Job = {
  name: 'compute-large-order-limits',
  clause: 'O-03',
  due: daily('02:30'),
  missed: 'latest',
  run: async (work, { date }) => {
    const from = work.calendar.addDays(date, -LOOK_BACK_DAYS);
    const limits = await work.query<{ family: string; quantity: string; value: string; demands: number }>(
      `WITH demand AS (
         SELECT l.family, sum(l.quantity) AS quantity, sum(l.net) AS value FROM "order" o JOIN order_line l ON l.order_id = o.id
         WHERE o.ordered_on >= $1 AND o.ordered_on < $2 AND o.submitted_at IS NOT NULL AND o.state <> 'cancelled'
         GROUP BY o.id, l.family)
       SELECT family, percentile_disc(0.95) WITHIN GROUP (ORDER BY quantity)::text AS quantity,
         percentile_disc(0.95) WITHIN GROUP (ORDER BY value)::text AS value, count(*)::int AS demands
       FROM demand GROUP BY family HAVING count(*) >= $3 ORDER BY family`,
      [from, date, settings(work).LARGE_ORDER_MIN_DEMANDS],
    );
    await work.query('DELETE FROM large_order_limit');
    await work.query(
      `INSERT INTO large_order_limit (family, computed_on, quantity, value, demands)
       SELECT * FROM unnest($1::text[], $2::date[], $3::numeric[], $4::numeric[], $5::int[])`,
      [
        limits.map(({ family }) => family),
        limits.map(() => date),
        limits.map(({ quantity }) => quantity),
        limits.map(({ value }) => value),
        limits.map(({ demands }) => demands),
      ],
    );
    work.publish(largeOrderLimitsEvents.computed, { id: newId(), events: 0 }, { date, from, limits }, { rule: 'O-03' });
  },
};
