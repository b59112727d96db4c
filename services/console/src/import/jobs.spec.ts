import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { harness, type Harness, type Member } from '@fenxiao/testing/harness';
import { until } from '@fenxiao/testing/wait';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { ImportStub } from '../../test/import-stub.js';
import { consoleService } from '../service.js';

/** Imports over HTTP: the console as it runs, its own database, and the import contract behind a gateway. */
let stub: ImportStub;
let h: Harness;
let importer: Member;
let folder: string;
let bearer: string;
beforeAll(async () => {
  stub = await new ImportStub().start();
  folder = await mkdtemp(join(tmpdir(), 'import-jobs-'));
  h = await harness(consoleService, {
    env: { GATEWAY_URL: stub.url, IMPORT_MAX_BYTES: '200000', IMPORT_FOLDER: folder },
  });
  importer = await h.staff('importer');
}, 60_000);
afterAll(async () => {
  await h?.close();
  stub.close();
  await rm(folder, { recursive: true, force: true });
});
beforeEach(async () => {
  bearer = await h.token(importer.subject);
  stub.accepts = (token) => subjectOf(token) === importer.subject;
  stub.kept.clear();
});
const subjectOf = (token: string) =>
  (JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString() || '{}') as { sub?: string }).sub;
afterEach(async () => {
  // no job of one test is in the way of the next, and nobody's files stay behind
  await until(
    'all jobs to end',
    async () => (await h.pool.query(`SELECT FROM import_job WHERE state IN ('receiving', 'running')`)).rowCount === 0,
  );
  expect(await readdir(folder)).toEqual([]);
});

type Part = [name: string, value: string | Blob, filename?: string];

async function post(parts: Part[], token = bearer, headers: Record<string, string> = {}) {
  const form = new FormData();
  for (const [name, value, filename] of parts) {
    if (typeof value === 'string') form.append(name, value);
    else form.append(name, value, filename ?? name);
  }
  const response = await fetch(`${h.url}/imports`, {
    method: 'POST',
    body: form,
    headers: { authorization: `Bearer ${token}`, ...headers },
  });
  return {
    status: response.status,
    body: (await response.json()) as Record<string, never> & { id: string; state: string; code: string },
  };
}
const ended = (id: string) =>
  until('the job to end', async () => {
    const { body } = await importer.get(`/imports/${id}`);
    return ['receiving', 'running'].includes(body.state) ? undefined : body;
  });
const csv = (name: string, text: string): Part => ['file', new Blob([text]), name];

it('takes files, brings them in with the powers of the caller, and keeps the reports', async () => {
  const made = await post([csv('竞争对手.csv', '编码,名称\nA,甲\nB,\n'), ['lang', 'zh']]);
  expect([made.status, made.body.state]).toEqual([202, 'running']);
  const job = await ended(made.body.id);
  expect(job).toMatchObject({
    state: 'done',
    startedBy: importer.id,
    startedAt: '2026-03-10T02:00:00.000Z',
    files: ['竞争对手.csv'],
    progress: null,
    options: { dryRun: false, allOrNothing: false, language: 'zh' },
    outcome: {
      tables: [{ table: '竞争对手.csv', kind: 'competitors' }],
      summary: { written: true, rejected: 1, kinds: [{ kind: 'competitors', read: 2, created: 1, rejected: 1 }] },
    },
  });
  expect(stub.rows('competitors')).toEqual([{ code: 'A', name: '甲' }]);
  const report = await importer.get(`/imports/${made.body.id}/report.csv`);
  expect(report.headers.get('content-type')).toBe('text/csv; charset=utf-8');
  expect(report.headers.get('content-disposition')).toContain('attachment');
  expect(report.body.replace('\ufeff', '')).toBe(
    '文件,行,列,值,类别,编号,代码,原因\r\n竞争对手.csv,3,名称,,competitors,B,console.import.empty,此处必须填写。\r\n',
  );
  expect((await importer.get(`/imports/${made.body.id}/findings.csv`)).status).toBe(200);
  expect((await importer.get('/imports')).body[0]).toMatchObject({ id: made.body.id, state: 'done' });
});

it('uses a mapping file and tries out without writing', async () => {
  const mapping = 'imports: [{ kind: competitors, file: "*.csv", fields: { code: c, name: n } }]';
  const parts: Part[] = [csv('x.csv', 'c,n\nA,a\n'), ['mapping', new Blob([mapping]), 'm.yaml'], ['dryRun', 'true']];
  const job = await ended((await post(parts)).body.id);
  expect(job).toMatchObject({ state: 'done', outcome: { summary: { dryRun: true, written: false, rejected: 0 } } });
  expect(stub.rows('competitors')).toEqual([]);
});

it('says why an import could not run', async () => {
  const parts: Part[] = [
    csv('x.csv', 'c,n\nA,a\n'),
    ['mapping', new Blob(['imports: [{ kind: cars, file: x, fields: {} }]']), 'm.yaml'],
  ];
  const job = await ended((await post(parts)).body.id);
  expect(job).toMatchObject({ state: 'failed', outcome: { problems: [{ code: 'console.import.mapping.invalid' }] } });
  expect((await importer.get(`/imports/${job.id}/report.csv`)).status).toBe(404);
});

