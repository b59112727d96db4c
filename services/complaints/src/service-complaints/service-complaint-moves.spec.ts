import { noticeEvents } from '@fenxiao/contracts/platform';
import { serviceComplaintEvents } from '@fenxiao/contracts/service-complaints';
import { clause } from '@fenxiao/testing/clause';
import { until } from '@fenxiao/testing/wait';
import { afterAll, beforeAll, beforeEach, describe, expect } from '@jest/globals';
import { company, deadlines, logged, opened, settled, type Case, type Company } from '../../test/company.js';

let c: Company;
beforeAll(async () => {
  c = await company();
}, 60_000);
afterAll(() => c?.close());
beforeEach(() => c.h.time.set('2026-03-10T02:00:00Z'));

/** notices are aggregates of their own, so they come in any order */
const byText = (a: string, b: string) => a.localeCompare(b);
const told = { informedOn: '2026-03-10', way: 'telephone' };

/** its breaches, once there are so many */
const breaches = (found: Case, many: number) =>
  until('the breaches', async () => {
    await c.h.service.clocks.tick();
    const over = (await c.h.events(serviceComplaintEvents['clock-breached'])).filter(
      ({ subject }) => subject === found.id,
    );
    return over.length === many && over.map(({ data }) => data as unknown as { move: string; dueAt: string });
  });

