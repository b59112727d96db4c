import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { ImportStub } from '../../test/import-stub.js';
import { main } from './cli.js';

let stub: ImportStub;
let folder: string;
beforeEach(async () => {
  stub = await new ImportStub().start();
  folder = await mkdtemp(join(tmpdir(), 'import-cli-'));
});
afterEach(async () => {
  stub.close();
  await rm(folder, { recursive: true, force: true });
});

async function command(...args: string[]): Promise<{ code: number; text: string }> {
  const out = new PassThrough();
  const code = await main(args, out as unknown as NodeJS.WriteStream);
  out.end();
  return { code, text: (await out.toArray()).join('') };
}

async function here(name: string, text: string): Promise<string> {
  const path = join(folder, name);
  await mkdir(join(path, '..'), { recursive: true });
  await writeFile(path, text);
  return path;
}

it('finds the stack of a data folder and brings in with its own account', async () => {
  await here('data/run.json', JSON.stringify({ url: stub.url, ports: {}, processes: {} }));
  await here(
    'data/secrets.json',
    JSON.stringify({ identity: { clients: { 'fenxiao-import': { secret: 'secret' } } } }),
  );
  const file = await here('competitors.csv', 'code,name\nA,甲\n');
  const args = [file, '--data', join(folder, 'data'), '--report', join(folder, 'out.csv'), '--lang', 'zh'];
  const first = await command(...args);
  expect(first.text).toContain('competitors.csv → competitors, utf-8');
  expect(first.text).toMatch(/类别 +读取 +新增 +变更 +未变 +拒绝 +跳过 +秒 +行\/秒\ncompetitors +1 +1 +0 +0 +0 +0 /);
  expect(first.code).toBe(0);
  expect((await command(...args)).text).toMatch(/competitors +1 +0 +0 +1 +0 +0 /);
  expect(stub.rows('competitors').length).toBe(1);
});

it('ends with 1 and a list when rows were rejected, also in a dry run', async () => {
  const file = await here('competitors.csv', 'code,name\nA,a\nB,\n');
  const report = join(folder, 'bad.csv');
  const { code, text } = await command(
    file,
    '--url',
    stub.url,
    '--token',
    'good',
    '--dry-run',
    '--report',
    report,
    '--lang',
    'en',
  );
  expect(code).toBe(1);
  expect(text).toContain('1  competitors.csv (competitors) console.import.empty: A value is needed here.');
  expect(text).toContain('Dry run: nothing was written.');
  expect(text).toContain(`→ ${report}`);
  expect(await readFile(report, 'utf8')).toContain(
    '\r\ncompetitors.csv,3,name,,competitors,B,console.import.empty,A value is needed here.\r\n',
  );
  expect(stub.rows('competitors')).toEqual([]);
});

it('ends with 2 and all reasons when it can not run', async () => {
  const file = await here('competitors.csv', 'code,name\nA,a\n');
  const mapping = await here(
    'm.yaml',
    'imports: [{ kind: competitors, file: competitors.csv, fields: { code: Code, name: nom, x: y } }]',
  );
  const to = ['--url', stub.url, '--token', 'good', '--lang', 'en', '--report', join(folder, 'r.csv')];
  const cases: [string[], RegExp][] = [
    [[file, '--mapping', mapping, ...to], /no column "nom"[^]*no field "x"/],
    [[file, '--mapping', join(folder, 'none.yaml'), ...to], /none.yaml/],
    [[join(folder, 'none'), ...to], /none/],
    [[file, '--data', folder, '--lang', 'en'], /Nothing runs on the data folder/],
    [[file, '--url', stub.url, '--lang', 'en'], /--token/],
    [[file, '--url', stub.url, '--token', 'bad', '--lang', 'en'], /who\?/],
    [[file, '--no-such-option'], /no-such-option/],
    [[], /npm run import/],
  ];
  for (const [args, said] of cases) {
    const { code, text } = await command(...args);
    expect([code, text]).toEqual([2, expect.stringMatching(said)]);
  }
  expect(await command('--help')).toMatchObject({ code: 0 });
});
