import { clause } from '@fenxiao/testing/clause';
import { until } from '@fenxiao/testing/wait';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Money } from '@fenxiao/domain/money';
import { Quantity } from '@fenxiao/domain/quantity';
import { goods, type Goods } from '../test/goods.js';
import { world, type World } from '../test/world.js';
import { shareOf } from './pricing.js';

/** Many at once: never more shipped than ordered, nor back than shipped, and no number missing or twice. */
let w: World;
let g: Goods;
beforeAll(async () => {
  w = await world();
  g = await goods(w);
}, 60_000);
afterAll(() => w?.close());

const numbers = async (table: string, series: string) => {
  const { rows } = await w.h.pool.query<{ number: string }>(
    `SELECT number FROM ${table} WHERE number LIKE $1 ORDER BY 1`,
    [`${series}-%`],
  );
  return rows.map(({ number }) => number);
};
const gapless = (found: readonly string[], series: string) =>
  expect(found).toEqual(found.map((_, i) => `${series}-2026-${String(i + 1).padStart(6, '0')}`));

clause(
  'O-04',
  'boundary',
  'T19: many clerks at once never issue above the order; voids keep their numbers, none is missing',
  async () => {
    const [customer, tile] = [await w.distributor({ limit: '99999999' }), await w.product('1')];
    await w.receive(tile.code, '1000');
    const { body: order } = await w.order(customer.code, [{ productCode: tile.code, quantity: '20' }]);
    const issue = () => w.clerk.post('/shipments', { orderId: order.id, lines: [{ orderLine: 1, quantity: '2' }] });
    const first = await Promise.all(Array.from({ length: 16 }, issue));
    const made = first.filter(({ status }) => status === 201);
    expect(made).toHaveLength(10);
    for (const { status, body } of first) expect([201, 422]).toContain(status === 201 ? status : body.status);
    // half of them voided, half dispatched, while others try to take what becomes free
    const rest = await Promise.all([
      ...made.map(({ body }, i) =>
        i % 2 === 0
          ? w.clerk.post(`/shipments/${body.id}/void`, { reason: 'again' })
          : w.keeper.post(`/shipments/${body.id}/dispatch`),
      ),
      ...Array.from({ length: 10 }, issue),
    ]);
    expect(rest.slice(0, 10).every(({ status }) => status === 200)).toBe(true);
    const { rows } = await w.h.pool.query(
      `SELECT quantity >= issued AND issued >= shipped AS sane, issued = (SELECT sum(l.quantity) FROM shipment_line l JOIN shipment s ON s.id = l.shipment
       WHERE s.order_id = o.order_id AND s.state <> 'voided') AS agree FROM order_line o WHERE order_id = $1`,
      [order.id],
    );
    expect(rows).toEqual([{ sane: true, agree: true }]);
    gapless(await numbers('shipment', 'CH'), 'CH');
    gapless(await numbers('invoice', 'FP'), 'FP');
  },
  120_000,
);

