import { complaintEvents } from '@fenxiao/contracts/complaints';
import { clause } from '@fenxiao/testing/clause';
import { until } from '@fenxiao/testing/wait';
import { afterAll, beforeAll, describe, expect } from '@jest/globals';
import { qualityWorld, tuesday, type Bought, type QualityWorld } from '../../test/quality.js';

describe('the customer is told, and asked afterwards', () => {
  let w: QualityWorld;
  let bought: Bought;
  beforeAll(async () => {
    w = await qualityWorld();
    bought = await w.bought(await w.customer());
  });
  afterAll(() => w.close());
  const resolved = async () => {
    w.h.time.set(tuesday);
    const { id } = (await w.log(bought)).body;
    await w.upTo(id, 'resolved');
    return id as string;
  };
  const move = (id: string, name: string, form: object = {}, by = w.support) =>
    by.post(`/complaints/${id}/${name}`, form);
  const told = { informedOn: '2026-03-10', by: 'telephone' };
  const of = async (contract: Parameters<typeof w.h.events>[0], id: string) =>
    (await w.h.events(contract)).filter(({ subject }) => subject === id);

  clause('C-07', 'allowed', 'told, called after a week, satisfied, archived, sealed', async () => {
    const id = await resolved();
    expect((await move(id, 'inform-customer', told)).body).toMatchObject({
      state: 'resolved',
      informedBy: 'telephone',
      informedOn: '2026-03-10',
    });
    expect((await of(complaintEvents['customer-informed'], id))[0]!.data).toMatchObject(told);
    w.h.time.set('2026-03-17T02:00:00Z');
    const called = await move(id, 'follow-up', { satisfied: true, score: 5, note: 'All well.' });
    expect([called.status, called.body]).toMatchObject([200, { state: 'followed-up', satisfied: true, score: 5 }]);
    expect((await of(complaintEvents['followed-up'], id))[0]!.data).toMatchObject({ satisfied: true, score: 5 });
    await w.file(id);
    expect((await move(id, 'archive')).body).toMatchObject({ state: 'archived' });
    expect((await of(complaintEvents.archived, id))[0]!.data).toMatchObject({
      informedOn: '2026-03-10',
      satisfied: true,
    });
    expect((await w.manager.post(`/complaints/${id}/reopen`, { reason: 'x' })).status).toBe(409);
    const { rows } = await w.h.pool.query('SELECT FROM archive_document WHERE subject = $1', [id]);
    expect(rows).toHaveLength(1);
  });

  clause(
    'X-20',
    'refused',
    'who complained reads how it ended, and not the sealed record of our work on it',
    async () => {
      w.h.time.set(tuesday);
      const customer = await w.h.staff('distributor', { unit: bought.customer.code });
      const { id } = (await w.log(bought, {}, customer)).body;
      await w.upTo(id, 'resolved');
      await move(id, 'inform-customer', told);
      w.h.time.set('2026-03-17T02:00:00Z');
      await move(id, 'follow-up', { satisfied: true, score: 5 });
      await w.file(id);
      await move(id, 'archive');
      expect((await customer.get(`/complaints/${id}`)).body).toMatchObject({ state: 'archived', remedy: 'replace' });
      const [{ id: sealed }] = (await w.office.get(`/archive?subject=${id}`)).body.items;
      expect((await w.office.get(`/archive/${sealed}`)).status).toBe(200);
      expect((await customer.get(`/archive?subject=${id}`)).body).toMatchObject({ items: [] });
      expect((await customer.get(`/archive/${sealed}`)).body).toMatchObject({
        status: 403,
        code: 'procedure.no-power',
      });
    },
  );

  clause('C-07', 'allowed', 'who is not satisfied has it opened again, and it is decided anew', async () => {
    const id = await resolved();
    await move(id, 'inform-customer', told);
    const called = await move(id, 'follow-up', { satisfied: false, score: 2 });
    expect([called.status, called.body]).toMatchObject([200, { state: 'reopened', satisfied: false }]);
    const [reopened] = await of(complaintEvents.reopened, id);
    expect(reopened!.data).toMatchObject({ satisfied: false, meta: { role: 'system', rule: 'C-07' } });
    const again = (name: string, form: object) => w.manager.post(`/complaints/${id}/${name}`, form);
    await again('judge', { verdict: 'justified', evidence: 'Looked at again.' });
    expect((await again('decide', { remedy: 'refund', estimatedCost: '900' })).body).toMatchObject({
      state: 'resolving',
    });
    await again('resolve', { actualCost: '900' });
    // what was told the first time does not count for the second
    expect((await move(id, 'follow-up', { satisfied: true, score: 4 })).body).toMatchObject({
      code: 'complaints.complaint.customer-not-informed',
    });
  });

  clause(
    'C-07',
    'refused',
    'archived without the follow-up, followed up without the customer told, told without a way',
    async () => {
      const id = await resolved();
      expect((await move(id, 'archive')).body).toMatchObject({ status: 409, code: 'procedure.move-not-allowed' });
      expect((await move(id, 'follow-up', { satisfied: true, score: 5 })).body).toMatchObject({
        status: 409,
        code: 'complaints.complaint.customer-not-informed',
        rule: 'C-07',
      });
      expect((await move(id, 'inform-customer', { informedOn: '2026-03-10' })).body).toMatchObject({
        status: 400,
        field: 'by',
      });
      await move(id, 'inform-customer', told);
      expect((await move(id, 'archive')).status).toBe(409);
      expect((await move(id, 'follow-up', { satisfied: true })).body).toMatchObject({ status: 400, field: 'score' });
      expect((await move(id, 'follow-up', { satisfied: true, score: 5 }, w.technical)).status).toBe(403);
    },
  );

  clause(
    'C-07',
    'refused',
    'what was not justified is archived only when the customer was told, with the further ways',
    async () => {
      w.h.time.set(tuesday);
      const { id } = (await w.log(bought)).body;
      await w.upTo(id, 'cause-confirmed');
      const form = { evidence: 'Within the standard.', furtherRoutes: 'Arbitration.', reason: 'No defect.' };
      await w.manager.post(`/complaints/${id}/reject`, form);
      expect((await move(id, 'archive')).body).toMatchObject({ code: 'complaints.complaint.customer-not-informed' });
      await move(id, 'inform-customer', told);
      await w.file(id);
      expect((await move(id, 'archive')).body).toMatchObject({ state: 'archived' });
    },
  );

  clause(
    'C-07',
    'boundary',
    'told not before the outcome nor tomorrow; scores from 1 to 5; the seventh day is in time',
    async () => {
      const id = await resolved();
      for (const informedOn of ['2026-03-09', '2026-03-11'])
        expect((await move(id, 'inform-customer', { ...told, informedOn })).body).toMatchObject({
          code: 'complaints.complaint.informed-not-that-day',
          field: 'informedOn',
        });
      expect((await move(id, 'inform-customer', told)).status).toBe(200);
      for (const score of [0, 6, 2.5])
        expect((await move(id, 'follow-up', { satisfied: true, score })).status).toBe(400);
      const { followUpOn, deadlines } = await w.read(id);
      expect([followUpOn, deadlines]).toMatchObject([
        '2026-03-17',
        [{ move: 'follow-up', dueAt: '2026-03-17T15:59:59.999Z' }],
      ]);
      const breaches = async () => (await of(complaintEvents['clock-breached'], id)).length;
      w.h.time.set('2026-03-17T15:59:59.998Z');
      await w.h.service.clocks.tick();
      expect(await breaches()).toBe(0);
      expect(await of(complaintEvents['clock-warned'], id)).toHaveLength(1);
      w.h.time.set('2026-03-17T15:59:59.999Z');
      await until('the breach', async () => (await breaches()) === 1);
      expect((await move(id, 'follow-up', { satisfied: true, score: 1 })).status).toBe(200);
    },
  );
});
