import { erasureEvents, erasureForm } from '@fenxiao/contracts/powers';
import { domainError } from '@fenxiao/domain/domain-error';
import { approval } from '@fenxiao/procedures/approval';
import { classesOf } from '@fenxiao/procedures/classes';
import { procedure, type Powers, type Procedure } from '@fenxiao/procedures/procedure';
import type { z } from 'zod';
import { isSealedIn } from './archive.js';
import { discriminator, type AnyBound, type Entity } from './engine.js';
import { bindForm } from './forms.js';
import type { Work } from './work.js';

/**
 * X-20 Erasing a person 个人信息删除: personnel asks for staff, sales for a customer's people; the general manager approves.
 * The key of the subject is destroyed. It is final.
 */
type Request = z.infer<typeof erasureForm>;

const askers: Powers = { 'human-resources': 'all', 'sales-manager': 'all', office: 'all' };

/**
 * Erases what a service keeps of a subject beside its own sealed fields, files for one, in the transaction of the approval.
 * Where it throws nothing is erased; asked for again it takes up what it finds.
 */
export type EraseElsewhere = (work: Work, procedure: string, subject: string) => Promise<void>;

export const erasure = (service: string, own: readonly AnyBound[], elsewhere: readonly EraseElsewhere[] = []) =>
  bindForm(
    procedure({
      name: 'erasure',
      clause: 'X-20',
      events: erasureEvents(service),
      states: ['requested', 'approved', 'rejected'],
      read: { ...askers, 'general-manager': 'all', auditor: 'all' },
      start: { move: 'request', to: 'requested', by: askers, form: erasureForm, fact: 'requested' },
      moves: approval({
        clause: 'X-20',
        in: 'requested',
        steps: [{ name: 'approval', slots: [{ 'general-manager': 'all' }] }],
        approved: 'approved',
        rejected: 'rejected',
        facts: { approved: 'approved', rejected: 'rejected' },
      }),
    }),
    {
      region: () => null,
      onOpen: (request, work) => requireErasable(own, request, work),
      effects: {
        approve: async ({ form }, _: never, work) => {
          const request = form as Request;
          await requireErasable(own, request, work);
          await work.personalKeys.destroy(work, request.subjectId, work.now);
          for (const erase of elsewhere) await erase(work, request.procedure, request.subjectId);
        },
      },
    },
  );

/** Only what is closed: as long as somebody is employed, or a customer is one, the data is needed. */
async function requireErasable(
  own: readonly AnyBound[],
  { procedure: name, subjectId }: Request,
  work: Work,
): Promise<void> {
  const bound = own.find(({ procedure: p }) => (p as Procedure).name === name);
  if (!bound || classesOf(bound.procedure as Procedure).personal.size === 0)
    throw nothingPersonal({ procedure: name }, { field: 'procedure' });
  const where = { id: subjectId, ...discriminator(bound) };
  const subject = (await work.em.findOne(bound.entity, where)) as Entity | null;
  if (!subject) throw unknownSubject({}, { field: 'subjectId' });
  if (!isSealedIn(bound.procedure as Procedure, subject.state))
    throw stillNeeded({ state: subject.state }, { field: 'subjectId' });
  const [done] = await work.query('SELECT FROM personal_key WHERE subject = $1 AND destroyed_at IS NOT NULL', [
    subjectId,
  ]);
  if (done) throw alreadyErased({}, { field: 'subjectId' });
}

const nothingPersonal = domainError({
  code: 'confidentiality.nothing-personal',
  kind: 'unprocessable',
  rule: 'X-20',
  en: 'Nothing that tells of a person is kept in {procedure}.',
  zh: '{procedure}不保存个人信息。',
});
const unknownSubject = domainError({
  code: 'confidentiality.unknown-subject',
  kind: 'unprocessable',
  rule: 'X-20',
  en: 'There is no such record.',
  zh: '没有该记录。',
});
const stillNeeded = domainError({
  code: 'confidentiality.still-needed',
  kind: 'conflict',
  rule: 'X-20',
  en: 'What is not closed ({state}) needs its data still.',
  zh: '记录尚未结束（{state}），仍需使用其信息。',
});
const alreadyErased = domainError({
  code: 'confidentiality.already-erased',
  kind: 'conflict',
  rule: 'X-20',
  en: 'It was erased already.',
  zh: '已经删除。',
});
