import { orderEvents } from '@fenxiao/contracts/orders';
import { packagingEvents } from '@fenxiao/contracts/packaging';
import { Quantity } from '@fenxiao/domain/quantity';
import { UnitPrice } from '@fenxiao/domain/unit-price';
import { clause } from '@fenxiao/testing/clause';
import { until } from '@fenxiao/testing/wait';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { world, type World } from '../../test/world.js';
import { inBaseUnits, isWhole, packagesIn, perPackage } from './packages.js';

let w: World;
beforeAll(async () => {
  w = await world();
}, 60_000);
afterAll(() => w?.close());
beforeEach(() => w.h.time.set('2026-03-10T02:00:00Z'));

const carton = { salesUnit: 'carton', unitsPerPackage: '12', wholePackagesOnly: true, validFrom: '2026-03-10' };
const pack = (productCode: string, over: object = {}, by = w.salesManager) =>
  by.post('/packagings', { productCode, ...carton, ...over });
/** A customer, and a product at a price, packed. */
const shop = async (price = '8.3333', over: object = {}) => {
  const [customer, tile] = [await w.distributor(), await w.product(price)];
  await w.receive(tile.code, '1000');
  const { body: packed } = await pack(tile.code, over);
  const place = (line: object) => w.place(customer.code, [{ productCode: tile.code, ...line }]);
  return { customer, tile, packed, place };
};

