import { system } from '@fenxiao/service-kit/actor';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { path, section } from '../../test/quality-form-world.js';
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
      const reply = await by.post(`${path}/${form.id}/${name}`, body);
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
});
