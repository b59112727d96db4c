import { creditLimitEvents, guaranteeEvents } from '@fenxiao/contracts/distributors';
import { invoiceEvents, orderEvents, paymentEvents } from '@fenxiao/contracts/orders';
import { newId } from '@fenxiao/domain/id';
import { clause } from '@fenxiao/testing/clause';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { world, type World } from '../test/world.js';

let w: World;
beforeAll(async () => {
  w = await world();
}, 60_000);
afterAll(() => w?.close());
beforeEach(() => w.h.time.set('2026-03-10T02:00:00Z'));

/** A customer with a limit, and goods at 100.00 before 13 % tax: a unit is 113.00 of exposure. */
const shop = async (options: Parameters<World['distributor']>[0] = {}) => {
  const [customer, tile] = [await w.distributor(options), await w.product('100')];
  await w.receive(tile.code, '1000');
  const order = (quantity: string) => w.order(customer.code, [{ productCode: tile.code, quantity }]);
  const ship = async (orderId: string) => {
    const { body } = await w.clerk.post('/shipments', { orderId });
    await w.keeper.post(`/shipments/${body.id}/dispatch`);
    return (await w.finance.get(`/invoices?orderId=${orderId}`)).body.items[0] as {
      id: string;
      number: string;
      gross: string;
      openAmount: string;
      dueOn: string;
      state: string;
    };
  };
  return { customer, order, ship };
};
const pay = (code: string, amount: string, extra: object = {}, by = w.finance) =>
  by.post('/payments', { distributorCode: code, amount, ...extra });

