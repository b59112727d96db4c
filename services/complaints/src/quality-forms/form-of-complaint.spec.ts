import { system } from '@fenxiao/service-kit/actor';
import { qualityComplaintFormEvents } from '@fenxiao/contracts/quality-forms';
import { clause } from '@fenxiao/testing/clause';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ifMatch, path, section } from '../../test/quality-form-world.js';
import { qualityWorld, tuesday, type QualityWorld } from '../../test/quality.js';
import { requireFiled } from './form.js';

/** C-04, C-08: the form beside the complaint that it is about, as both really go. */
describe('the form of a complaint', () => {
  let w: QualityWorld;
  beforeAll(async () => {
    w = await qualityWorld();
    w.h.time.set(tuesday);
  }, 60_000);
  afterAll(() => w.close());

  it('is copied when the complaint is resolved, and anew when it was opened again', async () => {
    const office = await w.h.staff('office');
    const { id: complaintId, number } = (await w.log(await w.bought(await w.customer()))).body;
    const form = (await w.manager.post(path, { complaintId })).body;
    expect(form).toMatchObject({ complaintNumber: number, state: 'opened', region: w.east });
    const move = async (name: string, body: object = {}, by = w.manager) => {
      const reply = await by.post(`${path}/${form.id}/${name}`, body, await ifMatch(w.manager, form.id));
      return reply.body.state ?? reply.body.code;
    };
    const filed = async (place: string) => {
      await move('send-copy');
      return move('receive-copy', { place }, office);
    };
    const written = async () => {
      await move('route', { departments: ['sales'] });
      await move('fill-section', section('sales'));
      await move('sign-section', { department: 'sales' });
      return move('sign', { result: 'As decided.' });
    };
    const requireIt = () => w.h.service.transactions.run(system, (work) => requireFiled(work, complaintId));

    expect(await written()).toBe('signed');
    expect(await move('send-copy')).toBe('complaints.quality-complaint-form.not-handled');
    await w.upTo(complaintId, 'resolved');
    expect(await filed('Cabinet 4')).toBe('filed');
    await requireIt();

    w.h.time.set('2026-03-12T02:00:00Z');
    const reopened = await w.manager.post(`/complaints/${complaintId}/reopen`, { reason: 'Again.' });
    expect(reopened.body.state).toBe('reopened');
    await expect(requireIt()).rejects.toMatchObject({ code: 'complaints.complaint.copy-not-received', rule: 'C-08' });
    expect(await move('reopen', { reason: 'Opened again.' })).toBe('opened');
    expect(await written()).toBe('signed');
  });

  const opened = async () => {
    w.h.time.set(tuesday);
    const { id: complaintId } = (await w.log(await w.bought(await w.customer()))).body;
    const { id } = (await w.manager.post(path, { complaintId })).body;
    return {
      complaintId,
      id,
      move: async (name: string, body: object = {}) =>
        (await w.manager.post(`${path}/${id}/${name}`, body, await ifMatch(w.manager, id))).body.state,
      due: async () =>
        (await w.manager.get(`${path}/${id}`)).body.deadlines.map(
          ({ move, dueAt }: { move: string; dueAt: string }) => `${move} ${dueAt}`,
        ),
      late: async () =>
        (await w.h.events(qualityComplaintFormEvents['clock-breached']))
          .filter(({ subject }) => subject === id)
          .map(({ data }) => (data as never as { move: string }).move),
    };
  };
  const tick = async (at: string) => {
    w.h.time.set(at);
    await w.h.service.clocks.tick();
  };

  clause('C-04', 'boundary', 'routed within a working day, the last instant included, then late once', async () => {
    const form = await opened();
    expect(await form.due()).toEqual(['route 2026-03-11T02:00:00.000Z']);
    await tick('2026-03-11T01:59:59.999Z');
    expect(await form.late()).toEqual([]);
    await tick('2026-03-11T02:00:00Z');
    expect(await form.late()).toEqual(['route']);
    await form.move('route', { departments: ['sales'] });
    expect(await form.due()).toMatchObject([expect.stringContaining('complete-sections')]);
  });

  clause(
    'C-08',
    'boundary',
    'opened again in the instant of the signature: what was signed is not copied',
    async () => {
      const form = await opened();
      await form.move('route', { departments: ['sales'] });
      await form.move('fill-section', section('sales'));
      await form.move('sign-section', { department: 'sales' });
      await w.upTo(form.complaintId, 'resolved');
      expect(await form.move('sign', { result: 'As decided.' })).toBe('signed');
      await w.manager.post(`/complaints/${form.complaintId}/reopen`, { reason: 'Again.' });
      await w.manager.post(`/complaints/${form.complaintId}/reject`, {
        evidence: 'Samples compared.',
        furtherRoutes: 'The branch general manager.',
        reason: 'Not ours.',
      });
      const copied = await w.manager.post(`${path}/${form.id}/send-copy`);
      expect(copied.body).toMatchObject({ status: 409, code: 'complaints.quality-complaint-form.outdated' });
      expect(await form.move('reopen', { reason: 'Resolved otherwise.' })).toBe('opened');
    },
  );

  clause('C-08', 'boundary', 'signed and copied within a working day of the handling, none of it before', async () => {
    const form = await opened();
    await form.move('route', { departments: ['sales'] });
    await form.move('fill-section', section('sales'));
    expect(await form.move('sign-section', { department: 'sales' })).toBe('sections-complete');
    expect(await form.due()).toEqual([]);
    w.h.time.set('2026-03-11T02:00:00Z');
    await w.upTo(form.complaintId, 'resolved');
    expect(await form.due()).toEqual(['sign 2026-03-12T02:00:00.000Z']);
    expect(await form.move('sign', { result: 'As decided.' })).toBe('signed');
    expect(await form.due()).toEqual(['send-copy 2026-03-12T02:00:00.000Z']);
    await w.manager.post(`/complaints/${form.complaintId}/reopen`, { reason: 'Again.' });
    expect(await form.due()).toEqual([]);
    expect(await form.move('reopen', { reason: 'Opened again.' })).toBe('opened');
    await form.move('route', { departments: ['sales'] });
    await form.move('fill-section', section('sales'));
    await form.move('sign-section', { department: 'sales' });
    expect(await form.move('sign', { result: 'As it will be decided.' })).toBe('signed');
    expect(await form.due()).toEqual([]);
    w.h.time.set('2026-03-11T03:00:00Z');
    await w.manager.post(`/complaints/${form.complaintId}/reject`, {
      evidence: 'Samples compared.',
      furtherRoutes: 'The branch general manager.',
      reason: 'Not ours.',
    });
    expect(await form.due()).toEqual(['send-copy 2026-03-12T03:00:00.000Z']);
    await tick('2026-03-12T03:00:00Z');
    expect(await form.late()).toEqual(['send-copy']);
  });
});
