import { aggregate, formEvents } from '@fenxiao/contracts/event';
import { Line, Note } from '@fenxiao/contracts/wire';
import { hours, workingDays } from '@fenxiao/domain/business-calendar';
import { missingTerms } from '@fenxiao/procedures/describe';
import { approval } from '@fenxiao/procedures/approval';
import { procedure } from '@fenxiao/procedures/procedure';
import { clause } from '@fenxiao/testing/clause';
import { harness, type Harness, type Member } from '@fenxiao/testing/harness';
import { until } from '@fenxiao/testing/wait';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { verifyChain } from './audit.js';
import { baseConfig } from './config.js';
import { bindForm } from './forms.js';
import { Maintenance } from './maintenance.js';

/** A register: a form with states and a clock. */
const form = z.object({ item: Line, place: Line });
const custody = procedure({
  name: 'custody',
  path: 'custody',
  clause: 'D-35',
  events: formEvents(
    'distributors',
    'custody',
    form,
    { held: {}, notified: {}, returned: { receivedBy: Line } },
    { clocks: true },
  ),
  states: ['held', 'notified', 'returned'],
  read: { 'sales-support-clerk': 'all', 'regional-manager': 'region', salesperson: 'own' },
  start: {
    move: 'hold',
    to: 'held',
    by: { 'sales-support-clerk': 'all', 'regional-manager': 'region', salesperson: 'own' },
    form,
    fact: 'held',
  },
  moves: {
    notify: {
      from: 'held',
      to: 'notified',
      by: { 'sales-support-clerk': 'all', 'regional-manager': 'region', salesperson: 'own' },
      fact: 'notified',
      clock: { within: hours(8), escalateTo: 'sales-manager' },
    },
    return: {
      from: ['held', 'notified'],
      to: 'returned',
      by: { 'sales-support-clerk': 'all' },
      form: z.object({ receivedBy: Line }),
      fact: 'returned',
      edits: true,
    },
  },
});

/** An approval: one signature, then two of three. */
const plan = z.object({ text: Note });
const promotion = procedure({
  name: 'promotion',
  clause: 'P-20',
  events: formEvents(
    'distributors',
    'promotion',
    plan,
    {
      submitted: {},
      signed: {},
      approved: {},
      rejected: {},
      returned: {},
      expired: {},
    },
    { clocks: true },
  ),
  states: ['submitted', 'returned', 'approved', 'rejected', 'expired'],
  read: { 'regional-manager': 'region', 'sales-manager': 'all', 'general-manager': 'all' },
  start: {
    move: 'submit',
    to: 'submitted',
    by: { 'regional-manager': 'region', 'sales-manager': 'all' },
    form: plan,
    fact: 'submitted',
  },
  moves: {
    ...approval({
      in: 'submitted',
      steps: [
        { name: 'sales-manager', slots: [{ 'sales-manager': 'all' }] },
        {
          name: 'management',
          slots: [
            { 'deputy-general-manager-sales': 'all' },
            { 'sales-general-manager': 'all' },
            { 'general-manager': 'all' },
          ],
          need: 2,
        },
      ],
      approved: 'approved',
      rejected: 'rejected',
      returned: 'returned',
      facts: { step: 'signed', approved: 'approved', rejected: 'rejected', returned: 'returned', expired: 'expired' },
      expires: { within: workingDays(3), to: 'expired' },
    }),
    resubmit: { from: 'returned', to: 'submitted', by: { 'regional-manager': 'own' }, form: plan, fact: 'submitted' },
  },
});

let h: Harness;
let clerk: Member;
let east: string;
let shanghai: string;
let manager: Member;
beforeAll(async () => {
  const procedures = [bindForm(custody, { series: 'DC' }), bindForm(promotion)];
  h = await harness(
    { name: 'distributors', config: baseConfig, procedures, migrations: [] },
    { now: '2026-03-10T02:00:00Z' },
  );
  clerk = await h.staff('sales-support-clerk');
  east = await h.region('EAST');
  shanghai = await h.region('SH', east);
  manager = await h.staff('regional-manager', { regionId: east });
}, 60_000);
afterAll(() => h?.close());

const hold = async (by: Member = clerk, item = 'umbrella') =>
  (await by.post('/custody', { item, place: 'hall' })).body as { id: string; version: number };
const eventsOf = async (id: string) => (await h.events()).filter(({ subject }) => subject === id);
const shortType = (type: string) => type.split('.').slice(-2).join('.');

