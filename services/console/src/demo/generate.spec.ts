import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { imports, type ImportKind } from '@fenxiao/contracts/imports';
import { roles } from '@fenxiao/contracts/roles';
import { Money } from '@fenxiao/domain/money';
import { Percentage } from '@fenxiao/domain/percentage';
import { Quantity } from '@fenxiao/domain/quantity';
import { UnitPrice } from '@fenxiao/domain/unit-price';
import { isId } from '@fenxiao/domain/id';
import { detectMapping } from '../import/detect.js';
import { sourceFiles } from '../import/files.js';
import { writeFiles } from './files.js';
import { generate, yesterday } from './generate.js';
import type { Row } from './rows.js';
import { daysBetween, plusDays, springFestival } from './season.js';

const until = '2026-08-20';
const { rows, accounts } = generate({ seed: 'spec', scale: 1, until });
const kinds = Object.keys(imports) as ImportKind[];
const folder = await mkdtemp(join(tmpdir(), 'demo-'));
afterAll(() => rm(folder, { recursive: true }));

type Order = Row<'orders'>;
const sum = (amounts: Iterable<string>) => Money.sum([...amounts].map((amount) => Money.of(amount)));
const yuan = (amount: Money) => Number(amount.fen) / 100;
/** one yuan figure per key */
const totalsBy = <T>(items: readonly T[], key: (item: T) => string, amount: (item: T) => string) =>
  new Map([...Map.groupBy(items, key)].map(([name, of]) => [name, yuan(sum(of.map(amount)))]));
const inMonths = (from: string, to: string) =>
  rows.orders.filter(({ orderedOn }) => from <= orderedOn && orderedOn < to);
const net = (order: Order) => order.net!;
const grossOf = ({ lines }: Order) =>
  Money.sum(
    lines.map(({ unitPrice, quantity, discount = '0', gift }) => {
      const line = Money.lineNet(UnitPrice.of(unitPrice), Quantity.of(quantity), Percentage.of(discount));
      return gift ? Money.zero : line.plus(Money.taxOn(line, Percentage.of('13')));
    }),
  );

async function filesOf(seed: string): Promise<Record<string, string>> {
  const to = join(folder, `${seed}-${Math.random()}`);
  await writeFiles(generate({ seed, scale: 0.1, until }), to);
  const names = await readdir(to);
  const texts = await Promise.all(names.map((name) => readFile(join(to, name), 'utf8')));
  return Object.fromEntries(names.map((name, i) => [name, texts[i]!]));
}

describe('the demonstration data', () => {
  it('is the same to the byte for the same seed, and other data for another', async () => {
    const [first, second, other] = [await filesOf('one'), await filesOf('one'), await filesOf('two')];
    expect(second).toEqual(first);
    expect(Object.keys(first)).toEqual(expect.arrayContaining(kinds.map((kind) => `${kind}.csv`)));
    for (const name of ['orders.csv', 'distributors.csv', 'products.csv', 'accounts.json'])
      expect(other[name]).not.toEqual(first[name]);
    expect(first['orders.csv']).toMatch(/^\ufeffnumber,distributorCode,orderedOn,/);
    expect(first['order-lines.csv']).toMatch(/^\ufefforderNumber,productCode,quantity,unitPrice,/);
    expect(first['positions.csv']).toContain('technical-department;head-of-department');
  });

  it('comes in files that the import understands without a mapping', async () => {
    const to = join(folder, 'files');
    await writeFiles(generate({ seed: 'spec', scale: 0.1, until }), to);
    const { entries } = await detectMapping(await sourceFiles(to, folder), folder);
    expect(entries.map(({ kind }) => kind).sort()).toEqual([...kinds].sort());
    const lines = { file: 'order-lines.csv', on: { order: 'number', line: 'orderNumber' } };
    expect(entries.find(({ kind }) => kind === 'orders')).toMatchObject({ file: 'orders.csv', lines });
  });

  it.each(kinds)('has %s as the contract wants them', (kind) => {
    for (const row of rows[kind]) expect(imports[kind].row.safeParse(row)).toMatchObject({ success: true });
  });

  it('has a believable size, and grows and shrinks with the scale', () => {
    const counts = Object.fromEntries(kinds.map((kind) => [kind, rows[kind].length]));
    expect(counts).toMatchObject({ distributors: 120, products: 180, competitors: 6, regions: 33, people: 66 });
    expect(rows.orders.length).toBeGreaterThan(5700);
    expect(rows.orders.length).toBeLessThan(6800);
    const lines = rows.orders.reduce((total, order) => total + order.lines.length, 0);
    expect(lines / rows.orders.length).toBeCloseTo(5, 0);
    expect(rows.observations.length).toBeGreaterThan(15_000);
    expect(rows.observations.length).toBeLessThan(25_000);
    const small = generate({ seed: 'spec', scale: 0.1, until }).rows;
    expect(small.orders.length).toBeGreaterThan(450);
    expect(small.orders.length).toBeLessThan(800);
    expect(small.distributors).toHaveLength(12);
    expect(() => generate({ seed: 'spec', scale: 0, until })).toThrow(RangeError);
  });

  it('holds nothing after its last day, and begins with the month two years before', () => {
    const { orders, receipts, stock, prices, observations, people } = rows;
    const dates = [
      ...orders.flatMap(({ orderedOn, shippedOn, deliveredOn, invoicedOn }) => [
        orderedOn,
        shippedOn,
        deliveredOn,
        invoicedOn,
      ]),
      ...receipts.map(({ receivedOn }) => receivedOn),
      ...stock.map(({ receivedOn }) => receivedOn),
      ...prices.map(({ validFrom }) => validFrom),
      ...people.map(({ joinedOn }) => joinedOn),
    ].filter((date) => date !== undefined);
    expect(dates.filter((date) => date > until)).toEqual([]);
    expect(orders[0]!.orderedOn.slice(0, 7)).toBe('2024-08');
    expect(orders.at(-1)!.orderedOn).toBe(until);
    expect([...new Set(observations.map(({ month }) => month))]).toHaveLength(24);
    // 20:00 UTC is the next day in Shanghai
    expect(yesterday(new Date('2026-08-20T20:00:00Z'))).toBe('2026-08-20');
  });
});

