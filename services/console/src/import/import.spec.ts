import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import { ImportStub } from '../../test/import-stub.js';
import { writeWorkbook, type CellXml } from '../../test/workbook.js';
import { readMapping } from './mapping.js';
import { CannotImport } from './refusals.js';
import { runImport, type ImportOptions, type Summary, type TableSummary } from './run.js';

let stub: ImportStub;
let base: string;
beforeEach(async () => {
  stub = await new ImportStub().start();
  base = await mkdtemp(join(tmpdir(), 'import-spec-'));
});
afterEach(async () => {
  stub.close();
  await rm(base, { recursive: true, force: true });
});

type Files = Readonly<Record<string, string | Buffer>>;
let runs = 0;

interface Ran {
  readonly summary: Summary;
  /** the report's rows, with its BOM checked */
  readonly rejected: Record<string, string>[];
  readonly findings: Record<string, string>[];
  readonly tables: TableSummary[];
}

/** Runs an import of these files through the stub. */
async function run(files: Files, mapping?: string, options: Partial<ImportOptions> = {}): Promise<Ran> {
  const path = join(base, `in-${++runs}`);
  for (const [name, content] of Object.entries(files)) {
    await mkdir(join(path, name, '..'), { recursive: true });
    await writeFile(join(path, name), content);
  }
  const tables: TableSummary[] = [];
  const report = { rejections: join(base, `rejected-${runs}.csv`), findings: join(base, `findings-${runs}.csv`) };
  const summary = await runImport({
    path,
    mapping,
    report,
    services: stub.services(),
    language: 'en',
    workFolder: join(base, `work-${runs}`),
    onPlan: (of) => tables.push(...of),
    ...options,
  });
  const rows = async (file: string) => {
    const text = await readFile(file, 'utf8');
    expect(text.charCodeAt(0)).toBe(0xfeff);
    return parse<Record<string, string>>(text, { columns: true, bom: true });
  };
  return { summary, rejected: await rows(report.rejections), findings: await rows(report.findings), tables };
}

const reasons = (error: unknown): string[] => {
  if (error instanceof CannotImport) return error.reasons.map(({ code, message }) => `${code}: ${message}`);
  throw error;
};
const refused = (files: Files, mapping?: string) => run(files, mapping).then(() => [], reasons);
const ofKind = ({ summary }: Ran, kind: string) => summary.kinds.find((one) => one.kind === kind)!;

const competitors = (fields: string, more = '') => `
imports:
  - kind: competitors
    file: a.csv
    ${more}
    fields: ${fields}
`;