describe('a register that is only a declaration', () => {
  it('opens, moves and publishes', async () => {
    const opened = await clerk.post('/custody', { item: 'umbrella', place: 'hall' });
    expect(opened).toMatchObject({
      status: 201,
      body: { state: 'held', number: 'DC-2026-000001', form: { item: 'umbrella' }, moves: ['notify', 'return'] },
    });
    expect(opened.headers.get('etag')).toBe('"1"');
    const notified = await clerk.post(`/custody/${opened.body.id}/notify`);
    expect(notified).toMatchObject({ status: 200, body: { state: 'notified', version: 2 } });
    const events = await eventsOf(opened.body.id);
    expect(events.map(({ type, sequence }) => `${sequence} ${type}`)).toEqual([
      '1 fenxiao.distributors.custody.held.v1',
      '2 fenxiao.distributors.custody.notified.v1',
    ]);
    expect(events[1]!.data.meta).toMatchObject({
      rule: 'D-35',
      actor: clerk.id,
      role: 'sales-support-clerk',
      move: { from: 'held', to: 'notified' },
    });
  });

  it('describes itself so that a screen can be drawn', async () => {
    const { body } = await clerk.get('/procedures', { 'accept-language': 'zh-CN' });
    const described = body.find(({ name }: { name: string }) => name === 'custody');
    expect(described.start.form.properties.place).toMatchObject({
      title: '地点',
      'x-label': { en: 'Place' },
      type: 'string',
      maxLength: 200,
    });
    expect(described.moves.map(({ name, path }: { name: string; path: string }) => `${name} ${path}`)).toEqual([
      'notify /custody/{id}/notify',
      'return /custody/{id}/return',
    ]);
    expect(described.diagram).toContain('held --> notified: notify');
  });

  it('documents its routes in OpenAPI, without a token', async () => {
    const { status, body } = await h.request('GET', '/openapi.json');
    expect(status).toBe(200);
    expect(Object.keys(body.paths)).toEqual(
      expect.arrayContaining(['/custody', '/custody/{id}', '/custody/{id}/notify', '/promotions/{id}/approve']),
    );
    expect(body.paths['/custody/{id}/return'].post.requestBody.content['application/json'].schema.required).toEqual([
      'receivedBy',
    ]);
  });

  it('lists by cursor, newest first, each page once', async () => {
    for (let i = 0; i < 5; i++) await hold(clerk, `listed ${i}`);
    const seen: string[] = [];
    for (let next: string | null = ''; next !== null;) {
      const { body }: { body: { items: { id: string }[]; next: string | null } } = await clerk.get(
        `/custody?limit=2&state=held${next ? `&cursor=${next}` : ''}`,
      );
      seen.push(...body.items.map(({ id }) => id));
      next = body.next;
    }
    expect(seen.length).toBeGreaterThanOrEqual(5);
    expect(seen).toEqual([...new Set(seen)].sort().reverse());
    expect((await clerk.get('/custody?colour=red')).body).toMatchObject({ status: 400, code: 'request.invalid-query' });
  });
});

