import { clause } from '@fenxiao/testing/clause';
import { harness, type Harness, type Member, type Reply } from '@fenxiao/testing/harness';
import { until } from '@fenxiao/testing/wait';
import { afterEach, beforeEach, describe, expect } from '@jest/globals';
import { appraisals } from './service.js';

/** A document in force closes the gate for everybody, so each test has a company of its own. */
let h: Harness;
let hr: Member;
let generalManager: Member;
beforeEach(async () => {
  h = await harness(appraisals, { now: '2026-03-10T02:00:00Z' });
  hr = await h.staff('human-resources');
  generalManager = await h.staff('general-manager');
}, 60_000);
afterEach(() => h?.close());

/** Puts a document in force. */
const inForce = async (over: object): Promise<string> => {
  const form = { code: 'DOC', version: 1, title: 'T', text: 'T', effectiveFrom: '2026-03-10', ...over };
  const { id } = (await hr.post('/regulations', form)).body;
  expect((await generalManager.post(`/regulations/${id}/approve`)).body.state).toBe('effective');
  return id;
};
/** Some command of personnel's, wrong in its form: 400 when the gate is open, 403 when it is shut. */
const work = (member: Member): Promise<Reply> => member.post('/people', {});
const shut = (member: Member) => until('the gate to shut', async () => (await work(member)).status === 403);
const open = (member: Member) => until('the gate to open', async () => (await work(member)).status === 400);

describe('X-10 confirmed before any work', () => {
  clause('X-10', 'refused', 'whoever has not confirmed a must-read does nothing else; reading is free', async () => {
    const id = await inForce({ mustBeReadFirst: true });
    await shut(hr);
    expect((await work(hr)).body).toMatchObject({
      code: 'work.reading-first',
      rule: 'X-10',
      confirm: {
        read: `/api/appraisals/regulations/${id}`,
        path: '/api/appraisals/read-confirmations',
        body: { regulationId: id },
      },
    });
    expect((await hr.get('/people')).status).toBe(200);
    expect((await hr.get('/me')).body.pending).toEqual({ reading: id, agreement: null });
    const refusals = (await h.events()).filter(({ type }) => type.endsWith('.move.refused.v1'));
    expect(refusals.at(-1)!.data).toMatchObject({ procedure: 'person', code: 'work.reading-first' });
  });
  clause('X-10', 'allowed', 'confirming opens the gate, also for who joins later', async () => {
    const id = await inForce({ mustBeReadFirst: true });
    await shut(hr);
    expect((await hr.post('/read-confirmations', { regulationId: id })).status).toBe(201);
    await open(hr);
    const newcomer = await h.staff('human-resources');
    expect((await work(newcomer)).body.code).toBe('work.reading-first');
    await newcomer.post('/read-confirmations', { regulationId: id });
    await open(newcomer);
  });
  clause('X-10', 'boundary', 'what need not be read first, the import and distributors pass', async () => {
    const [importer, distributor] = [await h.staff('importer'), await h.staff('distributor')];
    await inForce({});
    await inForce({ code: 'MUST', mustBeReadFirst: true });
    await shut(hr);
    expect((await hr.get('/me')).body.pending.reading).not.toBeNull();
    expect((await work(importer)).body.code).toBe('procedure.no-power');
    expect((await work(distributor)).body.code).toBe('procedure.no-power');
  });
});

describe('X-20 the secrets agreement', () => {
  clause('X-20', 'refused', 'nobody works without having accepted the agreement in force', async () => {
    const id = await inForce({ type: 'secrets-agreement' });
    await shut(hr);
    expect((await work(hr)).body).toMatchObject({
      code: 'work.agreement-first',
      rule: 'X-20',
      confirm: { path: '/api/appraisals/agreement-acceptances', body: { agreementId: id } },
    });
    const wrong = await hr.post('/agreement-acceptances', { agreementId: hr.id });
    expect(wrong.body).toMatchObject({ status: 409, code: 'appraisals.agreement-acceptance.not-in-force' });
  });
  clause('X-20', 'allowed', 'accepting opens the gate; accepted again, the earlier acceptance is renewed', async () => {
    const agreementId = await inForce({ type: 'secrets-agreement' });
    await shut(hr);
    const first = (await hr.post('/agreement-acceptances', { agreementId })).body;
    await open(hr);
    h.time.set('2027-03-01T02:00:00Z');
    await hr.post('/agreement-acceptances', { agreementId });
    expect((await hr.get(`/agreement-acceptances/${first.id}`)).body.state).toBe('renewed');
    await h.settle();
    h.time.set('2027-06-01T02:00:00Z');
    expect((await work(hr)).status).toBe(400);
  });
  clause('X-20', 'boundary', 'a year includes its last day; the day after, it has to be accepted again', async () => {
    const agreementId = await inForce({ type: 'secrets-agreement' });
    await shut(hr);
    const { id } = (await hr.post('/agreement-acceptances', { agreementId })).body;
    await open(hr);
    h.time.set('2027-03-10T15:59:59Z');
    expect((await work(hr)).status).toBe(400);
    h.time.set('2027-03-10T16:00:00Z');
    expect((await work(hr)).body.code).toBe('work.agreement-first');
    await until('it to lapse', async () => {
      await h.service.clocks.tick();
      return (await hr.get(`/agreement-acceptances/${id}`)).body.state === 'lapsed';
    });
  });
});
