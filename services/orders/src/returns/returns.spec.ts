import {
  complaintReturnRequestEvents,
  creditNoteEvents,
  returnAnswerEvents,
  returnEvents,
} from '@fenxiao/contracts/goods';
import { invoiceEvents, orderEvents } from '@fenxiao/contracts/orders';
import { priceViolationEvents } from '@fenxiao/contracts/prices';
import { newId } from '@fenxiao/domain/id';
import { clause } from '@fenxiao/testing/clause';
import { until } from '@fenxiao/testing/wait';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { goods, type Goods } from '../../test/goods.js';
import { world, type World } from '../../test/world.js';

let w: World;
let g: Goods;
beforeAll(async () => {
  w = await world();
  g = await goods(w);
}, 60_000);
afterAll(() => w?.close());

/** A customer who has received ten units at 33.33 before tax, and their shipping order. */
const sale = async (quantity = '10', price = '33.33') => {
  const [customer, tile] = [await w.distributor(), await w.product(price)];
  await w.receive(tile.code, '100');
  const sent = await g.shipped(customer.code, [{ productCode: tile.code, quantity }]);
  return { customer, tile, sent };
};
const ask = (shipmentId: string, quantity: string, extra: object = {}, by = g.afterSales) =>
  by.post('/returns', {
    shipmentId,
    lines: [{ shipmentLine: 1, quantity }],
    remedy: 'credit',
    cause: 'broken',
    ...extra,
  });
const invoiceOf = async (id: string) => (await w.finance.get(`/invoices/${id}`)).body;
const stockOf = async (product: string) =>
  Object.fromEntries(
    (await w.clerk.get(`/stock?productId=${product}`)).body.items.map((item: { batch: string }) => [item.batch, item]),
  ) as Record<string, { onHand: string; grade: string; blocked: boolean; free: string }>;
const factsOf = async (id: string) =>
  (await w.h.events()).filter(({ subject }) => subject === id).map(({ type }) => type.split('.')[3]);

