import { creditLimitEvents, distributorEvents, guaranteeEvents, regionEvents } from '@fenxiao/contracts/distributors';
import { paymentEvents } from '@fenxiao/contracts/orders';
import { newId } from '@fenxiao/domain/id';
import { duties } from '@fenxiao/procedures/duties';
import { clause } from '@fenxiao/testing/clause';
import { harness, type Harness, type Member } from '@fenxiao/testing/harness';
import { until } from '@fenxiao/testing/wait';
import { schemaDrift } from '@fenxiao/testing/drift';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { distributors } from './service.js';

let h: Harness;
let deputy: Member;
let salesManager: Member;
let gm: Member;
let importer: Member;
let east: { id: string; code: string };
let west: { id: string; code: string };
let manager: Member;
beforeAll(async () => {
  h = await harness(distributors, { now: '2026-03-10T02:00:00Z' });
  deputy = await h.staff('deputy-general-manager-sales');
  salesManager = await h.staff('sales-manager');
  gm = await h.staff('general-manager');
  importer = await h.staff('importer');
  const managers = [await h.staff('salesperson'), await h.staff('salesperson')];
  const create = async (code: string, managerId: string) => ({
    code,
    id: (await deputy.post('/regions', { code, name: code, managerId })).body.id as string,
  });
  east = await create('EAST', managers[0]!.id);
  west = await create('WEST', managers[1]!.id);
  await h.settle();
  manager = await h.staff('regional-manager', { regionId: east.id });
}, 60_000);
afterAll(() => h?.close());
beforeEach(() => h.time.set('2026-03-10T02:00:00Z'));

let made = 0;
const create = (by: Member, over: object = {}) => {
  const code = `D${++made}`;
  return by.post('/distributors', {
    code,
    name: `Dealer ${code}`,
    licence: `L-${code}`,
    regionCode: 'EAST',
    segment: 'regional-distributor',
    ...over,
  });
};
const active = async (over: object = {}) => {
  const { body } = await create(salesManager, over);
  for (const move of ['qualify', 'start-trial', 'activate'])
    await salesManager.post(`/distributors/${body.id}/${move}`);
  return body as { id: string; code: string };
};
const factsOf = async (id: string) =>
  (await h.events()).filter(({ subject }) => subject === id).map(({ type }) => type.split('.')[3]);

