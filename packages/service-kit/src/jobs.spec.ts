import { noticeEvents } from '@fenxiao/contracts/platform';
import { clause } from '@fenxiao/testing/clause';
import { harness, type Harness, type Member } from '@fenxiao/testing/harness';
import { until } from '@fenxiao/testing/wait';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { baseConfig } from './config.js';
import { daily } from './due.js';
import type { Job, Occasion } from './jobs.js';
import { startService, type RunningService, type ServiceDefinition } from './service.js';

/** Writes down its date, then does what a test wants. The name is one that the dictionary has. */
const tried: Occasion[] = [];
let fault: () => void = () => {};
const report: Job = {
  name: 'promotion',
  clause: 'O-20',
  due: daily('18:00'),
  run: async (work, occasion) => {
    await work.query('INSERT INTO effect (date, at) VALUES ($1, $2)', [occasion.date, work.now]);
    tried.push(occasion);
    fault();
  },
};
const base: ServiceDefinition = { name: 'complaints', config: baseConfig, procedures: [], migrations: [] };
const definition: ServiceDefinition = { ...base, jobs: [report] };
const quick = { JOBS_POLL_SECONDS: '0.5', JOBS_LOST_SECONDS: '10' };
jest.setTimeout(60_000);

/** The harness' own service has no such job and leaves the queue alone: each test starts those that have. */
let h: Harness;
let administrator: Member;
let auditor: Member;
const running: RunningService[] = [];
const start = async () => {
  const service = await startService(definition, { ...h.environment, ...quick }, h.time);
  running.push(service);
  return service;
};
const stop = (service: RunningService) => {
  running.splice(running.indexOf(service), 1);
  return service.close();
};
/** The run of one date of our job. */
const runOf = async (date: string) =>
  (
    await h.pool.query<{ outcome: string }>(`SELECT outcome FROM job_run WHERE name = 'promotion' AND date = $1`, [
      date,
    ])
  ).rows[0];
const ran = (date: string) => until(`the run of ${date}`, () => runOf(date));
const effects = async () =>
  (await h.pool.query<{ date: string }>('SELECT date FROM effect ORDER BY date')).rows.map(({ date }) => date);