describe('D-21 credit limit and hold', () => {
  clause('D-21', 'allowed', 'orders within the limit, and prepaid ones whatever the limit', async () => {
    const { order } = await shop({ limit: '1130' });
    expect((await order('5')).body.state).toBe('allocated');
    const prepaid = await shop({ limit: '0', terms: 'prepaid' });
    expect((await prepaid.order('5')).body.state).toBe('allocated');
  });

  clause(
    'D-21',
    'refused',
    'over the limit: held, and released by the deputy general manager only, for a time and a reason',
    async () => {
      const { order } = await shop({ limit: '1130' });
      await order('5');
      const { body } = await order('6');
      expect(body).toMatchObject({ state: 'on-hold', holds: ['credit'] });
      const [held] = (await w.h.events(orderEvents.held)).filter(({ subject }) => subject === body.id);
      expect(held!.data).toMatchObject({ hold: 'credit', detail: 'exposure 1243.00 would pass the limit 1130.00' });
      const release = (who: World['gm'], extra: object) =>
        who.post(`/orders/${body.id}/release-credit`, { until: '2026-03-12T10:00:00Z', ...extra });
      expect((await release(w.salesManager, { reason: 'x' })).body).toMatchObject({ status: 403, rule: 'D-21' });
      expect((await release(w.deputy, {})).body).toMatchObject({ status: 400, field: 'reason' });
      expect((await release(w.deputy, { reason: 'x', until: '2026-03-10T02:00:00Z' })).body).toMatchObject({
        status: 422,
        code: 'orders.order.release-in-the-past',
      });
      expect((await release(w.deputy, { reason: 'payment promised for Thursday' })).body.state).toBe('allocated');
      const [released] = (await w.h.events(orderEvents.released)).filter(({ subject }) => subject === body.id);
      expect(released!.data).toMatchObject({
        hold: 'credit',
        until: '2026-03-12T10:00:00Z',
        meta: { rule: 'D-21', reason: 'payment promised for Thursday' },
      });
    },
  );

  clause(
    'D-21',
    'boundary',
    'a release is for the order as it stood: withdrawn and made larger, it is held again',
    async () => {
      const [customer, tile] = [await w.distributor({ limit: '1130' }), await w.product('100')];
      await w.receive(tile.code, '1000');
      const cheap = (quantity: string) => [{ productCode: tile.code, quantity, unitPrice: '99' }];
      const { body } = await w.order(customer.code, cheap('11'));
      expect(body).toMatchObject({ state: 'on-hold', holds: ['price', 'credit'] });
      const until = '2026-03-12T10:00:00Z';
      const released = await w.deputy.post(`/orders/${body.id}/release-credit`, { until, reason: 'a good customer' });
      expect(released.body).toMatchObject({ state: 'on-hold', holds: ['price'] });
      const { headers } = await w.seller.post(`/orders/${body.id}/withdraw`);
      const lines = [{ productCode: tile.code, quantity: '500' }];
      await w.seller.post(`/orders/${body.id}/edit`, { lines }, { 'if-match': headers.get('etag')! });
      const again = await w.seller.post(`/orders/${body.id}/submit`);
      expect(again.body).toMatchObject({ state: 'on-hold', holds: ['credit'], net: '50000.00' });
    },
  );

  clause('D-21', 'boundary', 'exactly the limit is within it; a fen more is not', async () => {
    const within = await shop({ limit: '1130.00' });
    expect((await within.order('10')).body.state).toBe('allocated');
    const over = await shop({ limit: '1129.99' });
    expect((await over.order('10')).body.state).toBe('on-hold');
  });

  clause('D-21', 'boundary', 'an invoice is overdue the day after its grace has passed', async () => {
    const { order, ship } = await shop({ paymentDays: 10 });
    await ship((await order('1')).body.id); // due 20 March, grace of 15 days: until 4 April
    w.h.time.set('2026-04-04T02:00:00Z');
    expect((await order('1')).body.state).toBe('allocated');
    w.h.time.set('2026-04-05T02:00:00Z');
    expect((await order('1')).body).toMatchObject({ state: 'on-hold', holds: ['credit'] });
  });

  it('goes on when money comes in, when the limit is raised, or when a manager guarantees', async () => {
    const paid = await shop({ limit: '1130' });
    const first = await paid.order('10');
    const invoice = await paid.ship(first.body.id);
    const waiting = await paid.order('1');
    expect(waiting.body.state).toBe('on-hold');
    await pay(paid.customer.code, invoice.gross);
    await w.reaches(waiting.body.id, 'allocated');

    const raised = await shop({ limit: '100' });
    const held = await raised.order('1');
    await w.h.publish(creditLimitEvents.changed, newId(), {
      distributorId: raised.customer.id,
      limit: '113',
      currency: 'CNY',
    });
    await w.reaches(held.body.id, 'allocated');

    const guaranteed = await shop({ limit: '100' });
    const short = await guaranteed.order('1');
    const guarantee = {
      distributorId: guaranteed.customer.id,
      guarantorId: newId(),
      amount: '13.00',
      balance: '13.00',
      currency: 'CNY',
      startsOn: '2026-03-10',
      dueOn: '2026-06-10',
    };
    await w.h.publish(guaranteeEvents.granted, newId(), { ...guarantee, receivable: 'x' });
    await w.reaches(short.body.id, 'allocated');
  });

  it('never lets concurrent orders pass the limit together', async () => {
    const { order } = await shop({ limit: '1130' });
    const answers = await Promise.all(Array.from({ length: 15 }, () => order('1')));
    expect(answers.filter(({ body }) => body.state === 'allocated')).toHaveLength(10);
    expect(answers.filter(({ body }) => body.state === 'on-hold')).toHaveLength(5);
  });
});

describe('O-50 invoices and payment terms', () => {
  clause('O-50', 'allowed', "an invoice per shipment, due by the customer's terms, numbered without gaps", async () => {
    const { order, ship } = await shop({ paymentDays: 45 });
    const invoice = await ship((await order('2')).body.id);
    expect(invoice).toMatchObject({
      state: 'outstanding',
      net: '200.00',
      tax: '26.00',
      gross: '226.00',
      openAmount: '226.00',
      dueOn: '2026-04-24',
    });
    const { rows } = await w.h.pool.query('SELECT number FROM invoice ORDER BY number');
    expect(rows.map(({ number }) => number)).toEqual(rows.map((_, i) => `FP-2026-${String(i + 1).padStart(6, '0')}`));
    const [issued] = (await w.h.events(invoiceEvents.issued)).filter(({ subject }) => subject === invoice.id);
    expect(issued!.data).toMatchObject({
      gross: '226.00',
      segment: 'regional-distributor',
      channel: 'direct',
      lines: [{ productCode: expect.any(String), quantity: '2.000', unitPrice: '100.0000', gross: '226.00' }],
    });
  });

  clause('O-50', 'refused', 'nobody issues or settles an invoice by hand', async () => {
    expect((await w.finance.post('/invoices', {})).status).toBe(405);
    const { order, ship } = await shop();
    const invoice = await ship((await order('1')).body.id);
    expect((await w.finance.post(`/invoices/${invoice.id}/settle`)).status).toBe(404);
  });

  clause('O-50', 'boundary', 'settled by the last fen, not before', async () => {
    const { customer, order, ship } = await shop();
    const invoice = await ship((await order('1')).body.id);
    await pay(customer.code, '112.99');
    const read = async () => (await w.finance.get(`/invoices/${invoice.id}`)).body;
    expect(await read()).toMatchObject({ state: 'outstanding', openAmount: '0.01' });
    await pay(customer.code, '0.01');
    expect(await read()).toMatchObject({ state: 'settled', openAmount: '0.00', settledOn: '2026-03-10' });
  });
});

