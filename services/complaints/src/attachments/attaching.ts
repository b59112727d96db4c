import { createHash } from 'node:crypto';
import { attachmentEvents } from '@fenxiao/contracts/after-sales';
import { Instant, Line } from '@fenxiao/contracts/wire';
import { domainError } from '@fenxiao/domain/domain-error';
import { newId } from '@fenxiao/domain/id';
import type { Powers } from '@fenxiao/procedures/procedure';
import { powerTo } from '@fenxiao/service-kit/actor';
import { isSealedIn } from '@fenxiao/service-kit/archive';
import { parseForm, requirePower, requireReach } from '@fenxiao/service-kit/checks';
import { lock, type AnyBound, type Entity } from '@fenxiao/service-kit/engine';
import type { Work } from '@fenxiao/service-kit/work';
import { z } from 'zod';
import { settings } from '../config.js';
import { attachedAs, keyOf, type Attached } from './attached.js';
import { kindOf, kinds, takenOf } from './kinds.js';
import type { FileStore } from './store.js';
import type { Upload } from './uploads.js';

/** A procedure whose subjects take files, and who may add one; whoever reads a subject sees what is attached to it. */
export interface Attachable {
  readonly bound: AnyBound;
  readonly by: Powers;
}

export const uploadForm = z.object({
  /** where and when it was taken, as whoever uploads it says */
  place: Line.optional(),
  takenAt: Instant.optional(),
});

/** What came in, as its Idempotency-Key understands it. */
export const digestOf = ({ bytes, name, fields }: Upload) => ({
  sha256: createHash('sha256').update(bytes).digest('hex'),
  name,
  fields,
});

/**
 * The subject, its row locked, where this person may add a file to it.
 * @throws noPower, notFound, outsideScope, closedAlready
 */
export async function mayAttach(work: Work, { bound, by }: Attachable, id: string) {
  const { procedure } = bound;
  const { clause } = procedure;
  requirePower(work.actor, by, 'attach', clause);
  const subject = (await lock(work, bound, id)) as Entity;
  requireReach(work.actor, powerTo(work.actor, procedure, 'read'), subject, clause);
  const { role } = requireReach(work.actor, { by }, subject, clause);
  if (isSealedIn(procedure, subject.state)) throw closedAlready();
  return { subject, role };
}

/**
 * Attaches a file to a subject, under the lock of its row. The bytes are in the store before the row says so; a file that is
 * there already is not kept again.
 * @returns what is on record, and whether it is new
 */
export async function attach(
  work: Work,
  attachable: Attachable,
  id: string,
  upload: Upload,
  store: FileStore,
): Promise<{ attached: Attached; isNew: boolean }> {
  const { name, clause } = attachable.bound.procedure;
  const { place, takenAt } = parseForm(uploadForm, upload.fields);
  if (takenAt !== undefined && new Date(takenAt) > work.now) throw notYet({}, { field: 'takenAt' });
  const type = kindOf(upload.bytes);
  if (type === undefined) throw notTaken({ kinds: Object.values(kinds).join(', ') }, { field: 'file' });
  const { subject, role } = await mayAttach(work, attachable, id);

  const { sha256 } = digestOf(upload);
  const known = await work.query<{ n: number; sha256: string }>(
    'SELECT n, sha256 FROM attachment WHERE procedure = $1 AND subject = $2 ORDER BY n',
    [name, id],
  );
  const same = known.find((row) => row.sha256 === sha256);
  if (same) return { attached: (await attachedAs(work, name, id, same.n))!, isNew: false };
  const most = settings(work).ATTACHMENTS_MOST;
  if (known.length >= most) throw tooMany({ most });
  const taken = takenOf(upload.bytes, type, work.calendar);
  await store.put(keyOf(name, id, sha256), upload.bytes);
  const n = (known.at(-1)?.n ?? 0) + 1;
  const row = { id: newId(), n, size: upload.bytes.length };
  await work.query(
    `INSERT INTO attachment (id, procedure, subject, n, sha256, name, type, size, taken_at, place, latitude, longitude, uploaded_by, uploaded_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`,
    [
      row.id,
      name,
      id,
      n,
      sha256,
      nameFor(upload.name, type),
      type,
      row.size,
      taken.at ?? takenAt ?? null,
      place ?? null,
      taken.latitude ?? null,
      taken.longitude ?? null,
      work.actor.person,
      work.now,
    ],
  );
  const fact = { procedure: name, about: id, n, type, size: row.size, digest: sha256 };
  const { region } = subject;
  const meta = { rule: clause, role, ...(region ? { region } : {}) };
  work.publish(
    attachmentEvents.stored,
    { id: row.id, events: 0 },
    { ...fact, ...(region ? { regionId: region } : {}) },
    meta,
  );
  work.record({
    procedure: name,
    subject: id,
    move: 'attach',
    outcome: 'done',
    rule: clause,
    role,
    region,
    after: fact,
  });
  return { attached: (await attachedAs(work, name, id, n))!, isNew: true };
}

/** The name alone, whatever folders stand before it, ending as what it is: what claims to be a page is called a picture. */
function nameFor(given: string, type: string): string {
  const last = given.replaceAll('\\', '/').split('/').at(-1)!;
  const plain =
    last
      .replaceAll(/\p{Cc}/gu, '')
      .replace(/^\.+/, '')
      .normalize('NFC') || 'file';
  const ending = `.${kinds[type]!}`;
  const ends = plain.toLowerCase().endsWith(ending) || (type === 'image/jpeg' && /\.jpeg$/i.test(plain));
  // half a letter may be left where it is cut
  return (ends ? plain.slice(-120) : `${plain.slice(-110)}${ending}`).toWellFormed();
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
