import { dailyReportEvents, monthlyReportEvents } from '@fenxiao/contracts/books';
import { noticeEvents } from '@fenxiao/contracts/platform';
import { Money } from '@fenxiao/domain/money';
import { clause } from '@fenxiao/testing/clause';
import { until } from '@fenxiao/testing/wait';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { world, type World } from '../../test/world.js';

/** Tuesday 10 March 2026, 10:00 in Shanghai. Tests follow the calendar from there. */
const START = '2026-03-10T02:00:00Z';
let w: World;
beforeAll(async () => {
  w = await world(START);
}, 60_000);
afterAll(() => w?.close());

type Sum = Record<'basis' | 'net' | 'gross' | 'quantity', string> & { documents: number };
const run = (name: string, date: string) => w.h.service.jobs.run(name, date);
/** the close of a day: 18:00 in Shanghai */
const close = async (day: string, at = `${day}T10:00:00Z`) => {
  w.h.time.set(at);
  await run('generate-daily-report', day);
  return reportOf(day);
};
const reportOf = async (day: string) => (await w.clerk.get(`/daily-reports?day=${day}`)).body.items[0];
const total = ({ totals }: { totals: Sum[] }, basis: string) => totals.find((sum) => sum.basis === basis);
const sign = (id: string, body: object = {}, by = w.clerk) => by.post(`/daily-reports/${id}/sign`, body);
const sold = async (quantity: string, family = 'floor') => {
  const [customer, tile] = [await w.distributor(), await w.product('100', { family })];
  await w.receive(tile.code, '1000');
  const { body } = await w.order(customer.code, [{ productCode: tile.code, quantity }]);
  const shipment = await w.clerk.post('/shipments', { orderId: body.id });
  await w.keeper.post(`/shipments/${shipment.body.id}/dispatch`);
  await w.finance.post('/payments', { distributorCode: customer.code, amount: '50' });
  return { customer, order: body, shipment: shipment.body as { id: string; number: string } };
};

