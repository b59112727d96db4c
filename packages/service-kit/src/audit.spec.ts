import { randomBytes } from 'node:crypto';
import { auditEvents, noticeEvents } from '@fenxiao/contracts/platform';
import { clause } from '@fenxiao/testing/clause';
import { createDatabase } from '@fenxiao/testing/database';
import { harness, TestTime, type Harness, type Member } from '@fenxiao/testing/harness';
import { until } from '@fenxiao/testing/wait';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Client } from 'pg';
import { system } from './actor.js';
import { baseConfig } from './config.js';
import { Maintenance } from './maintenance.js';
import { migrateService } from './migrate.js';
import { startService, type ServiceDefinition } from './service.js';

const definition: ServiceDefinition = { name: 'complaints', config: baseConfig, procedures: [], migrations: [] };
jest.setTimeout(60_000);
const subject = '01930000-0000-7000-8000-000000000001';

let h: Harness;
let auditor: Member;
beforeAll(async () => {
  h = await harness(definition, { now: '2026-03-10T02:00:00Z', env: { JOBS_POLL_SECONDS: '0.5' } });
  auditor = await h.staff('auditor');
});
afterAll(() => h?.close());

const entry = { procedure: 'complaint', move: 'open', outcome: 'done', rule: 'C-04', role: 'sales-manager' } as const;
/** Entries as moves write them, and their links. */
const record = async (...entries: (Partial<typeof entry> | object)[]) => {
  await h.service.transactions.run(system, (work) => {
    for (const more of entries) work.record({ ...entry, ...more });
    return Promise.resolve();
  });
  await h.service.app.get(Maintenance).chain();
};
const found = async (query: string) =>
  (await auditor.get(`/audit?${query}`)).body as { items: Record<string, unknown>[]; next: string | null };

describe('GET /audit', () => {
  const first = { subject, before: { state: 'open' }, after: { state: 'closed' }, reason: 'settled' };
  const refused = { outcome: 'refused', rule: 'C-10', code: 'procedure.no-power' } as const;
  beforeAll(async () => {
    await record(first);
    h.time.set('2026-03-10T15:59:59.999Z'); // the last instant of the 10th
    await record(refused, {}, {});
    h.time.set('2026-03-10T16:00:00Z');
    await record({ procedure: 'penalty' });
  });

  clause('X-15', 'allowed', 'an auditor finds what was done, by whom, by which rule', async () => {
    expect((await found(`subject=${subject}`)).items).toEqual([
      {
        id: expect.any(String),
        at: '2026-03-10T02:00:00.000Z',
        actor: 'system',
        actingFor: null,
        role: 'sales-manager',
        region: null,
        procedure: 'complaint',
        subject,
        move: 'open',
        outcome: 'done',
        rule: 'C-04',
        code: null,
        reason: 'settled',
        before: { state: 'open' },
        after: { state: 'closed' },
        requestId: null,
      },
    ]);
    expect((await found('outcome=refused')).items).toEqual([expect.objectContaining(refused)]);
    expect((await found('rule=C-10&actor=system')).items).toHaveLength(1);
    expect((await found('procedure=complaint')).items).toHaveLength(4);
    expect((await found('actor=nobody')).items).toEqual([]);
  });

  clause('X-15', 'boundary', 'a period includes both its days, in the business time zone', async () => {
    expect((await found('from=2026-03-10&to=2026-03-10')).items).toHaveLength(4);
    expect((await found('from=2026-03-11')).items).toEqual([expect.objectContaining({ procedure: 'penalty' })]);
    expect((await found('to=2026-03-09')).items).toEqual([]);
  });

  it('is turned page by page, newest first, without a gap where many were written at one instant', async () => {
    const seen: unknown[] = [];
    let cursor: string | null = null;
    do {
      const page = await found(`limit=2${cursor ? `&cursor=${cursor}` : ''}`);
      seen.push(...page.items.map(({ id }) => id));
      cursor = page.next;
    } while (cursor);
    const { rows } = await h.pool.query<{ id: string }>('SELECT id::text FROM audit ORDER BY at DESC, id DESC');
    expect(seen).toEqual(rows.map(({ id }) => id));
    expect((await auditor.get('/audit?colour=red')).body).toMatchObject({ status: 400, code: 'request.invalid-query' });
    expect((await auditor.get('/audit?cursor=1;2')).status).toBe(400);
  });

  clause('X-15', 'refused', 'nobody else reads it, the system administrator least of all', async () => {
    for (const role of ['system-administrator', 'general-manager', 'sales-manager'] as const)
      expect(await (await h.staff(role)).get('/audit')).toMatchObject({
        status: 403,
        body: { code: 'procedure.no-power', rule: 'X-15' },
      });
  });

  clause('X-15', 'refused', 'T31: no route writes it', async () => {
    const token = await h.token(auditor.subject);
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE'])
      for (const path of ['/audit', '/audit/1'])
        expect([404, 405]).toContain((await h.request(method, path, { token, body: {} })).status);
    const { paths } = (await h.request('GET', '/openapi.json')).body as { paths: Record<string, object> };
    const routes = Object.entries(paths).filter(([path]) => path.startsWith('/audit'));
    expect(routes.map(([path, item]) => [path, Object.keys(item)])).toEqual([['/audit', ['get']]]);
  });

  it('goes by an index whatever is asked', async () => {
    const client = await h.pool.connect();
    await client.query('SET enable_seqscan = off; SET enable_sort = off');
    for (const [condition, index] of [
      ['TRUE', 'audit_by_time'],
      [`subject = '${subject}'`, 'audit_of_subject'],
      [`actor = 'system'`, 'audit_of_actor'],
      [`rule = 'C-04'`, 'audit_of_rule'],
      [`procedure = 'penalty'`, 'audit_of_procedure'],
      [`outcome = 'refused'`, 'audit_refused'],
    ]) {
      const { rows } = await client.query<{ 'QUERY PLAN': string }>(
        `EXPLAIN SELECT * FROM audit WHERE ${condition} AND at >= '2026-01-01' ORDER BY at DESC, id DESC LIMIT 51`,
      );
      expect(rows.map((row) => row['QUERY PLAN']).join('\n')).toContain(index);
    }
    client.release(true);
  });
});

