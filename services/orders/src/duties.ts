import { domainError } from '@fenxiao/domain/domain-error';
import { duties } from '@fenxiao/procedures/duties';
import type { Work } from '@fenxiao/service-kit/work';

/**
 * O-26 Segregation of duties 职责分离: whoever did the first of two duties that are apart does not do the second on the same
 * matter; the audit says who did what.
 * @param second the act about to be done, as `procedure.move`
 * @param matters ids of what it is about: an order, its shipping orders, a stocktake
 * @throws sameHands
 */
export async function keepApart(work: Work, second: string, matters: readonly string[]): Promise<void> {
  const first = duties.filter((duty) => duty.second.includes(second)).flatMap((duty) => duty.first);
  const [done] = await work.query<{ move: string }>(
    `SELECT procedure || '.' || move AS move FROM audit
     WHERE subject = ANY($1) AND actor = $2 AND outcome = 'done' AND role <> 'system' AND procedure || '.' || move = ANY($3) LIMIT 1`,
    [matters, work.actor.person, first],
  );
  if (done) throw sameHands({ first: done.move, second });
}

const sameHands = domainError({
  code: 'orders.duties.same-hands',
  kind: 'forbidden',
  rule: 'O-26',
  en: 'Who did {first} here does not do {second} as well: the duties are apart.',
  zh: '已在此事项上办理{first}的人不得再办理{second}：不相容职务须分离。',
});
