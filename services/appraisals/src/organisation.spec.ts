import { personEvents } from '@fenxiao/contracts/appraisals';
import { regionEvents } from '@fenxiao/contracts/distributors';
import { newId } from '@fenxiao/domain/id';
import { clause } from '@fenxiao/testing/clause';
import { harness, type Harness, type Member } from '@fenxiao/testing/harness';
import { until } from '@fenxiao/testing/wait';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { appraisals } from './service.js';

let h: Harness;
let hr: Member;
beforeAll(async () => {
  h = await harness(appraisals);
  hr = await h.staff('human-resources');
}, 60_000);
afterAll(() => h?.close());
beforeEach(() => h.time.set('2026-03-10T02:00:00Z')); // Tuesday 10:00

let made = 0;
const register = async (over: object = {}) => {
  const number = ++made;
  const { body } = await hr.post('/people', {
    staffNumber: `T${number}`,
    name: `Person ${number}`,
    account: `person-${number}`,
    category: 'business',
    kind: 'sales',
    employment: 'regular',
    ...over,
  });
  return body as { id: string; subject: string; staffNumber: string; version: number };
};
const me = async (subject: string) => h.request('GET', '/me', { token: await h.token(subject) });
const roles = async (subject: string) => (await me(subject)).body.roles as string[] | undefined;
const known = (subject: string) => until('the person to be known', async () => (await me(subject)).status === 200);
const assign = async (personId: string, position: object) =>
  (await hr.post('/positions', { personId, ...position })).body as { id: string };

describe('X-01a leaving', () => {
  clause('X-01a', 'allowed', 'it names the regions left behind, for their handover (D-16)', async () => {
    const [person, other] = [await register(), await register()];
    const [east, west] = [newId(), newId()];
    for (const id of [east, west])
      await h.publish(regionEvents.created, id, {
        code: `R${id.slice(-6)}`,
        name: 'Region',
        managerId: id === east ? person.id : other.id,
        validFrom: '2026-01-01',
      });
    await h.settle();
    await hr.post(`/people/${person.id}/leave`, { lastDay: '2026-03-31' });
    await hr.post(`/people/${(await register()).id}/leave`, { lastDay: '2026-03-31' });
    const [left, without] = (await h.events(personEvents.left)).map(({ data }) => data as { regionIds?: string[] });
    expect(left).toMatchObject({ staffNumber: person.staffNumber, lastDay: '2026-03-31', regionIds: [east] });
    expect(without!.regionIds).toBeUndefined();
  });

  clause('X-01a', 'refused', 'who leaves today has no access from now on, whatever begins later', async () => {
    const person = await register();
    await assign(person.id, { roles: ['finance'] });
    const later = await assign(person.id, { roles: ['auditor'], validFrom: '2026-03-20' });
    await until('the position', async () => (await roles(person.subject))?.length === 1);
    await hr.post(`/people/${person.id}/leave`, { lastDay: '2026-03-10' });
    await until('access to end', async () => (await me(person.subject)).status === 403);
    expect((await hr.get(`/positions/${later.id}`)).body).toMatchObject({ state: 'ended', validTo: '2026-03-10' });
    h.time.set('2026-03-20T02:00:00Z');
    expect((await me(person.subject)).status).toBe(403);
    expect((await hr.post('/positions', { personId: person.id, roles: ['finance'] })).body.code).toBe(
      'appraisals.person.unknown',
    );
  });

  clause(
    'X-01a',
    'boundary',
    'who leaves later works until the day before, and what ended earlier stays ended',
    async () => {
      const person = await register();
      await assign(person.id, { roles: ['finance'] });
      const ended = await assign(person.id, { roles: ['auditor'], validTo: '2026-03-10' });
      await until('the positions', async () => (await roles(person.subject))?.length === 2);
      await hr.post(`/people/${person.id}/leave`, { lastDay: '2026-03-12' });
      await h.settle();
      h.time.set('2026-03-11T15:59:59Z'); // the 11th, 23:59:59
      expect(await roles(person.subject)).toEqual(['finance']);
      expect((await hr.get(`/positions/${ended.id}`)).body).toMatchObject({ validTo: '2026-03-10' });
      h.time.set('2026-03-11T16:00:00Z'); // the 12th, the day itself
      expect((await me(person.subject)).status).toBe(403);
    },
  );
});

describe('X-01a probationers and interns', () => {
  const makeRegular = (id: string, regularFrom: string) => hr.post(`/people/${id}/make-regular`, { regularFrom });

  clause('X-01a', 'allowed', 'they become regulars on a day', async () => {
    for (const employment of ['probation', 'intern']) {
      const { id } = await register({ employment, joinedOn: '2026-01-05' });
      expect((await makeRegular(id, '2026-03-01')).body).toMatchObject({
        employment: 'regular',
        regularFrom: '2026-03-01',
      });
      const changed = (await h.events(personEvents.changed)).filter(({ subject }) => subject === id);
      expect(changed[0]!.data).toMatchObject({ employment: 'regular', regularFrom: '2026-03-01' });
    }
  });

  clause('X-01a', 'refused', 'not twice, and not by a change of data, either way', async () => {
    const { id } = await register();
    expect((await makeRegular(id, '2026-03-10')).body.code).toBe('appraisals.person.already-regular');
    const data = { name: 'N', category: 'business', kind: 'sales' };
    const change = (of: string, employment: string) =>
      hr.post(`/people/${of}/change`, { ...data, employment }, { 'if-match': '"1"' });
    const byItsOwnMove = { status: 422, code: 'appraisals.person.regular-by-its-own-move', rule: 'X-01a' };
    expect((await change(id, 'probation')).body).toMatchObject(byItsOwnMove);
    const { id: intern } = await register({ employment: 'intern' });
    expect((await change(intern, 'regular')).body).toMatchObject(byItsOwnMove);
    expect((await change(intern, 'probation')).body).toMatchObject({ employment: 'probation' });
  });

  clause('X-01a', 'boundary', 'from the day of joining to today', async () => {
    const { id } = await register({ employment: 'probation', joinedOn: '2026-03-02' });
    for (const day of ['2026-03-01', '2026-03-11'])
      expect((await makeRegular(id, day)).body.code).toBe('appraisals.person.regular-outside-employment');
    expect((await makeRegular(id, '2026-03-02')).status).toBe(200);
    const { id: other } = await register({ employment: 'probation', joinedOn: '2026-03-02' });
    expect((await makeRegular(other, '2026-03-10')).status).toBe(200);
  });
});