describe('O-20 the sales daily report', () => {
  clause('O-20', 'allowed', 'generated at 18:00 from orders, shipments and receipts, checked and signed', async () => {
    await sold('2');
    const { shipment } = await sold('3', 'wall');
    const report = await close('2026-03-10');
    expect(report).toMatchObject({
      state: 'generated',
      number: 'RB-2026-03-10',
      from: '2026-03-09T10:00:00.000Z',
      to: '2026-03-10T10:00:00.000Z',
    });
    expect(total(report, 'order')).toMatchObject({ documents: 2, net: '500.00', gross: '565.00', quantity: '5.000' });
    expect(total(report, 'shipment')).toMatchObject({ documents: 2, net: '500.00', gross: '565.00' });
    expect(total(report, 'receipt')).toMatchObject({ documents: 2, gross: '100.00' });
    expect(report.byFamily.filter(({ basis }: Sum) => basis === 'shipment')).toMatchObject([
      { family: 'floor', net: '200.00' },
      { family: 'wall', net: '300.00' },
    ]);
    expect(report.byRegion[0]).toMatchObject({ basis: 'order', regionId: w.east, net: '500.00' });
    expect(report.bySalesperson[0]).toMatchObject({ basis: 'order', salespersonId: w.seller.id, net: '500.00' });
    const listed = await w.clerk.get(`/daily-reports/${report.id}/documents?basis=shipment&limit=1`);
    const rest = await w.clerk.get(
      `/daily-reports/${report.id}/documents?basis=shipment&cursor=${encodeURIComponent(listed.body.next)}`,
    );
    expect([...listed.body.items, ...rest.body.items].map(({ number }) => number)).toContain(shipment.number);
    expect(rest.body).toMatchObject({ next: null, items: [{ basis: 'shipment' }] });

    w.h.time.set('2026-03-11T01:59:59Z');
    expect((await sign(report.id, { comment: 'checked against the shipping orders' })).body.state).toBe('signed');
    const [signed] = (await w.h.events(dailyReportEvents.signed)).filter(({ subject }) => subject === report.id);
    expect(signed!.data).toMatchObject({ onTime: true, comment: 'checked against the shipping orders' });
    const page = await w.clerk.get(`/daily-reports/${report.id}/page?language=zh`);
    expect(page.body).toContain('销售日报表');
  });

  clause('O-20', 'refused', 'T18: a signed report is not edited; an adjustment is offered', async () => {
    const report = await reportOf('2026-03-10');
    expect((await sign(report.id, { comment: 'another' })).body).toMatchObject({ status: 409, allowed: ['adjust'] });
    expect((await sign(report.id, {}, w.salesManager)).body).toMatchObject({ status: 403, rule: 'O-20' });
    const adjust = (over: object, by = w.clerk) =>
      by.post(`/daily-reports/${report.id}/adjust`, {
        basis: 'shipment',
        net: '-10',
        gross: '-11.30',
        cause: 'entered twice',
        document: 'CH-1',
        ...over,
      });
    expect((await adjust({ net: '0', gross: '0.00' })).body.code).toBe('orders.daily-report.nothing-to-adjust');
    expect((await adjust({}, w.finance)).status).toBe(403);
    const { body } = await adjust({});
    expect(body).toMatchObject({
      state: 'adjusted',
      adjustments: [
        { adjustedOn: '2026-03-11', month: '2026-03-01', net: '-10.00', gross: '-11.30', document: 'CH-1' },
      ],
    });
    expect(total(body, 'shipment')).toMatchObject({ net: '500.00' });
    expect((await w.h.events(dailyReportEvents.adjusted)).at(-1)!.data).toMatchObject({
      adjustment: { basis: 'shipment', gross: '-11.30' },
    });
    // signed, and each adjustment
    await adjust({ net: '10', gross: '11.30' });
    const { items } = (await w.clerk.get(`/archive?subject=${report.id}`)).body;
    expect(items.map(({ version }: { version: number }) => version)).toEqual([3, 2, 1]);
    const { content } = (await w.clerk.get(`/archive/${items[0].id}`)).body;
    expect(content.record.adjustments).toMatchObject([{ net: '-10.00' }, { net: '10.00' }]);
  });

  clause('O-20', 'boundary', 'booked at the close itself is of the day, a moment later of the next', async () => {
    w.h.time.set('2026-03-11T10:00:00Z');
    await sold('1');
    w.h.time.set('2026-03-11T10:00:00.001Z');
    await sold('4');
    const report = await close('2026-03-11', '2026-03-11T10:01:00Z');
    expect(total(report, 'shipment')).toMatchObject({ documents: 1, net: '100.00' });
    const next = await close('2026-03-12');
    expect(total(next, 'shipment')).toMatchObject({ documents: 1, net: '400.00' });
    expect(next).toMatchObject({ from: '2026-03-11T10:00:00.000Z' });
  });

  clause(
    'O-20',
    'boundary',
    'signed by 10:00 of the next working day; then it is missed, and the manager told',
    async () => {
      const friday = await close('2026-03-13');
      w.h.time.set('2026-03-16T01:59:59.999Z');
      await w.h.service.clocks.tick();
      const missed = async () =>
        (await w.h.events(dailyReportEvents.missed)).filter(({ subject }) => subject === friday.id);
      expect(await missed()).toEqual([]);
      w.h.time.set('2026-03-16T02:00:00Z');
      await w.h.service.clocks.tick();
      await until('it to be missed', async () => (await missed()).length === 1);
      const told = (await w.h.events(noticeEvents('orders').requested)).map(
        ({ data }) => data as never as { kind: string; about: string; to: { powers: object } },
      );
      expect(told.find(({ kind, about }) => kind === 'breach' && about === friday.id)!.to.powers).toHaveProperty(
        'sales-manager',
      );
      expect((await sign(friday.id)).body.state).toBe('signed');
      const [signed] = (await w.h.events(dailyReportEvents.signed)).filter(({ subject }) => subject === friday.id);
      expect(signed!.data).toMatchObject({ onTime: false });
    },
  );

  it('what was still being written at the close is in the next report, once', async () => {
    w.h.time.set('2026-03-16T09:59:59Z');
    const { order } = await sold('7');
    await w.h.pool.query(`UPDATE "order" SET submitted_at = '2026-03-16T11:00:00Z' WHERE id = $1`, [order.id]);
    expect(total(await close('2026-03-16'), 'order')).toBeUndefined();
    await w.h.pool.query(`UPDATE "order" SET submitted_at = '2026-03-16T09:59:59Z' WHERE id = $1`, [order.id]);
    expect(total(await close('2026-03-17'), 'order')).toMatchObject({ documents: 1, net: '700.00' });
    expect(total(await close('2026-03-18'), 'order')).toBeUndefined();
  }, 30_000);

  it('an order cancelled later shows in the report of the day it is cancelled on', async () => {
    const [customer, tile] = [await w.distributor(), await w.product('100')];
    const { body } = await w.order(customer.code, [{ productCode: tile.code, quantity: '6' }]);
    expect(total(await close('2026-03-19'), 'order')).toMatchObject({ net: '600.00' });
    const cancelled = await w.salesManager.post(`/orders/${body.id}/cancel`, { reason: 'customer changed its mind' });
    expect(cancelled.body.state).toBe('cancelled');
    expect(total(await close('2026-03-20'), 'cancellation')).toMatchObject({ documents: 1, net: '600.00' });
  }, 30_000);
});

