/** The built viewer in a real Chromium, before the real engine; only login and HTTP API are stand-ins. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inBrowser, openBrowser } from '@fenxiao/testing/browser';
import { afterAll, afterEach, beforeAll, beforeEach, expect } from '@jest/globals';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { demonstration } from './demonstration.js';
import { startEngine, type TestEngine } from './engine.js';
import { faintTexts } from './contrast.js';
import { startStub, type Stub } from './stub.js';

const test = (name: string, run: () => Promise<void>) => inBrowser(`the viewer ${name}`, run);

let engine: TestEngine;
let stub: Stub;
let browser: Browser | undefined;
let page: Page;
let complaints: string[];

beforeAll(async () => {
  browser = await openBrowser();
  if (!browser) return;
  execFileSync(process.execPath, [fileURLToPath(new URL('../viewer/build.js', import.meta.url))]);
  engine = await startEngine();
  await engine.publish(demonstration(new Date()));
  stub = await startStub(engine);
}, 120_000);
afterAll(async () => {
  await browser?.close();
  stub?.close();
  await engine?.close();
});

beforeEach(() => {
  if (!browser) return;
  complaints = [];
  stub.person = { powers: ['customers', 'people'], roles: ['general-manager'] };
  stub.trouble.panels.clear();
  stub.trouble.tokens = 'good';
});
afterEach(async () => {
  await page?.context().close();
});

interface Reader extends BrowserContextOptions {
  language?: 'zh' | 'en';
  appearance?: 'light' | 'dark';
}

/** A new browser of somebody in New York, whose clock must not matter. */
async function open(path: string, { language = 'en', appearance = 'light', ...options }: Reader = {}): Promise<void> {
  const context = await browser!.newContext({
    viewport: { width: 1440, height: 1000 },
    timezoneId: 'America/New_York',
    ...options,
  });
  await context.addInitScript(
    ([chosen, look]) => {
      localStorage.setItem('fenxiao-language', localStorage.getItem('fenxiao-language') ?? chosen!);
      localStorage.setItem('fenxiao-appearance', look!);
    },
    [language, appearance],
  );
  page = await context.newPage();
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  await page.goto(`${stub.url}${path}`);
}

const drawn = () =>
  page.waitForFunction(
    () => document.querySelector('.panel') && !document.querySelector('.skeleton, [aria-busy="true"]'),
  );
const panel = (title: string) => page.getByRole('region', { name: title, exact: true });
const figure = async (title: string) =>
  Number((await panel(title).locator('.stat-value').innerText()).replace(/[^\d.-]/g, ''));

test('logs in with PKCE, comes back to where one was going, and draws every panel', async () => {
  await open('/d/fenxiao-sales?var-basis=order');
  await drawn();
  expect(page.url()).toBe(`${stub.url}/d/fenxiao-sales?var-basis=order`);
  const panels = await page.locator('.panel').all();
  expect(panels).toHaveLength(11);
  for (const one of panels) {
    const foot = await one.locator('.panel-foot').innerText();
    expect(foot).toMatch(/^As of \d\d:\d\d:\d\d\s*n [\d,]+$/);
    expect(await one.locator('.notice').count()).toBe(0);
  }
  expect(await page.locator('.chart svg').count()).toBe(3);
  expect(complaints).toEqual([]);
});

test('shows the time of the business, not of the browser', async () => {
  await open('/d/fenxiao-sales');
  await drawn();
  const shown = await page.locator('.panel-foot time').first().innerText();
  const shanghai = new Intl.DateTimeFormat('en-GB', { timeZone: 'Asia/Shanghai', hour: '2-digit', hourCycle: 'h23' });
  expect([shanghai.format(new Date()), shanghai.format(new Date(Date.now() - 60_000))]).toContain(shown.slice(0, 2));
});

test('filters by keyboard, keeps the choice in the address, and goes back', async () => {
  await open('/d/fenxiao-sales');
  await drawn();
  const everything = await figure('Net sales');
  await page.getByRole('button', { name: /^Region:/ }).focus();
  await page.keyboard.press('Enter');
  await page.locator('input[type=search]:focus').waitFor();
  await page.keyboard.type('重庆');
  await page.getByTitle('西南 / 重庆').waitFor();
  await page.keyboard.press('Tab');
  await page.keyboard.press('Space');
  await page.keyboard.press('Escape');
  await page.waitForURL(/var-region=/);
  await drawn();
  await expectEventually(async () => (await figure('Net sales')) < everything / 2);
  expect(await page.evaluate(() => document.activeElement?.getAttribute('aria-label'))).toBe('Region: 重庆');
  await page.goBack();
  await expectEventually(async () => (await figure('Net sales')) === everything);
});

test('goes down the tree by a click, and keeps the other choices', async () => {
  await open('/d/fenxiao-sales?var-basis=order');
  await drawn();
  const box = (await panel('Net sales by region').locator('.chart').boundingBox())!;
  await page.mouse.click(box.x + 16, box.y + 30);
  await page.waitForURL(/var-region=00000001/);
  expect(page.url()).toContain('var-basis=order');
  await drawn();
  await panel('Net sales by region')
    .getByRole('button', { name: /^Show data/ })
    .click();
  expect(await panel('Net sales by region').locator('tbody td:first-child').allInnerTexts()).toEqual(
    expect.arrayContaining(['上海', '杭州', '南京']),
  );
});

