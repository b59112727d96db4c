import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { distributorEvents } from '@fenxiao/contracts/distributors';
import { newId } from '@fenxiao/domain/id';
import type { BaseConfig } from '@fenxiao/service-kit/config';
import type { ServiceDefinition } from '@fenxiao/service-kit/service';
import { harness, type Harness } from '@fenxiao/testing/harness';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { runImport, type Summary } from './run.js';
import { Services } from './services.js';
import { givenToken } from './stack.js';

/** Against the orders service as it is: what spreadsheets say is what its tables say. */
let h: Harness;
let gateway: { url: string; close(): void };
let base: string;
let services: Services;
beforeAll(async () => {
  // No service may import another, so it is named here and not imported: it could as well run elsewhere.
  const path = '../../../orders/src/service.js';
  const { orders } = (await import(path)) as { orders: ServiceDefinition<BaseConfig> };
  h = await harness(orders);
  const region = await h.region('EAST');
  const importer = await h.staff('importer');
  const partner = { name: '甲', licence: 'L', partnerType: 'distributor', segment: 'regional-distributor' } as const;
  const terms = { class: 'A', terms: 'credit', paymentDays: 30, state: 'active' } as const;
  await h.publish(distributorEvents.recorded, newId(), { code: 'D1', ...partner, ...terms, regionId: region });
  await h.settle();
  gateway = await gatewayTo(h.url);
  services = new Services({
    url: gateway.url,
    token: givenToken(await h.token(importer.subject)),
    language: 'zh',
  });
  base = await mkdtemp(join(tmpdir(), 'import-orders-'));
}, 60_000);
afterAll(async () => {
  gateway?.close();
  await h?.close();
  await rm(base, { recursive: true, force: true });
});

/** The one thing of the gateway that matters here: `/api/orders/x` is the service's `/x`. */
async function gatewayTo(url: string): Promise<{ url: string; close(): void }> {
  const server = createServer((asked, reply) => {
    const { method, headers, url: path = '' } = asked;
    const passed = request(url + path.replace('/api/orders', ''), { method: method ?? 'GET', headers }, (answer) => {
      reply.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(reply);
    });
    passed.on('error', () => reply.destroy());
    asked.pipe(passed);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => server.close() && server.closeAllConnections(),
  };
}

let runs = 0;
async function run(files: Record<string, string>, dryRun = false): Promise<Summary> {
  const path = join(base, `in-${++runs}`);
  await mkdir(path);
  for (const [name, text] of Object.entries(files)) await writeFile(join(path, name), text);
  const report = { rejections: join(base, 'rejected.csv'), findings: join(base, 'findings.csv') };
  return runImport({ path, services, report, dryRun, language: 'zh', workFolder: join(base, `work-${runs}`) });
}
const counts = ({ kinds }: Summary) =>
  kinds.map(({ kind, created, changed, unchanged, rejected }) => [kind, created, changed, unchanged, rejected]);

const files = {
  '产品.csv':
    '产品编码,品名,规格,等级,色号,产品系列,单位,税率\nP1,砖,600,优等品,3,地砖,m²,13%\nP2,砖,800,优等品,4,地砖,m²,13%\n',
  '价格.csv': '价目表,生效日期,含税,产品编码,价格\nSTD,2024-01-01,否,P1,100\nSTD,2024-01-01,否,P2,80.5\n',
  '库存.csv': '产品编码,仓库,批号,数量\nP1,MAIN,B1,1000.5\n',
  '订单.csv':
    '订单号,经销商编码,下单日期,发货日期,发票号码,产品编码,数量,单价,折扣\n' +
    'S1,D1,2025年3月5日,2025年3月8日,F1,P1,10,100,5%\nS1,D1,2025年3月5日,2025年3月8日,F1,P2,3.5,80.5,\n' +
    'S2,D1,2025-03-06,,,P1,1,33.335,\nS3,D9,2025-03-06,,,P1,1,1,\nS4,D1,2025-03-06,,,P9,1,1,\n',
  '收款.csv': '收款单号,经销商编码,收款日期,金额,发票号码\nR1,D1,2025-04-01,"1,000.00",F1\n',
};

it('tries out everything of an import of which nothing is there yet', async () => {
  const tried = await run(files, true);
  expect(counts(tried)).toEqual([
    ['products', 2, 0, 0, 0],
    ['prices', 2, 0, 0, 0],
    ['stock', 1, 0, 0, 0],
    ['orders', 2, 0, 0, 2],
    ['receipts', 1, 0, 0, 0],
  ]);
  expect((await h.pool.query('SELECT FROM product')).rowCount).toBe(0);
});

it('brings in products, prices, stock, orders and receipts, to the fen, and only once', async () => {
  const done = await run(files);
  expect(counts(done)).toEqual([
    ['products', 2, 0, 0, 0],
    ['prices', 2, 0, 0, 0],
    ['stock', 1, 0, 0, 0],
    ['orders', 2, 0, 0, 2],
    ['receipts', 1, 0, 0, 0],
  ]);
  expect(done.refusals.map(({ file, code, count }) => [file, code, count])).toEqual([
    ['订单.csv', 'orders.distributor.unknown', 1],
    ['订单.csv', 'orders.product.unknown', 1],
  ]);
  expect(done.findings.map(({ rule }) => rule)).toContain('O-11');
  const { rows } = await h.pool.query('SELECT number, state, net::text FROM "order" ORDER BY number');
  expect(rows).toEqual([
    { number: 'S1', state: 'shipped', net: '1231.75' },
    { number: 'S2', state: 'backordered', net: '33.34' },
  ]);
  expect(done.kinds.find(({ kind }) => kind === 'orders')?.totals).toEqual({
    net: '1267.09',
    'shipped net': '1231.75',
  });
  expect((await h.pool.query('SELECT amount::text, unapplied::text FROM payment')).rows).toEqual([
    { amount: '1000.00', unapplied: '0.00' },
  ]);
  expect(counts(await run(files))).toEqual([
    ['products', 0, 0, 2, 0],
    ['prices', 0, 0, 2, 0],
    ['stock', 0, 0, 1, 0],
    ['orders', 0, 0, 2, 2],
    ['receipts', 0, 0, 1, 0],
  ]);
});
