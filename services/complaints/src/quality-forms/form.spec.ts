import { delegationEvents } from '@fenxiao/contracts/appraisals';
import { noticeEvents } from '@fenxiao/contracts/platform';
import { qualityComplaintFormEvents } from '@fenxiao/contracts/quality-forms';
import { newId } from '@fenxiao/domain/id';
import { system } from '@fenxiao/service-kit/actor';
import { clause } from '@fenxiao/testing/clause';
import { harness, type Harness, type Member } from '@fenxiao/testing/harness';
import { afterAll, beforeAll, beforeEach, describe, expect } from '@jest/globals';
import { aComplaint, becomes } from '../../test/a-complaint.js';
import { complaints } from '../service.js';
import { requireFiled } from './form.js';

/** Tuesday 10 March 2026, 10:00 in Shanghai. */
const START = '2026-03-10T02:00:00Z';
let h: Harness;
let manager: Member, deputy: Member, clerk: Member, seller: Member, office: Member;
let technical: Member, technicalHead: Member, quality: Member, keeper: Member, warehouseHead: Member;
beforeAll(async () => {
  h = await harness(complaints, { now: START });
  [manager, deputy] = [await h.staff('sales-manager'), await h.staff('deputy-general-manager-sales')];
  [clerk, seller] = [await h.staff('sales-support-clerk'), await h.staff('salesperson')];
  [office, quality, technical] = [
    await h.staff('office'),
    await h.staff('quality-control'),
    await h.staff('technical-department'),
  ];
  technicalHead = await h.staff(['technical-department', 'head-of-department'], { unit: '技术部' });
  keeper = await h.staff('finished-goods-keeper', { unit: '仓储部' });
  warehouseHead = await h.staff('head-of-department', { unit: '仓储部' });
}, 60_000);
afterAll(() => h?.close());
beforeEach(() => h.time.set(START));

const path = '/quality-complaint-forms';
const move = (id: string, name: string, body: object = {}, by = manager) => by.post(`${path}/${id}/${name}`, body);
const open = async (over: Parameters<typeof aComplaint>[1] = {}, by = manager) => {
  const complaint = await aComplaint(h, over);
  const { status, body } = await by.post(path, { complaintId: complaint.id, handling: 'Batch B7 is looked at.' });
  expect([status, body.detail]).toEqual([201, undefined]);
  return { complaint, id: body.id as string, body };
};
const routed = async (departments = ['technical', 'quality'], over: Parameters<typeof aComplaint>[1] = {}) => {
  const opened = await open(over);
  expect((await move(opened.id, 'route', { departments })).body.state).toBe('routed');
  return opened;
};
const section = (department: string) => ({
  department,
  findings: `${department}: seen`,
  measures: `${department}: done`,
});
const fillAndSign = async (id: string, department: string, by: Member) => {
  expect((await move(id, 'fill-section', section(department), by)).status).toBe(200);
  return move(id, 'sign-section', { department }, by);
};
const signed = async (over: Parameters<typeof aComplaint>[1] = {}) => {
  const form = await routed(['technical', 'quality'], over);
  await fillAndSign(form.id, 'technical', technicalHead);
  await fillAndSign(form.id, 'quality', quality);
  expect((await move(form.id, 'sign', { result: 'Replaced twelve boxes.' })).body.state).toBe('signed');
  return form;
};
const factsOf = async (fact: keyof typeof qualityComplaintFormEvents, id: string) =>
  (await h.events(qualityComplaintFormEvents[fact])).filter(({ subject }) => subject === id).map(({ data }) => data);
interface Notice {
  kind: string;
  about: string;
  move: string;
  detail?: string;
  to: { powers: object; unit?: string };
}
const noticesAbout = async (id: string) =>
  (await h.events(noticeEvents('complaints').requested))
    .map(({ data }) => data as never as Notice)
    .filter(({ about }) => about === id);

