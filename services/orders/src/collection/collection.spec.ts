import { collectionTaskEvents, receivableEvents, writeOffEvents } from '@fenxiao/contracts/collection';
import { invoiceEvents } from '@fenxiao/contracts/orders';
import { noticeEvents } from '@fenxiao/contracts/platform';
import { system } from '@fenxiao/service-kit/actor';
import { clause } from '@fenxiao/testing/clause';
import type { Member } from '@fenxiao/testing/harness';
import { until } from '@fenxiao/testing/wait';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { world, type World } from '../../test/world.js';
import { overdueReceivables } from './overdue.js';

let w: World;
beforeAll(async () => {
  w = await world();
}, 60_000);
afterAll(() => w?.close());
beforeEach(() => w.h.time.set('2026-03-10T02:00:00Z'));

/** A customer with goods at 100.00 before 13 % tax, and invoices of a unit each: 113.00. Due 30 days later: 9 April. */
const shop = async (options: Parameters<World['distributor']>[0] = {}, by: Member = w.seller) => {
  const [customer, tile] = [await w.distributor(options), await w.product('100')];
  await w.receive(tile.code, '1000');
  const invoice = async (quantity = '1') => {
    const { body: sold } = await w.order(customer.code, [{ productCode: tile.code, quantity }], {}, by);
    const { body } = await w.clerk.post('/shipments', { orderId: sold.id });
    await w.keeper.post(`/shipments/${body.id}/dispatch`);
    return (await w.finance.get(`/invoices?orderId=${sold.id}`)).body.items[0] as Record<string, string>;
  };
  return { customer, invoice };
};
const pay = (code: string, amount: string, extra: object = {}) =>
  w.finance.post('/payments', { distributorCode: code, amount, ...extra });
const morning = async (date: string) => {
  w.h.time.set(`${date}T01:00:00Z`);
  await once(date);
  await w.h.settle();
};
/** What the job does for a date, as often as asked. */
const once = (date: string) =>
  w.h.service.transactions.run(system, (work) => overdueReceivables.run(work, { date, dueAt: work.now, late: false }));
const about = async (contract: Parameters<World['h']['events']>[0], key: string, value: string) =>
  (await w.h.events(contract)).map(({ data }) => data as Record<string, unknown>).filter((data) => data[key] === value);
const taskOf = async (distributorId: string, by = w.deputy) =>
  (await by.get(`/collection-tasks?distributorId=${distributorId}`)).body.items[0] as Record<string, string>;
const taskIs = (distributorId: string, state: string) =>
  until(`the task to be ${state}`, async () => {
    const task = await taskOf(distributorId);
    return task.state === state && task;
  });

