import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createWriteStream } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ZipFile } from 'yazl';
import { writeWorkbook } from '../../test/workbook.js';
import { filesLike, sourceFiles } from './files.js';
import { CannotImport } from './refusals.js';
import { SharedStrings } from './shared-strings.js';
import { tablesOf, type Reading, type Table, type TableRow } from './table.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'import-table-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

let files = 0;
async function tableFrom(bytes: Buffer | string, name = 'a.csv', reading: Reading = {}): Promise<Table> {
  const path = join(folder, `${++files}-${name}`);
  await writeFile(path, bytes);
  const [table] = await tablesOf({ name, path }, folder, reading);
  return table!;
}
async function all(table: Table): Promise<TableRow[]> {
  const rows: TableRow[] = [];
  for await (const row of table.rows()) rows.push(row);
  return rows;
}

/** GB 18030 by turning its decoder round: two bytes for each character there is. */
function gb18030(text: string): Buffer {
  const decoder = new TextDecoder('gb18030');
  const bytesOf = new Map<string, number[]>();
  for (let first = 0x81; first <= 0xfe; first++)
    for (let second = 0x40; second <= 0xfe; second++)
      if (second !== 0x7f) bytesOf.set(decoder.decode(new Uint8Array([first, second])), [first, second]);
  // outside the two-byte range: 𠀀, U+20000
  bytesOf.set('𠀀', [0x95, 0x32, 0x82, 0x36]);
  return Buffer.from([...text].flatMap((letter) => (letter < '\x80' ? [letter.charCodeAt(0)] : bytesOf.get(letter)!)));
}

const chinese = '编码,名称\r\nD001,"广州经销商，𠀀"\r\n';

describe('encodings', () => {
  const utf16 = (text: string) => Buffer.from(text, 'utf16le');
  it.each([
    ['UTF-8', Buffer.from(chinese), 'utf-8'],
    ['UTF-8 with BOM', Buffer.from(`\ufeff${chinese}`), 'utf-8'],
    ['GB18030', gb18030(chinese), 'gb18030'],
    ['UTF-16LE with BOM', utf16(`\ufeff${chinese}`), 'utf-16le'],
    ['UTF-16LE without BOM', utf16(`code,name\r\n${chinese}`), 'utf-16le'],
    ['UTF-16BE with BOM', utf16(`\ufeff${chinese}`).swap16(), 'utf-16be'],
    ['gzipped GB18030', gzipSync(gb18030(chinese)), 'gb18030'],
  ])('reads %s', async (_, bytes, encoding) => {
    const table = await tableFrom(bytes, 'a.csv.gz');
    const [last] = (await all(table)).slice(-1);
    expect(table.encoding).toBe(encoding);
    expect(last!.cells).toEqual(['D001', '广州经销商，𠀀']);
  });

  it('looks at all of a file before it believes in UTF-8: Chinese may come late', async () => {
    const early = 'code,name\n' + 'D1,plain\n'.repeat(100_000);
    const table = await tableFrom(Buffer.concat([Buffer.from(early), gb18030('D2,广州\n')]));
    expect(table.encoding).toBe('gb18030');
    expect((await all(table)).at(-1)).toEqual({ line: 100_002, cells: ['D2', '广州'] });
  });

  it('is not misled by a character that two chunks share', async () => {
    const table = await tableFrom(Buffer.from(`a,b\n${'一二三四五六七八九十,x\n'.repeat(30_000)}`));
    expect(table.encoding).toBe('utf-8');
  });

  it('does as the mapping says', async () => {
    const table = await tableFrom(Buffer.from('code,name\nX,M\xfcller\n', 'latin1'), 'a.csv', {
      encoding: 'windows-1252',
    });
    expect((await all(table))[0]!.cells[1]).toBe('Müller');
  });
});

