import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { shipmentEvents } from '@fenxiao/contracts/orders';
import { newId } from '@fenxiao/domain/id';
import { clause } from '@fenxiao/testing/clause';
import { harness, type Harness, type Member } from '@fenxiao/testing/harness';
import { complaints } from '../service.js';

let h: Harness;
let manager: Member;
beforeAll(async () => {
  h = await harness(complaints, { now: '2026-03-10T02:00:00Z' });
  manager = await h.staff('sales-manager');
}, 60_000);
afterAll(() => h?.close());

const typed = {
  kind: 'quality',
  customer: '示例客户',
  telephone: '13800000000',
  description: '<b>颜色</b>不一致 & "很多"',
  receipt: 'R-1',
  productName: '抛光砖',
  specification: '600×600',
  quantity: '12.5',
  purchasedOn: '2026-03-01',
  defect: '色差',
  wanted: 'replace',
};

/** Another visitor each test: the gateway says from where. */
let visitor = 0;
beforeEach(() => void visitor++);

async function page(path: string, fields?: Record<string, string>, headers: Record<string, string> = {}) {
  const response = await fetch(`${h.url}/public${path}`, {
    ...(fields ? { method: 'POST', body: new URLSearchParams(fields) } : {}),
    headers: { 'accept-language': 'en', 'x-forwarded-for': `10.0.0.${visitor}`, ...headers },
  });
  return { status: response.status, headers: response.headers, text: await response.text() };
}

/** The code of a form as it is served, and what the page says after it was sent. */
async function file(fields: Record<string, string>) {
  const form = await page('/complain');
  const code = /name="code" value="(\w{26})"/.exec(form.text)![1]!;
  const answer = await page('/complain', { ...fields, code });
  return { code, answer, number: /TS-2026-\d+/.exec(answer.text)?.[0] };
}

