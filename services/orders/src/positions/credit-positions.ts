import { creditPositionEvents } from '@fenxiao/contracts/positions';
import { newId } from '@fenxiao/domain/id';
import { daily } from '@fenxiao/service-kit/due';
import type { Job } from '@fenxiao/service-kit/jobs';
import type { Work } from '@fenxiao/service-kit/work';
import { accountParts, exposed } from '../credit.js';

/**
 * D-21 Credit position 信用占用: just after midnight, what every customer with a limit has used of it at the close of the day
 * before (K-C09). Later than that day nobody knows what it was, so nothing is written down.
 */
export const recordCreditPositions: Job = {
  name: 'record-credit-positions',
  clause: 'D-21',
  due: daily('00:15'),
  missed: 'latest',
  run: async (work, { date }) => {
    if (work.today > date) return;
    const on = work.calendar.addDays(date, -1);
    for (let after: string | undefined; ;) {
      const positions = await positionsAfter(work, after);
      if (positions.length === 0) return;
      const data = { on, currency: work.currency, positions };
      work.publish(creditPositionEvents.recorded, { id: newId(), events: 0 }, data, { rule: 'D-21' });
      after = positions.at(-1)!.distributorId;
    }
  },
};

/** as many as an event of some 100 kB has */
export const BATCH = 500;

interface Position {
  readonly distributorId: string;
  readonly distributorCode: string;
  readonly regionId: string;
  readonly exposure: string;
  readonly limit: string;
}

/** In the order of their ids; an account as it stands is what was committed by then, and no lock is taken. */
function positionsAfter(work: Work, after: string | undefined): Promise<Position[]> {
  const { invoices, awaiting, orders, unapplied, credits, guarantees } = accountParts('l.distributor', '$2');
  return work.query<Position>(
    `SELECT d.id AS "distributorId", d.code AS "distributorCode", d.region AS "regionId",
       (${invoices} + ${awaiting} + ${orders} - ${unapplied} - ${credits} - ${guarantees})::numeric(14,2)::text AS exposure,
       l.credit_limit::numeric(14,2)::text AS "limit"
     FROM known_credit_limit l JOIN known_distributor d ON d.id = l.distributor
     WHERE ($1::uuid IS NULL OR l.distributor > $1) AND l.credit_limit > 0 AND d.terms <> 'prepaid'
     ORDER BY l.distributor LIMIT ${BATCH}`,
    [after ?? null, exposed],
  );
}
