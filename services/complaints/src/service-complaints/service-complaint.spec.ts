import { createHash } from 'node:crypto';
import { delegationEvents, personEvents, positionEvents } from '@fenxiao/contracts/appraisals';
import { newId } from '@fenxiao/domain/id';
import { canonical } from '@fenxiao/service-kit/archive';
import { clause } from '@fenxiao/testing/clause';
import { schemaDrift } from '@fenxiao/testing/drift';
import type { Member } from '@fenxiao/testing/harness';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  company,
  customerIn,
  deadlines,
  logged,
  opened,
  settled,
  verified,
  type Case,
  type Company,
} from '../../test/company.js';

let c: Company;
beforeAll(async () => {
  c = await company();
}, 60_000);
afterAll(() => c?.close());
beforeEach(() => c.h.time.set('2026-03-10T02:00:00Z'));

const told = { informedOn: '2026-03-10', way: 'telephone' };
const factsOf = async ({ id }: Case) => (await c.h.events()).filter(({ subject }) => subject === id);
const namesOf = async (found: Case) => (await factsOf(found)).map(({ type }) => type.split('.')[3]);

describe('C-12 service complaint form 《客户投诉服务处理表》', () => {
  it('is stored as the entity says', async () => {
    expect(await schemaDrift(c.h)).toEqual([]);
  });

  clause('C-12', 'allowed', 'from the first word to the copy in the office; sales keeps the original', async () => {
    const found = await settled(c);
    expect(found.number).toMatch(/^FWTS-2026-\d{6}$/);
    expect((await found.move('inform-customer', c.salesManager, told)).status).toBe(200);
    expect((await found.move('send-copy', c.salesManager)).body).toMatchObject({ state: 'copied-to-office' });
    const sealed = (await c.gm.get(`/archive?subject=${found.id}`)).body.items[0];
    const { body: document } = await c.gm.get(`/archive/${sealed.id}`);
    expect(document).toMatchObject({
      verified: true,
      holders: [
        { holder: 'sales-manager', kind: 'original' },
        { holder: 'office', kind: 'copy' },
      ],
      content: { record: { accusedId: c.accused.id, unit: 'warehouse', measures: 'Talked to him.' } },
    });
    for (const by of [c.salesManager, c.deputy, c.head])
      expect((await found.move('receive-copy', by)).status).toBe(403);
    const { body } = await found.move('receive-copy', c.office);
    const digest = createHash('sha256').update(canonical(document.content)).digest('hex');
    expect(body).toMatchObject({ state: 'archived', digest });
    expect(await namesOf(found)).toEqual(
      ['logged', 'opened', 'verified', 'sent-to-department', 'handled', 'settled'].concat([
        'customer-informed',
        'copy-sent',
        'copy-filed',
      ]),
    );
    expect((await factsOf(found)).at(-1)!.data).toMatchObject({
      accusedId: c.accused.id,
      unit: 'warehouse',
      severity: 'minor',
      handlerId: c.head.id,
      founded: true,
      digest,
      informedOn: '2026-03-10',
      regionId: c.east,
      distributorId: c.customer.id,
      meta: { rule: 'C-12' },
    });
    const { body: page } = await c.office.get(`/service-complaints/${found.id}/page`, { 'accept-language': 'zh' });
    for (const text of ['客户投诉服务处理表', found.number, '轻微', 'Talked to him.']) expect(page).toContain(text);
  });

  clause(
    'C-12',
    'refused',
    'T24: a salesperson opens no complaint form, nor does the office or the clerk',
    async () => {
      const found = await logged(c);
      const form = { accusedId: c.accused.id, severity: 'minor' };
      const clerk = await c.h.staff('sales-support-clerk');
      for (const by of [c.seller, c.office, clerk, c.head])
        expect((await found.move('open', by, form)).body).toMatchObject({ status: 403, rule: 'C-12' });
      expect((await found.read()).state).toBe('logged');
      expect(await c.refusals(found.id)).toHaveLength(4);
    },
  );

  clause('C-12', 'refused', 'T27: the person complained of neither edits the form nor handles it', async () => {
    const found = await verified(c);
    const named = await found.move('send-to-department', c.salesManager, { handlerId: c.accused.id });
    expect(named.body).toMatchObject({ status: 403, rule: 'C-12', field: 'handlerId' });
    await found.move('send-to-department', c.salesManager);
    expect((await found.move('handle', c.accused, { measures: 'Nothing.' })).body).toMatchObject({
      status: 403,
      code: 'complaints.service-complaint.accused',
      rule: 'C-12',
    });
    expect(await c.refusals(found.id)).toEqual(Array(2).fill('complaints.service-complaint.accused'));
    const refused = (await c.h.events()).filter(({ data }) => (data as { about?: string }).about === found.id);
    expect(refused.map(({ type }) => type)).toContain('fenxiao.complaints.move.refused.v1');
    expect((await found.move('handle', c.colleague, { measures: 'Changed the shift.' })).status).toBe(200);

    // the manager, complained of, has none of the moves of a manager
    const other = await logged(c);
    const against = { accusedId: c.salesManager.id, severity: 'minor' };
    expect((await other.move('open', c.salesManager, against)).body).toMatchObject({ status: 403, rule: 'C-12' });
    expect((await other.move('open', c.deputy, against)).body).toMatchObject({ state: 'opened', unit: 'sales' });
    const moves: [string, object][] = [
      ['verify', { founded: false, findings: 'x' }],
      ['escalate', { suggestion: 'x' }],
      ['raise-severity', { severity: 'grave' }],
      ['send-to-department', {}],
    ];
    for (const [move, form] of moves)
      expect((await other.move(move, c.salesManager, form)).body).toMatchObject({
        status: 403,
        code: 'complaints.service-complaint.accused',
      });
  });

  clause('C-12', 'refused', 'another department, another handler than the one named, nobody as customer', async () => {
    const found = await logged(c);
    const form = { accusedId: c.accused.id, severity: 'minor' };
    expect((await found.move('open', c.salesManager, { ...form, unit: 'sales' })).body).toMatchObject({
      status: 422,
      field: 'unit',
    });
    await found.move('open', c.salesManager, form);
    const outside = await found.move('send-to-department', c.salesManager, { handlerId: c.office.id });
    expect(outside.body).toMatchObject({ status: 422, field: 'handlerId' });
    await found.move('send-to-department', c.salesManager, { handlerId: c.head.id });
    expect((await found.move('handle', c.colleague, { measures: 'x' })).body).toMatchObject({
      status: 403,
      code: 'complaints.service-complaint.other-handler',
    });
    const log = (extra: object) => c.seller.post('/service-complaints', { description: 'Late.', ...extra });
    expect((await log({})).body).toMatchObject({ status: 422, field: 'distributorCode' });
    expect((await log({ distributorCode: 'NONE' })).body).toMatchObject({ status: 422, field: 'distributorCode' });
    expect((await log({ customer: '王某', receivedAt: '2026-03-10T02:00:01Z' })).body).toMatchObject({
      status: 422,
      field: 'receivedAt',
    });
    expect((await log({ customer: '王某', receivedAt: '2026-03-10T02:00:00Z' })).status).toBe(201);
  });

  clause(
    'C-12',
    'boundary',
    'the deputy opens it from the moment the manager is away, to the moment of return',
    async () => {
      const form = { accusedId: c.accused.id, severity: 'minor' };
      const found = await logged(c);
      expect((await found.move('open', c.deputy, form)).body).toMatchObject({
        status: 403,
        code: 'complaints.form.manager-opens',
      });
      const clerk = await c.h.staff('sales-support-clerk');
      const until = '2026-03-11T10:00:00Z';
      const away = { absentId: c.salesManager.id, delegateId: clerk.id, until };
      await c.h.publish(delegationEvents.started, newId(), { state: 'started', form: away });
      await c.h.settle();
      // who stands in for daily operation does not fill in complaint forms
      expect((await found.move('open', clerk, form)).status).toBe(403);
      c.h.time.set('2026-03-11T09:59:59Z');
      expect((await found.move('open', c.deputy, form)).body).toMatchObject({ state: 'opened' });
      const later = await logged(c);
      c.h.time.set(until);
      expect((await later.move('open', c.deputy, form)).status).toBe(403);
    },
  );

  clause('C-12', 'allowed', 'of somebody who has left since, or has no department: it is named', async () => {
    const gone = await c.h.staff('finished-goods-keeper', { unit: 'warehouse' });
    const [early, late] = [await logged(c), await logged(c)];
    await c.h.publish(personEvents.left, gone.id, { staffNumber: 'S90', lastDay: '2026-03-11' }, 2);
    await c.h.settle();
    c.h.time.set('2026-03-12T02:00:00Z');
    const form = { accusedId: gone.id, severity: 'minor' };
    expect((await early.move('open', c.salesManager, form)).body).toMatchObject({ state: 'opened', unit: 'warehouse' });

    const none = await c.h.staff('salesperson', { regionId: c.east });
    const open = (extra: object) => late.move('open', c.salesManager, { ...form, accusedId: none.id, ...extra });
    for (const extra of [{}, { unit: 'warehuose' }])
      expect((await open(extra)).body).toMatchObject({ status: 422, field: 'unit' });
    const dealer = await c.h.staff('distributor', { unit: 'D1' });
    expect((await open({ accusedId: dealer.id, unit: 'sales' })).body).toMatchObject({
      status: 422,
      field: 'accusedId',
    });
    expect((await open({ unit: 'sales' })).body).toMatchObject({ state: 'opened', unit: 'sales' });
  });

  clause('C-12', 'allowed', 'another handler where the one named has left and the head is complained of', async () => {
    const found = await logged(c);
    const gone = await c.h.staff('finished-goods-keeper', { unit: 'warehouse' });
    await found.move('open', c.salesManager, { accusedId: c.head.id, severity: 'minor' });
    await found.move('send-to-department', c.salesManager, { handlerId: gone.id });
    await c.h.publish(personEvents.left, gone.id, { staffNumber: 'S91', lastDay: '2026-03-10' }, 2);
    await c.h.settle();
    const [due, handle] = [await deadlines(found), { measures: 'x' }];
    for (const by of [c.head, c.colleague]) expect((await found.move('handle', by, handle)).status).toBe(403);
    const assign = (form: object, by = c.salesManager) => found.move('assign-handler', by, form);
    expect((await assign({ handlerId: c.head.id })).body).toMatchObject({ status: 403, field: 'handlerId' });
    expect((await assign({ handlerId: c.office.id })).body).toMatchObject({ status: 422, field: 'handlerId' });
    expect((await assign({}, c.colleague)).status).toBe(403);
    expect((await assign({})).body).toMatchObject({ state: 'with-department', handlerId: null });
    expect((await assign({ handlerId: c.colleague.id })).body).toMatchObject({ handlerId: c.colleague.id });
    expect(await deadlines(found)).toEqual(due); // the department has no more time for it
    expect((await found.move('handle', c.colleague, handle)).status).toBe(200);
  });

  clause('C-12', 'refused', "T32: of another region's customer, by who works in a region", async () => {
    await customerIn(c.h, c.west, 'D2');
    const manager = await c.h.staff('regional-manager', { regionId: c.east });
    const log = (by: Member, distributorCode: string) =>
      by.post('/service-complaints', { distributorCode, description: 'Late.' });
    for (const by of [c.seller, manager])
      expect((await log(by, 'D2')).body).toMatchObject({ status: 403, rule: 'C-12' });
    for (const by of [c.seller, manager]) expect((await log(by, 'D1')).body).toMatchObject({ region: c.east });
    expect((await log(await c.h.staff('sales-support-clerk'), 'D2')).body).toMatchObject({ region: c.west });
  });

  clause(
    'C-12',
    'boundary',
    'handled by who answers for it only where nobody else works in the department',
    async () => {
      const alone = await c.h.staff('operations', { unit: 'transport' });
      const found = await logged(c);
      await found.move('open', c.salesManager, { accusedId: alone.id, severity: 'minor' });
      await found.move('send-to-department', c.salesManager);
      const handle = (by: Member) => found.move('handle', by, { measures: 'x' });
      expect((await handle(c.office)).body).toMatchObject({
        status: 403,
        code: 'complaints.service-complaint.other-side',
      });
      const second = await c.h.staff('operations', { unit: 'transport' });
      expect((await handle(c.salesManager)).body).toMatchObject({
        status: 403,
        code: 'complaints.service-complaint.department-handles',
      });
      await c.h.publish(personEvents.left, second.id, { staffNumber: 'S92', lastDay: '2026-03-10' }, 2);
      await c.h.settle();
      expect((await handle(c.salesManager)).body).toMatchObject({ state: 'handled', handlerId: c.salesManager.id });
    },
  );

  clause('C-12', 'refused', 'by the head of another department in the place of who was named', async () => {
    const both = await c.h.staff('finished-goods-keeper', { unit: 'warehouse' });
    await c.h.publish(positionEvents.assigned, newId(), {
      personId: both.id,
      roles: ['head-of-department'],
      unit: 'technical',
      validFrom: '2020-01-01',
    });
    await c.h.settle();
    const found = await opened(c);
    await found.move('send-to-department', c.salesManager, { handlerId: c.colleague.id });
    expect((await found.move('handle', both, { measures: 'x' })).body).toMatchObject({
      status: 403,
      code: 'complaints.service-complaint.other-handler',
    });
    expect((await found.move('handle', c.head, { measures: 'x' })).status).toBe(200);
  });

  it('is read by the department, its region, and whoever logged it', async () => {
    const found = await opened(c);
    const path = `/service-complaints/${found.id}`;
    const readers = async (...ids: Parameters<typeof c.h.staff>[]) =>
      Promise.all(ids.map(async (who) => (await (await c.h.staff(...who)).get(path)).status));
    expect(
      await readers(
        ['regional-manager', { regionId: c.east }],
        ['head-of-department', { unit: 'warehouse' }],
        ['regional-manager', { regionId: c.west }],
        ['head-of-department', { unit: 'technical' }],
        ['salesperson', { regionId: c.east }],
      ),
    ).toEqual([200, 200, 403, 403, 403]);
    expect((await c.seller.get(path)).status).toBe(200);
    const mine = await c.gm.get(`/service-complaints?accusedId=${c.accused.id}&severity=minor&unit=warehouse`);
    expect(mine.body.items.map(({ id }: { id: string }) => id)).toContain(found.id);
  });
});