const ask = async (service: RunningService, member: Member, path: string, body?: object) => {
  const response = await fetch(`${service.url}${path}`, {
    method: body ? 'POST' : 'GET',
    headers: {
      authorization: `Bearer ${await h.token(member.subject)}`,
      ...(body ? { 'content-type': 'application/json' } : {}),
    },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  return { status: response.status, body: (await response.json()) as never };
};

beforeEach(async () => {
  h = await harness(base, { now: '2026-03-10T02:00:00Z', env: { JOBS_POLL_SECONDS: '300' } });
  await h.pool.query('CREATE TABLE effect (date text NOT NULL, at timestamptz NOT NULL)');
  administrator = await h.staff('system-administrator');
  auditor = await h.staff('auditor');
  tried.length = 0;
  fault = () => {};
}, 60_000);
afterEach(async () => {
  await Promise.all(running.splice(0).map((service) => service.close()));
  await h?.close();
}, 60_000);

describe('scheduled work', () => {
  it('runs on its dates, and the list says when', async () => {
    const service = await start();
    const promotion = { name: 'promotion', label: { en: 'Promotion', zh: '促销方案' }, clause: 'O-20' };
    expect((await ask(service, auditor, '/jobs')).body).toEqual([
      expect.objectContaining({
        name: 'verify-audit',
        clause: 'X-15',
        label: { en: 'Verify the audit chain', zh: '核验审计链' },
      }),
      { ...promotion, last: null, next: { date: '2026-03-10', dueAt: '2026-03-10T10:00:00.000Z' } },
    ]);
    h.time.set('2026-03-10T10:00:03Z');
    await ran('2026-03-10');
    expect((await ask(service, administrator, '/jobs')).body).toContainEqual({
      ...promotion,
      last: {
        date: '2026-03-10',
        dueAt: '2026-03-10T10:00:00.000Z',
        startedAt: '2026-03-10T10:00:03.000Z',
        tookMs: expect.any(Number),
        late: false,
        outcome: 'done',
        actor: 'system',
      },
      next: { date: '2026-03-11', dueAt: '2026-03-11T10:00:00.000Z' },
    });
  });

  it('catches up after downtime, in order, and says that it is late', async () => {
    await stop(await start());
    h.time.set('2026-03-13T10:00:01Z');
    await start();
    await ran('2026-03-13');
    expect(tried.map(({ date, late }) => [date, late])).toEqual([
      ['2026-03-10', true],
      ['2026-03-11', true],
      ['2026-03-12', true],
      ['2026-03-13', false],
    ]);
    const { rows } = await h.pool.query(`SELECT late FROM job_run WHERE name = 'promotion' ORDER BY date`);
    expect(rows).toEqual([{ late: true }, { late: true }, { late: true }, { late: false }]);
  });

  it('happens once a date with three planners at work', async () => {
    const services = await Promise.all([start(), start(), start()]);
    const days = Array.from({ length: 15 }, (_, i) => `2026-03-${10 + i}`);
    for (const day of days) {
      h.time.set(`${day}T12:00:00Z`);
      await Promise.all(services.map(({ jobs }) => jobs.plan()));
    }
    await Promise.all(days.map(ran));
    expect(await effects()).toEqual(days);
    const { rows } = await h.pool.query(
      `SELECT count(*)::int AS sent FROM complaints_jobs.job WHERE data ->> 'name' = 'promotion'`,
    );
    expect(rows).toEqual([{ sent: days.length }]);
  });

  it('delivered twice, it happens once', async () => {
    const service = await start();
    h.time.set('2026-03-10T12:00:00Z');
    await ran('2026-03-10');
    const columns =
      'name, data, policy, retry_limit, retry_delay, retry_backoff, expire_seconds, deletion_seconds, keep_until';
    await h.pool.query(
      `INSERT INTO complaints_jobs.job (${columns}) SELECT ${columns} FROM complaints_jobs.job WHERE data ->> 'name' = 'promotion'`,
    );
    await until('both to be over', async () => {
      const { rows } = await h.pool.query(`SELECT state FROM complaints_jobs.job WHERE data ->> 'name' = 'promotion'`);
      return rows.length === 2 && rows.every(({ state }: { state: string }) => state === 'completed');
    });
    expect(await effects()).toEqual(['2026-03-10']);
    expect(await service.jobs.run('promotion', '2026-03-10')).toBe(false);
  });

  it('leaves nothing of what fails, tries again, and tells the administrator when it failed for good', async () => {
    await h.pool.query('UPDATE complaints_jobs.queue SET retry_limit = 1, retry_delay = 0, retry_backoff = false');
    const service = await start();
    fault = () => {
      throw new Error('the disk is full');
    };
    h.time.set('2026-03-10T12:00:00Z');
    await until('it to be given up', async () => (await runOf('2026-03-10'))?.outcome === 'failed', 40_000);
    expect(tried).toHaveLength(2);
    expect(await effects()).toEqual([]);
    expect(await h.events(noticeEvents('complaints').requested)).toEqual([
      expect.objectContaining({
        data: {
          kind: 'alert',
          procedure: 'promotion',
          number: '2026-03-10',
          state: 'failed',
          dueAt: '2026-03-10T10:00:00.000Z',
          to: { powers: { 'system-administrator': 'all' } },
          meta: { actor: 'system', role: 'system', rule: 'O-20' },
        },
      }),
    ]);

    fault = () => {};
    const order = { date: '2026-03-10', reason: 'disk enlarged' };
    expect(await ask(service, administrator, '/jobs/promotion/run', order)).toMatchObject({
      status: 200,
      body: { name: 'promotion', date: '2026-03-10' },
    });
    expect(await effects()).toEqual(['2026-03-10']);
    expect(await runOf('2026-03-10')).toEqual({ outcome: 'done' });
  }, 60_000);
});

describe('running a job by hand', () => {
  clause('X-01', 'allowed', 'the system administrator, with a reason, and it is in the audit', async () => {
    h.time.set('2026-03-10T12:00:00Z');
    // It is new at this hour: what was due before was not planned.
    const service = await start();
    const order = { date: '2026-03-10', reason: 'the figures came in late' };
    expect((await ask(service, administrator, '/jobs/promotion/run', order)).status).toBe(200);
    expect(await effects()).toEqual(['2026-03-10']);
    const { rows } = await h.pool.query(
      `SELECT actor, role, move, outcome, rule, reason, after FROM audit WHERE procedure = 'promotion'`,
    );
    expect(rows).toEqual([
      {
        actor: administrator.id,
        role: 'system-administrator',
        move: 'run',
        outcome: 'done',
        rule: 'O-20',
        reason: order.reason,
        after: { date: '2026-03-10' },
      },
    ]);
    expect(await ask(service, administrator, '/jobs/promotion/run', order)).toMatchObject({
      status: 409,
      body: { code: 'job.has-run', rule: 'O-20' },
    });
    expect(await effects()).toEqual(['2026-03-10']);
  });

  clause('X-01', 'refused', 'nobody else, and who may not see the list does not', async () => {
    const service = await start();
    const order = { date: '2026-03-09', reason: 'curiosity' };
    const refusal = { status: 403, body: { code: 'procedure.no-power', rule: 'X-02' } };
    expect(await ask(service, auditor, '/jobs/promotion/run', order)).toMatchObject(refusal);
    const clerk = await h.staff('order-clerk');
    expect(await ask(service, clerk, '/jobs')).toMatchObject(refusal);
    const { rows } = await h.pool.query(
      `SELECT actor, move FROM audit WHERE procedure = 'promotion' AND outcome = 'refused'`,
    );
    expect(rows).toEqual([{ actor: auditor.id, move: 'run' }]);
  });

  clause('X-01', 'boundary', 'not before it is due, and no job that there is not', async () => {
    const service = await start();
    const order = { date: '2026-03-10', reason: 'in a hurry' };
    h.time.set('2026-03-10T09:59:59Z');
    expect(await ask(service, administrator, '/jobs/promotion/run', order)).toMatchObject({
      status: 422,
      body: { code: 'job.not-due' },
    });
    expect((await ask(service, administrator, '/jobs/unknown/run', order)).status).toBe(404);
    expect((await ask(service, administrator, '/jobs/promotion/run', { ...order, date: '10 March' })).status).toBe(400);
  });
});
