import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inBrowser, openBrowser } from '@fenxiao/testing/browser';
import { clause } from '@fenxiao/testing/clause';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { world, type World } from '../test/world.js';

let w: World;
let tile: { id: string; code: string };
let shipment: { id: string; number: string };
const hostile = `<script>alert(1)</script>"><img src=x onerror=alert(2)>&amp;'\``;
beforeAll(async () => {
  w = await world();
  const customer = await w.distributor();
  tile = await w.product('50');
  await w.receive(tile.code, '100');
  const { body: order } = await w.order(customer.code, [{ productCode: tile.code, quantity: '12.5' }]);
  shipment = (await w.clerk.post('/shipments', { orderId: order.id })).body;
  await w.keeper.post(`/shipments/${shipment.id}/dispatch`, { carrier: hostile, vehicle: '渝A·12345', freight: '120' });
}, 60_000);
afterAll(() => w?.close());

const pathOf = () => `/shipments/${shipment.id}/page`;
const chinese = { 'accept-language': 'zh-CN,zh;q=0.9,en;q=0.5' };

describe('X-14 printed pages', () => {
  clause(
    'X-14',
    'allowed',
    'a shipping order on paper: its Chinese title, terms, names, and the amount in words',
    async () => {
      const { status, headers, body } = await w.clerk.get(pathOf(), chinese);
      expect([status, headers.get('content-type'), headers.get('content-language')]).toEqual([
        200,
        'text/html; charset=utf-8',
        'zh-CN',
      ]);
      const text = textOf(body);
      for (const part of [
        '出货单',
        `编号 ${shipment.number}`,
        '第一联 存根　第二联 客户',
        '人民币柒佰零陆元贰角伍分',
        'CNY 706.25',
        `Tile ${tile.code} 600×600`,
        '12.500',
        '渝A·12345',
        '状态 已发货',
        'EAST',
      ])
        expect(text).toContain(part);
      expect(text).not.toMatch(/[\da-f]{8}-[\da-f]{4}-/);
      expect(text).not.toContain('undefined');
    },
  );

  clause(
    'X-14',
    'boundary',
    'English for who asks for it; what a reader may not see is not printed (O-52)',
    async () => {
      const { body } = await w.finance.get(pathOf(), { 'accept-language': 'en' });
      expect(textOf(body)).toContain('Shipping order');
      expect(textOf(body)).toContain('人民币柒佰零陆元贰角伍分');
      expect(textOf((await w.clerk.get(pathOf(), { 'accept-language': 'fr' })).body)).toContain('出货单');
    },
  );

  it('is shown as text whatever it says, and may do nothing but show itself', async () => {
    const { body, headers } = await w.clerk.get(pathOf(), chinese);
    const shown = unstyled(body);
    expect(shown).not.toMatch(/<script|<img/);
    expect(shown).toContain(
      '&#60;script&#62;alert(1)&#60;/script&#62;&#34;&#62;&#60;img src&#61;x onerror&#61;alert(2)&#62;',
    );
    expect(headers.get('content-security-policy')).toMatch(
      /^default-src 'none'; style-src 'sha256-\S+' 'sha256-\S+'; font-src data:;/,
    );
    expect(headers.get('cache-control')).toBe('private, no-store');
  });

  clause('X-14', 'refused', "T32: another region's page, one that is not there, or without a token", async () => {
    const [customer, other] = [await w.distributor({ region: w.west }), await w.product()];
    const { body } = await w.place(customer.code, [{ productCode: other.code, quantity: '1' }], {}, w.clerk);
    expect(await w.manager.get(`/orders/${body.id}/page`)).toMatchObject({
      status: 403,
      body: { code: 'procedure.outside-scope' },
    });
    expect((await w.clerk.get(`/orders/${body.id}/page`)).status).toBe(200);
    const reference = customer.id;
    const own = await w.place(
      (await w.distributor()).code,
      [{ productCode: other.code, quantity: '1' }],
      { reference },
      w.clerk,
    );
    const text = textOf((await w.manager.get(`/orders/${own.body.id}/page`)).body);
    expect(text).toContain(reference);
    expect(text).not.toContain(customer.code);
    expect((await w.clerk.get(`/orders/${tile.id}/page`)).status).toBe(404);
    expect((await w.h.request('GET', pathOf())).status).toBe(401);
  });

  inBrowser('is printed as it should be, with the typeface it brings', async () => {
    const browser = (await openBrowser())!;
    const folder = await mkdtemp(join(tmpdir(), 'fenxiao-page-'));
    try {
      const page = await browser.newPage({
        viewport: { width: 900, height: 1250 },
        extraHTTPHeaders: { authorization: `Bearer ${await w.h.token(w.gm.subject)}`, ...chinese },
      });
      const complaints: string[] = [];
      page.on('console', (message) => complaints.push(message.text()));
      page.on('dialog', (dialog) => void complaints.push(dialog.message()));
      const { id: invoice } = (await w.gm.get('/invoices')).body.items[0];
      for (const [path, name, title, ...lines] of [
        [pathOf(), 'shipping-order', '出货单', `Tile${tile.code}600×600`, '12.500', '50.0000'],
        [`/invoices/${invoice}/page`, 'invoice', '销售发票', shipment.number],
      ] as const) {
        await page.goto(`${w.h.url}${path}`);
        expect(
          await page.evaluate('document.fonts.ready.then(() => document.fonts.check("12px Noto Sans SC", "出货单"))'),
        ).toBe(true);
        await keep(`${name}.png`, await page.screenshot({ fullPage: true }));
        const pdf = join(folder, `${name}.pdf`);
        await page.pdf({ path: pdf, preferCSSPageSize: true, printBackground: true });
        const text = tool('pdftotext', ['-layout', pdf, '-']);
        if (text === undefined) continue;
        const parts = [title, '人民币柒佰零陆元贰角伍分', 'CNY706.25', '1/1', ...lines];
        for (const part of parts) expect(text.replaceAll(/\s/g, '')).toContain(part);
        expect(tool('pdffonts', [pdf])).toMatch(/NotoSansSC.* yes yes/);
      }
      expect(complaints).toEqual([]);
    } finally {
      await browser.close();
      await rm(folder, { recursive: true });
    }
  });
});

/** Without the typefaces, which nobody wants to read in a report. */
const unstyled = (body: string) => body.replaceAll(/<style>.*?<\/style>/gs, '');
/** What a reader sees of HTML, blanks run together. */
const textOf = (body: string) =>
  unstyled(body)
    .replaceAll(/<[^>]*>/g, ' ')
    .replaceAll(/ +|\n+ */g, ' ');

/** Output of a program of poppler. It says so aloud where there is none; CI has them. */
function tool(name: string, args: string[]): string | undefined {
  if (existsSync(`/usr/bin/${name}`)) return execFileSync(`/usr/bin/${name}`, args, { encoding: 'utf8' });
  expect(['', '0', 'false', undefined]).toContain(process.env['CI']);
  process.stdout.write(`skipped: ${name} (poppler-utils) is not installed\n`);
  return undefined;
}

/** Pictures for who wants to look, in the folder that SHOTS names. */
async function keep(name: string, picture: Buffer): Promise<void> {
  const folder = process.env['SHOTS'];
  if (!folder) return;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, name), picture);
}