describe('O-07 return and exchange', () => {
  clause(
    'O-07',
    'allowed',
    'credited: asked for, authorised, received, inspected line by line, and credited',
    async () => {
      const { tile, sent } = await sale();
      const { body } = await g.inspected(sent.id, [{ shipmentLine: 1, quantity: '4' }], 'credit', [
        { line: 1, quantity: '1', result: 'restock' },
        { line: 1, quantity: '2', result: 'second-grade', grade: 'B', batch: 'B1-B', hold: true },
        { line: 1, quantity: '1', result: 'scrap', note: 'in pieces' },
      ]);
      expect(body).toMatchObject({ state: 'inspected', number: expect.stringMatching(/^TH-2026-\d{6}$/) });
      expect(await stockOf(tile.id)).toMatchObject({ B1: { onHand: '90.000' } });
      const credited = await w.finance.post(`/returns/${body.id}/credit`);
      expect(credited.body).toMatchObject({ state: 'credited', creditNoteId: expect.any(String) });
      expect(await stockOf(tile.id)).toMatchObject({
        B1: { onHand: '91.000', blocked: false },
        'B1-B': { onHand: '2.000', grade: 'B', blocked: true, free: '0.000' },
      });
      expect(await factsOf(body.id)).toEqual(['requested', 'authorised', 'received', 'inspected', 'credited']);
      const [fact] = (await w.h.events(returnEvents.credited)).filter(({ subject }) => subject === body.id);
      expect(fact!.data).toMatchObject({
        shippedOn: '2026-03-10',
        net: '133.32',
        lines: [{ quantity: '4.000', batch: 'B1' }],
      });
    },
  );

  it('gives back part of a package of what is sold in whole ones (O-43)', async () => {
    const [customer, tile] = [await w.distributor(), await w.product('10')];
    const packed = { salesUnit: 'carton', unitsPerPackage: '5', wholePackagesOnly: true, validFrom: '2026-03-10' };
    await w.salesManager.post('/packagings', { productCode: tile.code, ...packed });
    await w.receive(tile.code, '100');
    const sent = await g.shipped(customer.code, [{ productCode: tile.code, packages: '2' }]);
    const { body } = await g.inspected(sent.id, [{ shipmentLine: 1, quantity: '1' }], 'replacement');
    const replaced = await w.clerk.post(`/returns/${body.id}/replace`);
    expect(await w.read(replaced.body.replacementOrderId)).toMatchObject({
      state: 'allocated',
      lines: [{ quantity: '1.000' }],
    });
    const parts = await w.place(customer.code, [{ productCode: tile.code, quantity: '1' }]);
    expect(parts.body).toMatchObject({ status: 422, rule: 'O-43' });
  });

  clause('O-07', 'allowed', 'replaced: an order at no charge goes its way, and no price is thought cut', async () => {
    const { customer, tile, sent } = await sale();
    const { body } = await g.inspected(sent.id, [{ shipmentLine: 1, quantity: '3' }], 'replacement');
    expect((await w.finance.post(`/returns/${body.id}/credit`)).body).toMatchObject({
      code: 'orders.return.other-remedy',
    });
    const replaced = await w.clerk.post(`/returns/${body.id}/replace`);
    expect(replaced.body).toMatchObject({ state: 'replaced' });
    const order = await w.read(replaced.body.replacementOrderId);
    expect(order).toMatchObject({
      state: 'allocated',
      gross: '0.00',
      reference: body.number,
      salespersonId: w.seller.id,
      lines: [{ productCode: tile.code, quantity: '3.000', unitPrice: '0.0000', listPrice: '0.0000' }],
    });
    const { body: shipment } = await w.clerk.post('/shipments', { orderId: order.id });
    expect((await w.keeper.post(`/shipments/${shipment.id}/dispatch`)).body.state).toBe('shipped');
    expect(
      (await w.h.events(priceViolationEvents.detected)).filter(
        ({ data }) => (data as { orderId?: string }).orderId === order.id,
      ),
    ).toEqual([]);
    expect((await w.h.events(orderEvents.held)).filter(({ subject }) => subject === order.id)).toEqual([]);
    expect((await w.finance.get(`/invoices?orderId=${order.id}`)).body.items).toEqual([]);
    // what was paid for the goods replaced is credited when the replacement comes back as well
    const again = await g.inspected(shipment.id, [{ shipmentLine: 1, quantity: '3' }], 'credit');
    const { body: credited } = await w.finance.post(`/returns/${again.body.id}/credit`);
    const { body: note } = await w.finance.get(`/credit-notes/${credited.creditNoteId}`);
    expect(note).toMatchObject({
      net: '99.99',
      shipmentId: sent.id,
      invoiceId: sent.invoice.id,
      distributorId: customer.id,
    });
  });

  clause(
    'O-07',
    'refused',
    'nobody authorises their own; each step by its own office; refused with a reason',
    async () => {
      const { sent } = await sale();
      const both = await w.h.staff(['sales-manager', 'sales-support-clerk']);
      const { body: own } = await ask(sent.id, '1', {}, both);
      expect((await both.post(`/returns/${own.id}/authorise`)).body).toMatchObject({ status: 403 });
      expect((await both.post(`/returns/${own.id}/refuse`, { reason: 'x' })).body).toMatchObject({ status: 403 });
      const { body } = await ask(sent.id, '1', {}, w.seller);
      const path = `/returns/${body.id}`;
      for (const other of [w.seller, w.manager, g.afterSales, w.gm, w.finance])
        expect((await other.post(`${path}/authorise`)).status).toBe(403);
      expect((await w.salesManager.post(`${path}/refuse`)).body).toMatchObject({ status: 400, field: 'reason' });
      expect((await w.keeper.post(`${path}/receive`, { warehouse: 'MAIN' })).body).toMatchObject({
        status: 409,
        rule: 'O-07',
      });
      await w.salesManager.post(`${path}/authorise`);
      expect((await w.clerk.post(`${path}/receive`, { warehouse: 'MAIN' })).status).toBe(403);
      await w.keeper.post(`${path}/receive`, { warehouse: 'MAIN' });
      expect((await w.keeper.post(`${path}/inspect`, { results: [] })).status).toBe(403);
      const judge = (results: object[]) => g.quality.post(`${path}/inspect`, { results });
      expect((await judge([{ line: 1, quantity: '0.5', result: 'restock' }])).body.code).toBe(
        'orders.return.not-all-judged',
      );
      expect((await judge([{ line: 1, quantity: '1', result: 'second-grade', grade: 'A' }])).body.code).toBe(
        'orders.return.grade-missing',
      );
      expect((await judge([{ line: 1, quantity: '1', result: 'restock', grade: 'B' }])).body.code).toBe(
        'orders.return.grade-only-for-second',
      );
      await judge([{ line: 1, quantity: '1', result: 'scrap' }]);
      expect((await w.clerk.post(`${path}/credit`)).status).toBe(403);
      const refused = await w.salesManager.post(`${path}/refuse`, { reason: 'broken by the customer' });
      expect(refused.body).toMatchObject({ state: 'refused' });
      // what was refused may be asked for again, and what is in another state may not come back at all
      expect((await ask(sent.id, '9')).status).toBe(201);
      const { customer, tile } = await sale('1');
      const { body: order } = await w.order(customer.code, [{ productCode: tile.code, quantity: '1' }]);
      const { body: issued } = await w.clerk.post('/shipments', { orderId: order.id });
      expect((await ask(issued.id, '1')).body).toMatchObject({ status: 409, code: 'orders.return.not-shipped' });
      expect((await ask(newId(), '1')).status).toBe(404);
      expect((await ask(sent.id, '1', { requestId: newId() })).body).toMatchObject({
        code: 'orders.return.not-a-request',
      });
    },
  );

  clause(
    'O-07',
    'boundary',
    'never more than was shipped less what has come back; what did not come is free again',
    async () => {
      const { sent } = await sale();
      expect((await ask(sent.id, '10.001')).body).toMatchObject({
        code: 'orders.return.above-shipped',
        field: 'lines.0.quantity',
      });
      expect((await ask(sent.id, '0')).body.code).toBe('orders.return.above-shipped');
      expect(
        (
          await ask(sent.id, '1', {
            lines: [
              { shipmentLine: 1, quantity: '6' },
              { shipmentLine: 1, quantity: '4.001' },
            ],
          })
        ).body,
      ).toMatchObject({
        code: 'orders.return.above-shipped',
        field: 'lines.1.quantity',
      });
      const { body } = await ask(sent.id, '10');
      expect((await ask(sent.id, '0.001')).body.code).toBe('orders.return.above-shipped');
      await w.salesManager.post(`/returns/${body.id}/authorise`);
      const receive = (quantity: string) =>
        w.keeper.post(`/returns/${body.id}/receive`, { warehouse: 'MAIN', lines: [{ line: 1, quantity }] });
      expect((await receive('10.001')).body.code).toBe('orders.return.above-authorised');
      expect((await receive('0')).body.code).toBe('orders.return.nothing-came');
      expect((await receive('7')).body).toMatchObject({ state: 'received', lines: [{ quantity: '7.000' }] });
      expect((await ask(sent.id, '3.001')).body.code).toBe('orders.return.above-shipped');
      expect((await ask(sent.id, '3')).status).toBe(201);
    },
  );

  it('lets quality control judge again until it is decided; second grade has a batch of its own, named by the return', async () => {
    const { tile, sent } = await sale();
    const { body } = await g.inspected(sent.id, [{ shipmentLine: 1, quantity: '2' }], 'credit');
    const judge = (result: object) =>
      g.quality.post(`/returns/${body.id}/inspect`, {
        results: [{ line: 1, quantity: '2', result: 'second-grade', ...result }],
      });
    expect((await judge({ grade: 'B', batch: 'B1' })).body).toMatchObject({
      code: 'orders.stock.other-grade',
      field: 'results.0.batch',
    });
    expect((await judge({ grade: 'B' })).status).toBe(200);
    await w.finance.post(`/returns/${body.id}/credit`);
    expect((await judge({ grade: 'C' })).status).toBe(409);
    expect(await stockOf(tile.id)).toMatchObject({
      B1: { onHand: '90.000' },
      [`${body.number}-1`]: { onHand: '2.000', grade: 'B', blocked: false },
    });
  }, 30_000);

  it('prints the form, and is not seen by other regions', async () => {
    const { sent } = await sale();
    const { body } = await ask(sent.id, '2', { cause: 'wrong colour' });
    const page = await g.afterSales.get(`/returns/${body.id}/page`, { 'accept-language': 'zh-CN' });
    for (const part of ['退换货单', body.number, sent.number, 'wrong colour', '冲账'])
      expect(page.body).toContain(part);
    const other = await w.h.staff('regional-manager', { regionId: w.west });
    expect((await other.get(`/returns/${body.id}`)).status).toBe(403);
    expect((await w.manager.get(`/returns/${body.id}`)).status).toBe(200);
  }, 30_000);
});

