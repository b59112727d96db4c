import { delegationEvents } from '@fenxiao/contracts/appraisals';
import { complaintEvents } from '@fenxiao/contracts/complaints';
import { shipmentEvents } from '@fenxiao/contracts/orders';
import { newId } from '@fenxiao/domain/id';
import { clause } from '@fenxiao/testing/clause';
import { afterAll, beforeAll, describe, expect } from '@jest/globals';
import { qualityWorld, type Bought, type Customer, type QualityWorld } from '../../test/quality.js';

describe('a quality complaint is logged and given to its handler', () => {
  let w: QualityWorld;
  let customer: Customer;
  let bought: Bought;
  beforeAll(async () => {
    w = await qualityWorld();
    customer = await w.customer();
    bought = await w.bought(customer);
  });
  afterAll(() => w.close());

  describe('C-01', () => {
    clause(
      'C-01',
      'allowed',
      'whoever in sales logs it, it is assigned to the sales manager at once, who is told',
      async () => {
        const { status, body } = await w.log(bought);
        expect([status, body]).toMatchObject([201, { state: 'logged', severity: 'minor' }]);
        expect(body).toMatchObject({ handlerId: w.manager.id, handlerRole: 'sales-manager', region: w.east });
        const of = (await w.h.events()).filter(({ subject }) => subject === body.id);
        expect(of.map(({ type }) => type.split('.').at(-2))).toEqual(['logged', 'assigned']);
        expect(of[1]!.data).toMatchObject({ handlerId: w.manager.id, handlerRole: 'sales-manager' });
        const told = (await w.h.events()).filter(({ data }) => (data as { about?: string }).about === body.id);
        expect(told[0]!.data).toMatchObject({ kind: 'task', to: { persons: [w.manager.id] } });
      },
    );

    clause(
      'C-01',
      'allowed',
      'the deputy has those of a key account, and of the manager who is away or complained of',
      async () => {
        const key = await w.bought(await w.customer({ class: 'A' }));
        expect((await w.log(key)).body).toMatchObject({ handlerId: w.deputy.id });
        expect((await w.log(bought, { against: w.manager.id })).body).toMatchObject({
          handlerId: w.deputy.id,
          handlerRole: 'deputy-general-manager-sales',
        });
        const leave = newId();
        const until = '2026-03-12T02:00:00.000Z';
        const form = { absentId: w.manager.id, delegateId: w.support.id, until };
        await w.h.publish(delegationEvents.started, leave, { state: 'active', form });
        await w.h.settle();
        expect((await w.log(bought)).body).toMatchObject({ handlerId: w.deputy.id });
        await w.h.publish(delegationEvents.ended, leave, { state: 'ended', form }, 2);
        await w.h.settle();
        expect((await w.log(bought)).body).toMatchObject({ handlerId: w.manager.id });
      },
    );

    clause(
      'C-01',
      'refused',
      'no other role handles: not by assigning, nor in its stead, nor acting for the manager',
      async () => {
        const { id } = (await w.log(bought)).body;
        const path = `/complaints/${id}`;
        for (const personId of [w.seller.id, w.support.id, w.gm.id])
          expect(await w.deputy.post(`${path}/assign`, { personId })).toMatchObject({
            status: 422,
            body: { code: 'complaints.complaint.never-a-handler', rule: 'C-01', field: 'personId' },
          });
        expect((await w.manager.post(`${path}/assign`, { personId: w.manager.id })).status).toBe(403);
        for (const member of [w.seller, w.support, w.gm, w.technical])
          expect((await member.post(`${path}/acknowledge`)).body).toMatchObject({ status: 403, rule: 'C-01' });
        await expect(
          w.h.pool.query(`UPDATE complaint SET handler_role = 'general-manager' WHERE id = $1`, [id]),
        ).rejects.toThrow(/complaint_handler_role_check/);
      },
    );

    clause('C-01', 'refused', 'the person complained of, and who of the two does not have it in hand', async () => {
      const { id } = (await w.log(bought, { against: w.manager.id })).body;
      expect((await w.manager.post(`/complaints/${id}/acknowledge`)).body).toMatchObject({
        code: 'complaints.complaint.complained-of',
      });
      expect((await w.deputy.post(`/complaints/${id}/assign`, { personId: w.manager.id })).body).toMatchObject({
        code: 'complaints.complaint.complained-of',
      });
      const other = (await w.log(bought)).body;
      expect((await w.deputy.post(`/complaints/${other.id}/acknowledge`)).body).toMatchObject({
        code: 'complaints.complaint.not-the-handler',
        status: 403,
      });
      // taken over, it is the deputy's
      expect((await w.deputy.post(`/complaints/${other.id}/assign`, { personId: w.deputy.id })).status).toBe(200);
      expect((await w.deputy.post(`/complaints/${other.id}/acknowledge`)).status).toBe(200);
    });

    clause('C-01', 'boundary', 'the smallest is handled in person too; a region ends at its border', async () => {
      expect((await w.log(bought, { quantity: '0.001' })).body).toMatchObject({ handlerId: w.manager.id });
      const west = await w.bought(await w.customer({ region: w.west }));
      expect((await w.log(west)).body).toMatchObject({ status: 403, code: 'procedure.outside-scope' });
      expect((await w.log(west, {}, w.support)).status).toBe(201);
    });

    clause('C-01', 'allowed', 'damage on delivery opens a complaint of each damaged line, once', async () => {
      const { id, number, orderNumber } = await w.bought(customer, 3);
      const damaged = [2, 3].map((line) => ({
        line,
        orderLine: line,
        productId: newId(),
        productCode: 'P',
        family: 'floor',
        grade: 'A',
        colourNumber: `C${line}`,
        batch: 'B1',
        quantity: '4',
        note: 'corners broken',
      }));
      const fact = {
        number,
        orderId: newId(),
        orderNumber,
        distributorId: customer.id,
        regionId: w.east,
        currency: 'CNY',
      };
      const received = { ...fact, deliveredOn: '2026-03-09', damage: 'pallet fell', damaged };
      await w.h.publish(shipmentEvents.received, id, received, 2);
      await w.h.publish(shipmentEvents.received, id, received, 3);
      await w.h.publish(shipmentEvents.received, newId(), { ...received, number: 'none', damage: undefined });
      await w.h.settle();
      const { rows } = await w.h.pool.query(
        'SELECT channel, shipment_line, quantity, handler, distributor_code, owner, mismatches FROM complaint WHERE shipment = $1 ORDER BY 2',
        [id],
      );
      const common = { channel: 'delivery', quantity: '4.000', handler: w.manager.id, distributor_code: customer.code };
      expect(rows).toMatchObject([
        { ...common, shipment_line: 2, owner: w.seller.id, mismatches: [] },
        { ...common, shipment_line: 3 },
      ]);
    });
  });

  describe('C-02', () => {
    clause(
      'C-02',
      'allowed',
      'by the number of the order, the shipping order; what differs is kept, and nothing changed',
      async () => {
        for (const receipt of [bought.number, bought.orderNumber])
          expect((await w.log(bought, { receipt })).body).toMatchObject({
            shipmentId: bought.id,
            shipmentLine: 1,
            productCode: bought.code,
            mismatches: [],
          });
        const differing = { productName: 'Other', specification: '300×300', grade: 'B', colourNumber: 'C9' };
        const { body } = await w.log(bought, { ...differing, purchasedOn: '2026-03-01', batch: 'B9' });
        expect(body).toMatchObject({
          ...differing,
          purchasedOn: '2026-03-01',
          batch: 'B9',
          orderNumber: bought.orderNumber,
        });
        expect(body.mismatches).toEqual([...Object.keys(differing), 'batch', 'purchasedOn']);
        const [logged] = (await w.h.events(complaintEvents.logged)).filter(({ subject }) => subject === body.id);
        expect(logged!.data).toMatchObject({ mismatches: body.mismatches });
      },
    );

    clause(
      'C-02',
      'allowed',
      'the line that fits best, or that is named; a receipt that is not known links nothing',
      async () => {
        const three = await w.bought(customer, 3);
        expect((await w.log(three, { colourNumber: 'C2' })).body).toMatchObject({ shipmentLine: 2, mismatches: [] });
        const named = await w.log(three, { colourNumber: 'C2', shipmentLine: 3 });
        expect(named.body).toMatchObject({ shipmentLine: 3, mismatches: ['colourNumber'] });
        expect((await w.log(three, { receipt: 'of long ago', quantity: '100000' })).body).toMatchObject({
          shipmentId: null,
          mismatches: [],
        });
        const passer = { distributorCode: undefined, customer: 'Somebody', telephone: '13800001234' };
        const { body } = await w.log(three, passer);
        expect(body).toMatchObject({ customer: 'Somebody', distributorId: null });
        // who need not know sees no telephone
        expect((await w.read(body.id)).telephone).toBe('138****1234');
      },
    );

    clause(
      'C-02',
      'refused',
      'each mandatory field missing, a receipt of another customer, a line that is not there',
      async () => {
        const fields = ['receipt', 'productName', 'specification', 'quantity', 'grade', 'colourNumber', 'purchasedOn'];
        for (const field of [...fields, 'description', 'defect'])
          expect((await w.log(bought, { [field]: undefined })).body).toMatchObject({ status: 400, field });
        expect((await w.log(bought, { distributorCode: undefined })).body).toMatchObject({
          code: 'complaints.complaint.customer-missing',
        });
        expect((await w.log(bought, { distributorCode: 'nobody' })).body).toMatchObject({
          code: 'complaints.customer.unknown',
        });
        const other = await w.customer();
        expect((await w.log(bought, { distributorCode: other.code })).body).toMatchObject({
          code: 'complaints.complaint.receipt-of-another',
          field: 'receipt',
        });
        expect((await w.log(bought, { shipmentLine: 2 })).body).toMatchObject({
          code: 'complaints.complaint.no-such-line',
        });
        expect((await w.log(bought, { quantity: '0' })).body).toMatchObject({
          code: 'complaints.complaint.no-quantity',
        });
        const tomorrow = { purchasedOn: '2026-03-11' };
        expect((await w.log(bought, tomorrow)).body).toMatchObject({ code: 'complaints.complaint.date-to-come' });
        const later = { receivedAt: '2026-03-10T02:00:00.001Z' };
        expect((await w.log(bought, later)).body).toMatchObject({ code: 'complaints.complaint.date-to-come' });
      },
    );

    clause(
      'C-02',
      'boundary',
      'all that was bought may be complained of, not a thousandth more, all complaints together',
      async () => {
        const all = await w.bought(customer);
        expect((await w.log(all, { quantity: '100.001' })).body).toMatchObject({
          status: 422,
          code: 'complaints.complaint.more-than-bought',
          rule: 'C-02',
          field: 'quantity',
        });
        const first = await w.log(all, { quantity: '99.999' });
        expect((await w.log(all, { quantity: '0.002' })).status).toBe(422);
        expect((await w.log(all, { quantity: '0.001' })).status).toBe(201);
        expect((await w.log(all, { quantity: '0.001' })).status).toBe(422);
        // what is not justified does not count
        await w.upTo(first.body.id, 'cause-confirmed');
        const form = {
          evidence: 'Samples.',
          furtherRoutes: 'The consumers association.',
          reason: 'Within the standard.',
        };
        expect((await w.manager.post(`/complaints/${first.body.id}/reject`, form)).status).toBe(200);
        expect((await w.log(all, { quantity: '99.999' })).status).toBe(201);
        // so it can't be opened again beside it
        const again = await w.manager.post(`/complaints/${first.body.id}/reopen`, { reason: 'A second look.' });
        expect(again.body).toMatchObject({ code: 'complaints.complaint.more-than-bought' });
      },
    );

    clause('C-02', 'boundary', 'of several at the same moment as many as fit', async () => {
      const all = await w.bought(customer);
      const replies = await Promise.all(Array.from({ length: 5 }, () => w.log(all, { quantity: '30' })));
      expect(replies.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([201, 201, 201, 422, 422]);
    });

    clause(
      'C-02',
      'allowed',
      'the goods of a receipt are read to fill in the form, as far as the power to log reaches',
      async () => {
        const three = await w.bought(customer, 3);
        const path = `/purchases?receipt=${three.number}`;
        const { body } = await w.seller.get(path);
        expect(body.items).toHaveLength(3);
        expect(body.items[1]).toEqual({
          shipmentId: three.id,
          shipmentLine: 2,
          shipmentNumber: three.number,
          orderNumber: three.orderNumber,
          distributorId: customer.id,
          productCode: three.code,
          productName: `Tile ${three.code}`,
          specification: '600×600',
          grade: 'A',
          colourNumber: 'C2',
          batch: 'B1',
          purchasedOn: '2026-03-02',
          quantity: '100.000',
        });
        const far = await w.h.staff('salesperson', { regionId: w.west });
        expect((await far.get(path)).body).toEqual({ items: [] });
        const own = await w.h.staff('distributor', { unit: customer.code });
        expect((await own.get(path)).body.items).toHaveLength(3);
        const stranger = await w.h.staff('distributor', { unit: (await w.customer()).code });
        expect((await stranger.get(path)).body).toEqual({ items: [] });
        expect((await w.technical.get(path)).body).toMatchObject({ status: 403 });
        // a distributor complains of its own goods, and of nobody's else
        expect((await w.log(three, {}, own)).status).toBe(201);
        expect((await w.log(three, {}, stranger)).body).toMatchObject({ code: 'complaints.complaint.not-yours' });
      },
    );
  });
});
