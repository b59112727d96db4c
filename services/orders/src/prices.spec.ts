import { orderEvents } from '@fenxiao/contracts/orders';
import { priceExceptionEvents, priceViolationEvents } from '@fenxiao/contracts/prices';
import { Percentage } from '@fenxiao/domain/percentage';
import { Quantity } from '@fenxiao/domain/quantity';
import { UnitPrice } from '@fenxiao/domain/unit-price';
import { clause } from '@fenxiao/testing/clause';
import { until } from '@fenxiao/testing/wait';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { evidence, world, type World } from '../test/world.js';
import {
  amountsOf,
  approverFor,
  covers,
  defaultBands,
  deviationOf,
  marginGivenAway,
  shareOf,
  valuesOf,
  type PricedLine,
} from './pricing.js';
import { Money } from '@fenxiao/domain/money';

let w: World;
beforeAll(async () => {
  w = await world();
}, 60_000);
afterAll(() => w?.close());

const exceptionsOf = async (orderId: string) =>
  (await w.gm.get(`/price-exceptions?orderId=${orderId}`)).body.items as {
    id: string;
    state: string;
    approver: string;
    deviation: string;
  }[];
const decide = (who: World['gm'], id: string, outcome: 'approve' | 'reject', reason?: string) =>
  who.post(`/price-exceptions/${id}/${outcome}`, reason ? { reason } : {});
/** A stocked product at 100.00 and a customer. */
const shop = async () => {
  const [customer, tile] = [await w.distributor(), await w.product('100')];
  await w.receive(tile.code, '1000');
  return {
    customer,
    tile,
    at: (unitPrice: string, quantity = '10') => [{ productCode: tile.code, quantity, unitPrice }],
  };
};

describe('O-10 fixed list price', () => {
  clause('O-10', 'allowed', 'an approved list prices the lines that name no price', async () => {
    const { customer, tile } = await shop();
    const { body } = await w.order(customer.code, [{ productCode: tile.code, quantity: '3' }]);
    expect(body.lines[0]).toMatchObject({
      listPrice: '100.0000',
      unitPrice: '100.0000',
      deviation: '0',
      net: '300.00',
    });
  });

  clause(
    'O-10',
    'refused',
    'an approved version can not be edited, and who drafts can not approve (O-26)',
    async () => {
      const { tile } = await shop();
      const lines = [{ productCode: tile.code, price: '90' }];
      const drafted = await w.salesManager.post('/price-lists', {
        code: 'STD',
        validFrom: '2026-03-10',
        taxIncluded: false,
        lines,
      });
      await w.salesManager.post(`/price-lists/${drafted.body.id}/submit`, evidence);
      expect((await w.salesManager.post(`/price-lists/${drafted.body.id}/approve`)).status).toBe(403);
      expect((await w.deputy.post(`/price-lists/${drafted.body.id}/approve`)).body).toMatchObject({
        state: 'approved',
        versionNumber: 1,
      });
      const edit = await w.salesManager.post(
        `/price-lists/${drafted.body.id}/edit`,
        { validFrom: '2026-03-10', taxIncluded: false, lines },
        { 'if-match': '"3"' },
      );
      expect(edit).toMatchObject({ status: 409, body: { rule: 'O-10', state: 'approved', allowed: [] } });
      expect(
        (
          await w.salesManager.post('/price-lists', {
            code: 'STD',
            validFrom: '2026-03-10',
            taxIncluded: false,
            lines: [{ productCode: 'NONE', price: '1' }],
          })
        ).body,
      ).toMatchObject({
        code: 'orders.product.unknown',
        field: 'lines.0.productCode',
      });
    },
  );

  clause('O-10', 'boundary', 'a list takes effect on its date and not a day before', async () => {
    const { customer, tile } = await shop();
    const drafted = await w.salesManager.post('/price-lists', {
      code: 'NEXT',
      validFrom: '2026-03-11',
      taxIncluded: false,
      lines: [{ productCode: tile.code, price: '120' }],
    });
    await w.salesManager.post(`/price-lists/${drafted.body.id}/submit`, evidence);
    await w.deputy.post(`/price-lists/${drafted.body.id}/approve`);
    const draft = await w.place(customer.code, [{ productCode: tile.code, quantity: '1' }]);
    expect(draft.body.net).toBe('100.00');
    w.h.time.set('2026-03-10T16:00:00Z'); // midnight in Shanghai
    const submitted = await w.seller.post(`/orders/${draft.body.id}/submit`);
    expect(submitted.body).toMatchObject({ state: 'allocated', net: '120.00', orderedOn: '2026-03-11' });
    w.h.time.set('2026-03-10T02:00:00Z');
  });
});

