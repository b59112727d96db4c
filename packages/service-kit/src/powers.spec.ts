import { delegationEvents } from '@fenxiao/contracts/appraisals';
import { formEvents } from '@fenxiao/contracts/event';
import { Id, Line } from '@fenxiao/contracts/wire';
import { newId } from '@fenxiao/domain/id';
import { approval } from '@fenxiao/procedures/approval';
import { procedure } from '@fenxiao/procedures/procedure';
import { clause } from '@fenxiao/testing/clause';
import { harness, type Harness, type Member } from '@fenxiao/testing/harness';
import { until } from '@fenxiao/testing/wait';
import { afterAll, beforeAll, beforeEach, describe, expect } from '@jest/globals';
import { z } from 'zod';
import type { Authority } from './authority.js';
import { baseConfig } from './config.js';
import { bindForm } from './forms.js';
import { withPlatform } from './powers.js';

const form = z.object({ item: Line });
/** The sales manager's: one move of daily operation, one decision, one that is neither; one role may never decide. */
const matter = procedure({
  name: 'matter',
  clause: 'D-35',
  events: formEvents('distributors', 'matter', form, {
    opened: {},
    noted: {},
    closed: {},
    approved: {},
    rejected: {},
    handed: { to: Id },
  }),
  states: ['open', 'closed', 'approved', 'rejected'],
  read: { 'sales-manager': 'all', salesperson: 'own' },
  start: { move: 'open', to: 'open', by: { salesperson: 'all', 'sales-manager': 'all' }, form, fact: 'opened' },
  moves: {
    note: { from: 'open', by: { 'sales-manager': 'all' }, fact: 'noted', daily: true },
    close: {
      from: 'open',
      to: 'closed',
      by: { 'sales-manager': 'all', 'technical-department': 'all', 'regional-manager': 'never' },
      fact: 'closed',
    },
    ...approval({
      in: 'open',
      steps: [{ name: 'manager', slots: [{ 'sales-manager': 'all' }] }],
      approved: 'approved',
      rejected: 'rejected',
      facts: { approved: 'approved', rejected: 'rejected', reassigned: 'handed' },
    }),
  },
});
const authority: Authority = {
  decision: 'guarantee',
  measure: 'amount',
  declared: { 'regional-manager': '500.00' },
  ceiling: '500.00',
};

const start = '2026-03-10T02:00:00Z';
let h: Harness;
let seller: Member;
let manager: Member;
let clerk: Member;
let hr: Member;
let gm: Member;
beforeAll(async () => {
  const procedures = withPlatform('distributors', [bindForm(matter)], [authority]);
  h = await harness({ name: 'distributors', config: baseConfig, procedures, migrations: [] }, { now: start });
  seller = await h.staff('salesperson');
  manager = await h.staff('sales-manager');
  clerk = await h.staff('sales-support-clerk');
  hr = await h.staff('human-resources');
  gm = await h.staff(['general-manager', 'human-resources']);
}, 60_000);
afterAll(() => h?.close());
beforeEach(() => h.time.set(start));

const open = async () => (await seller.post('/matters', { item: 'umbrella' })).body.id as string;
const change = (over: object) => ({
  procedure: 'matter',
  move: 'note',
  role: 'office',
  power: 'all',
  validFrom: '2026-03-10',
  ...over,
});
const decide = async (over: object) => {
  const { body } = await hr.post('/power-changes', change(over));
  return (await gm.post(`/power-changes/${body.id}/approve`)).status;
};
/** Powers are learnt within a second; so is their end. */
const answers = (status: number, ask: () => Promise<{ status: number }>) =>
  until(`the answer to be ${status}`, async () => (await ask()).status === status);