describe('its people', () => {
  it('hold every role, and there is an account for each', () => {
    const held = new Set(rows.positions.flatMap((position) => position.roles));
    expect([...held].sort()).toEqual([...roles].sort());
    expect(accounts.map(({ role }) => role).sort()).toEqual([...roles].sort());
    for (const { login, role, sub, administrator } of accounts) {
      expect(login).toBe(role);
      expect(isId(sub)).toBe(true);
      expect(administrator === true).toBe(role === 'system-administrator');
      const person = rows.people.find(({ subject }) => subject === sub)!;
      const roles = rows.positions.find(({ staffNumber }) => staffNumber === person.staffNumber)!.roles;
      expect(roles).toEqual([role]);
    }
  });

  it('manage every region and sell in every province', () => {
    const staff = new Set(rows.people.map(({ staffNumber }) => staffNumber));
    const codes = new Set(rows.regions.map(({ code }) => code));
    for (const { managerStaffNumber, parentCode, code } of rows.regions) {
      expect(staff).toContain(managerStaffNumber);
      expect(code === 'CN' ? parentCode === undefined : codes.has(parentCode!)).toBe(true);
    }
    const sellers = rows.positions.filter((position) => position.roles.includes('salesperson'));
    const provinces = rows.regions.filter(({ code }) => /^CN-..$/.test(code)).map(({ code }) => code);
    expect(sellers.map(({ regionCode }) => regionCode!).sort()).toEqual([...provinces].sort());
  });
});