describe('C-13 report, escalate, tell the customer 非质量的投诉', () => {
  clause(
    'C-13',
    'allowed',
    'serious: reported with a suggestion, handled by the office, the customer told',
    async () => {
      const found = await settled(c, 'serious');
      expect((await found.move('inform-customer', c.office, told)).status).toBe(200);
      expect((await found.move('send-copy', c.salesManager)).status).toBe(200);
      const [escalated] = (await c.h.events(serviceComplaintEvents.escalated)).filter(
        ({ subject }) => subject === found.id,
      );
      expect(escalated!.data).toMatchObject({ suggestion: 'Hear both.', severity: 'serious', meta: { rule: 'C-13' } });
      const [informed] = (await c.h.events(serviceComplaintEvents['customer-informed'])).filter(
        ({ subject }) => subject === found.id,
      );
      expect(informed!.data).toMatchObject({ ...told, meta: { rule: 'C-13' } });
      const notices = (await c.h.events(noticeEvents('complaints').requested))
        .map(({ data }) => data as unknown as { about: string; move: string; to: { powers: object } })
        .filter(({ about }) => about === found.id);
      // reported to the manager or the deputy, to the office, to the department
      expect(notices.map(({ move, to }) => `${move}: ${Object.keys(to.powers).join()}`).toSorted(byText)).toEqual([
        'handle: head-of-department',
        'open: sales-manager,deputy-general-manager-sales',
        'receive-copy: office',
        'settle: office',
        'settle: office',
      ]);
    },
  );

  clause('C-13', 'refused', 'T26: not closed before the customer has been told, with date and way', async () => {
    const found = await settled(c);
    expect((await found.move('send-copy', c.salesManager)).body).toMatchObject({
      status: 409,
      code: 'complaints.service-complaint.customer-not-informed',
      rule: 'C-13',
    });
    const inform = (form: object) => found.move('inform-customer', c.salesManager, form);
    expect((await inform({ informedOn: '2026-03-10' })).body).toMatchObject({ status: 400, field: 'way' });
    expect((await inform({ way: 'telephone' })).body).toMatchObject({ status: 400, field: 'informedOn' });
    expect((await found.read()).state).toBe('handled');
    await inform(told);
    // another result is told anew
    await found.move('settle', c.salesManager, { result: 'A refund of the freight.' });
    expect((await found.move('send-copy', c.salesManager)).body).toMatchObject({ status: 409 });
    await inform(told);
    expect((await found.move('send-copy', c.salesManager)).status).toBe(200);
  });

  clause(
    'C-13',
    'refused',
    'the other side, without a suggestion, before it is found out, before there is a result',
    async () => {
      const found = await logged(c);
      await found.move('open', c.salesManager, { accusedId: c.accused.id, severity: 'serious' });
      const verify = (by: typeof c.office) => found.move('verify', by, { founded: true, findings: 'x' });
      expect((await verify(c.salesManager)).body).toMatchObject({
        status: 403,
        code: 'complaints.service-complaint.other-side',
        rule: 'C-13',
      });
      expect((await verify(c.office)).body).toMatchObject({
        status: 409,
        code: 'complaints.service-complaint.not-escalated',
        rule: 'C-13',
      });
      await found.move('escalate', c.salesManager, { suggestion: 'Hear both.' });
      await found.move('send-to-department', c.office);
      await found.move('handle', c.head, { measures: 'x' });
      expect((await found.move('settle', c.office, { result: 'x' })).body).toMatchObject({
        status: 409,
        code: 'complaints.service-complaint.not-verified',
      });
      expect((await verify(c.office)).status).toBe(200);
      expect((await verify(c.office)).body).toMatchObject({
        status: 409,
        code: 'complaints.service-complaint.verified',
      });
      expect((await found.move('inform-customer', c.office, told)).body).toMatchObject({
        status: 409,
        code: 'complaints.service-complaint.no-result',
      });
    },
  );

  clause('C-13', 'boundary', 'medium is for sales, serious for the office', async () => {
    const [medium, serious] = [await opened(c, 'medium'), await opened(c, 'serious')];
    const send = async (found: Case, by: typeof c.office) => (await found.move('send-to-department', by)).status;
    expect([await send(medium, c.office), await send(serious, c.salesManager)]).toEqual([403, 403]);
    expect([await send(medium, c.salesManager), await send(serious, c.office)]).toEqual([200, 200]);
  });

  clause('C-13', 'boundary', 'told on the day of the complaint or today, not before and not tomorrow', async () => {
    const found = await settled(c);
    c.h.time.set('2026-03-12T02:00:00Z');
    const on = async (informedOn: string) =>
      (await found.move('inform-customer', c.salesManager, { ...told, informedOn })).status;
    expect([await on('2026-03-09'), await on('2026-03-13')]).toEqual([422, 422]);
    expect([await on('2026-03-10'), await on('2026-03-12')]).toEqual([200, 200]);
  });

  clause(
    'C-12',
    'boundary',
    'clocks in working time, shorter where it is serious, of which the accused never hears',
    async () => {
      const [minor, serious] = [await opened(c), await opened(c, 'grave')];
      await minor.move('send-to-department', c.salesManager);
      await serious.move('send-to-department', c.office, { handlerId: c.colleague.id });
      // ten in the morning in Shanghai; a working day has eight hours, from nine to twelve and from one to six
      expect((await deadlines(minor))['handle']).toBe('2026-03-13T02:00:00.000Z');
      expect((await deadlines(serious))['handle']).toBe('2026-03-11T02:00:00.000Z');
      const tidings = async () =>
        (await c.h.events(noticeEvents('complaints').requested))
          .map(({ data }) => data as unknown as { about: string; kind: string; to: object })
          .filter(({ about, kind }) => about === serious.id && kind !== 'task');
      c.h.time.set('2026-03-10T09:24:00Z'); // four fifths of eight hours
      await c.h.service.clocks.tick();
      c.h.time.set('2026-03-11T02:00:00Z');
      const all = await until('the breach', async () => {
        await c.h.service.clocks.tick();
        const known = await tidings();
        return known.some(({ kind }) => kind === 'breach') && known;
      });
      expect(all.map(({ kind }) => kind).toSorted(byText)).toEqual(['breach', 'reminder']);
      // the head of that department, who was named there, and at the end the deputy: not the whole department
      const to = { persons: [c.colleague.id], except: [c.accused.id], unit: 'warehouse' };
      const head = { 'head-of-department': 'unit' };
      expect(all.find(({ kind }) => kind === 'reminder')!.to).toMatchObject({ ...to, powers: head });
      expect(all.find(({ kind }) => kind === 'breach')!.to).toMatchObject(to);
      expect(all.find(({ kind }) => kind === 'breach')!.to).toHaveProperty('powers', {
        ...head,
        'deputy-general-manager-sales': 'all',
      });
    },
  );

  clause('C-13', 'boundary', 'another result is told in a time of its own, and the copy is sent in time', async () => {
    const found = await settled(c);
    await found.move('inform-customer', c.salesManager, told);
    // twenty-four working hours from when it was handled; a working day has eight
    expect(await deadlines(found)).toEqual({ 'send-copy': '2026-03-13T02:00:00.000Z' });
    c.h.time.set('2026-03-11T02:00:00Z');
    await found.move('settle', c.salesManager, { result: 'A refund of the freight.' });
    expect(await deadlines(found)).toEqual({
      'inform-customer': '2026-03-13T02:00:00.000Z',
      'send-copy': '2026-03-16T02:00:00.000Z',
    });
    c.h.time.set('2026-03-16T02:00:00Z');
    const over = await breaches(found, 2);
    expect(over.map(({ move }) => move)).toEqual(['inform-customer', 'send-copy']);
    // told late, and settled once more: what is breached is not breached twice
    await found.move('inform-customer', c.salesManager, told);
    await found.move('settle', c.salesManager, { result: 'And flowers.' });
    expect(await deadlines(found)).toMatchObject({ 'send-copy': '2026-03-16T02:00:00.000Z' });
  });
});

