import { daily } from '@fenxiao/service-kit/due';
import type { Job } from '@fenxiao/service-kit/jobs';
import { settings } from '../config.js';
import { keyOf } from './attached.js';
import { lockFile } from './coming.js';
import { storeOf } from './store.js';

/** one night's work: more is left for the next */
const most = 1000;

/**
 * what was put into the store and came to nothing, since the service died or the case was closed meanwhile, is taken away
 * after a time of grace; of what is attached it is forgotten that it was put.
 */
export const sweepAttachments: Job = {
  name: 'sweep-attachments',
  clause: 'X-20',
  due: daily('03:30'),
  missed: 'latest',
  run: async (work) => {
    const store = storeOf(settings(work));
    const before = new Date(work.now.getTime() - settings(work).ATTACHMENT_ORPHAN_HOURS * 3_600_000);
    await work.query(
      `DELETE FROM attachment_put p USING attachment a WHERE p.put_at < $1 AND a.erased_at IS NULL
         AND a.procedure = p.procedure AND a.subject = p.subject AND a.sha256 = p.sha256`,
      [before],
    );
    const left = await work.query<{ id: string; procedure: string; subject: string; sha256: string }>(
      'SELECT id, procedure, subject, sha256 FROM attachment_put WHERE put_at < $1 ORDER BY put_at, id LIMIT $2',
      [before, most],
    );
    for (const { id, procedure, subject, sha256 } of left) {
      const key = keyOf(procedure, subject, sha256);
      await lockFile(work, key);
      const [wanted] = await work.query(
        `SELECT FROM attachment WHERE procedure = $1 AND subject = $2 AND sha256 = $3 AND erased_at IS NULL
         UNION ALL SELECT FROM attachment_put WHERE procedure = $1 AND subject = $2 AND sha256 = $3 AND put_at >= $4`,
        [procedure, subject, sha256, before],
      );
      if (!wanted) await store.remove(key);
      await work.query('DELETE FROM attachment_put WHERE id = $1', [id]);
    }
  },
};