describe('O-11 price float and approval authority', () => {
  clause('O-11', 'allowed', 'each band sells by itself down to its end', async () => {
    const { customer, at } = await shop();
    expect((await w.order(customer.code, at('97'), {}, w.salesManager)).body.state).toBe('allocated');
    expect((await w.order(customer.code, at('95'), {}, w.deputy)).body.state).toBe('allocated');
    expect((await w.order(customer.code, at('50'), {}, w.gm)).body.state).toBe('allocated');
  });

  clause(
    'O-11',
    'refused',
    'T22: a salesperson sells 1 % under list: the order is held and asks the lowest role whose band covers it',
    async () => {
      const { customer, at } = await shop();
      const { body } = await w.order(customer.code, at('99'));
      expect(body).toMatchObject({ state: 'on-hold', holds: ['price'], lines: [{ deviation: '-1' }] });
      expect(await exceptionsOf(body.id)).toMatchObject([
        { state: 'requested', approver: 'sales-manager', deviation: '-1' },
      ]);
      const [requested] = (await w.h.events(priceExceptionEvents.requested)).filter(
        ({ data }) => (data as { orderId?: string }).orderId === body.id,
      );
      expect(requested!.data).toMatchObject({ marginGivenAway: '10.00', meta: { rule: 'O-11' } });
      const [held] = (await w.h.events(orderEvents.held)).filter(({ subject }) => subject === body.id);
      expect(held!.data).toMatchObject({ hold: 'price' });
    },
  );

  clause('O-11', 'boundary', 'the end of a band is within it, a ten-thousandth beyond is not', async () => {
    const { customer, at } = await shop();
    const approver = async (unitPrice: string) =>
      (await exceptionsOf((await w.order(customer.code, at(unitPrice))).body.id))[0]?.approver;
    expect([await approver('97'), await approver('96.9999'), await approver('95'), await approver('94.9999')]).toEqual([
      'sales-manager',
      'deputy-general-manager-sales',
      'deputy-general-manager-sales',
      'sales-general-manager',
    ]);
    expect([await approver('92'), await approver('91.9999')]).toEqual(['sales-general-manager', 'general-manager']);
    expect((await w.order(customer.code, at('100.0001'))).body.state).toBe('on-hold');
  });

  it('goes on by itself once the price is approved, and the approval is used up', async () => {
    const { customer, at } = await shop();
    const { body } = await w.order(customer.code, at('97'));
    const [asked] = await exceptionsOf(body.id);
    expect((await decide(w.seller, asked!.id, 'approve')).status).toBe(403);
    expect((await decide(w.deputy, asked!.id, 'approve')).status).toBe(200); // a higher role may, too
    await w.reaches(body.id, 'allocated');
    expect(await exceptionsOf(body.id)).toMatchObject([{ state: 'used' }]);
  });

  it('stays held when the price is rejected, which needs a reason, and can be withdrawn', async () => {
    const { customer, at } = await shop();
    const { body } = await w.order(customer.code, at('97'));
    const [asked] = await exceptionsOf(body.id);
    expect((await decide(w.salesManager, asked!.id, 'reject')).status).toBe(400);
    expect((await decide(w.salesManager, asked!.id, 'reject', 'not for this customer')).body.state).toBe('rejected');
    expect((await w.read(body.id)).state).toBe('on-hold');
    expect((await w.seller.post(`/orders/${body.id}/withdraw`)).body.state).toBe('draft');
  });

  clause('O-11', 'refused', 'T23: an approval is void once the quantity has changed', async () => {
    const customer = await w.distributor({ limit: '0' }); // held for credit as well, so it waits after the approval
    const tile = await w.product('100');
    const lines = (quantity: string) => [{ productCode: tile.code, quantity, unitPrice: '97' }];
    const { body } = await w.order(customer.code, lines('10'));
    expect(body.holds.sort()).toEqual(['credit', 'price']);
    await decide(w.salesManager, (await exceptionsOf(body.id))[0]!.id, 'approve');
    await until('the price hold to go', async () => !(await w.read(body.id)).holds.includes('price'));
    const drafted = await w.seller.post(`/orders/${body.id}/withdraw`);
    await w.seller.post(
      `/orders/${body.id}/edit`,
      { lines: lines('11') },
      { 'if-match': drafted.headers.get('etag')! },
    );
    const again = await w.seller.post(`/orders/${body.id}/submit`);
    expect(again.body.holds).toContain('price');
    expect((await exceptionsOf(body.id)).map(({ state }) => state)).toEqual(['requested', 'used']);
  });

  it('a request still open when the order changes is voided, and expires when nobody decides', async () => {
    const { customer, at } = await shop();
    const { body } = await w.order(customer.code, at('97'));
    const drafted = await w.seller.post(`/orders/${body.id}/withdraw`);
    await w.seller.post(`/orders/${body.id}/edit`, { lines: at('98') }, { 'if-match': drafted.headers.get('etag')! });
    expect((await exceptionsOf(body.id)).map(({ state }) => state)).toEqual(['voided']);
    await w.seller.post(`/orders/${body.id}/submit`);
    w.h.time.set('2026-03-13T10:00:00Z'); // three working days later, 18:00
    await until('the expiry', async () => {
      await w.h.service.clocks.tick();
      return (await exceptionsOf(body.id))[0]!.state === 'expired';
    });
    w.h.time.set('2026-03-10T02:00:00Z');
  });

  it('follows bands that were approved, by family', async () => {
    const tile = await w.product('100', { family: 'wall' });
    const customer = await w.distributor();
    await w.receive(tile.code, '100');
    const bands = [
      { role: 'salesperson', lowest: '0', highest: '0' },
      { role: 'salesperson', family: 'wall', lowest: '-2', highest: '0' },
    ];
    const proposed = await w.salesManager.post('/price-bands', { validFrom: '2026-03-10', bands });
    expect((await w.salesManager.post(`/price-bands/${proposed.body.id}/approve`)).status).toBe(403);
    expect((await w.gm.post(`/price-bands/${proposed.body.id}/approve`)).body.state).toBe('approved');
    expect(
      (await w.order(customer.code, [{ productCode: tile.code, quantity: '1', unitPrice: '98' }])).body.state,
    ).toBe('allocated');
    expect(
      (await w.order(customer.code, [{ productCode: tile.code, quantity: '1', unitPrice: '97.99' }])).body.state,
    ).toBe('on-hold');
    const back = await w.salesManager.post('/price-bands', {
      validFrom: '2026-03-10',
      bands: defaultBands.map(({ role, lowest, highest }) => ({
        role,
        lowest: String(lowest),
        highest: String(highest),
      })),
    });
    await w.gm.post(`/price-bands/${back.body.id}/approve`);
  });
});