describe('D-01 distributor record', () => {
  clause('D-01', 'allowed', 'prospect, qualified, trial, active, suspended, active again, terminated', async () => {
    const { id } = await active();
    await salesManager.post(`/distributors/${id}/suspend`, { reason: 'pays late' });
    await salesManager.post(`/distributors/${id}/activate`);
    expect((await deputy.post(`/distributors/${id}/terminate`, { reason: 'closed the shop' })).body.state).toBe(
      'terminated',
    );
    expect(await factsOf(id)).toEqual([
      'created',
      'qualified',
      'trial-started',
      'activated',
      'suspended',
      'activated',
      'terminated',
    ]);
    const [created] = (await h.events(distributorEvents.created)).filter(({ subject }) => subject === id);
    expect(Object.keys(created!.data)).not.toContain('telephone');
  });

  clause('D-01', 'refused', 'the same licence twice, a skipped step, a suspension without a reason', async () => {
    const { body } = await create(salesManager, { licence: 'ONE' });
    expect((await create(salesManager, { licence: 'ONE' })).body).toMatchObject({
      status: 409,
      code: 'distributors.distributor.licence-taken',
      field: 'licence',
    });
    expect((await salesManager.post(`/distributors/${body.id}/suspend`, { reason: 'x' })).body).toMatchObject({
      status: 409,
      rule: 'D-01',
    });
    const other = await active();
    expect((await salesManager.post(`/distributors/${other.id}/suspend`)).body).toMatchObject({
      status: 400,
      field: 'reason',
    });
  });

  clause('D-01', 'boundary', 'a regional manager records those of the own region and no other', async () => {
    expect((await create(manager)).status).toBe(201);
    expect((await create(manager, { regionCode: 'WEST' })).body).toMatchObject({
      status: 403,
      code: 'procedure.outside-scope',
    });
    expect((await create(manager, { regionCode: 'NOWHERE' })).body).toMatchObject({
      status: 422,
      code: 'distributors.region.unknown',
    });
  });

  clause('X-20', 'refused', "T32: a regional manager reads another region's customers", async () => {
    const { body } = await create(salesManager, { regionCode: 'WEST' });
    expect((await manager.get(`/distributors/${body.id}`)).status).toBe(403);
    const listed = (await manager.get('/distributors?limit=200')).body.items as { regionId: string }[];
    expect(new Set(listed.map(({ regionId }) => regionId))).toEqual(new Set([east.id]));
  });

  clause('X-20', 'boundary', 'T32: nor takes them out, nor learns of them from what is refused', async () => {
    const contact = { contactName: '张三丰', telephone: '13800001234', address: '重庆市江北区示例路1号' };
    const { body: there } = await create(salesManager, { regionCode: 'WEST', ...contact });
    const { body: here } = await create(salesManager, contact);
    const taken = (await manager.get('/distributors/export?reason=visits')).body as string;
    expect(taken).toContain(here.code);
    expect(taken).not.toContain(there.code);
    const refused = await manager.post(`/distributors/${there.id}/change`, { ...there }, { 'if-match': '"1"' });
    expect(refused).toMatchObject({ status: 403, body: { code: 'procedure.outside-scope' } });
    for (const said of [refused.body, (await manager.get(`/distributors/${there.id}`)).body]) {
      expect(Object.keys(said).toSorted()).toEqual(['code', 'detail', 'instance', 'rule', 'status', 'title', 'type']);
      expect(JSON.stringify(said)).not.toContain(there.code);
    }
    expect(await manager.get('/credit-limits?limit=200')).toMatchObject({ status: 200, body: { items: [] } });
    // A contact is whole for who looks after it, masked for who only keeps accounts.
    expect((await manager.get(`/distributors/${here.id}`)).body).toMatchObject(contact);
    expect((await (await h.staff('finance')).get(`/distributors/${here.id}`)).body).toMatchObject({
      contactName: '张****',
      telephone: '138****1234',
      address: '重庆市江北区****',
    });
  });
});

describe('D-04 regions and assignment', () => {
  clause('D-04', 'allowed', 'a tree with one responsible manager each; the manager changes with a reason', async () => {
    const next = await h.staff('salesperson');
    const { body } = await deputy.post('/regions', {
      code: 'SH',
      name: 'Shanghai',
      parentCode: 'EAST',
      managerId: next.id,
    });
    expect(body).toMatchObject({ state: 'active', parentId: east.id, managerId: next.id });
    const after = await h.staff('salesperson');
    expect(
      (await deputy.post(`/regions/${body.id}/assign-owner`, { managerId: after.id, reason: 'transfer' })).body,
    ).toMatchObject({ managerId: after.id });
    const [changed] = (await h.events(regionEvents['owner-changed'])).filter(({ subject }) => subject === body.id);
    expect(changed!.data).toMatchObject({ managerId: after.id, previousManagerId: next.id, validFrom: '2026-03-10' });
  });

  clause('D-04', 'refused', 'a region without a manager, below itself, or closed while used', async () => {
    expect((await deputy.post('/regions', { code: 'X', name: 'X' })).body).toMatchObject({
      status: 400,
      field: 'managerId',
    });
    expect((await deputy.post('/regions', { code: 'X', name: 'X', managerId: newId() })).body).toMatchObject({
      status: 422,
      code: 'distributors.person.unknown',
    });
    const { body } = await deputy.post('/regions', {
      code: 'BELOW',
      name: 'Below',
      parentCode: 'WEST',
      managerId: (await h.staff('salesperson')).id,
    });
    const west1 = await deputy.get(`/regions/${west.id}`);
    expect(
      (
        await deputy.post(
          `/regions/${west.id}/change`,
          { name: 'West', parentCode: 'BELOW' },
          { 'if-match': west1.headers.get('etag')! },
        )
      ).body,
    ).toMatchObject({ code: 'distributors.region.circle' });
    expect((await deputy.post(`/regions/${west.id}/close`, { reason: 'merge' })).body).toMatchObject({
      status: 409,
      code: 'distributors.region.still-used',
    });
    expect((await salesManager.post('/regions', { code: 'Y', name: 'Y', managerId: body.managerId })).status).toBe(403);
  });

  clause(
    'D-04',
    'boundary',
    'an outlet changes its region with the day, never before, and is in exactly one',
    async () => {
      const { id, code } = await active();
      expect(
        (
          await deputy.post('/region-assignments', {
            distributorCode: code,
            regionCode: 'WEST',
            validFrom: '2026-03-09',
          })
        ).body,
      ).toMatchObject({ code: 'distributors.region-assignment.in-the-past' });
      const scheduled = await deputy.post('/region-assignments', {
        distributorCode: code,
        regionCode: 'WEST',
        validFrom: '2026-03-12',
      });
      expect(scheduled.body.state).toBe('scheduled');
      const regionNow = async () => (await gm.get(`/distributors/${id}`)).body.regionId as string;
      h.time.set('2026-03-11T15:59:59Z'); // the last second of the 11th in Shanghai
      await h.service.clocks.tick();
      expect(await regionNow()).toBe(east.id);
      h.time.set('2026-03-11T16:00:00Z');
      await until('the change', async () => (await h.service.clocks.tick(), (await regionNow()) === west.id));
      const { rows } = await h.pool.query(
        'SELECT region, valid_from::text FROM distributor_region WHERE distributor = $1 ORDER BY valid_from',
        [id],
      );
      expect(rows).toEqual([
        { region: east.id, valid_from: '2026-03-10' },
        { region: west.id, valid_from: '2026-03-12' },
      ]);
      const [assigned] = (await h.events(distributorEvents['region-assigned'])).filter(({ subject }) => subject === id);
      expect(assigned!.data).toMatchObject({ regionId: west.id, previousRegionId: east.id, meta: { rule: 'D-04' } });
      const today = await deputy.post('/region-assignments', {
        distributorCode: code,
        regionCode: 'EAST',
        validFrom: '2026-03-12',
      });
      expect(today.status).toBe(201);
      expect(await regionNow()).toBe(east.id);
    },
  );
});