describe('refusals', () => {
  it('refuses everybody but the importer, reading too', async () => {
    const clerk = await h.staff('order-clerk');
    expect((await post([csv('a.csv', 'x')], await h.token(clerk.subject))).status).toBe(403);
    const { body } = await post([csv('competitors.csv', 'code,name\nA,a\n')]);
    await ended(body.id);
    for (const path of ['', `/${body.id}`, `/${body.id}/report.csv`, `/${body.id}/findings.csv`])
      expect((await clerk.get(`/imports${path}`)).status).toBe(403);
    expect((await importer.get('/imports/018f0000-0000-7000-8000-000000000000')).status).toBe(404);
  });

  it('refuses what is too large, also in pieces, and what is no form', async () => {
    const large = 'x'.repeat(120_000);
    expect(await post([csv('a.csv', large + large)])).toMatchObject({
      status: 413,
      body: { code: 'console.import.files-too-large' },
    });
    expect(await post([csv('a.csv', large), csv('b.csv', large)])).toMatchObject({ status: 413 });
    expect(await post([['dryRun', 'true']])).toMatchObject({ status: 400, body: { code: 'console.import.no-files' } });
    const some = csv('competitors.csv', 'code,name\nA,a\n');
    expect(await post([some, ['dryRun', 'ture']])).toMatchObject({ status: 400, body: { field: 'dryRun' } });
    expect(await post([some, ['dryrun', 'true']])).toMatchObject({ status: 400, body: { field: 'dryrun' } });
    expect((await importer.post('/imports', {})).status).toBe(400);
  });

  it('runs one at a time', async () => {
    stub.failures.push({ path: /imports/, status: 503, times: 3 });
    const first = await post([csv('competitors.csv', 'code,name\nA,a\n')]);
    const second = await post([csv('competitors.csv', 'code,name\nB,b\n')], bearer, { 'accept-language': 'zh' });
    expect(second).toMatchObject({
      status: 409,
      body: { code: 'console.import.busy', detail: `另一导入正在进行（${first.body.id}）。同一时间只能进行一个导入。` },
    });
    expect(await ended(first.body.id)).toMatchObject({ state: 'done' });
  });

  it('keeps the name of a file, and nothing of the folders before it', async () => {
    const { body } = await post([
      csv('../../etc/competitors.csv', 'code,name\nA,a\n'),
      csv('competitors.csv', 'code,name\nB,b\n'),
    ]);
    expect(await ended(body.id)).toMatchObject({ state: 'done', files: ['competitors.csv', '1-competitors.csv'] });
    expect(stub.rows('competitors').length).toBe(2);
  });
});

it('goes on with a new token of the same person when the first has run out', async () => {
  const first = await h.token(importer.subject, { nonce: 'first' });
  stub.accepts = (token) => token !== first;
  const { body } = await post([csv('competitors.csv', 'code,name\nA,a\n')], first);
  await until('the first token to be refused', async () => stub.asked.at(-1)?.endsWith('/me'));
  // neither another look with the old one nor somebody else's look helps
  const other = await h.staff('importer');
  expect((await h.request('GET', `/imports/${body.id}`, { token: first })).body.state).toBe('running');
  expect((await other.get(`/imports/${body.id}`)).body.state).toBe('running');
  expect(await ended(body.id)).toMatchObject({ state: 'done' });
});

it('shows a job whose process has died as interrupted, and lets the next one begin', async () => {
  const id = '018f0000-0000-7000-8000-00000000dead';
  await h.pool.query(
    `INSERT INTO import_job (id, started_by, started_at, state, options, beat) VALUES ($1, 'x', now(), 'running', '{}', now() - interval '1 minute')`,
    [id],
  );
  expect((await importer.get(`/imports/${id}`)).body.state).toBe('interrupted');
  const { body } = await post([csv('competitors.csv', 'code,name\nA,a\n')]);
  expect(await ended(body.id)).toMatchObject({ state: 'done' });
  expect((await importer.get(`/imports/${id}`)).body).toMatchObject({
    state: 'interrupted',
    endedAt: expect.any(String),
  });
});

it('stops in order when the service does, and says so in the record', async () => {
  const other = await harness(consoleService, { env: { GATEWAY_URL: stub.url, IMPORT_FOLDER: folder } });
  const somebody = await other.staff('importer');
  const token = await other.token(somebody.subject);
  stub.accepts = () => true;
  stub.failures.push({ path: /imports/, status: 503, times: 1_000_000 });
  try {
    const form = new FormData();
    form.append('file', new Blob(['code,name\nA,a\n']), 'competitors.csv');
    const response = await fetch(`${other.url}/imports`, {
      method: 'POST',
      body: form,
      headers: { authorization: `Bearer ${token}` },
    });
    const { id } = (await response.json()) as { id: string };
    await until('a batch to be refused', async () => stub.failures.some(({ times }) => times < 1_000_000));
    await other.service.close();
    // what the harness closes below is closed already
    Object.assign(other.service, { close: () => Promise.resolve() });
    const { rows } = await other.pool.query('SELECT state FROM import_job WHERE id = $1', [id]);
    expect(rows).toEqual([{ state: 'interrupted' }]);
  } finally {
    stub.failures.length = 0;
    await other.close();
  }
});
