import { noticeEvents } from '@fenxiao/contracts/platform';
import { majorEventEvents, opinionEvents } from '@fenxiao/contracts/service-complaints';
import { newId } from '@fenxiao/domain/id';
import { clause } from '@fenxiao/testing/clause';
import type { Member, Reply } from '@fenxiao/testing/harness';
import { until } from '@fenxiao/testing/wait';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { company, customerIn, type Company } from '../../test/company.js';

let c: Company;
beforeAll(async () => {
  c = await company();
}, 60_000);
afterAll(() => c?.close());
beforeEach(() => c.h.time.set('2026-03-10T02:00:00Z'));

const record = (extra: object = {}, by = c.seller) =>
  by.post('/opinions', { kind: 'suggestion', distributorCode: c.customer.code, content: 'Longer hours.', ...extra });
const move = (opinion: Reply, name: string, by: Member, form: object = {}) =>
  by.post(`/opinions/${opinion.body.id}/${name}`, form);
const namesOf = async ({ body }: Reply) =>
  (await c.h.events()).filter(({ subject }) => subject === body.id).map(({ type }) => type.split('.')[3]);
/** the major event of an opinion */
const raisedFor = async ({ body }: Reply) => (await c.gm.get(`/major-events?opinionId=${body.id}`)).body.items;
const noticesOf = async (about: string) =>
  (await c.h.events(noticeEvents('complaints').requested))
    .map(({ data }) => data as unknown as { about: string; kind: string; dueAt: string; to: { powers: object } })
    .filter((notice) => notice.about === about);

