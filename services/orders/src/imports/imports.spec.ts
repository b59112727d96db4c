import { invoiceEvents, orderEvents, paymentEvents, shipmentEvents } from '@fenxiao/contracts/orders';
import { newId } from '@fenxiao/domain/id';
import { clause } from '@fenxiao/testing/clause';
import type { Member } from '@fenxiao/testing/harness';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { world, type World } from '../../test/world.js';

/** History enters by the import: money and references hold, the rest is said of it, and a second run changes nothing. */
let w: World;
let importer: Member;
beforeAll(async () => {
  w = await world();
  importer = await w.h.staff('importer');
}, 60_000);
afterAll(() => w?.close());

interface Result {
  readonly outcome: string;
  readonly id?: string;
  readonly errors?: { field: string; code: string }[];
  readonly findings?: { rule: string; code: string; line?: number }[];
}
const load = async (kind: string, rows: object[], extra: object = {}): Promise<Result[]> =>
  (await importer.post(`/imports/${kind}`, { importId: newId(), rows, ...extra })).body.results;
const outcomes = async (kind: string, rows: object[]) => (await load(kind, rows)).map(({ outcome }) => outcome);

describe('products, prices and stock', () => {
  const tile = (code: string, over: object = {}) => ({
    code,
    name: code,
    specification: '600×600',
    grade: 'A',
    colourNumber: 'C1',
    family: 'floor',
    unit: 'm²',
    taxRate: '13',
    standardCost: '40',
    ...over,
  });

  it('come in once, change when they change, and price the orders of their day', async () => {
    expect(await outcomes('products', [tile('I1'), tile('I2', { retired: true }), tile('I3', { unit: '' })])).toEqual([
      'created',
      'created',
      'rejected',
    ]);
    expect(await outcomes('products', [tile('I1'), tile('I2', { name: 'renamed', retired: true })])).toEqual([
      'unchanged',
      'changed',
    ]);
    const prices = [
      { listCode: 'OLD', validFrom: '2024-01-01', productCode: 'I1', price: '90' },
      { listCode: 'OLD', validFrom: '2026-01-01', productCode: 'I1', price: '100' },
    ];
    expect(await outcomes('prices', [...prices, { ...prices[0]!, productCode: 'NONE' }])).toEqual([
      'created',
      'created',
      'rejected',
    ]);
    expect(await outcomes('prices', prices)).toEqual(['unchanged', 'unchanged']);
    const stock = [{ productCode: 'I1', warehouse: 'MAIN', batch: 'B1', quantity: '50' }];
    expect(await outcomes('stock', stock)).toEqual(['created']);
    expect(await outcomes('stock', stock)).toEqual(['unchanged']);
    const customer = await w.distributor();
    expect((await w.order(customer.code, [{ productCode: 'I1', quantity: '2' }])).body).toMatchObject({
      state: 'allocated',
      net: '200.00',
    });
  });
});

