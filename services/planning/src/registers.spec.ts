import { newId } from '@fenxiao/domain/id';
import { clause } from '@fenxiao/testing/clause';
import { harness, type Harness, type Member } from '@fenxiao/testing/harness';
import { until } from '@fenxiao/testing/wait';
import { afterAll, beforeAll, beforeEach, describe, expect } from '@jest/globals';
import { planning } from './service.js';

const START = '2026-03-13T10:30:00Z'; // a Friday, 18:30 in Shanghai: after hours
let h: Harness;
let seller: Member;
let technician: Member;
let generalManager: Member;
let salesGeneralManager: Member;
beforeAll(async () => {
  h = await harness(planning, { now: START });
  seller = await h.staff('salesperson', { unit: 'sales' });
  technician = await h.staff('technical-department', { unit: 'technical' });
  generalManager = await h.staff('general-manager');
  salesGeneralManager = await h.staff('sales-general-manager', { unit: 'sales' });
}, 60_000);
afterAll(() => h?.close());
beforeEach(() => h.time.set(START));

const tickUntil = (path: string, state: string, reader: Member) =>
  until(`${path} to be ${state}`, async () => {
    await h.service.clocks.tick();
    return (await reader.get(path)).body.state === state;
  });
/** Notices about one object, oldest first. */
const notices = async (about: string) =>
  (await h.events())
    .filter(({ type, data }) => type.endsWith('.notice.requested.v1') && (data as { about?: string }).about === about)
    .map(({ data }) => data as unknown as { kind: string; to: { persons?: string[]; powers?: object; unit?: string } });

describe('X-08 major matters', () => {
  const raise = async (over: object = {}, by = seller) =>
    (await by.post('/alerts', { title: 'Fire at the shop', detail: 'The warehouse burns', ...over })).body;

  clause('X-08', 'allowed', 'a matter raised reaches its recipient, who acknowledges it', async () => {
    const { id, number, state } = await raise();
    expect({ number, state }).toEqual({ number: 'SB-2026-000001', state: 'raised' });
    const { body } = await salesGeneralManager.post(`/alerts/${id}/acknowledge`, { instruction: 'I come' });
    expect(body).toMatchObject({ state: 'acknowledged', form: { instruction: 'I come' } });
    expect(await notices(id)).toMatchObject([{ kind: 'alert', to: { powers: { 'sales-general-manager': 'all' } } }]);
  });

  clause('X-08', 'refused', 'another than the recipient, or who raised it, does not acknowledge it', async () => {
    const { id } = await raise();
    expect((await generalManager.post(`/alerts/${id}/acknowledge`)).body).toMatchObject({
      status: 403,
      code: 'planning.alert.not-addressed',
      rule: 'X-08',
    });
    expect((await seller.post(`/alerts/${id}/acknowledge`)).status).toBe(403);
    const own = await raise({ recipient: 'general-manager' }, generalManager);
    expect((await generalManager.post(`/alerts/${own.id}/acknowledge`)).body.code).toBe('procedure.own-matter');
    expect((await seller.post('/alerts', { title: 'x', detail: 'x', answerWithinMinutes: 121 })).status).toBe(400);
    expect((await technician.get(`/alerts/${id}`)).status).toBe(403);
  });

  clause('X-08', 'boundary', 'two hours by the clock, after hours as well, then the second recipient', async () => {
    const { id } = await raise();
    h.time.set('2026-03-13T12:29:59Z');
    await h.service.clocks.tick();
    expect((await seller.get(`/alerts/${id}`)).body.state).toBe('raised');
    h.time.set('2026-03-13T12:30:00Z');
    await tickUntil(`/alerts/${id}`, 'escalated', seller);
    const alerts = (await notices(id)).filter(({ kind }) => kind === 'alert');
    expect(alerts.map(({ to }) => to.powers)).toEqual([
      { 'sales-general-manager': 'all' },
      { 'general-manager': 'all' },
    ]);
    expect((await generalManager.post(`/alerts/${id}/acknowledge`)).status).toBe(200);
  });
});