describe('C-17 customer opinions 客户意见调查及处理', () => {
  clause('C-17', 'allowed', 'recorded, assigned, solved, answered', async () => {
    const opinion = await record();
    expect(opinion.body).toMatchObject({ state: 'recorded', major: false, region: c.east });
    expect(opinion.body.number).toMatch(/^YJ-2026-\d{6}$/);
    await move(opinion, 'assign', c.salesManager, { assigneeId: c.colleague.id });
    expect((await move(opinion, 'solve', c.colleague, { solution: 'Open until eight.' })).body.state).toBe('solved');
    const answer = { answeredOn: '2026-03-10', way: 'telephone' };
    expect((await move(opinion, 'answer', c.colleague, answer)).body.state).toBe('answered');
    expect(await namesOf(opinion)).toEqual(['recorded', 'assigned', 'solved', 'answered']);
    const [recorded] = (await c.h.events(opinionEvents.recorded)).filter(({ subject }) => subject === opinion.body.id);
    expect(recorded!.data).toMatchObject({ kind: 'suggestion', regionId: c.east, distributorId: c.customer.id });
    expect(await raisedFor(opinion)).toEqual([]);
    const page = await c.gm.get(`/opinions/${opinion.body.id}/page`, { 'accept-language': 'zh' });
    for (const text of ['客户意见记录', 'Longer hours.', '建议']) expect(page.body).toContain(text);
  });

  clause(
    'C-17',
    'allowed',
    'what is major is told to the general manager in the same moment, and acknowledged',
    async () => {
      const opinion = await record({ kind: 'criticism', major: true });
      const [event] = await raisedFor(opinion);
      expect(event).toMatchObject({
        state: 'raised',
        form: { opinionId: opinion.body.id, recipient: 'general-manager' },
      });
      expect(await noticesOf(event.id)).toMatchObject([
        { kind: 'alert', dueAt: '2026-03-10T04:00:00.000Z', to: { powers: { 'general-manager': 'all' } } },
      ]);
      c.h.time.set('2026-03-10T02:25:00Z');
      const acknowledged = await c.gm.post(`/major-events/${event.id}/acknowledge`, { instruction: 'I call them.' });
      expect(acknowledged.body).toMatchObject({ state: 'acknowledged' });
      const [fact] = (await c.h.events(majorEventEvents.acknowledged)).filter(({ subject }) => subject === event.id);
      expect(fact!.data).toMatchObject({
        instruction: 'I call them.',
        meta: { rule: 'C-17', move: { enteredAt: '2026-03-10T02:00:00.000Z' } },
      });
      const later = await record();
      await move(later, 'mark-major', c.seller);
      expect(await raisedFor(later)).toHaveLength(1);
    },
  );

  clause(
    'C-17',
    'refused',
    'without a customer, by outsiders, by another than the person it is assigned to',
    async () => {
      expect((await record({ distributorCode: undefined })).body).toMatchObject({
        status: 422,
        rule: 'C-17',
        field: 'distributorCode',
      });
      for (const by of [c.colleague, c.hr])
        expect((await record({}, by)).body).toMatchObject({ status: 403, rule: 'C-17' });
      const opinion = await record();
      expect((await move(opinion, 'assign', c.seller, { assigneeId: c.seller.id })).status).toBe(403);
      expect((await move(opinion, 'assign', c.salesManager, { assigneeId: newId() })).body).toMatchObject({
        status: 422,
        field: 'assigneeId',
      });
      await move(opinion, 'assign', c.salesManager, { assigneeId: c.colleague.id });
      // the recorder reaches it, since it is their own, and is refused all the same
      expect((await move(opinion, 'solve', c.seller, { solution: 'x' })).body).toMatchObject({
        status: 403,
        code: 'complaints.opinion.not-assigned',
      });
      expect((await move(opinion, 'answer', c.colleague, { answeredOn: '2026-03-10', way: 'visit' })).status).toBe(409);
      expect((await c.seller.post('/major-events', {})).status).toBe(405);
    },
  );

  clause(
    'C-17',
    'refused',
    "of another region's customer by who works in a region; assigned to a dealer's person",
    async () => {
      await customerIn(c.h, c.west, 'D2');
      const manager = await c.h.staff('regional-manager', { regionId: c.east });
      for (const by of [c.seller, manager])
        expect((await record({ distributorCode: 'D2' }, by)).body).toMatchObject({ status: 403, rule: 'C-17' });
      expect((await record({ distributorCode: 'D2' }, c.salesManager)).body).toMatchObject({ region: c.west });
      expect((await record({}, manager)).body).toMatchObject({ region: c.east });
      // a customer without a code is of the region of who heard of them
      const named = await record({ distributorCode: undefined, customer: '王某' });
      expect(named.body).toMatchObject({ region: c.east });
      const dealer = await c.h.staff('distributor', { unit: 'D1' });
      expect((await move(named, 'assign', c.salesManager, { assigneeId: dealer.id })).body).toMatchObject({
        status: 422,
        code: 'complaints.opinion.nobody-here',
        field: 'assigneeId',
      });
    },
  );

  clause('C-17', 'refused', 'a major event acknowledged by sales, or raised twice', async () => {
    const opinion = await record({ major: true });
    const [event] = await raisedFor(opinion);
    for (const by of [c.deputy, c.salesManager, c.office])
      expect((await by.post(`/major-events/${event.id}/acknowledge`)).body).toMatchObject({
        status: 403,
        rule: 'C-17',
      });
    expect((await move(opinion, 'mark-major', c.salesManager)).body).toMatchObject({
      status: 409,
      code: 'complaints.opinion.major-already',
    });
    expect(await raisedFor(opinion)).toHaveLength(1);
  });

  clause(
    'C-17',
    'boundary',
    'acknowledged in two hours to the second; then the general manager hears of the breach',
    async () => {
      const [inTime, late] = [await record({ major: true }), await record({ major: true })];
      const [one] = await raisedFor(inTime);
      const [other] = await raisedFor(late);
      c.h.time.set('2026-03-10T03:59:59Z');
      await c.gm.post(`/major-events/${one.id}/acknowledge`);
      c.h.time.set('2026-03-10T04:00:00Z');
      const told = await until('the breach', async () => {
        await c.h.service.clocks.tick();
        const notices = await noticesOf(other.id);
        return notices.find(({ kind }) => kind === 'breach');
      });
      expect(told.to.powers).toMatchObject({ 'general-manager': 'all' });
      expect((await noticesOf(one.id)).map(({ kind }) => kind)).toEqual(['alert']);
    },
  );

  clause('C-17', 'boundary', 'an answer counts from the day of the opinion to today', async () => {
    const opinion = await record();
    await move(opinion, 'assign', c.salesManager, { assigneeId: c.seller.id });
    await move(opinion, 'solve', c.salesManager, { solution: 'x' });
    c.h.time.set('2026-03-12T02:00:00Z');
    const on = async (answeredOn: string) =>
      (await move(opinion, 'answer', c.seller, { answeredOn, way: 'mail' })).status;
    expect([await on('2026-03-09'), await on('2026-03-13'), await on('2026-03-10')]).toEqual([422, 422, 200]);
  });

  clause(
    'C-17',
    'refused',
    'acknowledged by the branch general manager of another region, who hears nothing of it',
    async () => {
      const other = await c.h.staff('branch-general-manager', { regionId: c.west });
      const before = await record({ major: true });
      expect((await raisedFor(before))[0].form.recipient).toBe('general-manager');
      const branch = await c.h.staff('branch-general-manager', { regionId: c.east });
      const [event] = await raisedFor(await record({ major: true }));
      expect(event.form.recipient).toBe('branch-general-manager');
      const acknowledge = (by: Member) => by.post(`/major-events/${event.id}/acknowledge`);
      expect((await acknowledge(other)).body).toMatchObject({ status: 403, rule: 'C-17' });
      expect((await other.get(`/major-events/${event.id}`)).status).toBe(403);
      c.h.time.set('2026-03-10T03:35:59Z');
      await c.h.service.clocks.tick();
      const kinds = async () => (await noticesOf(event.id)).map(({ kind }) => kind);
      expect(await kinds()).toEqual(['alert']);
      c.h.time.set('2026-03-10T03:36:00Z'); // four fifths of two hours
      await until('the warning', async () => {
        await c.h.service.clocks.tick();
        return (await kinds()).includes('reminder');
      });
      for (const { to } of await noticesOf(event.id))
        expect(to).toMatchObject({ powers: { 'branch-general-manager': 'region' }, region: c.east });
      expect((await acknowledge(branch)).status).toBe(200);
    },
  );

  it('keeps who the customer is from those who need not know, and out of events', async () => {
    const named = await record({ distributorCode: undefined, customer: '王大明', telephone: '13800001234' });
    const path = `/opinions/${named.body.id}`;
    expect((await c.salesManager.get(path)).body).toMatchObject({ customer: '王大明', telephone: '13800001234' });
    expect((await c.gm.get(path)).body).toMatchObject({ telephone: '138****1234' });
    const recorded = (await c.h.events(opinionEvents.recorded)).find(({ subject }) => subject === named.body.id);
    expect(JSON.stringify(recorded)).not.toContain('王大明');
  });
});