describe('O-12 no private price cuts', () => {
  clause('O-12', 'allowed', 'the list price itself', async () => {
    const { customer, at } = await shop();
    expect((await w.order(customer.code, at('100'))).body.state).toBe('allocated');
  });

  clause('O-12', 'refused', 'a discount or a gift lowers the price as much as a lower price does', async () => {
    const { customer, tile } = await shop();
    const discounted = await w.order(customer.code, [{ productCode: tile.code, quantity: '10', discount: '0.5' }]);
    expect(discounted.body).toMatchObject({ state: 'on-hold', lines: [{ deviation: '-0.5' }] });
    const withGift = await w.order(customer.code, [
      { productCode: tile.code, quantity: '10' },
      { productCode: tile.code, quantity: '1', gift: true },
    ]);
    expect(withGift.body).toMatchObject({
      state: 'on-hold',
      net: '1000.00',
      lines: [{ deviation: '-10' }, { gift: true, net: '0.00' }],
    });
    expect(await exceptionsOf(withGift.body.id)).toMatchObject([{ approver: 'general-manager' }]);
  });

  clause(
    'O-12',
    'boundary',
    'goods that leave under authority, whatever let them through, raise a violation',
    async () => {
      const { customer, at } = await shop();
      const { body } = await w.order(customer.code, at('97'), {}, w.salesManager);
      await w.h.pool.query(`UPDATE "order" SET price_cleared = NULL WHERE id = $1`, [body.id]); // as if a rule had been passed by
      const shipment = await w.clerk.post('/shipments', { orderId: body.id });
      await w.keeper.post(`/shipments/${shipment.body.id}/dispatch`);
      const [violation] = (await w.h.events(priceViolationEvents.detected)).filter(
        ({ data }) => (data as { orderId?: string }).orderId === body.id,
      );
      expect(violation!.data).toMatchObject({ deviation: '-3', meta: { rule: 'O-12' } });
    },
  );
});

