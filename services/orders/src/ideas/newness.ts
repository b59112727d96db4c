import { daily } from '@fenxiao/service-kit/due';
import { follow, lock } from '@fenxiao/service-kit/engine';
import type { Job } from '@fenxiao/service-kit/jobs';
import { settings } from '../config.js';
import { product, stillNew } from '../product.js';

/** O-40 New products 新品: each morning, those whose months as new are over are on sale like any other. */
export const productNewness: Job = {
  name: 'product-newness',
  clause: 'O-40',
  due: daily('05:30'),
  missed: 'latest',
  run: async (work) => {
    const lastOfNew = work.calendar.addMonths(work.today, -settings(work).PRODUCT_NEW_MONTHS);
    const rows = await work.query<{ id: string }>(
      `SELECT id FROM product WHERE state = 'new' AND launched_on <= $1 ORDER BY id`,
      [lastOfNew],
    );
    for (const { id } of rows) {
      const subject = await lock(work, product, id);
      if (!stillNew(work, subject.launchedOn)) await follow(work, product, subject, 'activate');
    }
  },
};