describe('what becomes of cells', () => {
  it('maps columns, templates, constants, defaults, value maps, choices in Chinese', async () => {
    const ran = await run(
      {
        '客户.csv':
          '编号,名,省,市,级别,账期,额度（万元）,类型\n' +
          'd１,甲,广东,广州,一级,,"1,2.5",代理商\nD2,乙,广东,,二级,60天,５０,\nD3,丙,,,未知,30,¥3.00001,零售商\n',
      },
      `
imports:
  - kind: regions
    rows: [{ code: 广东, name: 广东 }, { code: 其他, name: 其他 }]
  - kind: distributors
    file: 客户.csv
    fields:
      code: 编号
      name: { template: '{名}（{市}）', replace: { （）: '' } }
      regionCode: { column: 省, default: 其他 }
      class: { column: 级别, map: { 一级: A, 二级: B } }
      paymentDays: { column: 账期, replace: { 天: '' } }
      creditLimit: { column: 额度（万元）, factor: 10000 }
      partnerType: { column: 类型, default: 经销商 }
      terms: { constant: 预付款 }
`,
    );
    expect(stub.rows('distributors')).toMatchObject([
      {
        code: 'D2',
        name: '乙',
        regionCode: '广东',
        class: 'B',
        paymentDays: 60,
        creditLimit: '500000',
        partnerType: 'distributor',
        terms: 'prepaid',
      },
    ]);
    expect(ran.rejected.map((row) => [row['file'], row['line'], row['column'], row['value'], row['code']])).toEqual([
      ['客户.csv', '2', '额度（万元）', '1,2.5', 'console.import.not-a-number'],
      ['客户.csv', '4', '级别', '未知', 'console.import.not-in-map'],
    ]);
    expect(ofKind(ran, 'distributors')).toMatchObject({ read: 3, created: 1, rejected: 2 });
  });

  it('fills down merged cells, leaves out subtotals, takes each value of a column once', async () => {
    await run(
      { 'a.csv': '大区,省\n华南,广东\n,广西\n,小计\n华东,浙江\n,浙江\n' },
      `
imports:
  - { kind: regions, file: a.csv, distinct: 大区, fillDown: [大区], fields: { code: 大区, name: 大区 } }
  - kind: regions
    file: a.csv
    distinct: [省]
    fillDown: [大区]
    skip: [{ column: 省, in: [小计, 合计] }]
    fields: { code: 省, name: 省, parentCode: 大区 }
`,
    );
    expect(stub.rows('regions')).toEqual([
      { code: '华南', name: '华南' },
      { code: '华东', name: '华东' },
      { code: '广东', name: '广东', parentCode: '华南' },
      { code: '广西', name: '广西', parentCode: '华南' },
      { code: '浙江', name: '浙江', parentCode: '华东' },
    ]);
  });

  it('sends parents before children in whatever order they come, and refuses circles', async () => {
    const ran = await run({ 'regions.csv': 'code,name,parentCode\nC,c,B\nB,b,A\nA,a,\nX,x,Y\nY,y,X\nD,d,A\n' });
    expect(stub.batches.map(({ rows }) => rows.map((row) => row['code']))).toEqual([['A'], ['B', 'D'], ['C']]);
    expect(ran.rejected.map((row) => [row['line'], row['key'], row['code']])).toEqual([
      ['5', 'X', 'console.import.circle'],
      ['6', 'Y', 'console.import.circle'],
    ]);
  });

  it('looks up values in another file', async () => {
    const mapping = competitors('{ code: 编码, name: { column: 类, lookup: { file: 类别.tsv, key: 号, value: 名 } } }');
    const ran = await run({ 'a.csv': '编码,类\nA,1\nB,2\nC,9\n', '类别.tsv': '号\t名\n1\t瓷砖\n2\t石材\n' }, mapping);
    expect(stub.rows('competitors')).toEqual([
      { code: 'A', name: '瓷砖' },
      { code: 'B', name: '石材' },
    ]);
    expect(ran.rejected).toMatchObject([{ line: '4', column: '类', value: '9', code: 'console.import.lookup-failed' }]);
  });

  it('leaves a field out where its condition does not hold', async () => {
    await run(
      { 'a.csv': 'code,name,own\nA,a,yes\nB,b,\n' },
      competitors('{ code: code, name: name, us: { constant: 是, when: { column: own, empty: false } } }'),
    );
    expect(stub.rows('competitors')).toEqual([
      { code: 'A', name: 'a', us: true },
      { code: 'B', name: 'b' },
    ]);
  });

  it('keeps a percentage apart from a ratio', async () => {
    const orders = (rule: string, discounts: string[]) =>
      run(
        { 'o.csv': `n,p,q,u,d\n${discounts.map((d, i) => `${i},P,1,1,${d}`).join('\n')}` },
        `
imports:
  - { kind: distributors, file: o.csv, distinct: p, fields: { code: p, name: p, regionCode: { constant: R } } }
  - { kind: regions, rows: [{ code: R, name: r }] }
  - kind: products
    file: o.csv
    distinct: p
    fields: { code: p, name: p, specification: p, grade: p, colourNumber: p, family: p, unit: p }
  - kind: orders
    file: o.csv
    fields: { number: n, distributorCode: p, orderedOn: { constant: 2026-03-05 } }
    lines: { fields: { productCode: p, quantity: q, unitPrice: u, discount: ${rule} } }
`,
      );
    const discounts = () =>
      stub.rows('orders').map(({ lines }) => (lines as Record<string, unknown>[])[0]!['discount']);
    await orders('{ column: d, ratio: true }', ['0.15', '15%', '0.05', '0']);
    expect(discounts()).toEqual(['15', '15', '5', '0']);
    stub.kept.delete('orders');
    await orders('d', ['15', '15%', '１２.５％', '']);
    expect(discounts()).toEqual(['15', '15', '12.5', undefined]);
  });

  it('says in Chinese what is wrong, with the cell it means', async () => {
    const file = '代码,名称\n,甲\nB C,乙\nD,\n"E","己\n庚"\n';
    const ran = await run({ 'a.csv': file }, competitors('{ code: 代码, name: 名称 }'), { language: 'zh' });
    expect(ran.rejected.map((row) => [row['行'], row['列'], row['值'], row['原因']])).toEqual([
      ['2', '代码', '', '此处必须填写。'],
      ['3', '代码', 'B C', '“B C”不是合法代码：只能含文字、数字及 . _ / -，最多64个字符。'],
      ['4', '名称', '', '此处必须填写。'],
    ]);
    expect(stub.rows('competitors')).toEqual([{ code: 'E', name: '己 庚' }]);
  });

  it('refuses errors of formulas and bytes that mean nothing', async () => {
    const path = join(base, 'x.xlsx');
    await writeWorkbook(path, [
      {
        name: '竞争对手',
        rows: [
          ['code', 'name'],
          ['A', { error: '#N/A' }],
          [5, 'five'],
        ],
      },
    ]);
    const ran = await run({ 'x.xlsx': await readFile(path) });
    expect(ran.rejected).toMatchObject([
      { file: 'x.xlsx', line: '2', column: 'name', value: '#N/A', code: 'console.import.formula-error' },
    ]);
    expect(stub.rows('competitors')).toEqual([{ code: '5', name: 'five' }]);
    const broken = Buffer.concat([Buffer.from('code,name\nB,'), Buffer.from([0xff, 0xff]), Buffer.from('\n')]);
    expect((await run({ 'competitors.csv': broken })).rejected).toMatchObject([
      { line: '2', column: 'name', code: 'console.import.undecodable' },
    ]);
  });

  it('keeps what a spreadsheet would run from being run', async () => {
    const ran = await run({ 'competitors.csv': 'code,name\n=1+1,x\n-5 x,y\n' });
    expect(ran.rejected.map((row) => row['value'])).toEqual(["'=1+1", "'-5 x"]);
  });
});

