import { surveyEvents } from '@fenxiao/contracts/surveys';
import { newId } from '@fenxiao/domain/id';
import { readConfig } from '@fenxiao/service-kit/config';
import { SignedLinks } from '@fenxiao/service-kit/signed-links';
import { clause } from '@fenxiao/testing/clause';
import { until } from '@fenxiao/testing/wait';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { tuesday } from '../../test/quality.js';
import { complaintsConfig } from '../config.js';
import { surveyWorld, type SurveyWorld } from '../../test/surveys.js';

const key = (fill: number) => Buffer.alloc(32, fill).toString('base64');

describe('a customer answers by the link', () => {
  let w: SurveyWorld;
  beforeAll(async () => {
    w = await surveyWorld({
      SURVEY_LINK_KEY: key(2),
      SURVEY_LINK_KEY_PREVIOUS: key(1),
      PUBLIC_URL: 'https://x.example/',
    });
  }, 60_000);
  afterAll(() => w?.close());
  beforeEach(() => w.h.time.set(tuesday));
  const read = async (id: string) => (await w.gm.get(`/surveys/${id}`)).body;
  const facts = async (fact: 'answered' | 'delivered' | 'expired', id: string) =>
    (await w.h.events(surveyEvents[fact])).filter(({ subject }) => subject === id);
  const forged = (id: string, by: { key?: string; purpose?: string; until?: string } = {}) =>
    new SignedLinks(by.purpose ?? 'fenxiao-survey', { key: by.key ?? key(2) }).sign(
      id,
      new Date(by.until ?? '2026-04-01T00:00:00Z'),
    );

  clause('C-18', 'allowed', 'a score and a comment, once; the answer is read by staff and told as a fact', async () => {
    const { id, token, customer } = await w.asked();
    await w.support.post(`/surveys/${id}/deliver`, { way: 'mail' });
    const form = await w.page(`?token=${token}`);
    expect(form.status).toBe(200);
    expect(form.text).toContain('How satisfied are you with this delivery?');
    const sent = await w.answer(token, { score: '4', comment: ' On time. ' });
    expect([sent.status, sent.text]).toEqual([200, expect.stringContaining('Thank you for your answer')]);
    expect(await read(id)).toMatchObject({
      state: 'answered',
      score: 4,
      comment: 'On time.',
      answeredOn: '2026-03-10',
    });
    expect((await w.seller.get(`/surveys/${id}`)).body).toMatchObject({ score: 4 });
    expect((await facts('answered', id))[0]!.data).toMatchObject({
      kind: 'delivery',
      score: 4,
      comment: 'On time.',
      deliveredOn: '2026-03-10',
      answeredOn: '2026-03-10',
      distributorCode: customer.code,
      meta: { actor: 'system', rule: 'C-18' },
    });
    // who is content is not made an opinion of
    expect((await w.gm.get(`/opinions?distributorId=${customer.id}`)).body.items).toEqual([]);
  });

  clause('C-18', 'allowed', 'an answer shows that the link was handed over, where nobody wrote it down', async () => {
    const { id, token } = await w.asked();
    expect((await w.answer(token)).status).toBe(200);
    expect((await facts('delivered', id))[0]!.data).toMatchObject({ deliveredOn: '2026-03-10' });
    expect(await read(id)).toMatchObject({ state: 'answered', way: null });
  });

  clause('C-18', 'allowed', 'a low score with its reason is a criticism that somebody answers (C-17)', async () => {
    const { id, number, token, customer } = await w.asked();
    await w.answer(token, { score: '2', comment: 'Three days late.' });
    const { body } = await w.gm.get(`/opinions?distributorId=${customer.id}`);
    expect(body.items).toMatchObject([
      {
        kind: 'criticism',
        channel: 'web',
        content: `${number}: 2/5\nThree days late.`,
        region: w.east,
        state: 'recorded',
      },
    ]);
    expect(await read(id)).toMatchObject({ opinionId: body.items[0].id });
    expect((await facts('answered', id))[0]!.data).toMatchObject({ opinionId: body.items[0].id });
  });

  clause('C-18', 'boundary', 'low is 2 of 5, and only with a reason; 1 to 5 are scores, nothing else is', async () => {
    const { id, token, customer } = await w.asked();
    for (const score of ['0', '6', '2.5', '', '05', '-1', 'x']) {
      const refused = await w.answer(token, { score, comment: 'kept <b>' });
      expect([score, refused.status]).toEqual([score, 400]);
      expect(refused.text).toContain('Please choose a score.');
      expect(refused.text).toContain('kept &#60;b&#62;');
    }
    expect((await w.answer(token, { score: '1', comment: 'x'.repeat(2001) })).status).toBe(400);
    expect(await read(id)).toMatchObject({ state: 'issued', score: null });
    await w.answer(token, { score: '1' });
    const content = await w.asked();
    await w.answer(content.token, { score: '3', comment: 'So so.' });
    for (const by of [customer, content.customer])
      expect((await w.gm.get(`/opinions?distributorId=${by.id}`)).body.items).toEqual([]);
  });

  clause(
    'C-18',
    'refused',
    'forged, of another purpose, changed, over, of nothing: one and the same page',
    async () => {
      const { id, token } = await w.asked();
      const [head, , signature] = token.split('.') as [string, string, string];
      const none = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${token.split('.')[1]}.`;
      const other = (await w.asked()).token.split('.')[1]!;
      const tokens = [
        await forged(id, { key: key(9) }),
        await forged(id, { purpose: 'another' }),
        await forged(id, { until: '2026-03-10T01:59:59Z' }),
        `${head}.${other}.${signature}`,
        none,
        `${token}x`,
        'x',
        '',
        id,
      ];
      const pages = [await w.page('')];
      for (const wrong of tokens) pages.push(await w.page(`?token=${wrong}`), await w.answer(wrong));
      // right, but of a survey that is not there
      const unknown = await forged(newId());
      pages.push(await w.page(`?token=${unknown}`), await w.answer(unknown));
      expect(new Set(pages.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
      expect(pages[0]).toMatchObject({ status: 404, text: expect.stringContaining('This link is not valid') });
      expect(await read(id)).toMatchObject({ state: 'issued' });
    },
  );

  clause(
    'C-18',
    'refused',
    'used once: afterwards it says thank you, and neither shows nor changes the answer',
    async () => {
      const { id, token } = await w.asked();
      await w.answer(token, { score: '2', comment: 'secret words' });
      const again = [await w.page(`?token=${token}`), await w.answer(token, { score: '5', comment: 'changed' })];
      for (const { status, text } of again) {
        expect([status, text]).toEqual([200, expect.stringContaining('Thank you')]);
        expect(text).not.toMatch(/secret words|changed|value="2"/);
      }
      expect(await read(id)).toMatchObject({ score: 2, comment: 'secret words' });
      expect((await w.support.get(`/surveys/${id}/link`)).body).toMatchObject({ code: 'complaints.survey.closed' });
    },
  );

  clause(
    'C-18',
    'boundary',
    'of forms sent at the same time one is the answer; the link opens until its last day ends',
    async () => {
      const { id, token } = await w.asked();
      const sent = await Promise.all(
        ['1', '2', '3', '4', '5'].map((score) => w.answer(token, { score, comment: score })),
      );
      expect(sent.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
      expect(await facts('answered', id)).toHaveLength(1);
      const { score, comment } = await read(id);
      expect(comment).toBe(String(score));

      const late = await w.asked();
      await w.support.post(`/surveys/${late.id}/deliver`, { way: 'visit' });
      const unhanded = await w.asked();
      w.h.time.set('2026-04-09T15:59:58Z');
      expect((await w.page(`?token=${late.token}`)).status).toBe(200);
      w.h.time.set('2026-04-09T16:00:00Z');
      expect((await w.page(`?token=${late.token}`)).status).toBe(404);
      expect((await w.answer(late.token)).status).toBe(404);
      for (const one of [late, unhanded])
        await until('it has expired', async () => (await read(one.id)).state === 'expired');
      expect((await facts('expired', late.id))[0]!.data).toMatchObject({ deliveredOn: '2026-03-10' });
      expect((await facts('expired', unhanded.id))[0]!.data.deliveredOn).toBeUndefined();
      expect((await w.support.post(`/surveys/${unhanded.id}/deliver`, { way: 'mail' })).status).toBe(409);
    },
  );

  it('C-18: the link is shown to who hands it over, is written down, and is nowhere else', async () => {
    const { id, token } = await w.asked();
    const shown = await w.seller.get(`/surveys/${id}/link`);
    expect(shown.body).toEqual({ link: `https://x.example/survey?token=${token}`, expiresOn: '2026-04-09' });
    expect(shown.headers.get('cache-control')).toContain('no-store');
    const { rows } = await w.h.pool.query(
      `SELECT actor, outcome FROM audit WHERE subject = $1 AND move = 'show-link' ORDER BY id`,
      [id],
    );
    expect(rows).toMatchObject([{ actor: w.support.id }, { actor: w.seller.id, outcome: 'done' }]);
    const signature = token.split('.')[2]!;
    const { body } = await w.gm.get('/surveys?limit=200');
    const stored = await w.h.pool.query(`SELECT string_agg(a::text, '') AS text FROM audit a`);
    const told = JSON.stringify([
      ...(await w.h.events(surveyEvents.issued)),
      ...(await w.h.events(surveyEvents.delivered)),
    ]);
    for (const text of [JSON.stringify(body), stored.rows[0].text, told]) expect(text).not.toContain(signature);
  });

  it('C-18: links of the key before still open; nothing of the page leads away or runs', async () => {
    const { id } = await w.asked();
    expect((await w.page(`?token=${await forged(id, { key: key(1) })}`)).status).toBe(200);
    const token = await w.tokenOf(id);
    const { text, headers } = await w.page(`?token=${token}&lang=zh`);
    expect(text).toContain('<html lang="zh-CN">');
    expect(text).toContain('您对这次送货满意吗？');
    expect(text.replaceAll('&#61;', '=').replaceAll('&#38;', '&')).toContain(`"?token=${token}&lang=en"`);
    expect(text).not.toMatch(/<script|\son\w+="|https?:\/\//);
    expect(Object.fromEntries(headers)).toMatchObject({
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'content-security-policy': expect.stringMatching(/^default-src 'none'/),
    });
    expect(headers.get('set-cookie')).toBeNull();
    // looking is not answering, however often
    expect(await read(id)).toMatchObject({ state: 'issued' });
  });

  it('C-18: sixty forms an hour from one address', async () => {
    const from = { 'x-forwarded-for': '10.9.9.9' };
    for (let i = 0; i < 60; i++) expect((await w.page('', { token: 'x' }, from)).status).toBe(404);
    const last = await w.page('', { token: 'x' }, from);
    expect([last.status, Number(last.headers.get('retry-after')) > 0]).toEqual([429, true]);
  });

  it('C-18: without a key of its own the service does not start', () => {
    for (const wrong of ['', 'demonstration', Buffer.alloc(16).toString('base64')])
      expect(() => readConfig(complaintsConfig, { ...w.h.environment, SURVEY_LINK_KEY: wrong })).toThrow(
        'SURVEY_LINK_KEY',
      );
  });
});
