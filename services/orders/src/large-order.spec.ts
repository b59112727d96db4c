import { newId } from '@fenxiao/domain/id';
import { clause } from '@fenxiao/testing/clause';
import type { Member, Reply } from '@fenxiao/testing/harness';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import pg from 'pg';
import { world, type World } from '../test/world.js';

/** An order may have a thousand lines: it takes the same way as any, in as many statements but for the rows themselves. */
let w: World;
let importer: Member;
const tiles = Array.from({ length: 1000 }, (_, i) => `L-${i}`);
beforeAll(async () => {
  w = await world();
  importer = await w.h.staff('importer');
  const load = async (kind: string, rows: object[]) => {
    const { body } = await importer.post(`/imports/${kind}`, { importId: newId(), rows });
    const results = body.results as { outcome: string }[];
    expect(results.filter(({ outcome }) => outcome !== 'created')).toEqual([]);
  };
  const about = {
    specification: '600×600',
    grade: 'A',
    colourNumber: 'C1',
    family: 'floor',
    unit: 'm²',
    standardCost: '20',
  };
  await load(
    'products',
    tiles.map((code) => ({ code, name: code, ...about })),
  );
  await load(
    'prices',
    tiles.map((productCode) => ({ listCode: 'L', validFrom: '2026-01-01', productCode, price: '33.33' })),
  );
  await load(
    'stock',
    tiles.map((productCode) => ({ productCode, warehouse: 'MAIN', batch: 'B1', quantity: '99' })),
  );
}, 60_000);
afterAll(() => w?.close());

const linesOf = (count: number) => tiles.slice(0, count).map((productCode) => ({ productCode, quantity: '1.5' }));

/** The whole life of an order of so many lines. */
async function life(count: number) {
  const customer = await w.distributor({ limit: '9999999' });
  const placed = await w.place(customer.code, linesOf(count));
  const order = placed.body.id as string;
  const edited = await w.seller.post(`/orders/${order}/edit`, { lines: linesOf(count) }, { 'if-match': '"1"' });
  const submitted = await w.seller.post(`/orders/${order}/submit`);
  const parts = linesOf(count).map((_, i) => ({ orderLine: i + 1, quantity: '1' }));
  const part = await w.clerk.post('/shipments', { orderId: order, lines: parts });
  const sentPart = await w.keeper.post(`/shipments/${part.body.id}/dispatch`);
  const rest = await w.clerk.post('/shipments', { orderId: order });
  const sentRest = await w.keeper.post(`/shipments/${rest.body.id}/dispatch`);
  const signed = [
    await w.clerk.post(`/shipments/${part.body.id}/sign`),
    await w.clerk.post(`/shipments/${rest.body.id}/sign`),
  ];
  return { order, replies: [placed, edited, submitted, part, sentPart, rest, sentRest, ...signed] as Reply[] };
}

clause(
  'O-01',
  'boundary',
  'an order of 1,000 lines is placed, changed, submitted, sent in two parts, billed and signed for',
  async () => {
    const { order, replies } = await life(1000);
    expect(replies.map(({ status, body }) => [status, body.detail as unknown])).toEqual(
      [201, 200, 200, 201, 200, 201, 200, 200, 200].map((status) => [status, undefined]),
    );
    const body = await w.read(order);
    expect(body).toMatchObject({ state: 'completed', net: '50000.00', tax: '6500.00', gross: '56500.00' });
    expect(body.lines).toHaveLength(1000);
    const { items } = (await w.finance.get(`/invoices?orderId=${order}`)).body as { items: { gross: string }[] };
    expect(items).toHaveLength(2);
    expect(items.reduce((sum, { gross }) => sum + Number(gross.replace('.', '')), 0)).toBe(5_650_000);
    const { rows } = await w.h.pool.query(
      `SELECT sum(on_hand)::text AS "onHand", sum(reserved)::text AS reserved, (SELECT count(*) FROM reservation)::int AS held FROM stock_item`,
    );
    expect(rows).toEqual([{ onHand: '97500.000', reserved: '0.000', held: 0 }]);
  },
  60_000,
);

clause('O-01', 'refused', 'an order of 1,001 lines', async () => {
  const customer = await w.distributor();
  const lines = [...linesOf(1000), { productCode: tiles[0]!, quantity: '1' }];
  expect(await w.place(customer.code, lines)).toMatchObject({ status: 400, body: { errors: [{ field: 'lines' }] } });
});

it('takes no more statements for a thousand lines than for ten, but to write them in parts', async () => {
  const query = pg.Client.prototype.query as (...args: unknown[]) => unknown;
  const about = /\b(order_line|stock_item|shipment_line|reservation|product|price_list|tax_rate|standard_cost)\b/;
  let sent: string[] = [];
  pg.Client.prototype.query = function (this: unknown, ...args: unknown[]) {
    const [config] = args as [string | { text: string }];
    const text = typeof config === 'string' ? config : config.text;
    if (about.test(text)) sent.push(text);
    return query.apply(this, args);
  } as never;
  const counted = async (count: number) => {
    sent = [];
    await life(count);
    return sent.length;
  };
  try {
    const few = await counted(10);
    expect(few).toBeGreaterThan(20);
    // a thousand rows are written in four parts, in each of eleven moves or facts
    expect(await counted(1000)).toBeLessThan(few + 100);
  } finally {
    pg.Client.prototype.query = query as never;
  }
}, 60_000);