describe('orders of the past', () => {
  const row = (number: string, distributorCode: string, productCode: string, over: object = {}) => ({
    number,
    distributorCode,
    orderedOn: '2025-05-02',
    lines: [{ productCode, quantity: '3', unitPrice: '33.335' }],
    ...over,
  });

  it('keep their dates, ship and bill as they did, and count in the events to the fen', async () => {
    const [customer, tile] = [await w.distributor({ paymentDays: 60 }), await w.product('40')];
    const [result] = await load('orders', [
      row('H1', customer.code, tile.code, {
        shippedOn: '2025-05-06',
        deliveredOn: '2025-05-08',
        invoiceNumber: 'OLD-1',
        net: '100.01',
        lines: [{ productCode: tile.code, quantity: '3', unitPrice: '33.335' }],
      }),
    ]);
    expect(result).toMatchObject({ outcome: 'created' });
    expect(await w.read(result!.id!)).toMatchObject({
      number: 'H1',
      state: 'completed',
      historic: true,
      orderedOn: '2025-05-02',
      net: '100.01',
      tax: '13.00',
      lines: [{ shipped: '3.000' }],
    });
    const of = async <C extends Parameters<World['h']['events']>[0]>(contract: C) =>
      (await w.h.events(contract)).at(-1)!.data;
    expect(await of(orderEvents.recorded)).toMatchObject({
      orderedOn: '2025-05-02',
      shippedOn: '2025-05-06',
      deliveredOn: '2025-05-08',
      net: '100.01',
      lines: [{ net: '100.01' }],
      meta: { role: 'importer', move: { name: 'record-historic' } },
    });
    expect(await of(shipmentEvents.recorded)).toMatchObject({
      shippedOn: '2025-05-06',
      net: '100.01',
      lines: [{ net: '100.01' }],
    });
    expect(await of(invoiceEvents.recorded)).toMatchObject({
      number: 'OLD-1',
      invoicedOn: '2025-05-06',
      dueOn: '2025-07-05',
      gross: '113.01',
    });
  });

  it("say what today's rules would have said, and are not refused for it", async () => {
    const [customer, tile] = [await w.distributor({ state: 'terminated', limit: '10' }), await w.product('100')];
    await w.h.pool.query(
      `UPDATE price_list SET valid_from = '2025-01-01' WHERE id = (SELECT price_list FROM price_list_line WHERE product = $1)`,
      [tile.id],
    );
    const [result] = await load('orders', [
      row('H2', customer.code, tile.code, {
        lines: [
          { productCode: tile.code, quantity: '1', unitPrice: '97' },
          { productCode: tile.code, quantity: '1', unitPrice: '100' },
        ],
      }),
    ]);
    expect(result!.outcome).toBe('created');
    expect(result!.findings!.map(({ rule, code, line }) => [rule, code, line])).toEqual([
      ['D-01', 'orders.distributor.not-active', undefined],
      ['D-21', 'orders.credit.over-limit', undefined],
      ['O-11', 'orders.price.outside-band', 1],
    ]);
    expect(await w.read(result!.id!)).toMatchObject({ state: 'backordered', findings: [{}, {}, {}] });
  });

  clause(
    'O-43',
    'boundary',
    'history: part of a package is found, not refused; a day before it was packed, neither',
    async () => {
      const [customer, tile] = [await w.distributor(), await w.product('100')];
      const packed = { salesUnit: 'carton', unitsPerPackage: '12', wholePackagesOnly: true, validFrom: '2026-03-10' };
      await w.salesManager.post('/packagings', { productCode: tile.code, ...packed });
      const lines = [
        { productCode: tile.code, quantity: '24', unitPrice: '100' },
        { productCode: tile.code, quantity: '25', unitPrice: '100' },
      ];
      const [today, before] = await load('orders', [
        row('H40', customer.code, tile.code, { orderedOn: '2026-03-10', lines }),
        row('H41', customer.code, tile.code, { orderedOn: '2026-03-09', lines }),
      ]);
      const parts = (result: Result) => (result.findings ?? []).filter(({ rule }) => rule === 'O-43');
      expect([today!.outcome, before!.outcome]).toEqual(['created', 'created']);
      expect(parts(today!)).toMatchObject([{ code: 'orders.line.whole-packages-only', line: 2 }]);
      expect(parts(before!)).toEqual([]);
      expect((await w.read(today!.id!)).lines).toMatchObject([{ packages: '2.000' }, { packages: '2.083' }]);
      expect((await w.read(before!.id!)).lines[0]).not.toHaveProperty('packages');
    },
  );

  it('are refused when references or money do not hold, each row for itself', async () => {
    const [customer, tile] = [await w.distributor(), await w.product()];
    const rows = [
      row('H3', 'NOBODY', tile.code),
      row('H4', customer.code, 'NOTHING'),
      row('H5', customer.code, tile.code, { net: '100.02' }),
      row('H6', customer.code, tile.code, { shippedOn: '2025-05-01' }),
      row('H7', customer.code, tile.code, { staffNumber: 'NOBODY' }),
      row('H8', customer.code, tile.code, { orderedOn: '2.5.2025' }),
      row('H9', customer.code, tile.code),
    ];
    const results = await load('orders', rows);
    expect(results.map(({ outcome, errors }) => errors?.[0]?.field ?? outcome)).toEqual([
      'distributorCode',
      'lines.0.productCode',
      'net',
      'shippedOn',
      'staffNumber',
      'orderedOn',
      'created',
    ]);
  });

  it('come in once: the same again is unchanged, anything else is refused, a dry run writes nothing', async () => {
    const [customer, tile] = [await w.distributor(), await w.product()];
    const before = (await w.h.events()).length;
    expect((await load('orders', [row('H10', customer.code, tile.code)], { dryRun: true }))[0]).toMatchObject({
      outcome: 'created',
    });
    expect((await w.h.events()).length).toBe(before);
    expect(
      await outcomes('orders', [row('H10', customer.code, tile.code), row('H10', customer.code, tile.code)]),
    ).toEqual(['created', 'unchanged']);
    expect(await outcomes('orders', [row('H10', customer.code, tile.code)])).toEqual(['unchanged']);
    expect(
      (await load('orders', [row('H10', customer.code, tile.code, { reference: 'other' })]))[0]!.errors![0]!.code,
    ).toBe('import.recorded-otherwise');
  });

  it('never take the number of something live, nor one invoice number twice', async () => {
    const [customer, tile] = [await w.distributor(), await w.product()];
    const { number } = (await w.order(customer.code, [{ productCode: tile.code, quantity: '1' }])).body as {
      number: string;
    };
    const invoiced = (of: string, over: object = { orderedOn: '2025-06-02', shippedOn: '2025-06-03' }) =>
      row(of, customer.code, tile.code, { invoiceNumber: 'F-H20', ...over });
    const results = await load('orders', [
      row(number, customer.code, tile.code),
      invoiced('H19', { orderedOn: '2025-06-02' }),
      invoiced('H20'),
      invoiced('H21'),
    ]);
    expect(results).toMatchObject([
      { outcome: 'rejected', errors: [{ field: 'number', code: 'import.number-taken' }] },
      { outcome: 'created', findings: expect.arrayContaining([expect.objectContaining({ rule: 'O-50' })]) },
      { outcome: 'created' },
      { outcome: 'rejected', errors: [{ field: 'invoiceNumber', code: 'import.number-taken' }] },
    ]);
    expect(await outcomes('orders', [invoiced('H22')])).toEqual(['rejected']);
  });

  it('say in the language of the reader why they are refused', async () => {
    const { body } = await importer.post(
      '/imports/orders',
      { importId: newId(), rows: [row('H30', 'NOBODY', 'NOTHING')] },
      { 'accept-language': 'zh-CN' },
    );
    expect(body.results[0].errors[0].message).toBe('未知的经销商：NOBODY。');
  });
});