const products = 'code,name,specification,grade,colourNumber,family,unit\nP1,p,s,g,c,f,u\nP2,p,s,g,c,f,u\n';
const partners = {
  'regions.csv': 'code,name\nR,r\n',
  'products.csv': products,
  'distributors.csv': 'code,name,regionCode\nD,d,R\n',
};

describe('orders and their lines', () => {
  const mapping = `
imports:
  - kind: orders
    file: heads.csv
    fields: { number: { template: 'SO-{no}' }, distributorCode: who, orderedOn: on, shippedOn: shipped }
    lines:
      file: lines*.csv
      on: { order: no, line: order }
      fields: { productCode: what, quantity: many, unitPrice: price }
`;
  beforeEach(() => run(partners));

  it('joins lines in any order and from several files, and reports what has no counterpart', async () => {
    const ran = await run(
      {
        'heads.csv':
          'no,who,on,shipped\n1,D,2026-03-05,\n2,D,2026-03-06,2026-03-07\n3,D,2026-03-08,\n2,D,2026-03-06,\n4,D,nonsense,\n',
        'lines-a.csv': 'order,what,many,price\n2,P1,1,2\n1,P2,3,4.5\n9,P1,1,1\n4,P1,1,1\n',
        'lines-b.csv': 'order,what,many,price\n1,P1,2,10\n',
      },
      mapping,
    );
    const line = (productCode: string, quantity: string, unitPrice: string) => ({ productCode, quantity, unitPrice });
    expect(stub.rows('orders')).toMatchObject([
      { number: 'SO-1', lines: [line('P2', '3', '4.5'), line('P1', '2', '10')] },
      { number: 'SO-2', shippedOn: '2026-03-07', lines: [line('P1', '1', '2')] },
    ]);
    expect(ran.rejected.map((row) => [row['file'], row['line'], row['column'], row['key'], row['code']])).toEqual([
      ['heads.csv', '5', '', 'SO-2', 'console.import.duplicate'],
      ['heads.csv', '6', 'on', 'SO-4', 'console.import.not-a-date'],
      ['heads.csv', '4', '', 'SO-3', 'console.import.no-lines'],
      ['lines-a.csv', '4', '', '9', 'console.import.no-order'],
    ]);
    expect(ofKind(ran, 'orders')).toMatchObject({
      read: 6,
      created: 2,
      rejected: 4,
      lines: 5,
      totals: { net: '35.50', 'shipped net': '2.00' },
    });
  });

  it('refuses an order of which one line is bad, at that line', async () => {
    const ran = await run(
      {
        'heads.csv': 'no,who,on,shipped\n1,D,2026-03-05,\n',
        'lines.csv': 'order,what,many,price\n1,P1,1,2\n1,P1,1.2345,x\n',
      },
      mapping,
    );
    expect(ran.rejected.map((row) => [row['line'], row['column'], row['value']])).toEqual([
      ['3', 'many', '1.2345'],
      ['3', 'price', 'x'],
    ]);
    expect(ofKind(ran, 'orders')).toMatchObject({ read: 1, created: 0, rejected: 1 });
    expect(stub.rows('orders')).toEqual([]);
  });

  it("points at the line's cell for what only the service knows", async () => {
    const ran = await run(
      {
        'heads.csv': 'no,who,on,shipped\n1,D,2026-03-05,\n',
        'lines.csv': 'order,what,many,price\n1,P1,1,2\n1,P9,1,3\n',
      },
      mapping,
    );
    expect(ran.rejected).toMatchObject([
      { file: 'lines.csv', line: '3', column: 'what', value: 'P9', key: 'SO-1', code: 'stub.products.unknown' },
    ]);
  });

  it('takes a sheet in which every line repeats its order', async () => {
    const rows: CellXml[][] = [
      ['订单号', '经销商编码', '下单日期', '发货日期', '产品编码', '数量', '单价', '折扣'],
      ['S1', 'D', { date: 46_086 }, null, 'P1', 2, 10.1, { percent: 0.05 }],
      ['S2', 'D', { date: 46_087 }, { date: 46_090 }, 'P1', 1, 1, null],
      ['S1', 'D', { date: 46_086 }, null, 'P2', 1, 3, null],
      ['S2', 'D', { date: 46_088 }, { date: 46_090 }, 'P2', 1, 1, null],
    ];
    const path = join(base, 'orders.xlsx');
    await writeWorkbook(path, [{ name: '销售订单', rows }]);
    const ran = await run({ 'orders.xlsx': await readFile(path) }, undefined, { language: 'zh' });
    expect(stub.rows('orders')).toMatchObject([
      {
        number: 'S1',
        orderedOn: '2026-03-05',
        lines: [
          { productCode: 'P1', quantity: '2', unitPrice: '10.1', discount: '5' },
          { productCode: 'P2', quantity: '1', unitPrice: '3' },
        ],
      },
    ]);
    expect(ran.rejected.map((row) => [row['行'], row['列'], row['值'], row['代码']])).toEqual([
      ['5', '下单日期', '2026-03-07', 'console.import.head-differs'],
    ]);
  });

  it('finds heads and lines in files of their own by their headers', async () => {
    const ran = await run({
      'orders.csv': 'number,distributorCode,orderedOn\n1,D,2026-03-05\n',
      'lines.csv': '订单号,产品编码,数量,单价\n1,P1,1,2\n',
    });
    expect(stub.rows('orders')).toMatchObject([{ number: '1', lines: [{ productCode: 'P1' }] }]);
    expect(ran.tables.map(({ table, lines }) => [table, lines])).toEqual([
      ['orders.csv', false],
      ['lines.csv', true],
    ]);
  });
});

