import { contactRecordEvents } from '@fenxiao/contracts/after-sales';
import { clause } from '@fenxiao/testing/clause';
import { until } from '@fenxiao/testing/wait';
import { afterAll, beforeAll, beforeEach, describe, expect } from '@jest/globals';
import { company, type Company } from '../../test/after-sales.js';

let c: Company;
beforeAll(async () => {
  c = await company();
}, 60_000);
afterAll(() => c?.close());
beforeEach(() => c.h.time.set('2026-03-10T02:00:00Z'));

const form = (extra: object = {}) => ({
  distributorCode: c.customer.code,
  contactedOn: '2026-03-10',
  way: 'telephone',
  direction: 'to-customer',
  topic: 'service',
  content: 'Asked how the last delivery was',
  ...extra,
});
const record = (extra: object = {}, by = c.clerk) => by.post('/contact-records', form(extra));

describe('C-11 contact history 往来跟踪', () => {
  clause('C-11', 'allowed', 'the sales support clerk keeps the history of a customer and follows it up', async () => {
    const reported = await c.distributor.post('/after-sales-cases', {
      distributorCode: c.customer.code,
      description: 'Tiles come loose',
    });
    const extra = { topic: 'after-sales', caseId: reported.body.id, followUpOn: '2026-03-12', contact: '某某' };
    const kept = await record(extra);
    expect(kept.body).toMatchObject({
      state: 'to-follow-up',
      caseId: reported.body.id,
      contact: '某某',
      regionId: c.east,
    });
    const done = await c.clerk.post(`/contact-records/${kept.body.id}/follow-up`, { outcome: 'All is well' });
    expect(done.body).toMatchObject({ state: 'done', followedUpOn: '2026-03-10', outcome: 'All is well' });
    const earlier = await record({ contactedOn: '2026-03-01' });
    expect(earlier.body).toMatchObject({ state: 'done', followUpOn: null });
    // newest contact first, however they were written down
    const history = await c.manager.get(`/contact-records?distributorId=${c.customer.id}`);
    expect(history.body.items.map(({ id }: { id: string }) => id)).toEqual([kept.body.id, earlier.body.id]);
    const ofCase = await c.clerk.get(`/contact-records?caseId=${reported.body.id}`);
    expect(ofCase.body.items).toHaveLength(1);
    const [followed] = await c.h.events(contactRecordEvents['followed-up']);
    expect(followed!.data).toMatchObject({
      distributorId: c.customer.id,
      outcome: 'All is well',
      meta: { rule: 'C-11' },
    });
    expect(JSON.stringify(await c.h.events())).not.toContain('某某');
  });

  clause(
    'C-11',
    'refused',
    'kept by anybody but the clerk, read in another region, or of a case of somebody else',
    async () => {
      for (const other of [c.seller, c.administrator, c.manager, c.distributor, c.technical])
        expect((await record({}, other)).body).toMatchObject({ status: 403, rule: 'C-11' });
      const { body } = await record({ followUpOn: '2026-03-11' });
      expect((await c.administrator.post(`/contact-records/${body.id}/follow-up`, { outcome: 'x' })).status).toBe(403);
      expect((await c.westManager.get(`/contact-records/${body.id}`)).body).toMatchObject({
        code: 'procedure.outside-scope',
      });
      expect((await c.westManager.get('/contact-records')).body.items).toEqual([]);
      expect((await c.distributor.get('/contact-records')).status).toBe(403);
      const reported = await c.administrator.post('/after-sales-cases', {
        distributorCode: c.westCustomer.code,
        description: 'Tiles come loose',
      });
      expect((await record({ caseId: reported.body.id })).body).toMatchObject({
        status: 422,
        code: 'complaints.contact-record.case-of-another',
        field: 'caseId',
      });
      expect((await record({ distributorCode: 'NONE' })).body).toMatchObject({ status: 422, field: 'distributorCode' });
      expect((await record({ content: ' ' })).body).toMatchObject({ status: 400, field: 'content' });
    },
  );

  clause('C-11', 'boundary', 'had today and to be followed up today; not tomorrow’s, nor yesterday’s', async () => {
    const today = await record({ contactedOn: '2026-03-10', followUpOn: '2026-03-10' });
    expect(today.status).toBe(201);
    expect((await record({ contactedOn: '2026-03-11' })).body).toMatchObject({
      status: 422,
      code: 'complaints.contact-record.not-yet',
    });
    expect((await record({ followUpOn: '2026-03-09' })).body).toMatchObject({
      status: 422,
      code: 'complaints.contact-record.follow-up-past',
    });
    const deadline = async () => (await c.clerk.get(`/contact-records/${today.body.id}`)).body.deadlines[0];
    expect(await deadline()).toMatchObject({ move: 'follow-up', dueAt: '2026-03-10T15:59:59.999Z' });
    c.h.time.set('2026-03-10T15:59:59.998Z');
    await c.h.service.clocks.tick();
    expect((await deadline()).breached).toBeUndefined();
    c.h.time.set('2026-03-10T15:59:59.999Z');
    await until('the breach', async () => (await deadline()).breached);
  });
});
