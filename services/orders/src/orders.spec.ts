import { orderEvents, shipmentEvents, stockEvents } from '@fenxiao/contracts/orders';
import { clause } from '@fenxiao/testing/clause';
import { schemaDrift } from '@fenxiao/testing/drift';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { world, type World } from '../test/world.js';

let w: World;
beforeAll(async () => {
  w = await world();
}, 60_000);
afterAll(() => w?.close());

const factsOf = async (id: string) =>
  (await w.h.events()).filter(({ subject }) => subject === id).map(({ type }) => type.split('.')[3]);

describe('O-02 direct order and ship', () => {
  clause('O-02', 'allowed', 'goes from submitted to allocated in one step when nothing stands against it', async () => {
    const [customer, tile] = [await w.distributor(), await w.product('50')];
    await w.receive(tile.code, '100');
    const submitted = await w.order(customer.code, [{ productCode: tile.code, quantity: '12.5' }]);
    expect(submitted).toMatchObject({
      status: 200,
      body: { state: 'allocated', net: '625.00', tax: '81.25', gross: '706.25', promisedOn: '2026-03-17' },
    });
    expect(submitted.body.lines[0]).toMatchObject({ allocated: '12.500', shipped: '0.000', net: '625.00' });
    expect(await factsOf(submitted.body.id)).toEqual(['created', 'submitted', 'checked', 'confirmed', 'allocated']);
    const [confirmed] = (await w.h.events(orderEvents.confirmed)).filter(
      ({ subject }) => subject === submitted.body.id,
    );
    expect(confirmed!.data).toMatchObject({
      straightThrough: true,
      meta: { rule: 'O-02', role: 'system', actor: w.seller.id },
    });
  });

  clause('O-02', 'refused', 'a distributor who is not active, or an unknown one', async () => {
    const [customer, tile] = [await w.distributor({ state: 'suspended' }), await w.product()];
    expect(await w.place(customer.code, [{ productCode: tile.code, quantity: '1' }])).toMatchObject({
      status: 422,
      body: { code: 'orders.distributor.not-active', rule: 'D-01' },
    });
    expect(await w.place('NOBODY', [{ productCode: tile.code, quantity: '1' }])).toMatchObject({
      status: 422,
      body: { code: 'orders.distributor.unknown' },
    });
  });

  clause('O-02', 'boundary', 'exactly what is free suffices; one thousandth more is back-ordered', async () => {
    const [customer, tile] = [await w.distributor(), await w.product()];
    await w.receive(tile.code, '10');
    expect((await w.order(customer.code, [{ productCode: tile.code, quantity: '10' }])).body.state).toBe('allocated');
    await w.receive(tile.code, '10', { batch: 'B2' });
    expect((await w.order(customer.code, [{ productCode: tile.code, quantity: '10.001' }])).body.state).toBe(
      'backordered',
    );
  });
});

