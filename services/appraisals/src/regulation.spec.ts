import { regulationEvents } from '@fenxiao/contracts/regulations';
import { clause } from '@fenxiao/testing/clause';
import { harness, type Harness, type Member } from '@fenxiao/testing/harness';
import { until } from '@fenxiao/testing/wait';
import { afterAll, beforeAll, beforeEach, describe, expect } from '@jest/globals';
import { appraisals } from './service.js';

const START = '2026-03-10T02:00:00Z';
let h: Harness;
let hr: Member;
let salesManager: Member;
let generalManager: Member;
let clerk: Member;
beforeAll(async () => {
  h = await harness(appraisals, { now: START });
  hr = await h.staff('human-resources');
  salesManager = await h.staff('sales-manager', { unit: 'sales' });
  generalManager = await h.staff('general-manager');
  clerk = await h.staff('order-clerk', { unit: 'sales' });
  await h.staff('importer');
  await h.staff('distributor');
}, 60_000);
afterAll(() => h?.close());
beforeEach(() => h.time.set(START));

let made = 0;
const content = (over: object = {}) => ({
  code: `R${++made}`,
  version: 1,
  title: 'Prices',
  text: 'Nobody sells under the list without approval.',
  effectiveFrom: '2026-03-10',
  ...over,
});
const drawUp = async (over: object = {}, by = hr) => (await by.post('/regulations', content(over))).body;
const inForce = async (over: object = {}, by = hr): Promise<string> => {
  const { id } = await drawUp(over, by);
  expect((await generalManager.post(`/regulations/${id}/approve`)).body.state).toBe('effective');
  return id;
};
const stateOf = async (id: string) => (await clerk.get(`/regulations/${id}`)).body.state as string;
const confirm = (member: Member, regulationId: string) => member.post('/read-confirmations', { regulationId });