describe('O-43 packaging 产品包装', () => {
  clause(
    'O-43',
    'allowed',
    'sold by the carton: price per carton and per piece stand wherever it is quoted',
    async () => {
      const { customer, tile } = await shop();
      const { body } = await w.order(customer.code, [{ productCode: tile.code, packages: '3' }]);
      expect(body).toMatchObject({ state: 'allocated', net: '300.00' });
      const packed = {
        quantity: '36.000',
        unitPrice: '8.3333',
        salesUnit: 'carton',
        unitsPerPackage: '12.000',
        packages: '3.000',
        packagePrice: '99.9996',
        listPackagePrice: '99.9996',
      };
      expect(body.lines[0]).toMatchObject(packed);
      const [submitted] = (await w.h.events(orderEvents.submitted)).filter(({ subject }) => subject === body.id);
      expect(submitted!.data['lines']).toMatchObject([packed]);
      const { body: lists } = await w.gm.get('/price-lists?limit=1');
      expect((await w.seller.get(`/price-lists/${lists.items[0].id}/prices`)).body).toEqual({
        items: [
          { productCode: tile.code, baseUnit: 'm²', price: '8.3333', salesUnit: 'carton', packagePrice: '99.9996' },
        ],
        next: null,
      });
      expect((await w.gm.get(`/price-lists/${lists.items[0].id}/margins`)).body.items).toMatchObject([
        { price: '8.3333', salesUnit: 'carton', packagePrice: '99.9996' },
      ]);
      expect((await w.seller.get(`/quotes?productCode=${tile.code}`)).body).toMatchObject({
        items: [{ productCode: tile.code, baseUnit: 'm²', listPrice: '8.3333', listPackagePrice: '99.9996' }],
      });
    },
  );

  clause('O-43', 'allowed', 'every change stays in the history and is published with what held before', async () => {
    const { tile, packed } = await shop();
    const larger = await pack(tile.code, { unitsPerPackage: '20', validFrom: '2026-03-20', note: 'new machine' });
    expect(larger).toMatchObject({
      status: 201,
      body: { unitsPerPackage: '20.000', before: { validFrom: '2026-03-10' } },
    });
    const { body } = await w.seller.get(`/packagings?productCode=${tile.code}`);
    expect(body.items.map(({ id }: { id: string }) => id)).toEqual([larger.body.id, packed.id]);
    const [told] = (await w.h.events(packagingEvents.changed)).filter(({ subject }) => subject === larger.body.id);
    expect(told!.data).toMatchObject({
      productId: tile.id,
      baseUnit: 'm²',
      unitsPerPackage: '20.000',
      before: { salesUnit: 'carton', unitsPerPackage: '12.000', wholePackagesOnly: true, validFrom: '2026-03-10' },
      meta: { rule: 'O-43', actor: w.salesManager.id },
    });
  });

  clause('O-43', 'refused', 'part of a carton, packages of what has none, both or neither', async () => {
    const { customer, tile, place } = await shop();
    const refused = { status: 422, rule: 'O-43', code: 'orders.line.whole-packages-only' };
    expect((await place({ quantity: '13' })).body).toMatchObject({ ...refused, field: 'lines.0.quantity' });
    expect((await place({ packages: '1.5' })).body).toMatchObject({ ...refused, field: 'lines.0.packages' });
    expect((await place({ quantity: '12', gift: true })).status).toBe(201);
    expect((await place({ quantity: '6', gift: true })).body).toMatchObject(refused);
    expect((await place({ quantity: '12', packages: '1' })).body).toMatchObject({ status: 400, rule: 'O-43' });
    expect((await place({})).body).toMatchObject({ status: 400, field: 'lines.0.quantity' });
    const draft = await place({ quantity: '12' });
    const lines = [{ productCode: tile.code, quantity: '11' }];
    const edit = await w.seller.post(`/orders/${draft.body.id}/edit`, { lines }, { 'if-match': '"1"' });
    expect(edit.body).toMatchObject(refused);
    const loose = await w.product();
    const unpacked = await w.place(customer.code, [{ productCode: loose.code, packages: '1' }]);
    expect(unpacked.body).toMatchObject({ status: 422, code: 'orders.line.not-packed', field: 'lines.0.packages' });
  });

  clause(
    'O-43',
    'refused',
    'a packaging of the past, of nothing, by who does not keep products, or taken back too late',
    async () => {
      const { tile, packed } = await shop();
      expect((await pack(tile.code, { validFrom: '2026-03-09' })).body).toMatchObject({
        status: 422,
        field: 'validFrom',
      });
      expect((await pack(tile.code, { unitsPerPackage: '0' })).body).toMatchObject({
        status: 422,
        field: 'unitsPerPackage',
      });
      expect((await pack('NONE')).body).toMatchObject({ status: 422, field: 'productCode' });
      expect((await pack(tile.code, {}, w.seller)).body).toMatchObject({ status: 403, rule: 'O-43' });
      const late = await w.salesManager.post(`/packagings/${packed.id}/withdraw`, { reason: 'a mistake' });
      expect(late.body).toMatchObject({ status: 409, code: 'orders.packaging.in-force-already' });
      const { body: planned } = await pack(tile.code, { validFrom: '2026-03-11' });
      const back = await w.salesManager.post(`/packagings/${planned.id}/withdraw`, { reason: 'a mistake' });
      expect(back.body.state).toBe('withdrawn');
      await w.salesManager.post(`/products/${tile.id}/retire`);
      expect((await pack(tile.code)).body).toMatchObject({ status: 422, code: 'orders.product.retired' });
    },
  );

  clause(
    'O-43',
    'boundary',
    'a whole number to the thousandth; a change holds from its day and touches nothing before',
    async () => {
      const { customer, tile, place } = await shop('10', { unitsPerPackage: '1.44' });
      expect((await place({ quantity: '2.88' })).status).toBe(201);
      expect((await place({ quantity: '2.881' })).status).toBe(422);
      const { body: old } = await w.order(customer.code, [{ productCode: tile.code, packages: '2' }]);
      const { body: kept } = await place({ packages: '2' });
      await pack(tile.code, { unitsPerPackage: '1.92', validFrom: '2026-03-11' });
      expect((await place({ packages: '1' })).body.lines[0].quantity).toBe('1.440');
      w.h.time.set('2026-03-10T15:59:59Z'); // a second before midnight in Shanghai
      expect((await place({ packages: '1' })).body.lines[0].quantity).toBe('1.440');
      w.h.time.set('2026-03-10T16:00:00Z');
      expect((await place({ packages: '1' })).body.lines[0].quantity).toBe('1.920');
      expect((await w.read(old.id)).lines[0]).toMatchObject({
        quantity: '2.880',
        unitsPerPackage: '1.440',
        packages: '2.000',
      });
      // a draft of yesterday is an order of today
      const late = await w.seller.post(`/orders/${kept.id}/submit`);
      expect(late.body).toMatchObject({
        status: 422,
        code: 'orders.line.whole-packages-only',
        field: 'lines.0.quantity',
      });
    },
  );

  clause('O-43', 'refused', 'part of a package does not leave either, whatever is there', async () => {
    const [customer, tile] = [await w.distributor(), await w.product('10')];
    await pack(tile.code);
    await w.receive(tile.code, '15');
    const { body } = await w.order(customer.code, [{ productCode: tile.code, packages: '2' }]);
    const send = (lines?: object[]) => w.clerk.post('/shipments', { orderId: body.id, ...(lines ? { lines } : {}) });
    for (const quantity of ['13', '11.999'])
      expect((await send([{ orderLine: 1, quantity }])).body).toMatchObject({
        status: 422,
        code: 'orders.shipment.whole-packages-only',
        field: 'lines.0.quantity',
      });
    const sent = await send();
    expect(sent.body).toMatchObject({ lines: [{ quantity: '12.000' }] });
    // what is left makes no package until more comes in
    expect((await send()).status).toBeGreaterThanOrEqual(400);
    await w.receive(tile.code, '9', { batch: 'B2' });
    await until('all of it', async () => (await w.read(body.id)).lines[0].allocated === '24.000');
    expect((await send()).body.lines).toMatchObject([{ quantity: '3.000' }, { quantity: '9.000' }]);
  });

  it('packaging that begins on the day itself holds for a draft of that morning', async () => {
    const [customer, tile] = [await w.distributor(), await w.product('10')];
    const { body } = await w.place(customer.code, [{ productCode: tile.code, quantity: '7' }]);
    await pack(tile.code);
    expect((await w.seller.post(`/orders/${body.id}/submit`)).body.code).toBe('orders.line.whole-packages-only');
  });

  it('sells parts of packages where it may, to the thousandth', async () => {
    const { place } = await shop('10', { unitsPerPackage: '1.44', wholePackagesOnly: false });
    expect((await place({ packages: '0.5' })).body.lines[0]).toMatchObject({ quantity: '0.720', net: '7.20' });
    expect((await place({ quantity: '1' })).body.lines[0]).toMatchObject({
      packages: '0.694',
      packagePrice: '14.4000',
    });
    const odd = await place({ packages: '0.001' });
    expect(odd.body).toMatchObject({ status: 422, code: 'orders.line.packages-not-exact', field: 'lines.0.packages' });
  });
});

