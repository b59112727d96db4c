import { departmentEvents, personEvents, positionEvents } from '@fenxiao/contracts/appraisals';
import { newId } from '@fenxiao/domain/id';
import { clause } from '@fenxiao/testing/clause';
import { harness, type Harness, type Reply } from '@fenxiao/testing/harness';
import { until } from '@fenxiao/testing/wait';
import { schemaDrift } from '@fenxiao/testing/drift';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { appraisals } from './service.js';

/** Nobody is published here as another service would: the first account registers the rest. */
let h: Harness;
let region: string;
const call = async (
  subject: string,
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Reply> =>
  h.request(method, path, { token: await h.token(subject), ...(body === undefined ? {} : { body }), headers });
const admin = (path: string, body: unknown = {}) => call('admin-account', 'POST', path, body);
const hr = (path: string, body: unknown = {}) => call('hr-account', 'POST', path, body);

beforeAll(async () => {
  h = await harness(appraisals, {
    now: '2026-03-10T02:00:00Z',
    env: { BOOTSTRAP_ADMIN_SUBJECT: 'admin-account', BOOTSTRAP_IMPORTER_SUBJECT: 'import-account' },
  });
  await h.settle();
  region = await h.region('EAST');
  await call('import-account', 'POST', '/imports/people', {
    importId: newId(),
    rows: [{ staffNumber: 'HR1', name: 'HR', subject: 'hr-account', category: 'manager', kind: 'support' }],
  });
  await call('import-account', 'POST', '/imports/positions', {
    importId: newId(),
    rows: [{ staffNumber: 'HR1', roles: ['human-resources'] }],
  });
  await h.settle();
}, 60_000);
afterAll(() => h?.close());
beforeEach(() => h.time.set('2026-03-10T02:00:00Z'));

let made = 0;
const register = async (over: object = {}) => {
  const number = ++made;
  return hr('/people', {
    staffNumber: `T${number}`,
    name: `Person ${number}`,
    account: `account-T${number}`,
    category: 'business',
    kind: 'sales',
    employment: 'regular',
    ...over,
  });
};
/** The status of a request somebody makes, once the service has learnt who that is. */
const statusOf = async (subject: string) => (await call(subject, 'GET', '/me')).status;

/** Somebody with an account and positions from today on, known to the service. */
const employ = async (roles: string[]) => {
  const { body } = await register();
  await hr('/positions', { personId: body.id, roles });
  await until('the position to be known', async () => {
    const { body: me } = await call(body.subject, 'GET', '/me');
    return roles.every((role) => me.roles?.includes(role));
  });
  return {
    id: body.id as string,
    get: (path: string) => call(body.subject, 'GET', path),
    post: (path: string, form: unknown = {}) => call(body.subject, 'POST', path, form),
  };
};

describe('X-05 acting for an absent manager', () => {
  const untilFive = '2026-03-10T09:00:00.000Z';
  let manager: Awaited<ReturnType<typeof employ>>;
  let clerk: Awaited<ReturnType<typeof employ>>;
  beforeAll(async () => {
    [manager, clerk] = [await employ(['sales-manager']), await employ(['sales-support-clerk'])];
  });
  const announce = (over: object = {}) =>
    manager.post('/delegations', { absentId: manager.id, delegateId: clerk.id, until: untilFive, ...over });

  clause('X-05', 'allowed', 'from now until a time, published at its beginning and its end', async () => {
    const { body } = await announce();
    expect(body).toMatchObject({ state: 'started' });
    await until('the clerk to act', async () => {
      const { body: me } = await clerk.get('/me');
      return me.acting[0]?.actingFor === manager.id;
    });
    h.time.set(untilFive);
    await until('the acting to end', async () => {
      await h.service.clocks.tick();
      return (await call('hr-account', 'GET', `/delegations/${body.id}`)).body.state === 'ended';
    });
    const facts = (await h.events()).filter(({ subject, type }) => subject === body.id && !type.includes('clock'));
    expect(facts.map(({ type }) => type.split('.')[3])).toEqual(['announced', 'started', 'ended']);
  });

  clause('X-05', 'refused', 'for another manager, by somebody who is no support clerk, twice at a time', async () => {
    const other = await employ(['sales-manager']);
    const code = async (over: object) => (await announce(over)).body.code;
    expect(await code({ absentId: other.id })).toBe('appraisals.delegation.own-absence-only');
    expect(await code({ delegateId: other.id })).toBe('appraisals.delegation.lacks-position');
    expect(await code({ delegateId: manager.id })).toBe('appraisals.delegation.for-yourself');
    const { body } = await announce({ from: '2026-03-10T03:00:00.000Z' });
    expect(body).toMatchObject({ state: 'announced' });
    expect(await code({ from: '2026-03-10T08:59:59.999Z', until: '2026-03-10T10:00:00.000Z' })).toBe(
      'appraisals.delegation.already-delegated',
    );
    expect((await other.post(`/delegations/${body.id}/withdraw`, { reason: 'x' })).body.rule).toBe('X-05');
    expect((await manager.post(`/delegations/${body.id}/withdraw`, { reason: 'stays' })).body.state).toBe('withdrawn');
  });

  clause('X-05', 'boundary', 'one may follow the other at the same instant; none begins in the past', async () => {
    const noon = '2026-03-10T04:00:00.000Z';
    const first = await announce({ from: '2026-03-10T03:00:00.000Z', until: noon });
    const second = await announce({ from: noon });
    expect([first.status, second.status]).toEqual([201, 201]);
    const past = await announce({ from: '2026-03-10T01:59:59.999Z' });
    expect(past.body).toMatchObject({ code: 'appraisals.delegation.no-such-time', rule: 'X-05' });
    for (const { body } of [first, second]) await hr(`/delegations/${body.id}/withdraw`, { reason: 'stays' });
  });
});

describe('X-01 named accounts', () => {
  clause('X-01', 'allowed', 'the first administrator and the import are persons of their own', async () => {
    const { body } = await call('admin-account', 'GET', '/me');
    expect(body.roles).toEqual(['system-administrator']);
    expect((await call('import-account', 'GET', '/me')).body.roles).toEqual(['importer']);
    const { rows } = await h.pool.query(
      `SELECT count(*)::int AS n FROM person WHERE staff_number IN ('SYSADMIN', 'IMPORT')`,
    );
    expect(rows).toEqual([{ n: 2 }]);
  });

  clause('X-01', 'refused', 'an account is not shared, and one that belongs to nobody opens nothing', async () => {
    const { body } = await register();
    expect((await register({ account: body.subject })).body).toMatchObject({
      status: 409,
      code: 'appraisals.person.account-taken',
      rule: 'X-01',
    });
    const other = await register();
    expect((await admin(`/people/${other.body.id}/link-account`, { account: body.subject })).body.code).toBe(
      'appraisals.person.account-taken',
    );
    expect((await call('nobody', 'GET', '/me')).body).toMatchObject({
      status: 403,
      code: 'auth.unknown-person',
      rule: 'X-01',
    });
  });

  clause('X-01', 'boundary', 'a person without an account gets one later, from the administrator only', async () => {
    const { body } = await register({ account: undefined });
    expect((await hr(`/people/${body.id}/link-account`, { account: 'late' })).status).toBe(403);
    expect((await admin(`/people/${body.id}/link-account`, { account: 'late' })).body).toMatchObject({
      subject: 'late',
    });
    await until('the account to open', async () => (await statusOf('late')) === 200);
  });
});

describe('X-01a who is staff', () => {
  clause('X-01a', 'allowed', 'category, kind and employment state are kept; the name stays out of events', async () => {
    const { body } = await register({
      name: 'Somebody Unmistakable',
      category: 'manager',
      kind: 'research',
      employment: 'probation',
    });
    expect(body).toMatchObject({
      state: 'employed',
      category: 'manager',
      kind: 'research',
      employment: 'probation',
      joinedOn: '2026-03-10',
    });
    const [registered] = (await h.events(personEvents.registered)).filter(({ subject }) => subject === body.id);
    expect(registered!.data).toMatchObject({ staffNumber: body.staffNumber, employment: 'probation' });
    expect(JSON.stringify(await h.events())).not.toContain('Unmistakable');
  });

  clause(
    'X-01a',
    'refused',
    'an unknown kind, a staff number twice, leaving in the past, or registering without being personnel',
    async () => {
      expect((await register({ kind: 'astronaut' })).body).toMatchObject({ status: 400, field: 'kind' });
      expect((await register({ staffNumber: 'HR1' })).body.code).toBe('appraisals.person.staff-number-taken');
      const { body } = await register();
      expect((await hr(`/people/${body.id}/leave`, { lastDay: '2026-03-09' })).body.code).toBe(
        'appraisals.person.leaving-in-the-past',
      );
      expect(
        (
          await admin('/people', {
            staffNumber: 'X',
            name: 'X',
            category: 'business',
            kind: 'sales',
            employment: 'regular',
          })
        ).status,
      ).toBe(403);
    },
  );

  clause('X-01a', 'boundary', 'leaving ends all access the same day, and ends the positions', async () => {
    const { body } = await register();
    const held = await hr('/positions', { personId: body.id, roles: ['salesperson'], regionId: region });
    await until('access', async () => (await statusOf(body.subject)) === 200);
    await hr(`/people/${body.id}/leave`, { lastDay: '2026-03-10' });
    await until('access to end', async () => (await statusOf(body.subject)) === 403);
    expect((await call('hr-account', 'GET', `/positions/${held.body.id}`)).body).toMatchObject({
      state: 'ended',
      validTo: '2026-03-10',
    });
    expect((await h.events(positionEvents.ended)).at(-1)!.subject).toBe(held.body.id);
  });
});

describe('X-02 positions and powers', () => {
  clause('X-02', 'allowed', 'a position gives its roles from its first day, everywhere', async () => {
    const { body } = await register();
    await hr('/positions', {
      personId: body.id,
      roles: ['regional-manager'],
      regionId: region,
      validFrom: '2026-03-11',
    });
    await h.settle();
    await until('the person to be known', async () => (await statusOf(body.subject)) === 200);
    expect((await call(body.subject, 'GET', '/me')).body.roles).toEqual([]);
    h.time.set('2026-03-10T16:00:00Z');
    expect((await call(body.subject, 'GET', '/me')).body).toMatchObject({
      roles: ['regional-manager'],
      positions: [{ region, regions: [region] }],
    });
  });

  clause(
    'X-02',
    'refused',
    'nobody gives themselves a position; nobody who has left, no unknown region, no unknown role',
    async () => {
      const { rows } = await h.pool.query<{ id: string }>(`SELECT id FROM person WHERE account = 'hr-account'`);
      expect((await hr('/positions', { personId: rows[0]!.id, roles: ['general-manager'] })).body).toMatchObject({
        status: 403,
        code: 'appraisals.position.own',
        rule: 'X-02',
      });
      expect((await hr('/positions', { personId: newId(), roles: ['finance'] })).body.code).toBe(
        'appraisals.person.unknown',
      );
      const { body } = await register();
      expect((await hr('/positions', { personId: body.id, roles: ['finance'], regionId: newId() })).body.code).toBe(
        'appraisals.region.unknown',
      );
      expect((await hr('/positions', { personId: body.id, roles: ['emperor'] })).body).toMatchObject({
        status: 400,
        field: 'roles.0',
      });
    },
  );

  clause('X-02', 'allowed', 'a mistaken position is taken back the same day', async () => {
    const { body } = await register();
    const { body: held } = await hr('/positions', { personId: body.id, roles: ['finance'] });
    const roles = async () => (await call(body.subject, 'GET', '/me')).body.roles as string[];
    await until('the position to be known', async () => (await roles())?.length === 1);
    expect((await hr(`/positions/${held.id}/end`, { validTo: '2026-03-09' })).body).toMatchObject({ state: 'ended' });
    await until('it to be gone', async () => (await roles()).length === 0);
    expect((await call('hr-account', 'GET', `/positions/${held.id}`)).body).toMatchObject({
      validFrom: '2026-03-10',
      validTo: '2026-03-09',
    });
  });

  clause('X-02', 'boundary', 'the last day is included; the day after, the powers are gone', async () => {
    const { body } = await register();
    await admin('/positions', { personId: body.id, roles: ['finance'], validTo: '2026-03-10' });
    const roles = async () => (await call(body.subject, 'GET', '/me')).body.roles as string[];
    await until('the position to be known', async () => (await roles())?.length === 1);
    h.time.set('2026-03-10T15:59:59Z');
    expect(await roles()).toEqual(['finance']);
    h.time.set('2026-03-10T16:00:00Z');
    expect(await roles()).toEqual([]);
    expect(
      (
        await admin('/positions', {
          personId: body.id,
          roles: ['finance'],
          validFrom: '2026-03-12',
          validTo: '2026-03-11',
        })
      ).body.code,
    ).toBe('appraisals.position.ends-before-it-begins');
  });
});

describe('P-49 revising the organisation', () => {
  const content = (over: object = {}) => ({
    code: 'SALES',
    name: 'Sales department',
    functions: ['sell'],
    jobs: [{ role: 'sales-manager', duties: ['contracts'] }],
    validFrom: '2026-03-10',
    ...over,
  });
  const inForce = async (code: string) =>
    (
      (await call('hr-account', 'GET', '/departments?state=in-force&limit=200')).body.items as {
        form: { code: string; name: string };
      }[]
    ).filter(({ form }) => form.code === code);

  clause('P-49', 'allowed', 'a new version takes effect on its day; the old one is kept as replaced', async () => {
    await hr('/departments', content());
    await hr('/departments', content({ name: 'Sales and service', validFrom: '2026-03-12' }));
    expect((await inForce('SALES')).map(({ form }) => form.name)).toEqual(['Sales department']);
    h.time.set('2026-03-11T16:00:00Z');
    await until(
      'the new version',
      async () => (await h.service.clocks.tick(), (await inForce('SALES'))[0]?.form.name === 'Sales and service'),
    );
    expect(await inForce('SALES')).toHaveLength(1);
    expect((await h.events(departmentEvents.replaced)).map(({ data }) => data)).toMatchObject([
      { state: 'replaced', form: { name: 'Sales department' } },
    ]);
  });
  clause(
    'P-49',
    'refused',
    'history is not overwritten: nothing takes effect in the past, nothing in force is changed',
    async () => {
      expect((await hr('/departments', content({ validFrom: '2026-03-09' }))).body).toMatchObject({
        code: 'appraisals.department.in-the-past',
        rule: 'P-49',
      });
      const { body } = await hr('/departments', content({ code: 'FIN' }));
      expect(body.state).toBe('in-force');
      expect((await hr(`/departments/${body.id}/withdraw`, { reason: 'x' })).body).toMatchObject({
        status: 409,
        allowed: ['replace'],
      });
    },
  );
  clause('P-49', 'boundary', 'a scheduled version can be withdrawn until its day', async () => {
    const { body } = await hr('/departments', content({ code: 'OPS', validFrom: '2026-03-11' }));
    expect((await hr(`/departments/${body.id}/withdraw`, { reason: 'postponed' })).body.state).toBe('withdrawn');
    h.time.set('2026-03-11T02:00:00Z');
    await h.service.clocks.tick();
    expect(await inForce('OPS')).toEqual([]);
  });
});

it('imports people and positions once, says what is wrong, and takes changes', async () => {
  const load = async (kind: string, rows: object[]) =>
    (await call('import-account', 'POST', `/imports/${kind}`, { importId: newId(), rows })).body.results as {
      outcome: string;
      errors?: { code: string }[];
    }[];
  const rows = [
    { staffNumber: 'I1', name: 'One', subject: 'import-1' },
    { staffNumber: 'I2', name: 'Two', subject: 'hr-account' },
    { staffNumber: '', name: 'Three' },
  ];
  expect((await load('people', rows)).map(({ outcome, errors }) => [outcome, errors?.[0]?.code])).toEqual([
    ['created', undefined],
    ['rejected', 'appraisals.person.account-taken'],
    ['rejected', 'request.invalid_format'],
  ]);
  expect((await load('people', rows)).map(({ outcome }) => outcome)).toEqual(['unchanged', 'rejected', 'rejected']);
  const position = { staffNumber: 'I1', roles: ['salesperson'], regionCode: 'EAST' };
  expect(
    (
      await load('positions', [position, { ...position, regionCode: 'MOON' }, { ...position, staffNumber: 'NONE' }])
    ).map(({ outcome }) => outcome),
  ).toEqual(['created', 'rejected', 'rejected']);
  expect(
    (await load('positions', [position, { ...position, roles: ['finance'] }])).map(({ outcome }) => outcome),
  ).toEqual(['unchanged', 'changed']);
});

it('brings a change of positions into force within two seconds', async () => {
  const { body } = await register();
  await until('the person to be known', async () => (await statusOf(body.subject)) === 200);
  const before = Date.now();
  await hr('/positions', { personId: body.id, roles: ['auditor'] });
  await until(
    'the role',
    async () => ((await call(body.subject, 'GET', '/me')).body.roles as string[]).includes('auditor'),
    2000,
  );
  process.stdout.write(`staleness of positions: ${Date.now() - before} ms\n`);
});

it('has entities that say what the migrations made', async () => {
  expect(await schemaDrift(h)).toEqual([]);
});
