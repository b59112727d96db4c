/** After-sales, technical support and the duties that come with complaints: figures worked out by hand. */
import type { TestEvent } from './engine.js';
import { customer, event, id, regions } from './orders-data.js';

export const afterSalesRegion = regions.credited;
const inRegion = { region: afterSalesRegion };
const who = customer(3);

interface Step {
  readonly fact: string;
  readonly n: number;
  readonly move: string;
  readonly to: string;
  readonly day?: string;
  readonly time?: string;
  /** whether the clock that the move stopped was kept; absent: it stopped none */
  readonly met?: boolean;
  readonly more?: Record<string, unknown>;
}

/** One fact of a procedure, with the move it reports. */
const stepOf =
  (procedure: string, first: number, about: (n: number) => Record<string, unknown>) =>
  ({ fact, n, move, to, day = '2026-05-11', time = '02:00', met, more = {} }: Step): TestEvent => {
    const dueAt = met === undefined ? {} : { dueAt: met ? '2026-12-31T00:00:00.000Z' : '2026-01-01T00:00:00.000Z' };
    const made = event(
      `complaints.${procedure}.${fact}`,
      id(first + n),
      day,
      { ...about(n), ...more },
      { ...inRegion, time },
    );
    (made.data['meta'] as Record<string, unknown>)['move'] = { procedure, name: move, to, ...dueAt };
    return made;
  };

const breached = (procedure: string, move: string, state: string, subject: string): TestEvent =>
  event(
    `complaints.${procedure}.clock-breached`,
    subject,
    '2026-05-12',
    { procedure, move, state, startedAt: '2026-05-11T01:00:00.000Z', dueAt: '2026-05-11T01:30:00.000Z' },
    inRegion,
  );

/**
 * Six reports. The first comes on Friday at five past six, after closing: the manager, told on Monday at ten past nine, was
 * told within ten minutes of business time. Decided after 5, 10 and 15 hours, the third not by technical; closed after 12
 * and 24. One waits for photographs, of two nobody was told: the clock of one has run out.
 */
const aCase = stepOf('after-sales-case', 70_000, (n) => ({
  ...who,
  // a customer each, so that sums of five are shown to everybody
  distributorCode: `AS-${n}`,
  number: `SH-${n}`,
  receivedAt: '2026-05-08T10:05:00.000Z',
  productCode: 'T',
}));
const told = (n: number, noticeMinutes: number, met: boolean) =>
  aCase({
    fact: 'rm-notified',
    n,
    move: 'notify-manager',
    to: 'rm-notified',
    time: '01:10',
    met,
    more: { noticeMinutes, notifiedAt: '2026-05-11T01:10:00.000Z', way: 'telephone' },
  });
const decided = (n: number, decisionMinutes: number, decidedRole: string) =>
  aCase({
    fact: 'decided',
    n,
    move: 'decide',
    to: 'decided',
    time: '09:00',
    met: true,
    more: { decisionMinutes, decidedRole },
  });
const closed = (n: number, resolutionMinutes: number, closureMinutes: number) => [
  aCase({
    fact: 'serviced',
    n,
    move: 'record-service',
    to: 'serviced',
    day: '2026-05-12',
    more: { resolutionMinutes },
  }),
  aCase({ fact: 'closed', n, move: 'close', to: 'closed', day: '2026-05-13', more: { closureMinutes } }),
];
const photographs = (n: number, came: boolean) => [
  aCase({ fact: 'photos-requested', n, move: 'request-photos', to: 'photos-requested' }),
  ...(came
    ? [aCase({ fact: 'photos-received', n, move: 'receive-photos', to: 'photos-received', time: '08:00' })]
    : []),
];
const cases: TestEvent[] = [
  ...[1, 2, 3, 4, 5, 6].map((n) =>
    aCase({ fact: 'reported', n, move: 'report', to: 'reported', day: '2026-05-08', time: '10:05' }),
  ),
  told(1, 10, true),
  ...photographs(1, true),
  decided(1, 300, 'technical-department'),
  ...closed(1, 600, 720),
  told(2, 30, true),
  decided(2, 600, 'technical-department'),
  ...closed(2, 1200, 1440),
  breached('after-sales-case', 'notify-manager', 'reported', id(70_003)),
  told(3, 50, false),
  decided(3, 900, 'sales-general-manager'),
  told(4, 20, true),
  ...photographs(4, false),
  breached('after-sales-case', 'notify-manager', 'reported', id(70_005)),
];

/** Five questions: at the first contact; asked again; opened again after 3 days; after 10, and open since; not answered. */
const question = stepOf('technical-support', 71_000, (n) => ({
  ...who,
  number: `JSZC-${n}`,
  receivedAt: '2026-05-11T02:00:00.000Z',
}));
const asked = (n: number) => question({ fact: 'reported', n, move: 'report', to: 'reported' });
const settled = (n: number, noticeMinutes: number, resolutionMinutes: number, day = '2026-05-12') =>
  question({
    fact: 'closed',
    n,
    move: 'close',
    to: 'closed',
    day,
    met: true,
    more: { noticeMinutes, resolutionMinutes },
  });
