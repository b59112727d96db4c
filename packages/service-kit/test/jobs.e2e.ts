import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { harness, type Harness } from '@fenxiao/testing/harness';
import { setup, teardown } from '@fenxiao/testing/stack';
import { until } from '@fenxiao/testing/wait';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { PoolClient } from 'pg';
import { baseConfig } from '../src/config.js';

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));
const fromSource = ['--conditions=@fenxiao/source', '--import', path('../../../scripts/decorators.ts')];
/** A service that publishes nothing has no job but ours, so that the harness' own leaves the queue alone. */
const service = 'analytics';
const dates = ['2026-03-10', '2026-03-11', '2026-03-12'];

let h: Harness;
const children: ChildProcess[] = [];
beforeAll(async () => {
  await setup();
  h = await harness({ name: service, config: baseConfig, procedures: [], migrations: [] });
  await h.pool.query('CREATE TABLE effect (date text, half int, pid int)');
  // What was lost with a process is tried again at once, not after a minute.
  await h.pool.query(`UPDATE ${service}_jobs.queue SET retry_delay = 0, retry_backoff = false`);
});
afterAll(async () => {
  const left = children.filter(({ exitCode, signalCode }) => exitCode === null && signalCode === null);
  await Promise.all(left.map(kill));
  await h?.close();
  await teardown();
});

/** @returns it, and where it listens, once it plans and works */
async function start() {
  const child = spawn(process.execPath, [...fromSource, path('scheduler.ts')], {
    env: {
      ...process.env,
      ...h.environment,
      SERVICE: service,
      NOW: h.time.now().toISOString(),
      JOBS_POLL_SECONDS: '0.5',
      JOBS_LOST_SECONDS: '10',
    },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  children.push(child);
  const ended = once(child, 'exit').then(([code, signal]) => {
    throw new Error(`a scheduler ended before it was ready: ${code ?? signal}`);
  });
  const [url] = (await Promise.race([once(child, 'message'), ended])) as [string];
  return { child, pid: child.pid!, url };
}

async function kill(child: ChildProcess) {
  const exit = once(child, 'exit');
  child.kill('SIGKILL');
  expect(await exit).toEqual([null, 'SIGKILL']);
}

/** Takes the locks for which the schedulers wait in the middle of a job. */
async function holdUp(pids: readonly number[]): Promise<PoolClient> {
  const holder = await h.pool.connect();
  for (const pid of pids) await holder.query('SELECT pg_advisory_lock($1)', [pid]);
  return holder;
}
const heldUp = `SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND objid = ANY($1::int[])`;
const runs = `SELECT name, date::text, outcome FROM job_run ORDER BY date`;
const effects = 'SELECT date, half, pid FROM effect ORDER BY date, half';
const queued = `SELECT data ->> 'date' AS date, state::text FROM ${service}_jobs.job ORDER BY 1`;
const rows = async (text: string, values: unknown[] = []) =>
  (await h.pool.query<Record<string, unknown>>(text, values)).rows;

describe('scheduled work (rules, section 10)', () => {
  it('a scheduler is killed in the middle of a job: another does it, nothing is lost and nothing happens twice', async () => {
    const auditor = await h.staff('auditor');
    const [victim, survivor] = await Promise.all([start(), start()]);
    const pids = [victim.pid, survivor.pid];
    const holder = await holdUp(pids);

    // Both plan the three dates, and each gets to the middle of one.
    for (const { child } of [victim, survivor]) child.send('2026-03-12T12:00:00Z');
    await until('both to be in the middle of a job', async () => (await rows(heldUp, [pids])).length === 2);
    expect((await rows(queued)).filter(({ state }) => state === 'active')).toHaveLength(2);
    expect(await rows(effects)).toEqual([]);

    // The session of the dead goes on waiting; it finds nobody to answer to when it has got the lock.
    await kill(victim.child);
    await holder.query('SELECT pg_advisory_unlock_all()');
    holder.release();
    await until('all to have run', async () => (await rows(runs)).length === dates.length, 60_000);

    const halves = dates.flatMap((date) => [1, 2].map((half) => ({ date, half, pid: survivor.pid })));
    expect(await rows(effects)).toEqual(halves);
    expect(await rows(runs)).toEqual(dates.map((date) => ({ name: 'promotion', date, outcome: 'done' })));
    await until('the queue to be empty', async () => (await rows(queued)).every(({ state }) => state === 'completed'));
    expect(await rows(queued)).toEqual(dates.map((date) => ({ date, state: 'completed' })));

    const answer = await fetch(`${survivor.url}/jobs`, {
      headers: { authorization: `Bearer ${await h.token(auditor.subject)}` },
    });
    expect(await answer.json()).toEqual([
      expect.objectContaining({
        name: 'promotion',
        last: expect.objectContaining({ date: '2026-03-12', outcome: 'done', actor: 'system' }),
        next: { date: '2026-03-13', dueAt: '2026-03-13T10:00:00.000Z' },
      }),
    ]);
  });
});