clause('X-02', 'boundary', 'a position holds from the first midnight of its dates to the last', async () => {
  const { id, subject } = await register();
  await assign(id, { roles: ['finance'], validFrom: '2026-03-12', validTo: '2026-03-13' });
  await known(subject);
  await h.settle();
  const at = async (time: string) => (h.time.set(time), roles(subject));
  expect(await at('2026-03-11T15:59:59Z')).toEqual([]); // the 11th, 23:59:59
  expect(await at('2026-03-11T16:00:00Z')).toEqual(['finance']); // the 12th, 00:00:00
  expect(await at('2026-03-13T15:59:59Z')).toEqual(['finance']); // the 13th, 23:59:59
  expect(await at('2026-03-13T16:00:00Z')).toEqual([]); // the 14th, 00:00:00
});

describe('P-49 the organisation on a day', () => {
  const schedule = (code: string, over: object = {}) =>
    hr.post('/departments', {
      code,
      name: code,
      functions: ['sell'],
      jobs: [{ role: 'sales-manager', duties: ['contracts'] }],
      validFrom: '2026-03-10',
      ...over,
    });
  const on = async (date: string) =>
    (await hr.get(`/organisation?on=${date}`)).body.departments as { code: string; parentCode?: string }[];

  clause('P-49', 'allowed', 'departments, their heads, and the duties of each role, for any date', async () => {
    const head = await register();
    await schedule('HQ', { headId: head.id });
    await schedule('SALES', { parentCode: 'HQ' });
    await schedule('SALES', {
      parentCode: 'HQ',
      jobs: [{ role: 'salesperson', duties: ['visits', 'orders'] }],
      validFrom: '2026-03-15',
    });
    expect(await on('2026-03-09')).toEqual([]);
    expect(await on('2026-03-14')).toMatchObject([
      { code: 'HQ', headId: head.id },
      { code: 'SALES', parentCode: 'HQ', jobs: [{ role: 'sales-manager', duties: ['contracts'] }] },
    ]);
    const after = [{ code: 'HQ' }, { code: 'SALES', jobs: [{ role: 'salesperson', duties: ['visits', 'orders'] }] }];
    expect(await on('2026-03-15')).toMatchObject(after);
    h.time.set('2026-03-15T02:00:00Z');
    await until('the replaced version', async () => {
      await h.service.clocks.tick();
      return (await hr.get('/departments?state=replaced')).body.items.length === 1;
    });
    expect(await on('2026-03-14')).toMatchObject([{}, { jobs: [{ role: 'sales-manager' }] }]);
    expect(await on('2026-03-15')).toMatchObject(after);
  });

  clause('P-49', 'refused', 'a parent, a head or a role that is none, and a circle, today or later', async () => {
    const refused = (code: string) => ({ status: 422, code: `appraisals.department.${code}`, rule: 'P-49' });
    expect((await schedule('A', { parentCode: 'NONE' })).body).toMatchObject(refused('unknown-parent'));
    expect((await schedule('A', { headId: newId() })).body).toMatchObject(refused('unknown-head'));
    expect((await schedule('A', { jobs: [{ role: 'emperor', duties: ['rule'] }] })).body).toMatchObject({
      status: 400,
      field: 'jobs.0.role',
    });
    expect((await schedule('A', { parentCode: 'A' })).body).toMatchObject(refused('below-itself'));
    await schedule('A');
    await schedule('B', { parentCode: 'A' });
    await schedule('C', { parentCode: 'B' });
    expect((await schedule('A', { parentCode: 'C' })).body).toMatchObject(refused('below-itself'));
    expect((await schedule('A', { parentCode: 'C', validFrom: '2026-04-01' })).body).toMatchObject(
      refused('below-itself'),
    );
  });

  clause(
    'P-49',
    'boundary',
    'what another version allows from a day is possible on it, not the day before',
    async () => {
      await schedule('D');
      await schedule('E', { parentCode: 'D' });
      const moved = (await schedule('E', { validFrom: '2026-03-20' })).body as { id: string };
      expect((await schedule('D', { parentCode: 'E', validFrom: '2026-03-19' })).body.code).toBe(
        'appraisals.department.below-itself',
      );
      expect((await schedule('D', { parentCode: 'E', validFrom: '2026-03-20' })).status).toBe(201);
      expect((await hr.post(`/departments/${moved.id}/withdraw`, { reason: 'postponed' })).body.code).toBe(
        'appraisals.department.below-itself',
      );
    },
  );

  it('is for those who work here', async () => {
    const partner = await h.staff('distributor');
    expect((await partner.get('/organisation')).status).toBe(403);
  });
});