describe('D-21, O-26 credit limit', () => {
  clause('O-26', 'allowed', 'a limit proposed by one is approved by another, and published', async () => {
    const { id, code } = await active();
    const { body } = await manager.post('/credit-limits', { distributorCode: code, limit: '50000' });
    expect((await deputy.post(`/credit-limits/${body.id}/approve`)).body.state).toBe('approved');
    const again = await salesManager.post('/credit-limits', { distributorCode: code, limit: '80000.5' });
    await gm.post(`/credit-limits/${again.body.id}/approve`);
    const changes = (await h.events(creditLimitEvents.changed)).filter(
      ({ data }) => (data as { distributorId?: string }).distributorId === id,
    );
    expect(changes.map(({ data }) => data)).toMatchObject([
      { limit: '50000.00', currency: 'CNY' },
      { limit: '80000.50', previous: '50000.00' },
    ]);
  });

  clause('O-26', 'refused', 'nobody sets a limit alone', async () => {
    const both = await h.staff(['sales-manager', 'deputy-general-manager-sales']);
    const { body } = await both.post('/credit-limits', { distributorCode: (await active()).code, limit: '1' });
    expect((await both.post(`/credit-limits/${body.id}/approve`)).body).toMatchObject({
      status: 403,
      code: 'procedure.own-matter',
    });
  });
});