describe('receipts of the past', () => {
  it('pay the invoice they name, else the oldest due, and count in the exposure', async () => {
    const [customer, tile] = [await w.distributor({ limit: '150' }), await w.product('100')];
    const order = (number: string, orderedOn: string) => ({
      number,
      distributorCode: customer.code,
      orderedOn,
      shippedOn: orderedOn,
      invoiceNumber: `F-${number}`,
      lines: [{ productCode: tile.code, quantity: '1', unitPrice: '100' }],
    });
    await load('orders', [order('R1', '2026-03-01'), order('R2', '2026-03-02'), order('R3', '2026-03-03')]);
    const receipt = (number: string, over: object) => ({
      number,
      distributorCode: customer.code,
      receivedOn: '2026-03-05',
      ...over,
    });
    const rows = [
      receipt('Q1', { amount: '113.00', invoiceNumber: 'F-R2' }),
      receipt('Q2', { amount: '120.00' }),
      receipt('Q3', { amount: '1.00', invoiceNumber: 'F-NONE' }),
    ];
    expect((await load('receipts', rows)).map(({ outcome, errors }) => errors?.[0]?.field ?? outcome)).toEqual([
      'created',
      'created',
      'invoiceNumber',
    ]);
    expect(await outcomes('receipts', rows.slice(0, 2))).toEqual(['unchanged', 'unchanged']);
    const { items } = (await w.finance.get(`/invoices?distributorId=${customer.id}`)).body as {
      items: { number: string; state: string; openAmount: string }[];
    };
    expect(
      Object.fromEntries(items.map(({ number, state, openAmount }) => [number, `${state} ${openAmount}`])),
    ).toEqual({ 'F-R1': 'settled 0.00', 'F-R2': 'settled 0.00', 'F-R3': 'outstanding 106.00' });
    const received = (await w.h.events(paymentEvents.received)).map(
      ({ data }) => data as unknown as { number: string; matched: unknown[] },
    );
    expect(received.find(({ number }) => number === 'Q2')!.matched).toHaveLength(2);
    // O-22: the ledger has the past, once
    const ledger = (await w.finance.get(`/ledger?distributorId=${customer.id}`)).body as {
      items: { documentNumber: string; amount: string; balance: string }[];
    };
    expect(ledger.items.map(({ documentNumber, amount, balance }) => [documentNumber, amount, balance])).toEqual([
      ['F-R1', '113.00', '113.00'],
      ['F-R2', '113.00', '226.00'],
      ['F-R3', '113.00', '339.00'],
      ['Q1', '-113.00', '226.00'],
      ['Q2', '-120.00', '106.00'],
    ]);
    await w.receive(tile.code, '5');
    expect((await w.order(customer.code, [{ productCode: tile.code, quantity: '1' }])).body).toMatchObject({
      state: 'on-hold',
      holds: ['credit'],
    });
  });
});

it('says by basis and day what its own tables hold (K-X05)', async () => {
  const { body } = await w.finance.get('/reconciliation/sales?from=2025-05-01&to=2025-05-31');
  expect(body).toContainEqual({ basis: 'ship', day: '2025-05-06', net: '100.01', lines: 1 });
  expect(
    body.find(({ basis, day }: { basis: string; day: string }) => basis === 'order' && day === '2025-05-02').net,
  ).toMatch(/^\d+\.\d\d$/);
  expect((await w.seller.get('/reconciliation/sales?from=2025-05-01&to=2025-05-31')).status).toBe(403);
  expect((await w.finance.get('/reconciliation/sales?from=x')).status).toBe(400);
});
