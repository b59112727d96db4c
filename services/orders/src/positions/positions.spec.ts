import { creditLimitEvents, distributorEvents } from '@fenxiao/contracts/distributors';
import type { EventContract, EventData } from '@fenxiao/contracts/event';
import { creditPositionEvents, stockPositionEvents } from '@fenxiao/contracts/positions';
import { newId } from '@fenxiao/domain/id';
import { clause } from '@fenxiao/testing/clause';
import type { Member } from '@fenxiao/testing/harness';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { goods, type Goods } from '../../test/goods.js';
import { world, type World } from '../../test/world.js';
import { BATCH } from './credit-positions.js';

let w: World;
let g: Goods;
let administrator: Member;
beforeAll(async () => {
  w = await world();
  g = await goods(w);
  administrator = await w.h.staff('system-administrator');
}, 60_000);
afterAll(() => w?.close());
/** a Tuesday, 10:00 in Shanghai; before anything was shipped to anybody */
beforeEach(() => w.h.time.set('2026-03-10T02:00:00Z'));

const run = async (job: string, date: string) => {
  await w.h.service.jobs.run(job, date);
};
const byHand = (by: Member, job: string, date: string) => by.post(`/jobs/${job}/run`, { date, reason: 'Not run yet' });
const of = async <C extends EventContract>(contract: C, on: string) =>
  (await w.h.events(contract))
    .map(({ data }) => data as unknown as EventData<C> & { on: string })
    .filter((data) => data.on === on);
const credit = (on: string) => of(creditPositionEvents.recorded, on);
const stock = (on: string) => of(stockPositionEvents.recorded, on);
const ship = async (order: string) => {
  const { body } = await w.clerk.post('/shipments', { orderId: order });
  expect((await w.keeper.post(`/shipments/${body.id}/dispatch`)).status).toBe(200);
  return body as { id: string };
};
/** just after midnight of a day, in Shanghai */
const midnight = (date: string) => w.h.time.set(new Date(Date.parse(`${date}T00:20:00+08:00`)).toISOString());

describe('K-C09 credit positions', () => {
  clause('D-21', 'allowed', 'the exposure of every customer with a limit at the close of the day', async () => {
    const [customer, prepaid, tile] = [
      await w.distributor({ limit: '10000' }),
      await w.distributor({ terms: 'prepaid' }),
      await w.product('100'),
    ];
    const none = await w.distributor({ limit: '0' });
    await w.receive(tile.code, '100');
    // 13 % tax: ten are shipped and invoiced, five confirmed, and 200.00 has come in
    const { body: sold } = await w.order(customer.code, [{ productCode: tile.code, quantity: '10' }]);
    await ship(sold.id);
    await w.order(customer.code, [{ productCode: tile.code, quantity: '5' }]);
    await w.finance.post('/payments', { distributorCode: customer.code, amount: '200' });
    await w.h.settle();
    midnight('2026-03-11');
    await run('record-credit-positions', '2026-03-11');
    const positions = (await credit('2026-03-10')).flatMap((data) => data.positions);
    expect(positions.filter(({ distributorId }) => distributorId === customer.id)).toEqual([
      {
        distributorId: customer.id,
        distributorCode: customer.code,
        regionId: w.east,
        // 1,130.00 invoiced, 565.00 confirmed, 200.00 received
        exposure: '1495.00',
        limit: '10000.00',
      },
    ]);
    expect(positions.some(({ distributorId }) => [prepaid.id, none.id].includes(distributorId))).toBe(false);
    // the same day once, however often it is asked for
    const again = await byHand(administrator, 'record-credit-positions', '2026-03-11');
    expect(again.body).toMatchObject({ status: 409, code: 'job.has-run' });
    expect((await credit('2026-03-10')).flatMap((data) => data.positions)).toHaveLength(positions.length);
  });

  clause(
    'D-21',
    'boundary',
    'more customers than one event holds are told in several, each once',
    async () => {
      const customers = Array.from({ length: BATCH + 1 }, (_, n) => ({ id: newId(), code: `B${n}` }));
      await Promise.all(
        customers.map(async ({ id, code }) => {
          await w.h.publish(distributorEvents.recorded, id, {
            code,
            name: code,
            licence: code,
            partnerType: 'distributor',
            segment: 'regional-distributor',
            class: 'B',
            regionId: w.west,
            terms: 'credit',
            paymentDays: 30,
            state: 'active',
          });
          await w.h.publish(creditLimitEvents.changed, newId(), { distributorId: id, limit: '100', currency: 'CNY' });
        }),
      );
      await w.h.settle();
      midnight('2026-03-12');
      await run('record-credit-positions', '2026-03-12');
      const events = await credit('2026-03-11');
      expect(events.length).toBeGreaterThan(1);
      expect(Math.max(...events.map(({ positions }) => positions.length))).toBe(BATCH);
      const told = events.flatMap(({ positions }) => positions.map(({ distributorId }) => distributorId));
      expect(new Set(told).size).toBe(told.length);
      expect(customers.every(({ id }) => told.includes(id))).toBe(true);
    },
    60_000,
  );

  clause(
    'D-21',
    'refused',
    'of a day long gone nobody knows the exposure; only who looks after jobs runs one',
    async () => {
      midnight('2026-03-15');
      await run('record-credit-positions', '2026-03-14');
      expect(await credit('2026-03-13')).toEqual([]);
      expect((await byHand(w.finance, 'record-credit-positions', '2026-03-15')).status).toBe(403);
      const early = await byHand(administrator, 'record-credit-positions', '2026-03-16');
      expect(early.body).toMatchObject({ status: 422, code: 'job.not-due' });
    },
  );
});