describe('O-07 asked for by complaints', () => {
  const publish = async (shipmentId: string, quantity: string) => {
    const [request, complaintId] = [newId(), newId()];
    await w.h.publish(complaintReturnRequestEvents.requested, request, {
      complaintId,
      complaintNumber: 'TS-2026-000001',
      shipmentId,
      lines: [{ shipmentLine: 1, quantity }],
      remedy: 'replacement',
      cause: 'cracks on arrival',
    });
    await w.h.settle();
    return { request, complaintId };
  };
  const answers = async (request: string) => {
    const of = async (contract: typeof returnAnswerEvents.accepted | typeof returnAnswerEvents.refused) =>
      (await w.h.events(contract)).filter(({ subject }) => subject === request);
    return [...(await of(returnAnswerEvents.accepted)), ...(await of(returnAnswerEvents.refused))];
  };
  const answered = (request: string, n: number) =>
    until('the answer', async () => {
      const given = await answers(request);
      return given.length === n && given;
    });
  const returnOf = async (complaintId: string) =>
    (await w.salesManager.get(`/returns?complaintId=${complaintId}`)).body.items[0];

  clause('O-07', 'allowed', 'opens a return and answers that it is accepted once it is authorised', async () => {
    const { sent } = await sale();
    const { request, complaintId } = await publish(sent.id, '2');
    const opened = await returnOf(complaintId);
    expect(opened).toMatchObject({ state: 'requested', remedy: 'replacement', shipmentId: sent.id });
    expect(await answers(request)).toEqual([]);
    await w.salesManager.post(`/returns/${opened.id}/authorise`);
    // said again, it opens no second one
    const again = { complaintId, complaintNumber: 'TS-2026-000001', shipmentId: sent.id, cause: 'cracks on arrival' };
    const wanted = { lines: [{ shipmentLine: 1, quantity: '2' }], remedy: 'replacement' as const };
    await w.h.publish(complaintReturnRequestEvents.requested, request, { ...again, ...wanted }, 2);
    await w.h.settle();
    expect((await w.salesManager.get(`/returns?complaintId=${complaintId}`)).body.items).toHaveLength(1);
    const [accepted] = await answered(request, 1);
    expect(accepted).toMatchObject({
      sequence: 1,
      data: { complaintId, returnId: opened.id, returnNumber: opened.number, remedy: 'replacement' },
    });
  });

  clause(
    'O-07',
    'refused',
    'at once where a rule forbids it, by the manager, or after the inspection: with the reason',
    async () => {
      const { sent } = await sale();
      const { request } = await publish(sent.id, '10.5');
      const [atOnce] = await answered(request, 1);
      expect(atOnce!.data).toMatchObject({
        code: 'orders.return.above-shipped',
        reason: expect.stringContaining('10.000'),
      });
      const nowhere = await publish(newId(), '1');
      expect((await answered(nowhere.request, 1))[0]!.data).toMatchObject({ code: 'request.not-found' });

      const second = await publish(sent.id, '1');
      const { id } = await returnOf(second.complaintId);
      await w.salesManager.post(`/returns/${id}/refuse`, { reason: 'out of warranty' });
      expect((await answered(second.request, 1))[0]).toMatchObject({
        sequence: 1,
        data: { returnId: id, reason: 'out of warranty' },
      });

      const third = await publish(sent.id, '1');
      const late = await returnOf(third.complaintId);
      await w.salesManager.post(`/returns/${late.id}/authorise`, { remedy: 'credit' });
      await w.keeper.post(`/returns/${late.id}/receive`, { warehouse: 'MAIN' });
      await g.quality.post(`/returns/${late.id}/inspect`, { results: [{ line: 1, quantity: '1', result: 'scrap' }] });
      await w.salesManager.post(`/returns/${late.id}/refuse`, { reason: 'sawn by the customer' });
      const given = await answered(third.request, 2);
      expect(given.map(({ sequence, data }) => [sequence, (data as { reason?: string }).reason])).toEqual([
        [1, undefined],
        [2, 'sawn by the customer'],
      ]);
    },
  );
});

