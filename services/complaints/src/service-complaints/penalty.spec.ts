import { noticeEvents } from '@fenxiao/contracts/platform';
import { penaltyAnswerEvents, penaltyEvents } from '@fenxiao/contracts/service-complaints';
import { Money } from '@fenxiao/domain/money';
import { newId } from '@fenxiao/domain/id';
import { clause } from '@fenxiao/testing/clause';
import type { Member, Reply } from '@fenxiao/testing/harness';
import { until } from '@fenxiao/testing/wait';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { company, opened, sideOf, verified, type Company } from '../../test/company.js';
import { factsOf, movePenalty } from '../../test/penalties.js';
import { collectedAs, fineFor } from './fine.js';

let c: Company;
let otherHr: Member;
beforeAll(async () => {
  c = await company({ FINE_MONTHLY_CAP: '100' });
  otherHr = await c.h.staff('human-resources');
}, 60_000);
afterAll(() => c?.close());

/** Each test has a month of its own, so that no cap is shared. */
let month = 2;
beforeEach(() => {
  month += 1;
  c.h.time.set(new Date(Date.UTC(2026, month - 1, 10, 2)).toISOString());
});

const propose = (by: Member, complaintId: string, extra: object = {}) =>
  by.post('/penalties', { fault: 'service', complaintId, criticism: 'Was rude to a customer.', ...extra });
const move = (penalty: Reply, name: string, by: Member, form?: object) => movePenalty(c, penalty, name, by, form);
const read = async (penalty: Reply) => (await c.hr.get(`/penalties/${penalty.body.id}`)).body;
const namesOf = (penalty: Reply) => factsOf(c, penalty);
const ticksTo = async (penalty: Reply, state: string) =>
  until(`the penalty to be ${state}`, async () => {
    await c.h.service.clocks.tick();
    const body = await read(penalty);
    return (body.state === state || body.answer === state) && body;
  });
const deadlineOf = async (penalty: Reply, name: string) =>
  (await read(penalty)).deadlines.find((deadline: { move: string }) => deadline.move === name)?.dueAt as string;

/** of a fault of that severity, found to be true */
async function proposed(severity = 'minor', extra: object = {}): Promise<Reply> {
  const { id } = await verified(c, severity);
  return propose(sideOf(c, severity), id, extra);
}
async function approved(severity = 'minor', extra: object = {}): Promise<Reply> {
  const penalty = await proposed(severity, extra);
  await move(penalty, 'approve', c.hr);
  return penalty;
}

