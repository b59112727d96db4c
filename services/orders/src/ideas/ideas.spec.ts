import { productEvents } from '@fenxiao/contracts/prices';
import { designEvents, ideaEvents } from '@fenxiao/contracts/products';
import { productionRequestEvents } from '@fenxiao/contracts/production';
import { clause } from '@fenxiao/testing/clause';
import type { Member } from '@fenxiao/testing/harness';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { world, type World } from '../../test/world.js';

let w: World;
let marketing: Member;
let technical: Member;
beforeAll(async () => {
  w = await world();
  marketing = await w.h.staff('marketing-section');
  technical = await w.h.staff('technical-department');
}, 60_000);
afterAll(() => w?.close());
beforeEach(() => w.h.time.set('2026-03-10T02:00:00Z'));

const form = { title: 'Slate', description: 'A dark tile', source: 'visit', sourceNumber: 'BF-2026-000001' };
const assessment = { demand: 'Asked for by four shops', feasibility: 'The kiln can do it' };
const tile = (code: string) => ({
  code,
  name: 'Slate',
  specification: '600×600',
  grade: 'A',
  colourNumber: 'S1',
  family: 'floor',
  unit: 'm²',
});
const register = async (by = w.seller) => (await by.post('/ideas', form)).body as { id: string };
const move = (id: string, name: string, by: Member, body: object = {}) => by.post(`/ideas/${id}/${name}`, body);
const inTrial = async () => {
  const { id } = await register();
  await move(id, 'assess', marketing, assessment);
  await move(id, 'approve', w.deputy);
  await move(id, 'develop', technical);
  await move(id, 'try', technical);
  return id;
};
const byCode = async (code: string) => (await w.gm.get(`/products?code=${code}`)).body.items[0];

describe('O-40 product development link 早期研发和市场联动', () => {
  clause(
    'O-40',
    'allowed',
    'an idea from a visit is assessed, approved, developed, tried, and launched as a product',
    async () => {
      const id = await inTrial();
      expect((await move(id, 'launch', w.salesManager, tile('SLATE'))).body).toMatchObject({ state: 'launched' });
      expect(await byCode('SLATE')).toMatchObject({ state: 'new', launchedOn: '2026-03-10' });
      const told = (await w.h.events()).filter(({ subject }) => subject === id).map(({ type }) => type.split('.')[3]);
      expect(told).toEqual(['registered', 'assessed', 'approved', 'development-started', 'trial-started', 'launched']);
      const launched = (await w.h.events(ideaEvents.launched)).find(({ subject }) => subject === id);
      expect(launched!.data).toMatchObject({ code: 'SLATE', form: { source: 'visit' }, meta: { rule: 'O-40' } });
    },
  );

  clause(
    'O-40',
    'refused',
    'a step left out, one not theirs, a code that is taken, an idea of no known source',
    async () => {
      const { id } = await register();
      expect((await move(id, 'approve', w.deputy)).status).toBe(409);
      expect((await move(id, 'assess', w.seller, assessment)).body).toMatchObject({ status: 403, rule: 'O-40' });
      expect((await move(id, 'assess', marketing)).status).toBe(400);
      await move(id, 'assess', marketing, assessment);
      expect((await move(id, 'approve', w.salesManager)).status).toBe(403);
      expect((await w.seller.post('/ideas', { ...form, source: 'dream' })).status).toBe(400);
      const taken = await w.product();
      const tried = await inTrial();
      expect((await move(tried, 'launch', w.salesManager, tile(taken.code))).body).toMatchObject({
        status: 409,
        code: 'orders.product.code-taken',
      });
      expect((await w.gm.get(`/ideas/${tried}`)).body.state).toBe('trial');
      expect((await move(tried, 'drop', w.salesManager)).status).toBe(400);
      expect((await move(tried, 'drop', w.salesManager, { reason: 'too dear' })).body.state).toBe('dropped');
      expect((await move(tried, 'launch', w.salesManager, tile('NEVER'))).status).toBe(409);
    },
  );

  clause('O-40', 'refused', 'nobody approves an idea of their own', async () => {
    const both = await w.h.staff(['marketing-section', 'deputy-general-manager-sales']);
    const { id } = await register(both);
    await move(id, 'assess', marketing, assessment);
    expect((await move(id, 'approve', both)).status).toBe(403);
    expect((await move(id, 'approve', w.deputy)).status).toBe(200);
  });

  clause('O-40', 'boundary', 'new through the twelfth month, its last day included', async () => {
    const { id } = await w.product();
    const state = async () => (await w.gm.get(`/products/${id}`)).body.state as string;
    const morning = async (date: string, at: string) => {
      w.h.time.set(at);
      await w.h.service.jobs.run('product-newness', date);
    };
    await morning('2027-03-10', '2027-03-09T21:30:00Z');
    expect(await state()).toBe('new');
    await morning('2027-03-11', '2027-03-10T21:30:00Z');
    expect(await state()).toBe('active');
    const [told] = (await w.h.events(productEvents.activated)).filter(({ subject }) => subject === id);
    expect(told!.data.meta).toMatchObject({ rule: 'O-40', actor: 'system' });
    const old = await w.salesManager.post('/products', { ...tile('OLD'), launchedOn: '2020-01-01' });
    expect(old.body.state).toBe('active');
  });

  clause('O-40', 'boundary', 'phasing out: what is left can be ordered, a thousandth more can not', async () => {
    const [customer, { id, code }] = [await w.distributor(), await w.product('1')];
    await w.receive(code, '10');
    expect((await w.salesManager.post(`/products/${id}/phase-out`)).body.state).toBe('phase-out');
    const ask = (quantity: string) => w.order(customer.code, [{ productCode: code, quantity }]);
    expect((await ask('10.001')).body).toMatchObject({
      status: 422,
      code: 'orders.product.only-what-is-left',
      rule: 'O-40',
      field: 'lines.0.quantity',
    });
    expect((await ask('10')).body.state).toBe('allocated');
    expect((await ask('0.001')).status).toBe(422);
    await w.salesManager.post(`/products/${id}/retire`);
    const retired = await w.place(customer.code, [{ productCode: code, quantity: '1' }]);
    expect(retired.body).toMatchObject({ status: 422 });
  });

  it('asks production for a large order gone short while it was held, but not for what is phased out', async () => {
    const until = '2026-03-20T00:00:00Z';
    const gone = async (phaseOut: boolean) => {
      const [poor, rich] = [await w.distributor({ limit: '1' }), await w.distributor({ limit: '9000000' })];
      const { id, code } = await w.product('1', { family: `gone-${phaseOut}` });
      await w.receive(code, '5000');
      if (phaseOut) await w.salesManager.post(`/products/${id}/phase-out`);
      const lines = [{ productCode: code, quantity: '5000' }];
      const { body: held } = await w.order(poor.code, lines);
      expect(held.state).toBe('on-hold');
      expect((await w.order(rich.code, lines)).body.state).toBe('allocated');
      const released = await w.deputy.post(`/orders/${held.id}/release-credit`, { until, reason: 'a good customer' });
      const asked = await w.h.events(productionRequestEvents.requested);
      return [released.body.state, asked.filter(({ data }) => data.productId === id).length];
    };
    expect(await gone(false)).toEqual(['on-hold', 1]);
    expect(await gone(true)).toEqual(['backordered', 0]);
  });
});