describe('without a mapping', () => {
  it('knows tables by Chinese headers and tells how it understood them', async () => {
    const ran = await run({
      '区域.csv': '编码,名称,上级\nN,华北,\nS,华南,\n',
      '人员.csv': '工号,姓名,入职日期,备注\n001,张,2020年1月2日,x\n',
      '客户.csv': '客户编码,客户名称,所属区域,等级,信用额度\nD1,甲,N,A,"10,000"\n',
      '产品.csv': '产品编码,品名,规格,等级,色号,产品系列,销售单位,税率\nP1,砖,600x600,优等品,03,地砖,m²,13%\n',
      '市场.csv': '月份,区域,品类,厂商,销售额,来源\n2026年3月,N,地砖,甲厂,1000,调查\n',
      '说明.txt': 'nothing,to,see\n1,2,3\n',
    });
    expect(ran.rejected).toEqual([]);
    expect(ran.summary.kinds.map(({ kind, created }) => [kind, created])).toEqual([
      ['people', 1],
      ['regions', 2],
      ['distributors', 1],
      ['products', 1],
      ['observations', 1],
    ]);
    expect(stub.rows('people')).toMatchObject([{ staffNumber: '001', joinedOn: '2020-01-02' }]);
    expect(stub.rows('distributors')).toMatchObject([{ regionCode: 'N', class: 'A', creditLimit: '10000' }]);
    expect(stub.rows('products')).toMatchObject([{ grade: '优等品', taxRate: '13' }]);
    expect(stub.rows('observations')).toMatchObject([{ month: '2026-03-01', value: '1000' }]);
    expect(ran.tables.find(({ kind }) => kind === 'people')).toMatchObject({
      table: '人员.csv',
      encoding: 'utf-8',
      headerLine: 1,
      fields: [
        { field: 'staffNumber', from: ['工号'] },
        { field: 'name', from: ['姓名'] },
        { field: 'joinedOn', from: ['入职日期'] },
      ],
      unusedColumns: ['备注'],
    });
  });

  it('asks where a table could be two things, and where none is anything', async () => {
    expect(await refused({ 'x.csv': 'code,name\nA,a\n' })).toEqual([
      expect.stringMatching(/ambiguous: x.csv could be regions, competitors/),
    ]);
    expect(
      await refused({
        '区域.csv': '编码,名称\nN,北区\n',
        '市场数据.csv': '月份,区域,品类,谁,销售额\n2026-03,N,地砖,甲,1\n',
      }),
    ).toEqual([
      expect.stringMatching(/field-not-mapped.*observations needs the field vendor.*谁/),
      expect.stringMatching(/field-not-mapped.*observations needs the field source/),
    ]);
    expect(await refused({ 'x.csv': 'foo,bar\nA,a\n' })).toEqual([
      expect.stringMatching(/nothing-recognised.*foo, bar/),
    ]);
  });
});

