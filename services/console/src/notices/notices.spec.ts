import { personEvents, positionEvents } from '@fenxiao/contracts/appraisals';
import type { FactData } from '@fenxiao/contracts/event';
import { noticeEvents } from '@fenxiao/contracts/platform';
import { erasureEvents, powerChangeEvents } from '@fenxiao/contracts/powers';
import { newId } from '@fenxiao/domain/id';
import { clause } from '@fenxiao/testing/clause';
import { harness, type Harness, type Member } from '@fenxiao/testing/harness';
import { until } from '@fenxiao/testing/wait';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { consoleService } from '../service.js';

/** What other services ask for, through the log, into the inboxes. */
const requested = noticeEvents('orders').requested;
const changed = powerChangeEvents('orders').approved;
type Notice = FactData<typeof requested>;

let h: Harness;
let administrator: Member;
beforeAll(async () => {
  h = await harness(consoleService, { env: { GATEWAY_URL: 'http://gateway.test/' } });
}, 60_000);
afterAll(() => h?.close());
beforeEach(() =>
  h.pool.query(`UPDATE known_position SET valid_to = '2021-01-01' WHERE 'system-administrator' = ANY(roles)`),
);

const about = newId();
const ask = async (to: Notice['to'], notice: Partial<Notice> = {}) => {
  await h.publish(requested, newId(), {
    kind: 'approval',
    procedure: 'price-exception',
    about,
    number: 'PE-2026-000001',
    move: 'approve',
    state: 'submitted',
    to,
    ...notice,
  });
  await h.settle();
};
const inbox = async (member: Member, query = '', language = 'en') =>
  (await member.get(`/notices${query}`, { 'accept-language': language })).body;
const titles = async (member: Member) => (await inbox(member)).items.map(({ title }: { title: string }) => title);