describe('K-O14 stock positions', () => {
  clause('O-52', 'allowed', 'stock by family and warehouse, and what left it, at standard cost', async () => {
    w.h.time.set('2026-04-10T02:00:00Z');
    const customer = await w.distributor();
    const [costed, dear, bare] = [
      await w.product('100', { family: 'O52' }),
      await w.product('100', { family: 'O52' }),
      await w.product('100', { family: 'O52' }),
    ];
    await w.finance.post(`/products/${costed.id}/set-standard-cost`, { cost: '61.5', validFrom: '2026-01-01' });
    await w.finance.post(`/products/${costed.id}/set-standard-cost`, { cost: '99', validFrom: '2026-04-11' });
    await w.finance.post(`/products/${dear.id}/set-standard-cost`, { cost: '80.3333', validFrom: '2026-04-01' });
    for (const { code } of [costed, dear, bare]) await w.receive(code, '10');
    const lines = [costed, dear, bare].map(({ code: productCode }) => ({ productCode, quantity: '3' }));
    const { body: sold } = await w.order(customer.code, lines);
    await ship(sold.id);
    await w.h.settle();
    midnight('2026-04-11');
    await run('record-stock-positions', '2026-04-11');
    const [position] = await stock('2026-04-10');
    expect(position!.stock!.filter(({ family }) => family === 'O52')).toEqual([
      // 7 × 61.50 + 7 × 80.3333, each to the fen; the third has no cost
      { warehouse: 'MAIN', family: 'O52', quantity: '21.000', value: '992.83', uncosted: '7.000' },
    ]);
    expect(position!.issued.filter(({ family }) => family === 'O52')).toEqual([
      { family: 'O52', quantity: '9.000', cost: '425.50', uncosted: '3.000' },
    ]);
    const again = await byHand(administrator, 'record-stock-positions', '2026-04-11');
    expect(again.body).toMatchObject({ status: 409, code: 'job.has-run' });
    expect(await stock('2026-04-10')).toHaveLength(1);
    expect(JSON.stringify(position)).not.toContain(costed.code);
  });

  clause(
    'O-52',
    'boundary',
    'a day ends at midnight of the business calendar; what is credited is taken off',
    async () => {
      w.h.time.set('2026-05-10T02:00:00Z');
      const [customer, tile] = [await w.distributor(), await w.product('100', { family: 'edge' })];
      await w.finance.post(`/products/${tile.id}/set-standard-cost`, { cost: '10', validFrom: '2026-01-01' });
      await w.receive(tile.code, '10');
      const sell = async (quantity: string) =>
        (await w.order(customer.code, [{ productCode: tile.code, quantity }])).body.id as string;
      const [last, first] = [await sell('1'), await sell('2')];
      w.h.time.set('2026-05-10T15:59:59.999Z');
      const { id } = await ship(last);
      w.h.time.set('2026-05-10T16:00:00Z');
      await ship(first);
      // the unit of the 10th comes back and is credited on the 11th
      const back = await g.inspected(id, [{ shipmentLine: 1, quantity: '1' }], 'credit');
      expect((await w.finance.post(`/returns/${back.body.id}/credit`)).body).toMatchObject({ state: 'credited' });
      midnight('2026-05-12');
      await run('record-stock-positions', '2026-05-11');
      await run('record-stock-positions', '2026-05-12');
      const ofEdge = async (day: string) => (await stock(day))[0]!.issued.filter(({ family }) => family === 'edge');
      expect(await ofEdge('2026-05-10')).toEqual([
        { family: 'edge', quantity: '1.000', cost: '10.00', uncosted: '0.000' },
      ]);
      expect(await ofEdge('2026-05-11')).toEqual([
        { family: 'edge', quantity: '1.000', cost: '10.00', uncosted: '0.000' },
      ]);
    },
  );

  clause('O-52', 'refused', 'what lay in stock on a day long gone is not made up', async () => {
    midnight('2026-05-20');
    await run('record-stock-positions', '2026-05-19');
    const [position] = await stock('2026-05-18');
    expect(position).not.toHaveProperty('stock');
    expect(position).toMatchObject({ issued: [] });
  });

  it('counts history on its own day', async () => {
    await w.h.pool.query(
      `UPDATE shipment SET dispatched_at = NULL, shipped_on = '2025-11-03', historic = true
       WHERE id = (SELECT id FROM shipment ORDER BY id LIMIT 1)`,
    );
    await run('record-stock-positions', '2025-11-04');
    expect((await stock('2025-11-03'))[0]!.issued).toMatchObject([
      { family: 'floor', quantity: '10.000', uncosted: '10.000' },
    ]);
  });
});