describe('X-07 shared tasks', () => {
  const open = async (over: object = {}) =>
    seller.post('/shared-tasks', {
      title: 'Batch 203',
      detail: 'Shade differs from the sample',
      partnerId: technician.id,
      dueOn: '2026-03-16',
      ...over,
    });

  clause('X-07', 'allowed', 'opened with a partner of another department, replied to, sent back, done', async () => {
    const { id } = (await open()).body;
    expect((await notices(id))[0]).toMatchObject({ kind: 'task', to: { persons: [technician.id] } });
    expect((await technician.post(`/shared-tasks/${id}/reply`, { reply: 'Looked into' })).body.state).toBe('replied');
    const again = await seller.post(`/shared-tasks/${id}/reopen`, { dueOn: '2026-03-17', reason: 'Which batch?' });
    expect(again.body).toMatchObject({ state: 'open', form: { dueOn: '2026-03-17' } });
    await technician.post(`/shared-tasks/${id}/reply`, { reply: 'B-203' });
    expect((await seller.post(`/shared-tasks/${id}/complete`)).body).toMatchObject({
      state: 'done',
      form: { reply: 'B-203' },
    });
  });

  clause('X-07', 'refused', 'two owners of one department, nobody of any, one another part', async () => {
    expect((await open({ partnerId: salesGeneralManager.id })).body).toMatchObject({
      status: 422,
      code: 'planning.shared-task.same-department',
      rule: 'X-07',
    });
    expect((await open({ partnerId: newId() })).body.code).toBe('planning.shared-task.no-department');
    expect((await open({ dueOn: '2026-03-13' })).body.code).toBe('planning.shared-task.due-already');
    const { id } = (await open()).body;
    expect((await seller.post(`/shared-tasks/${id}/reply`, { reply: 'by myself' })).body.code).toBe(
      'procedure.own-matter',
    );
    await technician.post(`/shared-tasks/${id}/reply`, { reply: 'done' });
    expect((await technician.post(`/shared-tasks/${id}/complete`)).body.code).toBe(
      'planning.shared-task.not-first-owner',
    );
  });

  clause(
    'X-07',
    'boundary',
    'until the close of the due day; then the heads of both departments hear of it',
    async () => {
      const { id } = (await open()).body;
      h.time.set('2026-03-16T09:59:59Z');
      await h.service.clocks.tick();
      expect((await seller.get(`/shared-tasks/${id}`)).body.state).toBe('open');
      h.time.set('2026-03-16T10:00:00Z');
      await tickUntil(`/shared-tasks/${id}`, 'overdue', seller);
      const heads = (await notices(id)).filter(
        ({ kind, to }) => kind === 'breach' && 'head-of-department' in (to.powers ?? {}),
      );
      expect(new Set(heads.map(({ to }) => to.unit))).toEqual(new Set(['sales', 'technical']));
      expect((await technician.post(`/shared-tasks/${id}/reply`, { reply: 'late' })).body.state).toBe('replied');
    },
  );
});

describe('X-09 sales policies', () => {
  let east: string;
  let west: string;
  let deputy: Member;
  let manager: Member;
  beforeAll(async () => {
    [east, west] = [await h.region('EAST'), await h.region('WEST')];
    deputy = await h.staff('deputy-general-manager-sales');
    manager = await h.staff('regional-manager', { regionId: east });
  });
  const drawUp = async (over: object = {}, by = deputy) =>
    by.post('/policies', {
      title: 'Spring prices',
      text: 'Three per cent for floor tiles.',
      startsOn: '2026-03-16',
      endsOn: '2026-04-30',
      regionIds: [east, west],
      ...over,
    });
  const issue = async () => {
    const { id } = (await drawUp()).body;
    expect((await deputy.post(`/policies/${id}/issue`)).body.state).toBe('issued');
    const { regions } = (await deputy.get(`/policies/${id}/progress`)).body;
    const ofEast = (regions as { id: string; region: string }[]).find(({ region }) => region === east)!;
    return { id, check: `/policy-executions/${ofEast.id}`, checkId: ofEast.id };
  };

  clause('X-09', 'allowed', 'issued to its regions, acknowledged, carried out, verified by another', async () => {
    const { id, check, checkId } = await issue();
    expect(await notices(checkId)).toMatchObject([{ kind: 'task', to: { region: east } }]);
    await manager.post(`${check}/acknowledge`);
    await manager.post(`${check}/carry-out`, { evidence: 'All shops have the new list' });
    expect((await deputy.post(`${check}/verify`)).body.state).toBe('verified');
    expect((await deputy.get(`/policies/${id}/progress`)).body).toMatchObject({
      affected: 2,
      verified: 1,
      percentage: '50.00',
    });
    await deputy.post(`/policies/${id}/withdraw`, { reason: 'The market changed' });
    const { regions } = (await deputy.get(`/policies/${id}/progress`)).body;
    expect((regions as { state: string }[]).map(({ state }) => state).sort()).toEqual(['dropped', 'verified']);
  });

  clause('X-09', 'refused', 'what one carried out oneself, another region, an unknown one, another owner', async () => {
    const { check } = await issue();
    const elsewhere = await h.staff('regional-manager', { regionId: west });
    expect((await elsewhere.post(`${check}/acknowledge`)).body.code).toBe('procedure.outside-scope');
    await manager.post(`${check}/acknowledge`);
    expect((await deputy.post(`${check}/verify`)).status).toBe(409);
    await manager.post(`${check}/carry-out`, { evidence: 'Done' });
    expect((await manager.post(`${check}/verify`)).body).toMatchObject({
      status: 403,
      code: 'planning.policy-execution.carried-out-yourself',
      rule: 'X-09',
    });
    expect((await deputy.post(`${check}/send-back`, { reason: 'One shop lacks it' })).body.state).toBe('acknowledged');
    expect((await drawUp({ regionIds: [east, newId()] })).body).toMatchObject({ status: 422, field: 'regionIds.1' });
    expect((await drawUp({ endsOn: '2026-03-15' })).body.code).toBe('planning.policy.ends-before-it-starts');
    expect((await drawUp({}, manager)).status).toBe(403);
  });

  clause('X-09', 'boundary', 'in force to the end of its last day', async () => {
    const { id } = await issue();
    const path = `/policies/${id}`;
    h.time.set('2026-04-30T15:59:59Z');
    await h.service.clocks.tick();
    expect((await seller.get(path)).body.state).toBe('issued');
    h.time.set('2026-04-30T16:00:00Z');
    await tickUntil(path, 'ended', seller);
    const late = (await drawUp()).body;
    expect((await deputy.post(`/policies/${late.id}/issue`)).body.code).toBe('planning.policy.over');
  });
});
