import { personEvents } from '@fenxiao/contracts/appraisals';
import { newId } from '@fenxiao/domain/id';
import { clause } from '@fenxiao/testing/clause';
import { harness, type Harness, type Member } from '@fenxiao/testing/harness';
import { until } from '@fenxiao/testing/wait';
import { afterAll, beforeAll, beforeEach, describe, expect } from '@jest/globals';
import { appraisals } from './service.js';

const START = '2026-03-10T02:00:00Z';
let h: Harness;
let office: Member;
let clerk: Member;
beforeAll(async () => {
  h = await harness(appraisals, { now: START });
  office = await h.staff('office');
  clerk = await h.staff('order-clerk', { unit: 'sales' });
}, 60_000);
afterAll(() => h?.close());
beforeEach(() => h.time.set(START));

const stateOf = async (path: string) => (await office.get(path)).body.state as string;
const tickUntil = (path: string, state: string) =>
  until(`${path} to be ${state}`, async () => (await h.service.clocks.tick(), (await stateOf(path)) === state));
/** Events about one object, by their short type. */
const eventsOf = async (id: string) =>
  (await h.events())
    .filter(({ subject, data }) => subject === id || (data as { about?: string }).about === id)
    .map(({ type }) => type.split('.').slice(2, 4).join('.'));

describe('X-12 the register of laws', () => {
  const register = async (over: object = {}) =>
    office.post('/laws', {
      code: 'PIPL',
      title: 'Personal Information Protection Law',
      issuer: 'NPC Standing Committee',
      duties: 'Consent; as few data as possible',
      ownerId: clerk.id,
      reviewOn: '2026-06-01',
      ...over,
    });

  clause('X-12', 'allowed', 'registered with an owner, who reviews it and sets the next date', async () => {
    const { id } = (await register()).body;
    await clerk.post(`/laws/${id}/begin-review`);
    const { body } = await clerk.post(`/laws/${id}/review`, { outcome: 'Nothing new', reviewOn: '2027-06-01' });
    expect(body).toMatchObject({ state: 'in-force', form: { reviewOn: '2027-06-01', outcome: 'Nothing new' } });
    const { rows } = await h.pool.query(
      `SELECT due_at FROM clock WHERE subject = $1 AND move = 'beginReview' AND stopped_at IS NULL`,
      [id],
    );
    expect(rows).toEqual([{ due_at: new Date('2027-05-31T16:00:00Z') }]);
  });
  clause('X-12', 'refused', 'an owner nobody knows, a review in the past, a review by another', async () => {
    expect((await register({ ownerId: newId() })).body).toMatchObject({ status: 422, field: 'ownerId' });
    expect((await register({ reviewOn: '2026-03-10' })).body).toMatchObject({
      code: 'appraisals.law.review-not-ahead',
      rule: 'X-12',
    });
    const { id } = (await register()).body;
    const stranger = await h.staff('salesperson');
    expect((await stranger.post(`/laws/${id}/begin-review`)).status).toBe(403);
    expect((await clerk.post('/laws', {})).status).toBe(403);
  });
  clause('X-12', 'boundary', 'reminded before, under review from the day itself, and the owner is told', async () => {
    const { id } = (await register({ reviewOn: '2026-03-17' })).body;
    h.time.set('2026-03-16T15:59:59Z');
    await h.service.clocks.tick();
    await until('the reminder', async () => (await eventsOf(id)).includes('law.clock-warned'));
    expect(await stateOf(`/laws/${id}`)).toBe('in-force');
    h.time.set('2026-03-16T16:00:00Z');
    await tickUntil(`/laws/${id}`, 'under-review');
    expect(await eventsOf(id)).toContain('notice.requested');
  });
});

describe('X-21 equipment and tools', () => {
  let made = 0;
  const issued = async (personId: string): Promise<string> => {
    const { id } = (await office.post('/assets', { code: `T${++made}`, item: 'Laptop', serialNumber: 'SN-1' })).body;
    expect((await office.post(`/assets/${id}/issue`, { personId })).body.state).toBe('issued');
    return id;
  };

  clause('X-21', 'allowed', 'issued to a person, found by person, taken back', async () => {
    const id = await issued(clerk.id);
    const held = async (by = office) =>
      ((await by.get(`/assets?personId=${clerk.id}`)).body.items as { id: string }[]).map((item) => item.id);
    expect(await held()).toEqual([id]);
    expect(await held(clerk)).toEqual([id]);
    expect((await office.post(`/assets/${id}/return`, { condition: 'good' })).body.state).toBe('in-store');
    expect(await held()).toEqual([]);
  });
  clause(
    'X-21',
    'refused',
    'a code twice, issuing to nobody or by its holder, returning what is in store',
    async () => {
      expect((await office.post('/assets', { code: 'ONE', item: 'Drill' })).status).toBe(201);
      expect((await office.post('/assets', { code: 'ONE', item: 'Drill' })).body).toMatchObject({
        status: 409,
        code: 'appraisals.asset.code-taken',
        rule: 'X-21',
      });
      const { id } = (await office.post('/assets', { code: 'TWO', item: 'Drill' })).body;
      expect((await office.post(`/assets/${id}/issue`, { personId: newId() })).status).toBe(422);
      expect((await office.post(`/assets/${id}/return`)).status).toBe(409);
      expect((await clerk.post(`/assets/${id}/issue`, { personId: clerk.id })).status).toBe(403);
      const lost = await issued(clerk.id);
      expect((await clerk.post(`/assets/${lost}/report-lost`, { reason: 'Left on a train' })).body.state).toBe('lost');
    },
  );
  clause('X-21', 'boundary', 'who leaves has until the end of the last day to return it', async () => {
    const leaver = await h.staff('salesperson');
    const id = await issued(leaver.id);
    await h.publish(personEvents.left, leaver.id, { staffNumber: 'S9', lastDay: '2026-03-20' }, 2);
    await until('it to be asked back', async () => (await stateOf(`/assets/${id}`)) === 'recalled');
    expect(await eventsOf(id)).toContain('notice.requested');
    h.time.set('2026-03-20T15:59:59.998Z');
    await h.service.clocks.tick();
    expect(await stateOf(`/assets/${id}`)).toBe('recalled');
    h.time.set('2026-03-20T16:00:00Z');
    await tickUntil(`/assets/${id}`, 'overdue');
    expect((await office.post(`/assets/${id}/return`)).body.state).toBe('in-store');
  });
});