describe('CSV', () => {
  it('knows the line of each record, past fields of several lines and blank ones', async () => {
    const table = await tableFrom('a,b\r\n1,"x\r\ny\nz"\r\n\r\n2,c\n   ,\n\n3,"say ""hi"""\r4,d');
    expect(await all(table)).toEqual([
      { line: 2, cells: ['1', 'x\r\ny\nz'] },
      { line: 6, cells: ['2', 'c'] },
      { line: 9, cells: ['3', 'say "hi"'] },
      { line: 10, cells: ['4', 'd'] },
    ]);
  });

  it.each([
    ['a\tb\n1,5\t2\n', ['1,5', '2'], '\t'],
    ['a;b\n1;2\n', ['1', '2'], ';'],
    ['"a;x",b\n"1;;;",2\n', ['1;;;', '2'], ','],
  ])('finds the delimiter of %j', async (text, cells, delimiter) => {
    const table = await tableFrom(text);
    expect(table.delimiter).toBe(delimiter);
    expect((await all(table))[0]!.cells).toEqual(cells);
  });

  it('finds the headers below a title, or where the mapping says', async () => {
    expect((await tableFrom('2025年经销商名单,,\n\n编码,名称,区域\nD1,x,y\n')).header).toEqual([
      '编码',
      '名称',
      '区域',
    ]);
    const table = await tableFrom('a,b\nc,d\n1,2\n', 'a.csv', { headerLine: 2 });
    expect(table.header).toEqual(['c', 'd']);
    expect(await all(table)).toEqual([{ line: 3, cells: ['1', '2'] }]);
  });

  it('reports what can not be read and goes on where it can', async () => {
    const rows = await all(await tableFrom('a,b\n1,2\n3,4,5\n6,12" tile\n7\n8,"never closed\n9,x\n'));
    expect(rows.map(({ line, refusal }) => [line, refusal?.code])).toEqual([
      [2, undefined],
      [3, 'console.import.too-many-cells'],
      [4, undefined],
      [5, undefined],
      [6, 'console.import.quote-not-closed'],
    ]);
    expect(rows[2]!.cells).toEqual(['6', '12" tile']);
  });

  it('does not take a whole file into memory for one quotation mark', async () => {
    const rows = await all(await tableFrom(`a,b\n1,2\n3,"open\n${'4,5\n'.repeat(600_000)}`));
    expect(rows.map(({ line, refusal }) => [line, refusal?.code])).toEqual([
      [2, undefined],
      [3, 'console.import.quote-not-closed'],
    ]);
  });

  it('says so when a compressed file breaks off', async () => {
    const whole = gzipSync(
      Buffer.from('a,b\n' + Array.from({ length: 50_000 }, (_, i) => `${i},${i * 7919}`).join('\n')),
    );
    await expect(tableFrom(whole.subarray(0, whole.length / 2), 'a.csv.gz')).rejects.toThrow(CannotImport);
  });
});

