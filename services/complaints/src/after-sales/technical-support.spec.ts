import { technicalSupportEvents } from '@fenxiao/contracts/after-sales';
import { clause } from '@fenxiao/testing/clause';
import type { Member } from '@fenxiao/testing/harness';
import { until } from '@fenxiao/testing/wait';
import { afterAll, beforeAll, beforeEach, describe, expect } from '@jest/globals';
import { company, type Company } from '../../test/after-sales.js';

let c: Company;
beforeAll(async () => {
  c = await company({ AFTER_SALES_DECIDE_HOURS: '2', TECHNICAL_SUPPORT_REOPEN_DAYS: '7' });
}, 60_000);
afterAll(() => c?.close());
beforeEach(() => c.h.time.set('2026-03-10T02:00:00Z'));

const path = (id: string, move = '') => `/technical-support/${id}${move ? `/${move}` : ''}`;
const asked = async (by: Member = c.distributor) => {
  const form = { distributorCode: c.customer.code, productCode: 'P1', question: 'Which glue for this tile?' };
  return (await by.post('/technical-support', form)).body as { id: string; number: string };
};
const move = (by: Member, id: string, name: string, body: object = {}) => by.post(path(id, name), body);
const told = { way: 'telephone' };
const article = async (published = true) => {
  const form = { title: 'Glue', symptom: 'Tiles come loose', solution: 'Use C2', productCode: 'P1' };
  const { body } = await c.technical.post('/knowledge-articles', form);
  if (published) await c.technical.post(`/knowledge-articles/${body.id}/publish`);
  return body as { id: string; number: string; state: string };
};
const answered = async () => {
  const { id } = await asked();
  await move(c.administrator, id, 'notify-manager', told);
  await move(c.technical, id, 'answer', { answer: 'C2' });
  return id;
};
const closed = async () => {
  const id = await answered();
  await move(c.administrator, id, 'inform-manager', told);
  expect((await move(c.administrator, id, 'close')).body.state).toBe('closed');
  return id;
};
const closings = async (id: string) =>
  (await c.h.events(technicalSupportEvents.closed)).filter(({ subject }) => subject === id).map(({ data }) => data);