describe('powers as data (X-02)', () => {
  clause('X-02', 'allowed', 'a power is given by proposal and approval, shown, and taken back', async () => {
    const office = await h.staff('office');
    const id = await open();
    expect((await office.post(`/matters/${id}/note`)).body).toMatchObject({ status: 403, rule: 'D-35' });
    expect(await decide({})).toBe(200);
    await answers(200, () => office.post(`/matters/${id}/note`));
    const shown = (await office.get('/powers')).body as { procedure: string; move: string }[];
    expect(shown.find((power) => power.procedure === 'matter' && power.move === 'note')).toMatchObject({
      by: { 'sales-manager': 'all', office: 'all' },
      declared: { 'sales-manager': 'all' },
      daily: true,
      mine: 'office',
    });
    expect(await decide({ power: 'as-declared' })).toBe(200);
    await answers(403, () => office.post(`/matters/${id}/note`));
  });

  clause('X-02', 'refused', 'what the regulations fix stays; nobody approves their own proposal', async () => {
    const refusals = [
      { move: 'close', role: 'regional-manager' },
      { role: 'auditor' },
      { role: 'system-administrator' },
      { move: 'approve' },
    ];
    for (const over of refusals)
      expect((await hr.post('/power-changes', change(over))).body).toMatchObject({
        code: 'powers.fixed',
        rule: 'X-02',
      });
    expect((await hr.post('/power-changes', change({ move: 'vanish' }))).body.code).toBe('powers.unknown-move');
    expect((await hr.post('/power-changes', change({ procedure: 'power-change', move: 'approve' }))).body.code).toBe(
      'powers.unknown-move',
    );
    const { body } = await gm.post('/power-changes', change({}));
    expect((await gm.post(`/power-changes/${body.id}/approve`)).body.code).toBe('procedure.own-matter');
  });

  clause('X-02', 'boundary', 'deny wins over another role of the same person, declared or decided', async () => {
    const both = await h.staff(['technical-department', 'regional-manager']);
    const technician = await h.staff('technical-department');
    const id = await open();
    expect((await both.post(`/matters/${id}/close`)).body).toMatchObject({ code: 'procedure.no-power', rule: 'D-35' });
    expect((await technician.post(`/matters/${id}/close`)).status).toBe(200);
    expect(await decide({ move: 'open', role: 'probationer', power: 'never' })).toBe(200);
    const probationer = await h.staff(['salesperson', 'probationer']);
    await answers(403, () => probationer.post('/matters', { item: 'x' }));
    expect((await seller.post('/matters', { item: 'x' })).status).toBe(201);
  });

  clause('X-02', 'boundary', 'a change is in force from the day it names, not the evening before', async () => {
    const office = await h.staff('operations');
    const id = await open();
    expect((await hr.post('/power-changes', change({ validFrom: '2026-03-09' }))).body.code).toBe('powers.in-the-past');
    expect(await decide({ role: 'operations', validFrom: '2026-03-11' })).toBe(200);
    h.time.set('2026-03-10T15:59:59Z'); // 23:59:59 in Shanghai
    expect((await office.post(`/matters/${id}/note`)).status).toBe(403);
    h.time.set('2026-03-10T16:00:00Z');
    await answers(200, () => office.post(`/matters/${id}/note`));
  });
});

describe('acting for an absent manager (X-05)', () => {
  const delegate = async (untilAt: string) => {
    const id = newId();
    await h.publish(delegationEvents.started, id, {
      state: 'started',
      form: { absentId: manager.id, delegateId: clerk.id, until: untilAt },
    });
    await h.settle();
    return id;
  };

  clause('X-05', 'allowed', 'daily operation, stamped with whom it is done for', async () => {
    const id = await open();
    expect((await clerk.post(`/matters/${id}/note`)).status).toBe(403);
    const acting = await delegate('2026-03-12T10:00:00Z');
    await answers(200, () => clerk.post(`/matters/${id}/note`));
    expect((await clerk.get(`/matters/${id}`)).body).toMatchObject({ state: 'open', moves: ['note'] });
    const events = await h.events();
    const noted = events.findLast(({ type, subject }) => subject === id && type.includes('.noted.'));
    expect(noted!.data.meta).toMatchObject({ actor: clerk.id, actingFor: manager.id, role: 'sales-manager' });
    const { rows } = await h.pool.query(
      `SELECT acting_for FROM audit WHERE subject = $1 AND outcome = 'done' AND move = 'note'`,
      [id],
    );
    expect(rows[0]).toEqual({ acting_for: manager.id });
    await h.publish(
      delegationEvents.ended,
      acting,
      { state: 'ended', form: { absentId: manager.id, delegateId: clerk.id, until: '2026-03-12T10:00:00Z' } },
      2,
    );
    await h.settle();
    await answers(403, () => clerk.post(`/matters/${id}/note`));
  });

  clause(
    'X-05',
    'refused',
    'T28: a decision waits for the manager, and so does what is no daily operation',
    async () => {
      await delegate('2026-03-12T10:00:00Z');
      const id = await open();
      await answers(200, () => clerk.post(`/matters/${id}/note`));
      for (const move of ['approve', 'close'])
        expect((await clerk.post(`/matters/${id}/${move}`)).body).toMatchObject({
          status: 403,
          code: 'procedure.not-daily',
          rule: 'X-05',
        });
      const { rows } = await h.pool.query(`SELECT rule FROM audit WHERE subject = $1 AND outcome = 'refused'`, [id]);
      expect(rows).toContainEqual({ rule: 'X-05' });
    },
  );

  clause('X-05', 'boundary', 'the acting ends with its last instant', async () => {
    await delegate('2026-03-20T10:00:00Z');
    const id = await open();
    h.time.set('2026-03-20T09:59:59.999Z');
    await answers(200, () => clerk.post(`/matters/${id}/note`));
    h.time.set('2026-03-20T10:00:00Z');
    await answers(403, () => clerk.post(`/matters/${id}/note`));
  });
});