describe('a mapping that does not fit', () => {
  it('says all that is wrong at once, with what there is', async () => {
    const found = await refused(
      { 'a.csv': 'code,Name,x,x\n1,2,3,4\n' },
      `
imports:
  - { kind: competitors, file: a.csv, fields: { code: Code, name: nom, us: x, colour: code } }
  - { kind: regions, file: b.csv, fields: { code: code } }
  - { kind: stock, file: a.csv, fields: { productCode: code } }
`,
    );
    expect(found).toEqual([
      expect.stringMatching(
        /no-such-column: imports.0.fields.name: a.csv has no column "nom". It has: code, Name, x, x/,
      ),
      expect.stringMatching(/column-twice: imports.0.fields.us/),
      expect.stringMatching(/no-such-field: imports.0: competitors has no field "colour". It has: code, name, us/),
      expect.stringMatching(/no-such-file: imports.1: no file matches b.csv. There are: a.csv/),
      ...['warehouse', 'batch', 'quantity'].map((field) =>
        expect.stringMatching(`imports.2: stock needs the field ${field}`),
      ),
    ]);
    expect(stub.asked).toEqual([]);
  });

  it.each([
    ['imports: [', /YAML/],
    ['imports: []', /imports/],
    ['imports: [{ kind: cars, file: a.csv, fields: {} }]', /cars: people, regions/],
    ['imports: [{ kind: stock, file: a.csv, colour: red, fields: {} }]', /colour/],
    [
      'imports: [{ kind: stock, file: a.csv, fields: { quantity: { column: a, factor: lots } } }]',
      /imports.0.fields.quantity.factor: .*a number/,
    ],
    [
      'imports: [{ kind: stock, file: a.csv, fields: { quantity: { constant: a, column: b } } }]',
      /one of column, template/,
    ],
    ['imports: [{ kind: stock, file: a.csv, fields: { receivedOn: { column: a, dates: dd.mm } } }]', /YYYY/],
    ['imports: [{ kind: orders, file: a.csv, fields: {}, lines: { file: b.csv, fields: {} } }]', /on is needed/],
    ['imports: [{ kind: stock, file: a.csv, encoding: klingon, fields: {} }]', /encoding such as/],
  ])('%s', async (mapping, message) => {
    expect(await refused({ 'a.csv': 'a,b\n1,2\n' }, mapping)).toEqual([expect.stringMatching(message)]);
  });
});

it('has an example of everything a mapping can say, and it is right', async () => {
  const example = await readFile(new URL('../../mappings/example.yaml', import.meta.url), 'utf8');
  expect(readMapping(example).entries.map(({ kind }) => kind)).toEqual([
    'regions',
    'regions',
    'distributors',
    'orders',
    'positions',
  ]);
});

