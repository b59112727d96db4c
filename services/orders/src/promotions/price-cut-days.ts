import { daily } from '@fenxiao/service-kit/due';
import { follow, lock } from '@fenxiao/service-kit/engine';
import type { Job } from '@fenxiao/service-kit/jobs';
import { priceCut } from './price-cut.js';

/**
 * O-14 Start and end 短期削价的起止: as the day begins, what is approved for it starts and what had its last day ends. Orders go
 * by the dates, so none is priced otherwise where this comes late; a cut missed whole starts and ends at once.
 */
export const priceCutDays: Job = {
  name: 'price-cut-days',
  clause: 'O-14',
  due: daily('00:01'),
  missed: 'latest',
  run: async (work) => {
    const rows = await work.query<{ id: string }>(
      `SELECT id FROM price_cut WHERE state = 'approved' AND starts_on <= $1 OR state = 'running' AND ends_on < $1 ORDER BY id`,
      [work.today],
    );
    for (const { id } of rows) {
      const cut = await lock(work, priceCut, id);
      if (cut.state === 'approved') await follow(work, priceCut, cut, 'begin');
      if (cut.state === 'running' && cut.endsOn < work.today) await follow(work, priceCut, cut, 'end');
    }
  },
};
