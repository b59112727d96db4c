import { orderEvents } from '@fenxiao/contracts/orders';
import { trialEvents } from '@fenxiao/contracts/production';
import { newId } from '@fenxiao/domain/id';
import { clause } from '@fenxiao/testing/clause';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { production, type Production } from '../../test/production.js';
import { evidence, world, type World } from '../../test/world.js';

const START = '2026-03-10T02:00:00Z';
let w: World;
let p: Production;
let customer: { id: string; code: string };
let family: string;
beforeAll(async () => {
  w = await world(START);
  p = await production(w);
  customer = await w.distributor({ limit: '99999999' });
  family = await p.family('500', '20000');
}, 60_000);
afterAll(() => w?.close());
beforeEach(() => w.h.time.set(START));

let made = 0;
const ask = (over: object = {}, by = w.seller) =>
  by.post('/trials', {
    distributorCode: customer.code,
    family,
    name: 'Bamboo green',
    specification: '600×1200',
    grade: 'A',
    colourNumber: `N${++made}`,
    unit: 'm²',
    quantity: '500',
    needDate: '2026-05-01',
    ...over,
  });
const photograph = { file: 'sample.jpg', digest: 'a'.repeat(64) };
const sample = { photograph, sampleSize: '600×1200', sampleColourNumber: 'RAL 6010' };
const move = (id: string, name: string, form: object = {}, by = w.seller) => by.post(`/trials/${id}/${name}`, form);

/** A trial as far as the customer's hands. */
async function delivered(over: object = {}): Promise<string> {
  const { id } = (await ask(over)).body as { id: string };
  await move(id, 'receive-sample', sample);
  await move(id, 'send');
  await move(id, 'accept', { plannedOn: '2026-03-20' }, p.technical);
  await move(id, 'start-trial', {}, p.technical);
  await move(id, 'finish', { result: 'as the sample' }, p.technical);
  expect((await move(id, 'deliver')).body.state).toBe('delivered-to-customer');
  return id;
}
const factsOf = async (id: string) =>
  (await w.h.events()).filter(({ subject }) => subject === id).map(({ type }) => type.split('.')[3]);

