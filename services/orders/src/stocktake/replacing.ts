import type { Counter } from '@fenxiao/contracts/collection';
import { domainError } from '@fenxiao/domain/domain-error';
import type { Work } from '@fenxiao/service-kit/work';
import type { z } from 'zod';
import { counterOf } from './stocktake.js';
import type { Former, Slot, Stocktake } from './stocktake-table.js';

/**
 * O-24 A counter drops out 更换盘点人: the sales manager names another of the same position, or the shop stays frozen. What
 * the former wrote in this round is set aside, sealed, and counted anew: it stays a blind count of two persons.
 */
export async function replaceCounter(
  work: Work,
  subject: Stocktake,
  { counter, personId }: { readonly counter: z.infer<typeof Counter>; readonly personId: string },
): Promise<void> {
  const slot: Slot = counter === counterOf.clerk ? 'clerk' : 'keeper';
  const person = subject[slot];
  if (person === null) throw nobodyCounts({}, { field: 'counter' });
  const others = [subject.clerk, subject.keeper, ...subject.former.map((former) => former.personId)];
  if (others.includes(personId)) throw countsAlready({}, { field: 'personId' });
  if (!(await holds(work, personId, counter))) throw notOfThePosition({ role: counter }, { field: 'personId' });
  const rows = await setAside(work, subject, slot, person);
  const former: Former = { counter, personId: person, round: subject.round, rows, replacedOn: work.today };
  Object.assign(subject, { [slot]: personId, [`${slot}Done`]: false, former: [...subject.former, former] });
  const { id: about, number, state } = subject;
  work.notify(
    { kind: 'task', procedure: 'stocktake', about, number, move: 'enter-count', state, to: { persons: [personId] } },
    'O-24',
  );
}

/** @returns how many figures were set aside */
async function setAside(work: Work, { id, round }: Stocktake, slot: Slot, person: string): Promise<number> {
  const [row] = await work.query<{ n: number }>(
    `WITH kept AS (
       INSERT INTO stocktake_set_aside (stocktake, line, person, round, quantity)
       SELECT stocktake, line, $2, $3, ${slot}_count FROM stocktake_line WHERE stocktake = $1 AND asked AND ${slot}_count IS NOT NULL RETURNING line),
     emptied AS (UPDATE stocktake_line SET ${slot}_count = NULL WHERE stocktake = $1 AND asked)
     SELECT count(*)::int AS n FROM kept`,
    [id, person, round],
  );
  return row!.n;
}

const holds = async (work: Work, person: string, role: string): Promise<boolean> => {
  const found = await work.query(
    `SELECT FROM known_person p WHERE p.id = $1 AND (p.last_day IS NULL OR p.last_day > $3::date)
       AND EXISTS (SELECT FROM known_position k WHERE k.person = p.id AND $2 = ANY (k.roles)
         AND k.valid_from <= $3::date AND (k.valid_to IS NULL OR k.valid_to >= $3::date))`,
    [person, role, work.today],
  );
  return found.length > 0;
};

const nobodyCounts = domainError({
  code: 'orders.stocktake.nobody-counts',
  kind: 'conflict',
  rule: 'O-24',
  en: 'Nobody makes this count yet; whoever holds the position may begin it.',
  zh: '该份盘点尚无人承担；担任该岗位者均可直接盘点。',
});
const countsAlready = domainError({
  code: 'orders.stocktake.counts-already',
  kind: 'forbidden',
  rule: 'O-24',
  en: 'Who counts or has counted in this stocktake does not take over the count of another.',
  zh: '本次盘点的现任或原盘点人不得接替他人盘点。',
});
const notOfThePosition = domainError({
  code: 'orders.stocktake.not-of-the-position',
  kind: 'unprocessable',
  rule: 'O-24',
  en: 'The count is made by somebody who holds the position {role}.',
  zh: '该份盘点须由担任{role}岗位的人员承担。',
});