describe('O-26 credit data needs a second person', () => {
  const apart: Readonly<Record<string, (code: string) => readonly [path: string, form: object]>> = {
    'credit-and-second-person': (distributorCode) => ['credit-limits', { distributorCode, limit: '1' }],
    'terms-and-second-person': (distributorCode) => [
      'payment-terms',
      { distributorCode, terms: 'prepaid', paymentDays: 0 },
    ],
  };

  for (const [name, proposal] of Object.entries(apart))
    clause('O-26', 'refused', `${name}: nobody holding both positions does both`, async () => {
      const both = await h.staff(['sales-manager', 'deputy-general-manager-sales']);
      const [path, form] = proposal((await active()).code);
      const { body } = await both.post(`/${path}`, form);
      expect((await both.post(`/${path}/${body.id}/approve`)).body.status).toBe(403);
      expect((await deputy.post(`/${path}/${body.id}/approve`)).body.state).toBe('approved');
    });

  it('walks every pair of duties that this service keeps apart', () => {
    const ours = duties.filter(({ service }) => service === 'distributors').map(({ name }) => name);
    expect(Object.keys(apart).sort()).toEqual(ours.sort());
  });

  clause('O-26', 'boundary', 'terms change with the approval, and in no other way', async () => {
    const { id, code } = await active();
    const terms = { terms: 'prepaid', paymentDays: 0 };
    const read = async () => (await gm.get(`/distributors/${id}`)).body;
    const { version } = await read();
    const change = { name: 'x', segment: 'regional-distributor' };
    const edit = (form: object) =>
      salesManager.post(`/distributors/${id}/change`, form, { 'if-match': `"${version}"` });
    expect((await edit({ ...change, ...terms })).body).toMatchObject({ status: 400, field: 'terms' });
    const { body } = await salesManager.post('/payment-terms', { distributorCode: code, ...terms });
    expect(await read()).toMatchObject({ terms: 'credit', paymentDays: 30 });
    await gm.post(`/payment-terms/${body.id}/approve`);
    expect(await read()).toMatchObject(terms);
    const published = (await h.events(distributorEvents.changed)).filter(({ subject }) => subject === id);
    expect(published.map(({ data }) => data)).toMatchObject([terms]);
  });
});

describe('X-04 authority matrix', () => {
  const hr = () => h.staff('human-resources');
  const limited = async (role: string, limit: string, decision = 'credit-limit') => {
    const { body } = await (
      await hr()
    ).post('/authority-limits', { decision, role, limit, validFrom: h.time.now().toISOString().slice(0, 10) });
    return (await gm.post(`/authority-limits/${body.id}/approve`)).status;
  };

  clause('X-04', 'allowed', 'a decision within the limit, the limit itself included', async () => {
    expect(await limited('deputy-general-manager-sales', '100000')).toBe(200);
    const { body } = await manager.post('/credit-limits', { distributorCode: (await active()).code, limit: '100000' });
    expect((await deputy.post(`/credit-limits/${body.id}/approve`)).body.state).toBe('approved');
  });

  clause('X-04', 'refused', 'one fen more waits for somebody who may', async () => {
    expect(await limited('deputy-general-manager-sales', '100000')).toBe(200);
    const { body } = await manager.post('/credit-limits', {
      distributorCode: (await active()).code,
      limit: '100000.01',
    });
    expect((await deputy.post(`/credit-limits/${body.id}/approve`)).body).toMatchObject({
      status: 403,
      code: 'authority.above-limit',
      rule: 'X-04',
    });
    expect((await gm.post(`/credit-limits/${body.id}/approve`)).body.state).toBe('approved');
  });

  clause('X-04', 'boundary', 'D-20: the company may ask for less than 500, and go back to it', async () => {
    const grant = async (amount: string) =>
      manager.post('/guarantees', { distributorCode: (await active()).code, amount, receivable: 'FP-2026-000001' });
    expect(await limited('regional-manager', '300', 'guarantee')).toBe(200);
    expect((await grant('300.00')).status).toBe(201);
    expect((await grant('300.01')).body).toMatchObject({ code: 'distributors.guarantee.above-ceiling', rule: 'D-20' });
    expect(await limited('regional-manager', '500', 'guarantee')).toBe(200);
    expect((await grant('500.00')).status).toBe(201);
  });
});