describe('O-25 funds coming in', () => {
  clause(
    'O-25',
    'allowed',
    'the overdue ladder: once per invoice and step, with a task to the salesperson',
    async () => {
      const { customer, invoice } = await shop();
      const { id, number } = await invoice();
      for (const date of ['2026-04-10', '2026-04-11', '2026-05-10', '2026-05-11', '2026-06-09', '2026-07-09'])
        await morning(date);
      await Promise.all([once('2026-07-09'), once('2026-07-09')]);
      const raised = await about(receivableEvents.overdue, 'invoiceId', id!);
      expect(raised.map(({ step, bucket, daysOverdue }) => [step, bucket, daysOverdue])).toEqual([
        [0, '1-30', 1],
        [30, '31-60', 31],
        [60, '61-90', 61],
        [90, 'over-90', 91],
      ]);
      expect(raised[0]).toMatchObject({
        invoiceNumber: number,
        distributorId: customer.id,
        regionId: w.east,
        salespersonId: w.seller.id,
        openAmount: '113.00',
        dueOn: '2026-04-09',
        currency: 'CNY',
      });
      expect(await about(collectionTaskEvents.opened, 'distributorId', customer.id)).toHaveLength(1);
      // above 60 days it is the deputy general manager's as well
      expect(await taskOf(customer.id)).toMatchObject({ state: 'escalated', step: 90, amount: '113.00' });
      const task = await taskOf(customer.id);
      const told = (await w.h.events(noticeEvents('orders').requested)).map(
        ({ data }) => data as unknown as { about: string; to: object },
      );
      const notices = told.filter((notice) => notice.about === task.id);
      expect(notices[0]!.to).toMatchObject({ persons: [w.seller.id] });
      expect(notices.at(-1)!.to).toMatchObject({ powers: { 'deputy-general-manager-sales': 'all' } });
      expect((await w.seller.get(`/collection-tasks?distributorId=${customer.id}`)).body.items).toHaveLength(1);
      const stranger = await w.h.staff('salesperson', { regionId: w.east });
      expect((await stranger.get(`/collection-tasks?distributorId=${customer.id}`)).body.items).toEqual([]);
    },
  );

  clause('O-25', 'boundary', 'the day due is in time; the thirtieth day late belongs to the first step', async () => {
    const { invoice } = await shop();
    const { id } = await invoice();
    const steps = async () => (await about(receivableEvents.overdue, 'invoiceId', id!)).map(({ step }) => step);
    await morning('2026-04-09');
    expect(await steps()).toEqual([]);
    await morning('2026-04-10');
    await morning('2026-05-09');
    expect(await steps()).toEqual([0]);
    await morning('2026-05-10');
    expect(await steps()).toEqual([0, 30]);
  });

  clause(
    'O-25',
    'allowed',
    'a promise is written down, kept by money, and the task is done when nothing is overdue',
    async () => {
      const { customer, invoice } = await shop();
      await invoice('2');
      await morning('2026-04-20');
      const { id } = await taskOf(customer.id);
      const promise = (by: Member, promisedOn: string, amount: string) =>
        by.post(`/collection-tasks/${id}/promise`, { promisedOn, amount });
      expect((await promise(w.seller, '2026-04-19', '100')).body.code).toBe('orders.collection-task.in-the-past');
      expect((await promise(w.clerk, '2026-04-21', '100')).body).toMatchObject({ status: 403, rule: 'O-25' });
      expect((await promise(w.seller, '2026-04-21', '100')).body).toMatchObject({ state: 'promised' });
      await pay(customer.code, '100');
      await taskIs(customer.id, 'open');
      expect(await about(collectionTaskEvents['promise-kept'], 'distributorId', customer.id)).toHaveLength(1);
      await pay(customer.code, '126');
      await taskIs(customer.id, 'done');
      expect(await about(collectionTaskEvents.done, 'distributorId', customer.id)).toMatchObject([{ settled: true }]);
    },
  );

  clause('O-25', 'boundary', 'a promise is broken the morning after its day', async () => {
    const { customer, invoice } = await shop();
    await invoice();
    await morning('2026-04-20');
    const { id } = await taskOf(customer.id);
    await w.seller.post(`/collection-tasks/${id}/promise`, { promisedOn: '2026-04-22', amount: '113' });
    w.h.time.set('2026-04-22T15:59:00Z');
    await w.h.service.clocks.tick();
    expect((await taskOf(customer.id)).state).toBe('promised');
    w.h.time.set('2026-04-22T22:00:01Z');
    await taskIs(customer.id, 'open');
    expect(await about(collectionTaskEvents['promise-broken'], 'distributorId', customer.id)).toHaveLength(1);
  });

  clause('O-25', 'allowed', 'written off by the general manager on the proposal of finance', async () => {
    const { customer, invoice } = await shop();
    const owed = await invoice();
    await pay(customer.code, '13');
    const { body } = await w.finance.post('/write-offs', { invoiceId: owed.id, grounds: 'bankrupt, file 12' });
    expect(body).toMatchObject({ state: 'proposed', amount: '100.00' });
    expect((await w.gm.post(`/write-offs/${body.id}/approve`)).body).toMatchObject({ state: 'approved' });
    expect((await w.finance.get(`/invoices/${owed.id}`)).body).toMatchObject({
      state: 'written-off',
      openAmount: '0.00',
    });
    expect(await about(invoiceEvents['written-off'], 'number', owed.number!)).toMatchObject([{ writtenOff: '100.00' }]);
    expect(await about(writeOffEvents.approved, 'invoiceId', owed.id!)).toMatchObject([
      { amount: '100.00', writtenOffOn: '2026-03-10', distributorId: customer.id, regionId: w.east },
    ]);
    expect((await w.finance.get(`/write-offs/${body.id}/page`, { 'accept-language': 'zh-CN' })).body).toContain(
      '坏账核销审批表',
    );
  });

  clause('O-25', 'refused', 'written off by others, more than is open, nothing, or twice', async () => {
    const { customer, invoice } = await shop();
    const owed = await invoice();
    const propose = (extra: object, by = w.finance) =>
      by.post('/write-offs', { invoiceId: owed.id, grounds: 'x', ...extra });
    expect((await propose({ amount: '113.01' })).body.code).toBe('orders.write-off.above-open-amount');
    expect((await propose({ amount: '0' })).body.code).toBe('orders.write-off.above-open-amount');
    expect((await propose({}, w.deputy)).body).toMatchObject({ status: 403, rule: 'O-25' });
    const { body } = await propose({ amount: '113' });
    expect((await propose({})).body.code).toBe('orders.write-off.already-proposed');
    expect((await w.deputy.post(`/write-offs/${body.id}/approve`)).status).toBe(403);
    // paid meanwhile: there is less to give up than was proposed
    await pay(customer.code, '1');
    expect((await w.gm.post(`/write-offs/${body.id}/approve`)).body.code).toBe('orders.write-off.above-open-amount');
  });
});

