import { shipmentEvents } from '@fenxiao/contracts/orders';
import { surveyEvents } from '@fenxiao/contracts/surveys';
import { newId } from '@fenxiao/domain/id';
import { clause } from '@fenxiao/testing/clause';
import { afterAll, beforeAll, beforeEach, describe, expect } from '@jest/globals';
import { tuesday } from '../../test/quality.js';
import { surveyWorld, type SurveyWorld } from '../../test/surveys.js';

describe('surveys are issued', () => {
  let w: SurveyWorld;
  beforeAll(async () => {
    w = await surveyWorld();
  }, 60_000);
  afterAll(() => w?.close());
  beforeEach(() => w.h.time.set(tuesday));

  const told = { informedOn: '2026-03-10', by: 'telephone' };
  const complained = async (customer: Awaited<ReturnType<SurveyWorld['customer']>>) => {
    const { id, number } = (await w.log(await w.bought(customer))).body;
    await w.upTo(id, 'resolved');
    await w.support.post(`/complaints/${id}/inform-customer`, told);
    return { id, number };
  };

  clause('C-18', 'allowed', 'after a delivery, to its customer, for its salesperson to hand over', async () => {
    const customer = await w.customer();
    const bought = await w.bought(customer);
    await w.arrived(bought);
    const issued = await w.issuedTo(customer);
    expect(issued).toMatchObject([
      {
        kind: 'delivery',
        state: 'issued',
        aboutId: bought.id,
        aboutNumber: bought.number,
        distributorCode: customer.code,
        region: w.east,
        salespersonId: w.seller.id,
        issuedOn: '2026-03-10',
        expiresOn: '2026-04-09',
        score: null,
      },
    ]);
    const [fact] = (await w.h.events(surveyEvents.issued)).filter(({ subject }) => subject === issued[0]!.id);
    expect(fact!.data).toMatchObject({ distributorId: customer.id, segment: 'regional-distributor', regionId: w.east });
    const handed = await w.seller.post(`/surveys/${issued[0]!.id}/deliver`, { way: 'message' });
    expect([handed.status, handed.body]).toMatchObject([
      200,
      { state: 'delivered', deliveredOn: '2026-03-10', way: 'message' },
    ]);
  });

  clause(
    'C-18',
    'allowed',
    'after a complaint, when its customer was told the outcome; of service as well',
    async () => {
      const customer = await w.customer();
      const { id, number } = await complained(customer);
      expect(await w.issuedTo(customer)).toMatchObject([{ kind: 'complaint', aboutId: id, aboutNumber: number }]);

      const other = await w.customer();
      const path = '/service-complaints';
      const form = { distributorCode: other.code, description: 'Rude.' };
      const { body } = await w.seller.post(path, form);
      const accused = await w.h.staff('finished-goods-keeper', { unit: 'warehouse' });
      const steps: readonly (readonly [string, object])[] = [
        ['open', { accusedId: accused.id, severity: 'minor' }],
        ['verify', { founded: true, findings: 'Both were heard.' }],
        ['send-to-department', {}],
      ];
      for (const [move, said] of steps) await w.manager.post(`${path}/${body.id}/${move}`, said);
      const keeper = await w.h.staff('head-of-department', { unit: 'warehouse' });
      await keeper.post(`${path}/${body.id}/handle`, { measures: 'Apologised.' });
      await w.manager.post(`${path}/${body.id}/settle`, { result: 'Apology.' });
      expect(await w.issuedTo(other)).toEqual([]);
      const informed = await w.manager.post(`${path}/${body.id}/inform-customer`, {
        informedOn: '2026-03-10',
        way: 'telephone',
      });
      expect(informed.status).toBe(200);
      expect(await w.issuedTo(other)).toMatchObject([{ kind: 'complaint', aboutNumber: body.number }]);
    },
  );

  clause(
    'C-18',
    'boundary',
    'one of a kind in 30 days: not on the 29th after, but on the 30th; never twice of one',
    async () => {
      const customer = await w.customer();
      const first = await w.bought(customer);
      await w.arrived(first);
      await w.arrived(await w.bought(customer));
      expect(await w.issuedTo(customer)).toHaveLength(1);
      // another kind is another question
      await complained(customer);
      expect(await w.issuedTo(customer)).toMatchObject([{ kind: 'delivery' }, { kind: 'complaint' }]);
      w.h.time.set('2026-04-08T15:59:59Z');
      await w.arrived(await w.bought(customer), '2026-04-08');
      expect(await w.issuedTo(customer, 'delivery')).toHaveLength(1);
      w.h.time.set('2026-04-08T16:00:00Z');
      await w.arrived(first, '2026-04-08');
      expect(await w.issuedTo(customer, 'delivery')).toHaveLength(1);
      await w.arrived(await w.bought(customer), '2026-04-08');
      expect(await w.issuedTo(customer, 'delivery')).toHaveLength(2);
    },
  );

  clause('C-18', 'refused', 'of history, of what was delivered long ago, to nobody on the books: none', async () => {
    const customer = await w.customer();
    await w.h.publish(shipmentEvents.recorded, newId(), {
      number: 'OLD-1',
      orderId: newId(),
      orderNumber: 'OLD-1',
      distributorId: customer.id,
      distributorCode: customer.code,
      regionId: customer.region,
      segment: 'regional-distributor',
      channel: 'shop',
      currency: 'CNY',
      shippedOn: '2026-03-09',
      net: '1.00',
      tax: '0.00',
      gross: '1.00',
      lines: [],
    });
    await w.arrived(await w.bought(customer), '2026-02-08');
    const stranger = { id: newId(), code: 'X', region: w.east };
    await w.arrived({ id: newId(), number: 'N', orderNumber: 'N', code: 'P', customer: stranger });
    const importer = await w.h.staff('importer');
    const row = {
      source: 'old',
      number: 'OLD-C-1',
      distributorCode: customer.code,
      receivedAt: '2026-03-01T09:00',
      channel: 'telephone',
      severity: 'minor',
      defect: '色差',
    };
    const imported = await importer.post('/imports/complaints', { importId: newId(), rows: [row] });
    expect([imported.status, imported.body]).toMatchObject([200, { results: [{ outcome: 'created' }] }]);
    const { id } = (await w.gm.get('/complaints?number=OLD-C-1')).body.items[0];
    await w.upTo(id, 'resolved');
    expect((await w.support.post(`/complaints/${id}/inform-customer`, told)).status).toBe(200);
    expect(await w.issuedTo(customer)).toEqual([]);
    expect(await w.issuedTo(stranger)).toEqual([]);
  });

  clause(
    'C-18',
    'refused',
    'nobody issues or answers one on behalf of others, or hands over what is not theirs',
    async () => {
      const { id } = await w.asked();
      const paths = ['', `/${id}/answer`, `/${id}/issue`, `/${id}/arrive`, `/${id}/expire`];
      for (const path of paths)
        expect((await w.gm.post(`/surveys${path}`, { score: 5 })).status).toBe(path ? 404 : 405);
      const other = await w.h.staff('salesperson', { regionId: w.east });
      for (const [by, status] of [
        [other, 403],
        [w.gm, 403],
        [w.office, 403],
      ] as const) {
        expect((await by.post(`/surveys/${id}/deliver`, { way: 'mail' })).status).toBe(status);
        expect((await by.get(`/surveys/${id}/link`)).status).toBe(status);
      }
      expect((await other.get(`/surveys/${id}`)).status).toBe(403);
      expect((await w.technical.get('/surveys')).status).toBe(403);
      const westerner = await w.h.staff('regional-manager', { regionId: w.west });
      expect((await westerner.get('/surveys')).body.items).toEqual([]);
      expect((await w.support.post(`/surveys/${id}/deliver`, { way: 'telephone' })).body).toMatchObject({
        status: 400,
        field: 'way',
      });
    },
  );
});
