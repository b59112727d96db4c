import { complaintEvents } from '@fenxiao/contracts/complaints';
import { complaintReturnRequestEvents, returnAnswerEvents, returnEvents } from '@fenxiao/contracts/goods';
import { newId } from '@fenxiao/domain/id';
import { clause } from '@fenxiao/testing/clause';
import { until } from '@fenxiao/testing/wait';
import { afterAll, beforeAll, describe, expect } from '@jest/globals';
import { qualityWorld, tuesday, type Bought, type QualityWorld } from '../../test/quality.js';

describe('what the customer gets', () => {
  let w: QualityWorld;
  let bought: Bought;
  beforeAll(async () => {
    w = await qualityWorld();
    bought = await w.bought(await w.customer());
  });
  afterAll(() => w.close());
  const justified = async (extra: object = {}) => {
    w.h.time.set(tuesday);
    const { id } = (await w.log(bought, { defect: `defect ${newId()}`, ...extra })).body;
    await w.upTo(id, 'decision');
    return id as string;
  };
  const move = (id: string, name: string, form: object, by = w.manager) => by.post(`/complaints/${id}/${name}`, form);
  const decide = (id: string, estimatedCost: string, by = w.manager, remedy = 'refund') =>
    move(id, 'decide', { remedy, estimatedCost }, by);
  const last = async (contract: Parameters<typeof w.h.events>[0], id: string) =>
    (await w.h.events(contract)).findLast(({ subject }) => subject === id)!.data;

  clause('C-06', 'allowed', 'each remedy, its cost estimated and then actual', async () => {
    for (const remedy of ['replace', 'refund', 'price-reduction', 'repair', 'advice', 'none']) {
      const id = await justified();
      const cost = remedy === 'none' ? '0' : '120.50';
      const { status, body } = await decide(id, cost, w.manager, remedy);
      expect([status, body]).toMatchObject([200, { state: 'resolving', remedy, repeat: 1 }]);
      expect(await last(complaintEvents.decided, id)).toMatchObject({
        remedy,
        estimatedCost: remedy === 'none' ? '0.00' : '120.50',
        verdict: 'justified',
        evidence: 'Samples compared.',
        cause: 'technical',
      });
    }
    const id = await justified();
    await decide(id, '120.50');
    w.h.time.set('2026-03-10T05:30:00Z');
    const { body } = await move(id, 'resolve', { actualCost: '99.99' });
    expect(body).toMatchObject({
      state: 'resolved',
      actualCost: '99.99',
      resolutionMinutes: 150,
      followUpOn: '2026-03-17',
    });
    expect(await last(complaintEvents.resolved, id)).toMatchObject({ actualCost: '99.99', resolutionMinutes: 150 });
  });

  clause(
    'C-06',
    'allowed',
    'above the limit the handler puts it forward, and the deputy or the general manager decides',
    async () => {
      const id = await justified();
      const put = await move(id, 'propose-remedy', { remedy: 'refund', estimatedCost: '50000.01' });
      expect(put.body).toMatchObject({ state: 'decision', proposedRemedy: 'refund', proposedCost: '50000.01' });
      expect(await last(complaintEvents['remedy-proposed'], id)).toMatchObject({ proposedCost: '50000.01' });
      expect((await decide(id, '50000.01', w.deputy)).body).toMatchObject({
        code: 'authority.above-limit',
        rule: 'X-04',
      });
      expect((await decide(id, '50000.01', w.gm)).body).toMatchObject({ state: 'resolving', handlerId: w.manager.id });
      // what was decided the handler carries out
      expect((await move(id, 'resolve', { actualCost: '50000.01' })).status).toBe(200);
    },
  );

  clause(
    'C-06',
    'refused',
    'above the limit, by whom decides nothing, a cost of no remedy, in the end more than was decided',
    async () => {
      const id = await justified();
      expect((await decide(id, '6000.00')).body).toMatchObject({ status: 403, code: 'authority.above-limit' });
      for (const member of [w.seller, w.support, w.technical])
        expect((await decide(id, '1.00', member)).body).toMatchObject({ status: 403, rule: 'C-06' });
      expect((await decide(id, '0.01', w.manager, 'none')).body).toMatchObject({
        code: 'complaints.complaint.costs-nothing',
      });
      expect((await decide(id, '-1')).status).toBe(400);
      await decide(id, '4999.00');
      expect((await move(id, 'resolve', { actualCost: '5000.01' })).body).toMatchObject({
        code: 'authority.above-limit',
      });
      expect((await move(id, 'resolve', { actualCost: '5000.01' }, w.deputy)).status).toBe(200);
    },
  );

  clause(
    'C-06',
    'boundary',
    'the limit itself may be decided, a fen more may not; a limit is changed by approval',
    async () => {
      const [first, second, third] = [await justified(), await justified(), await justified()];
      expect((await decide(first, '5000.01')).status).toBe(403);
      expect((await decide(first, '5000.00')).status).toBe(200);
      expect((await decide(second, '50000.00', w.deputy)).status).toBe(200);
      const finance = await w.h.staff('finance');
      const limit = { decision: 'complaint-remedy', role: 'sales-manager', limit: '100', validFrom: '2026-03-10' };
      const proposed = await finance.post('/authority-limits', limit);
      expect((await w.gm.post(`/authority-limits/${proposed.body.id}/approve`)).status).toBe(200);
      expect((await decide(third, '100.01')).status).toBe(403);
      expect((await decide(third, '100.00')).status).toBe(200);
      const back = await finance.post('/authority-limits', { ...limit, limit: '5000' });
      await w.gm.post(`/authority-limits/${back.body.id}/approve`);
    },
  );

  clause(
    'C-06',
    'boundary',
    'a repeat is counted of the same product and defect, justified within 90 days, the 90th included',
    async () => {
      const other = await w.bought(bought.customer);
      const defect = `glaze ${newId()}`;
      const at = async (now: string, of: Bought, said: string) => {
        w.h.time.set(now);
        const { id } = (await w.log(of, { defect: said })).body;
        await w.upTo(id, 'resolving');
        return (await w.read(id)).repeat as number;
      };
      expect(await at('2026-03-10T02:00:00Z', bought, defect)).toBe(1);
      expect(await at('2026-03-10T02:00:00Z', other, defect)).toBe(1);
      expect(await at('2026-06-08T02:00:00Z', bought, defect.toUpperCase())).toBe(2);
      expect(await at('2026-06-08T02:00:00Z', bought, `${defect}!`)).toBe(1);
      expect(await at('2026-06-09T02:00:00Z', bought, defect)).toBe(2);
    },
  );

  const answered = async (id: string, fact: 'accepted' | 'refused', request: string, more: object) => {
    await w.h.publish(returnAnswerEvents[fact], request, { complaintId: id, ...more });
    await w.h.settle();
  };
  const asked = async (remedy = 'replace') => {
    const id = await justified();
    await decide(id, '500.00', w.manager, remedy);
    const { status, body } = await move(id, 'request-return', { cause: 'Wrong glaze.' });
    expect([status, body]).toMatchObject([200, { state: 'resolving', returnState: 'requested' }]);
    return [id, body.returnRequestId as string] as const;
  };

  clause(
    'C-06',
    'allowed',
    'a return is asked of orders, its answer shown; credited, the complaint is resolved',
    async () => {
      const [id, request] = await asked('refund');
      expect(await last(complaintReturnRequestEvents.requested, request)).toMatchObject({
        complaintId: id,
        shipmentId: bought.id,
        remedy: 'credit',
        cause: 'Wrong glaze.',
        lines: [{ shipmentLine: 1, quantity: '1.000' }],
      });
      const returnId = newId();
      await answered(id, 'accepted', request, { returnId, returnNumber: 'TH-1', remedy: 'credit' });
      expect(await w.read(id)).toMatchObject({ state: 'resolving', returnState: 'granted', returnNumber: 'TH-1' });
      expect((await move(id, 'resolve', { actualCost: '1' })).body).toMatchObject({
        code: 'complaints.complaint.return-pending',
      });
      const goods = { number: 'TH-1', shipmentId: bought.id, shipmentNumber: bought.number, shippedOn: '2026-03-02' };
      const of = {
        orderId: newId(),
        orderNumber: bought.orderNumber,
        distributorId: newId(),
        distributorCode: 'D',
        regionId: w.east,
      };
      const fact = { ...goods, ...of, complaintId: id, requestId: request, cause: 'Wrong glaze.', lines: [] };
      await w.h.publish(returnEvents['remedy-changed'], returnId, { ...fact, remedy: 'replacement' }, 1);
      await w.h.settle();
      expect(await w.read(id)).toMatchObject({ remedy: 'replace', returnState: 'granted' });
      const order = { replacementOrderId: newId(), replacementOrderNumber: 'DD-9' };
      await w.h.publish(returnEvents.replaced, returnId, { ...fact, ...order, remedy: 'replacement', results: [] }, 2);
      await w.h.settle();
      expect(await w.read(id)).toMatchObject({ state: 'resolving', returnState: 'settled' });
      expect((await move(id, 'resolve', { actualCost: '1' })).status).toBe(200);
    },
  );

  clause(
    'C-06',
    'refused',
    'a refused return leads back to the decision with its reason; nothing is heard twice',
    async () => {
      const [id, request] = await asked();
      const refusal = { code: 'orders.return.too-late', reason: 'Sold on already.' };
      await answered(id, 'refused', request, refusal);
      expect(await w.read(id)).toMatchObject({
        state: 'decision',
        returnState: 'declined',
        returnRefusal: 'Sold on already.',
      });
      await answered(id, 'refused', request, refusal);
      await answered(newId(), 'accepted', newId(), { returnId: newId(), returnNumber: 'TH-2', remedy: 'credit' });
      expect(
        (await w.h.events(complaintEvents['return-refused'])).filter(({ subject }) => subject === id),
      ).toHaveLength(1);
      expect((await decide(id, '100.00', w.manager, 'price-reduction')).body).toMatchObject({ state: 'resolving' });
      // goods of a price reduction do not come back
      expect((await move(id, 'request-return', { cause: 'x' })).body).toMatchObject({
        code: 'complaints.complaint.nothing-comes-back',
      });
      // and goods of no known receipt are returned in orders
      const unknown = await justified({ receipt: 'of long ago' });
      await decide(unknown, '100.00');
      expect((await move(unknown, 'request-return', { cause: 'x' })).body).toMatchObject({
        code: 'complaints.complaint.no-purchase',
      });
    },
  );

  clause(
    'C-06',
    'boundary',
    'one return at a time, refused also while the customer is waited for; no answer in time is told',
    async () => {
      const [id, request] = await asked();
      expect((await move(id, 'request-return', { cause: 'again' })).body).toMatchObject({
        code: 'complaints.complaint.return-pending',
      });
      await move(id, 'wait-for-customer', { question: 'When can we fetch it?' });
      w.h.time.set('2026-03-12T02:00:00Z');
      await until('the breach', async () => {
        const breaches = await w.h.events(complaintReturnRequestEvents['clock-breached']);
        return breaches.some(({ subject }) => subject === request);
      });
      await answered(id, 'refused', request, { reason: 'Sold on already.' });
      expect(await w.read(id)).toMatchObject({ state: 'decision', returnRefusal: 'Sold on already.' });
    },
  );
});
