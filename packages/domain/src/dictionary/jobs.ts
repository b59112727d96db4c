import type { Label } from './label.js';

/** Scheduled work (rules, section 10), and the audit it verifies. */
export const jobs = {
  audit: { en: 'Audit trail', zh: '审计记录' },
  'chain-verified': { en: 'Chain verified', zh: '审计链完整' },
  'chain-broken': { en: 'Chain broken', zh: '审计链断裂' },

  'job.verify-audit': { en: 'Verify the audit chain', zh: '核验审计链' },
} satisfies Record<string, Label>;