describe('sending', () => {
  const many = (rows: number, name = 'x') =>
    `code,name\n${Array.from({ length: rows }, (_, i) => `C${i},${name}${i}`).join('\n')}\n`;

  it('sends batches of at most 500 rows, several at once, and changes only what is different', async () => {
    stub.together = 3;
    const first = await run({ 'competitors.csv': many(2300) });
    expect(ofKind(first, 'competitors')).toMatchObject({ read: 2300, created: 2300, rejected: 0 });
    expect(stub.batches.every(({ rows }) => rows.length <= 500)).toBe(true);
    expect(stub.mostAtOnce).toBe(3);
    const again = await run({ 'competitors.csv': many(2300).replace('x7\n', 'y7\n') });
    expect(ofKind(again, 'competitors')).toMatchObject({ created: 0, changed: 1, unchanged: 2299 });
    expect(stub.rows('competitors').length).toBe(2300);
  });

  it('keeps a batch below a megabyte, and a price list whole', async () => {
    await run({ 'competitors.csv': many(2500, '长'.repeat(190)) });
    expect(Math.max(...stub.batches.map(({ bytes }) => bytes))).toBeLessThan(1_000_000);
    const codes = Array.from({ length: 900 }, (_, i) => `P${i}`);
    await run({
      'products.csv': `code,name,specification,grade,colourNumber,family,unit\n${codes.map((code) => `${code},p,s,g,c,f,u`).join('\n')}`,
    });
    stub.batches.length = 0;
    const rows = codes.flatMap((code) => [`A,2026-01-01,${code},1`, `B,2026-01-01,${code},2`]);
    await run({ 'prices.csv': `listCode,validFrom,productCode,price\n${rows.join('\n')}` });
    expect(
      stub.batches.map((batch) => [new Set(batch.rows.map((row) => row['listCode'])).size, batch.rows.length]),
    ).toEqual([
      [1, 900],
      [1, 900],
    ]);
  });

  it('brings receipts in by their days', async () => {
    await run({
      ...partners,
      'receipts.csv':
        'number,distributorCode,receivedOn,amount\n1,D,2026-03-05,1\n2,D,2026/1/5,2.50\n3,D,2026-02-05,3\n',
    });
    expect(stub.batches.at(-1)!.rows.map((row) => row['number'])).toEqual(['2', '3', '1']);
  });

  it('tries again what fails for a moment', async () => {
    stub.failures.push(
      { path: /imports/, status: 429, headers: { 'retry-after': '0' }, times: 2 },
      { path: /imports/, status: 503, times: 2 },
      { path: /imports/, status: 0, times: 2 },
      { path: /imports/, status: 500, times: 1 },
    );
    const ran = await run({ 'competitors.csv': many(700) });
    expect(ran.summary).toMatchObject({ rejected: 0, written: true });
    expect(stub.rows('competitors').length).toBe(700);
  });

  it('finds the row on which a service breaks down, and goes on with the others', async () => {
    stub.poison = (row) => row['code'] === 'C77';
    const ran = await run({ 'competitors.csv': many(200) });
    expect(ran.rejected).toMatchObject([{ line: '79', key: 'C77', code: 'console.import.service-failed' }]);
    expect(stub.rows('competitors').length).toBe(199);
  });

  it('gives up on a service that is away or refuses, and says what was done', async () => {
    stub.failures.push({ path: /planning.*imports/, status: 503, times: 1000 });
    const ran = await run({ ...partners, 'competitors.csv': many(1) }, undefined, { services: stub.services(50) });
    expect(ran.summary.stoppedBy?.reasons.map(({ code }) => code)).toEqual(['console.import.unavailable']);
    expect(ran.summary.kinds.map(({ kind, created }) => [kind, created])).toEqual([
      ['regions', 1],
      ['distributors', 1],
      ['products', 2],
      ['competitors', 0],
    ]);
    stub.roles = ['salesperson'];
    expect(await refused({ 'competitors.csv': many(1) })).toEqual([expect.stringMatching(/not-allowed/)]);
    stub.accepts = () => false;
    expect(await refused({ 'competitors.csv': many(1) })).toEqual([expect.stringMatching(/not-allowed.*who/)]);
  });

  it('waits until the services know of each other', async () => {
    stub.lag['distributors'] = [
      { outbox: 3, behind: 0 },
      { outbox: 0, behind: 0 },
    ];
    stub.lag['orders'] = [
      { outbox: 0, behind: 9 },
      { outbox: 0, behind: 2 },
      { outbox: 0, behind: 0 },
    ];
    await run(partners);
    expect(stub.asked).toEqual([
      '/api/distributors/me',
      '/api/distributors/imports/regions',
      ...Array.from({ length: 3 }, () => '/api/distributors/events/status'),
      '/api/distributors/imports/distributors',
      '/api/distributors/events/status',
      ...Array.from({ length: 3 }, () => '/api/orders/events/status'),
      '/api/orders/imports/products',
    ]);
  });

  it('stops when it is told to', async () => {
    const stopping = new AbortController();
    const ran = await run({ 'competitors.csv': many(5000) }, undefined, {
      signal: stopping.signal,
      onProgress: ({ phase }) => phase === 'loading' && stopping.abort(),
    });
    expect(ran.summary.stoppedBy?.reasons.map(({ code }) => code)).toEqual(['console.import.stopped']);
    expect(stub.rows('competitors').length).toBeLessThan(5000);
  });

  it("counts and lists what today's rules would have said", async () => {
    stub.findings = (kind, row) =>
      kind === 'distributors'
        ? [{ rule: 'D-21', code: 'distributors.credit.none', detail: `no limit: ${String(row['code'])}` }]
        : undefined;
    const ran = await run({ ...partners, 'distributors.csv': 'code,name,regionCode\nD,d,R\nE,e,R\n' });
    expect(ran.summary.findings).toEqual([{ rule: 'D-21', code: 'distributors.credit.none', count: 2 }]);
    expect(ran.findings).toMatchObject([
      { rule: 'D-21', kind: 'distributors', key: 'D', file: 'distributors.csv', line: '2', detail: 'no limit: D' },
      { key: 'E', line: '3' },
    ]);
  });
});