describe('C-16 severity of service complaints 情节大小', () => {
  clause('C-16', 'allowed', 'raised by sales without more ado; it goes over to the office', async () => {
    const found = await opened(c, 'medium');
    expect((await found.move('raise-severity', c.salesManager, { severity: 'serious' })).status).toBe(200);
    const [changed] = (await c.h.events(serviceComplaintEvents['severity-changed'])).filter(
      ({ subject }) => subject === found.id,
    );
    expect(changed!.data).toMatchObject({ previousSeverity: 'medium', severity: 'serious', meta: { rule: 'C-16' } });
    expect((await found.move('send-to-department', c.salesManager)).status).toBe(403);
  });

  clause('C-16', 'refused', 'lowered by the manager, without a reason, or as a raise', async () => {
    const found = await opened(c, 'serious');
    const lower = (by: typeof c.deputy, extra: object) =>
      found.move('lower-severity', by, { severity: 'medium', ...extra });
    expect((await lower(c.salesManager, { reason: 'x' })).body).toMatchObject({ status: 403, rule: 'C-16' });
    expect((await lower(c.deputy, {})).body).toMatchObject({ status: 400, field: 'reason' });
    expect((await found.move('raise-severity', c.office, { severity: 'medium' })).body).toMatchObject({
      status: 422,
      code: 'complaints.severity.not-raised',
      field: 'severity',
    });
    expect((await lower(c.deputy, { reason: 'seen on the spot' })).body).toMatchObject({ severity: 'medium' });
  });

  clause(
    'C-16',
    'boundary',
    'the time of the department follows the severity, down and up, until it is over',
    async () => {
      const found = await opened(c, 'medium');
      await found.move('send-to-department', c.salesManager);
      expect(await deadlines(found)).toEqual({ handle: '2026-03-13T02:00:00.000Z' });
      await found.move('raise-severity', c.salesManager, { severity: 'grave' });
      expect(await deadlines(found)).toEqual({ handle: '2026-03-11T02:00:00.000Z' });
      await found.move('lower-severity', c.deputy, { severity: 'medium', reason: 'seen on the spot' });
      expect(await deadlines(found)).toEqual({ handle: '2026-03-13T02:00:00.000Z' });
      await found.move('raise-severity', c.office, { severity: 'serious' });
      c.h.time.set('2026-03-11T02:00:00Z');
      expect(await breaches(found, 1)).toMatchObject([{ move: 'handle', dueAt: '2026-03-11T02:00:00.000Z' }]);
      await found.move('lower-severity', c.deputy, { severity: 'minor', reason: 'x' });
      expect(await deadlines(found)).toEqual({ handle: '2026-03-11T02:00:00.000Z' });
    },
  );

  clause('C-16', 'boundary', 'the same severity is neither raised nor lowered', async () => {
    const found = await opened(c, 'medium');
    expect((await found.move('raise-severity', c.salesManager, { severity: 'medium' })).status).toBe(422);
    const same = { severity: 'medium', reason: 'x' };
    expect((await found.move('lower-severity', c.deputy, same)).body).toMatchObject({
      status: 422,
      code: 'complaints.severity.not-lowered',
    });
  });
});
