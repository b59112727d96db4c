import { formEvents } from '@fenxiao/contracts/event';
import { CalendarDate, Line, Note, Ref } from '@fenxiao/contracts/wire';
import type { BusinessCalendar } from '@fenxiao/domain/business-calendar';
import { domainError } from '@fenxiao/domain/domain-error';
import { staff } from '@fenxiao/procedures/powers';
import { procedure, type Powers } from '@fenxiao/procedures/procedure';
import { follow, lock, open } from '@fenxiao/service-kit/engine';
import { bindForm, type FormDocument } from '@fenxiao/service-kit/forms';
import type { Work } from '@fenxiao/service-kit/work';
import { z } from 'zod';
import { executionsOf, policyExecution } from './policy-execution.js';

/** X-09 Carrying out sales policies 各项销售政策的实施: the deputy GM's, for a time and some regions, each of which is checked. */
const form = z.object({
  title: Line,
  text: Note,
  startsOn: CalendarDate,
  endsOn: CalendarDate,
  regionIds: z.array(Ref('region')).min(1).max(200),
});
type Form = z.infer<typeof form>;
const contentOf = (document: FormDocument) => document.form as Form;

const owner: Powers = { 'deputy-general-manager-sales': 'all' };

export const policy = bindForm(
  procedure({
    name: 'policy',
    path: 'policies',
    clause: 'X-09',
    events: formEvents(
      'planning',
      'policy',
      form,
      { drafted: {}, issued: {}, ended: {}, withdrawn: {} },
      { clocks: true },
    ),
    states: ['draft', 'issued', 'ended', 'withdrawn'],
    read: staff,
    start: { move: 'draw-up', to: 'draft', by: owner, form, fact: 'drafted' },
    moves: {
      issue: { from: 'draft', to: 'issued', by: owner, fact: 'issued' },
      end: {
        from: 'issued',
        to: 'ended',
        by: { system: 'all' },
        fact: 'ended',
        clock: {
          within: (document: FormDocument, calendar: BusinessCalendar) => calendar.endOfDay(contentOf(document).endsOn),
          remindDaysBefore: [7, 1],
          breach: 'end',
        },
      },
      withdraw: { from: ['draft', 'issued'], to: 'withdrawn', by: owner, fact: 'withdrawn', reason: true },
    },
  }),
  {
    series: 'ZC',
    region: () => null,
    onOpen: async ({ startsOn, endsOn, regionIds }, work) => {
      if (endsOn < startsOn) throw endsBeforeItStarts({ from: startsOn, to: endsOn }, { field: 'endsOn' });
      for (const [index, region] of regionIds.entries()) await requireRegion(work, region, index);
    },
    effects: {
      issue: (document, _, work) => {
        const { endsOn } = contentOf(document);
        if (endsOn < work.today) throw over({ date: endsOn });
      },
    },
    follows: {
      issue: async (document, work) => {
        const { title, regionIds } = contentOf(document);
        for (const regionId of new Set(regionIds))
          await open(work, policyExecution, { form: { policyId: document.id, regionId, title }, bySystem: true });
      },
      withdraw: async (document, work) => {
        for (const { id, state } of await executionsOf(work, document.id))
          if (state !== 'verified') await follow(work, policyExecution, await lock(work, policyExecution, id), 'drop');
      },
    },
  },
);

async function requireRegion(work: Work, region: string, index: number): Promise<void> {
  const [known] = await work.query(
    'SELECT FROM known_region WHERE id = $1 AND (valid_to IS NULL OR valid_to > $2::date)',
    [region, work.today],
  );
  if (!known) throw unknownRegion({ region }, { field: `regionIds.${index}` });
}

const unknownRegion = domainError({
  code: 'planning.policy.unknown-region',
  kind: 'unprocessable',
  rule: 'X-09',
  en: 'There is no region {region} today.',
  zh: '目前没有区域{region}。',
});
const endsBeforeItStarts = domainError({
  code: 'planning.policy.ends-before-it-starts',
  kind: 'unprocessable',
  rule: 'X-09',
  en: 'A policy can not end ({to}) before it starts ({from}).',
  zh: '政策截止日（{to}）不得早于起始日（{from}）。',
});
const over = domainError({
  code: 'planning.policy.over',
  kind: 'unprocessable',
  rule: 'X-09',
  en: 'A policy that ended on {date} is not issued any more.',
  zh: '政策已于{date}截止，不能再下发。',
});