const again = (fact: 'contacted-again' | 'reopened', n: number, day: string, more = {}) =>
  question({ fact, n, move: fact === 'reopened' ? 'reopen' : 'contact-again', to: 'technical-verifying', day, more });
const support: TestEvent[] = [
  ...[1, 2, 3, 4, 5].map(asked),
  settled(1, 10, 60),
  again('contacted-again', 2, '2026-05-11'),
  settled(2, 20, 300),
  settled(3, 30, 600),
  again('reopened', 3, '2026-05-15'),
  settled(3, 30, 1200, '2026-05-20'),
  settled(4, 40, 600),
  again('reopened', 4, '2026-05-22', { noticeMinutes: 40, resolutionMinutes: 600 }),
];

/** Copies: of quality forms two on time, one late, one overdue; of service complaints one on time, one late. */
const form = stepOf('quality-complaint-form', 72_000, (n) => ({ number: `ZL-${n}` }));
const serviceCase = stepOf('service-complaint', 72_100, (n) => ({
  number: `FW-${n}`,
  channel: 'telephone',
  receivedAt: '2026-05-08T02:00:00.000Z',
  ...who,
}));
const copies: TestEvent[] = [
  ...[1, 2, 3, 4].flatMap((n) => {
    const copyDueAt = { copyDueAt: '2026-05-12T02:00:00.000Z' };
    const filed = { ...copyDueAt, copyOnTime: n !== 3 };
    return [
      form({ fact: 'copy-sent', n, move: 'send-copy', to: 'copied-to-office', more: copyDueAt }),
      ...(n < 4
        ? [form({ fact: 'copy-filed', n, move: 'receive-copy', to: 'filed', day: '2026-05-13', more: filed })]
        : []),
    ];
  }),
  ...[1, 2].flatMap((n) => [
    serviceCase({ fact: 'copy-sent', n, move: 'send-copy', to: 'copied-to-office' }),
    serviceCase({ fact: 'copy-filed', n, move: 'receive-copy', to: 'archived', day: '2026-05-13', met: n === 1 }),
  ]),
];

const subject = (procedure: string, facts: string[], n: number, more: Record<string, unknown> = {}) =>
  facts.map((fact, i) =>
    event(`complaints.${procedure}.${fact}`, id(n), `2026-05-${11 + i}`, more, {
      ...inRegion,
      to: fact,
      time: '02:00',
    }),
  );
/** Of four steps one was done in time, one late, one is missing, one not due yet. */
const steps = [
  { step: 'team', round: 1, dueAt: '2026-05-12T02:00:00.000Z', doneAt: '2026-05-11T03:00:00.000Z', onTime: true },
  { step: 'problem', round: 1, dueAt: '2026-05-12T02:00:00.000Z', doneAt: '2026-05-13T03:00:00.000Z', onTime: false },
  { step: 'containment', round: 1, dueAt: '2026-05-12T02:00:00.000Z' },
  { step: 'closing', round: 1, dueAt: '2099-01-01T02:00:00.000Z' },
];
const quality = (n: number, more = {}) =>
  event(
    'complaints.complaint.logged',
    id(73_000 + n),
    '2026-05-11',
    {
      number: `TS-${n}`,
      channel: 'visit',
      severity: 'minor',
      receivedAt: '2026-05-11T02:00:00.000Z',
      defect: 'chipped',
      ...more,
    },
    { ...inRegion, to: 'logged' },
  );
const duties: TestEvent[] = [
  quality(1, { ...who, productCode: 'T', grade: 'A', colourNumber: '1', quantity: '2.000', batch: 'B1' }),
  quality(2),
  ...subject('capa', ['opened', 'problem-described'], 73_010, { steps }),
  ...subject('opinion', ['recorded', 'answered'], 73_020),
  ...subject('opinion', ['recorded'], 73_021),
  event('complaints.major-event.raised', id(73_030), '2026-05-11', {}, { ...inRegion, to: 'raised', time: '02:00' }),
  event(
    'complaints.major-event.acknowledged',
    id(73_030),
    '2026-05-11',
    {},
    { ...inRegion, to: 'acknowledged', time: '02:30' },
  ),
  ...subject('major-event', ['raised'], 73_031),
  ...subject('penalty', ['proposed', 'approved', 'taken-effect'], 73_040, { fine: '50.00' }),
  ...subject('penalty', ['proposed', 'appealed', 'appeal-upheld'], 73_041, { fine: '20.00' }),
  ...subject('penalty', ['proposed', 'appealed', 'appeal-dismissed', 'taken-effect'], 73_042, { fine: '20.00' }),
  ...subject('penalty', ['proposed', 'approved', 'taken-effect'], 73_043),
];

export const afterSalesEvents: TestEvent[] = [...cases, ...support, ...copies, ...duties];
