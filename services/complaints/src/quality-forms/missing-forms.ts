import { onWorkingDays } from '@fenxiao/service-kit/due';
import type { Job } from '@fenxiao/service-kit/jobs';
import { settings } from '../config.js';
import { openBy } from './form-facts.js';

/**
 * C-04 及时填写: at the close of each working day the sales manager is told of complaints whose form should be open and is not, the
 * deputy general manager as well.
 */
export const remindMissingForms: Job = {
  name: 'remind-missing-forms',
  clause: 'C-04',
  due: onWorkingDays('18:00'),
  missed: 'latest',
  run: async (work, { dueAt }) => {
    const without = await work.query<{
      id: string;
      number: string;
      state: string;
      region: string | null;
      loggedAt: Date | string;
    }>(
      `SELECT c.id, c.number, c.state, c.region, c.created_at AS "loggedAt" FROM complaint c
       WHERE c.state <> 'archived' AND NOT c.historic AND c.created_at <= $1
         AND NOT EXISTS (SELECT FROM quality_complaint_form f WHERE f.complaint = c.id) ORDER BY c.id`,
      [dueAt],
    );
    const days = settings(work).QUALITY_FORM_DAYS;
    for (const { id: about, number, state, region, loggedAt } of without) {
      const limit = openBy(new Date(loggedAt), days, work.calendar);
      if (limit > dueAt) continue;
      const to = {
        powers: { 'sales-manager': 'all', 'deputy-general-manager-sales': 'all' },
        ...(region ? { region } : {}),
      };
      const late = { dueAt: limit.toISOString(), detail: 'quality-complaint-form' };
      work.notify(
        { kind: 'breach', procedure: 'complaint', path: 'complaints', about, number, state, ...late, to },
        'C-04',
      );
    }
  },
};