describe('who acts no longer', () => {
  clause('X-05', 'refused', 'whoever has lost the position of a support clerk acts for nobody', async () => {
    const passing = await h.staff('sales-support-clerk');
    const form = { absentId: manager.id, delegateId: passing.id, until: '2026-03-20T10:00:00Z' };
    await h.publish(delegationEvents.started, newId(), { state: 'started', form });
    await h.settle();
    const id = await open();
    await answers(200, () => passing.post(`/matters/${id}/note`));
    await h.pool.query(`UPDATE known_position SET valid_to = '2026-03-09' WHERE person = $1`, [passing.id]);
    await answers(403, () => passing.post(`/matters/${id}/note`));
  });
});

describe('signatures handed on (X-06)', () => {
  clause('X-06', 'allowed', 'who may sign hands the signature on; only whom it was handed to signs then', async () => {
    const other = await h.staff('sales-manager');
    const id = await open();
    const handed = await manager.post(`/matters/${id}/reassign`, { to: other.id, reason: 'on leave' });
    expect(handed).toMatchObject({ status: 200, body: { state: 'open' } });
    expect((await manager.post(`/matters/${id}/approve`)).body).toMatchObject({
      code: 'approval.in-other-hands',
      rule: 'X-06',
    });
    expect((await other.post(`/matters/${id}/approve`)).body).toMatchObject({ state: 'approved' });
  });

  clause('X-06', 'refused', 'not to the maker, and not to make power of: who has none still can not sign', async () => {
    const id = await open();
    expect((await manager.post(`/matters/${id}/reassign`, { to: seller.id, reason: 'x' })).body.code).toBe(
      'approval.handed-to-maker',
    );
    expect((await manager.post(`/matters/${id}/reassign`, { to: hr.id })).status).toBe(400);
    expect((await manager.post(`/matters/${id}/reassign`, { to: hr.id, reason: 'x' })).status).toBe(200);
    expect((await hr.post(`/matters/${id}/approve`)).body.code).toBe('procedure.no-power');
    expect((await manager.post(`/matters/${id}/reassign`, { to: manager.id, reason: 'back' })).status).toBe(200);
    expect((await manager.post(`/matters/${id}/approve`)).status).toBe(200);
  });
});

describe('the authority matrix (X-04)', () => {
  const limit = (over: object) => ({
    decision: 'guarantee',
    role: 'regional-manager',
    limit: '300.00',
    validFrom: '2026-03-10',
    ...over,
  });

  clause('X-04', 'refused', 'nothing beyond what the regulation fixes, nothing for who decides nothing', async () => {
    const codes = await Promise.all(
      [
        { limit: '500.01' },
        { limit: undefined },
        { role: 'salesperson' },
        { decision: 'party' },
        { validFrom: '2026-03-09' },
      ].map(async (over) => (await hr.post('/authority-limits', limit(over))).body.code),
    );
    expect(codes).toEqual([
      'authority.above-ceiling',
      'authority.above-ceiling',
      'authority.unknown',
      'authority.unknown',
      'authority.in-the-past',
    ]);
  });

  clause('X-04', 'boundary', 'the ceiling itself may be decided', async () => {
    expect((await hr.post('/authority-limits', limit({ limit: '500.00' }))).status).toBe(201);
  });
});
