import type { Job } from '@fenxiao/service-kit/jobs';
import { yearly } from '@fenxiao/service-kit/due';
import type { Work } from '@fenxiao/service-kit/work';
import { openYearEnd } from './stocktake-moves.js';

/** O-24 Year-end count 年终盘仓: announced on 1 December, opened for every company shop on the 28th, a holiday or not. */
const concerned = {
  powers: {
    'order-clerk': 'all',
    'finished-goods-keeper': 'all',
    'sales-manager': 'all',
    finance: 'all',
  },
};

interface Shop {
  readonly code: string;
  readonly name: string;
}
const shops = (work: Work) =>
  work.query<Shop>(`SELECT code, name FROM warehouse WHERE kind = 'shop' AND state = 'active' ORDER BY code`);

export const announceStocktake: Job = {
  name: 'announce-stocktake',
  clause: 'O-24',
  due: yearly('12-01', '09:00'),
  missed: 'latest',
  run: async (work, { date }) => {
    const on = `${date.slice(0, 4)}-12-28`;
    for (const { code, name } of await shops(work))
      work.notify(
        {
          kind: 'information',
          procedure: 'stocktake',
          number: code,
          detail: `${name} ${on}`,
          dueAt: work.calendar.endOfDay(on).toISOString(),
          to: concerned,
        },
        'O-24',
      );
  },
};

export const openStocktakes: Job = {
  name: 'open-stocktakes',
  clause: 'O-24',
  due: yearly('12-28', '00:00'),
  missed: 'latest',
  run: async (work, { date }) => {
    for (const { code } of await shops(work)) {
      const { id, number } = await openYearEnd(work, code, date);
      tell(work, id, number);
    }
  },
};

const tell = (work: Work, about: string, number: string) =>
  work.notify(
    { kind: 'task', procedure: 'stocktake', about, number, move: 'begin', state: 'scheduled', to: concerned },
    'O-24',
  );
