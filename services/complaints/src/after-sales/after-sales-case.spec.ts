import { afterSalesEvents } from '@fenxiao/contracts/after-sales';
import { noticeEvents, refusal } from '@fenxiao/contracts/platform';
import { clause } from '@fenxiao/testing/clause';
import type { Member } from '@fenxiao/testing/harness';
import { until } from '@fenxiao/testing/wait';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { company, type Company } from '../../test/after-sales.js';
import { heic, jpeg, pdf, plainJpeg, plainPng, plainWebp, wholeHeic } from '../../test/photographs.js';

let c: Company;
beforeAll(async () => {
  c = await company();
}, 60_000);
afterAll(() => c?.close());
/** a Tuesday, 10:00 in Shanghai */
const start = '2026-03-10T02:00:00Z';
beforeEach(() => c.h.time.set(start));

const path = (id: string, move = '') => `/after-sales-cases/${id}${move ? `/${move}` : ''}`;
const form = (extra: object = {}) => ({
  distributorCode: c.customer.code,
  productCode: 'P1',
  orderNumber: 'CK-2026-000001',
  description: 'Tiles come loose',
  ...extra,
});
const report = async (by: Member = c.distributor, extra: object = {}) =>
  (await by.post('/after-sales-cases', form(extra))).body as { id: string; number: string };
const move = async (by: Member, id: string, name: string, body: object = {}) => by.post(path(id, name), body);
const told = { way: 'telephone' };
const verdict = { verified: 'The glue was ours', decision: 'Lay them again', service: 'on-site-work' };

/** As far as a state, by the way of photographs. */
const steps: readonly (readonly [state: string, run: (id: string) => Promise<{ status: number }>])[] = [
  ['rm-notified', (id) => move(c.administrator, id, 'notify-manager', told)],
  ['photos-requested', (id) => move(c.manager, id, 'request-photos', { reason: 'At the other end of the region' })],
  [
    'photos-received',
    async (id) => {
      await c.upload(c.distributor, `${path(id)}/attachments`, jpeg());
      return move(c.administrator, id, 'receive-photos');
    },
  ],
  ['gm-opinion-signed', (id) => move(c.salesGm, id, 'sign-opinion', { opinion: 'Help them' })],
  ['technical-verifying', (id) => move(c.technical, id, 'begin-verifying')],
  ['decided', (id) => move(c.technical, id, 'decide', verdict)],
  ['serviced', (id) => move(c.technical, id, 'record-service', { servicedOn: '2026-03-10', result: 'Laid again' })],
  ['rm-informed', (id) => move(c.administrator, id, 'inform-manager', told)],
  ['closed', (id) => move(c.administrator, id, 'close')],
];
const upTo = async (state: string) => {
  const { id } = await report();
  for (const [reached, run] of steps.slice(0, steps.findIndex(([name]) => name === state) + 1))
    expect([reached, (await run(id)).status]).toEqual([reached, 200]);
  return id;
};
const factsOf = async (id: string) =>
  (await c.h.events()).filter((event) => event.subject === id).map(({ type }) => type.split('.')[3]);