test('gives the data of a drawing as a table that a screen reader can walk', async () => {
  await open('/d/fenxiao-sales');
  await drawn();
  const months = panel('Net sales by month');
  await months.getByRole('button', { name: 'Show data: Net sales by month' }).click();
  expect(await months.getByRole('columnheader').allInnerTexts()).toEqual([
    'Time',
    'Net sales',
    'Same period last year',
    'n',
  ]);
  expect(await months.getByRole('row').count()).toBe(13);
  await months.getByRole('button', { name: 'Net sales', exact: true }).click();
  expect(await months.locator('th[aria-sort="descending"]').innerText()).toMatch(/^Net sales/);
});

test('shows what went wrong in the panel, and keeps what was drawn', async () => {
  stub.trouble.panels.add(5);
  await open('/d/fenxiao-sales?refresh=');
  await drawn();
  await panel('Net sales by month').getByRole('alert').getByText('Timeout exceeded').waitFor();
  stub.trouble.panels.clear();
  await panel('Net sales by month').getByRole('button', { name: 'Try again' }).click();
  await panel('Net sales by month').locator('.chart svg').waitFor();
  stub.trouble.panels.add(5);
  await page.getByRole('button', { name: 'Refresh now' }).click();
  await panel('Net sales by month').getByText('Not updated').waitFor();
  expect(await panel('Net sales by month').locator('.chart svg').count()).toBe(1);
});

test('says so where there is no data', async () => {
  await open('/d/fenxiao-market?from=915148800000&to=917827199999');
  await drawn();
  await panel('Share by vendor').getByText('No data for this selection').waitFor();
  expect(await panel('Market share by value').locator('.stat-value').innerText()).toBe('n/a');
});

test('refreshes without drawing anew', async () => {
  await open('/d/fenxiao-market?refresh=1s');
  await drawn();
  const svg = await panel('Share by vendor').locator('.chart svg').elementHandle();
  const before = stub.asked.length;
  await expectEventually(async () => stub.asked.length > before + 20);
  expect(await svg.evaluate((element) => element.isConnected)).toBe(true);
  expect(complaints).toEqual([]);
});

test('renews a token that is no longer taken', async () => {
  await open('/d/fenxiao-market');
  await drawn();
  stub.trouble.tokens = 'expired';
  await page.getByRole('button', { name: 'Refresh now' }).click();
  await drawn();
  expect(await page.locator('.notice, .stale').count()).toBe(0);
});

test('offers only what the person has the power for', async () => {
  stub.person = { powers: [], roles: ['system-administrator'] };
  await open('/d/fenxiao-sales');
  await drawn();
  expect(await panel('Top distributors').count()).toBe(0);
  expect(await page.getByRole('button', { name: /^Salesperson:/ }).count()).toBe(0);
  await page.getByRole('button', { name: 'Menu' }).click();
  expect(await page.getByRole('link', { name: 'Accounts' }).getAttribute('href')).toBe('/auth/admin');
  expect(await page.getByRole('link', { name: 'API docs' }).getAttribute('href')).toBe('/docs');
});

test('says that a dashboard does not exist', async () => {
  await open('/d/fenxiao-nothing');
  await page.getByText('There is no such dashboard').waitFor();
});

test('signs in from the start page, lists dashboards, and changes language and time range', async () => {
  await open('/');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.locator('a.card', { hasText: 'Sales overview' }).click();
  await drawn();
  await page.getByRole('button', { name: '中文' }).click();
  await page.getByRole('heading', { name: '销售概览' }).waitFor();
  expect(await page.evaluate(() => document.documentElement.lang)).toBe('zh-CN');
  await drawn();
  const year = await panel('月度净销售额').locator('.panel-foot span:last-child').innerText();
  await page.getByRole('button', { name: /^时间范围/ }).click();
  await page.getByRole('button', { name: '上月' }).click();
  await page.waitForURL(/from=now-1M%2FM&to=now-1M%2FM/);
  await expectEventually(
    async () => (await panel('月度净销售额').locator('.panel-foot span:last-child').innerText()) !== year,
  );
});

test('fills the screen for a wall, and prints light without controls', async () => {
  await open('/d/fenxiao-sales?kiosk&var-basis=invoice', { appearance: 'dark' });
  await drawn();
  expect(
    await page.locator('.top, .choices').evaluateAll((all) => all.filter((one) => one.checkVisibility()).length),
  ).toBe(0);
  // What is chosen is still told.
  expect(await page.locator('.print-head').innerText()).toContain('Booking basis: Invoice');
  await page.emulateMedia({ media: 'print' });
  expect(await page.locator('.panel-tools').first().isVisible()).toBe(false);
  expect(await page.evaluate(() => getComputedStyle(document.body).backgroundColor)).toBe('rgb(255, 255, 255)');
});

const looks = (
  [
    ['zh', 'light', 1440],
    ['en', 'dark', 1440],
    ['en', 'light', 820],
    ['zh', 'dark', 390],
  ] as const
).flatMap(([language, appearance, width]) =>
  ['fenxiao-sales', 'fenxiao-market'].map((uid) => ({ language, appearance, width, uid })),
);
for (const { language, appearance, width, uid } of looks)
  test(`can be read: ${uid}, ${language}, ${appearance}, ${width} wide`, async () => {
    await open(`/d/${uid}`, { language, appearance, viewport: { width, height: 900 }, reducedMotion: 'reduce' });
    await drawn();
    const folder = process.env['SCREENSHOTS'];
    if (folder)
      await page.screenshot({ path: join(folder, `${uid}-${language}-${appearance}-${width}.png`), fullPage: true });
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
    // WCAG 2.2, 1.4.3: 4.5:1, or 3:1 for large text
    expect(await page.evaluate(faintTexts)).toEqual([]);
    expect(complaints).toEqual([]);
  });

async function expectEventually(condition: () => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 15_000; Date.now() < end; await page.waitForTimeout(50)) if (await condition()) return;
  throw new Error('waited in vain');
}
