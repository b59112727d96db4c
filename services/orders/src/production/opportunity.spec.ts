import { clause } from '@fenxiao/testing/clause';
import { until } from '@fenxiao/testing/wait';
import { afterAll, beforeAll, expect } from '@jest/globals';
import { world, type World } from '../../test/world.js';

let w: World;
beforeAll(async () => {
  w = await world();
}, 60_000);
afterAll(() => w?.close());

const move = (id: string, name: string, form: object = {}, by = w.seller) =>
  by.post(`/opportunities/${id}/${name}`, form);

/** An opportunity with its contract, and an order of that customer. */
async function contracted() {
  const [customer, tile] = [await w.distributor(), await w.product()];
  await w.receive(tile.code, '5');
  const { id } = (
    await w.seller.post('/opportunities', { customer: 'Hotel Bashan', subject: 'lobby', expectedValue: '9000' })
  ).body as { id: string };
  await move(id, 'negotiate');
  await move(id, 'sign-contract', { distributorCode: customer.code, contractNumber: 'HT-1' });
  return { id, customer, lines: [{ productCode: tile.code, quantity: '5' }] };
}
const reaches = (id: string, state: string) =>
  until(`${id} to be ${state}`, async () => (await w.gm.get(`/opportunities/${id}`)).body.state === state);

clause(
  'O-01',
  'allowed',
  'the pipeline: lead, negotiating, contracted, ordered, fulfilled when the order is completed',
  async () => {
    const { id, customer, lines } = await contracted();
    const { body: order } = await w.order(customer.code, lines);
    expect((await move(id, 'order', { orderNumber: order.number })).body.state).toBe('ordered');
    const { body: shipment } = await w.clerk.post('/shipments', { orderId: order.id });
    await w.keeper.post(`/shipments/${shipment.id}/dispatch`);
    await w.clerk.post(`/shipments/${shipment.id}/sign`);
    await reaches(id, 'fulfilled');
  },
);

clause(
  'O-01',
  'refused',
  'an order that is none of this customer, or not handed in; a loss without its reason',
  async () => {
    const { id, customer, lines } = await contracted();
    const other = await contracted();
    const { body: foreign } = await w.order(other.customer.code, other.lines);
    const { body: draft } = await w.place(customer.code, lines);
    for (const orderNumber of [foreign.number, draft.number, 'DD-2026-999999'])
      expect((await move(id, 'order', { orderNumber })).body).toMatchObject({
        status: 422,
        code: 'orders.opportunity.no-such-order',
        rule: 'O-01',
      });
    expect((await move(id, 'lose')).body.field).toBe('reason');
    expect((await move(id, 'negotiate')).status).toBe(409);
  },
);

clause('O-01', 'boundary', 'its order cancelled, it is contracted again', async () => {
  const { id, customer, lines } = await contracted();
  const { body: order } = await w.order(customer.code, lines);
  await move(id, 'order', { orderNumber: order.number });
  await w.seller.post(`/orders/${order.id}/cancel`, { reason: 'another date' });
  await reaches(id, 'contracted');
  expect((await move(id, 'lose', { reason: 'bought elsewhere' })).body.state).toBe('lost');
});