clause(
  'O-07',
  'boundary',
  'many at once never return more than was shipped, and the credit notes add up to the invoice without a gap',
  async () => {
    const [customer, tile] = [await w.distributor({ limit: '99999999' }), await w.product('33.337')];
    await w.receive(tile.code, '1000');
    const sent = await g.shipped(customer.code, [{ productCode: tile.code, quantity: '7' }]);
    const asked = await Promise.all(
      Array.from({ length: 12 }, () =>
        g.afterSales.post('/returns', {
          shipmentId: sent.id,
          lines: [{ shipmentLine: 1, quantity: '1' }],
          remedy: 'credit',
          cause: 'x',
        }),
      ),
    );
    const opened = asked.filter(({ status }) => status === 201);
    expect(opened).toHaveLength(7);
    expect(asked.filter(({ body }) => body.code === 'orders.return.above-shipped')).toHaveLength(5);
    const credited = await Promise.all(
      opened.map(async ({ body }) => {
        const path = `/returns/${body.id}`;
        await w.salesManager.post(`${path}/authorise`);
        await w.keeper.post(`${path}/receive`, { warehouse: 'MAIN' });
        await g.quality.post(`${path}/inspect`, { results: [{ line: 1, quantity: '1', result: 'restock' }] });
        // twice at once: one of them comes too late
        const both = await Promise.all([w.finance.post(`${path}/credit`), w.finance.post(`${path}/credit`)]);
        return both.map(({ status }) => status).sort((a, b) => a - b);
      }),
    );
    expect(credited).toEqual(opened.map(() => [200, 409]));
    const { rows } = await w.h.pool.query(
      `SELECT sum(c.net) = i.net AS net, sum(c.tax) = i.tax AS tax, sum(c.gross) = i.gross AS gross, i.open_amount::text AS open, count(*)::int AS n
     FROM credit_note c JOIN invoice i ON i.id = c.invoice WHERE i.id = $1 GROUP BY i.id`,
      [sent.invoice.id],
    );
    expect(rows).toEqual([{ net: true, tax: true, gross: true, open: '0.00', n: 7 }]);
    gapless(await numbers('credit_note', 'HP'), 'HP');
    gapless(await numbers('goods_return', 'TH'), 'TH');
    const { body: stock } = await w.clerk.get(`/stock?productId=${tile.id}`);
    expect(stock.items[0]).toMatchObject({ onHand: '1000.000' });
  },
  120_000,
);

clause(
  'O-41',
  'boundary',
  'a hold in the midst of orders: nothing of the batch stays reserved, whichever came first',
  async () => {
    const [customer, tile] = [await w.distributor({ limit: '99999999' }), await w.product('1')];
    await w.receive(tile.code, '1000');
    const orders = Array.from({ length: 20 }, () =>
      w.order(customer.code, [{ productCode: tile.code, quantity: '1' }]),
    );
    const held = g.inspect(tile.code, 'B1', 'hold');
    const answers = await Promise.all(orders);
    expect((await held).status).toBe(201);
    await w.h.settle();
    const { rows } = await w.h.pool.query('SELECT reserved::text, blocked FROM stock_item WHERE product = $1', [
      tile.id,
    ]);
    expect(rows).toEqual([{ reserved: '0.000', blocked: true }]);
    for (const { body } of answers) expect((await w.read(body.id)).state).toBe('backordered');
  },
  120_000,
);

clause(
  'O-06',
  'boundary',
  'goods that come in serve every waiting order they suffice for, however many, but for who wants all or nothing',
  async () => {
    const [customer, tile] = [await w.distributor({ limit: '99999999' }), await w.product('1')];
    const order = (quantity: string, extra: object = {}) =>
      w.order(customer.code, [{ productCode: tile.code, quantity }], extra);
    await order('500', { partialAllowed: false });
    for (let i = 0; i < 205; i += 41) await Promise.all(Array.from({ length: 41 }, () => order('1')));
    await w.receive(tile.code, '50', { batch: 'SECOND', grade: 'B' });
    await w.receive(tile.code, '300');
    await until(
      'every order to be served',
      async () => {
        const { body } = await w.clerk.get(`/stock?productId=${tile.id}&batch=B1`);
        return body.items[0].reserved === '205.000';
      },
      60_000,
    );
  },
  180_000,
);

it('credits the parts of an amount so that they add up to it, in whatever parts it comes back', () => {
  fc.assert(
    fc.property(
      fc.bigInt({ min: 0n, max: 10n ** 10n }),
      fc.array(fc.bigInt({ min: 1n, max: 10n ** 6n }), { minLength: 1, maxLength: 30 }),
      (fen, parts) => {
        const of = (units: bigint) => Quantity.of(`${units / 1000n}.${String(units % 1000n).padStart(3, '0')}`);
        const whole = of(parts.reduce((sum, part) => sum + part, 0n));
        const amount = Money.fen(fen);
        let done = Quantity.zero;
        const credits = parts.map((part) => {
          const before = shareOf(amount, done, whole);
          done = done.plus(of(part));
          return shareOf(amount, done, whole).minus(before);
        });
        expect(Money.sum(credits).equals(amount)).toBe(true);
        expect(credits.every((credit) => !credit.isNegative())).toBe(true);
      },
    ),
  );
});