describe('O-25 ageing and the figures of collection', () => {
  clause('O-25', 'allowed', 'ageing by customer, region by region, page by page', async () => {
    const { customer, invoice } = await shop();
    await invoice();
    w.h.time.set('2026-04-20T02:00:00Z');
    await invoice('2');
    w.h.time.set('2026-05-11T02:00:00Z');
    await pay(customer.code, '13');
    const west = await shop({ region: w.west }, w.salesManager);
    await west.invoice();
    const all = async (by: Member, query = '') => {
      const items: Record<string, string>[] = [];
      for (let cursor: string | null = ''; cursor !== null;) {
        const { body } = await by.get(`/receivables?limit=2${cursor ? `&cursor=${cursor}` : ''}${query}`);
        items.push(...body.items);
        cursor = body.next;
      }
      return items;
    };
    const seen = await all(w.finance);
    expect(new Set(seen.map(({ distributorId }) => distributorId)).size).toBe(seen.length);
    expect(seen.find(({ distributorId }) => distributorId === customer.id)).toMatchObject({
      notDue: '226.00',
      '1-30': '0.00',
      '31-60': '100.00',
      '61-90': '0.00',
      'over-90': '0.00',
      total: '326.00',
      unapplied: '0.00',
      exposure: '326.00',
      limit: '1000000.00',
      utilisation: '0.03',
    });
    const ids = async (by: Member, query?: string) => (await all(by, query)).map(({ distributorId }) => distributorId);
    expect(await ids(w.manager)).toContain(customer.id);
    expect(await ids(w.manager)).not.toContain(west.customer.id);
    expect(await ids(w.seller)).not.toContain(west.customer.id);
    expect(await ids(w.finance, `&region=${w.west}`)).toEqual([west.customer.id]);
    expect((await w.keeper.get('/receivables')).body).toMatchObject({ status: 403, rule: 'O-25' });
  });

  clause('O-25', 'boundary', 'what was sold on credit stays so, whatever the terms become afterwards', async () => {
    const region = await w.h.region('TERMS');
    const { customer, invoice } = await shop({ region }, w.clerk);
    const paid = await shop({ region, terms: 'prepaid' }, w.clerk);
    const [first, second] = [await invoice(), await paid.invoice()];
    expect([first['onCredit'], second['onCredit']]).toEqual([true, false]);
    expect(await about(invoiceEvents.issued, 'distributorId', customer.id)).toMatchObject([{ onCredit: true }]);
    expect(await about(invoiceEvents.issued, 'distributorId', paid.customer.id)).toMatchObject([{ onCredit: false }]);
    const summary = async () =>
      (await w.finance.get(`/receivables/summary?region=${region}&on=2026-03-10&from=2026-03-01`)).body as object;
    const before = await summary();
    expect(before).toMatchObject({ receivables: '113.00', creditSales: '113.00' });
    await w.h.pool.query(
      `UPDATE known_distributor SET terms = CASE id WHEN $1 THEN 'prepaid' ELSE 'credit' END WHERE id = ANY($2)`,
      [customer.id, [customer.id, paid.customer.id]],
    );
    expect(await summary()).toEqual(before);
  });

  clause('O-25', 'boundary', 'K-C01 to K-C08 of a day, and of a day gone by as they were then', async () => {
    const region = await w.h.region('NORTH');
    const seller = await w.h.staff('salesperson', { regionId: region });
    const { customer, invoice } = await shop({ region, paymentDays: 10 }, seller);
    const first = await invoice('10'); // 1130.00 due 20 March
    w.h.time.set('2026-03-25T02:00:00Z');
    await invoice('20'); // 2260.00 due 4 April
    w.h.time.set('2026-03-31T02:00:00Z');
    await pay(customer.code, '1030', { receivedOn: '2026-03-30' });
    const summary = async (query: string) =>
      (await w.finance.get(`/receivables/summary?region=${region}&${query}`)).body;
    const march = 'on=2026-03-31&from=2026-03-01';
    const then = await summary(march);
    expect(then).toMatchObject({
      days: 31,
      n: 2,
      receivables: '2360.00',
      current: '2260.00',
      opening: '0.00',
      creditSales: '3390.00',
      due: '1130.00',
      received: '1030.00',
      recovered: '0.00',
      writtenOff: '0.00',
      basis: 'gross',
      overdue: { '1-30': '100.00', '31-60': '0.00', '61-90': '0.00', 'over-90': '0.00' },
      figures: {
        'K-C01': '21.58', // 2360 ÷ 3390 × 31
        'K-C02': '21.58',
        'K-C03': '20.67',
        'K-C04': '0.91',
        'K-C05': '91.15',
        'K-C06': '91.15', // (0 + 3390 − 2360) ÷ (0 + 3390 − 2260)
        'K-C07': '4.24',
        'K-C08': '0.00',
      },
    });
    w.h.time.set('2026-04-15T02:00:00Z');
    await pay(customer.code, '60');
    const { body } = await w.finance.post('/write-offs', { invoiceId: first.id, grounds: 'x' });
    await w.gm.post(`/write-offs/${body.id}/approve`);
    expect(await summary(march)).toEqual(then);
    expect(await summary('on=2026-04-15&from=2026-04-01')).toMatchObject({
      receivables: '2260.00',
      opening: '2360.00',
      creditSales: '0.00',
      recovered: '60.00',
      writtenOff: '40.00',
      figures: { 'K-C01': null, 'K-C02': '35.67', 'K-C05': '0.00', 'K-C07': '100.00', 'K-C08': null },
    });
    expect((await summary('on=2026-04-16')).code).toBe('orders.receivables.no-such-period');
    expect((await summary('on=2026-04-15&from=2026-04-16')).code).toBe('orders.receivables.no-such-period');
    expect((await summary('on=never')).status).toBe(400);
  });
});

