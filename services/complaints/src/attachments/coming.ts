import { createHash } from 'node:crypto';
import { Instant, Line } from '@fenxiao/contracts/wire';
import { domainError } from '@fenxiao/domain/domain-error';
import { newId } from '@fenxiao/domain/id';
import type { Powers } from '@fenxiao/procedures/procedure';
import { powerTo } from '@fenxiao/service-kit/actor';
import { isSealedIn } from '@fenxiao/service-kit/archive';
import { parseForm, requirePower, requireReach } from '@fenxiao/service-kit/checks';
import { discriminator, type AnyBound, type Entity } from '@fenxiao/service-kit/engine';
import { notFound } from '@fenxiao/service-kit/errors';
import { erased } from '@fenxiao/service-kit/personal-keys';
import type { Work } from '@fenxiao/service-kit/work';
import { z } from 'zod';
import { settings } from '../config.js';
import { keyOf } from './attached.js';
import { kindOf, kinds } from './kinds.js';
import type { Upload } from './uploads.js';

/** What is asked of a file before its bytes are put into the store. No row is locked and nothing slow is done meanwhile. */

/** A procedure whose subjects take files, and who may add one; whoever reads a subject sees what is attached to it. */
export interface Attachable {
  readonly bound: AnyBound;
  readonly by: Powers;
  /** who may not, whatever their power; throws the rule's refusal */
  // oxlint-disable-next-line typescript/no-explicit-any -- each is checked against its own subject where it is declared
  readonly refuse?: (subject: any, work: Work) => void;
}

/** No table keeps U+0000. */
const Place = Line.refine((text) => !text.includes('\0'), 'text');

export const uploadForm = z.object({
  /** where and when it was taken, as whoever uploads it says */
  place: Place.optional(),
  takenAt: Instant.optional(),
  /** our people: the customer may see it */
  forCustomer: z.stringbool().optional(),
});

/** What came in, as its Idempotency-Key understands it. */
export const digestOf = ({ bytes, name, fields }: Upload) => ({
  sha256: createHash('sha256').update(bytes).digest('hex'),
  name,
  fields,
});

/** Where this person may add a file to the subject. @throws noPower, notFound, outsideScope, closedAlready */
export async function mayAttach(work: Work, attachable: Attachable, id: string) {
  const { bound, by } = attachable;
  const { name, clause } = bound.procedure;
  requirePower(work.actor, by, 'attach', clause);
  const subject = (await work.em.findOne(bound.entity, { id, ...discriminator(bound) })) as Entity | null;
  if (!subject) throw notFound({ what: name });
  return requireOpenTo(work, attachable, subject);
}

/** @returns the role it is done by. @throws outsideScope, closedAlready */
export function requireOpenTo(work: Work, { bound, by, refuse }: Attachable, subject: Entity) {
  const { procedure } = bound;
  requireReach(work.actor, powerTo(work.actor, procedure, 'read'), subject, procedure.clause);
  const { role } = requireReach(work.actor, { by }, subject, procedure.clause);
  refuse?.(subject, work);
  if (isSealedIn(procedure, subject.state)) throw closedAlready();
  return role;
}

/** A file that is to be put into the store, and then attached. */
export interface Coming {
  readonly upload: Upload;
  readonly type: string;
  readonly sha256: string;
  readonly key: string;
  /** it is attached already: its bytes are in the store */
  readonly isThere: boolean;
  readonly form: z.output<typeof uploadForm>;
}

/**
 * Whether the file may be put into the store. That it will be is written down first, so that what nothing came of, since the
 * service died or the case was closed meanwhile, is found again.
 */
export async function announce(work: Work, attachable: Attachable, id: string, upload: Upload): Promise<Coming> {
  const { name } = attachable.bound.procedure;
  const form = parseForm(uploadForm, upload.fields);
  if (form.takenAt !== undefined && new Date(form.takenAt) > work.now) throw notYet({}, { field: 'takenAt' });
  const type = kindOf(upload.bytes);
  if (type === undefined) throw notTaken({ kinds: Object.values(kinds).join(', ') }, { field: 'file' });
  await mayAttach(work, attachable, id);

  const { sha256 } = digestOf(upload);
  const coming = { upload, type, sha256, form, key: keyOf(name, id, sha256) };
  if (await requireRoom(work, name, id, sha256)) return { ...coming, isThere: true };
  await requireQuota(work, coming.key, upload.bytes.length);
  await lockFile(work, coming.key);
  await work.query(
    `INSERT INTO attachment_put (id, procedure, subject, sha256, size, put_by, put_at) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
    [newId(), name, id, sha256, upload.bytes.length, work.actor.person, work.now],
  );
  return { ...coming, isThere: false };
}

/** @returns the number of the same file where it is attached already. @throws erased, tooMany */
export async function requireRoom(work: Work, procedure: string, subject: string, sha256: string) {
  const [gone] = await work.query('SELECT FROM personal_key WHERE subject = $1 AND destroyed_at IS NOT NULL', [
    subject,
  ]);
  if (gone) throw erased();
  const known = await work.query<{ n: number; sha256: string }>(
    'SELECT n, sha256 FROM attachment WHERE procedure = $1 AND subject = $2',
    [procedure, subject],
  );
  const same = known.find((row) => row.sha256 === sha256);
  const most = settings(work).ATTACHMENTS_MOST;
  if (!same && known.length >= most) throw tooMany({ most });
  return same?.n;
}

/** Against the job that takes away what nothing came of: a file that is on its way is not taken from under it. */
export const lockFile = (work: Work, key: string) =>
  work.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`attachment ${key}`]);

/**
 * So that nobody fills the store, with cases without end: what a person puts on one day, a file put again counted once. One upload
 * of a person is reckoned after the other.
 * @throws dayUsedUp
 */
async function requireQuota(work: Work, key: string, size: number): Promise<void> {
  const { person } = work.actor;
  await work.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`attachments of ${person}`]);
  const [row] = await work.query<{ used: string }>(
    `SELECT coalesce(sum(size), 0) AS used FROM (
       SELECT DISTINCT procedure, subject, sha256, size FROM attachment_put WHERE put_by = $1 AND put_at >= $2
     ) p WHERE procedure || '/' || subject || '/' || sha256 <> $3`,
    [person, work.calendar.startOfDay(work.today), key],
  );
  const most = settings(work).ATTACHMENT_DAY_BYTES;
  if (Number(row!.used) + size > most) throw dayUsedUp({ most });
}

const notTaken = domainError({
  code: 'complaints.attachment.not-taken',
  kind: 'unprocessable',
  en: 'By its content this is none of: {kinds}.',
  zh: '文件内容不属于可接受的类型：{kinds}。',
});
const notYet = domainError({
  code: 'complaints.attachment.not-yet-taken',
  kind: 'unprocessable',
  en: 'A photograph was taken before it was uploaded.',
  zh: '拍摄时间不得晚于上传时间。',
});
const closedAlready = domainError({
  code: 'complaints.attachment.closed',
  kind: 'conflict',
  rule: 'X-14',
  en: 'It is closed and sealed: it takes no more files.',
  zh: '该事项已办结封存，不能再添加附件。',
});
const tooMany = domainError({
  code: 'complaints.attachment.too-many',
  kind: 'unprocessable',
  en: 'It may have {most} files.',
  zh: '附件最多{most}个。',
});
const dayUsedUp = domainError({
  code: 'complaints.attachment.day-used-up',
  kind: 'too-many',
  en: 'One person may add {most} bytes in a day: go on tomorrow.',
  zh: '每人每天上传的附件总量不得超过{most}字节，请明天再传。',
});
