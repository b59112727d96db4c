import { formEvents } from '@fenxiao/contracts/event';
import { CalendarDate, Code } from '@fenxiao/contracts/wire';
import type { BusinessCalendar } from '@fenxiao/domain/business-calendar';
import { domainError } from '@fenxiao/domain/domain-error';
import { procedure } from '@fenxiao/procedures/procedure';
import { follow, lock, publish } from '@fenxiao/service-kit/engine';
import { bindForm, type FormDocument } from '@fenxiao/service-kit/forms';
import { z } from 'zod';
import { distributor, distributorOf, readers } from './distributor.js';
import { regionOf } from './region.js';

/** D-04 Assignment to a region 区域调整: with a date; on it the outlet leaves one region and enters the other, never both or none. */
const form = z.object({ distributorCode: Code, regionCode: Code, validFrom: CalendarDate });

export const regionAssignment = bindForm(
  procedure({
    name: 'region-assignment',
    clause: 'D-04',
    events: formEvents(
      'distributors',
      'region-assignment',
      form,
      { scheduled: {}, 'taken-effect': {}, withdrawn: {} },
      { clocks: true },
    ),
    states: ['scheduled', 'in-force', 'withdrawn'],
    read: readers,
    start: {
      move: 'schedule',
      to: 'scheduled',
      by: { 'deputy-general-manager-sales': 'all', 'sales-general-manager': 'all' },
      form,
      fact: 'scheduled',
    },
    moves: {
      takeEffect: {
        from: 'scheduled',
        to: 'in-force',
        by: { system: 'all' },
        fact: 'taken-effect',
        clock: {
          within: (document: FormDocument, calendar: BusinessCalendar) =>
            calendar.startOfDay((document.form as z.infer<typeof form>).validFrom),
          breach: 'takeEffect',
          remindDaysBefore: [],
        },
      },
      withdraw: {
        from: 'scheduled',
        to: 'withdrawn',
        by: { 'deputy-general-manager-sales': 'all', 'sales-general-manager': 'all' },
        fact: 'withdrawn',
        reason: true,
      },
    },
  }),
  {
    region: async ({ distributorCode }, work) => (await distributorOf(work, distributorCode)).region,
    onOpen: async ({ regionCode, validFrom }, work) => {
      await regionOf(work, regionCode);
      if (validFrom < work.today) throw inThePast({ date: validFrom }, { field: 'validFrom' });
    },
    effects: {
      takeEffect: async (document, _, work) => {
        const { distributorCode, regionCode, validFrom } = document.form as z.infer<typeof form>;
        const moved = await lock(work, distributor, (await distributorOf(work, distributorCode)).id);
        const previous = moved.region!;
        moved.region = (await regionOf(work, regionCode)).id;
        moved.version += 1;
        await work.query(
          'INSERT INTO distributor_region (distributor, region, valid_from) VALUES ($1, $2, $3) ON CONFLICT (distributor, valid_from) DO UPDATE SET region = excluded.region',
          [moved.id, moved.region, validFrom],
        );
        publish(work, distributor, moved, 'region-assigned', { previous }, { rule: 'D-04' });
      },
    },
    follows: {
      schedule: async (document, work) => {
        if ((document.form as z.infer<typeof form>).validFrom === work.today)
          await follow(work, regionAssignment, document, 'takeEffect');
      },
    },
  },
);

const inThePast = domainError({
  code: 'distributors.region-assignment.in-the-past',
  kind: 'unprocessable',
  rule: 'D-04',
  en: 'An outlet can not change its region in the past ({date}): what was sold there stays there.',
  zh: '区域调整日期（{date}）不得早于今天：既往销售归属不变。',
});