describe('D-20 personal guarantee', () => {
  const grant = async (amount: string, by: Member = manager, code?: string) =>
    by.post('/guarantees', { distributorCode: code ?? (await active()).code, amount, receivable: 'FP-2026-000001' });

  clause('D-20', 'allowed', 'T5: a guarantee of 500.00', async () => {
    expect((await grant('500.00')).body).toMatchObject({
      state: 'active',
      amount: '500.00',
      balance: '500.00',
      startsOn: '2026-03-10',
      dueOn: '2026-06-10',
      guarantorId: manager.id,
    });
  });

  clause('D-20', 'refused', 'T6: a guarantee of 500.01, of nothing, a second one, or by anybody else', async () => {
    expect((await grant('500.01')).body).toMatchObject({
      status: 422,
      code: 'distributors.guarantee.above-ceiling',
      rule: 'D-20',
      field: 'amount',
    });
    expect((await grant('0.00')).body.code).toBe('distributors.guarantee.above-ceiling');
    const { code } = await active();
    expect((await grant('100', manager, code)).status).toBe(201);
    expect((await grant('1', manager, code)).body).toMatchObject({
      status: 409,
      code: 'distributors.guarantee.already-guaranteed',
    });
    for (const other of [gm, deputy, salesManager])
      expect((await grant('1', other)).body).toMatchObject({ status: 403, rule: 'D-20' });
  });

  clause('D-20', 'refused', 'T7: for a distributor outside the own region', async () => {
    expect((await grant('100', manager, (await active({ regionCode: 'WEST' })).code)).body).toMatchObject({
      status: 403,
      code: 'procedure.outside-scope',
      rule: 'D-20',
    });
  });

  clause(
    'D-20',
    'boundary',
    'T8: from 31 August it is due on 30 November, from 30 November on the last of February',
    async () => {
      h.time.set('2026-08-31T02:00:00Z');
      expect((await grant('1')).body.dueOn).toBe('2026-11-30');
      h.time.set('2026-11-30T02:00:00Z');
      expect((await grant('1')).body.dueOn).toBe('2027-02-28');
    },
  );

  clause(
    'D-20',
    'boundary',
    'T9: unpaid the day after the due date it is called and published; on the due date it is not',
    async () => {
      const { body } = await grant('300');
      const state = async () => (await manager.get(`/guarantees/${body.id}`)).body.state as string;
      const tickTo = async (at: string) => {
        h.time.set(at);
        await h.service.clocks.tick();
      };
      await tickTo('2026-05-10T22:00:00Z'); // 06:00 of 11 May: 30 days before
      await tickTo('2026-06-02T22:00:00Z');
      await tickTo('2026-06-08T22:00:00Z');
      await until(
        'three reminders',
        async () => (await factsOf(body.id)).filter((fact) => fact === 'clock-warned').length === 3,
      );
      await tickTo('2026-06-09T22:00:00Z'); // 06:00 of the due date
      await until('it to fall due', async () => (await h.service.clocks.tick(), (await state()) === 'due'));
      await tickTo('2026-06-10T15:59:59Z');
      expect(await state()).toBe('due');
      await tickTo('2026-06-10T22:00:00Z'); // 06:00 of the day after
      await until('the call', async () => (await h.service.clocks.tick(), (await state()) === 'called'));
      const [called] = (await h.events(guaranteeEvents.called)).filter(({ subject }) => subject === body.id);
      expect(called!.data).toMatchObject({
        balance: '300.00',
        guarantorId: manager.id,
        dueOn: '2026-06-10',
        meta: { rule: 'D-20', actor: 'system' },
      });
    },
  );

  clause('D-20', 'allowed', 'each payment reduces it; at nothing it is repaid', async () => {
    const { id, code } = await active();
    const { body } = await grant('500', manager, code);
    const pay = (amount: string) =>
      h.publish(paymentEvents.received, newId(), {
        number: 'SK-1',
        distributorId: id,
        distributorCode: code,
        regionId: east.id,
        receivedOn: '2026-03-10',
        currency: 'CNY',
        amount,
        matched: [],
        unapplied: amount,
      });
    await pay('200.00');
    await h.settle();
    expect((await manager.get(`/guarantees/${body.id}`)).body).toMatchObject({ state: 'active', balance: '300.00' });
    await pay('1000.00');
    await h.settle();
    expect((await manager.get(`/guarantees/${body.id}`)).body).toMatchObject({ state: 'repaid', balance: '0.00' });
    expect(await factsOf(body.id)).toEqual(['granted', 'payment-applied', 'payment-applied', 'repaid']);
  });

  it('is waived by the general manager only, with a reason', async () => {
    const { body } = await grant('10');
    expect((await deputy.post(`/guarantees/${body.id}/waive`, { reason: 'x' })).status).toBe(403);
    expect((await gm.post(`/guarantees/${body.id}/waive`)).status).toBe(400);
    expect((await gm.post(`/guarantees/${body.id}/waive`, { reason: 'goodwill' })).body.state).toBe('waived');
  });

  it('is given once when a manager clicks twice at the same time', async () => {
    const { code } = await active();
    const answers = await Promise.all([grant('400', manager, code), grant('400', manager, code)]);
    expect(answers.map(({ status }) => status).sort((a, b) => a - b)).toEqual([201, 409]);
  });
});