describe('open amounts', () => {
  it('matches, what is open and what was written off add up to gross, and receipts to what is applied, with clients at once', async () => {
    const { customer, invoice } = await shop();
    const invoices = await Promise.all(Array.from({ length: 6 }, (_, i) => invoice(String(i + 1))));
    // a fixed sequence of made-up amounts, so that a failure can be repeated
    let seed = 7;
    const next = (below: number) => (seed = (seed * 48271) % 2147483647) % below;
    const amount = () => `${next(200)}.${String(next(100)).padStart(2, '0')}`;
    const one = async () => {
      const { id } = invoices[next(invoices.length)]!;
      const kind = next(4);
      if (kind === 0) return pay(customer.code, amount());
      if (kind === 1) return pay(customer.code, amount(), { matches: [{ invoiceId: id, amount: amount() }] });
      if (kind === 2) {
        const { body } = await w.finance.post('/write-offs', { invoiceId: id, amount: amount(), grounds: 'x' });
        return body.id ? w.gm.post(`/write-offs/${body.id}/approve`) : undefined;
      }
      const { body } = await pay(customer.code, amount(), { matches: [] });
      return body.id && w.finance.post(`/payments/${body.id}/match`, { invoiceId: id, amount: amount() });
    };
    for (let round = 0; round < 15; round++) await Promise.all(Array.from({ length: 8 }, one));
    const { rows: wrong } = await w.h.pool.query(
      `SELECT i.number FROM invoice i WHERE distributor = $1 AND (open_amount < 0 OR gross <> open_amount
         + (SELECT coalesce(sum(amount), 0) FROM payment_match WHERE invoice = i.id)
         + (SELECT coalesce(sum(amount), 0) FROM write_off WHERE invoice = i.id AND state = 'approved')
         OR (state = 'outstanding') <> (open_amount > 0))`,
      [customer.id],
    );
    expect(wrong).toEqual([]);
    const { rows: unequal } = await w.h.pool.query(
      `SELECT number FROM payment p WHERE distributor = $1 AND (unapplied < 0
         OR amount <> unapplied + (SELECT coalesce(sum(amount), 0) FROM payment_match WHERE payment = p.id))`,
      [customer.id],
    );
    expect(unequal).toEqual([]);
    const { rows: done } = await w.h.pool.query(
      `SELECT (SELECT count(*)::int FROM payment_match m JOIN invoice i ON i.id = m.invoice WHERE i.distributor = $1) AS matches,
         (SELECT count(*)::int FROM write_off WHERE distributor = $1 AND state = 'approved') AS offs`,
      [customer.id],
    );
    expect(done[0].matches).toBeGreaterThan(10);
    expect(done[0].offs).toBeGreaterThan(0);
  }, 120_000);
});