describe('dry runs', () => {
  it('writes nothing and does not miss what the same import brings', async () => {
    const files = {
      ...partners,
      'orders.csv':
        'number,distributorCode,orderedOn,productCode,quantity,unitPrice\n1,D,2026-03-05,P1,1,2\n2,X,2026-03-05,P1,1,2\n',
    };
    const ran = await run(files, undefined, { dryRun: true });
    expect(stub.batches.every(({ dryRun }) => dryRun)).toBe(true);
    expect(stub.rows('regions')).toEqual([]);
    expect(ran.summary).toMatchObject({ dryRun: true, written: false, rejected: 1 });
    expect(ran.rejected).toMatchObject([
      { file: 'orders.csv', line: '3', column: 'distributorCode', value: 'X', code: 'stub.distributors.unknown' },
    ]);
    expect(ran.summary.kinds.map(({ kind, created }) => [kind, created])).toEqual([
      ['regions', 1],
      ['distributors', 1],
      ['products', 2],
      ['orders', 1],
    ]);
    expect(stub.asked.filter((path) => path.endsWith('status'))).toEqual([]);
  });

  it('does not count on a row that it has refused itself', async () => {
    const ran = await run(
      {
        'regions.csv': 'code,name\nR,r\n',
        'distributors.csv': 'code,name,regionCode\nD,d,R\nE,e,NONE\n',
        'receipts.csv': 'number,distributorCode,receivedOn,amount\n1,D,2026-03-05,1\n2,E,2026-03-05,1\n',
      },
      undefined,
      { dryRun: true },
    );
    expect(ran.rejected.map((row) => [row['file'], row['key']])).toEqual([
      ['distributors.csv', 'E'],
      ['receipts.csv', '2'],
    ]);
  });

  it('writes all or nothing when that is wanted', async () => {
    const bad = { ...partners, 'distributors.csv': 'code,name,regionCode\nD,d,R\nE,e,NONE\n' };
    const refusedOne = await run(bad, undefined, { allOrNothing: true });
    expect(refusedOne.summary).toMatchObject({ written: false, rejected: 1, dryRun: false });
    expect(stub.batches.every(({ dryRun }) => dryRun)).toBe(true);
    stub.findings = () => [{ rule: 'X-01', code: 'x.y', detail: 'z' }];
    const good = await run(partners, undefined, { allOrNothing: true });
    expect(good.summary).toMatchObject({ written: true, rejected: 0, findings: [{ rule: 'X-01', count: 4 }] });
    expect(good.findings.length).toBe(4);
    expect(stub.rows('distributors').length).toBe(1);
  });
});