describe('who is told', () => {
  clause(
    'X-06',
    'allowed',
    "an approval reaches the region's manager and one above, not another region's",
    async () => {
      const west = await h.region(`west-${newId()}`);
      const southwest = await h.region(`southwest-${newId()}`, west);
      const [above, here, elsewhere] = [
        await h.staff('regional-manager', { regionId: west }),
        await h.staff('regional-manager', { regionId: southwest }),
        await h.staff('regional-manager', { regionId: await h.region(`north-${newId()}`) }),
      ];
      await ask({ powers: { 'regional-manager': 'region' }, region: southwest });
      for (const member of [above, here])
        expect(await inbox(member)).toMatchObject({
          unread: 1,
          next: null,
          items: [
            {
              title: 'Approval requested: Price exception PE-2026-000001',
              link: `http://gateway.test/api/orders/price-exceptions/${about}`,
              readAt: null,
            },
          ],
        });
      expect((await inbox(elsewhere)).items).toEqual([]);
      const { title, text } = (await inbox(here, '', 'zh')).items[0];
      expect([title, text]).toEqual([
        expect.stringMatching(/^待审批：.+ PE-2026-000001$/),
        expect.stringContaining('待办：批准'),
      ]);
    },
  );

  clause('X-02', 'boundary', 'a change of powers holds from its day on: who lost the power is not asked', async () => {
    const [asked, dropped] = [await h.staff('deputy-general-manager-sales'), await h.staff('sales-general-manager')];
    const change = {
      procedure: 'price-exception',
      move: 'approve',
      role: 'sales-general-manager',
      power: 'never',
    } as const;
    const publish = async (form: { validFrom: string; power?: 'as-declared' }) => {
      await h.publish(changed, newId(), { state: 'approved', form: { ...change, ...form } });
      await h.settle();
    };
    await publish({ validFrom: '2026-03-11' });
    const powers = { 'deputy-general-manager-sales': 'all', 'sales-general-manager': 'all' };
    await ask({ powers });
    expect([(await inbox(asked)).unread, (await inbox(dropped)).unread]).toEqual([1, 1]);
    await publish({ validFrom: '2026-03-10' });
    await ask({ powers });
    await ask({ powers }, { move: 'reject' });
    expect([(await inbox(asked)).unread, (await inbox(dropped)).unread]).toEqual([3, 2]);
    const both = await h.staff(['deputy-general-manager-sales', 'sales-general-manager']);
    await ask({ powers });
    expect((await inbox(both)).unread).toBe(0);
    await publish({ validFrom: '2026-03-10', power: 'as-declared' });
    await ask({ powers });
    expect((await inbox(both)).unread).toBe(1);
  });

  clause('X-02', 'refused', 'a position that ended yesterday receives nothing, nor does who has left', async () => {
    administrator = await h.staff('system-administrator');
    const [past, gone] = [await h.staff('trainer'), await h.staff('trainer')];
    await h.pool.query(`UPDATE known_position SET valid_to = '2026-03-09' WHERE person = $1`, [past.id]);
    await h.publish(personEvents.left, gone.id, { staffNumber: 'S-GONE', lastDay: '2026-03-10' }, 2);
    await h.settle();
    await ask({ powers: { trainer: 'all' }, persons: [gone.id] });
    const { rows } = await h.pool.query('SELECT person FROM notice WHERE person = ANY($1)', [[past.id, gone.id]]);
    expect(rows).toEqual([]);
    // Nobody is left: the system administrator is told that it is so.
    expect((await inbox(administrator)).items).toMatchObject([
      {
        text: expect.stringContaining(
          'Nobody could receive this, so it goes to the system administrator; it is for: Trainer',
        ),
      },
    ]);
  });

  clause(
    'X-02',
    'boundary',
    'a position counts on its last day; nobody is told twice, nor who is excepted',
    async () => {
      const [last, maker] = [await h.staff(['finance', 'auditor']), await h.staff('finance')];
      await h.pool.query(`UPDATE known_position SET valid_to = '2026-03-10' WHERE person = $1`, [last.id]);
      await h.publish(positionEvents.assigned, newId(), {
        personId: last.id,
        roles: ['finance'],
        validFrom: '2020-01-01',
      });
      await ask({ powers: { finance: 'all', auditor: 'all' }, persons: [last.id], except: [maker.id] });
      expect(await titles(last)).toHaveLength(1);
      expect(await titles(maker)).toEqual([]);
    },
  );

  it('reaches the unit, and the one it belongs to, and no others', async () => {
    const unit = await h.staff('operations', { unit: 'shop-1' });
    const other = await h.staff('operations', { unit: 'shop-2' });
    const [owner, colleague] = [await h.staff('salesperson'), await h.staff('salesperson')];
    await ask({
      powers: { operations: 'unit', salesperson: 'own' },
      unit: 'shop-1',
      createdBy: 'system',
      owner: owner.id,
    });
    const counts = await Promise.all(
      [unit, other, owner, colleague].map(async (member) => (await titles(member)).length),
    );
    expect(counts).toEqual([1, 0, 1, 0]);
  });
});