describe('O-01 states', () => {
  clause('O-01', 'allowed', 'a whole life: placed, submitted, issued, picked, shipped, signed, completed', async () => {
    const [customer, tile] = [await w.distributor(), await w.product('50')];
    await w.receive(tile.code, '20');
    const { body: order } = await w.order(customer.code, [{ productCode: tile.code, quantity: '20' }]);
    const { body: shipment } = await w.clerk.post('/shipments', { orderId: order.id });
    await w.keeper.post(`/shipments/${shipment.id}/pick`);
    await w.keeper.post(`/shipments/${shipment.id}/dispatch`, { carrier: 'Kuaiyun', freight: '120' });
    expect((await w.read(order.id)).state).toBe('shipped');
    expect((await w.clerk.post(`/shipments/${shipment.id}/sign`)).body.state).toBe('signed');
    expect((await w.read(order.id)).state).toBe('completed');
    expect((await factsOf(order.id)).slice(-4)).toEqual(['allocated', 'shipped', 'delivered', 'completed']);
  });

  clause('O-01', 'refused', 'a move the table does not have, or that only the system makes', async () => {
    const [customer, tile] = [await w.distributor(), await w.product()];
    const { body } = await w.place(customer.code, [{ productCode: tile.code, quantity: '1' }]);
    expect((await w.seller.post(`/orders/${body.id}/confirm`)).status).toBe(404);
    expect(await w.seller.post(`/orders/${body.id}/withdraw`)).toMatchObject({
      status: 409,
      body: { allowed: ['edit', 'reserve-draft', 'submit', 'cancel'] },
    });
  });

  clause(
    'O-01',
    'boundary',
    'a cancelled order gives its stock back and takes its booking back to the fen',
    async () => {
      const [customer, tile] = [await w.distributor(), await w.product('33.33')];
      await w.receive(tile.code, '7');
      const { body } = await w.order(customer.code, [{ productCode: tile.code, quantity: '7' }]);
      expect(await w.seller.post(`/orders/${body.id}/cancel`)).toMatchObject({
        status: 400,
        body: { field: 'reason' },
      });
      expect(
        (await w.seller.post(`/orders/${body.id}/cancel`, { reason: 'customer changed their mind' })).body.state,
      ).toBe('cancelled');
      const stock = (await w.clerk.get(`/stock?productId=${tile.id}`)).body.items;
      expect(stock).toMatchObject([{ onHand: '7.000', reserved: '0.000', free: '7.000' }]);
      const [cancelled] = (await w.h.events(orderEvents.cancelled)).filter(({ subject }) => subject === body.id);
      expect(cancelled!.data).toMatchObject({ submitted: true, net: '233.31', lines: [{ net: '233.31' }] });
    },
  );

  it('an edit needs the version it saw', async () => {
    const [customer, tile] = [await w.distributor(), await w.product()];
    const { body } = await w.place(customer.code, [{ productCode: tile.code, quantity: '1' }]);
    const lines = [{ productCode: tile.code, quantity: '2' }];
    expect((await w.seller.post(`/orders/${body.id}/edit`, { lines })).status).toBe(428);
    const edited = await w.seller.post(`/orders/${body.id}/edit`, { lines }, { 'if-match': '"1"' });
    expect(edited).toMatchObject({ status: 200, body: { version: 2, lines: [{ line: 1, quantity: '2.000' }] } });
    expect((await w.seller.post(`/orders/${body.id}/edit`, { lines }, { 'if-match': '"1"' })).status).toBe(412);
  });

  clause('X-20', 'refused', "T32: a regional manager reads another region's orders", async () => {
    const [customer, tile] = [await w.distributor({ region: w.west }), await w.product()];
    const { body } = await w.place(customer.code, [{ productCode: tile.code, quantity: '1' }], {}, w.clerk);
    expect(await w.manager.get(`/orders/${body.id}`)).toMatchObject({
      status: 403,
      body: { code: 'procedure.outside-scope' },
    });
    const listed = (await w.manager.get('/orders?limit=200')).body.items as { id: string; region: string }[];
    expect(listed.length).toBeGreaterThan(0);
    expect(new Set(listed.map(({ region }) => region))).toEqual(new Set([w.east]));
    expect(await w.place(customer.code, [{ productCode: tile.code, quantity: '1' }])).toMatchObject({ status: 403 });
    const taken = (await w.manager.get('/orders/export?reason=visits')).body as string;
    expect(taken).toContain(listed[0]!.id);
    expect(taken).not.toContain(body.id);
    const refused = (await w.manager.post(`/orders/${body.id}/cancel`, { reason: 'not mine' })).body;
    expect(refused).toMatchObject({ status: 403, code: expect.stringMatching(/no-power|outside-scope/) });
    expect(refused).not.toHaveProperty('state');
    expect((await w.seller.get('/orders/export?reason=visits')).body).toMatchObject({ status: 403, rule: 'X-20' });
  });
});