describe('the public page', () => {
  clause(
    'C-01',
    'allowed',
    'a customer without an account files a complaint and follows it to its outcome',
    async () => {
      const { code, answer, number } = await file(typed);
      expect([answer.status, answer.headers.get('cache-control')]).toEqual([201, 'no-store']);
      expect(answer.text).toContain(code.slice(0, 5));
      const { body } = await manager.get(`/complaints?number=${number}`);
      expect(body.items).toMatchObject([
        {
          state: 'logged',
          channel: 'web',
          productName: '抛光砖',
          quantity: '12.500',
          grade: 'not known',
          wanted: 'replace',
        },
      ]);
      const [{ id }] = body.items;
      const spoken = ` ${code.slice(0, 5)}-${code.slice(5).toLowerCase()}`;
      expect((await page('/complain/status', { number: number!, code: spoken })).text).toContain(
        'Received, to be acknowledged',
      );
      await manager.post(`/complaints/${id}/acknowledge`);
      const followed = await page('/complain/status', { number: number!.toLowerCase(), code });
      expect(followed.status).toBe(200);
      expect(followed.text).toContain('The cause is being found');
      // where it stands, and nothing of who works on it or what was written
      expect(followed.text).not.toMatch(new RegExp(`${manager.id}|示例客户|13800000000|色差`));
    },
  );

  clause('C-01', 'boundary', 'a form that is sent twice is one complaint', async () => {
    const { code, number } = await file(typed);
    const again = await page('/complain', { ...typed, code });
    expect(again.status).toBe(201);
    expect(again.text).toContain(number!);
    expect(
      (await manager.get('/complaints?limit=200')).body.items.map((one: { number: string }) => one.number),
    ).toEqual([number, expect.any(String)]);
  });

  clause('C-02', 'refused', 'what is missing or wrong is named, what was typed stays, as text', async () => {
    const { quantity: _, ...rest } = typed;
    const { answer } = await file({ ...rest, purchasedOn: 'soon' });
    expect(answer.status).toBe(400);
    expect(answer.text).toContain('Quantity with the fault: needed');
    expect(answer.text).toContain('Date of purchase: not right');
    expect(answer.text).toContain('&#60;b&#62;颜色&#60;/b&#62;不一致 &#38; &#34;很多&#34;');
    expect(answer.text).not.toContain('<b>颜色');
    const tomorrow = await file({ ...typed, purchasedOn: '2026-04-01' });
    expect([tomorrow.answer.status, tomorrow.number]).toEqual([422, undefined]);
  });

  clause(
    'C-02',
    'boundary',
    'of goods that somebody bought no more is learnt: a quantity that does not fit is noted for staff alone',
    async () => {
      const shipmentId = newId();
      await h.publish(shipmentEvents.recorded, shipmentId, {
        number: 'CH-77',
        orderId: newId(),
        orderNumber: 'SO-77',
        distributorId: newId(),
        regionId: await h.region('PUB'),
        currency: 'CNY',
        distributorCode: 'D77',
        segment: 'retail-shop',
        channel: 'shop',
        shippedOn: '2026-03-01',
        net: '1.00',
        tax: '0.00',
        gross: '1.00',
        lines: [
          {
            line: 1,
            orderLine: 1,
            productId: newId(),
            productCode: 'P77',
            family: 'floor',
            grade: 'A',
            colourNumber: 'C1',
            batch: 'B1',
            quantity: '10.000',
            unitPrice: '0.1000',
            net: '1.00',
            tax: '0.00',
            gross: '1.00',
          },
        ],
      });
      await h.settle();
      const fits = await file({ ...typed, receipt: 'CH-77', quantity: '10' });
      const exceeds = await file({ ...typed, receipt: 'CH-77', quantity: '10.001' });
      const unknown = await file({ ...typed, receipt: 'CH-78', quantity: '10.001' });
      const plain = (text: string) => text.replaceAll(/TS-2026-\d+|[A-Z\d]{5}( [A-Z\d]{1,5})+/g, '');
      expect(plain(exceeds.answer.text)).toBe(plain(fits.answer.text));
      expect(plain(unknown.answer.text)).toBe(plain(fits.answer.text));
      const of = async ({ number }: { number: string | undefined }) =>
        (await manager.get(`/complaints?number=${number}`)).body.items[0];
      expect(await of(fits)).toMatchObject({ shipmentId, orderNumber: 'SO-77' });
      expect(await of(exceeds)).toMatchObject({ mismatches: ['receipt', 'quantity'] });
      expect((await of(exceeds)).shipmentId ?? null).toBeNull();
    },
  );

  it('C-01: another number or another code opens nothing, and says the same for both', async () => {
    const one = await file(typed);
    const two = await file(typed);
    const answers = await Promise.all([
      page('/complain/status', { number: one.number!, code: two.code }),
      page('/complain/status', { number: 'TS-2026-999999', code: one.code }),
      page('/complain/status', { number: one.number!, code: 'short' }),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([404, 404, 404]);
    for (const { text } of answers) expect(text).toContain('No complaint has this number and this code.');
  });

  it('speaks Chinese to those who ask for it, and lets a page do nothing but show itself', async () => {
    const { text, headers } = await page('/complain', undefined, { 'accept-language': 'zh-CN,zh;q=0.9' });
    expect(text).toContain('<html lang="zh-CN">');
    expect(text).toContain('提交投诉');
    expect((await page('/complain?lang=en', undefined, { 'accept-language': 'zh' })).text).toContain(
      'Make a complaint',
    );
    expect(headers.get('content-security-policy')).toMatch(/^default-src 'none'; style-src 'sha256-/);
    expect(text).not.toMatch(/<script|\son\w+="|https?:\/\//);
    // as JSON it is no form of a page
    const json = await fetch(`${h.url}/public/complain`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-forwarded-for': '10.0.1.1' },
      body: JSON.stringify({ customer: ['x'] }),
    });
    expect(json.status).toBe(400);
  });

  clause('C-12', 'allowed', 'a customer without an account complains of service and follows it', async () => {
    const { kind: _, ...rest } = typed;
    const { code, answer } = await file({ ...rest, kind: 'service' });
    expect(answer.status).toBe(201);
    const number = /[A-Z]+-2026-\d+/.exec(answer.text)![0];
    const { body } = await manager.get(`/service-complaints?number=${number}`);
    expect(body.items).toMatchObject([{ state: 'logged', channel: 'web' }]);
    expect((await page('/complain/status', { number, code })).text).toContain('Received, to be acknowledged');
  });

  clause('C-02', 'refused', 'nobody else says that a complaint came by the page, a delivery or history', async () => {
    const { kind: _, wanted: __, ...form } = typed;
    for (const channel of ['web', 'delivery', 'history']) {
      const { status, body } = await manager.post('/complaints', { ...form, grade: 'A', colourNumber: 'C', channel });
      expect([channel, status, body.code]).toEqual([channel, 422, 'complaints.complaint.channel-not-by-hand']);
    }
  });

  it('takes ten complaints an hour from one address, whatever else the request says', async () => {
    const answers = [];
    for (let i = 0; i < 11; i++) answers.push(await page('/complain', typed, { authorization: `Bearer ${i}` }));
    const last = answers.at(-1)!;
    expect(last.status).toBe(429);
    expect(Number(last.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(last.text).toContain('Too many requests');
  });
});