describe('its orders', () => {
  const distributors = new Map(rows.distributors.map((distributor) => [distributor.code, distributor]));
  const products = new Map(rows.products.map((product) => [product.code, product]));
  const prices = Map.groupBy(rows.prices, ({ productCode }) => productCode);

  it('name customers who could order and goods that were sold then, at the list price of the day', () => {
    const last = new Map<string, string>();
    for (const { distributorCode, orderedOn, lines } of rows.orders) {
      expect(['active', 'suspended', 'terminated']).toContain(distributors.get(distributorCode)?.state);
      last.set(distributorCode, orderedOn);
      for (const { productCode, unitPrice } of lines) {
        const { launchedOn } = products.get(productCode)!;
        expect(launchedOn! <= orderedOn).toBe(true);
        const list = prices.get(productCode)!.findLast(({ validFrom }) => validFrom <= orderedOn);
        expect(unitPrice).toBe(list?.price);
        last.set(productCode, orderedOn);
      }
      expect(new Set(lines.map(({ productCode }) => productCode)).size).toBe(lines.length);
    }
    for (const { code, state } of rows.distributors)
      if (state !== 'active') expect((last.get(code) ?? '') < plusDays(until, -40)).toBe(true);
    for (const { code, retired } of rows.products)
      if (retired) expect((last.get(code) ?? '') <= plusDays(until, -30)).toBe(true);
  });

  it('add up, and go from order to promise, shipment, delivery and invoice', () => {
    for (const order of rows.orders) {
      const lines = order.lines.map(({ unitPrice, quantity, discount = '0', gift }) =>
        gift ? Money.zero : Money.lineNet(UnitPrice.of(unitPrice), Quantity.of(quantity), Percentage.of(discount)),
      );
      expect(Money.sum(lines).toString()).toBe(order.net);
      const { orderedOn, promisedOn, shippedOn, deliveredOn, invoiceNumber, invoicedOn, dueOn } = order;
      expect(orderedOn < promisedOn!).toBe(true);
      if (shippedOn) expect(orderedOn <= shippedOn && shippedOn <= (deliveredOn ?? until)).toBe(true);
      expect([invoiceNumber !== undefined, invoicedOn]).toEqual([shippedOn !== undefined, shippedOn]);
      const { paymentDays } = distributors.get(order.distributorCode)!;
      if (dueOn) expect(daysBetween(invoicedOn!, dueOn)).toBe(paymentDays);
    }
    const numbers = rows.orders.flatMap(({ number, invoiceNumber }) => [
      number,
      ...(invoiceNumber ? [invoiceNumber] : []),
    ]);
    expect(new Set(numbers).size).toBe(numbers.length);
  });

  it('are mostly on time and at the list price, and the latest are not all shipped', () => {
    const delivered = rows.orders.filter(({ deliveredOn }) => deliveredOn);
    const late = delivered.filter(({ deliveredOn, promisedOn }) => deliveredOn! > promisedOn!);
    expect(late.length / delivered.length).toBeGreaterThan(0.05);
    expect(late.length / delivered.length).toBeLessThan(0.15);
    const discounts = rows.orders.flatMap(({ lines }) => lines.map(({ discount }) => Number(discount ?? 0)));
    const share = (from: number, to: number) => discounts.filter((d) => d > from && d <= to).length / discounts.length;
    expect(share(0, 100)).toBeLessThan(0.15);
    expect(share(0, 3)).toBeGreaterThan(share(3, 8));
    expect(share(8, 100)).toBeGreaterThan(0.0005);
    const open = rows.orders.filter(({ shippedOn }) => !shippedOn);
    expect(open.length).toBeGreaterThan(10);
    expect(open.filter(({ orderedOn }) => orderedOn < plusDays(until, -60))).toEqual([]);
  });

  it('show the season: growth year over year, peaks in spring and autumn, still weeks at the Spring Festival', () => {
    const year = yuan(sum(inMonths('2025-08-01', '2026-08-01').map(net)));
    const before = yuan(sum(inMonths('2024-08-01', '2025-08-01').map(net)));
    expect(year / before).toBeGreaterThan(1.06);
    expect(year / before).toBeLessThan(1.2);
    const months = totalsBy(inMonths('2024-08-01', '2026-08-01'), ({ orderedOn }) => orderedOn.slice(0, 7), net);
    const average = (year + before) / 24;
    for (const festival of [springFestival(2025), springFestival(2026)])
      expect(months.get(festival.slice(0, 7))! / average).toBeLessThan(0.75);
    for (const peak of ['2024-09', '2024-10', '2025-04', '2025-09', '2026-04'])
      expect(months.get(peak)! / average).toBeGreaterThan(1);
    const still = inMonths(plusDays(springFestival(2026), -4), plusDays(springFestival(2026), 8));
    expect(still.length).toBeLessThan(15);
    expect([springFestival(2024), springFestival(2025), springFestival(2026)]).toEqual([
      '2024-02-10',
      '2025-01-29',
      '2026-02-17',
    ]);
  });
});