describe('O-06 allocation and back-order', () => {
  clause(
    'O-06',
    'allowed',
    'takes one batch where one suffices, the oldest first, and takes part where the customer agrees',
    async () => {
      const [customer, tile] = [await w.distributor(), await w.product()];
      await w.receive(tile.code, '5', { batch: 'OLD', receivedOn: '2026-01-01' });
      await w.receive(tile.code, '10', { batch: 'NEW', receivedOn: '2026-02-01' });
      await w.order(customer.code, [{ productCode: tile.code, quantity: '8' }]);
      const of = async () =>
        Object.fromEntries(
          (await w.clerk.get(`/stock?productId=${tile.id}`)).body.items.map(
            (item: { batch: string; reserved: string }) => [item.batch, item.reserved],
          ),
        );
      expect(await of()).toEqual({ OLD: '0.000', NEW: '8.000' });
      await w.order(customer.code, [{ productCode: tile.code, quantity: '9' }]);
      expect(await of()).toEqual({ OLD: '5.000', NEW: '10.000' });
    },
  );

  clause('O-06', 'refused', 'nothing is taken for a customer who wants all or nothing', async () => {
    const [customer, tile] = [await w.distributor(), await w.product()];
    await w.receive(tile.code, '5');
    const { body } = await w.order(customer.code, [{ productCode: tile.code, quantity: '6' }], {
      partialAllowed: false,
    });
    expect(body).toMatchObject({ state: 'backordered', lines: [{ allocated: '0.000' }] });
  });

  clause('O-06', 'boundary', 'goods that come in go to the waiting order, and complete it', async () => {
    const [customer, tile] = [await w.distributor(), await w.product()];
    await w.receive(tile.code, '4');
    const { body } = await w.order(customer.code, [{ productCode: tile.code, quantity: '6' }]);
    expect(body).toMatchObject({ state: 'backordered', lines: [{ allocated: '4.000' }] });
    await w.receive(tile.code, '2', { batch: 'B2' });
    expect(await w.reaches(body.id, 'allocated')).toMatchObject({ lines: [{ allocated: '6.000' }] });
  });
});

describe('O-04 shipping order', () => {
  clause('O-04', 'allowed', 'partial deliveries add up to the order to the fen, numbers without gaps', async () => {
    const [customer, tile] = [await w.distributor(), await w.product('33.33')];
    await w.receive(tile.code, '10');
    const { body: order } = await w.order(customer.code, [{ productCode: tile.code, quantity: '10' }]);
    const nets: string[] = [];
    for (const quantity of ['3', '3', '4']) {
      const { body } = await w.clerk.post('/shipments', { orderId: order.id, lines: [{ orderLine: 1, quantity }] });
      nets.push(body.net);
      await w.keeper.post(`/shipments/${body.id}/dispatch`);
    }
    expect(nets).toEqual(['99.99', '99.99', '133.32']);
    expect((await w.read(order.id)).state).toBe('shipped');
    const { rows } = await w.h.pool.query('SELECT number FROM shipment ORDER BY number');
    expect(rows.map(({ number }) => number)).toEqual(rows.map((_, i) => `CH-2026-${String(i + 1).padStart(6, '0')}`));
  });

  clause(
    'O-04',
    'refused',
    'T19: above the ordered quantity, by anybody but the order clerk, or before the order is confirmed',
    async () => {
      const [customer, tile] = [await w.distributor(), await w.product()];
      await w.receive(tile.code, '50');
      const { body: order } = await w.order(customer.code, [{ productCode: tile.code, quantity: '10' }]);
      const above = await w.clerk.post('/shipments', {
        orderId: order.id,
        lines: [{ orderLine: 1, quantity: '10.001' }],
      });
      expect(above).toMatchObject({
        status: 422,
        body: { code: 'orders.shipment.above-ordered', rule: 'O-04', field: 'lines.0.quantity' },
      });
      await w.clerk.post('/shipments', { orderId: order.id, lines: [{ orderLine: 1, quantity: '6' }] });
      expect(
        (await w.clerk.post('/shipments', { orderId: order.id, lines: [{ orderLine: 1, quantity: '4.001' }] })).body
          .code,
      ).toBe('orders.shipment.above-ordered');
      for (const other of [w.seller, w.manager, w.salesManager, w.gm])
        expect((await other.post('/shipments', { orderId: order.id })).status).toBe(403);
      const draft = await w.place(customer.code, [{ productCode: tile.code, quantity: '1' }]);
      expect((await w.clerk.post('/shipments', { orderId: draft.body.id })).body).toMatchObject({
        status: 409,
        code: 'orders.shipment.order-not-ready',
      });
    },
  );

  clause(
    'O-04',
    'boundary',
    'exactly the rest is allowed; a void keeps its number, needs a reason and frees the goods',
    async () => {
      const [customer, tile] = [await w.distributor(), await w.product()];
      await w.receive(tile.code, '10');
      const { body: order } = await w.order(customer.code, [{ productCode: tile.code, quantity: '10' }]);
      const { body: first } = await w.clerk.post('/shipments', {
        orderId: order.id,
        lines: [{ orderLine: 1, quantity: '6' }],
      });
      expect((await w.clerk.post(`/shipments/${first.id}/void`)).status).toBe(400);
      expect((await w.clerk.post(`/shipments/${first.id}/void`, { reason: 'wrong address' })).body).toMatchObject({
        state: 'voided',
        number: first.number,
      });
      const second = await w.clerk.post('/shipments', { orderId: order.id, lines: [{ orderLine: 1, quantity: '10' }] });
      expect(second).toMatchObject({ status: 201, body: { net: order.net } });
      expect(second.body.number).not.toBe(first.number);
      expect((await w.h.events(shipmentEvents.voided)).at(-1)!.data.meta).toMatchObject({ rule: 'O-04' });
    },
  );
});