describe('C-14 service fault 通报批评, 罚款20—100元/次', () => {
  clause(
    'C-14',
    'allowed',
    'proposed by the handler, approved by personnel, in force when the appeal is over',
    async () => {
      const { body: minor } = await proposed('minor');
      expect(minor).toMatchObject({ state: 'proposed', fine: null, dismissal: false, personId: c.accused.id });
      const penalty = await proposed('serious');
      expect(penalty.body).toMatchObject({ fine: '50.00', collectedAs: 'money', dismissal: false, unit: 'warehouse' });
      expect((await move(penalty, 'approve', c.hr)).body).toMatchObject({ state: 'approved' });
      c.h.time.set(await deadlineOf(penalty, 'appeal'));
      expect(await ticksTo(penalty, 'in-force')).toMatchObject({ answer: 'awaited' });
      expect(await namesOf(penalty)).toEqual(
        expect.arrayContaining(['proposed', 'approved', 'clock-breached', 'taken-effect']),
      );
      const [taken] = (await c.h.events(penaltyEvents['taken-effect'])).filter(
        ({ subject }) => subject === penalty.body.id,
      );
      expect(taken!.data).toMatchObject({
        personId: c.accused.id,
        fine: '50.00',
        currency: 'CNY',
        collectedAs: 'money',
        severity: 'serious',
        regionId: c.east,
        criticism: 'Was rude to a customer.',
        meta: { rule: 'C-14', role: 'system' },
      });
      const page = await c.hr.get(`/penalties/${penalty.body.id}/page`, { 'accept-language': 'zh' });
      for (const text of ['通报批评及处罚审批单', '50.00', '扣款']) expect(page.body).toContain(text);
    },
  );

  clause(
    'C-14',
    'allowed',
    'defaults: 20 where it is medium; 100 and a proposed dismissal where it is grave',
    async () => {
      expect((await proposed('medium')).body).toMatchObject({ fine: '20.00', dismissal: false });
      c.h.time.set('2027-03-10T02:00:00Z');
      expect((await proposed('grave')).body).toMatchObject({ fine: '100.00', dismissal: true });
      c.h.time.set('2027-04-12T02:00:00Z');
      expect((await proposed('grave', { dismissal: false })).body).toMatchObject({ fine: '100.00', dismissal: false });
    },
  );

  clause(
    'C-14',
    'refused',
    'T11: a fine, or any penalty, before the complaint is verified, or where it is not true',
    async () => {
      const { id, move: make } = await opened(c, 'medium');
      expect((await propose(c.salesManager, id, { fine: '20' })).body).toMatchObject({
        status: 409,
        code: 'complaints.penalty.not-verified',
        rule: 'C-14',
      });
      await make('verify', c.salesManager, { founded: false, findings: 'He was on leave.' });
      expect((await propose(c.salesManager, id)).body).toMatchObject({
        status: 409,
        code: 'complaints.penalty.not-true',
      });
    },
  );

  clause('C-14', 'refused', 'T10: 19.99 and 100.01, and any fine at all for a minor fault', async () => {
    const { id } = await verified(c, 'medium');
    for (const fine of ['19.99', '100.01', '0'])
      expect((await propose(c.salesManager, id, { fine })).body).toMatchObject({
        status: 422,
        code: 'complaints.penalty.fine-outside-bounds',
        rule: 'C-14',
        field: 'fine',
      });
    const minor = await verified(c, 'minor');
    expect((await propose(c.salesManager, minor.id, { fine: '20' })).body).toMatchObject({
      status: 422,
      code: 'complaints.penalty.no-fine-for-minor',
      field: 'fine',
    });
    expect((await propose(c.salesManager, minor.id, { dismissal: true })).body).toMatchObject({
      status: 422,
      field: 'dismissal',
    });
  });

  clause('C-14', 'refused', 'another severity while a penalty stands that it was the band of', async () => {
    const { id } = await verified(c, 'medium');
    const penalty = await propose(c.salesManager, id);
    const raise = () => c.salesManager.post(`/service-complaints/${id}/raise-severity`, { severity: 'serious' });
    expect((await raise()).body).toMatchObject({
      status: 409,
      code: 'complaints.service-complaint.penalty-stands',
      rule: 'C-14',
    });
    await move(penalty, 'reject', c.hr, { reason: 'Too harsh.' });
    expect((await raise()).body).toMatchObject({ severity: 'serious' });
  });

  clause('C-14', 'boundary', 'T10: 20.00 and 100.00 are allowed', async () => {
    expect((await proposed('medium', { fine: '20.00' })).body).toMatchObject({ fine: '20.00' });
    c.h.time.set('2027-05-10T02:00:00Z');
    expect((await proposed('medium', { fine: '100.00' })).body).toMatchObject({ fine: '100.00' });
  });

  clause(
    'C-14',
    'refused',
    'by the other side, the person, for another person, or twice for one complaint',
    async () => {
      const { id } = await verified(c, 'serious');
      expect((await propose(c.salesManager, id)).body).toMatchObject({ status: 403, rule: 'C-13' });
      expect((await propose(c.accused, id)).body).toMatchObject({ status: 403, rule: 'C-14' });
      expect((await propose(c.office, id, { personId: c.colleague.id })).body).toMatchObject({ field: 'personId' });
      expect((await propose(c.office, newId())).status).toBe(404);
      const first = await propose(c.office, id);
      expect(first.status).toBe(201);
      expect((await propose(c.office, id)).body).toMatchObject({ status: 409, code: 'complaints.penalty.already' });
      await move(first, 'reject', c.hr, { reason: 'too much' });
      expect((await propose(c.office, id, { fine: '20' })).status).toBe(201);
    },
  );

  clause('C-14', 'refused', 'approved by who proposed it, by the person, or by anybody but personnel', async () => {
    const penalty = await proposed();
    for (const by of [c.salesManager, c.office, c.gm]) expect((await move(penalty, 'approve', by)).status).toBe(403);
    const both = await c.h.staff(['sales-manager', 'human-resources']);
    const { id } = await verified(c);
    const own = await propose(both, id);
    expect((await move(own, 'approve', both)).body).toMatchObject({ status: 403, code: 'procedure.own-matter' });
    const personnel = await c.h.staff('human-resources', { unit: 'personnel' });
    const found = await opened({ ...c, accused: personnel });
    await found.move('verify', c.salesManager, { founded: true, findings: 'x' });
    const against = await propose(c.salesManager, found.id);
    for (const name of ['approve', 'reject'])
      expect((await move(against, name, personnel, name === 'reject' ? { reason: 'x' } : {})).body).toMatchObject({
        status: 403,
        code: 'procedure.own-matter',
      });
    expect((await move(against, 'approve', c.hr)).status).toBe(200);
  });

  clause(
    'C-14',
    'allowed',
    'of personnel itself decided by the sales general manager, by whom no other is',
    async () => {
      const head = await c.h.staff('sales-general-manager');
      const personnel = await c.h.staff('human-resources', { unit: 'personnel' });
      const found = await opened({ ...c, accused: personnel });
      await found.move('verify', c.salesManager, { founded: true, findings: 'x' });
      const theirs = await propose(c.salesManager, found.id);
      expect((await move(theirs, 'approve', head)).body.state).toBe('approved');
      await move(theirs, 'appeal', personnel, { grounds: 'x' });
      expect((await move(theirs, 'dismiss-appeal', c.gm, { reason: 'x' })).body.state).toBe('in-force');
      expect((await move(await proposed(), 'approve', head)).body).toMatchObject({
        status: 403,
        code: 'approval.not-your-step',
      });
    },
  );

  clause(
    'C-14',
    'boundary',
    'decided on within five working days; whoever is punished is not asked for it',
    async () => {
      c.h.time.set('2026-03-10T02:00:00Z'); // a Tuesday
      const penalty = await proposed();
      expect(await deadlineOf(penalty, 'approve')).toBe('2026-03-17T10:00:00.000Z');
      c.h.time.set('2026-03-17T09:59:59Z');
      const notices = async () =>
        (await c.h.events(noticeEvents('complaints').requested))
          .map(({ data }) => data as unknown as { about: string; kind: string; to: object })
          .filter(({ about }) => about === penalty.body.id);
      await c.h.service.clocks.tick();
      expect((await notices()).map(({ kind }) => kind)).toEqual(['approval', 'reminder']);
      c.h.time.set('2026-03-17T10:00:00Z');
      const [breach] = await until('the breach', async () => {
        await c.h.service.clocks.tick();
        const over = (await notices()).filter(({ kind }) => kind === 'breach');
        return over.length > 0 && over;
      });
      expect(breach!.to).toHaveProperty('powers', { 'human-resources': 'all', 'general-manager': 'all' });
      for (const { to } of await notices())
        expect(to).toHaveProperty('except', expect.arrayContaining([c.accused.id, c.salesManager.id]));
      expect((await move(penalty, 'approve', c.hr)).status).toBe(200);
    },
  );

  clause('C-14', 'allowed', 'appealed and upheld it is overturned; dismissed it takes effect at once', async () => {
    const won = await approved();
    expect((await move(won, 'appeal', c.accused, { grounds: 'The customer shouted.' })).body.state).toBe('appealed');
    c.h.time.set('2027-06-30T02:00:00Z'); // long after: it does not take effect while the appeal is open
    await c.h.service.clocks.tick();
    expect((await read(won)).state).toBe('appealed');
    expect((await move(won, 'uphold-appeal', otherHr, { reason: 'A witness.' })).body.state).toBe('overturned');
    const lost = await approved();
    await move(lost, 'appeal', c.accused, { grounds: 'x' });
    expect((await move(lost, 'dismiss-appeal', c.gm, { reason: 'No witness.' })).body).toMatchObject({
      state: 'in-force',
      answer: 'awaited',
    });
    expect((await namesOf(lost)).slice(-2)).toEqual(['appeal-dismissed', 'taken-effect']);
    // decided either way in time, the clock was kept (K-Q07)
    for (const [penalty, contract] of [
      [won, penaltyEvents['appeal-upheld']],
      [lost, penaltyEvents['appeal-dismissed']],
    ] as const) {
      const [decided] = (await c.h.events(contract)).filter(({ subject }) => subject === penalty.body.id);
      expect(decided!.data.meta).toHaveProperty('move.dueAt');
    }
  });

  clause('C-14', 'refused', 'an appeal by another, and one decided by who approved or who is punished', async () => {
    const penalty = await approved();
    for (const by of [c.colleague, c.salesManager, c.head])
      expect((await move(penalty, 'appeal', by, { grounds: 'x' })).status).toBe(403);
    await move(penalty, 'appeal', c.accused, { grounds: 'x' });
    expect((await move(penalty, 'dismiss-appeal', c.hr, { reason: 'x' })).body).toMatchObject({
      status: 403,
      code: 'complaints.penalty.same-judge',
    });
    expect((await move(penalty, 'uphold-appeal', c.salesManager, { reason: 'x' })).status).toBe(403);
  });

  clause(
    'C-14',
    'boundary',
    'the appeal is open for five working days, to the close of business of the last',
    async () => {
      c.h.time.set('2026-03-10T02:00:00Z'); // a Tuesday
      const [early, late] = [await approved(), await approved()];
      expect(await deadlineOf(early, 'appeal')).toBe('2026-03-17T10:00:00.000Z');
      c.h.time.set('2026-03-17T09:59:59Z');
      expect((await move(early, 'appeal', c.accused, { grounds: 'x' })).status).toBe(200);
      c.h.time.set('2026-03-17T10:00:00Z');
      expect((await move(late, 'appeal', c.accused, { grounds: 'x' })).body).toMatchObject({
        status: 409,
        code: 'complaints.penalty.appeal-over',
      });
    },
  );

  clause('C-14', 'boundary', 'the cap of the month holds to the fen; what is above is points', async () => {
    c.h.time.set('2027-09-13T02:00:00Z');
    expect((await proposed('medium', { fine: '60' })).body).toMatchObject({ collectedAs: 'money' });
    const { id } = await verified(c, 'medium');
    const more = (extra: object) => propose(c.salesManager, id, extra);
    expect((await more({ fine: '40.01', collectedAs: 'money' })).body).toMatchObject({
      status: 422,
      code: 'complaints.penalty.above-monthly-cap',
      field: 'collectedAs',
    });
    const within = await more({ fine: '40.00', collectedAs: 'money' });
    expect(within.body).toMatchObject({ collectedAs: 'money' });
    expect((await proposed('medium')).body).toMatchObject({ fine: '20.00', collectedAs: 'points' });
    // what is rejected makes room again
    await move(within, 'reject', c.hr, { reason: 'x' });
    expect((await proposed('medium')).body).toMatchObject({ collectedAs: 'money' });
    c.h.time.set('2027-09-30T15:59:59Z');
    expect((await proposed('serious')).body).toMatchObject({ collectedAs: 'points' });
    c.h.time.set('2027-09-30T16:00:00Z'); // October in Shanghai
    expect((await proposed('serious')).body).toMatchObject({ collectedAs: 'money' });
  });

  clause(
    'C-14',
    'boundary',
    'the cap is that of the month it takes effect in: with a fine of the month before, to the fen',
    async () => {
      c.h.time.set('2028-02-28T02:00:00Z'); // a Monday: in force in March
      const before = await approved('medium', { fine: '60' });
      c.h.time.set('2028-03-02T02:00:00Z');
      const [fits, above] = [await approved('medium', { fine: '40' }), await approved('medium', { fine: '20' })];
      expect([before, fits, above].map(({ body }) => body.collectedAs)).toEqual(['money', 'money', 'money']);
      c.h.time.set(await deadlineOf(before, 'appeal'));
      expect(await ticksTo(before, 'in-force')).toMatchObject({ effectiveOn: '2028-03-06', collectedAs: 'money' });
      c.h.time.set(await deadlineOf(above, 'appeal'));
      const [first, second] = [await ticksTo(fits, 'in-force'), await ticksTo(above, 'in-force')];
      expect([first.collectedAs, second.collectedAs, second.fine]).toEqual(['money', 'points', '20.00']);
      const taken = (await c.h.events(penaltyEvents['taken-effect'])).map(({ subject, data }) => [
        subject,
        (data as unknown as { collectedAs: string }).collectedAs,
      ]);
      expect(taken).toEqual(
        expect.arrayContaining([
          [fits.body.id, 'money'],
          [above.body.id, 'points'],
        ]),
      );
    },
  );

  it('never deducts more than the cap, however many propose at once', async () => {
    c.h.time.set('2027-11-10T02:00:00Z');
    const cases = await Promise.all(Array.from({ length: 5 }, () => verified(c, 'medium')));
    const answers = await Promise.all(cases.map(({ id }) => propose(c.salesManager, id, { fine: '40' })));
    expect(answers.filter(({ body }) => body.collectedAs === 'money')).toHaveLength(2);
  });

  it('can be points only, by a setting', () => {
    const rest = { fine: Money.of('20'), taken: Money.zero, cap: Money.of('200'), pointsOnly: true };
    expect(collectedAs({ ...rest, asked: undefined })).toBe('points');
    expect(() => collectedAs({ ...rest, asked: 'money' })).toThrow('points only');
    const usual = { medium: Money.of('20'), serious: Money.of('50'), grave: Money.of('100') };
    expect(fineFor('minor', undefined, usual)).toBeUndefined();
  });

  it('is known to be accepted, refused with its reason, or unanswered: what appraisals makes of it', async () => {
    const due = async (): Promise<Reply> => {
      const penalty = await approved();
      await move(penalty, 'appeal', c.accused, { grounds: 'x' });
      await move(penalty, 'dismiss-appeal', c.gm, { reason: 'x' });
      return penalty;
    };
    const [accepted, refused, silent] = [await due(), await due(), await due()];
    const about = async (penalty: Reply) => ({ complaintId: (await read(penalty)).complaintId as string });
    await c.h.publish(penaltyAnswerEvents.accepted, accepted.body.id, await about(accepted));
    const why = { code: 'appraisals.person.left', refusal: 'The person has left.' };
    await c.h.publish(penaltyAnswerEvents.refused, refused.body.id, { ...(await about(refused)), ...why });
    await c.h.settle();
    expect(await read(accepted)).toMatchObject({ state: 'applied', answer: 'accepted' });
    expect(await read(refused)).toMatchObject({ state: 'not-applied', answer: 'refused', refusal: why.refusal });
    expect((await read(silent)).answer).toBe('awaited');
    c.h.time.set(await deadlineOf(silent, 'apply'));
    expect(await ticksTo(silent, 'overdue')).toMatchObject({ state: 'in-force', answer: 'overdue' });
    const overdue = await c.hr.get('/penalties?answer=overdue');
    expect(overdue.body.items.map(({ id }: { id: string }) => id)).toContain(silent.body.id);
    // late, and still heard; the first answer holds
    await c.h.publish(penaltyAnswerEvents.accepted, silent.body.id, await about(silent));
    await c.h.publish(penaltyAnswerEvents.refused, silent.body.id, { ...(await about(silent)), ...why }, 2);
    await c.h.settle();
    expect(await read(silent)).toMatchObject({ state: 'applied', answer: 'accepted' });
  });

  clause(
    'C-14',
    'refused',
    'read by whoever has no part in it: colleagues, the back office, other branches',
    async () => {
      const { body } = await approved();
      const status = async (by: Member) => (await by.get(`/penalties/${body.id}`)).status;
      expect([await status(c.accused), await status(c.head), await status(c.office)]).toEqual([200, 200, 200]);
      const branch = (regionId: string) => c.h.staff('branch-general-manager', { regionId });
      expect([await status(await branch(c.east)), await status(await branch(c.west))]).toEqual([200, 403]);
      const clerks = ['order-clerk', 'sales-support-clerk', 'sales-administrator', 'finance'] as const;
      for (const by of [c.colleague, c.seller, ...(await Promise.all(clerks.map((role) => c.h.staff(role))))])
        expect(await status(by)).toBe(403);
    },
  );
});
