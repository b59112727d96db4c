import { attachmentEvents } from '@fenxiao/contracts/after-sales';
import { newId } from '@fenxiao/domain/id';
import { lock, type Entity } from '@fenxiao/service-kit/engine';
import type { Work } from '@fenxiao/service-kit/work';
import { attachedAs, type Attached } from './attached.js';
import { requireOpenTo, requireRoom, type Attachable, type Coming } from './coming.js';
import { kinds, takenOf } from './kinds.js';
import { storeAway } from './store-errors.js';
import { isInsider } from './views.js';
import { isWhole } from './whole.js';

/**
 * Attaches a file whose bytes are in the store, under the lock of its subject's row: whatever was asked before is asked again.
 * A file that is there already is not kept again.
 * @returns what is on record, and whether it is new
 */
export async function attach(
  work: Work,
  attachable: Attachable,
  id: string,
  coming: Coming,
): Promise<{ attached: Attached; isNew: boolean }> {
  const { name, clause } = attachable.bound.procedure;
  const subject = (await lock(work, attachable.bound, id)) as Entity;
  const role = requireOpenTo(work, attachable, subject);
  const { sha256, type, upload } = coming;
  const same = await requireRoom(work, name, id, sha256);
  const about = {
    procedure: name,
    subject: id,
    move: 'attach',
    outcome: 'done',
    rule: clause,
    role,
    region: subject.region,
  } as const;
  if (same !== undefined) {
    const [marked] = await markForCustomer(work, name, id, same, isForCustomer(work, coming));
    if (marked) work.record({ ...about, after: { ...marked, forCustomer: true } });
    return { attached: (await attachedAs(work, name, id, same))!, isNew: false };
  }
  // it was there when asked, so it was not put again, and is not there any more
  if (coming.isThere) throw storeAway();
  const { id: root, n } = await keep(work, name, id, coming);
  const { region } = subject;
  const fact = { procedure: name, about: id, n, type, size: upload.bytes.length, digest: sha256 };
  const meta = { rule: clause, role, ...(region ? { region } : {}) };
  work.publish(
    attachmentEvents.stored,
    { id: root, events: 0 },
    { ...fact, ...(region ? { regionId: region } : {}) },
    meta,
  );
  work.record({ ...about, after: fact });
  return { attached: (await attachedAs(work, name, id, n))!, isNew: true };
}

/** what the customer attaches, and what our people mark. */
const isForCustomer = ({ actor }: Work, { form }: Coming): boolean => form.forCustomer === true || !isInsider(actor);

/** A file that is there and was for us alone: the customer has it as well, or our people want it shown. */
const markForCustomer = async (work: Work, procedure: string, subject: string, n: number, wanted: boolean) =>
  wanted
    ? work.query<{ n: number }>(
        `UPDATE attachment SET for_customer = true
         WHERE procedure = $1 AND subject = $2 AND n = $3 AND NOT for_customer RETURNING n`,
        [procedure, subject, n],
      )
    : [];

async function keep(work: Work, procedure: string, subject: string, coming: Coming) {
  const { upload, type, sha256, form } = coming;
  const id = newId();
  const taken = takenOf(upload.bytes, type, work.calendar);
  const [row] = await work.query<{ n: number }>(
    `INSERT INTO attachment (id, procedure, subject, n, sha256, name, type, size, taken_at, place, latitude, longitude, uploaded_by, uploaded_at, whole, for_customer)
     SELECT $1, $2, $3, coalesce(max(n), 0) + 1, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15
     FROM attachment WHERE procedure = $2 AND subject = $3 RETURNING n`,
    [
      id,
      procedure,
      subject,
      sha256,
      nameFor(upload.name, type),
      type,
      upload.bytes.length,
      // a camera whose clock is wrong tells of days to come
      taken.at && taken.at <= work.now ? taken.at : (form.takenAt ?? null),
      form.place ?? null,
      taken.latitude ?? null,
      taken.longitude ?? null,
      work.actor.person,
      work.now,
      isWhole(upload.bytes, type) ?? null,
      isForCustomer(work, coming),
    ],
  );
  return { id, n: row!.n };
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