describe('X-10 rules as documents', () => {
  clause('X-10', 'allowed', 'drawn up, approved, in force, replaced by the next version; readers confirm', async () => {
    const code = 'PRICES';
    const first = await inForce({ code });
    expect((await confirm(clerk, first)).body).toMatchObject({ state: 'confirmed', form: { regulationId: first } });
    const second = await drawUp({ code, version: 2, effectiveFrom: '2026-03-12' });
    expect((await generalManager.post(`/regulations/${second.id}/approve`)).body.state).toBe('approved');
    h.time.set('2026-03-11T16:00:00Z');
    await until('its day', async () => (await h.service.clocks.tick(), (await stateOf(second.id)) === 'effective'));
    expect(await stateOf(first)).toBe('replaced');
    expect((await h.events(regulationEvents.replaced)).at(-1)).toMatchObject({
      subject: first,
      data: { form: { code } },
    });

    const unread = (await hr.get(`/regulations/${second.id}/reading`)).body;
    expect(unread).toMatchObject({ people: 4, confirmed: 0, percentage: '0.00' });
    await confirm(clerk, second.id);
    const { missing, percentage } = (await salesManager.get(`/regulations/${second.id}/reading`)).body;
    expect(percentage).toBe('25.00');
    expect((missing as { personId: string }[]).map(({ personId }) => personId)).not.toContain(clerk.id);
  });

  clause('X-10', 'refused', 'no text, a version out of turn, one in the past, approved by its writers', async () => {
    expect((await drawUp({ text: undefined })).code).toBe('appraisals.regulation.no-text');
    expect((await drawUp({ version: 2 })).code).toBe('appraisals.regulation.not-next');
    expect(await drawUp({ effectiveFrom: '2026-03-09' })).toMatchObject({
      status: 422,
      code: 'appraisals.regulation.in-the-past',
      rule: 'X-10',
    });
    const { id } = await drawUp();
    expect((await hr.post(`/regulations/${id}/approve`)).status).toBe(403);
    h.time.set('2026-03-10T16:00:00Z');
    expect((await generalManager.post(`/regulations/${id}/approve`)).body.code).toBe(
      'appraisals.regulation.in-the-past',
    );
  });

  clause('X-10', 'refused', 'reading is not confirmed twice, for another, or of a draft', async () => {
    const regulationId = await inForce();
    const answers = await Promise.all([confirm(clerk, regulationId), confirm(clerk, regulationId)]);
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([201, 409]);
    expect((await confirm(clerk, regulationId)).body.code).toBe('appraisals.read-confirmation.confirmed-before');
    const forAnother = await hr.post('/read-confirmations', { regulationId, personId: salesManager.id });
    expect(forAnother.body).toMatchObject({ status: 400, errors: [{ field: 'personId' }] });
    expect((await confirm(hr, (await drawUp()).id)).body.code).toBe('appraisals.read-confirmation.not-in-force');
    expect((await clerk.get(`/regulations/${regulationId}/reading`)).status).toBe(403);
  });

  clause('X-10', 'boundary', 'in force from the first moment of its day, not before', async () => {
    const { id } = await drawUp({ effectiveFrom: '2026-03-11' });
    await generalManager.post(`/regulations/${id}/approve`);
    h.time.set('2026-03-10T15:59:59Z');
    await h.service.clocks.tick();
    expect(await stateOf(id)).toBe('approved');
    h.time.set('2026-03-10T16:00:00Z');
    await until('its day', async () => (await h.service.clocks.tick(), (await stateOf(id)) === 'effective'));
  });

  clause(
    'X-10',
    'boundary',
    'a refusal names the document and version in force that its clause stands in',
    async () => {
      const refusal = async () => (await clerk.post('/people', {})).body;
      expect(await refusal()).toMatchObject({ rule: 'X-01a' });
      const id = await inForce({ code: 'STAFF', clauses: ['X-01a', 'X-02'] });
      await until('the regulation to be known', async () => (await refusal()).regulation !== undefined);
      expect((await refusal()).regulation).toEqual({
        code: 'STAFF',
        version: 1,
        effectiveFrom: '2026-03-10',
        path: `/api/appraisals/regulations/${id}`,
      });
      const second = await inForce({ code: 'STAFF', version: 2, clauses: ['X-02'] });
      await until('the next version', async () => (await refusal()).regulation === undefined);
      expect((await clerk.post('/positions', {})).body.regulation).toMatchObject({
        version: 2,
        path: `/api/appraisals/regulations/${second}`,
      });
    },
  );
});

describe('X-11 rules of the departments', () => {
  const own = { type: 'management-system', department: 'sales' };

  clause('X-11', 'allowed', 'the sales manager makes the three types for each department', async () => {
    for (const type of ['management-system', 'job-responsibility', 'operating-procedure'])
      await inForce({ ...own, type }, salesManager);
    const { items } = (await clerk.get('/regulations?state=effective')).body as { items: { form: { type: string } }[] };
    expect(items.slice(0, 3).map(({ form }) => form.type)).toEqual([
      'operating-procedure',
      'job-responsibility',
      'management-system',
    ]);
  });
  clause('X-11', 'refused', 'anybody else, or without naming the department', async () => {
    expect(await drawUp(own)).toMatchObject({ status: 403, code: 'appraisals.regulation.not-owner', rule: 'X-11' });
    expect(await drawUp({ ...own, department: undefined }, salesManager)).toMatchObject({
      status: 422,
      rule: 'X-11',
      field: 'department',
    });
  });
  clause('X-11', 'boundary', "a new version replaces its department's document, not another's", async () => {
    const [sales, technical] = ['MS-SALES', 'MS-TECH'];
    const first = await inForce({ ...own, code: sales }, salesManager);
    const other = await inForce({ ...own, code: technical, department: 'technical' }, salesManager);
    await inForce({ ...own, code: sales, version: 2 }, salesManager);
    expect([await stateOf(first), await stateOf(other)]).toEqual(['replaced', 'effective']);
  });
});