describe('O-25, O-26 receipts', () => {
  clause('O-25', 'allowed', 'matched to the oldest due first; what is left stays unapplied', async () => {
    const { customer, order, ship } = await shop();
    const invoices = [await ship((await order('1')).body.id), await ship((await order('1')).body.id)];
    const { body } = await pay(customer.code, '250');
    expect(body).toMatchObject({ state: 'unmatched', amount: '250.00', unapplied: '24.00' });
    const [received] = (await w.h.events(paymentEvents.received)).filter(({ subject }) => subject === body.id);
    expect((received!.data as unknown as { matched: unknown[] }).matched).toEqual(
      invoices.map(({ id, number }) => ({
        invoiceId: id,
        invoiceNumber: number,
        amount: '113.00',
        regionId: w.east,
      })),
    );
  });

  clause(
    'O-25',
    'refused',
    "more than is open, another customer's invoice, a date to come, nothing at all",
    async () => {
      const { customer, order, ship } = await shop();
      const other = await shop();
      const invoice = await ship((await order('1')).body.id);
      const foreign = await other.ship((await other.order('1')).body.id);
      const code = async (amount: string, extra: object) => (await pay(customer.code, amount, extra)).body.code;
      expect(await code('200', { matches: [{ invoiceId: invoice.id, amount: '113.01' }] })).toBe(
        'orders.payment.above-open-amount',
      );
      expect(await code('200', { matches: [{ invoiceId: foreign.id, amount: '1' }] })).toBe(
        'orders.payment.other-customer',
      );
      expect(await code('10', { matches: [{ invoiceId: invoice.id, amount: '11' }] })).toBe(
        'orders.payment.above-unapplied',
      );
      expect(await code('10', { receivedOn: '2026-03-11' })).toBe('orders.payment.not-yet');
      expect(await code('0', {})).toBe('orders.payment.nothing');
    },
  );

  clause('O-25', 'boundary', 'what was left is matched later, down to nothing', async () => {
    const { customer, order, ship } = await shop();
    const early = await pay(customer.code, '100');
    const invoice = await ship((await order('1')).body.id);
    expect(
      (await w.finance.post(`/payments/${early.body.id}/match`, { invoiceId: invoice.id, amount: '100.01' })).body.code,
    ).toBe('orders.payment.above-unapplied');
    expect(
      (await w.finance.post(`/payments/${early.body.id}/match`, { invoiceId: invoice.id, amount: '100' })).body,
    ).toMatchObject({ state: 'matched', unapplied: '0.00' });
  });

  clause('O-26', 'allowed', 'finance records receipts', async () => {
    const { customer } = await shop();
    expect((await pay(customer.code, '1')).status).toBe(201);
  });
  clause('O-26', 'refused', 'the order clerk can not record receipts', async () => {
    const { customer } = await shop();
    expect((await pay(customer.code, '1', {}, w.clerk)).body).toMatchObject({ status: 403, rule: 'O-26' });
  });
  clause('O-26', 'boundary', 'nor can the general manager: the duties are apart, not ranked', async () => {
    const { customer } = await shop();
    expect((await pay(customer.code, '1', {}, w.gm)).body).toMatchObject({ status: 403, rule: 'O-26' });
  });
});
