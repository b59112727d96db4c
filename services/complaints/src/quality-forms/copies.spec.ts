import { system } from '@fenxiao/service-kit/actor';
import { clause } from '@fenxiao/testing/clause';
import { afterAll, beforeAll, beforeEach, describe, expect } from '@jest/globals';
import { aComplaint, becomes } from '../../test/a-complaint.js';
import { formWorld, path, section, type FormWorld } from '../../test/quality-form-world.js';
import { requireFiled } from './form.js';

/** Tuesday 10 March 2026, 10:00 in Shanghai. */
const START = '2026-03-10T02:00:00Z';
let w: FormWorld;
beforeAll(async () => {
  w = await formWorld(START);
}, 60_000);
afterAll(() => w?.h.close());
beforeEach(() => w.h.time.set(START));

describe('C-08 original and copy', () => {
  const sent = async (over: Parameters<typeof aComplaint>[1] = {}) => {
    const form = await w.signed(over);
    await becomes(w.h, form.complaint, 'resolved');
    expect((await w.move(form.id, 'send-copy')).body.state).toBe('copied-to-office');
    return form;
  };
  const sealed = async (id: string) => (await w.office.get(`/archive?subject=${id}`)).body.items as Sealed[];
  interface Sealed {
    hash: string;
    version: number;
    holders: object[];
  }
  /** as the reopening of its complaint leaves it */
  const reopened = async (complaint: string) => {
    await w.h.pool.query(
      `INSERT INTO audit (at, actor, role, procedure, subject, move, outcome, rule) VALUES ($1, 'system', 'system', 'complaint', $2, 'reopen', 'done', 'C-07')`,
      [w.h.time.now(), complaint],
    );
    await w.h.pool.query('UPDATE quality_complaint_form SET outdated = true WHERE complaint = $1', [complaint]);
  };
  const requireIt = (id: string) => w.h.service.transactions.run(system, (work) => requireFiled(work, id));

  clause(
    'C-08',
    'allowed',
    'the sealed copy goes to the office, which receives it; sales keeps the original',
    async () => {
      const { id, complaint } = await sent();
      const [document, ...others] = await sealed(id);
      expect(others).toEqual([]);
      expect(document!.holders).toEqual([
        { holder: 'sales-manager', kind: 'original' },
        { holder: 'office', kind: 'copy' },
      ]);
      expect((await w.noticesAbout(id)).at(-1)).toMatchObject({
        kind: 'task',
        move: 'receive-copy',
        to: { powers: { office: 'all' } },
      });
      const { body } = await w.move(id, 'receive-copy', { place: 'Cabinet 4', hash: document!.hash }, w.office);
      expect(body).toMatchObject({
        state: 'filed',
        copyHash: document!.hash,
        copyReceivedById: w.office.id,
        place: 'Cabinet 4',
      });
      const [filed] = await w.factsOf('copy-filed', id);
      expect(filed).toMatchObject({
        hash: document!.hash,
        copyOnTime: true,
        copyDueAt: '2026-03-11T10:00:00.000Z',
        meta: { rule: 'C-08' },
      });
      await requireIt(complaint.id);
      const page = await w.office.get(`${path}/${id}/page`);
      expect(page.body).toContain(document!.hash);
    },
  );

  clause('C-08', 'refused', 'T25: without the office having received the copy nothing is closed', async () => {
    const refusal = { code: 'complaints.complaint.copy-not-received', kind: 'conflict', rule: 'C-08' };
    const { id: bare } = await aComplaint(w.h);
    await expect(requireIt(bare)).rejects.toMatchObject(refusal);
    const { id, complaint } = await w.signed();
    expect((await w.move(id, 'send-copy')).body).toMatchObject({
      status: 409,
      code: 'complaints.quality-complaint-form.not-handled',
    });
    await becomes(w.h, complaint, 'resolved');
    await expect(requireIt(complaint.id)).rejects.toMatchObject(refusal);
    expect((await w.move(id, 'send-copy')).body.state).toBe('copied-to-office');
    await expect(requireIt(complaint.id)).rejects.toMatchObject(refusal);
    for (const by of [w.manager, w.deputy, w.clerk, w.technicalHead])
      expect((await w.move(id, 'receive-copy', { place: 'x' }, by)).body).toMatchObject({ status: 403, rule: 'C-08' });
    expect((await w.move(id, 'receive-copy', { place: 'x', hash: 'a'.repeat(64) }, w.office)).body).toMatchObject({
      status: 422,
      code: 'complaints.quality-complaint-form.other-copy',
    });
    // read-only from here on
    expect((await w.move(id, 'sign', { result: 'another' })).status).toBe(409);
    expect((await w.move(id, 'fill-section', section('technical'), w.technical)).status).toBe(409);
    await w.move(id, 'receive-copy', { place: 'Cabinet 4' }, w.office);
    await expect(requireIt(complaint.id)).resolves.toBeUndefined();
    expect((await w.move(id, 'receive-copy', { place: 'again' }, w.office)).status).toBe(409);
  });

  clause(
    'C-08',
    'boundary',
    'received by the end of the next business day is on time, a moment later the manager is told',
    async () => {
      const [first, second] = [await sent(), await sent()];
      w.h.time.set('2026-03-11T10:00:00Z');
      await w.move(first.id, 'receive-copy', { place: 'x' }, w.office);
      await w.h.service.clocks.tick();
      w.h.time.set('2026-03-11T10:00:00.001Z');
      await w.move(second.id, 'receive-copy', { place: 'x' }, w.office);
      expect((await w.factsOf('copy-filed', first.id))[0]).toMatchObject({ copyOnTime: true });
      expect((await w.factsOf('copy-filed', second.id))[0]).toMatchObject({ copyOnTime: false });
      const breach = (await w.noticesAbout(second.id)).find(({ kind }) => kind === 'breach');
      expect(breach!.to.powers).toEqual({ office: 'all', 'sales-manager': 'all' });
    },
  );

  clause('C-08', 'boundary', 'opened again with its complaint: another edition, copied and received anew', async () => {
    const { id, complaint } = await sent();
    await w.move(id, 'receive-copy', { place: 'Cabinet 4' }, w.office);
    expect((await w.move(id, 'reopen', { reason: 'x' })).body.code).toBe(
      'complaints.quality-complaint-form.complaint-not-reopened',
    );
    // signed sections stay as long as the complaint has not been opened again, handled or not
    await becomes(w.h, complaint, 'notified');
    expect((await w.move(id, 'reopen', { reason: 'x' })).status).toBe(409);
    w.h.time.set('2026-03-20T02:00:00Z');
    await becomes(w.h, complaint, 'reopened');
    await reopened(complaint.id);
    await expect(requireIt(complaint.id)).rejects.toMatchObject({ rule: 'C-08' });
    expect((await w.move(id, 'reopen', { reason: 'Shades differ again.' })).body).toMatchObject({
      state: 'opened',
      edition: 2,
      sections: [],
      result: null,
    });
    expect(await sealed(id)).toHaveLength(1);
    await w.move(id, 'route', { departments: ['quality'] });
    await w.fillAndSign(id, 'quality', w.quality);
    await w.move(id, 'sign', { result: 'Money back.' });
    w.h.time.set('2026-03-20T02:00:01Z');
    await becomes(w.h, complaint, 'resolved');
    await w.move(id, 'send-copy');
    await w.move(id, 'receive-copy', { place: 'Cabinet 4' }, w.office);
    await expect(requireIt(complaint.id)).resolves.toBeUndefined();
    expect((await sealed(id)).map(({ version }) => version)).toEqual([2, 1]);
  });

  clause(
    'C-08',
    'refused',
    'what was signed before the complaint was opened again is not copied, and can be opened again',
    async () => {
      const { id, complaint } = await w.signed();
      w.h.time.set('2026-03-10T03:00:00Z');
      await reopened(complaint.id);
      await becomes(w.h, complaint, 'resolved');
      expect((await w.move(id, 'send-copy')).body).toMatchObject({
        status: 409,
        code: 'complaints.quality-complaint-form.outdated',
      });
      expect((await w.move(id, 'reopen', { reason: 'Resolved otherwise.' })).body.state).toBe('opened');
    },
  );

  clause('C-04', 'refused', 'T27: the person complained of fills, signs and receives nothing', async () => {
    const form = await w.routed(['quality'], { against: w.quality.id });
    for (const [name, body] of [
      ['fill-section', section('quality')],
      ['sign-section', { department: 'quality' }],
    ] as const)
      expect((await w.move(form.id, name, body, w.quality)).body).toMatchObject({
        status: 403,
        code: 'complaints.quality-complaint-form.complained-of',
      });
    const { id, complaint } = await w.signed({ against: w.office.id });
    await becomes(w.h, complaint, 'resolved');
    await w.move(id, 'send-copy');
    expect((await w.move(id, 'receive-copy', { place: 'x' }, w.office)).status).toBe(403);
  });
});
