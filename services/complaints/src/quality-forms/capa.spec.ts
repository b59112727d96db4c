import { capaEvents } from '@fenxiao/contracts/quality-forms';
import { noticeEvents } from '@fenxiao/contracts/platform';
import { harness, type Harness, type Member } from '@fenxiao/testing/harness';
import { clause } from '@fenxiao/testing/clause';
import { until } from '@fenxiao/testing/wait';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { complaints } from '../service.js';

/** Tuesday 10 March 2026, 10:00 in Shanghai. */
const START = '2026-03-10T02:00:00Z';
let h: Harness;
let quality: Member, second: Member, technical: Member, production: Member, salesManager: Member, seller: Member;
beforeAll(async () => {
  h = await harness(complaints, { now: START });
  [quality, second] = [await h.staff('quality-control'), await h.staff('quality-control')];
  [technical, production] = [await h.staff('technical-department'), await h.staff('production-department')];
  [salesManager, seller] = [await h.staff('sales-manager'), await h.staff('salesperson')];
}, 60_000);
afterAll(() => h?.close());
beforeEach(() => h.time.set(START));

const problem = {
  what: 'Colour differs within a box.',
  where: 'Customer warehouse',
  when: '2026-03-08',
  who: 'Tilers',
  why: 'The floor looks patched.',
  how: 'Two shades in one box',
  howMany: '12 boxes',
  is: 'Batch B7',
  isNot: 'Other batches',
};
const cause = {
  occurrenceCause: 'The kiln ran unevenly.',
  occurrenceMethod: 'five-why',
  occurrenceEvidence: 'Kiln log',
  escapeCause: 'Shades are judged by eye.',
  escapeMethod: 'fishbone',
  escapeEvidence: 'Inspection plan',
};
const team = () => ({
  leaderId: quality.id,
  members: [
    { personId: salesManager.id, department: 'sales' },
    { personId: technical.id, department: 'technical' },
    { personId: production.id, department: 'production' },
    { personId: quality.id, department: 'quality' },
  ],
});
const prevention = { changedDocument: 'WI-17', training: 'Both shifts', sameRiskElsewhere: 'Kiln 2 as well' };
const carried = (carriedOutOn: string) => ({ carriedOutOn, measure: 'ΔE', before: '2.1', after: '0.4' });

let made = 0;
const opened = async (over: object = {}, by = quality) =>
  (await by.post('/capas', { productCode: `P${++made}`, defect: 'colour difference', symptom: 'Two shades', ...over }))
    .body;
const move = (id: string, name: string, body: object = {}, by = quality) => by.post(`/capas/${id}/${name}`, body);
type Step = [string, object?, Member?];
const moves = async (id: string, ...steps: Step[]) => {
  for (const [name, body, by] of steps) {
    const { status, body: answer } = await move(id, name, body, by);
    expect([name, status, answer.detail]).toEqual([name, 200, undefined]);
  }
};
const toContained = (id: string) =>
  moves(
    id,
    [
      'contain',
      { stock: 'B7 blocked', transit: 'Truck called back', customerProtection: 'Replacement sent' },
      production,
    ],
    ['name-team', team()],
    ['describe-problem', problem, technical],
    ['confirm-containment', { effectChecked: 'No more of B7 leaves.' }],
  );
const toVerified = (id: string) =>
  moves(
    id,
    ['find-cause', cause, technical],
    ['choose-action', { correctiveAction: 'A second thermocouple' }, production],
    ['verify-action', { testResult: 'ΔE 0.4 over 40 boxes', passed: true }, technical],
  );
const factsOf = async (fact: keyof typeof capaEvents, id: string) =>
  (await h.events(capaEvents[fact])).filter(({ subject }) => subject === id).map(({ data }) => data as never as Fact);
interface Fact {
  step: string;
  dueAt: string;
  onTime: boolean;
  effective: boolean;
  passed: boolean;
  round: number;
  steps: { step: string; dueAt: string; doneAt?: string; onTime?: boolean }[];
  meta: object;
}