describe('D-35 custody', () => {
  clause('D-35', 'allowed', 'held, its owner told the same day, handed back', async () => {
    const clerk = await h.staff('sales-support-clerk');
    const { body } = await clerk.post('/custody', { item: 'umbrella', place: 'sales hall', itemOwner: 'a visitor' });
    expect(body.number).toBe('BG-2026-000001');
    await clerk.post(`/custody/${body.id}/notify`);
    expect((await clerk.post(`/custody/${body.id}/return`, { receivedBy: 'the visitor' })).body).toMatchObject({
      state: 'returned',
      form: { receivedBy: 'the visitor' },
    });
  });
  clause('D-35', 'refused', 'nothing is disposed of before its owner was told, nor without a reason', async () => {
    const clerk = await h.staff('sales-support-clerk');
    const { body } = await clerk.post('/custody', { item: 'hat', place: 'sales hall' });
    expect((await salesManager.post(`/custody/${body.id}/dispose`, { reason: 'x' })).body).toMatchObject({
      status: 409,
      rule: 'D-35',
    });
    await clerk.post(`/custody/${body.id}/notify`);
    expect((await salesManager.post(`/custody/${body.id}/dispose`)).status).toBe(400);
  });
  clause('D-35', 'boundary', 'after eight working hours without a word the sales manager is told', async () => {
    const clerk = await h.staff('sales-support-clerk');
    const { body } = await clerk.post('/custody', { item: 'bag', place: 'sales hall' });
    h.time.set('2026-03-11T02:00:00Z');
    await until(
      'the breach',
      async () => (await h.service.clocks.tick(), (await factsOf(body.id)).includes('clock-breached')),
    );
  });
});

describe('import of regions and distributors', () => {
  const load = (kind: string, rows: object[], extra: object = {}) =>
    importer.post(`/imports/${kind}`, { importId: newId(), rows, ...extra });

  it('brings in what is right, says what is wrong, and never doubles', async () => {
    const rows = [
      { code: 'N', name: 'North' },
      { code: 'N1', name: 'North one', parentCode: 'N' },
      { code: 'BAD', name: 'x', parentCode: 'NOWHERE' },
    ];
    expect(
      (await load('regions', rows, { dryRun: true })).body.results.map(({ outcome }: { outcome: string }) => outcome),
    ).toEqual(['created', 'created', 'rejected']);
    const first = await load('regions', rows);
    expect(first.body.results).toMatchObject([
      { outcome: 'created', findings: [{ rule: 'D-04' }] },
      { outcome: 'created' },
      { outcome: 'rejected', errors: [{ field: 'parentCode', code: 'distributors.region.unknown' }] },
    ]);
    expect((await load('regions', rows)).body.results.map(({ outcome }: { outcome: string }) => outcome)).toEqual([
      'unchanged',
      'unchanged',
      'rejected',
    ]);

    const dealers = [
      { code: 'I1', name: 'One', regionCode: 'N1', creditLimit: '1000' },
      { code: 'I2', name: 'Two', regionCode: 'N', state: 'suspended' },
      { code: 'I3', name: '', regionCode: 'N' },
    ];
    expect((await load('distributors', dealers)).body.results).toMatchObject([
      { outcome: 'created' },
      { outcome: 'created' },
      { outcome: 'rejected', errors: [{ field: 'name' }] },
    ]);
    const again = await load('distributors', [{ ...dealers[0]!, class: 'A' }, dealers[1]!]);
    expect(again.body.results.map(({ outcome }: { outcome: string }) => outcome)).toEqual(['changed', 'unchanged']);
    const recorded = (await h.events(distributorEvents.recorded)).map(
      ({ data }) => data as unknown as { code: string; state: string },
    );
    expect(recorded.map(({ code, state }) => `${code} ${state}`).sort()).toEqual([
      'I1 active',
      'I1 active',
      'I2 suspended',
    ]);
    expect((await h.events(creditLimitEvents.changed)).at(-1)!.data).toMatchObject({
      limit: '1000.00',
      meta: { role: 'importer', move: { name: 'record-historic' } },
    });
  });

  it('is for the import role only', async () => {
    expect((await gm.post('/imports/regions', { importId: newId(), rows: [{}] })).status).toBe(403);
  });
});

it('has entities that say what the migrations made', async () => {
  expect(await schemaDrift(h)).toEqual([]);
});