describe('C-21 technical support 技术支持', () => {
  clause('C-21', 'allowed', 'a question is answered with an article at the first contact, and closed', async () => {
    const { id: articleId, number } = await article();
    expect(number).toMatch(/^ZS-2026-\d{6}$/);
    const { id } = await asked();
    await move(c.administrator, id, 'notify-manager', told);
    c.h.time.pass(3_600_000);
    const reply = await move(c.technical, id, 'answer', { answer: 'C2', articleIds: [articleId, articleId] });
    expect(reply.body).toMatchObject({ state: 'answered', articleIds: [articleId], answer: 'C2' });
    expect((await c.distributor.get(path(id))).body.answer).toBe('C2');
    await move(c.administrator, id, 'inform-manager', told);
    c.h.time.pass(3_600_000);
    await move(c.administrator, id, 'close');
    expect(await closings(id)).toMatchObject([
      {
        contacts: 1,
        reopenings: 0,
        articleIds: [articleId],
        receivedAt: '2026-03-10T02:00:00.000Z',
        answeredAt: '2026-03-10T03:00:00.000Z',
        closedAt: '2026-03-10T04:00:00.000Z',
        noticeMinutes: 0,
        resolutionMinutes: 60,
        // the hour from noon is nobody's
        closureMinutes: 120,
        regionId: c.east,
        productCode: 'P1',
        meta: { rule: 'C-21' },
      },
    ]);
  });

  clause(
    'C-21',
    'allowed',
    'who comes back with it is no first-contact resolution; opened again, it is counted',
    async () => {
      const id = await answered();
      const again = await move(c.distributor, id, 'contact-again', { reason: 'It does not hold' });
      expect(again.body).toMatchObject({ state: 'technical-verifying', contacts: 2 });
      await move(c.technical, id, 'answer', { answer: 'Then C2 S1' });
      await move(c.administrator, id, 'inform-manager', told);
      await move(c.administrator, id, 'close');
      const reopened = await move(c.distributor, id, 'reopen', { reason: 'Loose again' });
      expect(reopened.body).toMatchObject({ state: 'technical-verifying', reopenings: 1 });
      await move(c.technical, id, 'answer', { answer: 'We send somebody' });
      await move(c.administrator, id, 'inform-manager', told);
      await move(c.administrator, id, 'close');
      expect(await closings(id)).toMatchObject([
        { contacts: 2, reopenings: 0 },
        { contacts: 2, reopenings: 1 },
      ]);
    },
  );

  clause(
    'C-21',
    'refused',
    'answered with an article that is not published, or by whoever is not technical',
    async () => {
      const { id } = await asked();
      await move(c.administrator, id, 'notify-manager', told);
      const draft = await article(false);
      const gone = await article();
      await c.technical.post(`/knowledge-articles/${gone.id}/withdraw`, { reason: 'Wrong' });
      for (const articleId of [draft.id, gone.id, id])
        expect((await move(c.technical, id, 'answer', { answer: 'C2', articleIds: [articleId] })).body).toMatchObject({
          status: 422,
          code: 'complaints.knowledge-article.not-published',
          rule: 'C-21',
          field: 'articleIds',
        });
      for (const other of [c.administrator, c.manager, c.salesGm, c.distributor, c.seller])
        expect((await move(other, id, 'answer', { answer: 'C2' })).status).toBe(403);
      for (const other of [c.administrator, c.salesGm, c.distributor])
        expect((await other.post('/knowledge-articles', { title: 'x', symptom: 'x', solution: 'x' })).status).toBe(403);
      expect((await c.distributor.get(`/knowledge-articles/${gone.id}`)).status).toBe(403);
      const late = await c.technical.post(
        `/knowledge-articles/${gone.id}/edit`,
        { title: 'x', symptom: 'x', solution: 'x' },
        { 'if-match': '"3"' },
      );
      expect(late.body).toMatchObject({ status: 409, code: 'procedure.move-not-allowed' });
      expect((await c.westManager.get(path(id))).body).toMatchObject({ status: 403, code: 'procedure.outside-scope' });
    },
  );

  clause('C-21', 'refused', 'it has no verdict, and closes only once the regional manager was told', async () => {
    const id = await answered();
    expect((await move(c.technical, id, 'decide')).status).toBe(404);
    expect((await move(c.administrator, id, 'close')).body).toMatchObject({
      status: 409,
      allowed: ['contact-again', 'inform-manager'],
    });
  });

  clause(
    'C-21',
    'boundary',
    'the clocks are those of a case, as they are set; opened again on the last day',
    async () => {
      const { id } = await asked();
      const deadlines = async () => (await c.administrator.get(path(id))).body.deadlines;
      expect(await deadlines()).toMatchObject([{ move: 'notify-manager', dueAt: '2026-03-10T02:30:00.000Z' }]);
      await move(c.administrator, id, 'notify-manager', told);
      expect(await deadlines()).toMatchObject([
        { move: 'answer', dueAt: '2026-03-10T04:00:00.000Z', clause: 'C-21' },
        { move: 'begin-verifying' },
      ]);
      c.h.time.set('2026-03-10T04:00:00Z');
      await until('the breach', async () => (await deadlines()).some((one: { breached?: true }) => one.breached));
      c.h.time.set('2026-03-10T02:00:00Z');
      const [first, second] = [await closed(), await closed()];
      // the last moment of the seventh day in Shanghai, and the first of the eighth
      c.h.time.set('2026-03-17T15:59:59.999Z');
      expect((await move(c.administrator, first, 'reopen', { reason: 'Again' })).status).toBe(200);
      c.h.time.set('2026-03-17T16:00:00Z');
      expect((await move(c.administrator, second, 'reopen', { reason: 'Again' })).body).toMatchObject({
        status: 409,
        code: 'complaints.technical-support.too-late-to-reopen',
        rule: 'C-21',
      });
    },
  );
});