const done = (date: string) =>
  until(`the verification of ${date}`, async () => {
    const { rowCount } = await h.pool.query(`SELECT FROM job_run WHERE name = 'verify-audit' AND date = $1`, [date]);
    return rowCount === 1;
  });

describe('the daily verification', () => {
  clause('X-15', 'allowed', 'at 02:00 the chain is walked and found whole', async () => {
    h.time.set('2026-03-11T18:00:00Z');
    await done('2026-03-12');
    const { rows } = await h.pool.query<{ links: number }>('SELECT count(*)::int AS links FROM audit_link');
    const { links } = rows[0]!;
    expect((await h.events(auditEvents('complaints')['chain-verified'])).at(-1)).toMatchObject({
      data: { verified: links, links, meta: { actor: 'system', rule: 'X-15' } },
    });
  });

  clause(
    'X-15',
    'refused',
    'T31: a row edited in the database is found, and auditor and general manager are told',
    async () => {
      const { rows } = await h.pool.query<{ id: string; seq: string }>(
        `UPDATE audit SET actor = 'nobody' FROM audit_link l WHERE l.audit_id = id AND subject = $1 RETURNING id, seq`,
        [subject],
      );
      const { id, seq } = rows[0]!;
      h.time.set('2026-03-12T18:00:00Z');
      await done('2026-03-13');
      const [broken] = await h.events(auditEvents('complaints')['chain-broken']);
      expect(broken).toMatchObject({
        data: { link: seq, entry: id, verified: Number(seq) - 1, meta: { rule: 'X-15' } },
      });
      expect(await h.events(noticeEvents('complaints').requested)).toEqual([
        expect.objectContaining({
          data: expect.objectContaining({
            kind: 'alert',
            procedure: 'audit',
            about: broken!.subject,
            state: 'chain-broken',
            to: { powers: { auditor: 'all', 'general-manager': 'all' } },
          }),
        }),
      ]);
      await h.pool.query(`UPDATE audit SET actor = 'system' WHERE subject = $1`, [subject]);
    },
  );

  clause('X-15', 'boundary', 'after a week away one walk says what seven would', async () => {
    h.time.set('2026-03-20T18:00:00Z');
    await done('2026-03-21');
    const { rows } = await h.pool.query(`SELECT date::text, late FROM job_run WHERE date > '2026-03-13' ORDER BY date`);
    expect(rows).toEqual([{ date: '2026-03-21', late: false }]);
  });
});

it('T31: the serving role can not change the audit, and can do all its jobs need', async () => {
  const role = `serving_${randomBytes(4).toString('hex')}`;
  const database = await createDatabase();
  await h.pool.query(`CREATE ROLE ${role} LOGIN PASSWORD 'secret'`);
  await migrateService(database.url, 'complaints', [], role);
  const url = new URL(database.url);
  [url.username, url.password] = [role, 'secret'];
  const client = new Client({ connectionString: url.href, options: '-c search_path=complaints' });
  await client.connect();
  try {
    for (const statement of [
      `UPDATE audit SET actor = 'nobody'`,
      'DELETE FROM audit',
      'TRUNCATE audit',
      `UPDATE audit_link SET hash = ''`,
      'DELETE FROM audit_link',
      'TRUNCATE audit_link',
      'CREATE TABLE complaints_jobs.mine (id int)',
      'DELETE FROM complaints_jobs.version',
    ])
      await expect(client.query(statement)).rejects.toMatchObject({ code: '42501' });

    const time = new TestTime('2026-03-20T02:00:00Z');
    const service = await startService(definition, { ...h.environment, DATABASE_URL: url.href }, time);
    try {
      await service.jobs.plan();
      time.set('2026-03-20T18:00:00Z');
      await until('the verification', async () => (await client.query('SELECT FROM job_run')).rowCount === 1);
    } finally {
      await service.close();
    }
  } finally {
    await client.end();
    await database.drop();
    await h.pool.query(`DROP ROLE ${role}`);
  }
});
