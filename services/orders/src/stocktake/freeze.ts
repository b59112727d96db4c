import { domainError } from '@fenxiao/domain/domain-error';
import { hasRole, type Actor } from '@fenxiao/service-kit/actor';
import type { Work } from '@fenxiao/service-kit/work';

/** O-24 Freeze 盘点冻结: while a warehouse is counted nothing goes in or out, and no counter sees what the books say. */

/** Whoever brings goods in shares the warehouse's row until the end; a count waits for that, and is then seen. */
export async function requireNotFrozen(work: Work, warehouse: string): Promise<void> {
  const [known] = await work.query<{ frozen_by: string | null }>(
    `SELECT frozen_by FROM warehouse WHERE code = $1 AND state = 'active' FOR SHARE`,
    [warehouse],
  );
  if (known?.frozen_by) throw frozen({ warehouse });
}

/** Waits for whoever is moving goods, then marks warehouse and goods; returns when nobody can change them any more. */
export async function freeze(work: Work, warehouse: string, stocktake: string): Promise<void> {
  await work.query(`UPDATE warehouse SET frozen_by = $2 WHERE code = $1 AND state = 'active'`, [warehouse, stocktake]);
  await mark(work, warehouse, true);
}

export async function thaw(work: Work, warehouse: string): Promise<void> {
  await work.query(`UPDATE warehouse SET frozen_by = NULL WHERE code = $1 AND state = 'active'`, [warehouse]);
  await mark(work, warehouse, false);
}

/** In the order in which orders lock them. */
const mark = (work: Work, warehouse: string, counting: boolean) =>
  work.query(
    `WITH locked AS MATERIALIZED (SELECT id FROM stock_item WHERE warehouse = $1 AND counting <> $2 ORDER BY id FOR UPDATE)
     UPDATE stock_item s SET counting = $2 FROM locked WHERE s.id = locked.id`,
    [warehouse, counting],
  );

const counters = { 'order-clerk': 'all', 'finished-goods-keeper': 'all' } as const;
/** Whether somebody may be one of the two who count. */
export const isCounter = (actor: Actor): boolean => hasRole(actor, counters);

export const frozen = domainError({
  code: 'orders.stocktake.frozen',
  kind: 'conflict',
  rule: 'O-24',
  en: 'Warehouse {warehouse} is being counted; no goods go in or out until the counts are in.',
  zh: '仓库{warehouse}正在盘点；盘点结果提交前不得收发货物。',
});
