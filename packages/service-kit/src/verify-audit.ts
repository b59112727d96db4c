import { auditEvents } from '@fenxiao/contracts/platform';
import { newId } from '@fenxiao/domain/id';
import { verifyChain } from './audit.js';
import { daily } from './due.js';
import type { Job } from './jobs.js';

/** X-15 Daily verification of the audit 审计链核验: walks the whole chain; a broken one is told to auditor and general manager. */
export const verifyAudit: Job = {
  name: 'verify-audit',
  clause: 'X-15',
  due: daily('02:00'),
  // It looks at the chain as it stands now: after a week away one walk says what seven would.
  missed: 'latest',
  run: async (work) => {
    const { verified, links, brokenAt } = await verifyChain(work);
    const events = auditEvents(work.service);
    const root = { id: newId(), events: 0 };
    if (!brokenAt) return work.publish(events['chain-verified'], root, { verified, links }, { rule: 'X-15' });
    const where = { link: brokenAt.seq, entry: brokenAt.auditId };
    work.publish(events['chain-broken'], root, { verified, links, ...where }, { rule: 'X-15' });
    work.notify(
      {
        kind: 'alert',
        procedure: 'audit',
        about: root.id,
        state: 'chain-broken',
        number: where.entry,
        to: { powers: { auditor: 'all', 'general-manager': 'all' } },
      },
      'X-15',
    );
  },
};