describe('O-50 credit notes', () => {
  clause('O-50', 'allowed', 'parts that come back add up to the invoice to the fen, and settle it', async () => {
    const { sent } = await sale('10', '33.337');
    const notes: { net: string; tax: string; gross: string; number: string }[] = [];
    for (const quantity of ['3', '3', '4']) {
      const { body } = await g.inspected(sent.id, [{ shipmentLine: 1, quantity }], 'credit');
      const { body: credited } = await w.finance.post(`/returns/${body.id}/credit`);
      notes.push((await w.finance.get(`/credit-notes/${credited.creditNoteId}`)).body);
    }
    const sum = (part: 'net' | 'tax' | 'gross') =>
      notes.reduce((total, note) => total + Math.round(Number(note[part]) * 100), 0) / 100;
    const whole = await invoiceOf(sent.invoice.id);
    expect([sum('net'), sum('tax'), sum('gross')]).toEqual([whole.net, whole.tax, whole.gross].map(Number));
    expect(whole).toMatchObject({ state: 'settled', openAmount: '0.00' });
    const [issued] = await w.h.events(creditNoteEvents.issued);
    expect(issued!.data).toMatchObject({
      segment: 'regional-distributor',
      channel: 'direct',
      lines: [{ family: 'floor' }],
    });
    expect((await w.h.events(invoiceEvents.settled)).filter(({ subject }) => subject === sent.invoice.id)).toHaveLength(
      1,
    );
  });

  clause('O-50', 'refused', "nobody issues one by hand; another customer's invoice is not paid with it", async () => {
    expect((await w.finance.post('/credit-notes', {})).status).toBe(405);
    const { customer, sent } = await sale();
    await w.finance.post('/payments', { distributorCode: customer.code, amount: sent.gross });
    const { body } = await g.inspected(sent.id, [{ shipmentLine: 1, quantity: '10' }], 'credit');
    const { body: credited } = await w.finance.post(`/returns/${body.id}/credit`);
    const foreign = await sale('1');
    const match = (invoiceId: string, amount: string) =>
      w.finance.post(`/credit-notes/${credited.creditNoteId}/match`, { invoiceId, amount });
    expect((await match(foreign.sent.invoice.id, '1')).body.code).toBe('orders.credit-note.other-customer');
    expect((await match(sent.invoice.id, '0.01')).body.code).toBe('orders.credit-note.above-open-amount');
  });

  clause(
    'O-50',
    'boundary',
    'of a paid invoice the credit is left for others, lowers the exposure, and pays down to the last fen',
    async () => {
      const [customer, tile] = [await w.distributor({ limit: '226' }), await w.product('100')];
      await w.receive(tile.code, '100');
      const sent = await g.shipped(customer.code, [{ productCode: tile.code, quantity: '1' }]);
      await w.finance.post('/payments', { distributorCode: customer.code, amount: '112.00' });
      const next = await g.shipped(customer.code, [{ productCode: tile.code, quantity: '1' }]);
      const waiting = await w.order(customer.code, [{ productCode: tile.code, quantity: '2' }]);
      expect(waiting.body).toMatchObject({ state: 'on-hold', holds: ['credit'] });
      const { body } = await g.inspected(sent.id, [{ shipmentLine: 1, quantity: '1' }], 'credit');
      const { body: credited } = await w.finance.post(`/returns/${body.id}/credit`);
      const read = async () => (await w.finance.get(`/credit-notes/${credited.creditNoteId}`)).body;
      expect(await read()).toMatchObject({ state: 'unmatched', gross: '113.00', unapplied: '112.00' });
      expect(await invoiceOf(sent.invoice.id)).toMatchObject({ state: 'settled' });
      const match = (amount: string) =>
        w.finance.post(`/credit-notes/${credited.creditNoteId}/match`, { invoiceId: next.invoice.id, amount });
      expect((await match('112.01')).body.code).toBe('orders.credit-note.above-open-amount');
      expect(
        (
          await w.clerk.post(`/credit-notes/${credited.creditNoteId}/match`, {
            invoiceId: next.invoice.id,
            amount: '1',
          })
        ).body,
      ).toMatchObject({ status: 403, rule: 'O-25' });
      expect((await match('112')).body).toMatchObject({ state: 'matched', unapplied: '0.00' });
      expect(await invoiceOf(next.invoice.id)).toMatchObject({ openAmount: '1.00' });
      const page = await w.finance.get(`/credit-notes/${credited.creditNoteId}/page`, { 'accept-language': 'zh-CN' });
      for (const part of ['红字发票', '人民币壹佰壹拾叁元整', sent.invoice.number]) expect(page.body).toContain(part);
      expect((await w.h.events(creditNoteEvents.applied)).at(-1)!.data).toMatchObject({
        toInvoiceId: next.invoice.id,
        amount: '112.00',
      });
    },
  );

  it('lets an order held for credit go on when a credit note makes room', async () => {
    const [customer, tile] = [await w.distributor({ limit: '113' }), await w.product('100')];
    await w.receive(tile.code, '10');
    const sent = await g.shipped(customer.code, [{ productCode: tile.code, quantity: '1' }]);
    const waiting = await w.order(customer.code, [{ productCode: tile.code, quantity: '1' }]);
    expect(waiting.body.state).toBe('on-hold');
    const { body } = await g.inspected(sent.id, [{ shipmentLine: 1, quantity: '1' }], 'credit');
    await w.finance.post(`/returns/${body.id}/credit`);
    await w.reaches(waiting.body.id, 'allocated');
  }, 30_000);
});
