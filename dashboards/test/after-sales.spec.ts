import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { build } from '../src/build.js';
import { type Dashboard, dashboards } from '../src/catalogue.js';
import { afterSalesEvents, afterSalesRegion } from './after-sales-data.js';
import { startEngine, type TestEngine } from './engine.js';
import { orderEvents } from './orders-data.js';
import { panelRows } from './panel-rows.js';

let engine: TestEngine;
beforeAll(async () => {
  engine = await startEngine();
  await engine.publish([...orderEvents, ...afterSalesEvents]);
}, 120_000);
afterAll(async () => engine?.close());

const named = (uid: string, of: Dashboard[] = dashboards('en')) => of.find((one) => one.uid === `fenxiao-${uid}`)!;
const [clock, complaints] = [named('aftersales'), named('complaints')];

const rows = (title: string, board = clock, user: 'viewer' | 'dashboards' = 'viewer') =>
  panelRows(engine, board, title, afterSalesRegion, user);

describe('after-sales clock', () => {
  it('K-Q18: minutes of business time over a weekend; who has not been told in time counts', async () => {
    // 10, 20, 30, 50; three of the four told and the one overdue
    expect(await rows('Regional manager told')).toEqual([
      { p50_minutes: 25, p90_minutes: 44, told_in_time: 60, untold: 2, n: 4 },
    ]);
  });

  it('C-10: decisions, and that technical makes them; closure; photographs awaited', async () => {
    expect(await rows('Decision')).toEqual([{ by_technical: 66.67, p50_hours: 10, p90_hours: 14, undecided: 3, n: 3 }]);
    expect(await rows('Closure')).toEqual([{ p50_hours: 18, p90_hours: 22.8, serviced_hours: 15, unclosed: 4, n: 2 }]);
    const [photographs] = await rows('Photographs');
    expect(photographs).toMatchObject({ photos_waiting: 1, p50_hours: 6, n: 1 });
    expect(photographs!['oldest_hours']).toBeGreaterThan(24);
  });

  it('K-Q07: clocks by step, of cases and of questions', async () => {
    expect(await rows('Clocks by step')).toEqual([
      { procedure: 'after-sales-case', step: 'notify-manager', in_time: 60, met: 3, breached: 2, n: 5 },
      { procedure: 'after-sales-case', step: 'decide', in_time: 100, met: 3, breached: 0, n: 3 },
      { procedure: 'technical-support', step: 'close', in_time: 100, met: 5, breached: 0, n: 5 },
    ]);
  });

  it('shows what is open, and in which state for how long', async () => {
    expect(await rows('Open now, by state')).toEqual([
      { state: 'reported', cases: 2, n: 2 },
      { state: 'photos-requested', cases: 1, n: 1 },
      { state: 'decided', cases: 1, n: 1 },
    ]);
    const open = await rows('Open cases (now)');
    expect(open.map(({ case_number, state }) => [case_number, state])).toEqual([
      ['SH-3', 'decided'],
      ['SH-4', 'photos-requested'],
      ['SH-5', 'reported'],
      ['SH-6', 'reported'],
    ]);
    // of two of the same age, the one that moved last stands in its state for less long
    expect(open[0]!['state_hours']).toBeLessThan(open[2]!['state_hours'] as number);
  });

  it('K-Q08, C-21: settled at the first contact, and how fast', async () => {
    expect(await rows('Support: first contact')).toEqual([
      { first_contact_rate: 50, contacted_again: 1, reopened: 1, n: 4 },
    ]);
    expect(await rows('Support: times')).toEqual([
      { p50_hours: 5, p90_hours: 17, notice_minutes: 25, unclosed: 2, n: 3 },
    ]);
    expect(await rows('Technical support by state')).toEqual([
      { state: 'reported', cases: 1, n: 1 },
      { state: 'technical-verifying', cases: 1, n: 1 },
      { state: 'closed', cases: 3, n: 3 },
    ]);
  });

  it('tells everybody the shares of five customers or more, the same as the cases say', async () => {
    const grafana = named('aftersales', build('en', 'grafana'));
    const shares = [{ told_in_time: 60, by_technical: 66.67, closed: 2, n: 6 }];
    expect(await rows('Told in time, decided by technical', grafana, 'dashboards')).toEqual(shares);
    const months = [{ time: '2026-04-30 16:00:00', aftersales_cases: 6, told_late: 2, closed: 2, n: 6 }];
    expect(await rows('After-sales cases by month', grafana, 'dashboards')).toEqual(months);
    expect(await rows('After-sales cases by month')).toEqual(months);
  });
});

describe('duties that come with complaints', () => {
  it('K-Q16: copies of both forms, filed in time, late, and missing', async () => {
    expect(await rows('Copies filed on time', complaints)).toEqual([
      { copies_in_time: 60, quality_in_time: 66.67, service_in_time: 50, copies_missing: 1, n: 5 },
    ]);
  });

  it('C-02, C-09, C-14, C-17: registered in full, steps in time, penalties, opinions', async () => {
    expect(await rows('Registration', complaints)).toEqual([
      { complete_rate: 50, batch_rate: 50, on_books_rate: 50, n: 2 },
    ]);
    expect(await rows('Corrective actions', complaints)).toEqual([
      { capa_in_time: 33.33, effective_rate: null, running: 1, n: 1 },
    ]);
    expect(await rows('Penalties and appeals', complaints)).toEqual([
      { fines: 2, fined: 70, penalties: 3, upheld_rate: 50, n: 4 },
    ]);
    expect(await rows('Opinions and major events', complaints)).toEqual([
      { answered_rate: 50, answer_hours: 24, major_minutes: 30, major_open: 1, n: 2 },
    ]);
  });
});
