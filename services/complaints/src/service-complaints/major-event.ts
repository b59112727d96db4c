import { majorEventEvents, majorEventForm } from '@fenxiao/contracts/service-complaints';
import { Note } from '@fenxiao/contracts/wire';
import { headOffice } from '@fenxiao/procedures/powers';
import { procedure, type Powers } from '@fenxiao/procedures/procedure';
import { open } from '@fenxiao/service-kit/engine';
import { bindForm, type FormDocument } from '@fenxiao/service-kit/forms';
import type { Work } from '@fenxiao/service-kit/work';
import { z } from 'zod';
import { settings } from '../config.js';
import type { Opinion } from './opinion-table.js';

/** C-17 Major event 重大事件: told at once to the branch general manager of the region, or else to the general manager, who acknowledge it. */

const heads = { 'general-manager': 'all', 'branch-general-manager': 'region' } as const;
const contentOf = (document: FormDocument) => document.form as z.infer<typeof majorEventForm>;
/** By the clock on the wall, so no `Limit`: in working time a matter of Friday evening would wait until Monday. */
const afterPercent = (document: FormDocument, percent: number) =>
  new Date(document.enteredAt.getTime() + contentOf(document).answerWithinMinutes * 600 * percent);
const dueOf = (document: FormDocument) => afterPercent(document, 100);
/** the branch general manager of the region alone, or the general manager */
const recipientOf = (document: FormDocument): Powers => {
  const { recipient } = contentOf(document);
  return { [recipient]: heads[recipient] };
};

export const majorEvent = bindForm(
  procedure({
    name: 'major-event',
    clause: 'C-17',
    events: majorEventEvents,
    states: ['raised', 'acknowledged'],
    read: { ...headOffice, ...heads, office: 'all', 'regional-manager': 'region' },
    start: { move: 'raise', to: 'raised', by: { system: 'all' }, form: majorEventForm, fact: 'raised' },
    moves: {
      acknowledge: {
        from: 'raised',
        to: 'acknowledged',
        by: heads,
        form: z.object({ instruction: Note.optional() }),
        fact: 'acknowledged',
        clock: {
          within: dueOf,
          warnAt: (document: FormDocument) => afterPercent(document, 80),
          tell: recipientOf,
          escalateTo: 'general-manager',
        },
      },
    },
  }),
  {
    series: 'ZD',
    region: ({ regionId }) => regionId ?? null,
    follows: {
      raise: (document, work) => {
        const { region } = document;
        work.notify(
          {
            kind: 'alert',
            procedure: 'major-event',
            about: document.id,
            number: document.number!,
            move: 'acknowledge',
            state: document.state,
            dueAt: dueOf(document).toISOString(),
            detail: contentOf(document).content,
            to: { powers: recipientOf(document), ...(region ? { region } : {}) },
          },
          'C-17',
        );
      },
    },
    filters: {
      opinionId: { form: z.uuid(), where: (id) => ({ form: { opinionId: id } }) },
    },
  },
);

/** Raises one for an opinion, in the same transaction. */
export async function raiseMajorEvent(work: Work, { id, number, content, region }: Opinion): Promise<void> {
  const form = {
    opinionId: id,
    opinionNumber: number,
    content,
    ...(region ? { regionId: region } : {}),
    recipient: (await hasBranchHead(work, region)) ? 'branch-general-manager' : 'general-manager',
    answerWithinMinutes: settings(work).MAJOR_EVENT_MINUTES,
  };
  await open(work, majorEvent, { form, bySystem: true });
}

/** Whether a branch general manager answers today for the region, or for a region above it. */
async function hasBranchHead(work: Work, region: string | null): Promise<boolean> {
  if (region === null) return false;
  const [found] = await work.query(
    `WITH RECURSIVE above AS (
       SELECT id, parent FROM known_region WHERE id = $1
       UNION SELECT r.id, r.parent FROM known_region r JOIN above a ON r.id = a.parent)
     SELECT FROM known_position k JOIN known_person p ON p.id = k.person
     WHERE 'branch-general-manager' = ANY (k.roles) AND k.region IN (SELECT id FROM above)
       AND k.valid_from <= $2 AND (k.valid_to IS NULL OR k.valid_to >= $2) AND (p.last_day IS NULL OR p.last_day > $2) LIMIT 1`,
    [region, work.today],
  );
  return found !== undefined;
}