describe('arithmetic of packages', () => {
  const thousandths = (max: number) => fc.integer({ min: 1, max }).map((n) => Quantity.of((n / 1000).toFixed(3)));
  const prices = fc.integer({ min: 0, max: 10_000_000 }).map((n) => UnitPrice.of((n / 10_000).toFixed(4)));
  const whole = fc.integer({ min: 1, max: 100_000 }).map((n) => Quantity.of(String(n)));

  it('whole packages are whole, come back as many, and a thousandth more or less is not whole', () => {
    fc.assert(
      fc.property(whole, thousandths(1_000_000), (packages, unitsPerPackage) => {
        const quantity = inBaseUnits(packages, { unitsPerPackage })!;
        expect(isWhole(quantity, { unitsPerPackage })).toBe(true);
        expect(packagesIn(quantity, { unitsPerPackage })).toBe(String(packages));
        if (unitsPerPackage.units === 1n) return;
        const thousandth = Quantity.of('0.001');
        expect(isWhole(quantity.plus(thousandth), { unitsPerPackage })).toBe(false);
        expect(isWhole(quantity.minus(thousandth), { unitsPerPackage })).toBe(false);
      }),
    );
  });

  it('what is counted in packages is exact or refused', () => {
    fc.assert(
      fc.property(thousandths(10_000_000), thousandths(1_000_000), (packages, unitsPerPackage) => {
        const quantity = inBaseUnits(packages, { unitsPerPackage });
        const exact = packages.units * unitsPerPackage.units;
        expect(quantity ? quantity.units * 1000n : exact % 1000n !== 0n).toEqual(quantity ? exact : true);
      }),
    );
  });

  it('the price of a package is within half a ten-thousandth of so many base prices', () => {
    fc.assert(
      fc.property(prices, thousandths(1_000_000), (price, unitsPerPackage) => {
        const shown = BigInt(perPackage(price, { unitsPerPackage }).replace('.', ''));
        const off = shown * 1000n - price.units * unitsPerPackage.units;
        expect(off <= 500n && off > -500n).toBe(true);
        if (unitsPerPackage.units % 1000n === 0n) expect(off).toBe(0n);
      }),
    );
  });
});