describe('O-51 tax', () => {
  clause('O-51', 'allowed', 'every line keeps net, tax and gross to the fen, by the rate of its date', async () => {
    const { customer, tile } = await shop();
    await w.finance.post(`/products/${tile.id}/set-tax-rate`, { rate: '9', validFrom: '2026-03-01' });
    const { body } = await w.order(customer.code, [{ productCode: tile.code, quantity: '1.005' }]);
    expect(body.lines[0]).toMatchObject({ taxRate: '9', net: '100.50', tax: '9.05', gross: '109.55' });
  });

  clause('O-51', 'refused', 'nobody but finance sets a rate', async () => {
    const { tile } = await shop();
    expect(
      (await w.salesManager.post(`/products/${tile.id}/set-tax-rate`, { rate: '9', validFrom: '2026-03-01' })).body,
    ).toMatchObject({ status: 403, rule: 'O-51' });
  });

  clause(
    'O-51',
    'boundary',
    'a list with tax included gives the same gross, and net and tax that add up to it',
    async () => {
      const [customer, tile] = [await w.distributor(), await w.product('113', { taxIncluded: true })];
      await w.receive(tile.code, '10');
      const { body } = await w.order(customer.code, [{ productCode: tile.code, quantity: '0.333' }]);
      expect(body).toMatchObject({ net: '33.30', tax: '4.33', gross: '37.63' });
    },
  );
});

describe('O-52 cost', () => {
  clause('O-52', 'allowed', 'finance sets the standard cost and sees it at ship date', async () => {
    const { customer, tile, at } = await shop();
    await w.finance.post(`/products/${tile.id}/set-standard-cost`, { cost: '61.5', validFrom: '2026-03-01' });
    const { body } = await w.order(customer.code, at('100', '2'));
    const shipment = await w.clerk.post('/shipments', { orderId: body.id });
    await w.keeper.post(`/shipments/${shipment.body.id}/dispatch`);
    expect((await w.finance.get(`/shipments/${shipment.body.id}`)).body.lines[0]).toMatchObject({ cost: '123.00' });
  });

  clause('O-52', 'refused', "cost is confidential: not in anybody else's answer, not in any event", async () => {
    const { customer, tile, at } = await shop();
    await w.finance.post(`/products/${tile.id}/set-standard-cost`, { cost: '61.7777', validFrom: '2026-03-01' });
    expect(
      (await w.salesManager.post(`/products/${tile.id}/set-standard-cost`, { cost: '1', validFrom: '2026-03-01' }))
        .status,
    ).toBe(403);
    const { body } = await w.order(customer.code, at('100', '2'));
    const shipment = await w.clerk.post('/shipments', { orderId: body.id });
    await w.keeper.post(`/shipments/${shipment.body.id}/dispatch`);
    expect((await w.clerk.get(`/shipments/${shipment.body.id}`)).body.lines[0]).not.toHaveProperty('cost');
    expect(JSON.stringify(await w.h.events())).not.toContain('61.7777');
  });

  clause('O-52', 'boundary', 'the cost of the day the goods leave counts, not a later one', async () => {
    const { customer, tile, at } = await shop();
    await w.finance.post(`/products/${tile.id}/set-standard-cost`, { cost: '60', validFrom: '2026-03-10' });
    await w.finance.post(`/products/${tile.id}/set-standard-cost`, { cost: '70', validFrom: '2026-03-11' });
    const { body } = await w.order(customer.code, at('100', '1'));
    const shipment = await w.clerk.post('/shipments', { orderId: body.id });
    await w.keeper.post(`/shipments/${shipment.body.id}/dispatch`);
    expect((await w.finance.get(`/shipments/${shipment.body.id}`)).body.lines[0].cost).toBe('60.00');
  });
});