describe('XLSX', () => {
  const book = async (...args: Parameters<typeof writeWorkbook> extends [string, ...infer Rest] ? Rest : never) => {
    const path = join(folder, `${++files}.xlsx`);
    await writeWorkbook(path, ...args);
    return { name: 'book.xlsx', path };
  };

  it('reads every type of cell as people see it', async () => {
    const file = await book([
      {
        name: '订单',
        rows: [
          ['订单表'],
          [],
          ['文本', '数', '日期', '时刻', '比例', '编号', '公式', '文公式', '错误', '是否', '内联', '空'],
          [' 甲 & "乙" ', 9.8, { date: 46_086 }, { date: 46_086.75 }, { percent: 0.15 }, { digits: 42 }],
          [],
          [
            'x',
            1e-7,
            null,
            null,
            null,
            null,
            { formula: 'A1*2', result: 0.30000000000000004 },
            { formula: '"a"', result: '甲<' },
            { error: '#N/A' },
            { boolean: true },
            { inline: '内' },
            null,
          ],
        ],
      },
    ]);
    const [table] = await tablesOf(file, folder);
    expect([table!.header.length, table!.headerLine]).toEqual([12, 3]);
    expect(await all(table!)).toEqual([
      { line: 4, cells: [' 甲 & "乙" ', '9.8', '2026-03-05', '2026-03-05 18:00:00', '15%', '00042'] },
      { line: 6, cells: ['x', '0.0000001', '', '', '', '', '0.3', '甲<', '#N/A', 'TRUE', '内'] },
    ]);
  });

  it('counts days as the workbook does', async () => {
    const file = await book(
      [
        {
          name: 's',
          rows: [
            ['日期', 'b'],
            [{ date: 44_624 }, 1],
          ],
        },
      ],
      true,
    );
    const [table] = await tablesOf(file, folder);
    expect((await all(table!))[0]!.cells[0]).toBe('2026-03-05');
  });

  it('has a table for each sheet that is not hidden, and any sheet by its name', async () => {
    const rows = [
      ['a', 'b'],
      ['1', '2'],
    ];
    const file = await book([
      { name: '产品', rows },
      { name: '空', rows: [] },
      { name: '旧', rows, hidden: true },
    ]);
    expect((await tablesOf(file, folder)).map(({ name }) => name)).toEqual(['book.xlsx [产品]']);
    expect((await tablesOf(file, folder, {}, '旧')).map(({ sheet }) => sheet)).toEqual(['旧']);
  });

  it("says so when a workbook breaks off, is another program's or an old one", async () => {
    const { path } = await book([{ name: 's', rows: [['a', 'b']] }]);
    const { readFile } = await import('node:fs/promises');
    const whole = await readFile(path);
    await expect(tableFrom(whole.subarray(0, whole.length - 100), 'x.xlsx')).rejects.toThrow(CannotImport);
    await expect(tableFrom(Buffer.from('d0cf11e0a1b11ae1', 'hex'), 'x.xls')).rejects.toThrow(/xlsx/);
  });

  it('keeps the texts of a large workbook on disk', () => {
    const strings = new SharedStrings(join(folder, 'texts'), 10);
    for (let i = 0; i < 100; i++) strings.add(`文本${i}`);
    expect([0, 1, 5, 99].map((i) => strings.get(i))).toEqual(['文本0', '文本1', '文本5', '文本99']);
    strings.close();
  });
});

describe('folders and archives', () => {
  it('takes what holds tables, with folders in the names, and leaves litter', async () => {
    const zip = new ZipFile();
    for (const name of ['2026/订单.csv', '2026/readme.md', '__MACOSX/2026/._订单.csv', '~$b.xlsx', 'a.tsv'])
      zip.addBuffer(Buffer.from('a,b\n1,2\n'), name);
    zip.end();
    const path = join(folder, 'archive.zip');
    await pipeline(zip.outputStream, createWriteStream(path));
    const work = await mkdtemp(join(folder, 'work-'));
    const found = await sourceFiles(path, work);
    expect(found.map(({ name }) => name)).toEqual(['2026/订单.csv', 'a.tsv']);
    expect(filesLike(found, '订单.csv').map(({ name }) => name)).toEqual(['2026/订单.csv']);
    expect(filesLike(found, '2026/*').length).toBe(1);
    expect(filesLike(found, 'A.*').map(({ name }) => name)).toEqual(['a.tsv']);
    const [table] = await tablesOf(found[0]!, work);
    expect(await all(table!)).toEqual([{ line: 2, cells: ['1', '2'] }]);
  });

  it('takes one file, and refuses what has none', async () => {
    const path = join(folder, 'one.csv');
    await writeFile(path, 'a,b\n');
    expect((await sourceFiles(path, folder)).map(({ name }) => name)).toEqual([basename(path)]);
    const empty = await mkdtemp(join(folder, 'empty-'));
    await expect(sourceFiles(empty, folder)).rejects.toThrow(CannotImport);
    await expect(sourceFiles(join(folder, 'missing'), folder)).rejects.toThrow(CannotImport);
  });
});