describe('the inbox', () => {
  clause('X-20', 'refused', "nobody reads another's notice, marks it, or sees where it went", async () => {
    const [mine, other] = [await h.staff('finance'), await h.staff('finance')];
    await ask({ persons: [mine.id] });
    const [{ id }] = (await inbox(mine)).items;
    const refused = { status: 403, body: { code: 'procedure.outside-scope', rule: 'X-20' } };
    expect(await other.post(`/notices/${id}/read`)).toMatchObject(refused);
    expect(await other.get(`/notices/${id}/deliveries`)).toMatchObject(refused);
    expect(await other.post(`/notices/${newId()}/read`)).toMatchObject({ status: 404 });
    const audit = await h.pool.query(`SELECT rule, outcome FROM audit WHERE actor = $1`, [other.id]);
    expect(audit.rows).toEqual([{ rule: 'X-20', outcome: 'refused' }]);
    expect((await inbox(mine)).unread).toBe(1);
  });

  clause('X-20', 'allowed', 'one marks what is read, once per Idempotency-Key, and all at once', async () => {
    const reader = await h.staff('finance');
    for (const kind of ['reminder', 'breach', 'information']) await ask({ persons: [reader.id] }, { kind });
    const { items } = await inbox(reader);
    expect(items.map(({ kind }: { kind: string }) => kind)).toEqual(['information', 'breach', 'reminder']);
    const key = { 'idempotency-key': newId() };
    const first = await reader.post(`/notices/${items[0].id}/read`, {}, key);
    expect(first.body.readAt).toBe('2026-03-10T02:00:00.000Z');
    expect((await reader.post(`/notices/${items[0].id}/read`, {}, key)).body).toEqual(first.body);
    const after = await inbox(reader);
    expect([after.unread, after.items.map(({ kind }: { kind: string }) => kind)]).toEqual([
      2,
      ['breach', 'reminder', 'information'],
    ]);
    expect((await inbox(reader, '?state=read')).items).toHaveLength(1);
    expect((await inbox(reader, '?kind=breach')).items).toHaveLength(1);
    expect((await reader.post('/notices/read-all')).body).toEqual({ read: 2 });
    expect((await inbox(reader)).unread).toBe(0);
    expect((await reader.get(`/notices/${items[0].id}/deliveries`)).body).toEqual([
      expect.objectContaining({ channel: 'inbox', state: 'delivered', deliveredAt: '2026-03-10T02:00:00.000Z' }),
    ]);
  });

  clause('X-20', 'boundary', 'pages through ten thousand notices, each once, unread ones first', async () => {
    const reader = await h.staff('finance');
    const other = await h.staff('finance');
    await h.pool.query(
      `INSERT INTO notice (id, event, person, kind, service, procedure, rule, at, read_at)
       SELECT gen_random_uuid(), gen_random_uuid(), p, 'reminder', 'orders', 'order', 'O-01', now(), CASE WHEN n % 3 = 0 THEN now() END
       FROM generate_series(1, 10000) n, unnest($1::uuid[]) p`,
      [[reader.id, other.id]],
    );
    const seen: { id: string; readAt: string | null }[] = [];
    for (let cursor = ''; ;) {
      const { items, next, unread } = await inbox(reader, `?limit=200${cursor}`);
      expect(unread).toBe(6667);
      seen.push(...items);
      if (next === null) break;
      cursor = `&cursor=${next}`;
    }
    expect(new Set(seen.map(({ id }) => id)).size).toBe(10_000);
    expect(seen.findIndex(({ readAt }) => readAt !== null)).toBe(6667);
    expect(seen.slice(6667).every(({ readAt }) => readAt !== null)).toBe(true);
    expect(seen).toHaveLength(10_000);
  });

  clause('X-20', 'boundary', 'whoever is erased has no address here any more; what they were told stays', async () => {
    const member = await h.staff('trainer');
    const token = await h.token(member.subject);
    await h.request('PUT', '/notices/preferences', { token, body: { email: 'gone@example.com' } });
    await ask({ persons: [member.id] });
    const form = { procedure: 'person', subjectId: member.id, ground: 'purpose-ended' } as const;
    await h.publish(erasureEvents('appraisals').approved, newId(), { state: 'approved', form });
    await h.settle();
    expect((await member.get('/notices/preferences')).body.email).toBeNull();
    expect((await inbox(member)).unread).toBe(1);
  });

  it('names what is wrong with a query', async () => {
    const reader = await h.staff('finance');
    expect(await reader.get('/notices?cursor=x&colour=red')).toMatchObject({
      status: 400,
      body: { code: 'request.invalid-query', errors: [{ field: 'cursor' }, { field: 'colour' }] },
    });
  });
});

it('answers what is refused at the door with a problem, as every service does', async () => {
  const member = await h.staff('office');
  const list = await member.post('/notices/read-all', [null]);
  expect(list).toMatchObject({ status: 400, body: { code: 'request.not-an-object' } });
  const text = await member.get('/notices?kind=%00');
  expect(text).toMatchObject({ status: 400, body: { code: 'request.unkeepable-text' } });
  for (const { headers } of [list, text]) expect(headers.get('content-type')).toMatch('application/problem+json');
});

it('keeps what nobody at all can receive until somebody can', async () => {
  await ask({ powers: { 'sample-keeper': 'all' } }, { number: 'KEPT-1' });
  const { rows } = await h.pool.query(`SELECT body->'data'->>'number' AS number FROM notice_unreceived`);
  expect(rows).toEqual([{ number: 'KEPT-1' }]);
  const late = await h.staff('sample-keeper');
  await until('the notice to be told', async () => (await titles(late)).length === 1);
});
