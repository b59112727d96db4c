import { complaintEvents } from '@fenxiao/contracts/complaints';
import { returnAnswerEvents } from '@fenxiao/contracts/goods';
import { newId } from '@fenxiao/domain/id';
import { clause } from '@fenxiao/testing/clause';
import { afterAll, beforeAll, describe, expect } from '@jest/globals';
import { qualityWorld, tuesday, type Bought, type QualityWorld } from '../../test/quality.js';

describe('a complaint beside its form, its 8D and its earlier rounds', () => {
  let w: QualityWorld;
  let bought: Bought;
  beforeAll(async () => {
    w = await qualityWorld();
    bought = await w.bought(await w.customer());
  });
  afterAll(() => w.close());
  const logged = async (extra: object = {}) => {
    w.h.time.set(tuesday);
    return (await w.log(bought, { defect: `defect ${newId()}`, ...extra })).body.id as string;
  };
  const upTo = async (state: Parameters<typeof w.upTo>[1], extra: object = {}) => {
    const id = await logged(extra);
    await w.upTo(id, state);
    return id;
  };
  const move = (id: string, name: string, form: object = {}, by = w.manager) =>
    by.post(`/complaints/${id}/${name}`, form);
  const told = { informedOn: '2026-03-10', by: 'telephone' };
  const content = { satisfied: true, score: 5, note: 'All well.' };
  const last = async (contract: Parameters<typeof w.h.events>[0], id: string) =>
    (await w.h.events(contract)).findLast(({ subject }) => subject === id)!.data as Record<string, unknown>;
  const capasOf = async (id: string) => (await w.gm.get(`/capas?complaintId=${id}`)).body.items;
  const inquiriesOf = async (id: string) => (await w.gm.get(`/inquiries?complaintId=${id}`)).body.items;
  const complainedOf = { status: 403, code: 'complaints.complaint.complained-of', rule: 'C-01' };

  clause(
    'C-09',
    'allowed',
    'the third of its kind that is decided, and a serious one at once, open an 8D',
    async () => {
      const defect = `glaze ${newId()}`;
      const ids = [
        await upTo('resolving', { defect }),
        await upTo('resolving', { defect }),
        await upTo('decision', { defect }),
      ];
      for (const id of ids) expect(await capasOf(id)).toEqual([]);
      await move(ids[2]!, 'decide', { remedy: 'refund', estimatedCost: '10' });
      expect(await capasOf(ids[2]!)).toMatchObject([{ trigger: 'repeat', repeat: 3, state: 'opened' }]);
      const serious = await upTo('acknowledged');
      await move(serious, 'raise-severity', { severity: 'serious', criteria: ['money'] });
      expect(await capasOf(serious)).toMatchObject([{ trigger: 'severity', severity: 'serious' }]);
      // safety is a reason once it is known to be justified
      const safety = await upTo('resolving');
      await move(safety, 'raise-severity', { severity: 'medium', criteria: ['safety'] });
      expect(await capasOf(safety)).toMatchObject([{ trigger: 'safety' }]);
    },
  );

  clause('C-09', 'boundary', 'raised to medium before its verdict a complaint opens none', async () => {
    const id = await upTo('acknowledged');
    await move(id, 'raise-severity', { severity: 'medium', criteria: ['safety'] });
    expect(await capasOf(id)).toEqual([]);
  });

  clause('C-08', 'refused', 'T25: not archived until the office has the copy; then with the time of it', async () => {
    const id = await upTo('resolved');
    await move(id, 'inform-customer', told);
    await move(id, 'follow-up', content);
    expect((await move(id, 'archive')).body).toMatchObject({
      status: 409,
      code: 'complaints.complaint.copy-not-received',
      rule: 'C-08',
    });
    await w.file(id);
    w.h.time.set('2026-03-10T03:00:00Z');
    expect((await move(id, 'archive')).body).toMatchObject({
      state: 'archived',
      closedAt: '2026-03-10T03:00:00.000Z',
    });
  });

  clause('C-01', 'refused', 'T27: the person complained of makes no move of the complaint', async () => {
    const open = await upTo('acknowledged', { against: w.deputy.id });
    await move(open, 'raise-severity', { severity: 'medium', criteria: ['money'] });
    const { deputy, support } = w;
    const severity = { severity: 'minor', criteria: ['money'], reason: 'Less.' };
    expect((await move(open, 'lower-severity', severity, deputy)).body).toMatchObject(complainedOf);
    expect((await move(open, 'assign', { personId: w.manager.id }, deputy)).body).toMatchObject(complainedOf);
    await move(open, 'wait-for-customer', { question: 'Photographs?' });
    expect((await move(open, 'customer-answered', { answer: 'No.' }, deputy)).body).toMatchObject(complainedOf);
    const ended = await upTo('resolved', { against: support.id });
    expect((await move(ended, 'inform-customer', told, support)).body).toMatchObject(complainedOf);
    await move(ended, 'inform-customer', told);
    expect((await move(ended, 'follow-up', content, support)).body).toMatchObject(complainedOf);
    expect((await move(ended, 'reopen', { reason: 'Again.' }, support)).body).toMatchObject(complainedOf);
    await move(ended, 'follow-up', content);
    await w.file(ended);
    expect((await move(ended, 'archive', {}, support)).body).toMatchObject(complainedOf);
    expect((await move(ended, 'archive')).body).toMatchObject({ state: 'archived' });
  });

  clause('C-06', 'boundary', 'X-04: a limit is of all rounds together, to the fen', async () => {
    const id = await upTo('decision');
    await move(id, 'decide', { remedy: 'refund', estimatedCost: '3000' });
    await move(id, 'resolve', { actualCost: '2999.99' });
    expect((await move(id, 'reopen', { reason: 'It came again.' })).body).toMatchObject({
      spent: '2999.99',
      actualCost: null,
    });
    expect(await last(complaintEvents.reopened, id)).toMatchObject({ actualCost: '2999.99' });
    await move(id, 'judge', { verdict: 'justified', evidence: 'Looked at again.' });
    const decide = (estimatedCost: string) => move(id, 'decide', { remedy: 'refund', estimatedCost });
    expect((await decide('2000.02')).body).toMatchObject({ status: 403, code: 'authority.above-limit' });
    expect((await decide('2000.01')).status).toBe(200);
    expect((await move(id, 'resolve', { actualCost: '2000.02' })).body).toMatchObject({
      code: 'authority.above-limit',
    });
    expect((await move(id, 'resolve', { actualCost: '2000.01' })).body).toMatchObject({
      spent: '2999.99',
      actualCost: '2000.01',
    });
    expect(await last(complaintEvents.resolved, id)).toMatchObject({ actualCost: '5000.00' });
    // opened a third time and found not justified, what was spent stays
    await move(id, 'reopen', { reason: 'And again.' });
    await move(id, 'reject', { evidence: 'Nothing.', furtherRoutes: 'Arbitration.', reason: 'No defect.' });
    expect(await last(complaintEvents.rejected, id)).toMatchObject({ actualCost: '5000.00' });
  });

  clause('C-07', 'allowed', 'what the customer answered is on record for staff, and in no event', async () => {
    const own = await w.h.staff('distributor', { unit: bought.customer.code });
    w.h.time.set(tuesday);
    const { id } = (await w.log(bought, { defect: `defect ${newId()}` }, own)).body;
    await w.upTo(id, 'acknowledged');
    await move(id, 'wait-for-customer', { question: 'Which pallet?' });
    await move(id, 'customer-answered', { answer: 'The lower one.' }, w.support);
    await move(id, 'notify-departments', { areas: ['technical'] });
    const [{ id: inquiry }] = await inquiriesOf(id);
    await w.technical.post(`/inquiries/${inquiry}/answer`, { atFault: true, finding: 'Glaze.' });
    await move(id, 'confirm-cause', { cause: 'technical', finding: 'Glaze.' });
    await move(id, 'judge', { verdict: 'partly', evidence: 'Seen.' });
    await move(id, 'decide', { remedy: 'advice', estimatedCost: '0' });
    await move(id, 'resolve', { actualCost: '0' });
    await move(id, 'inform-customer', told);
    await move(id, 'follow-up', content, w.support);
    expect(await w.read(id)).toMatchObject({ answer: 'The lower one.', followUpNote: 'All well.' });
    const { body } = await own.get(`/complaints/${id}`);
    expect(body).toMatchObject({ state: 'followed-up', score: 5 });
    for (const field of ['answer', 'followUpNote', 'spent']) expect(body).not.toHaveProperty(field);
    const facts = [
      await last(complaintEvents['customer-answered'], id),
      await last(complaintEvents['followed-up'], id),
    ];
    expect(JSON.stringify(facts)).not.toMatch(/lower one|All well/);
  });

  clause(
    'C-06',
    'boundary',
    'a return refused while the customer is waited for: the wait until then counts',
    async () => {
      const id = await upTo('resolving');
      const asked = await move(id, 'request-return', { cause: 'Wrong glaze.' });
      await move(id, 'wait-for-customer', { question: 'When can we fetch it?' });
      w.h.time.set('2026-03-10T03:30:00Z');
      await w.h.publish(returnAnswerEvents.refused, asked.body.returnRequestId, {
        complaintId: id,
        reason: 'Sold on.',
      });
      await w.h.settle();
      expect(await w.read(id)).toMatchObject({ state: 'decision', waitedMinutes: 90 });
      // and nothing more of it when it is over already
      await move(id, 'decide', { remedy: 'refund', estimatedCost: '1' });
      w.h.time.set('2026-03-10T06:00:00Z');
      expect((await move(id, 'resolve', { actualCost: '1' })).body).toMatchObject({
        waitedMinutes: 90,
        resolutionMinutes: 90,
      });
    },
  );

  clause(
    'C-03',
    'refused',
    'a cause that its department denies; it is asked again, others in another round',
    async () => {
      const id = await upTo('acknowledged');
      await move(id, 'notify-departments', { areas: ['technical', 'customer-use'] });
      const answer = async (atFault: boolean) => {
        const [{ id: inquiry }] = await inquiriesOf(id);
        await w.technical.post(`/inquiries/${inquiry}/answer`, { atFault, finding: 'Looked at.' });
      };
      const confirm = async (cause: string) => (await move(id, 'confirm-cause', { cause, finding: 'x' })).body;
      const notFound = { status: 422, code: 'complaints.inquiry.cause-not-found', field: 'cause' };
      await answer(false);
      expect(await confirm('technical')).toMatchObject(notFound);
      expect((await move(id, 'notify-further', { areas: ['technical'] })).status).toBe(200);
      const further = await move(id, 'notify-further', { areas: ['technical'] });
      expect(further.body).toMatchObject({ code: 'complaints.complaint.notified-already' });
      await answer(true);
      expect((await move(id, 'notify-further', { areas: ['technical'] })).status).toBe(422);
      // a wait is no new round
      await move(id, 'wait-for-customer', { question: 'More?' });
      w.h.time.set('2026-03-10T03:00:00Z');
      await move(id, 'customer-answered', { answer: 'No.' });
      expect(await confirm('technical')).toMatchObject({ state: 'cause-confirmed' });
      await move(id, 'reject', { evidence: 'Nothing.', furtherRoutes: 'Arbitration.', reason: 'No defect.' });
      await move(id, 'reopen', { reason: 'New samples.' });
      w.h.time.set('2026-03-10T04:00:00Z');
      await move(id, 'notify-departments', { areas: ['technical'] });
      expect(await confirm('technical')).toMatchObject(notFound);
      await answer(true);
      expect(await confirm('technical')).toMatchObject({ state: 'cause-confirmed' });
    },
  );

  clause('C-03', 'allowed', 'the customer’s use is the cause where the department is not at fault', async () => {
    const id = await upTo('acknowledged');
    await move(id, 'notify-departments', { areas: ['customer-use'] });
    const [{ id: inquiry }] = await inquiriesOf(id);
    await w.technical.post(`/inquiries/${inquiry}/answer`, { atFault: false, finding: 'Cut with the wrong tool.' });
    const cause = { cause: 'customer-use', finding: 'Cut with the wrong tool.' };
    expect((await move(id, 'confirm-cause', cause)).body).toMatchObject({ state: 'cause-confirmed' });
  });

  clause('C-06', 'boundary', 'of goods that nobody knows there is no repeat', async () => {
    const row = { receivedAt: '2026-03-01T10:00', defect: `crack ${newId()}`, source: 'books' };
    const rows = ['R-1', 'R-2'].map((number) => ({ ...row, number }));
    const importer = await w.h.staff('importer');
    await importer.post('/imports/complaints', { importId: newId(), rows });
    w.h.time.set(tuesday);
    for (const { number } of rows) {
      const { id } = (await w.gm.get(`/complaints?number=${number}`)).body.items[0];
      await w.upTo(id, 'resolving');
      expect(await w.read(id)).toMatchObject({ state: 'resolving', repeat: null });
    }
  });

  clause('C-08', 'allowed', 'a complaint of another register needs no form of today to be archived', async () => {
    const row = { number: 'R-3', receivedAt: '2026-03-01T10:00', defect: 'crack', source: 'books' };
    await (await w.h.staff('importer')).post('/imports/complaints', { importId: newId(), rows: [row] });
    w.h.time.set(tuesday);
    const { id } = (await w.gm.get('/complaints?number=R-3')).body.items[0];
    await w.upTo(id, 'resolved');
    await move(id, 'inform-customer', told);
    await move(id, 'follow-up', content);
    expect((await move(id, 'archive')).body).toMatchObject({ state: 'archived', closedAt: '2026-03-10T02:00:00.000Z' });
  });

  clause('C-05', 'refused', 'a visit that was found needed is not given up without a reason', async () => {
    const id = await upTo('cause-confirmed');
    const persons = [w.manager.id, w.head.id];
    await move(id, 'plan-visit', { needed: true, plannedOn: '2026-03-10', persons });
    expect((await move(id, 'plan-visit', { needed: false })).body).toMatchObject({
      status: 422,
      code: 'complaints.visit.unneeded',
      field: 'unneeded',
    });
    const unneeded = 'The customer sent samples.';
    expect((await move(id, 'plan-visit', { needed: false, unneeded })).body.visit).toEqual({ needed: false, unneeded });
    expect((await move(id, 'judge', { verdict: 'justified', evidence: 'Samples.' })).status).toBe(200);
  });
});
