import { complaintEvents } from '@fenxiao/contracts/complaints';
import { clause } from '@fenxiao/testing/clause';
import { afterAll, beforeAll, describe, expect } from '@jest/globals';
import { qualityWorld, tuesday, type Bought, type QualityWorld } from '../../test/quality.js';

describe('the severity of a complaint', () => {
  let w: QualityWorld;
  let bought: Bought;
  beforeAll(async () => {
    w = await qualityWorld({ COMPLAINT_MEDIUM_PERCENT: '75' });
    bought = await w.bought(await w.customer());
  });
  afterAll(() => w.close());
  const logged = async () => {
    w.h.time.set(tuesday);
    return (await w.log(bought)).body.id as string;
  };
  const raise = (id: string, severity: string, by = w.manager, criteria = ['money']) =>
    by.post(`/complaints/${id}/raise-severity`, { severity, criteria });
  const lower = (
    id: string,
    severity: string,
    by = w.deputy,
    reason: string | undefined = 'It was less than thought.',
  ) => by.post(`/complaints/${id}/lower-severity`, { severity, criteria: ['money'], reason });
  const of = async (contract: Parameters<typeof w.h.events>[0], id: string) =>
    (await w.h.events(contract)).filter(({ subject }) => subject === id);
  const due = async (id: string) => (await w.read(id)).deadlines.map(({ dueAt }: { dueAt: string }) => dueAt);

  clause('C-16', 'allowed', 'the handler raises it by its criteria, and it picks the clocks', async () => {
    const id = await logged();
    expect(await due(id)).toEqual(['2026-03-10T04:00:00.000Z']);
    const { status, body } = await raise(id, 'medium', w.manager, ['safety', 'repeat']);
    expect([status, body]).toMatchObject([
      200,
      { severity: 'medium', criteria: ['safety', 'repeat'], handlerId: w.manager.id },
    ]);
    expect((await of(complaintEvents['severity-changed'], id))[0]!.data).toMatchObject({
      previousSeverity: 'minor',
      severity: 'medium',
      criteria: ['safety', 'repeat'],
    });
    expect(await due(id)).toEqual(['2026-03-10T03:30:00.000Z']);
    // later stages have their part as well
    await w.upTo(id, 'acknowledged');
    expect(await due(id)).toEqual(['2026-03-10T03:30:00.000Z']);
  });

  clause(
    'C-16',
    'allowed',
    'from serious on the deputy handles it, also after it is lowered by the deputy with a reason',
    async () => {
      const id = await logged();
      await w.upTo(id, 'acknowledged');
      const { body } = await raise(id, 'serious');
      expect(body).toMatchObject({
        severity: 'serious',
        handlerId: w.deputy.id,
        handlerRole: 'deputy-general-manager-sales',
      });
      expect((await of(complaintEvents.assigned, id)).at(-1)!.data).toMatchObject({
        handlerId: w.deputy.id,
        severity: 'serious',
      });
      // half of the time, from now on
      expect(await due(id)).toEqual(['2026-03-10T03:00:00.000Z']);
      expect((await w.manager.post(`/complaints/${id}/notify-departments`, { areas: ['technical'] })).status).toBe(403);
      expect((await raise(id, 'grave', w.deputy)).body).toMatchObject({ severity: 'grave' });
      expect((await w.deputy.post(`/complaints/${id}/assign`, { personId: w.manager.id })).body).toMatchObject({
        code: 'complaints.complaint.deputy-only',
      });
      const lowered = await lower(id, 'minor');
      expect(lowered.body).toMatchObject({ severity: 'minor', handlerId: w.deputy.id });
      expect((await of(complaintEvents['severity-changed'], id)).at(-1)!.data).toMatchObject({
        previousSeverity: 'grave',
        meta: { reason: 'It was less than thought.', rule: 'C-16' },
      });
      expect((await w.deputy.post(`/complaints/${id}/assign`, { personId: w.manager.id })).body).toMatchObject({
        handlerId: w.manager.id,
      });
    },
  );

  clause(
    'C-16',
    'refused',
    'lowered by the manager or without a reason, raised by others or without a criterion',
    async () => {
      const id = await logged();
      await raise(id, 'medium');
      expect((await lower(id, 'minor', w.manager)).body).toMatchObject({ status: 403, rule: 'C-16' });
      expect(
        (await w.deputy.post(`/complaints/${id}/lower-severity`, { severity: 'minor', criteria: ['money'] })).body,
      ).toMatchObject({
        status: 400,
        field: 'reason',
      });
      for (const member of [w.seller, w.support, w.gm, w.technical])
        expect((await raise(id, 'grave', member)).body).toMatchObject({ status: 403, rule: 'C-16' });
      expect((await raise(id, 'grave', w.deputy)).body).toMatchObject({ code: 'complaints.complaint.not-the-handler' });
      expect((await raise(id, 'grave', w.manager, [])).body).toMatchObject({ status: 400, field: 'criteria' });
      expect((await raise(id, 'terrible')).status).toBe(400);
    },
  );

  clause('C-16', 'boundary', 'raised means higher and lowered means lower: the same is neither', async () => {
    const id = await logged();
    await raise(id, 'medium');
    for (const severity of ['minor', 'medium'])
      expect((await raise(id, severity)).body).toMatchObject({
        status: 422,
        code: 'complaints.complaint.not-raised',
        field: 'severity',
      });
    for (const severity of ['medium', 'serious', 'grave'])
      expect((await lower(id, severity)).body).toMatchObject({ status: 422, code: 'complaints.complaint.not-lowered' });
    expect((await lower(id, 'minor')).status).toBe(200);
  });

  clause('C-16', 'boundary', 'nothing lowers it by itself: opened again, waited for, it is what it was', async () => {
    const id = await logged();
    await raise(id, 'serious');
    await w.upTo(id, 'resolved', w.deputy);
    await w.deputy.post(`/complaints/${id}/reopen`, { reason: 'The customer called.' });
    await w.deputy.post(`/complaints/${id}/wait-for-customer`, { question: 'What is it now?' });
    await w.deputy.post(`/complaints/${id}/customer-answered`, { answer: 'The same.' });
    expect(await w.read(id)).toMatchObject({ state: 'reopened', severity: 'serious', handlerId: w.deputy.id });
  });
});
