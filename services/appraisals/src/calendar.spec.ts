import { calendarDayEvents } from '@fenxiao/contracts/appraisals';
import { clause } from '@fenxiao/testing/clause';
import { harness, type Harness, type Member } from '@fenxiao/testing/harness';
import { until } from '@fenxiao/testing/wait';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { appraisals } from './service.js';

let h: Harness;
let hr: Member;
let chief: Member;
let seller: Member;
beforeAll(async () => {
  h = await harness(appraisals);
  hr = await h.staff('human-resources');
  chief = await h.staff('sales-general-manager');
  seller = await h.staff('salesperson');
}, 60_000);
afterAll(() => h?.close());
beforeEach(() => h.time.set('2026-03-10T02:00:00Z')); // Tuesday 10:00

const propose = (date: string, kind = 'holiday', by = hr) =>
  by.post('/calendar-days', { date, kind, name: 'Founding day' });
const approved = async (date: string, kind = 'holiday') => {
  const { id } = (await propose(date, kind)).body as { id: string };
  expect((await chief.post(`/calendar-days/${id}/approve`)).body).toMatchObject({ state: 'in-force' });
  return id;
};
interface Day {
  readonly working: boolean;
  readonly source?: string;
  readonly name?: string;
}
const day = async (date: string): Promise<Day> =>
  (await seller.get(`/calendar?from=${date}&to=${date}`)).body.items[0] as Day;
const becomes = (date: string, working: boolean) =>
  until(`${date} to be ${working ? 'worked' : 'free'}`, async () => (await day(date)).working === working);

describe('X-13 special dates', () => {
  clause('X-13', 'allowed', 'a holiday and a make-up day are in force once approved, and are withdrawn', async () => {
    const [holiday, makeUp] = [await approved('2026-03-16'), await approved('2026-03-21', 'make-up-day')];
    await becomes('2026-03-16', false);
    await becomes('2026-03-21', true);
    expect(await day('2026-03-16')).toEqual({
      date: '2026-03-16',
      working: false,
      name: 'Founding day',
      source: 'declared',
    });
    expect((await h.events(calendarDayEvents.approved)).map(({ data }) => data)).toMatchObject([
      { state: 'in-force', form: { date: '2026-03-16', kind: 'holiday' }, meta: { rule: 'X-13' } },
      { form: { date: '2026-03-21', kind: 'make-up-day' } },
    ]);
    for (const id of [holiday, makeUp])
      expect((await hr.post(`/calendar-days/${id}/withdraw`, { reason: 'production needs it' })).status).toBe(200);
    await becomes('2026-03-16', true);
    await becomes('2026-03-21', false);
  });

  clause(
    'X-13',
    'refused',
    'by others, without a decider, on their own, or where one is declared already',
    async () => {
      expect((await propose('2026-03-17', 'holiday', seller)).body).toMatchObject({ status: 403, rule: 'X-13' });
      const { body } = await propose('2026-03-17');
      expect((await propose('2026-03-17', 'make-up-day')).body).toMatchObject({
        status: 409,
        code: 'appraisals.calendar-day.already-declared',
        rule: 'X-13',
      });
      expect((await hr.post(`/calendar-days/${body.id}/approve`)).status).toBe(403);
      const both = await h.staff(['human-resources', 'general-manager']);
      const own = await propose('2026-03-18', 'holiday', both);
      expect((await both.post(`/calendar-days/${own.body.id}/approve`)).body).toMatchObject({
        status: 403,
        rule: 'X-06',
      });
      expect((await hr.post(`/calendar-days/${body.id}/withdraw`)).body).toMatchObject({
        status: 400,
        field: 'reason',
      });
      expect(await day('2026-03-17')).toEqual({ date: '2026-03-17', working: true });
    },
  );

  clause('X-13', 'boundary', "tomorrow can be declared, today can't; nor be withdrawn once it has come", async () => {
    const today = { status: 422, code: 'appraisals.calendar-day.not-in-future', rule: 'X-13' };
    expect((await propose('2026-03-10')).body).toMatchObject(today);
    h.time.set('2026-03-10T15:59:59Z'); // 23:59:59
    const id = await approved('2026-03-11');
    const late = (await propose('2026-03-12')).body as { id: string };
    h.time.set('2026-03-10T16:00:00Z'); // 00:00:00
    expect((await propose('2026-03-11')).body).toMatchObject(today);
    expect((await hr.post(`/calendar-days/${id}/withdraw`, { reason: 'too late' })).body).toMatchObject(today);
    // a proposal nobody decides on expires when its day begins
    h.time.set('2026-03-11T16:00:00Z');
    const state = async () => (await hr.get(`/calendar-days/${late.id}`)).body.state as string;
    await until('the expiry', async () => (await h.service.clocks.tick(), (await state()) === 'expired'));
  });

  clause('X-13', 'allowed', 'everybody who works here reads the calendar, and where each day comes from', async () => {
    const { body } = await seller.get('/calendar?from=2026-09-30&to=2026-10-11', { 'accept-language': 'zh-CN' });
    const items = body.items as { date: string }[];
    expect(items).toHaveLength(12);
    expect(items.find(({ date }) => date === '2026-10-01')).toEqual({
      date: '2026-10-01',
      working: false,
      name: '国庆节',
      source: 'law',
    });
    expect(items.at(-1)).toEqual({ date: '2026-10-11', working: false });
    const partner = await h.staff('distributor');
    expect((await partner.get('/calendar?from=2026-03-01&to=2026-03-02')).status).toBe(403);
  });

  it('refuses a span that is none, or too long', async () => {
    for (const span of ['from=2026-03-02&to=2026-03-01', 'from=2026-01-01&to=2027-02-05'])
      expect((await seller.get(`/calendar?${span}`)).body).toMatchObject({
        status: 422,
        code: 'appraisals.calendar.bad-span',
      });
    expect((await seller.get('/calendar?from=2026-01-01&to=2027-02-04')).body.items).toHaveLength(400);
    expect((await seller.get('/calendar?from=2026-02-30&to=2026-03-01')).status).toBe(400);
  });
});
