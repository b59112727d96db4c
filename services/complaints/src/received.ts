import { domainError } from '@fenxiao/domain/domain-error';
import type { Work } from '@fenxiao/service-kit/work';

/** When something reached us, where that was before it was entered: not so long ago that every clock and figure is spoilt. */

const mostDays = 366;

/** @throws tooLongAgo */
export function requireRecent(work: Work, receivedAt: Date): void {
  const from = work.calendar.startOfDay(work.calendar.addDays(work.today, -mostDays));
  if (receivedAt < from) throw tooLongAgo({ from: from.toISOString() }, { field: 'receivedAt' });
}

const tooLongAgo = domainError({
  code: 'complaints.received-too-long-ago',
  kind: 'unprocessable',
  rule: 'C-02',
  en: 'What reached us before {from} is history and enters by the import.',
  zh: '{from}之前收到的投诉属于历史数据，须通过导入登记。',
});
