import type { BusinessCalendar } from '@fenxiao/domain/business-calendar';
import type { Work } from '@fenxiao/service-kit/work';
import type { Standing } from './page.js';
import type { PublicWord } from './words.js';

/** ISO 10002 7.3: where a case stands, in the words its customer gets; nothing of who works on it, or of other cases. */

const stages: Readonly<Record<string, PublicWord>> = {
  logged: 'received',
  acknowledged: 'investigating',
  notified: 'investigating',
  reopened: 'investigating',
  'cause-confirmed': 'deciding',
  decision: 'deciding',
  resolving: 'resolving',
  'waiting-for-customer': 'waiting',
  resolved: 'resolved',
  'followed-up': 'resolved',
  rejected: 'rejected',
  archived: 'closed',
  // of a complaint about service
  opened: 'investigating',
  'with-department': 'investigating',
  handled: 'deciding',
  'copied-to-office': 'resolved',
};
const settled = new Set(['resolved', 'followed-up', 'archived', 'rejected']);

interface Row {
  readonly number: string;
  readonly state: string;
  readonly received_at: Date;
  readonly remedy: string | null;
  readonly informed_on: string | null;
}

/** @returns undefined where no case has both the number and the code */
export async function standingOf(
  work: Work,
  number: string,
  digest: Buffer,
  calendar: BusinessCalendar,
): Promise<Standing | undefined> {
  const [found] = await work.query<Row>(
    `SELECT c.number, c.state, c.received_at, c.remedy, c.informed_on::text
     FROM public_case p JOIN complaint c ON c.id = p.subject AND p.procedure = 'complaint' WHERE p.digest = $1 AND p.number = $2
     UNION ALL
     SELECT s.number, s.state, s.received_at, NULL, s.informed_on::text
     FROM public_case p JOIN service_complaint s ON s.id = p.subject AND p.procedure = 'service-complaint' WHERE p.digest = $1 AND p.number = $2`,
    [digest, number],
  );
  if (!found) return undefined;
  const { state, remedy, informed_on: informedOn } = found;
  return {
    number,
    receivedAt: calendar.dateOf(new Date(found.received_at)),
    stage: stages[state] ?? 'investigating',
    ...(remedy && settled.has(state) ? { outcome: remedy as PublicWord } : {}),
    ...(informedOn ? { informedOn } : {}),
  };
}
