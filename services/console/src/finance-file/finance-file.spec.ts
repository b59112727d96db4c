import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newId } from '@fenxiao/domain/id';
import { harness, type Harness, type Member } from '@fenxiao/testing/harness';
import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { writeWorkbook } from '../../test/workbook.js';
import { consoleService } from '../service.js';

interface Taken {
  readonly url: string;
  readonly authorization: string;
  readonly ifMatch: string | undefined;
  readonly body: { rows: Record<string, string>[]; startOver: boolean; more: boolean };
}

/** What stands behind the gateway: it takes finance's rows, or refuses them. */
let taken: Taken[] = [];
let refuse = false;
/** which requests, counted from 1, find that another came in between */
let stale: number[] = [];
let gateway: Server;
let h: Harness;
let finance: Member;
const id = newId();
beforeAll(async () => {
  gateway = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk: Buffer) => (text += chunk.toString()));
    request.on('end', () => {
      taken.push({
        url: request.url ?? '',
        authorization: request.headers.authorization ?? '',
        ifMatch: request.headers['if-match'],
        body: JSON.parse(text) as Taken['body'],
      });
      const late = stale.includes(taken.length);
      const status = late ? 412 : refuse ? 409 : 200;
      const problem = { status, code: late ? 'procedure.stale-version' : 'procedure.move-not-allowed' };
      response.writeHead(status, {
        'content-type': status === 200 ? 'application/json' : 'application/problem+json',
        etag: `"${taken.length}"`,
      });
      response.end(JSON.stringify(status === 200 ? { id, state: 'opened' } : problem));
    });
  });
  await new Promise<void>((resolve) => gateway.listen(0, '127.0.0.1', resolve));
  const { port } = gateway.address() as AddressInfo;
  h = await harness(consoleService, { env: { GATEWAY_URL: `http://127.0.0.1:${port}`, IMPORT_MAX_BYTES: '1000000' } });
  finance = await h.staff('finance');
}, 60_000);
afterAll(async () => {
  await h?.close();
  gateway?.close();
});
beforeEach(() => {
  [taken, refuse, stale] = [[], false, []];
});

async function post(content: Uint8Array<ArrayBuffer> | string, by = finance, name = '财务.csv') {
  const form = new FormData();
  form.append('file', new Blob([content]), name);
  const authorization = `Bearer ${await h.token(by.subject)}`;
  const response = await fetch(`${h.url}/finance-files/${id}`, {
    method: 'POST',
    body: form,
    headers: { authorization },
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown>, authorization };
}
const text =
  '客户编码,单据号码,记账日期,金额,数量\nD1,FP-2026-000001,2026/3/5,"1,130.00",10\nD1,SK-2026-000001,2026-03-06,-100,\n';
const rows = [
  { distributorCode: 'D1', document: 'FP-2026-000001', bookedOn: '2026-03-05', amount: '1130', quantity: '10' },
  { distributorCode: 'D1', document: 'SK-2026-000001', bookedOn: '2026-03-06', amount: '-100' },
];
/** `客户编码,单据号码,日期,金额` and a row, as a Chinese spreadsheet saves it */
const gb18030 = Uint8Array.from(
  Buffer.from(
    'bfcdbba7b1e0c2eb2cb5a5beddbac5c2eb2cc8d5c6da2cbdf0b6ee0a44312c462d312c323032362d30332d30352c310a',
    'hex',
  ),
);

it('reads UTF-8 with and without its mark, and GB18030, and hands the rows on in the name of the caller', async () => {
  const { status, body, authorization } = await post(text);
  expect([status, body]).toEqual([200, { id, state: 'opened' }]);
  expect(taken).toEqual([
    {
      url: `/api/orders/reconciliations/${id}/finance-file`,
      authorization,
      ifMatch: undefined,
      body: { rows, startOver: true, more: false },
    },
  ]);
  await post(`\ufeff${text}`);
  expect(taken[1]!.body.rows).toEqual(rows);
  await post(gb18030);
  expect(taken[2]!.body.rows).toEqual([
    { distributorCode: 'D1', document: 'F-1', bookedOn: '2026-03-05', amount: '1' },
  ]);
}, 30_000);

it('reads a workbook with its dates and numbers', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'finance-file-'));
  const path = join(folder, 'book.xlsx');
  await writeWorkbook(path, [
    {
      name: '对帐',
      rows: [
        ['2026年3月'],
        ['客户编码', '单据号码', '入帐日期', '含税金额', '数量'],
        ['D1', 'FP-2026-000001', { date: 46_086 }, 1130.1, 10],
      ],
    },
  ]);
  expect((await post(new Uint8Array(await readFile(path)), finance, 'book.xlsx')).status).toBe(200);
  await rm(folder, { recursive: true });
  expect(taken[0]!.body.rows).toEqual([
    { distributorCode: 'D1', document: 'FP-2026-000001', bookedOn: '2026-03-05', amount: '1130.1', quantity: '10' },
  ]);
}, 30_000);

it('hands a long file on in parts, only the first of which starts over', async () => {
  const lines = Array.from({ length: 12_000 }, (_, i) => `D1,F-${i},2026-03-05,1`);
  expect((await post(`customer,document,date,amount\n${lines.join('\n')}`)).status).toBe(200);
  expect(taken.map(({ body, ifMatch }) => [body.rows.length, body.startOver, body.more, ifMatch])).toEqual([
    [5000, true, true, undefined],
    [5000, false, true, '"1"'],
    [2000, false, false, '"2"'],
  ]);
}, 30_000);

it('begins again where another file came in between, three times at most', async () => {
  const long = `customer,document,date,amount\n${Array.from({ length: 6000 }, (_, i) => `D1,F-${i},2026-03-05,1`).join('\n')}`;
  stale = [2];
  expect((await post(long)).body).toEqual({ id, state: 'opened' });
  expect(taken.map(({ body, ifMatch }) => [body.startOver, ifMatch])).toEqual([
    [true, undefined],
    [false, '"1"'],
    [true, undefined],
    [false, '"3"'],
  ]);
  [taken, stale] = [[], [2, 4, 6]];
  expect(await post(long)).toMatchObject({ status: 412, body: { code: 'procedure.stale-version' } });
  expect(taken).toHaveLength(6);
}, 30_000);

it('refuses what it can not read whole, others than finance, and says what orders says', async () => {
  expect((await post(text.replace('金额', '余额'))).body).toMatchObject({
    status: 422,
    code: 'console.finance-file.no-column',
  });
  expect((await post(text.replace('-100', 'many'))).body).toMatchObject({
    code: 'console.finance-file.unreadable',
    field: 'amount',
  });
  expect((await post('客户编码,单据号码,日期,金额\n')).body.code).toBe('console.finance-file.nothing');
  expect((await post(text, await h.staff('order-clerk'))).body).toMatchObject({ status: 403, rule: 'O-22' });
  expect((await post('x'.repeat(1_100_000))).status).toBe(413);
  expect(taken).toEqual([]);
  refuse = true;
  expect(await post(text)).toMatchObject({ status: 409, body: { code: 'procedure.move-not-allowed' } });
}, 30_000);