describe('C-10 after-sales 售后服务', () => {
  clause(
    'C-10',
    'allowed',
    'reported by a distributor, photographed, decided by technical, and the manager told',
    async () => {
      const { id, number } = await report();
      expect(number).toMatch(/^SH-2026-\d{6}$/);
      c.h.time.pass(10 * 60_000);
      for (const [state, run] of steps) {
        expect([state, (await run(id)).status]).toEqual([state, 200]);
        c.h.time.pass(60_000);
      }
      const { body } = await c.manager.get(path(id));
      expect(body).toMatchObject({ state: 'closed', photographs: 1, opinion: 'Help them', decision: 'Lay them again' });
      expect(await factsOf(id)).toEqual([
        'reported',
        'rm-notified',
        'photos-requested',
        'photos-received',
        'opinion-signed',
        'verification-begun',
        'decided',
        'serviced',
        'rm-informed',
        'closed',
      ]);
      const [closed] = (await c.h.events(afterSalesEvents.closed)).filter(({ subject }) => subject === id);
      expect(closed!.data).toMatchObject({
        regionId: c.east,
        distributorId: c.customer.id,
        productCode: 'P1',
        family: 'floor',
        receivedAt: '2026-03-10T02:00:00.000Z',
        notifiedAt: '2026-03-10T02:10:00.000Z',
        decidedAt: '2026-03-10T02:15:00.000Z',
        decidedBy: c.technical.id,
        decidedRole: 'technical-department',
        servicedOn: '2026-03-10',
        informedAt: '2026-03-10T02:17:00.000Z',
        closureMinutes: 18,
        meta: { rule: 'C-10' },
      });
      const notices = (await c.h.events(noticeEvents('complaints').requested)).map(
        ({ data }) => data as never as Notice,
      );
      const asked = notices.filter(({ about }) => about === id);
      expect(asked[0]).toMatchObject({
        kind: 'task',
        move: 'notify-manager',
        to: { powers: { 'sales-administrator': 'all' } },
      });
      expect(asked[1]).toMatchObject({
        kind: 'information',
        to: { powers: { 'regional-manager': 'region' }, region: c.east },
      });
      expect(asked[2]).toMatchObject({ kind: 'task', to: { persons: [c.distributor.id] } });
    },
  );

  clause('C-10', 'boundary', 'who goes there has kept the time for photographs, or is late for it', async () => {
    const visited = async (asked: boolean, passed: number) => {
      c.h.time.set(start);
      const { id } = await report(c.seller);
      await move(c.administrator, id, 'notify-manager', told);
      if (asked) await move(c.administrator, id, 'request-photos', { reason: 'Nobody can go.' });
      const [{ dueAt }] = (await c.manager.get(path(id))).body.deadlines;
      c.h.time.set(dueAt);
      c.h.time.pass(passed);
      await move(c.manager, id, 'go-on-site', { visitedOn: '2026-03-10', findings: 'Loose' });
      const [fact] = (await c.h.events(afterSalesEvents['on-site'])).filter(({ subject }) => subject === id);
      expect(fact!.data.meta).toMatchObject({ move: { name: 'go-on-site', dueAt } });
    };
    for (const asked of [false, true]) for (const passed of [0, 1]) await visited(asked, passed);
  });

  clause(
    'C-10',
    'allowed',
    'the manager goes there; suggestions are kept, the opinion and the decision are others’',
    async () => {
      const { id } = await report(c.seller);
      await move(c.administrator, id, 'notify-manager', { way: 'message' });
      const suggested = await move(c.manager, id, 'suggest', { suggestion: 'Give them new glue' });
      expect(suggested.body.suggestions).toEqual([
        { by: c.manager.id, at: '2026-03-10T02:00:00.000Z', suggestion: 'Give them new glue' },
      ]);
      const seen = await move(c.manager, id, 'go-on-site', { visitedOn: '2026-03-10', findings: 'Loose in two rooms' });
      expect(seen.body).toMatchObject({ state: 'on-site', findings: 'Loose in two rooms' });
      expect((await move(c.manager, id, 'suggest', { suggestion: 'And a new floor' })).body.suggestions).toHaveLength(
        2,
      );
      expect((await move(c.salesGm, id, 'sign-opinion', { opinion: 'As the manager says' })).body.state).toBe(
        'gm-opinion-signed',
      );
    },
  );

  clause('C-10', 'refused', 'T1: the regional manager decides an after-sales case', async () => {
    const id = await upTo('technical-verifying');
    const refused = await move(c.manager, id, 'decide', verdict);
    expect(refused.body).toMatchObject({ status: 403, code: 'procedure.no-power', rule: 'C-10' });
    const { rows } = await c.h.pool.query(
      `SELECT rule, code FROM audit WHERE outcome = 'refused' AND move = 'decide' AND subject = $1`,
      [id],
    );
    expect(rows).toEqual([{ rule: 'C-10', code: 'procedure.no-power' }]);
    const logged = (await c.h.events(refusal('complaints').refused)).map(
      ({ data }) => data as never as { about: string },
    );
    expect(logged).toContainEqual(expect.objectContaining({ about: id, move: 'decide', code: 'procedure.no-power' }));
    // whatever else that person is
    const both = await c.h.staff(['regional-manager', 'technical-department'], { regionId: c.east });
    expect((await move(both, id, 'decide', verdict)).status).toBe(403);
    expect((await c.manager.get(path(id))).body).toMatchObject({ state: 'technical-verifying', decision: null });
    expect((await c.manager.get(path(id))).body.moves).toEqual(['suggest']);
  });

  clause(
    'C-10',
    'refused',
    'T2: technical decides before the opinion of the sales general manager is signed',
    async () => {
      const id = await upTo('photos-received');
      for (const name of ['decide', 'begin-verifying'])
        expect((await move(c.technical, id, name, name === 'decide' ? verdict : {})).body).toMatchObject({
          status: 409,
          code: 'procedure.move-not-allowed',
          rule: 'C-10',
          state: 'photos-received',
        });
      const { rows } = await c.h.pool.query(
        `SELECT count(*)::int AS refused FROM audit WHERE outcome = 'refused' AND subject = $1 AND move = 'decide'`,
        [id],
      );
      expect(rows).toEqual([{ refused: 1 }]);
    },
  );

  clause(
    'C-10',
    'refused',
    'who signed the opinion decides, who reported it decides, and anybody but technical',
    async () => {
      const id = await upTo('photos-received');
      const gm = await c.h.staff(['sales-general-manager', 'technical-department']);
      await move(gm, id, 'sign-opinion', { opinion: 'Help them' });
      await move(c.technical, id, 'begin-verifying');
      for (const other of [gm, c.salesGm, c.administrator, c.seller, c.distributor, c.clerk])
        expect((await move(other, id, 'decide', verdict)).status).toBe(403);
      const reporter = await c.h.staff(['technical-department', 'sales-administrator']);
      const own = await report(reporter);
      for (const [, run] of steps.slice(0, 2)) await run(own.id);
      await c.upload(c.technical, `${path(own.id)}/attachments`, jpeg());
      for (const [, run] of steps.slice(2, 5)) await run(own.id);
      expect((await move(reporter, own.id, 'decide', verdict)).body).toMatchObject({ code: 'procedure.own-matter' });
      expect((await move(c.technical, own.id, 'decide', verdict)).status).toBe(200);
    },
  );

  clause(
    'X-20',
    'refused',
    'a distributor reads what was decided and done, not what we thought and found',
    async () => {
      const id = await upTo('photos-received');
      expect((await move(c.manager, id, 'suggest', { suggestion: 'Lay them again' })).status).toBe(200);
      const [ours, theirs] = await Promise.all([c.manager, c.distributor].map((who) => who.get(path(id))));
      expect(ours!.body).toMatchObject({
        suggestions: [{ suggestion: 'Lay them again' }],
        opinion: null,
        verified: null,
      });
      expect(theirs!.body).toMatchObject({ photographs: 1, decision: null });
      for (const field of ['suggestions', 'opinion', 'findings', 'verified']) {
        expect(ours!.body).toHaveProperty(field);
        expect(theirs!.body).not.toHaveProperty(field);
      }
    },
  );

  clause('C-10', 'refused', 'photographs received where not one of them can be read to its end', async () => {
    const id = await upTo('photos-requested');
    const path = `/after-sales-cases/${id}/attachments`;
    const place = { fields: { place: '厨房' } };
    const nothing = Buffer.from('ffd8ff00', 'hex');
    for (const bytes of [nothing, jpeg().subarray(0, -60), plainPng.subarray(0, -12), plainWebp.subarray(0, -8), heic])
      expect((await c.upload(c.distributor, path, bytes, place)).body).toMatchObject({ whole: false });
    expect((await c.upload(c.distributor, path, pdf, place)).body).toMatchObject({ whole: null });
    expect((await move(c.administrator, id, 'receive-photos')).body).toMatchObject({
      status: 422,
      code: 'complaints.after-sales.no-photographs',
    });
    for (const bytes of [plainJpeg, plainPng, plainWebp, wholeHeic])
      expect((await c.upload(c.distributor, path, bytes, place)).body).toMatchObject({ whole: true });
    expect((await move(c.administrator, id, 'receive-photos')).body).toMatchObject({ photographs: 4 });
  });

  clause('C-10', 'refused', 'photographs received without one whose place is known', async () => {
    const id = await upTo('photos-requested');
    const none = { status: 422, code: 'complaints.after-sales.no-photographs', rule: 'C-10' };
    expect((await move(c.administrator, id, 'receive-photos')).body).toMatchObject(none);
    await c.upload(c.distributor, `${path(id)}/attachments`, plainJpeg);
    expect((await move(c.administrator, id, 'receive-photos')).body).toMatchObject(none);
    await c.upload(c.distributor, `${path(id)}/attachments`, Buffer.from('%PDF-1.4\n'), {
      fields: { place: 'Kitchen' },
    });
    expect((await move(c.administrator, id, 'receive-photos')).body).toMatchObject(none);
    await c.upload(c.distributor, `${path(id)}/attachments`, jpeg({ placed: false }), { fields: { place: 'Kitchen' } });
    expect((await move(c.administrator, id, 'receive-photos')).body).toMatchObject({
      state: 'photos-received',
      photographs: 1,
    });
  });

  clause('C-10', 'refused', 'closed before the regional manager was told what was done', async () => {
    const id = await upTo('serviced');
    expect((await move(c.administrator, id, 'close')).body).toMatchObject({
      status: 409,
      code: 'procedure.move-not-allowed',
      rule: 'C-10',
      allowed: ['inform-manager'],
    });
    const early = await move(c.administrator, id, 'inform-manager', { way: 'visit', at: '2026-03-09T15:59:59Z' });
    expect(early.body).toMatchObject({ status: 422, code: 'complaints.after-sales.too-early', field: 'at' });
    expect((await move(c.administrator, id, 'inform-manager', {})).body).toMatchObject({ status: 400, field: 'way' });
    expect((await move(c.administrator, id, 'inform-manager', told)).status).toBe(200);
    expect((await move(c.administrator, id, 'close')).body.state).toBe('closed');
  });

  clause(
    'C-10',
    'refused',
    'T32: the manager of another region reads it, suggests or goes there; nor another distributor',
    async () => {
      const id = await upTo('rm-notified');
      const outside = { status: 403, code: 'procedure.outside-scope' };
      expect((await c.westManager.get(path(id))).body).toMatchObject(outside);
      expect((await move(c.westManager, id, 'suggest', { suggestion: 'No' })).body).toMatchObject(outside);
      const visit = { visitedOn: '2026-03-10', findings: 'x' };
      expect((await move(c.westManager, id, 'go-on-site', visit)).body).toMatchObject(outside);
      expect((await c.westManager.get('/after-sales-cases')).body.items).toEqual([]);
      const other = await c.h.staff('distributor', { regionId: c.east });
      expect((await other.get(path(id))).body).toMatchObject(outside);
      expect((await other.get('/after-sales-cases')).body.items).toEqual([]);
      const elsewhere = form({ distributorCode: c.westCustomer.code });
      expect((await c.seller.post('/after-sales-cases', elsewhere)).body).toMatchObject(outside);
      expect((await c.seller.post('/after-sales-cases', form({ distributorCode: 'NONE' }))).body).toMatchObject({
        status: 422,
        field: 'distributorCode',
      });
      expect((await c.seller.post('/after-sales-cases', form({ productCode: 'NONE' }))).body).toMatchObject({
        status: 422,
        field: 'productCode',
      });
      // nor does a distributor report in another's name, or anybody for a person of another's
      expect((await c.distributor.post('/after-sales-cases', elsewhere)).body).toMatchObject({
        status: 403,
        code: 'complaints.complaint.not-yours',
      });
      for (const reporterId of [other.id, c.seller.id])
        expect((await c.administrator.post('/after-sales-cases', form({ reporterId }))).body).toMatchObject({
          status: 422,
          code: 'complaints.after-sales.reporter-of-another',
        });
      const long = form({ receivedAt: '1900-01-01T00:00:00Z' });
      expect((await c.seller.post('/after-sales-cases', long)).body.code).toBe('complaints.received-too-long-ago');
      expect((await c.technical.post('/after-sales-cases', form())).status).toBe(403);
      for (const anybody of [c.manager, c.distributor, c.technical])
        expect((await move(anybody, id, 'notify-manager', told)).status).toBe(403);
    },
  );

  clause(
    'C-10',
    'boundary',
    'told within thirty working minutes, at the instant still, and late a moment after',
    async () => {
      const { id } = await report();
      const deadline = async () => (await c.administrator.get(path(id))).body.deadlines[0];
      expect(await deadline()).toMatchObject({
        move: 'notify-manager',
        dueAt: '2026-03-10T02:30:00.000Z',
        clause: 'C-10',
      });
      c.h.time.set('2026-03-10T02:24:00Z');
      await until('the warning', async () => (await deadline()).warned);
      c.h.time.set('2026-03-10T02:29:59.999Z');
      await c.h.service.clocks.tick();
      expect((await deadline()).breached).toBeUndefined();
      c.h.time.set('2026-03-10T02:30:00Z');
      await until('the breach', async () => (await deadline()).breached);
      const late = { way: 'telephone', at: '2026-03-10T02:30:00.001Z' };
      expect((await move(c.administrator, id, 'notify-manager', late)).body).toMatchObject({
        status: 422,
        field: 'at',
      });
      const before = { way: 'telephone', at: '2026-03-10T01:59:59Z' };
      expect((await move(c.administrator, id, 'notify-manager', before)).body).toMatchObject({
        status: 422,
        field: 'at',
      });
      expect((await move(c.administrator, id, 'notify-manager', { ...late, at: start })).body.notifiedAt).toBe(
        '2026-03-10T02:00:00.000Z',
      );
      // at night nobody is there: a report after closing is due half an hour into the next working day
      c.h.time.set('2026-03-13T10:05:00Z');
      const evening = await report();
      expect((await c.administrator.get(path(evening.id))).body.deadlines[0].dueAt).toBe('2026-03-16T01:30:00.000Z');
      // what came by telephone earlier runs from then
      c.h.time.set(start);
      const earlier = await report(c.administrator, {
        receivedAt: '2026-03-10T01:45:00Z',
        reporterId: c.distributor.id,
      });
      expect((await c.distributor.get(path(earlier.id))).body.deadlines[0].dueAt).toBe('2026-03-10T02:15:00.000Z');
    },
  );

  it('K-Q18: counts business minutes until the manager was told, over a weekend, whenever it is written down', async () => {
    // Friday, five past six in the evening; told on Monday at ten past nine, written down at ten
    c.h.time.set('2026-03-13T10:05:00Z');
    const { id } = await report();
    c.h.time.set('2026-03-16T02:00:00Z');
    await move(c.administrator, id, 'notify-manager', { ...told, at: '2026-03-16T01:10:00Z' });
    const [notified] = (await c.h.events(afterSalesEvents['rm-notified'])).filter(({ subject }) => subject === id);
    expect(notified!.data).toMatchObject({ noticeMinutes: 10, notifiedAt: '2026-03-16T01:10:00.000Z' });
  });

  it('shows telephone and address to who has to reach the customer, and puts neither in events', async () => {
    const { id } = await report(c.distributor, {
      telephone: '13800001234',
      contact: '某某',
      address: '重庆市渝中区人民路1号',
    });
    expect((await c.administrator.get(path(id))).body).toMatchObject({ telephone: '13800001234', contact: '某某' });
    expect((await c.salesGm.get(path(id))).body).toMatchObject({ telephone: '138****1234' });
    expect(JSON.stringify(await c.h.events())).not.toContain('13800001234');
  });
});

interface Notice {
  readonly about: string;
}
