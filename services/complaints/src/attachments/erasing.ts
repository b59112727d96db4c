import { erasedText } from '@fenxiao/service-kit/masking';
import type { EraseElsewhere } from '@fenxiao/service-kit/erasure';
import { settings } from '../config.js';
import { keyOf } from './attached.js';
import { storeOf } from './store.js';

/**
 * X-20 Erasing a person 个人信息删除: what is attached to the subject goes with it: what the rows say of people and places, and the
 * files. That there was a file, how large and with which hash, stays, since the documents and events name it. Once the approval
 * is committed nothing is left; where the store is away it is refused, and may be asked for again.
 */
export const eraseAttached: EraseElsewhere = async (work, procedure, subject) => {
  await work.query(
    `UPDATE attachment SET name = $3, taken_at = NULL, place = NULL, latitude = NULL, longitude = NULL, erased_at = $4
     WHERE procedure = $1 AND subject = $2 AND erased_at IS NULL`,
    [procedure, subject, erasedText, work.now],
  );
  // what was put and came to nothing as well
  const files = await work.query<{ sha256: string }>(
    `SELECT sha256 FROM attachment WHERE procedure = $1 AND subject = $2
     UNION SELECT sha256 FROM attachment_put WHERE procedure = $1 AND subject = $2`,
    [procedure, subject],
  );
  const store = storeOf(settings(work));
  // last of all: a file does not come back where the transaction does not end well
  work.atEnd.set(`files of ${subject}`, async () => {
    for (const { sha256 } of files) await store.remove(keyOf(procedure, subject, sha256));
  });
};