describe('price arithmetic', () => {
  const line = (over: Partial<PricedLine> = {}): PricedLine => ({
    line: 1,
    family: 'floor',
    quantity: Quantity.of('1'),
    listPrice: UnitPrice.of('100'),
    unitPrice: UnitPrice.of('100'),
    discount: Percentage.zero,
    gift: false,
    ...over,
  });
  const prices = fc.integer({ min: 1, max: 10_000_000 }).map((n) => UnitPrice.of((n / 10_000).toFixed(4)));
  const quantities = fc.integer({ min: 1, max: 10_000_000 }).map((n) => Quantity.of((n / 1000).toFixed(3)));
  const rates = fc.integer({ min: 0, max: 2000 }).map((n) => Percentage.of((n / 100).toFixed(2)));

  it('a higher role covers whatever a lower one covers, and somebody covers everything', () => {
    fc.assert(
      fc.property(prices, prices, quantities, (listPrice, unitPrice, quantity) => {
        const [value] = valuesOf([line({ listPrice, unitPrice, quantity })]);
        const covering = [
          'salesperson',
          'sales-manager',
          'deputy-general-manager-sales',
          'sales-general-manager',
          'general-manager',
        ].map((role) => covers(defaultBands, [role], value!));
        expect(covering).toEqual([...covering].sort((a, b) => Number(a) - Number(b)));
        expect(approverFor(defaultBands, [value!])).toBeDefined();
      }),
    );
  });

  it('a gift is worth its list value, wherever it falls', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ quantity: quantities, family: fc.constantFrom('a', 'b') }), {
          minLength: 1,
          maxLength: 6,
        }),
        quantities,
        (paid, gift) => {
          const lines = [
            ...paid.map((over, i) => line({ ...over, line: i + 1 })),
            line({ line: 99, quantity: gift, gift: true, family: 'a' }),
          ];
          const total = valuesOf(lines).reduce((sum, { net, list }) => sum + list - net, 0n);
          expect(total).toBe(UnitPrice.of('100').units * gift.units * Percentage.whole);
        },
      ),
    );
  });

  it('net and tax add up to gross, with tax included or not', () => {
    fc.assert(
      fc.property(prices, quantities, rates, fc.boolean(), (unitPrice, quantity, rate, included) => {
        const { net, tax, gross } = amountsOf(line({ unitPrice, quantity }), rate, included);
        expect(net.plus(tax).equals(gross)).toBe(true);
      }),
    );
  });

  it('deviations read as people expect', () => {
    const deviation = (unitPrice: string, discount = '0') =>
      String(
        deviationOf(valuesOf([line({ unitPrice: UnitPrice.of(unitPrice), discount: Percentage.of(discount) })])[0]!),
      );
    expect([deviation('97'), deviation('100', '3'), deviation('103'), deviation('99.9999')]).toEqual([
      '-3',
      '-3',
      '3',
      '-0.0001',
    ]);
    expect(
      String(marginGivenAway([line({ unitPrice: UnitPrice.of('97'), quantity: Quantity.of('10') })], new Set([1]))),
    ).toBe('30.00');
    expect(String(shareOf(Money.of('100'), Quantity.of('1'), Quantity.of('3')))).toBe('33.33');
  });
});