describe('C-09 root cause and repeat: 8D', () => {
  clause('C-09', 'allowed', 'D0 to D8, each step by whom it falls to, with its limit in the events', async () => {
    const { id, number, trigger } = await opened({ severity: 'serious' });
    expect([number.slice(0, 8), trigger]).toEqual(['JZ-2026-', 'severity']);
    const [first] = await factsOf('opened', id);
    expect(first!.steps).toEqual([
      { step: 'team', round: 1, dueAt: '2026-03-11T10:00:00.000Z' },
      { step: 'problem', round: 1, dueAt: '2026-03-12T10:00:00.000Z' },
      { step: 'containment', round: 1, dueAt: '2026-03-11T10:00:00.000Z' },
      { step: 'containment-check', round: 1, dueAt: '2026-03-13T10:00:00.000Z' },
      { step: 'root-cause', round: 1, dueAt: '2026-03-24T10:00:00.000Z' },
      { step: 'permanent-action', round: 1, dueAt: '2026-03-31T10:00:00.000Z' },
      expect.objectContaining({ step: 'implementation' }),
      expect.objectContaining({ step: 'prevention' }),
      expect.objectContaining({ step: 'closing' }),
    ]);
    await toContained(id);
    await toVerified(id);
    await moves(id, ['carry-out', carried('2026-03-10'), production], ['prevent', prevention]);
    h.time.set('2026-05-11T02:00:00Z');
    await moves(
      id,
      ['verify', { effective: true, effectEvidence: 'Sixty days without a complaint' }, technical],
      ['close', { thanks: 'Well done.' }],
    );
    const { body } = await seller.get(`/capas/${id}`);
    expect(body.status).toBe(403);
    expect((await salesManager.get(`/capas/${id}`)).body).toMatchObject({ state: 'closed', effective: true, round: 1 });
    const [closed] = await factsOf('closed', id);
    expect(closed!.steps.every(({ doneAt }) => doneAt !== undefined)).toBe(true);
    expect(closed).toMatchObject({ step: 'closing', onTime: true, carriedOutOn: '2026-03-10', effective: true });
    expect((await factsOf('verified', id))[0]).toMatchObject({ effective: true, effectDueOn: '2026-05-09' });
    const page = await quality.get(`/capas/${id}/page`);
    for (const part of ['纠正和预防措施报告', number, '五个为什么']) expect(page.body).toContain(part);
  });

  clause('C-09', 'refused', 'no step before the one it rests on', async () => {
    const { id } = await opened();
    expect((await move(id, 'confirm-containment', { effectChecked: 'yes' })).body).toMatchObject({
      status: 409,
      code: 'complaints.capa.not-contained',
    });
    await moves(id, ['name-team', team()], ['describe-problem', problem]);
    await moves(id, ['contain', { stock: 'a', transit: 'b', customerProtection: 'c' }]);
    // D4 before D3 is confirmed
    expect((await move(id, 'find-cause', cause)).body).toMatchObject({ status: 409, rule: 'C-09', state: 'opened' });
    await moves(id, ['confirm-containment', { effectChecked: 'yes' }]);
    await moves(id, ['find-cause', cause], ['choose-action', { correctiveAction: 'x' }]);
    // D6 before D5 is verified, also when its test failed
    expect((await move(id, 'carry-out', carried('2026-03-10'))).body).toMatchObject({ status: 409, rule: 'C-09' });
    await moves(id, ['verify-action', { testResult: 'as before', passed: false }]);
    expect((await move(id, 'carry-out', carried('2026-03-10'))).body).toMatchObject({
      status: 409,
      state: 'cause-found',
    });
    await moves(
      id,
      ['choose-action', { correctiveAction: 'y' }],
      ['verify-action', { testResult: 'good', passed: true }],
    );
    await moves(id, ['carry-out', carried('2026-03-10')], ['prevent', prevention]);
    // D8 without the effectiveness check
    expect((await move(id, 'close', { thanks: 'x' })).body).toMatchObject({ status: 409, rule: 'C-09' });
  });

  clause('C-09', 'refused', 'whoever carried out, or wrote it down, does not verify the effect', async () => {
    const { id } = await opened();
    await toContained(id);
    await toVerified(id);
    await moves(id, ['carry-out', { ...carried('2026-03-10'), carriedOutById: technical.id }], ['prevent', prevention]);
    h.time.set('2026-05-11T02:00:00Z');
    const effect = { effective: true, effectEvidence: 'none since' };
    for (const by of [quality, technical])
      expect((await move(id, 'verify', effect, by)).body).toMatchObject({
        status: 403,
        code: 'complaints.capa.own-work',
      });
    expect((await move(id, 'verify', effect, production)).body).toMatchObject({ status: 403, rule: 'C-09' });
    expect((await move(id, 'verify', effect, second)).body.state).toBe('verified');
  });

  clause('C-09', 'refused', 'roles, teams, days and what runs already', async () => {
    for (const by of [seller, production])
      expect((await by.post('/capas', { productCode: 'P', defect: 'x' })).body).toMatchObject({
        status: 403,
        rule: 'C-09',
      });
    expect((await quality.post('/capas', { productCode: 'P' })).body.code).toBe('complaints.capa.no-defect');
    const { id, productCode, number } = await opened();
    expect((await quality.post('/capas', { productCode, defect: 'colour difference' })).body).toMatchObject({
      code: 'complaints.capa.runs-already',
      detail: expect.stringContaining(number),
    });
    const name = async (over: object, by = quality) => (await move(id, 'name-team', { ...team(), ...over }, by)).body;
    const { members } = team();
    expect((await name({}, technical)).status).toBe(403);
    expect((await name({ leaderId: second.id })).code).toBe('complaints.capa.leader-outside');
    expect(await name({ members: members.slice(1) })).toMatchObject({
      code: 'complaints.capa.team-incomplete',
      detail: expect.stringContaining('sales'),
    });
    expect((await name({ members: [...members, { personId: quality.id, department: 'quality' }] })).code).toBe(
      'complaints.capa.named-twice',
    );
    expect(
      await name({
        members: members.map((one) => ({
          ...one,
          department: one.department === 'sales' ? 'quality' : one.department,
        })),
      }),
    ).toMatchObject({ code: 'complaints.capa.not-of-department', field: 'members.0.personId' });
    await toContained(id);
    await toVerified(id);
    expect((await move(id, 'carry-out', carried('2026-03-11'))).body.code).toBe('complaints.capa.in-the-future');
    expect((await move(id, 'carry-out', carried('2026-03-09'))).body.code).toBe('complaints.capa.before-its-cause');
  });

  clause(
    'C-09',
    'boundary',
    'the effect is checked 60 days after D6, on the day itself, not the day before',
    async () => {
      const { id } = await opened();
      await toContained(id);
      await toVerified(id);
      await moves(id, ['carry-out', carried('2026-03-10'), production], ['prevent', prevention]);
      const effect = { effective: true, effectEvidence: 'none since' };
      h.time.set('2026-05-08T15:59:59Z');
      expect((await move(id, 'verify', effect)).body).toMatchObject({
        code: 'complaints.capa.too-early',
        detail: expect.stringContaining('2026-05-09'),
      });
      h.time.set('2026-05-08T16:00:00Z');
      expect((await move(id, 'verify', effect)).body.state).toBe('verified');
    },
  );

  clause('C-09', 'boundary', 'a step on its last instant is on time, after it late; the deputy is told', async () => {
    const [{ id }, late] = [await opened(), await opened()];
    h.time.set('2026-03-11T10:00:00Z');
    await moves(id, ['name-team', team()]);
    h.time.set('2026-03-11T10:00:00.001Z');
    await h.service.clocks.tick();
    await moves(late.id, ['name-team', team()]);
    expect((await factsOf('team-named', id))[0]).toMatchObject({
      step: 'team',
      onTime: true,
      dueAt: '2026-03-11T10:00:00.000Z',
    });
    expect((await factsOf('team-named', late.id))[0]).toMatchObject({ onTime: false });
    await until('the deputy to be told', async () =>
      (await h.events(noticeEvents('complaints').requested)).some(({ data }) => {
        const notice = data as never as { kind: string; about: string; move: string; to: { powers: object } };
        const { kind, about, move: waited, to } = notice;
        return (
          kind === 'breach' &&
          about === late.id &&
          waited === 'name-team' &&
          'deputy-general-manager-sales' in to.powers
        );
      }),
    );
  });

  clause(
    'C-09',
    'boundary',
    'D5 is due while no action is chosen, and late once, however often its test fails',
    async () => {
      const { id } = await opened();
      await toContained(id);
      await moves(id, ['find-cause', cause, technical]);
      const deadlines = async () => (await quality.get(`/capas/${id}`)).body.deadlines;
      const step = { dueAt: '2026-03-31T10:00:00.000Z', clause: 'C-09' };
      expect(await deadlines()).toEqual([{ move: 'choose-action', ...step }]);
      const told = async () =>
        (await h.events(capaEvents['clock-breached']))
          .filter(({ subject }) => subject === id)
          .map(({ data }) => (data as never as { move: string }).move);
      const tick = async (at: string) => {
        h.time.set(at);
        await h.service.clocks.tick();
      };
      await tick('2026-03-31T09:59:59.999Z');
      await until('the last morning to be told', async () => (await deadlines())[0].warned);
      expect(await told()).toEqual([]);
      await tick('2026-03-31T10:00:00Z');
      await until('it to be late', async () => (await told()).length > 0);
      const action = ['choose-action', { correctiveAction: 'A second thermocouple' }, production] as Step;
      await moves(id, action, ['verify-action', { testResult: 'as before', passed: false }, technical], action);
      expect(await deadlines()).toEqual([{ move: 'verify-action', ...step, warned: true, breached: true }]);
      await tick('2026-03-31T10:05:00Z');
      expect(await told()).toEqual(['choose-action']);
      await moves(id, ['verify-action', { testResult: 'ΔE 0.4', passed: true }, technical]);
      expect((await factsOf('action-tested', id)).map(({ passed, onTime }) => [passed, onTime])).toEqual([
        [false, true],
        [true, false],
      ]);
      expect(await deadlines()).toMatchObject([{ move: 'carry-out' }]);
    },
  );

  clause('C-09', 'boundary', 'D8 is late once, its effect verified before or after', async () => {
    const { id } = await opened();
    await toContained(id);
    await toVerified(id);
    await moves(id, ['carry-out', carried('2026-03-10'), production], ['prevent', prevention]);
    h.time.set('2026-12-01T02:00:00Z');
    await h.service.clocks.tick();
    await moves(id, ['verify', { effective: true, effectEvidence: 'none since' }, technical]);
    await h.service.clocks.tick();
    const late = (await h.events(capaEvents['clock-breached'])).filter(({ subject }) => subject === id);
    expect(late.map(({ data }) => (data as never as { move: string }).move)).toEqual(['verify']);
  });

  it('begins again at the root cause when the effect is not there', async () => {
    const { id } = await opened();
    await toContained(id);
    await toVerified(id);
    await moves(id, ['carry-out', carried('2026-03-10'), production], ['prevent', prevention]);
    h.time.set('2026-05-11T02:00:00Z');
    await moves(id, ['verify', { effective: false, effectEvidence: 'Two boxes in April' }]);
    const { body } = await quality.get(`/capas/${id}`);
    expect(body).toMatchObject({ state: 'contained', round: 2 });
    expect(body).not.toHaveProperty('occurrenceCause');
    const [verified] = await factsOf('verified', id);
    expect(verified).toMatchObject({ effective: false, round: 2 });
    expect(verified!.steps[0]).toEqual({ step: 'root-cause', round: 2, dueAt: '2026-05-25T10:00:00.000Z' });
    await toVerified(id);
    await moves(id, ['carry-out', carried('2026-05-11'), production]);
  });
});