describe('its money and market', () => {
  it('never has more received on an invoice than it says, from its own customer, and leaves some open', () => {
    const invoices = new Map(
      rows.orders.flatMap((order) => (order.invoiceNumber ? [[order.invoiceNumber, order]] : [])),
    );
    const paid = new Map<string, Money>();
    for (const { invoiceNumber = '', distributorCode, receivedOn, amount } of rows.receipts) {
      const invoice = invoices.get(invoiceNumber)!;
      expect(distributorCode).toBe(invoice.distributorCode);
      expect(receivedOn >= invoice.invoicedOn!).toBe(true);
      paid.set(invoiceNumber, (paid.get(invoiceNumber) ?? Money.zero).plus(Money.of(amount)));
    }
    let [open, partly, overdue] = [0, 0, 0];
    for (const [number, order] of invoices) {
      const left = grossOf(order).minus(paid.get(number) ?? Money.zero);
      expect(left.isNegative()).toBe(false);
      if (left.isZero()) continue;
      open++;
      if (paid.has(number)) partly++;
      if (order.dueOn! < until) overdue++;
    }
    expect(open / invoices.size).toBeGreaterThan(0.03);
    expect(open / invoices.size).toBeLessThan(0.12);
    expect(partly).toBeGreaterThan(3);
    expect(overdue).toBeGreaterThan(20);
  });

  it('leaves most customers free to order: limits above what they owe, nothing overdue for long', () => {
    const paid = totalsBy(
      rows.receipts,
      ({ invoiceNumber }) => invoiceNumber!,
      ({ amount }) => amount,
    );
    const active = rows.distributors.filter(({ state }) => state === 'active');
    const free = active.filter(({ code, terms, creditLimit }) => {
      if (terms === 'prepaid') return true;
      const own = rows.orders.filter(({ distributorCode }) => distributorCode === code);
      const open = own.filter((order) => yuan(grossOf(order)) - (paid.get(order.invoiceNumber ?? '') ?? 0) > 0.005);
      const owed = open.reduce(
        (total, order) => total + yuan(grossOf(order)) - (paid.get(order.invoiceNumber ?? '') ?? 0),
        0,
      );
      return owed < Number(creditLimit ?? 0) && !open.some(({ dueOn }) => dueOn && dueOn < plusDays(until, -15));
    });
    expect(free.length / active.length).toBeGreaterThan(0.7);
    expect(free.length).toBeLessThan(active.length);
    expect(new Set(active.map((distributor) => distributor.class))).toEqual(new Set(['A', 'B', 'C']));
  });

  it('has stock of what is sold, in two warehouses, and of few products too little', () => {
    const sold = rows.products.filter(({ retired }) => !retired).map(({ code }) => code);
    const stocked = Map.groupBy(rows.stock, ({ productCode }) => productCode);
    expect([...stocked.keys()].sort()).toEqual([...sold].sort());
    const batches = rows.stock.map(({ productCode, warehouse, batch }) => `${productCode} ${warehouse} ${batch}`);
    expect(new Set(batches).size).toBe(batches.length);
    const amounts = [...stocked.values()].map((of) => of.reduce((total, { quantity }) => total + Number(quantity), 0));
    const little = amounts.filter((amount) => amount < 30).length;
    expect(little).toBeGreaterThan(0);
    expect(little).toBeLessThan(sold.length / 8);
  });

  it('has between 15 and 35 % of the market everywhere, with vendors that nobody registered', () => {
    const share = (key: (row: Row<'observations'>) => string) => {
      const all = totalsBy(rows.observations, key, ({ value }) => value);
      const own = totalsBy(
        rows.observations.filter(({ vendor }) => vendor === 'US'),
        key,
        ({ value }) => value,
      );
      return [...all].map(([name, value]) => (100 * own.get(name)!) / value);
    };
    const parentOf = new Map(rows.regions.map(({ code, parentCode }) => [code, parentCode!]));
    const groupings = [
      () => 'all',
      (row: Row<'observations'>) => row.category,
      (row: Row<'observations'>) => parentOf.get(row.regionCode)!,
    ];
    for (const grouping of groupings)
      for (const percent of share(grouping)) {
        expect(percent).toBeGreaterThan(15);
        expect(percent).toBeLessThan(35);
      }
    const registered = new Set(rows.competitors.map(({ code }) => code));
    expect(rows.competitors.filter(({ us }) => us)).toHaveLength(1);
    expect(rows.observations.some(({ vendor }) => !registered.has(vendor))).toBe(true);
    // our own are the ledger's, to the fen
    const month = '2026-04-01';
    const shipped = rows.orders.filter(({ shippedOn }) => shippedOn?.startsWith('2026-04'));
    const own = rows.observations.filter((row) => row.month === month && row.vendor === 'US');
    expect(sum(own.map(({ value }) => value)).toString()).toBe(sum(shipped.map(net)).toString());
  });
});