describe('O-44 product design 产品设计', () => {
  const design = (ideaId: string) => ({
    ideaId,
    type: 'appearance',
    design: 'A matt surface',
    photographs: [{ file: 'slate.jpg', digest: 'a'.repeat(64) }],
  });
  const propose = async (extra: object = {}, by = technical) =>
    by.post('/design-proposals', { ...design((await register()).id), ...extra });
  const judge = (id: unknown, score: number, by = marketing, customersAsked = 12) =>
    by.post(`/design-proposals/${id as string}/judge`, { score, customersAsked });

  clause('O-44', 'allowed', 'a design with a photograph of its sample, and what customers think of it', async () => {
    for (const type of ['appearance', 'function']) {
      const { body } = await propose({ type });
      expect(body).toMatchObject({ state: 'proposed', form: { type } });
      expect((await judge(body.id, 4)).body).toMatchObject({ state: 'judged', form: { score: 4, customersAsked: 12 } });
      const told = (await w.h.events(designEvents.judged)).find(({ subject }) => subject === body.id);
      expect(told!.data).toMatchObject({ score: 4, form: { type }, meta: { rule: 'O-44' } });
    }
  });

  it('are found by their idea', async () => {
    const { id } = await register();
    const [first, second] = [await propose({ ideaId: id }), await propose({ ideaId: id })];
    await propose();
    const { items } = (await technical.get(`/design-proposals?ideaId=${id}`)).body;
    expect(items.map((item: { id: string }) => item.id)).toEqual([second.body.id, first.body.id]);
    expect((await technical.get('/design-proposals?ideaId=x')).status).toBe(400);
  });

  clause('O-44', 'refused', 'no photograph, another type, an idea that is closed, a score of their own', async () => {
    expect((await propose({ photographs: [] })).status).toBe(400);
    expect((await propose({ type: 'taste' })).status).toBe(400);
    expect((await propose({}, w.seller)).body).toMatchObject({ status: 403, rule: 'O-44' });
    const { id } = await register();
    await move(id, 'drop', w.salesManager, { reason: 'too dear' });
    expect((await propose({ ideaId: id })).body).toMatchObject({
      status: 422,
      code: 'orders.design-proposal.idea-closed',
      field: 'ideaId',
    });
    const { body } = await propose({}, marketing);
    expect((await judge(body.id, 5)).status).toBe(403);
  });

  clause('O-44', 'boundary', 'a score of 1 or 5, not 0 or 6; at least one customer', async () => {
    const { body } = await propose();
    for (const score of [0, 6]) expect((await judge(body.id, score)).status).toBe(400);
    expect((await judge(body.id, 1, marketing, 0)).status).toBe(400);
    expect((await judge(body.id, 1, marketing, 1)).body.state).toBe('judged');
    expect((await judge((await propose()).body.id, 5)).body.state).toBe('judged');
  });
});