describe('O-32 trial of a new variety', () => {
  clause('O-32', 'allowed', 'from the sample to a new product and, once it has a price, the order', async () => {
    const id = await delivered();
    const code = `NEW${made}`;
    const accepted = await move(id, 'customer-accept', { productCode: code });
    expect(accepted.body.state).toBe('customer-accepted');
    const [product] = (await w.gm.get(`/products?code=${code}`)).body.items;
    expect(product).toMatchObject({ family, specification: '600×1200', grade: 'A', name: 'Bamboo green' });
    // O-10: nothing is sold without a list price
    expect((await move(id, 'draft-order')).status).toBe(422);
    const list = {
      code: `T${made}`,
      validFrom: '2026-03-10',
      taxIncluded: false,
      lines: [{ productCode: code, price: '60' }],
    };
    const { body } = await w.salesManager.post('/price-lists', list);
    await w.salesManager.post(`/price-lists/${body.id}/submit`, evidence);
    await w.deputy.post(`/price-lists/${body.id}/approve`);
    const wanted = await move(id, 'draft-order');
    expect(wanted.status).toBe(200);
    expect(await w.read(wanted.body.form.draftOrderId as string)).toMatchObject({
      state: 'draft',
      promisedOn: '2026-05-01',
      salespersonId: w.seller.id,
      lines: [{ productCode: code, quantity: '500.000' }],
    });
    expect((await move(id, 'draft-order')).body).toMatchObject({ status: 409, code: 'orders.trial.order-drafted' });
    expect(await factsOf(id)).toEqual([
      'requested',
      'sample-received',
      'sent',
      'planned',
      'started',
      'finished',
      'delivered',
      'accepted',
      'order-wanted',
      'order-drafted',
    ]);
  });

  clause(
    'O-32',
    'refused',
    "T21: sent to technical without the customer's sample, or with half of it logged",
    async () => {
      const { id } = (await ask()).body as { id: string };
      expect((await move(id, 'send')).body).toMatchObject({
        status: 422,
        code: 'orders.trial.no-sample',
        rule: 'O-32',
      });
      for (const missing of ['photograph', 'sampleSize', 'sampleColourNumber'])
        expect((await move(id, 'receive-sample', { ...sample, [missing]: undefined })).body).toMatchObject({
          status: 400,
          field: missing,
        });
      expect((await move(id, 'accept', { plannedOn: '2026-03-20' }, p.technical)).status).toBe(409);
      await move(id, 'receive-sample', sample);
      expect((await move(id, 'send')).body.state).toBe('sent-to-technical');
      expect((await move(id, 'finish', { result: 'done' }, p.technical)).body.code).toBe('orders.trial.not-begun');
      expect((await move(id, 'accept', { plannedOn: '2026-03-20' })).status).toBe(403);
    },
  );

  clause('O-32', 'refused', 'a small quantity, a variety in production, the order of another customer', async () => {
    expect((await ask({ quantity: '499.999' })).body).toMatchObject({ code: 'orders.trial.not-large', rule: 'O-32' });
    await w.product('50', { family });
    expect((await ask({ specification: '600×600', colourNumber: 'C1' })).body).toMatchObject({
      code: 'orders.trial.in-production',
      field: 'colourNumber',
    });
    expect((await ask({ orderId: newId() })).body.code).toBe('orders.trial.other-order');
  });

  clause(
    'O-32',
    'boundary',
    'exactly the limit is large, by quantity or by value; both conditions are needed',
    async () => {
      expect((await ask({ quantity: '500' })).status).toBe(201);
      expect((await ask({ quantity: '1', value: '20000' })).status).toBe(201);
      expect((await ask({ quantity: '1', value: '19999.99' })).body.code).toBe('orders.trial.not-large');
    },
  );

  clause(
    'O-32',
    'boundary',
    'five working days to plan and fifteen to finish, from the day it was sent: warned at 80 %, escalated after',
    async () => {
      const { id } = (await ask()).body as { id: string };
      await move(id, 'receive-sample', sample);
      await move(id, 'send');
      const due = async () =>
        (
          await w.h.pool.query<{ move: string; due_at: Date }>(
            'SELECT move, due_at FROM clock WHERE subject = $1 AND stopped_at IS NULL ORDER BY due_at',
            [id],
          )
        ).rows;
      expect(await due()).toEqual([
        { move: 'accept', due_at: new Date('2026-03-17T10:00:00Z') },
        { move: 'finish', due_at: new Date('2026-03-31T10:00:00Z') },
      ]);
      const published = async (fact: 'clock-warned' | 'clock-breached') =>
        (await w.h.events(trialEvents[fact])).filter(({ subject }) => subject === id).map(({ data }) => data as object);
      w.h.time.set('2026-03-16T09:59:00Z');
      await w.h.service.clocks.tick();
      expect(await published('clock-warned')).toMatchObject([{ move: 'accept', escalateTo: 'branch-general-manager' }]);
      w.h.time.set('2026-03-17T10:00:00Z');
      await w.h.service.clocks.tick();
      expect(await published('clock-breached')).toMatchObject([{ move: 'accept' }]);
      await move(id, 'accept', { plannedOn: '2026-03-30' }, p.technical);
      await move(id, 'start-trial', {}, p.technical);
      w.h.time.set('2026-03-31T10:00:00Z');
      await w.h.service.clocks.tick();
      expect(await published('clock-breached')).toMatchObject([{ move: 'accept' }, { move: 'finish' }]);
    },
  );
});

describe('an order that waits for a trial', () => {
  const waiting = async () => {
    const tile = await w.product();
    await w.receive(tile.code, '10');
    const { body } = await w.place(customer.code, [{ productCode: tile.code, quantity: '10' }]);
    const trialId = await delivered({ orderId: body.id });
    const submitted = await w.seller.post(`/orders/${body.id}/submit`);
    expect(submitted.body).toMatchObject({ state: 'on-hold', holds: ['trial'] });
    return { orderId: body.id as string, trialId };
  };

  clause('O-01', 'boundary', 'is held for it, and goes on when the customer accepts', async () => {
    const { orderId, trialId } = await waiting();
    await move(trialId, 'customer-accept', { productCode: `NEW${made}` });
    expect(await w.read(orderId)).toMatchObject({ state: 'allocated', holds: [] });
    const facts = await factsOf(orderId);
    expect(facts).toEqual(['created', 'submitted', 'checked', 'held', 'released', 'confirmed', 'allocated']);
    const [held] = (await w.h.events(orderEvents.held)).filter(({ subject }) => subject === orderId);
    expect(held!.data).toMatchObject({ hold: 'trial' });
  });

  it('is a draft again when the customer rejects, and the salesperson is told', async () => {
    const { orderId, trialId } = await waiting();
    expect((await move(trialId, 'customer-reject')).status).toBe(400);
    await move(trialId, 'customer-reject', { reason: 'too dark' });
    expect(await w.read(orderId)).toMatchObject({ state: 'draft', holds: [] });
    expect((await p.notices(orderId))[0]).toMatchObject({ to: { persons: [w.seller.id] } });
  });
});
