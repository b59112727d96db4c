import { complaintEvents, inquiryEvents } from '@fenxiao/contracts/complaints';
import { noticeEvents } from '@fenxiao/contracts/platform';
import { clause } from '@fenxiao/testing/clause';
import { until } from '@fenxiao/testing/wait';
import { afterAll, beforeAll, describe, expect } from '@jest/globals';
import { qualityWorld, tuesday, type Bought, type QualityWorld } from '../../test/quality.js';

describe('the departments are told at once and find the cause', () => {
  let w: QualityWorld;
  let bought: Bought;
  beforeAll(async () => {
    w = await qualityWorld();
    bought = await w.bought(await w.customer());
  });
  afterAll(() => w.close());
  const begun = async () => {
    w.h.time.set(tuesday);
    const { id } = (await w.log(bought)).body;
    await w.upTo(id, 'acknowledged');
    return id as string;
  };
  const tell = (id: string, areas: string[]) => w.manager.post(`/complaints/${id}/notify-departments`, { areas });
  const inquiriesOf = async (id: string) => (await w.gm.get(`/inquiries?complaintId=${id}`)).body.items.toReversed();
  const heard = async (contract: Parameters<typeof w.h.events>[0], subject: string) =>
    (await w.h.events(contract)).filter((event) => event.subject === subject);
  const due = async (path: string) =>
    (await w.gm.get(path)).body.deadlines.map(({ move, dueAt }: { move: string; dueAt: string }) => [move, dueAt]);

  clause('C-03', 'allowed', 'each department is asked once, whose task has its clocks, and answers', async () => {
    const id = await begun();
    const told = await tell(id, ['technical', 'customer-use', 'production']);
    expect([told.status, told.body]).toMatchObject([200, { state: 'notified' }]);
    expect((await heard(complaintEvents['department-notified'], id))[0]!.data).toMatchObject({
      areas: ['technical', 'customer-use', 'production'],
    });
    const [technical, production] = await inquiriesOf(id);
    expect(technical).toMatchObject({ department: 'technical-department', areas: ['technical', 'customer-use'] });
    expect(production).toMatchObject({ department: 'production-department', areas: ['production'] });
    const notices = (await w.h.events(noticeEvents('complaints').requested)).map(({ data }) => data);
    expect(notices).toContainEqual(
      expect.objectContaining({ kind: 'task', about: technical.id, to: { powers: { 'technical-department': 'all' } } }),
    );
    // two working hours, two working days
    expect(await due(`/inquiries/${technical.id}`)).toEqual([
      ['acknowledge', '2026-03-10T04:00:00.000Z'],
      ['answer', '2026-03-12T10:00:00.000Z'],
    ]);
    expect((await w.technical.post(`/inquiries/${technical.id}/acknowledge`)).status).toBe(200);
    w.h.time.set('2026-03-10T03:30:00Z');
    const form = { atFault: true, finding: 'Wrong glaze.' };
    expect((await w.technical.post(`/inquiries/${technical.id}/answer`, form)).status).toBe(200);
    expect((await heard(inquiryEvents.answered, technical.id))[0]!.data).toMatchObject({
      ...form,
      acknowledgeMinutes: 0,
      answerMinutes: 90,
    });
    // the cause is confirmed, who has not answered is asked no more
    const cause = { cause: 'technical', finding: 'Wrong glaze.' };
    const found = await w.manager.post(`/complaints/${id}/confirm-cause`, cause);
    expect([found.status, found.body]).toMatchObject([200, { state: 'cause-confirmed', ...cause }]);
    expect((await inquiriesOf(id)).map(({ state }: { state: string }) => state)).toEqual(['answered', 'withdrawn']);
    expect((await heard(complaintEvents['cause-found'], id))[0]!.data).toMatchObject(cause);
  });

  clause(
    'C-03',
    'allowed',
    'further departments are told later, one that is asked already of the further area as well',
    async () => {
      const id = await begun();
      await tell(id, ['technical']);
      const further = (areas: string[]) => w.manager.post(`/complaints/${id}/notify-further`, { areas });
      expect((await further(['warehouse', 'transport', 'sales', 'customer-use'])).status).toBe(200);
      const all = (await inquiriesOf(id)).map(({ department, state, areas }: Record<string, unknown>) => [
        department,
        state,
        areas,
      ]);
      expect(all).toEqual([
        ['technical-department', 'withdrawn', ['technical']],
        ['finished-goods-keeper', 'notified', ['warehouse']],
        ['operations', 'notified', ['transport']],
        ['sales-manager', 'notified', ['sales']],
        ['technical-department', 'notified', ['technical', 'customer-use']],
      ]);
      expect((await further(['sales'])).body).toMatchObject({ code: 'complaints.complaint.notified-already' });
    },
  );

  clause(
    'C-03',
    'refused',
    'another department answers, a cause nobody has found, a cause before anybody was told',
    async () => {
      const id = await begun();
      const confirm = (cause: string) =>
        w.manager.post(`/complaints/${id}/confirm-cause`, { cause, finding: 'Guessed.' });
      expect((await confirm('technical')).body).toMatchObject({ status: 409, code: 'procedure.move-not-allowed' });
      expect((await tell(id, [])).status).toBe(400);
      await tell(id, ['technical', 'production']);
      const [{ id: technical }] = await inquiriesOf(id);
      const form = { atFault: true, finding: 'Wrong glaze.' };
      expect((await w.production.post(`/inquiries/${technical}/answer`, form)).body).toMatchObject({
        status: 403,
        code: 'complaints.inquiry.not-the-department',
      });
      expect((await w.seller.post(`/inquiries/${technical}/acknowledge`)).status).toBe(403);
      // only the system opens one
      expect(
        (await w.manager.post('/inquiries', { complaintId: id, department: 'operations', areas: ['transport'] }))
          .status,
      ).toBe(405);
      await w.technical.post(`/inquiries/${technical}/answer`, form);
      expect((await confirm('production')).body).toMatchObject({
        status: 422,
        code: 'complaints.inquiry.cause-not-found',
        field: 'cause',
      });
      expect((await confirm('technical')).status).toBe(200);
    },
  );

  clause('C-03', 'boundary', 'warned at 80 %, breached at its instant and not before, the deputy told', async () => {
    const id = await begun();
    await tell(id, ['technical']);
    const [{ id: inquiry }] = await inquiriesOf(id);
    const facts = async () => [
      (await heard(inquiryEvents['clock-warned'], inquiry)).length,
      (await heard(inquiryEvents['clock-breached'], inquiry)).length,
    ];
    const reaches = (count: readonly [number, number]) =>
      until(`${count.join()} facts of the clock`, async () => String(await facts()) === String(count));
    w.h.time.set('2026-03-10T03:35:59.999Z');
    await w.h.service.clocks.tick();
    expect(await facts()).toEqual([0, 0]);
    w.h.time.set('2026-03-10T03:36:00Z');
    await reaches([1, 0]);
    w.h.time.set('2026-03-10T03:59:59.999Z');
    await w.h.service.clocks.tick();
    expect(await facts()).toEqual([1, 0]);
    w.h.time.set('2026-03-10T04:00:00Z');
    await reaches([1, 1]);
    const [breach] = await heard(inquiryEvents['clock-breached'], inquiry);
    expect(breach!.data).toMatchObject({
      move: 'acknowledge',
      escalateTo: 'deputy-general-manager-sales',
      meta: { rule: 'C-03' },
    });
    const breaches = (await w.h.events(noticeEvents('complaints').requested)).map(({ data }) => data as object);
    expect(breaches).toContainEqual(
      expect.objectContaining({
        kind: 'breach',
        about: inquiry,
        to: expect.objectContaining({
          powers: { 'technical-department': 'all', 'sales-manager': 'all', 'deputy-general-manager-sales': 'all' },
        }),
      }),
    );
  });

  clause(
    'C-03',
    'boundary',
    'the complaint itself is breached when it is not answered in two working hours of its receipt',
    async () => {
      w.h.time.set(tuesday);
      const { id } = (await w.log(bought, { receivedAt: '2026-03-10T01:00:00Z' })).body;
      expect(await due(`/complaints/${id}`)).toEqual([['acknowledge', '2026-03-10T03:00:00.000Z']]);
      w.h.time.set('2026-03-10T03:00:00Z');
      await until('the breach', async () => (await heard(complaintEvents['clock-breached'], id)).length === 1);
      await w.upTo(id, 'acknowledged');
      expect((await heard(complaintEvents.acknowledged, id))[0]!.data).toMatchObject({ responseMinutes: 120 });
    },
  );

  clause(
    'C-03',
    'boundary',
    'the time of waiting for the customer is no time of the stage, nor is it resolved in',
    async () => {
      w.h.time.set(tuesday);
      const { id } = (await w.log(bought)).body;
      await w.upTo(id, 'notified');
      expect(await due(`/complaints/${id}`)).toEqual([['confirm-cause', '2026-03-13T02:00:00.000Z']]);
      w.h.time.set('2026-03-10T03:00:00Z');
      const path = `/complaints/${id}`;
      expect((await w.seller.post(`${path}/wait-for-customer`, { question: 'Photographs?' })).status).toBe(403);
      const waiting = await w.manager.post(`${path}/wait-for-customer`, { question: 'Photographs?' });
      expect(waiting.body).toMatchObject({ state: 'waiting-for-customer', question: 'Photographs?' });
      expect(await due(path)).toEqual([]);
      expect((await w.manager.post(`${path}/confirm-cause`, { cause: 'technical', finding: 'x' })).status).toBe(409);
      // over a weekend: 7 hours on Tuesday, 3 days, none on Saturday
      w.h.time.set('2026-03-14T03:00:00Z');
      expect((await w.support.post(`${path}/customer-answered`, { answer: 'Sent.' })).body).toMatchObject({
        state: 'notified',
        waitedMinutes: 6 * 60 + 3 * 480,
      });
      // 23 working hours are left, from Monday on
      expect(await due(path)).toEqual([['confirm-cause', '2026-03-18T09:00:00.000Z']]);
      // breached, it is not breached again after another wait
      w.h.time.set('2026-03-18T09:00:00Z');
      const breaches = async () => (await heard(complaintEvents['clock-breached'], id)).length;
      await until('the breach', async () => (await breaches()) === 1);
      await w.manager.post(`${path}/wait-for-customer`, { question: 'And samples?' });
      w.h.time.set('2026-03-18T10:00:00Z');
      await w.support.post(`${path}/customer-answered`, { answer: 'Sent too.' });
      w.h.time.set('2026-03-19T10:00:00Z');
      await w.h.service.clocks.tick();
      expect(await breaches()).toBe(1);
    },
  );
});
