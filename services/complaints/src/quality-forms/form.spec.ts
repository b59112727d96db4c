import { delegationEvents } from '@fenxiao/contracts/appraisals';
import { newId } from '@fenxiao/domain/id';
import { clause } from '@fenxiao/testing/clause';
import type { Member } from '@fenxiao/testing/harness';
import { afterAll, beforeAll, beforeEach, describe, expect } from '@jest/globals';
import { aComplaint } from '../../test/a-complaint.js';
import { formWorld, ifMatch, path, section, type FormWorld } from '../../test/quality-form-world.js';

/** Tuesday 10 March 2026, 10:00 in Shanghai. */
const START = '2026-03-10T02:00:00Z';
let w: FormWorld;
beforeAll(async () => {
  w = await formWorld(START);
}, 60_000);
afterAll(() => w?.h.close());
beforeEach(() => w.h.time.set(START));

describe('C-04 the quality complaint form', () => {
  clause(
    'C-04',
    'allowed',
    'opened by the manager, filled and signed by its departments, signed, as on paper',
    async () => {
      const { id, body, complaint } = await w.open({ severity: 'medium' });
      expect(body).toMatchObject({
        state: 'opened',
        complaintNumber: complaint.number,
        defect: 'colour difference',
        quantity: '12.500',
      });
      expect((await w.factsOf('opened', id))[0]).toMatchObject({
        openBy: '2026-03-10T10:00:00.000Z',
        openedOnTime: true,
      });
      await w.move(id, 'route', { departments: ['technical', 'quality', 'warehouse'] });
      expect(new Set((await w.noticesAbout(id)).map(({ to }) => to.unit))).toEqual(
        new Set(['技术部', '质检部', '仓储部']),
      );
      await w.move(id, 'fill-section', section('technical'), w.technical);
      expect((await w.move(id, 'sign-section', { department: 'technical' }, w.technicalHead)).body.state).toBe(
        'routed',
      );
      expect((await w.move(id, 'fill-section', section('warehouse'), w.keeper)).body.sections).toMatchObject([
        { department: 'technical', done: true, signedById: w.technicalHead.id },
        { department: 'quality', done: false },
        { department: 'warehouse', done: false, findings: 'warehouse: seen' },
      ]);
      await w.move(id, 'sign-section', { department: 'warehouse' }, w.warehouseHead);
      expect((await w.fillAndSign(id, 'quality', w.quality)).body.state).toBe('sections-complete');
      expect((await w.factsOf('sections-completed', id))[0]).toMatchObject({ departmentsSigned: 3, onTime: true });
      expect((await w.move(id, 'sign', { result: 'Replaced twelve boxes.' })).body).toMatchObject({ state: 'signed' });
      const page = await w.manager.get(`${path}/${id}/page`);
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
      const { id: complaintId } = await aComplaint(w.h);
      const delegation = newId();
      await w.h.publish(delegationEvents.started, delegation, {
        state: 'started',
        form: {
          absentId: w.manager.id,
          delegateId: w.clerk.id,
          reason: 'trip',
          until: '2026-03-20T00:00:00.000Z',
        } as never,
      });
      await w.h.settle();
      for (const by of [w.seller, w.technicalHead, w.office])
        expect((await by.post(path, { complaintId })).body).toMatchObject({ status: 403, rule: 'C-04' });
      expect((await w.clerk.post(path, { complaintId })).body).toMatchObject({ status: 403, rule: 'X-05' });
      await w.h.publish(
        delegationEvents.ended,
        delegation,
        {
          state: 'ended',
          form: {
            absentId: w.manager.id,
            delegateId: w.clerk.id,
            reason: 'trip',
            until: '2026-03-20T00:00:00.000Z',
          } as never,
        },
        2,
      );
      await w.h.settle();
    },
  );

  clause(
    'C-04',
    'boundary',
    'the deputy opens it where the manager is away or complained of, and not otherwise',
    async () => {
      const [first, second] = [await aComplaint(w.h), await aComplaint(w.h)];
      expect((await w.deputy.post(path, { complaintId: first.id })).body).toMatchObject({
        status: 403,
        code: 'complaints.quality-complaint-form.manager-present',
      });
      const [delegation, until] = [newId(), '2026-03-12T02:00:00.000Z'];
      const form = { absentId: w.manager.id, delegateId: w.clerk.id, reason: 'trip', until } as never;
      await w.h.publish(delegationEvents.started, delegation, { state: 'started', form });
      await w.h.settle();
      w.h.time.set('2026-03-12T01:59:59Z');
      expect((await w.deputy.post(path, { complaintId: first.id })).status).toBe(201);
      w.h.time.set('2026-03-12T02:00:00Z');
      expect((await w.deputy.post(path, { complaintId: second.id })).status).toBe(403);
      await w.h.publish(delegationEvents.ended, delegation, { state: 'ended', form }, 2);
      await w.h.settle();

      const against = await w.open({ against: w.manager.id }, w.deputy);
      expect((await w.move(against.id, 'route', { departments: ['quality'] })).body).toMatchObject({
        status: 403,
        code: 'complaints.quality-complaint-form.complained-of',
      });
      const { id: complaintId } = await aComplaint(w.h, { against: w.manager.id });
      expect((await w.manager.post(path, { complaintId })).body.code).toBe(
        'complaints.quality-complaint-form.complained-of',
      );
      expect((await w.move(against.id, 'route', { departments: ['quality'] }, w.deputy)).body.state).toBe('routed');
    },
  );

  clause('C-04', 'refused', 'a department fills and signs its own section only, not one that is signed', async () => {
    const { id } = await w.routed(['technical', 'quality']);
    const code = async (name: string, body: object, by: Member) => (await w.move(id, name, body, by)).body.code;
    const prefix = 'complaints.quality-complaint-form';
    expect(await code('fill-section', section('technical'), w.quality)).toBe(`${prefix}.not-your-section`);
    expect(await code('fill-section', section('technical'), w.warehouseHead)).toBe(`${prefix}.not-your-section`);
    expect(await code('fill-section', section('warehouse'), w.keeper)).toBe(`${prefix}.not-routed`);
    expect(await code('sign-section', { department: 'technical' }, w.technicalHead)).toBe(`${prefix}.section-empty`);
    expect(await code('fill-section', section('technical'), w.technical)).toBeUndefined();
    expect(await code('sign-section', { department: 'technical' }, w.quality)).toBe(`${prefix}.not-your-section`);
    // the head signs
    expect(await code('sign-section', { department: 'technical' }, w.technical)).toBe(`${prefix}.head-signs`);
    expect(await code('sign-section', { department: 'technical' }, w.technicalHead)).toBeUndefined();
    expect(await code('fill-section', section('technical'), w.technicalHead)).toBe(`${prefix}.section-locked`);
    expect(await code('sign-section', { department: 'technical' }, w.technicalHead)).toBe(`${prefix}.section-locked`);
    expect((await w.move(id, 'fill-section', section('technical'), w.seller)).status).toBe(403);
  });

  clause(
    'C-04',
    'refused',
    'nobody signs what they have not seen: what was written since they read it, or nothing',
    async () => {
      const { id } = await w.routed(['technical', 'quality']);
      await w.move(id, 'fill-section', section('technical'), w.technical);
      const seen = await ifMatch(w.technicalHead, id);
      await w.move(id, 'fill-section', { ...section('technical'), findings: 'Another.' }, w.technical);
      const sign = (headers: Record<string, string>) =>
        w.technicalHead.post(`${path}/${id}/sign-section`, { department: 'technical' }, headers);
      expect((await sign(seen)).body).toMatchObject({ status: 412, code: 'request.stale-version' });
      expect((await sign({})).status).toBe(428);
      expect((await sign(await ifMatch(w.technicalHead, id))).status).toBe(200);
      await w.fillAndSign(id, 'quality', w.quality);
      const result = { result: 'Replaced.' };
      expect((await w.manager.post(`${path}/${id}/sign`, result)).status).toBe(428);
      expect((await w.manager.post(`${path}/${id}/sign`, result, seen)).status).toBe(412);
    },
  );

  clause(
    'C-04',
    'boundary',
    'the heads who have yet to sign are reminded in the morning, and told at the end',
    async () => {
      const { id } = await w.routed(['warehouse', 'technical', 'quality'], { against: w.quality.id });
      await w.fillAndSign(id, 'technical', w.technicalHead);
      for (const [at, kind] of [
        ['2026-03-11T22:00:00Z', 'reminder'],
        ['2026-03-12T10:00:00Z', 'breach'],
      ] as const) {
        w.h.time.set(at);
        await w.h.service.clocks.tick();
        const { to } = (await w.noticesAbout(id)).findLast((notice) => notice.kind === kind)!;
        expect(to).toMatchObject({ persons: [w.warehouseHead.id], except: [w.quality.id] });
        expect(to.powers).toMatchObject({ 'finished-goods-keeper': 'all', 'quality-control': 'all' });
        expect(to.powers).not.toHaveProperty('technical-department');
      }
    },
  );

  clause('C-04', 'boundary', 'it is not signed before every section is', async () => {
    const { id } = await w.routed(['technical', 'quality']);
    await w.fillAndSign(id, 'technical', w.technicalHead);
    expect((await w.move(id, 'sign', { result: 'x' })).body).toMatchObject({
      status: 409,
      rule: 'C-04',
      state: 'routed',
    });
    await w.move(id, 'fill-section', section('quality'), w.quality);
    expect((await w.move(id, 'sign', { result: 'x' })).status).toBe(409);
    await w.move(id, 'sign-section', { department: 'quality' }, w.quality);
    expect((await w.move(id, 'sign', { result: 'x' }, w.deputy)).body.code).toBe(
      'complaints.quality-complaint-form.manager-present',
    );
    expect((await w.move(id, 'sign', { result: 'x' })).body.state).toBe('signed');
  });

  clause('C-04', 'refused', 'one complaint has one form, and history and archived complaints have none', async () => {
    const { complaint } = await w.open();
    expect((await w.manager.post(path, { complaintId: complaint.id })).body).toMatchObject({
      status: 409,
      code: 'complaints.quality-complaint-form.one-form',
    });
    const { id: twice } = await aComplaint(w.h);
    const both = await Promise.all([1, 2, 3].map(() => w.manager.post(path, { complaintId: twice })));
    expect(both.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([201, 409, 409]);
    const codeOf = async (over: object) =>
      (await w.manager.post(path, { complaintId: (await aComplaint(w.h, over)).id })).body.code;
    expect(await codeOf({ historic: true })).toBe('complaints.quality-complaint-form.historic');
    expect(await codeOf({ state: 'archived' })).toBe('complaints.quality-complaint-form.complaint-closed');
    const { id } = await w.open();
    expect((await w.move(id, 'route', { departments: ['quality', 'quality'] })).body.code).toBe(
      'complaints.quality-complaint-form.routed-twice',
    );
    expect((await w.move(id, 'route', { departments: [] })).status).toBe(400);
  });

  clause(
    'C-04',
    'boundary',
    'due by the close of the day it was logged; after that it is missing, and both are told',
    async () => {
      const [open1, late, missing] = [await aComplaint(w.h), await aComplaint(w.h), await aComplaint(w.h)];
      const afterHours = await aComplaint(w.h, { createdAt: '2026-03-10T10:00:00.001Z' });
      w.h.time.set('2026-03-10T10:00:00Z');
      const { body } = await w.manager.post(path, { complaintId: open1.id });
      await w.h.service.jobs.run('remind-missing-forms', '2026-03-10');
      const told = async (id: string) => (await w.noticesAbout(id)).filter(({ kind }) => kind === 'breach');
      expect((await w.factsOf('opened', body.id))[0]).toMatchObject({ openedOnTime: true });
      expect(await told(open1.id)).toEqual([]);
      expect(await told(afterHours.id)).toEqual([]);
      expect((await told(missing.id))[0]!.to.powers).toEqual({
        'sales-manager': 'all',
        'deputy-general-manager-sales': 'all',
      });
      w.h.time.set('2026-03-10T10:00:00.001Z');
      const second = await w.manager.post(path, { complaintId: late.id });
      expect((await w.factsOf('opened', second.body.id))[0]).toMatchObject({ openedOnTime: false });
      w.h.time.set('2026-03-11T10:00:00Z');
      await w.h.service.jobs.run('remind-missing-forms', '2026-03-11');
      expect(await told(afterHours.id)).toHaveLength(1);
      expect(await told(late.id)).toHaveLength(1);
    },
  );

  clause(
    'C-04',
    'boundary',
    'departments that have not signed in two working days are told, the manager too',
    async () => {
      const { id } = await w.routed(['technical', 'quality']);
      await w.fillAndSign(id, 'quality', w.quality);
      w.h.time.set('2026-03-12T10:00:00Z');
      await w.h.service.clocks.tick();
      const breach = (await w.noticesAbout(id)).find(({ kind }) => kind === 'breach');
      expect(breach!.to.powers).toEqual({ 'technical-department': 'all', 'sales-manager': 'all' });
      w.h.time.set('2026-03-12T10:00:00.001Z');
      await w.fillAndSign(id, 'technical', w.technicalHead);
      expect((await w.factsOf('sections-completed', id))[0]).toMatchObject({ onTime: false });
    },
  );
});