describe('C-04 the quality complaint form', () => {
  clause(
    'C-04',
    'allowed',
    'opened by the manager, filled and signed by its departments, signed, as on paper',
    async () => {
      const { id, body, complaint } = await open({ severity: 'medium' });
      expect(body).toMatchObject({
        state: 'opened',
        complaintNumber: complaint.number,
        defect: 'colour difference',
        quantity: '12.500',
      });
      expect((await factsOf('opened', id))[0]).toMatchObject({
        openBy: '2026-03-10T10:00:00.000Z',
        openedOnTime: true,
      });
      await move(id, 'route', { departments: ['technical', 'quality', 'warehouse'] });
      expect(new Set((await noticesAbout(id)).map(({ to }) => to.unit))).toEqual(
        new Set(['技术部', '质检部', '仓储部']),
      );
      await move(id, 'fill-section', section('technical'), technical);
      expect((await move(id, 'sign-section', { department: 'technical' }, technicalHead)).body.state).toBe('routed');
      expect((await move(id, 'fill-section', section('warehouse'), keeper)).body.sections).toMatchObject([
        { department: 'technical', done: true, signedById: technicalHead.id },
        { department: 'quality', done: false },
        { department: 'warehouse', done: false, findings: 'warehouse: seen' },
      ]);
      await move(id, 'sign-section', { department: 'warehouse' }, warehouseHead);
      expect((await fillAndSign(id, 'quality', quality)).body.state).toBe('sections-complete');
      expect((await factsOf('sections-completed', id))[0]).toMatchObject({ departmentsSigned: 3, onTime: true });
      expect((await move(id, 'sign', { result: 'Replaced twelve boxes.' })).body).toMatchObject({ state: 'signed' });
      const page = await manager.get(`${path}/${id}/page`);
      expect(page.status).toBe(200);
      for (const text of [
        '《客户投诉质量处理表》',
        complaint.number,
        'CH-1',
        '12.500',
        '2026-03-01',
        '技术部',
        'technical: seen',
        'quality: done',
      ])
        expect(page.body).toContain(text);
      for (const text of [
        '仓储部',
        'warehouse: done',
        'Replaced twelve boxes.',
        '相关部门填报',
        '处理结果',
        '相关部门主管',
        '办公室',
      ])
        expect(page.body).toContain(text);
      expect(page.body).not.toMatch(/>[\da-f]{8}-[\da-f]{4}-/);
    },
  );

  clause(
    'C-04',
    'refused',
    'T24: a salesperson does not open it, nor who acts for the manager, nor any department',
    async () => {
      const { id: complaintId } = await aComplaint(h);
      const delegation = newId();
      await h.publish(delegationEvents.started, delegation, {
        state: 'started',
        form: {
          absentId: manager.id,
          delegateId: clerk.id,
          reason: 'trip',
          until: '2026-03-20T00:00:00.000Z',
        } as never,
      });
      await h.settle();
      for (const by of [seller, technicalHead, office])
        expect((await by.post(path, { complaintId })).body).toMatchObject({ status: 403, rule: 'C-04' });
      expect((await clerk.post(path, { complaintId })).body).toMatchObject({ status: 403, rule: 'X-05' });
      await h.publish(
        delegationEvents.ended,
        delegation,
        {
          state: 'ended',
          form: {
            absentId: manager.id,
            delegateId: clerk.id,
            reason: 'trip',
            until: '2026-03-20T00:00:00.000Z',
          } as never,
        },
        2,
      );
      await h.settle();
    },
  );

  clause(
    'C-04',
    'boundary',
    'the deputy opens it where the manager is away or complained of, and not otherwise',
    async () => {
      const [first, second] = [await aComplaint(h), await aComplaint(h)];
      expect((await deputy.post(path, { complaintId: first.id })).body).toMatchObject({
        status: 403,
        code: 'complaints.quality-complaint-form.manager-present',
      });
      const [delegation, until] = [newId(), '2026-03-12T02:00:00.000Z'];
      const form = { absentId: manager.id, delegateId: clerk.id, reason: 'trip', until } as never;
      await h.publish(delegationEvents.started, delegation, { state: 'started', form });
      await h.settle();
      h.time.set('2026-03-12T01:59:59Z');
      expect((await deputy.post(path, { complaintId: first.id })).status).toBe(201);
      h.time.set('2026-03-12T02:00:00Z');
      expect((await deputy.post(path, { complaintId: second.id })).status).toBe(403);
      await h.publish(delegationEvents.ended, delegation, { state: 'ended', form }, 2);
      await h.settle();

      const against = await open({ against: manager.id }, deputy);
      expect((await move(against.id, 'route', { departments: ['quality'] })).body).toMatchObject({
        status: 403,
        code: 'complaints.quality-complaint-form.complained-of',
      });
      const { id: complaintId } = await aComplaint(h, { against: manager.id });
      expect((await manager.post(path, { complaintId })).body.code).toBe(
        'complaints.quality-complaint-form.complained-of',
      );
      expect((await move(against.id, 'route', { departments: ['quality'] }, deputy)).body.state).toBe('routed');
    },
  );

  clause('C-04', 'refused', 'a department fills and signs its own section only, not one that is signed', async () => {
    const { id } = await routed(['technical', 'quality']);
    const code = async (name: string, body: object, by: Member) => (await move(id, name, body, by)).body.code;
    const prefix = 'complaints.quality-complaint-form';
    expect(await code('fill-section', section('technical'), quality)).toBe(`${prefix}.not-your-section`);
    expect(await code('fill-section', section('technical'), warehouseHead)).toBe(`${prefix}.not-your-section`);
    expect(await code('fill-section', section('warehouse'), keeper)).toBe(`${prefix}.not-routed`);
    expect(await code('sign-section', { department: 'technical' }, technicalHead)).toBe(`${prefix}.section-empty`);
    expect(await code('fill-section', section('technical'), technical)).toBeUndefined();
    expect(await code('sign-section', { department: 'technical' }, quality)).toBe(`${prefix}.not-your-section`);
    // the head signs
    expect(await code('sign-section', { department: 'technical' }, technical)).toBe(`${prefix}.head-signs`);
    expect(await code('sign-section', { department: 'technical' }, technicalHead)).toBeUndefined();
    expect(await code('fill-section', section('technical'), technicalHead)).toBe(`${prefix}.section-locked`);
    expect(await code('sign-section', { department: 'technical' }, technicalHead)).toBe(`${prefix}.section-locked`);
    expect((await move(id, 'fill-section', section('technical'), seller)).status).toBe(403);
  });

  clause('C-04', 'boundary', 'it is not signed before every section is', async () => {
    const { id } = await routed(['technical', 'quality']);
    await fillAndSign(id, 'technical', technicalHead);
    expect((await move(id, 'sign', { result: 'x' })).body).toMatchObject({
      status: 409,
      rule: 'C-04',
      state: 'routed',
    });
    await move(id, 'fill-section', section('quality'), quality);
    expect((await move(id, 'sign', { result: 'x' })).status).toBe(409);
    await move(id, 'sign-section', { department: 'quality' }, quality);
    expect((await move(id, 'sign', { result: 'x' }, deputy)).body.code).toBe(
      'complaints.quality-complaint-form.manager-present',
    );
    expect((await move(id, 'sign', { result: 'x' })).body.state).toBe('signed');
  });

  clause('C-04', 'refused', 'one complaint has one form, and history and archived complaints have none', async () => {
    const { complaint } = await open();
    expect((await manager.post(path, { complaintId: complaint.id })).body).toMatchObject({
      status: 409,
      code: 'complaints.quality-complaint-form.one-form',
    });
    const { id: twice } = await aComplaint(h);
    const both = await Promise.all([1, 2, 3].map(() => manager.post(path, { complaintId: twice })));
    expect(both.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([201, 409, 409]);
    const codeOf = async (over: object) =>
      (await manager.post(path, { complaintId: (await aComplaint(h, over)).id })).body.code;
    expect(await codeOf({ historic: true })).toBe('complaints.quality-complaint-form.historic');
    expect(await codeOf({ state: 'archived' })).toBe('complaints.quality-complaint-form.complaint-closed');
    const { id } = await open();
    expect((await move(id, 'route', { departments: ['quality', 'quality'] })).body.code).toBe(
      'complaints.quality-complaint-form.routed-twice',
    );
    expect((await move(id, 'route', { departments: [] })).status).toBe(400);
  });

  clause(
    'C-04',
    'boundary',
    'due by the close of the day it was logged; after that it is missing, and both are told',
    async () => {
      const [open1, late, missing] = [await aComplaint(h), await aComplaint(h), await aComplaint(h)];
      const afterHours = await aComplaint(h, { createdAt: '2026-03-10T10:00:00.001Z' });
      h.time.set('2026-03-10T10:00:00Z');
      const { body } = await manager.post(path, { complaintId: open1.id });
      await h.service.jobs.run('remind-missing-forms', '2026-03-10');
      const told = async (id: string) => (await noticesAbout(id)).filter(({ kind }) => kind === 'breach');
      expect((await factsOf('opened', body.id))[0]).toMatchObject({ openedOnTime: true });
      expect(await told(open1.id)).toEqual([]);
      expect(await told(afterHours.id)).toEqual([]);
      expect((await told(missing.id))[0]!.to.powers).toEqual({
        'sales-manager': 'all',
        'deputy-general-manager-sales': 'all',
      });
      h.time.set('2026-03-10T10:00:00.001Z');
      const second = await manager.post(path, { complaintId: late.id });
      expect((await factsOf('opened', second.body.id))[0]).toMatchObject({ openedOnTime: false });
      h.time.set('2026-03-11T10:00:00Z');
      await h.service.jobs.run('remind-missing-forms', '2026-03-11');
      expect(await told(afterHours.id)).toHaveLength(1);
      expect(await told(late.id)).toHaveLength(1);
    },
  );

  clause(
    'C-04',
    'boundary',
    'departments that have not signed in two working days are told, the manager too',
    async () => {
      const { id } = await routed(['technical', 'quality']);
      await fillAndSign(id, 'quality', quality);
      h.time.set('2026-03-12T10:00:00Z');
      await h.service.clocks.tick();
      const breach = (await noticesAbout(id)).find(({ kind }) => kind === 'breach');
      expect(breach!.to.powers).toEqual({ 'technical-department': 'all', 'sales-manager': 'all' });
      h.time.set('2026-03-12T10:00:00.001Z');
      await fillAndSign(id, 'technical', technicalHead);
      expect((await factsOf('sections-completed', id))[0]).toMatchObject({ onTime: false });
    },
  );
});

describe('C-08 original and copy', () => {
  const sent = async (over: Parameters<typeof aComplaint>[1] = {}) => {
    const form = await signed(over);
    await becomes(h, form.complaint, 'resolved');
    expect((await move(form.id, 'send-copy')).body.state).toBe('copied-to-office');
    return form;
  };
  const sealed = async (id: string) => (await office.get(`/archive?subject=${id}`)).body.items as Sealed[];
  interface Sealed {
    hash: string;
    version: number;
    holders: object[];
  }
  const requireIt = (id: string) => h.service.transactions.run(system, (work) => requireFiled(work, id));

  clause(
    'C-08',
    'allowed',
    'the sealed copy goes to the office, which receives it; sales keeps the original',
    async () => {
      const { id, complaint } = await sent();
      const [document, ...others] = await sealed(id);
      expect(others).toEqual([]);
      expect(document!.holders).toEqual([
        { holder: 'sales-manager', kind: 'original' },
        { holder: 'office', kind: 'copy' },
      ]);
      expect((await noticesAbout(id)).at(-1)).toMatchObject({
        kind: 'task',
        move: 'receive-copy',
        to: { powers: { office: 'all' } },
      });
      const { body } = await move(id, 'receive-copy', { place: 'Cabinet 4', hash: document!.hash }, office);
      expect(body).toMatchObject({
        state: 'filed',
        copyHash: document!.hash,
        copyReceivedById: office.id,
        place: 'Cabinet 4',
      });
      const [filed] = await factsOf('copy-filed', id);
      expect(filed).toMatchObject({
        hash: document!.hash,
        copyOnTime: true,
        copyDueAt: '2026-03-11T10:00:00.000Z',
        meta: { rule: 'C-08' },
      });
      await requireIt(complaint.id);
      const page = await office.get(`${path}/${id}/page`);
      expect(page.body).toContain(document!.hash);
    },
  );

  clause('C-08', 'refused', 'T25: without the office having received the copy nothing is closed', async () => {
    const refusal = { code: 'complaints.complaint.copy-not-received', kind: 'conflict', rule: 'C-08' };
    const { id: bare } = await aComplaint(h);
    await expect(requireIt(bare)).rejects.toMatchObject(refusal);
    const { id, complaint } = await signed();
    expect((await move(id, 'send-copy')).body).toMatchObject({
      status: 409,
      code: 'complaints.quality-complaint-form.not-handled',
    });
    await becomes(h, complaint, 'resolved');
    await expect(requireIt(complaint.id)).rejects.toMatchObject(refusal);
    expect((await move(id, 'send-copy')).body.state).toBe('copied-to-office');
    await expect(requireIt(complaint.id)).rejects.toMatchObject(refusal);
    for (const by of [manager, deputy, clerk, technicalHead])
      expect((await move(id, 'receive-copy', { place: 'x' }, by)).body).toMatchObject({ status: 403, rule: 'C-08' });
    expect((await move(id, 'receive-copy', { place: 'x', hash: 'a'.repeat(64) }, office)).body).toMatchObject({
      status: 422,
      code: 'complaints.quality-complaint-form.other-copy',
    });
    // read-only from here on
    expect((await move(id, 'sign', { result: 'another' })).status).toBe(409);
    expect((await move(id, 'fill-section', section('technical'), technical)).status).toBe(409);
    await move(id, 'receive-copy', { place: 'Cabinet 4' }, office);
    await expect(requireIt(complaint.id)).resolves.toBeUndefined();
    expect((await move(id, 'receive-copy', { place: 'again' }, office)).status).toBe(409);
  });

  clause(
    'C-08',
    'boundary',
    'received by the end of the next business day is on time, a moment later the manager is told',
    async () => {
      const [first, second] = [await sent(), await sent()];
      h.time.set('2026-03-11T10:00:00Z');
      await move(first.id, 'receive-copy', { place: 'x' }, office);
      await h.service.clocks.tick();
      h.time.set('2026-03-11T10:00:00.001Z');
      await move(second.id, 'receive-copy', { place: 'x' }, office);
      expect((await factsOf('copy-filed', first.id))[0]).toMatchObject({ copyOnTime: true });
      expect((await factsOf('copy-filed', second.id))[0]).toMatchObject({ copyOnTime: false });
      const breach = (await noticesAbout(second.id)).find(({ kind }) => kind === 'breach');
      expect(breach!.to.powers).toEqual({ office: 'all', 'sales-manager': 'all' });
    },
  );

  clause('C-08', 'boundary', 'opened again with its complaint: another edition, copied and received anew', async () => {
    const { id, complaint } = await sent();
    await move(id, 'receive-copy', { place: 'Cabinet 4' }, office);
    expect((await move(id, 'reopen', { reason: 'x' })).body.code).toBe(
      'complaints.quality-complaint-form.complaint-not-reopened',
    );
    h.time.set('2026-03-20T02:00:00Z');
    await becomes(h, complaint, 'reopened');
    await h.pool.query(
      `INSERT INTO audit (at, actor, role, procedure, subject, move, outcome, rule) VALUES ($1, 'system', 'system', 'complaint', $2, 'reopen', 'done', 'C-07')`,
      [h.time.now(), complaint.id],
    );
    await expect(requireIt(complaint.id)).rejects.toMatchObject({ rule: 'C-08' });
    expect((await move(id, 'reopen', { reason: 'Shades differ again.' })).body).toMatchObject({
      state: 'opened',
      edition: 2,
      sections: [],
      result: null,
    });
    expect(await sealed(id)).toHaveLength(1);
    await move(id, 'route', { departments: ['quality'] });
    await fillAndSign(id, 'quality', quality);
    await move(id, 'sign', { result: 'Money back.' });
    h.time.set('2026-03-20T02:00:01Z');
    await becomes(h, complaint, 'resolved');
    await move(id, 'send-copy');
    await move(id, 'receive-copy', { place: 'Cabinet 4' }, office);
    await expect(requireIt(complaint.id)).resolves.toBeUndefined();
    expect((await sealed(id)).map(({ version }) => version)).toEqual([2, 1]);
  });
});