describe('O-42 product attributes', () => {
  clause('O-42', 'allowed', 'carries name, specification, grade, colour number and packaging', async () => {
    const attributes = {
      code: 'FULL',
      name: 'Polished tile',
      specification: '800×800',
      grade: 'Premium',
      colourNumber: 'GR-07',
      family: 'floor',
      unit: 'm²',
      packaging: '3 per box',
    };
    const created = await w.salesManager.post('/products', attributes);
    expect(created).toMatchObject({ status: 201, body: attributes });
    expect((await w.salesManager.post('/products', attributes)).body).toMatchObject({
      status: 409,
      code: 'orders.product.code-taken',
    });
  });

  clause('O-42', 'refused', 'no substitution: goods of another grade are neither reserved nor shipped', async () => {
    const [customer, tile] = [await w.distributor(), await w.product('50', { grade: 'A' })];
    await w.receive(tile.code, '10', { batch: 'SECOND', grade: 'B' });
    await w.receive(tile.code, '10', { batch: 'FIRST' });
    const { body: order } = await w.order(customer.code, [{ productCode: tile.code, quantity: '5' }]);
    expect(order.state).toBe('allocated');
    const substituted = await w.clerk.post('/shipments', {
      orderId: order.id,
      lines: [{ orderLine: 1, quantity: '5', batch: 'SECOND' }],
    });
    expect(substituted).toMatchObject({
      status: 422,
      body: { code: 'orders.shipment.grade-substitution', rule: 'O-42' },
    });
    expect(
      (
        await w.clerk.post('/shipments', {
          orderId: order.id,
          lines: [{ orderLine: 1, quantity: '5', batch: 'FIRST' }],
        })
      ).status,
    ).toBe(201);
  });

  clause('O-42', 'boundary', 'only goods of the ordered grade count as free', async () => {
    const [customer, tile] = [await w.distributor(), await w.product()];
    await w.receive(tile.code, '10', { batch: 'SECOND', grade: 'B' });
    expect((await w.order(customer.code, [{ productCode: tile.code, quantity: '1' }])).body.state).toBe('backordered');
    const retired = await w.product();
    await w.salesManager.post(`/products/${retired.id}/retire`);
    expect((await w.place(customer.code, [{ productCode: retired.code, quantity: '1' }])).body).toMatchObject({
      code: 'orders.product.retired',
      field: 'lines.0.productCode',
    });
  });
});

it.each([
  ['distributorId', 'somebody'],
  ['orderedOn', '2026-02-30'],
  ['channel', ''],
])('a list says that its filter %s is wrong', async (field, value) => {
  const { status, body } = await w.seller.get(`/orders?${field}=${value}`);
  expect({ status, body }).toMatchObject({
    status: 400,
    body: { code: 'request.invalid-query', errors: [{ field }] },
  });
});

it('publishes every change of stock with what it leaves', async () => {
  const [customer, tile] = [await w.distributor(), await w.product()];
  await w.receive(tile.code, '9');
  await w.order(customer.code, [{ productCode: tile.code, quantity: '4' }]);
  const changes = (await w.h.events()).filter(
    ({ type, data }) => type.includes('.stock.') && (data as { productCode?: string }).productCode === tile.code,
  );
  expect(changes.map(({ type, sequence, data }) => [type, sequence, data])).toMatchObject([
    [stockEvents.received.type, 1, { quantity: '9.000', onHand: '9.000', reserved: '0.000' }],
    [stockEvents.reserved.type, 2, { quantity: '4.000', onHand: '9.000', reserved: '4.000' }],
  ]);
});

it('has entities that say what the migrations made', async () => {
  expect(await schemaDrift(w.h)).toEqual([]);
});