describe('what a rule refuses', () => {
  clause('X-02', 'refused', 'no power: 403 with the rule, logged, counted and published', async () => {
    const { id } = await hold();
    const stranger = await h.staff('trainer');
    const refused = await stranger.post(`/custody/${id}/notify`);
    expect(refused).toMatchObject({ status: 403, body: { code: 'procedure.no-power', rule: 'D-35', status: 403 } });
    expect(refused.headers.get('content-type')).toContain('application/problem+json');
    const { rows } = await h.pool.query(`SELECT actor, outcome, rule, code, move FROM audit WHERE actor = $1`, [
      stranger.id,
    ]);
    expect(rows).toEqual([
      { actor: stranger.id, outcome: 'refused', rule: 'D-35', code: 'procedure.no-power', move: 'notify' },
    ]);
    const events = (await h.events()).filter(
      ({ type, data }) =>
        type === 'fenxiao.distributors.move.refused.v1' && data.meta && (data as { about?: string }).about === id,
    );
    expect(events).toHaveLength(1);
    expect((await h.request('GET', '/metrics')).body).toMatch(
      /refusals_total\{procedure="custody",move="notify",rule="D-35",code="procedure.no-power"\} \d/,
    );
  });

  clause(
    'X-03',
    'refused',
    "a move not in the table: 409 naming the rule and the moves allowed, in the reader's language",
    async () => {
      const { id } = await hold();
      await clerk.post(`/custody/${id}/notify`);
      const refused = await clerk.post(`/custody/${id}/notify`, {}, { 'accept-language': 'zh-CN,en;q=0.5' });
      expect(refused).toMatchObject({
        status: 409,
        body: { code: 'procedure.move-not-allowed', rule: 'D-35', state: 'notified', allowed: ['return'] },
      });
      expect(refused.body.detail).toBe('当前状态“已通知”不能执行“通知”；目前可执行：归还。');
      expect(refused.headers.get('content-language')).toBe('zh');
    },
  );

  clause('X-03', 'allowed', 'a move in the table', async () => {
    const { id } = await hold();
    expect((await clerk.post(`/custody/${id}/notify`)).status).toBe(200);
  });

  clause('X-02', 'allowed', 'a power reaches the own region and those below it', async () => {
    const below = await h.staff('regional-manager', { regionId: shanghai });
    const { id } = await hold(below);
    expect((await manager.post(`/custody/${id}/notify`)).status).toBe(200);
  });

  clause('X-02', 'boundary', 'a power does not reach the region above or beside', async () => {
    const below = await h.staff('regional-manager', { regionId: shanghai });
    const { id } = await hold(manager);
    expect(await below.post(`/custody/${id}/notify`)).toMatchObject({
      status: 403,
      body: { code: 'procedure.outside-scope' },
    });
    expect((await below.get(`/custody/${id}`)).status).toBe(403);
    const listed = await below.get('/custody?limit=200');
    expect(listed.body.items.map((item: { id: string }) => item.id)).not.toContain(id);
  });

  it('"own" reaches what one made and nothing else', async () => {
    const [anna, ben] = [await h.staff('salesperson'), await h.staff('salesperson')];
    const { id } = await hold(anna);
    expect((await anna.get(`/custody/${id}`)).status).toBe(200);
    expect((await ben.get(`/custody/${id}`)).status).toBe(403);
    expect((await ben.get('/custody')).body.items).toEqual([]);
  });

  it('names every wrong field of a form', async () => {
    const { status, body } = await clerk.post('/custody', { item: '', colour: 'red' });
    expect(status).toBe(400);
    expect(body.errors.map(({ field }: { field: string }) => field)).toEqual(['item', 'place', 'colour']);
  });

  it('answers malformed JSON, wrong types and unknown routes with problem+json', async () => {
    const token = await h.token(clerk.subject);
    const malformed = await fetch(`${h.url}/custody`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: '{"item":',
    });
    expect(malformed.status).toBe(400);
    expect(malformed.headers.get('content-type')).toContain('application/problem+json');
    const form = await fetch(`${h.url}/custody`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'text/csv' },
      body: 'a,b',
    });
    expect(form.status).toBe(415);
    expect(await clerk.get('/nowhere')).toMatchObject({ status: 404, body: { status: 404 } });
    expect(await clerk.get('/custody/not-a-uuid')).toMatchObject({ status: 400, body: { status: 400 } });
    expect((await clerk.get('/custody/01980000-0000-7000-8000-000000000000')).body).toMatchObject({
      status: 404,
      code: 'request.not-found',
    });
  });
});

