/** `npm run load` against the stack as users start it, with the stand-in for k6: requests, checks, report and dashboard. */
import { execFile } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { operations } from '../src/thresholds.js';
import { newFolder, remove, root, small, startStack, type Stack } from '../../scripts/stack/stack.js';

const run = promisify(execFile);
const standIn = fileURLToPath(new URL('k6.ts', import.meta.url));

let data: string;
let stack: Stack;
beforeAll(async () => {
  data = await newFolder();
  stack = await startStack(data, [], { ...small, REQUESTS_PER_MINUTE: '1000000' });
}, 600_000);
afterAll(async () => {
  await stack?.stop();
  await remove(data);
});

interface Ended {
  code: number;
  stdout: string;
  stderr: string;
}
async function load(args: string[], env: Record<string, string>): Promise<Ended> {
  try {
    const { stdout, stderr } = await run('npm', ['run', '-s', 'load', '--', ...args], {
      cwd: root,
      env: { ...process.env, ...env },
    });
    return { code: 0, stdout, stderr };
  } catch (error) {
    return error as Ended;
  }
}

const reports: string[] = [];
afterAll(() => Promise.all(reports.map((report) => rm(join(root, report, '..'), { recursive: true, force: true }))));

// All scenarios send the same mix, differing in how fast: one goes long enough to have sent everything.
it.each([
  ['smoke', 25],
  ['average', 2],
  ['stress', 2],
  ['spike', 2],
  ['soak', 2],
  ['breakpoint', 2],
])(
  'asks rightly in %s, and every answer is an answer',
  async (scenario, journeys) => {
    const { code, stdout, stderr } = await load([scenario, '--data', data], {
      K6: standIn,
      ITERATIONS: String(journeys),
    });
    const [, report = ''] = /The report: (\S+)/.exec(stdout) ?? [];
    reports.push(report);
    // how long it took is this machine's business today; what it asked and got is not
    expect({ stderr, code: [0, 99].includes(code) }).toEqual({ stderr: '', code: true });
    expect(stdout).toMatch(/stand-in, not k6: \d+ requests/);
    if (journeys < 25) return;
    process.stdout.write(stdout);
    for (const operation of operations)
      expect([operation, new RegExp(`^${operation} +[1-9]`, 'm').test(stdout)]).toEqual([operation, true]);
  },
  120_000,
);

it('puts every run on the dashboard', async () => {
  const { body: dashboard } = (await stack.call(
    'general-manager',
    '/api/analytics/dashboards/fenxiao-loadtests?lang=en',
  )) as {
    body: { panels: { id: number; title: string }[] };
  };
  for (const { id, title } of dashboard.panels) {
    const { status, body } = (await stack.call(
      'general-manager',
      `/api/analytics/dashboards/fenxiao-loadtests/panels/${id}/query`,
      {
        from: Date.now() - 86_400_000,
        to: Date.now() + 60_000,
        variables: {},
        intervalMs: 60_000,
        maxDataPoints: 500,
      },
    )) as { status: number; body: { frames: { rows: unknown[][] }[] } };
    const found = body.frames[0]!.rows.length;
    expect([title, status, found > 0]).toEqual([title, 200, true]);
    if (title === 'All runs') expect(found).toBe(6);
  }
});

it('says how to get k6 where it is missing, what scenarios there are, and where nothing runs', async () => {
  expect(await load(['smoke', '--data', data], { K6: join(data, 'no-k6') })).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/k6 is not installed[^]*go install go\.k6\.io/),
  });
  expect(await load(['everything'], {})).toMatchObject({ code: 1, stderr: expect.stringContaining('smoke | average') });
  expect(await load(['smoke', '--data', join(data, 'nowhere')], { K6: standIn })).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('npm start first'),
  });
});
