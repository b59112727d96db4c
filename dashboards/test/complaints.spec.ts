import { clause } from '@fenxiao/testing/clause';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { dashboards } from '../src/catalogue.js';
import { complaintEvents, complaintRegion } from './complaints-data.js';
import { startEngine, type TestEngine } from './engine.js';
import { orderEvents } from './orders-data.js';
import { panelRows } from './panel-rows.js';

let engine: TestEngine;
beforeAll(async () => {
  engine = await startEngine();
  await engine.publish([...orderEvents, ...complaintEvents]);
}, 120_000);
afterAll(async () => engine?.close());

const board = dashboards('en').find(({ uid }) => uid === 'fenxiao-complaints')!;

const rows = (title: string) => panelRows(engine, board, title, complaintRegion);

describe('complaints and quality', () => {
  it('K-Q01, K-Q02: per thousand orders shipped, parts per million units (vectors 14 and 20)', async () => {
    // with the three of history 17; without them 14 ÷ 5,600
    expect(await rows('Complaints per 1,000 orders')).toEqual([
      { quality_rate: 3.04, service_rate: 1.25, complaints: 24, n: 5600 },
    ]);
    expect(await rows('Quality ppm')).toEqual([{ justified_ppm: 25, n: 2 }]);
  });

  it('K-Q03, K-Q14: verdicts, and what the remedies cost', async () => {
    expect(await rows('Justified')).toEqual([{ justified_rate: 50, p50_days: 0.08, undecided: 10, n: 4 }]);
    // six at 400 of 560,000 shipped
    expect(await rows('Cost of complaints')).toEqual([
      { remedy_cost: 2400, cost_share: 0.43, cost_per_thousand: 20, n: 6 },
    ]);
  });

  it('K-Q04, K-Q06: business hours until an answer and until resolved; history has none', async () => {
    expect(await rows('First response')).toMatchObject([{ p50_hours: 5.5, p90_hours: 9.1, unanswered: 11, n: 10 }]);
    expect(await rows('Resolution')).toEqual([{ p50_hours: 35, p90_hours: 55, paused_hours: 1, n: 6 }]);
  });

  it('K-Q07: what is open and overdue is a breach at once (vector 15)', async () => {
    expect(await rows('Clocks kept')).toEqual([{ in_time: 84.21, breached: 3, met: 16, n: 19 }]);
  });

  it('K-Q09, K-Q10, K-Q11, K-Q15: again, satisfied (vector 13), told', async () => {
    expect(await rows('Reopened and repeated')).toEqual([{ reopen_rate: 16.67, repeat_rate: 50, n: 6 }]);
    expect(await rows('Closing')).toEqual([{ informed_rate: 80, satisfied_rate: 90, answers: 10, n: 5 }]);
  });

  clause('C-19', 'allowed', 'by month, defect and product', async () => {
    expect((await rows('Complaints by month')).map(({ n, quality_complaints }) => [quality_complaints, n])).toEqual([
      [3, 3],
      [14, 21],
    ]);
    expect(await rows('Defects, most frequent first')).toEqual([
      { defect: 'colour', complaints: 8, n: 8 },
      { defect: 'chipped', complaints: 6, n: 6 },
      { defect: 'old', complaints: 3, n: 3 },
    ]);
    expect((await rows('Defects and how fast they are closed')).at(-1)).toEqual({
      defect: 'old',
      complaints: 3,
      closed: 2,
      p50_hours: 4,
      cumulative: 100,
      n: 3,
    });
    expect(
      (await rows('By product, grade, colour, batch')).map(({ batch, complaints }) => [batch, complaints]),
    ).toEqual([
      ['B1', 7],
      ['B2', 7],
    ]);
    expect((await rows('Complaints in hand (now)')).length).toBe(17);
  });
});
