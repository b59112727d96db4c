import { creditPositionEvents } from '@fenxiao/contracts/positions';
import { newId } from '@fenxiao/domain/id';
import { daily } from '@fenxiao/service-kit/due';
import type { Job } from '@fenxiao/service-kit/jobs';
import type { Work } from '@fenxiao/service-kit/work';
import { exposed, exposures } from '../credit.js';

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
    for (let after = nobody; ;) {
      const positions = await positionsAfter(work, after);
      if (positions.length === 0) return;
      const data = { on, currency: work.currency, positions };
      work.publish(creditPositionEvents.recorded, { id: newId(), events: 0 }, data, { rule: 'D-21' });
      after = positions.at(-1)!.distributorId;
    }
  },
};

/** before every id */
const nobody = '00000000-0000-0000-0000-000000000000';
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
const positionsAfter = (work: Work, after: string): Promise<Position[]> =>
  work.query<Position>(
    `WITH page AS MATERIALIZED (
       SELECT d.id, d.code, d.region, l.credit_limit FROM known_credit_limit l JOIN known_distributor d ON d.id = l.distributor
       WHERE l.distributor > $1 AND d.id > $1 AND l.credit_limit > 0 AND d.terms <> 'prepaid'
       ORDER BY l.distributor LIMIT ${BATCH}),
     used AS (
       SELECT distributor, sum(amount) AS amount FROM (${exposures(ofPage)}) part GROUP BY distributor)
     SELECT page.id AS "distributorId", page.code AS "distributorCode", page.region AS "regionId",
       coalesce(used.amount, 0)::numeric(14,2)::text AS exposure, page.credit_limit::numeric(14,2)::text AS "limit"
     FROM page LEFT JOIN used ON used.distributor = page.id ORDER BY page.id`,
    [after, exposed],
  );
const ofPage =
  'distributor BETWEEN (SELECT id FROM page ORDER BY id LIMIT 1) AND (SELECT id FROM page ORDER BY id DESC LIMIT 1)';