describe('O-21 the sales monthly report', () => {
  const monthly = async () => (await w.clerk.get('/monthly-reports?month=2026-03-01')).body.items[0];
  const signMonth = (id: string, by = w.clerk) => by.post(`/monthly-reports/${id}/sign`);

  clause('O-21', 'refused', 'not while a day is unsigned, and the days are named', async () => {
    w.h.time.set('2026-03-31T10:00:00Z');
    await run('generate-daily-report', '2026-03-31');
    w.h.time.set('2026-04-01T02:00:00Z');
    await run('generate-monthly-report', '2026-04-01');
    const { id } = await monthly();
    const { body } = await signMonth(id);
    expect(body).toMatchObject({ status: 409, code: 'orders.monthly-report.unsigned-days', rule: 'O-21' });
    expect(body.detail).toContain('2026-03-31');
    expect((await signMonth(id, w.salesManager)).status).toBe(403);
  });

  clause('O-21', 'allowed', 'the sum of signed days and their adjustments, to the fen', async () => {
    const days = (await w.clerk.get('/daily-reports?limit=200')).body.items as (Record<string, string> & {
      totals: Sum[];
      adjustments: { basis: string; gross: string }[];
    })[];
    // the days on which nobody asked for a report have theirs too
    expect(days.map(({ day }) => day)).toContain('2026-03-25');
    for (const { id, state } of days) if (state === 'generated') await sign(id!);
    const { id } = await monthly();
    const { body } = await signMonth(id);
    expect(body).toMatchObject({ state: 'signed', days: days.length });
    for (const basis of ['order', 'cancellation', 'shipment', 'receipt']) {
      const parts = days.flatMap(({ totals, adjustments }) =>
        [...totals, ...adjustments].filter((one) => one.basis === basis),
      );
      expect(total(body, basis)!.gross).toBe(String(Money.sum(parts.map(({ gross }) => Money.of(gross)))));
    }
    const [signed] = await w.h.events(monthlyReportEvents.signed);
    expect(signed!.data).toMatchObject({ onTime: true, days: days.length });
    expect(signed!.data).toMatchObject({ adjustments: [{ day: '2026-03-10' }, { day: '2026-03-10' }] });
    expect((await w.clerk.get(`/monthly-reports/${id}/page?language=zh`)).body).toContain('销售月报表');
  });

  it('a signed month stays: what is adjusted of it later counts in the present one', async () => {
    const { id } = await reportOf('2026-03-12');
    const adjusted = await w.clerk.post(`/daily-reports/${id}/adjust`, {
      basis: 'order',
      net: '1',
      gross: '1.13',
      cause: 'found later',
    });
    expect(adjusted.body.adjustments).toMatchObject([{ month: '2026-04-01' }]);
  }, 30_000);

  clause('O-21', 'boundary', 'due at the close of the second working day after the month', async () => {
    w.h.time.set('2026-04-30T10:00:00Z');
    await run('generate-daily-report', '2026-04-30');
    w.h.time.set('2026-05-06T02:00:00Z');
    await run('generate-monthly-report', '2026-05-06');
    const { body } = await w.clerk.get('/monthly-reports?month=2026-04-01');
    const { id } = body.items[0];
    const missed = async () => (await w.h.events(monthlyReportEvents.missed)).some(({ subject }) => subject === id);
    w.h.time.set('2026-05-07T09:59:59.999Z');
    await w.h.service.clocks.tick();
    expect(await missed()).toBe(false);
    w.h.time.set('2026-05-07T10:00:00Z');
    await w.h.service.clocks.tick();
    await until('it to be missed', missed);
  });
});