describe('who asks', () => {
  const call = async (token: string) => (await h.request('GET', '/me', { token })).status;
  it('believes tokens of its issuer, for its audience, in time, with an asymmetric signature', async () => {
    expect(await call(await h.token(clerk.subject))).toBe(200);
    const parts = (await h.token(clerk.subject)).split('.');
    const none = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${parts[1]}.`;
    const other = `${parts[0]}.${Buffer.from(JSON.stringify({ sub: clerk.subject, iss: 'https://issuer.test', aud: 'fenxiao', exp: 9e9 })).toString('base64url')}.${parts[2]}`;
    for (const bad of [none, other, 'x', '']) expect(await call(bad)).toBe(401);
    expect((await h.request('GET', '/me')).body).toMatchObject({ status: 401, rule: 'X-01' });
  });

  it('refuses somebody nobody knows', async () => {
    expect((await h.request('GET', '/me', { token: await h.token('stranger') })).body).toMatchObject({
      status: 403,
      code: 'auth.unknown-person',
    });
  });

  it('carries the trace of a request into its events, and begins one where there is none', async () => {
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const followed = await clerk.post('/custody', { item: 'key', place: 'hall' }, { traceparent });
    const begun = await hold();
    await h.settle();
    const { rows } = await h.pool.query<{ key: string; headers: string }>(
      'SELECT key, headers FROM event_log.record WHERE key = ANY($1)',
      [[followed.body.id, begun.id]],
    );
    const of = (id: string) =>
      (JSON.parse(rows.find(({ key }) => key === id)!.headers) as { traceparent: string }).traceparent;
    expect(of(followed.body.id)).toMatch(/^00-0af7651916cd43dd8448eb211c80319c-(?!b7ad6b7169203331)[0-9a-f]{16}-/);
    expect(of(begun.id)).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/);
  });

  it('is live and ready without a token', async () => {
    expect((await h.request('GET', '/health/live')).status).toBe(200);
    expect((await h.request('GET', '/health/ready')).body).toEqual({ status: 'ready' });
  });
});

describe('bounds', () => {
  it('bounds what a client may send, and how often, with a clear word', async () => {
    const small = await harness(
      { name: 'distributors', config: baseConfig, procedures: [bindForm(custody)], migrations: [] },
      { env: { BODY_LIMIT_BYTES: '2048', REQUESTS_PER_MINUTE: '20' } },
    );
    const reception = await small.staff('sales-support-clerk');
    const large = await reception.post('/custody', { item: 'x'.repeat(4000), place: 'hall' });
    expect(large).toMatchObject({ status: 413, body: { status: 413, code: 'http.413' } });
    const answers = await Promise.all(Array.from({ length: 40 }, () => reception.get('/me')));
    const refused = answers.find(({ status }) => status === 429);
    expect(refused).toMatchObject({ body: { status: 429, code: 'http.429' } });
    expect(refused!.headers.get('content-type')).toContain('application/problem+json');
    expect(Number(refused!.headers.get('retry-after'))).toBeGreaterThan(0);
    await small.close();
  });

  it('sends security headers', async () => {
    const { headers } = await h.request('GET', '/health/live');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('strict-transport-security')).toContain('max-age');
  });
});

describe('retries and concurrency', () => {
  it('answers a repeated Idempotency-Key as the first time, and refuses it with another body', async () => {
    const key = { 'idempotency-key': 'k1' };
    const first = await clerk.post('/custody', { item: 'hat', place: 'hall' }, key);
    const again = await clerk.post('/custody', { item: 'hat', place: 'hall' }, key);
    expect([again.status, again.body, again.headers.get('etag')]).toEqual([201, first.body, '"1"']);
    expect(await clerk.post('/custody', { item: 'coat', place: 'hall' }, key)).toMatchObject({
      status: 422,
      body: { code: 'request.idempotency-key-reused' },
    });
    const another = await h.staff('sales-support-clerk');
    expect((await another.post('/custody', { item: 'coat', place: 'hall' }, key)).status).toBe(201);
  });

  it('does it once when twenty clients send one key at the same time', async () => {
    const answers = await Promise.all(
      Array.from({ length: 20 }, () =>
        clerk.post('/custody', { item: 'once', place: 'hall' }, { 'idempotency-key': 'k2' }),
      ),
    );
    expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1);
    expect(answers.every(({ status }) => status === 201)).toBe(true);
  });

  it('needs the version for an edit, and refuses a stale one', async () => {
    const { id } = await hold();
    const body = { receivedBy: 'owner' };
    expect((await clerk.post(`/custody/${id}/return`, body)).body).toMatchObject({
      status: 428,
      code: 'request.version-needed',
    });
    await clerk.post(`/custody/${id}/notify`);
    expect((await clerk.post(`/custody/${id}/return`, body, { 'if-match': '"1"' })).body).toMatchObject({
      status: 412,
      code: 'request.stale-version',
    });
    expect((await clerk.post(`/custody/${id}/return`, body, { 'if-match': '"2"' })).status).toBe(200);
  });

  it('lets one of many concurrent movers through, and numbers events without gaps', async () => {
    const { id } = await hold();
    const answers = await Promise.all(Array.from({ length: 12 }, () => clerk.post(`/custody/${id}/notify`)));
    expect(answers.map(({ status }) => status).sort((a, b) => a - b)).toEqual([
      200,
      ...Array.from({ length: 11 }, () => 409),
    ]);
    expect((await eventsOf(id)).map(({ sequence }) => sequence)).toEqual([1, 2]);
  });

  it('numbers documents without gaps whatever fails', async () => {
    await Promise.all(
      Array.from({ length: 10 }, (_, i) => (i % 3 === 0 ? clerk.post('/custody', { item: '' }) : hold())),
    );
    const { rows } = await h.pool.query(`SELECT number FROM form_document WHERE procedure = 'custody' ORDER BY number`);
    expect(rows.map(({ number }) => number)).toEqual(rows.map((_, i) => `DC-2026-${String(i + 1).padStart(6, '0')}`));
  });
});

describe('clocks', () => {
  it('warns at 80 % and breaches at 100 % of the business time, and stops with the move', async () => {
    h.time.set('2026-03-10T02:00:00Z'); // Tuesday 10:00: eight working hours end Wednesday 10:00
    const { id } = await hold();
    const stopped = await hold();
    const facts = async (of: string) => (await eventsOf(of)).map(({ type }) => shortType(type));
    h.time.set('2026-03-10T09:23:59Z');
    await h.service.clocks.tick();
    expect(await facts(id)).toEqual(['held.v1']);
    h.time.set('2026-03-10T09:24:00Z'); // 6.4 of 8 hours
    await until(
      'the warning',
      async () => (await h.service.clocks.tick(), (await facts(id)).includes('clock-warned.v1')),
    );
    await clerk.post(`/custody/${stopped.id}/notify`);
    h.time.set('2026-03-11T02:00:00Z');
    await until(
      'the breach',
      async () => (await h.service.clocks.tick(), (await facts(id)).includes('clock-breached.v1')),
    );
    expect(await facts(id)).toEqual(['held.v1', 'clock-warned.v1', 'clock-breached.v1']);
    expect((await eventsOf(id))[2]!.data).toMatchObject({
      move: 'notify',
      dueAt: '2026-03-11T02:00:00.000Z',
      escalateTo: 'sales-manager',
      meta: { rule: 'D-35' },
    });
    expect(await facts(stopped.id)).not.toContain('clock-breached.v1');
    const late = await clerk.post(`/custody/${id}/notify`);
    expect(late.status).toBe(200);
    expect((await eventsOf(id)).at(-1)!.data.meta).toMatchObject({ move: { dueAt: '2026-03-11T02:00:00.000Z' } });
  });
});

describe('approvals (X-06)', () => {
  let salesManager: Member;
  let deputy: Member;
  let salesGm: Member;
  let gm: Member;
  beforeAll(async () => {
    h.time.set('2026-03-10T02:00:00Z');
    salesManager = await h.staff('sales-manager');
    deputy = await h.staff('deputy-general-manager-sales');
    salesGm = await h.staff('sales-general-manager');
    gm = await h.staff(['general-manager', 'sales-manager']);
  });
  const submit = async (by: Member = manager) => (await by.post('/promotions', { text: 'spring' })).body.id as string;
  const decide = (who: Member, id: string, outcome: string, reason?: string) =>
    who.post(`/promotions/${id}/${outcome}`, reason ? { reason } : {});

  clause('X-06', 'allowed', 'steps follow each other; two of three fill a step in any order', async () => {
    const id = await submit();
    expect(await decide(deputy, id, 'approve')).toMatchObject({
      status: 403,
      body: { code: 'approval.not-your-step' },
    });
    expect((await decide(salesManager, id, 'approve')).body).toMatchObject({ state: 'submitted' });
    expect((await decide(gm, id, 'approve')).body).toMatchObject({ state: 'submitted' });
    expect((await decide(deputy, id, 'approve')).body).toMatchObject({ state: 'approved' });
    expect((await eventsOf(id)).map(({ type }) => shortType(type))).toEqual([
      'submitted.v1',
      'signed.v1',
      'signed.v1',
      'approved.v1',
    ]);
  });

  clause('X-06', 'refused', 'nobody approves their own, nobody signs twice', async () => {
    const own = await submit(salesManager);
    expect(await decide(salesManager, own, 'approve')).toMatchObject({
      status: 403,
      body: { code: 'procedure.own-matter', rule: 'X-06' },
    });
    const id = await submit();
    await decide(gm, id, 'approve'); // as sales manager
    expect(await decide(gm, id, 'approve')).toMatchObject({ status: 409, body: { code: 'approval.already-decided' } });
  });

  clause('X-06', 'boundary', 'a rejection needs a reason; a return starts the signatures anew', async () => {
    const id = await submit();
    await decide(salesManager, id, 'approve');
    expect(await decide(deputy, id, 'reject')).toMatchObject({ status: 400, body: { field: 'reason' } });
    expect((await decide(deputy, id, 'return', 'too dear')).body.state).toBe('returned');
    expect((await manager.post(`/promotions/${id}/resubmit`, { text: 'cheaper' })).body.state).toBe('submitted');
    expect(await decide(salesGm, id, 'approve')).toMatchObject({
      status: 403,
      body: { code: 'approval.not-your-step' },
    });
    await decide(salesManager, id, 'approve');
    const rejected = await decide(salesGm, id, 'reject', 'no budget');
    expect(rejected.body).toMatchObject({ state: 'rejected', form: { text: 'cheaper' } });
    expect((await eventsOf(id)).at(-1)!.data.meta).toMatchObject({
      reason: 'no budget',
      before: { state: 'submitted' },
      after: { state: 'rejected' },
    });
  });

  it('expires when nobody decides in time', async () => {
    const id = await submit();
    h.time.set('2026-03-13T10:00:00Z'); // Friday 18:00: three working days are over
    const state = async () => (await manager.get(`/promotions/${id}`)).body.state;
    await until('the expiry', async () => (await h.service.clocks.tick(), (await state()) === 'expired'));
    expect((await eventsOf(id)).at(-1)).toMatchObject({
      type: 'fenxiao.distributors.promotion.expired.v1',
      data: { meta: { actor: 'system', rule: 'P-20' } },
    });
  });
});

describe('the audit chain (X-15)', () => {
  const chain = () => h.service.app.get(Maintenance).chain();
  const sql = {
    query: async <Row extends object>(text: string, values: readonly unknown[] = []) =>
      (await h.pool.query<Row>(text, [...values])).rows,
  };

  clause('X-15', 'allowed', 'every move is in it, and it holds', async () => {
    const { id } = await hold();
    await chain();
    const report = await verifyChain(sql, 7);
    expect(report).toMatchObject({ verified: report.links });
    expect(report.brokenAt).toBeUndefined();
    const { rows } = await h.pool.query('SELECT move, after FROM audit WHERE subject = $1', [id]);
    expect(rows).toEqual([{ move: 'hold', after: expect.objectContaining({ state: 'held' }) }]);
  });

  clause('X-15', 'refused', 'T31: a row edited in the database is found', async () => {
    const { id } = await hold();
    await chain();
    await h.pool.query(`UPDATE audit SET actor = 'nobody' WHERE subject = $1`, [id]);
    expect((await verifyChain(sql)).brokenAt).toBeDefined();
    await h.pool.query(`UPDATE audit SET actor = $2 WHERE subject = $1`, [id, clerk.id]);
    expect((await verifyChain(sql)).brokenAt).toBeUndefined();
  });

  clause('X-15', 'boundary', 'T31: a deleted row and a row kept out of the chain are found', async () => {
    // The chain is extended every second: not between the move and the deed.
    const thief = await h.pool.connect();
    await thief.query(`SELECT pg_advisory_lock(hashtext('audit chain ' || current_schema()))`);
    const { id } = await hold();
    await thief.query('DELETE FROM audit_queue WHERE audit_id = (SELECT id FROM audit WHERE subject = $1)', [id]);
    thief.release(true);
    await chain();
    expect((await verifyChain(sql)).brokenAt).toMatchObject({ seq: 'none' });
  });
});

it('has every term of its procedures in the dictionary', () => {
  expect([custody, promotion].flatMap((p) => missingTerms(p))).toEqual([]);
});

it('refuses to declare what the table can not hold', () => {
  const events = aggregate('complaints', 'kit-test', { opened: {}, closed: {} });
  const start = { move: 'open', to: 'open', by: {}, form: z.object({}), fact: 'opened' } as const;
  expect(() =>
    procedure({ name: 'x', clause: 'X-03', events, states: ['open', 'lost'], read: {}, start, moves: {} }),
  ).toThrow('nothing leads to lost');
  expect(() =>
    procedure({
      name: 'x',
      clause: 'X-03',
      events,
      states: ['open'],
      read: {},
      start,
      moves: { close: { from: 'open', by: {}, fact: 'closed', clock: { within: hours(1), breach: 'nothing' } } },
    }),
  ).toThrow('no move "nothing"');
});
